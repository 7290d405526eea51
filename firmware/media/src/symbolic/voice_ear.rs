//! Voices and levels.

use super::Sound;
use super::ear::FOR_EVER;
use crate::port::READING;
use base::Dbm0;
use dsp_level::{Levels, SILENCE, VoiceEvent};

/// Ticks of a phrase until somebody speaks.
pub const SPEAKS: u64 = 3;
/// Ticks without one until nobody does: 300 ms.
pub const CEASED: u64 = 30;

/// A receiver of voices.
#[derive(Clone, Copy, Debug)]
pub(super) struct VoiceEar {
    hears: bool,
    /// Ticks of what is heard now.
    run: u64,
    /// For how many ticks somebody has spoken, short pauses counted.
    speaks: Option<u64>,
}

impl VoiceEar {
    pub(super) const fn new() -> Self {
        Self { hears: false, run: 0, speaks: None }
    }

    pub(super) fn tick(&mut self, sound: Sound, mut tell: impl FnMut(VoiceEvent)) {
        let hears = matches!(sound, Sound::Phrase { .. });
        self.run = if hears == self.hears { self.run.saturating_add(1) } else { 1 };
        self.hears = hears;
        let ms = |ticks: u64| u32::try_from(ticks * 10).unwrap_or(u32::MAX);
        match (self.speaks, hears) {
            (None, true) if self.run == SPEAKS => {
                self.speaks = Some(SPEAKS);
                tell(VoiceEvent::Began { ago_ms: ms(SPEAKS) });
            }
            (Some(ticks), false) if self.run == CEASED => {
                self.speaks = None;
                tell(VoiceEvent::Ended { ago_ms: ms(CEASED), lasted_ms: ms((ticks + 1).saturating_sub(CEASED)) });
            }
            (Some(ticks), _) => self.speaks = Some(ticks + 1),
            (None, _) => {}
        }
    }

    /// How many ticks like the last one would be told nothing of.
    pub(super) fn steady(&self) -> u64 {
        let limit = match (self.speaks, self.hears) {
            (None, true) => SPEAKS,
            (Some(_), false) => CEASED,
            (None, false) | (Some(_), true) => return FOR_EVER,
        };
        if self.run < limit { limit - 1 - self.run } else { FOR_EVER }
    }

    pub(super) fn skip(&mut self, ticks: u64) {
        self.run = self.run.saturating_add(ticks);
        if let Some(spoken) = &mut self.speaks {
            *spoken += ticks;
        }
    }
}

/// A meter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    left: u64,
}

impl Reading {
    pub(super) const fn new() -> Self {
        Self { left: READING as u64 }
    }

    /// What it shows, when it is time: all of a second is like its last tick.
    pub(super) fn tick(&mut self, sound: Sound) -> Option<Levels> {
        self.left -= 1;
        if self.left > 0 {
            return None;
        }
        *self = Self::new();
        let level: Option<Dbm0> = sound.level();
        let now = level.unwrap_or(SILENCE);
        Some(Levels { now, active: level, noise: SILENCE, peak: now })
    }

    pub(super) const fn steady(&self) -> u64 {
        self.left - 1
    }

    pub(super) const fn skip(&mut self, ticks: u64) {
        self.left -= ticks;
    }
}
