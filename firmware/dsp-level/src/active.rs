//! The active speech level (P.56 §6, Method B) as it goes.

use crate::level_of;
use base::Dbm0;
use dsp_math::sqrt;

/// Thresholds, each twice the one below (P.56 §6.3): from -66 dBm0 to 0 dBm0.
const THRESHOLDS: usize = 12;
const LEAST: Dbm0 = Dbm0(-66.0);
/// Ratio of powers of two thresholds, in dB.
const STEP_DB: f32 = 6.020_6;
/// P.56's margin between the active level and the threshold of activity.
const MARGIN_DB: f32 = 15.9;
/// P.56's hangover of 200 ms, in blocks.
const HANGOVER: u8 = 20;
/// P.56's envelope: two filters with a time constant of 30 ms each.
const ENVELOPE: f32 = 0.716_531;
/// What is left after a block of what was heard: 5 s of speech are remembered.
const LEFT: f32 = 1.0 - 1.0 / 500.0;

#[derive(Clone)]
pub(crate) struct Active {
    envelopes: [f32; 2],
    /// Sum of the powers of all blocks, as far as remembered.
    power: f32,
    /// Active blocks at each threshold, as far as remembered.
    blocks: [f32; THRESHOLDS],
    /// Blocks that each threshold is still active.
    hangover: [u8; THRESHOLDS],
}

impl Active {
    pub(crate) const NEW: Self =
        Self { envelopes: [0.0; 2], power: 0.0, blocks: [0.0; THRESHOLDS], hangover: [0; THRESHOLDS] };

    /// Takes the power of the next block. In a pause nothing is forgotten.
    #[inline(always)]
    pub(crate) fn push(&mut self, power: f32, is_pause: bool) {
        let rms = sqrt(power);
        let [first, second] = &mut self.envelopes;
        *first = rms + ENVELOPE * (*first - rms);
        *second = *first + ENVELOPE * (*second - *first);
        let envelope = *second;
        for (hangover, &threshold) in self.hangover.iter_mut().zip(&AMPLITUDES) {
            *hangover = if envelope >= threshold { HANGOVER } else { hangover.saturating_sub(1) };
        }
        if is_pause {
            return;
        }
        self.power = self.power * LEFT + power;
        for (blocks, &hangover) in self.blocks.iter_mut().zip(&self.hangover) {
            *blocks = *blocks * LEFT + if hangover > 0 { 1.0 } else { 0.0 };
        }
    }

    /// The level; `None` if nothing was heard.
    pub(crate) fn level(&self) -> Option<Dbm0> {
        let mut below: Option<(f32, f32)> = None;
        for (at, &blocks) in self.blocks.iter().enumerate() {
            if blocks < 1.0 {
                // Nothing is as loud as this: the last one that is stands for it.
                return below.map(|(level, _)| Dbm0(level));
            }
            let level = level_of(self.power / blocks).0;
            let beyond = level - (LEAST.0 + at as f32 * STEP_DB) - MARGIN_DB;
            if beyond <= 0.0 {
                // The level lies where the margin is met exactly (P.56 §6.4).
                let met = below.map_or(level, |(before, over)| before + (level - before) * over / (over - beyond));
                return Some(Dbm0(met));
            }
            below = Some((level, beyond));
        }
        below.map(|(level, _)| Dbm0(level))
    }
}

/// The thresholds in terms of a sine of 0 dBm0.
static AMPLITUDES: [f32; THRESHOLDS] = {
    let mut table = [0.0; THRESHOLDS];
    // 10^(-66 / 20)
    let mut amplitude = 5.011_872e-4;
    let mut at = 0;
    while at < THRESHOLDS {
        table[at] = amplitude;
        amplitude *= 2.0;
        at += 1;
    }
    table
};
