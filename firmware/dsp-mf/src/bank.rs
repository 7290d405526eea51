//! MF receivers for many channels at once.

use crate::BLOCK;
use crate::lane::Lane;
use crate::signal::Register;

/// What a channel's receiver tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfEvent {
    /// A signal, 1 to 15, is on the line.
    Began(u8),
    /// It is no more.
    Ended(u8),
}

/// An MF receiver for each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct MfBank<const LANES: usize> {
    lanes: [Option<Lane>; LANES],
}

impl<const LANES: usize> Default for MfBank<LANES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const LANES: usize> MfBank<LANES> {
    /// No lane listens yet.
    pub const fn new() -> Self {
        Self { lanes: [const { None }; LANES] }
    }

    /// Has the lane listen for the signals that this register sends, or to none; either way it forgets what it has heard, without
    /// an event. A signal that is on the line meanwhile is told of anew.
    pub fn listen(&mut self, lane: usize, register: Option<Register>) {
        if let Some(slot) = self.lanes.get_mut(lane) {
            *slot = register.map(Lane::new);
        }
    }

    /// Takes the next 10 ms of every lane. A lane without a block, or that does not listen, costs nothing. `tell` is given the lane and
    /// what happened, lanes in order, a lane's events in the order of time.
    #[inline(always)]
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], mut tell: impl FnMut(usize, MfEvent)) {
        for (number, (lane, block)) in self.lanes.iter_mut().zip(blocks).enumerate() {
            if let (Some(lane), Some(block)) = (lane, block) {
                lane.block(block, &mut |event| tell(number, event));
            }
        }
    }
}
