//! Analog lines behind a channel bank, both ends, on a jumping clock.

mod jumping;

use jumping::{At, Pair};

/// Two lines, 62345601 and 62345602.
const BANK: &str = "loopstart:cn:lines=2";

#[track_caller]
fn is_idle_again(pair: &mut Pair) {
    pair.run_until("both lines are idle", 10_000, |pair| pair.busy() == (0, 0));
}

#[test]
fn a_call_rings_a_line_is_answered_and_hung_up_by_the_caller() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(
        At::User,
        "62345602",
        "ring 1s\nanswer\nwait keys 12#\nspeak en \"Hello.\"\nwait hangup within 10s",
    );
    let caller = pair.call(
        At::Network,
        "62345602",
        "wait answer within 20s\npause 500ms\npress 12#\nexpect en \"Hello.\" within 10s\nhang up",
    );
    let (caller, phone) = (pair.end(caller).satisfied(), pair.end(phone).satisfied());
    // The line of the number that is called, and no other.
    assert_eq!((caller.channel, phone.channel), (Some((0, 2)), Some((0, 2))));
    is_idle_again(&mut pair);
    let status = &pair.network.status()[0];
    assert_eq!((status.signaling.as_str(), status.link.as_str(), status.channels), ("loopstart", "up", 2));
}

#[test]
fn callers_are_named_as_each_country_does_it() {
    // FSK after the first ring, after a reversal, after a short ring; V.23 and Bell 202; digits before the first ring.
    for country in ["cn", "de", "us", "uk", "es", "tw", "br"] {
        let mut pair = Pair::joined(1, &format!("loopstart:{country}:lines=1"));
        let phone = pair.answer(At::User, "62345601", "answer\nwait hangup within 20s");
        let caller = pair.call(At::Network, "62345601", "wait answer within 20s\nhang up");
        pair.end(caller).satisfied();
        assert_eq!(pair.end(phone).satisfied().from.as_deref(), Some("13800138000"), "{country}");
    }
}

#[test]
fn a_telephone_in_a_call_is_told_of_another_and_the_call_goes_on() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(
        At::User,
        "62345601",
        "answer\nwait keys 9# within 20s\nspeak en \"Hello.\"\nwait hangup within 20s",
    );
    let caller = pair.call(
        At::Network,
        "62345601",
        "wait answer within 20s\npause 1s\ncall waiting 13900139000\npause 4s\npress 9#\nexpect en \"Hello.\" within 10s\nhang up",
    );
    pair.end(caller).satisfied();
    let phone = pair.end(phone);
    assert!(phone.heard.windows(160).any(|look| has_tones(look, [2130.0, 2750.0])), "it hears the alerting tone");
    // It consented by its digit, and read the message.
    assert_eq!(phone.satisfied().waiting.as_deref(), Some("13900139000"));
    // On a line that cannot say it the script is told so.
    let mut pair = Pair::pri(1);
    let _phone = pair.answer(At::User, "8001", "answer\nwait hangup within 20s");
    let caller = pair.call(At::Network, "8001", "wait answer\ncall waiting 13900139000\npause 1s");
    let fault = pair.end(caller).report.fault.expect("PRI has no such word");
    assert!(fault.contains("must be analog"), "{fault}");
}

#[test]
fn a_telephone_hears_the_dial_tone_dials_and_talks() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(At::Network, "8001", "ring 2s\nanswer\nspeak en \"Hello.\"\nwait hangup within 20s");
    let caller = pair.call(At::User, "8001", "expect en \"Hello.\" within 20s\nhang up");
    pair.end(caller).satisfied();
    pair.end(phone).satisfied();
    is_idle_again(&mut pair);
}

#[test]
fn with_tones_only_the_other_side_hangs_up_at_the_busy_tone() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(At::User, "62345601", "answer\npause 2s\nwait hangup within 20s");
    let caller = pair.call(At::Network, "62345601", "wait answer\npause 500ms\nhang up by tone busy within 10s");
    let (caller, phone) = (pair.end(caller).satisfied(), pair.end(phone));
    let took = caller.ended_ms - caller.answered_ms.expect("it was answered");
    // Two cadences of 700 ms, and what it takes to be sure.
    assert!((1500..5000).contains(&took), "{took} ms");
    assert!(phone.report.satisfied, "{:?}", phone.report);
    is_idle_again(&mut pair);
}

#[test]
fn lines_without_a_battery_drop_and_lines_that_reverse_work_too() {
    for kind in [
        "loopstart:cn:lines=1:tones-only",
        "loopstart:cn:lines=1:reversal",
        "loopstart:uk:lines=1",
        "loopstart:us:lines=1",
    ] {
        let mut pair = Pair::joined(1, kind);
        let phone = pair.answer(At::User, "62345601", "answer\nspeak en \"Hello.\"\nwait hangup within 20s");
        let caller = pair.call(At::Network, "62345601", "expect en \"Hello.\" within 20s\nhang up");
        pair.end(caller).satisfied();
        pair.end(phone).satisfied();
        pair.run_until("the line is idle", 20_000, |pair| pair.busy() == (0, 0));
        let phone = pair.answer(At::Network, "8001", "ring 2s\nanswer\nspeak en \"Hello.\"\nwait hangup within 30s");
        let caller = pair.call(At::User, "8001", "expect en \"Hello.\" within 20s\nhang up");
        pair.end(caller).satisfied();
        pair.end(phone).satisfied();
    }
}

