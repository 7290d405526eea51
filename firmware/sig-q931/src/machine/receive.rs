//! Messages of the peer: the table of what each does in each state.

use super::{Call, Interface, Ours, Place};
use crate::interface::Report;
use crate::profile::Senders;
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{
    Diagnostics, Element, Elements, Field, Flag, GLOBAL, Header, MAINTENANCE, MessageType, Reason, WireError, Writer,
};
use base::{Cause, Instant};
use ports::call::{Address, Inband, Primitive};

impl Interface {
    /// A message from the data link. Whatever the octets are, the answer is the standard's (Q.931 §5.8).
    pub fn handle_message(&mut self, now: Instant, octets: &[u8]) {
        let (header, rest) = match Header::parse(octets) {
            Ok(parsed) => parsed,
            Err(WireError::Discriminator(other)) if MAINTENANCE.contains(&other) => return self.on_maintenance(octets),
            Err(why) => return self.report(Report::Unreadable(why)),
        };
        let mut elements = Elements::default();
        elements.read(rest);
        if header.reference == GLOBAL {
            return self.on_global(now, header, &elements, rest);
        }
        let ours = match header.flag {
            Flag::FromOriginator => Ours::No,
            Flag::ToOriginator => Ours::Yes,
        };
        match self.by_reference(header.reference, ours) {
            Some(place) => self.on_call(now, place, header.kind, &elements),
            None => self.on_no_call(now, header, &elements),
        }
    }

    /// A message for a call reference that names no call (Q.931 §5.8.3.2).
    fn on_no_call(&mut self, now: Instant, header: Header, elements: &Elements) {
        let state = elements.call_state.value();
        let cause = match header.kind {
            // A SETUP that says the reference is ours is a stray (Q.931 §5.8.3.2 c).
            MessageType::Setup if header.flag == Flag::FromOriginator => {
                return self.setup_received(now, header.reference, elements);
            }
            MessageType::Setup | MessageType::ReleaseComplete => return,
            MessageType::Status if state == Some(0) => return,
            // The network rejects what it does not offer; a user is never asked (Q.931 §5.6.5).
            MessageType::Resume if header.flag == Flag::FromOriginator && self.side == Side::Network => {
                let mut answer = Writer::new(Flag::ToOriginator, header.reference, MessageType::ResumeReject);
                answer.reason(self.location(), Cause::FACILITY_NOT_IMPLEMENTED.into());
                return self.transmit(&answer);
            }
            // Asked for a call that is none here, the answer is the null state (Q.931 §5.8.10).
            MessageType::StatusEnquiry => {
                let mut answer = Writer::new(header.flag.reversed(), header.reference, MessageType::Status);
                answer.reason(self.location(), Cause::RESPONSE_TO_STATUS_ENQUIRY.into());
                answer.call_state(0);
                return self.transmit(&answer);
            }
            // The peer holds a call that is none here (Q.931 §5.8.11).
            MessageType::Status => Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE,
            _ => Cause::INVALID_CALL_REFERENCE,
        };
        self.report(Report::Unexpected { message: header.kind, state: State::Null, cause });
        let mut answer = Writer::new(header.flag.reversed(), header.reference, MessageType::ReleaseComplete);
        answer.reason(self.location(), cause.into());
        self.transmit(&answer);
    }

