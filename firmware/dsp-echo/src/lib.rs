//! Echo canceller for hybrids, many channels at once.
//!
//! **Filter.** The echo path is modelled in partitions of one block in the frequency domain, so that 128 ms cost no more delay than
//! the block itself. Each frequency's step follows by Kalman's rule from how much the model is doubted and how loud the near end is:
//! double talk and noise slow learning down by themselves, and a tone teaches only about itself. A second model, the scout, learns fast
//! and without care; when the path changes it is the better one, and is taken over. A model that is worse than none is thrown away.
//!
//! **Non-linear processor.** While only the far end talks, what the filter leaves gives way to comfort noise of the near end's level.
//! The near end is heard when more is left than was expected, or something at frequencies that the far end does not have.
//!
//! **Disabler.** 2100 Hz whose phase turns over each 450 ms (G.168 §7) makes the lane a clear channel until both ends were silent.
//!
//! # How to drive it
//!
//! ```
//! use dsp_echo::{BLOCK, EchoBank, Pair, TAIL_32_MS};
//!
//! let mut bank = EchoBank::<1, TAIL_32_MS>::new();
//! let mut left = 0;
//! for block in 0..200_u32 {
//!     // Noise goes out, half of it comes back.
//!     let far: [i16; BLOCK] = std::array::from_fn(|at| ((block * 80 + at as u32).wrapping_mul(2_654_435_761) >> 20) as i16 - 2048);
//!     let mut near = far.map(|sample| sample / 2);
//!     bank.cancel(&mut [Some(Pair { far: &far, near: &mut near })]);
//!     left = near.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
//! }
//! assert!(left < 20, "{left}");
//! ```
//!
//! # Left out
//!
//! Which lanes a processor's vectors hold is the engine's choice. Below 20 Hz nothing passes: a filter keeps DC from the models.
//!
//! # References
//!
//! - G.168 (04/2015): the tests in `tests/` follow its own: 2 to 9, over the echo paths D.2 to D.9 with its composite source signal.
#![no_std]
// One loop over the lanes of several arrays is what becomes one vector instruction each.
#![allow(clippy::needless_range_loop)]

mod bank;
mod disabler;
mod filter;
mod mixer;
mod suppressor;
mod transform;

pub use bank::EchoBank;

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
/// Partitions for a tail of 128 ms: 1,040 taps.
pub const TAIL_128_MS: usize = 13;
/// Partitions for a tail of 32 ms: 320 taps.
pub const TAIL_32_MS: usize = 4;

/// Power of a sample at 0 dBm0, a full-scale sine being 3.14 dBm0.
pub(crate) const POWER_0_DBM0: f32 = 2.605_4e8;

/// A block of both directions of one channel.
#[derive(Debug)]
pub struct Pair<'a> {
    /// What is sent to the line whose hybrid reflects it.
    pub far: &'a [i16; BLOCK],
    /// What comes from the line; the echo is taken out of it.
    pub near: &'a mut [i16; BLOCK],
}

/// What a lane's canceller is to do, besides cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// While only the far end talks, comfort noise takes the place of what the filter leaves.
    pub suppresses: bool,
    /// 2100 Hz with phase reversals makes the lane a clear channel (G.168 §7).
    pub obeys_tone: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { suppresses: true, obeys_tone: true }
    }
}
