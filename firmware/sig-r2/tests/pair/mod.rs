//! Two spans joined, and a clock that jumps to what comes next. Bits and register signals reach the other end a little later; a register signal is heard
//! by a receiver that listens for it.
#![allow(dead_code, reason = "each test file uses its part")]

use base::{Cause, Digits, Instant};
use ports::call::{Address, Bearer, Inband, Number, Presentation, Primitive, Refusal, Setup};
use ports::span::{Abcd, Alarms, TIMESLOTS};
use sig_r2::{Action, CallHandle, ChannelState, Country, R2Span, Register, Report, Settings, Tone};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The caller's end and the called end of the stories.
pub(crate) const A: usize = 0;
pub(crate) const B: usize = 1;
/// Bits take so long to cross.
const BITS_DELAY: Duration = Duration::from_millis(8);
/// Receivers tell what they hear so much later.
const SIGNAL_DELAY: Duration = Duration::from_millis(35);

pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(crate) fn number(text: &str) -> Digits {
    text.parse().expect("a number")
}

pub(crate) fn setup(from: &str, to: &str) -> Setup {
    let from = Number::unknown(number(from));
    let to = Number::unknown(number(to));
    Setup { from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete }
}

pub(crate) fn clearing(cause: Cause) -> Primitive {
    Primitive::Clearing { cause, inband: Inband::Silent }
}

#[derive(Clone, Copy, Debug)]
enum Passing {
    Bits { to: usize, timeslot: u8, bits: Abcd },
    Signal { to: usize, timeslot: u8, signal: Option<(Register, u8)> },
    Listen { at: usize, timeslot: u8, register: Option<Register> },
}

/// What one end's owner saw.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) told: Vec<(Instant, CallHandle, u8, Primitive)>,
    pub(crate) reports: Vec<(u8, Report)>,
    pub(crate) living: BTreeSet<CallHandle>,
    pub(crate) bits: Vec<(Instant, u8, Abcd)>,
    pub(crate) signals: Vec<(u8, Register, u8)>,
    /// When what was sent on which timeslot, silence too.
    pub(crate) sounds: Vec<(Instant, u8, Option<u8>)>,
    pub(crate) tones: Vec<(u8, Option<Tone>)>,
    /// A call that is to end is let go at once, as the call model does.
    pub(crate) is_stubborn: bool,
}

pub(crate) struct Pair {
    pub(crate) now: Instant,
    pub(crate) ends: [Box<R2Span>; 2],
    pub(crate) desks: [Desk; 2],
    passing: BTreeMap<(Instant, u64), Passing>,
    sequence: u64,
    sounding: [[Option<(Register, u8)>; TIMESLOTS]; 2],
    listening: [[Option<Register>; TIMESLOTS]; 2],
    heard: [[Option<u8>; TIMESLOTS]; 2],
    /// What an end sends is lost on the way.
    pub(crate) loses_bits: [bool; 2],
    pub(crate) loses_signals: [bool; 2],
    last_bits: [[Option<Abcd>; TIMESLOTS]; 2],
}

impl Pair {
    pub(crate) fn new(code: &str) -> Self {
        Self::with(code, |_| {}, |_| {})
    }

    pub(crate) fn with(code: &str, ours: impl Fn(&mut Settings), theirs: impl Fn(&mut Settings)) -> Self {
        let mut settings = [(); 2].map(|()| Settings::new(Country::named(code).expect("a country")));
        ours(&mut settings[A]);
        theirs(&mut settings[B]);
        let mut pair = Self {
            now: Instant::ZERO,
            ends: settings.map(|settings| Box::new(R2Span::new(settings))),
            desks: Default::default(),
            passing: BTreeMap::new(),
            sequence: 0,
            sounding: Default::default(),
            listening: Default::default(),
            heard: Default::default(),
            loses_bits: [false; 2],
            loses_signals: [false; 2],
            last_bits: Default::default(),
        };
        for end in [A, B] {
            pair.ends[end].start(pair.now);
            pair.drain(end);
        }
        pair.run(1000);
        pair
    }

    /// A call from A, on any channel.
    pub(crate) fn dial(&mut self, from: &str, to: &str) -> CallHandle {
        self.place(A, setup(from, to), None).expect("a channel is idle")
    }

    pub(crate) fn place(&mut self, end: usize, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        let call = self.ends[end].call(self.now, setup, channel)?;
        assert!(self.desks[end].living.insert(call), "the handle {call} lives already");
        self.drain(end);
        Ok(call)
    }

    pub(crate) fn say(&mut self, end: usize, call: CallHandle, primitive: Primitive) {
        self.ends[end].line(self.now, call, primitive);
        self.drain(end);
    }

    /// Runs until a call is offered to B, at most 20 s.
    pub(crate) fn run_to_offer(&mut self) -> (CallHandle, Setup) {
        let known = self.desks[B].told.len();
        for _ in 0..2000 {
            let new = &self.desks[B].told[known..];
            if new.iter().any(|told| matches!(told.3, Primitive::Setup(_))) {
                break;
            }
            self.run(10);
        }
        self.offered(B)
    }

