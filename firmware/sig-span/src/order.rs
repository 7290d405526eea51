//! What a span wants done with the audio of its channels, and what it is told of it.

use base::{Digit, Digits};
use dsp_progress::ToneEvent;
use dsp_tone::ToneSpec;
use sig_loopstart::{Modulation, Octets};
use sig_r2::Register;

/// The receivers that a channel needs. Whoever else listens to the same channel goes on listening.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// Digits by DTMF.
    pub dtmf: bool,
    /// Caller id.
    pub fsk: bool,
    /// Tones, speech, silence.
    pub progress: bool,
    /// The other register's signals: which of the two it is.
    pub mf: Option<Register>,
}

impl Listen {
    /// No receiver at all.
    pub const NONE: Self = Self { dtmf: false, fsk: false, progress: false, mf: None };

    /// Whether any receiver runs.
    pub fn is_any(self) -> bool {
        self != Self::NONE
    }
}

/// Something for the engine to do with a channel.
// There is no allocator here to box the octets with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// These receivers run from now on, and no others.
    Listen(Listen),
    /// Send digits by DTMF.
    SendDigits {
        /// Which.
        digits: Digits,
        /// Length of a tone in ms.
        on_ms: u16,
        /// Length of the pause after it in ms.
        off_ms: u16,
    },
    /// Send a caller id.
    SendFsk {
        /// How its bits sound.
        modulation: Modulation,
        /// Alternating bits in front.
        seizure_bits: u16,
        /// Ones after them.
        mark_bits: u16,
        /// The message.
        octets: Octets,
    },
    /// Send this register's signal, 1 to 15, from now on; `None`: none any more.
    SendMf(Option<(Register, u8)>),
    /// Give this tone from now on; `None`: be silent.
    Tone(Option<ToneSpec>),
}

/// What the engine heard on a channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Heard {
    /// A DTMF digit, at the end of its tone.
    Digit(Digit),
    /// A tone, speech or silence.
    Progress(ToneEvent),
    /// The carrier of a caller id began.
    FskCarrier,
    /// An octet of a caller id.
    FskOctet(u8),
    /// The carrier ended.
    FskLost,
    /// The other register's signal that is heard now; `None`: it ended.
    Mf(Option<u8>),
}
