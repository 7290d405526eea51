//! From soft bits to octets between start and stop bits.

use crate::demodulator::LATER;
use crate::{BIT, BLOCK};

/// Samples kept: those of this block and of the one before. An octet and what is looked at around it is shorter than one block.
pub(crate) const KEPT: usize = 2 * BLOCK;

/// What the demodulator makes of the samples kept.
#[derive(Clone)]
pub(crate) struct Signal {
    pub(crate) soft: [[f32; BLOCK]; 2],
    pub(crate) power: [[f32; BLOCK]; 2],
}

impl Signal {
    pub(crate) const SILENT: Self = Self { soft: [[0.0; BLOCK]; 2], power: [[0.0; BLOCK]; 2] };
}

/// Bits of an octet, with its start and its stop.
const BITS: usize = 10;
/// Samples from an edge to where its bit must have settled.
const SETTLED: usize = 3;
/// From the edge of a start bit to the middle of the stop bit, and what rounding may add.
const WHOLE: f32 = (BITS as f32 - 0.5) * BIT + 0.5;

/// Where in an octet the receiver is; places are indices of the kept soft bits.
#[derive(Clone, Copy, Debug)]
enum State {
    /// Looking for the edge of a start bit from here on.
    Hunting(usize),
    /// It was here.
    Octet(f32),
}

/// What an octet's frame is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framed {
    /// It ends as it should.
    Octet(u8),
    /// Its stop bit is none; one wrong bit may be noise.
    NoStop(u8),
    /// The signal was gone before its end.
    Faded,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Framer(State);

impl Framer {
    /// Looks for a start bit from this place on.
    pub(crate) const fn hunting(from: usize) -> Self {
        Self(State::Hunting(from))
    }

    /// All soft bits move one block to the front.
    #[inline(always)]
    pub(crate) fn shift(&mut self) {
        match &mut self.0 {
            State::Hunting(from) => *from = from.saturating_sub(BLOCK),
            State::Octet(edge) => *edge -= BLOCK as f32,
        }
    }

    /// The next octet whose stop bit lies before `end`; a stop bit with less power than `least` is none.
    #[inline(always)]
    pub(crate) fn next(&mut self, signal: &Signal, end: usize, least: f32) -> Option<Framed> {
        if let State::Hunting(from) = self.0 {
            self.0 = hunt(signal.soft.as_flattened(), from.max(1), end);
        }
        let State::Octet(edge) = self.0 else { return None };
        if edge + WHOLE >= end as f32 {
            return None;
        }
        let (framed, stop) = decide(signal.soft.as_flattened(), edge);
        self.0 = State::Hunting(stop);
        let around = stop.saturating_sub(LATER + 2);
        let power: f32 = signal.power.as_flattened().iter().skip(around).take(4).sum();
        Some(if power < least * 4.0 { Framed::Faded } else { framed })
    }
}

/// The first edge from mark to space that is the beginning of a bit.
#[inline(always)]
fn hunt(soft: &[f32], from: usize, end: usize) -> State {
    for at in from..end {
        if soft[at] >= 0.0 || soft[at - 1] < 0.0 {
            continue;
        }
        if at + SETTLED >= end {
            return State::Hunting(at);
        }
        if soft[at + SETTLED] < 0.0 {
            let above = soft[at - 1];
            return State::Octet(at as f32 - 1.0 + above / (above - soft[at]));
        }
    }
    State::Hunting(end)
}

/// The octet that begins with this edge, and the place of its stop bit's middle.
#[inline(always)]
fn decide(soft: &[f32], edge: f32) -> (Framed, usize) {
    // Half is added for rounding; the places are in range by `WHOLE`.
    let middle = |bit: usize| (edge + (bit as f32 + 0.5) * BIT + 0.5) as usize;
    let is_mark = |bit: usize| soft.get(middle(bit)).is_some_and(|soft| *soft > 0.0);
    let octet = (0..8).fold(0, |octet, bit| octet | u8::from(is_mark(bit + 1)) << bit);
    let framed = if is_mark(BITS - 1) { Framed::Octet(octet) } else { Framed::NoStop(octet) };
    (framed, middle(BITS - 1))
}
