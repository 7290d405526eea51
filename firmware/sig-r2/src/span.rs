//! Thirty channels as one span: calls hunt for an idle one, handles name the calls.

use crate::channel::{Channel, ChannelState, GivenUp, Placed, Turn, is_dialable};
use crate::country::Category;
use crate::report::{Register, Report, Tone};
use crate::settings::{Direction, Hunt, Settings};
use base::{Cause, Instant, Queue};
use core::fmt;
use ports::call::{Address, Bearer, Primitive, Refusal, Setup};
use ports::span::{Abcd, Alarms, BEARERS};

/// What all channels can want in one turn: each a word to the line, the registers, the call model, the log, twice over.
pub(crate) const ACTIONS: usize = 400;
/// Channels that one call tries before it is given up.
const TRIES: u8 = 3;

/// Names a call for as long as it lives, and never another one soon after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallHandle(u32);

impl fmt::Display for CallHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl CallHandle {
    /// The next one.
    pub(crate) fn next(generation: &mut u32) -> Self {
        *generation = generation.wrapping_add(1);
        Self(*generation)
    }
}

/// What the owner has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Set a timeslot's signaling bits.
    Cas {
        /// Which.
        timeslot: u8,
        /// To these.
        bits: Abcd,
    },
    /// Send this register signal on a timeslot from now on; `None`: be silent.
    SendMf {
        /// Which.
        timeslot: u8,
        /// Whose frequencies, and 1 to 15.
        signal: Option<(Register, u8)>,
    },
    /// Listen for register signals on a timeslot, or no more.
    ListenMf {
        /// Which.
        timeslot: u8,
        /// For whose.
        register: Option<Register>,
    },
    /// Let the caller hear this tone of the country from now on; `None`: none any more.
    PlayTone {
        /// Where.
        timeslot: u8,
        /// Which.
        tone: Option<Tone>,
    },
    /// Tell the call model. An incoming call begins with `Setup` and a new handle; nothing follows `Released`.
    Line {
        /// Which call.
        call: CallHandle,
        /// Its timeslot. A call of ours that meets a double seizure can move.
        channel: Option<u8>,
        /// What happened.
        primitive: Primitive,
    },
    /// A channel's state is another now.
    ChannelChanged {
        /// Which.
        timeslot: u8,
        /// Its state.
        state: ChannelState,
    },
    /// Something for the log or the records.
    Report {
        /// Which timeslot.
        timeslot: u8,
        /// The call it belongs to.
        call: Option<CallHandle>,
        /// What.
        report: Report,
    },
}

/// A span of R2 channels. Drain [`R2Span::poll_action`] after every method, then wait no longer than [`R2Span::deadline`].
#[derive(Clone, Debug)]
pub struct R2Span {
    settings: Settings,
    channels: [Channel; BEARERS],
    actions: Queue<Action, ACTIONS>,
    alarms: Alarms,
    /// The place that was given the last call: the next one is tried first.
    last: usize,
    generation: u32,
    /// The time of the last input.
    now: Instant,
}

impl R2Span {
    /// A span whose channels are idle. No bits are sent before [`R2Span::start`].
    pub fn new(settings: Settings) -> Self {
        let channel = |place: usize| {
            let timeslot = if place < 15 { place + 1 } else { place + 2 } as u8;
            Channel::new(timeslot, settings.direction(timeslot))
        };
        Self {
            settings,
            channels: core::array::from_fn(channel),
            actions: Queue::new(),
            alarms: Alarms::default(),
            last: match settings.hunt {
                Hunt::Upwards => BEARERS - 1,
                Hunt::Downwards => 0,
            },
            generation: 0,
            now: Instant::ZERO,
        }
    }

    /// Sends the idle bits of all channels.
    pub fn start(&mut self, now: Instant) {
        self.each(now, |channel, turn| channel.start(turn));
    }

    /// Signaling bits of a timeslot, as received.
    pub fn handle_cas(&mut self, now: Instant, timeslot: u8, bits: Abcd) {
        self.one(now, timeslot, |channel, turn| channel.handle_cas(turn, bits));
    }

    /// The register signal now heard on a timeslot; `None`: silence.
    pub fn handle_mf(&mut self, now: Instant, timeslot: u8, signal: Option<u8>) {
        self.one(now, timeslot, |channel, turn| channel.handle_mf(turn, signal));
    }

