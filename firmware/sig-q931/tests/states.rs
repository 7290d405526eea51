//! Every state by every message, both sides, against a table written from Q.931 (05/98) §5 and Annex A.
//!
//! Where the machine is laxer than the table of the standard, the row says so.

mod reach;

use base::{Cause, Instant};
use ports::call::{Inband, Primitive, Refusal};
use reach::{Reached, elements_for};
use sig_q931::wire::{Elements, Header, MessageType as M, Preference};
use sig_q931::{Action, LinkState, Parameters, Side, State};

/// What a cell says: the state afterwards, the messages sent with their causes, what the model is told.
#[derive(Debug, PartialEq, Eq)]
struct Cell {
    state: State,
    sent: Vec<(M, Option<Cause>)>,
    told: Vec<Primitive>,
}

const SIDES: [Side; 2] = [Side::User, Side::Network];

#[test]
fn every_state_answers_every_message_as_the_clauses_say() {
    let unknown = [M::Unknown(0x60), M::Unknown(0x64), M::Unknown(0x7F), M::Unknown(0x85)];
    let mut cells = 0;
    for side in SIDES {
        for state in State::ALL.into_iter().filter(|&state| exists(state, side)) {
            for &kind in M::NAMED.iter().chain(&unknown) {
                let seen = seen(side, state, kind);
                assert_eq!(seen, expected(side, state, kind), "{kind} in {state:?} of {side:?}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, (14 + 13) * (M::NAMED.len() + unknown.len()));
}

/// A network does not wait for an acknowledgement of its CONNECT.
fn exists(state: State, side: Side) -> bool {
    (state, side) != (State::ConnectRequest, Side::Network)
}

fn expected(side: Side, state: State, kind: M) -> Cell {
    let cell =
        |state, sent: &[(M, Option<Cause>)], told: &[Primitive]| Cell { state, sent: sent.into(), told: told.into() };
    let same = |sent: &[(M, Option<Cause>)], told: &[Primitive]| cell(state, sent, told);
    let status = |cause| same(&[(M::Status, Some(cause))], &[]);
    let does_not_fit = status(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE);
    if state == State::Null {
        return without_call(side, kind);
    }
    let first_cause = if state.is_clearing() { reach::CLEARED_WITH } else { reach::PEERS_CAUSE };
    match kind {
        // §5.8.3.2 e: a repeated SETUP is passed over.
        M::Setup => same(&[], &[]),
        // §5.1.3. Our number was whole: INFORMATION says so again.
        M::SetupAcknowledge if state == State::Initiated => cell(State::OverlapSending, &[(M::Information, None)], &[]),
        // §5.1.5.
        M::CallProceeding if matches!(state, State::Initiated | State::OverlapSending) => {
            cell(State::Proceeding, &[], &[Primitive::Proceeding])
        }
        // §5.1.7.
        M::Alerting if matches!(state, State::Initiated | State::OverlapSending | State::Proceeding) => {
            cell(State::Delivered, &[], &[Primitive::Alerting(Inband::Silent)])
        }
        // §5.1.8.
        M::Connect if state.is_originating() => {
            cell(State::Active, &[(M::ConnectAcknowledge, None)], &[Primitive::Connected])
        }
        // §5.1.6. Laxer: taken as the first answer, too.
        M::Progress if state.is_originating() => same(&[], &[Primitive::Progress(Inband::Audio)]),
        M::ConnectAcknowledge if state == State::ConnectRequest => cell(State::Active, &[], &[]),
        // §5.1.8: a calling user may send it.
        M::ConnectAcknowledge if state == State::Active => same(&[], &[]),
        // §5.2.4, §5.1.3. Elsewhere laxer: text and late digits are no fault.
        M::Information if state == State::OverlapReceiving => same(&[], &[reach::digits_told()]),
        M::Information if state == State::Active => same(&[], &[reach::keys_told()]),
        M::Information => same(&[], &[]),
        // §5.3.3, §5.3.4, §5.3.5.
        M::Disconnect => match state {
            State::DisconnectSent => cell(State::ReleaseRequest, &[(M::Release, Some(first_cause))], &[]),
            State::DisconnectReceived | State::ReleaseRequest => same(&[], &[]),
            _ => {
                let told = Primitive::Clearing { cause: reach::PEERS_CAUSE, inband: Inband::Silent };
                cell(State::DisconnectReceived, &[], &[told])
            }
        },
        M::Release if state == State::ReleaseRequest => {
            cell(State::Null, &[], &[Primitive::Released { cause: first_cause }])
        }
        M::Release => cell(State::Null, &[(M::ReleaseComplete, None)], &[Primitive::Released { cause: first_cause }]),
        M::ReleaseComplete => cell(State::Null, &[], &[Primitive::Released { cause: first_cause }]),
        // §5.8.10, §5.8.11: the peer's state agrees.
        M::Status => same(&[], &[]),
        M::StatusEnquiry => status(Cause::RESPONSE_TO_STATUS_ENQUIRY),
        // §5.9: the user is told that the other party holds.
        M::Notify if state == State::Active => same(&[], &[Primitive::Held]),
        M::Notify | M::Facility | M::UserInformation | M::CongestionControl => same(&[], &[]),
        // Q.932 §6.2, Q.931 §5.6: services that are not offered are rejected.
        M::Hold => same(&[(M::HoldReject, Some(Cause::FACILITY_NOT_IMPLEMENTED))], &[]),
        M::Retrieve => same(&[(M::RetrieveReject, Some(Cause::FACILITY_NOT_IMPLEMENTED))], &[]),
        M::Suspend if side == Side::Network => same(&[(M::SuspendReject, Some(Cause::FACILITY_NOT_IMPLEMENTED))], &[]),
        // §5.8.4.
        M::Unknown(_) => status(Cause::MESSAGE_TYPE_UNKNOWN),
        M::SetupAcknowledge
        | M::CallProceeding
        | M::Alerting
        | M::Connect
        | M::Progress
        | M::ConnectAcknowledge
        | M::Suspend
        | M::Resume
        | M::SuspendReject
        | M::ResumeReject
        | M::HoldAcknowledge
        | M::SuspendAcknowledge
        | M::ResumeAcknowledge
        | M::HoldReject
        | M::RetrieveAcknowledge
        | M::RetrieveReject
        | M::Restart
        | M::RestartAcknowledge => does_not_fit,
    }
}

/// §5.8.3.2: messages whose call reference names no call.
fn without_call(side: Side, kind: M) -> Cell {
    let complete = |cause| Cell { state: State::Null, sent: vec![(M::ReleaseComplete, Some(cause))], told: vec![] };
    match kind {
        M::Setup => Cell { state: State::Present, sent: vec![], told: vec![reach::setup_told()] },
        M::ReleaseComplete => Cell { state: State::Null, sent: vec![], told: vec![] },
        // §5.6.5: only the network is asked to resume.
        M::Resume if side == Side::Network => Cell {
            state: State::Null,
            sent: vec![(M::ResumeReject, Some(Cause::FACILITY_NOT_IMPLEMENTED))],
            told: vec![],
        },
        // §5.8.10: the null state is reported.
        M::StatusEnquiry => {
            Cell { state: State::Null, sent: vec![(M::Status, Some(Cause::RESPONSE_TO_STATUS_ENQUIRY))], told: vec![] }
        }
        M::Status => complete(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE),
        _ => complete(Cause::INVALID_CALL_REFERENCE),
    }
}

fn seen(side: Side, state: State, kind: M) -> Cell {
    let mut reached = Reached::new(side, state);
    reached.receive(kind, &elements_for(kind, state, side));
    let (mut sent, mut told) = (Vec::new(), Vec::new());
    while let Some(action) = reached.interface.poll_action() {
        match action {
            Action::Transmit(octets) => {
                let (header, rest) = Header::parse(&octets).expect("good messages");
                let cause = Elements::parse(rest).cause.value().map(|element| element.cause);
                sent.push((header.kind, cause));
            }
            Action::Line { primitive, .. } => told.push(primitive),
            Action::ChannelRestarted(_) | Action::Report(_) => {}
        }
    }
    Cell { state: reached.state(), sent, told }
}

#[test]
fn mandatory_elements_that_are_missing_or_bad_are_answered_with_96_and_100() {
    let check = |state, kind, elements: &str, expected: &[(M, Option<Cause>)], after| {
        for side in SIDES {
            let mut reached = Reached::new(side, state);
            reached.receive(kind, &reach::octets(elements));
            let sent: Vec<_> = reached
                .sent()
                .into_iter()
                .map(|(header, elements)| (header.kind, elements.cause.value().map(|element| element.cause)))
                .collect();
            assert_eq!(
                (sent.as_slice(), reached.state()),
                (expected, after),
                "{kind} {elements} in {state:?} of {side:?}"
            );
        }
    };
    let (missing, bad) = (Some(Cause::MANDATORY_ELEMENT_MISSING), Some(Cause::INVALID_ELEMENT_CONTENTS));
    check(State::Null, M::Setup, "18 03 A9 83 85", &[(M::ReleaseComplete, missing)], State::Null);
    check(State::Null, M::Setup, "04 03 80 90 A3 18 02 A9 83", &[(M::ReleaseComplete, bad)], State::Null);
    check(
        State::Null,
        M::Setup,
        "02 01 00 04 03 80 90 A3 18 03 A9 83 85",
        &[(M::ReleaseComplete, missing)],
        State::Null,
    );
    check(
        State::Null,
        M::Setup,
        "04 03 98 90 A3 18 03 A9 83 85",
        &[(M::ReleaseComplete, Some(Cause::BEARER_NOT_IMPLEMENTED))],
        State::Null,
    );
    check(State::Null, M::Setup, "04 01 80 18 03 A9 83 85", &[(M::ReleaseComplete, bad)], State::Null);
    check(State::Active, M::Disconnect, "", &[(M::Release, missing)], State::ReleaseRequest);
    check(State::Active, M::Disconnect, "08 01 80", &[(M::Release, bad)], State::ReleaseRequest);
    check(State::Active, M::Release, "", &[(M::ReleaseComplete, missing)], State::Null);
    check(State::Active, M::Release, "08 00", &[(M::ReleaseComplete, bad)], State::Null);
    check(State::DisconnectSent, M::Release, "", &[(M::ReleaseComplete, None)], State::Null);
    check(State::Active, M::ReleaseComplete, "", &[], State::Null);
    check(State::Initiated, M::CallProceeding, "18 00", &[(M::Status, bad)], State::Initiated);
    check(State::Active, M::Information, "02 00", &[(M::Status, missing)], State::Active);
    check(State::Active, M::Status, "08 02 80 9E", &[], State::Active);
}

#[test]
fn a_setup_names_a_channel_that_exists_and_is_free() {
    let setup = |channel: &str| reach::octets(&format!("A1 04 03 80 90 A3 {channel}"));
    let refused = |side, channel: &str| {
        let mut reached = Reached::new(side, State::Null);
        reached.receive(M::Setup, &setup(channel));
        let sent = reached.sent();
        sent.first().and_then(|(_, elements)| elements.cause.value()).map(|element| element.cause)
    };
    for side in SIDES {
        assert_eq!(refused(side, "18 03 A9 83 85"), None);
        assert_eq!(refused(side, "18 03 A9 83 90"), Some(Cause::CHANNEL_DOES_NOT_EXIST), "the D-channel");
        assert_eq!(refused(side, "18 03 A9 83 80"), Some(Cause::CHANNEL_DOES_NOT_EXIST), "timeslot 0");
        assert_eq!(refused(side, "18 05 A9 83 01 82"), Some(Cause::INVALID_ELEMENT_CONTENTS), "two at once");
        assert_eq!(refused(side, "18 01 A0"), Some(Cause::NO_CHANNEL), "a call without a channel");
        assert_eq!(refused(side, "18 01 A3"), None, "any");
    }
    assert_eq!(refused(Side::User, ""), Some(Cause::MANDATORY_ELEMENT_MISSING), "the network has to choose");
    assert_eq!(refused(Side::Network, ""), None, "the user need not");
}

#[test]
fn the_global_call_reference_is_for_restart_alone() {
    for side in SIDES {
        for &kind in M::NAMED {
            let mut reached = Reached::new(side, State::Active);
            reached.receive_global(kind, &elements_for(kind, State::Active, side));
            let sent: Vec<_> = reached
                .sent()
                .into_iter()
                .map(|(header, elements)| {
                    assert_eq!(header.reference, sig_q931::wire::GLOBAL);
                    (header.kind, elements.cause.value().map(|element| element.cause))
                })
                .collect();
            let expected: &[(M, Option<Cause>)] = match kind {
                M::Restart => &[(M::RestartAcknowledge, None)],
                M::RestartAcknowledge | M::Status => &[],
                _ => &[(M::Status, Some(Cause::INVALID_CALL_REFERENCE))],
            };
            assert_eq!(sent, expected, "{kind} at {side:?}");
            assert_eq!(reached.state(), State::Active, "the call is on another channel");
        }
    }
}

#[test]
fn a_restart_acknowledgement_that_strays_ends_no_call() {
    for side in SIDES {
        let mut reached = Reached::new(side, State::Active);
        reached.receive_global(M::RestartAcknowledge, &reach::octets("18 03 A9 83 83 79 01 80"));
        assert_eq!(reached.state(), State::Active);
    }
}

#[test]
fn a_status_that_crossed_connect_ends_no_call_and_an_answer_that_disagrees_does() {
    for (side, theirs) in [(Side::User, 9), (Side::Network, 4)] {
        let status = |cause: &str| reach::octets(&format!("08 02 80 {cause} 14 01 {theirs:02X}"));
        let mut reached = Reached::new(side, State::Active);
        reached.receive(M::Status, &status("E5"));
        assert_eq!(reached.state(), State::Active, "cause 101: something of ours was not understood");
        reached.receive(M::Status, &status("9E"));
        assert_eq!(reached.state(), State::Active, "an answer to what was not asked");

        reached.interface.handle_link(Instant::ZERO, LinkState::Reset);
        assert_eq!(reached.kinds(), [M::StatusEnquiry]);
        reached.receive(M::Status, &status("E5"));
        assert_eq!(reached.state(), State::Active, "this is no answer either");
        reached.receive(M::Status, &status("9E"));
        assert_eq!(reached.kinds(), [M::Release]);
    }
}

#[test]
fn an_answer_about_a_state_that_is_past_is_asked_for_again() {
    for (side, theirs) in [(Side::User, 4), (Side::Network, 7)] {
        let mut reached = Reached::new(side, State::Delivered);
        reached.interface.handle_link(Instant::ZERO, LinkState::Reset);
        assert_eq!(reached.kinds(), [M::StatusEnquiry]);
        reached.receive(M::Connect, &[]);
        assert_eq!(reached.kinds(), [M::ConnectAcknowledge]);
        reached.receive(M::Status, &reach::octets(&format!("08 02 80 9E 14 01 {theirs:02X}")));
        assert_eq!((reached.kinds(), reached.state()), (vec![M::StatusEnquiry], State::Active));
        reached.receive(M::Status, &reach::octets("08 02 80 9E 14 01 0A"));
        assert_eq!((reached.kinds(), reached.state()), (vec![], State::Active));
    }
}

#[test]
fn after_a_reset_calls_in_the_middle_of_dialling_end_and_others_are_compared_or_left_to_their_timers() {
    for side in SIDES {
        for state in State::ALL.into_iter().filter(|&state| exists(state, side) && state != State::Null) {
            let mut reached = Reached::new(side, state);
            reached.interface.handle_link(Instant::ZERO, LinkState::Reset);
            let expected: &[M] = match state {
                State::OverlapSending | State::OverlapReceiving => &[M::Disconnect],
                State::Initiated | State::Present => &[],
                state if state.is_clearing() => &[],
                _ => &[M::StatusEnquiry],
            };
            assert_eq!(reached.kinds(), expected, "{state:?} of {side:?}");
        }
    }
}

#[test]
fn another_channel_than_the_one_insisted_on_ends_the_call_with_6() {
    for (preference, expected) in [(Preference::Exclusive, vec![M::Release]), (Preference::Preferred, vec![])] {
        let parameters = Parameters { preference, ..Parameters::china(Side::User) };
        let mut reached = Reached::with(Side::User, parameters, State::Initiated);
        reached.receive(M::CallProceeding, &reach::octets("18 03 A9 83 84"));
        assert_eq!(reached.kinds(), expected, "{preference:?}");
    }
}

#[test]
fn a_channel_that_is_in_use_cannot_be_taken_by_an_answer() {
    let mut reached = Reached::new(Side::User, State::Initiated);
    reached.interface.call(Instant::ZERO, reach::setup(), Some(4)).expect("the channel is free");
    let _ = reached.sent();
    reached.receive(M::CallProceeding, &reach::octets("18 03 A9 83 84"));
    let (header, elements) = reached.sent().remove(0);
    let cause = elements.cause.value().map(|element| element.cause);
    assert_eq!((header.kind, cause), (M::Release, Some(Cause::CHANNEL_UNACCEPTABLE)));
}

#[test]
fn a_peer_without_the_call_ends_it_silently() {
    for side in SIDES {
        for state in State::ALL.into_iter().filter(|&state| exists(state, side) && state != State::Null) {
            let mut reached = Reached::new(side, state);
            reached.receive(M::Status, &reach::octets("08 02 80 E5 14 01 00"));
            assert_eq!((reached.kinds(), reached.state()), (vec![], State::Null), "{state:?} of {side:?}");
        }
    }
}

#[test]
fn enquiries_without_answer_are_repeated_and_then_end_the_call() {
    for side in SIDES {
        let mut reached = Reached::new(side, State::Active);
        reached.interface.handle_link(Instant::ZERO, LinkState::Reset);
        let mut sent = reached.kinds();
        for _ in 0..3 {
            reached.expire();
            sent.extend(reached.kinds());
        }
        assert_eq!(sent, [M::StatusEnquiry, M::StatusEnquiry, M::StatusEnquiry, M::Disconnect]);
        assert_eq!(reached.now, Instant::from_millis(12_000));
    }
}

#[test]
fn a_release_that_nobody_confirms_is_repeated_once_then_the_channel_is_restarted_and_given_up() {
    for side in SIDES {
        let mut reached = Reached::new(side, State::Active);
        reached.say(Primitive::Released { cause: Cause::NORMAL_CLEARING });
        let mut sent = vec![];
        while reached.interface.deadline().is_some_and(|due| due <= Instant::from_millis(400_000)) {
            sent.extend(reached.sent().into_iter().map(|(header, _)| (reached.now.as_millis() / 1000, header.kind)));
            reached.expire();
        }
        let expected = [(0, M::Disconnect), (30, M::Release), (34, M::Release), (38, M::Restart), (158, M::Restart)];
        assert_eq!(sent[..5], expected);
        // The user goes on asking; the network leaves it at two (Q.931 §5.5.1).
        assert_eq!(sent.get(5), (side == Side::User).then_some(&(278, M::Restart)));
        reached.sent();
        assert!(reached.out_of_service, "the log says that the channel is given up");
        assert!(reached.interface.call(reached.now, reach::setup(), Some(reach::CHANNEL)).is_err());
    }
}

#[test]
fn a_peer_that_has_no_restart_keeps_its_channels() {
    let mut reached = Reached::new(Side::User, State::Null);
    reached.interface.restart(Instant::ZERO, 9);
    reached.receive_global(M::Status, &reach::octets("08 03 80 E1 46 14 01 00"));
    assert!(reached.interface.call(Instant::ZERO, reach::setup(), Some(9)).is_ok());
}

#[test]
fn the_model_may_say_anything_in_any_state() {
    let words = [
        Primitive::Proceeding,
        Primitive::Progress(Inband::Silent),
        Primitive::Alerting(Inband::Audio),
        Primitive::Connected,
        Primitive::Held,
        Primitive::Flash,
        Primitive::Charge(1),
        Primitive::Reanswered,
        Primitive::Refused(Refusal::NotSupported),
        Primitive::Setup(reach::setup()),
        reach::digits_told(),
        reach::keys_told(),
        Primitive::Clearing { cause: Cause(0), inband: Inband::Audio },
        Primitive::Released { cause: Cause(255) },
    ];
    for side in SIDES {
        for state in State::ALL.into_iter().filter(|&state| exists(state, side)) {
            for word in words {
                let mut reached = Reached::new(side, state);
                reached.say(word);
                let causes = reached.sent().into_iter().filter_map(|(_, elements)| elements.cause.value());
                assert!(
                    causes.into_iter().all(|element| (1..=127).contains(&element.cause.0)),
                    "{word:?} in {state:?}"
                );
            }
        }
    }
}
