//! Voice activity of one channel.

use crate::prediction::Predictor;
use crate::quietest::Quietest;
use crate::voice::{VoiceEvent, VoiceSettings};
use crate::{BLOCK, ZERO_DBM0, level_of, power_of};
use base::Dbm0;
use dsp_math::ratio_of_db;

/// Milliseconds of a block.
const BLOCK_MS: u32 = 10;
/// What the block before left untold of a voice, at least. Of tones it is less, if they are 18 dB over their noise.
const NEWS: f32 = 0.03;
/// Blocks looked at to tell a beginning: 80 ms.
const WINDOW: usize = 8;
/// Of these must sound like a voice.
const ENOUGH: u32 = 4;
/// Ratio of the loudest to the softest of those: less is a tone in noise. 3 dB.
const LIVELY: f32 = 2.0;
/// Part that a new block has in the loudness where it is louder, and where it is softer.
const LOUDER: f32 = 0.3;
const SOFTER: f32 = 0.03;

/// [`VoiceSettings`] as powers and blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    least: f32,
    over_noise: f32,
    hangover: u32,
}

impl Limits {
    pub(crate) fn of(settings: &VoiceSettings) -> Self {
        let over = ratio_of_db(settings.over_noise_db.max(0.0));
        Self {
            least: power_of(settings.least),
            over_noise: over * over,
            hangover: settings.hangover_ms.div_ceil(BLOCK_MS).max(1),
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    Quiet,
    /// Blocks since the voice began, and since it was heard last.
    Speaking {
        blocks: u32,
        quiet: u32,
    },
}

#[derive(Clone)]
pub(crate) struct Lane {
    predictor: Predictor,
    quietest: Quietest,
    state: State,
    /// Powers of the latest blocks that sounded like a voice, 0 of the others, the latest last.
    voiced: [f32; WINDOW],
    loudness: f32,
}

impl Lane {
    pub(crate) const NEW: Self = Self {
        predictor: Predictor::NEW,
        quietest: Quietest::NEW,
        state: State::Quiet,
        voiced: [0.0; WINDOW],
        loudness: 0.0,
    };

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK], limits: &Limits, tell: &mut impl FnMut(VoiceEvent)) {
        let seen = self.predictor.block(block);
        let power = seen.power / ZERO_DBM0;
        // The noise is that of before: what begins now does not hide itself.
        let threshold = limits.least.max(self.quietest.power() * limits.over_noise);
        self.quietest.push(power);
        let sounds = power > threshold && seen.news > NEWS;
        self.voiced.rotate_left(1);
        self.voiced[WINDOW - 1] = if sounds { power } else { 0.0 };
        self.loudness += (power - self.loudness) * if power > self.loudness { LOUDER } else { SOFTER };
        self.state = match self.state {
            State::Quiet => self.begins(tell),
            State::Speaking { blocks, quiet } => {
                let quiet = if sounds { 0 } else { quiet + 1 };
                goes_on(blocks.saturating_add(1), quiet, limits, tell)
            }
        };
    }

    /// Whether the latest blocks are a voice's first.
    #[inline(always)]
    fn begins(&mut self, tell: &mut impl FnMut(VoiceEvent)) -> State {
        let voiced = self.voiced.iter().filter(|&&power| power > 0.0);
        if (voiced.clone().count() as u32) < ENOUGH {
            return State::Quiet;
        }
        let (softest, loudest) =
            voiced.fold((f32::INFINITY, 0.0_f32), |(least, most), &power| (least.min(power), most.max(power)));
        if loudest < softest * LIVELY {
            return State::Quiet;
        }
        let first = self.voiced.iter().position(|&power| power > 0.0).unwrap_or(0);
        let blocks = (WINDOW - first) as u32;
        tell(VoiceEvent::Began { ago_ms: blocks * BLOCK_MS });
        State::Speaking { blocks, quiet: 0 }
    }

    pub(crate) fn is_speaking(&self) -> bool {
        matches!(self.state, State::Speaking { .. })
    }

    pub(crate) fn loudness(&self) -> Dbm0 {
        level_of(self.loudness)
    }
}

/// A voice goes on through short pauses.
fn goes_on(blocks: u32, quiet: u32, limits: &Limits, tell: &mut impl FnMut(VoiceEvent)) -> State {
    if quiet < limits.hangover {
        return State::Speaking { blocks, quiet };
    }
    let lasted_ms = blocks.saturating_sub(quiet).saturating_mul(BLOCK_MS);
    tell(VoiceEvent::Ended { ago_ms: quiet.saturating_mul(BLOCK_MS), lasted_ms });
    State::Quiet
}
