//! The eight DTMF frequencies in hops of 5 ms.
//!
//! A hop is folded about its middle: sums of mirrored samples meet only cosines, differences only sines, which halves the
//! products. The eight frequencies are the inner loop, one vector register wide.

use crate::sender::{COLUMNS_HZ, ROWS_HZ};
use dsp_math::{const_sin_cos, folded, in_memory};

/// Samples in a hop.
pub(crate) const HOP: usize = 40;
/// Seconds in a hop.
pub(crate) const HOP_S: f32 = 0.005;
const HALF: usize = HOP / 2;

/// One value for each frequency: four rows, four columns.
pub(crate) type Eight = [f32; 8];

/// The nominal frequencies.
pub(crate) const HZ: Eight = {
    let mut hz = [0.0; 8];
    let mut at = 0;
    while at < 4 {
        hz[at] = ROWS_HZ[at];
        hz[at + 4] = COLUMNS_HZ[at];
        at += 1;
    }
    hz
};

const fn radians_a_sample(frequency: usize) -> f64 {
    core::f64::consts::TAU * HZ[frequency] as f64 / 8000.0
}

static COSINES: [Eight; HALF] = table().0;
static SINES: [Eight; HALF] = table().1;

const fn table() -> ([Eight; HALF], [Eight; HALF]) {
    let (mut cosines, mut sines) = ([[0.0; 8]; HALF], [[0.0; 8]; HALF]);
    let mut at = 0;
    while at < HALF {
        let mut frequency = 0;
        while frequency < 8 {
            let (sin, cos) = const_sin_cos(radians_a_sample(frequency) * (at as f64 + 0.5));
            cosines[at][frequency] = cos as f32;
            sines[at][frequency] = -sin as f32;
            frequency += 1;
        }
        at += 1;
    }
    (cosines, sines)
}

/// What a nominal tone's phase gains from one hop to the next: cosines and sines.
pub(crate) static TURN: (Eight, Eight) = {
    let (mut cosines, mut sines) = ([0.0; 8], [0.0; 8]);
    let mut frequency = 0;
    while frequency < 8 {
        let (sin, cos) = const_sin_cos(radians_a_sample(frequency) * HOP as f64);
        cosines[frequency] = cos as f32;
        sines[frequency] = sin as f32;
        frequency += 1;
    }
    (cosines, sines)
};

/// One hop seen at the eight frequencies, phases counted from its middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) re: Eight,
    pub(crate) im: Eight,
    /// Sum of the samples' squares.
    pub(crate) energy: f32,
}

impl Hop {
    pub(crate) const SILENT: Self = Self { re: [0.0; 8], im: [0.0; 8], energy: 0.0 };

    /// Analyses `samples`.
    #[inline(always)]
    pub(crate) fn of(samples: &[i16; HOP]) -> Self {
        let (even, odd): ([f32; HALF], [f32; HALF]) = folded(samples);
        let (even, odd) = (in_memory(&even), in_memory(&odd));
        // Four partial sums, so that the order of additions is the same on every processor.
        let mut energy = [0.0; 4];
        for at in 0..HALF {
            energy[at % 4] += even[at] * even[at] + odd[at] * odd[at];
        }
        let (mut re, mut im) = ([0.0; 8], [0.0; 8]);
        for at in 0..HALF {
            for frequency in 0..8 {
                re[frequency] += even[at] * COSINES[at][frequency];
                im[frequency] += odd[at] * SINES[at][frequency];
            }
        }
        Self { re, im, energy: 0.5 * ((energy[0] + energy[1]) + (energy[2] + energy[3])) }
    }

    /// Powers of this hop and the one before taken together, for each frequency.
    #[inline(always)]
    pub(crate) fn powers_with(&self, before: &Self) -> Eight {
        let (cos, sin) = &TURN;
        let mut powers = [0.0; 8];
        for at in 0..8 {
            let re = self.re[at] + (before.re[at] * cos[at] - before.im[at] * sin[at]);
            let im = self.im[at] + (before.re[at] * sin[at] + before.im[at] * cos[at]);
            powers[at] = re * re + im * im;
        }
        *in_memory(&powers)
    }
}
