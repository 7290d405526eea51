//! Signing in and out, and changing the password.

use crate::app::{App, Peer, Session, USER};
use crate::error::ApiError;
use crate::password::{self, Password};
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base::Secret;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// How long signing in waits for the first password to be made.
const FIRST: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
pub(super) struct Login {
    user: String,
    password: String,
}

#[derive(Deserialize)]
pub(super) struct Change {
    current: String,
    new: String,
}

type Fields<T> = Result<Form<T>, FormRejection>;

/// Answers a script with a status, a browser without scripts with the page to show next.
pub(super) async fn login(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    headers: HeaderMap,
    fields: Fields<Login>,
) -> Response {
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let outcome = match fields {
        Ok(Form(Login { user, password })) => try_login(&app, peer, &user, Secret::new(password)).await,
        Err(_) => Err(ApiError::BadParameter { name: "form", expected: "the fields user and password" }),
    };
    match (outcome, wants_page) {
        (Ok(cookie), false) => ([(header::SET_COOKIE, cookie)], StatusCode::NO_CONTENT).into_response(),
        (Ok(cookie), true) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        (Err(error), false) => error.into_response(),
        (Err(error), true) => Redirect::to(&format!("/?message={}", error.code())).into_response(),
    }
}

async fn try_login(app: &App, peer: std::net::IpAddr, user: &str, password: Secret) -> Result<String, ApiError> {
    check(app, peer, password, user == USER).await?;
    tracing::info!(%peer, "signed in");
    Ok(app.sign_in())
}

/// Checks a password, within what its address may try.
async fn check(app: &App, peer: std::net::IpAddr, candidate: Secret, is_user: bool) -> Result<Arc<Password>, ApiError> {
    let admitted = app.limiter().admit(app.now(), peer);
    admitted.map_err(ApiError::TooManyTries)?;
    let password = current(app).await?;
    let _turn = app.hashes.acquire().await.map_err(|_| ApiError::Stopping)?;
    let hasher = Arc::clone(&password);
    // A wrong user name takes as long as a wrong password.
    let matches = tokio::task::spawn_blocking(move || hasher.matches(&candidate)).await;
    if !(matches.map_err(|_| ApiError::Stopping)? && is_user) {
        tracing::warn!(%peer, "a wrong user or password");
        return Err(ApiError::WrongPassword);
    }
    app.limiter().succeeded(peer);
    Ok(password)
}

async fn current(app: &App) -> Result<Arc<Password>, ApiError> {
    let mut password = app.password.clone();
    let made = tokio::time::timeout(FIRST, password.wait_for(Option::is_some)).await;
    let made = made.map_err(|_| ApiError::Starting)?.map_err(|_| ApiError::Stopping)?;
    made.clone().ok_or(ApiError::Starting)
}

pub(super) async fn logout(State(app): State<Arc<App>>, session: Session) -> Response {
    ([(header::SET_COOKIE, app.sign_out(&session))], StatusCode::NO_CONTENT).into_response()
}

pub(super) async fn change_password(
    State(app): State<Arc<App>>,
    Extension(Peer(peer)): Extension<Peer>,
    session: Session,
    fields: Fields<Change>,
) -> Result<StatusCode, ApiError> {
    let Form(Change { current, new }) =
        fields.map_err(|_| ApiError::BadParameter { name: "form", expected: "the fields current and new" })?;
    let new = Secret::new(new);
    if !password::acceptable(&new) {
        return Err(ApiError::WeakPassword);
    }
    let password = check(&app, peer, Secret::new(current), true).await?;
    let _turn = app.hashes.acquire().await.map_err(|_| ApiError::Stopping)?;
    tokio::task::spawn_blocking(move || password.change(&new)).await.map_err(|_| ApiError::Stopping)??;
    app.sign_out_others(&session);
    tracing::info!(%peer, "the password was changed; all other sessions are ended");
    Ok(StatusCode::NO_CONTENT)
}
