//! How calls end (Q.931 §5.3).

use super::{Interface, Place};
use crate::interface::LinkState;
use crate::profile::Senders;
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{MessageType, Reason};
use base::{Cause, Instant};
use ports::call::{Inband, Primitive};

impl Interface {
    /// The end of a call, from our side: the message depends on how far it got.
    pub(super) fn clear(&mut self, now: Instant, place: Place, cause: Cause, inband: Inband) {
        let Some(state) = self.calls[place].as_ref().map(|call| call.state) else { return };
        match state {
            // Nothing was answered yet: the call is rejected in one message (Q.931 §5.3.2 a).
            State::Present if inband == Inband::Audio && self.may_play() => {
                // A tone needs a channel, and the caller has to hear of it first.
                self.proceeding(place, state);
                self.disconnect(now, place, cause, inband);
            }
            State::Present => self.reject(place, cause),
            // What the peer gave as the reason stands.
            State::DisconnectReceived => {
                let first = self.reason_of(place);
                self.release(now, place, first);
            }
            // The tone is over (Q.931 §5.3.4.1).
            State::DisconnectSent if inband == Inband::Silent && self.plays_tone(place) => {
                let reason = self.reason_of(place);
                self.release(now, place, reason);
            }
            State::DisconnectSent | State::ReleaseRequest | State::Null => {}
            State::Initiated
            | State::OverlapSending
            | State::Proceeding
            | State::Delivered
            | State::OverlapReceiving
            | State::IncomingProceeding
            | State::Received
            | State::ConnectRequest
            | State::Active => self.disconnect(now, place, cause, inband),
        }
    }

    /// RELEASE COMPLETE as the only answer to a SETUP.
    pub(super) fn reject(&mut self, place: Place, reason: impl Into<Reason>) {
        let (location, reason) = (self.location(), reason.into());
        self.send(place, MessageType::ReleaseComplete, |message| message.reason(location, reason));
        self.finish(place, reason.cause);
    }

    /// DISCONNECT. The network may leave the channel open for a tone (Q.931 §5.4).
    pub(super) fn disconnect(&mut self, now: Instant, place: Place, reason: impl Into<Reason>, inband: Inband) {
        let reason = reason.into();
        if self.link != LinkState::Up {
            return self.forget(place, reason.cause);
        }
        let location = self.location();
        let tone = inband == Inband::Audio && self.may_play();
        self.keep_reason(place, reason);
        self.send(place, MessageType::Disconnect, |message| {
            message.reason(location, reason);
            if tone {
                message.inband(location);
            }
        });
        let timer = self.timer(now, if tone { Timer::T306 } else { Timer::T305 });
        self.enter(place, State::DisconnectSent, timer);
    }

    /// RELEASE.
    pub(super) fn release(&mut self, now: Instant, place: Place, reason: impl Into<Reason>) {
        let reason = reason.into();
        if self.link != LinkState::Up {
            return self.forget(place, reason.cause);
        }
        self.keep_reason(place, reason);
        self.send_release(place);
        let timer = self.timer(now, Timer::T308);
        self.enter(place, State::ReleaseRequest, timer);
    }

    pub(super) fn send_release(&mut self, place: Place) {
        let (location, reason) = (self.location(), self.reason_of(place));
        self.send(place, MessageType::Release, |message| message.reason(location, reason));
    }

    /// Nobody hears us: for the call model the call ends here. The peer is told when the link is back, or T309 ends it there.
    pub(super) fn forget(&mut self, place: Place, cause: Cause) {
        self.tell(place, Primitive::Released { cause });
        self.keep_reason(place, cause);
        match &mut self.calls[place] {
            Some(call) if call.t309.is_some() => {
                (call.known, call.state, call.timer) = (false, State::ReleaseRequest, None);
            }
            Some(_) | None => self.vacate(place),
        }
    }

    /// Whether this side may leave a tone in the channel with DISCONNECT.
    fn may_play(&self) -> bool {
        self.side == Side::Network || self.parameters.tones == Senders::Both
    }

    fn plays_tone(&self, place: Place) -> bool {
        let timer = self.calls[place].as_ref().and_then(|call| call.timer);
        matches!(timer, Some((Timer::T306, _)))
    }

    /// The call is gone and its channel free.
    pub(super) fn finish(&mut self, place: Place, cause: Cause) {
        self.tell(place, Primitive::Released { cause });
        self.vacate(place);
    }

    pub(super) fn keep_reason(&mut self, place: Place, reason: impl Into<Reason>) {
        if let Some(call) = &mut self.calls[place] {
            call.reason = reason.into();
        }
    }

    pub(super) fn reason_of(&self, place: Place) -> Reason {
        self.calls[place].as_ref().map_or(Cause::NORMAL_CLEARING.into(), |call| call.reason)
    }

    pub(super) fn cause_of(&self, place: Place) -> Cause {
        self.reason_of(place).cause
    }

    /// An error of ours or of the line: the call ends, and the call model hears of it at once.
    pub(super) fn give_up(&mut self, now: Instant, place: Place, reason: impl Into<Reason>) {
        let reason = reason.into();
        self.tell(place, Primitive::Clearing { cause: reason.cause, inband: Inband::Silent });
        self.disconnect(now, place, reason, Inband::Silent);
    }
}
