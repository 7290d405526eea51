//! The interface: routes, and what each answers.

use crate::books::{self, Lang};
use crate::fields::{Fields, Refusal, is_digits};
use crate::hash::{PinKey, token};
use crate::pin::Verdict;
use crate::pins::{self, Attempt};
use crate::store::{Store, StoreError};
use crate::{Clock, lab};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use base::{Secret, WallTime};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a session lasts, in milliseconds.
const SESSION_MS: u64 = 30 * 60 * 1000;
/// Sessions kept at once; the oldest goes when one more opens.
const SESSIONS: usize = 10_000;
/// Octets of a request's body.
const BODY_LIMIT: usize = 64 * 1024;
/// Days of history that one answer holds at most.
const MOST_DAYS: u32 = crate::generate::HISTORY_DAYS as u32;

/// What every handler shares.
pub(crate) struct Office {
    pub(crate) store: Store,
    pub(crate) key: PinKey,
    pub(crate) clock: Clock,
    /// PINs compared with an account's hash since the start.
    pub(crate) evaluations: AtomicU64,
    sessions: Mutex<HashMap<String, Session>>,
}

struct Session {
    account: String,
    opened: WallTime,
}

pub(crate) type Shared = State<Arc<Office>>;
type Query_ = Result<Query<HashMap<String, String>>, axum::extract::rejection::QueryRejection>;

impl Office {
    pub(crate) fn new(store: Store, key: PinKey, clock: Clock) -> Self {
        Self { store, key, clock, evaluations: AtomicU64::new(0), sessions: Mutex::default() }
    }

    fn open_session(&self, account: String, now: WallTime) -> String {
        let name = token();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| now.0.saturating_sub(session.opened.0) < SESSION_MS);
        if sessions.len() >= SESSIONS
            && let Some(oldest) =
                sessions.iter().min_by_key(|(_, session)| session.opened).map(|(name, _)| name.clone())
        {
            sessions.remove(&oldest);
        }
        sessions.insert(name.clone(), Session { account, opened: now });
        name
    }

    fn session_account(&self, name: &str, now: WallTime) -> Option<String> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(name).filter(|session| now.0.saturating_sub(session.opened.0) < SESSION_MS)?;
        Some(session.account.clone())
    }
}

/// The routes; those of the laboratory only where it is on.
pub(crate) fn router(office: Arc<Office>, with_lab: bool) -> Router {
    let routes = Router::new()
        .route("/v1/funds", get(funds))
        .route("/v1/funds/{code}", get(fund))
        .route("/v1/funds/{code}/nav", get(navs))
        .route("/v1/announcements", get(announcements))
        .route("/v1/sessions", post(open_session))
        .route("/v1/sessions/{token}/holdings", get(session_holdings));
    let routes = if with_lab { routes.merge(lab::routes()) } else { routes };
    routes
        .fallback(async || Refusal::not_found("no such path"))
        .method_not_allowed_fallback(async || {
            Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                json!({ "error": "method_not_allowed", "message": "see the list of paths" }),
            )
        })
        .layer(middleware::from_fn(log))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(office)
}

/// One line a request. Path and query are left out: they hold account numbers and session tokens.
async fn log(method: Method, uri: Uri, request: axum::extract::Request, next: middleware::Next) -> Response {
    let subject = uri.path().split('/').nth(2).unwrap_or_default().to_owned();
    let answer = next.run(request).await;
    tracing::debug!(%method, subject, status = answer.status().as_u16(), "answered");
    answer
}

/// A fault of ours: a log line for the engineer, a short answer for the asker.
pub(crate) fn fault(error: &StoreError) -> Refusal {
    tracing::warn!(%error, "a request could not be served");
    let status = match error {
        StoreError::Busy => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Database(_) | StoreError::Ended => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, json!({ "error": "unavailable", "message": "the fund system cannot answer now" }))
}

async fn funds(State(office): Shared) -> Result<Response, Refusal> {
    let lines = office.store.read(books::funds).await.map_err(|error| fault(&error))?;
    Ok(Json(json!({ "funds": lines })).into_response())
}

fn fund_code(code: String) -> Result<String, Refusal> {
    if is_digits(&code, 6) { Ok(code) } else { Err(Refusal::field("code", "6 digits are wanted")) }
}

async fn fund(State(office): Shared, Path(code): Path<String>) -> Result<Response, Refusal> {
    let code = fund_code(code)?;
    let found = office.store.read(move |data| books::fund(data, &code)).await.map_err(|error| fault(&error))?;
    let fund = found.ok_or_else(|| Refusal::not_found("no fund has this code"))?;
    Ok(Json(fund).into_response())
}

async fn navs(State(office): Shared, Path(code): Path<String>, query: Query_) -> Result<Response, Refusal> {
    let code = fund_code(code)?;
    let wanted = || Refusal::field("days", &format!("a number from 1 to {MOST_DAYS} is wanted"));
    let Query(query) = query.map_err(|_| Refusal::field("query", "name=value pairs are wanted"))?;
    let days = match query.get("days") {
        None => 30,
        Some(text) => text.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days)).ok_or_else(wanted)?,
    };
    let asked = code.clone();
    let navs = office.store.read(move |data| books::navs(data, &asked, days)).await.map_err(|error| fault(&error))?;
    if navs.is_empty() {
        return Err(Refusal::not_found("no fund has this code"));
    }
    Ok(Json(json!({ "code": code, "history": navs })).into_response())
}

async fn announcements(State(office): Shared, query: Query_) -> Result<Response, Refusal> {
    let Query(query) = query.map_err(|_| Refusal::field("query", "name=value pairs are wanted"))?;
    let lang = match query.get("lang").map(String::as_str) {
        None | Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        Some(_) => return Err(Refusal::field("lang", "zh or en is wanted")),
    };
    let all = office.store.read(move |data| books::announcements(data, lang)).await.map_err(|error| fault(&error))?;
    Ok(Json(json!({ "announcements": all })).into_response())
}

async fn open_session(State(office): Shared, body: Bytes) -> Result<Response, Refusal> {
    let fields = Fields::read(&body)?;
    let attempt = Attempt {
        account: fields.digits("account", 12)?,
        pin: Secret::new(fields.digits("pin", 6)?),
        call: fields.name("call", 64)?,
    };
    let now = office.clock.now();
    let (judge, account) = (Arc::clone(&office), attempt.account.clone());
    let judged =
        office.store.write(move |data| pins::attempt(data, &judge.key, &judge.evaluations, now, &attempt)).await;
    let refuse = |error: &str, end_call: bool| {
        Refusal::new(StatusCode::UNAUTHORIZED, json!({ "error": error, "end_call": end_call }))
    };
    match judged.map_err(|error| fault(&error))? {
        (Verdict::Welcome, Some(customer)) => {
            let token = office.open_session(account, now);
            Ok(Json(json!({ "token": token, "customer": customer.key, "name": customer.name })).into_response())
        }
        (Verdict::Wrong, _) => Err(refuse("wrong_pin", false)),
        (Verdict::Welcome | Verdict::WrongEndCall, _) => Err(refuse("wrong_pin", true)),
        (Verdict::LockedEndCall, _) => Err(refuse("locked", true)),
    }
}

async fn session_holdings(State(office): Shared, Path(token): Path<String>) -> Result<Response, Refusal> {
    let account = office
        .session_account(&token, office.clock.now())
        .ok_or_else(|| Refusal::not_found("no such session, or it has ended; open one with POST /v1/sessions"))?;
    let held = office.store.read(move |data| books::holdings(data, &account)).await.map_err(|error| fault(&error))?;
    Ok(Json(held).into_response())
}
