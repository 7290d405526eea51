//! G.711: the two logarithmic laws of digital telephony, one sample or a whole block at a time.
//!
//! **What it does.** Turns linear 16-bit samples into A-law or µ-law octets as they stand on the line, and back. A-law octets have
//! their even bits inverted (G.711 §3), µ-law octets all bits. The 13 (A) or 14 (µ) bits of G.711's tables are the upper bits
//! of the linear sample.
//!
//! **How it works.** A law is a chain of straight segments, each half as steep as the one before. The number of the segment and
//! the place in it are the exponent and the upper mantissa bits of the magnitude written as a floating-point number,
//! so the encoder has neither branch nor table and a compiler turns its loop into vector instructions. The decoders are tables of 256
//! values, computed at compile time from the arithmetic rule.
//!
//! **How to drive it.**
//! ```
//! let mut octets = [0; 3];
//! dsp_g711::alaw_encode_block(&[0, 1000, -32768], &mut octets);
//! assert_eq!(octets, [0xD5, 0xFA, 0x2A]);
//! assert_eq!(dsp_g711::alaw_decode(0xFA), 1008);
//! ```
//!
//! **What is left out.** Direct conversion between the laws (G.711 Tables 3 and 4): nothing here joins them but linear samples.
//! Packet loss concealment (Appendix I) belongs to the jitter buffer.
//!
//! **References.** ITU-T G.711 (11/88), Tables 1a to 2b.
#![no_std]

mod alaw;
mod ulaw;

pub use alaw::{alaw_decode, alaw_decode_block, alaw_encode, alaw_encode_block};
pub use ulaw::{ulaw_decode, ulaw_decode_block, ulaw_encode, ulaw_encode_block};

/// The A-law octet of silence (the smallest positive value) as it stands on the line.
pub const ALAW_SILENCE: u8 = 0xD5;
/// The µ-law octet of silence as it stands on the line.
pub const ULAW_SILENCE: u8 = 0xFF;
