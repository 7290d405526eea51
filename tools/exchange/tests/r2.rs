//! MFC/R2 spans, both ends, on a jumping clock: every signal is heard in the audio.

mod jumping;

use jumping::{At, Pair};

const PHONE: &str = "ring 1s\nanswer\nspeak en \"Hello.\"\nwait hangup within 20s";
const CALLER: &str = "expect en \"Hello.\" within 20s\nhang up";

#[track_caller]
fn a_call_succeeds(pair: &mut Pair, from: At, to: At) {
    let phone = pair.answer(to, "8001", PHONE);
    let caller = pair.call(from, "8001", CALLER);
    let (caller, phone) = (pair.end(caller).satisfied(), pair.end(phone).satisfied());
    assert_eq!((caller.channel, caller.cause), (phone.channel, Some(16)));
    assert_eq!(phone.from.as_deref(), Some("13800138000"));
    pair.run_until("all channels are idle", 20_000, |pair| pair.busy() == (0, 0));
}

#[test]
fn calls_go_both_ways_in_every_country() {
    for country in ["cn", "itu", "br", "mx", "ar"] {
        let mut pair = Pair::joined(1, &format!("r2:{country}"));
        pair.run(500);
        a_call_succeeds(&mut pair, At::Network, At::User);
        a_call_succeeds(&mut pair, At::User, At::Network);
        assert_eq!(pair.network.status()[0].signaling, "r2");
    }
}

#[test]
fn thirty_calls_at_once_each_reach_their_own_telephone() {
    let mut pair = Pair::joined(1, "r2:cn");
    pair.run(500);
    let numbers: Vec<String> = (0..30).map(|number| format!("80{number:02}")).collect();
    let phones: Vec<_> =
        numbers.iter().map(|number| pair.answer(At::User, number, "answer\nwait keys 1#\npause 1s\nhang up")).collect();
    let callers: Vec<_> = numbers
        .iter()
        .map(|number| pair.call(At::Network, number, "wait answer\npress 1#\nwait hangup within 20s"))
        .collect();
    callers.into_iter().for_each(|caller| drop(pair.end(caller).satisfied()));
    phones.into_iter().for_each(|phone| drop(pair.end(phone).satisfied()));
    pair.run_until("all channels are idle", 20_000, |pair| pair.busy() == (0, 0));
}

#[test]
fn a_refused_call_and_one_that_nobody_answers_end() {
    let mut pair = Pair::joined(1, "r2:cn");
    pair.run(500);
    let phone = pair.answer(At::User, "8001", "reject 17");
    let caller = pair.call(At::Network, "8001", "wait answer within 20s");
    let report = pair.end(caller).report;
    assert_eq!((report.satisfied, report.cause), (false, Some(17)));
    pair.end(phone);
    let phone = pair.answer(At::User, "8001", "ring 60s\nanswer");
    let caller = pair.call(At::Network, "8001", "wait answer within 10s");
    assert_eq!(pair.end(caller).report.fault.as_deref(), Some("no answer within 10s"));
    pair.end(phone);
    pair.run_until("all channels are idle", 20_000, |pair| pair.busy() == (0, 0));
}

#[test]
fn a_bad_line_costs_time_and_no_call() {
    for fault in ["late-signaling 100ms", "noise -40", "echo 20dB 30ms", "slip 1s", "bit-errors 1e-4"] {
        let mut pair = Pair::joined(1, "r2:cn");
        pair.run(500);
        pair.fault(fault);
        let phone = pair.answer(At::User, "8001", "answer\nwait hangup within 30s");
        let caller = pair.call(At::Network, "8001", "wait answer within 30s\npause 1s\nhang up");
        pair.end(caller).satisfied();
        pair.end(phone).satisfied();
        pair.run_until("all channels are idle", 20_000, |pair| pair.busy() == (0, 0));
    }
}

#[test]
fn silence_and_bits_that_are_stuck_or_bounce_end_a_call_and_leave_no_channel_stuck() {
    for fault in ["silence for 30s", "stuck-signaling from-box for 30s", "bounced-signaling 100% for 30s"] {
        let mut pair = Pair::joined(1, "r2:cn");
        pair.run(500);
        pair.fault(fault);
        let caller = pair.call(At::Network, "8001", "wait answer within 60s");
        let report = pair.end(caller).report;
        assert!(!report.satisfied && report.answered_ms.is_none(), "{fault}: {report:?}");
        // The fault is over by then.
        pair.run(30_000);
        pair.run_until("all channels are idle", 120_000, |pair| pair.busy() == (0, 0));
        a_call_succeeds(&mut pair, At::Network, At::User);
    }
}

#[test]
fn each_call_of_the_box_that_is_met_on_its_channel_goes_through_or_ends() {
    let mut pair = Pair::joined(1, "r2:cn");
    pair.run(500);
    pair.fault("glare 5555");
    let _phone = pair.answer(At::Network, "8001", PHONE);
    let caller = pair.call(At::User, "8001", CALLER);
    pair.run_until("they met", 2000, |pair| pair.faults().glares == 1);
    pair.fault("clear");
    pair.end(caller);
    pair.run_until("all channels are idle", 120_000, |pair| pair.busy() == (0, 0));
    a_call_succeeds(&mut pair, At::User, At::Network);
}
