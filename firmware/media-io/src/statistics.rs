//! Counters that the thread writes and anyone reads.

use crate::histogram::Histogram;
use crate::realtime::Answers;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How the engine's thread does, since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Ticks run.
    pub ticks: u64,
    /// Ticks run after their time, to catch up.
    pub late: u64,
    /// Ticks never run, because too many were late at once.
    pub skipped: u64,
    /// The latest that the thread woke for a tick after its time, in microseconds.
    pub worst_late_us: u64,
    /// In 999 of 1000 wakings the thread was no later than this, in microseconds, to an eighth.
    pub late_p999_us: u64,
    /// The longest tick, in microseconds.
    pub longest_us: u64,
    /// 999 of 1000 ticks took no longer than this, in microseconds, to an eighth.
    pub took_p999_us: u64,
    /// All ticks together, in microseconds.
    pub busy_us: u64,
    /// Whether the thread runs before all ordinary ones (SCHED_FIFO).
    pub is_realtime: bool,
    /// Whether the process's memory is locked.
    pub is_locked: bool,
    /// Blocks that a span did not deliver in time.
    pub missing_blocks: u64,
    /// Events that found the ring full.
    pub events_dropped: u64,
}

impl Statistics {
    /// Share of the time that the ticks take, in per cent: at 100 the engine could do no more.
    pub fn load_pct(&self) -> f64 {
        let ticks = (self.ticks + self.skipped).max(1);
        self.busy_us as f64 / (ticks as f64 * 10_000.0) * 100.0
    }
}

#[derive(Default)]
pub(crate) struct Shared {
    stop: AtomicBool,
    ticks: AtomicU64,
    late: AtomicU64,
    skipped: AtomicU64,
    worst_late_us: AtomicU64,
    lateness: Histogram,
    longest_us: AtomicU64,
    times: Histogram,
    busy_us: AtomicU64,
    is_realtime: AtomicBool,
    is_locked: AtomicBool,
    missing_blocks: AtomicU64,
    events_dropped: AtomicU64,
}

impl Shared {
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    pub(crate) fn woke(&self, late: Duration) {
        let late = micros(late);
        self.worst_late_us.fetch_max(late, Ordering::Relaxed);
        self.lateness.note(late);
    }

    pub(crate) fn ticked(&self, took: Duration) {
        let took = micros(took);
        self.ticks.fetch_add(1, Ordering::Relaxed);
        self.busy_us.fetch_add(took, Ordering::Relaxed);
        self.longest_us.fetch_max(took, Ordering::Relaxed);
        self.times.note(took);
    }

    pub(crate) fn asked(&self, answers: &Answers) {
        self.is_realtime.store(answers.scheduler.is_ok(), Ordering::Relaxed);
        self.is_locked.store(answers.memory.is_ok(), Ordering::Relaxed);
    }

    pub(crate) fn was_late(&self, caught_up: u64, skipped: u64) {
        self.late.fetch_add(caught_up, Ordering::Relaxed);
        self.skipped.fetch_add(skipped, Ordering::Relaxed);
    }

    pub(crate) fn missing(&self) {
        self.missing_blocks.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn dropped(&self) {
        self.events_dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Statistics {
        let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            ticks: value(&self.ticks),
            late: value(&self.late),
            skipped: value(&self.skipped),
            worst_late_us: value(&self.worst_late_us),
            late_p999_us: self.lateness.per_mille(999),
            longest_us: value(&self.longest_us),
            took_p999_us: self.times.per_mille(999),
            busy_us: value(&self.busy_us),
            is_realtime: self.is_realtime.load(Ordering::Relaxed),
            is_locked: self.is_locked.load(Ordering::Relaxed),
            missing_blocks: value(&self.missing_blocks),
            events_dropped: value(&self.events_dropped),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
