//! The API below `/api`, described in `docs/api.md`.

mod calls;
mod lines;
mod live;
mod recordings;
mod signing;

use crate::app::{App, Session, wall_now};
use crate::daemon::State as Known;
use crate::error::ApiError;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Serialize;
use std::str::FromStr;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/login", post(signing::login))
        .route("/api/logout", post(signing::logout))
        .route("/api/password", post(signing::change_password))
        .route("/api/status", get(status))
        .route("/api/live", get(live::live))
        .route("/api/lines", get(lines::list))
        .route("/api/lines/test", post(lines::test))
        .route("/api/calls", get(calls::list))
        .route("/api/calls/{id}", get(calls::detail))
        .route("/api/calls/{id}/recording", post(calls::record))
        .route("/api/events", get(calls::events))
        .route("/api/recordings/{id}", get(recordings::recording))
        .route("/api/recordings/{id}/stored", get(recordings::stored))
        .route("/api/recordings/{id}/chain", get(recordings::chain))
}

#[derive(Serialize)]
struct Status {
    now_ms: u64,
    #[serde(flatten)]
    known: Known,
}

async fn status(State(app): State<Arc<App>>, _: Session) -> Json<Status> {
    Json(Status { now_ms: wall_now().0, known: app.daemon.state.borrow().clone() })
}

/// A parameter as its type, if it was given and is not empty: a form sends all its fields.
fn parameter<T: FromStr>(
    name: &'static str,
    text: Option<&str>,
    expected: &'static str,
) -> Result<Option<T>, ApiError> {
    match text {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| ApiError::BadParameter { name, expected }),
    }
}

/// Identifiers are 32 hexadecimal digits, nothing else: they become names of files.
fn id<T: FromStr>(name: &'static str, text: &str) -> Result<T, ApiError> {
    let refused = || ApiError::BadParameter { name, expected: "an id of 32 hexadecimal digits" };
    let is_id = text.len() == 32 && text.bytes().all(|octet| octet.is_ascii_hexdigit());
    if is_id { text.parse().map_err(|_| refused()) } else { Err(refused()) }
}

fn bad_query(_: QueryRejection) -> ApiError {
    ApiError::BadParameter { name: "query", expected: "each parameter at most once, percent-encoded" }
}
