//! R2 multifrequency signals: fifteen in each direction, each of two frequencies out of six.
#![no_std]

mod bank;
mod lane;
mod sender;
mod signal;

pub use bank::{MfBank, MfEvent};
pub use sender::{LEVEL, MfSender};
pub use signal::{Register, SIGNALS, frequencies};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
