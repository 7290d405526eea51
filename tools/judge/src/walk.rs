//! A phrase compared with what was heard, window after window.
//!
//! Each window of 80 ms must correlate by itself at the place where the one before says that it should be, give or take a slip of the line;
//! where the phrase is silent, the line must be quiet. A line between busy programs also loses audio: a stall puts silence in, an overflow leaves some
//! out. Such a *break* is forgiven only if it explains itself: the phrase fits up to it and again right after it, what lies between is silence,
//! and no more of the phrase is gone than a buffer can lose. Another word in the place of the expected one is neither silence nor nothing.

use crate::Match;
use std::ops::Range;

/// Samples of a window: 80 ms.
pub(crate) const WINDOW: usize = 640;
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
pub(crate) enum Verdict {
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
    At(Point),
    Never,
    Beyond,
}

/// A sample of the phrase and the same in what was heard.
#[derive(Clone, Copy, Debug)]
struct Point {
    place: usize,
    heard: usize,
}

impl Point {
    const fn after(self, samples: usize) -> Self {
        Self { place: self.place + samples, heard: self.heard + samples }
    }

    /// Nothing but a slip lies between the two.
    const fn is_near(self, other: Self) -> bool {
        (self.heard + other.place).abs_diff(other.heard + self.place) <= SLIP
    }
}

/// A comparison.
pub(crate) struct Walk<'a> {
    wanted: &'a [f32],
    heard: &'a [f32],
    power: f64,
}

impl<'a> Walk<'a> {
    /// Of a phrase, at least a window long, with what was heard.
    pub(crate) fn new(wanted: &'a [f32], heard: &'a [f32]) -> Self {
        Self { wanted, heard, power: power(wanted) }
    }

    /// The verdict on the phrase beginning at `begins` of what was heard.
    pub(crate) fn from(&self, begins: usize) -> Verdict {
        let begins = match self.fit(0..WINDOW.min(self.wanted.len()), begins) {
            Fit::At { heard, .. } => heard,
            Fit::Beyond => return Verdict::Unfinished,
            // A break in the anchor, or one in this window.
            Fit::Not => {
                match self.best(&self.wanted[..WINDOW / 2], begins.saturating_sub(ANCHORED)..=begins + ANCHORED) {
                    (heard, score) if score >= RESUMES => heard,
                    _ => return Verdict::Refused { fitted: 0 },
                }
            }
        };
        // The phrase is walked through up to `here`. `mark` is where the last window began: a break may have begun in it. No window reaches
        // back over `part`, where the phrase went on after the last break.
        let start = Point { place: 0, heard: begins };
        let (mut here, mut mark, mut part, mut worst) = (start, start, 0, 1.0_f32);
        // One break, and one more for each second.
        let mut breaks = 1 + self.wanted.len() / 8000;
        while here.place < self.wanted.len() {
            // The last window ends with the phrase, over a part of the one before.
            let first = here.place.min(self.wanted.len().saturating_sub(WINDOW)).max(part);
            let window = first..self.wanted.len().min(first + WINDOW);
            match self.fit(window.clone(), here.heard - (here.place - first)) {
                Fit::At { heard, score } => {
                    worst = worst.min(score);
                    mark = Point { place: first, heard };
                    here = mark.after(window.len());
                }
                Fit::Beyond => return Verdict::Unfinished,
                Fit::Not if breaks == 0 => return Verdict::Refused { fitted: here.place },
                Fit::Not => match self.after_break(mark, here.place) {
                    Resumed::At(point) => {
                        // A slip in the middle of a window is no break: clocks slip all the time. What brings the walk no further is one.
                        let slipped = point.is_near(here) && point.place > here.place;
                        breaks -= usize::from(!slipped);
                        (here, mark, part) = (point, point, point.place);
                    }
                    Resumed::Never => return Verdict::Refused { fitted: here.place },
                    Resumed::Beyond => return Verdict::Unfinished,
                },
            }
        }
        Verdict::Heard(Match { begins, ends: here.heard, score: worst })
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

    /// The window that begins at `mark` fitted, or seemed to, and the one at `place` does not. Where does the phrase go on?
    fn after_break(&self, mark: Point, place: usize) -> Resumed {
        if mark.heard + 2 * WINDOW + PUT_IN + WINDOW > self.heard.len() {
            return Resumed::Beyond;
        }
        let Point { place, heard: at } = self.up_to_break(mark, place + WINDOW);
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
            Some((Point { place: resumed, heard }, score))
        });
        match resumptions.max_by(|one, other| one.1.total_cmp(&other.1)) {
            Some((point, score)) if score >= RESUMES => Resumed::At(point),
            _ => Resumed::Never,
        }
    }

    /// Goes on grain by grain for as long as they fit, over one that a slip spoils, and at most to `end`.
    fn up_to_break(&self, mark: Point, end: usize) -> Point {
        let (mut here, mut spoilt) = (mark, false);
        while here.place + GRAIN <= end {
            let next = self.grain(here, mark);
            let after = if spoilt { None } else { self.grain(here.after(GRAIN), mark) };
            here = match (next, after) {
                (Some(next), _) => next,
                (None, Some(after)) => {
                    spoilt = true;
                    after
                }
                (None, None) => return here,
            };
        }
        here
    }

    /// Where the grain at this point ends, if it fits. A slip or two lie between it and `mark` at most.
    fn grain(&self, here: Point, mark: Point) -> Option<Point> {
        let wanted = self.wanted.get(here.place..here.place + GRAIN)?;
        if self.is_silent(wanted) {
            let heard = self.heard.get(here.heard..here.heard + GRAIN)?;
            return (power(heard) < self.power * QUIET).then(|| here.after(GRAIN));
        }
        let (heard, score) = self.best(wanted, here.heard.saturating_sub(SLIP)..=here.heard + SLIP);
        let found = Point { place: here.place, heard };
        (score >= RESUMES && found.is_near(mark)).then(|| found.after(GRAIN))
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
