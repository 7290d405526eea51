//! Caller id by FSK, 1200 bit/s: a receiver for many channels at once, which needs no setting, and a sender.
//!
//! **Receiving.** Bell 202 (1200 and 2200 Hz) and V.23 (1300 and 2100 Hz) have one middle, 1700 Hz. The receiver passes the band about it,
//! measures from sample to sample how far the signal's phase turns against 1700 Hz, and so knows mark from space in both, whatever the
//! levels of the two tones. When the tone of mark has stood for 25 ms, [`FskEvent::Carrier`] is told and start bits are looked for. Bits are read at their
//! middles, counted from the edge of their start bit; the filter is so short that the stronger tone of a pair lengthens its bits by less than a tenth at the
//! cost of the weaker one's. A stop bit without the power of mark is none: the signal has ended.
//!
//! **Sending.** [`FskSender`] gives seizure, mark, octets and a short mark at the end, without a jump of phase.
//!
//! # How to drive it
//!
//! ```
//! use dsp_fsk::{BLOCK, FskBank, FskEvent, FskSender, Modulation};
//!
//! let mut sender = FskSender::new(Modulation::V23, 300, 180, b"hello");
//! let mut bank = FskBank::<1>::new();
//! bank.listen(0, true);
//! let mut heard = Vec::new();
//! while !sender.is_over() {
//!     let mut block = [0; BLOCK];
//!     sender.fill(&mut block);
//!     bank.process(&[Some(&block)], |_lane, event| {
//!         if let FskEvent::Octet(octet) = event {
//!             heard.push(octet);
//!         }
//!     });
//! }
//! bank.process(&[Some(&[0; BLOCK])], |_, _| {});
//! assert_eq!(heard, b"hello");
//! ```
//!
//! # Left out
//!
//! The return channel of V.23 (75 bit/s), which caller id does not use; what the octets mean (`sig-callerid`).
//!
//! # References
//!
//! - GR-30-CORE (1998) §2.2 for Bell 202; EN 300 659-1 (V1.3.1) §6 and V.23 (11/88) §1 for V.23; kept by `tests/limits.rs`.
//! - G.711 (11/88) §2 for the level of full scale.
#![no_std]

mod bank;
mod demodulator;
mod framer;
mod lane;
mod sender;

pub use bank::FskBank;
pub use lane::FskEvent;
pub use sender::{FskSender, Modulation, TRAILING_MARK};

use base::Dbm0;
use dsp_math::ratio_of_db;

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
/// Most octets in one sending: a caller id's type, length, 255 octets, checksum.
pub const MAX_OCTETS: usize = 258;
/// Octets of one sending.
pub type Octets = heapless::Vec<u8, MAX_OCTETS>;

/// Bits a second (EN 300 659-1 §6; GR-30 §2.2).
const BAUD: f32 = 1200.0;
/// Samples of a bit.
const BIT: f32 = dsp_math::RATE_HZ / BAUD;

/// Amplitude of a sine of this level in linear samples (G.711 §2).
fn amplitude(level: Dbm0) -> f32 {
    32_768.0 * ratio_of_db(level.0 - Dbm0::ALAW_FULL_SCALE.0)
}
