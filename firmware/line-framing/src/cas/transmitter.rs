//! Signaling bits into timeslot 16.

use super::{MULTIFRAME, REMOTE_ALARM, SPARE};
use ports::span::{Abcd, D_SLOT, TIMESLOTS};

/// Bits of a channel before they are set: blocked (Q.421 Table 1).
const UNSET: Abcd = Abcd::new(0b1101);

/// The sending half of a CAS multiframe. Bits are sent over and over until they are set anew.
#[derive(Clone, Debug)]
pub struct CasTx {
    bits: [Abcd; TIMESLOTS],
    remote_alarm: bool,
    frame: usize,
}

impl CasTx {
    /// All channels blocked, no alarm.
    pub const fn new() -> Self {
        Self { bits: [UNSET; TIMESLOTS], remote_alarm: false, frame: 0 }
    }

    /// Sets a channel's bits; of no effect on a timeslot that is no channel. 0000 on timeslots 1 to 15 looks like the alignment signal
    /// and is not to be used (G.704 §5.1.3.2.2, note).
    pub const fn set(&mut self, timeslot: u8, bits: Abcd) {
        let timeslot = timeslot as usize;
        if !timeslot.is_multiple_of(D_SLOT) && timeslot < TIMESLOTS {
            self.bits[timeslot] = bits;
        }
    }

    /// Sets or clears Y: we have lost the multiframe alignment, or see another alarm (G.732 §4.2).
    pub const fn set_remote_alarm(&mut self, alarm: bool) {
        self.remote_alarm = alarm;
    }

    /// Gives the next octets of timeslot 16, one a frame.
    pub fn fill(&mut self, line: &mut [u8]) {
        for octet in line {
            *octet = match self.frame {
                0 => SPARE | if self.remote_alarm { REMOTE_ALARM } else { 0 },
                frame => self.bits[frame].bits() << 4 | self.bits[frame + D_SLOT].bits(),
            };
            self.frame = (self.frame + 1) % MULTIFRAME;
        }
    }
}

impl Default for CasTx {
    fn default() -> Self {
        Self::new()
    }
}
