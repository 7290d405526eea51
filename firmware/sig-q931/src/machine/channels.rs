//! Channels: which are free, which are used, which are out of service, and RESTART (Q.931 §5.5).

use super::{Interface, Place};
use crate::interface::{Action, LinkState, Report};
use crate::profile::{Hunting, Maintenance};
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{BEARER_SLOTS, ChannelId, Flag, GLOBAL, MessageType, Preference, Restart, Writer};
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
    /// The owner keeps it from calls.
    Blocked,
    /// The peer does (SERVICE).
    BlockedRemotely,
    /// The peer does not answer RESTART.
    OutOfService,
}

/// Whether both ends agree that a channel is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    In,
    /// To be restarted: RESTART was sent so many times without an answer. [`Restarts`] tells when it is this channel's turn.
    Restarting(u8),
    /// The peer answered no RESTART, and the network asks no more (Q.931 §5.5.1).
    Failed,
}

/// Restarts that we ask for, one RESTART at a time (Q.931 §5.5.1). Those to come are the channels in [`Service::Restarting`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Restarts {
    /// RESTART is sent and not acknowledged: REST 1 of the global call reference.
    asked: Option<Asked>,
    /// The next one is for the whole interface.
    whole: bool,
    /// The channel asked for last: the next in turn follows it.
    last: u8,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    what: Restart,
    /// For which timeslots: bit n is timeslot n.
    slots: u32,
    /// T316.
    due: Instant,
}

impl Restarts {
    pub(super) const NONE: Self = Self { asked: None, whole: false, last: 0 };

    pub(super) fn due(&self) -> Option<Instant> {
        self.asked.map(|asked| asked.due)
    }

    /// The link is gone: nothing is under way. What is not acknowledged is asked for again when it is back.
    pub(super) const fn stop(&mut self) {
        self.asked = None;
    }

