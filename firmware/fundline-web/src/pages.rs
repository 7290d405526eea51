//! The page's files, and what goes with every answer.

use crate::app::{App, cookie};
use crate::error::ApiError;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// The built page, or the plain one where it was built without node: see `build.rs`.
#[derive(RustEmbed)]
#[folder = "$FUNDLINE_PAGE"]
struct Files;

/// The language a first visit finds, written so in both pages.
const CHINESE: &str = r#"lang="zh-CN""#;
const ENGLISH: &str = r#"lang="en""#;
/// Where the sign-in page says what went wrong, without a script.
const NO_MESSAGE: &str = r#"data-message="none""#;

/// Nothing comes from elsewhere, nothing is sent elsewhere, nobody frames the page. No Strict-Transport-Security: with it a browser
/// would refuse a self-signed certificate without asking.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: browsers then hide the origin of the page's own form as well.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Puts the headers above on every answer, and keeps answers out of caches where they did not say otherwise.
pub(crate) async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[derive(Deserialize)]
pub(crate) struct Visit {
    message: Option<String>,
}

/// The page for who is signed in, the sign-in for everybody else.
pub(crate) async fn home(State(app): State<Arc<App>>, headers: HeaderMap, Query(visit): Query<Visit>) -> Response {
    let name = if app.session(&headers).is_some() { "index.html" } else { "signin.html" };
    let Some(file) = Files::get(name) else { return ApiError::NoSuchPage.into_response() };
    let mut text = String::from_utf8_lossy(&file.data).into_owned();
    if !speaks_chinese(&headers) {
        text = text.replacen(CHINESE, ENGLISH, 1);
    }
    if let Some(message) = visit.message.as_deref().and_then(known_message) {
        text = text.replacen(NO_MESSAGE, message, 1);
    }
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

/// Only these come into the page: an address is anybody's text.
fn known_message(code: &str) -> Option<&'static str> {
    match code {
        "wrong_password" => Some(r#"data-message="wrong_password""#),
        "too_many_tries" => Some(r#"data-message="too_many_tries""#),
        "foreign_origin" => Some(r#"data-message="foreign_origin""#),
        "not_signed_in" => Some(r#"data-message="not_signed_in""#),
        "starting" => Some(r#"data-message="starting""#),
        _ => None,
    }
}

/// What was chosen before, else the browser's first language that is one of the two, else English; Chinese for who says nothing.
fn speaks_chinese(headers: &HeaderMap) -> bool {
    match cookie(headers, "lang") {
        Some("zh") => return true,
        Some("en") => return false,
        Some(_) | None => {}
    }
    let Some(wanted) = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()) else { return true };
    let mut tags = wanted.split(',').map(|part| part.trim().to_ascii_lowercase());
    tags.find(|tag| tag.starts_with("zh") || tag.starts_with("en")).is_some_and(|tag| tag.starts_with("zh"))
}

/// Scripts and styles: their names change with their content, so they are kept for ever.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    found(&format!("assets/{name}"), "public, max-age=31536000, immutable")
}

pub(crate) async fn icon() -> Response {
    found("icon.svg", "public, max-age=86400")
}

pub(crate) async fn nothing() -> ApiError {
    ApiError::NoSuchPage
}

fn found(name: &str, kept: &'static str) -> Response {
    let Some(file) = Files::get(name) else { return ApiError::NoSuchPage.into_response() };
    ([(header::CONTENT_TYPE, kind(name)), (header::CACHE_CONTROL, kept)], octets(file)).into_response()
}

fn octets(file: EmbeddedFile) -> Body {
    match file.data {
        Cow::Borrowed(octets) => Bytes::from_static(octets).into(),
        Cow::Owned(octets) => octets.into(),
    }
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cookie: Option<&'static str>, wanted: Option<&'static str>, chinese: bool) {
        let mut headers = HeaderMap::new();
        headers.extend(cookie.map(|text| (header::COOKIE, HeaderValue::from_static(text))));
        headers.extend(wanted.map(|text| (header::ACCEPT_LANGUAGE, HeaderValue::from_static(text))));
        assert_eq!(speaks_chinese(&headers), chinese, "{cookie:?} {wanted:?}");
    }

    #[test]
    fn the_language_is_the_chosen_one_else_the_browsers() {
        check(None, None, true);
        check(None, Some("zh-CN,zh;q=0.9,en;q=0.8"), true);
        check(None, Some("en-GB,en;q=0.9,zh;q=0.8"), false);
        check(None, Some("fr-FR, zh-TW;q=0.7"), true);
        check(None, Some("fr-FR"), false);
        check(Some("lang=en"), Some("zh-CN"), false);
        check(Some("lang=zh"), Some("en"), true);
        check(Some("lang=xx"), Some("en"), false);
    }

    #[test]
    fn both_pages_are_embedded_and_carry_their_marks() {
        for name in ["index.html", "signin.html"] {
            let text =
                Files::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default();
            assert!(text.contains(CHINESE), "{name}");
            assert_eq!(text.contains(NO_MESSAGE), name == "signin.html");
        }
    }
}
