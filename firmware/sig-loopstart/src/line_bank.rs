//! Up to thirty analog lines as one span: calls hunt for an idle one, handles name the calls.

use crate::bank::{self, PERSISTENCE};
use crate::fxo::{FxoLine, FxoSettings};
use crate::fxs::{FxsLine, FxsSettings};
use crate::line::{Heard, Hook, LineAction, LineState, Order, Parallel};
use crate::report::Report;
use crate::settled::Settled;
use base::{Instant, WallTime};
use core::fmt;
use core::time::Duration;
use dsp_progress::Learned;
use ports::call::{Detail, Number, Primitive, Refusal, Setup};
use ports::span::{Abcd, Alarms};

/// Lines of one bank: the bearer channels of an E1.
pub const LINES: usize = 30;

/// Names a call for as long as it lives, and never another one soon after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallHandle {
    place: u8,
    generation: u32,
}

impl fmt::Display for CallHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.generation)
    }
}

/// How the lines reach the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attachment {
    /// Through a channel bank on an E1: the pair's state is in the signaling bits of its timeslot.
    ChannelBank,
    /// On a card that reports the pair's state and takes orders for it.
    Card,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineSettings {
    /// Of the telephone network.
    Fxo(FxoSettings),
    /// To a telephone.
    Fxs(FxsSettings),
}

/// Why a line cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// Its channel has one already.
    Taken,
    /// There are [`LINES`] of them.
    Full,
    /// On a channel bank lines are in timeslots 1 to 15 and 17 to 31.
    NoChannel,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "the channel has a line already: give each line its own",
            Self::Full => "more than 30 lines: put the rest on another bank",
            Self::NoChannel => "no such channel: lines are in timeslots 1 to 15 and 17 to 31",
        })
    }
}

impl core::error::Error for BadLine {}

/// What a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// There is no line.
    Absent,
    /// Free for a call.
    Idle,
    /// In a call, or not yet ready for the next.
    Busy,
    /// Kept from calls by its owner.
    Blocked,
    /// It has a fault.
    OutOfService,
}

/// What the owner has to do.
// There is no allocator here to box the octets with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Set a timeslot's signaling bits.
    Cas {
        /// Which.
        timeslot: u8,
        /// To these.
        bits: Abcd,
    },
    /// Carry out an order on a line. On a channel bank these are of the audio only.
    Do {
        /// Which line.
        channel: u8,
        /// What.
        order: Order,
    },
    /// Tell the call model. An incoming call begins with `Setup` and a new handle; nothing follows `Released`.
    Line {
        /// Which call.
        call: CallHandle,
        /// Its line.
        channel: Option<u8>,
        /// What happened.
        primitive: Primitive,
    },
    /// A channel's state is another now.
    ChannelState {
        /// Which channel.
        channel: u8,
        /// Its state.
        state: ChannelState,
    },
    /// Something for the log or the records.
    Report {
        /// Which line.
        channel: u8,
        /// The call it belongs to.
        call: Option<CallHandle>,
        /// What.
        report: Report,
    },
}

#[derive(Clone, Debug)]
// There is no allocator here to box them with.
#[allow(clippy::large_enum_variant)]
enum Machine {
    Fxo(FxoLine),
    Fxs(FxsLine),
}

#[derive(Clone, Debug)]
struct Line {
    channel: u8,
    machine: Machine,
    call: Option<u32>,
    /// Signaling bits received.
    bits: Settled<Abcd>,
    blocked: bool,
    told: ChannelState,
}

/// Calls outlive alarms shorter than this: on a busy network packets of a pseudowire stay away for a moment.
const OUTLIVED: Duration = Duration::from_millis(2500);

/// What an alarm of the span makes of the pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pairs {
    Alive,
    /// There is an alarm; they are dead when this is due.
    Frozen(Instant),
    Dead,
}

/// Analog lines. Drain [`LineBank::poll_action`] after every call, then wait no longer than [`LineBank::deadline`].
#[derive(Clone, Debug)]
pub struct LineBank {
    attachment: Attachment,
    lines: [Option<Line>; LINES],
    alarms: Alarms,
    pairs: Pairs,
    /// The place that was given the last call: the next one is tried first.
    last: usize,
    generation: u32,
}

impl LineBank {
    /// A bank without lines.
    pub const fn new(attachment: Attachment) -> Self {
        Self {
            attachment,
            lines: [const { None }; LINES],
            alarms: Alarms { loss: false, remote: false, indication: false },
            pairs: Pairs::Alive,
            last: LINES - 1,
            generation: 0,
        }
    }