    /// The span's alarms. Behind them bits mean nothing: no call begins, those not yet answered end, those answered a little later.
    pub fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        let was_clear = core::mem::replace(&mut self.alarms, alarms).is_clear();
        if was_clear != alarms.is_clear() {
            self.each(now, |channel, turn| channel.handle_alarms(turn, alarms.is_clear()));
        }
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.each(now, |channel, turn| channel.handle_timeout(turn));
    }

    /// When [`R2Span::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.channels.iter().filter_map(Channel::deadline).min()
    }

    /// Places a call of the settings' category, on this timeslot or on an idle one, each in turn.
    ///
    /// # Errors
    /// No channel is idle, all are out of service, or the number or bearer cannot be signaled.
    pub fn call(&mut self, now: Instant, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        self.call_with(now, setup, self.settings.category, channel)
    }

    /// [`R2Span::call`] of a caller of this category.
    ///
    /// # Errors
    /// As for [`R2Span::call`].
    pub fn call_with(
        &mut self,
        now: Instant,
        setup: Setup,
        category: Category,
        channel: Option<u8>,
    ) -> Result<CallHandle, Refusal> {
        let is_open = setup.address == Address::Open;
        let has_digits = is_open || !setup.to.digits.is_empty();
        if setup.bearer == Bearer::Data || !has_digits || !is_dialable(&setup.to.digits) {
            return Err(Refusal::NotSupported);
        }
        self.now = now;
        let place = self.free(channel, None)?;
        let call = CallHandle::next(&mut self.generation);
        let placed = Placed { call, setup, category, tries: if channel.is_none() { TRIES } else { 1 } };
        self.place(place, placed);
        Ok(call)
    }

    /// The call model's word for a call. Of a call that is over, nothing comes of it.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        let timeslot = self.channels.iter().find(|channel| channel.call() == Some(call)).map(Channel::timeslot);
        if let Some(timeslot) = timeslot {
            self.one(now, timeslot, |channel, turn| channel.line(turn, primitive));
        }
    }

    /// Keeps a channel from calls: its call goes on; when it is idle the far end is told not to seize it.
    pub fn block(&mut self, timeslot: u8) {
        self.one(self.now, timeslot, |channel, turn| channel.set_blocked(turn, true));
    }

    /// Takes a blocked channel back into service.
    pub fn unblock(&mut self, timeslot: u8) {
        self.one(self.now, timeslot, |channel, turn| channel.set_blocked(turn, false));
    }

    /// What a timeslot does.
    pub fn channel_state(&self, timeslot: u8) -> ChannelState {
        let channel = self.channels.iter().find(|channel| channel.timeslot() == timeslot);
        channel.map_or(ChannelState::Absent, Channel::state)
    }

    /// Calls that live, with their timeslots.
    pub fn calls(&self) -> impl Iterator<Item = (CallHandle, u8)> {
        self.channels.iter().filter_map(|channel| Some((channel.call()?, channel.timeslot())))
    }

    /// The settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        if let Some(action) = self.actions.pop() {
            return Some(action);
        }
        self.channels.iter_mut().find_map(|channel| {
            let state = channel.news()?;
            Some(Action::ChannelChanged { timeslot: channel.timeslot(), state })
        })
    }

    fn one(&mut self, now: Instant, timeslot: u8, act: impl FnOnce(&mut Channel, &mut Turn<'_>)) {
        self.now = now;
        let is_it = |channel: &Channel| channel.timeslot() == timeslot && channel.direction() != Direction::Unused;
        let Some(place) = self.channels.iter().position(is_it) else { return };
        self.turn(place, act);
    }

    fn each(&mut self, now: Instant, act: impl Fn(&mut Channel, &mut Turn<'_>)) {
        self.now = now;
        for place in 0..BEARERS {
            if self.channels[place].direction() != Direction::Unused {
                self.turn(place, &act);
            }
        }
    }

    fn turn(&mut self, place: usize, act: impl FnOnce(&mut Channel, &mut Turn<'_>)) {
        let channel = &mut self.channels[place];
        let (now, settings) = (self.now, &self.settings);
        act(channel, &mut Turn { now, settings, actions: &mut self.actions, generation: &mut self.generation });
        if let Some(given_up) = channel.take_given_up() {
            self.rehunt(place, given_up);
        }
    }

    /// A call whose channel could not be had goes to another one (Q.422 §2.2.5).
    fn rehunt(&mut self, from: usize, given_up: GivenUp) {
        let GivenUp { placed, why } = given_up;
        let other = if placed.tries > 1 { self.free(None, Some(from)).ok() } else { None };
        let moved_to = other.map(|place| self.channels[place].timeslot());
        let timeslot = self.channels[from].timeslot();
        let call = placed.call;
        let report = why.report(moved_to);
        let mut push = |action| {
            // Never full: see ACTIONS.
            let _ = self.actions.push(action);
        };
        push(Action::Report { timeslot, call: Some(call), report });
        match other {
            Some(place) => self.place(place, Placed { tries: placed.tries - 1, ..placed }),
            None => push(Action::Line {
                call,
                channel: Some(timeslot),
                primitive: Primitive::Released { cause: Cause::NO_CHANNEL },
            }),
        }
    }

    fn place(&mut self, place: usize, placed: Placed) {
        self.last = place;
        let (now, settings) = (self.now, &self.settings);
        let mut turn = Turn { now, settings, actions: &mut self.actions, generation: &mut self.generation };
        self.channels[place].place(&mut turn, placed);
    }

    /// An idle channel: this one, or the next in turn that is not `except`.
    fn free(&self, wanted: Option<u8>, except: Option<usize>) -> Result<usize, Refusal> {
        let mut why = Refusal::OutOfService;
        for step in 1..=BEARERS {
            let place = match self.settings.hunt {
                Hunt::Upwards => (self.last + step) % BEARERS,
                Hunt::Downwards => (self.last + BEARERS - step) % BEARERS,
            };
            let channel = &self.channels[place];
            if except == Some(place) || wanted.is_some_and(|wanted| wanted != channel.timeslot()) {
                continue;
            }
            match channel.can_be_seized() {
                Ok(()) => return Ok(place),
                Err(Refusal::OutOfService) => {}
                Err(refusal) => why = refusal,
            }
        }
        Err(why)
    }
}
