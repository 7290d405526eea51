//! Line octets into frames.

use crate::fcs;
use core::fmt;
use ports::span::MAX_FRAME;

/// Longest frame with its FCS.
const LONGEST: usize = MAX_FRAME + 2;

/// Why what stood between two flags is no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BadFrame {
    /// Seven ones or more (Q.921 §2.10).
    Aborted,
    /// Fewer than three octets, FCS included.
    Short,
    /// More than [`MAX_FRAME`] octets without the FCS.
    Oversize,
    /// Bits beyond whole octets.
    Misaligned,
    /// The check sequence does not fit.
    CheckSequence,
}

impl fmt::Display for BadFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aborted => "frame aborted by seven ones",
            Self::Short => "frame of fewer than 3 octets",
            Self::Oversize => "frame longer than 264 octets",
            Self::Misaligned => "frame does not end on an octet",
            Self::CheckSequence => "frame check sequence wrong",
        })
    }
}

impl core::error::Error for BadFrame {}

/// What came in since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Good frames.
    pub frames: u64,
    /// [`BadFrame::Aborted`].
    pub aborted: u64,
    /// [`BadFrame::Short`].
    pub short: u64,
    /// [`BadFrame::Oversize`].
    pub oversize: u64,
    /// [`BadFrame::Misaligned`].
    pub misaligned: u64,
    /// [`BadFrame::CheckSequence`].
    pub check_sequence: u64,
}

impl Counters {
    /// All frames that had to be thrown away.
    pub const fn bad(&self) -> u64 {
        self.aborted + self.short + self.oversize + self.misaligned + self.check_sequence
    }

    fn count(&mut self, bad: BadFrame) {
        match bad {
            BadFrame::Aborted => self.aborted += 1,
            BadFrame::Short => self.short += 1,
            BadFrame::Oversize => self.oversize += 1,
            BadFrame::Misaligned => self.misaligned += 1,
            BadFrame::CheckSequence => self.check_sequence += 1,
        }
    }
}

/// The receiving half of a software HDLC controller. Any octets may come; it never holds more than one frame.
#[derive(Clone, Debug)]
pub struct HdlcRx {
    /// Octets since the flag, FCS included.
    buffer: [u8; LONGEST],
    len: usize,
    /// Bits of the octet that is being collected, and how many.
    octet: u8,
    held: u8,
    ones: u8,
    inside: bool,
    counters: Counters,
}

impl HdlcRx {
    /// A receiver that hunts for its first flag.
    pub const fn new() -> Self {
        let counters = Counters { frames: 0, aborted: 0, short: 0, oversize: 0, misaligned: 0, check_sequence: 0 };
        Self { buffer: [0; LONGEST], len: 0, octet: 0, held: 0, ones: 0, inside: false, counters }
    }

    /// Takes octets of the timeslot; `sink` gets each frame without its FCS, or why there is none.
    pub fn receive(&mut self, octets: &[u8], mut sink: impl FnMut(Result<&[u8], BadFrame>)) {
        for &octet in octets {
            for at in 0..8 {
                self.bit(octet >> at & 1, &mut sink);
            }
        }
    }

    /// What came in since the start.
    pub const fn counters(&self) -> Counters {
        self.counters
    }

    fn bit(&mut self, bit: u8, sink: &mut impl FnMut(Result<&[u8], BadFrame>)) {
        if bit == 1 {
            self.ones = (self.ones + 1).min(7);
            if self.ones == 7 {
                return self.abort(sink);
            }
            return self.keep(1, sink);
        }
        match core::mem::take(&mut self.ones) {
            5 => {}
            6 => self.flag(sink),
            _ => self.keep(0, sink),
        }
    }

    /// Adds a bit to the frame. The closing flag's first seven bits come here too and are left behind in `octet`.
    fn keep(&mut self, bit: u8, sink: &mut impl FnMut(Result<&[u8], BadFrame>)) {
        if !self.inside {
            return;
        }
        self.octet = self.octet >> 1 | bit << 7;
        self.held += 1;
        if self.held < 8 {
            return;
        }
        self.held = 0;
        match self.buffer.get_mut(self.len) {
            Some(place) => {
                *place = self.octet;
                self.len += 1;
            }
            None => {
                self.inside = false;
                self.refuse(BadFrame::Oversize, sink);
            }
        }
    }

    fn flag(&mut self, sink: &mut impl FnMut(Result<&[u8], BadFrame>)) {
        let collecting = core::mem::replace(&mut self.inside, true);
        let (len, held) = (core::mem::take(&mut self.len), core::mem::take(&mut self.held));
        // No whole octet since the last flag: the six or seven bits are this flag's own, the first zero shared or not.
        if !collecting || len == 0 {
            return;
        }
        let verdict = if len * 8 + usize::from(held) < 3 * 8 + 7 {
            Err(BadFrame::Short)
        } else if held != 7 {
            Err(BadFrame::Misaligned)
        } else if fcs::over(&self.buffer[..len]) != fcs::GOOD {
            Err(BadFrame::CheckSequence)
        } else {
            Ok(len - 2)
        };
        match verdict {
            Ok(whole) => {
                self.counters.frames += 1;
                sink(Ok(&self.buffer[..whole]));
            }
            Err(bad) => self.refuse(bad, sink),
        }
    }

    /// Seven ones: what was collected is void. Straight after a flag they are an idle line, not a frame.
    fn abort(&mut self, sink: &mut impl FnMut(Result<&[u8], BadFrame>)) {
        let collecting = core::mem::replace(&mut self.inside, false);
        let anything = self.len > 0;
        (self.len, self.held) = (0, 0);
        if collecting && anything {
            self.refuse(BadFrame::Aborted, sink);
        }
    }

    fn refuse(&mut self, bad: BadFrame, sink: &mut impl FnMut(Result<&[u8], BadFrame>)) {
        self.counters.count(bad);
        sink(Err(bad));
    }
}

impl Default for HdlcRx {
    fn default() -> Self {
        Self::new()
    }
}
