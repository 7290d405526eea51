//! Channels: which are free, which are used, which are out of service, and RESTART (Q.931 §5.5).

use super::{Interface, Place};
use crate::interface::{Action, CALLS, LinkState, Report};
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{ChannelId, Flag, GLOBAL, MessageType, Preference, Writer};
use base::{Cause, Instant};
use ports::span::{D_SLOT, TIMESLOTS};

/// What a bearer channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// Free.
    Idle,
    /// A call towards us is being set up.
    Incoming,
    /// A call of ours is being set up.
    Outgoing,
    /// Answered.
    Connected,
    /// Being released.
    Clearing,
    /// Not to be used: blocked, or the peer does not answer RESTART.
    OutOfService,
}

/// Whether a channel may be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    In,
    /// RESTART was sent; due again, so many times sent.
    Restarting(Instant, u8),
    /// The owner took it out.
    Blocked,
}

impl Service {
    pub(super) const fn due(self) -> Option<Instant> {
        match self {
            Self::Restarting(due, _) => Some(due),
            Self::In | Self::Blocked => None,
        }
    }
}

/// Whether a timeslot carries a bearer channel.
pub(super) const fn is_bearer(timeslot: u8) -> bool {
    timeslot != 0 && (timeslot as usize) < TIMESLOTS && timeslot as usize != D_SLOT
}

impl Interface {
    /// What a timeslot does. Slot 0, the D-channel and numbers past 31 are out of service.
    pub fn channel_state(&self, timeslot: u8) -> ChannelState {
        if !is_bearer(timeslot) || self.service[usize::from(timeslot)] != Service::In {
            return ChannelState::OutOfService;
        }
        match self.user_of(timeslot).and_then(|place| self.calls[place].as_ref()).map(|call| call.state) {
            None | Some(State::Null) => ChannelState::Idle,
            Some(State::Active) => ChannelState::Connected,
            Some(state) if state.is_originating() => ChannelState::Outgoing,
            Some(state) if state.is_terminating() => ChannelState::Incoming,
            Some(_) => ChannelState::Clearing,
        }
    }

    /// Takes a channel out of service, or back. Calls on it go on; no new one is put there.
    pub fn set_out_of_service(&mut self, timeslot: u8, blocked: bool) {
        if is_bearer(timeslot) {
            self.service[usize::from(timeslot)] = if blocked { Service::Blocked } else { Service::In };
        }
    }

    /// Restarts a channel: its call is gone at both ends afterwards (Q.931 §5.5.1).
    pub fn restart(&mut self, now: Instant, timeslot: u8) {
        if is_bearer(timeslot) {
            if let Some(place) = self.user_of(timeslot) {
                self.finish(place, Cause::TEMPORARY_FAILURE);
            }
            self.send_restart(now, timeslot, 0);
        }
    }

    pub(super) fn send_restart(&mut self, now: Instant, timeslot: u8, sent_before: u8) {
        let due = now + self.parameters.timers.t316;
        let sent = if self.link == LinkState::Up { sent_before.saturating_add(1) } else { sent_before };
        self.service[usize::from(timeslot)] = Service::Restarting(due, sent);
        let mut message = Writer::new(Flag::FromOriginator, GLOBAL, MessageType::Restart);
        message.channel(ChannelId::one(Preference::Exclusive, timeslot));
        message.restart_channels();
        self.transmit(message);
    }

    /// T316 ran out for this channel.
    pub(super) fn restart_expired(&mut self, now: Instant, timeslot: u8, sent: u8) {
        self.report(Report::Expired { timer: Timer::T316, channel: Some(timeslot) });
        if sent == self.parameters.timers.n316 {
            self.report(Report::OutOfService(timeslot));
        }
        self.send_restart(now, timeslot, sent);
    }

    /// The peer restarted these timeslots, or confirms that it did.
    pub(super) fn restarted(&mut self, slots: u32) {
        for timeslot in (0..32).filter(|timeslot| slots & 1 << timeslot != 0) {
            if let Some(place) = self.user_of(timeslot) {
                self.finish(place, Cause::TEMPORARY_FAILURE);
            }
            if matches!(self.service[usize::from(timeslot)], Service::Restarting(..)) {
                self.service[usize::from(timeslot)] = Service::In;
            }
            self.act(Action::ChannelRestarted(timeslot));
        }
    }

    /// The call that has this timeslot.
    pub(super) fn user_of(&self, timeslot: u8) -> Option<Place> {
        (0..CALLS).find(|&place| self.calls[place].as_ref().is_some_and(|call| call.channel == Some(timeslot)))
    }

    pub(super) fn is_free(&self, timeslot: u8) -> bool {
        self.channel_state(timeslot) == ChannelState::Idle
    }

    /// A free channel. The two ends hunt from opposite ends of the span, so that they seldom meet.
    pub(super) fn hunt(&self) -> Option<u8> {
        match self.side {
            Side::User => (1..32).rev().find(|&timeslot| self.is_free(timeslot)),
            Side::Network => (1..32).find(|&timeslot| self.is_free(timeslot)),
        }
    }
}
