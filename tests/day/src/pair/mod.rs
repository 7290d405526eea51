//! One span: its two ends, the line between them, their engines, and the parties at both ends.

mod model;
mod rest;
mod sound;

use crate::audio::{Audio, TICK_MS};
use crate::faults::{Fault, Ill};
use crate::line::Line;
use crate::party::{Live, Word, Words};
use crate::plan::{self, Call, End, Party};
use crate::record::{Ended, Record};
use crate::spans::{Kind, bearers};
use base::{Cause, Instant};
use media::{Clip, Event};
use ports::call::{Address, Bearer, Number, Refusal, Setup};
use ports::span::TIMESLOTS;
use sig_span::{Action, CallHandle, Listen, Protocol};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use test_signals::Random;

/// Words that wait: so many for each call that lives.
const ROOM: usize = 1024;

/// A word at its time; of one time, in the order in which they were thought of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    due: Instant,
    order: u64,
    end: End,
    /// Handles of an end that was started anew since then name other calls.
    era: u32,
    call: CallHandle,
    word: Word,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.order).cmp(&(other.due, other.order))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Receivers of one channel at one end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ears {
    /// Wanted by the line.
    line: Listen,
    /// The party listens for keys.
    keys: bool,
}

/// One end.
struct Half {
    protocol: Box<Protocol>,
    deadline: Option<Instant>,
    lives: Vec<Live>,
    records: Vec<Record>,
    ears: [Ears; TIMESLOTS],
    blocked: [u8; TIMESLOTS],
    /// How often it was started anew.
    era: u32,
}

/// What happened, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Things that happened.
    pub events: u64,
    /// Calls offered at the other end.
    pub offered: u64,
    /// Requests that a line refused.
    pub refused: u64,
    /// RR frames, with which silent links are tested and other frames acknowledged (Q.921 §5.6.7).
    pub link_tests: u64,
    /// All other frames.
    pub frames: u64,
}

/// One span with both its ends.
pub struct Pair<A> {
    /// Its place among the eight.
    span: usize,
    kind: Kind,
    halves: [Half; 2],
    line: Line,
    audio: A,
    words: BinaryHeap<Reverse<Waiting>>,
    order: u64,
    hello: Arc<Clip>,
    told: Vec<(End, Event)>,
    said: Words,
    /// All that happened, in one number.
    hash: u64,
    counts: Counts,
}

impl<A: Audio> Pair<A> {
    /// A span at rest, before its start.
    pub fn new(span: usize, kind: Kind, chance: Random, hello: Arc<Clip>) -> Self {
        let half = |protocol| Half {
            protocol,
            deadline: None,
            lives: Vec::with_capacity(64),
            records: Vec::new(),
            ears: [Ears::default(); TIMESLOTS],
            blocked: [0; TIMESLOTS],
            era: 0,
        };
        Self {
            span,
            kind,
            halves: kind.ends().map(half),
            line: Line::new(chance),
            audio: A::new(),
            words: BinaryHeap::with_capacity(ROOM),
            order: 0,
            hello,
            told: Vec::with_capacity(64),
            said: Vec::with_capacity(8),
            hash: 0xCBF2_9CE4_8422_2325,
            counts: Counts::default(),
        }
    }

    /// Both ends are switched on.
    pub fn start(&mut self, now: Instant, plan: &[Call]) {
        for end in End::BOTH {
            self.half(end).protocol.start(now);
            self.drain(now, end, plan);
        }
    }

    /// When something happens next.
    pub fn next(&self) -> Option<Instant> {
        let deadlines = self.halves.iter().filter_map(|half| half.deadline);
        let word = self.words.peek().map(|waiting| waiting.0.due);
        let tick = self.audio.due().map(|ticks| Instant::from_millis(ticks.saturating_mul(TICK_MS)));
        deadlines.chain(word).chain(tick).chain(self.line.due()).min()
    }

    /// All that happens now, and whatever was missed.
    pub fn live(&mut self, now: Instant, plan: &[Call]) {
        self.tick(now, plan);
        for end in End::BOTH {
            while let Some(frame) = self.line.frame(now, end) {
                self.half(end.other()).protocol.handle_frame(now, &frame);
                self.drain(now, end.other(), plan);
            }
            while let Some((timeslot, bits)) = self.line.bits(now, end) {
                self.half(end.other()).protocol.handle_cas(now, timeslot, bits);
                self.drain(now, end.other(), plan);
            }
            if self.half(end).deadline.is_some_and(|due| due <= now) {
                self.half(end).protocol.handle_timeout(now);
                self.drain(now, end, plan);
            }
        }
        while let Some(&Reverse(waiting)) = self.words.peek().filter(|waiting| waiting.0.due <= now) {
            self.words.pop();
            self.speak(now, waiting, plan);
        }
    }

