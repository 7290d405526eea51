//! Calls between a user and a network over real data links.

mod pair;

use base::Cause;
use pair::{BOTH, NETWORK, Pair, USER, clearing, digits, released, setup};
use ports::call::{Address, Bearer, Inband, Number, NumberKind, Primitive, Refusal, Setup};
use sig_pri::ChannelState;
use sig_q931::wire::{MessageType as M, Preference};
use sig_q931::{Overlap, State};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_call_runs_from_setup_to_release_complete_both_ways() {
    for from in BOTH {
        let to = 1 - from;
        let mut pair = Pair::new();
        let wanted = Setup {
            redirecting: Some(Number { kind: NumberKind::Subscriber, ..Number::unknown(digits("62345678")) }),
            bearer: Bearer::Audio,
            ..setup("4008001234")
        };
        let ours = pair.call(from, wanted, Some(9));
        pair.settle();
        let (theirs, channel, offered) = pair.offered(to);
        assert_eq!(
            (channel, offered.from, offered.to, offered.redirecting, offered.bearer),
            (9, wanted.from, wanted.to, wanted.redirecting, wanted.bearer)
        );
        assert_eq!(pair.ends[from].channel_state(9), ChannelState::Outgoing);
        assert_eq!(pair.ends[to].channel_state(9), ChannelState::Incoming);

        pair.say(to, theirs, Primitive::Proceeding);
        pair.say(to, theirs, Primitive::Alerting(Inband::Audio));
        pair.say(to, theirs, Primitive::Connected);
        let so_far = [Primitive::Proceeding, Primitive::Alerting(Inband::Audio), Primitive::Connected];
        assert_eq!(pair.heard(from, ours), so_far);
        for end in BOTH {
            assert_eq!(pair.ends[end].channel_state(9), ChannelState::Connected);
        }

        pair.say(from, ours, clearing(Cause::NORMAL_CLEARING));
        assert_eq!(pair.heard(to, theirs).last(), Some(&clearing(Cause::NORMAL_CLEARING)));
        pair.say(to, theirs, released(Cause::NORMAL_CLEARING));
        for (end, call) in [(from, ours), (to, theirs)] {
            assert_eq!(pair.heard(end, call).last(), Some(&released(Cause::NORMAL_CLEARING)));
        }
        pair.assert_idle();
        assert_eq!(pair.now.as_millis(), 0, "no timer was needed");
    }
}

#[test]
fn the_messages_of_a_call_are_the_standards() {
    let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Refused);
    let ([ours, theirs], _) = pair.answered(USER);
    pair.say(NETWORK, theirs, clearing(Cause::NORMAL_CLEARING));
    pair.say(USER, ours, released(Cause::NORMAL_CLEARING));
    assert_eq!(pair.sent[USER], [M::Setup, M::ConnectAcknowledge, M::Release]);
    assert_eq!(pair.sent[NETWORK], [M::CallProceeding, M::Connect, M::Disconnect, M::ReleaseComplete]);
}

#[test]
fn a_called_user_waits_for_connect_acknowledge_and_the_network_does_not() {
    let mut pair = Pair::new();
    pair.call(NETWORK, setup("8001"), None);
    pair.settle();
    let (theirs, ..) = pair.offered(USER);
    pair.ends[USER].line(pair.now, theirs, Primitive::Connected);
    pair.collect();
    let state = |pair: &Pair| pair.ends[USER].calls().next().map(|(_, state, _)| state);
    assert_eq!(state(&pair), Some(State::ConnectRequest));
    pair.settle();
    assert_eq!(state(&pair), Some(State::Active));
    assert_eq!(pair.sent[NETWORK].last(), Some(&M::ConnectAcknowledge));
}

