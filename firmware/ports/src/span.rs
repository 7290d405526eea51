//! What a digital card gives for each of its spans.
//!
//! A span has two halves that live in different threads: [`SpanAudio`] is called by the engine's thread once a block and
//! never waits; [`DataLink`] belongs to signaling and carries whole D-channel frames. Where a card delivers the D-channel as raw
//! octets, its driver holds the HDLC machine of `line-framing`.

/// Samples of one channel in a block: 10 ms at 8 kHz.
pub const BLOCK: usize = 80;
/// Timeslots of an E1 (G.704 §2.3), slot 0 included.
pub const TIMESLOTS: usize = 32;
/// The D-channel's timeslot on a primary rate E1 (I.431).
pub const D_SLOT: usize = 16;
/// Bearer channels of a primary rate E1: timeslots 1 to 15 and 17 to 31.
pub const BEARERS: usize = 30;
/// The A-law octet of silence as it stands on the line, even bits inverted (G.711 §3).
pub const SILENCE: u8 = 0xD5;

/// Longest D-channel frame without FCS: address, control and N201 = 260 octets (Q.921 §5.9.3).
pub const MAX_FRAME: usize = 264;

/// One block of all timeslots, as octets on the line: `slot[timeslot][sample]`.
#[derive(Clone, Debug)]
pub struct SpanBlock {
    /// Octets by timeslot; slots that carry no audio hold [`SILENCE`].
    pub slot: [[u8; BLOCK]; TIMESLOTS],
}

impl SpanBlock {
    /// Silence on every slot.
    pub const fn silent() -> Self {
        Self { slot: [[SILENCE; BLOCK]; TIMESLOTS] }
    }
}

impl Default for SpanBlock {
    fn default() -> Self {
        Self::silent()
    }
}

/// A D-channel frame, address to the end of the information field, without FCS.
pub type Frame = heapless::Vec<u8, MAX_FRAME>;

/// Whether a block came from the line or had to be made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockSource {
    /// Received.
    Line,
    /// Nothing came in time: silence stands in.
    Missing,
}

/// Audio of a span, for the engine's thread. Neither method blocks or allocates.
pub trait SpanAudio: Send {
    /// What can go wrong with the card.
    type Error: core::error::Error;
    /// Takes the next 10 ms from the line.
    fn read(&mut self, block: &mut SpanBlock) -> Result<BlockSource, Self::Error>;
    /// Gives the next 10 ms to the line.
    fn write(&mut self, block: &SpanBlock) -> Result<(), Self::Error>;
}

/// Alarms of a span (G.732, G.775).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// No signal, or no frame alignment (red).
    pub loss: bool,
    /// The far end sees an alarm (yellow).
    pub remote: bool,
    /// All ones come in (blue).
    pub indication: bool,
}

impl Alarms {
    /// The span can carry calls.
    pub const fn is_clear(self) -> bool {
        !self.loss && !self.remote && !self.indication
    }
}

/// Channel associated signaling of one channel (G.704 §5.1.3.2.2), `a` the most significant of four bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Abcd(u8);

impl Abcd {
    /// The four bits as the low half of an octet; what stands above them is dropped.
    pub const fn new(bits: u8) -> Self {
        Self(bits & 0xF)
    }

    /// The bits, 0 to 15.
    pub const fn bits(self) -> u8 {
        self.0
    }
}

impl core::fmt::Debug for Abcd {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:04b}", self.0)
    }
}

/// What a span reports to signaling.
// There is no allocator here to box the frame with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanEvent {
    /// A frame with a good FCS.
    Frame(Frame),
    /// A frame that had to be thrown away (abort, FCS, length); counted, never passed on.
    BadFrame,
    /// The alarms changed to these.
    Alarms(Alarms),
    /// The elastic buffer slipped by this many samples, negative where some were left out.
    Slip(i32),
    /// A channel's signaling bits changed, and stayed so for the card's own persistence.
    Cas {
        /// 1 to 15, 17 to 31.
        timeslot: u8,
        /// As received.
        bits: Abcd,
    },
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// More frames wait than the card holds. The data link layer repeats later.
    Full,
    /// Longer than [`MAX_FRAME`].
    TooLong,
    /// The card or its far end is gone.
    Gone,
}

impl core::fmt::Display for SendError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Full => "the card's frame queue is full",
            Self::TooLong => "frame longer than 264 octets",
            Self::Gone => "the card is gone",
        })
    }
}

impl core::error::Error for SendError {}

/// The D-channel or the signaling bits, and the events of a span, for signaling. No method blocks.
pub trait DataLink: Send {
    /// Queues a frame for the line.
    fn send(&mut self, frame: &[u8]) -> Result<(), SendError>;
    /// The oldest event not yet taken.
    fn poll_event(&mut self) -> Option<SpanEvent>;
    /// Sets a channel's signaling bits; they are sent over and over until set anew. Of no effect on a span without them.
    fn set_cas(&mut self, timeslot: u8, bits: Abcd);
}
