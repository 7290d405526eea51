//! What the tests and benchmarks of receivers are fed with: chance from a seed, noise, voices, garbage, all but that through the law.
//!
//! Made with the library's sines and so independent of the product's own generators.

mod garbage;
mod line;
mod voice;

use base::Dbm0;
pub use garbage::garbage;
pub use line::{Line, Sound};
pub use voice::Voice;

/// Amplitude of a sine of this level.
pub fn peak(dbm0: f64) -> f64 {
    32_768.0 * 10f64.powf((dbm0 - f64::from(Dbm0::ALAW_FULL_SCALE.0)) / 20.0)
}

/// xorshift64*: the tests' only source of chance, seeded.
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    /// From -1 to 1.
    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    /// Less than `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() + 1.0) / 2.0 * bound as f64) as usize % bound
    }

    /// White noise over all of 0 to 4 kHz with this power.
    pub fn noise(&mut self, dbm0: f64) -> f64 {
        // Twelve uniform values have a variance of four; a sine's power is half its peak's square.
        let normal: f64 = (0..12).map(|_| self.uniform()).sum::<f64>() / 2.0;
        normal * peak(dbm0) / core::f64::consts::SQRT_2
    }
}

/// As a line carries it.
pub fn through_alaw(values: impl Iterator<Item = f64>) -> Vec<i16> {
    let through = |value: f64| {
        let linear = value.round().clamp(-32_768.0, 32_767.0) as i16;
        dsp_g711::alaw_decode(dsp_g711::alaw_encode(linear))
    };
    values.map(through).collect()
}