    /// Adds a line on this channel.
    ///
    /// # Errors
    /// The channel is taken or does not exist, or the bank is full.
    pub fn add(&mut self, channel: u8, settings: LineSettings) -> Result<(), BadLine> {
        if channel == 0 || self.attachment == Attachment::ChannelBank && (channel == 16 || channel > 31) {
            return Err(BadLine::NoChannel);
        }
        if self.place(channel).is_some() {
            return Err(BadLine::Taken);
        }
        let free = self.lines.iter_mut().find(|line| line.is_none()).ok_or(BadLine::Full)?;
        let (machine, quiet) = match settings {
            LineSettings::Fxo(settings) => (Machine::Fxo(FxoLine::new(settings)), bank::line_bits(LineState::QUIET)),
            LineSettings::Fxs(settings) => (Machine::Fxs(FxsLine::new(settings)), bank::hook_bits(Hook::On)),
        };
        let bits = Settled::new(quiet);
        *free = Some(Line { channel, machine, call: None, bits, blocked: false, told: ChannelState::Absent });
        Ok(())
    }

    /// Places a call on this channel, or on an idle line, each in turn.
    ///
    /// # Errors
    /// No line is idle, all are out of service, or the number cannot be dialled there.
    pub fn call(&mut self, now: Instant, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        self.call_with(now, setup, &[], channel)
    }

    /// [`LineBank::call`] with more to say of it: see [`FxsLine::call_with`].
    ///
    /// # Errors
    /// As for [`LineBank::call`].
    pub fn call_with(
        &mut self,
        now: Instant,
        setup: Setup,
        details: &[Detail],
        channel: Option<u8>,
    ) -> Result<CallHandle, Refusal> {
        let mut why = Refusal::OutOfService;
        for step in 1..=LINES {
            let place = (self.last + step) % LINES;
            let Some(line) = &mut self.lines[place] else { continue };
            if channel.is_some_and(|wanted| wanted != line.channel) {
                continue;
            }
            match line.place_call(now, &setup, details, self.alarms) {
                Ok(()) => {
                    self.last = place;
                    self.generation = self.generation.wrapping_add(1);
                    line.call = Some(self.generation);
                    return Ok(CallHandle { place: place as u8, generation: self.generation });
                }
                Err(Refusal::OutOfService) => {}
                Err(refusal) => why = refusal,
            }
        }
        Err(why)
    }

