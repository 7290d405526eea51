//! The call model's word for a call.

use super::{Interface, Place};
use crate::interface::CallHandle;
use crate::profile::ConnectAcknowledge;
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{MessageType, Party};
use base::{Digits, Instant};
use ports::call::{Address, Inband, Number, Primitive, Refusal};

impl Interface {
    /// Carries out what the call model wants of a call. What the protocol cannot do, or not now, comes back as
    /// [`Primitive::Refused`]; a handle of a call that is gone is ignored.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        let Some(place) = self.find(call) else { return };
        let Some(state) = self.calls[place].as_ref().map(|call| call.state) else { return };
        if !self.calls[place].as_ref().is_some_and(|call| call.known) {
            return;
        }
        match primitive {
            Primitive::Clearing { cause, inband } => self.clear(now, place, cause, inband),
            Primitive::Released { cause } => self.clear(now, place, cause, Inband::Silent),
            Primitive::Detail(detail) => self.detail(place, state, detail),
            // The end is under way, and its confirmation the next word.
            _ if state.is_clearing() => {}
            Primitive::Proceeding => self.proceeding(place, state),
            Primitive::Progress(inband) => self.progress(place, state, inband),
            Primitive::Alerting(inband) => self.alerting(place, state, inband),
            Primitive::Connected => self.connect(now, place, state),
            Primitive::Digits { digits, address } => self.digits(now, place, state, digits, address),
            Primitive::Info(digits) if state == State::Active => {
                self.send(place, MessageType::Information, |message| message.keypad(&digits));
            }
            Primitive::Setup(_) | Primitive::Info(_) => self.wrong_state(place),
            Primitive::Held | Primitive::Retrieved => self.hold(now, place, state, primitive),
            Primitive::Flash
            | Primitive::Charge(_)
            | Primitive::MediaOffer(_)
            | Primitive::MediaAnswer(_)
            | Primitive::TransferRequested(_)
            | Primitive::Reanswered => self.tell(place, Primitive::Refused(Refusal::NotSupported)),
            // A word about a word of ours needs no answer.
            Primitive::Refused(_) => {}
        }
    }

    pub(super) fn proceeding(&mut self, place: Place, state: State) {
        match state {
            State::Present | State::OverlapReceiving => {
                self.send_first(place, MessageType::CallProceeding, |_| {});
                // How long the call model may take from here on is its own affair.
                self.enter(place, State::IncomingProceeding, None);
            }
            state if state.is_terminating() => {}
            _ => self.wrong_state(place),
        }
    }

    /// A word that does not fit the call's state.
    fn wrong_state(&mut self, place: Place) {
        self.tell(place, Primitive::Refused(Refusal::WrongState));
    }

    fn progress(&mut self, place: Place, state: State, inband: Inband) {
        match state {
            State::Present | State::OverlapReceiving => {
                self.proceeding(place, state);
                self.progress(place, State::IncomingProceeding, inband);
            }
            State::IncomingProceeding | State::Received if inband == Inband::Audio => {
                let location = self.location();
                self.send(place, MessageType::Progress, |message| message.inband(location));
            }
            state if state.is_terminating() => {}
            _ => self.wrong_state(place),
        }
    }

    fn alerting(&mut self, place: Place, state: State, inband: Inband) {
        match state {
            State::Present | State::OverlapReceiving | State::IncomingProceeding => {
                let location = self.location();
                self.send_first(place, MessageType::Alerting, |message| {
                    if inband == Inband::Audio {
                        message.inband(location);
                    }
                });
                self.enter(place, State::Received, None);
            }
            // Rung already; now there is something to hear, too.
            State::Received => self.progress(place, state, inband),
            _ => self.wrong_state(place),
        }
    }

    fn connect(&mut self, now: Instant, place: Place, state: State) {
        match state {
            State::ConnectRequest | State::Active => return,
            state if state.is_terminating() => {}
            _ => return self.wrong_state(place),
        }
        self.send_first(place, MessageType::Connect, |_| {});
        match (self.side, self.parameters.connect_acknowledge) {
            // The peer answers CONNECT; until then the call is not up (Q.931 §5.2.8).
            (Side::User, _) | (Side::Network, ConnectAcknowledge::Both) => {
                let timer = self.timer(now, Timer::T313);
                self.enter(place, State::ConnectRequest, timer);
            }
            (Side::Network, ConnectAcknowledge::User) => self.enter(place, State::Active, None),
        }
    }

    fn digits(&mut self, now: Instant, place: Place, state: State, digits: Digits, address: Address) {
        match state {
            State::OverlapSending => {
                self.send_digits(place, &digits, address);
                let timer = self.timer(now, Timer::T304);
                self.enter(place, State::OverlapSending, timer);
            }
            State::Initiated => self.keep_digits(place, &digits, address),
            // The peer knows enough already.
            State::Proceeding | State::Delivered | State::Active => {}
            _ => self.wrong_state(place),
        }
    }

    pub(super) fn send_digits(&mut self, place: Place, digits: &Digits, address: Address) {
        let (plan, kind) = (self.parameters.called_plan, self.parameters.called_kind);
        self.send(place, MessageType::Information, |message| {
            if address == Address::Complete {
                message.sending_complete();
            }
            if !digits.is_empty() {
                message.number(Party::Called, plan, &Number { kind, ..Number::unknown(*digits) });
            }
        });
    }

    /// The peer has not asked for digits yet.
    fn keep_digits(&mut self, place: Place, digits: &Digits, address: Address) {
        let Some(call) = &mut self.calls[place] else { return };
        let mut kept = call.waiting.map_or_else(Digits::new, |(digits, _)| digits);
        let fits = kept.append(digits).is_ok();
        call.waiting = Some((kept, address));
        if !fits {
            self.wrong_state(place);
        }
    }
}
