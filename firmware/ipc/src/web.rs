//! Between `fundlined` and whoever shows it, `fundline-web` or `fundlinectl`: what is going on now, the numbered events, tests of lines.

use crate::lines::Line;
use serde::{Deserialize, Serialize};

/// From `fundline-web` or `fundlinectl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWeb {
    /// First message: [`crate::PROTOCOL`].
    Hello {
        /// The sender's version.
        protocol: u32,
    },
    /// Test these lines, by their names; all of them where none is named. How it goes is told by [`ToWeb::Lines`].
    Test {
        /// Names that no line has are left out.
        lines: Vec<String>,
    },
    /// Record this of a call from now on. What is recorded then is in the next snapshot.
    Recording {
        /// The call, as 32 hexadecimal digits. One that is over, or not recorded, is left alone.
        call: String,
        /// What.
        state: RecordingState,
        /// Who orders it, for the call's record.
        user: String,
    },
    /// Take these channels out of service, or put them back. What they do then is in the next snapshot.
    Service {
        /// "span1/5", or "span1" for all of its channels. Names that no channel has are left out.
        channels: Vec<String>,
        /// Which of the two.
        service: Service,
    },
}

/// What a call's recording holds of what is said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// All of it.
    On,
    /// Silence, because somebody does not want it recorded.
    Paused,
    /// Silence, because it is secret.
    Masked,
}

/// Whether a channel may carry calls, as an operator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    /// It may.
    In,
    /// It is kept from new calls; the one on it goes on.
    Out,
}

/// From `fundlined`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWeb {
    /// First message: [`crate::PROTOCOL`].
    Hello {
        /// The sender's version.
        protocol: u32,
    },
    /// The whole state, sent on connection and after each change, at most five times a second.
    Snapshot(Snapshot),
    /// All lines and how their tests stand, sent as snapshots are.
    Lines(Vec<Line>),
    /// A new event of the box's one stream.
    Event(Event),
}

/// What is going on now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The box's name from its configuration.
    pub name: String,
    /// The firmware's version.
    pub version: String,
    /// When the main process started, UTC milliseconds.
    pub started_ms: u64,
    /// Number of the newest event.
    pub last_event: u64,
    /// Spans in the order of the configuration.
    pub spans: Vec<Span>,
    /// Calls in progress, oldest first.
    pub calls: Vec<Call>,
    /// The other processes.
    pub processes: Vec<Process>,
}

/// A supervised process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Its program's name.
    pub name: String,
    /// It runs and has said hello.
    pub up: bool,
    /// How often it was started again.
    pub restarts: u32,
}

/// State of a D-channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// No answer from the far end.
    Down,
    /// Being established.
    Establishing,
    /// In multiple-frame operation.
    Up,
}

/// A span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Its name in the configuration.
    pub name: String,
    /// Its card ("pseudowire", "lab").
    pub card: String,
    /// No signal or frame alignment.
    pub alarm_loss: bool,
    /// The far end reports an alarm.
    pub alarm_remote: bool,
    /// All ones are received.
    pub alarm_indication: bool,
    /// What it speaks ("pri", "r2", "loopstart").
    pub signaling: String,
    /// The D-channel, where it has one.
    pub link: Option<Link>,
    /// Samples slipped since start.
    pub slips: u64,
    /// Bearer channels in order of timeslot.
    pub channels: Vec<Channel>,
}

/// State of a bearer channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelState {
    /// Free.
    Idle,
    /// Being set up, towards the box.
    Incoming,
    /// Being set up, from the box.
    Outgoing,
    /// Answered.
    Connected,
    /// Being released.
    Clearing,
    /// In a call, or not yet ready for the next, on a line that tells no more.
    Busy,
    /// Kept from calls of the box.
    Blocked,
    /// Not to be used.
    OutOfService,
    /// No line is there.
    Absent,
}

/// A bearer channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// 1 to 31, without 16.
    pub timeslot: u8,
    /// What it does.
    pub state: ChannelState,
    /// Its line's name, where it has one.
    pub name: Option<String>,
    /// The call on it, as 32 hexadecimal digits.
    pub call: Option<String>,
}

/// A call in progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Calling number, empty where withheld.
    pub from: String,
    /// Called number.
    pub to: String,
    /// Where it came in ("span1/5").
    pub line: String,
    /// UTC milliseconds.
    pub started_ms: u64,
    /// When it was answered, UTC milliseconds.
    pub answered_ms: Option<u64>,
    /// CSTA state of the caller's connection.
    pub state: String,
    /// Last step in the menu.
    pub step: String,
    /// The other party when bridged ("8001").
    pub with: Option<String>,
    /// What is recorded of it now; `None` where nothing is.
    pub recording: Option<RecordingState>,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number, one sequence a box.
    pub seq: u64,
    /// UTC milliseconds.
    pub wall_ms: u64,
    /// The call it belongs to, as 32 hexadecimal digits.
    pub call: Option<String>,
    /// Its CSTA name, or the box's own.
    pub kind: String,
    /// Its parameters as a JSON object.
    pub body: String,
}
