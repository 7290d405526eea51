//! Tone generation and the banked DTMF detector.
#![no_std]

mod bank;
mod generator;
mod math;
mod profile;
mod sender;
mod spectrum;
mod verdict;

pub use bank::{DtmfBank, DtmfEvent};
pub use generator::{Cadence, Length, Tone, ToneSpec};
pub use profile::Profile;
pub use sender::{COLUMNS_HZ, DigitSender, ROWS_HZ, SendProfile};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
