//! Tones: those of the box (dial, ringing, busy, DTMF digits), and a DTMF receiver for many channels at once.
//!
//! **Receiving.** Each channel is seen in hops of 5 ms at the eight frequencies of Q.23, all eight in one vector register. Two hops
//! together say which pair is strongest and what share of all energy it has: enough to report a digit *early*, 10 ms
//! after its tone began, so that a prompt can duck. A digit is *confirmed* from seven hops: both tones steady over 35 ms, their frequencies
//! measured from how the phases turn, levels and twist within the [`Profile`], and hardly any other energy. Speech fails one of these.
//! What an administration asks of a receiver is data: [`Profile::ATT`] is the default, [`Profile::ALL`] are those known.
//!
//! **Sending.** [`Tone`] gives one or two frequencies with a cadence, [`DigitSender`] strings of digits.
//!
//! # How to drive it
//!
//! ```
//! use dsp_tone::{BLOCK, DigitSender, DtmfBank, DtmfEvent, Profile, SendProfile};
//!
//! let mut sender = DigitSender::new("42".parse().unwrap(), SendProfile::new(50, 50));
//! let mut bank = DtmfBank::<1>::new(Profile::ATT);
//! let mut heard = String::new();
//! while !sender.is_over() {
//!     let mut block = [0; BLOCK];
//!     sender.fill(&mut block);
//!     bank.process(&[Some(&block)], |_lane, event| {
//!         if let DtmfEvent::Began(digit) = event {
//!             heard.push(digit.as_char());
//!         }
//!     });
//! }
//! assert_eq!(heard, "42");
//! ```
//!
//! # Left out
//!
//! R2 signals are `dsp-mf`'s, call progress and fax tones `dsp-progress`'s. R1 multifrequency: no machine of this box listens for it.
//!
//! # References
//!
//! - Q.23 (11/88) for the frequencies; Q.24 (11/88) Annex A for what a receiver must take, kept by `tests/limits.rs` for every profile.
//! - G.711 (11/88) §2 for the level of full scale.
#![no_std]

mod bank;
mod generator;
mod profile;
mod sender;
mod spectrum;
mod verdict;

pub use bank::{DtmfBank, DtmfEvent};
pub use generator::{Cadence, Length, Tone, ToneSpec};
pub use profile::{Edge, Profile};
pub use sender::{COLUMNS_HZ, DigitSender, ROWS_HZ, SendProfile};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
