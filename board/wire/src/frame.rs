//! Packets as frames: postcard, CRC-32, COBS, and an octet of zero behind each.

use crate::message::{Audio, Hello};
use serde::{Deserialize, Serialize};

/// Longest frame on the line, its zero included.
pub const MAX_FRAME: usize = 384;

/// Counters of the window, and whose they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    /// The mark of the sender's greeting.
    pub mark: u16,
    /// The next message that is waited for: all before are here.
    pub ack: u8,
    /// Messages that can be taken from `ack` on.
    pub room: u8,
}

/// All that goes over the line.
// No allocator on the card.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Packet<M> {
    /// Who I am, and whom I hear.
    Hello(Hello),
    /// I am here, and have got this much.
    Alive(Window),
    /// A message that must arrive, once and in order.
    Message {
        /// What was got.
        window: Window,
        /// Its number.
        number: u8,
        /// What it says.
        message: M,
    },
    /// Audio, which is late when it is sent again.
    Audio {
        /// The mark of the sender's greeting.
        mark: u16,
        /// 5 ms.
        audio: Audio,
    },
}

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// Writes a packet as a frame; `None` where it does not fit, which a test of the longest messages rules out.
pub(crate) fn encode<'a, M: Serialize>(packet: &Packet<M>, frame: &'a mut [u8; MAX_FRAME]) -> Option<&'a [u8]> {
    let mut plain = [0; MAX_FRAME];
    let plain = postcard::to_slice_crc32(packet, &mut plain, CRC.digest()).ok()?;
    // One octet in 254 and one more, and the zero.
    if cobs::max_encoding_length(plain.len()) >= MAX_FRAME {
        return None;
    }
    let length = cobs::try_encode(plain, &mut frame[..MAX_FRAME - 1]).ok()?;
    frame[length] = 0;
    Some(&frame[..=length])
}

/// A frame that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spoilt;

/// Cuts a stream of octets into packets, whatever lies between them.
#[derive(Clone, Debug)]
pub(crate) struct Deframer {
    octets: [u8; MAX_FRAME],
    length: usize,
    /// What comes up to the next zero is too long to be a frame.
    skips: bool,
}

impl Deframer {
    pub(crate) const fn new() -> Self {
        Self { octets: [0; MAX_FRAME], length: 0, skips: false }
    }

    /// Takes an octet; a zero ends a frame, good or spoilt. Zeros in a row are idle line.
    pub(crate) fn push<M: serde::de::DeserializeOwned>(&mut self, octet: u8) -> Option<Result<Packet<M>, Spoilt>> {
        if octet != 0 {
            match self.octets.get_mut(self.length) {
                Some(place) => *place = octet,
                None => self.skips = true,
            }
            self.length = (self.length + 1).min(MAX_FRAME);
            return None;
        }
        let (length, skips) = (core::mem::take(&mut self.length), core::mem::take(&mut self.skips));
        (length > 0).then(|| if skips { Err(Spoilt) } else { self.read(length) })
    }

    fn read<M: serde::de::DeserializeOwned>(&mut self, length: usize) -> Result<Packet<M>, Spoilt> {
        let plain = cobs::decode_in_place(&mut self.octets[..length]).map_err(|_| Spoilt)?;
        postcard::from_bytes_crc32(&self.octets[..plain], CRC.digest()).map_err(|_| Spoilt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{LINES, LineEvent, PIECE, SAMPLES, ToCard, ToHost, UpdateOrder};
    use heapless::Vec;

    fn window() -> Window {
        Window { mark: u16::MAX, ack: 255, room: 255 }
    }

    #[track_caller]
    fn there_and_back<M: Serialize + serde::de::DeserializeOwned + PartialEq + core::fmt::Debug>(packet: Packet<M>) {
        let mut frame = [0; MAX_FRAME];
        let frame = encode(&packet, &mut frame).expect("fits");
        let mut deframer = Deframer::new();
        let mut read = frame.iter().filter_map(|&octet| deframer.push::<M>(octet));
        assert_eq!(read.next(), Some(Ok(packet)));
        assert_eq!(read.next(), None);
    }

    #[test]
    fn the_longest_of_each_kind_fit_and_come_back() {
        let octets = Vec::from_slice(&[0; LINES * SAMPLES]).expect("eight lines");
        there_and_back::<ToHost>(Packet::Audio { mark: u16::MAX, audio: Audio { block: 65_535, lines: 255, octets } });
        let message = Vec::from_slice(&[0xFF; 258]).expect("the longest caller id");
        let message = ToHost::Line { line: 7, event: LineEvent::CallerId(message) };
        there_and_back(Packet::Message { window: window(), number: 255, message });
        let octets = Vec::from_slice(&[0; PIECE]).expect("a piece");
        let message = ToCard::Update(UpdateOrder::Piece { at: u32::MAX, octets });
        there_and_back(Packet::Message { window: window(), number: 255, message });
    }

    #[test]
    fn each_changed_bit_is_found() {
        let mut frame = [0; MAX_FRAME];
        let packet = Packet::Message { window: window(), number: 3, message: ToCard::Stream { lines: 0xA5 } };
        let frame = encode(&packet, &mut frame).expect("fits");
        for bit in 0..(frame.len() - 1) * 8 {
            let mut deframer = Deframer::new();
            let spoilt =
                frame.iter().enumerate().map(|(at, octet)| octet ^ if at == bit / 8 { 1 << (bit % 8) } else { 0 });
            let mut read = spoilt.filter_map(|octet| deframer.push::<ToCard>(octet));
            assert!(read.all(|read| read == Err(Spoilt)), "bit {bit}");
        }
    }

    #[test]
    fn after_noise_of_any_length_the_next_frame_is_read() {
        let packet = Packet::<ToCard>::Alive(window());
        for noise in [1, 2, MAX_FRAME - 1, MAX_FRAME, MAX_FRAME + 1, 70_000] {
            let mut frame = [0; MAX_FRAME];
            let frame = encode(&packet, &mut frame).expect("fits");
            let mut deframer = Deframer::new();
            for at in 0..noise {
                assert_eq!(deframer.push::<ToCard>(at as u8 | 1), None);
            }
            assert_eq!(deframer.push::<ToCard>(0), Some(Err(Spoilt)), "{noise}");
            let read = frame.iter().find_map(|&octet| deframer.push::<ToCard>(octet));
            assert_eq!(read, Some(Ok(packet.clone())), "{noise}");
        }
    }
}
