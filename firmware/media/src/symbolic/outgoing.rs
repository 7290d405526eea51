//! What a port sends, by milliseconds instead of samples.

use super::ear::FOR_EVER;
use super::{FskPart, Sound};
use crate::{BLOCK, Length, ToneSpec};
use base::{Digit, Digits};
use dsp_fsk::{Octets, TRAILING_MARK};

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

/// Octets being sent by FSK.
pub(crate) struct Modulating {
    seizure: u64,
    /// Bits before the first octet.
    lead: u64,
    octets: Octets,
    at: u64,
}

impl Modulating {
    /// Bits in a tick, at 1200 bit/s.
    const TICK: u64 = 12;
    /// Bits of an octet, start and stop counted.
    const OCTET: u64 = 10;

    pub(crate) fn new(seizure_bits: u16, mark_bits: u16, octets: Octets) -> Self {
        let seizure = u64::from(seizure_bits);
        Self { seizure, lead: seizure + u64::from(mark_bits), octets, at: 0 }
    }

    /// The octets that end in this tick, or what comes before them.
    pub(crate) fn sound(&self) -> Sound {
        if self.at + Self::TICK / 2 < self.seizure {
            return Sound::Fsk(FskPart::Seizure);
        }
        let ended = |bits: u64| {
            let octets = usize::try_from(bits.saturating_sub(self.lead) / Self::OCTET).unwrap_or(usize::MAX);
            octets.min(self.octets.len())
        };
        Sound::Fsk(FskPart::of(&self.octets[ended(self.at)..ended(self.at + Self::TICK)]))
    }

    /// Goes on; tells whether all was sent.
    pub(crate) fn advance(&mut self, ticks: u64) -> bool {
        self.at += ticks * Self::TICK;
        self.at >= self.lead + Self::OCTET * self.octets.len() as u64 + u64::from(TRAILING_MARK)
    }

    pub(crate) fn steady(&self) -> u64 {
        let until = if self.at < self.seizure { self.seizure } else { self.lead };
        (until.saturating_sub(self.at) / Self::TICK).saturating_sub(1)
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
