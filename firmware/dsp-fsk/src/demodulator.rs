//! From samples to how far the frequency lies below the middle of the band.

use crate::BLOCK;
use dsp_math::{const_sin_cos, in_memory};

/// Hertz between mark and space, in both modulations.
const MIDDLE_HZ: f64 = 1700.0;
/// Samples that the band filter sees: somewhat less than two bits, so that the neighbours of a weak bit do not drown it.
const TAPS: usize = 12;
const HALF: usize = TAPS / 2;
/// Samples over which the turn of the phase is summed up; with them noise is half as loud, and edges stay where they are.
const SUM: usize = 4;
/// Samples by which a soft bit comes later than the power it was measured at.
pub(crate) const LATER: usize = SUM / 2;
/// Samples in a hop.
pub(crate) const HOP: usize = 40;
/// Hops in a block.
pub(crate) const HOPS: usize = BLOCK / HOP;
/// Neighbouring samples that are one vector.
const WIDE: usize = 8;

const MIDDLE: f64 = core::f64::consts::TAU * MIDDLE_HZ / 8000.0;
/// By how much the middle turns in a sample: sine and cosine.
const TURN: (f32, f32) = {
    let (sin, cos) = const_sin_cos(MIDDLE);
    (sin as f32, cos as f32)
};

/// A Hamming window turned to the middle frequency: the first half of its real taps, which mirror, and of its imaginary ones, which mirror with
/// the opposite sign. A tone in the middle keeps its amplitude.
static REAL: [f32; HALF] = taps().0;
static IMAGINARY: [f32; HALF] = taps().1;

const fn taps() -> ([f32; HALF], [f32; HALF]) {
    let mut window = [0.0; HALF];
    let (mut at, mut sum) = (0, 0.0);
    while at < HALF {
        let (_, cos) = const_sin_cos(core::f64::consts::TAU * at as f64 / (TAPS - 1) as f64);
        window[at] = 0.54 - 0.46 * cos;
        sum += window[at];
        at += 1;
    }
    let (mut real, mut imaginary) = ([0.0; HALF], [0.0; HALF]);
    at = 0;
    while at < HALF {
        let (sin, cos) = const_sin_cos(MIDDLE * (at as f64 - (TAPS - 1) as f64 / 2.0));
        real[at] = (window[at] * cos / sum) as f32;
        imaginary[at] = (window[at] * sin / sum) as f32;
        at += 1;
    }
    (real, imaginary)
}

/// What a hop looks like.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hop {
    /// Sum of the squares of all samples.
    pub(crate) energy: f32,
    /// The same of each sample less the one three before it: hum is gone, and mark, in the middle of what passes, has four times its
    /// power.
    pub(crate) without_hum: f32,
    /// Sum of the squares of what lies in the band.
    pub(crate) in_band: f32,
    /// Mean of the soft bits: how far below the middle the frequency lies.
    pub(crate) mean: f32,
    /// Soft bits that are clearly mark.
    pub(crate) marks: f32,
}

/// Soft bits of this and more are clearly mark: 1540 Hz and less.
const CLEARLY_MARK: f32 = 0.1;

/// The filter and its past.
#[derive(Clone)]
pub(crate) struct Demodulator {
    samples: [f32; TAPS - 1],
    last: (f32, f32),
    turns: [f32; SUM - 1],
}

impl Demodulator {
    pub(crate) const SILENT: Self = Self { samples: [0.0; TAPS - 1], last: (0.0, 0.0), turns: [0.0; SUM - 1] };

    /// Writes for every sample a soft bit, 7.5 samples late, and the power in the band, 5.5 samples late. A soft bit of more than 0 is mark, 0.30
    /// the mark of Bell 202, 0.24 that of V.23.
    #[inline(always)]
    pub(crate) fn block(
        &mut self,
        block: &[i16; BLOCK],
        soft: &mut [f32; BLOCK],
        power: &mut [f32; BLOCK],
    ) -> [Hop; HOPS] {
        let mut samples = [0.0; TAPS - 1 + BLOCK];
        samples[..TAPS - 1].copy_from_slice(&self.samples);
        for at in 0..BLOCK {
            samples[TAPS - 1 + at] = f32::from(block[at]);
        }
        self.samples.copy_from_slice(&samples[BLOCK..]);
        let mut band = [[0.0; 1 + BLOCK]; 2];
        self.band(in_memory(&samples), &mut band);
        let turns = self.turns(in_memory(&band));
        for at in 0..BLOCK {
            let (re, im) = (band[0][1 + at], band[1][1 + at]);
            power[at] = re * re + im * im;
        }
        sums(in_memory(&turns), soft);
        hops(&samples, soft, power)
    }

