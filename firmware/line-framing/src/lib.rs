//! HDLC framing for D-channels that arrive as raw octets.
//!
//! **What it does.** Turns frames into the octets of a 64 kbit/s timeslot and back, for cards that have no HDLC
//! controller of their own.
//!
//! **How it works.** [`HdlcTx`] sends flags while it has nothing to say, inserts a zero after five ones and ends each
//! frame with the FCS (Q.921 §2.2 to §2.7). [`HdlcRx`] hunts for a flag at any bit offset, takes the zeros out, and
//! hands on what has whole octets, a fitting length and a good FCS. What has not is counted by kind in [`Counters`]
//! and never passed on. The first bit on the line is an octet's lowest.
//!
//! **How to drive it.**
//! ```
//! use line_framing::{HdlcRx, HdlcTx};
//!
//! let mut tx = HdlcTx::new();
//! tx.push(&[0x00, 0x01, 0x7F])?;
//! let mut line = [0; 16];
//! tx.fill(&mut line);
//!
//! let mut rx = HdlcRx::new();
//! let mut frames = 0;
//! rx.receive(&line, |frame| {
//!     assert_eq!(frame, Ok(&[0x00, 0x01, 0x7F][..]));
//!     frames += 1;
//! });
//! assert_eq!(frames, 1);
//! # Ok::<(), ports::span::SendError>(())
//! ```
//!
//! **Left out.** Sending aborts and 32-bit FCS: Q.921 needs neither. CRC-4 and the CAS multiframe belong to framer
//! chips in what is built so far.
//!
//! **References.** Q.921 (09/97) §2; ISO/IEC 13239:2002 for the FCS.
#![no_std]

mod fcs;
mod receiver;
mod transmitter;

pub use receiver::{BadFrame, Counters, HdlcRx};
pub use transmitter::{HdlcTx, QUEUED_FRAMES};
