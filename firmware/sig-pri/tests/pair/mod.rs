//! A user's and a network's span, the line between them, and a clock that jumps to the next deadline.
#![allow(dead_code, reason = "each test file uses its part")]

use base::{Cause, Digits, Instant};
use ports::call::{Address, Bearer, Inband, Number, NumberKind, Presentation, Primitive, Setup};
use ports::span::{Alarms, Frame};
use sig_pri::{Action, CallHandle, ChannelState, LinkState, Parameters, PriSpan, Profile, Report, Side};
use sig_q931::wire::{DISCRIMINATOR, Header, MessageType};
use std::collections::VecDeque;
use std::time::Duration;

/// The user's place in every pair of arrays.
pub(crate) const USER: usize = 0;
/// The network's.
pub(crate) const NETWORK: usize = 1;
pub(crate) const BOTH: [usize; 2] = [USER, NETWORK];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) call: CallHandle,
    pub(crate) channel: Option<u8>,
    pub(crate) primitive: Primitive,
}

pub(crate) struct Pair {
    pub(crate) now: Instant,
    /// Boxed: a span is some hundred kilobytes, and a test's stack is small.
    pub(crate) ends: [Box<PriSpan>; 2],
    /// Frames on their way to each end.
    pub(crate) line: [VecDeque<Frame>; 2],
    pub(crate) is_cut: bool,
    /// What each call model was told.
    pub(crate) told: [Vec<Word>; 2],
    pub(crate) links: [Vec<LinkState>; 2],
    pub(crate) restarted: [Vec<u8>; 2],
    pub(crate) reports: [Vec<Report>; 2],
    /// Layer 3 messages each end has sent, by type.
    pub(crate) sent: [Vec<MessageType>; 2],
}

