//! What crosses between a line's machine and the world: states of the pair, what is heard on it, what is to be done.

use crate::report::Report;
use base::{Digit, Digits};
use dsp_progress::ToneEvent;
use ports::call::Primitive;
use sig_callerid::Octets;

/// What the exchange does to the pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineState {
    /// Ringing voltage is on the line.
    pub ringing: bool,
    /// The line is fed: voltage on hook, current off hook.
    pub battery: bool,
    /// Fed with the wires exchanged.
    pub reversed: bool,
}

impl LineState {
    /// Fed, and nothing more.
    pub const QUIET: Self = Self { ringing: false, battery: true, reversed: false };
    /// Not fed.
    pub const DEAD: Self = Self { ringing: false, battery: false, reversed: false };
}

impl Default for LineState {
    fn default() -> Self {
        Self::QUIET
    }
}

/// What the telephone does to the pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hook {
    /// The loop is open.
    #[default]
    On,
    /// The loop is closed.
    Off,
}

/// Whether another device on the same pair is off hook: the voltage of a line that nobody uses is well above 20 V.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parallel {
    /// No other device is.
    #[default]
    OnHook,
    /// One is.
    OffHook,
}

/// What the receivers found in the audio.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A DTMF digit ended.
    Digit(Digit),
    /// A tone, speech or silence.
    Progress(ToneEvent),
    /// An octet of a caller id.
    FskOctet(u8),
    /// The carrier of a caller id began.
    FskCarrier,
    /// It ended.
    FskLost,
}

/// Which receivers the line needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// Digits.
    pub dtmf: bool,
    /// Caller id.
    pub fsk: bool,
    /// Tones, speech, silence.
    pub progress: bool,
}

/// Tones that a telephone is given; the country says how they sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Dial now.
    Dial,
    /// The called party is rung.
    Ringback,
    /// It is busy, or has hung up.
    Busy,
    /// The call cannot be carried.
    Congestion,
    /// The number is not in use.
    Vacant,
    /// Hang up at last.
    Howler,
    /// Another call waits (SAS of GR-30: 300 ms).
    CallWaiting,
    /// A caller id follows: 2130 and 2750 Hz (DT-AS of EN 300 659-1 §6.1.2, CAS of GR-30).
    Alert,
}

/// How the bits of a caller id are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modulation {
    /// Mark 1200, space 2200 Hz.
    Bell202,
    /// Mark 1300, space 2100 Hz.
    V23,
}

/// Something to do to the line.
// There is no allocator here to box the octets with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Close or open the loop (FXO).
    SetHook(Hook),
    /// Feed and ring the line so (FXS).
    SetLine(LineState),
    /// Send these by DTMF.
    SendDigits {
        /// What to send.
        digits: Digits,
        /// Length of a tone in ms.
        on_ms: u16,
        /// Length of the pause after it in ms.
        off_ms: u16,
    },
    /// Send a caller id.
    SendFsk {
        /// The country's way.
        modulation: Modulation,
        /// Alternating bits in front.
        seizure_bits: u16,
        /// Ones after them.
        mark_bits: u16,
        /// The message with its checksum.
        octets: Octets,
    },
    /// Play this tone from now on; `None`: be silent.
    PlayTone(Option<Tone>),
    /// Switch receivers on and off.
    Listen(Listen),
}

/// What a line's machine wants.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum LineAction {
    /// Of the line.
    Do(Order),
    /// Of the call model.
    Line(Primitive),
    /// Of the log and the records.
    Report(Report),
}
