//! The whole day: eight spans, one clock.

use crate::audio::{Audio, Sampled, Symbolic, hello};
use crate::faults::{Fault, Rates, faults};
use crate::judge::{Verdict, judge};
use crate::pair::{Counts, Pair};
use crate::plan::{Call, calls, chance, rush};
use crate::record::Record;
use crate::spans::SPANS;
use base::Instant;
use std::time::Duration;

/// What a day is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// All chance comes from it.
    pub seed: u64,
    /// How many calls are placed, those that meet others not counted.
    pub calls: usize,
    /// The hours that are lived.
    pub hours: core::ops::Range<usize>,
    /// What goes wrong.
    pub rates: Rates,
    /// How the calls are spread.
    pub pace: Pace,
}

/// How calls are spread over the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Along the curve of a working day.
    Day,
    /// All within so long, and none talks for long: for engines that cannot jump.
    Rush(Duration),
}

impl Settings {
    /// A bad day of 12,000 calls.
    pub const fn new(seed: u64) -> Self {
        Self { seed, calls: 12_000, hours: 0..24, rates: Rates::BAD, pace: Pace::Day }
    }
}

/// The links come up before the first call.
const BEFORE: Duration = Duration::from_secs(60);
/// After the last call: as long as anybody may talk, and the longest timers behind it.
const QUIET: Duration = Duration::from_secs(3600);
/// Where nobody talks for long, the longest timers alone: a caller's patience, a telephone left off hook.
const QUIET_AFTER_RUSH: Duration = Duration::from_secs(300);
/// Things that happen in a day, a call: a fuse.
const STEPS: usize = 20_000;

/// A day, and what became of it.
pub struct Day<A> {
    settings: Settings,
    plan: Vec<Call>,
    faults: Vec<Fault>,
    /// Beginnings and ends of faults, in their order.
    edges: Vec<(Instant, usize, bool)>,
    pairs: Vec<Pair<A>>,
    next: Vec<Option<Instant>>,
    now: Instant,
    /// The next of the plan's calls, and of the edges.
    upcoming: (usize, usize),
    /// Calls that no span took, by their place in the plan.
    blocked: Vec<usize>,
}

impl Day<Symbolic> {
    /// A day whose engines exchange events.
    pub fn without_samples(settings: &Settings) -> Self {
        Self::new(settings)
    }
}

impl Day<Sampled> {
    /// A day whose engines exchange samples.
    pub fn with_samples(settings: &Settings) -> Self {
        Self::new(settings)
    }
}

impl<A: Audio> Day<A> {
    fn new(settings: &Settings) -> Self {
        let hour = |hour: usize| Instant::from_millis(hour as u64 * 3_600_000);
        let begin = hour(settings.hours.start);
        let (plan, end) = match settings.pace {
            Pace::Day => (calls(settings.seed, settings.calls, settings.hours.clone()), hour(settings.hours.end)),
            Pace::Rush(length) => (rush(settings.seed, settings.calls, begin, length), begin + length),
        };
        let faults = faults(settings.seed, &settings.rates, begin, end);
        let mut edges: Vec<_> = faults
            .iter()
            .enumerate()
            .flat_map(|(place, fault)| [(fault.from, place, true), (fault.until, place, false)])
            .collect();
        // Of one moment the beginning comes first: a slip has no length.
        edges.sort_by_key(|&(at, place, begins)| (at, !begins, place));
        let hello = hello();
        let pair = |(span, &kind)| Pair::new(span, kind, chance(settings.seed, 100 + span as u64), hello.clone());
        let pairs: Vec<_> = SPANS.iter().enumerate().map(pair).collect();
        let mut day = Self {
            settings: settings.clone(),
            next: vec![None; pairs.len()],
            blocked: Vec::new(),
            now: begin,
            upcoming: (0, 0),
            plan,
            faults,
            edges,
            pairs,
        };
        day.begin();
        day
    }

    /// Both ends of all spans are switched on a minute before the first call.
    fn begin(&mut self) {
        let first = self.plan.first().map_or(self.now, |call| call.at).max(self.now);
        let start = Instant::new(first.since_start().saturating_sub(BEFORE));
        self.now = start;
        for span in 0..self.pairs.len() {
            self.pairs[span].start(start, &self.plan);
            self.next[span] = self.pairs[span].next();
        }
    }

