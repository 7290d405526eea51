//! Multifrequency signals between registers, R2's in either direction and R1's (Bell): fifteen of each, two frequencies out of six.
//!
//! **Receiving.** Each channel is seen in hops of 5 ms at the six frequencies of the register that it listens to, all six in one vector
//! register. At the end of each block three hops together say which two frequencies are strongest. If they hold most of what is
//! seen, the pair is fitted to the 15 ms by least squares: a signal is two tones of the right levels that explain nearly all that is
//! heard at the six frequencies in each of the hops. So it is recognised 10 to 25 ms after it began, and 10 to 23 ms after its end it is
//! over: Q.455 allows 70 ms for both together.
//!
//! R1's frequencies lie further apart and may be off by more: there each hop by itself must hold the pair, and little else.
//!
//! What the other register sends at the same time, and comes back as an echo, lies 240 Hz away or more, and is not looked at.
//!
//! **Sending.** [`MfSender`] gives a signal until it is stopped.
//!
//! # How to drive it
//!
//! ```
//! use dsp_mf::{BLOCK, MfBank, MfEvent, MfSender, Register};
//!
//! let mut bank = MfBank::<2>::new();
//! bank.listen(1, Some(Register::Forward));
//! let mut sender = MfSender::new(Register::Forward, 7);
//! let mut heard = Vec::new();
//! for number in 0..10 {
//!     if number == 5 {
//!         sender.stop();
//!     }
//!     let mut block = [0; BLOCK];
//!     sender.fill(&mut block);
//!     bank.process(&[None, Some(&block)], |lane, event| heard.push((lane, event)));
//! }
//! assert_eq!(heard, [(1, MfEvent::Began(7)), (1, MfEvent::Ended(7))]);
//! ```
//!
//! # Left out
//!
//! What signals mean and how they compel each other: that is the register's, not the receiver's. In R1 the register also waits until a
//! signal has lasted for 30 ms, or 55 ms of [`KP`] (Q.323).
//!
//! # References
//!
//! - Q.441 (11/88) for signals and frequencies; Q.454 (11/88) for what is sent; Q.455 (11/88) for what a receiver must take and must not,
//!   kept by `tests/q455.rs` and `tests/sender.rs`. China's No. 1 signalling has the same, of the backward ones the first six signals alone.
//! - Q.320, Q.322 and Q.323 (11/88) for R1, kept by `tests/bell.rs`.
//! - G.711 (11/88) §2 for the level of full scale.
#![no_std]

mod bank;
mod lane;
mod sender;
mod signal;
mod spectrum;
mod verdict;

pub use bank::{MfBank, MfEvent};
pub use sender::MfSender;
pub use signal::{KP, Register, SIGNALS, ST, frequencies};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
