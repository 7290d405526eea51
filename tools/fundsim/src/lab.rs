//! What only the laboratory may ask: accounts with a given PIN, balances without one, counters, resets.

use crate::fields::{Fields, Refusal, is_digits};
use crate::hash::{random_octets, token};
use crate::http::{Office, Shared, fault};
use crate::random::Random;
use crate::{books, generate, pins};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use base::Secret;
use rusqlite::{OptionalExtension, params};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub(crate) fn routes() -> Router<Arc<Office>> {
    Router::new()
        .route("/v1/lab/accounts", post(create))
        .route("/v1/lab/accounts/{account}", get(show))
        .route("/v1/lab/accounts/{account}/reset", post(reset))
        .route("/v1/lab/counters", get(counters))
}

/// Makes an account with this PIN and drawn holdings; its number is drawn too unless given.
async fn create(State(office): Shared, body: Bytes) -> Result<Response, Refusal> {
    let fields = Fields::read(&body)?;
    let pin = Secret::new(fields.digits("pin", 6)?);
    let given = if fields.has("account") { Some(fields.digits("account", 12)?) } else { None };
    let maker = Arc::clone(&office);
    let made = office.store.write(move |data| {
        let whole = data.transaction()?;
        let mut random = Random::new(u64::from_be_bytes(random_octets()));
        let exists = |account: &str| {
            let mut query = whole.prepare_cached("SELECT 1 FROM account WHERE account = ?1")?;
            query.query_row([account], |_| Ok(())).optional().map(|row| row.is_some())
        };
        let account = match given {
            Some(account) if exists(&account)? => return Ok(None),
            Some(account) => account,
            None => loop {
                let account = format!("99{:010}", random.between(1_000_000, 9_999_999_999));
                if !exists(&account)? {
                    break account;
                }
            },
        };
        let held = generate::draw_holdings(&whole, &mut random)?;
        let (customer, (name_zh, name_en)) = (token(), generate::person(&mut random));
        whole.execute("INSERT INTO customer VALUES (?1, ?2, ?3, 3)", params![customer, name_zh, name_en])?;
        generate::insert_account(&whole, &maker.key, &account, &customer, &pin)?;
        for (code, available_e2, frozen_e2) in held {
            whole.execute(
                "INSERT INTO holding VALUES (?1, ?2, ?3, ?4)",
                params![account, code, available_e2, frozen_e2],
            )?;
        }
        let balance = books::holdings(&whole, &account)?;
        whole.commit()?;
        Ok(Some((account, customer, balance)))
    });
    let Some((account, customer, balance)) = made.await.map_err(|error| fault(&error))? else {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            json!({ "error": "exists", "field": "account", "message": "account: taken already" }),
        ));
    };
    let body = json!({ "account": account, "customer": customer, "balance": balance });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

fn account_number(account: String) -> Result<String, Refusal> {
    if is_digits(&account, 12) { Ok(account) } else { Err(Refusal::field("account", "12 digits are wanted")) }
}

/// The balance and the state of the lock, without a PIN.
async fn show(State(office): Shared, Path(account): Path<String>) -> Result<Response, Refusal> {
    let account = account_number(account)?;
    let now = office.clock.now();
    let asked = account.clone();
    let found = office.store.read(move |data| {
        let mut query = data.prepare_cached("SELECT customer FROM account WHERE account = ?1")?;
        let Some(customer) = query.query_row([&asked], |row| row.get::<_, String>(0)).optional()? else {
            return Ok(None);
        };
        Ok(Some((customer, books::holdings(data, &asked)?, pins::state(data, &asked, now)?)))
    });
    let (customer, balance, (wrong, locked)) =
        found.await.map_err(|error| fault(&error))?.ok_or_else(|| Refusal::not_found("no such account"))?;
    let body =
        json!({ "account": account, "customer": customer, "balance": balance, "wrong_tries": wrong, "locked": locked });
    Ok(Json(body).into_response())
}

/// Forgets wrong tries and lifts the lock.
async fn reset(State(office): Shared, Path(account): Path<String>) -> Result<Response, Refusal> {
    let account = account_number(account)?;
    let known = office.store.write(move |data| pins::reset(data, &account)).await.map_err(|error| fault(&error))?;
    if known { Ok(Json(json!({ "reset": true })).into_response()) } else { Err(Refusal::not_found("no such account")) }
}

async fn counters(State(office): Shared) -> Response {
    Json(json!({ "pin_evaluations": office.evaluations.load(Ordering::Relaxed) })).into_response()
}