    /// Lives through all of it, and through a quiet hour after it.
    pub fn live(&mut self) {
        let last = self.plan.last().map_or(self.now, |call| call.at);
        let last = self.edges.last().map_or(last, |&(at, ..)| at.max(last));
        let quiet = match self.settings.pace {
            Pace::Day => QUIET,
            Pace::Rush(_) => QUIET_AFTER_RUSH,
        };
        self.live_until(last + quiet);
    }

    /// Goes on for so long.
    pub fn go_on(&mut self, length: Duration) {
        self.live_until(self.now + length);
    }

    fn live_until(&mut self, until: Instant) {
        let bound = STEPS * (self.plan.len() + self.edges.len() + 1000);
        for _ in 0..bound {
            let (call, edge) = self.upcoming;
            let next_call = self.plan.get(call).map(|call| call.at);
            let next_edge = self.edges.get(edge).map(|&(at, ..)| at);
            let soonest = self.next.iter().flatten().copied().chain(next_call).chain(next_edge).min();
            let Some(now) = soonest.filter(|&at| at <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(now);
            if next_edge.is_some_and(|at| at <= now) {
                self.fault(edge);
                self.upcoming.1 += 1;
            } else if next_call.is_some_and(|at| at <= now) {
                self.place(call);
                self.upcoming.0 += 1;
            } else {
                for span in 0..self.pairs.len() {
                    if self.next[span].is_some_and(|at| at <= now) {
                        self.pairs[span].live(self.now, &self.plan);
                        self.next[span] = self.pairs[span].next();
                    }
                }
            }
        }
        panic!("seed {}: the day has no end", self.settings.seed);
    }

    fn fault(&mut self, edge: usize) {
        let (_, place, begins) = self.edges[edge];
        let fault = self.faults[place];
        self.pairs[fault.span].fault(self.now, &fault, begins, &self.plan);
        self.next[fault.span] = self.pairs[fault.span].next();
    }

    /// A call goes to its span, and where that does not take it to the others of the group.
    fn place(&mut self, place: usize) {
        let Call { span: first, channel, .. } = self.plan[place];
        for step in 0..SPANS.len() {
            let span = (first + step) % SPANS.len();
            // A call that insists on a channel insists on its span too.
            if SPANS[span].group() != SPANS[first].group() || (channel.is_some() && step > 0) {
                continue;
            }
            let placed = self.pairs[span].place(self.now, place, &self.plan);
            self.next[span] = self.pairs[span].next();
            if placed.is_ok() {
                return;
            }
        }
        self.blocked.push(place);
    }

    /// All that happened, in one number.
    pub fn hash(&self) -> u64 {
        self.pairs.iter().fold(0, |hash, pair| pair.told().0 ^ hash.rotate_left(7))
    }

    /// And counted.
    pub fn counts(&self) -> Counts {
        self.pairs.iter().map(|pair| pair.told().1).fold(Counts::default(), |sum, one| Counts {
            events: sum.events + one.events,
            offered: sum.offered + one.offered,
            refused: sum.refused + one.refused,
            link_tests: sum.link_tests + one.link_tests,
            frames: sum.frames + one.frames,
        })
    }

    /// Calls that the plan has.
    pub fn planned(&self) -> &[Call] {
        &self.plan
    }

    /// Calls that no span took.
    pub fn blocked(&self) -> &[usize] {
        &self.blocked
    }

    /// What went wrong.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Both ends' records of calls that are over.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.pairs.iter().flat_map(Pair::records)
    }

    /// Lays the two records of each call side by side.
    pub fn judge(&self) -> Verdict {
        let records: Vec<_> = self.records().copied().collect();
        judge(&self.plan, &self.faults, &records)
    }

    /// What is not at rest.
    pub fn unrest(&self) -> Vec<String> {
        self.pairs.iter().flat_map(Pair::unrest).collect()
    }

    /// Every channel is idle at both ends or blocked as ordered, no timer runs that waits for nothing.
    ///
    /// # Panics
    /// Otherwise, and says what is not.
    #[track_caller]
    pub fn assert_at_rest(&self) {
        let unrest = self.unrest();
        assert!(unrest.is_empty(), "seed {}: after a quiet hour\n{}", self.settings.seed, unrest.join("\n"));
    }

    /// Forgets plan and records, so that what is left is what the spans hold.
    pub fn forget(&mut self) {
        self.pairs.iter_mut().for_each(Pair::forget);
        (self.plan, self.faults, self.edges, self.blocked) = Default::default();
    }
}
