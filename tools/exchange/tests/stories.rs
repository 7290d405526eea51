//! Two telephone networks joined in memory, one of them as a private exchange: callers on one end, telephones on the other. Everything is real
//! but the line: signaling, engines, voice, control socket.

mod town;

use exchange::client::{self, ClientError};
use exchange::report::Request;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use town::{Pair, Party, digits_in, quiet};

#[test]
fn a_caller_and_a_telephone_hear_each_other() {
    let towns = Pair::start(1);
    let phone = towns.user.answer(
        "8001",
        "ring 300ms
        answer
        wait keys 000001# within 20s
        speak zh \"单位净值\"
        speak zh \"元\"
        wait hangup within 20s",
    );
    let caller = towns.network.call(
        "8001",
        "wait answer within 10s
        press 000001#
        words: expect zh \"单位净值\" within 10s
        expect zh \"元\" within 5s
        hang up",
    );
    let (caller, phone) = (caller.end(), phone.end());
    assert!(caller.report.satisfied, "{:?}", caller.report);
    assert!(phone.report.satisfied, "{:?}", phone.report);
    assert_eq!(digits_in(&phone.heard), "000001#");
    assert_eq!((caller.report.cause, phone.report.cause), (Some(16), Some(16)));
    assert!(caller.report.answered_ms >= Some(300) && caller.report.ended_ms > caller.report.answered_ms.unwrap());
    let words = &caller.report.steps[2];
    assert_eq!(words.label.as_deref(), Some("words"));
    let [phrase] = words.phrases[..] else { panic!("one phrase was expected: {words:?}") };
    assert!(phrase.score > 0.7 && phrase.from_ms < phrase.to_ms && phrase.to_ms < caller.heard.len() as u64 / 8);
    assert_eq!(caller.report.channel, phone.report.channel, "one span, one timeslot at both ends");
}

#[test]
fn another_value_than_the_expected_one_is_reported() {
    let towns = Pair::start(1);
    let phone = towns.user.answer("8001", "speak zh \"您的余额是一点二三四六元。\"\nwait hangup within 20s");
    let caller = towns.network.call("8001", "expect zh \"您的余额是一点二三四五元。\" within 5s\nhang up").end();
    assert!(!caller.report.satisfied);
    let fault = caller.report.fault.expect("a reason");
    assert!(fault.contains("was not heard within 5s") && fault.contains("一点二三四五"), "{fault}");
    assert!(!caller.report.steps[0].ok && caller.report.steps[0].phrases.is_empty());
    assert!(phone.end().report.satisfied, "the caller hangs up after its disappointment");
}

#[test]
fn last_words_before_the_end_are_still_heard() {
    let towns = Pair::start(1);
    let phone = towns.user.answer("8001", "pause 100ms\nanswer\nspeak en \"Goodbye.\"\nhang up");
    let caller = towns.network.call("8001", "expect en \"Goodbye.\" within 10s\nwait hangup within 10s").end();
    assert!(caller.report.satisfied, "{:?}", caller.report);
    assert!(phone.end().report.satisfied);
}

#[test]
fn a_telephone_without_a_script_says_what_it_is() {
    let towns = Pair::start(1);
    let script =
        "expect zh \"您好，这里是测试电话。\" within 20s\nexpect en \"Hello, this is the test telephone.\"\nhang up";
    let caller = towns.network.call("12345", script).end();
    assert!(caller.report.satisfied, "{:?}", caller.report);
    assert!(caller.report.answered_ms >= Some(900), "it rings for a second: {:?}", caller.report.answered_ms);
}

#[test]
fn a_refused_call_ends_with_the_cause() {
    let towns = Pair::start(1);
    let phone = towns.user.answer("8001", "reject 17");
    let caller = towns.network.call("8001", "wait answer within 10s").end();
    assert_eq!((caller.report.satisfied, caller.report.cause), (false, Some(17)));
    assert!(caller.report.fault.expect("a reason").contains("before: wait answer"));
    assert!(phone.end().report.satisfied);
}

#[test]
fn a_number_dialled_digit_by_digit_rings_the_telephone_when_it_is_whole() {
    let towns = Pair::start(1);
    let phone = towns.network.answer("8001", "answer\nspeak en \"Hello.\"\nwait hangup within 20s");
    let wanted = Party { overlap: true, ..Party::new("8001", "expect en \"Hello.\" within 10s\nhang up") };
    let caller = towns.user.place(wanted).end();
    assert!(caller.report.satisfied, "{:?}", caller.report);
    assert!(phone.end().report.satisfied);
}

