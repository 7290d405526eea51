//! Between `fundlined` and `fundline-ivr`: one session is one caller in one VoiceXML application.

use serde::{Deserialize, Serialize};

/// A session, named by `fundlined`, unique in a run of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SessionId(pub u32);

/// Why a prompt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlayEnd {
    /// Played to its end.
    Completed,
    /// A key stopped it.
    BargedIn,
    /// It was told to stop, or the call ended.
    Stopped,
    /// A file could not be read, or the queue was full.
    Failed,
}

/// How a transfer ended (VoiceXML 2.0 §2.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferEnd {
    /// The called party was busy.
    Busy,
    /// It did not answer in time.
    NoAnswer,
    /// The network had no way through.
    NetworkBusy,
    /// The caller ended the talk (a bridge only).
    NearEndDisconnect,
    /// The called party ended the talk (a bridge only).
    FarEndDisconnect,
    /// The talk reached its longest time.
    MaxTime,
    /// The called number leads nowhere.
    BadDestination,
    /// The box may not call it, or has no route.
    NoRoute,
    /// A blind transfer went through.
    Accepted,
    /// Anything else.
    Unknown,
}

/// How a caller is transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferKind {
    /// The session waits for the talk's end.
    Bridge,
    /// The session is over.
    Blind,
}

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// An audio file on the box: WAV, A-law or 16-bit PCM, mono, 8 kHz.
    File(String),
    /// Silence of so many milliseconds.
    Silence(u32),
}

/// From `fundlined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToIvr {
    /// First message: [`crate::PROTOCOL`].
    Hello {
        /// The sender's version.
        protocol: u32,
    },
    /// A caller is connected to an application.
    Start {
        /// The new session.
        session: SessionId,
        /// The call's identifier.
        call: u128,
        /// The application's first document.
        url: String,
        /// Called number.
        local: String,
        /// Calling number, empty where withheld.
        remote: String,
    },
    /// A prompt ended.
    PlayDone {
        /// Whose.
        session: SessionId,
        /// Which.
        play: u32,
        /// Why.
        end: PlayEnd,
        /// How much was heard.
        played_ms: u32,
    },
    /// The caller pressed a key.
    Digit {
        /// Who.
        session: SessionId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// The caller hung up.
    Hangup {
        /// Who.
        session: SessionId,
    },
    /// A transfer ended.
    TransferDone {
        /// Whose.
        session: SessionId,
        /// How.
        end: TransferEnd,
        /// How long they talked.
        duration_ms: u32,
    },
}

/// From `fundline-ivr`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromIvr {
    /// First message: [`crate::PROTOCOL`]. Sessions started after it are served.
    Hello {
        /// The sender's version.
        protocol: u32,
    },
    /// Play these pieces one after the other, behind what plays already.
    Play {
        /// To whom.
        session: SessionId,
        /// The prompt's number, unique in the session; answered by one `PlayDone`.
        play: u32,
        /// What to play.
        pieces: Vec<Piece>,
        /// Whether a key stops it.
        barge_in: bool,
    },
    /// Stop what plays.
    StopPlay {
        /// To whom.
        session: SessionId,
    },
    /// From now on (or no longer) what is said and pressed is secret: both recording channels are silent.
    Sensitive {
        /// Whose.
        session: SessionId,
        /// Begins or ends.
        on: bool,
    },
    /// Connect the caller to this number.
    Transfer {
        /// Whom.
        session: SessionId,
        /// How.
        kind: TransferKind,
        /// The number to call.
        to: String,
        /// How long it may ring.
        connect_timeout_ms: u32,
        /// How long they may talk, 0 for ever.
        max_time_ms: u32,
    },
    /// The caller ended the bridged talk by a key: take the far end down, give the caller back and say `TransferDone`.
    EndTransfer {
        /// Whose.
        session: SessionId,
    },
    /// Hang up. The session may still do its last work; `Ended` follows.
    Disconnect {
        /// Whom.
        session: SessionId,
    },
    /// The application took this step (dialog ids and menu choices; never what a field collected).
    Path {
        /// Whose.
        session: SessionId,
        /// The step.
        step: String,
    },
    /// The session is over; the call is to be released if it is still up.
    Ended {
        /// Which.
        session: SessionId,
        /// Whether the application ended on an error it did not handle.
        failed: bool,
    },
}
