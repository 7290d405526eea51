//! A recording as Ogg Opus (RFC 7845): what was received is the first channel, what was sent the second.
//!
//! The two are streams of their own (channel mapping family 1, nothing coupled), so that neither is ever heard in the other. A page holds
//! a second at most, and each flush ends one.

use std::io;

use base::RecordingId;
use dsp_g711::alaw_decode;
use opus::{Application, Bitrate, MSEncoder};

use crate::header::FRAME;
use crate::ogg::{FIRST, LAST, Stream};

/// Samples a channel in a packet: 20 ms.
const PACKET: usize = 160;
/// Packets in a page at most: a second.
const PACKETS: usize = 50;
/// Most octets of a packet, so that those of a page never need more segments than it has.
const LARGEST: usize = 1000;
/// Bits a second of both channels together, on average.
const BITRATE: i32 = 32_000;
/// How hard the encoder tries, of 10: speech of a telephone gains nothing from more.
const COMPLEXITY: i32 = 3;
/// Silent packets until the encoder has settled: the next are all like the last, and need not be computed.
const SETTLED: u32 = 10;
/// Ogg Opus counts samples at 48 kHz (RFC 7845 §4).
pub(crate) const CLOCK: u64 = 6;
/// What a player leaves out at the beginning: the encoder's delay of 6.5 ms (RFC 7845 §4.2).
pub(crate) const PRE_SKIP: u16 = 312;
/// The least that A-law can say of a sample (G.711 Table 1a): silence.
const LEAST: u16 = 8;

/// A page, and what it holds.
pub(crate) struct AudioPage {
    pub(crate) octets: Vec<u8>,
    /// Samples a channel, and how many of them were lost.
    pub(crate) frames: u32,
    pub(crate) lost: u32,
}

/// One recording's encoder.
pub(crate) struct OpusStream {
    encoder: MSEncoder,
    ogg: Stream,
    /// Samples of the packet that is being filled, both channels in turn.
    samples: Vec<i16>,
    /// Of these frames, how many were lost.
    lost: u32,
    packets: Vec<Vec<u8>>,
    /// Of the packets.
    packets_lost: u32,
    /// Frames in all packets so far, padding included, and of those that were recorded.
    encoded: u64,
    taken: u64,
    /// Frames that pages were given out for.
    paged: u64,
    silent: u32,
}

fn fault(error: opus::Error) -> io::Error {
    io::Error::other(format!("the Opus encoder: {error}"))
}

/// The number of a recording's stream.
pub(crate) fn serial(id: RecordingId) -> u32 {
    // The low digits tell recordings of a box apart.
    id.0 as u32
}

/// The two pages in front of all audio (RFC 7845 §5).
pub(crate) fn head(id: RecordingId) -> Vec<u8> {
    let mut ogg = Stream::new(serial(id), 0);
    let mut opus_head = b"OpusHead\x01\x02".to_vec();
    opus_head.extend(PRE_SKIP.to_le_bytes());
    opus_head.extend(8000_u32.to_le_bytes());
    // No gain; mapping family 1: two streams, none of them coupled.
    opus_head.extend([0, 0, 1, 2, 0, 0, 1]);
    let mut tags = b"OpusTags".to_vec();
    let mut text = |text: &str| {
        tags.extend((text.len() as u32).to_le_bytes());
        tags.extend(text.as_bytes());
    };
    text("Fundline");
    let comments = [format!("TITLE={id}"), "COMMENT=left: received, right: sent".to_owned()];
    tags.extend((comments.len() as u32).to_le_bytes());
    for comment in comments {
        tags.extend((comment.len() as u32).to_le_bytes());
        tags.extend(comment.as_bytes());
    }
    let mut pages = ogg.page(FIRST, 0, &[opus_head]);
    pages.extend(ogg.page(0, 0, &[tags]));
    pages
}

/// Pages of [`head`].
pub(crate) const HEAD_PAGES: u32 = 2;

