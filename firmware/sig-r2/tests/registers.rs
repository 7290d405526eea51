//! The registers' machines against a far end that does as it likes: time-outs, lost and crossing signals, requests out of turn.

mod pair;

use base::Cause;
use pair::{A, B, Pair, clearing, ms, setup};
use ports::call::Primitive;
use sig_r2::{Direction, Register, Report, Settings, Timer};

fn released(cause: Cause) -> Primitive {
    Primitive::Released { cause }
}

/// A call on timeslot 1 whose far end is the test: its seizure has been acknowledged.
fn alone(code: &str, to: &str) -> (Pair, sig_r2::CallHandle) {
    let one_way = |settings: &mut Settings| *settings = settings.with_direction(Direction::Unused);
    let mut pair = Pair::with(code, |_| {}, one_way);
    let ours = pair.place(A, setup("139", to), Some(1)).expect("it is idle");
    pair.show(A, 1, 0b1100);
    pair.run(50);
    (pair, ours)
}

/// Answers the forward signal that stands by a backward one, compelled; gives the forward signal that follows.
fn answer(pair: &mut Pair, signal: u8) -> Option<u8> {
    let before = pair.desks[A].signals.len();
    pair.sound(A, 1, Some(signal));
    pair.run(60);
    assert_eq!(pair.desks[A].signals.len(), before, "the next signal waits for the end of the request");
    pair.sound(A, 1, None);
    pair.desks[A].signals.get(before).map(|sent| sent.2)
}

fn first(pair: &Pair) -> u8 {
    let (_, register, signal) = pair.desks[A].signals[0];
    assert_eq!(register, Register::Forward);
    signal
}

#[test]
fn itu_requests_go_back_in_the_number() {
    let (mut pair, _) = alone("itu", "12345");
    assert_eq!(first(&pair), 1);
    assert_eq!([1, 1, 1].map(|signal| answer(&mut pair, signal)), [Some(2), Some(3), Some(4)]);
    // The last digit but one, but two, but three.
    assert_eq!(answer(&mut pair, 2), Some(3));
    assert_eq!([1, 1].map(|signal| answer(&mut pair, signal)), [Some(4), Some(5)]);
    assert_eq!(answer(&mut pair, 7), Some(3));
    assert_eq!([1, 1].map(|signal| answer(&mut pair, signal)), [Some(4), Some(5)]);
    assert_eq!(answer(&mut pair, 8), Some(2));
    // No further back than the first.
    assert_eq!([8, 8].map(|signal| answer(&mut pair, signal)), [Some(1), Some(1)]);
    // Who calls, to its end, and on with the number.
    assert_eq!([5; 5].map(|signal| answer(&mut pair, signal)), [Some(1), Some(1), Some(3), Some(9), Some(15)]);
    assert_eq!(answer(&mut pair, 1), Some(2));
    assert_eq!(answer(&mut pair, 13), Some(13), "no satellite is in the connection");
    assert_eq!([1, 1, 1, 1].map(|signal| answer(&mut pair, signal)), [Some(3), Some(4), Some(5), Some(15)]);
}

#[test]
fn chinese_a2_starts_the_number_anew_and_a6_the_caller() {
    let (mut pair, _) = alone("cn", "123");
    assert_eq!(answer(&mut pair, 1), Some(2));
    assert_eq!(answer(&mut pair, 2), Some(1));
    // KA, the number, its end; then A1 means the called number again.
    assert_eq!([6, 1, 1, 1, 1].map(|signal| answer(&mut pair, signal)), [Some(1), Some(1), Some(3), Some(9), Some(15)]);
    assert_eq!(answer(&mut pair, 1), Some(2));
    assert_eq!([6, 1].map(|signal| answer(&mut pair, signal)), [Some(1), Some(1)]);
    // The called number from its first digit, though the caller's was not sent to its end.
    assert_eq!([2, 1, 1].map(|signal| answer(&mut pair, signal)), [Some(1), Some(2), Some(3)]);
}

#[test]
fn group_a_can_end_a_call() {
    let check = |code: &str, signal: u8, cause: Cause| {
        let (mut pair, ours) = alone(code, "123");
        assert_eq!(answer(&mut pair, signal), None);
        pair.show(A, 1, 0b1000);
        pair.run(100);
        assert_eq!(pair.told(A, ours), [clearing(cause), released(cause)], "{code}: A{signal}");
    };
    check("itu", 4, Cause::SWITCHING_CONGESTION);
    check("itu", 15, Cause::SWITCHING_CONGESTION);
    check("cn", 4, Cause::SWITCHING_CONGESTION);
    check("cn", 5, Cause::UNALLOCATED_NUMBER);
    // It means nothing there.
    check("cn", 9, Cause::PROTOCOL_ERROR);
    check("mx", 5, Cause::PROTOCOL_ERROR);
}

