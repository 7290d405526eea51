//! Audio between 8, 16 and 48 kHz: telephone, wideband telephone, browser.
//!
//! **How.** Each pair of rates differs by a whole factor: 2, 3 or 6. Going up, each input sample gives so many output ones, each by another
//! phase of one low-pass filter; going down, each output sample is one run of that filter. The filter is a sinc under a Kaiser window of 36 samples of the lower
//! rate, its taps made at compile time. It passes up to 0.4375 of the lower rate (3.5 kHz of 8, 7 kHz of 16) within 0.1 dB, and stops from 0.5625 of
//! it on by 62 dB or more. It delays by [`DELAY_SAMPLES`] of the lower rate.
//!
//! # How to drive it
//!
//! ```
//! use dsp_resample::{Rate, Resampler};
//!
//! let mut up = Resampler::new(Rate::Hz8000, Rate::Hz48000);
//! let mut block = [0; 480];
//! up.block(&[1000; 80], &mut block)?;
//! // Once the filter is filled a constant stays as it is.
//! up.block(&[1000; 80], &mut block)?;
//! assert!(block.iter().all(|&sample| sample == 1000));
//! # Ok::<(), dsp_resample::WrongLength>(())
//! ```
//!
//! # Left out
//!
//! Rates that drift against each other: the engine slips single samples.
//!
//! # References
//!
//! - G.711 (11/88) and G.722 (09/12) for the bands: 300 to 3400 Hz, 50 to 7000 Hz.
#![no_std]

mod filter;
mod resampler;

pub use filter::DELAY_SAMPLES;
pub use resampler::{Rate, Resampler, WrongLength};