#[test]
fn sixty_callers_on_two_spans_each_hear_their_own_value() {
    let towns = Pair::start(2);
    let value = |number: usize| format!("1.{:04}", 1017 + number * 137);
    let phones: Vec<_> = (0..60)
        .map(|number| {
            let script =
                "wait keys 1# within 60s\nspeak zh \"单位净值\"\nspeak zh \"${value}\"\nwait hangup within 60s";
            towns.user.answer_with(&format!("80{number:02}"), script, &[("value", &value(number))])
        })
        .collect();
    let callers: Vec<_> = (0..60)
        .map(|number| {
            let script = "wait answer within 30s\npress 1#\nexpect zh \"单位净值\" within 60s\nexpect zh \"${value}\" within 10s\nhang up";
            towns.network.call_with(&format!("80{number:02}"), script, &[("value", &value(number))])
        })
        .collect();
    let mut channels = Vec::new();
    for (number, caller) in callers.into_iter().enumerate() {
        let caller = caller.end();
        assert!(caller.report.satisfied, "caller {number}: {:?}", caller.report);
        channels.push(caller.report.channel.expect("a channel"));
    }
    channels.sort_unstable();
    channels.dedup();
    assert_eq!(channels.len(), 60, "all channels of both spans were used");
    for phone in phones {
        let phone = phone.end();
        assert_eq!((phone.report.satisfied, digits_in(&phone.heard).as_str()), (true, "1#"), "{:?}", phone.report);
    }
}

#[test]
fn a_client_that_goes_away_ends_its_call() {
    let towns = Pair::start(1);
    let phone = towns.user.answer("8001", "answer\nwait hangup within 20s");
    let mut socket = UnixStream::connect(&towns.network.control).expect("the socket");
    let request = serde_json::json!({ "ask": "call", "to": "8001", "script": "wait answer\nwait hangup within 60s\n" });
    writeln!(socket, "{request}").expect("the request is taken");
    towns.network.until_busy(1);
    drop(socket);
    assert!(phone.end().report.satisfied, "the telephone sees the caller hang up");
    towns.network.until_busy(0);
}

#[test]
fn a_fault_is_ordered_and_cleared_over_the_socket() {
    let towns = Pair::start(1);
    let control = &towns.network.control;
    let order = |fault: &str| client::faults(control, &Request::Fault { span: Some(0), fault: fault.into() });
    let [span] = &order("lost-frames 5% to-box for 1m").expect("it is ordered")[..] else { panic!("one span") };
    assert_eq!(span.active[0].fault, "lost-frames 5% to-box");
    assert!(span.active[0].left_ms.is_some_and(|left| left > 50_000));
    assert_eq!(client::faults(control, &Request::Faults).expect("a list")[0].active.len(), 1);
    assert!(order("clear").expect("it is ordered")[0].active.is_empty());
    let why = order("lost-frames 5").expect_err("no share").to_string();
    assert!(why.contains("`5` is no share") && why.contains("per cent"), "{why}");
    let nowhere = client::faults(control, &Request::Fault { span: Some(4), fault: "clear".into() });
    assert!(nowhere.expect_err("no span").to_string().contains("spans are 0 to 0"));
}

#[test]
fn faults_of_a_request_are_told_with_their_remedy() {
    let towns = Pair::start(1);
    let refused = |request: &Request| match client::order(&towns.network.control, request, quiet) {
        Err(ClientError::Refused(why)) => why,
        other => panic!("a refusal was expected: {other:?}"),
    };
    let request = |party: Party| party.request(None);
    let why = refused(&request(Party::new("8001", "wait answer\nshout")));
    assert!(why.starts_with("line 2: `shout`") && why.contains("steps are"), "{why}");
    let why = refused(&request(Party::new("80x1", "hang up")));
    assert!(why.contains("`80x1` is no number"), "{why}");
    let why = refused(&request(Party { span: Some(7), ..Party::new("8001", "hang up") }));
    assert!(why.contains("there is no span 7"), "{why}");
    let why = refused(&request(Party::new("8001", "play /nowhere/hello.wav")));
    assert!(why.starts_with("line 1: /nowhere/hello.wav cannot be read"), "{why}");

    let mut socket = UnixStream::connect(&towns.network.control).expect("the socket");
    writeln!(socket, "{{\"ask\":\"dance\"}}").expect("a line");
    let mut line = String::new();
    BufReader::new(socket).read_line(&mut line).expect("an answer");
    assert!(line.contains("\"answer\":\"fault\"") && line.contains("dance"), "{line}");
}

#[test]
fn without_a_line_no_call_is_placed() {
    let towns = Pair::unplugged();
    let refused = client::order(&towns.network.control, &Party::new("8001", "hang up").request(None), quiet);
    let why = refused.expect_err("nobody is there").to_string();
    assert!(why.contains("no line is up"), "{why}");
}
