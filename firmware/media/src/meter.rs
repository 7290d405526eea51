//! How loud it is on a port, for tests of lines.

use crate::Block;
use base::Dbm0;

/// Mean square of a full-scale sine.
const FULL_SCALE: f32 = 32_768.0 * 32_768.0 / 2.0;
/// Less is not told apart: A-law's smallest step on every sample is -66 dBm0.
const QUIETEST: f32 = -70.0;

/// One measurement under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    left: u16,
    blocks: u16,
    sum: f32,
}

impl Meter {
    /// Over so many milliseconds, in whole blocks.
    pub(crate) fn new(ms: u16) -> Self {
        let blocks = ms.div_ceil(10).max(1);
        Self { left: blocks, blocks, sum: 0.0 }
    }

    /// Takes the mean square of the next block; the last one brings the result.
    pub(crate) fn add(&mut self, power: f32) -> Option<Dbm0> {
        self.sum += power;
        self.left = self.left.saturating_sub(1);
        (self.left == 0).then(|| level(self.sum / f32::from(self.blocks)))
    }
}

/// Mean square of a block.
pub(crate) fn power(block: &Block) -> f32 {
    let sum: i64 = block.iter().map(|&sample| i64::from(sample) * i64::from(sample)).sum();
    sum as f32 / block.len() as f32
}

/// Mean square of a sound of this level.
pub(crate) fn power_at(level: Dbm0) -> f32 {
    FULL_SCALE * 10_f32.powf((level.0 - Dbm0::ALAW_FULL_SCALE.0) / 10.0)
}

fn level(power: f32) -> Dbm0 {
    let level = 10.0 * (power / FULL_SCALE).log10() + Dbm0::ALAW_FULL_SCALE.0;
    Dbm0(level.max(QUIETEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_comes_after_its_last_block_and_is_right() {
        for wanted in [3.0, -10.0, -40.0, -66.0] {
            let mut meter = Meter::new(25);
            let power = power_at(Dbm0(wanted));
            assert_eq!([meter.add(power), meter.add(power)], [None, None]);
            let level = meter.add(power).expect("25 ms are three blocks");
            assert!((level.0 - wanted).abs() < 0.01, "{level:?} is {wanted}");
        }
    }

    #[test]
    fn silence_has_a_level_too_and_a_square_wave_is_3_db_above_a_sine() {
        assert_eq!(Meter::new(0).add(power(&[0; 80])), Some(Dbm0(QUIETEST)));
        let square = Meter::new(10).add(power(&[-32_768; 80])).expect("one block");
        assert!((square.0 - 6.15).abs() < 0.01, "{square:?}");
    }
}
