//! Calls out: by DTMF and by pulses, with and without a dial tone, their answers and their failures.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joint;

use base::Cause;
use joint::{Joint, clearing, ms, number, released, setup, voice};
use ports::call::{Address, Inband, Number, Primitive, Refusal};
use sig_loopstart::{DialStart, Dialling, Gathering, Hook, LineState, Report};

/// All that the exchange got of the number.
fn dialled(joint: &Joint) -> String {
    joint.exchange_told.iter().fold(String::new(), |text, (_, primitive)| match primitive {
        Primitive::Setup(setup) => text + setup.to.digits.as_str(),
        Primitive::Digits { digits, .. } => text + digits.as_str(),
        _ => text,
    })
}

/// This number reaches the exchange.
#[track_caller]
fn check_dialled(mut joint: Joint, to: &str) -> Joint {
    joint.dial(to);
    joint.until_box(60_000, |primitive| *primitive == Primitive::Proceeding);
    joint.wait(6000);
    assert_eq!(dialled(&joint), to);
    joint
}

fn whole(primitive: &Primitive) -> bool {
    matches!(primitive, Primitive::Digits { address: Address::Complete, .. })
}

#[test]
fn a_number_by_dtmf_digit_by_digit() {
    let joint = check_dialled(Joint::new("cn"), "013800138000");
    let first = joint.exchange_told.first().map(|(_, primitive)| *primitive);
    let Some(Primitive::Setup(offered)) = first else { panic!("{first:?}") };
    assert_eq!((offered.from.digits.as_str(), offered.address), ("62345678", Address::Open));
    assert!(joint.exchange_told.iter().any(|(_, primitive)| whole(primitive)), "its end is told");
}

#[test]
fn a_number_by_dtmf_all_at_once() {
    for (longest, to, expected) in [(20, "114", "114"), (3, "114", "114"), (20, "114#", "114")] {
        let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.gathering = Gathering::EnBloc { longest });
        joint.dial(to);
        joint.wait(12_000);
        assert_eq!(dialled(&joint), expected);
        let setups = joint.exchange_primitives();
        assert!(matches!(setups[..], [Primitive::Setup(setup)] if setup.address == Address::Complete), "{setups:?}");
        joint.come_to_rest();
    }
}

#[test]
fn a_number_by_pulses_in_every_country() {
    for row in sig_loopstart::COUNTRIES {
        let joint = Joint::with(row.code, |fxo| fxo.dialling = Dialling::Pulse, |_| {});
        check_dialled(joint, "1029384756").come_to_rest();
    }
}

#[test]
fn more_of_the_number_follows() {
    let mut joint = Joint::new("cn");
    joint.dial("02");
    joint.wait(300);
    for more in ["08", "7654"] {
        joint.box_says(Primitive::Digits { digits: number(more), address: Address::Open });
        joint.wait(2000);
    }
    joint.box_says(Primitive::Digits { digits: number("321"), address: Address::Complete });
    joint.wait(6000);
    assert_eq!(dialled(&joint), "02087654321");
    joint.come_to_rest();
}

#[test]
fn a_number_that_cannot_be_dialled_is_refused() {
    let mut joint = Joint::with("cn", |fxo| fxo.dialling = Dialling::Pulse, |_| {});
    assert_eq!(joint.fxo.call(joint.now, &setup("", "*21#")), Err(Refusal::NotSupported));
    let mut joint = Joint::new("cn");
    assert_eq!(joint.fxo.call(joint.now, &setup("", "+8610")), Err(Refusal::NotSupported));
    assert_eq!(joint.hook, Hook::On);
}

#[test]
fn the_dial_tone_does_not_come() {
    let dead = |dial_start| {
        let mut joint = Joint::with("cn", |fxo| fxo.dial_start = dial_start, |_| {});
        // The exchange is on the line but does not notice it.
        joint.deafen();
        joint.dial("114");
        joint.wait(5600);
        joint
    };
    let mut joint = dead(DialStart::DialTone(ms(5000)));
    assert_eq!(joint.reports, [Report::NoDialTone]);
    assert_eq!(joint.box_primitives(), [released(Cause::NETWORK_OUT_OF_ORDER)]);
    joint.wait(2000);
    assert!(joint.fxo.is_idle() && joint.hook == Hook::On);

    let mut joint = dead(DialStart::DialToneOrBlind(ms(5000)));
    joint.wait(1000);
    assert_eq!(joint.box_primitives(), [Primitive::Proceeding, Primitive::Progress(Inband::Audio)]);
}

#[test]
fn a_line_is_dialled_blind_after_its_wait() {
    let mut joint = Joint::with("cn", |fxo| fxo.dial_start = DialStart::Blind(ms(1000)), |_| {});
    joint = check_dialled(joint, "114");
    joint.come_to_rest();
}

