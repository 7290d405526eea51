//! Data link and calls of one span.

use base::{Instant, Queue};
use ports::call::{Primitive, Refusal, Setup};
use ports::span::{Alarms, Frame};
use sig_q921::{Link, MdlError};
use sig_q931::{CallHandle, ChannelState, Interface, Report, Side};

/// Actions that may wait: the most that one frame, timer or command makes of all calls.
const ACTIONS: usize = 256;

/// State of the D-channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// No answer from the far end, or no line.
    Down,
    /// Being established.
    Establishing,
    /// In multiple-frame operation.
    Up,
}

/// What the owner has to do.
// There is no allocator here to box the frame with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this frame on the D-channel.
    Transmit(Frame),
    /// Tell the call model. An incoming call begins with `Setup` and a new handle; nothing follows `Released`.
    Line {
        /// Which call.
        call: CallHandle,
        /// Its timeslot, once known.
        channel: Option<u8>,
        /// What happened.
        primitive: Primitive,
    },
    /// The D-channel's state changed.
    Link(LinkState),
    /// This timeslot was restarted and is idle at both ends.
    ChannelRestarted(u8),
    /// Something for the log, of the calls.
    Report(Report),
    /// Something for the log, of the data link.
    LinkError(MdlError),
}

/// A span's signaling.
#[derive(Clone, Debug)]
pub struct PriSpan {
    link: Link,
    calls: Interface,
    alarms: Alarms,
    told: LinkState,
    started: bool,
    actions: Queue<Action, ACTIONS>,
}

impl PriSpan {
    /// A span whose link is down until [`PriSpan::start`] or until the peer establishes it.
    pub fn new(side: Side, q931: sig_q931::Parameters, q921: sig_q921::Parameters) -> Self {
        let layer2 = match side {
            Side::User => sig_q921::Side::User,
            Side::Network => sig_q921::Side::Network,
        };
        Self {
            link: Link::new(layer2, q921),
            calls: Interface::new(side, q931),
            alarms: Alarms::default(),
            told: LinkState::Down,
            started: false,
            actions: Queue::new(),
        }
    }

    /// With the standard's values and the choices of Chinese public exchanges.
    pub fn standard(side: Side) -> Self {
        Self::new(side, sig_q931::Parameters::china(side), sig_q921::Parameters::default())
    }

    /// Establishes the link, and again whenever it was lost.
    pub fn start(&mut self, now: Instant) {
        self.started = true;
        if self.alarms.is_clear() {
            self.link.establish(now);
        }
        self.settle(now);
    }

    /// A D-channel frame, address to the end of the information field.
    pub fn handle_frame(&mut self, now: Instant, octets: &[u8]) {
        self.link.handle_frame(now, octets);
        self.settle(now);
    }

    /// The span's alarms changed. Without a line the link is down at once; when the line is back it is established anew.
    pub fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        let was_clear = core::mem::replace(&mut self.alarms, alarms).is_clear();
        match (was_clear, alarms.is_clear()) {
            (true, false) => {
                self.link.release(now);
                self.calls.handle_link(now, sig_q931::LinkState::Down);
            }
            (false, true) if self.started => self.link.establish(now),
            (true, true) | (false, false) | (false, true) => {}
        }
        self.settle(now);
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.link.handle_timeout(now);
        self.settle(now);
        self.calls.handle_timeout(now);
        self.settle(now);
    }

    /// When [`PriSpan::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        [self.link.deadline(), self.calls.deadline()].into_iter().flatten().min()
    }

    /// Places a call, on this timeslot or on a free one.
    ///
    /// # Errors
    /// The link is down, no channel is free, or too many calls live.
    pub fn call(&mut self, now: Instant, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        let call = self.calls.call(now, setup, channel);
        self.settle(now);
        call
    }

    /// The call model's word for a call.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        self.calls.line(now, call, primitive);
        self.settle(now);
    }

    /// Takes a channel out of service for new calls, or back.
    pub fn set_out_of_service(&mut self, timeslot: u8, blocked: bool) {
        self.calls.set_out_of_service(timeslot, blocked);
    }

    /// Restarts a channel at both ends.
    pub fn restart(&mut self, now: Instant, timeslot: u8) {
        self.calls.restart(now, timeslot);
        self.settle(now);
    }

    /// What a timeslot does.
    pub fn channel_state(&self, timeslot: u8) -> ChannelState {
        self.calls.channel_state(timeslot)
    }

    /// The D-channel's state.
    pub fn link_state(&self) -> LinkState {
        match self.link.state() {
            _ if !self.alarms.is_clear() => LinkState::Down,
            sig_q921::State::MultipleFrame7 | sig_q921::State::TimerRecovery8 => LinkState::Up,
            sig_q921::State::AwaitingEstablishment5 => LinkState::Establishing,
            sig_q921::State::TeiAssigned4 | sig_q921::State::AwaitingRelease6 => LinkState::Down,
        }
    }

    /// Calls that live, with their states and timeslots.
    pub fn calls(&self) -> impl Iterator<Item = (CallHandle, sig_q931::State, Option<u8>)> {
        self.calls.calls()
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop()
    }

    /// Carries what link and calls want of each other across, until both are quiet.
    fn settle(&mut self, now: Instant) {
        // A message may bring answers, never more than one each: the bound is a fuse.
        for _ in 0..ACTIONS {
            let quiet = !self.take_from_link(now) & !self.take_from_calls(now);
            if quiet {
                break;
            }
        }
        let state = self.link_state();
        if core::mem::replace(&mut self.told, state) != state {
            self.act(Action::Link(state));
        }
    }

    fn take_from_link(&mut self, now: Instant) -> bool {
        let Some(action) = self.link.poll_action() else { return false };
        match action {
            sig_q921::Action::Transmit(frame) => self.act(Action::Transmit(frame)),
            sig_q921::Action::Deliver(message) => self.calls.handle_message(now, &message),
            sig_q921::Action::Established => self.calls.handle_link(now, sig_q931::LinkState::Up),
            sig_q921::Action::Reset => self.calls.handle_link(now, sig_q931::LinkState::Reset),
            sig_q921::Action::Released => self.calls.handle_link(now, sig_q931::LinkState::Down),
            sig_q921::Action::Error(error) => self.act(Action::LinkError(error)),
        }
        true
    }

    fn take_from_calls(&mut self, now: Instant) -> bool {
        let Some(action) = self.calls.poll_action() else { return false };
        match action {
            sig_q931::Action::Transmit(message) => {
                // A message that the link does not take is lost as on the line: the calls' timers repeat what matters.
                let _ = self.link.send(now, &message);
            }
            sig_q931::Action::Line { call, channel, primitive } => self.act(Action::Line { call, channel, primitive }),
            sig_q931::Action::ChannelRestarted(timeslot) => self.act(Action::ChannelRestarted(timeslot)),
            sig_q931::Action::Report(report) => self.act(Action::Report(report)),
        }
        true
    }

    fn act(&mut self, action: Action) {
        // An owner who does not drain loses the newest: a frame is repeated, the rest is of no consequence without an owner.
        let _ = self.actions.push(action);
    }
}
