//! How calls begin: SETUP out and in, and the choice of their channel (Q.931 §5.1, §5.2).

use super::channels::is_bearer;
use super::{Interface, Ours, Place};
use crate::interface::{CallHandle, LinkState, Report};
use crate::profile::{Glare, Overlap, Senders, SendingComplete, SetupChannel};
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{
    ChannelId, Element, Elements, Field, Flag, MessageType, Party, Preference, Reason, Selection, Writer,
};
use base::{Cause, Instant};
use ports::call::{
    Address, Detail, Inband, Number, NumberKind, Presentation, Primitive, RedirectReason, Refusal, Screening, Setup,
};

impl Interface {
    /// Places a call, on this channel or on a free one.
    ///
    /// # Errors
    /// The link is down, the channel or all channels are used, or too many calls live.
    pub fn call(&mut self, now: Instant, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        self.call_with(now, setup, &[], channel)
    }

    /// [`Interface::call`] with more to say.
    ///
    /// # Errors
    /// As for [`Interface::call`].
    pub fn call_with(
        &mut self,
        now: Instant,
        setup: Setup,
        details: &[Detail],
        channel: Option<u8>,
    ) -> Result<CallHandle, Refusal> {
        let pinned = channel.is_some();
        if self.link != LinkState::Up {
            return Err(Refusal::OutOfService);
        }
        let channel = match channel {
            None => self.hunt(),
            Some(wanted) => Some(wanted).filter(|&wanted| self.is_free(wanted)),
        };
        let channel = channel.ok_or(Refusal::NoChannel)?;
        let reference = self.unused_reference();
        let place = self.open(reference, Ours::Yes, State::Initiated).ok_or(Refusal::NoChannel)?;
        let timer = self.timer(now, Timer::T303);
        let Some(call) = &mut self.calls[place] else { return Err(Refusal::NoChannel) };
        (call.channel, call.setup, call.known, call.timer) = (Some(channel), Some(setup), true, timer);
        call.pinned = pinned;
        details.iter().for_each(|detail| call.details.add(*detail));
        let handle = super::handle(place, call);
        self.send_setup(place);
        Ok(handle)
    }

    /// SETUP, the first time or again.
    pub(super) fn send_setup(&mut self, place: Place) {
        let Some((setup, channel)) = self.calls[place].as_ref().and_then(|call| call.setup.zip(call.channel)) else {
            return;
        };
        let parameters = self.parameters;
        let (from, redirecting) = (self.as_sent(setup.from), setup.redirecting.map(|number| self.as_sent(number)));
        let display = self.setup_display(place);
        let reason = self.calls[place].as_ref().map_or(RedirectReason::Unknown, |call| call.details.reason);
        self.send(place, MessageType::Setup, |message| {
            if setup.address == Address::Complete && parameters.sending_complete == SendingComplete::Sent {
                message.sending_complete();
            }
            message.bearer(setup.bearer);
            message.channel(ChannelId::one(parameters.preference, channel).on(parameters.interface));
            if let Some(text) = &display {
                message.display(text);
            }
            if !from.digits.is_empty() || from.presentation != Presentation::Allowed {
                message.number(Party::Calling, parameters.calling_plan, &from);
            }
            if !setup.to.digits.is_empty() {
                message.number(Party::Called, parameters.called_plan, &of_kind(setup.to, parameters.called_kind));
            }
            if let Some(number) = &redirecting {
                message.redirecting(parameters.calling_plan, number, reason);
            }
        });
    }

