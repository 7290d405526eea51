//! R2 multifrequency (Q.441, Q.454, Q.455): generator and receivers for many channels at once.
#![no_std]

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;

/// Which set of six frequencies (Q.441).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Register {
    /// 1380 to 1980 Hz, sent by the outgoing exchange.
    Forward,
    /// 1140 down to 540 Hz, sent by the incoming exchange.
    Backward,
}

/// What a channel's receiver tells. Signals are 1 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfEvent {
    /// The signal is recognised and lasts.
    Began(u8),
    /// The signal ended.
    Ended(u8),
}
