//! Chance and noise for the tests of receivers; those of `dsp-progress` use them too.

use base::Dbm0;

/// Amplitude of a sine of this level.
pub(crate) fn peak(dbm0: f64) -> f64 {
    32_768.0 * 10f64.powf((dbm0 - f64::from(Dbm0::ALAW_FULL_SCALE.0)) / 20.0)
}

/// xorshift64*: the tests' only source of chance, seeded.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// From -1 to 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((self.uniform() + 1.0) / 2.0 * bound as f64) as usize % bound
    }

    /// White noise over all of 0 to 4 kHz with this power.
    pub(crate) fn noise(&mut self, dbm0: f64) -> f64 {
        // Twelve uniform values have a variance of four; a sine's power is half its peak's square.
        let normal: f64 = (0..12).map(|_| self.uniform()).sum::<f64>() / 2.0;
        normal * peak(dbm0) / core::f64::consts::SQRT_2
    }
}
