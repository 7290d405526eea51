//! Signaling bits of the 30 channels as they come in.
//!
//! A packet is protected by its checksum, so bits need not stay for two multiframes: what the last packet in order said holds. What is
//! lost changes nothing; what signaling has no room for is told with the next packet.

use crate::packet::Bits;
use ports::span::{Abcd, D_SLOT, SpanEvent, TIMESLOTS};

/// What the bits of the far end are, and what was told of them.
#[derive(Debug)]
pub(crate) struct Heard {
    now: Option<Bits>,
    told: [Option<Abcd>; TIMESLOTS],
}

impl Heard {
    pub(crate) const fn new() -> Self {
        Self { now: None, told: [None; TIMESLOTS] }
    }

    /// The substructure of a packet.
    pub(crate) const fn take(&mut self, bits: Bits) {
        self.now = Some(bits);
    }

    /// The line is gone: all bits are news when it is back.
    pub(crate) const fn forget_told(&mut self) {
        self.told = [None; TIMESLOTS];
    }

    /// Gives each channel whose bits are not as told, until `event` takes no more. Says how many were given.
    pub(crate) fn tell(&mut self, mut event: impl FnMut(SpanEvent) -> bool) -> u64 {
        let Some(now) = self.now else { return 0 };
        let mut count = 0;
        let channels = (1..TIMESLOTS).filter(|&timeslot| timeslot != D_SLOT);
        for timeslot in channels {
            let bits = now[timeslot];
            if self.told[timeslot] == Some(bits) {
                continue;
            }
            if !event(SpanEvent::Cas { timeslot: timeslot as u8, bits }) {
                break;
            }
            self.told[timeslot] = Some(bits);
            count += 1;
        }
        count
    }
}
