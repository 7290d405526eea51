//! Seeded chance (SplitMix64).

#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `limit`, which is not zero.
    pub(crate) const fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Above 0, up to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 32) + 1) as f64 / (1_u64 << 32) as f64
    }

    /// About normally distributed, of variance 1: four uniform numbers.
    pub(crate) fn normal(&mut self) -> f32 {
        let drawn = self.next();
        let uniform = |at: u32| f32::from((drawn >> (16 * at)) as u16) / 65_535.0 - 0.5;
        // Four of variance 1/12 each.
        (uniform(0) + uniform(1) + uniform(2) + uniform(3)) * 1.732_050_8
    }
}
