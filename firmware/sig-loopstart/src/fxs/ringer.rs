//! Ringing a telephone: the country's cadence with the steps of naming the caller before it and in its first pause.

use super::settings::{ALERT, DIGIT_OFF_MS, DIGIT_ON_MS, MARK_BITS, SEIZURE_BITS, fsk_time};
use crate::country::{CallerIdMethod, Country, Step};
use crate::line::{Order, Tone};
use base::Instant;
use core::time::Duration;
use ports::call::Number;
use sig_callerid::Octets;

/// Caller id fits only in a pause of at least this.
const LONG_PAUSE_MS: u16 = 1500;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// A step before the first ring.
    Before(usize),
    /// A ring of the cadence.
    Ring(usize),
    /// A step in the pause after this ring of the cadence, which lasts until then at least.
    Naming { step: usize, ring: usize, pause_ends: Instant },
    /// The pause after this ring.
    Pause(usize),
}

/// What a step does to the line: ringing and reversal from now on, and an order.
#[derive(Clone, Debug)]
pub(super) struct Doing {
    pub(super) ringing: bool,
    pub(super) reversed: bool,
    pub(super) order: Option<Order>,
}

/// One telephone being rung.
#[derive(Clone, Debug)]
pub(super) struct Ringer {
    at: At,
    due: Instant,
    reversed: bool,
    named: bool,
    method: CallerIdMethod,
    ring: &'static [(u16, u16)],
    caller: Number,
    message: Octets,
}

impl Ringer {
    /// `message` is the caller id for FSK.
    pub(super) fn new(now: Instant, country: &Country, caller: Option<Number>, message: Octets) -> Self {
        let method = if caller.is_some() { country.caller_id } else { CallerIdMethod::NONE };
        Self {
            at: At::Pause(country.ring.len().saturating_sub(1)),
            due: now,
            reversed: false,
            named: method.before.is_empty() && method.after_first.is_empty(),
            method,
            ring: country.ring,
            caller: caller.unwrap_or_default(),
            message,
        }
    }

    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// The telephone may be answered: it rings or is in a pause, not merely being told who calls.
    pub(super) fn has_rung(&self) -> bool {
        !matches!(self.at, At::Before(_))
    }

    /// The next step, when the last is over.
    pub(super) fn advance(&mut self, now: Instant) -> Doing {
        match self.at {
            At::Pause(_) if !self.named && !self.method.before.is_empty() => {
                self.named = true;
                self.step(now, At::Before(0))
            }
            At::Before(step) if step + 1 < self.method.before.len() => self.step(now, At::Before(step + 1)),
            At::Before(_) => self.begin_ring(now, 0),
            At::Ring(ring) => self.end_ring(now, ring),
            At::Naming { step, ring, pause_ends } if step + 1 < self.method.after_first.len() => {
                self.step(now, At::Naming { step: step + 1, ring, pause_ends })
            }
            At::Naming { ring, pause_ends, .. } => {
                self.at = At::Pause(ring);
                self.due = pause_ends.max(now);
                self.silent(None)
            }
            At::Pause(ring) => self.begin_ring(now, (ring + 1) % self.ring.len().max(1)),
        }
    }

    fn begin_ring(&mut self, now: Instant, ring: usize) -> Doing {
        self.reversed = false;
        self.at = At::Ring(ring);
        self.due = now + ms(self.cadence(ring).0);
        Doing { ringing: true, reversed: false, order: None }
    }

    fn end_ring(&mut self, now: Instant, ring: usize) -> Doing {
        let pause = self.cadence(ring).1;
        let pause_ends = now + ms(pause);
        if !self.named && pause >= LONG_PAUSE_MS {
            self.named = true;
            return self.step(now, At::Naming { step: 0, ring, pause_ends });
        }
        self.at = At::Pause(ring);
        self.due = pause_ends;
        self.silent(None)
    }

    fn cadence(&self, ring: usize) -> (u16, u16) {
        self.ring.get(ring).copied().unwrap_or((1000, 4000))
    }

    const fn silent(&self, order: Option<Order>) -> Doing {
        Doing { ringing: false, reversed: self.reversed, order }
    }

    fn step(&mut self, now: Instant, at: At) -> Doing {
        self.at = at;
        let step = match at {
            At::Before(step) => self.method.before.get(step),
            At::Naming { step, .. } => self.method.after_first.get(step),
            At::Ring(_) | At::Pause(_) => None,
        };
        let (time, doing) = self.carry_out(step.copied().unwrap_or(Step::Pause(0)));
        self.due = now + time;
        doing
    }

    fn carry_out(&mut self, step: Step) -> (Duration, Doing) {
        match step {
            Step::Pause(pause) => (ms(pause), self.silent(Some(Order::PlayTone(None)))),
            Step::Reverse => {
                self.reversed = true;
                (Duration::ZERO, self.silent(None))
            }
            Step::RingPulse(pulse) => (ms(pulse), Doing { ringing: true, reversed: self.reversed, order: None }),
            Step::Alert => (ALERT, self.silent(Some(Order::PlayTone(Some(Tone::Alert))))),
            Step::Fsk => {
                let order = Order::SendFsk {
                    modulation: self.method.modulation,
                    seizure_bits: SEIZURE_BITS,
                    mark_bits: MARK_BITS,
                    octets: self.message.clone(),
                };
                (fsk_time(SEIZURE_BITS + MARK_BITS, self.message.len()), self.silent(Some(order)))
            }
            Step::Dtmf(variant) => {
                let digits = super::dtmf_caller_id(variant, &self.caller);
                let time = ms(DIGIT_ON_MS + DIGIT_OFF_MS) * u32::try_from(digits.len()).unwrap_or(u32::MAX);
                let order = Order::SendDigits { digits, on_ms: DIGIT_ON_MS, off_ms: DIGIT_OFF_MS };
                (time, self.silent(Some(order)))
            }
        }
    }
}

fn ms(ms: u16) -> Duration {
    Duration::from_millis(ms.into())
}
