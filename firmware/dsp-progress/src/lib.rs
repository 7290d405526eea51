//! Call progress: which tone is on a line, in which cadence, and what that means.
//!
//! **Receiving.** [`ProgressBank`] sees each channel in hops of 5 ms through sixteen bands. When one band holds nearly all
//! power for 50 ms, one or two frequencies are fitted to how its phase turns: a single pointer, two (Prony), or one whose length is modulated.
//! That separates 425, 440 and 450 Hz. [`ToneEvent`] tells of tones, of speech and of silence.
//!
//! **Meaning.** [`Classifier`], one a line, compares the bursts of tone with [`TABLES`], the tones of the world's networks, and with
//! what the line has taught it ([`Learned`]): a regular tone in no table that ended three calls. Busy and congestion are decided after two
//! whole cadences, if tone and pauses fit the table, frequency and level stay the same, and nobody speaks in between; that keeps speech and music from
//! ending a call. Each [`Verdict`] carries its evidence.
//!
//! # How to drive it
//!
//! ```
//! use base::{Dbm0, Instant};
//! use dsp_progress::{Classifier, Kind, Spectrum, ToneEvent};
//!
//! let mut line = Classifier::new("cn");
//! let spectrum = Spectrum::single(450, Dbm0(-10.0));
//! let mut heard = None;
//! for cadence in 0..3_u64 {
//!     let from = 700 * cadence;
//!     // The events come from a `ProgressBank`, which tells of a tone 50 ms after its beginning and 20 ms after its end.
//!     heard = heard.or(line.hear(Instant::from_millis(from + 50), &ToneEvent::Began(spectrum)));
//!     let over = ToneEvent::Ended { spectrum, duration_ms: 350 };
//!     heard = heard.or(line.hear(Instant::from_millis(from + 370), &over));
//! }
//! let verdict = heard.expect("two cadences are enough");
//! assert_eq!((verdict.kind, verdict.evidence.country, verdict.evidence.cadences), (Kind::Busy, Some("cn"), 2));
//! ```
//!
//! # Left out
//!
//! Tones that change their level from burst to burst (congestion in Australia). Pairs further apart than 150 Hz are not one
//! tone here, but for the alert of a waiting caller (2130 and 2750 Hz); digits are another receiver's.
//!
//! # References
//!
//! - E.180 (03/98) and its Supplement 2 (01/94) for tones and cadences; GB/T 3380 for China.
//! - T.30 (09/05) §4.1 and §4.2, V.25 (10/96) §3.1, V.8 (11/00) §7.2 for what fax machines and modems send.
//! - G.711 (11/88) §2 for the level of full scale.
#![no_std]

mod alert;
mod bank;
mod cadence;
mod classifier;
mod complex;
mod event;
mod fit;
mod lane;
mod learned;
mod spectrum;
mod tables;
mod verdict;

pub use bank::ProgressBank;
pub use classifier::Classifier;
pub use event::{Spectrum, ToneEvent};
pub use learned::{CALLS_TO_LEARN, Learned, LearnedTone};
pub use tables::{Row, TABLES};
pub use verdict::{Evidence, Kind, Verdict};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;