#[test]
fn digits_one_by_one_towards_the_network_and_towards_the_user() {
    for from in BOTH {
        let to = 1 - from;
        let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Received);
        let ours = pair.call(from, Setup { address: Address::Open, ..setup("80") }, None);
        // Before SETUP ACKNOWLEDGE: kept until it comes.
        let more = |text, address| Primitive::Digits { digits: digits(text), address };
        pair.ends[from].line(pair.now, ours, more("0", Address::Open));
        pair.settle();
        let (theirs, _, offered) = pair.offered(to);
        assert_eq!((offered.to.digits, offered.address), (digits("80"), Address::Open));
        pair.say(from, ours, more("1", Address::Open));
        pair.say(from, ours, more("23", Address::Complete));
        let expected = [more("0", Address::Open), more("1", Address::Open), more("23", Address::Complete)];
        assert_eq!(pair.heard(to, theirs)[1..], expected);
        pair.say(to, theirs, Primitive::Proceeding);
        pair.say(from, ours, more("4", Address::Open));
        assert_eq!(pair.heard(from, ours), [Primitive::Proceeding], "digits past the end are no fault");
        assert_eq!(pair.sent[from].iter().filter(|&&kind| kind == M::Information).count(), 3);
    }
}

#[test]
fn after_t302_the_number_counts_as_whole() {
    let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Received);
    pair.call(USER, Setup { address: Address::Open, ..setup("80") }, None);
    pair.settle();
    let (theirs, ..) = pair.offered(NETWORK);
    let whole = Primitive::Digits { digits: digits(""), address: Address::Complete };
    pair.pass(Duration::from_millis(14_999));
    assert!(!pair.heard(NETWORK, theirs).contains(&whole));
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.heard(NETWORK, theirs).last(), Some(&whole));
    pair.pass(60 * SECOND);
    pair.assert_idle();
}

#[test]
fn a_caller_who_stops_dialling_is_cleared_by_t304() {
    let mut pair = Pair::with(|parameters| {
        parameters.overlap = Overlap::Received;
        parameters.timers.t302 = Duration::from_secs(100);
    });
    let ours = pair.call(USER, Setup { address: Address::Open, ..setup("80") }, None);
    pair.settle();
    pair.pass(29 * SECOND);
    assert!(pair.heard(USER, ours).is_empty());
    pair.pass(SECOND);
    assert_eq!(pair.heard(USER, ours)[0], clearing(Cause::RECOVERY_ON_TIMER_EXPIRY));
}

#[test]
fn both_ends_seize_the_same_channel_and_both_calls_are_set_up() {
    let mut pair = Pair::new();
    let ours = pair.call(USER, setup("10086"), Some(7));
    let networks = pair.call(NETWORK, setup("8001"), Some(7));
    pair.settle();
    let (at_user, user_channel, _) = pair.offered(USER);
    let (at_network, network_channel, _) = pair.offered(NETWORK);
    assert_eq!(user_channel, 7, "the network's call has the channel");
    assert_ne!(network_channel, 7, "the user's call has another");
    for (end, call) in [(USER, at_user), (NETWORK, at_network)] {
        pair.say(end, call, Primitive::Connected);
    }
    assert_eq!(pair.heard(USER, ours), [Primitive::Connected]);
    assert_eq!(pair.heard(NETWORK, networks), [Primitive::Connected]);
    let word = pair.told[USER].iter().find(|word| word.call == ours).expect("heard of it");
    assert_eq!(word.channel, Some(network_channel), "both ends mean the same channel");
}

#[test]
fn an_exclusive_channel_lost_to_the_network_ends_the_users_call_with_44() {
    let mut pair = Pair::with(|parameters| parameters.preference = Preference::Exclusive);
    let ours = pair.call(USER, setup("10086"), Some(7));
    let networks = pair.call(NETWORK, setup("8001"), Some(7));
    pair.settle();
    assert_eq!(pair.heard(USER, ours), [released(Cause::REQUESTED_CHANNEL_NOT_AVAILABLE)]);
    let (at_user, channel, _) = pair.offered(USER);
    assert_eq!(channel, 7);
    pair.say(USER, at_user, Primitive::Connected);
    assert_eq!(pair.heard(NETWORK, networks), [Primitive::Connected]);
}

