//! What a port sends, by milliseconds instead of samples.

use super::Sound;
use super::ear::FOR_EVER;
use crate::{BLOCK, Length, ToneSpec};
use base::{Digit, Digits};

/// A tick in milliseconds.
const TICK_MS: u64 = 10;
/// What is on for most of a tick is what is heard in it: the middle decides.
const MIDDLE_MS: u64 = TICK_MS / 2;

/// A string of digits being sent.
#[derive(Clone)]
pub(crate) struct Dialling {
    digits: Digits,
    on_ms: u64,
    period_ms: u64,
    at_ms: u64,
    total_ms: u64,
}

impl Dialling {
    pub(crate) fn new(digits: Digits, on_ms: u16, off_ms: u16) -> Self {
        let on_ms = u64::from(on_ms.max(1));
        let period_ms = on_ms + u64::from(off_ms);
        let count = keys(&digits).count() as u64;
        Self { digits, on_ms, period_ms, at_ms: 0, total_ms: count * period_ms }
    }

    pub(crate) fn sound(&self) -> Sound {
        let middle = self.at_ms + MIDDLE_MS;
        let digit = usize::try_from(middle / self.period_ms).ok().and_then(|at| keys(&self.digits).nth(at));
        match digit {
            Some(digit) if middle % self.period_ms < self.on_ms => Sound::Digit(digit),
            Some(_) | None => Sound::Silence,
        }
    }

    /// Goes on; tells whether the last pause is over.
    pub(crate) fn advance(&mut self, ticks: u64) -> bool {
        self.at_ms += ticks * TICK_MS;
        self.at_ms >= self.total_ms
    }

    pub(crate) fn steady(&self) -> u64 {
        let into = (self.at_ms + MIDDLE_MS) % self.period_ms;
        let edge = if into < self.on_ms { self.on_ms - into } else { self.period_ms - into };
        edge.div_ceil(TICK_MS).min(before(self.total_ms.saturating_sub(self.at_ms)))
    }
}

fn keys(digits: &Digits) -> impl Iterator<Item = Digit> {
    digits.as_str().chars().filter_map(Digit::new)
}

/// A tone being given.
#[derive(Clone)]
pub(crate) struct Toning {
    spec: ToneSpec,
    at_ms: u64,
}

impl Toning {
    pub(crate) const fn new(spec: ToneSpec) -> Self {
        Self { spec, at_ms: 0 }
    }

    /// The tone, unless its cadence is in a pause.
    pub(crate) fn sound(&self) -> Option<Sound> {
        let frequencies = [self.spec.first_hz, self.spec.second_hz.unwrap_or_default()];
        self.segment().0.then_some(Sound::Tone(frequencies, self.spec.level))
    }

    /// Goes on; tells whether the tone is over.
    pub(crate) fn advance(&mut self, ticks: u64) -> bool {
        self.at_ms += ticks * TICK_MS;
        self.left_ms() == 0
    }

    pub(crate) fn steady(&self) -> u64 {
        let (_, edge) = self.segment();
        edge.div_ceil(TICK_MS).min(before(self.left_ms()))
    }

    fn left_ms(&self) -> u64 {
        match self.spec.length {
            Length::Endless => FOR_EVER,
            Length::Ms(ms) => u64::from(ms).saturating_sub(self.at_ms),
        }
    }

    /// Whether the cadence is on, and for how many milliseconds it stays so.
    fn segment(&self) -> (bool, u64) {
        let pairs = self.spec.cadence.pairs();
        let period: u64 = pairs.iter().map(|&(on, off)| u64::from(on) + u64::from(off)).sum();
        if period == 0 {
            return (true, FOR_EVER);
        }
        let mut into = (self.at_ms + MIDDLE_MS) % period;
        for &(on, off) in pairs {
            for (is_on, ms) in [(true, u64::from(on)), (false, u64::from(off))] {
                if into < ms {
                    return (is_on, ms - into);
                }
                into -= ms;
            }
        }
        (false, 1)
    }
}

/// Ticks before the one in which `ms` milliseconds are over.
const fn before(ms: u64) -> u64 {
    if ms == FOR_EVER { FOR_EVER } else { ms.div_ceil(TICK_MS).saturating_sub(1) }
}

/// Ticks before the one in which the last of `samples` samples is sent.
pub(crate) const fn before_end(samples: usize) -> u64 {
    (samples.div_ceil(BLOCK) as u64).saturating_sub(1)
}
