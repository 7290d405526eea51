//! What passes between the two ends of a span: frames, signaling bits, alarms; and what the faults do to it.

use crate::faults::Ill;
use crate::plan::End;
use base::Instant;
use ports::span::{Abcd, Alarms, Frame, TIMESLOTS};
use std::collections::VecDeque;
use std::time::Duration;
use test_signals::Random;

/// From end to end.
const DELAY: Duration = Duration::from_millis(2);

/// One direction of a span, named by its sender.
struct Way {
    frames: VecDeque<(Instant, Frame)>,
    bits: VecDeque<(Instant, u8, Abcd)>,
    /// What the sender sends over and over, and what arrived of it last.
    sent: [Option<Abcd>; TIMESLOTS],
    shown: [Option<Abcd>; TIMESLOTS],
    /// Faults that stop everything.
    cuts: u8,
}

pub(crate) struct Line {
    ways: [Way; 2],
    /// Faults that stop frames alone.
    d_channel_cuts: u8,
    /// Faults that both ends have alarms of.
    losses: u8,
    noises: Vec<(u16, u16)>,
    chance: Random,
    /// Frames lost so far.
    pub(crate) lost: u64,
}

impl Line {
    pub(crate) fn new(chance: Random) -> Self {
        let way = || Way {
            frames: VecDeque::with_capacity(64),
            bits: VecDeque::with_capacity(128),
            sent: [None; TIMESLOTS],
            shown: [None; TIMESLOTS],
            cuts: 0,
        };
        Self { ways: [way(), way()], d_channel_cuts: 0, losses: 0, noises: Vec::with_capacity(8), chance, lost: 0 }
    }

    pub(crate) fn send_frame(&mut self, now: Instant, from: End, frame: &[u8]) {
        let is_lost = self
            .noises
            .iter()
            .fold(false, |lost, &(per_mille, _)| lost | (self.chance.below(1000) < usize::from(per_mille)));
        let way = &mut self.ways[from.at()];
        if is_lost || self.d_channel_cuts > 0 || way.cuts > 0 {
            self.lost += 1;
            return;
        }
        let late = self.noises.iter().map(|&(_, late)| u64::from(late)).max().unwrap_or(0);
        // A line may be slow, but nothing overtakes on it.
        let due = now + DELAY + Duration::from_millis(late);
        let due = way.frames.back().map_or(due, |&(last, _)| last.max(due));
        // Whatever a link sends fits a frame.
        way.frames.push_back((due, Frame::from_slice(frame).unwrap_or_default()));
    }

    pub(crate) fn send_bits(&mut self, now: Instant, from: End, timeslot: u8, bits: Abcd) {
        let way = &mut self.ways[from.at()];
        way.sent[usize::from(timeslot)] = Some(bits);
        if way.cuts == 0 {
            way.bits.push_back((now + DELAY, timeslot, bits));
        }
    }

    /// When the next thing arrives.
    pub(crate) fn due(&self) -> Option<Instant> {
        let frames = self.ways.iter().filter_map(|way| way.frames.front()).map(|&(due, _)| due);
        let bits = self.ways.iter().filter_map(|way| way.bits.front()).map(|&(due, ..)| due);
        frames.chain(bits).min()
    }

    /// The next frame that arrives from this end by now.
    pub(crate) fn frame(&mut self, now: Instant, from: End) -> Option<Frame> {
        let frames = &mut self.ways[from.at()].frames;
        frames.front().filter(|&&(due, _)| due <= now)?;
        frames.pop_front().map(|(_, frame)| frame)
    }

    /// The next bits that arrive from this end by now, with their timeslot.
    pub(crate) fn bits(&mut self, now: Instant, from: End) -> Option<(u8, Abcd)> {
        let way = &mut self.ways[from.at()];
        let &(_, timeslot, bits) = way.bits.front().filter(|&&(due, ..)| due <= now)?;
        way.bits.pop_front();
        way.shown[usize::from(timeslot)] = Some(bits);
        Some((timeslot, bits))
    }

    /// Nothing is on its way.
    pub(crate) fn is_empty(&self) -> bool {
        self.ways.iter().all(|way| way.frames.is_empty() && way.bits.is_empty())
    }

    /// Whether what this end sends arrives.
    pub(crate) fn is_cut(&self, from: End) -> bool {
        self.ways[from.at()].cuts > 0
    }

    /// A fault begins.
    pub(crate) fn ail(&mut self, now: Instant, ill: Ill) {
        match ill {
            Ill::Noise { lost, late } => self.noises.push((lost, late)),
            Ill::DChannel => self.d_channel_cuts += 1,
            Ill::Span => {
                self.losses += 1;
                End::BOTH.into_iter().for_each(|end| self.cut(end));
            }
            Ill::Silence(end) => self.cut(end),
            Ill::Glitch { at, timeslot, bits } => self.glitch(now, at, timeslot, Some(bits)),
            Ill::Slip(_) | Ill::Restart(_) | Ill::Blocked { .. } => {}
        }
    }

    /// And ends.
    pub(crate) fn heal(&mut self, now: Instant, ill: Ill) {
        match ill {
            Ill::Noise { lost, late } => {
                if let Some(place) = self.noises.iter().position(|&noise| noise == (lost, late)) {
                    self.noises.swap_remove(place);
                }
            }
            Ill::DChannel => self.d_channel_cuts -= 1,
            Ill::Span => {
                self.losses -= 1;
                End::BOTH.into_iter().for_each(|end| self.mend(now, end));
            }
            Ill::Silence(end) => self.mend(now, end),
            Ill::Glitch { at, timeslot, .. } => self.glitch(now, at, timeslot, None),
            Ill::Slip(_) | Ill::Restart(_) | Ill::Blocked { .. } => {}
        }
    }

    /// What an end sees of the span.
    pub(crate) const fn alarms(&self, end: End) -> Alarms {
        let is_lost = self.losses > 0;
        match end {
            End::Box => Alarms { loss: is_lost, remote: false, indication: false },
            End::Exchange => Alarms { loss: false, remote: is_lost, indication: false },
        }
    }

    fn cut(&mut self, from: End) {
        let way = &mut self.ways[from.at()];
        way.cuts += 1;
        self.lost += way.frames.len() as u64;
        way.frames.clear();
        way.bits.clear();
    }

    /// What is sent over and over arrives again.
    fn mend(&mut self, now: Instant, from: End) {
        let way = &mut self.ways[from.at()];
        way.cuts -= 1;
        if way.cuts > 0 {
            return;
        }
        for timeslot in 0..TIMESLOTS {
            if let Some(bits) = way.sent[timeslot].filter(|&bits| way.shown[timeslot] != Some(bits)) {
                way.bits.push_back((now + DELAY, timeslot as u8, bits));
            }
        }
    }

    /// An end that is started anew is told of all bits that stand.
    pub(crate) fn tell_all(&mut self, now: Instant, to: End) {
        let way = &mut self.ways[to.other().at()];
        for (timeslot, bits) in (0_u8..).zip(way.sent).filter(|_| way.cuts == 0) {
            way.bits.extend(bits.map(|bits| (now + DELAY, timeslot, bits)));
        }
    }

    /// `None`: what is really sent is read again.
    fn glitch(&mut self, now: Instant, at: End, timeslot: u8, bits: Option<Abcd>) {
        let way = &mut self.ways[at.other().at()];
        let Some(sent) = way.sent[usize::from(timeslot)].filter(|_| way.cuts == 0) else { return };
        way.bits.push_back((now + DELAY, timeslot, bits.unwrap_or(sent)));
    }
}
