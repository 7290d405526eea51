//! Calls in: who calls, by every way an exchange has to say it, and every way a call comes to be or not to be.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joint;

use base::Cause;
use dsp_progress::Kind;
use joint::{Joint, clearing, ms, number, released};
use ports::call::{Inband, Number, Presentation, Primitive};
use sig_loopstart::{CallerIdWait, Evidence, Hook, LineFault, LineState, Parallel, Report, Tone};

const CALLER: &str = "13800138000";

/// A call of `CALLER` in this country is offered with his number before this ring is over, and can be answered.
#[track_caller]
fn check_caller_id(code: &str, rings: u32) {
    let mut joint = Joint::new(code);
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    let offered = joint.offered().unwrap();
    assert_eq!(offered.from.digits.as_str(), CALLER, "{code}");
    assert_eq!(offered.to.digits.as_str(), "62345678");
    assert_eq!(joint.rings, rings, "{code}: offered at the wrong ring");
    assert!(joint.reports.iter().any(|report| matches!(report, Report::CallerId(_))), "{code}");
    joint.box_says(Primitive::Connected);
    joint.until_exchange(500, |primitive| *primitive == Primitive::Connected);
    joint.come_to_rest();
}

#[test]
fn fsk_between_the_rings_bell_202() {
    check_caller_id("cn", 1);
}

#[test]
fn fsk_between_the_rings_v23() {
    check_caller_id("de", 1);
}

#[test]
fn fsk_after_a_double_ring() {
    check_caller_id("au", 2);
}

#[test]
fn fsk_after_a_reversal_and_an_alert() {
    check_caller_id("uk", 1);
}

#[test]
fn fsk_after_a_ring_that_calls_nobody() {
    check_caller_id("es", 2);
}

#[test]
fn dtmf_in_front_of_the_first_ring() {
    check_caller_id("tw", 1);
}

#[test]
fn dtmf_after_a_reversal() {
    check_caller_id("br", 1);
}

/// Every country's way, ring and times: nothing is set on the box's side but its own.
#[test]
fn every_country_names_its_callers_to_a_line_set_for_china() {
    for row in sig_loopstart::COUNTRIES {
        let mut joint = Joint::with(row.code, |fxo| fxo.country = sig_loopstart::Country::CHINA, |_| {});
        joint.ring(Number::unknown(number(CALLER)));
        joint.until_box(14_000, |primitive| matches!(primitive, Primitive::Setup(_)));
        let named = row.caller_id != sig_loopstart::CallerIdMethod::NONE;
        let expected = if named { CALLER } else { "" };
        assert_eq!(joint.offered().unwrap().from.digits.as_str(), expected, "{}", row.code);
        joint.come_to_rest();
    }
}

#[test]
fn a_caller_who_hides_is_offered_as_one() {
    for code in ["cn", "br"] {
        let mut joint = Joint::new(code);
        let hidden = Number { presentation: Presentation::Restricted, ..Number::default() };
        joint.ring(hidden);
        joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
        assert_eq!(joint.offered().unwrap().from.presentation, Presentation::Restricted, "{code}");
        joint.come_to_rest();
    }
}

#[test]
fn nobody_says_who_calls_and_the_second_ring_offers_the_call() {
    let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.names_callers = false);
    joint.ring(Number::unknown(number(CALLER)));
    let at = joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    assert!((6060..6120).contains(&at.as_millis()), "at {at:?}: the second ring begins at 6 s");
    assert_eq!(joint.offered().unwrap().from.presentation, Presentation::Unavailable);
    joint.come_to_rest();
}

#[test]
fn a_line_without_the_service_offers_at_once() {
    let mut joint = Joint::with("cn", |fxo| fxo.caller_id = CallerIdWait::No, |_| {});
    joint.ring(Number::unknown(number(CALLER)));
    let at = joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    assert!(at.as_millis() < 1100, "at {at:?}: the first ring begins at 1 s");
    // The name that comes all the same is kept for the records.
    joint.wait(5000);
    assert!(joint.reports.iter().any(|report| matches!(report, Report::CallerId(_))));
    joint.come_to_rest();
}

#[test]
fn a_caller_gives_up_between_two_rings() {
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    joint.forget();
    joint.until(10_000, |joint| joint.rings == 3 && !joint.line.ringing);
    let last = joint.now;
    joint.exchange_says(clearing());
    assert_eq!(joint.exchange_primitives(), [released(Cause::NORMAL_CLEARING)]);
    let gone = joint.until_box(10_000, |primitive| matches!(primitive, Primitive::Released { .. }));
    assert!((6000..6200).contains(&(gone - last).as_millis()), "gone after {:?}", gone - last);
    assert_eq!(joint.box_primitives(), [released(Cause::NORMAL_CLEARING)]);
    assert!(joint.fxo.is_idle(), "a line that was not answered needs no rest");
    joint.come_to_rest();
}

