//! Whether a phrase was heard: by the samples alone.
//!
//! The expected phrase is known to the sample, since it is rendered in the voice of the box. An *anchor*, the loudest quarter of a second of it, is
//! looked for by normalised correlation. Where it stands out, the whole phrase is compared there in windows of 80 ms, each of which must
//! correlate by itself; where the phrase is silent, the line must be quiet too. Two amounts that differ in one digit share most of
//! their samples, so a mean would not tell them apart; two windows in a row that do not fit refuse the phrase. A window may lie some samples off
//! its place, since lines slip.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Samples of the anchor.
const ANCHOR: usize = 2048;
/// Correlation of the anchor from which a place is worth a closer look.
const CANDIDATE: f32 = 0.5;
/// Samples of a window: 80 ms.
const WINDOW: usize = 640;
/// Correlation that a window must have.
const FITS: f32 = 0.75;
/// Samples that a window may lie off the one before.
const SLIP: i64 = 3;
/// Samples that a window may lie off after one that did not fit: 60 ms of a lost packet or a stall.
const JUMP: i64 = 480;
/// Windows in a hundred that may fail, never two in a row.
const FAILING_PERCENT: usize = 10;
/// Below the phrase's own level, windows are silence: -30 dB in power.
const SILENT: f64 = 1e-3;
/// What the line may be while the phrase is silent: -15 dB in power.
const QUIET: f64 = 3e-2;
/// Samples of one transform.
const TRANSFORM: usize = 8192;
/// Places of the anchor looked at more closely in one stretch at most.
const CANDIDATES: usize = 8;

/// A phrase to be heard.
#[derive(Clone)]
pub struct Phrase {
    samples: Vec<f32>,
    anchor_at: usize,
    /// Conjugate transform of the anchor, scaled by its energy.
    anchor: Vec<Complex<f32>>,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
    /// Mean power.
    power: f64,
}

impl std::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phrase({} ms)", self.samples.len() / 8)
    }
}

/// A phrase that was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Its first sample.
    pub begins: usize,
    /// The sample after its last.
    pub ends: usize,
    /// The worst window but for those forgiven, 0 to 1.
    pub score: f32,
}

impl Phrase {
    /// A phrase by its samples at 8 kHz. `None` for one that is silent or shorter than the anchor's half.
    pub fn new(samples: &[i16]) -> Option<Self> {
        if samples.len() < ANCHOR / 2 {
            return None;
        }
        let samples: Vec<f32> = samples.iter().map(|&sample| f32::from(sample)).collect();
        let energies = running_energy(&samples);
        let length = ANCHOR.min(samples.len());
        let places = (0..=samples.len() - length).step_by(80);
        let energy_at = |at: &usize| energies[at + length] - energies[*at];
        let anchor_at = places.max_by(|one, other| energy_at(one).total_cmp(&energy_at(other)))?;
        let energy = energy_at(&anchor_at);
        let power = energies[samples.len()] / samples.len() as f64;
        if power < 1.0 {
            return None;
        }
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(TRANSFORM), planner.plan_fft_inverse(TRANSFORM));
        let mut anchor = vec![Complex::default(); TRANSFORM];
        let scale = 1.0 / (energy.sqrt() as f32 * TRANSFORM as f32);
        for (place, sample) in anchor.iter_mut().zip(&samples[anchor_at..anchor_at + length]) {
            place.re = sample * scale;
        }
        forward.process(&mut anchor);
        anchor.iter_mut().for_each(|bin| *bin = bin.conj());
        Some(Self { samples, anchor_at, anchor, forward, inverse, power })
    }

    /// Its length in samples.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Never: see [`Phrase::new`].
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    fn anchor_length(&self) -> usize {
        ANCHOR.min(self.samples.len())
    }

    /// The correlation of the anchor at each of the places `from..` that `heard` holds whole, at most one transform's worth.
    fn anchor_at_places(&self, heard: &[f32], from: usize) -> Vec<f32> {
        let length = self.anchor_length();
        let stretch = &heard[from.min(heard.len())..heard.len().min(from + TRANSFORM)];
        let Some(places) = (stretch.len() + 1).checked_sub(length).filter(|&places| places > 0) else {
            return Vec::new();
        };
        let mut bins: Vec<Complex<f32>> = stretch.iter().map(|&sample| Complex::new(sample, 0.0)).collect();
        bins.resize(TRANSFORM, Complex::default());
        self.forward.process(&mut bins);
        bins.iter_mut().zip(&self.anchor).for_each(|(bin, anchor)| *bin *= anchor);
        self.inverse.process(&mut bins);
        let energies = running_energy(stretch);
        let normal = |at: usize| {
            let energy = energies[at + length] - energies[at];
            if energy < length as f64 { 0.0 } else { bins[at].re / energy.sqrt() as f32 }
        };
        (0..places).map(normal).collect()
    }

    /// Compares the whole phrase with what was heard from `at` on.
    fn compare(&self, heard: &[f32], at: i64) -> Option<Match> {
        let (mut lag, mut failed, mut before_failed, mut worst) = (0_i64, 0, false, 1.0_f32);
        let last = self.samples.len() - WINDOW;
        // The last window ends with the phrase, over a part of the one before.
        let begins = (0..last).step_by(WINDOW).chain([last]);
        let windows = last.div_ceil(WINDOW) + 1;
        for begin in begins {
            let wanted = &self.samples[begin..begin + WINDOW];
            let place = at + begin as i64;
            let fits = if power(wanted) < self.power * SILENT {
                slice(heard, place + lag).is_some_and(|window| power(window) < self.power * QUIET)
            } else {
                let reach = if before_failed { JUMP } else { SLIP };
                let (score, found) = best_lag(wanted, heard, place, lag, reach);
                if score >= FITS {
                    lag = found;
                    worst = worst.min(score);
                }
                score >= FITS
            };
            if !fits {
                failed += 1;
                if before_failed {
                    return None;
                }
            }
            before_failed = !fits;
        }
        let allowed = (windows * FAILING_PERCENT).div_ceil(100).min(windows / 4);
        let begins = usize::try_from(at.max(0)).ok()?;
        (failed <= allowed).then(|| Match { begins, ends: begins + self.samples.len(), score: worst })
    }
}

