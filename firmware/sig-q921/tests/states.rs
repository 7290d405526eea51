//! Every state by every kind of frame, against a table written from Q.921 (09/97) Annex B.

mod pair;

use base::Instant;
use sig_q921::Control::{
    Acknowledge, Disconnect, DisconnectedMode, Exchange, FrameReject, Information, ReceiveNotReady, ReceiveReady,
    Reject, Sabme, Unnumbered,
};
use sig_q921::{Action, Control, Lapd, Link, MdlError, Parameters, Role, Side, State};

const STATES: [State; 5] = [
    State::TeiAssigned4,
    State::AwaitingEstablishment5,
    State::AwaitingRelease6,
    State::MultipleFrame7,
    State::TimerRecovery8,
];

/// What a cell of the table says: the state afterwards, the frames sent, what layer 3 and management are told.
#[derive(Debug, PartialEq, Eq)]
struct Cell {
    state: State,
    sent: Vec<Control>,
    told: Vec<Action>,
}

#[test]
fn every_state_answers_every_frame_as_annex_b_says() {
    for state in STATES {
        for bit in [false, true] {
            for (role, control) in kinds(bit) {
                let expected = expected(state, role, control);
                assert_eq!(seen(state, role, control), expected, "{control:?} as {role:?} in {state:?}");
            }
        }
    }
}

fn kinds(bit: bool) -> Vec<(Role, Control)> {
    let supervisory =
        [ReceiveReady { nr: 0, bit }, ReceiveNotReady { nr: 0, bit }, Reject { nr: 0, bit }, Exchange { bit }];
    let commands = [Information { ns: 0, nr: 0, bit }, Sabme { bit }, Disconnect { bit }, Unnumbered { bit }];
    let responses = [Acknowledge { bit }, DisconnectedMode { bit }, FrameReject { bit }];
    let both = supervisory.into_iter().flat_map(|control| [(Role::Command, control), (Role::Response, control)]);
    let commands = commands.into_iter().map(|control| (Role::Command, control));
    both.chain(commands).chain(responses.into_iter().map(|control| (Role::Response, control))).collect()
}

/// The table, row by row.
fn expected(state: State, role: Role, control: Control) -> Cell {
    use State::{AwaitingEstablishment5, AwaitingRelease6, MultipleFrame7, TeiAssigned4, TimerRecovery8};
    let is_up = matches!(state, MultipleFrame7 | TimerRecovery8);
    let cell = |after, sent: &[Control], told: &[Action]| Cell { state: after, sent: sent.into(), told: told.into() };
    let same = |sent: &[Control], told: &[Action]| cell(state, sent, told);
    let anew = |error| cell(AwaitingEstablishment5, &[Sabme { bit: true }], &[Action::Error(error)]);
    match control {
        // Nothing is sent in UI frames here, and parameters are not negotiated.
        Unnumbered { .. } | Exchange { .. } => same(&[], &[]),

        Sabme { bit } => match state {
            TeiAssigned4 => cell(MultipleFrame7, &[Acknowledge { bit }], &[Action::Established]),
            AwaitingEstablishment5 => same(&[Acknowledge { bit }], &[]),
            AwaitingRelease6 => same(&[DisconnectedMode { bit }], &[]),
            MultipleFrame7 | TimerRecovery8 => {
                cell(MultipleFrame7, &[Acknowledge { bit }], &[Action::Error(MdlError::F), Action::Reset])
            }
        },
        Disconnect { bit } => match state {
            TeiAssigned4 | AwaitingEstablishment5 => same(&[DisconnectedMode { bit }], &[]),
            AwaitingRelease6 => same(&[Acknowledge { bit }], &[]),
            MultipleFrame7 | TimerRecovery8 => cell(TeiAssigned4, &[Acknowledge { bit }], &[Action::Released]),
        },
        Acknowledge { bit: true } => match state {
            AwaitingEstablishment5 => cell(MultipleFrame7, &[], &[Action::Established]),
            AwaitingRelease6 => cell(TeiAssigned4, &[], &[Action::Released]),
            TeiAssigned4 | MultipleFrame7 | TimerRecovery8 => same(&[], &[Action::Error(MdlError::C)]),
        },
        Acknowledge { bit: false } => same(&[], &[Action::Error(MdlError::D)]),
        DisconnectedMode { bit: true } => match state {
            TeiAssigned4 => same(&[], &[]),
            AwaitingEstablishment5 | AwaitingRelease6 => cell(TeiAssigned4, &[], &[Action::Released]),
            MultipleFrame7 => same(&[], &[Action::Error(MdlError::B)]),
            TimerRecovery8 => anew(MdlError::B),
        },
        DisconnectedMode { bit: false } => match state {
            // In state 4 only a link that somebody wants is established; here nobody does.
            TeiAssigned4 | AwaitingEstablishment5 | AwaitingRelease6 => same(&[], &[]),
            MultipleFrame7 | TimerRecovery8 => anew(MdlError::E),
        },
        FrameReject { .. } if is_up => anew(MdlError::K),
        FrameReject { .. } => same(&[], &[]),

        // Without a link the rest means nothing.
        _ if !is_up => same(&[], &[]),
        Information { bit, .. } => {
            let message = sig_q921::Message::from_slice(b"text").expect("four octets fit");
            same(&[ReceiveReady { nr: 1, bit }], &[Action::Deliver(message)])
        }
        ReceiveReady { bit, .. } | ReceiveNotReady { bit, .. } | Reject { bit, .. } => match (role, bit, state) {
            (Role::Command, true, _) => same(&[ReceiveReady { nr: 0, bit: true }], &[]),
            (Role::Response, true, TimerRecovery8) => cell(MultipleFrame7, &[], &[]),
            (Role::Response, true, _) => same(&[], &[Action::Error(MdlError::A)]),
            (_, false, _) => same(&[], &[]),
        },
    }
}

/// A user's link in `state`, and what it does with the frame.
fn seen(state: State, role: Role, control: Control) -> Cell {
    let mut link = link_in(state);
    let information: &[u8] = match control {
        Information { .. } => b"text",
        FrameReject { .. } => &[0; 5],
        _ => &[],
    };
    link.handle_frame(Instant::from_millis(1), &Lapd { role, control, information }.encode(Side::Network));
    let (mut sent, mut told) = (Vec::new(), Vec::new());
    while let Some(action) = link.poll_action() {
        match action {
            Action::Transmit(frame) => {
                sent.push(Lapd::parse(Side::User, &frame, 260).expect("a link sends good frames").control);
            }
            other => told.push(other),
        }
    }
    Cell { state: link.state(), sent, told }
}

fn link_in(state: State) -> Link {
    let mut link = Link::new(Side::User, Parameters::default());
    let now = Instant::ZERO;
    let response = |control| Lapd { role: Role::Response, control, information: &[] }.encode(Side::Network);
    if state != State::TeiAssigned4 {
        link.establish(now);
    }
    if !matches!(state, State::TeiAssigned4 | State::AwaitingEstablishment5) {
        link.handle_frame(now, &response(Acknowledge { bit: true }));
    }
    match state {
        State::AwaitingRelease6 => link.release(now),
        State::TimerRecovery8 => link.handle_timeout(link.deadline().expect("T203 runs")),
        State::TeiAssigned4 | State::AwaitingEstablishment5 | State::MultipleFrame7 => {}
    }
    while link.poll_action().is_some() {}
    assert_eq!(link.state(), state);
    link
}
