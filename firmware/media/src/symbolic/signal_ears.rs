//! When the receivers of R2 register signals and of FSK would be sure.

use super::Sound;
use super::ear::FOR_EVER;
use dsp_fsk::FskEvent;
use dsp_mf::{MfEvent, Register};

/// Ticks of a register signal until it has begun: 15 ms, in whole ticks.
pub const MF_BEGAN: u8 = 2;
/// Ticks without it until it has ended.
pub const MF_ENDED: u8 = 2;
/// Ticks of mark until the carrier is told of: 25 ms, in whole ticks.
pub const FSK_CARRIER: u8 = 3;
/// Ticks without FSK until it is lost: 15 ms, in whole ticks.
pub const FSK_LOST: u8 = 2;

/// A receiver of register signals.
#[derive(Clone, Copy, Debug)]
pub(super) struct MfEar {
    register: Register,
    shown: Option<u8>,
    run: u8,
    began: Option<u8>,
    misses: u8,
}

impl MfEar {
    pub(super) const fn new(register: Register) -> Self {
        Self { register, shown: None, run: 0, began: None, misses: 0 }
    }

    pub(super) fn tick(&mut self, sound: Sound, mut tell: impl FnMut(MfEvent)) {
        let shown = match sound {
            Sound::Mf(register, signal) if register == self.register => Some(signal),
            Sound::Silence
            | Sound::Digit(_)
            | Sound::Mf(..)
            | Sound::Fsk(_)
            | Sound::Fax(_)
            | Sound::Tone(..)
            | Sound::Phrase { .. } => None,
        };
        self.run = if shown == self.shown { self.run.saturating_add(1) } else { 1 };
        self.shown = shown;
        if let Some(signal) = self.began {
            self.misses = if shown == self.began { 0 } else { self.misses + 1 };
            if self.misses == MF_ENDED {
                self.began = None;
                tell(MfEvent::Ended(signal));
            }
        }
        if let (None, Some(signal), MF_BEGAN..) = (self.began, shown, self.run) {
            self.began = shown;
            self.misses = 0;
            tell(MfEvent::Began(signal));
        }
    }

    pub(super) fn steady(&self) -> u64 {
        if self.began == self.shown { FOR_EVER } else { 0 }
    }
}

/// What FSK brings in one tick.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FskPart {
    /// 0 and 1 in turn.
    Seizure,
    /// Mark, or octets that do not end in this tick.
    Mark,
    /// An octet ends.
    One(u8),
    /// Two octets end; at 1200 bit/s there are never more.
    Two([u8; 2]),
}

impl FskPart {
    pub(super) const fn of(ended: &[u8]) -> Self {
        match *ended {
            [] => Self::Mark,
            [one] => Self::One(one),
            [one, other, ..] => Self::Two([one, other]),
        }
    }

    fn octets(&self) -> &[u8] {
        match self {
            Self::Seizure | Self::Mark => &[],
            Self::One(octet) => core::slice::from_ref(octet),
            Self::Two(octets) => octets,
        }
    }
}

/// A receiver of FSK.
#[derive(Clone, Copy, Debug)]
pub(super) struct FskEar {
    shown: Option<FskPart>,
    /// Ticks of mark in a row, until there is a carrier.
    run: u8,
    /// Ticks without FSK while there is one.
    misses: u8,
}

impl FskEar {
    pub(super) const fn new() -> Self {
        Self { shown: None, run: 0, misses: 0 }
    }

    pub(super) fn tick(&mut self, sound: Sound, mut tell: impl FnMut(FskEvent)) {
        self.shown = if let Sound::Fsk(part) = sound { Some(part) } else { None };
        if self.run == FSK_CARRIER {
            return self.go_on(tell);
        }
        // Octets begin as mark does, as far as a tick shows.
        self.run = if matches!(self.shown, None | Some(FskPart::Seizure)) { 0 } else { self.run + 1 };
        if self.run == FSK_CARRIER {
            self.misses = 0;
            tell(FskEvent::Carrier);
        }
    }

    fn go_on(&mut self, mut tell: impl FnMut(FskEvent)) {
        let Some(part) = self.shown else {
            self.misses += 1;
            if self.misses == FSK_LOST {
                self.run = 0;
                tell(FskEvent::Lost);
            }
            return;
        };
        self.misses = 0;
        part.octets().iter().for_each(|&octet| tell(FskEvent::Octet(octet)));
    }

    /// Ticks that bring octets are told of one by one, even if they bring the same.
    pub(super) fn steady(&self) -> u64 {
        match (self.shown, self.run) {
            (None, 0) | (Some(FskPart::Seizure), _) | (Some(FskPart::Mark), FSK_CARRIER) => FOR_EVER,
            (None | Some(FskPart::Mark | FskPart::One(_) | FskPart::Two(_)), _) => 0,
        }
    }
}
