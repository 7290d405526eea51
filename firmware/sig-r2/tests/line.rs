//! The line's machine: bits, blocking, collisions, who ends a call, faults.

mod pair;

use base::{Cause, Instant};
use pair::{A, B, Pair, clearing, ms, setup};
use ports::call::{Inband, Primitive, Refusal};
use ports::span::Abcd;
use sig_r2::{
    Answer, Category, ChannelState, Control, Country, Direction, Hunt, R2Span, Release, Report, Settings, Timer, Tone,
};

const FREE: Primitive = Primitive::Alerting(Inband::Audio);
const CLEAR: Cause = Cause::NORMAL_CLEARING;

fn released(cause: Cause) -> Primitive {
    Primitive::Released { cause }
}

fn bits_of(pair: &Pair, end: usize, timeslot: u8) -> Vec<u8> {
    pair.desks[end].bits.iter().filter(|bits| bits.1 == timeslot).map(|bits| bits.2.bits()).collect()
}

fn opposite(settings: &mut Settings) {
    settings.hunt = Hunt::Downwards;
}

#[test]
fn a_chinese_call_has_these_bits() {
    let mut pair = Pair::new("cn");
    let (ours, _, timeslot) = pair.talk();
    pair.say(A, ours, clearing(CLEAR));
    pair.run(1000);
    assert_eq!(bits_of(&pair, A, timeslot), [0b1011, 0b0011, 0b1011]);
    assert_eq!(bits_of(&pair, B, timeslot), [0b1011, 0b1111, 0b0111, 0b1011]);
    pair.check_rest();
}

#[test]
fn bits_that_stand_shorter_than_20_ms_are_none_and_bits_c_and_d_are_nobodys_business() {
    for (stands, is_seized) in [(19, false), (20, true)] {
        let mut pair = Pair::new("itu");
        pair.show(B, 5, 0b0010);
        pair.run(stands);
        pair.show(B, 5, 0b1011);
        pair.run(50);
        assert_eq!(bits_of(&pair, B, 5).contains(&0b1101), is_seized, "{stands} ms");
    }
}

#[test]
fn a_channel_rests_100_ms_between_calls() {
    let mut pair = Pair::new("cn");
    let ours = pair.place(A, setup("139", "4008"), Some(7)).expect("it is idle");
    pair.run_to_offer();
    pair.say(A, ours, clearing(CLEAR));
    while pair.told(A, ours).last() != Some(&released(CLEAR)) {
        pair.run(1);
    }
    let over = pair.now;
    while pair.place(A, setup("139", "4008"), Some(7)) == Err(Refusal::NoChannel) {
        pair.run(1);
    }
    assert_eq!(pair.now - over, ms(100));
}

#[test]
fn a_channel_that_the_far_end_blocks_is_passed_over_until_it_is_free_again() {
    let mut pair = Pair::new("cn");
    pair.block(B, 1, true);
    pair.run(100);
    assert_eq!(pair.ends[A].channel_state(1), ChannelState::BlockedRemotely);
    assert_eq!(pair.ends[B].channel_state(1), ChannelState::Blocked);
    assert_eq!(pair.place(A, setup("139", "4008"), Some(1)), Err(Refusal::OutOfService));
    assert_eq!(pair.place(B, setup("139", "4008"), Some(1)), Err(Refusal::OutOfService));
    let (_, _, timeslot) = pair.talk();
    assert_eq!(timeslot, 2);
    pair.block(B, 1, false);
    pair.run(100);
    assert_eq!(pair.ends[A].channel_state(1), ChannelState::Idle);
}

#[test]
fn blocking_a_channel_in_a_call_lets_the_call_go_on() {
    let mut pair = Pair::new("cn");
    let (ours, _, timeslot) = pair.talk();
    pair.block(B, timeslot, true);
    pair.run(5000);
    assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Connected));
    pair.say(A, ours, clearing(CLEAR));
    pair.run(1000);
    assert_eq!(pair.ends[A].channel_state(timeslot), ChannelState::BlockedRemotely);
    pair.block(B, timeslot, false);
    pair.run(100);
    pair.check_rest();
}

#[test]
fn a_seizure_that_crosses_a_block_is_answered_by_congestion() {
    let mut pair = Pair::new("cn");
    pair.block(B, 9, true);
    let ours = pair.place(A, setup("139", "4008"), Some(9)).expect("the block is on its way");
    pair.run(2000);
    let ended = [clearing(Cause::SWITCHING_CONGESTION), released(Cause::SWITCHING_CONGESTION)];
    assert_eq!(pair.told(A, ours), ended);
    assert!(pair.offer(B).is_none());
    pair.block(B, 9, false);
    pair.run(500);
    pair.check_rest();
}

