//! The faults of one span: what is on order, until when, and what of it is the network's own doing.

use crate::faults::{Fault, Kind, Order};
use crate::report::{ActiveFault, SpanFaults};
use base::{Digits, Instant};
use lab::faults::{FaultHandle, Faults};
use std::time::Duration;

pub(super) struct FaultBoard {
    handle: FaultHandle,
    active: Vec<(Fault, Option<Instant>)>,
    pace: Pace,
    glares: u64,
}

impl FaultBoard {
    pub(super) const fn new(handle: FaultHandle) -> Self {
        Self { handle, active: Vec::new(), pace: Pace::RIGHT, glares: 0 }
    }

    /// One fault of each kind at most is on order, which bounds the list.
    pub(super) fn order(&mut self, now: Instant, order: Order) {
        match order {
            Order::Clear => self.active.clear(),
            Order::Begin(fault) => {
                self.active.retain(|(other, _)| !other.is_like(&fault));
                self.active.push((fault, fault.lasts.map(|lasts| now + lasts)));
            }
        }
        self.apply(now);
    }

    /// Ends what is over.
    pub(super) fn expire(&mut self, now: Instant) {
        let before = self.active.len();
        self.active.retain(|(_, until)| until.is_none_or(|until| until > now));
        if self.active.len() != before {
            self.apply(now);
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.active.iter().filter_map(|(_, until)| *until).min()
    }

    fn apply(&mut self, now: Instant) {
        let mut faults = Faults::default();
        self.active.iter().for_each(|(fault, _)| fault.apply(&mut faults));
        self.handle.set(faults);
        let pace = self.active.iter().find_map(|(fault, _)| match fault.kind {
            Kind::WrongTimers(percent) => Some(percent),
            _ => None,
        });
        self.pace.change(now, pace.unwrap_or(100));
    }

    /// Whom a call is placed to as soon as the box begins one.
    pub(super) fn glare(&self) -> Option<Digits> {
        self.active.iter().find_map(|(fault, _)| match fault.kind {
            Kind::Glare(number) => Some(number),
            _ => None,
        })
    }

    pub(super) const fn glared(&mut self) {
        self.glares += 1;
    }

    pub(super) const fn pace(&self) -> &Pace {
        &self.pace
    }

    pub(super) fn report(&self, now: Instant) -> SpanFaults {
        let counts = self.handle.counts();
        let shown = |(fault, until): &(Fault, Option<Instant>)| ActiveFault {
            fault: fault.to_string(),
            left_ms: until.map(|until| ms(until - now)),
        };
        SpanFaults {
            active: self.active.iter().map(shown).collect(),
            frames_lost: counts.frames_lost,
            frames_spoilt: counts.frames_spoilt,
            frames_doubled: counts.frames_doubled,
            bits_turned: counts.bits_turned,
            blocks_lost: counts.blocks_lost,
            slips: counts.slips,
            signaling_bounced: counts.cas_bounced,
            signaling_stuck: counts.cas_stuck,
            glares: self.glares,
        }
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A clock for the span's signaling that may run too fast or too slow, and never backwards.
pub(super) struct Pace {
    percent: u32,
    /// When this pace began, on the right clock and on this one.
    right: Instant,
    own: Instant,
}

impl Pace {
    const RIGHT: Self = Self { percent: 100, right: Instant::ZERO, own: Instant::ZERO };

    fn change(&mut self, now: Instant, percent: u32) {
        *self = Self { percent, right: now, own: self.own(now) };
    }

    /// What this clock shows.
    pub(super) fn own(&self, now: Instant) -> Instant {
        self.own + (now - self.right) * self.percent / 100
    }

    /// The right time when this clock shows `due`.
    pub(super) fn right(&self, due: Instant) -> Instant {
        // Rounded up, so that it is due then.
        self.right + (due - self.own) * 100 / self.percent + Duration::from_nanos(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_runs_at_its_pace_and_shows_when_what_is_due() {
        let at = Instant::from_millis;
        let mut pace = Pace::RIGHT;
        assert_eq!(pace.own(at(500)), at(500));
        pace.change(at(1000), 1000);
        assert_eq!((pace.own(at(1000)), pace.own(at(1100))), (at(1000), at(2000)));
        assert!(pace.own(pace.right(at(1777))) >= at(1777) && pace.right(at(1777)) <= at(1078));
        pace.change(at(1100), 10);
        assert_eq!((pace.own(at(1100)), pace.own(at(2100))), (at(2000), at(2100)));
        pace.change(at(2100), 100);
        assert_eq!(pace.own(at(3100)), at(3100));
    }
}
