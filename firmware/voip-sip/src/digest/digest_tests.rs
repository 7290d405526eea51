use super::*;
use crate::message::{Message, Request, Response};
use crate::values::Authentication;
use crate::wire::{Limits, parse};
use base::{Instant, Secret};
use core::time::Duration;

const MS: fn(u64) -> Instant = Instant::from_millis;

fn register() -> Request {
    let octets = b"REGISTER sip:box.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n\
        From: <sip:100@box.example>;tag=1\r\nTo: <sip:100@box.example>\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n\r\n";
    match parse(octets, &Limits::default()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

struct Story {
    guard: Guard,
    login: Login,
    tokens: u32,
}

impl Story {
    fn new(password: &str) -> Self {
        let guard = Guard::new("box".to_owned(), [7; 32], Guard::LIFETIME, 2);
        Self { guard, login: Login::new("100".to_owned(), Secret::new(password)), tokens: 0 }
    }

    fn challenge(&mut self, now: Instant, denied: Denied) -> Response {
        let mut response = register().respond(401, "b");
        response.common.headers.extend(self.guard.challenge(now, denied));
        response
    }

    fn credentials(&mut self) -> Authentication {
        let mut request = register();
        self.tokens += 1;
        self.login.authorize(&mut request, &format!("c{}", self.tokens));
        Authentication::parse(request.common.value_of("Authorization").expect("credentials")).expect("readable")
    }

    fn check(&mut self, now: Instant, credentials: &Authentication) -> Result<(), Denied> {
        self.guard.check(now, "REGISTER", credentials, Some(&Secret::new("2468")))
    }
}

#[test]
fn the_examples_of_the_standards_come_out() {
    let question = |algorithm| Question {
        algorithm,
        user: "Mufasa",
        realm: "http-auth@example.org",
        password: "Circle of Life",
        method: "GET",
        uri: "/dir/index.html",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        count: Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
    };
    // RFC 7616 §3.9.1.
    assert_eq!(question(Algorithm::Md5).response(), "8ca523f5e9506fed4657c9700eebdbec");
    let sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
    assert_eq!(question(Algorithm::Sha256).response(), sha256);
    // RFC 2617 §3.5.
    let old = Question {
        realm: "testrealm@host.com",
        password: "Circle Of Life",
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        count: Some(("00000001", "0a4f113b")),
        ..question(Algorithm::Md5)
    };
    assert_eq!(old.response(), "6629fae49393a05397450978507c4ef1");
}

#[test]
fn a_telephone_logs_in_by_the_best_algorithm_and_goes_on_with_its_nonce() {
    let mut story = Story::new("2468");
    let challenge = story.challenge(MS(0), Denied::Missing);
    assert_eq!(story.login.handle_challenge(&challenge), Ok(()));
    for count in 1..100_u32 {
        let credentials = story.credentials();
        assert_eq!(credentials.value_of("algorithm").as_deref(), Some("SHA-256"));
        assert_eq!(credentials.value_of("nc"), Some(format!("{count:08x}")));
        assert_eq!(story.check(MS(1), &credentials), Ok(()));
    }
}

#[test]
fn each_count_is_good_once_in_whatever_order_they_come() {
    let mut story = Story::new("2468");
    let challenge = story.challenge(MS(0), Denied::Missing);
    story.login.handle_challenge(&challenge).expect("a challenge");
    let all: Vec<_> = (0..70).map(|_| story.credentials()).collect();
    for at in [1, 0, 3, 2, 69, 68, 6] {
        assert_eq!(story.check(MS(1), &all[at]), Ok(()), "{at}");
        assert_eq!(story.check(MS(1), &all[at]), Err(Denied::Stale), "{at} again");
    }
    assert_eq!(story.check(MS(1), &all[5]), Err(Denied::Stale), "too far behind the 70th to know");
}

#[test]
fn a_nonce_is_good_for_its_lifetime_and_then_stale() {
    let mut story = Story::new("2468");
    let challenge = story.challenge(MS(0), Denied::Missing);
    story.login.handle_challenge(&challenge).expect("a challenge");
    let (first, second) = (story.credentials(), story.credentials());
    assert_eq!(story.check(MS(299_999), &first), Ok(()));
    assert_eq!(story.check(MS(300_000), &second), Err(Denied::Stale));
    // What only was too old may be tried again; then the password would be wrong.
    let stale = story.challenge(MS(300_000), Denied::Stale);
    assert_eq!(story.login.handle_challenge(&stale), Ok(()));
    let again = story.credentials();
    assert_eq!(story.check(MS(300_000), &again), Ok(()));
}

#[test]
fn a_nonce_that_another_guard_made_is_stale() {
    let mut story = Story::new("2468");
    let mut other = Guard::new("box".to_owned(), [8; 32], Guard::LIFETIME, 2);
    let mut response = register().respond(401, "b");
    response.common.headers.extend(other.challenge(MS(0), Denied::Missing));
    story.login.handle_challenge(&response).expect("a challenge");
    let credentials = story.credentials();
    assert_eq!(story.check(MS(0), &credentials), Err(Denied::Stale));
}

#[test]
fn a_wrong_password_and_an_unknown_user_get_the_same() {
    let mut story = Story::new("1357");
    let challenge = story.challenge(MS(0), Denied::Missing);
    story.login.handle_challenge(&challenge).expect("a challenge");
    let credentials = story.credentials();
    assert_eq!(story.check(MS(1), &credentials), Err(Denied::Wrong));
    assert_eq!(story.guard.check(MS(1), "REGISTER", &credentials, None), Err(Denied::Wrong));
    let again = story.challenge(MS(1), Denied::Wrong);
    assert_eq!(story.login.handle_challenge(&again), Err(LoginFailed::Rejected));
}

#[test]
fn memory_of_nonces_is_bounded_and_costs_at_most_a_question() {
    let mut story = Story::new("2468");
    let mut used = Vec::new();
    for _ in 0..3 {
        let challenge = story.challenge(MS(0), Denied::Missing);
        story.login.handle_success();
        story.login.handle_challenge(&challenge).expect("a challenge");
        let (first, second) = (story.credentials(), story.credentials());
        assert_eq!(story.check(MS(1), &first), Ok(()));
        used.push(second);
    }
    assert_eq!(story.guard.used.len(), 2);
    assert_eq!(story.check(MS(1), &used[0]), Err(Denied::Stale));
    assert_eq!(story.check(MS(1), &used[1]), Ok(()));
    assert_eq!(story.check(MS(1), &used[2]), Ok(()));
    // A nonce that is over makes room.
    let late = MS(0) + Guard::LIFETIME;
    assert_eq!(story.check(late, &used[2]), Err(Denied::Stale));
    let challenge = story.challenge(late, Denied::Missing);
    story.login.handle_success();
    story.login.handle_challenge(&challenge).expect("a challenge");
    let credentials = story.credentials();
    assert_eq!(story.check(late + Duration::from_millis(1), &credentials), Ok(()));
    assert_eq!(story.guard.used.len(), 1);
}

#[test]
fn credentials_that_lack_something_are_none() {
    let mut story = Story::new("2468");
    let challenge = story.challenge(MS(0), Denied::Missing);
    story.login.handle_challenge(&challenge).expect("a challenge");
    let whole = story.credentials();
    let text = whole.params.to_string();
    for name in ["username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce"] {
        let kept: Vec<&str> =
            text.split(';').filter(|one| !one.is_empty() && !one.starts_with(&format!("{name}="))).collect();
        let less = Authentication::parse(&format!("Digest {}", kept.join(", "))).expect("readable");
        assert_eq!(story.check(MS(1), &less), Err(Denied::Missing), "without {name}");
    }
    let basic = Authentication { scheme: "Basic".to_owned(), ..whole.clone() };
    assert_eq!(story.check(MS(1), &basic), Err(Denied::Missing));
    assert_eq!(story.check(MS(1), &whole), Ok(()));
}

#[test]
fn a_server_of_old_is_answered_without_counts_and_a_proxy_in_its_own_field() {
    let mut login = Login::new("u".to_owned(), Secret::new("p"));
    let mut response = register().respond(407, "b");
    let challenge = |text: &str| crate::headers::field("Proxy-Authenticate", text);
    response.common.headers.push(challenge("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256"));
    assert_eq!(login.handle_challenge(&response), Err(LoginFailed::NoChallenge));
    response.common.headers.push(challenge("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\""));
    assert_eq!(login.handle_challenge(&response), Err(LoginFailed::NoChallenge));
    response.common.headers.push(challenge("Digest realm=\"r\", nonce=\"n\", opaque=\"o\""));
    assert_eq!(login.handle_challenge(&response), Ok(()));
    let mut request = register();
    login.authorize(&mut request, "c");
    let value = request.common.value_of("Proxy-Authorization").expect("credentials");
    assert!(value.contains("opaque=\"o\"") && !value.contains("qop") && !value.contains("algorithm"), "{value}");
}