#[test]
fn the_outgoing_end_of_a_one_way_channel_keeps_its_block_to_itself() {
    let one_way = |direction| move |settings: &mut Settings| *settings = settings.with_direction(direction);
    let mut pair = Pair::with("itu", one_way(Direction::Outgoing), one_way(Direction::Incoming));
    assert_eq!(pair.place(B, setup("139", "4008"), None), Err(Refusal::OutOfService));
    pair.block(A, 3, true);
    pair.run(100);
    assert_eq!(pair.bits(A, 3), 0b1001);
    assert_eq!(pair.place(A, setup("139", "4008"), Some(3)), Err(Refusal::OutOfService));
    pair.block(A, 3, false);
    pair.talk();
}

#[test]
fn the_incoming_end_of_a_one_way_channel_answers_a_fault_with_a_block() {
    let one_way = |settings: &mut Settings| *settings = settings.with_direction(Direction::Incoming);
    let mut pair = Pair::with("itu", |_| {}, one_way);
    pair.show(B, 4, 0b1101);
    pair.run(50);
    assert_eq!((pair.bits(B, 4), pair.ends[B].channel_state(4)), (0b1101, ChannelState::BlockedRemotely));
    pair.show(B, 4, 0b1001);
    pair.run(50);
    assert_eq!((pair.bits(B, 4), pair.ends[B].channel_state(4)), (0b1001, ChannelState::Idle));
}

#[test]
fn both_calls_of_a_double_seizure_go_to_other_channels() {
    let mut pair = Pair::with("cn", |_| {}, opposite);
    // One channel alone is idle, and both take it.
    for timeslot in (1..=30).filter(|&timeslot| timeslot != 16 && timeslot != 5) {
        pair.block(A, timeslot, true);
    }
    pair.block(A, 31, true);
    pair.run(100);
    let ours = pair.dial("139", "4008");
    let theirs = pair.place(B, setup("138", "5008"), None).expect("timeslot 5 is idle");
    for timeslot in [1, 31] {
        pair.block(A, timeslot, false);
    }
    pair.run(2500);
    let calls = |end: usize| pair.ends[end].calls().collect::<Vec<_>>();
    assert!(calls(A).contains(&(ours, 31)), "{:?}", calls(A));
    assert!(calls(B).contains(&(theirs, 1)), "{:?}", calls(B));
    assert!(pair.has_report(A, Report::DoubleSeizure { moved_to: Some(31) }));
    assert!(pair.has_report(B, Report::DoubleSeizure { moved_to: Some(1) }));
    assert_eq!(pair.ends[A].channel_state(5), ChannelState::Idle);
    // Both held it for 100 ms.
    for end in [A, B] {
        let times: Vec<Instant> = pair.desks[end].bits.iter().filter(|bits| bits.1 == 5).map(|bits| bits.0).collect();
        assert!(times[2] - times[1] >= ms(100), "end {end} let go at once");
    }
    assert!(pair.offer(A).is_some() && pair.offer(B).is_some());
}

#[test]
fn a_double_seizure_of_a_channel_that_was_asked_for_ends_both_calls() {
    let mut pair = Pair::new("itu");
    let ours = pair.place(A, setup("139", "4008"), Some(5)).expect("it is idle");
    let theirs = pair.place(B, setup("138", "5008"), Some(5)).expect("it is idle");
    pair.run(1000);
    assert_eq!(pair.told(A, ours), [released(Cause::NO_CHANNEL)]);
    assert_eq!(pair.told(B, theirs), [released(Cause::NO_CHANNEL)]);
    pair.check_rest();
    pair.talk();
}

