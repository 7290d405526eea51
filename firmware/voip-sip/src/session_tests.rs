use super::*;
use crate::{Limits, Message, parse};

const AT: fn(u64) -> Instant = Instant::from_millis;
const TIMERS: fn() -> Timers = Timers::default;

fn request(method: &str, fields: &str) -> Request {
    let text = format!(
        "{method} sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: c\r\n\
         CSeq: 3 {method}\r\n{fields}\r\n"
    );
    match parse(text.as_bytes(), &Limits::default()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn response(status: u16, fields: &[(&str, &str)]) -> Response {
    let mut response = request("INVITE", "").respond(status, "t");
    response.common.headers.extend(fields.iter().map(|(name, value)| field(name, value)).collect());
    response
}

#[test]
fn one_offer_at_a_time_and_the_caller_waits_longer() {
    let mut negotiation = Negotiation::default();
    assert_eq!(negotiation.offer(), Ok(()));
    assert_eq!(negotiation.handle_offer().map_err(Glare::status), Err(491));
    negotiation.end();
    assert_eq!(negotiation.handle_offer(), Ok(()));
    assert_eq!(negotiation.handle_offer().map_err(Glare::status), Err(500));
    assert_eq!(negotiation.offer(), Err(Glare::TheirsWaits));
    let pause = |owner, chance| Negotiation::pause(owner, chance).as_millis();
    assert_eq!([pause(CallIdOwner::Ours, 0), pause(CallIdOwner::Ours, 199)], [2100, 4000]);
    assert_eq!([pause(CallIdOwner::Theirs, 0), pause(CallIdOwner::Theirs, 199)], [0, 1990]);
}

#[track_caller]
fn settles(fields: &str, expected: Result<Option<&str>, u32>) {
    let wish = SessionWish { interval: 1800, least: 300 };
    let settled = SessionTimer::settle(AT(0), &request("INVITE", fields), wish);
    let text = settled.map(|settled| settled.map(|(_, value)| value.to_string())).map_err(|small| small.least);
    assert_eq!(text, expected.map(|text| text.map(str::to_owned)));
}

#[test]
fn the_called_side_settles_the_interval() {
    settles("", Ok(None));
    settles("Session-Expires: 1800\r\n", Ok(None));
    settles("Supported: timer\r\n", Ok(Some("1800;refresher=uac")));
    settles("Supported: timer\r\nSession-Expires: 300\r\n", Ok(Some("300;refresher=uac")));
    settles("Supported: timer\r\nSession-Expires: 299\r\n", Err(300));
    settles("Supported: timer\r\nx: 7200;refresher=uas\r\nMin-SE: 3600\r\n", Ok(Some("3600;refresher=uas")));
}

#[test]
fn who_refreshes_does_so_at_half_and_the_other_ends_it_before_its_end() {
    let settled = |value| SessionTimer::settled(AT(0), &response(200, &[("Session-Expires", value)])).expect("a timer");
    let ours = settled("1800;refresher=uac");
    assert_eq!((ours.due(AT(899_999)), ours.due(AT(900_000))), (None, Some(SessionDue::Refresh)));
    let theirs = settled("1800;refresher=uas");
    assert_eq!((theirs.due(AT(1_767_999)), theirs.due(AT(1_768_000))), (None, Some(SessionDue::End)));
    assert_eq!(settled("90;refresher=uas").deadline(), AT(60_000), "a third of a short one");
    assert_eq!(SessionTimer::settled(AT(0), &response(200, &[])), None);
}

#[test]
fn a_422_says_what_to_ask_for() {
    let mut request = request("INVITE", "");
    SessionTimer::ask(&mut request, SessionWish::default(), None);
    assert_eq!(request.common.value_of("Session-Expires"), Some("1800"));
    assert_eq!(SessionTimer::refused(&response(422, &[("Min-SE", "3600")])), Some(TooSmall { least: 3600 }));
    assert_eq!(SessionTimer::refused(&response(200, &[("Min-SE", "3600")])), None);
}

#[test]
fn an_early_response_is_repeated_until_its_prack() {
    let mut sender = EarlySender::new(3, 41);
    let ringing = sender.send(AT(0), response(180, &[]), &TIMERS()).expect("numbered");
    assert_eq!((ringing.common.value_of("RSeq"), ringing.common.value_of("Require")), (Some("41"), Some("100rel")));
    assert_eq!(sender.send(AT(0), response(183, &[]), &TIMERS()), None, "one at a time");
    let mut times = Vec::new();
    while let Some(due) = sender.deadline() {
        match sender.due(due) {
            Some(EarlyDue::Again(_)) => times.push(due.as_millis()),
            Some(EarlyDue::GivenUp) => assert_eq!(due, AT(32_000)),
            None => panic!("nothing at its deadline"),
        }
    }
    assert_eq!(times, [500, 1500, 3500, 7500, 15_500, 31_500]);
}

#[test]
fn a_prack_is_for_one_response_of_one_invite() {
    let mut sender = EarlySender::new(3, 0);
    let first = sender.send(AT(0), response(183, &[]), &TIMERS()).expect("numbered");
    let prack = |rack: &str| request("PRACK", &format!("RAck: {rack}\r\n"));
    assert!(!sender.handle_prack(&prack("2 3 INVITE")) && !sender.handle_prack(&prack("1 4 INVITE")));
    assert!(!sender.handle_prack(&prack("1 3 UPDATE")) && !sender.handle_prack(&request("PRACK", "")));
    let mut receiver = EarlyReceiver::default();
    let rack = receiver.take(&first).expect("reliable").to_string();
    assert!(sender.handle_prack(&prack(&rack)) && !sender.handle_prack(&prack(&rack)));
    assert_eq!(sender.deadline(), None);
    assert!(sender.send(AT(0), response(100, &[]), &TIMERS()).is_none(), "a 100 is never reliable");
}

#[test]
fn early_responses_are_heard_in_their_order_once() {
    let mut receiver = EarlyReceiver::default();
    let early = |number| response(183, &[("Require", "100rel"), ("RSeq", number)]);
    assert_eq!(receiver.take(&response(183, &[("RSeq", "7")])), None, "not required");
    let heard = ["7", "7", "9", "8", "9"].map(|number| receiver.take(&early(number)).map(|rack| rack.response));
    assert_eq!(heard, [Some(7), None, None, Some(8), Some(9)]);
}
