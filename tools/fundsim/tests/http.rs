//! The interface as a caller's side sees it, on a clock that the test moves.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use base::WallTime;
use fundsim::{Clock, Config, DEMO_ACCOUNT, DEMO_FUND, Running};
use reqwest::Client;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

const NOON: u64 = 1_760_000_000_000;
const LOCK_MS: u64 = fundsim::pin::LOCK_MS;

struct Company {
    running: Running,
    client: Client,
    now: Arc<AtomicU64>,
    folder: TempDir,
}

async fn company(lab: bool) -> Company {
    let folder = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicU64::new(NOON));
    let running = start(&folder, &now, lab).await;
    Company { running, client: Client::builder().no_proxy().build().unwrap(), now, folder }
}

async fn start(folder: &TempDir, now: &Arc<AtomicU64>, lab: bool) -> Running {
    let read = Arc::clone(now);
    let clock = Clock::new(move || WallTime(read.load(Ordering::Relaxed)));
    let listen = "127.0.0.1:0".parse().unwrap();
    fundsim::start(Config { seed: Some(3), lab, clock, ..Config::new(listen, folder) }).await.unwrap()
}

impl Company {
    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(format!("http://{}{path}", self.running.addr())).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("http://{}{path}", self.running.addr());
        let answer = self.client.post(url).json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn guess(&self, account: &str, pin: &str, call: &str) -> (u16, Value) {
        self.post("/v1/sessions", &json!({ "account": account, "pin": pin, "call": call })).await
    }

    async fn evaluations(&self) -> u64 {
        self.get("/v1/lab/counters").await.1["pin_evaluations"].as_u64().unwrap()
    }

    fn pass(&self, ms: u64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }
}

fn wrong(end_call: bool) -> (u16, Value) {
    (401, json!({ "error": "wrong_pin", "end_call": end_call }))
}

fn locked() -> (u16, Value) {
    (401, json!({ "error": "locked", "end_call": true }))
}

/// Six wrong PINs from two calls.
async fn lock(company: &Company, account: &str) {
    for call in ["lock-1", "lock-2"] {
        for _ in 0..3 {
            assert_eq!(company.guess(account, "000000", call).await.0, 401);
        }
    }
}

