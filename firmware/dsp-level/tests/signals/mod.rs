//! What the tests listen to, and P.56 by the letter to compare with.

use dsp_level::BLOCK;
use test_signals::{Random, Voice, peak};

/// Samples of a second.
pub(crate) const SECOND: usize = 8000;

pub(crate) fn silence(seconds: f64) -> Vec<f64> {
    vec![0.0; (seconds * SECOND as f64) as usize]
}

pub(crate) fn tone(hz: f64, dbm0: f64, seconds: f64) -> Vec<f64> {
    let step = core::f64::consts::TAU * hz / SECOND as f64;
    (0..(seconds * SECOND as f64) as usize).map(|at| peak(dbm0) * (step * at as f64).sin()).collect()
}

pub(crate) fn noise(seed: u64, dbm0: f64, seconds: f64) -> Vec<f64> {
    let mut random = Random(seed);
    (0..(seconds * SECOND as f64) as usize).map(|_| random.noise(dbm0)).collect()
}

/// A voice whose active level is this exactly.
pub(crate) fn voice(seed: u64, dbm0: f64, seconds: f64) -> Vec<f64> {
    let mut voice = Voice::new(seed, dbm0);
    let spoken: Vec<f64> = (0..(seconds * SECOND as f64) as usize).map(|_| voice.next_sample()).collect();
    let gain = 10_f64.powf((dbm0 - active_level(&spoken)) / 20.0);
    spoken.into_iter().map(|sample| sample * gain).collect()
}

pub(crate) fn mixed(mut one: Vec<f64>, other: Vec<f64>) -> Vec<f64> {
    one.iter_mut().zip(other).for_each(|(sample, other)| *sample += other);
    one
}

pub(crate) fn blocks(samples: &[i16]) -> &[[i16; BLOCK]] {
    samples.as_chunks().0
}

/// Level of all of it.
pub(crate) fn level(samples: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) =
        samples.into_iter().fold((0.0, 0.0), |(sum, count), sample| (sum + sample * sample, count + 1.0));
    10.0 * (sum / count / (peak(0.0) * peak(0.0) / 2.0)).log10()
}

/// The active speech level in dBm0 (P.56 §6, Method B), sample by sample.
pub(crate) fn active_level(samples: &[f64]) -> f64 {
    const THRESHOLDS: usize = 14;
    let forget = (-1.0 / (0.03 * SECOND as f64)).exp();
    let threshold = |at: usize| peak(-75.0) * 2_f64.powi(at as i32);
    let (mut first, mut second) = (0.0, 0.0);
    let mut active = [0_u64; THRESHOLDS];
    let mut since = [SECOND; THRESHOLDS];
    for sample in samples {
        first = forget * first + (1.0 - forget) * sample.abs();
        second = forget * second + (1.0 - forget) * first;
        for at in 0..THRESHOLDS {
            since[at] = if second >= threshold(at) { 0 } else { since[at] + 1 };
            active[at] += u64::from(since[at] < SECOND / 5);
        }
    }
    let total: f64 = samples.iter().map(|sample| sample * sample).sum();
    let mut before: Option<(f64, f64)> = None;
    for (at, &active) in active.iter().enumerate() {
        let level = 10.0 * (total / active as f64 / (peak(0.0) * peak(0.0) / 2.0)).log10();
        let beyond = level - (-75.0 + 6.0206 * at as f64) - 15.9;
        if beyond <= 0.0 {
            let (lower, over) = before.unwrap_or((level, 1.0));
            return lower + (level - lower) * over / (over - beyond);
        }
        before = Some((level, beyond));
    }
    f64::NAN
}
