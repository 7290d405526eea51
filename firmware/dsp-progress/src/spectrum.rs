//! Sixteen bands in hops of 5 ms.
//!
//! A hop is weighed with a Hann window and folded about its middle: sums of mirrored samples meet only cosines, differences only
//! sines. The bands are the inner loop, one vector register wide for each half of them. They lie where each pair of tones of the world's
//! networks falls into one. The upper half is not looked at where the lower one holds the sound.

use crate::complex::Complex;
use dsp_math::{const_sin_cos, folded, in_memory};

/// Samples in a hop.
pub(crate) const HOP: usize = 40;
/// Milliseconds in a hop.
pub(crate) const HOP_MS: u32 = 5;
const HALF: usize = HOP / 2;
/// How many bands.
pub(crate) const BANDS: usize = 16;

/// The middle of each band.
pub(crate) const fn band_hz(band: usize) -> f32 {
    if band == BANDS - 1 { 2750.0 } else { 250.0 + 150.0 * band as f32 }
}

/// Bands in a half.
const WIDE: usize = 8;
/// Lower bands up to this one are far enough from the upper half to be judged without it.
const LAST_ALONE: usize = 6;
/// Power over energy from which a lower band holds the sound.
const HOLDS: f32 = 0.25;

type Half = [f32; WIDE];

static COSINES: [[Half; HALF]; 2] = table(false);
static SINES: [[Half; HALF]; 2] = table(true);

const fn table(sines: bool) -> [[Half; HALF]; 2] {
    let mut table = [[[0.0; WIDE]; HALF]; 2];
    let mut at = 0;
    while at < HALF {
        let (_, weight) = const_sin_cos(core::f64::consts::TAU * (at as f64 + 0.5) / HOP as f64);
        let mut band = 0;
        while band < BANDS {
            let radians = core::f64::consts::TAU * band_hz(band) as f64 / 8000.0 * (at as f64 + 0.5);
            let (sin, cos) = const_sin_cos(radians);
            table[band / WIDE][at][band % WIDE] = ((0.5 + 0.5 * weight) * if sines { -sin } else { cos }) as f32;
            band += 1;
        }
        at += 1;
    }
    table
}

/// One hop, phases counted from its middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    re: [Half; 2],
    im: [Half; 2],
    /// Sum of the samples' squares.
    pub(crate) energy: f32,
}

/// The strongest band of a hop, and what is in each.
pub(crate) struct Seen {
    pub(crate) band: usize,
    /// A little rounded.
    pub(crate) power: f32,
    /// With an empty place at either end.
    powers: [f32; BANDS + 2],
}

impl Seen {
    pub(crate) fn power_of(&self, band: usize) -> f32 {
        self.powers[band % BANDS + 1]
    }

    /// The most of a band and the two beside it, and their sum.
    #[inline(always)]
    pub(crate) fn around(&self, band: usize) -> (f32, f32) {
        let at = band % BANDS;
        let (below, own, above) = (self.powers[at], self.powers[at + 1], self.powers[at + 2]);
        // Comparisons: `f32::max` minds numbers that are none.
        let beside = if below > above { below } else { above };
        (if own > beside { own } else { beside }, below + own + above)
    }
}

impl Hop {
    pub(crate) const SILENT: Self = Self { re: [[0.0; WIDE]; 2], im: [[0.0; WIDE]; 2], energy: 0.0 };

    #[inline(always)]
    pub(crate) fn of(samples: &[i16; HOP]) -> (Self, Seen) {
        let (even, odd): ([f32; HALF], [f32; HALF]) = folded(samples);
        let (even, odd) = (in_memory(&even), in_memory(&odd));
        // Partial sums, so that the order of additions is the same on every processor.
        let mut energy = [0.0; WIDE];
        for at in 0..2 * WIDE {
            energy[at % WIDE] += even[at] * even[at] + odd[at] * odd[at];
        }
        for at in 2 * WIDE..HALF {
            energy[at % WIDE] += even[at] * even[at] + odd[at] * odd[at];
        }
        let four: [f32; 4] = core::array::from_fn(|at| energy[at] + energy[at + 4]);
        let energy = 0.5 * ((four[0] + four[1]) + (four[2] + four[3]));
        let low = half(even, odd, 0);
        let mut hop = Self { re: [low.0, [0.0; WIDE]], im: [low.1, [0.0; WIDE]], energy };
        let powers = powers(&low);
        let (band, power) = strongest(&powers);
        let mut seen = Seen { band, power, powers: [0.0; BANDS + 2] };
        seen.powers[1..=WIDE].copy_from_slice(&powers);
        if band > LAST_ALONE || power < HOLDS * energy {
            hop.look_up(even, odd, &mut seen);
        }
        (hop, seen)
    }

    #[inline(always)]
    fn look_up(&mut self, even: &[f32; HALF], odd: &[f32; HALF], seen: &mut Seen) {
        let high = half(even, odd, 1);
        (self.re[1], self.im[1]) = high;
        let powers = powers(&high);
        seen.powers[1 + WIDE..=BANDS].copy_from_slice(&powers);
        let (band, power) = strongest(&powers);
        if power > seen.power {
            (seen.band, seen.power) = (band + WIDE, power);
        }
    }

    /// In a band and the two beside it.
    pub(crate) fn power_around(&self, band: usize) -> f32 {
        (band.saturating_sub(1)..=(band + 1).min(BANDS - 1)).map(|band| self.at(band).power()).sum()
    }

    pub(crate) fn at(&self, band: usize) -> Complex {
        let (half, place) = (band / WIDE % 2, band % WIDE);
        Complex::new(self.re[half][place], self.im[half][place])
    }
}

#[inline(always)]
fn half(even: &[f32; HALF], odd: &[f32; HALF], which: usize) -> (Half, Half) {
    let (cosines, sines) = (&COSINES[which], &SINES[which]);
    let (mut re, mut im) = ([0.0; WIDE], [0.0; WIDE]);
    // In fives, so that the inner loops are unrolled.
    for five in 0..HALF / 5 {
        for at in five * 5..five * 5 + 5 {
            for band in 0..WIDE {
                re[band] += even[at] * cosines[at][band];
                im[band] += odd[at] * sines[at][band];
            }
        }
    }
    (re, im)
}

#[inline(always)]
fn powers((re, im): &(Half, Half)) -> Half {
    let powers = core::array::from_fn(|band| re[band] * re[band] + im[band] * im[band]);
    *in_memory(&powers)
}

/// The strongest band of a half and its power, a little rounded.
#[inline(always)]
fn strongest(powers: &Half) -> (usize, f32) {
    // Powers are positive floats, which are ordered as their bits are; the lowest bits make room for the place.
    let mut keyed = [0_u32; WIDE];
    for at in 0..WIDE {
        keyed[at] = (powers[at].to_bits() & !7) | at as u32;
    }
    let of = |at: usize| keyed[at].max(keyed[at + 4]);
    let best = of(0).max(of(1)).max(of(2).max(of(3)));
    ((best & 7) as usize, f32::from_bits(best & !7))
}
