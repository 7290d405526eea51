//! Faults on order, while calls run between two networks on a jumping clock.

mod jumping;

use jumping::{At, Pair};

/// A telephone that says a word, late enough for an answer whose frames have to be repeated, and a caller that must hear it.
const PHONE: &str = "ring 500ms\nanswer\npause 3s\nspeak en \"Hello.\"\nwait hangup within 60s";
const CALLER: &str = "expect en \"Hello.\" within 30s\nhang up";

/// A call goes through, and both ends are idle after it.
#[track_caller]
fn a_call_succeeds(pair: &mut Pair) {
    let phone = pair.answer(At::User, "8001", PHONE);
    let caller = pair.call(At::Network, "8001", CALLER);
    pair.end(caller).satisfied();
    pair.end(phone).satisfied();
    pair.run_until("all channels are idle", 40_000, |pair| pair.busy() == (0, 0));
}

#[test]
fn calls_survive_lost_doubled_and_spoilt_frames() {
    assert_eq!(Pair::pri(1).network.status()[0].channels, 30);
    for fault in ["lost-frames 20%", "doubled-frames 50%", "bit-errors 2e-3 to-box"] {
        let mut pair = Pair::pri(1);
        pair.fault(fault);
        // Some of the frames of some calls are hit; the data link repeats what is lost.
        for _ in 0..5 {
            a_call_succeeds(&mut pair);
        }
        let faults = pair.faults();
        assert_eq!(faults.active[0].fault, fault);
        assert!(faults.frames_lost + faults.frames_doubled + faults.frames_spoilt > 0, "{fault}: {faults:?}");
    }
}

#[test]
fn a_fault_ends_by_itself_or_by_clear() {
    let mut pair = Pair::pri(1);
    pair.fault("d-channel down for 2s");
    pair.fault("noise -40");
    pair.fault("noise -35");
    let shown = |pair: &Pair| -> Vec<_> {
        pair.faults().active.into_iter().map(|active| (active.fault, active.left_ms)).collect()
    };
    assert_eq!(shown(&pair), [("d-channel down".to_owned(), Some(2000)), ("noise -35".to_owned(), None)]);
    pair.run(1990);
    assert_eq!(shown(&pair).len(), 2);
    pair.run(10);
    assert_eq!(shown(&pair), [("noise -35".to_owned(), None)]);
    pair.fault("clear");
    assert_eq!(shown(&pair), []);
    a_call_succeeds(&mut pair);
}

#[test]
fn a_d_channel_that_goes_down_in_a_call_leaves_the_talk_alone_and_comes_back() {
    let mut pair = Pair::pri(1);
    let phone = pair.answer(At::User, "8001", "answer\npause 20s\nspeak en \"Hello.\"\nwait hangup within 60s");
    let caller = pair.call(
        At::Network,
        "8001",
        "wait answer\nfault d-channel down for 15s\nexpect en \"Hello.\" within 40s\nhang up",
    );
    pair.run(14_000);
    assert_eq!(pair.network.status()[0].link, "down");
    pair.end(caller).satisfied();
    pair.end(phone).satisfied();
    assert!(pair.faults().frames_lost > 0);
    a_call_succeeds(&mut pair);
}

#[test]
fn calls_go_through_a_d_channel_that_flaps() {
    let mut pair = Pair::pri(1);
    pair.fault("d-channel flap 5s 500ms");
    for _ in 0..5 {
        a_call_succeeds(&mut pair);
    }
    assert!(pair.faults().frames_lost > 0);
}

#[test]
fn silence_and_lost_audio_are_what_the_caller_hears() {
    for fault in ["silence", "lost-audio 100%", "silence 1"] {
        let mut pair = Pair::pri(1);
        pair.fault(fault);
        let _phone = pair.answer(At::User, "8001", PHONE);
        let caller = pair.call(At::Network, "8001", "wait answer\nwait speech within 5s");
        let report = pair.end(caller).report;
        assert_eq!(
            (report.channel, report.fault.as_deref()),
            (Some((0, 1)), Some("nobody spoke within 5s")),
            "{fault}"
        );
    }
    let mut pair = Pair::pri(1);
    pair.fault("silence 2");
    a_call_succeeds(&mut pair);
}

#[test]
fn noise_echo_and_slips_are_on_the_line() {
    // RMS of what a caller hears of a telephone that says nothing, while the caller says something.
    let heard = |fault: &str| {
        let mut pair = Pair::pri(1);
        pair.fault(fault);
        let _phone = pair.answer(At::User, "8001", "answer\nwait hangup within 60s");
        let caller = pair.call(At::Network, "8001", "wait answer\nspeak en \"Hello, hello.\"\nhang up");
        let heard = pair.end(caller).heard;
        let power = heard.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / heard.len() as f64;
        (power.sqrt(), pair.faults().slips)
    };
    assert!(heard("clear").0 < 10.0);
    // -30 dBm0 is 33.14 dB below a full-scale sine.
    let noise = heard("noise -30 from-box").0;
    assert!((430.0..570.0).contains(&noise), "{noise}");
    assert!(heard("echo 6dB 40ms from-box").0 > 100.0);
    assert!(heard("slip 100ms from-box").1 >= 10);
}

#[test]
fn timers_that_are_too_fast_clear_a_call_that_nobody_answers() {
    let unanswered = |fault: &str| {
        let mut pair = Pair::pri(1);
        pair.fault(fault);
        let phone = pair.answer(At::User, "8001", "ring 60s\nanswer\nwait hangup within 60s");
        let caller = pair.call(At::Network, "8001", "wait answer within 90s\nhang up");
        let report = pair.end(caller).report;
        pair.end(phone);
        pair.run_until("all channels are idle", 60_000, |pair| pair.busy() == (0, 0));
        report
    };
    assert!(unanswered("clear").satisfied);
    let report = unanswered("wrong-timers 20x");
    assert!(!report.satisfied && report.ended_ms < 30_000, "{report:?}");
}

#[test]
fn each_call_of_the_box_is_met_by_one_on_its_channel() {
    let mut pair = Pair::pri(1);
    pair.fault("glare 5555");
    let phone = pair.answer(At::Network, "8001", "ring 500ms\nanswer\nspeak en \"Hello.\"\nwait hangup");
    let caller = pair.call(At::User, "8001", CALLER);
    pair.run(100);
    assert_eq!(pair.faults().glares, 1);
    // The box's call keeps the channel, and that of the network goes through on another (Q.931 §5.7).
    let reports = [caller, phone].map(|party| pair.end(party).satisfied());
    assert!(reports.iter().all(|report| report.channel == Some((0, 1))), "{reports:?}");
    assert_eq!((pair.network.parties(), pair.user.parties(), pair.busy()), (1, 1, (1, 1)));
    pair.run_until("both calls are over", 80_000, |pair| {
        (pair.network.parties(), pair.user.parties(), pair.busy()) == (0, 0, (0, 0))
    });
    pair.fault("clear");
    a_call_succeeds(&mut pair);
}

#[test]
fn a_script_that_orders_a_fault_of_no_span_is_told() {
    let mut pair = Pair::pri(1);
    let _phone = pair.answer(At::User, "8001", PHONE);
    let caller = pair.call(At::Network, "8001", "wait answer\nfault 3 silence\nexpect en \"Hello.\"");
    let report = pair.end(caller).report;
    assert_eq!(report.fault.as_deref(), Some("there is no span 3: spans are 0 to 0"));
}
