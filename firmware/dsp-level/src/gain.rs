//! A gain without clicks.

use crate::BLOCK;
use dsp_math::ratio_of_db;

/// Samples over which a gain changes: 10 ms, a block.
const RAMP: f32 = BLOCK as f32;

/// Makes a channel louder or softer. A change is spread evenly over the next block; what would be larger than a sample can be is cut off there.
#[derive(Clone, Debug)]
pub struct Gain {
    now: f32,
    wanted: f32,
}

impl Default for Gain {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl Gain {
    /// From this on nothing is left.
    pub const MUTE_DB: f32 = -100.0;
    /// No gain is larger: silence would become full scale.
    pub const MOST_DB: f32 = 60.0;

    /// Begins with this gain.
    pub fn new(db: f32) -> Self {
        let ratio = ratio(db);
        Self { now: ratio, wanted: ratio }
    }

    /// Has the gain change over the next block. [`Gain::MUTE_DB`] and less is silence.
    pub fn set(&mut self, db: f32) {
        self.wanted = ratio(db);
    }

    /// Whether all that is applied to stays as it is.
    pub fn is_unity(&self) -> bool {
        self.now == 1.0 && self.wanted == 1.0
    }

    /// Changes the next block.
    #[inline(always)]
    pub fn apply(&mut self, block: &mut [i16; BLOCK]) {
        if self.is_unity() {
            return;
        }
        let step = (self.wanted - self.now) / RAMP;
        for (at, sample) in block.iter_mut().enumerate() {
            let value = f32::from(*sample) * (self.now + step * (at + 1) as f32);
            *sample = to_sample(value);
        }
        self.now = self.wanted;
    }
}

/// What is not a number is no gain at all.
fn ratio(db: f32) -> f32 {
    if db.is_nan() {
        return 1.0;
    }
    if db <= Gain::MUTE_DB { 0.0 } else { ratio_of_db(db.min(Gain::MOST_DB)) }
}

/// The nearest sample. A cast saturates; half is added away from zero, as core has no round.
#[inline(always)]
pub(crate) fn to_sample(value: f32) -> i16 {
    (value + if value < 0.0 { -0.5 } else { 0.5 }) as i16
}
