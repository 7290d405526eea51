//! Call progress: which tone is on a line, in which cadence, and what that means.
#![no_std]

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
