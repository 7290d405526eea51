//! The lab card: spans without a line.
//!
//! **In memory.** [`memory_pair`] joins two spans back to back: what one writes, the other reads as its next block, and
//! D-channel frames and signaling bits go across whole. There is no clock and no socket in it, so a test steps both ends as it likes. A [`Cord`]
//! pulls the plug.
//!
//! **Over Unix sockets.** [`SocketSpan`] lets another program's protocol stack be the far end. The D-channel is one
//! SOCK_SEQPACKET socket `d`, a frame without FCS a message; signaling bits are another, `cas`, with one message a change; audio is a
//! third, `audio`, with one message a channel and 10 ms ([`wire`]). A thread of its own owns the sockets and meets the two halves in rings.
//!
//! **With faults.** [`faults::faulty`] wraps the halves of any card, this or another: lost and spoilt frames, bit errors, a D-channel or signaling
//! bits that flap, noise, echo, silence, slips and alarms, on order while calls run.
//!
//! # How to drive it
//!
//! ```
//! use ports::span::{BlockSource, DataLink, SpanAudio, SpanBlock, SpanEvent};
//!
//! let (near, far) = lab::memory_pair();
//! let (mut near_audio, mut near_link) = near.into_halves();
//! let (mut far_audio, mut far_link) = far.into_halves();
//! assert!(matches!(far_link.poll_event(), Some(SpanEvent::Alarms(alarms)) if alarms.is_clear()));
//!
//! near_link.send(&[0x00, 0x01, 0x7F])?;
//! assert!(matches!(far_link.poll_event(), Some(SpanEvent::Frame(frame)) if frame[2] == 0x7F));
//!
//! let mut block = SpanBlock::silent();
//! block.slot[1][0] = 0x2A;
//! near_audio.write(&block)?;
//! let mut heard = SpanBlock::silent();
//! // The joint always holds one block: the first that is read is silence.
//! assert_eq!(far_audio.read(&mut heard)?, BlockSource::Line);
//! assert_eq!(far_audio.read(&mut heard)?, BlockSource::Line);
//! assert_eq!(heard.slot[1][0], 0x2A);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Left out
//!
//! Line framing: a lab span is always in frame. The `pseudowire` card has real drift and loss.
//!
//! # References
//!
//! - I.431 (03/93) for the D-channel's timeslot; Q.921 (09/97) §2.1 for what a frame without FCS is.

mod cas;
mod endpoint;
pub mod faults;
mod memory;
mod socket;
pub mod wire;

pub use memory::{Cord, LabAudio, LabLink, LabSpan, memory_pair};
pub use socket::{ListenError, SocketAudio, SocketLink, SocketSpan, Statistics};

use std::sync::Arc;

/// Called by a driver's own thread whenever a span has events to take, so that signaling need not poll. It must not block.
pub type Notifier = Arc<dyn Fn() + Send + Sync>;

/// The far end's half, or the card's thread, is gone for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lab span's other end is gone")]
pub struct Gone;