impl Pair {
    /// Both links up, nothing remembered of how.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl Fn(&mut Parameters)) -> Self {
        Self::of(&Profile::CHINA, change)
    }

    /// The two sides of a profile, changed the same way at both ends.
    pub(crate) fn of(profile: &Profile, change: impl Fn(&mut Parameters)) -> Self {
        let mut pair = Self::not_started(profile, change);
        pair.start();
        pair.forget();
        pair
    }

    pub(crate) fn start(&mut self) {
        self.ends[USER].start(self.now);
        self.ends[NETWORK].start(self.now);
        self.settle();
        assert_eq!(self.ends[USER].link_state(), LinkState::Up);
    }

    pub(crate) fn not_started(profile: &Profile, change: impl Fn(&mut Parameters)) -> Self {
        let end = |side| {
            let mut parameters = profile.parameters(side);
            change(&mut parameters);
            Box::new(PriSpan::with(side, parameters, sig_q921::Parameters::default()))
        };
        Self {
            now: Instant::ZERO,
            ends: [end(Side::User), end(Side::Network)],
            line: Default::default(),
            is_cut: false,
            told: Default::default(),
            links: Default::default(),
            restarted: Default::default(),
            reports: Default::default(),
            sent: Default::default(),
        }
    }

    pub(crate) fn forget(&mut self) {
        for end in BOTH {
            self.told[end].clear();
            self.links[end].clear();
            self.restarted[end].clear();
            self.reports[end].clear();
            self.sent[end].clear();
        }
    }

    /// Takes the actions of both ends.
    pub(crate) fn collect(&mut self) {
        for end in BOTH {
            while let Some(action) = self.ends[end].poll_action() {
                match action {
                    Action::Transmit(frame) => self.transmit(end, frame),
                    Action::Line { call, channel, primitive } => {
                        self.told[end].push(Word { call, channel, primitive });
                    }
                    Action::Link(state) => self.links[end].push(state),
                    Action::ChannelRestarted(timeslot) => self.restarted[end].push(timeslot),
                    Action::Report(report) => self.reports[end].push(report),
                    Action::LinkError(_) => {}
                }
            }
        }
    }

    fn transmit(&mut self, end: usize, frame: Frame) {
        // I frames: bit 1 of the control field is 0.
        if frame.len() > 4 && frame[2] & 1 == 0 {
            // SERVICE stands under a discriminator of its own.
            if frame[4] == DISCRIMINATOR {
                let (header, _) = Header::parse(&frame[4..]).expect("a span sends good messages");
                self.sent[end].push(header.kind);
            }
        }
        if !self.is_cut {
            self.line[1 - end].push_back(frame);
        }
    }

    /// Brings the oldest frame to `end`.
    pub(crate) fn step(&mut self, end: usize) -> bool {
        self.collect();
        let Some(frame) = self.line[end].pop_front() else { return false };
        self.ends[end].handle_frame(self.now, &frame);
        self.collect();
        true
    }

    /// Until no frame is on its way.
    pub(crate) fn settle(&mut self) {
        for _ in 0..20_000 {
            if BOTH.map(|end| self.step(end)) == [false, false] {
                return;
            }
        }
        panic!("the ends never fall silent");
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.ends.iter().filter_map(|end| end.deadline()).min()
    }

    /// Jumps to the next deadline.
    pub(crate) fn expire(&mut self) {
        let Some(due) = self.deadline() else { return };
        self.now = self.now.max(due);
        for end in BOTH {
            self.ends[end].handle_timeout(self.now);
        }
        self.collect();
    }

    /// Lives through `wait`.
    pub(crate) fn pass(&mut self, wait: Duration) {
        let end = self.now + wait;
        self.settle();
        for _ in 0..100_000 {
            match self.deadline() {
                Some(due) if due <= end => {
                    self.expire();
                    self.settle();
                }
                Some(_) | None => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("timers never rest");
    }

    /// From now on nothing arrives.
    pub(crate) fn cut(&mut self) {
        self.is_cut = true;
        self.line.iter_mut().for_each(VecDeque::clear);
    }

    pub(crate) fn mend(&mut self) {
        self.is_cut = false;
    }

    pub(crate) fn alarms(&mut self, end: usize, alarms: Alarms) {
        self.ends[end].handle_alarms(self.now, alarms);
        self.settle();
    }

    pub(crate) fn call(&mut self, end: usize, setup: Setup, channel: Option<u8>) -> CallHandle {
        let call = self.ends[end].call(self.now, setup, channel).expect("the span takes the call");
        self.collect();
        call
    }

    /// The call model of `end` speaks; all that follows from it happens.
    pub(crate) fn say(&mut self, end: usize, call: CallHandle, primitive: Primitive) {
        self.ends[end].line(self.now, call, primitive);
        self.settle();
    }

    /// What the model of `end` was told of `call`.
    pub(crate) fn heard(&self, end: usize, call: CallHandle) -> Vec<Primitive> {
        self.told[end].iter().filter(|word| word.call == call).map(|word| word.primitive).collect()
    }

    /// The last call offered to `end`.
    pub(crate) fn offered(&self, end: usize) -> (CallHandle, u8, Setup) {
        let offered = self.told[end].iter().rev().find_map(|word| match word.primitive {
            Primitive::Setup(setup) => Some((word.call, word.channel.expect("an offered call has a channel"), setup)),
            _ => None,
        });
        offered.expect("a call was offered")
    }

    /// A call from `from`, answered: the handles at both ends, and the channel.
    pub(crate) fn answered(&mut self, from: usize) -> ([CallHandle; 2], u8) {
        let to = 1 - from;
        let ours = self.call(from, setup("10086"), None);
        self.settle();
        let (theirs, channel, _) = self.offered(to);
        self.say(to, theirs, Primitive::Proceeding);
        self.say(to, theirs, Primitive::Connected);
        assert_eq!(self.heard(from, ours).last(), Some(&Primitive::Connected));
        let mut handles = [ours, ours];
        handles[to] = theirs;
        (handles, channel)
    }

    pub(crate) fn calls(&self, end: usize) -> usize {
        self.ends[end].calls().count()
    }

    /// No call anywhere, and every channel free at both ends.
    #[track_caller]
    pub(crate) fn assert_idle(&self) {
        for end in BOTH {
            assert_eq!(self.calls(end), 0, "calls left at {end}");
            for timeslot in bearers() {
                assert_eq!(self.ends[end].channel_state(timeslot), ChannelState::Idle, "timeslot {timeslot} at {end}");
            }
        }
    }
}

pub(crate) fn bearers() -> impl Iterator<Item = u8> {
    (1..32).filter(|&timeslot| timeslot != 16)
}

pub(crate) fn setup(to: &str) -> Setup {
    Setup {
        from: Number {
            digits: digits("2161234567"),
            kind: NumberKind::National,
            presentation: Presentation::Restricted,
            ..Number::default()
        },
        to: Number::unknown(digits(to)),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    }
}

pub(crate) fn digits(text: &str) -> Digits {
    text.parse().expect("digits")
}

pub(crate) const fn clearing(cause: Cause) -> Primitive {
    Primitive::Clearing { cause, inband: Inband::Silent }
}

pub(crate) const fn released(cause: Cause) -> Primitive {
    Primitive::Released { cause }
}