/// Out, and the exchange's model says this; then the box is told so.
#[track_caller]
fn check_end(cause: Cause, expected: Cause) {
    let mut joint = check_dialled(Joint::with("cn", |_| {}, |fxs| fxs.battery_drop = None), "114");
    joint.exchange_says(Primitive::Clearing { cause, inband: Inband::Silent });
    let clearing = Primitive::Clearing { cause: expected, inband: Inband::Silent };
    joint.until_box(15_000, |primitive| *primitive == clearing);
    assert!(
        joint.reports.iter().any(|report| matches!(report, Report::Answer(_))),
        "the evidence: {:?}",
        joint.reports
    );
    joint.come_to_rest();
}

#[test]
fn a_busy_number_is_told_by_its_tone() {
    check_end(Cause::USER_BUSY, Cause::USER_BUSY);
}

#[test]
fn congestion_is_told_by_its_tone() {
    check_end(Cause::NO_CHANNEL, Cause::SWITCHING_CONGESTION);
}

#[test]
fn a_number_that_is_not_in_use_is_told_by_its_tone() {
    check_end(Cause::UNALLOCATED_NUMBER, Cause::UNALLOCATED_NUMBER);
}

#[test]
fn a_busy_number_is_told_by_its_tone_where_hang_ups_drop_the_battery_too() {
    let mut joint = check_dialled(Joint::new("cn"), "114");
    joint.exchange_says(clearing_busy());
    let busy = |primitive: &Primitive| *primitive == clearing_busy();
    joint.until_box(3000, busy);
    assert_eq!(joint.line, LineState::QUIET, "nobody hung up");
    joint.come_to_rest();
}

#[test]
fn a_call_that_fails_with_the_battery_dropped_ends() {
    let mut joint = check_dialled(Joint::new("cn"), "114");
    // Some exchanges drop it whatever was the end.
    joint.wait(1000);
    joint.line_is(LineState::DEAD);
    joint.until_box(500, |primitive| matches!(primitive, Primitive::Clearing { .. }));
    joint.line_is(LineState::QUIET);
    joint.come_to_rest();
}

#[test]
fn ringback_and_then_a_voice() {
    let mut joint = check_dialled(Joint::new("cn"), "114");
    joint.exchange_says(Primitive::Alerting(Inband::Silent));
    joint.until_box(12_000, |primitive| *primitive == Primitive::Alerting(Inband::Audio));
    joint.wait(6000);
    let alerted = joint.box_primitives().iter().filter(|primitive| matches!(primitive, Primitive::Alerting(_))).count();
    assert_eq!(alerted, 1, "told once");
    joint.exchange_says(Primitive::Connected);
    joint.wait(500);
    joint.box_hears(voice());
    joint.until_box(500, |primitive| *primitive == Primitive::Connected);
    joint.come_to_rest();
}

#[test]
fn ringback_that_does_not_come_again_was_answered() {
    let mut joint = check_dialled(Joint::new("cn"), "114");
    joint.exchange_says(Primitive::Alerting(Inband::Silent));
    joint.until_box(12_000, |primitive| *primitive == Primitive::Alerting(Inband::Audio));
    joint.wait(10_000);
    assert!(!joint.box_primitives().contains(&Primitive::Connected), "a pause of 4 s is none");
    joint.exchange_says(Primitive::Connected);
    let silent = joint.now;
    let told = joint.until_box(6500, |primitive| *primitive == Primitive::Connected);
    assert!((told - silent).as_millis() > 1000, "{:?}", told - silent);
    joint.come_to_rest();
}

#[test]
fn the_answer_is_a_reversal_and_nothing_else() {
    let mut joint = Joint::with(
        "cn",
        |fxo| (fxo.reversal_answers, fxo.voice_answers, fxo.reversal_ends) = (true, false, true),
        |fxs| fxs.reverses_on_answer = true,
    );
    joint = check_dialled(joint, "114");
    joint.exchange_says(Primitive::Alerting(Inband::Silent));
    joint.box_hears(voice());
    joint.wait(1000);
    assert!(!joint.box_primitives().contains(&Primitive::Connected), "an announcement is no answer");
    joint.exchange_says(Primitive::Connected);
    joint.until_box(200, |primitive| *primitive == Primitive::Connected);
    assert!(joint.line.reversed);
    joint.wait(1000);
    joint.line_is(LineState::QUIET);
    joint.until_box(200, |primitive| matches!(primitive, Primitive::Clearing { .. }));
    joint.come_to_rest();
}

