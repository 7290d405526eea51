//! Packet-loss concealment for G.711: what a listener hears in place of audio that did not arrive.
//!
//! **How.** The last 49 ms heard are kept. When a block is lost, the pitch is searched for in them, from 66 to 200 Hz, and the last period is
//! repeated; after 10 ms the last two are, after 20 ms the last three, so that it does not buzz. From the second block on it fades, by a fifth in
//! 10 ms, and after 60 ms it is silent. Where the audio comes back, both run into each other, over the longer the more was lost. So that the first lost block can begin
//! smoothly, everything comes [`DELAY`] samples late.
//!
//! # How to drive it
//!
//! ```
//! use dsp_plc::{BLOCK, Concealer, DELAY};
//!
//! let mut concealer = Concealer::new();
//! let sent: Vec<i16> = (0..12 * BLOCK).map(|at| if at % 64 < 20 { 8000 } else { -3000 }).collect();
//! let mut played = Vec::new();
//! for (number, block) in sent.chunks(BLOCK).enumerate() {
//!     let mut block: [i16; BLOCK] = block.try_into()?;
//!     if number == 8 {
//!         concealer.lost(&mut block);
//!     } else {
//!         concealer.good(&mut block);
//!     }
//!     played.extend(block);
//! }
//! // A sound of one pitch goes on as if nothing were missing.
//! assert_eq!(played[DELAY..], sent[..sent.len() - DELAY]);
//! # Ok::<(), std::array::TryFromSliceError>(())
//! ```
//!
//! # Left out
//!
//! Which block is lost: the receiver of packets knows. Comfort noise in long gaps.
//!
//! # References
//!
//! - G.711 Appendix I (09/99): §I.2 for the method and all its lengths.
#![no_std]

mod concealer;
mod pitch;

pub use concealer::{Concealer, DELAY};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
