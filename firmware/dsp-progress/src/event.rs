//! What is told of a line.

use base::Dbm0;

/// One or two frequencies, measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectrum {
    /// In Hz, the lower first; the second is 0 where there is one only.
    pub frequency_hz: [u16; 2],
    /// Of all that was heard.
    pub level: Dbm0,
    /// How much like a constant tone it is: purity and steadiness of level.
    pub confidence_pct: u8,
    /// The level rises and falls with 10 to 30 Hz; the frequency is the carrier's.
    pub modulated: bool,
    /// How often the phase turned round, as an answering modem's does.
    pub reversals: u8,
}

impl Spectrum {
    /// One frequency, as clean as can be. For engines without samples.
    pub const fn single(hz: u16, level: Dbm0) -> Self {
        Self { frequency_hz: [hz, 0], level, confidence_pct: 99, modulated: false, reversals: 0 }
    }

    /// Two frequencies, as clean as can be. For engines without samples.
    pub const fn pair(low_hz: u16, high_hz: u16, level: Dbm0) -> Self {
        Self { frequency_hz: [low_hz, high_hz], level, confidence_pct: 99, modulated: false, reversals: 0 }
    }
}

/// What a channel's receiver tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToneEvent {
    /// A tone has been there for 50 ms or a little longer.
    Began(Spectrum),
    /// It is still there. Told each 200 ms.
    Lasts {
        /// As measured so far.
        spectrum: Spectrum,
        /// Since its beginning.
        duration_ms: u32,
    },
    /// It is over. Told 20 ms after its end.
    Ended {
        /// As measured over all of it.
        spectrum: Spectrum,
        /// To 5 ms.
        duration_ms: u32,
    },
    /// Sound that is no tone and rises and falls as speech does. Told once, until a tone or silence comes between.
    Voice,
    /// Nothing has been heard for this long. Told once.
    Silence {
        /// Always 200 ms as of now.
        lasted_ms: u32,
    },
}
