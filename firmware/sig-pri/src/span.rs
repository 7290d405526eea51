//! Data link and calls of one span.

use base::Instant;
use ports::call::{Primitive, Refusal, Setup};
use ports::span::{Alarms, Frame};
use sig_q921::{Link, MdlError};
use sig_q931::{CallHandle, ChannelState, Interface, Overrides, Profile, Report, Side};

/// Steps of one poll that bring nothing for the owner: all that the calls can want to send, twice over.
const STEPS: usize = 1024;

/// State of the D-channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// No answer from the far end, or no line. It is tried again all the time.
    Down,
    /// Being established, with no failure so far.
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
    /// The link went down, or did not come up, since it was up last.
    failed: bool,
    /// The time of the last input: what link and calls want of each other is carried across at that time.
    now: Instant,
}

impl PriSpan {
    /// One side of a profile's interface, with what this trunk changes of it and the standard's data link. The link is down until
    /// [`PriSpan::start`] or until the peer establishes it.
    pub fn new(profile: &Profile, side: Side, overrides: Overrides) -> Self {
        Self::with(side, overrides.applied(profile.parameters(side)), sig_q921::Parameters::default())
    }

    /// A span with every parameter given.
    pub fn with(side: Side, q931: sig_q931::Parameters, q921: sig_q921::Parameters) -> Self {
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
            failed: false,
            now: Instant::ZERO,
        }
    }

    /// With the standard's values and the choices of Chinese public exchanges.
    pub fn standard(side: Side) -> Self {
        Self::new(&Profile::CHINA, side, Overrides::default())
    }

    /// Establishes the link, and again whenever it was lost.
    pub fn start(&mut self, now: Instant) {
        self.started = true;
        if self.alarms.is_clear() && !self.link.is_up() {
            self.link.establish(now);
        }
        self.now = now;
    }

    /// A D-channel frame, address to the end of the information field. Behind an alarm it is noise.
    pub fn handle_frame(&mut self, now: Instant, octets: &[u8]) {
        if !self.alarms.is_clear() {
            return;
        }
        self.link.handle_frame(now, octets);
        self.now = now;
    }

    /// The span's alarms changed. Without a line the link is down at once; when the line is back it is established anew.
    pub fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        let was_clear = core::mem::replace(&mut self.alarms, alarms).is_clear();
        match (was_clear, alarms.is_clear()) {
            (true, false) => self.link.deactivate(),
            (false, true) if self.started => {
                self.failed = false;
                self.link.establish(now);
            }
            (true, true) | (false, false) | (false, true) => {}
        }
        self.now = now;
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.link.handle_timeout(now);
        self.calls.handle_timeout(now);
        self.now = now;
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
        self.now = now;
        call
    }

    /// The call model's word for a call.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        self.calls.line(now, call, primitive);
        self.now = now;
    }

    /// Takes a channel out of service for new calls, or back.
    pub fn set_out_of_service(&mut self, timeslot: u8, blocked: bool) {
        self.calls.set_out_of_service(timeslot, blocked);
    }

    /// Restarts a channel at both ends.
    pub fn restart(&mut self, now: Instant, timeslot: u8) {
        self.calls.restart(now, timeslot);
        self.now = now;
    }

    /// Restarts the whole span: all its calls end.
    pub fn restart_all(&mut self, now: Instant) {
        self.calls.restart_all(now);
        self.now = now;
    }

    /// What a timeslot does.
    pub fn channel_state(&self, timeslot: u8) -> ChannelState {
        self.calls.channel_state(timeslot)
    }

    /// The D-channel's state.
    pub fn link_state(&self) -> LinkState {
        match self.link.state() {
            _ if !self.alarms.is_clear() => LinkState::Down,
            sig_q921::State::AwaitingEstablishment5 if self.failed => LinkState::Down,
            sig_q921::State::MultipleFrame7 | sig_q921::State::TimerRecovery8 => LinkState::Up,
            sig_q921::State::AwaitingEstablishment5 => LinkState::Establishing,
            sig_q921::State::TeiAssigned4 | sig_q921::State::AwaitingRelease6 => LinkState::Down,
        }
    }

    /// Calls that live, with their states and timeslots.
    pub fn calls(&self) -> impl Iterator<Item = (CallHandle, sig_q931::State, Option<u8>)> {
        self.calls.calls()
    }

    /// The next thing to do, oldest first. On the way, what link and calls want of each other is carried across: until this gives
    /// `None`, the span has not taken its last input in.
    pub fn poll_action(&mut self) -> Option<Action> {
        // The calls first: their messages have to reach the link before it says that it is down. A message brings an answer or
        // two, never a circle: the bound is a fuse.
        let (now, link, calls) = (self.now, &mut self.link, &mut self.calls);
        for _ in 0..STEPS {
            let Some(action) = calls.poll_lent() else {
                let Some(action) = link.poll_lent() else { return self.news_of_link() };
                match action {
                    sig_q921::Action::Transmit(frame) => {
                        return Some(Action::Transmit(Frame::from_slice(frame).unwrap_or_default()));
                    }
                    sig_q921::Action::Error(error) => return Some(Action::LinkError(error)),
                    sig_q921::Action::Deliver(message) => calls.handle_message(now, message),
                    sig_q921::Action::Established => {
                        self.failed = false;
                        calls.handle_link(now, sig_q931::LinkState::Up);
                    }
                    sig_q921::Action::Reset => calls.handle_link(now, sig_q931::LinkState::Reset),
                    sig_q921::Action::Released => {
                        self.failed = true;
                        calls.handle_link(now, sig_q931::LinkState::Down);
                    }
                }
                continue;
            };
            match action {
                sig_q931::Action::Transmit(message) => {
                    // A message that the link does not take is lost as on the line: the calls' timers repeat what matters.
                    let _ = link.send(now, message);
                }
                sig_q931::Action::Line { call, channel, primitive } => {
                    return Some(Action::Line { call, channel, primitive });
                }
                sig_q931::Action::ChannelRestarted(timeslot) => return Some(Action::ChannelRestarted(timeslot)),
                sig_q931::Action::Report(report) => return Some(Action::Report(report)),
            }
        }
        None
    }

    fn news_of_link(&mut self) -> Option<Action> {
        let state = self.link_state();
        let before = core::mem::replace(&mut self.told, state);
        (before != state).then_some(Action::Link(state))
    }
}