    /// The band about the middle as a pointer that turns: real and imaginary parts, the last block's last one in front.
    #[inline(always)]
    fn band(&mut self, samples: &[f32; TAPS - 1 + BLOCK], band: &mut [[f32; 1 + BLOCK]; 2]) {
        (band[0][0], band[1][0]) = self.last;
        for from in (0..BLOCK).step_by(WIDE) {
            let (mut real, mut imaginary) = ([0.0; WIDE], [0.0; WIDE]);
            for tap in 0..HALF {
                for at in 0..WIDE {
                    let (newer, older) = (samples[from + TAPS - 1 - tap + at], samples[from + tap + at]);
                    real[at] += (newer + older) * REAL[tap];
                    imaginary[at] += (newer - older) * IMAGINARY[tap];
                }
            }
            for at in 0..WIDE {
                band[0][1 + from + at] = real[at];
                band[1][1 + from + at] = imaginary[at];
            }
        }
        self.last = (band[0][BLOCK], band[1][BLOCK]);
    }

    /// How far the pointer falls behind the middle in each sample, the last block's last ones in front. The level falls out: the angle's place is taken by
    /// a ratio that grows with it.
    #[inline(always)]
    fn turns(&mut self, [real, imaginary]: &[[f32; 1 + BLOCK]; 2]) -> [f32; SUM - 1 + BLOCK] {
        let (sin, cos) = TURN;
        let mut turns = [0.0; SUM - 1 + BLOCK];
        turns[..SUM - 1].copy_from_slice(&self.turns);
        for at in 0..BLOCK {
            let (re, im, last_re, last_im) = (real[at + 1], imaginary[at + 1], real[at], imaginary[at]);
            let along = re * last_re + im * last_im;
            let across = im * last_re - re * last_im;
            let (along, behind) = (along * cos + across * sin, along * sin - across * cos);
            turns[SUM - 1 + at] = behind / (along.abs() + behind.abs() + f32::MIN_POSITIVE);
        }
        self.turns.copy_from_slice(&turns[BLOCK..]);
        turns
    }
}

#[inline(always)]
fn sums(turns: &[f32; SUM - 1 + BLOCK], soft: &mut [f32; BLOCK]) {
    let mut pairs = [0.0; 2 + BLOCK];
    for at in 0..2 + BLOCK {
        pairs[at] = (turns[at] + turns[at + 1]) * (1.0 / SUM as f32);
    }
    let pairs = in_memory(&pairs);
    for at in 0..BLOCK {
        soft[at] = pairs[at] + pairs[at + 2];
    }
}

#[inline(always)]
fn hops(samples: &[f32; TAPS - 1 + BLOCK], soft: &[f32; BLOCK], power: &[f32; BLOCK]) -> [Hop; HOPS] {
    let (mut squares, mut without_hum, mut marks) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
    for at in 0..BLOCK {
        let (sample, earlier) = (samples[TAPS - 1 + at], samples[TAPS - 4 + at]);
        squares[at] = sample * sample;
        without_hum[at] = (sample - earlier) * (sample - earlier);
        marks[at] = if soft[at] >= CLEARLY_MARK { 1.0 } else { 0.0 };
    }
    // One by one, not by `map`: what is called here must be inlined to be compiled for the caller's processor.
    let without_hum = sums_of_hops(in_memory(&without_hum));
    let (energy, in_band) = (sums_of_hops(in_memory(&squares)), sums_of_hops(in_memory(power)));
    let (mean, marks) = (sums_of_hops(in_memory(soft)), sums_of_hops(in_memory(&marks)));
    let mut hops = [Hop::default(); HOPS];
    for (at, hop) in hops.iter_mut().enumerate() {
        let (energy, without_hum, in_band) = (energy[at], without_hum[at], in_band[at]);
        *hop = Hop { energy, without_hum, in_band, mean: mean[at] / HOP as f32, marks: marks[at] };
    }
    hops
}

/// In parts, so that the order of additions is the same on every processor.
#[inline(always)]
fn sums_of_hops(values: &[f32; BLOCK]) -> [f32; HOPS] {
    let (vectors, _) = values.as_chunks::<WIDE>();
    let mut sums = [0.0; HOPS];
    for (sum, vectors) in sums.iter_mut().zip(vectors.chunks_exact(HOP / WIDE)) {
        let mut parts = [0.0; WIDE];
        for vector in vectors {
            for at in 0..WIDE {
                parts[at] += vector[at];
            }
        }
        let [a, b, c, d, e, f, g, h] = *in_memory(&parts);
        *sum = ((a + e) + (c + g)) + ((b + f) + (d + h));
    }
    sums
}
