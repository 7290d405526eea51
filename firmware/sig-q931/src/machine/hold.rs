//! Hold and retrieve (Q.932 §6.2). The channel stays with the call: nothing else of this interface would use it meanwhile.

use super::{Interface, Place};
use crate::profile::HoldService;
use crate::state::State;
use crate::timers::Timer;
use crate::wire::{ChannelId, MessageType, Preference};
use base::{Cause, Instant};
use ports::call::{Primitive, Refusal};

/// Who holds a call: either side may, independently of the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    ours: Ours,
    by_peer: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    Idle,
    /// HOLD sent, T-HOLD runs.
    Asked(Instant),
    Held,
    /// RETRIEVE sent, T-RETRIEVE runs.
    AskedBack(Instant),
}

impl Hold {
    pub(super) const NONE: Self = Self { ours: Ours::Idle, by_peer: false };

    pub(super) const fn due(&self) -> Option<Instant> {
        match self.ours {
            Ours::Asked(due) | Ours::AskedBack(due) => Some(due),
            Ours::Idle | Ours::Held => None,
        }
    }
}

impl Interface {
    /// The call model holds the call, or takes it back.
    pub(super) fn hold(&mut self, now: Instant, place: Place, state: State, wanted: Primitive) {
        let Some((_, due)) = self.timer(now, Timer::THold) else { return };
        let Some(call) = &mut self.calls[place] else { return };
        let (next, message) = match (wanted, call.hold.ours) {
            _ if self.parameters.hold == HoldService::NotOffered => {
                return self.tell(place, Primitive::Refused(Refusal::NotSupported));
            }
            (Primitive::Held, Ours::Idle) if state == State::Active => (Ours::Asked(due), MessageType::Hold),
            (Primitive::Retrieved, Ours::Held) if state == State::Active => {
                (Ours::AskedBack(due), MessageType::Retrieve)
            }
            (_, _) => return self.tell(place, Primitive::Refused(Refusal::WrongState)),
        };
        call.hold.ours = next;
        self.send(place, message, |_| {});
    }

    /// HOLD or RETRIEVE of the peer.
    pub(super) fn on_hold(&mut self, place: Place, state: State, kind: MessageType) {
        let (interface, location) = (self.parameters.interface, self.location());
        let Some(call) = &mut self.calls[place] else { return };
        let (accept, reject, word) = match kind {
            MessageType::Hold => (MessageType::HoldAcknowledge, MessageType::HoldReject, Primitive::Held),
            _ => (MessageType::RetrieveAcknowledge, MessageType::RetrieveReject, Primitive::Retrieved),
        };
        let holds = kind == MessageType::Hold;
        let refused = match self.parameters.hold {
            HoldService::NotOffered => Some(Cause::FACILITY_NOT_IMPLEMENTED),
            HoldService::Offered if state != State::Active || call.hold.by_peer == holds => {
                Some(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE)
            }
            HoldService::Offered => None,
        };
        if let Some(cause) = refused {
            return self.send(place, reject, |message| message.reason(location, cause.into()));
        }
        call.hold.by_peer = holds;
        let channel = call.channel.filter(|_| !holds);
        self.send(place, accept, |message| {
            if let Some(timeslot) = channel {
                message.channel(ChannelId::one(Preference::Exclusive, timeslot).on(interface));
            }
        });
        self.tell(place, word);
    }

    /// The peer's answer to HOLD or RETRIEVE; `false` where none was asked for.
    pub(super) fn hold_answered(&mut self, place: Place, kind: MessageType) -> bool {
        let Some(call) = &mut self.calls[place] else { return false };
        let (next, refused) = match (call.hold.ours, kind) {
            (Ours::Asked(_), MessageType::HoldAcknowledge) => (Ours::Held, None),
            (Ours::Asked(_), MessageType::HoldReject) => (Ours::Idle, Some(Refusal::NotSupported)),
            (Ours::AskedBack(_), MessageType::RetrieveAcknowledge) => (Ours::Idle, None),
            (Ours::AskedBack(_), MessageType::RetrieveReject) => (Ours::Held, Some(Refusal::NoChannel)),
            (_, _) => return false,
        };
        call.hold.ours = next;
        if let Some(refusal) = refused {
            self.tell(place, Primitive::Refused(refusal));
        }
        true
    }

    /// T-HOLD or T-RETRIEVE: the peer does not answer, and all stays as it was.
    pub(super) fn hold_expired(&mut self, place: Place) {
        let Some(call) = &mut self.calls[place] else { return };
        call.hold.ours = match call.hold.ours {
            Ours::Asked(_) | Ours::Idle => Ours::Idle,
            Ours::AskedBack(_) | Ours::Held => Ours::Held,
        };
        self.expired(place, Timer::THold);
        self.tell(place, Primitive::Refused(Refusal::NotSupported));
    }
}