#[test]
fn a_seizure_that_nobody_acknowledges_is_tried_on_three_channels() {
    let mut pair = Pair::new("cn");
    pair.loses_bits[A] = true;
    let ours = pair.dial("139", "4008");
    let dialled = pair.now;
    pair.run(10_000);
    assert_eq!(pair.told(A, ours), [released(Cause::NO_CHANNEL)]);
    assert_eq!(pair.when(A, ours, released(Cause::NO_CHANNEL)) - dialled, ms(6000));
    assert!(pair.has_report(A, Report::Unacknowledged { moved_to: Some(2) }));
    assert!(pair.has_report(A, Report::Unacknowledged { moved_to: None }));
    assert_eq!(
        [1, 2, 3, 4].map(|timeslot| pair.ends[A].channel_state(timeslot)),
        [ChannelState::OutOfService, ChannelState::OutOfService, ChannelState::OutOfService, ChannelState::Idle,]
    );
    // The line is whole again: the late acknowledgements meet the seizures, which are cleared.
    pair.repair();
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn a_channel_whose_seizure_is_never_acknowledged_is_tried_again_after_half_a_minute() {
    let mut pair = Pair::new("cn");
    pair.loses_bits[A] = true;
    let _ours = pair.place(A, setup("139", "4008"), Some(8)).expect("it is idle");
    pair.run(31_900);
    assert_eq!(pair.ends[A].channel_state(8), ChannelState::OutOfService);
    pair.run(300);
    assert_eq!(pair.ends[A].channel_state(8), ChannelState::Idle);
}

#[test]
fn a_call_cleared_before_its_seizure_is_acknowledged_waits_for_that() {
    let mut pair = Pair::new("cn");
    let ours = pair.dial("139", "4008");
    pair.say(A, ours, clearing(CLEAR));
    assert_eq!(pair.bits(A, 1), 0b0011);
    pair.run(1000);
    assert_eq!(pair.told(A, ours), [released(CLEAR)]);
    assert_eq!(bits_of(&pair, B, 1), [0b1011, 0b1111, 0b1011]);
    assert!(pair.offer(B).is_none());
    pair.check_rest();
}

#[test]
fn under_first_party_control_the_callers_end_clears_as_soon_as_the_called_party_hangs_up() {
    let mut pair = Pair::new("cn");
    let (ours, theirs, timeslot) = pair.talk();
    pair.desks[A].is_stubborn = true;
    pair.say(B, theirs, clearing(CLEAR));
    pair.run(500);
    assert_eq!(pair.told(A, ours)[3..], [clearing(CLEAR), released(CLEAR)]);
    assert_eq!(bits_of(&pair, B, timeslot)[2..], [0b0111, 0b1111, 0b1011]);
    pair.check_rest();
}

#[test]
fn under_the_callers_control_a_called_party_can_come_back() {
    let mut pair = Pair::with("cn", |_| {}, |settings| settings.control = Control::Caller);
    let (ours, _, timeslot) = pair.talk();
    pair.desks[A].is_stubborn = true;
    pair.show(A, timeslot, 0b1111);
    pair.run(20_000);
    pair.show(A, timeslot, 0b0111);
    pair.run(100);
    assert_eq!(pair.told(A, ours)[3..], [clearing(CLEAR), Primitive::Reanswered]);
    // For good, and the caller does not hang up: a minute later the exchange does.
    pair.show(A, timeslot, 0b1111);
    pair.run(60_100);
    assert_eq!(pair.bits(A, timeslot), 0b1011);
    assert_eq!(pair.told(A, ours)[5], clearing(CLEAR));
    pair.run(2000);
    pair.repair();
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn the_called_party_is_seen_to_hang_up_before_the_channel_is_idle_unless_the_first_party_controls() {
    let check = |control: Control, expected: &[u8]| {
        let mut pair = Pair::with("cn", |_| {}, |settings| settings.control = control);
        let (ours, _, timeslot) = pair.talk();
        pair.say(A, ours, clearing(CLEAR));
        pair.run(1000);
        assert_eq!(bits_of(&pair, B, timeslot)[2..], *expected, "{control:?}");
        pair.check_rest();
    };
    check(Control::First, &[0b0111, 0b1011]);
    check(Control::Caller, &[0b0111, 0b1111, 0b1011]);
    check(Control::Called, &[0b0111, 0b1111, 0b1011]);
}

#[test]
fn an_emergency_service_holds_its_caller_until_it_hangs_up_itself() {
    let called = |settings: &mut Settings| settings.control = Control::Called;
    let patient = |settings: &mut Settings| settings.timers.release_guard = ms(60_000);
    let mut pair = Pair::with("cn", patient, called);
    let (ours, theirs, timeslot) = pair.talk();
    pair.desks[B].is_stubborn = true;
    pair.say(A, ours, clearing(CLEAR));
    pair.run(30_000);
    assert_eq!(pair.bits(B, timeslot), 0b0111);
    assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Connected));
    pair.say(B, theirs, clearing(CLEAR));
    pair.run(1000);
    assert_eq!(pair.told(A, ours).last(), Some(&released(CLEAR)));
    pair.check_rest();
}

