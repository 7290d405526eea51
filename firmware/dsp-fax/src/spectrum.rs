//! The four frequencies in hops of 5 ms.
//!
//! A hop is folded about its middle: sums of mirrored samples meet only cosines, differences only sines. The frequencies are the inner
//! loop, one vector register of four.

use dsp_math::{const_sin_cos, folded, in_memory};

/// Samples in a hop.
pub(crate) const HOP: usize = 40;
const HALF: usize = HOP / 2;
/// Milliseconds in a hop.
pub(crate) const HOP_MS: u32 = 5;

/// Hops in so many milliseconds.
pub(crate) const fn hops(ms: u32) -> u16 {
    (ms / HOP_MS) as u16
}

const HZ: [f64; 4] = [1100.0, 2100.0, 1650.0, 1850.0];
/// Their places: CNG, answering tones, and one and zero on channel 2 of V.21. Those two are 200 Hz apart, so that in a hop neither shows at the other.
pub(crate) const CALLING: usize = 0;
pub(crate) const ANSWERING: usize = 1;
pub(crate) const ONE: usize = 2;
pub(crate) const ZERO: usize = 3;

/// A pure tone's power over its energy.
pub(crate) const PURE: f32 = HALF as f32;
/// Below this energy a hop holds no tone: -43 dBm0 must be heard.
pub(crate) const LEAST: f32 = energy_of(2.5e-5);

/// Energy of a hop of a sine of so many times the power of 0 dBm0 (G.711 §2).
const fn energy_of(power: f32) -> f32 {
    // 32768 squared, half, 3.14 dB down.
    power * 2.605e8 * HOP as f32
}

type Four = [f32; 4];

static COSINES: [Four; HALF] = tables().0;
static SINES: [Four; HALF] = tables().1;

const fn tables() -> ([Four; HALF], [Four; HALF]) {
    let (mut cosines, mut sines) = ([[0.0; 4]; HALF], [[0.0; 4]; HALF]);
    let mut at = 0;
    while at < HALF {
        let mut place = 0;
        while place < 4 {
            let (sin, cos) = const_sin_cos(core::f64::consts::TAU * HZ[place] / 8000.0 * (at as f64 + 0.5));
            cosines[at][place] = cos as f32;
            sines[at][place] = -sin as f32;
            place += 1;
        }
        at += 1;
    }
    (cosines, sines)
}

/// A pointer: amplitude and phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pointer {
    pub(crate) re: f32,
    pub(crate) im: f32,
}

impl Pointer {
    pub(crate) const ZERO: Self = Self { re: 0.0, im: 0.0 };

    #[inline(always)]
    pub(crate) fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    /// How far it is turned against `other`, times both amplitudes.
    #[inline(always)]
    pub(crate) fn against(self, other: Self) -> Self {
        Self { re: self.re * other.re + self.im * other.im, im: self.im * other.re - self.re * other.im }
    }

    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    #[inline(always)]
    pub(crate) fn scaled(self, factor: f32) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }
}

/// One hop, phases counted from its middle.
pub(crate) struct Hop {
    re: Four,
    im: Four,
    pub(crate) powers: Four,
    /// Sum of the samples' squares.
    pub(crate) energy: f32,
}

impl Hop {
    /// `turn` is 1 and -1 in turn: 1100 and 2100 Hz make a half turn too many in each hop.
    #[inline(always)]
    pub(crate) fn of(samples: &[i16; HOP], turn: f32) -> Self {
        let (even, odd): ([f32; HALF], [f32; HALF]) = folded(samples);
        let (even, odd) = (in_memory(&even), in_memory(&odd));
        let energy = energy(even, odd);
        let (mut re, mut im, mut powers) = (correlated(even, &COSINES), correlated(odd, &SINES), [0.0; 4]);
        for place in 0..4 {
            (re[place], im[place]) = (re[place] * turn, im[place] * turn);
            powers[place] = re[place] * re[place] + im[place] * im[place];
        }
        Self { re, im, powers: *in_memory(&powers), energy }
    }

    pub(crate) fn at(&self, place: usize) -> Pointer {
        Pointer { re: self.re[place], im: self.im[place] }
    }
}

/// One part of a hop at a time: with both in one loop the compiler leaves products in memory.
#[inline(always)]
fn correlated(values: &[f32; HALF], with: &[Four; HALF]) -> Four {
    let mut sums = [0.0; 4];
    for at in 0..HALF {
        for place in 0..4 {
            sums[place] += values[at] * with[at][place];
        }
    }
    sums
}

/// Of a hop, from its folded samples, in partial sums, so that the order of additions is the same on every processor.
#[inline(always)]
fn energy(even: &[f32; HALF], odd: &[f32; HALF]) -> f32 {
    let mut parts = [0.0; 4];
    for from in 0..HALF / 4 {
        for at in 0..4 {
            let (sum, difference) = (even[from * 4 + at], odd[from * 4 + at]);
            parts[at] += sum * sum + difference * difference;
        }
    }
    let [a, b, c, d] = *in_memory(&parts);
    0.5 * ((a + b) + (c + d))
}
