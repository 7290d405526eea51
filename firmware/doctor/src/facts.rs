//! What the owner knows of a line.

use base::Instant;
use ports::span::Alarms;

/// A span, or one line of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId {
    /// In the order of the configuration.
    pub span: u16,
    /// The timeslot of one line; the whole span without it.
    pub channel: Option<u8>,
}

/// What is examined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A digital span.
    Span,
    /// A line of the telephone network, on which the box is the telephone.
    Exchange {
        /// The country in whose network it is, by the letters of its tones' table; empty where nobody said.
        country: &'static str,
    },
    /// A line to a telephone.
    Telephone,
}

/// The state of a D-channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// No answer from the far end.
    Down,
    /// Being established.
    Establishing,
    /// In multiple-frame operation.
    Up,
}

/// How many channels of a span do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Channels {
    /// All that there are.
    pub all: u8,
    /// With a call.
    pub in_use: u8,
    /// Not to be used: blocked by the far end, or it does not answer for them.
    pub blocked: u8,
}

/// What a line does for the box at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Use {
    /// Nothing.
    #[default]
    Free,
    /// It carries a call, or is not ready for the next one yet.
    InCall,
}

/// The pair of an analog line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// It is fed.
    pub battery: bool,
    /// Fed with the wires exchanged.
    pub reversed: bool,
    /// Ringing voltage is on it.
    pub ringing: bool,
    /// The telephone at its end is off hook.
    pub off_hook: bool,
    /// Since when battery, polarity and ringing are so.
    pub since: Instant,
    /// What it does.
    pub used: Use,
}

/// All that is known without touching the line. Counters count from [`Facts::counting_since`] on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Of the span.
    pub alarms: Alarms,
    /// Since when the alarms are as they are.
    pub alarms_since: Instant,
    /// When the counters were at zero.
    pub counting_since: Instant,
    /// Samples slipped.
    pub slips: u64,
    /// D-channel frames with errors.
    pub bad_frames: u64,
    /// The D-channel; `None` where there is none.
    pub link: Option<Link>,
    /// The span's channels.
    pub channels: Channels,
    /// The pair, of an analog line.
    pub pair: Pair,
}
