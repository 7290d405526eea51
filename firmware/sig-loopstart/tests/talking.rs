//! Answered calls: hang-ups by every means and at either end, flashes, waiting callers.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joint;

use base::{Cause, Digit, Digits};
use joint::{Joint, clearing, ms, number, released, voice};
use ports::call::{Inband, Number, Primitive, Refusal};
use sig_loopstart::{Evidence, Heard, Hook, LineFault, LineState, Report, Tone};

/// The party of a call goes on pressing keys while the box hangs up; the next call comes at once, and nobody names its caller.
#[test]
fn keys_of_the_last_call_name_no_caller() {
    let mut joint = Joint::with("us", |_| {}, |fxs| fxs.names_callers = false);
    joint.talk();
    joint.box_says(clearing());
    for key in ['0', '6', '*'] {
        joint.wait(300);
        joint.box_hears(Heard::Digit(Digit::new(key).unwrap()));
    }
    joint.wait(2000);
    joint.exchange_says(clearing());
    joint.wait(1000);
    joint.forget();
    joint.ring(Number::unknown(number("13800138000")));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    assert_eq!(joint.offered().map(|setup| setup.from.digits), Some(Digits::new()));
    joint.come_to_rest();
}

/// The exchange's party hangs up: the box knows it by this evidence, says so once, and its line comes back.
#[track_caller]
fn check_far_hang_up(joint: &mut Joint, longest: u64, is_right: impl Fn(&Evidence) -> bool) {
    joint.exchange_says(clearing());
    let expected = Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent };
    joint.until_box(longest, |primitive| *primitive == expected);
    let evidence: Vec<_> = joint
        .reports
        .iter()
        .filter_map(|report| match report {
            Report::HangUp(evidence) => Some(evidence.clone()),
            _ => None,
        })
        .collect();
    assert!(matches!(&evidence[..], [one] if is_right(one)), "{evidence:?}");
    assert_eq!(joint.exchange_primitives(), [released(Cause::NORMAL_CLEARING)]);
    joint.box_says(clearing());
    assert_eq!(joint.box_primitives(), [expected, released(Cause::NORMAL_CLEARING)]);
    assert_eq!(joint.hook, Hook::On);
    assert!(!joint.fxo.is_idle(), "the line rests first");
    joint.wait(2500);
    assert!(joint.fxo.is_idle() && joint.fxs.is_idle());
}

#[test]
fn the_far_party_hangs_up_and_the_battery_drops() {
    let mut joint = Joint::new("cn");
    joint.talk();
    check_far_hang_up(&mut joint, 200, |evidence| *evidence == Evidence::BatteryLost);
}

#[test]
fn the_far_party_hangs_up_and_the_line_is_reversed() {
    let mut joint = Joint::with("cn", |fxo| fxo.reversal_ends = true, |fxs| fxs.battery_drop = None);
    joint.talk();
    joint.line_is(LineState { reversed: true, ..LineState::QUIET });
    joint.wait(64);
    assert!(joint.reports.contains(&Report::HangUp(Evidence::Reversed)));
    joint.come_to_rest();
}

#[test]
fn the_far_party_hangs_up_and_there_is_a_tone() {
    let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.battery_drop = None);
    joint.talk();
    check_far_hang_up(&mut joint, 10_000, |evidence| matches!(evidence, Evidence::Tone(_)));
}

#[test]
fn a_tone_in_no_table_is_learned_from_three_calls() {
    let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.battery_drop = None);
    for call in 0..3 {
        joint.talk();
        joint.strange_tone(600, 250, 150, 8);
        assert_eq!(joint.reports, [], "call {call}: nobody knows it yet");
        // The caller of the box's line hears it too, and hangs up; so does the box.
        joint.come_to_rest();
        joint.wait(5000);
    }
    let learned = *joint.fxo.learned();
    assert_eq!(learned.tones.iter().filter(|tone| tone.calls == 3).count(), 1, "{learned:?}");
    // A line that is started anew with what was kept.
    joint = Joint::with("cn", |_| {}, |fxs| fxs.battery_drop = None);
    joint.fxo.teach(learned);
    joint.talk();
    joint.strange_tone(600, 250, 150, 8);
    assert!(
        matches!(&joint.reports[..], [Report::HangUp(Evidence::Tone(verdict))] if verdict.evidence.learned),
        "{:?}",
        joint.reports
    );
    joint.come_to_rest();
}