    fn on_call(&mut self, now: Instant, place: Place, kind: MessageType, elements: &Elements) {
        let Some(state) = self.calls[place].as_ref().map(|call| call.state) else { return };
        if let Some(reason) = faults(kind, elements) {
            return self.on_faulty(now, place, state, kind, reason);
        }
        if says_more(kind, state) {
            self.setup_answered(place);
            self.tell_details(place, elements);
        }
        match (kind, state) {
            // A repeated SETUP of a call in progress is ignored (Q.931 §5.8.3.2 e).
            (MessageType::Setup, _) => {}
            (MessageType::SetupAcknowledge, State::Initiated) => self.on_setup_acknowledge(now, place, elements),
            (MessageType::CallProceeding, State::Initiated | State::OverlapSending) => {
                self.on_proceeding(now, place, state, elements);
            }
            (MessageType::Progress, state) if state.is_originating() => self.on_progress(now, place, state, elements),
            (MessageType::Alerting, State::Initiated | State::OverlapSending | State::Proceeding) => {
                self.on_alerting(now, place, state, elements);
            }
            (MessageType::Connect, state) if state.is_originating() => self.on_connect(now, place, state, elements),
            (MessageType::ConnectAcknowledge, State::ConnectRequest) => self.enter(place, State::Active, None),
            // A calling user may send it; the network does nothing with it (Q.931 §5.1.8).
            (MessageType::ConnectAcknowledge, State::Active) => {}
            (MessageType::Information, State::OverlapReceiving) => self.on_digits(now, place, elements),
            (MessageType::Information, State::Active) => {
                if let Some(digits) = elements.keypad.value() {
                    self.tell(place, Primitive::Info(digits));
                }
            }
            // Digits past the end of the number, or display text: of no use, and no fault.
            (MessageType::Information, _) => {}
            (MessageType::Disconnect, _) => self.on_disconnect(now, place, state, elements),
            (MessageType::Release, _) => self.on_release(place, state, elements),
            (MessageType::ReleaseComplete, State::Initiated)
                if elements.cause.value().is_some_and(|element| self.rehunt(now, place, element.cause)) => {}
            (MessageType::ReleaseComplete, _) => {
                if state == State::Initiated {
                    self.tell_details(place, elements);
                }
                let cause = self.final_cause(place, state, elements);
                self.finish(place, cause);
            }
            (MessageType::Status, _) => self.on_status(now, place, state, elements),
            (MessageType::StatusEnquiry, _) => {
                self.send_status(place, state, Cause::RESPONSE_TO_STATUS_ENQUIRY.into());
            }
            (MessageType::Notify, State::Active) => self.on_notify(place, elements),
            (
                MessageType::Notify
                | MessageType::Facility
                | MessageType::UserInformation
                | MessageType::CongestionControl,
                _,
            ) => {}
            (MessageType::Hold | MessageType::Retrieve, _) => self.on_hold(place, state, kind),
            (
                MessageType::HoldAcknowledge
                | MessageType::HoldReject
                | MessageType::RetrieveAcknowledge
                | MessageType::RetrieveReject,
                _,
            ) if self.hold_answered(place, kind) => {}
            // Only the network is asked to suspend; RESUME belongs to no call that lives (Q.931 §5.6).
            (MessageType::Suspend, _) if self.side == Side::Network => {
                self.turn_down(place, MessageType::SuspendReject);
            }
            (MessageType::Unknown(octet), _) => {
                self.on_unexpected(place, state, kind, Reason::about(Cause::MESSAGE_TYPE_UNKNOWN, octet));
            }
            (
                MessageType::SetupAcknowledge
                | MessageType::CallProceeding
                | MessageType::Progress
                | MessageType::Alerting
                | MessageType::Connect
                | MessageType::ConnectAcknowledge
                | MessageType::Restart
                | MessageType::RestartAcknowledge
                | MessageType::HoldAcknowledge
                | MessageType::HoldReject
                | MessageType::RetrieveAcknowledge
                | MessageType::RetrieveReject
                | MessageType::Suspend
                | MessageType::Resume
                | MessageType::SuspendAcknowledge
                | MessageType::SuspendReject
                | MessageType::ResumeAcknowledge
                | MessageType::ResumeReject,
                _,
            ) => {
                let reason = Reason::about(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE, kind.octet());
                if crosses(kind, state) {
                    self.report(Report::Crossed { message: kind, state });
                    return self.send_status(place, state, reason);
                }
                self.on_unexpected(place, state, kind, reason);
            }
        }
    }

    fn on_setup_acknowledge(&mut self, now: Instant, place: Place, elements: &Elements) {
        if !self.accept_channel(now, place, elements) {
            return;
        }
        let timer = self.timer(now, Timer::T304);
        self.enter(place, State::OverlapSending, timer);
        let Some(call) = &mut self.calls[place] else { return };
        let whole = call.setup.is_some_and(|setup| setup.address == Address::Complete);
        match call.waiting.take() {
            Some((digits, address)) => self.send_digits(place, &digits, address),
            // The peer missed that the number is whole: say it again.
            None if whole => self.send_digits(place, &base::Digits::new(), Address::Complete),
            None => {}
        }
        if elements.inband {
            self.tell(place, Primitive::Progress(Inband::Audio));
        }
    }

    fn on_proceeding(&mut self, now: Instant, place: Place, state: State, elements: &Elements) {
        if state == State::Initiated && !self.accept_channel(now, place, elements) {
            return;
        }
        let timer = self.timer(now, Timer::T310);
        self.enter(place, State::Proceeding, timer);
        self.tell(place, Primitive::Proceeding);
        if elements.inband {
            self.tell(place, Primitive::Progress(Inband::Audio));
        }
    }

    fn on_progress(&mut self, now: Instant, place: Place, state: State, elements: &Elements) {
        if state == State::Initiated && !self.accept_channel(now, place, elements) {
            return;
        }
        // The call left the network: its own timers end here (Q.931 §5.1.6).
        // What follows lasts no longer than ringing does.
        let timer = self.timer(now, Timer::T301);
        if let Some(call) = &mut self.calls[place]
            && matches!(call.timer, Some((Timer::T310 | Timer::T303, _)))
        {
            call.timer = timer;
        }
        self.tell(place, Primitive::Progress(heard(elements)));
    }