    /// The call model's word for a call. Of a call that is over, nothing comes of it.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        match self.line_of(call).map(|line| &mut line.machine) {
            Some(Machine::Fxo(line)) => line.line(now, primitive),
            Some(Machine::Fxs(line)) => line.line(now, primitive),
            None => {}
        }
    }

    /// Tells the telephone of this call that another party calls (type II caller id).
    ///
    /// # Errors
    /// No telephone is in such a call, or it is being told already.
    pub fn call_waiting(&mut self, now: Instant, call: CallHandle, from: &Number) -> Result<(), Refusal> {
        match self.line_of(call).map(|line| &mut line.machine) {
            Some(Machine::Fxs(line)) => line.call_waiting(now, from),
            Some(Machine::Fxo(_)) => Err(Refusal::NotSupported),
            None => Err(Refusal::WrongState),
        }
    }

    /// Signaling bits of a timeslot, from the channel bank's other end.
    pub fn handle_cas(&mut self, now: Instant, timeslot: u8, bits: Abcd) {
        self.handle_timeout(now);
        if let Some(line) = self.line_at(timeslot) {
            line.bits.read(now, bits, PERSISTENCE);
        }
    }

    /// The state of a pair, from a card.
    pub fn handle_line(&mut self, now: Instant, channel: u8, state: LineState) {
        if let Some(Line { machine: Machine::Fxo(line), .. }) = self.line_at(channel) {
            line.handle_line(now, state);
        }
    }

    /// Another device on the pair, from a card.
    pub fn handle_parallel(&mut self, now: Instant, channel: u8, parallel: Parallel) {
        if let Some(Line { machine: Machine::Fxo(line), .. }) = self.line_at(channel) {
            line.handle_parallel(now, parallel);
        }
    }

    /// The state of a telephone, from a card.
    pub fn handle_hook(&mut self, now: Instant, channel: u8, hook: Hook) {
        if let Some(Line { machine: Machine::Fxs(line), .. }) = self.line_at(channel) {
            line.handle_hook(now, hook);
        }
    }

    /// What a line's receivers heard.
    pub fn handle_heard(&mut self, now: Instant, channel: u8, heard: &Heard) {
        match self.line_at(channel).map(|line| &mut line.machine) {
            Some(Machine::Fxo(line)) => line.handle_heard(now, heard),
            Some(Machine::Fxs(line)) => line.handle_heard(now, heard),
            None => {}
        }
    }

    /// Alarms of the span that carries the lines. Behind one no call begins and no change is believed; behind one that lasts for 2.5 s
    /// every pair is dead.
    pub fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        self.handle_timeout(now);
        self.alarms = alarms;
        let lines = self.lines.iter_mut().flatten();
        match (self.pairs, alarms.is_clear()) {
            (Pairs::Alive, false) => self.pairs = Pairs::Frozen(now + OUTLIVED),
            (Pairs::Frozen(_), true) => {
                self.pairs = Pairs::Alive;
                lines.for_each(|line| line.take_bits(now));
            }
            (Pairs::Dead, true) => {
                self.pairs = Pairs::Alive;
                lines.for_each(|line| line.handle_alarms(now, alarms));
            }
            (Pairs::Alive, true) | (Pairs::Frozen(_) | Pairs::Dead, false) => {}
        }
    }

    /// Keeps a channel from calls of the box, or gives it back. What rings in is offered all the same.
    pub fn set_blocked(&mut self, channel: u8, blocked: bool) {
        if let Some(line) = self.line_at(channel) {
            line.blocked = blocked;
        }
    }

    /// The hang-up tones that a line taught before.
    pub fn teach(&mut self, channel: u8, learned: Learned) {
        if let Some(Line { machine: Machine::Fxo(line), .. }) = self.line_at(channel) {
            line.teach(learned);
        }
    }

    /// The hang-up tones that a line of the network has taught, to be kept over restarts.
    pub fn learned(&self, channel: u8) -> Option<&Learned> {
        match &self.lines.iter().flatten().find(|line| line.channel == channel)?.machine {
            Machine::Fxo(line) => Some(line.learned()),
            Machine::Fxs(_) => None,
        }
    }

    /// Local wall time now, for the date in caller ids.
    pub fn set_time(&mut self, now: Instant, local: WallTime) {
        for line in self.lines.iter_mut().flatten() {
            if let Machine::Fxs(line) = &mut line.machine {
                line.set_time(now, local);
            }
        }
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Pairs::Frozen(due) = self.pairs
            && due <= now
        {
            self.pairs = Pairs::Dead;
            self.lines.iter_mut().flatten().for_each(|line| line.handle_alarms(now, self.alarms));
        }
        let is_clear = self.alarms.is_clear();
        for line in self.lines.iter_mut().flatten() {
            line.handle_timeout(now, is_clear);
        }
    }

    /// When [`LineBank::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let frozen = match self.pairs {
            Pairs::Frozen(due) => Some(due),
            Pairs::Alive | Pairs::Dead => None,
        };
        self.lines.iter().flatten().filter_map(Line::deadline).chain(frozen).min()
    }

    /// What a channel does.
    pub fn channel_state(&self, channel: u8) -> ChannelState {
        let line = self.lines.iter().flatten().find(|line| line.channel == channel);
        line.map_or(ChannelState::Absent, |line| line.state(self.alarms))
    }

    /// Calls that live, with their channels.
    pub fn calls(&self) -> impl Iterator<Item = (CallHandle, u8)> {
        self.lines.iter().enumerate().filter_map(|(place, line)| {
            let line = line.as_ref()?;
            Some((CallHandle { place: place as u8, generation: line.call? }, line.channel))
        })
    }

    /// The next thing to do, of each line oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        let (attachment, alarms) = (self.attachment, self.alarms);
        for (place, line) in self.lines.iter_mut().enumerate() {
            let Some(line) = line else { continue };
            let action = match &mut line.machine {
                Machine::Fxo(line) => line.poll_action(),
                Machine::Fxs(line) => line.poll_action(),
            };
            if let Some(action) = action {
                return Some(line.translate(place, action, attachment, &mut self.generation));
            }
            let state = line.state(alarms);
            if core::mem::replace(&mut line.told, state) != state {
                return Some(Action::ChannelState { channel: line.channel, state });
            }
        }
        None
    }

    fn place(&self, channel: u8) -> Option<usize> {
        self.lines.iter().position(|line| line.as_ref().is_some_and(|line| line.channel == channel))
    }

    fn line_at(&mut self, channel: u8) -> Option<&mut Line> {
        self.lines.iter_mut().flatten().find(|line| line.channel == channel)
    }

    fn line_of(&mut self, call: CallHandle) -> Option<&mut Line> {
        let line = self.lines.get_mut(usize::from(call.place))?.as_mut()?;
        (line.call == Some(call.generation)).then_some(line)
    }
}

