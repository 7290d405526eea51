//! Data link and calls of one span.

use base::{Instant, Piece};
use core::time::Duration;
use ports::call::{Detail, Primitive, Refusal, Setup};
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

/// How long a D-channel is down before that is an alarm: a link that recovers by itself is none.
const ALARM_AFTER: Duration = Duration::from_millis(2500);

/// The alarm of the D-channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DChannel {
    Fine,
    /// Down; an alarm when this is due.
    Down(Instant),
    /// The alarm is to be reported.
    Due,
    /// It was reported.
    Failed,
}

/// What the owner has to do.
// There is no allocator here to box the frame with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<F = Frame> {
    /// Send this frame on the D-channel: the owner's own, or lent by [`PriSpan::poll_lent`].
    Transmit(F),
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

impl<F> Action<F> {
    /// The same with another frame in the place of this one.
    #[inline]
    fn map<G>(self, frame: impl FnOnce(F) -> G) -> Action<G> {
        match self {
            Self::Transmit(octets) => Action::Transmit(frame(octets)),
            Self::Line { call, channel, primitive } => Action::Line { call, channel, primitive },
            Self::Link(state) => Action::Link(state),
            Self::ChannelRestarted(timeslot) => Action::ChannelRestarted(timeslot),
            Self::Report(report) => Action::Report(report),
            Self::LinkError(error) => Action::LinkError(error),
        }
    }
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
    alarm: DChannel,
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
            alarm: DChannel::Fine,
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
        if let DChannel::Down(due) = self.alarm
            && due <= now
        {
            self.alarm = DChannel::Due;
        }
        self.now = now;
    }

    /// When [`PriSpan::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let alarm = match self.alarm {
            DChannel::Down(due) => Some(due),
            DChannel::Fine | DChannel::Due | DChannel::Failed => None,
        };
        [self.link.deadline(), self.calls.deadline(), alarm].into_iter().flatten().min()
    }

    /// Places a call, on this timeslot or on a free one.
    ///
    /// # Errors
    /// The link is down, no channel is free, or too many calls live.
    pub fn call(&mut self, now: Instant, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        self.call_with(now, setup, &[], channel)
    }

    /// [`PriSpan::call`] with more to say: display, user data, the reason of a diversion.
    ///
    /// # Errors
    /// As for [`PriSpan::call`].
    pub fn call_with(
        &mut self,
        now: Instant,
        setup: Setup,
        details: &[Detail],
        channel: Option<u8>,
    ) -> Result<CallHandle, Refusal> {
        let call = self.calls.call_with(now, setup, details, channel);
        self.now = now;
        call
    }

    /// The call model's word for a call.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        self.calls.line(now, call, primitive);
        self.now = now;
    }

    /// Busies a channel out: its call goes on, no new one is put there or taken there.
    pub fn block(&mut self, timeslot: u8) {
        self.calls.set_out_of_service(timeslot, true);
    }

    /// Takes a blocked channel back into service.
    pub fn unblock(&mut self, timeslot: u8) {
        self.calls.set_out_of_service(timeslot, false);
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
        // What was kept fits a frame.
        self.poll_lent().map(|action| action.map(|octets| Frame::from_slice(octets).unwrap_or_default()))
    }

    /// [`PriSpan::poll_action`] without a copy of the frame.
    pub fn poll_lent(&mut self) -> Option<Action<&[u8]>> {
        let action = self.next_action()?;
        Some(action.map(|piece| self.link.octets(piece)))
    }

    fn next_action(&mut self) -> Option<Action<Piece>> {
        // The calls first: their messages have to reach the link before it says that it is down. A message brings an answer or
        // two, never a circle: the bound is a fuse.
        let now = self.now;
        for _ in 0..STEPS {
            if let Some(action) = self.calls.poll_lent() {
                match action {
                    sig_q931::Action::Transmit(message) => {
                        // A message that the link does not take is lost as on the line: the calls' timers repeat what matters.
                        let _ = self.link.send(now, message);
                    }
                    sig_q931::Action::Line { call, channel, primitive } => {
                        return Some(Action::Line { call, channel, primitive });
                    }
                    sig_q931::Action::ChannelRestarted(timeslot) => return Some(Action::ChannelRestarted(timeslot)),
                    sig_q931::Action::Report(report) => return Some(Action::Report(report)),
                }
                continue;
            }
            match self.link.poll_piece() {
                Some(sig_q921::Action::Transmit(frame)) => return Some(Action::Transmit(frame)),
                Some(sig_q921::Action::Deliver(message)) => self.calls.handle_message(now, self.link.octets(message)),
                Some(sig_q921::Action::Error(error)) => return Some(Action::LinkError(error)),
                Some(sig_q921::Action::Established) => {
                    self.failed = false;
                    self.calls.handle_link(now, sig_q931::LinkState::Up);
                }
                Some(sig_q921::Action::Reset) => self.calls.handle_link(now, sig_q931::LinkState::Reset),
                Some(sig_q921::Action::Released) => {
                    self.failed = true;
                    self.calls.handle_link(now, sig_q931::LinkState::Down);
                }
                None => return self.news_of_link(),
            }
        }
        None
    }

    fn news_of_link(&mut self) -> Option<Action<Piece>> {
        let state = self.link_state();
        let before = core::mem::replace(&mut self.told, state);
        if before != state {
            return Some(Action::Link(state));
        }
        // The alarm follows once the news is out.
        let up = state == LinkState::Up;
        let (next, report) = match self.alarm {
            DChannel::Fine if !up && self.started => (DChannel::Down(self.now + ALARM_AFTER), None),
            DChannel::Due if !up => {
                let active = self.calls.calls().filter(|(_, state, _)| *state == sig_q931::State::Active);
                let kept = active.count().try_into().unwrap_or(u8::MAX);
                (DChannel::Failed, Some(Report::DChannelFailed { kept }))
            }
            DChannel::Down(_) | DChannel::Due if up => (DChannel::Fine, None),
            DChannel::Failed if up => (DChannel::Fine, Some(Report::DChannelRestored)),
            same => (same, None),
        };
        self.alarm = next;
        report.map(Action::Report)
    }
}