    /// The call that was offered last to this end.
    pub(crate) fn offered(&self, end: usize) -> (CallHandle, Setup) {
        self.offer(end).unwrap_or_else(|| panic!("nothing was offered; {:?}", self.desks[end].reports))
    }

    pub(crate) fn offer(&self, end: usize) -> Option<(CallHandle, Setup)> {
        self.desks[end].told.iter().rev().find_map(|(_, call, _, primitive)| match primitive {
            Primitive::Setup(setup) => Some((*call, *setup)),
            _ => None,
        })
    }

    /// What was told of a call, in order.
    pub(crate) fn told(&self, end: usize, call: CallHandle) -> Vec<Primitive> {
        self.desks[end].told.iter().filter(|told| told.1 == call).map(|told| told.3).collect()
    }

    pub(crate) fn when(&self, end: usize, call: CallHandle, wanted: Primitive) -> Instant {
        let found = self.desks[end].told.iter().find(|told| told.1 == call && told.3 == wanted);
        found.unwrap_or_else(|| panic!("{wanted:?} was not told; {:?}", self.told(end, call))).0
    }

    pub(crate) fn has_report(&self, end: usize, wanted: Report) -> bool {
        self.desks[end].reports.iter().any(|(_, report)| *report == wanted)
    }

    /// A call that has been answered: the handles of both ends, and its timeslot.
    pub(crate) fn talk(&mut self) -> (CallHandle, CallHandle, u8) {
        let ours = self.dial("13800138000", "62345678");
        let (theirs, _) = self.run_to_offer();
        self.say(B, theirs, Primitive::Proceeding);
        self.say(B, theirs, Primitive::Alerting(Inband::Silent));
        self.run(1000);
        self.say(B, theirs, Primitive::Connected);
        self.run(1000);
        assert_eq!(self.told(A, ours).last(), Some(&Primitive::Connected));
        let timeslot = self.ends[A].calls().find(|call| call.0 == ours).expect("it lives").1;
        (ours, theirs, timeslot)
    }

    pub(crate) fn alarm(&mut self, end: usize, loss: bool) {
        self.ends[end].handle_alarms(self.now, Alarms { loss, ..Alarms::default() });
        self.drain(end);
    }

    pub(crate) fn block(&mut self, end: usize, timeslot: u8, is_blocked: bool) {
        if is_blocked {
            self.ends[end].block(timeslot);
        } else {
            self.ends[end].unblock(timeslot);
        }
        self.drain(end);
    }

    /// An end sees these bits, whoever sent them.
    pub(crate) fn show(&mut self, end: usize, timeslot: u8, bits: u8) {
        self.ends[end].handle_cas(self.now, timeslot, Abcd::new(bits));
        self.drain(end);
    }

    /// An end hears this, whoever sent it.
    pub(crate) fn sound(&mut self, end: usize, timeslot: u8, signal: Option<u8>) {
        self.ends[end].handle_mf(self.now, timeslot, signal);
        self.drain(end);
    }

    /// The bits that were sent last go out again, as on a line whose faults are over.
    pub(crate) fn repair(&mut self) {
        (self.loses_bits, self.loses_signals) = ([false; 2], [false; 2]);
        for end in [A, B] {
            for timeslot in 0..TIMESLOTS as u8 {
                if let Some(bits) = self.last_bits[end][usize::from(timeslot)] {
                    self.pass(BITS_DELAY, Passing::Bits { to: 1 - end, timeslot, bits });
                }
            }
        }
    }

    /// Bits that an end sends now on a channel.
    pub(crate) fn bits(&self, end: usize, timeslot: u8) -> u8 {
        self.last_bits[end][usize::from(timeslot)].expect("bits were sent").bits()
    }

    /// Forward and backward signals that were sent, as one line.
    pub(crate) fn dialogue(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for desk in &self.desks {
            let signals: Vec<String> = desk.signals.iter().map(|(_, _, signal)| signal.to_string()).collect();
            lines.push(signals.join(" "));
        }
        lines.join(" | ")
    }

    pub(crate) fn run(&mut self, time: u64) {
        let until = self.now + ms(time);
        for _ in 0..200_000 {
            let passing = self.passing.keys().next().map(|(at, _)| *at);
            let due = self.ends.iter().filter_map(|end| end.deadline()).min();
            let Some(next) = [passing, due].into_iter().flatten().min().filter(|&next| next <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(next);
            if let Some(entry) = self.passing.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let passing = entry.remove();
                self.arrive(passing);
            } else {
                for end in [A, B] {
                    self.ends[end].handle_timeout(self.now);
                    self.drain(end);
                }
            }
        }
        panic!("the spans never come to rest");
    }

