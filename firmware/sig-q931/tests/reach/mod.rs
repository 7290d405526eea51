//! Brings an interface into any state, as a peer and a model would.
#![allow(dead_code, reason = "each test file uses its part")]

use base::{Cause, Digits, Instant};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use sig_q931::wire::{Elements, Flag, GLOBAL, Header, MessageType as M};
use sig_q931::{Action, CallHandle, Interface, LinkState, Overlap, Parameters, Report, Side, State};

/// The channel of the call.
pub(crate) const CHANNEL: u8 = 3;
/// The cause in messages of the peer that clear.
pub(crate) const PEERS_CAUSE: Cause = Cause::USER_BUSY;
/// The cause with which calls in a clearing state were cleared.
pub(crate) const CLEARED_WITH: Cause = Cause::NORMAL_CLEARING;

pub(crate) struct Reached {
    pub(crate) interface: Box<Interface>,
    pub(crate) now: Instant,
    pub(crate) out_of_service: bool,
    flag: Flag,
    call: Option<CallHandle>,
}

impl Reached {
    pub(crate) fn new(side: Side, state: State) -> Self {
        let overlap = if state == State::OverlapReceiving { Overlap::Received } else { Overlap::Refused };
        Self::with(side, Parameters { overlap, ..Parameters::china(side) }, state)
    }

    pub(crate) fn with(side: Side, parameters: Parameters, state: State) -> Self {
        let mut interface = Box::new(Interface::new(side, parameters));
        interface.handle_link(Instant::ZERO, LinkState::Up);
        let flag = if state.is_originating() { Flag::ToOriginator } else { Flag::FromOriginator };
        let mut reached = Self { interface, now: Instant::ZERO, out_of_service: false, flag, call: None };
        reached.walk_to(state);
        let _ = reached.sent();
        assert_eq!(reached.state(), state, "the way to {state:?}");
        reached
    }

    fn walk_to(&mut self, state: State) {
        match state {
            State::Null => return,
            State::Initiated | State::OverlapSending | State::Proceeding | State::Delivered => {
                let call = self.interface.call(self.now, setup(), Some(CHANNEL)).expect("the channel is free");
                self.call = Some(call);
            }
            _ => self.receive(M::Setup, &octets(if state == State::OverlapReceiving { OPEN } else { WHOLE })),
        }
        let _ = self.sent();
        match state {
            State::OverlapSending => self.receive(M::SetupAcknowledge, &octets("18 03 A9 83 83")),
            State::Proceeding => self.receive(M::CallProceeding, &octets("18 03 A9 83 83")),
            State::Delivered => self.receive(M::Alerting, &octets("18 03 A9 83 83")),
            State::IncomingProceeding => self.say(Primitive::Proceeding),
            State::Received => self.say(Primitive::Alerting(Inband::Silent)),
            State::ConnectRequest => self.say(Primitive::Connected),
            State::Active => self.answer(),
            State::DisconnectSent => {
                self.answer();
                self.say(Primitive::Released { cause: CLEARED_WITH });
            }
            State::DisconnectReceived => {
                self.answer();
                self.receive(M::Disconnect, &octets("08 02 80 90"));
            }
            State::ReleaseRequest => {
                self.answer();
                self.receive(M::Disconnect, &octets("08 02 80 90"));
                self.say(Primitive::Released { cause: CLEARED_WITH });
            }
            State::Null | State::Initiated | State::Present | State::OverlapReceiving => {}
        }
    }

    fn answer(&mut self) {
        self.say(Primitive::Connected);
        if self.interface.side() == Side::User {
            self.receive(M::ConnectAcknowledge, &[]);
        }
    }

    pub(crate) fn say(&mut self, primitive: Primitive) {
        if let Some(call) = self.call {
            self.interface.line(self.now, call, primitive);
        }
    }

    pub(crate) fn receive(&mut self, kind: M, elements: &[u8]) {
        self.message(Header { flag: self.flag, reference: 1, kind }, elements);
    }

    pub(crate) fn receive_global(&mut self, kind: M, elements: &[u8]) {
        let flag = if kind == M::RestartAcknowledge { Flag::ToOriginator } else { Flag::FromOriginator };
        self.message(Header { flag, reference: GLOBAL, kind }, elements);
    }

    fn message(&mut self, header: Header, elements: &[u8]) {
        let octets = [&header.octets(), elements].concat();
        self.interface.handle_message(self.now, &octets);
    }

    pub(crate) fn expire(&mut self) {
        self.now = self.interface.deadline().expect("some timer runs");
        self.interface.handle_timeout(self.now);
    }

    /// Messages sent since the last time, all other actions taken note of.
    pub(crate) fn sent(&mut self) -> Vec<(Header, Elements)> {
        let mut sent = Vec::new();
        while let Some(action) = self.interface.poll_action() {
            match action {
                Action::Transmit(octets) => {
                    let (header, rest) = Header::parse(&octets).expect("good messages");
                    sent.push((header, Elements::parse(rest)));
                }
                Action::Line { call, .. } => self.call = Some(call),
                Action::Report(Report::OutOfService(_)) => self.out_of_service = true,
                Action::Report(_) | Action::ChannelRestarted(_) => {}
            }
        }
        sent
    }

    pub(crate) fn kinds(&mut self) -> Vec<M> {
        self.sent().into_iter().map(|(header, _)| header.kind).collect()
    }

    pub(crate) fn state(&self) -> State {
        self.interface.calls().next().map_or(State::Null, |(_, state, _)| state)
    }
}

/// SETUP of the peer: speech, timeslot 3, called 8001, with and without sending complete.
const WHOLE: &str = "A1 04 03 80 90 A3 18 03 A9 83 83 70 05 80 38 30 30 31";
const OPEN: &str = "04 03 80 90 A3 18 03 A9 83 83 70 05 80 38 30 30 31";

/// Elements that a message of this kind needs, so that it is taken for what it is.
pub(crate) fn elements_for(kind: M, state: State, side: Side) -> Vec<u8> {
    match kind {
        M::Setup => octets(WHOLE),
        M::SetupAcknowledge | M::CallProceeding | M::Alerting | M::Connect => octets("18 03 A9 83 83"),
        M::Progress => octets("1E 02 82 88"),
        M::Disconnect | M::Release | M::ReleaseComplete => octets("08 02 80 91"),
        // The called number for those who collect digits, keys for those who talk.
        M::Information => octets("2C 02 34 32 70 03 80 37 37"),
        M::Notify => octets("27 01 F9"),
        M::Status => {
            let number = if state == State::Null { 10 } else { state.number(side) };
            octets(&format!("08 02 80 E5 14 01 {number:02X}"))
        }
        M::Restart | M::RestartAcknowledge => octets("18 03 A9 83 89 79 01 80"),
        _ => Vec::new(),
    }
}

/// What the model is told of the digits above.
pub(crate) fn digits_told() -> Primitive {
    Primitive::Digits { digits: digits("77"), address: Address::Open }
}

/// And of the keys.
pub(crate) fn keys_told() -> Primitive {
    Primitive::Info(digits("42"))
}

/// And of the SETUP.
pub(crate) fn setup_told() -> Primitive {
    Primitive::Setup(Setup { from: Number::default(), to: Number::unknown(digits("8001")), ..setup() })
}

pub(crate) fn setup() -> Setup {
    Setup {
        from: Number::unknown(digits("2161234567")),
        to: Number::unknown(digits("10086")),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    }
}

pub(crate) fn digits(text: &str) -> Digits {
    text.parse().expect("digits")
}

pub(crate) fn octets(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|octet| u8::from_str_radix(octet, 16).expect("hexadecimal")).collect()
}
