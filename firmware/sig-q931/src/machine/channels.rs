//! Channels: which are free, which are used, which are out of service, and RESTART (Q.931 §5.5).

use super::{Interface, Place};
use crate::interface::{Action, LinkState, Report};
use crate::profile::{Hunting, Maintenance};
use crate::state::State;
use crate::timers::Timer;
use crate::wire::{BEARER_SLOTS, ChannelId, Flag, GLOBAL, MessageType, Preference, Writer};
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
        if !is_bearer(timeslot) {
            return ChannelState::OutOfService;
        }
        match self.user_of(timeslot).and_then(|place| self.calls[place].as_ref()).map(|call| call.state) {
            None | Some(State::Null) if self.far_out & 1 << timeslot != 0 => ChannelState::OutOfService,
            None | Some(State::Null) => match self.service[usize::from(timeslot)] {
                Service::In => ChannelState::Idle,
                Service::Restarting(..) | Service::Blocked => ChannelState::OutOfService,
            },
            Some(State::Active) => ChannelState::Connected,
            Some(state) if state.is_originating() => ChannelState::Outgoing,
            Some(state) if state.is_terminating() => ChannelState::Incoming,
            Some(_) => ChannelState::Clearing,
        }
    }

    /// Takes a channel out of service, or back. Calls on it go on; no new one is put there.
    pub fn set_out_of_service(&mut self, timeslot: u8, blocked: bool) {
        if !is_bearer(timeslot) {
            return;
        }
        let service = &mut self.service[usize::from(timeslot)];
        *service = match (*service, blocked) {
            (_, true) => Service::Blocked,
            (Service::Blocked | Service::In, false) => Service::In,
            // Only the peer's answer ends a restart.
            (restarting @ Service::Restarting(..), false) => restarting,
        };
        if self.parameters.maintenance == Maintenance::Service {
            self.send_service(timeslot, blocked);
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

    /// Restarts the whole interface: all calls are gone at both ends afterwards (Q.931 §5.5.1).
    pub fn restart_all(&mut self, now: Instant) {
        for place in self.places() {
            self.finish(place, Cause::TEMPORARY_FAILURE);
        }
        let due = now + self.parameters.timers.t316;
        for timeslot in (1..32).filter(|&timeslot| is_bearer(timeslot)) {
            let service = &mut self.service[usize::from(timeslot)];
            if *service != Service::Blocked {
                *service = Service::Restarting(due, 1);
            }
        }
        let mut message = Writer::new(Flag::FromOriginator, GLOBAL, MessageType::Restart);
        message.restart_interface();
        self.transmit(&message);
    }

    /// The link is there (again): what was sent before it went may be lost.
    pub(super) fn repeat_restarts(&mut self, now: Instant) {
        for timeslot in 1..32 {
            if matches!(self.service[usize::from(timeslot)], Service::Restarting(..)) {
                self.send_restart(now, timeslot, 0);
            }
        }
    }

    pub(super) fn send_restart(&mut self, now: Instant, timeslot: u8, sent_before: u8) {
        let due = now + self.parameters.timers.t316;
        let sent = if self.link == LinkState::Up { sent_before.saturating_add(1) } else { sent_before };
        self.service[usize::from(timeslot)] = Service::Restarting(due, sent);
        let mut message = Writer::new(Flag::FromOriginator, GLOBAL, MessageType::Restart);
        message.channel(ChannelId::one(Preference::Exclusive, timeslot));
        message.restart_channels();
        self.transmit(&message);
    }

    /// T316 ran out for this channel.
    pub(super) fn restart_expired(&mut self, now: Instant, timeslot: u8, sent: u8) {
        self.report(Report::Expired { timer: Timer::T316, channel: Some(timeslot) });
        if sent == self.parameters.timers.n316 {
            self.report(Report::OutOfService(timeslot));
        }
        self.send_restart(now, timeslot, sent);
    }

    /// Calls on these timeslots are gone; with all timeslots, those that have none yet, too.
    pub(super) fn clear_calls_on(&mut self, slots: u32) {
        for place in self.places() {
            let Some(call) = &self.calls[place] else { continue };
            if call.channel.map_or(slots == BEARER_SLOTS, |timeslot| slots & 1 << timeslot != 0) {
                self.finish(place, Cause::TEMPORARY_FAILURE);
            }
        }
    }

    /// The peer confirms a restart. Channels that we did not restart it cannot free: an answer that strays ends no call.
    pub(super) fn restart_acknowledged(&mut self, slots: u32) {
        let ours = |timeslot: &u8| matches!(self.service[usize::from(*timeslot)], Service::Restarting(..));
        let asked = (1..32).filter(ours).fold(0, |slots, timeslot| slots | 1 << timeslot);
        self.restarted(slots & asked);
    }

    /// A peer that has no RESTART says so; its channels are as good as they were.
    pub(super) fn restart_is_unknown(&mut self) {
        for service in &mut self.service {
            if matches!(service, Service::Restarting(..)) {
                *service = Service::In;
            }
        }
    }

    /// These timeslots are idle at both ends.
    pub(super) fn restarted(&mut self, slots: u32) {
        for timeslot in (0..32).filter(|timeslot| slots & 1 << timeslot != 0) {
            if matches!(self.service[usize::from(timeslot)], Service::Restarting(..)) {
                self.service[usize::from(timeslot)] = Service::In;
            }
            self.act(Action::ChannelRestarted(timeslot));
        }
    }

    /// The call that has this timeslot.
    pub(super) fn user_of(&self, timeslot: u8) -> Option<Place> {
        self.places().find(|&place| self.calls[place].as_ref().is_some_and(|call| call.channel == Some(timeslot)))
    }

    pub(super) fn is_free(&self, timeslot: u8) -> bool {
        self.channel_state(timeslot) == ChannelState::Idle
    }

    /// A free channel by the profile's way of hunting, other than `but`.
    pub(super) fn hunt_but(&mut self, but: Option<u8>) -> Option<u8> {
        let free = |timeslot: &u8| but != Some(*timeslot) && self.is_free(*timeslot);
        let found = match self.parameters.hunting {
            Hunting::Up => (1..32).find(free),
            Hunting::Down => (1..32).rev().find(free),
            Hunting::Cyclic => (1..32).map(|step| (self.last_hunted + step) % 32).find(free),
        };
        self.last_hunted = found.unwrap_or(self.last_hunted);
        found
    }

    pub(super) fn hunt(&mut self) -> Option<u8> {
        self.hunt_but(None)
    }
}
