//! What the model is asked, what it asks for, and what it shows.

use crate::event::Event;
use base::{CallId, Cause, ConnectionId, Digits, Instant, RecordingId, WallTime};
use ports::call::{Primitive, Setup};
use std::fmt;
use std::time::Duration;

/// One party's leg, named to lines and media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u32);

/// The time of an input: monotonic for durations, wall for people.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Monotonic.
    pub now: Instant,
    /// UTC.
    pub wall: WallTime,
}

/// A connection's state (ECMA-269 §6.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Being dialled.
    Initiated,
    /// Rung, or offered.
    Alerting,
    /// Talking.
    Connected,
    /// Waiting.
    Hold,
    /// Could not be completed.
    Fail,
    /// Gone.
    Null,
}

/// Tones the box plays itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The called party is rung.
    Ringback,
}

/// Whether a call's row is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is.
    Yes,
    /// The store failed; the call goes on, an alarm tells.
    No,
}

/// How an application's caller is transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferKind {
    /// The application waits for the talk's end.
    Bridge,
    /// The application is done.
    Blind,
}

/// How a transfer ended (VoiceXML 2.0 §2.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferEnd {
    /// Busy.
    Busy,
    /// Rung in vain.
    NoAnswer,
    /// No way through.
    NetworkBusy,
    /// The caller ended the talk by a key, and is still there.
    NearEndDisconnect,
    /// The called party hung up.
    FarEndDisconnect,
    /// The longest time was reached.
    MaxTime,
    /// The number leads nowhere.
    BadDestination,
    /// A blind transfer is under way.
    Accepted,
    /// Anything else.
    Unknown,
}

/// What an application asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppRequest {
    /// Connect the caller to a number.
    Transfer {
        /// How.
        kind: TransferKind,
        /// `tel:` address or plain number.
        to: String,
        /// How long it may ring; zero for the default.
        connect_timeout: Duration,
        /// How long they may talk; zero for ever.
        max_time: Duration,
    },
    /// The caller had enough of the talk: take the second leg down and give the caller back.
    EndTransfer,
    /// Hang up; the application may still do its last work.
    Disconnect,
    /// The caller took this step.
    Step(String),
    /// The application is done.
    Ended {
        /// On an error it did not handle.
        failed: bool,
    },
}

/// Whether answered calls are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recordings {
    /// Each of them.
    #[default]
    Made,
    /// None.
    NotMade,
}

/// What a call's recording holds of what is said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingState {
    /// All of it.
    On,
    /// Silence, because somebody does not want it recorded.
    Paused,
    /// Silence, because it is secret.
    Masked,
}

impl RecordingState {
    /// As records and pages show it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Paused => "paused",
            Self::Masked => "masked",
        }
    }
}

/// Who orders what a recording holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderedBy {
    /// The application, for as long as it collects a secret. Its order stands beside that of anybody else.
    Application,
    /// The second leg's party, by a key. Ends with the talk.
    Agent(String),
    /// A user of the page or of the API.
    User(String),
}

impl fmt::Display for OrderedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application => f.write_str("application"),
            Self::Agent(device) => write!(f, "agent {device}"),
            Self::User(name) => write!(f, "user {name}"),
        }
    }
}

/// Who began a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A line called the box.
    In,
    /// The box called out, or handed the caller to an application.
    Out,
}

/// What must be kept of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the columns of the tables they fill")]
pub enum Write {
    CallOpened {
        call: CallId,
        from: String,
        to: String,
        line: String,
        wall: WallTime,
    },
    CallAnswered {
        call: CallId,
        wall: WallTime,
    },
    CallClosed {
        call: CallId,
        cause: Cause,
        wall: WallTime,
    },
    LegOpened {
        call: CallId,
        leg: ConnectionId,
        device: String,
        direction: Direction,
        wall: WallTime,
    },
    LegAnswered {
        leg: ConnectionId,
        wall: WallTime,
    },
    LegClosed {
        leg: ConnectionId,
        cause: Cause,
        wall: WallTime,
    },
    LegHungUp {
        leg: ConnectionId,
        evidence: String,
        wall: WallTime,
    },
    SegmentOpened {
        leg: ConnectionId,
        number: u32,
        device: String,
        recording: Option<RecordingId>,
        offset_ms: u64,
        wall: WallTime,
    },
    SegmentClosed {
        leg: ConnectionId,
        number: u32,
        wall: WallTime,
    },
    SilenceBegan {
        recording: RecordingId,
        number: u32,
        state: RecordingState,
        by: String,
        offset_ms: u64,
        wall: WallTime,
    },
    SilenceEnded {
        recording: RecordingId,
        number: u32,
        offset_ms: u64,
        wall: WallTime,
    },
    Path {
        call: CallId,
        step: String,
        wall: WallTime,
    },
}

/// What the shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant's sentence names its fields")]
pub enum Action {
    /// Hand the primitive to the leg's line.
    Line { leg: LegId, primitive: Primitive },
    /// Place a call on the trunk; the line answers with primitives for `leg`.
    Originate { leg: LegId, trunk: String, setup: Setup },
    /// Start the application for the leg's caller.
    StartApp { leg: LegId, call: CallId, url: String, local: String, remote: String },
    /// Tell the application that its caller is gone.
    HangUpApp { leg: LegId },
    /// Tell the application how its transfer ended.
    TransferDone { leg: LegId, end: TransferEnd, talked: Duration },
    /// Digits that came by signaling, for the application.
    AppDigits { leg: LegId, digits: Digits },
    /// Let the two hear each other.
    Join(LegId, LegId),
    /// No longer.
    Part(LegId, LegId),
    /// Play a tone until stopped.
    Tone { leg: LegId, tone: Tone },
    /// Stop the tone.
    StopTone { leg: LegId },
    /// Record what the leg hears and says.
    Record { leg: LegId, recording: RecordingId },
    /// Record silence in place of what the leg hears and says.
    SilenceRecord { leg: LegId },
    /// Record what is heard and said again.
    UnsilenceRecord { leg: LegId },
    /// Stop and close the recording.
    StopRecord { leg: LegId, recording: RecordingId },
    /// Keep this.
    Store(Write),
    /// Say by [`Model::committed`] when all stored so far for this call is on the disk.
    Commit(CallId),
    /// A new event of the stream.
    Event(Event),
}

/// A call as the pages show it.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "plain columns")]
pub struct CallView<'a> {
    pub id: CallId,
    pub from: &'a str,
    pub to: &'a str,
    pub line: &'a str,
    pub opened: WallTime,
    pub answered: Option<WallTime>,
    pub state: ConnectionState,
    pub step: &'a str,
    pub with: Option<&'a str>,
    /// `None` where the call is not recorded.
    pub recording: Option<RecordingState>,
}

/// A leg as the pages show it.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "plain columns")]
pub struct LegView {
    pub call: CallId,
    pub state: ConnectionState,
}
