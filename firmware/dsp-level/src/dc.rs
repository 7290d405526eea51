//! Removal of what does not move.

use crate::BLOCK;
use crate::gain::to_sample;

/// The pole: 1 - 2 pi * 20 Hz / 8000 Hz, so that 20 Hz are 3 dB down.
const POLE: f32 = 0.984_292;
/// The gain at all that does move is 1.
const GAIN: f32 = (1.0 + POLE) / 2.0;
/// Less than this is nothing: tinier numbers cost more time than all the rest.
const NOTHING: f32 = 1e-6;

/// Takes away DC and all below 20 Hz from one channel: 300 Hz are as they were within 0.02 dB.
#[derive(Clone, Debug, Default)]
pub struct DcFilter {
    before: f32,
    out: f32,
}

impl DcFilter {
    /// Nothing was heard yet.
    pub const fn new() -> Self {
        Self { before: 0.0, out: 0.0 }
    }

    /// Filters the next block.
    #[inline(always)]
    pub fn apply(&mut self, block: &mut [i16; BLOCK]) {
        for sample in block {
            let value = f32::from(*sample);
            self.out = GAIN * (value - self.before) + POLE * self.out;
            self.before = value;
            *sample = to_sample(self.out);
        }
        if self.out.abs() < NOTHING {
            self.out = 0.0;
        }
    }
}
