//! How many calls of a bad day are lived in a second.

use crate::figure::{Figure, Goal, Taken};
use day::{Day, Settings};
use std::time::Instant;

/// A busy day: the spans are three quarters full at its height.
const CALLS: usize = 40_000;
const SEED: u64 = 2026;
/// The fastest of so many: what else the machine does only makes it slower.
const DAYS: usize = 3;

pub(crate) fn calls_per_s() -> Taken {
    let settings = Settings { calls: CALLS, ..Settings::new(SEED) };
    let mut best = 0.0_f64;
    let mut told = String::new();
    for _ in 0..DAYS {
        let mut day = Day::without_samples(&settings);
        let begun = Instant::now();
        day.live();
        let took = begun.elapsed().as_secs_f64();
        let (verdict, unrest) = (day.judge(), day.unrest());
        if !unrest.is_empty() || !verdict.unexplained.is_empty() {
            return Err(format!("seed {SEED}: the day went wrong: {unrest:?} {:?}", verdict.unexplained));
        }
        best = best.max(verdict.placed as f64 / took);
        told = format!(
            "{} calls on 8 spans (4 PRI, 2 R2, 2 analog) within 24 h, {} faults, {} events, seed {SEED}; best of {DAYS} days",
            verdict.placed,
            day.faults().len(),
            day.counts().events
        );
    }
    Ok(vec![Figure {
        name: "sig.day_of_calls.calls_per_s",
        value: best.round(),
        unit: "calls/s",
        goal: Goal::AtLeast(5000.0),
        peer: None,
        how: told,
    }])
}