#[test]
fn metering_pulses_are_charged_and_a_long_one_is_the_end() {
    let mut pair = Pair::new("ar");
    let (ours, theirs, _) = pair.talk();
    pair.say(B, theirs, Primitive::Charge(3));
    pair.run(5000);
    assert_eq!(pair.told(A, ours)[3..], [Primitive::Charge(1); 3]);
    pair.say(B, theirs, clearing(CLEAR));
    pair.run(400);
    assert_eq!(pair.told(A, ours).len(), 6);
    pair.run(1000);
    assert_eq!(pair.told(A, ours)[6..], [clearing(CLEAR), released(CLEAR)]);
    pair.check_rest();
    // Elsewhere there are none.
    let mut pair = Pair::new("itu");
    let (_, theirs, _) = pair.talk();
    pair.say(B, theirs, Primitive::Charge(3));
    assert_eq!(pair.told(B, theirs).last(), Some(&Primitive::Refused(Refusal::NotSupported)));
}

#[test]
fn a_double_answer_is_reported_and_ends_no_call() {
    let mut pair = Pair::with("br", |_| {}, |settings| settings.answer = Answer::Double);
    let (ours, theirs, timeslot) = pair.talk();
    pair.run(3000);
    assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Connected));
    assert!(pair.has_report(A, Report::DoubleAnswer));
    let times: Vec<(u64, u8)> = pair.desks[B]
        .bits
        .iter()
        .filter(|bits| bits.1 == timeslot)
        .skip(2)
        .map(|bits| (bits.0.as_millis(), bits.2.bits()))
        .collect();
    assert_eq!(times.iter().map(|time| time.1).collect::<Vec<_>>(), [0b0101, 0b1101, 0b0101]);
    assert_eq!((times[1].0 - times[0].0, times[2].0 - times[1].0), (400, 400));
    pair.say(B, theirs, clearing(CLEAR));
    pair.run(3000);
    pair.check_rest();
}

#[test]
fn a_double_answer_ends_a_call_that_the_called_party_would_pay() {
    let mut pair =
        Pair::with("br", |settings| settings.category = Category::Collect, |settings| settings.answer = Answer::Double);
    let ours = pair.dial("139", "4008");
    let (theirs, _) = pair.run_to_offer();
    pair.say(B, theirs, Primitive::Connected);
    pair.run(4000);
    assert_eq!(pair.told(A, ours)[2..], [Primitive::Connected, clearing(CLEAR), released(CLEAR)]);
    assert_eq!(pair.told(B, theirs).last(), Some(&released(CLEAR)));
    pair.check_rest();
}

#[test]
fn a_forced_release_ends_a_call_at_once() {
    let mut pair = Pair::with("ar", |_| {}, |settings| settings.release = Release::Forced);
    let (ours, theirs, timeslot) = pair.talk();
    pair.say(B, theirs, clearing(CLEAR));
    pair.run(300);
    assert!(bits_of(&pair, B, timeslot).contains(&0b0001));
    assert_eq!(pair.told(A, ours)[3..], [clearing(CLEAR), released(CLEAR)]);
    assert!(pair.has_report(A, Report::ForcedRelease));
    pair.run(500);
    pair.check_rest();
}

#[test]
fn an_answer_waits_until_the_register_signals_have_ended() {
    let mut pair = Pair::new("cn");
    let ours = pair.dial("139", "4008");
    let (theirs, _) = pair.run_to_offer();
    pair.say(B, theirs, Primitive::Proceeding);
    pair.say(B, theirs, Primitive::Connected);
    pair.run(3000);
    assert_eq!(pair.told(A, ours), [Primitive::Proceeding, FREE, Primitive::Connected]);
    let ringing = pair.when(A, ours, FREE);
    assert!(pair.when(A, ours, Primitive::Connected) - ringing >= ms(100));
}