impl OpusStream {
    pub(crate) fn new(id: RecordingId) -> io::Result<Self> {
        let mut encoder = MSEncoder::new(8000, 2, 0, &[0, 1], Application::Voip).map_err(fault)?;
        encoder.set_bitrate(Bitrate::Bits(BITRATE)).map_err(fault)?;
        encoder.set_complexity(COMPLEXITY).map_err(fault)?;
        Ok(Self {
            encoder,
            ogg: Stream::new(serial(id), HEAD_PAGES),
            samples: Vec::with_capacity(PACKET * FRAME),
            lost: 0,
            packets: Vec::with_capacity(PACKETS),
            packets_lost: 0,
            encoded: 0,
            taken: 0,
            paged: 0,
            silent: 0,
        })
    }

    /// Takes A-law frames, and gives each page that is full.
    pub(crate) fn audio(&mut self, octets: &[u8], pages: &mut Vec<AudioPage>) -> io::Result<()> {
        for frame in octets.as_chunks::<FRAME>().0 {
            self.samples.extend(frame.map(alaw_decode));
            self.taken += 1;
            if self.samples.len() == PACKET * FRAME {
                self.encode(pages)?;
            }
        }
        Ok(())
    }

    /// Takes as many silent frames that were lost.
    pub(crate) fn silence(&mut self, mut frames: u64, pages: &mut Vec<AudioPage>) -> io::Result<()> {
        while frames > 0 {
            let room = PACKET - self.samples.len() / FRAME;
            // At most a packet.
            let now = frames.min(room as u64) as usize;
            self.samples.resize(self.samples.len() + now * FRAME, 0);
            self.lost += now as u32;
            self.taken += now as u64;
            frames -= now as u64;
            if self.samples.len() == PACKET * FRAME {
                self.encode(pages)?;
            }
        }
        Ok(())
    }

    /// Gives what is encoded as a page, full or not.
    pub(crate) fn flush(&mut self, pages: &mut Vec<AudioPage>) {
        if !self.packets.is_empty() {
            self.page(0, pages);
        }
    }

    /// Gives all that is left, in the last page.
    pub(crate) fn end(&mut self, pages: &mut Vec<AudioPage>) -> io::Result<()> {
        // What the encoder still holds back comes out by silence behind it, which the last page's granule cuts off (RFC 7845 §4.4).
        while self.encoded * CLOCK < self.taken * CLOCK + u64::from(PRE_SKIP) {
            self.samples.resize(PACKET * FRAME, 0);
            self.encode(pages)?;
        }
        self.page(LAST, pages);
        Ok(())
    }

    fn encode(&mut self, pages: &mut Vec<AudioPage>) -> io::Result<()> {
        if self.packets.len() == PACKETS {
            self.page(0, pages);
        }
        let is_silent = self.samples.iter().all(|sample| sample.unsigned_abs() <= LEAST);
        self.silent = if is_silent { self.silent.saturating_add(1) } else { 0 };
        let again = self.packets.last().filter(|_| self.silent > SETTLED).cloned();
        let packet = match again {
            Some(packet) => packet,
            None => self.encoder.encode_vec(&self.samples, LARGEST).map_err(fault)?,
        };
        self.packets.push(packet);
        self.encoded += PACKET as u64;
        self.packets_lost += std::mem::take(&mut self.lost);
        self.samples.clear();
        Ok(())
    }

    fn page(&mut self, flags: u8, pages: &mut Vec<AudioPage>) {
        let granule = if flags == LAST { self.taken * CLOCK + u64::from(PRE_SKIP) } else { self.encoded * CLOCK };
        let until = self.encoded.min(self.taken);
        let octets = self.ogg.page(flags, granule, &self.packets);
        self.packets.clear();
        // A page is a second.
        let frames = (until - self.paged) as u32;
        self.paged = until;
        pages.push(AudioPage { octets, frames, lost: std::mem::take(&mut self.packets_lost) });
    }
}
