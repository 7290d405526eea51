//! Frames into line octets.

use crate::fcs;
use base::Queue;
use ports::span::{Frame, MAX_FRAME, SendError};

/// Frames that may wait in a [`HdlcTx`].
pub const QUEUED_FRAMES: usize = 32;

const FLAG: u32 = 0x7E;

/// The sending half of a software HDLC controller.
///
/// When [`QUEUED_FRAMES`] wait, `push` refuses and the data link layer repeats later.
#[derive(Clone, Debug)]
pub struct HdlcTx {
    queue: Queue<Frame, QUEUED_FRAMES>,
    /// The frame being sent, its FCS appended by position.
    current: Frame,
    check: [u8; 2],
    next: usize,
    ones: u8,
    /// Bits not yet given to the line, first bit lowest.
    bits: u32,
    waiting: u32,
}

impl HdlcTx {
    /// An idle transmitter: flags.
    pub const fn new() -> Self {
        Self { queue: Queue::new(), current: Frame::new(), check: [0; 2], next: 0, ones: 0, bits: 0, waiting: 0 }
    }

    /// Queues a frame, address to the end of the information field. An empty frame has nothing to say and is dropped.
    ///
    /// # Errors
    /// [`SendError::TooLong`] above [`MAX_FRAME`] octets, [`SendError::Full`] while [`QUEUED_FRAMES`] wait.
    pub fn push(&mut self, frame: &[u8]) -> Result<(), SendError> {
        if frame.len() > MAX_FRAME {
            return Err(SendError::TooLong);
        }
        if frame.is_empty() {
            return Ok(());
        }
        let frame = Frame::from_slice(frame).map_err(|_| SendError::TooLong)?;
        self.queue.push(frame).map_err(|_| SendError::Full)
    }

    /// Gives the next octets of the timeslot: what is queued, then flags.
    pub fn fill(&mut self, line: &mut [u8]) {
        for octet in line {
            while self.waiting < 8 {
                self.supply();
            }
            *octet = self.bits as u8;
            self.bits >>= 8;
            self.waiting -= 8;
        }
    }

    /// Nothing is queued or being sent; only flags follow.
    pub fn is_idle(&self) -> bool {
        self.current.is_empty() && self.queue.is_empty()
    }

    /// Adds one flag or one stuffed octet to the bits.
    fn supply(&mut self) {
        let at = self.next;
        self.next += 1;
        match (self.current.get(at), self.check.get(at.wrapping_sub(self.current.len()))) {
            (Some(&octet), _) => self.stuff(octet),
            (None, Some(&octet)) if !self.current.is_empty() => self.stuff(octet),
            (None, _) => self.flag(),
        }
    }

    /// Ends the frame, if one is being sent, and begins the next.
    fn flag(&mut self) {
        self.bits |= FLAG << self.waiting;
        self.waiting += 8;
        self.ones = 0;
        self.next = 0;
        self.current = self.queue.pop().unwrap_or_default();
        self.check = (!fcs::over(&self.current)).to_le_bytes();
    }

    fn stuff(&mut self, octet: u8) {
        for at in 0..8 {
            let bit = u32::from(octet >> at & 1);
            self.bits |= bit << self.waiting;
            self.waiting += 1;
            self.ones = if bit == 1 { self.ones + 1 } else { 0 };
            if self.ones == 5 {
                // The inserted zero is already in the accumulator.
                self.waiting += 1;
                self.ones = 0;
            }
        }
    }
}

impl Default for HdlcTx {
    fn default() -> Self {
        Self::new()
    }
}