#[test]
fn thirty_calls_fill_the_span_and_the_next_finds_no_channel() {
    let mut pair = Pair::new();
    for n in 0..30 {
        pair.answered(n % 2);
    }
    for end in BOTH {
        assert_eq!(pair.ends[end].call(pair.now, setup("1"), None), Err(Refusal::NoChannel));
        assert!(pair::bearers().all(|slot| pair.ends[end].channel_state(slot) == ChannelState::Connected));
    }
}

#[test]
fn both_ends_calling_at_once_till_the_span_is_full_agree_on_every_channel() {
    let mut pair = Pair::new();
    for _ in 0..30 {
        for end in BOTH {
            let _ = pair.ends[end].call(pair.now, setup("10086"), None);
        }
    }
    pair.settle();
    for end in BOTH {
        let offered: Vec<_> =
            pair.told[end].iter().filter(|word| matches!(word.primitive, Primitive::Setup(_))).copied().collect();
        for word in offered {
            pair.say(end, word.call, Primitive::Connected);
        }
    }
    let channels = |end: usize| {
        let mut channels: Vec<_> = pair.ends[end].calls().map(|(_, state, channel)| (channel, state)).collect();
        channels.sort_by_key(|(channel, _)| *channel);
        channels
    };
    assert_eq!(channels(USER), channels(NETWORK));
    assert_eq!(channels(USER).len(), 30, "every channel has a call");
}

#[test]
fn a_call_is_refused_with_the_models_cause_in_one_message() {
    let mut pair = Pair::new();
    let ours = pair.call(NETWORK, setup("8001"), None);
    pair.settle();
    let (theirs, ..) = pair.offered(USER);
    pair.say(USER, theirs, clearing(Cause::USER_BUSY));
    assert_eq!(pair.heard(NETWORK, ours), [released(Cause::USER_BUSY)]);
    assert_eq!(pair.heard(USER, theirs).last(), Some(&released(Cause::USER_BUSY)));
    assert_eq!(pair.sent[USER], [M::ReleaseComplete]);
    pair.assert_idle();
}

#[test]
fn a_tone_of_the_network_is_heard_until_the_user_hangs_up_or_t306_ends_it() {
    for hangs_up in [true, false] {
        let mut pair = Pair::new();
        let ours = pair.call(USER, setup("10086"), None);
        pair.settle();
        let (theirs, channel, _) = pair.offered(NETWORK);
        pair.say(NETWORK, theirs, Primitive::Proceeding);
        pair.say(NETWORK, theirs, Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Audio });
        let heard = Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Audio };
        assert_eq!(pair.heard(USER, ours).last(), Some(&heard));
        pair.pass(29 * SECOND);
        assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Clearing, "the tone can be heard");
        if hangs_up {
            pair.say(USER, ours, released(Cause::NORMAL_CLEARING));
        } else {
            pair.pass(SECOND);
        }
        assert_eq!(pair.heard(USER, ours).last(), Some(&released(Cause::USER_BUSY)));
        assert_eq!(pair.heard(NETWORK, theirs).last(), Some(&released(Cause::USER_BUSY)));
        pair.assert_idle();
    }
}

#[test]
fn a_caller_refused_before_any_answer_can_hear_why() {
    let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Refused);
    let ours = pair.call(USER, setup("99"), None);
    pair.settle();
    let (theirs, ..) = pair.offered(NETWORK);
    pair.say(NETWORK, theirs, Primitive::Clearing { cause: Cause::UNALLOCATED_NUMBER, inband: Inband::Audio });
    let tone = Primitive::Clearing { cause: Cause::UNALLOCATED_NUMBER, inband: Inband::Audio };
    assert_eq!(pair.heard(USER, ours), [Primitive::Proceeding, tone]);
    // The tone is over before anybody hangs up.
    pair.say(NETWORK, theirs, clearing(Cause::UNALLOCATED_NUMBER));
    pair.assert_idle();
}

