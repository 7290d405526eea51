//! Sixteen bands in hops of 5 ms.
//!
//! A hop is weighed with a Hann window and folded about its middle: sums of mirrored samples meet only cosines, differences only
//! sines. The bands are the inner loop, two vector registers wide. They lie where each pair of tones of the world's networks falls into one.

use crate::math::{Complex, const_sin_cos};

/// Samples in a hop.
pub(crate) const HOP: usize = 40;
/// Milliseconds in a hop.
pub(crate) const HOP_MS: u32 = 5;
const HALF: usize = HOP / 2;
/// How many bands.
pub(crate) const BANDS: usize = 16;

/// One value for each band.
pub(crate) type Bands = [f32; BANDS];

/// The middle of each band.
pub(crate) const fn band_hz(band: usize) -> f32 {
    if band == BANDS - 1 { 2750.0 } else { 250.0 + 150.0 * band as f32 }
}

static COSINES: [Bands; HALF] = table(false);
static SINES: [Bands; HALF] = table(true);

const fn table(sines: bool) -> [Bands; HALF] {
    let mut table = [[0.0; BANDS]; HALF];
    let mut at = 0;
    while at < HALF {
        let (_, weight) = const_sin_cos(core::f64::consts::TAU * (at as f64 + 0.5) / HOP as f64);
        let mut band = 0;
        while band < BANDS {
            let radians = core::f64::consts::TAU * band_hz(band) as f64 / 8000.0 * (at as f64 + 0.5);
            let (sin, cos) = const_sin_cos(radians);
            table[at][band] = ((0.5 + 0.5 * weight) * if sines { -sin } else { cos }) as f32;
            band += 1;
        }
        at += 1;
    }
    table
}

/// Has values written to memory before they are used, so that the compiler makes vectors of neighbours of the products that follow.
#[inline(always)]
fn in_memory<T>(values: &T) -> &T {
    core::hint::black_box(values)
}

/// One hop, phases counted from its middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    re: Bands,
    im: Bands,
    /// Sum of the samples' squares.
    pub(crate) energy: f32,
}

impl Hop {
    pub(crate) const SILENT: Self = Self { re: [0.0; BANDS], im: [0.0; BANDS], energy: 0.0 };

    #[inline(always)]
    pub(crate) fn of(samples: &[i16; HOP]) -> Self {
        let mut even = [0.0; HALF];
        let mut odd = [0.0; HALF];
        for at in 0..HALF {
            let (after, before) = (f32::from(samples[HALF + at]), f32::from(samples[HALF - 1 - at]));
            even[at] = after + before;
            odd[at] = after - before;
        }
        let (even, odd) = (in_memory(&even), in_memory(&odd));
        let mut energy = [0.0; 4];
        for at in 0..HALF {
            energy[at % 4] += even[at] * even[at] + odd[at] * odd[at];
        }
        let (mut re, mut im) = ([0.0; BANDS], [0.0; BANDS]);
        for at in 0..HALF {
            for band in 0..BANDS {
                re[band] += even[at] * COSINES[at][band];
                im[band] += odd[at] * SINES[at][band];
            }
        }
        Self { re, im, energy: 0.5 * ((energy[0] + energy[1]) + (energy[2] + energy[3])) }
    }

    #[inline(always)]
    pub(crate) fn powers(&self) -> Bands {
        let powers = core::array::from_fn(|band| self.re[band] * self.re[band] + self.im[band] * self.im[band]);
        *in_memory(&powers)
    }

    /// In a band and the two beside it.
    pub(crate) fn power_around(&self, band: usize) -> f32 {
        (band.saturating_sub(1)..=(band + 1).min(BANDS - 1)).map(|band| self.at(band).power()).sum()
    }

    pub(crate) fn at(&self, band: usize) -> Complex {
        Complex::new(self.re[band], self.im[band])
    }
}

/// The strongest band and its power, a little rounded.
#[inline(always)]
pub(crate) fn strongest(powers: &Bands) -> (usize, f32) {
    // Powers are positive floats, which are ordered as their bits are; the lowest bits make room for the place.
    let mut keyed = [0_u32; 8];
    for at in 0..8 {
        let low = (powers[at].to_bits() & !15) | at as u32;
        let high = (powers[at + 8].to_bits() & !15) | (at as u32 + 8);
        keyed[at] = low.max(high);
    }
    let best =
        (keyed[0].max(keyed[1]).max(keyed[2].max(keyed[3]))).max(keyed[4].max(keyed[5]).max(keyed[6].max(keyed[7])));
    ((best & 15) as usize, f32::from_bits(best & !15))
}
