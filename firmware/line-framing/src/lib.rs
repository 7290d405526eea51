//! HDLC framing for D-channels, and the CAS multiframe, where timeslot 16 arrives as raw octets.
//!
//! **What it does.** Turns frames, or the signaling bits of 30 channels, into the octets of a 64 kbit/s timeslot and back, for cards that
//! have no controller of their own.
//!
//! **How it works.** [`HdlcTx`] sends flags while it has nothing to say, inserts a zero after five ones and ends each
//! frame with the FCS (Q.921 §2.2 to §2.7). [`HdlcRx`] hunts for a flag at any bit offset, takes the zeros out, and
//! hands on what has whole octets, a fitting length and a good FCS. What has not is counted by kind in [`Counters`]
//! and never passed on. The first bit on the line is an octet's lowest.
//!
//! [`CasTx`] sends multiframes of sixteen octets. [`CasRx`] hunts for their alignment signal, loses it after two errors, and tells bits
//! once they have stayed for as many multiframes as wanted, the far end's alarm and an all-ones line. Here the first bit on the
//! line is an octet's highest.
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
//! ```
//! use line_framing::{CasEvent, CasRx, CasTx};
//! use ports::span::Abcd;
//!
//! let (mut tx, mut rx) = (CasTx::new(), CasRx::new(2));
//! tx.set(17, Abcd::new(0b1001));
//! let mut line = [0; 64];
//! tx.fill(&mut line);
//! let mut told = 0;
//! rx.receive(&line, |event| told += u32::from(event == CasEvent::Bits { timeslot: 17, bits: Abcd::new(0b1001) }));
//! assert_eq!(told, 1);
//! ```
//!
//! **Left out.** Sending aborts and 32-bit FCS: Q.921 needs neither. CRC-4 belongs to framer chips in what is built so far.
//!
//! **References.** Q.921 (09/97) §2; ISO/IEC 13239:2002 for the FCS; G.704 (10/98) §5.1.3, G.732 (11/88) §5.2, G.775 (10/98) §5.2.
#![no_std]

mod cas;
mod fcs;
mod receiver;
mod transmitter;

pub use cas::{CasCounters, CasEvent, CasRx, CasTx, MULTIFRAME};
pub use receiver::{BadFrame, Counters, HdlcRx};
pub use transmitter::{HdlcTx, QUEUED_FRAMES};