    /// Number of the global call reference's state (Q.931 Table 4-8): REST 1, or REST 0.
    pub(super) const fn state_number(&self) -> u8 {
        if self.asked.is_some() { 61 } else { 0 }
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
            None | Some(State::Null) if self.blocked & 1 << timeslot != 0 => ChannelState::Blocked,
            None | Some(State::Null) if self.far_out & 1 << timeslot != 0 => ChannelState::BlockedRemotely,
            None | Some(State::Null) => match self.service[usize::from(timeslot)] {
                Service::In => ChannelState::Idle,
                Service::Restarting(_) | Service::Failed => ChannelState::OutOfService,
            },
            Some(State::Active) => ChannelState::Connected,
            Some(state) if state.is_originating() => ChannelState::Outgoing,
            Some(state) if state.is_terminating() => ChannelState::Incoming,
            Some(_) => ChannelState::Clearing,
        }
    }

    /// Takes a channel out of service, or back. Calls on it go on; no new one is put there. Whatever restarts it meanwhile, it stays out.
    pub fn set_out_of_service(&mut self, timeslot: u8, blocked: bool) {
        if !is_bearer(timeslot) {
            return;
        }
        let (bit, service) = (1 << timeslot, &mut self.service[usize::from(timeslot)]);
        if blocked {
            self.blocked |= bit;
        } else {
            self.blocked &= !bit;
            // The owner's word counts for a peer that does not answer; a restart under way is ended by the peer's answer alone.
            if matches!(service, Service::Failed) {
                *service = Service::In;
            }
        }
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
            self.want_restart(now, timeslot);
        }
    }

    /// Restarts the whole interface: all calls are gone at both ends afterwards (Q.931 §5.5.1).
    pub fn restart_all(&mut self, now: Instant) {
        for place in self.places() {
            self.finish(place, Cause::TEMPORARY_FAILURE);
        }
        for timeslot in (1..32).filter(|&timeslot| is_bearer(timeslot)) {
            let service = &mut self.service[usize::from(timeslot)];
            if !matches!(*service, Service::Restarting(_)) {
                *service = Service::Restarting(0);
            }
        }
        self.restarts.whole = true;
        self.next_restart(now);
    }

    /// This channel is restarted when its turn comes.
    pub(super) fn want_restart(&mut self, now: Instant, timeslot: u8) {
        let service = &mut self.service[usize::from(timeslot)];
        if !matches!(service, Service::Restarting(_)) {
            *service = Service::Restarting(0);
        }
        self.next_restart(now);
    }

    /// The link is there (again): what was sent before it went may be lost, and a peer that was dumb may answer.
    pub(super) fn repeat_restarts(&mut self, now: Instant) {
        self.restarts.stop();
        for service in &mut self.service {
            if matches!(service, Service::Restarting(_) | Service::Failed) {
                *service = Service::Restarting(0);
            }
        }
        self.next_restart(now);
    }

    /// Sends the next RESTART unless one is under way (Q.931 §5.5.1) or nobody would hear it.
    fn next_restart(&mut self, now: Instant) {
        if self.restarts.asked.is_some() || self.link != LinkState::Up {
            return;
        }
        let waits = |timeslot: &u8| matches!(self.service[usize::from(*timeslot)], Service::Restarting(_));
        let waiting = (1..32).filter(waits).fold(0, |slots: u32, timeslot| slots | 1 << timeslot);
        if waiting == 0 {
            self.restarts.whole = false;
            return;
        }
        let mut message = Writer::new(Flag::FromOriginator, GLOBAL, MessageType::Restart);
        let (what, slots) = if self.restarts.whole {
            message.restart_interface();
            (Restart::Interface, waiting)
        } else {
            let in_turn = |step: u8| (self.restarts.last + step) % 32;
            let Some(timeslot) = (1..=32).map(in_turn).find(|timeslot| waiting & 1 << timeslot != 0) else { return };
            self.restarts.last = timeslot;
            message.channel(ChannelId::one(Preference::Exclusive, timeslot));
            message.restart_channels();
            (Restart::Channels, 1 << timeslot)
        };
        for (timeslot, service) in self.service.iter_mut().enumerate() {
            if let Service::Restarting(sent) = service
                && slots & 1 << timeslot != 0
            {
                *sent = sent.saturating_add(1);
            }
        }
        self.restarts.asked = Some(Asked { what, slots, due: now + self.parameters.timers.t316 });
        self.transmit(&message);
    }

    /// T316, where it is due. A network asks N316 times; a user goes on, and with it every channel in turn (Q.931 Table 9-2).
    pub(super) fn restart_timeout(&mut self, now: Instant) {
        let Some(asked) = self.restarts.asked.take_if(|asked| asked.due <= now) else { return };
        for timeslot in (1..32).filter(|timeslot| asked.slots & 1 << timeslot != 0) {
            let Service::Restarting(sent) = self.service[usize::from(timeslot)] else { continue };
            self.report(Report::Expired { timer: Timer::T316, channel: Some(timeslot) });
            if sent == self.parameters.timers.n316 {
                self.report(Report::OutOfService(timeslot));
            }
            if sent >= self.parameters.timers.n316 && self.side == Side::Network {
                self.service[usize::from(timeslot)] = Service::Failed;
            }
        }
        self.next_restart(now);
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

    /// Whether RESTART is sent and not acknowledged.
    pub(super) const fn is_restarting(&self) -> bool {
        self.restarts.asked.is_some()
    }

    /// The peer confirms a restart. Channels that we did not restart it cannot free: an answer that strays ends no call. What it
    /// leaves out of the answer to a restart of the whole interface is asked for channel by channel.
    pub(super) fn restart_acknowledged(&mut self, now: Instant, slots: u32) {
        let Some(asked) = self.restarts.asked.take_if(|asked| asked.slots & slots != 0) else { return };
        self.restarts.whole &= asked.what != Restart::Interface;
        for timeslot in (1..32).filter(|timeslot| asked.slots & slots & 1 << timeslot != 0) {
            let service = &mut self.service[usize::from(timeslot)];
            if matches!(service, Service::Restarting(_)) {
                *service = Service::In;
                self.act(Action::ChannelRestarted(timeslot));
            }
        }
        self.next_restart(now);
    }

    /// A peer that has no RESTART says so; its channels are as good as they were.
    pub(super) fn restart_is_unknown(&mut self) {
        self.restarts = Restarts { last: self.restarts.last, ..Restarts::NONE };
        for service in &mut self.service {
            if matches!(service, Service::Restarting(_)) {
                *service = Service::In;
            }
        }
    }

    /// The peer has restarted these timeslots. Where a RESTART of ours is under way, that has to end, too (Q.931 §5.5, note 2).
    pub(super) fn restarted_by_peer(&mut self, slots: u32) {
        let asked = self.restarts.asked.map_or(0, |asked| asked.slots);
        for timeslot in (1..32).filter(|timeslot| slots & 1 << timeslot != 0) {
            let service = &mut self.service[usize::from(timeslot)];
            match service {
                Service::Restarting(_) if asked & 1 << timeslot != 0 => continue,
                Service::Restarting(_) | Service::Failed => *service = Service::In,
                Service::In => {}
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
