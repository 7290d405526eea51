//! The one numbered stream of events (ECMA-269 §17 names them), read by records, pages and CTI clients alike.

use base::{CallId, Cause, ConnectionId, RecordingId, WallTime};
use serde::{Serialize, Serializer};
use std::fmt::Display;

/// An event with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// One sequence a box, never reused.
    pub seq: u64,
    /// When.
    pub wall: WallTime,
    /// The call it belongs to.
    pub call: Option<CallId>,
    /// What happened.
    pub kind: EventKind,
}

fn shown<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn number<S: Serializer>(cause: &Cause, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(cause.0)
}

/// What happened, with CSTA's parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum EventKind {
    /// A call reached a device, which is being offered or rung.
    Delivered {
        /// The alerting connection.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// What rings.
        alerting_device: String,
        /// Who calls.
        calling_device: String,
        /// What was called.
        called_device: String,
    },
    /// A device answered.
    Established {
        /// The answered connection.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// What answered.
        answering_device: String,
        /// Who calls.
        calling_device: String,
        /// What was called.
        called_device: String,
    },
    /// A call was placed on a trunk.
    NetworkReached {
        /// The new connection.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// The trunk.
        network_interface_used: String,
        /// The number sent.
        called_device: String,
    },
    /// The application waits while its caller talks.
    Held {
        /// The connection on hold.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
    },
    /// The application goes on.
    Retrieved {
        /// The connection taken back.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
    },
    /// The application handed its caller over for good.
    Transferred {
        /// The caller's connection.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// To whom.
        transferred_to_device: String,
    },
    /// A call could not be completed.
    Failed {
        /// The failed connection.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// Where it failed.
        failing_device: String,
        /// Why (Q.850).
        #[serde(serialize_with = "number")]
        cause: Cause,
    },
    /// A line without a word for it shows that its far party has hung up.
    HangUpDetected {
        /// The connection that is about to go.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// Who hung up.
        releasing_device: String,
        /// By what that was known, in a sentence.
        evidence: String,
    },
    /// A device left the call.
    ConnectionCleared {
        /// The connection that is gone.
        #[serde(serialize_with = "shown")]
        connection: ConnectionId,
        /// Who left.
        releasing_device: String,
        /// Why (Q.850).
        #[serde(serialize_with = "number")]
        cause: Cause,
    },
    /// The call is over.
    CallCleared {
        /// Why (Q.850).
        #[serde(serialize_with = "number")]
        cause: Cause,
    },
    /// The caller took a step in an application.
    MenuStep {
        /// Dialog or choice, never what was collected.
        step: String,
    },
    /// A recording began.
    RecordingStarted {
        /// Its file's name.
        #[serde(serialize_with = "shown")]
        recording: RecordingId,
    },
    /// By order of an agent or a user, silence is recorded from here on, or no longer.
    RecordingChanged {
        /// Its file's name.
        #[serde(serialize_with = "shown")]
        recording: RecordingId,
        /// `on`, `paused` or `masked`.
        state: &'static str,
        /// Who ordered it.
        by: String,
    },
    /// Something that wants a technician's eye.
    Alarm {
        /// What it is about ("span1", "store").
        subject: String,
        /// In a sentence.
        text: String,
    },
}

impl EventKind {
    /// The event's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Delivered { .. } => "Delivered",
            Self::Established { .. } => "Established",
            Self::NetworkReached { .. } => "NetworkReached",
            Self::Held { .. } => "Held",
            Self::Retrieved { .. } => "Retrieved",
            Self::Transferred { .. } => "Transferred",
            Self::Failed { .. } => "Failed",
            Self::HangUpDetected { .. } => "HangUpDetected",
            Self::ConnectionCleared { .. } => "ConnectionCleared",
            Self::CallCleared { .. } => "CallCleared",
            Self::MenuStep { .. } => "MenuStep",
            Self::RecordingStarted { .. } => "RecordingStarted",
            Self::RecordingChanged { .. } => "RecordingChanged",
            Self::Alarm { .. } => "Alarm",
        }
    }

    /// The parameters as a JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".into())
    }
}