#[test]
fn both_hang_up_at_once() {
    let mut pair = Pair::new();
    let (calls, _) = pair.answered(USER);
    for end in BOTH {
        pair.ends[end].line(pair.now, calls[end], clearing(Cause::NORMAL_CLEARING));
    }
    pair.settle();
    for end in BOTH {
        assert_eq!(pair.heard(end, calls[end]).last(), Some(&released(Cause::NORMAL_CLEARING)));
    }
    pair.assert_idle();
    assert_eq!(pair.now.as_millis(), 0);
}

#[test]
fn a_clearing_call_answers_no_other_word_so_that_its_model_does_not_drop_it() {
    let mut pair = Pair::new();
    let (calls, _) = pair.answered(USER);
    pair.ends[USER].line(pair.now, calls[USER], clearing(Cause::NORMAL_CLEARING));
    let late = [
        Primitive::Connected,
        Primitive::Alerting(Inband::Silent),
        Primitive::Digits { digits: digits("1"), address: Address::Open },
        Primitive::Info(digits("1")),
        Primitive::Flash,
    ];
    for primitive in late {
        pair.ends[USER].line(pair.now, calls[USER], primitive);
    }
    pair.settle();
    assert!(!pair.heard(USER, calls[USER]).iter().any(|word| matches!(word, Primitive::Refused(_))));
}

#[test]
fn what_the_protocol_cannot_do_is_refused_and_the_call_goes_on() {
    let mut pair = Pair::new();
    let (calls, channel) = pair.answered(USER);
    pair.say(USER, calls[USER], Primitive::Flash);
    pair.say(USER, calls[USER], Primitive::Setup(setup("1")));
    let heard = pair.heard(USER, calls[USER]);
    assert_eq!(
        heard[heard.len() - 2..],
        [Primitive::Refused(Refusal::NotSupported), Primitive::Refused(Refusal::WrongState),]
    );
    assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Connected);
}

#[test]
fn digits_of_a_call_in_progress_arrive() {
    let mut pair = Pair::new();
    let (calls, _) = pair.answered(NETWORK);
    pair.say(NETWORK, calls[NETWORK], Primitive::Info(digits("42#")));
    assert_eq!(pair.heard(USER, calls[USER]).last(), Some(&Primitive::Info(digits("42#"))));
}

#[test]
fn an_unanswered_call_ends_by_the_timer_that_bounds_its_state() {
    // What the called end's model says, how long the caller then waits, and with which cause the call ends there.
    let cases: [(&[Primitive], u64, Cause); 3] = [
        (&[], 12, Cause::TEMPORARY_FAILURE),
        (&[Primitive::Proceeding], 60, Cause::RECOVERY_ON_TIMER_EXPIRY),
        (&[Primitive::Alerting(Inband::Silent)], 180, Cause::NO_ANSWER),
    ];
    for (words, seconds, cause) in cases {
        let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Refused);
        // The network repeats SETUP after T303 and would give up after two; an answer of any kind comes later here.
        let ours = pair.call(USER, setup("10086"), None);
        pair.settle();
        let (theirs, ..) = pair.offered(NETWORK);
        for word in words {
            pair.say(NETWORK, theirs, *word);
        }
        if words.is_empty() {
            pair.pass(Duration::from_millis(8_000));
            assert_eq!(pair.heard(USER, ours), [released(Cause::RECOVERY_ON_TIMER_EXPIRY)], "T303 twice");
        } else {
            pair.pass(Duration::from_secs(seconds) - Duration::from_millis(1));
            assert!(!pair.heard(USER, ours).iter().any(|word| matches!(word, Primitive::Clearing { .. })));
            pair.pass(Duration::from_millis(1));
            assert_eq!(pair.heard(USER, ours).last(), Some(&clearing(cause)), "{words:?}");
        }
    }
}