async fn account(company: &Company, pin: &str) -> String {
    let (status, made) = company.post("/v1/lab/accounts", &json!({ "pin": pin })).await;
    assert_eq!(status, 201);
    made["account"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_net_asset_value_of_a_fund_is_a_decimal_with_its_day() {
    let company = company(false).await;
    let (status, fund) = company.get(&format!("/v1/funds/{DEMO_FUND}")).await;
    let (_, history) = company.get(&format!("/v1/funds/{DEMO_FUND}/nav?days=1")).await;
    assert_eq!(status, 200);
    assert_eq!(fund["nav"], history["history"][0]["nav"]);
    let nav = fund["nav"].as_str().unwrap();
    assert_eq!(nav.split_once('.').unwrap().1.len(), 4, "{nav}");
    // NOON is Thursday, 9 October 2025 in China; that day's value is not out yet.
    assert_eq!(fund["nav_date"], "2025-10-08");
}

#[tokio::test]
async fn every_net_asset_value_is_unique_so_that_a_listener_knows_whose_was_spoken() {
    let company = company(false).await;
    let (_, list) = company.get("/v1/funds").await;
    let mut values = std::collections::BTreeSet::new();
    let funds = list["funds"].as_array().unwrap();
    for fund in funds.iter().filter(|fund| fund["kind"] != "money") {
        let (_, fund) = company.get(&format!("/v1/funds/{}", fund["code"].as_str().unwrap())).await;
        assert!(values.insert(fund["nav"].as_str().unwrap().to_owned()), "{}", fund["nav"]);
    }
    assert!(values.len() > 20);
}

#[tokio::test]
async fn sixty_guesses_at_once_are_evaluated_six_times_at_most() {
    let company = Arc::new(company(true).await);
    let account = account(&company, "999999").await;
    let calls: Vec<_> = (0..60)
        .map(|n| {
            let (company, account) = (Arc::clone(&company), account.clone());
            tokio::spawn(async move { company.guess(&account, &format!("{n:06}"), &format!("call-{n}")).await })
        })
        .collect();
    for call in calls {
        // Each call has guessed once, so that none is told of the lock.
        assert_eq!(call.await.unwrap(), wrong(false));
    }
    assert_eq!(company.evaluations().await, 6);
    let (_, state) = company.get(&format!("/v1/lab/accounts/{account}")).await;
    assert_eq!((&state["locked"], &state["wrong_tries"]), (&json!(true), &json!(6)));
    // Not even the right one is looked at now.
    assert_eq!(company.guess(&account, "999999", "late").await, wrong(false));
    assert_eq!(company.evaluations().await, 6);
}

#[tokio::test]
async fn guesses_spread_over_accounts_end_the_call_at_the_third() {
    let company = company(true).await;
    let mut last = None;
    for end_call in [false, false, true] {
        let account = account(&company, "999999").await;
        assert_eq!(company.guess(&account, "000000", "one").await, wrong(end_call));
        last = Some(account);
    }
    assert_eq!(company.guess(&last.unwrap(), "999999", "one").await, wrong(true));
    assert_eq!(company.evaluations().await, 3);
}

#[tokio::test]
async fn a_lock_lasts_two_hours_and_outlives_a_restart() {
    let mut company = company(true).await;
    let account = account(&company, "246810").await;
    lock(&company, &account).await;
    for expected in [wrong(false), wrong(false), locked(), locked()] {
        assert_eq!(company.guess(&account, "246810", "owner").await, expected);
    }
    let stopped = std::mem::replace(&mut company.running, start(&company.folder, &company.now, true).await);
    stopped.stop().await;
    company.pass(LOCK_MS - 1);
    assert_eq!(company.guess(&account, "246810", "early").await, wrong(false));
    company.pass(1);
    assert_eq!(company.guess(&account, "246810", "due").await.0, 200);
}

#[tokio::test]
async fn a_reset_unlocks_at_once_and_success_forgets_wrong_tries() {
    let company = company(true).await;
    let account = account(&company, "135790").await;
    lock(&company, &account).await;
    assert_eq!(company.post(&format!("/v1/lab/accounts/{account}/reset"), &json!({})).await.0, 200);
    for round in 0..3 {
        for n in 0..2 {
            assert_eq!(company.guess(&account, "000000", &format!("{round}-{n}")).await, wrong(false));
        }
        assert_eq!(company.guess(&account, "135790", &format!("{round}-3")).await.0, 200);
    }
}

#[tokio::test]
async fn an_account_that_does_not_exist_answers_like_one_that_does() {
    let company = company(true).await;
    for expected in [wrong(false), wrong(false), wrong(true)] {
        assert_eq!(company.guess("990000999999", "123456", "a").await, expected);
    }
    for expected in [wrong(false), wrong(false), locked()] {
        assert_eq!(company.guess("990000999999", "123456", "b").await, expected);
    }
    assert_eq!(company.evaluations().await, 0);
}

#[tokio::test]
async fn a_session_shows_the_holdings_for_half_an_hour() {
    let company = company(false).await;
    let pin = company.running.demo().unwrap().pin.reveal().to_owned();
    let (status, session) = company.guess(DEMO_ACCOUNT, &pin, "call").await;
    assert_eq!(status, 200);
    let path = format!("/v1/sessions/{}/holdings", session["token"].as_str().unwrap());
    company.pass(30 * 60 * 1000 - 1);
    let (status, held) = company.get(&path).await;
    assert_eq!((status, held["fund_count"].as_u64()), (200, held["holdings"].as_array().map(|all| all.len() as u64)));
    company.pass(1);
    assert_eq!(company.get(&path).await.0, 404);
}

#[tokio::test]
async fn what_is_not_as_wanted_is_refused_by_field_and_never_repeated() {
    let company = company(false).await;
    for (body, field) in [
        (json!({ "account": DEMO_ACCOUNT, "pin": "77777", "call": "c" }), "pin"),
        (json!({ "account": DEMO_ACCOUNT, "pin": 777_777, "call": "c" }), "pin"),
        (json!({ "account": "99", "pin": "777777", "call": "c" }), "account"),
        (json!({ "account": DEMO_ACCOUNT, "pin": "777777" }), "call"),
        (json!([]), "body"),
    ] {
        let (status, refusal) = company.post("/v1/sessions", &body).await;
        assert_eq!((status, &refusal["field"]), (400, &json!(field)));
        assert!(!refusal.to_string().contains("7777"), "{refusal}");
    }
    for (path, expected) in [
        ("/v1/funds/12345", 400),
        ("/v1/funds/999998", 404),
        ("/v1/funds/000001/nav?days=0", 400),
        ("/v1/announcements?lang=fr", 400),
        ("/v1/sessions/none/holdings", 404),
        ("/v1/nothing", 404),
        ("/v1/sessions", 405),
        ("/v1/lab/counters", 404),
    ] {
        assert_eq!(company.get(path).await.0, expected, "{path}");
    }
}

#[tokio::test]
async fn no_file_holds_a_pin_in_the_clear() {
    const PINS: [&str; 3] = ["918273", "564738", "203948"];
    let company = company(true).await;
    for pin in PINS {
        let account = account(&company, pin).await;
        assert_eq!(company.guess(&account, pin, "call").await.0, 200);
    }
    company.running.stop().await;
    let files = std::fs::read_dir(company.folder.path()).unwrap();
    let octets: Vec<Vec<u8>> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    assert!(octets.iter().map(Vec::len).sum::<usize>() > 100_000);
    let holds = |pin: &&str| octets.iter().any(|file| file.windows(6).any(|window| window == pin.as_bytes()));
    // Drawn account numbers and keys may hold one by chance; a leak would show all.
    assert!(PINS.iter().filter(|pin| holds(pin)).count() < 2);
}
