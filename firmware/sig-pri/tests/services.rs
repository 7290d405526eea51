//! What goes beside the course of a call: hold, texts, diversions, maintenance, collisions, alarms.

mod pair;

use base::Cause;
use pair::{BOTH, NETWORK, Pair, USER, clearing, digits, setup};
use ports::call::{Detail, Inband, Number, NumberKind, Primitive, RedirectReason, Refusal, Setup, Text, UserData};
use ports::span::Alarms;
use sig_pri::{ChannelState, Overrides, PriSpan, Profile, Report, Side};
use sig_q931::wire::{MessageType as M, Preference};
use sig_q931::{Hunting, Maintenance, Senders};
use std::time::Duration;

#[test]
fn either_side_holds_a_call_and_takes_it_back() {
    for holds in BOTH {
        let mut pair = Pair::of(&Profile::EURO_ISDN, |_| {});
        let (handles, channel) = pair.answered(USER);
        pair.forget();
        let held = 1 - holds;
        pair.say(holds, handles[holds], Primitive::Held);
        assert_eq!(pair.heard(held, handles[held]), [Primitive::Held]);
        assert_eq!(pair.sent[held], [M::HoldAcknowledge]);
        pair.say(holds, handles[holds], Primitive::Retrieved);
        assert_eq!(pair.heard(held, handles[held]), [Primitive::Held, Primitive::Retrieved]);
        assert_eq!(pair.heard(holds, handles[holds]), [], "silence is consent");
        assert_eq!(pair.ends[holds].channel_state(channel), ChannelState::Connected);
    }
}

#[test]
fn hold_that_is_not_offered_is_refused_by_the_peer_and_never_asked_for() {
    let mut pair = Pair::with(|_| {});
    let (handles, _) = pair.answered(USER);
    pair.forget();
    pair.say(USER, handles[USER], Primitive::Held);
    assert_eq!(pair.heard(USER, handles[USER]), [Primitive::Refused(Refusal::NotSupported)]);
    assert_eq!(pair.sent[USER], []);
}

#[test]
fn a_call_cannot_be_held_twice_nor_taken_back_unheld() {
    let mut pair = Pair::of(&Profile::EURO_ISDN, |_| {});
    let (handles, _) = pair.answered(USER);
    pair.forget();
    pair.say(USER, handles[USER], Primitive::Retrieved);
    pair.say(USER, handles[USER], Primitive::Held);
    pair.say(USER, handles[USER], Primitive::Held);
    assert_eq!(pair.heard(USER, handles[USER]), [Primitive::Refused(Refusal::WrongState); 2]);
    assert_eq!(pair.heard(NETWORK, handles[NETWORK]), [Primitive::Held]);
}

#[test]
fn a_hold_that_nobody_answers_leaves_the_call_as_it_was() {
    let mut pair = Pair::of(&Profile::EURO_ISDN, |_| {});
    let (handles, channel) = pair.answered(USER);
    pair.forget();
    pair.cut();
    pair.say(USER, handles[USER], Primitive::Held);
    pair.pass(Duration::from_millis(3999));
    assert_eq!(pair.heard(USER, handles[USER]), []);
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.heard(USER, handles[USER]), [Primitive::Refused(Refusal::NotSupported)]);
    assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Connected);
}

fn shown(text: &str) -> Primitive {
    Primitive::Detail(Detail::Display(Text::new(text.as_bytes())))
}

fn data(text: &str) -> Detail {
    Detail::UserData(UserData::new(4, text.as_bytes()).expect("short"))
}

#[test]
fn a_diverted_call_says_by_whom_and_why_with_texts_both_ways() {
    let mut pair = Pair::new();
    let diverted = Setup { redirecting: Some(Number::unknown(digits("2165550000"))), ..setup("10086") };
    let details = [
        Detail::Display(Text::new(b"Fund, Shanghai")),
        Detail::RedirectReason(RedirectReason::NoReply),
        data("order 7"),
    ];
    let ours = pair.ends[NETWORK].call_with(pair.now, diverted, &details, None).expect("a channel is free");
    pair.settle();
    let (theirs, _, offered) = pair.offered(USER);
    assert_eq!(offered.redirecting.map(|number| number.digits), diverted.redirecting.map(|number| number.digits));
    let heard = pair.heard(USER, theirs);
    assert!(matches!(heard[0], Primitive::Setup(_)));
    let reason = Primitive::Detail(Detail::RedirectReason(RedirectReason::NoReply));
    assert_eq!(heard[1..], [shown("Fund, Shanghai"), reason, Primitive::Detail(data("order 7"))]);

    let agent = Number { kind: NumberKind::Subscriber, ..Number::unknown(digits("8002")) };
    pair.say(USER, theirs, Primitive::Detail(Detail::ConnectedNumber(agent)));
    pair.say(USER, theirs, Primitive::Detail(data("agent 2")));
    assert_eq!(pair.heard(NETWORK, ours), [], "they wait for the message that carries them");
    pair.say(USER, theirs, Primitive::Alerting(Inband::Silent));
    pair.say(USER, theirs, Primitive::Connected);
    let expected = [
        Primitive::Detail(data("agent 2")),
        Primitive::Alerting(Inband::Silent),
        Primitive::Detail(Detail::ConnectedNumber(agent)),
        Primitive::Connected,
    ];
    assert_eq!(pair.heard(NETWORK, ours), expected);
}

#[test]
fn a_user_shows_no_text_unless_the_profile_lets_it() {
    for (display, expected) in [(Senders::Network, vec![]), (Senders::Both, vec![shown("hello")])] {
        let mut pair = Pair::with(|parameters| parameters.display = display);
        let (handles, _) = pair.answered(USER);
        pair.forget();
        pair.say(USER, handles[USER], shown("hello"));
        assert_eq!(pair.heard(NETWORK, handles[NETWORK]), expected, "{display:?}");
        pair.say(NETWORK, handles[NETWORK], shown("00:12"));
        assert_eq!(pair.heard(USER, handles[USER]), [shown("00:12")]);
    }
}

