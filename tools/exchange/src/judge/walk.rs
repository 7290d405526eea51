//! A phrase compared with what was heard, window after window.
//!
//! Each window of 80 ms must correlate by itself at the place where the one before says that it should be, give or take a slip of the line;
//! where the phrase is silent, the line must be quiet. A line between busy programs also loses audio: a stall puts silence in, an overflow leaves some
//! out. Such a *break* is forgiven only if it explains itself: the phrase fits up to it and again right after it, what lies between is silence,
//! and no more of the phrase is gone than a buffer can lose. Another word in the place of the expected one is neither silence nor nothing.

use super::Match;
use std::ops::Range;

/// Samples of a window: 80 ms.
pub(super) const WINDOW: usize = 640;
/// Correlation that a window must have.
const FITS: f32 = 0.75;
/// Samples that a window may lie off the one before.
const SLIP: usize = 2;
/// Mean power below that of the whole phrase by which a window of it is silence: -25 dB.
const SILENT: f64 = 3e-3;
/// What the line may have there, as a share of the same: -15 dB.
const QUIET: f64 = 3e-2;
/// Samples by which a break is found: 10 ms.
const GRAIN: usize = 80;
/// Silence that a break may put in at most: 120 ms.
const PUT_IN: usize = 960;
/// Samples of the phrase that a break may swallow at most: 70 ms.
const SWALLOWED: usize = 560;
/// An idle line's largest sample: A-law has no zero.
const IDLE: f32 = 16.0;
/// Correlation that the window after a break must have.
const RESUMES: f32 = 0.85;
/// Samples after a break that can prove anything: 20 ms.
const PROOF: usize = 160;

/// Samples that the beginning may lie off where the anchor says, if a break fell into the anchor: 80 ms.
const ANCHORED: usize = 640;
/// Sums kept apart, so that the processor adds them at once.
const LANES: usize = 16;

/// How a comparison ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The phrase is there.
    Heard(Match),
    /// It is not.
    Refused {
        /// Samples of it that fitted.
        fitted: usize,
    },
    /// More must be heard to tell.
    Unfinished,
}

/// How a window of the phrase fits what was heard.
enum Fit {
    /// Its first sample is this one of what was heard.
    At {
        heard: usize,
        score: f32,
    },
    Not,
    /// What was heard does not reach so far.
    Beyond,
}

/// Where a phrase goes on after a break.
enum Resumed {
    /// This sample of the phrase is that one of what was heard.
    At {
        place: usize,
        heard: usize,
    },
    Never,
    Beyond,
}

/// A comparison.
pub(super) struct Walk<'a> {
    wanted: &'a [f32],
    heard: &'a [f32],
    power: f64,
}

impl<'a> Walk<'a> {
    /// Of a phrase, at least a window long, with what was heard.
    pub(super) fn new(wanted: &'a [f32], heard: &'a [f32]) -> Self {
        Self { wanted, heard, power: power(wanted) }
    }

    /// The verdict on the phrase beginning at `begins` of what was heard.
    pub(super) fn from(&self, begins: usize) -> Verdict {
        let begins = match self.fit(0..WINDOW.min(self.wanted.len()), begins) {
            Fit::At { heard, .. } => heard,
            Fit::Beyond => return Verdict::Unfinished,
            Fit::Not => match self.best(&self.wanted[..WINDOW], begins.saturating_sub(ANCHORED)..=begins + ANCHORED) {
                (heard, score) if score >= RESUMES => heard,
                _ => return Verdict::Refused { fitted: 0 },
            },
        };
        // The phrase is walked through up to `place`, which is `at` in what was heard. `part` begins after the last break: no window reaches back.
        let (mut place, mut at, mut part, mut worst) = (0, begins, 0, 1.0_f32);
        // One break, and one more for each second.
        let mut breaks = 1 + self.wanted.len() / 8000;
        while place < self.wanted.len() {
            // The last window ends with the phrase, over a part of the one before.
            let first = place.min(self.wanted.len().saturating_sub(WINDOW)).max(part);
            let window = first..self.wanted.len().min(first + WINDOW);
            let expected_at = at - (place - first);
            match self.fit(window.clone(), expected_at) {
                Fit::At { heard, score } => {
                    worst = worst.min(score);
                    (place, at) = (window.end, heard + window.len());
                }
                Fit::Beyond => return Verdict::Unfinished,
                Fit::Not if breaks == 0 => return Verdict::Refused { fitted: place },
                Fit::Not => match self.after_break(place, at) {
                    Resumed::At { place: next, heard } => {
                        // A slip in the middle of a window is no break: clocks slip all the time.
                        let slipped = (heard + place).abs_diff(at + next) <= SLIP;
                        breaks -= usize::from(!slipped);
                        (place, at, part) = (next, heard, next);
                    }
                    Resumed::Never => return Verdict::Refused { fitted: place },
                    Resumed::Beyond => return Verdict::Unfinished,
                },
            }
        }
        Verdict::Heard(Match { begins, ends: at, score: worst })
    }

