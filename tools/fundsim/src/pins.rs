//! The PIN rule on the database: counts are loaded, judged and saved in one transaction of the one writing connection.

use crate::books::Words;
use crate::hash::{LENGTH, PinKey};
use crate::pin::{Guess, Tries, Verdict};
use base::{Secret, WallTime};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of calls and of accounts that were only guessed at are forgotten after a day.
const FORGET_MS: u64 = 24 * 3_600_000;

/// One try.
pub(crate) struct Attempt {
    pub(crate) account: String,
    pub(crate) call: String,
    pub(crate) pin: Secret,
}

/// Whose account it is.
pub(crate) struct Customer {
    pub(crate) key: String,
    pub(crate) name: Words,
}

/// Judges one try. `evaluations` counts the PINs that were compared with an account's own hash.
///
/// An account that does not exist is counted, locked and timed as one that does, so that a caller cannot tell which exist.
pub(crate) fn attempt(
    data: &mut Connection,
    key: &PinKey,
    evaluations: &AtomicU64,
    now: WallTime,
    attempt: &Attempt,
) -> Result<(Verdict, Option<Customer>), rusqlite::Error> {
    let whole = data.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let stored = stored(&whole, &attempt.account)?;
    let mut tries = load(&whole, attempt)?;
    let mut compared = false;
    let verdict = tries.attempt(now, || {
        compared = true;
        let Some((salt, hash, _)) = &stored else {
            key.hash(&attempt.pin, &[0; LENGTH]);
            return Guess::Wrong;
        };
        evaluations.fetch_add(1, Ordering::Relaxed);
        if key.matches(&attempt.pin, salt, hash) { Guess::Right } else { Guess::Wrong }
    });
    if !compared {
        // A refusal takes as long as a comparison.
        key.hash(&attempt.pin, &[0; LENGTH]);
    }
    save(&whole, attempt, &tries, now)?;
    whole.commit()?;
    Ok((verdict, stored.filter(|_| verdict == Verdict::Welcome).map(|(.., customer)| customer)))
}

/// Forgets all wrong tries at `account`; whether such an account exists.
pub(crate) fn reset(data: &mut Connection, account: &str) -> Result<bool, rusqlite::Error> {
    let whole = data.transaction()?;
    whole.execute("DELETE FROM account_tries WHERE account = ?1", [account])?;
    whole.execute("DELETE FROM call_tries WHERE account = ?1", [account])?;
    let known = stored(&whole, account)?.is_some();
    whole.commit()?;
    Ok(known)
}

/// Wrong tries at `account`, and whether it is locked at `now`.
pub(crate) fn state(data: &Connection, account: &str, now: WallTime) -> Result<(u8, bool), rusqlite::Error> {
    let (account_wrong, locked_at) = load_account(data, account)?;
    Ok((account_wrong, Tries { account_wrong, locked_at, ..Tries::default() }.is_locked(now)))
}

type Stored = ([u8; LENGTH], [u8; LENGTH], Customer);

fn stored(data: &Connection, account: &str) -> Result<Option<Stored>, rusqlite::Error> {
    let mut query = data.prepare_cached(
        "SELECT a.salt, a.pin_hash, c.key, c.name_zh, c.name_en FROM account a JOIN customer c ON c.key = a.customer WHERE a.account = ?1",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, row.get(1)?, Customer { key: row.get(2)?, name: Words { zh: row.get(3)?, en: row.get(4)? } }))
    };
    query.query_row([account], row).optional()
}

fn load_account(data: &Connection, account: &str) -> Result<(u8, Option<WallTime>), rusqlite::Error> {
    let mut query = data.prepare_cached("SELECT wrong, locked_at FROM account_tries WHERE account = ?1")?;
    let row = |row: &rusqlite::Row<'_>| {
        let locked: Option<i64> = row.get(1)?;
        Ok((row.get(0)?, locked.and_then(|ms| u64::try_from(ms).ok()).map(WallTime)))
    };
    Ok(query.query_row([account], row).optional()?.unwrap_or_default())
}

fn load(data: &Connection, attempt: &Attempt) -> Result<Tries, rusqlite::Error> {
    let (account_wrong, locked_at) = load_account(data, &attempt.account)?;
    let mut query = data.prepare_cached(
        "SELECT ifnull(sum(wrong) FILTER (WHERE account = ?2), 0), ifnull(sum(wrong) FILTER (WHERE account <> ?2), 0)
         FROM call_tries WHERE call = ?1",
    )?;
    let (call_wrong, call_wrong_elsewhere) =
        query.query_row([&attempt.call, &attempt.account], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Tries { account_wrong, locked_at, call_wrong, call_wrong_elsewhere })
}

fn save(data: &Transaction<'_>, attempt: &Attempt, tries: &Tries, now: WallTime) -> Result<(), rusqlite::Error> {
    let ms = |time: WallTime| i64::try_from(time.0).unwrap_or(i64::MAX);
    data.prepare_cached("INSERT OR REPLACE INTO account_tries VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        attempt.account,
        tries.account_wrong,
        tries.locked_at.map(ms),
        ms(now)
    ])?;
    data.prepare_cached("INSERT OR REPLACE INTO call_tries VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        attempt.call,
        attempt.account,
        tries.call_wrong,
        ms(now)
    ])?;
    let old = i64::try_from(now.0.saturating_sub(FORGET_MS)).unwrap_or(0);
    data.prepare_cached("DELETE FROM call_tries WHERE changed < ?1")?.execute([old])?;
    data.prepare_cached(
        "DELETE FROM account_tries WHERE changed < ?1 AND account NOT IN (SELECT account FROM account)",
    )?
    .execute([old])?;
    Ok(())
}