#[test]
fn user_data_of_an_answered_call_and_of_its_end_arrives() {
    let mut pair = Pair::new();
    let (handles, _) = pair.answered(USER);
    pair.forget();
    pair.say(USER, handles[USER], Primitive::Detail(data("one")));
    assert_eq!(pair.heard(NETWORK, handles[NETWORK]), [Primitive::Detail(data("one"))]);
    assert_eq!(pair.sent[USER], [M::UserInformation]);
    pair.say(NETWORK, handles[NETWORK], shown("charge 0.30"));
    pair.say(NETWORK, handles[NETWORK], clearing(Cause::NORMAL_CLEARING));
    assert_eq!(pair.heard(USER, handles[USER]), [shown("charge 0.30"), clearing(Cause::NORMAL_CLEARING)]);
}

#[test]
fn a_refused_channel_is_asked_for_again_elsewhere_once() {
    let mut pair = Pair::with(|parameters| {
        parameters.hunting = Hunting::Up;
        parameters.preference = Preference::Exclusive;
    });
    pair.ends[NETWORK].block(1);
    let call = pair.call(USER, setup("10086"), None);
    pair.settle();
    assert_eq!(pair.offered(NETWORK).1, 2);
    assert!(pair.reports[USER].contains(&Report::Rehunted { from: Some(1), to: 2 }));
    assert_eq!(pair.heard(USER, call), [], "the call model is not troubled");
    pair.ends[NETWORK].block(3);
    pair.ends[NETWORK].block(4);
    pair.ends[USER].block(1);
    let second = pair.call(USER, setup("10010"), None);
    pair.settle();
    let refused = Primitive::Released { cause: Cause::REQUESTED_CHANNEL_NOT_AVAILABLE };
    assert_eq!(pair.heard(USER, second), [refused], "twice is enough");
}

#[test]
fn a_channel_asked_for_by_number_is_not_exchanged_for_another() {
    let mut pair = Pair::with(|parameters| parameters.preference = Preference::Exclusive);
    pair.ends[NETWORK].block(7);
    let call = pair.call(USER, setup("10086"), Some(7));
    pair.settle();
    let refused = Primitive::Released { cause: Cause::REQUESTED_CHANNEL_NOT_AVAILABLE };
    assert_eq!(pair.heard(USER, call), [refused]);
    assert_eq!(pair.sent[USER], [M::Setup]);
}

#[test]
fn both_ends_seize_one_channel_and_both_calls_are_answered() {
    for preference in [Preference::Preferred, Preference::Exclusive] {
        let mut pair = Pair::with(|parameters| {
            parameters.hunting = Hunting::Up;
            parameters.preference = preference;
        });
        let calls = BOTH.map(|end| pair.call(end, setup("10086"), None));
        pair.settle();
        assert!(pair.reports[USER].contains(&Report::Glare(1)));
        for end in BOTH {
            let (offered, ..) = pair.offered(1 - end);
            pair.say(1 - end, offered, Primitive::Connected);
            assert_eq!(pair.heard(end, calls[end]).last(), Some(&Primitive::Connected), "{preference:?}");
        }
        let used = |end: usize| [1, 2].map(|timeslot| pair.ends[end].channel_state(timeslot));
        assert_eq!([used(USER), used(NETWORK)], [[ChannelState::Connected; 2]; 2]);
    }
}

#[test]
fn a_blocked_channel_is_told_to_a_peer_that_speaks_service() {
    let mut pair = Pair::with(|parameters| parameters.maintenance = Maintenance::Service);
    pair.ends[NETWORK].block(31);
    pair.settle();
    assert_eq!(pair.reports[USER], [Report::Service { timeslot: 31, usable: false }]);
    let seen = [USER, NETWORK].map(|end| pair.ends[end].channel_state(31));
    assert_eq!(seen, [ChannelState::BlockedRemotely, ChannelState::Blocked]);
    let (_, channel) = pair.answered(USER);
    assert_eq!(channel, 30);
    // A peer that was not there when it was told is told again.
    *pair.ends[USER] = PriSpan::new(&Profile::CHINA, Side::User, Overrides::default());
    pair.start();
    pair.pass(Duration::from_secs(2));
    assert_eq!(pair.ends[USER].channel_state(31), ChannelState::BlockedRemotely);
    pair.ends[NETWORK].unblock(31);
    pair.settle();
    assert_eq!(BOTH.map(|end| pair.ends[end].channel_state(31)), [ChannelState::Idle; 2]);
}

#[test]
fn a_dead_d_channel_is_an_alarm_after_a_while_and_keeps_active_calls() {
    let mut pair = Pair::new();
    let (handles, channel) = pair.answered(USER);
    pair.forget();
    pair.alarms(USER, Alarms { loss: true, ..Alarms::default() });
    pair.pass(Duration::from_millis(2499));
    assert_eq!(pair.reports[USER], []);
    pair.pass(Duration::from_millis(1));
    assert_eq!(pair.reports[USER], [Report::DChannelFailed { kept: 1 }]);
    pair.alarms(USER, Alarms::default());
    pair.pass(Duration::from_secs(5));
    assert!(pair.reports[USER].contains(&Report::DChannelRestored));
    assert_eq!(pair.ends[USER].channel_state(channel), ChannelState::Connected);
    assert_eq!(pair.heard(USER, handles[USER]), []);
    assert!(pair.sent[USER].contains(&M::StatusEnquiry), "the two ends compare");
}
