//! The engine without samples, for simulations: a second implementation of [`Engine`](crate::Engine)'s contract.
//!
//! Ports exchange one [`Sound`] a tick, what is heard in those 10 ms, instead of 80 samples. Commands, events and their order are the
//! sample engine's; one suite of stories runs on both (`tests/engines.rs`) and finds the same events within one tick. What the detectors of
//! samples need to be sure is kept here as numbers: [`EARLY`], [`CONFIRMED`], [`ENDED`], [`TONE_BEGAN`] and so on.
//!
//! A day of calls has millions of ticks, and in most of them nothing changes. [`SymbolicEngine::next_change`] says how many of the
//! next ones would give no event and send what the last one sent, and [`SymbolicEngine::skip`] jumps over them.
//!
//! ```
//! use base::Digit;
//! use media::symbolic::{Sound, SymbolicEngine};
//! use media::{Command, DtmfDetection, Event, PortId, RecordedBlock, Sink};
//!
//! #[derive(Default)]
//! struct Taken(Vec<Event>);
//! impl Sink for Taken {
//!     fn event(&mut self, event: Event) {
//!         self.0.push(event);
//!     }
//!     fn recorded(&mut self, _block: &RecordedBlock) {}
//! }
//!
//! let (mut engine, mut taken) = (SymbolicEngine::new(1), Taken::default());
//! let port = PortId(0);
//! engine.handle(Command::Open(port), &mut taken);
//! engine.handle(Command::Detect { port, dtmf: DtmfDetection::On }, &mut taken);
//! let mut tx = [Sound::Silence];
//! let five = Digit::new('5').expect("5 is a key");
//! for _ in 0..4 {
//!     engine.tick(&[Sound::Digit(five)], &mut tx, &mut taken);
//! }
//! assert!(matches!(taken.0[1], Event::Digit { .. }), "early, then confirmed");
//! assert_eq!(engine.next_change(), None, "while the key is down nothing more happens");
//! engine.skip(1000);
//! ```
//!
//! **Left out.** Levels and mixtures: of what a port would send at once, the first counts of digits, the R2 signal, FSK, the fax tone, the play, the tone, the
//! music of a hold, those it is joined to (of a conference, the member of the lowest number who says anything), its supervisors; of what a supervisor would hear,
//! what the port says before what it hears. Every phrase is a voice. Echoes. Recorded blocks: [`SymbolicEngine::recorded_ticks`] counts them.

mod ear;
mod engine;
mod fax_ear;
mod outgoing;
mod port;
mod signal_ears;
mod tone_ear;
mod voice_ear;

pub use ear::{CONFIRMED, EARLY, ENDED};
pub use engine::SymbolicEngine;
pub use fax_ear::{ANSWER_BEGAN, FLAGS, FaxPart};
pub use signal_ears::{FSK_CARRIER, FSK_LOST, FskPart, MF_BEGAN, MF_ENDED};
pub use tone_ear::{SILENT, TONE_BEGAN, TONE_ENDED, VOICE};
pub use voice_ear::{CEASED, SPEAKS};

use crate::Clip;
use crate::signals::FAX;
use base::{Dbm0, Digit};
use dsp_mf::Register;

/// What is heard on one way of a port in one tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Sound {
    /// Nothing.
    #[default]
    Silence,
    /// A DTMF tone.
    Digit(Digit),
    /// An R2 register signal.
    Mf(Register, u8),
    /// Caller id's FSK.
    Fsk(FskPart),
    /// A tone of a fax machine or a modem.
    Fax(FaxPart),
    /// A tone's frequencies in Hz; the second is 0 where there is one only; and its level.
    Tone([f32; 2], Dbm0),
    /// A clip is being played.
    Phrase {
        /// Which.
        phrase: Phrase,
        /// The sending engine's tick in which it began; the place in it follows.
        since: u64,
    },
}

/// Of tones that come in pairs of one level each: `dsp_tone` sends keys with -10 dBm0, `dsp_mf` signals with -11.5.
const KEY: Dbm0 = Dbm0(-7.0);
const SIGNAL: Dbm0 = Dbm0(-8.5);
/// Caller id (GR-30-CORE), and a voice at its mean.
const FSK: Dbm0 = Dbm0(-13.5);
const VOICE_LEVEL: Dbm0 = Dbm0(-20.0);
/// Two tones of one level over one of them.
const TWO_ALIKE_DB: f32 = 3.01;

impl Sound {
    /// How loud it is; `None` for silence.
    fn level(self) -> Option<Dbm0> {
        Some(match self {
            Self::Silence => return None,
            Self::Digit(_) => KEY,
            Self::Mf(..) => SIGNAL,
            Self::Fsk(_) => FSK,
            Self::Fax(_) => FAX,
            Self::Tone([_, 0.0], level) => level,
            Self::Tone(_, level) => Dbm0(level.0 + TWO_ALIKE_DB),
            Self::Phrase { .. } => VOICE_LEVEL,
        })
    }
}

/// A clip's name: alike for clips of the same octets, and for hardly any others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phrase(u64);

impl Phrase {
    /// The name of a clip.
    pub fn of(clip: &Clip) -> Self {
        // FNV-1a over words of eight octets, the length first: fast, and nobody chooses clips to deceive a simulation.
        const PRIME: u64 = 0x0000_0100_0000_01B3;
        const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
        let (words, rest) = clip.alaw().as_chunks();
        let words = words.iter().map(|&word| u64::from_le_bytes(word));
        let rest = rest.iter().map(|&octet| u64::from(octet));
        let length = core::iter::once(clip.alaw().len() as u64);
        Self(
            length.chain(words).chain(rest).fold(BASIS, |hash, word| (hash ^ word).wrapping_mul(PRIME).rotate_left(29)),
        )
    }
}
