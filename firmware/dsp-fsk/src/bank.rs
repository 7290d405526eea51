//! Receivers for many channels at once.

use crate::BLOCK;
use crate::lane::{FskEvent, Lane};

/// A receiver of FSK for each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct FskBank<const LANES: usize> {
    lanes: [Option<Lane>; LANES],
}

impl<const LANES: usize> Default for FskBank<LANES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const LANES: usize> FskBank<LANES> {
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
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], mut tell: impl FnMut(usize, FskEvent)) {
        // A loop, not `for_each`: what is called here must be inlined to be compiled for the caller's processor.
        for (number, (lane, block)) in self.lanes.iter_mut().zip(blocks).enumerate() {
            let (Some(lane), Some(block)) = (lane, block) else { continue };
            lane.block(block, &mut |event| tell(number, event));
        }
    }
}