#[test]
fn a_caller_hears_the_ringing_and_what_no_bits_can_say_any_more() {
    let check = |code: &str, ringing: Primitive, over: Primitive, expected: &[Option<Tone>]| {
        let mut pair = Pair::new(code);
        let ours = pair.dial("139", "4008");
        let (theirs, _) = pair.run_to_offer();
        pair.say(B, theirs, ringing);
        pair.run(3000);
        pair.say(B, theirs, over);
        pair.run(3000);
        pair.say(A, ours, clearing(CLEAR));
        pair.run(1000);
        let tones: Vec<_> = pair.desks[B].tones.iter().map(|tone| tone.1).collect();
        assert_eq!(tones, expected, "{ringing:?}, {over:?}");
        assert!(pair.desks[A].tones.is_empty(), "the caller's end has nothing to tell its own caller");
        pair.check_rest();
    };
    let ringing = Primitive::Alerting(Inband::Silent);
    let (ringback, busy, congestion) = (Some(Tone::Ringback), Some(Tone::Busy), Some(Tone::Congestion));
    check("cn", ringing, Primitive::Connected, &[ringback, None]);
    check("cn", ringing, clearing(Cause::NO_ANSWER), &[ringback, busy, None]);
    check("cn", ringing, clearing(Cause::SWITCHING_CONGESTION), &[ringback, congestion, None]);
    // The call model lets the caller hear something else.
    check("cn", Primitive::Alerting(Inband::Audio), clearing(Cause::USER_BUSY), &[busy, None]);
    check("cn", Primitive::Progress(Inband::Audio), Primitive::Connected, &[]);
    let announced = Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Audio };
    check("cn", ringing, announced, &[ringback, None]);
}

#[test]
fn an_answer_that_overtakes_the_register_is_an_answer() {
    let mut pair = Pair::new("cn");
    let ours = pair.dial("139", "4008");
    pair.run_to_offer();
    pair.show(A, 1, 0b0111);
    pair.run(50);
    assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Connected));
}

#[test]
fn a_far_end_that_is_idle_before_we_cleared_ends_the_call() {
    let mut pair = Pair::new("cn");
    let (ours, _, timeslot) = pair.talk();
    pair.show(A, timeslot, 0b1011);
    pair.run(500);
    assert_eq!(pair.told(A, ours)[3..], [clearing(CLEAR), released(CLEAR)]);
    assert!(pair.has_report(A, Report::ReleasedEarly));
    pair.check_rest();
}