#[test]
fn the_far_party_hangs_up_and_there_is_nothing() {
    let mut joint = Joint::with("cn", |fxo| fxo.silence_limit = Some(ms(30_000)), |_| {});
    joint.talk();
    joint.wait(20_000);
    joint.box_hears(voice());
    joint.wait(40_000);
    assert!(joint.reports.is_empty(), "somebody speaks: {:?}", joint.reports);
    joint.box_hears(joint::silence());
    joint.wait(29_900);
    assert!(joint.reports.is_empty(), "{:?}", joint.reports);
    joint.wait(200);
    assert_eq!(joint.reports, [Report::HangUp(Evidence::Silence(ms(30_000)))]);
    joint.come_to_rest();
}

#[test]
fn a_break_shorter_than_its_limit_is_no_hang_up() {
    for (length, ends) in [(63, false), (64, true)] {
        let mut joint = Joint::new("cn");
        joint.talk();
        joint.line_is(LineState::DEAD);
        joint.wait(length);
        joint.line_is(LineState::QUIET);
        joint.wait(500);
        assert_eq!(joint.reports.contains(&Report::HangUp(Evidence::BatteryLost)), ends, "{length} ms");
        joint.come_to_rest();
    }
}

#[test]
fn current_that_bounces_while_the_loop_closes_is_no_hang_up() {
    for (bounces, ends) in [(299, false), (301, true)] {
        let mut joint = Joint::new("cn");
        joint.ring(Number::unknown(number("13800138000")));
        joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
        joint.box_says(Primitive::Connected);
        joint.wait(50);
        joint.line_is(LineState::DEAD);
        joint.wait(bounces - 50);
        joint.line_is(LineState::QUIET);
        joint.wait(1000);
        assert_eq!(joint.reports.contains(&Report::HangUp(Evidence::BatteryLost)), ends, "{bounces} ms");
        joint.come_to_rest();
    }
}

#[test]
fn the_box_hangs_up() {
    let mut joint = Joint::new("cn");
    joint.talk();
    joint.box_says(clearing());
    assert_eq!(joint.box_primitives(), [released(Cause::NORMAL_CLEARING)]);
    let told = joint.until_exchange(1000, |primitive| matches!(primitive, Primitive::Clearing { .. }));
    joint.exchange_says(clearing());
    joint.wait(3000);
    assert!(joint.fxo.is_idle() && joint.fxs.is_idle(), "{told:?}");
}

#[test]
fn a_line_guards_its_hang_up_before_the_next_call() {
    let mut joint = Joint::new("cn");
    joint.talk();
    joint.box_says(clearing());
    joint.wait(1790);
    assert_eq!(joint.fxo.call(joint.now, &joint::setup("", "114")), Err(Refusal::NoChannel));
    joint.wait(20);
    assert_eq!(joint.fxo.call(joint.now, &joint::setup("", "114")), Ok(()));
    joint.come_to_rest();
}

#[test]
fn a_telephone_that_comes_back_has_its_call_again() {
    let mut joint = Joint::new("cn");
    joint.talk();
    let end = joint.now + ms(1000);
    joint.fxs.handle_hook(joint.now, Hook::On);
    joint.until_exchange(1000, |primitive| matches!(primitive, Primitive::Clearing { .. }));
    joint.fxs.handle_hook(joint.now, Hook::Off);
    joint.until_exchange(100, |primitive| *primitive == Primitive::Reanswered);
    assert!(joint.now < end);
    joint.come_to_rest();
}

