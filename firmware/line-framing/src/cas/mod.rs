//! The CAS multiframe on timeslot 16 (G.704 §5.1.3.2.2).
//!
//! Sixteen frames, 2 ms. Timeslot 16 of frame 0 is `0000 XYXX`: the alignment signal, and Y, the remote alarm. Of frame n it is the four
//! bits of timeslot n, then those of timeslot n + 16. The first bit on the line is an octet's highest.

mod receiver;
mod transmitter;

pub use receiver::{CasCounters, CasEvent, CasRx};
pub use transmitter::CasTx;

/// Frames of a multiframe.
pub const MULTIFRAME: usize = 16;

/// The alignment signal's place in timeslot 16 of frame 0; it is four zeros.
const ALIGNMENT: u8 = 0xF0;
/// Y.
const REMOTE_ALARM: u8 = 0x04;
/// The spare bits, which are sent as ones.
const SPARE: u8 = 0x0B;