#[test]
fn a_caller_gives_up_before_the_call_was_offered_and_nobody_hears_of_it() {
    let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.names_callers = false);
    joint.ring(Number::unknown(number(CALLER)));
    // After the first ring, in the midst of which the wait for a caller id began.
    joint.wait(1500);
    joint.exchange_says(clearing());
    joint.wait(20_000);
    assert_eq!(joint.box_primitives(), []);
    joint.come_to_rest();
}

#[test]
fn a_caller_who_hung_up_before_the_answer_is_known_by_the_dial_tone() {
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    joint.exchange_says(clearing());
    joint.wait(1000);
    joint.box_says(Primitive::Connected);
    joint.until_box(4000, |primitive| matches!(primitive, Primitive::Clearing { .. }));
    let evidence =
        |report: &Report| matches!(report, Report::HangUp(Evidence::Tone(verdict)) if verdict.kind == Kind::DialTone);
    assert!(joint.reports.iter().any(evidence), "{:?}", joint.reports);
    joint.come_to_rest();
}

#[test]
fn a_dial_tone_later_in_a_call_is_the_parties_own() {
    let mut joint = Joint::new("cn");
    joint.talk();
    joint.wait(5000);
    joint.tone_is(Some(Tone::Dial));
    joint.wait(10_000);
    assert_eq!(joint.box_primitives(), []);
    joint.come_to_rest();
}

#[test]
fn a_call_is_answered_in_the_midst_of_a_ring() {
    let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.names_callers = false);
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    assert!(joint.line.ringing, "the second ring has just begun");
    joint.box_says(Primitive::Connected);
    joint.until_exchange(200, |primitive| *primitive == Primitive::Connected);
    assert_eq!(joint.line, LineState::QUIET, "ringing is tripped");
    joint.forget();
    joint.wait(60_000);
    assert_eq!((joint.box_primitives(), joint.exchange_primitives()), (vec![], vec![]), "the call lives");
    joint.come_to_rest();
}

#[test]
fn a_call_is_declined_and_rings_on_until_its_caller_gives_up() {
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    joint.forget();
    joint.box_says(Primitive::Clearing { cause: Cause::CALL_REJECTED, inband: Inband::Silent });
    assert_eq!(joint.box_primitives(), [released(Cause::CALL_REJECTED)]);
    joint.wait(30_000);
    assert_eq!(joint.box_primitives(), [released(Cause::CALL_REJECTED)], "it is not offered again");
    assert!(!joint.fxo.is_idle() && joint.rings > 5);
    joint.exchange_says(clearing());
    joint.wait(7000);
    assert!(joint.fxo.is_idle());
}

#[test]
fn a_call_that_is_answered_elsewhere_is_over_for_the_box() {
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    joint.fxo.handle_parallel(joint.now, Parallel::OffHook);
    joint.wait(1100);
    assert!(joint.box_primitives().contains(&released(Cause::NORMAL_CLEARING)));
    assert!(joint.reports.contains(&Report::Fault(LineFault::InUse)));
    joint.fxo.handle_parallel(joint.now, Parallel::OnHook);
    joint.wait(1100);
    assert!(joint.reports.contains(&Report::Recovered));
    joint.come_to_rest();
}

#[test]
fn a_ring_shorter_than_64_ms_is_none() {
    for (length, is_ring) in [(63, false), (64, true)] {
        let mut joint = Joint::with("cn", |fxo| fxo.caller_id = CallerIdWait::No, |_| {});
        joint.line_is(LineState { ringing: true, ..LineState::QUIET });
        joint.wait(length);
        joint.line_is(LineState::QUIET);
        joint.wait(200);
        assert_eq!(joint.offered().is_some(), is_ring, "{length} ms");
        joint.wait(7000);
        assert_eq!(joint.box_primitives().contains(&released(Cause::NORMAL_CLEARING)), is_ring);
    }
}

#[test]
fn the_wire_breaks_while_it_rings() {
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number(CALLER)));
    joint.until_box(12_000, |primitive| matches!(primitive, Primitive::Setup(_)));
    joint.cut(true);
    joint.wait(1200);
    assert!(joint.box_primitives().contains(&released(Cause::NETWORK_OUT_OF_ORDER)));
    assert!(joint.reports.contains(&Report::Fault(LineFault::NoBattery)));
    joint.exchange_says(clearing());
    joint.cut(false);
    joint.wait(1000);
    assert!(joint.reports.contains(&Report::Recovered));
    joint.come_to_rest();
}

#[test]
fn an_exchange_clears_the_wait_for_an_answer_itself_when_nobody_comes() {
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number(CALLER)));
    let given_up = joint.until_exchange(250_000, |primitive| *primitive == released(Cause::NO_ANSWER));
    assert_eq!(given_up - base::Instant::from_millis(1000), ms(240_000));
    joint.come_to_rest();
    assert_eq!(joint.hook, Hook::On);
}
