//! The messages themselves.
//!
//! The order of the variants is their number on the line (postcard). [`Hello`] and the update's messages keep theirs for ever, so that a host can
//! bring any card up to date; all others may change with [`PROTOCOL`].

use heapless::{String, Vec};
use serde::{Deserialize, Serialize};

/// Number of this set of messages. Ends of different numbers can do no more than an update.
pub const PROTOCOL: u8 = 1;
/// Lines on a card.
pub const LINES: usize = 8;
/// Samples of a line in a block: 5 ms at 8 kHz.
pub const SAMPLES: usize = 40;
/// Octets of a program sent at once.
pub const PIECE: usize = 128;

/// Names an end from its start, or from its last loss of the other, on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    /// Drawn or counted at each start of the program.
    pub boot: u32,
    /// Counted up each time the other end was lost.
    pub session: u8,
}

impl Greeting {
    /// Marks what is said under this greeting. Two in a row of one end differ.
    pub(crate) const fn mark(self) -> u16 {
        (self.boot as u16).rotate_left(8) ^ self.session as u16
    }
}

/// Who an end is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// [`PROTOCOL`].
    pub protocol: u8,
    /// Version of the program.
    pub version: String<16>,
    /// What is printed on the board; of the host, the box's.
    pub serial: String<24>,
    /// Lines that the card has; of the host 0.
    pub lines: u8,
}

/// The first thing each end says, until it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Who speaks.
    pub identity: Identity,
    /// Since when.
    pub greeting: Greeting,
    /// Whom it hears.
    pub hears: Option<Greeting>,
}

/// A message that can be sent over a [`Link`](crate::Link).
pub trait Message: Serialize + serde::de::DeserializeOwned {
    /// It is understood by ends of every protocol number.
    fn is_update(&self) -> bool;
}

/// From the host to the card.
// No allocator on the card.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToCard {
    /// A new program.
    Update(UpdateOrder),
    /// For one line.
    Line {
        /// From 0 on.
        line: u8,
        /// What to do.
        order: LineOrder,
    },
    /// Blocks of audio are wanted of these lines, bit n for line n.
    Stream {
        /// Lines.
        lines: u8,
    },
    /// Ask for [`Health`].
    AskHealth,
    /// Begin anew, all lines on hook.
    Restart,
}

impl Message for ToCard {
    fn is_update(&self) -> bool {
        matches!(self, Self::Update(_))
    }
}

/// From the card to the host.
// No allocator on the card.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToHost {
    /// How the update stands.
    Update(UpdateReport),
    /// Of one line.
    Line {
        /// From 0 on.
        line: u8,
        /// What happened.
        event: LineEvent,
    },
    /// How the card is.
    Health(Health),
    /// For the host's log.
    Log {
        /// How grave it is.
        level: LogLevel,
        /// One line.
        text: String<96>,
    },
}

impl Message for ToHost {
    fn is_update(&self) -> bool {
        matches!(self, Self::Update(_))
    }
}

/// The loop of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hook {
    /// Open.
    On,
    /// Closed: a call, or a request for one.
    Off,
}

/// What a line is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineOrder {
    /// Impedance, currents and ring validation of this country, by its two letters (ISO 3166-1), in lower case.
    Country([u8; 2]),
    /// Opens or closes the loop.
    Hook(Hook),
    /// Opens a closed loop for so long.
    Flash {
        /// Milliseconds, 50 to 1000.
        ms: u16,
    },
    /// Which receivers run.
    Listen {
        /// DTMF.
        digits: bool,
        /// Caller id by FSK.
        caller_id: bool,
    },
}

/// What a line does.
// No allocator on the card.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineEvent {
    /// What the exchange does to the pair changed to this.
    Pair(Pair),
    /// A DTMF digit, as ASCII; its tone still lasts.
    Digit(u8),
    /// The tone ended.
    DigitEnded,
    /// A caller id message, type to checksum, as it came.
    CallerId(Vec<u8, 258>),
    /// Loop voltage and current, when either changed by more than its tolerance.
    Loop {
        /// Volts, negative where the feed is the wrong way round.
        volts: i8,
        /// Milliamperes.
        milliamperes: u8,
    },
    /// The line's chip cannot do what it was told.
    Fault(LineFault),
}

/// What the exchange does to a line's pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Ringing voltage is on it.
    pub ringing: bool,
    /// It is fed: voltage on hook, current off hook.
    pub battery: bool,
    /// Fed with the wires exchanged.
    pub reversed: bool,
}

/// Why a line does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineFault {
    /// The card has no such line.
    NoSuchLine,
    /// The card has no settings for the country.
    UnknownCountry,
    /// The chip does not answer.
    ChipSilent,
    /// The chip's line side does not answer.
    LineSideSilent,
    /// More current than the chip can bear: it went on hook.
    Overload,
}

/// How the card is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Since its start.
    pub uptime_s: u32,
    /// Blocks that the host sent too late: silence went out.
    pub underruns: u32,
    /// Blocks that could not be sent in time.
    pub overruns: u32,
    /// Frames that came spoilt.
    pub spoilt: u32,
    /// The watchdog caused the last start.
    pub by_watchdog: bool,
}

/// How grave a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogLevel {
    /// The card cannot do its work.
    Error,
    /// Somebody should look.
    Warn,
    /// It is good to know.
    Info,
}

/// How a new program comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpdateOrder {
    /// The second slot is erased for so much.
    Begin {
        /// Of the whole program.
        octets: u32,
        /// CRC-32 (ISO-HDLC) of the whole program.
        crc: u32,
    },
    /// The next piece, in order.
    Piece {
        /// Where it begins.
        at: u32,
        /// Some of it.
        octets: Vec<u8, PIECE>,
    },
    /// All is there: check it, and start from it.
    Commit,
}

/// How the update stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpdateReport {
    /// So many octets are written; the next piece begins there.
    Written(u32),
    /// Checked; the card starts anew.
    Accepted,
    /// The old program stays.
    Refused(UpdateFault),
}

/// Why a program is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpdateFault {
    /// Larger than the slot, or empty.
    Size,
    /// A piece that does not follow the last one.
    Order,
    /// The check sum differs.
    Check,
    /// The memory did not take it.
    Memory,
    /// A line is in use.
    Busy,
}

/// 5 ms of some lines, A-law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audio {
    /// Counts blocks, around at its end.
    pub block: u16,
    /// Bit n: line n is in `octets`.
    pub lines: u8,
    /// [`SAMPLES`] of each line that is there, from the lowest on.
    pub octets: Vec<u8, { LINES * SAMPLES }>,
}

impl Audio {
    /// The samples of a line, if they are there.
    pub fn line(&self, line: u8) -> Option<&[u8]> {
        let bit = 1_u8.checked_shl(line.into()).filter(|bit| self.lines & bit != 0)?;
        let before = (self.lines & (bit - 1)).count_ones() as usize;
        self.octets.get(before * SAMPLES..(before + 1) * SAMPLES)
    }

    /// There are as many samples as lines.
    pub fn is_whole(&self) -> bool {
        self.octets.len() == self.lines.count_ones() as usize * SAMPLES
    }
}