#[test]
fn the_answer_is_assumed_after_a_while() {
    let mut joint = Joint::with("cn", |fxo| fxo.assumed_answer = Some(ms(8000)), |_| {});
    joint.dial("114");
    let sent = joint.until_box(10_000, |primitive| *primitive == Primitive::Proceeding);
    let answered = joint.until_box(10_000, |primitive| *primitive == Primitive::Connected);
    assert!((7990..8010).contains(&(answered - sent).as_millis()), "{:?}", answered - sent);
    joint.come_to_rest();
}

#[test]
fn a_call_that_nobody_answers_ends() {
    let mut joint = check_dialled(Joint::new("cn"), "114");
    joint.exchange_says(Primitive::Alerting(Inband::Silent));
    let cleared = Primitive::Clearing { cause: Cause::NO_ANSWER, inband: Inband::Silent };
    joint.until_box(185_000, |primitive| *primitive == cleared);
    joint.come_to_rest();
}

#[test]
fn the_box_gives_up_while_it_dials() {
    for (dialling, wait) in [(Dialling::Tone, 1100), (Dialling::Pulse, 1800)] {
        let mut joint = Joint::with("cn", |fxo| fxo.dialling = dialling, |_| {});
        joint.dial("99999999");
        joint.wait(wait);
        joint.box_says(clearing());
        assert_eq!(joint.box_primitives(), [released(Cause::NORMAL_CLEARING)]);
        assert_eq!(joint.hook, Hook::On);
        joint.come_to_rest();
    }
}

/// Both ends take the line within the same moment: the caller of the ring is not lost.
#[test]
fn a_line_that_is_rung_while_it_is_seized_has_one_call() {
    let mut joint = Joint::with("cn", |_| {}, |fxs| fxs.names_callers = false);
    joint.ring(Number::unknown(number("13800138000")));
    joint.dial("114");
    joint.until_box(500, |primitive| matches!(primitive, Primitive::Setup(_)));
    assert_eq!(joint.reports, [Report::Glare]);
    assert_eq!(joint.box_told[0].1, released(Cause::REQUESTED_CHANNEL_NOT_AVAILABLE));
    joint.until_exchange(100, |primitive| *primitive == Primitive::Connected);
    joint.box_says(Primitive::Connected);
    joint.forget();
    joint.wait(20_000);
    assert_eq!((joint.box_primitives(), joint.exchange_primitives()), (vec![], vec![]));
    joint.come_to_rest();
}

#[test]
fn a_line_seized_before_its_first_ring_calls_and_its_caller_finds_it_busy() {
    let mut joint = Joint::new("uk");
    joint.ring(Number::unknown(number("13800138000")));
    joint.dial("114");
    joint.until_exchange(500, |primitive| *primitive == released(Cause::USER_BUSY));
    joint.wait(10_000);
    assert_eq!(dialled(&joint), "114");
    joint.come_to_rest();
}

#[test]
fn a_line_that_may_be_rung_is_not_seized() {
    let mut joint = Joint::new("uk");
    joint.ring(Number::unknown(number("13800138000")));
    joint.wait(200);
    assert_eq!(joint.fxo.call(joint.now, &setup("", "114")), Err(Refusal::NoChannel), "it was reversed");
    let mut joint = Joint::new("cn");
    joint.ring(Number::unknown(number("13800138000")));
    joint.wait(10);
    assert_eq!(joint.fxo.call(joint.now, &setup("", "114")), Err(Refusal::NoChannel), "it rings");
    joint.come_to_rest();
}

#[test]
fn a_telephone_that_never_dials_is_told_so() {
    let mut joint = Joint::with("cn", |fxo| fxo.dial_start = DialStart::Blind(ms(60_000)), |_| {});
    joint.dial("114");
    let told = joint.until(17_000, |joint| joint.tone == Some(sig_loopstart::Tone::Congestion));
    assert!(told.as_millis() >= 17_000, "16 s after it was lifted: {told:?}");
    assert_eq!(joint.exchange_primitives(), [], "there is no call yet");
    joint.until_box(10_000, |primitive| *primitive == released(Cause::SWITCHING_CONGESTION));
    joint.come_to_rest();
}

#[test]
fn a_dead_line_takes_no_call() {
    let mut joint = Joint::new("cn");
    joint.cut(true);
    joint.wait(2000);
    assert_eq!(joint.fxo.call(joint.now, &setup("", "114")), Err(Refusal::OutOfService));
    joint.cut(false);
    joint.wait(200);
    assert_eq!(joint.fxo.call(joint.now, &setup("", "114")), Ok(()));
    joint.cut(true);
    joint.wait(1000);
    assert!(joint.box_primitives().contains(&released(Cause::NETWORK_OUT_OF_ORDER)));
    joint.cut(false);
    joint.come_to_rest();
}

const fn clearing_busy() -> Primitive {
    Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Silent }
}