impl Line {
    fn place_call(&mut self, now: Instant, setup: &Setup, details: &[Detail], alarms: Alarms) -> Result<(), Refusal> {
        match &mut self.machine {
            _ if self.blocked || !alarms.is_clear() => Err(Refusal::OutOfService),
            // Its last call is over for the line but not yet told to the model.
            _ if self.call.is_some() => Err(Refusal::NoChannel),
            Machine::Fxo(line) => line.call(now, setup),
            Machine::Fxs(line) => line.call_with(now, setup, details),
        }
    }

    /// Of the three, an order that moves the pair goes into the bits of a channel bank.
    fn translate(&mut self, place: usize, action: LineAction, attachment: Attachment, generation: &mut u32) -> Action {
        let channel = self.channel;
        match (action, attachment) {
            (LineAction::Do(Order::SetHook(hook)), Attachment::ChannelBank) => {
                Action::Cas { timeslot: channel, bits: bank::hook_bits(hook) }
            }
            (LineAction::Do(Order::SetLine(state)), Attachment::ChannelBank) => {
                Action::Cas { timeslot: channel, bits: bank::line_bits(state) }
            }
            (LineAction::Do(order), _) => Action::Do { channel, order },
            (LineAction::Report(report), _) => Action::Report { channel, call: self.handle(place), report },
            (LineAction::Line(primitive), _) => {
                if self.call.is_none() || matches!(primitive, Primitive::Setup(_)) {
                    *generation = generation.wrapping_add(1);
                    self.call = Some(*generation);
                }
                let call = CallHandle { place: place as u8, generation: self.call.unwrap_or(*generation) };
                if matches!(primitive, Primitive::Released { .. }) {
                    self.call = None;
                }
                Action::Line { call, channel: Some(channel), primitive }
            }
        }
    }

    fn handle(&self, place: usize) -> Option<CallHandle> {
        self.call.map(|generation| CallHandle { place: place as u8, generation })
    }

    fn handle_timeout(&mut self, now: Instant, is_clear: bool) {
        if let Some(due) = self.bits.deadline().filter(|&due| due <= now) {
            let changed = self.bits.due(now).is_some();
            if changed && is_clear {
                self.take_bits(due);
            }
        }
        match &mut self.machine {
            Machine::Fxo(line) => line.handle_timeout(now),
            Machine::Fxs(line) => line.handle_timeout(now),
        }
    }

    /// The pair is as its bits say.
    fn take_bits(&mut self, now: Instant) {
        let bits = self.bits.believed();
        match &mut self.machine {
            Machine::Fxo(line) => line.handle_line(now, bank::line_state(bits)),
            Machine::Fxs(line) => line.handle_hook(now, bank::hook(bits)),
        }
    }

    fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        if let Machine::Fxs(line) = &mut self.machine {
            line.handle_alarms(now, alarms);
        }
        match &mut self.machine {
            _ if alarms.is_clear() => self.take_bits(now),
            Machine::Fxo(line) => line.handle_line(now, LineState::DEAD),
            Machine::Fxs(line) => line.handle_hook(now, Hook::On),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let machine = match &self.machine {
            Machine::Fxo(line) => line.deadline(),
            Machine::Fxs(line) => line.deadline(),
        };
        [machine, self.bits.deadline()].into_iter().flatten().min()
    }

    fn state(&self, alarms: Alarms) -> ChannelState {
        let (is_idle, is_faulty) = match &self.machine {
            Machine::Fxo(line) => (line.is_idle(), line.fault().is_some()),
            Machine::Fxs(line) => (line.is_idle(), false),
        };
        match self.call {
            _ if !alarms.is_clear() || is_faulty => ChannelState::OutOfService,
            None if self.blocked && is_idle => ChannelState::Blocked,
            None if is_idle => ChannelState::Idle,
            None | Some(_) => ChannelState::Busy,
        }
    }
}
