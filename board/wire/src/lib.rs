//! What host and line card say to each other over a serial line.
//!
//! **Frames.** A packet is written by postcard, closed by a CRC-32, and stuffed by COBS, so that an octet of zero ends each frame and stands in
//! none: after any noise the next frame is read.
//!
//! **Link.** Each end says hello until it knows that it is heard, and names its start and its session; so an end that started anew, or had lost the other,
//! is known at once, and nothing of an old session is taken for the new. Messages arrive once and in order (go back N, eight on their way, the
//! receiver tells its room). Audio is sent once: late is lost. An end that says nothing for half a second is gone.
//!
//! **Versions.** Ends whose [`PROTOCOL`] differs come up for updates only.
//!
//! # How to drive it
//!
//! ```
//! use base::Instant;
//! use wire::{Event, Identity, Link, MAX_FRAME, PROTOCOL, Service, ToCard, ToHost};
//!
//! let who = |serial: &str, lines| Identity {
//!     protocol: PROTOCOL,
//!     version: "1.0".try_into().unwrap(),
//!     serial: serial.try_into().unwrap(),
//!     lines,
//! };
//! let now = Instant::ZERO;
//! let mut host = Link::<ToCard, ToHost>::new(who("box", 0), 1, now);
//! let mut card = Link::<ToHost, ToCard>::new(who("card", 8), 7, now);
//! host.handle_timeout(now);
//! let mut frame = [0; MAX_FRAME];
//! for _ in 0..3 {
//!     while let Some(octets) = host.poll_transmit(&mut frame) {
//!         card.handle_octets(now, octets);
//!     }
//!     while let Some(octets) = card.poll_transmit(&mut frame) {
//!         host.handle_octets(now, octets);
//!     }
//! }
//! assert!(matches!(host.poll_event(), Some(Event::Up { service: Service::Full, .. })));
//! ```
//!
//! # Left out
//!
//! Secrets: who holds the cable holds the card. Wideband audio.
//!
//! # References
//!
//! - S. Cheshire, M. Baker: Consistent Overhead Byte Stuffing (1999). CRC-32 of V.42 §8.1.1.6.2.
#![no_std]

mod frame;
mod link;
mod message;

pub use frame::MAX_FRAME;
pub use link::{AGAIN, ALIVE, Counters, Event, GONE, HELLO, Link, Loss, SendError, Service, WINDOW};
pub use message::{
    Audio, Greeting, Health, Hello, Hook, Identity, LINES, LineEvent, LineFault, LineOrder, LogLevel, Message, PIECE,
    PROTOCOL, Pair, SAMPLES, ToCard, ToHost, UpdateFault, UpdateOrder, UpdateReport,
};