#[test]
fn a_model_that_says_nothing_does_not_hold_a_channel() {
    let mut pair = Pair::with(|parameters| {
        parameters.overlap = Overlap::Refused;
        parameters.timers.t303 = Duration::from_secs(300);
    });
    let ours = pair.call(NETWORK, setup("8001"), None);
    pair.settle();
    let (theirs, ..) = pair.offered(USER);
    pair.pass(12 * SECOND);
    assert_eq!(pair.heard(USER, theirs).last(), Some(&released(Cause::TEMPORARY_FAILURE)));
    assert_eq!(pair.heard(NETWORK, ours), [released(Cause::TEMPORARY_FAILURE)]);
    pair.assert_idle();
}

#[test]
fn progress_with_something_to_hear_keeps_a_call_that_is_not_rung() {
    let mut pair = Pair::with(|parameters| parameters.overlap = Overlap::Refused);
    let ours = pair.call(USER, setup("10086"), None);
    pair.settle();
    let (theirs, ..) = pair.offered(NETWORK);
    pair.say(NETWORK, theirs, Primitive::Progress(Inband::Audio));
    assert_eq!(pair.heard(USER, ours), [Primitive::Proceeding, Primitive::Progress(Inband::Audio)]);
    pair.pass(61 * SECOND);
    assert_eq!(pair.calls(USER), 1, "T310 does not run any more");
    pair.pass(120 * SECOND);
    assert_eq!(pair.heard(USER, ours).last(), Some(&clearing(Cause::NO_ANSWER)));
}

#[test]
fn a_handle_does_not_name_a_later_call() {
    let mut pair = Pair::new();
    let old = pair.call(USER, setup("1"), Some(3));
    pair.say(USER, old, clearing(Cause::NORMAL_CLEARING));
    let (theirs, ..) = pair.offered(NETWORK);
    pair.say(NETWORK, theirs, released(Cause::NORMAL_CLEARING));
    let new = pair.call(USER, setup("2"), Some(3));
    pair.settle();
    assert_ne!(old, new);
    pair.say(USER, old, clearing(Cause::NORMAL_CLEARING));
    assert_eq!(pair.ends[USER].channel_state(3), ChannelState::Outgoing, "the later call is not touched");
}

#[test]
fn a_number_with_a_plus_goes_out_as_an_international_one() {
    let mut pair = Pair::new();
    pair.call(USER, setup("+862161234567"), None);
    pair.settle();
    let (.., offered) = pair.offered(NETWORK);
    assert_eq!((offered.to.digits, offered.to.kind), (digits("862161234567"), NumberKind::International));
}

#[test]
fn a_span_taken_out_of_service_takes_no_call_and_keeps_those_it_has() {
    let mut pair = Pair::new();
    let (calls, channel) = pair.answered(USER);
    for timeslot in pair::bearers() {
        pair.ends[USER].block(timeslot);
    }
    assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Connected);
    assert_eq!(pair.ends[USER].call(pair.now, setup("1"), None), Err(Refusal::NoChannel));
    let refused = pair.call(NETWORK, setup("8001"), None);
    pair.settle();
    assert!(matches!(pair.heard(NETWORK, refused)[..], [Primitive::Released { cause: Cause::NO_CHANNEL }]));
    pair.say(USER, calls[USER], clearing(Cause::NORMAL_CLEARING));
    pair.say(NETWORK, calls[NETWORK], released(Cause::NORMAL_CLEARING));
    assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Blocked);
    for timeslot in pair::bearers() {
        pair.ends[USER].unblock(timeslot);
    }
    pair.assert_idle();
}

#[test]
fn the_two_ends_hunt_from_opposite_sides() {
    let mut pair = Pair::new();
    for (end, first, then) in [(USER, 31, 30), (NETWORK, 1, 2)] {
        for expected in [first, then] {
            pair.call(end, setup("1"), None);
            assert_eq!(pair.ends[end].channel_state(expected), ChannelState::Outgoing);
        }
    }
}