#[test]
fn a_caller_that_gives_up_stops_the_ringing() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(At::User, "62345601", "ring 30s\nanswer\nwait hangup");
    let caller = pair.call(At::Network, "62345601", "wait answer within 8s");
    assert_eq!(pair.end(caller).report.fault.as_deref(), Some("no answer within 8s"));
    let phone = pair.end(phone).report;
    assert!(!phone.satisfied && phone.answered_ms.is_none(), "{phone:?}");
    is_idle_again(&mut pair);
}

#[test]
fn both_lines_ring_at_once_and_a_third_call_finds_none() {
    let mut pair = Pair::joined(1, BANK);
    let script = "wait answer within 20s\npause 1s\nhang up";
    let first = pair.call(At::Network, "4008001234", script);
    let second = pair.call(At::Network, "4008001234", script);
    let why = pair.try_call(At::Network, "4008001234", script).err().expect("there are two lines");
    assert!(why.contains("all channels are used"), "{why}");
    let channels = [first, second].map(|caller| pair.end(caller).satisfied().channel);
    assert_eq!(channels, [Some((0, 1)), Some((0, 2))]);
    is_idle_again(&mut pair);
}

#[test]
fn a_script_chooses_line_and_number_and_is_told_of_a_line_that_is_not_there() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(At::User, "62345602", "answer\nwait hangup within 20s");
    let caller = pair.call(At::Network, "1", "from 139 \"LI MING\"\non span 0 line 2\nwait answer within 20s\nhang up");
    assert_eq!(pair.end(caller).satisfied().channel, Some((0, 2)));
    assert_eq!(pair.end(phone).satisfied().from.as_deref(), Some("139"));
    for line in [0, 3, 16, 32] {
        let why = pair.try_call(At::Network, "1", &format!("on span 0 line {line}\nhang up")).err().expect("no line");
        assert!(why.contains(&format!("span 0 has no line {line}")), "{why}");
    }
}

#[test]
fn bits_that_come_late_or_bounce_cost_time_and_no_call() {
    for fault in ["late-signaling 150ms", "bounced-signaling 100%", "noise -50", "slip 500ms"] {
        let mut pair = Pair::joined(1, BANK);
        pair.fault(fault);
        let phone = pair.answer(At::User, "62345601", "answer\nspeak en \"Hello.\"\nwait hangup within 20s");
        let caller = pair.call(At::Network, "62345601", "wait answer within 30s\nhang up");
        pair.end(caller).satisfied();
        pair.end(phone);
        is_idle_again(&mut pair);
    }
}

#[test]
fn bits_that_are_stuck_leave_a_call_unanswered() {
    let mut pair = Pair::joined(1, BANK);
    pair.fault("stuck-signaling 1 from-box for 30s");
    let _phone = pair.answer(At::User, "62345601", "answer\nwait hangup within 60s");
    let caller = pair.call(At::Network, "62345601", "wait answer within 20s");
    assert_eq!(pair.end(caller).report.fault.as_deref(), Some("no answer within 20s"));
    assert!(pair.faults().signaling_stuck > 0);
    pair.run_until("both lines are idle", 60_000, |pair| pair.busy() == (0, 0));
}

#[test]
fn a_line_that_is_rung_as_the_box_seizes_it_is_answered() {
    let mut pair = Pair::joined(1, "loopstart:cn:lines=1");
    pair.fault("glare 62345601");
    let _caller = pair.call(At::User, "8001", "wait answer within 20s\nhang up");
    pair.run_until("they met", 2000, |pair| pair.faults().glares == 1);
    pair.fault("clear");
    pair.run_until("the line is idle", 60_000, |pair| pair.busy() == (0, 0) && pair.network.parties() == 0);
    let phone = pair.answer(At::User, "62345601", "answer\nwait hangup within 20s");
    let caller = pair.call(At::Network, "62345601", "wait answer within 20s\nhang up");
    pair.end(caller).satisfied();
    pair.end(phone).satisfied();
}

#[test]
fn what_the_called_telephone_hears_is_no_ringing_current_and_no_tone() {
    let mut pair = Pair::joined(1, BANK);
    let phone = pair.answer(At::User, "62345601", "answer\npause 1s\nhang up");
    let caller = pair.call(At::Network, "62345601", "wait answer within 20s\nwait hangup within 20s");
    pair.end(caller).satisfied();
    let heard = pair.end(phone).heard;
    let loudest = heard.iter().map(|sample| sample.unsigned_abs()).max();
    assert!(loudest < Some(100), "{loudest:?}");
}

/// Both tones are there, 20 ms of each at -30 dBm0 or more (Goertzel).
fn has_tones(look: &[i16], tones: [f32; 2]) -> bool {
    tones.iter().all(|hz| {
        let coefficient = 2.0 * (std::f32::consts::TAU * hz / 8000.0).cos();
        let (mut before, mut last) = (0.0_f32, 0.0_f32);
        for &sample in look {
            (before, last) = (last, f32::from(sample) + coefficient * last - before);
        }
        let power = last * last + before * before - coefficient * last * before;
        power.sqrt() * 2.0 / look.len() as f32 > 700.0
    })
}
