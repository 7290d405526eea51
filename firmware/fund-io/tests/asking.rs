//! The fund system asked in one process, and servers that misbehave.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use base::Secret;
use fund_io::{FundError, FundSystem, Lang, Limits, Session};
use fundsim::{DEMO_ACCOUNT, DEMO_FUND, Running};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn company() -> (Running, FundSystem, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = fundsim::Config { seed: Some(11), ..fundsim::Config::new("127.0.0.1:0".parse().unwrap(), &folder) };
    let running = fundsim::start(config).await.unwrap();
    let system = FundSystem::new(&format!("http://{}/", running.addr())).unwrap();
    (running, system, folder)
}

/// A server that answers every connection with these octets, or with nothing.
async fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut asked = [0; 4096];
                let _ = socket.read(&mut asked).await;
                if answer.is_empty() {
                    std::future::pending::<()>().await;
                }
                let _ = socket.write_all(answer).await;
            });
        }
    });
    address
}

#[tokio::test]
async fn funds_their_values_and_announcements_are_read() {
    let (_running, system, _folder) = company().await;
    let funds = system.funds().await.unwrap();
    assert_eq!(funds[0].code, DEMO_FUND);
    let fund = system.fund(DEMO_FUND).await.unwrap();
    let navs = system.navs(DEMO_FUND, 2).await.unwrap();
    assert_eq!((navs.len(), &navs[0]), (2, &fund.latest));
    assert_eq!(fund.name, funds[0].name);
    assert!(fund.latest.nav.split_once('.').is_some_and(|(_, decimals)| decimals.len() == 4), "{}", fund.latest.nav);
    let (zh, en) = (system.announcements(Lang::Zh).await.unwrap(), system.announcements(Lang::En).await.unwrap());
    assert_eq!(zh.len(), en.len());
    assert!(!zh.is_empty() && !zh[0].title.is_ascii() && en[0].title.is_ascii());
}

#[tokio::test]
async fn an_unknown_code_is_not_found_and_cannot_lead_elsewhere() {
    let (_running, system, _folder) = company().await;
    assert_eq!(system.fund("999998").await, Err(FundError::NotFound));
    assert_eq!(system.fund("12").await, Err(FundError::Refused { field: "code".into() }));
    assert_eq!(system.fund("../announcements?lang=en#").await, Err(FundError::Refused { field: "code".into() }));
}

#[tokio::test]
async fn the_right_pin_opens_the_account() {
    let (running, system, _folder) = company().await;
    let pin = &running.demo().unwrap().pin;
    let session = system.open_session(DEMO_ACCOUNT, pin, "call").await.unwrap();
    let held = system.holdings(&session).await.unwrap();
    assert_eq!(held.fund_count, held.holdings.len());
    let fen = |yuan: &str| yuan.replace('.', "").parse::<u64>().unwrap();
    assert_eq!(held.holdings.iter().map(|holding| fen(&holding.value)).sum::<u64>(), fen(&held.total_value));
    let shown = format!("{session:?}");
    assert!(!shown.contains(session.token.reveal()), "{shown}");
}

#[tokio::test]
async fn wrong_pins_end_the_call_and_lock_the_account() {
    let (running, system, _folder) = company().await;
    let right = running.demo().unwrap().pin.clone();
    let wrong = Secret::new(if right.reveal() == "000000" { "000001" } else { "000000" });
    for call in ["first", "second"] {
        for end_call in [false, false, true] {
            let why = system.open_session(DEMO_ACCOUNT, &wrong, call).await.unwrap_err();
            let expected =
                if (call, end_call) == ("second", true) { FundError::Locked } else { FundError::WrongPin { end_call } };
            assert_eq!((why.ends_call(), &why), (end_call, &expected));
        }
    }
    // Locked: the right PIN is answered as a wrong one.
    assert_eq!(system.open_session(DEMO_ACCOUNT, &right, "third").await, Err(FundError::WrongPin { end_call: false }));
}

#[tokio::test]
async fn a_session_that_ended_is_told_from_other_refusals() {
    let (_running, system, _folder) = company().await;
    let words = system.funds().await.unwrap()[0].name.clone();
    let session = Session { token: Secret::new("gone"), customer: String::new(), name: words };
    assert_eq!(system.holdings(&session).await, Err(FundError::SessionEnded));
}

#[tokio::test]
async fn a_system_that_is_away_silent_or_talks_nonsense_is_told_of_without_secrets() {
    let limits = Limits { answer: Duration::from_millis(300), octets: 100, ..Limits::default() };
    let check = async |address: String, expected: &str| {
        let system = FundSystem::with_limits(&address, limits).unwrap();
        let why = system.open_session("990000000001", &Secret::new("424242"), "call").await.unwrap_err().to_string();
        assert!(why.contains(expected), "{why}");
        assert!(!why.contains("424242") && !why.contains("990000000001"), "{why}");
    };
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    check(format!("http://{free}"), "onnection refused").await;
    check(server(b"").await, "no answer in time").await;
    check(server(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await, "it answered 503").await;
    check(server(b"HTTP/1.1 302 Found\r\nlocation: http://elsewhere/\r\ncontent-length: 0\r\n\r\n").await, "302").await;
    check(server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\"424242\" ").await, "session, line 1 column 8").await;
    check(server(b"HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n{}                                                                                                   ").await, "more than 100 octets").await;
    check(server(b"\x00\x01nonsense\r\n\r\n").await, "not available").await;
}

#[test]
fn an_address_that_is_none_is_refused_with_what_is_wanted() {
    for address in ["", "127.0.0.1:8090", "https://funds.example", "mailto:a@b"] {
        let why = FundSystem::new(address).unwrap_err().to_string();
        assert!(why.contains("http://127.0.0.1:8090 is wanted"), "{why}");
    }
}