    fn fit(&self, window: Range<usize>, at: usize) -> Fit {
        if at + window.len() + SLIP > self.heard.len() {
            return Fit::Beyond;
        }
        let wanted = &self.wanted[window];
        if self.is_silent(wanted) {
            let quiet = power(&self.heard[at..at + wanted.len()]) < self.power * QUIET;
            return if quiet { Fit::At { heard: at, score: 1.0 } } else { Fit::Not };
        }
        let places = at.saturating_sub(SLIP)..=at + SLIP;
        match self.best(wanted, places) {
            (heard, score) if score >= FITS => Fit::At { heard, score },
            _ => Fit::Not,
        }
    }

    /// The phrase fitted up to `place`, heard at `at`, and does not fit from there. Where does it go on?
    fn after_break(&self, place: usize, at: usize) -> Resumed {
        if at + WINDOW + PUT_IN + WINDOW > self.heard.len() {
            return Resumed::Beyond;
        }
        // What of the window came before the break.
        let grains = (0..WINDOW / GRAIN).take_while(|grain| self.grain_fits(place + grain * GRAIN, at + grain * GRAIN));
        let kept = grains.count() * GRAIN;
        let (place, at) = (place + kept, at + kept);
        // The break is somewhere in the next grain, and so is its end in another: they need not be silent.
        let idle = self.heard[at + GRAIN..at + PUT_IN].iter().take_while(|sample| sample.abs() <= IDLE).count();
        let places = at..=at + GRAIN + idle + GRAIN;
        let resumptions = (place..=place + SWALLOWED).step_by(GRAIN).filter_map(|resumed| {
            let wanted = &self.wanted[resumed.min(self.wanted.len())..self.wanted.len().min(resumed + WINDOW)];
            // Silence would prove nothing.
            if wanted.len() < PROOF || self.is_silent(wanted) {
                return None;
            }
            let (heard, score) = self.best(wanted, places.clone());
            Some((resumed, heard, score))
        });
        let best = resumptions.max_by(|one, other| one.2.total_cmp(&other.2));
        match best {
            Some((place, heard, score)) if score >= RESUMES => Resumed::At { place, heard },
            _ => Resumed::Never,
        }
    }

    fn grain_fits(&self, place: usize, at: usize) -> bool {
        let Some(wanted) = self.wanted.get(place..place + GRAIN) else { return false };
        let heard = &self.heard[at..at + GRAIN];
        match self.is_silent(wanted) {
            true => power(heard) < self.power * QUIET,
            false => correlation(wanted, heard) >= RESUMES,
        }
    }

    fn is_silent(&self, wanted: &[f32]) -> bool {
        power(wanted) < self.power * SILENT
    }

    /// The best of these places in what was heard, with its correlation.
    fn best(&self, wanted: &[f32], places: std::ops::RangeInclusive<usize>) -> (usize, f32) {
        let score = |at: usize| self.heard.get(at..at + wanted.len()).map_or(0.0, |heard| correlation(wanted, heard));
        let scores = places.map(|at| (at, score(at)));
        scores.max_by(|one, other| one.1.total_cmp(&other.1)).unwrap_or((0, 0.0))
    }
}

fn correlation(wanted: &[f32], heard: &[f32]) -> f32 {
    let (mut product, mut one, mut other) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
    let (wanted, heard) = (wanted.as_chunks::<LANES>().0, heard.as_chunks::<LANES>().0);
    for (a, b) in wanted.iter().zip(heard) {
        for lane in 0..LANES {
            product[lane] += a[lane] * b[lane];
            one[lane] += a[lane] * a[lane];
            other[lane] += b[lane] * b[lane];
        }
    }
    let [product, one, other] = [product, one, other].map(|sums| sums.iter().sum::<f32>());
    let energy = one * other;
    if energy > 0.0 { product / energy.sqrt() } else { 0.0 }
}

fn power(samples: &[f32]) -> f64 {
    samples.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum::<f64>() / samples.len() as f64
}
