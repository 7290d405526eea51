//! Tones as networks send them, with their faults, made with the library's sines.

use base::Instant;
use dsp_progress::{BLOCK, Classifier, ProgressBank, Row, ToneEvent, Verdict};
use test_signals::{Random, peak, through_alaw};

/// How a network's tone differs from its table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    /// Of the tone, all frequencies together.
    pub(crate) level: f64,
    pub(crate) hz_factor: f64,
    pub(crate) on_factor: f64,
    pub(crate) off_factor: f64,
    /// Where in its cadence it begins, 0 to 1.
    pub(crate) begins: f64,
    /// Noise is this much below the tone.
    pub(crate) snr_db: f64,
    pub(crate) seed: u64,
}

impl Faults {
    pub(crate) const NONE: Self =
        Self { level: -10.0, hz_factor: 1.0, on_factor: 1.0, off_factor: 1.0, begins: 0.0, snr_db: 60.0, seed: 1 };

    /// Anything within what networks are allowed.
    pub(crate) fn any(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let mut within = |least: f64, most: f64| least + (most - least) * (random.uniform() + 1.0) / 2.0;
        Self {
            level: within(-35.0, -5.0),
            hz_factor: within(0.985, 1.015),
            on_factor: within(0.9, 1.1),
            off_factor: within(0.9, 1.1),
            begins: within(0.0, 1.0),
            snr_db: 20.0,
            seed,
        }
    }
}

/// Samples of a row's tone, through A-law.
pub(crate) fn tone(row: &Row, faults: &Faults, ms: usize) -> Vec<i16> {
    let mut random = Random(faults.seed.wrapping_mul(77) | 1);
    let pairs: Vec<(f64, f64)> = row
        .cadence
        .iter()
        .map(|&(on, off)| (f64::from(on) * 8.0 * faults.on_factor, f64::from(off) * 8.0 * faults.off_factor))
        .collect();
    let whole: f64 = pairs.iter().map(|(on, off)| on + off).sum();
    let is_on = |at: f64| {
        let mut left = if whole > 0.0 { (at + faults.begins * whole) % whole } else { return true };
        for (on, off) in &pairs {
            if left < *on {
                return true;
            }
            left -= on + off;
            if left < 0.0 {
                return false;
            }
        }
        false
    };
    let step = core::f64::consts::TAU / 8000.0 * faults.hz_factor;
    let [low, high] = row.hz.map(f64::from);
    let sample = |at: f64| {
        if row.modulated {
            let sway = (1.0 + (core::f64::consts::TAU * 20.0 / 8000.0 * at).cos()) / 1.5f64.sqrt();
            peak(faults.level) * sway * (step * low * at).sin()
        } else if row.hz[1] > 0 {
            peak(faults.level - 3.0) * ((step * low * at).sin() + (step * high * at + 0.7).sin())
        } else {
            peak(faults.level) * (step * low * at).sin()
        }
    };
    let value = |at: usize| {
        let tone = if is_on(at as f64) { sample(at as f64) } else { 0.0 };
        tone + random.noise(faults.level - faults.snr_db)
    };
    through_alaw((0..ms * 8).map(value))
}

/// What a receiver tells of samples, and when.
pub(crate) fn events(samples: &[i16]) -> Vec<(Instant, ToneEvent)> {
    let mut bank = ProgressBank::<1>::new();
    bank.listen(0, true);
    let mut events = Vec::new();
    for (at, block) in samples.as_chunks::<BLOCK>().0.iter().enumerate() {
        let now = Instant::from_millis(10 * (at as u64 + 1));
        bank.process(&[Some(block)], |_, event| events.push((now, event)));
    }
    events
}

/// What a line of this country makes of samples, and when.
pub(crate) fn verdicts(country: &str, samples: &[i16]) -> Vec<(Instant, Verdict)> {
    let mut line = Classifier::new(country);
    events(samples).iter().filter_map(|(now, event)| Some((*now, line.hear(*now, event)?))).collect()
}
