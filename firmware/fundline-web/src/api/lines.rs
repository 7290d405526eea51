//! Lines, what is known to be wrong with them, and tests on order.

use crate::app::{App, Session};
use crate::error::ApiError;
use axum::Json;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use ipc::lines::Line;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
pub(super) struct Lines {
    lines: Vec<Line>,
}

pub(super) async fn list(State(app): State<Arc<App>>, _: Session) -> Json<Lines> {
    Json(Lines { lines: app.daemon.lines.borrow().to_vec() })
}

#[derive(Deserialize)]
pub(super) struct Order {
    /// A line's name, several joined by commas, or `all`.
    line: String,
}

/// Begins a test, whose end is told by the live feed: it takes up to a minute.
pub(super) async fn test(
    State(app): State<Arc<App>>,
    _: Session,
    order: Result<Form<Order>, FormRejection>,
) -> Result<StatusCode, ApiError> {
    let Form(Order { line }) =
        order.map_err(|_| ApiError::BadParameter { name: "line", expected: "names of lines or `all`" })?;
    let wanted = if line == "all" { Vec::new() } else { named(&app, &line)? };
    app.daemon.test(wanted).map_err(|_| ApiError::Away)?;
    Ok(StatusCode::ACCEPTED)
}

/// Only lines that there are: an empty order would be one for all.
fn named(app: &App, names: &str) -> Result<Vec<String>, ApiError> {
    let lines = app.daemon.lines.borrow();
    let is_known = |name: &&str| lines.iter().any(|line| line.name == **name);
    let known = |name: &str| Some(name).filter(is_known).map(str::to_owned).ok_or(ApiError::NotFound("line"));
    names.split(',').map(known).collect()
}
