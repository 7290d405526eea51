//! How late ticks began and how long they took: histograms that one thread fills and anyone reads.

use std::sync::atomic::{AtomicU64, Ordering};

/// Steps in which each doubling is divided: a value is known to an eighth.
const STEPS: u64 = 8;
/// Enough for 8 s; what is later counts as that.
const BUCKETS: usize = 168;

/// Counts by buckets whose width grows with the value.
pub(crate) struct Histogram {
    counts: [AtomicU64; BUCKETS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: [const { AtomicU64::new(0) }; BUCKETS] }
    }
}

impl Histogram {
    pub(crate) fn note(&self, micros: u64) {
        self.counts[bucket(micros)].fetch_add(1, Ordering::Relaxed);
    }

    /// The value that `parts` of a thousand do not exceed, rounded up to the end of its bucket; 0 before the first.
    pub(crate) fn per_mille(&self, parts: u64) -> u64 {
        let counts = self.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        let wanted = (counts.iter().sum::<u64>() * parts).div_ceil(1000);
        let mut seen = 0;
        let found = counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        if wanted == 0 { 0 } else { found.map_or(0, end) }
    }
}

fn bucket(micros: u64) -> usize {
    if micros < STEPS {
        return micros as usize;
    }
    // The first buckets are 1 wide; from there on, the highest bit and the three below it tell.
    let doublings = u64::from(micros.ilog2() - STEPS.ilog2());
    ((doublings * STEPS + (micros >> doublings)) as usize).min(BUCKETS - 1)
}

/// The largest value of a bucket.
fn end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let doublings = bucket / STEPS - 1;
    ((bucket % STEPS + STEPS + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_bucket_that_ends_at_it_or_an_eighth_above() {
        for micros in (0..5000).chain([65_535, 65_536, 1_000_000, 8_000_000]) {
            let at = bucket(micros);
            assert!(end(at) >= micros && end(at) <= micros + micros / 8, "{micros}: bucket {at} ends at {}", end(at));
            assert!(at == 0 || end(at - 1) < micros, "{micros} lies above bucket {}", at - 1);
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn one_in_a_thousand_is_left_out_and_two_are_not() {
        let late = Histogram::default();
        assert_eq!(late.per_mille(999), 0, "nothing was noted");
        (0..999).for_each(|_| late.note(7));
        late.note(900);
        assert_eq!(late.per_mille(999), 7);
        late.note(900);
        assert!((900..1000).contains(&late.per_mille(999)));
    }
}
