//! How loud a line is, whether somebody speaks on it, and what is done to levels: gain, DC removal, comfort noise.
//!
//! **Levels.** [`LevelBank`] tells of many channels at once how loud each is now, how loud who speaks there speaks (the active speech level of P.56,
//! Method B, as it goes), how loud the noise under it is, and the peak.
//!
//! **Voices.** [`VoiceBank`] tells when somebody begins and ceases to speak. What is heard must stand out of a noise floor that follows the
//! quietest of the last seconds, and must be no tone: a tone is foretold by what came 10 ms before it, speech is not, and a tone in noise keeps its
//! level, which speech does not. So neither dial tone nor DTMF, neither hum nor a fax machine's call is a voice.
//!
//! **Gains.** [`Gain`] changes a level without clicks, [`DcFilter`] takes away what lies below 20 Hz, [`ComfortNoise`] fills a pause with noise of a given
//! level and colour, as [`NoiseShape`] writes and reads it in a packet.
//!
//! # How to drive it
//!
//! ```
//! use base::Dbm0;
//! use dsp_level::{BLOCK, ComfortNoise, Gain, LevelBank, NoiseShape};
//!
//! let mut noise = ComfortNoise::new(1, NoiseShape::white(Dbm0(-40.0)));
//! let mut gain = Gain::new(10.0);
//! let mut bank = LevelBank::<2>::new();
//! bank.listen(1, true);
//! for _ in 0..300 {
//!     let mut block = [0; BLOCK];
//!     noise.fill(&mut block);
//!     gain.apply(&mut block);
//!     bank.process(&[None, Some(&block)]);
//! }
//! let levels = bank.levels(1).unwrap();
//! assert!((levels.now.0 + 30.0).abs() < 0.5 && (levels.noise.0 + 30.0).abs() < 1.0);
//! assert!(bank.levels(0).is_none());
//! ```
//!
//! # Left out
//!
//! Automatic gain: the network's levels are planned, and a gain that hunts spoils echo cancellers. Music: what sings is a voice here, what plays often too.
//! Who of many speakers is heard is the engine's to choose.
//!
//! # References
//!
//! - P.56 (12/11) §6 (Method B) for the active speech level: here in steps of 10 ms, forgotten with 5 s of speech.
//! - IEC 60268-10 for the peak's way down: 20 dB in 1.7 s.
//! - RFC 3389 §3 and G.711 Appendix II (02/00) for noise in packets.
//! - G.711 (11/88) §2 for the level of full scale.
#![no_std]

mod active;
mod dc;
mod gain;
mod level;
mod noise;
mod prediction;
mod quietest;
mod shape;
mod voice;
mod voice_lane;

pub use dc::DcFilter;
pub use gain::Gain;
pub use level::{LevelBank, Levels};
pub use noise::ComfortNoise;
pub use shape::{BadShape, MOST_COEFFICIENTS, NoiseShape};
pub use voice::{VoiceBank, VoiceEvent, VoiceSettings};

/// Samples in a block: 10 ms.
pub const BLOCK: usize = 80;

use base::Dbm0;

/// What no level lies below: digital silence.
pub const SILENCE: Dbm0 = Dbm0(-90.0);

/// Mean square of a sine of 0 dBm0 in linear samples: full scale of the law lies 3.14 dB above (G.711 §2).
pub(crate) const ZERO_DBM0: f32 = 32_768.0 * 32_768.0 / 2.0 / 2.060_63;

/// The level of a power, where that of 0 dBm0 is 1.
pub(crate) fn level_of(power: f32) -> Dbm0 {
    Dbm0(dsp_math::db_of_power(power).max(SILENCE.0))
}

/// The power of a level, where that of 0 dBm0 is 1.
pub(crate) fn power_of(level: Dbm0) -> f32 {
    let ratio = dsp_math::ratio_of_db(level.0);
    ratio * ratio
}