    /// SETUP received for a call reference that is free.
    pub(super) fn setup_received(&mut self, now: Instant, reference: u16, elements: &Elements) {
        if let Some(reason) = self.setup_fault(elements) {
            return self.refuse_setup(reference, reason);
        }
        let Some(bearer) = elements.bearer.value() else { return };
        let channel = match self.channel_for(elements.channel.value()) {
            Ok(channel) => channel,
            Err(cause) => return self.refuse_setup(reference, cause.into()),
        };
        let Some(place) = self.open(reference, Ours::No, State::Present) else {
            self.report(Report::NoPlace);
            return self.refuse_setup(reference, Cause::SWITCHING_CONGESTION.into());
        };
        let open = !elements.sending_complete && self.parameters.overlap == Overlap::Received;
        let address = if open { Address::Open } else { Address::Complete };
        let to = elements.called.value().unwrap_or(Number { kind: NumberKind::Unknown, ..Number::default() });
        let setup = Setup {
            from: elements.calling.value().unwrap_or_default(),
            to: Number { digits: elements.digits(), ..to },
            redirecting: elements.redirecting.value(),
            bearer,
            address,
        };
        let timer = self.timer(now, Timer::Offered);
        let Some(call) = &mut self.calls[place] else { return };
        (call.channel, call.known, call.timer) = (Some(channel), true, timer);
        if open {
            self.ask_for_digits(now, place);
        }
        self.tell(place, Primitive::Setup(setup));
        self.tell_details(place, elements);
    }

    /// Mandatory elements of SETUP (Q.931 §5.8.6, §5.8.7).
    fn setup_fault(&self, elements: &Elements) -> Option<Reason> {
        let fault = match self.parameters.setup_channel {
            SetupChannel::Named => elements.fault(&[Field::Bearer, Field::Channel], &[]),
            SetupChannel::Left => elements.fault(&[Field::Bearer], &[Field::Channel]),
        };
        match fault {
            // A capability that the lines of this interface do not carry.
            Some(Reason { cause: Cause::INVALID_ELEMENT_CONTENTS, .. }) if elements.foreign_bearer => {
                Some(Cause::BEARER_NOT_IMPLEMENTED.into())
            }
            fault => fault,
        }
    }

    /// The channel for a call offered to us (Q.931 §5.1.2, §5.2.3), collisions decided as in §5.7.
    fn channel_for(&mut self, wanted: Option<ChannelId>) -> Result<u8, Cause> {
        let Some(wanted) = wanted else { return self.hunt().ok_or(Cause::NO_CHANNEL) };
        match (wanted.selection, wanted.timeslot()) {
            (Selection::None, _) => Err(Cause::NO_CHANNEL),
            (Selection::Any, _) => self.hunt().ok_or(Cause::NO_CHANNEL),
            (Selection::Slots(_), None) => Err(Cause::INVALID_ELEMENT_CONTENTS),
            (Selection::Slots(_), Some(timeslot)) if !is_bearer(timeslot) => Err(Cause::CHANNEL_DOES_NOT_EXIST),
            (Selection::Slots(_), Some(timeslot)) if self.is_free(timeslot) => Ok(timeslot),
            (Selection::Slots(_), Some(timeslot)) if self.yields(timeslot) => {
                self.give_way(timeslot);
                Ok(timeslot)
            }
            (Selection::Slots(_), Some(_)) => match wanted.preference {
                Preference::Exclusive => Err(Cause::REQUESTED_CHANNEL_NOT_AVAILABLE),
                Preference::Preferred => self.hunt().ok_or(Cause::NO_CHANNEL),
            },
        }
    }

    /// Both ends seized this channel at once, and we are the one that yields (the user): the peer's call has it.
    fn yields(&self, timeslot: u8) -> bool {
        let place = self.user_of(timeslot);
        let state = place.and_then(|place| self.calls[place].as_ref()).map(|call| call.state);
        self.parameters.glare == Glare::Yields && state == Some(State::Initiated)
    }

    /// Our own call waits for the channel that the network will name in its answer.
    fn give_way(&mut self, timeslot: u8) {
        if let Some(call) = self.user_of(timeslot).and_then(|place| self.calls[place].as_mut()) {
            call.channel = None;
            self.report(Report::Glare(timeslot));
        }
    }