    /// No call lives, every channel that carries calls is idle.
    pub(crate) fn check_rest(&self) {
        for (end, span) in self.ends.iter().enumerate() {
            assert_eq!(span.calls().count(), 0, "end {end}: calls that nothing ends");
            assert!(self.desks[end].living.is_empty(), "end {end}: calls that were not released");
            for timeslot in (1..=31).filter(|&timeslot| timeslot != 16) {
                let state = span.channel_state(timeslot);
                assert!(
                    matches!(state, ChannelState::Idle | ChannelState::Absent),
                    "end {end}, timeslot {timeslot} is {state:?}: {:?}",
                    self.desks[end].reports
                );
            }
        }
    }

    fn arrive(&mut self, passing: Passing) {
        match passing {
            Passing::Bits { to, timeslot, bits } => {
                self.ends[to].handle_cas(self.now, timeslot, bits);
                self.drain(to);
            }
            Passing::Signal { to, timeslot, signal } => {
                self.sounding[to][usize::from(timeslot)] = signal;
                self.hear(to, timeslot);
            }
            Passing::Listen { at, timeslot, register } => {
                self.listening[at][usize::from(timeslot)] = register;
                self.hear(at, timeslot);
            }
        }
    }

    fn hear(&mut self, end: usize, timeslot: u8) {
        let slot = usize::from(timeslot);
        let wanted = self.listening[end][slot];
        let heard = self.sounding[end][slot].filter(|sound| Some(sound.0) == wanted).map(|sound| sound.1);
        if core::mem::replace(&mut self.heard[end][slot], heard) != heard {
            self.ends[end].handle_mf(self.now, timeslot, heard);
            self.drain(end);
        }
    }

    fn pass(&mut self, delay: Duration, passing: Passing) {
        self.sequence += 1;
        self.passing.insert((self.now + delay, self.sequence), passing);
    }

    pub(crate) fn drain(&mut self, end: usize) {
        let mut to_let_go = Vec::new();
        for count in 0.. {
            let Some(action) = self.ends[end].poll_action() else { break };
            assert!(count < 2000, "an end that never stops acting");
            match action {
                Action::Cas { timeslot, bits } => {
                    let cd = self.ends[end].settings().country.cd;
                    assert_eq!(bits.bits() & 3, cd, "c and d never change");
                    self.desks[end].bits.push((self.now, timeslot, bits));
                    self.last_bits[end][usize::from(timeslot)] = Some(bits);
                    if !self.loses_bits[end] {
                        self.pass(BITS_DELAY, Passing::Bits { to: 1 - end, timeslot, bits });
                    }
                }
                Action::SendMf { timeslot, signal } => {
                    self.desks[end].sounds.push((self.now, timeslot, signal.map(|signal| signal.1)));
                    if let Some((register, signal)) = signal {
                        assert!((1..=15).contains(&signal));
                        self.desks[end].signals.push((timeslot, register, signal));
                    }
                    let signal = signal.filter(|_| !self.loses_signals[end]);
                    self.pass(SIGNAL_DELAY, Passing::Signal { to: 1 - end, timeslot, signal });
                }
                Action::ListenMf { timeslot, register } => {
                    // One that is switched off tells nothing more; one that is switched on needs its time.
                    match register {
                        None => {
                            self.listening[end][usize::from(timeslot)] = None;
                            self.heard[end][usize::from(timeslot)] = None;
                        }
                        Some(_) => self.pass(ms(20), Passing::Listen { at: end, timeslot, register }),
                    }
                }
                Action::Line { call, channel, primitive } => {
                    self.take(end, call, channel, primitive);
                    if matches!(primitive, Primitive::Clearing { .. }) && !self.desks[end].is_stubborn {
                        to_let_go.push((call, primitive));
                    }
                }
                Action::PlayTone { timeslot, tone } => self.desks[end].tones.push((timeslot, tone)),
                Action::ChannelChanged { .. } => {}
                Action::Report { timeslot, report, .. } => {
                    assert!(!report.to_string().is_empty());
                    self.desks[end].reports.push((timeslot, report));
                }
            }
        }
        for (call, primitive) in to_let_go {
            if let Primitive::Clearing { cause, .. } = primitive {
                self.say(end, call, Primitive::Released { cause });
            }
        }
    }

    /// Calls keep to the shape of a call.
    fn take(&mut self, end: usize, call: CallHandle, channel: Option<u8>, primitive: Primitive) {
        let living = &mut self.desks[end].living;
        match primitive {
            Primitive::Setup(_) => assert!(living.insert(call), "{call} was offered twice"),
            Primitive::Released { .. } => assert!(living.remove(&call), "{call} was released twice"),
            _ => assert!(living.contains(&call), "{primitive:?} of a call that is over"),
        }
        let channel = channel.expect("calls have channels");
        self.desks[end].told.push((self.now, call, channel, primitive));
    }
}

pub(crate) fn withheld(to: &str) -> Setup {
    let from = Number { presentation: Presentation::Restricted, ..Number::unknown(number("13800138000")) };
    Setup { from, ..setup("", to) }
}
