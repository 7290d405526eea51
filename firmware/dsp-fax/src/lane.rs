//! One channel.

use crate::BLOCK;
use crate::answer::Answering;
use crate::bank::FaxToneEvent;
use crate::calling::Calling;
use crate::flags::Flags;
use crate::spectrum::{HOP, Hop, LEAST, ONE, PURE, ZERO};

/// Share of the energy of late that lies at the two frequencies of V.21 while flags are looked for.
const CARRIER: f32 = 0.5;

#[derive(Clone)]
pub(crate) struct Lane {
    calling: Calling,
    answering: Answering,
    flags: Flags,
    /// Power at the frequencies of V.21, and all energy, of late.
    v21: f32,
    energy: f32,
    /// Flags are looked for.
    carrier: bool,
}

impl Lane {
    pub(crate) const IDLE: Self = Self {
        calling: Calling::IDLE,
        answering: Answering::IDLE,
        flags: Flags::IDLE,
        v21: 0.0,
        energy: 0.0,
        carrier: false,
    };

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK], tell: &mut impl FnMut(FaxToneEvent)) {
        let (halves, _) = block.as_chunks::<HOP>();
        for (half, turn) in halves.iter().zip([1.0, -1.0]) {
            let hop = Hop::of(half, turn);
            self.calling.hop(&hop, tell);
            self.answering.hop(&hop, tell);
            self.v21 = 0.8 * self.v21 + hop.powers[ONE] + hop.powers[ZERO];
            self.energy = 0.8 * self.energy + hop.energy;
        }
        let carrier = self.v21 >= CARRIER * PURE * self.energy && self.energy >= 4.0 * LEAST;
        if carrier {
            if self.flags.block(block) {
                tell(FaxToneEvent::Flags);
            }
        } else if self.carrier {
            self.flags = Flags::IDLE;
        }
        self.carrier = carrier;
    }
}