#[test]
fn nobody_answers_for_two_minutes_and_the_call_is_cleared() {
    let mut pair = Pair::new("itu");
    let ours = pair.dial("139", "4008");
    let (theirs, _) = pair.run_to_offer();
    pair.say(B, theirs, Primitive::Alerting(Inband::Silent));
    pair.run(121_000);
    assert!(pair.has_report(A, Report::Expired(Timer::Answer)));
    assert_eq!(pair.told(A, ours)[2..], [clearing(Cause::NO_ANSWER), released(Cause::NO_ANSWER)]);
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn a_far_end_that_does_not_become_idle_takes_its_channel_out_of_service_until_it_does() {
    let mut pair = Pair::new("cn");
    let (ours, _, timeslot) = pair.talk();
    pair.loses_bits[B] = true;
    pair.say(A, ours, clearing(CLEAR));
    pair.run(2900);
    assert_eq!(pair.told(A, ours).len(), 3);
    pair.run(200);
    assert_eq!(pair.told(A, ours).last(), Some(&released(CLEAR)));
    assert!(pair.has_report(A, Report::Expired(Timer::ReleaseGuard)));
    assert_eq!(pair.ends[A].channel_state(timeslot), ChannelState::OutOfService);
    pair.repair();
    pair.run(500);
    assert!(pair.has_report(A, Report::Recovered));
    pair.check_rest();
}

#[test]
fn a_callers_end_that_does_not_clear_loses_its_call_after_a_minute() {
    let mut pair = Pair::with("itu", |_| {}, |_| {});
    let (ours, theirs, timeslot) = pair.talk();
    pair.loses_bits[B] = true;
    pair.say(B, theirs, clearing(CLEAR));
    pair.run(60_500);
    assert!(pair.has_report(B, Report::Expired(Timer::ClearBack)));
    assert_eq!(pair.told(B, theirs).last(), Some(&released(CLEAR)));
    assert_eq!(pair.ends[B].channel_state(timeslot), ChannelState::OutOfService);
    pair.repair();
    pair.say(A, ours, clearing(CLEAR));
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn two_ends_that_both_believe_to_be_called_let_each_other_go() {
    let mut pair = Pair::new("cn");
    // Seizures that nobody made.
    for end in [A, B] {
        pair.loses_bits[end] = true;
        pair.show(end, 6, 0b0011);
    }
    pair.run(100_000);
    assert_eq!([A, B].map(|end| pair.ends[end].channel_state(6)), [ChannelState::OutOfService; 2]);
    pair.repair();
    pair.run(500);
    pair.check_rest();
}

#[test]
fn a_call_model_that_says_nothing_holds_the_channel_for_five_seconds() {
    let mut pair = Pair::new("itu");
    let (ours, theirs, _) = pair.talk();
    pair.desks[B].is_stubborn = true;
    pair.say(A, ours, clearing(CLEAR));
    pair.run(2500);
    assert_eq!(pair.told(B, theirs).last(), Some(&clearing(CLEAR)));
    pair.run(4000);
    assert_eq!(pair.told(B, theirs).last(), Some(&released(CLEAR)));
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn an_answered_call_outlives_a_short_alarm_but_not_a_long_one() {
    for (lasts, survives) in [(2400, true), (2600, false)] {
        let mut pair = Pair::new("cn");
        let (ours, theirs, _) = pair.talk();
        for end in [A, B] {
            pair.alarm(end, true);
        }
        pair.run(lasts);
        for end in [A, B] {
            pair.alarm(end, false);
        }
        pair.run(500);
        for (end, call) in [(A, ours), (B, theirs)] {
            let told = pair.told(end, call);
            assert_eq!(told.last() == Some(&released(Cause::NETWORK_OUT_OF_ORDER)), !survives, "{lasts} ms: {told:?}");
        }
        if survives {
            pair.say(A, ours, clearing(CLEAR));
        }
        pair.run(1000);
        pair.check_rest();
    }
}

#[test]
fn behind_an_alarm_no_call_begins_and_the_far_end_is_kept_away() {
    let mut pair = Pair::new("cn");
    let ringing = pair.dial("139", "4008");
    pair.run(500);
    pair.alarm(A, true);
    assert_eq!(pair.told(A, ringing), [released(Cause::NETWORK_OUT_OF_ORDER)]);
    assert_eq!(pair.place(A, setup("139", "4008"), None), Err(Refusal::OutOfService));
    pair.run(100);
    assert_eq!(pair.place(B, setup("139", "4008"), Some(20)), Err(Refusal::OutOfService));
    assert_eq!(pair.ends[B].channel_state(20), ChannelState::BlockedRemotely);
    pair.alarm(A, false);
    pair.run(500);
    pair.check_rest();
    pair.talk();
}

#[test]
fn what_makes_no_sense_is_reported_and_does_not_matter() {
    let mut pair = Pair::new("cn");
    let (ours, theirs, timeslot) = pair.talk();
    pair.show(B, timeslot, 0b0111);
    pair.run(50);
    assert!(pair.has_report(B, Report::UnexpectedBits(Abcd::new(0b0111))));
    pair.show(B, timeslot, 0b0011);
    for primitive in [Primitive::Held, Primitive::Flash, Primitive::Info(pair::number("5"))] {
        pair.say(A, ours, primitive);
        pair.say(B, theirs, primitive);
        assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Refused(Refusal::NotSupported)));
        assert_eq!(pair.told(B, theirs).last(), Some(&Primitive::Refused(Refusal::NotSupported)));
    }
    pair.say(A, ours, clearing(CLEAR));
    pair.run(1000);
    pair.check_rest();
}

#[test]
fn timeslots_0_16_and_those_unused_carry_no_calls() {
    let mut settings = Settings::new(Country::ITU).with_direction(Direction::Unused);
    settings.directions[31] = Direction::BothWay;
    settings.directions[16] = Direction::BothWay;
    let mut span = Box::new(R2Span::new(settings));
    span.start(Instant::ZERO);
    let actions: Vec<_> = core::iter::from_fn(|| span.poll_action()).collect();
    assert_eq!(actions.len(), 2, "{actions:?}");
    for timeslot in [0, 1, 16, 32, 255] {
        span.handle_cas(Instant::ZERO, timeslot, Abcd::new(1));
        span.handle_mf(Instant::ZERO, timeslot, Some(1));
        assert_eq!(span.channel_state(timeslot), ChannelState::Absent);
        assert_eq!(span.call(Instant::ZERO, setup("1", "2"), Some(timeslot)), Err(Refusal::OutOfService));
    }
    assert!(span.call(Instant::ZERO, setup("1", "2"), None).is_ok());
    assert_eq!(span.calls().map(|call| call.1).collect::<Vec<_>>(), [31]);
}
