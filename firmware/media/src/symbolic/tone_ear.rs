//! When the receiver of call progress would be sure.

use super::ear::FOR_EVER;
use super::{Sound, TWO_ALIKE_DB};
use base::Dbm0;
use dsp_progress::{Spectrum, ToneEvent};

/// Ticks of a tone until it has begun: somewhat over 50 ms.
pub const TONE_BEGAN: u64 = 6;
/// Ticks without the tone until it has ended: 20 ms.
pub const TONE_ENDED: u8 = 2;
/// Ticks after which silence is told of, and a tone that lasts once more: 200 ms.
pub const SILENT: u64 = 20;
/// Ticks of a phrase until it is voice: 200 ms.
pub const VOICE: u64 = 20;

/// What call progress makes of a sound.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Heard {
    Silence,
    Tone(Spectrum),
    Voice,
    Signal,
}

/// A receiver of call progress tones.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToneEar {
    heard: Heard,
    run: u64,
    tone: Option<(Spectrum, u64)>,
    misses: u8,
}

impl ToneEar {
    pub(super) const fn new() -> Self {
        Self { heard: Heard::Silence, run: 0, tone: None, misses: 0 }
    }

    pub(super) fn tick(&mut self, sound: Sound, mut tell: impl FnMut(ToneEvent)) {
        let heard = heard(sound);
        self.run = if heard == self.heard { self.run.saturating_add(1) } else { 1 };
        self.heard = heard;
        if let Some((spectrum, ticks)) = self.tone {
            self.go_on(spectrum, ticks + 1, &mut tell);
        }
        match heard {
            Heard::Tone(spectrum) if self.tone.is_none() && self.run >= TONE_BEGAN => {
                self.tone = Some((spectrum, self.run));
                self.misses = 0;
                tell(ToneEvent::Began(spectrum));
            }
            Heard::Silence if self.run == SILENT => tell(ToneEvent::Silence { lasted_ms: 200 }),
            Heard::Voice if self.run == VOICE => tell(ToneEvent::Voice),
            Heard::Silence | Heard::Tone(_) | Heard::Voice | Heard::Signal => {}
        }
    }

    fn go_on(&mut self, spectrum: Spectrum, ticks: u64, tell: &mut impl FnMut(ToneEvent)) {
        let ms = |ticks: u64| u32::try_from(ticks * 10).unwrap_or(u32::MAX);
        self.misses = if self.heard == Heard::Tone(spectrum) { 0 } else { self.misses + 1 };
        self.tone = Some((spectrum, ticks));
        if self.misses == TONE_ENDED {
            self.tone = None;
            // What follows is counted from here.
            self.run = 0;
            tell(ToneEvent::Ended { spectrum, duration_ms: ms(ticks - u64::from(TONE_ENDED)) });
        } else if ticks.is_multiple_of(SILENT) {
            tell(ToneEvent::Lasts { spectrum, duration_ms: ms(ticks) });
        }
    }

    pub(super) fn steady(&self) -> u64 {
        let left = |limit: u64| if self.run < limit { limit - 1 - self.run } else { FOR_EVER };
        match (self.heard, self.tone) {
            (Heard::Tone(spectrum), Some((same, ticks))) if spectrum == same => SILENT - 1 - ticks % SILENT,
            (_, Some(_)) => 0,
            (Heard::Silence, None) => left(SILENT),
            (Heard::Voice, None) => left(VOICE),
            (Heard::Tone(_), None) => left(TONE_BEGAN),
            (Heard::Signal, None) => FOR_EVER,
        }
    }

    pub(super) fn skip(&mut self, ticks: u64) {
        self.run = self.run.saturating_add(ticks);
        if let Some((_, lasted)) = &mut self.tone {
            *lasted += ticks;
        }
    }
}

fn heard(sound: Sound) -> Heard {
    match sound {
        Sound::Silence => Heard::Silence,
        Sound::Tone([first, 0.0], level) => Heard::Tone(Spectrum::single(first as u16, level)),
        Sound::Tone([first, second], level) => {
            let both = Dbm0(level.0 + TWO_ALIKE_DB);
            Heard::Tone(Spectrum::pair(first.min(second) as u16, first.max(second) as u16, both))
        }
        Sound::Phrase { .. } => Heard::Voice,
        Sound::Digit(_) | Sound::Mf(..) | Sound::Fsk(_) | Sound::Fax(_) => Heard::Signal,
    }
}
