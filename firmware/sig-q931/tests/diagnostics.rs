//! What causes are about, what crosses, and which channel a SETUP may leave out: beside the table of `states.rs`.

mod reach;

use base::Cause;
use reach::Reached;
use sig_q931::wire::{Diagnostics, MessageType as M};
use sig_q931::{Action, Parameters, Profile, Report, Side, State};

const SIDES: [Side; 2] = [Side::User, Side::Network];

/// The only message sent, its cause, and what that is about.
#[track_caller]
fn answered(reached: &mut Reached) -> (M, u8, Vec<u8>) {
    let sent = reached.sent();
    let [(header, elements)] = &sent[..] else { panic!("one message wanted: {sent:?}") };
    let element = elements.cause.value().expect("a cause");
    (header.kind, element.cause.0, element.about.octets().to_vec())
}

#[test]
fn every_element_that_is_missing_or_bad_is_named() {
    let check = |state, kind, elements: &str, expected: (M, u8, &[u8])| {
        for side in SIDES {
            let mut reached = Reached::new(side, state);
            reached.receive(kind, &reach::octets(elements));
            let (answer, cause, about) = answered(&mut reached);
            assert_eq!((answer, cause, about.as_slice()), expected, "{kind} {elements} in {state:?} of {side:?}");
        }
    };
    check(State::Null, M::Setup, "04 01 80 18 00", (M::ReleaseComplete, 100, &[0x04, 0x18]));
    check(State::Null, M::Setup, "02 01 00 18 00", (M::ReleaseComplete, 96, &[0x04, 0x02]));
    check(State::Null, M::Setup, "02 00 03 00 04 03 80 90 A3 18 01 A3", (M::ReleaseComplete, 96, &[0x02, 0x03]));
    check(State::Active, M::Disconnect, "", (M::Release, 96, &[0x08]));
    check(State::Active, M::Notify, "02 00", (M::Status, 96, &[0x27, 0x02]));
    check(State::Initiated, M::Progress, "18 00", (M::Status, 96, &[0x1E]));
    check(State::Initiated, M::Progress, "1E 00 18 00", (M::Status, 100, &[0x1E, 0x18]));
    check(State::Active, M::Release, "", (M::ReleaseComplete, 96, &[0x08]));
    let mut user = Reached::new(Side::User, State::Null);
    user.receive(M::Setup, &[]);
    assert_eq!(answered(&mut user), (M::ReleaseComplete, 96, vec![0x04, 0x18]));
}

#[test]
fn a_call_that_a_timer_ends_says_which() {
    let check = |side, state, expected: (M, u8, &[u8])| {
        let mut reached = Reached::new(side, state);
        reached.expire();
        if state == State::Initiated {
            assert_eq!(reached.kinds(), [M::Setup], "once more");
            reached.expire();
        }
        let (answer, cause, about) = answered(&mut reached);
        assert_eq!((answer, cause, about.as_slice()), expected, "{state:?} of {side:?}");
    };
    for side in SIDES {
        check(side, State::Initiated, (M::ReleaseComplete, 102, b"303"));
        check(side, State::OverlapSending, (M::Disconnect, 102, b"304"));
        check(side, State::Proceeding, (M::Disconnect, 102, b"310"));
    }
    check(Side::User, State::ConnectRequest, (M::Disconnect, 102, b"313"));
    // T305: the first reason is said again (Q.931 §5.3.3).
    let mut reached = Reached::new(Side::User, State::ConnectRequest);
    reached.expire();
    assert_eq!(answered(&mut reached), (M::Disconnect, 102, b"313".to_vec()));
    reached.expire();
    assert_eq!(answered(&mut reached), (M::Release, 102, b"313".to_vec()));
}

#[test]
fn the_peers_diagnostics_are_reported_whole() {
    let mut reached = Reached::new(Side::User, State::Active);
    reached.receive(M::Status, &reach::octets("08 04 82 E3 7E 2C 14 01 0A"));
    let report = core::iter::from_fn(|| reached.interface.poll_action()).find_map(|action| match action {
        Action::Report(report) => Some(report),
        _ => None,
    });
    let expected = Report::Status { cause: Cause(99), about: Diagnostics::new(&[0x7E, 0x2C]), state: Some(10) };
    assert_eq!(report, Some(expected));
}

/// What the peer sent before it heard of our DISCONNECT or RELEASE is answered as the standard says, and is no fault of the peer's.
#[test]
fn what_crosses_our_clearing_is_told_from_what_does_not_fit() {
    let report = |side, state, kind| {
        let mut reached = Reached::new(side, state);
        reached.receive(kind, &reach::elements_for(kind, state, side));
        let actions: Vec<Action> = core::iter::from_fn(|| reached.interface.poll_action()).collect();
        let answers = actions.iter().filter(|action| matches!(action, Action::Transmit(_))).count();
        assert_eq!(answers, 1, "{kind} in {state:?}");
        actions.into_iter().find_map(|action| match action {
            Action::Report(report) => Some(report),
            _ => None,
        })
    };
    let cause = Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE;
    for side in SIDES {
        for message in [M::Alerting, M::Connect, M::ConnectAcknowledge, M::HoldAcknowledge] {
            for state in [State::DisconnectSent, State::ReleaseRequest] {
                assert_eq!(report(side, state, message), Some(Report::Crossed { message, state }), "{side:?}");
            }
        }
        for (message, state) in [
            (M::Alerting, State::Active),
            (M::Alerting, State::DisconnectReceived),
            (M::Resume, State::DisconnectSent),
            (M::Restart, State::ReleaseRequest),
        ] {
            assert_eq!(report(side, state, message), Some(Report::Unexpected { message, state, cause }), "{side:?}");
        }
    }
}

/// Between private exchanges neither side chooses for the other (ECMA-143 §10.1.2).
#[test]
fn only_a_public_network_chooses_a_channel_that_setup_leaves_out() {
    let check = |profile: Profile, side, channel: &str, expected: Option<(u8, &[u8])>| {
        let parameters: Parameters = profile.parameters(side);
        let mut reached = Reached::with(side, parameters, State::Null);
        reached.receive(M::Setup, &reach::octets(&format!("A1 04 03 80 90 A3 {channel}")));
        let refusal = reached.sent().first().and_then(|(_, elements)| elements.cause.value());
        let seen = refusal.as_ref().map(|element| (element.cause.0, element.about.octets()));
        assert_eq!(seen, expected, "{} {side:?} {channel}", profile.name);
    };
    for profile in Profile::ALL {
        check(profile, Side::User, "", Some((96, &[0x18])));
        check(profile, Side::Network, "18 03 A9 83 85", None);
    }
    check(Profile::CHINA, Side::Network, "", None);
    check(Profile::EURO_ISDN, Side::Network, "", None);
    check(Profile::QSIG, Side::Network, "", Some((96, &[0x18])));
}