#[test]
fn mexico_goes_from_group_c_back_to_the_called_number() {
    let (mut pair, _) = alone("mx", "123");
    assert_eq!([6, 1].map(|signal| answer(&mut pair, signal)), [Some(1), Some(1)]);
    assert_eq!([5, 1].map(|signal| answer(&mut pair, signal)), [Some(2), Some(3)]);
    assert_eq!([6, 3].map(|signal| answer(&mut pair, signal)), [Some(1), Some(1)]);
    assert_eq!(answer(&mut pair, 2), None);
    assert_eq!(pair.bits(A, 1), 0b1001);
}

#[test]
fn t1_ends_a_call_whose_signal_is_not_answered() {
    let (mut pair, ours) = alone("itu", "123");
    let began = pair.now;
    pair.run(16_000);
    assert!(pair.has_report(A, Report::Expired(Timer::T1)));
    let ended = pair.when(A, ours, clearing(Cause::SWITCHING_CONGESTION)) - began;
    assert!((ms(14_900)..=ms(15_000)).contains(&ended), "{ended:?}");
    pair.show(A, 1, 0b1001);
    pair.run(500);
    assert_eq!(pair.ends[A].calls().count(), 0);
}

#[test]
fn t1_ends_a_call_whose_request_never_ends() {
    let (mut pair, ours) = alone("itu", "123");
    pair.sound(A, 1, Some(1));
    pair.run(15_100);
    assert!(pair.has_report(A, Report::Expired(Timer::T1)));
    assert!(pair.told(A, ours).contains(&clearing(Cause::SWITCHING_CONGESTION)));
}

#[test]
fn t2_ends_a_call_of_which_nothing_is_asked() {
    let (mut pair, ours) = alone("cn", "1");
    assert_eq!(answer(&mut pair, 1), None);
    pair.run(29_900);
    assert!(pair.told(A, ours).is_empty());
    pair.run(200);
    assert!(pair.has_report(A, Report::Expired(Timer::T2)));
    assert_eq!(pair.told(A, ours), [clearing(Cause::SWITCHING_CONGESTION)]);
}

#[test]
fn t3_ends_a_call_that_never_dials_and_keeps_its_channel_until_it_clears() {
    let mut pair = Pair::with("itu", |_| {}, |settings| settings.timers.t3 = ms(8000));
    pair.loses_signals[A] = true;
    let ours = pair.dial("139", "4008");
    pair.run(20_000);
    assert!(pair.has_report(B, Report::Expired(Timer::T3)));
    // Its register said so by A4, which the caller's end takes for the answer to its signal.
    assert_eq!(pair.desks[B].signals.iter().map(|sent| sent.2).collect::<Vec<_>>(), [4]);
    assert!(pair.told(A, ours).contains(&released(Cause::SWITCHING_CONGESTION)));
    assert!(pair.offer(B).is_none());
    pair.check_rest();
}

#[test]
fn every_signal_of_a_dialogue_may_be_lost_and_no_channel_is_stuck() {
    for code in ["cn", "itu", "mx"] {
        for end in [A, B] {
            for lost_after in (0..3000).step_by(100) {
                let mut pair = Pair::with(code, |_| {}, |settings| settings.dnis_digits = Some(4));
                let ours = pair.dial("139", "4008");
                pair.run(lost_after);
                pair.loses_signals[end] = true;
                pair.run(25_000);
                pair.loses_signals[end] = false;
                pair.run(40_000);
                for (end, call) in [(A, Some(ours)), (B, pair.offer(B).map(|offer| offer.0))] {
                    if let Some(call) = call {
                        pair.say(end, call, clearing(Cause::NORMAL_CLEARING));
                    }
                }
                pair.run(70_000);
                pair.check_rest();
            }
        }
    }
}

#[test]
fn a_silence_too_short_to_be_heard_parts_two_signals() {
    let (mut pair, _) = alone("itu", "12345");
    // A receiver that goes from one signal to the next: A1, and at once A2, the digit before.
    pair.sound(A, 1, Some(1));
    pair.run(60);
    pair.sound(A, 1, Some(2));
    pair.run(60);
    pair.sound(A, 1, None);
    let sent: Vec<u8> = pair.desks[A].signals.iter().map(|sent| sent.2).collect();
    assert_eq!(sent, [1, 1]);
}

