//! Voice activity of many channels at once.

use crate::BLOCK;
use crate::voice_lane::{Lane, Limits};
use base::Dbm0;

/// What a channel's receiver tells. Times are those at the end of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiceEvent {
    /// Somebody speaks.
    Began {
        /// Since when.
        ago_ms: u32,
    },
    /// Nobody speaks any more.
    Ended {
        /// Since when: the hangover, about.
        ago_ms: u32,
        /// From the first sound to the last.
        lasted_ms: u32,
    },
}

/// What counts as a voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceSettings {
    /// What is softer than this is none.
    pub least: Dbm0,
    /// What stands out of the noise by less is none.
    pub over_noise_db: f32,
    /// Silence after which it has ended. What is between two words is shorter.
    pub hangover_ms: u32,
}

impl VoiceSettings {
    /// For telephone lines: -45 dBm0, 4 dB, 300 ms.
    pub const LINE: Self = Self { least: Dbm0(-45.0), over_noise_db: 4.0, hangover_ms: 300 };
}

/// Voice activity of each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct VoiceBank<const LANES: usize> {
    limits: Limits,
    lanes: [Option<Lane>; LANES],
}

impl<const LANES: usize> VoiceBank<LANES> {
    /// No lane listens yet.
    pub fn new(settings: VoiceSettings) -> Self {
        Self { limits: Limits::of(&settings), lanes: [const { None }; LANES] }
    }

    /// Has the lane listen, or no more; either way it forgets what it has heard, without an event.
    pub fn listen(&mut self, lane: usize, listens: bool) {
        if let Some(slot) = self.lanes.get_mut(lane) {
            *slot = listens.then_some(Lane::NEW);
        }
    }

    /// Takes the next 10 ms of every lane. A lane without a block, or that does not listen, costs nothing and stays as it was. `tell` is given
    /// the lane and what happened, lanes in order.
    #[inline(always)]
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], mut tell: impl FnMut(usize, VoiceEvent)) {
        for (number, (lane, block)) in self.lanes.iter_mut().zip(blocks).enumerate() {
            if let (Some(lane), Some(block)) = (lane, block) {
                lane.block(block, &self.limits, &mut |event| tell(number, event));
            }
        }
    }

    /// Whether somebody speaks there: `Began` was told and `Ended` not yet.
    pub fn is_speaking(&self, lane: usize) -> bool {
        self.lane(lane).is_some_and(Lane::is_speaking)
    }

    /// How loud somebody speaks there, over the last syllables: what the loudest of many is chosen by. `None` while nobody does.
    pub fn loudness(&self, lane: usize) -> Option<Dbm0> {
        self.lane(lane).filter(|lane| lane.is_speaking()).map(Lane::loudness)
    }

    fn lane(&self, lane: usize) -> Option<&Lane> {
        self.lanes.get(lane)?.as_ref()
    }
}
