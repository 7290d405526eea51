//! Whether a phrase was heard: by the samples alone.
//!
//! The expected phrase is known to the sample, since it is rendered in the voice of the box. An *anchor*, the loudest quarter of a second of it, is
//! looked for by normalised correlation. Where it stands out, the whole phrase is compared there, window by window (`walk`): two amounts that
//! differ in one digit share most of their samples, so a mean would not tell them apart.

mod walk;

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;
use walk::{Verdict, WINDOW, Walk};

/// Samples of the anchor.
const ANCHOR: usize = 2048;
/// Correlation of the anchor from which a place is worth a closer look.
const CANDIDATE: f32 = 0.5;
/// Samples of one transform.
const TRANSFORM: usize = 8192;
/// Samples between two peaks that are looked at apart: 10 ms.
const APART: usize = 80;
/// Places of the anchor looked at more closely in one stretch at most.
const CANDIDATES: usize = 8;
/// Places that wait for the rest of the phrase at most.
const WAITING: usize = 8 * CANDIDATES;

/// A phrase to be heard. Clones share its samples.
#[derive(Clone)]
pub struct Phrase(Arc<Prepared>);

struct Prepared {
    samples: Vec<f32>,
    anchor_at: usize,
    anchor_length: usize,
    /// Conjugate transform of the anchor, scaled by its energy.
    anchor: Vec<Complex<f32>>,
    forward: Arc<dyn Fft<f32>>,
    inverse: Arc<dyn Fft<f32>>,
}

impl std::fmt::Debug for Phrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Phrase({} ms)", self.len() / 8)
    }
}

/// A phrase that was heard, by samples since the beginning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Its first sample.
    pub begins: usize,
    /// The sample after its last.
    pub ends: usize,
    /// How well its worst window fits, 0 to 1.
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
        let anchor_length = ANCHOR.min(samples.len());
        let energy_at = |at: &usize| energies[at + anchor_length] - energies[*at];
        let places = (0..=samples.len() - anchor_length).step_by(APART);
        let anchor_at = places.max_by(|one, other| energy_at(one).total_cmp(&energy_at(other)))?;
        let energy = energy_at(&anchor_at);
        if energy < anchor_length as f64 {
            return None;
        }
        let mut planner = FftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(TRANSFORM), planner.plan_fft_inverse(TRANSFORM));
        let mut anchor = vec![Complex::default(); TRANSFORM];
        let scale = 1.0 / (energy.sqrt() as f32 * TRANSFORM as f32);
        for (place, sample) in anchor.iter_mut().zip(&samples[anchor_at..anchor_at + anchor_length]) {
            place.re = sample * scale;
        }
        forward.process(&mut anchor);
        anchor.iter_mut().for_each(|bin| *bin = bin.conj());
        Some(Self(Arc::new(Prepared { samples, anchor_at, anchor_length, anchor, forward, inverse })))
    }

    /// Its length in samples.
    pub fn len(&self) -> usize {
        self.0.samples.len()
    }

    /// Never: see [`Phrase::new`].
    pub fn is_empty(&self) -> bool {
        self.0.samples.is_empty()
    }

    /// The correlation of the anchor at each place from `from` on that `heard` holds whole, at most one transform's worth.
    fn correlate(&self, heard: &[f32], from: usize) -> Vec<f32> {
        let length = self.0.anchor_length;
        let stretch = &heard[from.min(heard.len())..heard.len().min(from + TRANSFORM)];
        let Some(places) = (stretch.len() + 1).checked_sub(length).filter(|&places| places > 0) else {
            return Vec::new();
        };
        let mut bins: Vec<Complex<f32>> = stretch.iter().map(|&sample| Complex::new(sample, 0.0)).collect();
        bins.resize(TRANSFORM, Complex::default());
        self.0.forward.process(&mut bins);
        bins.iter_mut().zip(&self.0.anchor).for_each(|(bin, anchor)| *bin *= anchor);
        self.0.inverse.process(&mut bins);
        let energies = running_energy(stretch);
        let normal = |at: usize| {
            let energy = energies[at + length] - energies[at];
            if energy < length as f64 { 0.0 } else { bins[at].re / energy.sqrt() as f32 }
        };
        (0..places).map(normal).collect()
    }
}