/// Looks for one phrase in what a party hears, as it is heard.
#[derive(Debug)]
pub struct Search {
    phrase: Phrase,
    /// Places of the anchor before this one were looked at.
    next: usize,
    earliest: usize,
    /// Places at which the phrase may begin, to be compared once all of it is there.
    candidates: Vec<i64>,
}

impl Search {
    /// Looks from sample `from` on.
    pub fn new(phrase: Phrase, from: usize) -> Self {
        Self { phrase, next: from, earliest: from, candidates: Vec::new() }
    }

    /// Looks at what has come. `heard` is all that was heard since the beginning.
    pub fn look(&mut self, heard: &[f32]) -> Option<Match> {
        loop {
            let correlations = self.phrase.anchor_at_places(heard, self.next);
            if correlations.is_empty() {
                break;
            }
            self.collect(&correlations);
            self.next += correlations.len();
        }
        let length = self.phrase.len() as i64;
        // Half a window of the end may still be on the way without harm to the verdict; slips are waited for.
        let whole = |at: i64| at + length + SLIP <= heard.len() as i64;
        let ready: Vec<i64> = self.candidates.iter().copied().filter(|&at| whole(at)).collect();
        self.candidates.retain(|&at| !whole(at));
        ready.into_iter().find_map(|at| self.phrase.compare(heard, at))
    }

    fn collect(&mut self, correlations: &[f32]) {
        let mut peaks: Vec<(usize, f32)> = Vec::new();
        for (at, &score) in correlations.iter().enumerate().filter(|(_, score)| **score >= CANDIDATE) {
            match peaks.last_mut() {
                // One peak a stretch of 10 ms.
                Some(last) if at - last.0 < 80 => {
                    if score > last.1 {
                        *last = (at, score);
                    }
                }
                _ => peaks.push((at, score)),
            }
        }
        peaks.sort_by(|one, other| other.1.total_cmp(&one.1));
        for (at, _) in peaks.into_iter().take(CANDIDATES) {
            let begins = (self.next + at) as i64 - self.phrase.anchor_at as i64;
            if begins + (WINDOW as i64) >= self.earliest as i64 {
                self.candidates.push(begins);
            }
        }
        self.candidates.sort_unstable();
        self.candidates.truncate(8 * CANDIDATES);
    }
}

/// The best correlation of a window within `reach` of where it should be.
fn best_lag(wanted: &[f32], heard: &[f32], place: i64, lag: i64, reach: i64) -> (f32, i64) {
    let scores =
        (lag - reach..=lag + reach).filter_map(|lag| Some((correlation(wanted, slice(heard, place + lag)?), lag)));
    scores.max_by(|one, other| one.0.total_cmp(&other.0)).unwrap_or((0.0, lag))
}

fn slice(heard: &[f32], at: i64) -> Option<&[f32]> {
    let at = usize::try_from(at).ok()?;
    heard.get(at..at + WINDOW)
}

fn correlation(wanted: &[f32], heard: &[f32]) -> f32 {
    let (mut product, mut one, mut other) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (a, b) in wanted.iter().zip(heard) {
        product += a * b;
        one += a * a;
        other += b * b;
    }
    let energy = one * other;
    if energy > 0.0 { product / energy.sqrt() } else { 0.0 }
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum::<f64>() / samples.len() as f64
}

/// `sum[n]` is the energy of the first n samples.
fn running_energy(samples: &[f32]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(samples.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for &sample in samples {
        sum += f64::from(sample) * f64::from(sample);
        sums.push(sum);
    }
    sums
}