    fn on_alerting(&mut self, now: Instant, place: Place, state: State, elements: &Elements) {
        if state == State::Initiated && !self.accept_channel(now, place, elements) {
            return;
        }
        let timer = self.timer(now, Timer::T301);
        self.enter(place, State::Delivered, timer);
        self.tell(place, Primitive::Alerting(heard(elements)));
    }

    fn on_connect(&mut self, now: Instant, place: Place, state: State, elements: &Elements) {
        if state == State::Initiated && !self.accept_channel(now, place, elements) {
            return;
        }
        self.send(place, MessageType::ConnectAcknowledge, |_| {});
        self.enter(place, State::Active, None);
        self.tell(place, Primitive::Connected);
    }

    fn on_digits(&mut self, now: Instant, place: Place, elements: &Elements) {
        let timer = self.timer(now, Timer::T302);
        self.enter(place, State::OverlapReceiving, timer);
        let address = if elements.sending_complete { Address::Complete } else { Address::Open };
        self.tell(place, Primitive::Digits { digits: elements.digits(), address });
    }

    fn on_disconnect(&mut self, now: Instant, place: Place, state: State, elements: &Elements) {
        let cause = elements.cause.value().map_or(Cause::NORMAL_UNSPECIFIED, |element| element.cause);
        match state {
            // Both sides sent DISCONNECT (Q.931 §5.3.5).
            State::DisconnectSent => {
                let first = self.reason_of(place);
                self.release(now, place, first);
            }
            State::DisconnectReceived | State::ReleaseRequest => {}
            _ => {
                self.keep_reason(place, cause);
                let timer = self.timer(now, Timer::T306);
                self.enter(place, State::DisconnectReceived, timer);
                let plays = self.side == Side::User || self.parameters.tones == Senders::Both;
                let inband = if plays { heard(elements) } else { Inband::Silent };
                self.tell(place, Primitive::Clearing { cause, inband });
            }
        }
    }

    fn on_release(&mut self, place: Place, state: State, elements: &Elements) {
        let cause = self.final_cause(place, state, elements);
        // The first message that clears has to say why (Q.931 §5.8.6.1).
        let fault = match elements.cause {
            _ if state.is_clearing() => None,
            Element::Absent => Some(Cause::MANDATORY_ELEMENT_MISSING),
            Element::Bad => Some(Cause::INVALID_ELEMENT_CONTENTS),
            Element::Value(_) => None,
        };
        let location = self.location();
        // Both sides sent RELEASE: neither completes it (Q.931 §5.3.5).
        if state != State::ReleaseRequest {
            self.send(place, MessageType::ReleaseComplete, |message| {
                if let Some(fault) = fault {
                    message.reason(location, Reason::about(fault, Field::Cause.identifier()));
                }
            });
        }
        self.finish(place, cause);
    }

    /// What the call model is told at the end: the cause of the message that cleared the call first.
    fn final_cause(&self, place: Place, state: State, elements: &Elements) -> Cause {
        match elements.cause.value() {
            Some(element) if !state.is_clearing() => element.cause,
            Some(_) | None => self.cause_of(place),
        }
    }

    fn on_status(&mut self, now: Instant, place: Place, state: State, elements: &Elements) {
        let cause = elements.cause.value().map_or(Cause::NORMAL_UNSPECIFIED, |element| element.cause);
        let theirs = elements.call_state.value();
        let about = elements.cause.value().map_or(Diagnostics::NONE, |element| element.about);
        self.report(Report::Status { cause, about, state: theirs });
        let answers = cause == Cause::RESPONSE_TO_STATUS_ENQUIRY;
        let asked = self.calls[place].as_mut().and_then(|call| call.t322.take_if(|_| answers));
        match (theirs, asked) {
            // The peer has no such call: it is released without another word (Q.931 §5.8.11).
            (Some(0), _) => {
                let model = if state.is_clearing() { self.cause_of(place) } else { Cause::TEMPORARY_FAILURE };
                self.finish(place, model);
            }
            // The call went on since we asked: what the peer says is old.
            (Some(_), Some((_, sent, then))) if then != state => self.enquire(now, place, sent),
            // The two cannot come together again. Of a STATUS that nobody asked for this cannot be said: a message may have
            // crossed it.
            (Some(theirs), Some(_)) if !state.agrees_with(self.side, theirs) => {
                let cause = Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE;
                self.tell(place, Primitive::Clearing { cause, inband: Inband::Silent });
                self.release(now, place, cause);
            }
            (Some(_) | None, _) => {}
        }
    }