#[test]
fn a_flash_crosses_and_ends_nothing() {
    for code in ["cn", "us", "uk"] {
        let mut joint = Joint::new(code);
        joint.talk();
        joint.box_says(Primitive::Flash);
        joint.until_exchange(1000, |primitive| *primitive == Primitive::Flash);
        joint.wait(5000);
        assert_eq!(joint.exchange_primitives(), [Primitive::Flash], "{code}");
        assert_eq!(joint.box_primitives(), [], "{code}");
        assert_eq!(joint.hook, Hook::Off);
        joint.come_to_rest();
    }
}

#[test]
fn a_waiting_caller_is_named_while_the_box_talks() {
    let mut joint = Joint::new("cn");
    joint.talk();
    joint.fxs.call_waiting(joint.now, &Number::unknown(number("02087654321"))).unwrap();
    assert_eq!(joint.fxs.call_waiting(joint.now, &Number::default()), Err(Refusal::WrongState));
    joint.wait(5000);
    let named = joint.reports.iter().any(|report| match report {
        Report::CallWaiting(message) => message.number.digits.as_str() == "02087654321",
        _ => false,
    });
    assert!(named, "{:?}", joint.reports);
    assert_eq!((joint.box_primitives(), joint.exchange_primitives()), (vec![], vec![]));
    joint.come_to_rest();
}

#[test]
fn a_telephone_without_that_service_is_left_alone() {
    let mut joint = Joint::with("cn", |fxo| fxo.reads_waiting_callers = false, |_| {});
    joint.talk();
    joint.fxs.call_waiting(joint.now, &Number::unknown(number("02087654321"))).unwrap();
    joint.wait(1000);
    assert_eq!(joint.tone, None, "its tones are over");
    assert_eq!(joint.fxs.call_waiting(joint.now, &Number::default()), Ok(()), "and it can be told of the next");
    joint.come_to_rest();
}

#[test]
fn the_wire_breaks_in_a_call() {
    let mut joint = Joint::new("cn");
    joint.talk();
    joint.cut(true);
    joint.wait(500);
    assert_eq!(joint.reports, [Report::HangUp(Evidence::BatteryLost)]);
    let cleared = |primitive: &Primitive| matches!(primitive, Primitive::Clearing { .. });
    assert!(joint.box_primitives().iter().any(cleared) && joint.exchange_primitives().iter().any(cleared));
    joint.box_says(clearing());
    joint.exchange_says(clearing());
    joint.wait(3000);
    assert!(joint.reports.contains(&Report::Fault(LineFault::NoBattery)), "{:?}", joint.reports);
    assert_eq!(joint.fxo.call(joint.now, &joint::setup("", "114")), Err(Refusal::OutOfService));
    joint.cut(false);
    joint.wait(1000);
    assert!(joint.reports.contains(&Report::Recovered));
    joint.come_to_rest();
}

#[test]
fn a_model_that_says_nothing_does_not_hold_the_line() {
    let mut joint = Joint::new("cn");
    joint.talk();
    joint.exchange_says(clearing());
    joint.wait(33_000);
    assert!(joint.box_primitives().contains(&released(Cause::NORMAL_CLEARING)));
    assert!(joint.fxo.is_idle() && joint.fxs.is_idle());
}

#[test]
fn a_telephone_left_off_hook_is_howled_at_and_then_left_alone() {
    let mut joint = Joint::new("cn");
    joint.talk();
    // A telephone that nobody hangs up, whatever it hears.
    let mut telephone = joint.fxs.clone();
    let mut now = joint.now;
    let mut tones = Vec::new();
    telephone.line(now, clearing());
    while let Some(due) = telephone.deadline() {
        now = now.max(due);
        telephone.handle_timeout(now);
        while let Some(action) = telephone.poll_action() {
            if let sig_loopstart::LineAction::Do(sig_loopstart::Order::PlayTone(tone)) = action {
                tones.push(tone);
            }
        }
    }
    assert_eq!(tones, [Some(Tone::Busy), Some(Tone::Howler), None]);
    assert!(!telephone.is_idle() && !telephone.has_call());
    telephone.handle_hook(now, Hook::On);
    telephone.handle_timeout(now + ms(1000));
    assert!(telephone.is_idle());
}