/// Looks for one phrase in what a party hears, as it is heard.
#[derive(Debug)]
pub struct Search {
    phrase: Phrase,
    heard: Vec<f32>,
    /// Samples since the beginning that came before those of `heard`.
    before: usize,
    /// Places of the anchor in `heard` before this one were looked at.
    next: usize,
    /// Places in `heard` at which the phrase may begin, to be compared once all of it is there.
    candidates: Vec<usize>,
    /// The most of the phrase that fitted anywhere, in samples.
    nearest: usize,
}

impl Search {
    /// Looks from sample `from` on, counted since the beginning. [`Search::hear`] takes that sample first.
    pub fn new(phrase: Phrase, from: usize) -> Self {
        Self { phrase, heard: Vec::new(), before: from, next: 0, candidates: Vec::new(), nearest: 0 }
    }

    /// Takes more samples in.
    pub fn hear(&mut self, samples: &[f32]) {
        self.heard.extend_from_slice(samples);
    }

    /// The sample that [`Search::hear`] takes next.
    pub fn heard_until(&self) -> usize {
        self.before + self.heard.len()
    }

    /// The most of the phrase, from its beginning, that fitted anywhere so far: a share, 0 to 1.
    pub fn nearest(&self) -> f32 {
        self.nearest as f32 / self.phrase.len() as f32
    }

    /// Looks at what has come.
    pub fn look(&mut self) -> Option<Match> {
        loop {
            let correlations = self.phrase.correlate(&self.heard, self.next);
            if correlations.is_empty() {
                break;
            }
            self.collect(&correlations);
            self.next += correlations.len();
        }
        let found = self.compare();
        self.forget();
        found
    }

    fn compare(&mut self) -> Option<Match> {
        let mut found = None;
        let (heard, phrase, nearest) = (&self.heard, &self.phrase, &mut self.nearest);
        self.candidates.retain(|&at| {
            if found.is_some() {
                return false;
            }
            match Walk::new(&phrase.0.samples, heard).from(at) {
                Verdict::Heard(heard) => {
                    found = Some(heard);
                    false
                }
                Verdict::Refused { fitted } => {
                    *nearest = fitted.max(*nearest);
                    false
                }
                Verdict::Unfinished => true,
            }
        });
        let absolute = |at: Match| Match { begins: at.begins + self.before, ends: at.ends + self.before, ..at };
        found.map(absolute)
    }

    /// Peaks of the correlation become places at which the phrase may begin.
    fn collect(&mut self, correlations: &[f32]) {
        let mut peaks: Vec<(usize, f32)> = Vec::new();
        for (at, &score) in correlations.iter().enumerate().filter(|(_, score)| **score >= CANDIDATE) {
            match peaks.last_mut() {
                Some(last) if at - last.0 < APART => {
                    if score > last.1 {
                        *last = (at, score);
                    }
                }
                _ => peaks.push((at, score)),
            }
        }
        peaks.sort_by(|one, other| other.1.total_cmp(&one.1));
        // A phrase that began before the search did is not the one looked for.
        let begins = |at: usize| (self.next + at).checked_sub(self.phrase.0.anchor_at);
        self.candidates.extend(peaks.into_iter().take(CANDIDATES).filter_map(|(at, _)| begins(at)));
        self.candidates.sort_unstable();
        self.candidates.truncate(WAITING);
    }

    /// Drops what no place that may still be found can need.
    fn forget(&mut self) {
        let earliest = self.next.saturating_sub(self.phrase.0.anchor_at);
        let forgotten = self.candidates.iter().copied().fold(earliest, usize::min).saturating_sub(WINDOW);
        self.heard.drain(..forgotten);
        self.before += forgotten;
        self.next -= forgotten;
        self.candidates.iter_mut().for_each(|at| *at -= forgotten);
    }
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
