//! What a line's tones mean, and why it is thought so.

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The exchange waits for digits.
    DialTone,
    /// The called telephone rings.
    Ringback,
    /// The far party is busy, or has hung up.
    Busy,
    /// The network is busy; many exchanges give it, too, when the far party has hung up.
    Congestion,
    /// This telephone has been left off hook.
    Howler,
    /// Three rising tones before an announcement (E.180 §7).
    SpecialInformation,
    /// The number is not in use (China).
    VacantNumber,
    /// Somebody else calls.
    CallWaiting,
    /// A fax calls (CNG) or answers (CED).
    Fax,
    /// A modem calls or answers.
    Modem,
    /// Somebody speaks.
    Voice,
    /// A tone that this line has taught: it ended three calls.
    LearnedHangUp,
}

impl Kind {
    /// Somebody or something has answered.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Voice | Self::Fax | Self::Modem)
    }

    /// In a call, this says that the far party is gone.
    pub const fn is_hang_up(self) -> bool {
        matches!(self, Self::Busy | Self::Congestion | Self::Howler | Self::LearnedHangUp)
    }
}

/// What a verdict rests on. Kept on the call's record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// As measured; 0 where there is no second, or where it was no tone.
    pub frequency_hz: [u16; 2],
    /// Mean length of the tone as measured; of a continuous one, how long it has lasted.
    pub on_ms: u32,
    /// Mean length of the pause as measured; 0 for a continuous tone.
    pub off_ms: u32,
    /// Times on and off that were heard and fitted.
    pub cadences: u8,
    /// How sure it is.
    pub confidence_pct: u8,
    /// By what this line taught, not by a table.
    pub learned: bool,
    /// Whose table it fits.
    pub country: Option<&'static str>,
}

/// A meaning and the evidence for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was heard.
    pub kind: Kind,
    /// Why it is thought so.
    pub evidence: Evidence,
}
