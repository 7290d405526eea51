//! Messages of the `audio` and `cas` sockets.
//!
//! **`audio`**: timeslot, sequence (two octets, big-endian), 80 octets of A-law. The sequence counts 10 ms blocks of the channel whether
//! they are sent or not, so a gap in it is silence that was not sent.
//!
//! **`cas`**: timeslot, signaling bits. One message is one channel's `abcd` in the low half of the second octet, `a` the highest (G.704
//! §5.1.3.2.2). A peer that connects is sent the bits of all channels that are set, then each change; what it sends holds until it
//! sends something else of the channel, and the same again is no event. While neither `cas` nor `d` has a peer, that is loss of
//! signal; bits stay what they were, and the next peer's are all events.

use ports::span::{Abcd, BEARERS, BLOCK, D_SLOT, TIMESLOTS};

/// Octets of a message: timeslot, sequence (big-endian), samples.
pub const MESSAGE: usize = 3 + BLOCK;

/// Octets of a message of `cas`: timeslot, bits.
pub const CAS_MESSAGE: usize = 2;

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

/// The signaling bits of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelBits {
    /// Timeslot, 1 to 15 or 17 to 31.
    pub slot: u8,
    /// What they are from now on.
    pub bits: Abcd,
}

/// Why a message is no block of audio, or no signaling bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not [`MESSAGE`] octets.
    #[error("audio message of {0} octets, {MESSAGE} wanted")]
    Length(usize),
    /// Slot 0, 16 or above 31.
    #[error("timeslot {0} is no channel; 1 to 15 and 17 to 31 are")]
    Slot(u8),
    /// Not [`CAS_MESSAGE`] octets.
    #[error("message of signaling bits of {0} octets, {CAS_MESSAGE} wanted")]
    CasLength(usize),
    /// More than four bits.
    #[error("signaling bits {0:#04x}, four bits wanted")]
    Bits(u8),
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

impl ChannelBits {
    /// Reads a message.
    pub fn parse(message: &[u8]) -> Result<Self, Malformed> {
        let &[slot, bits] = message else { return Err(Malformed::CasLength(message.len())) };
        if !is_bearer(usize::from(slot)) {
            return Err(Malformed::Slot(slot));
        }
        if bits > 0xF {
            return Err(Malformed::Bits(bits));
        }
        Ok(Self { slot, bits: Abcd::new(bits) })
    }

    /// Writes the message.
    pub const fn to_message(&self) -> [u8; CAS_MESSAGE] {
        [self.slot, self.bits.bits()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_as_they_were_written_and_nothing_else_is() {
        let bits = ChannelBits { slot: 31, bits: Abcd::new(15) };
        assert_eq!((bits.to_message(), ChannelBits::parse(&[31, 15])), ([31, 15], Ok(bits)));
        assert_eq!(ChannelBits::parse(&[31, 16]), Err(Malformed::Bits(16)));
        for slot in [0, 16, 32] {
            assert_eq!(ChannelBits::parse(&[slot, 0]), Err(Malformed::Slot(slot)));
        }
        for length in [0, 1, 3] {
            assert_eq!(ChannelBits::parse(&vec![1; length]), Err(Malformed::CasLength(length)));
        }
    }

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
