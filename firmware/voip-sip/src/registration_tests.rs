use super::*;
use crate::digest::{Denied, Guard};
use crate::values::Authentication;
use base::Secret;

const AT: fn(u64) -> Instant = |seconds| Instant::from_millis(seconds * 1000);

fn registration() -> Registration {
    let uri = |text| Uri::parse(text).expect("an address");
    let account = Account {
        registrar: uri("sip:carrier.example"),
        address: uri("sip:100@carrier.example"),
        contact: uri("sip:100@192.0.2.1:5060"),
        interval: 600,
        login: Login::new("100".to_owned(), Secret::new("2468")),
    };
    Registration::new(account, [1; 32])
}

fn steps(registration: &mut Registration) -> Vec<Step> {
    std::iter::from_fn(|| registration.poll_step()).collect()
}

/// The one request among the steps.
#[track_caller]
fn sent(registration: &mut Registration) -> Request {
    match steps(registration).as_slice() {
        [Step::Send(request)] => (**request).clone(),
        other => panic!("{other:?}"),
    }
}

fn ok(request: &Request, contact: &str) -> Response {
    let mut response = request.respond(200, "t");
    response.common.headers.push(field("Contact", contact));
    response
}

#[test]
fn it_answers_the_challenge_and_refreshes_before_the_end() {
    let (mut own, mut guard) = (registration(), Guard::new("r".to_owned(), [2; 32], Guard::LIFETIME, 9));
    own.start();
    let first = sent(&mut own);
    assert_eq!(first.common.value_of("Contact"), Some("<sip:100@192.0.2.1:5060>;expires=600"));
    let mut challenge = first.respond(401, "t");
    challenge.common.headers.extend(guard.challenge(AT(0), Denied::Missing));
    own.handle_response(AT(0), &challenge);
    let second = sent(&mut own);
    assert_eq!((second.common.sequence, &second.common.call_id), (2, &first.common.call_id));
    let credentials =
        Authentication::parse(second.common.value_of("Authorization").expect("credentials")).expect("readable");
    assert_eq!(guard.check(AT(0), "REGISTER", &credentials, Some(&Secret::new("2468"))), Ok(()));
    own.handle_response(AT(0), &ok(&second, "<sip:other@x>;expires=9, <sip:100@192.0.2.1:5060>;expires=300"));
    assert_eq!(steps(&mut own), [Step::Up]);
    let due = own.deadline().expect("a refresh");
    assert!((AT(255)..=AT(270)).contains(&due), "{due:?} of 300 s");
    own.handle_timeout(AT(254));
    assert_eq!(steps(&mut own), []);
    own.handle_timeout(due);
    let refresh = sent(&mut own);
    assert!(refresh.common.value_of("Authorization").is_some_and(|value| value.contains("nc=00000002")));
    own.handle_response(due, &ok(&refresh, "<sip:100@192.0.2.1:5060>;expires=300"));
    assert_eq!(steps(&mut own), [], "nothing has changed");
}

#[test]
fn pauses_double_up_to_half_an_hour_and_are_told_once() {
    let mut own = registration();
    own.start();
    let mut now = AT(0);
    let mut told = Vec::new();
    for longest in [30, 60, 120, 240, 480, 960, 1800, 1800] {
        sent_of(&mut own, &mut told);
        own.handle_silence(now);
        let due = own.deadline().expect("another try");
        let pause = due.since(now);
        assert!(
            pause >= Duration::from_secs(longest / 2) && pause <= Duration::from_secs(longest),
            "{pause:?} of {longest}"
        );
        now = due;
        own.handle_timeout(now);
    }
    sent_of(&mut own, &mut told);
    assert_eq!(told, [Down::Silent]);
}

fn sent_of(own: &mut Registration, told: &mut Vec<Down>) {
    for step in steps(own) {
        if let Step::Down(why) = step {
            told.push(why);
        }
    }
}

#[test]
fn a_refresh_that_is_lost_does_not_end_what_the_registrar_keeps() {
    let mut own = registration();
    own.start();
    let first = sent(&mut own);
    own.handle_response(AT(0), &ok(&first, "<sip:100@192.0.2.1:5060>;expires=600"));
    steps(&mut own);
    let due = own.deadline().expect("a refresh");
    own.handle_timeout(due);
    sent(&mut own);
    own.handle_silence(due);
    assert_eq!((steps(&mut own), own.is_up()), (vec![], true));
    let due = own.deadline().expect("another try");
    own.handle_timeout(due);
    sent(&mut own);
    own.handle_silence(AT(600));
    assert_eq!((steps(&mut own), own.is_up()), (vec![Step::Down(Down::Silent)], false));
}

#[test]
fn refusals_say_why_and_retry_after_is_obeyed() {
    let mut own = registration();
    own.start();
    let request = sent(&mut own);
    let mut busy = request.respond(503, "t");
    busy.common.headers.push(field("Retry-After", "90"));
    own.handle_response(AT(0), &busy);
    assert_eq!((steps(&mut own), own.deadline()), (vec![Step::Down(Down::Refused(503))], Some(AT(90))));

    own.start();
    let request = sent(&mut own);
    let mut challenge = request.respond(401, "t");
    challenge.common.headers.push(field("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\""));
    own.handle_response(AT(1), &challenge);
    sent(&mut own);
    own.handle_response(AT(1), &challenge);
    assert_eq!(steps(&mut own), [Step::Down(Down::Login(LoginFailed::Rejected))]);
}

#[test]
fn an_interval_that_is_too_brief_is_made_longer() {
    let mut own = registration();
    own.start();
    let request = sent(&mut own);
    let mut brief = request.respond(423, "t");
    brief.common.headers.push(field("Min-Expires", "1200"));
    own.handle_response(AT(0), &brief);
    assert_eq!(sent(&mut own).common.value_of("Expires"), Some("1200"));
    own.handle_response(AT(0), &brief);
    assert_eq!(steps(&mut own), [Step::Down(Down::Refused(423))], "not for ever");
}

#[test]
fn it_is_ended_at_the_registrar_even_when_stopped_in_between() {
    let mut own = registration();
    own.start();
    let first = sent(&mut own);
    own.stop();
    own.handle_response(AT(0), &ok(&first, "<sip:100@192.0.2.1:5060>;expires=600"));
    let all = steps(&mut own);
    let [Step::Up, Step::Send(end)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(end.common.value_of("Expires"), Some("0"));
    own.handle_response(AT(0), &end.respond(200, "t"));
    assert_eq!((steps(&mut own), own.deadline()), (vec![Step::Down(Down::Ended)], None));
}

#[test]
fn a_registrar_that_calls_every_nonce_old_is_given_up() {
    let mut own = registration();
    own.start();
    for _ in 0..4 {
        let mut challenge = sent(&mut own).respond(401, "t");
        let stale = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true";
        challenge.common.headers.push(field("WWW-Authenticate", stale));
        own.handle_response(AT(0), &challenge);
    }
    let mut challenge = sent(&mut own).respond(401, "t");
    challenge
        .common
        .headers
        .push(field("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=true"));
    own.handle_response(AT(0), &challenge);
    assert_eq!(steps(&mut own), [Step::Down(Down::Refused(401))]);
}
