//! FSK at 1200 bit/s as caller id uses it (Bell 202, V.23): sender and receivers for many channels at once.
#![no_std]

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;

/// What a channel's receiver tells. Both modulations are read without being told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FskEvent {
    /// Mark or channel seizure is on the line.
    Carrier,
    /// An octet with good start and stop bits.
    Octet(u8),
    /// The carrier went.
    Lost,
}

/// Which pair of frequencies is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modulation {
    /// 1200 Hz mark, 2200 Hz space.
    Bell202,
    /// 1300 Hz mark, 2100 Hz space.
    V23,
}
