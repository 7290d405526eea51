//! Profiles and what a trunk changes of them, seen from both ends of the line.

mod pair;

use base::Cause;
use pair::{BOTH, NETWORK, Pair, USER, bearers, clearing, setup};
use ports::call::{Inband, NumberKind, Primitive};
use sig_pri::{ChannelState, Overrides, Parameters, PriSpan, Profile, Side};
use sig_q931::wire::{MessageType as M, Plan, Preference};
use sig_q931::{ConnectAcknowledge, Hunting, RestartAtStart, Senders, SendingComplete};
use std::time::Duration;

#[test]
fn every_profile_carries_calls_both_ways() {
    for profile in Profile::ALL {
        for from in BOTH {
            let mut pair = Pair::of(&profile, |_| {});
            let (handles, channel) = pair.answered(from);
            assert!(
                BOTH.map(|end| pair.ends[end].channel_state(channel)) == [ChannelState::Connected; 2],
                "{}",
                profile.name
            );
            pair.say(from, handles[from], clearing(Cause::NORMAL_CLEARING));
            pair.say(1 - from, handles[1 - from], clearing(Cause::NORMAL_CLEARING));
            pair.assert_idle();
        }
    }
}

#[test]
fn profiles_are_found_by_their_names() {
    for profile in Profile::ALL {
        assert_eq!(Profile::named(profile.name), Some(profile));
    }
    assert_eq!(Profile::named("ni2"), None);
}

#[test]
fn an_override_changes_what_it_names_and_nothing_else() {
    let plain = Profile::EURO_ISDN.parameters(Side::User);
    assert_eq!(Overrides::default().applied(plain), plain);
    let t310 = Duration::from_secs(33);
    let overrides = Overrides {
        t310: Some(t310),
        preference: Some(Preference::Exclusive),
        called_plan: Some(Plan::Unknown),
        calling_kind: Some(NumberKind::National),
        sending_complete: Some(SendingComplete::LeftOut),
        interface: Some(Some(1)),
        hunting: Some(Hunting::Cyclic),
        ..Overrides::default()
    };
    let mut expected = Parameters {
        preference: Preference::Exclusive,
        called_plan: Plan::Unknown,
        calling_kind: NumberKind::National,
        sending_complete: SendingComplete::LeftOut,
        interface: Some(1),
        hunting: Hunting::Cyclic,
        ..plain
    };
    expected.timers.t310 = t310;
    assert_eq!(overrides.applied(plain), expected);
    let mut span = Box::new(PriSpan::new(&Profile::EURO_ISDN, Side::User, overrides));
    assert!(span.poll_action().is_none());
}

#[test]
fn a_peer_that_wants_the_interface_named_still_understands_every_message() {
    let mut pair = Pair::with(|parameters| {
        parameters.interface = Some(2);
        parameters.sending_complete = SendingComplete::LeftOut;
    });
    let (_, channel) = pair.answered(NETWORK);
    assert_eq!(BOTH.map(|end| pair.ends[end].channel_state(channel)), [ChannelState::Connected; 2]);
    assert!(BOTH.iter().all(|&end| pair.reports[end].is_empty()));
}

#[test]
fn channels_are_hunted_up_down_and_round() {
    let taken = |hunting| {
        let mut pair = Pair::with(|parameters| parameters.hunting = hunting);
        [(); 4].map(|()| {
            let ([ours, theirs], channel) = pair.answered(USER);
            pair.say(USER, ours, clearing(Cause::NORMAL_CLEARING));
            pair.say(NETWORK, theirs, clearing(Cause::NORMAL_CLEARING));
            pair.assert_idle();
            channel
        })
    };
    assert_eq!(taken(Hunting::Up), [1, 1, 1, 1]);
    assert_eq!(taken(Hunting::Down), [31, 31, 31, 31]);
    assert_eq!(taken(Hunting::Cyclic), [1, 2, 3, 4]);
}

#[test]
fn cyclic_hunting_passes_the_d_channel_and_begins_again() {
    let mut pair = Pair::with(|parameters| parameters.hunting = Hunting::Cyclic);
    let mut channels = Vec::new();
    for _ in 0..31 {
        let ([ours, theirs], channel) = pair.answered(USER);
        channels.push(channel);
        pair.say(USER, ours, clearing(Cause::NORMAL_CLEARING));
        pair.say(NETWORK, theirs, clearing(Cause::NORMAL_CLEARING));
    }
    assert_eq!(channels, bearers().chain([1]).collect::<Vec<_>>());
}

#[test]
fn in_a_private_network_both_sides_wait_for_connect_acknowledge() {
    for answering in BOTH {
        let mut pair = Pair::of(&Profile::QSIG, |_| {});
        pair.call(1 - answering, setup("8001"), None);
        pair.settle();
        let (theirs, channel, _) = pair.offered(answering);
        pair.cut();
        pair.say(answering, theirs, Primitive::Connected);
        assert_eq!(pair.ends[answering].channel_state(channel), ChannelState::Incoming, "nobody has acknowledged");
        pair.pass(Duration::from_secs(4));
        let given_up = clearing(Cause::RECOVERY_ON_TIMER_EXPIRY);
        assert_eq!(pair.heard(answering, theirs).last(), Some(&given_up), "T313 at {answering}");
    }
    assert_eq!(Profile::QSIG.network.connect_acknowledge, ConnectAcknowledge::Both);
}

#[test]
fn a_span_may_restart_its_channels_when_it_starts() {
    for (how, messages) in [(RestartAtStart::No, 0), (RestartAtStart::Interface, 1), (RestartAtStart::Channels, 30)] {
        let mut pair = Pair::not_started(&Profile::CHINA, |parameters| parameters.restart_at_start = how);
        pair.start();
        let restarts = pair.sent[USER].iter().filter(|&&kind| kind == M::Restart).count();
        assert_eq!(restarts, messages, "{how:?}");
        pair.assert_idle();
        assert!(pair.answered(USER).1 == 31, "all channels are in service again");
    }
}

#[test]
fn a_tone_after_disconnect_goes_both_ways_where_the_profile_lets_it() {
    for (clears, tones, heard) in [
        (NETWORK, Senders::Network, Inband::Audio),
        (NETWORK, Senders::Both, Inband::Audio),
        (USER, Senders::Network, Inband::Silent),
        (USER, Senders::Both, Inband::Audio),
    ] {
        let mut pair = Pair::with(|parameters| parameters.tones = tones);
        let (handles, _) = pair.answered(USER);
        let with_tone = Primitive::Clearing { cause: Cause::NUMBER_CHANGED, inband: Inband::Audio };
        pair.say(clears, handles[clears], with_tone);
        let hears = 1 - clears;
        let expected = Primitive::Clearing { cause: Cause::NUMBER_CHANGED, inband: heard };
        assert_eq!(pair.heard(hears, handles[hears]).last(), Some(&expected), "{clears} {tones:?}");
        // Nobody hangs up: T306, or T305 where there is no tone, ends it.
        pair.pass(Duration::from_secs(40));
        pair.assert_idle();
    }
}
