//! Lists from the store. They work without the main process.

use super::{bad_query, id, parameter};
use crate::app::{App, Session, USER};
use crate::error::ApiError;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use base::{CallId, Cause, WallTime};
use ipc::web::RecordingState;
use records_io::{CallDetail, CallFilter, CallRow, EventRow};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Rows of a page where none are asked for, and most that may be.
const ROWS: (u32, u32) = (50, 200);
/// Longest part of a number that is looked for.
const LONGEST_NUMBER: usize = 40;

#[derive(Deserialize)]
pub(super) struct CallQuery {
    number: Option<String>,
    since: Option<String>,
    until: Option<String>,
    after: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
pub(super) struct CallPage {
    calls: Vec<Call>,
    /// Whether older calls follow.
    more: bool,
}

#[derive(Serialize)]
struct Call {
    #[serde(flatten)]
    row: CallRow,
    cause_words: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Detail {
    #[serde(flatten)]
    call: CallDetail,
    cause_words: Option<&'static str>,
}

fn words(cause: Option<u8>) -> Option<&'static str> {
    cause.map(|cause| Cause(cause).words())
}

fn limit(text: Option<&str>) -> Result<u32, ApiError> {
    let limit = parameter("limit", text, "a number from 1 to 200")?.unwrap_or(ROWS.0);
    match limit {
        1..=200 => Ok(limit),
        _ => Err(ApiError::BadParameter { name: "limit", expected: "a number from 1 to 200" }),
    }
}

pub(super) async fn list(
    State(app): State<Arc<App>>,
    _: Session,
    query: Result<Query<CallQuery>, QueryRejection>,
) -> Result<Json<CallPage>, ApiError> {
    let Query(query) = query.map_err(bad_query)?;
    let time = |name, text: &Option<String>| parameter::<u64>(name, text.as_deref(), "UTC milliseconds since 1970");
    let number = query.number.filter(|number| !number.is_empty());
    if number.as_ref().is_some_and(|number| number.len() > LONGEST_NUMBER) {
        return Err(ApiError::BadParameter { name: "number", expected: "at most 40 characters" });
    }
    let limit = limit(query.limit.as_deref())?;
    let filter = CallFilter {
        number,
        since: time("since", &query.since)?.map(WallTime),
        until: time("until", &query.until)?.map(WallTime),
        after: query.after.as_deref().filter(|id| !id.is_empty()).map(|text| id("after", text)).transpose()?,
        limit: limit + 1,
    };
    let mut rows = app.readers.ask(move |reader| reader.calls(&filter)).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let calls = rows.into_iter().map(|row| Call { cause_words: words(row.cause), row }).collect();
    Ok(Json(CallPage { calls, more }))
}

pub(super) async fn detail(
    State(app): State<Arc<App>>,
    _: Session,
    Path(text): Path<String>,
) -> Result<Json<Detail>, ApiError> {
    let call: CallId = id("id", &text)?;
    let call = app.readers.ask(move |reader| reader.call(call)).await?.ok_or(ApiError::NotFound("call"))?;
    Ok(Json(Detail { cause_words: words(call.call.cause), call }))
}

#[derive(Deserialize)]
pub(super) struct RecordingOrder {
    state: RecordingState,
}

/// What a call's recording holds from now on; the next snapshot shows it. JSON whatever the request calls it, so that `curl -d` does.
pub(super) async fn record(
    State(app): State<Arc<App>>,
    _: Session,
    Path(text): Path<String>,
    order: String,
) -> Result<StatusCode, ApiError> {
    let call: CallId = id("id", &text)?;
    let expected = ApiError::BadParameter { name: "state", expected: "JSON {\"state\": \"on\"}, or paused, or masked" };
    let RecordingOrder { state } = serde_json::from_str(&order).map_err(|_| expected)?;
    let snapshot = app.daemon.state.borrow().snapshot.clone();
    let live = snapshot.as_deref().and_then(|shown| shown.calls.iter().find(|known| known.id == call.to_string()));
    match live {
        None => Err(ApiError::NotFound("call in progress")),
        Some(call) if call.recording.is_none() => Err(ApiError::NotRecorded),
        Some(_) => app.daemon.record(call, state, USER).map(|()| StatusCode::ACCEPTED).map_err(|_| ApiError::Away),
    }
}

#[derive(Deserialize)]
pub(super) struct EventQuery {
    after: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
pub(super) struct EventPage {
    events: Vec<EventRow>,
    /// Whether more follow in the direction asked for.
    more: bool,
}

/// With `after` upwards from a number, else downwards from `before` or from the newest.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    _: Session,
    query: Result<Query<EventQuery>, QueryRejection>,
) -> Result<Json<EventPage>, ApiError> {
    let Query(query) = query.map_err(bad_query)?;
    let number = |name, text: &Option<String>| parameter::<u64>(name, text.as_deref(), "an event's number");
    let (after, before) = (number("after", &query.after)?, number("before", &query.before)?);
    let limit = limit(query.limit.as_deref())?;
    let mut events = app
        .readers
        .ask(move |reader| match (after, before) {
            (Some(after), _) => reader.events_after(after.min(i64::MAX as u64), limit + 1),
            (None, before) => reader.events_before(before.unwrap_or(u64::MAX), limit + 1),
        })
        .await?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    Ok(Json(EventPage { events, more }))
}