    /// A caller calls here.
    ///
    /// # Errors
    /// The line does not take the call.
    pub fn place(&mut self, now: Instant, place: usize, plan: &[Call]) -> Result<(), Refusal> {
        self.tick(now, plan);
        let call = &plan[place];
        let (from, to) = (plan::calling(place), plan::called(place));
        let setup = Setup {
            from: Number::unknown(from),
            to: Number::unknown(to),
            redirecting: None,
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        let placed = self.half(call.from).protocol.call(now, setup, call.channel);
        if let Ok(handle) = placed {
            let mut record = Record::new(self.span, call.from, Party::Caller, now);
            (record.from, record.to, record.channel) = (from, to, call.channel);
            let live = Live::new(handle, record, Some(place));
            live.begin(call, &mut self.said);
            self.half(call.from).lives.push(live);
            self.remember(now, call.from, handle);
        }
        self.note(now, call.from, &[2, place as u64, u64::from(placed.is_ok())]);
        self.drain(now, call.from, plan);
        placed.map(|_| ())
    }

    /// A fault begins, or ends.
    pub fn fault(&mut self, now: Instant, fault: &Fault, begins: bool, plan: &[Call]) {
        self.tick(now, plan);
        if begins {
            self.line.ail(now, fault.ill);
        } else {
            self.line.heal(now, fault.ill);
        }
        match fault.ill {
            Ill::Span => {
                for end in End::BOTH {
                    let alarms = self.line.alarms(end);
                    self.half(end).protocol.handle_alarms(now, alarms);
                    self.drain(now, end, plan);
                }
            }
            Ill::Slip(end) if begins => self.audio.slip(end),
            Ill::Restart(end) if begins => self.restart(now, end, plan),
            Ill::Blocked { by, timeslot } => {
                let half = self.half(by);
                let orders = &mut half.blocked[usize::from(timeslot)];
                *orders = if begins { *orders + 1 } else { *orders - 1 };
                if *orders == 0 {
                    half.protocol.unblock(now, timeslot);
                } else {
                    half.protocol.block(now, timeslot);
                }
                self.drain(now, by, plan);
            }
            Ill::Noise { .. }
            | Ill::DChannel
            | Ill::Silence(_)
            | Ill::Glitch { .. }
            | Ill::Slip(_)
            | Ill::Restart(_) => {}
        }
        for end in End::BOTH {
            let is_cut = self.line.is_cut(end);
            self.audio.cut(end, is_cut);
        }
    }

    /// An end loses all that it knows but its orders and its records.
    fn restart(&mut self, now: Instant, end: End, plan: &[Call]) {
        let [near, far] = self.kind.ends();
        let half = self.half(end);
        half.protocol = if end == End::Box { near } else { far };
        half.era += 1;
        for mut live in half.lives.drain(..) {
            live.end(now, Ended::Here, Cause::TEMPORARY_FAILURE);
            live.record.released = Some((now, Cause::TEMPORARY_FAILURE));
            half.records.push(live.record);
        }
        half.ears = [Ears::default(); TIMESLOTS];
        for timeslot in bearers().filter(|&timeslot| half.blocked[usize::from(timeslot)] > 0) {
            half.protocol.block(now, timeslot);
        }
        half.protocol.start(now);
        bearers().for_each(|timeslot| self.silence(end, timeslot));
        self.note(now, end, &[7]);
        self.line.tell_all(now, end);
        self.drain(now, end, plan);
    }

    fn half(&mut self, end: End) -> &mut Half {
        &mut self.halves[end.at()]
    }

    fn note(&mut self, now: Instant, end: End, what: &[u64]) {
        self.counts.events += 1;
        self.hash = [now.as_millis(), end as u64].iter().chain(what).fold(self.hash, |hash, &word| mixed(hash, word));
    }

    /// What was thought of is done at its time.
    fn remember(&mut self, now: Instant, end: End, call: CallHandle) {
        let era = self.halves[end.at()].era;
        for (after, word) in self.said.drain(..) {
            self.order += 1;
            self.words.push(Reverse(Waiting { due: now + after, order: self.order, end, era, call, word }));
        }
    }

    /// Takes the actions of one end.
    fn drain(&mut self, now: Instant, end: End, plan: &[Call]) {
        while let Some(action) = self.next_action(now, end) {
            match action {
                Action::Transmit(()) => {}
                Action::Cas { timeslot, bits } => {
                    self.note(now, end, &[3, u64::from(timeslot), u64::from(bits.bits())]);
                    self.line.send_bits(now, end, timeslot, bits);
                }
                Action::Audio { timeslot, order } => self.obey(end, timeslot, order),
                Action::Line { call, channel, primitive } => self.on_line(now, end, (call, channel), primitive, plan),
                Action::Link(state) => self.note(now, end, &[4, state as u64]),
                Action::ChannelChanged(_) | Action::Report { .. } => {}
            }
        }
        let half = self.half(end);
        half.deadline = half.protocol.deadline();
    }

    /// The oldest action of one end; a frame is on the line by then.
    fn next_action(&mut self, now: Instant, end: End) -> Option<Action<()>> {
        let Self { halves, line, counts, .. } = self;
        let send = |frame: &[u8]| {
            let tests = is_ready(frame);
            counts.link_tests += u64::from(tests);
            counts.frames += u64::from(!tests);
            line.send_frame(now, end, frame);
        };
        halves[end.at()].protocol.poll_lent().map(|action| action.map(send))
    }
}

/// RR (Q.921 §3.6.7): a supervisory frame without the bits of RNR or REJ.
fn is_ready(frame: &[u8]) -> bool {
    matches!(frame, [_, _, 1, _])
}

/// FNV-1a, over words.
const fn mixed(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x0000_0100_0000_01B3).rotate_left(29)
}
