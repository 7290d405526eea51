//! A tone that is there: how long, and whether it is still the one it began as.

use crate::spectrum::{LEAST, PURE, Pointer};

/// Share of a hop's energy that the tone has where it is there: 0.74 remains of one that is 38 Hz off beside noise 10 dB below.
const SHARE: f32 = 0.45;
/// In the mean of the last hops, of what a tone of this frequency shows: noise 10 dB below leaves 0.91, another tone 7 dB below 0.83.
const MEAN_SHARE: f32 = 0.85;
/// How evenly the phase turns; one reversal in ten hops leaves 0.9.
const EVEN: f32 = 0.75;
/// Share of the tone's power below which it is missing.
const MISSING: f32 = 0.25;
/// More than so many times the power so far is something new.
const NEW: f32 = 8.0;
/// Hops in a row that may be missing: 15 ms. A reversal in the middle of a hop hides it.
pub(crate) const MISSES: u8 = 3;
/// A missing hop counts for so many good ones,
const ROUGH_MISS: u8 = 4;
/// and with more than this they are no tone.
const ROUGHEST: u8 = 24;
/// Hops after which it is known what the tone is like.
const KNOWN: u16 = 8;
/// How much of what is remembered is kept from hop to hop: 100 ms.
const KEPT: f32 = 0.95;

/// What came of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The tone goes on.
    On,
    /// It begins with this hop, as it is far louder than what was before.
    Anew,
    /// It has ended after this many hops.
    Over(u16),
    /// It was none: too rough, or elsewhere.
    Failed,
}

/// A tone from its first hop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// Since it began, those missing counted.
    pub(crate) hops: u16,
    /// Missing of late.
    misses: u8,
    /// How many are missing here and there, less as many good ones.
    rough: u8,
    last: Pointer,
    /// Sums of the last hops: how far each is turned against the one before, power, energy of all sound.
    pub(crate) turn: Pointer,
    power: f32,
    energy: f32,
    /// Power of a hop.
    pub(crate) level: f32,
}

/// Whether a hop may be the first of a tone.
#[inline(always)]
pub(crate) fn is_tone(power: f32, energy: f32) -> bool {
    power >= SHARE * PURE * energy && energy >= LEAST
}

impl Run {
    pub(crate) fn new(pointer: Pointer, power: f32, energy: f32) -> Self {
        Self { hops: 1, misses: 0, rough: 0, last: pointer, turn: Pointer::ZERO, power, energy, level: power }
    }

    /// Takes the next hop. `off` is how far the phase may turn in a hop, in radians.
    pub(crate) fn step(&mut self, pointer: Pointer, power: f32, energy: f32, off: f32) -> Step {
        let there = is_tone(power, energy) && power >= MISSING * self.level;
        if there && power > NEW * self.level {
            *self = Self::new(pointer, power, energy);
            return Step::Anew;
        }
        self.hops = self.hops.saturating_add(1);
        let last = core::mem::replace(&mut self.last, pointer);
        if !there {
            self.misses += 1;
            self.rough += ROUGH_MISS;
            return match self.misses {
                ..=MISSES if self.rough <= ROUGHEST => Step::On,
                ..=MISSES => Step::Failed,
                misses => Step::Over(self.hops - u16::from(misses)),
            };
        }
        self.rough = self.rough.saturating_sub(1);
        // A hop after one that is missing shows no turn.
        if core::mem::take(&mut self.misses) == 0 {
            self.turn = self.turn.scaled(KEPT).plus(pointer.against(last));
            self.power = KEPT * self.power + power;
            self.energy = KEPT * self.energy + energy;
        }
        self.level += (power - self.level) * 0.25;
        if self.hops < KNOWN || self.is_steady(off) { Step::On } else { Step::Failed }
    }

    fn is_steady(&self, most_off: f32) -> bool {
        let even = self.turn.power() >= EVEN * EVEN * self.power * self.power;
        let off = dsp_math::angle(self.turn.im, self.turn.re);
        // What a hop shows of a tone that is off, (sin x / x)^2 with twice x being its turn.
        let shown = 1.0 - off * off * (1.0 / 12.0 - off * off / 360.0);
        even && off.abs() <= most_off && self.power >= MEAN_SHARE * PURE * shown * self.energy
    }
}

/// Radians that a tone gains in a hop when it is so many Hz off.
pub(crate) const fn off(hz: f32) -> f32 {
    core::f32::consts::TAU * hz * 0.005
}
