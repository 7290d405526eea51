//! Messages of the `audio` socket: timeslot, sequence, 80 octets of A-law.
//!
//! The sequence counts 10 ms blocks of the channel whether they are sent or not, so a gap in it is silence that was not sent.

use ports::span::{BEARERS, BLOCK, D_SLOT, TIMESLOTS};

/// Octets of a message: timeslot, sequence (big-endian), samples.
pub const MESSAGE: usize = 3 + BLOCK;

/// 10 ms of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelBlock {
    /// Timeslot, 1 to 15 or 17 to 31.
    pub slot: u8,
    /// Counts the channel's blocks, wrapping.
    pub sequence: u16,
    /// A-law octets as on the line.
    pub octets: [u8; BLOCK],
}

/// Why a message is no block of audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not [`MESSAGE`] octets.
    #[error("audio message of {0} octets, {MESSAGE} wanted")]
    Length(usize),
    /// Slot 0, 16 or above 31.
    #[error("timeslot {0} carries no audio; 1 to 15 and 17 to 31 do")]
    Slot(u8),
}

/// Whether the timeslot is one of the 30 bearers (I.431).
pub const fn is_bearer(slot: usize) -> bool {
    slot != 0 && slot != D_SLOT && slot < TIMESLOTS
}

const _: () = assert!(BEARERS == TIMESLOTS - 2);

impl ChannelBlock {
    /// Reads a message.
    pub fn parse(message: &[u8]) -> Result<Self, Malformed> {
        let &[slot, high, low, ref octets @ ..] = message else { return Err(Malformed::Length(message.len())) };
        let octets = octets.try_into().map_err(|_| Malformed::Length(message.len()))?;
        if !is_bearer(usize::from(slot)) {
            return Err(Malformed::Slot(slot));
        }
        Ok(Self { slot, sequence: u16::from_be_bytes([high, low]), octets })
    }

    /// Writes the message.
    pub fn to_message(&self) -> [u8; MESSAGE] {
        let mut message = [0; MESSAGE];
        message[0] = self.slot;
        message[1..3].copy_from_slice(&self.sequence.to_be_bytes());
        message[3..].copy_from_slice(&self.octets);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_it_was_written() {
        let block = ChannelBlock { slot: 31, sequence: 0xFFFE, octets: core::array::from_fn(|at| at as u8) };
        assert_eq!(ChannelBlock::parse(&block.to_message()), Ok(block));
    }

    #[test]
    fn what_is_no_block_is_refused() {
        let check = |slot: u8, length: usize, expected: Malformed| {
            let mut message = vec![0; length];
            if let Some(first) = message.first_mut() {
                *first = slot;
            }
            assert_eq!(ChannelBlock::parse(&message), Err(expected));
        };
        check(1, 0, Malformed::Length(0));
        check(1, MESSAGE - 1, Malformed::Length(MESSAGE - 1));
        check(1, MESSAGE + 1, Malformed::Length(MESSAGE + 1));
        check(0, MESSAGE, Malformed::Slot(0));
        check(16, MESSAGE, Malformed::Slot(16));
        check(32, MESSAGE, Malformed::Slot(32));
    }
}