    fn on_notify(&mut self, place: Place, elements: &Elements) {
        match elements.notification {
            // User suspended and resumed (Q.931 §4.5.22); remote hold and retrieval (ETS 300 141-1).
            Element::Value(0x00 | 0x79) => self.tell(place, Primitive::Held),
            Element::Value(0x01 | 0x7A) => self.tell(place, Primitive::Retrieved),
            Element::Value(_) | Element::Absent | Element::Bad => {}
        }
    }

    /// A mandatory element is missing or bad (Q.931 §5.8.6, §5.8.7): clearing goes on, anything else is answered by STATUS.
    fn on_faulty(&mut self, now: Instant, place: Place, state: State, kind: MessageType, reason: Reason) {
        let cause = reason.cause;
        match kind {
            MessageType::Disconnect if !state.is_clearing() => {
                self.report(Report::Unexpected { message: kind, state, cause });
                self.tell(place, Primitive::Clearing { cause, inband: Inband::Silent });
                self.release(now, place, reason);
            }
            MessageType::Disconnect => self.on_disconnect(now, place, state, &Elements::default()),
            // STATUS is not answered by STATUS: two ends could go on for ever.
            MessageType::Status => self.report(Report::Unexpected { message: kind, state, cause }),
            _ => self.on_unexpected(place, state, kind, reason),
        }
    }

    /// STATUS on what does not fit; the state stays.
    fn on_unexpected(&mut self, place: Place, state: State, kind: MessageType, reason: Reason) {
        self.report(Report::Unexpected { message: kind, state, cause: reason.cause });
        self.send_status(place, state, reason);
    }

    fn send_status(&mut self, place: Place, state: State, reason: Reason) {
        let (location, number) = (self.location(), state.number(self.side));
        self.send(place, MessageType::Status, |message| {
            message.reason(location, reason);
            message.call_state(number);
        });
    }

    /// A supplementary service that this interface does not have.
    fn turn_down(&mut self, place: Place, reject: MessageType) {
        let location = self.location();
        self.send(place, reject, |message| message.reason(location, Cause::FACILITY_NOT_IMPLEMENTED.into()));
    }
}

impl Call {
    /// The timer of the state has run out once before.
    pub(super) const fn was_repeated(&self) -> bool {
        self.repeated
    }
}

/// Whether this message in this state brings the call model a word, and details before it.
const fn says_more(kind: MessageType, state: State) -> bool {
    match kind {
        MessageType::SetupAcknowledge
        | MessageType::CallProceeding
        | MessageType::Progress
        | MessageType::Alerting
        | MessageType::Connect => state.is_originating(),
        MessageType::Information | MessageType::UserInformation | MessageType::Notify => !state.is_clearing(),
        MessageType::Disconnect | MessageType::Release => !state.is_clearing(),
        // A refusal for its channel may end nothing: the call is then sent again with what it says.
        MessageType::ReleaseComplete => !state.is_clearing() && !matches!(state, State::Initiated),
        _ => false,
    }
}

/// Something is to be heard in the channel.
const fn heard(elements: &Elements) -> Inband {
    if elements.inband { Inband::Audio } else { Inband::Silent }
}

/// Whether this was right when the peer sent it: our DISCONNECT or RELEASE was on its way. The order of the exchange's own messages is kept, so
/// what belongs to the beginning of a call, to its answer or to a service in it may have been sent before ours arrived.
const fn crosses(kind: MessageType, state: State) -> bool {
    matches!(state, State::DisconnectSent | State::ReleaseRequest)
        && matches!(
            kind,
            MessageType::SetupAcknowledge
                | MessageType::CallProceeding
                | MessageType::Progress
                | MessageType::Alerting
                | MessageType::Connect
                | MessageType::ConnectAcknowledge
                | MessageType::HoldAcknowledge
                | MessageType::HoldReject
                | MessageType::RetrieveAcknowledge
                | MessageType::RetrieveReject
        )
}

/// What is wrong with the elements of a message. RELEASE and RELEASE COMPLETE are always honoured.
fn faults(kind: MessageType, elements: &Elements) -> Option<Reason> {
    match kind {
        MessageType::Release | MessageType::ReleaseComplete | MessageType::Setup => None,
        MessageType::Disconnect => elements.fault(&[Field::Cause], &[]),
        MessageType::Status => elements.fault(&[Field::Cause, Field::CallState], &[]),
        MessageType::SetupAcknowledge | MessageType::CallProceeding | MessageType::Alerting | MessageType::Connect => {
            elements.fault(&[], &[Field::Channel])
        }
        MessageType::Progress => elements.fault(&[Field::Progress], &[Field::Channel]),
        MessageType::Notify => elements.fault(&[Field::Notification], &[]),
        _ => elements.fault(&[], &[]),
    }
}
