//! Receivers for many channels at once.

use crate::BLOCK;
use crate::answer::Answer;
use crate::lane::Lane;

/// What a channel's receiver tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaxToneEvent {
    /// A burst of CNG was heard, quiet around it. Told 100 ms after its end, once until [`Self::CngConfirmed`] or 10 s without.
    CngHeard,
    /// The next burst came in time: a fax machine calls. Told once until 10 s without.
    CngConfirmed,
    /// An answering tone has lasted for 700 ms.
    AnswerBegan(Answer),
    /// Its phase has turned round: echo cancellers are to be switched off (V.25 §3.1, G.168 §7).
    PhaseReversed,
    /// It is over.
    AnswerEnded {
        /// As it was told.
        answer: Answer,
        /// How often its phase turned round.
        reversals: u8,
        /// From its beginning, to 10 ms.
        lasted_ms: u32,
    },
    /// Five flags in a row on channel 2 of V.21: a fax machine speaks. Told once, until that carrier is gone.
    Flags,
}

/// A receiver of fax and modem tones for each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct FaxToneBank<const LANES: usize> {
    lanes: [Option<Lane>; LANES],
}

impl<const LANES: usize> Default for FaxToneBank<LANES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const LANES: usize> FaxToneBank<LANES> {
    /// No lane listens yet.
    pub const fn new() -> Self {
        Self { lanes: [const { None }; LANES] }
    }

    /// Has the lane listen, or not; either way it forgets what it has heard, without an event.
    pub fn listen(&mut self, lane: usize, on: bool) {
        if let Some(slot) = self.lanes.get_mut(lane) {
            *slot = on.then_some(Lane::IDLE);
        }
    }

    /// Takes the next 10 ms of every lane. A lane without a block, or that does not listen, costs nothing. `tell` is given the lane and
    /// what happened, lanes in order, a lane's events in the order of time.
    #[inline(always)]
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], mut tell: impl FnMut(usize, FaxToneEvent)) {
        // A loop, not `for_each`: what is called here must be inlined to be compiled for the caller's processor.
        for (number, (lane, block)) in self.lanes.iter_mut().zip(blocks).enumerate() {
            let (Some(lane), Some(block)) = (lane, block) else { continue };
            lane.block(block, &mut |event| tell(number, event));
        }
    }
}
