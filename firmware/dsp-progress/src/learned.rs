//! Hang-up tones that no table knows, taught by the line itself.

use crate::cadence::Regular;

/// Calls that must have ended with a tone until it is believed.
pub const CALLS_TO_LEARN: u8 = 3;
/// Tones kept a line.
const TONES: usize = 4;
/// A hang-up tone is on and off for no longer than this; what is slower may be a ringing tone.
const LONGEST_MS: u32 = 1000;

/// One tone with its cadence: plain numbers, to be kept where the owner likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LearnedTone {
    /// 0 where there is no second.
    pub frequency_hz: [u16; 2],
    /// On.
    pub on_ms: u16,
    /// Off.
    pub off_ms: u16,
    /// How many calls ended with it. 0: an empty place.
    pub calls: u8,
}

/// What a line has taught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// In no order.
    pub tones: [LearnedTone; TONES],
}

impl Learned {
    /// A call ended with this regular tone, which is in no table.
    pub(crate) fn ended_with(&mut self, regular: &Regular) {
        if regular.on_ms > LONGEST_MS || regular.off_ms > LONGEST_MS || regular.off_ms == 0 {
            return;
        }
        let heard = |tone: &&mut LearnedTone| tone.calls > 0 && tone.fits(regular);
        if let Some(tone) = self.tones.iter_mut().find(heard) {
            tone.calls = tone.calls.saturating_add(1);
            return;
        }
        // The place of the tone heard least.
        if let Some(place) = self.tones.iter_mut().min_by_key(|tone| tone.calls) {
            let ms = |ms: u32| ms.min(LONGEST_MS) as u16;
            *place = LearnedTone {
                frequency_hz: regular.hz,
                on_ms: ms(regular.on_ms),
                off_ms: ms(regular.off_ms),
                calls: 1,
            };
        }
    }

    pub(crate) fn knows(&self, regular: &Regular) -> bool {
        self.tones.iter().any(|tone| tone.calls >= CALLS_TO_LEARN && tone.fits(regular))
    }
}

impl LearnedTone {
    /// The same frequencies to 2 %, the same times to 10 %.
    fn fits(&self, regular: &Regular) -> bool {
        let near = |a: u32, b: u32, percent: u32| a.abs_diff(b) * 100 <= percent * a.max(b);
        let [low, high] = [0, 1].map(|at| near(self.frequency_hz[at].into(), regular.hz[at].into(), 2));
        low && high && near(self.on_ms.into(), regular.on_ms, 10) && near(self.off_ms.into(), regular.off_ms, 10)
    }
}
