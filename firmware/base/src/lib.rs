//! What every floor shares: instants, wall time, identifiers, dialled digits, levels, bounded queues, secrets.
//!
//! Nothing here reads a clock or a random source. The shells of the daemons do, and hand the values in.
#![no_std]

#[cfg(feature = "alloc")]
extern crate alloc;

mod cause;
mod digits;
mod id;
mod level;
mod queue;
mod scratch;
#[cfg(feature = "alloc")]
mod secret;
mod time;

pub use cause::Cause;
pub use digits::{BadDigit, Digit, Digits};
pub use id::{CallId, ConnectionId, IdSource, RecordingId};
pub use level::Dbm0;
pub use queue::{Full, Queue};
pub use scratch::{Piece, Scratch};
#[cfg(feature = "alloc")]
pub use secret::{Masked, Secret};
pub use time::{Instant, WallTime};
