//! Receivers for many channels at once.

use crate::BLOCK;
use crate::event::ToneEvent;
use crate::lane::Lane;
use crate::spectrum::HOP;

/// A receiver of call progress tones for each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct ProgressBank<const LANES: usize> {
    lanes: [Option<Lane>; LANES],
}

impl<const LANES: usize> Default for ProgressBank<LANES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const LANES: usize> ProgressBank<LANES> {
    /// No lane listens yet.
    pub const fn new() -> Self {
        Self { lanes: [const { None }; LANES] }
    }

    /// Has the lane listen, or not; either way it forgets what it has heard.
    pub fn listen(&mut self, lane: usize, on: bool) {
        if let Some(slot) = self.lanes.get_mut(lane) {
            *slot = on.then_some(Lane::IDLE);
        }
    }

    /// Takes the next 10 ms of every lane. A lane without a block, or that does not listen, costs nothing. `tell` is given the lane and
    /// what happened, lanes in order, a lane's events in the order of time.
    #[inline(always)]
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], mut tell: impl FnMut(usize, ToneEvent)) {
        for (number, (lane, block)) in self.lanes.iter_mut().zip(blocks).enumerate() {
            let (Some(lane), Some(block)) = (lane, block) else { continue };
            let (hops, _) = block.as_chunks::<HOP>();
            // A loop, not `for_each`: what is called here must be inlined to be compiled for the caller's processor.
            for hop in hops {
                lane.hop(hop, &mut |event| tell(number, event));
            }
        }
    }
}