#[test]
fn a_signal_that_nothing_asked_for_is_150_ms_long_and_stands_alone() {
    let mut pair = Pair::with("cn", |_| {}, |settings| settings.dnis_digits = Some(11));
    let _ours = pair.dial("139", "4008");
    pair.run_to_offer();
    let sounds = &pair.desks[B].sounds;
    let place = sounds.iter().position(|sound| sound.2 == Some(3)).expect("A3 was sent");
    assert_eq!(sounds[place + 1].2, None);
    assert_eq!(sounds[place + 1].0 - sounds[place].0, ms(150));
    // After two seconds without a digit.
    assert_eq!(sounds[place].0 - sounds[place - 1].0, ms(2000));
}

#[test]
fn a_number_called_whole_after_its_last_digit_was_answered_costs_a_quarter_of_a_second() {
    let mut pair = Pair::new("cn");
    let _ours = pair.dial("139", "4008");
    let (theirs, _) = pair.run_to_offer();
    // The digit "8" was answered by A1, and nothing follows.
    pair.run(1500);
    let said = pair.now;
    pair.say(B, theirs, Primitive::Proceeding);
    pair.run(1000);
    let pulse = pair.desks[B].sounds.iter().find(|sound| sound.2 == Some(3)).expect("A3 was sent");
    assert_eq!(pulse.0 - said, ms(250));
}

#[test]
fn a_call_that_is_being_routed_is_free_after_five_seconds_and_not_before() {
    let mut pair = Pair::with("itu", |_| {}, |settings| settings.dnis_digits = Some(4));
    let _ours = pair.dial("139", "4008");
    let (theirs, _) = pair.run_to_offer();
    let offered = pair.when(B, theirs, Primitive::Setup(pair.offered(B).1));
    pair.say(B, theirs, Primitive::Proceeding);
    pair.run(6000);
    let free = pair.desks[B].sounds.iter().find(|sound| sound.2 == Some(6)).expect("B6 was sent");
    assert_eq!(free.0 - offered, ms(5000));
}

#[test]
fn a_digit_that_crosses_the_pulse_is_not_taken_for_the_category() {
    // The caller's end sends its last digit at the moment the other end gives up waiting for one.
    let mut pair = Pair::new("cn");
    let ours = pair.place(A, ports::call::Setup { address: ports::call::Address::Open, ..setup("139", "40") }, None);
    let ours = ours.expect("a channel is idle");
    let (theirs, _) = pair.run_to_offer();
    while pair.desks[B].signals.last().map(|sent| sent.2) != Some(3) {
        pair.run(5);
    }
    let digits = pair::number("9");
    pair.say(A, ours, Primitive::Digits { digits, address: ports::call::Address::Open });
    pair.run(1500);
    pair.say(B, theirs, Primitive::Proceeding);
    pair.say(B, theirs, Primitive::Connected);
    pair.run(1500);
    assert_eq!(pair.told(A, ours).last(), Some(&Primitive::Connected));
    let caller = |report: &(u8, Report)| matches!(report.1, Report::Caller { group_two_signal: Some(3), .. });
    assert!(pair.desks[B].reports.iter().any(caller), "{:?}", pair.desks[B].reports);
}

#[test]
fn marks_of_the_connection_are_no_digits() {
    let mut pair = Pair::with(
        "cn",
        |settings| *settings = settings.with_direction(Direction::Unused),
        |settings| {
            settings.dnis_digits = Some(3);
        },
    );
    pair.show(B, 1, 0b0011);
    pair.run(50);
    // KC 14 (satellite), 4, its caller (KA 1, the number withheld), 0, 9, KD 3.
    for signal in [14, 4, 1, 15, 10, 9, 3] {
        pair.sound(B, 1, Some(signal));
        pair.run(50);
        pair.sound(B, 1, None);
        pair.run(50);
    }
    let (_, offered) = pair.offered(B);
    assert_eq!(offered.to.digits.as_str(), "409");
    let asked: Vec<u8> = pair.desks[B].signals.iter().map(|sent| sent.2).collect();
    assert_eq!(asked, [1, 6, 1, 1, 1, 3]);
}

#[test]
fn a_far_end_that_never_says_who_calls_is_passed_over() {
    let mut pair = Pair::with(
        "cn",
        |settings| *settings = settings.with_direction(Direction::Unused),
        |settings| {
            settings.dnis_digits = Some(2);
        },
    );
    pair.show(B, 1, 0b0011);
    pair.run(50);
    pair.sound(B, 1, Some(4));
    pair.run(50);
    pair.sound(B, 1, None);
    // A6 is not answered: A1 comes as a pulse, 150 ms long.
    pair.run(2010);
    assert_eq!(pair.desks[B].signals.iter().map(|sent| sent.2).collect::<Vec<_>>(), [6, 1]);
    pair.run(200);
    for signal in [10, 3] {
        pair.sound(B, 1, Some(signal));
        pair.run(50);
        pair.sound(B, 1, None);
        pair.run(50);
    }
    assert_eq!(pair.offered(B).1.to.digits.as_str(), "40");
}