    /// The channel that the peer's first answer names (Q.931 §5.1.2): false if the call cannot have it and was given up.
    pub(super) fn accept_channel(&mut self, now: Instant, place: Place, elements: &Elements) -> bool {
        let Some(call) = &self.calls[place] else { return false };
        let had = call.channel;
        // Having insisted on a channel, we insist; having lost it to the network's call, we take another.
        let insists = self.parameters.preference == Preference::Exclusive && had.is_some();
        let named = match elements.channel {
            Element::Absent => had,
            Element::Value(channel) => channel.timeslot(),
            Element::Bad => None,
        };
        let usable = named.filter(|&timeslot| had == named || !insists && self.is_free(timeslot));
        match usable {
            Some(timeslot) => {
                if let Some(call) = &mut self.calls[place] {
                    call.channel = Some(timeslot);
                }
                true
            }
            None => {
                let cause = Cause::CHANNEL_UNACCEPTABLE;
                self.tell(place, Primitive::Clearing { cause, inband: Inband::Silent });
                self.release(now, place, cause);
                false
            }
        }
    }

    /// SETUP ACKNOWLEDGE: more digits are wanted (Q.931 §5.1.3).
    fn ask_for_digits(&mut self, now: Instant, place: Place) {
        let timer = self.timer(now, Timer::T302);
        self.send_first(place, MessageType::SetupAcknowledge, |_| {});
        self.enter(place, State::OverlapReceiving, timer);
    }

    /// An answer to SETUP; the first one names the channel.
    pub(super) fn send_first(&mut self, place: Place, kind: MessageType, fill: impl FnOnce(&mut Writer)) {
        let Some(call) = &mut self.calls[place] else { return };
        let told = core::mem::replace(&mut call.channel_told, true);
        let channel = call.channel.filter(|_| !told);
        let interface = self.parameters.interface;
        self.send(place, kind, |message| {
            if let Some(timeslot) = channel {
                message.channel(ChannelId::one(Preference::Exclusive, timeslot).on(interface));
            }
            fill(message);
        });
    }

    /// Our SETUP was refused for its channel: once, it goes out again on another (Q.931 §5.7). `true` if it did.
    pub(super) fn rehunt(&mut self, now: Instant, place: Place, cause: Cause) -> bool {
        let about_channel = matches!(cause, Cause::REQUESTED_CHANNEL_NOT_AVAILABLE | Cause::NO_CHANNEL);
        let Some(call) = &self.calls[place] else { return false };
        if !about_channel || call.state != State::Initiated || call.rehunted || call.pinned {
            return false;
        }
        let from = call.channel;
        let Some(to) = self.hunt_but(from) else { return false };
        let reference = self.unused_reference();
        let timer = self.timer(now, Timer::T303);
        if let Some(call) = &mut self.calls[place] {
            (call.reference, call.channel, call.rehunted) = (reference, Some(to), true);
        }
        self.enter(place, State::Initiated, timer);
        self.report(Report::Rehunted { from, to });
        self.send_setup(place);
        true
    }

    /// A calling, connected or redirecting number as this interface sends it: of the profile's kind where its own is not known, and vouched for only
    /// by who may.
    pub(super) fn as_sent(&self, number: Number) -> Number {
        let vouches = self.side == Side::Network || self.parameters.screening == Senders::Both;
        let screening = if vouches { number.screening } else { Screening::NotScreened };
        of_kind(Number { screening, ..number }, self.parameters.calling_kind)
    }

    /// RELEASE COMPLETE for a SETUP that makes no call.
    fn refuse_setup(&mut self, reference: u16, reason: Reason) {
        let mut message = Writer::new(Flag::ToOriginator, reference, MessageType::ReleaseComplete);
        message.reason(self.location(), reason);
        self.transmit(&message);
        self.report(Report::Unexpected { message: MessageType::Setup, state: State::Null, cause: reason.cause });
    }
}

/// A number whose kind is not known is sent as the profile says.
fn of_kind(number: Number, kind: NumberKind) -> Number {
    match number.kind {
        NumberKind::Unknown => Number { kind, ..number },
        _ => number,
    }
}
