//! What goes over the control socket: one JSON object a line.

use judge::Match;
use serde::{Deserialize, Serialize};

/// What a client asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ask", deny_unknown_fields)]
pub enum Request {
    /// Places a call.
    Call {
        /// Called number.
        to: String,
        /// Calling number; empty for a withheld one. Where absent the script says it, or it is [`crate::control::CALLER`].
        #[serde(default)]
        from: Option<String>,
        /// The caller's name, for lines that can carry one.
        #[serde(default)]
        name: Option<String>,
        /// The span to use, from 0; what the script says where absent, or any.
        #[serde(default)]
        span: Option<usize>,
        /// The line: a timeslot of the span; any free one where absent.
        #[serde(default)]
        line: Option<u8>,
        /// The script's text.
        script: String,
        /// Values of its variables.
        #[serde(default)]
        values: Vec<(String, String)>,
        /// Where to write what was heard; absolute.
        #[serde(default)]
        out: Option<String>,
        /// Send the called number digit by digit.
        #[serde(default)]
        overlap: bool,
    },
    /// Answers the next call to a number.
    Answer {
        /// The number that is rung.
        to: String,
        /// The script's text.
        script: String,
        /// Values of its variables.
        #[serde(default)]
        values: Vec<(String, String)>,
        /// Where to write what was heard; absolute.
        #[serde(default)]
        out: Option<String>,
    },
    /// How the spans are.
    Status,
    /// Orders a fault.
    Fault {
        /// The span, from 0; all of them where absent.
        #[serde(default)]
        span: Option<usize>,
        /// In words, such as `lost-frames 5% to-box for 10s`.
        fault: String,
    },
    /// What faults are on order.
    Faults,
}

/// What the network answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum Answer {
    /// The telephone is ready to be rung; its report follows.
    Registered,
    /// The end of a party.
    Report(Report),
    /// The request could not be served.
    Fault {
        /// Why, and what to do.
        why: String,
    },
    /// How the spans are.
    Status {
        /// In order.
        spans: Vec<SpanStatus>,
        /// Parties that live.
        parties: usize,
    },
    /// What is wrong with the spans.
    Faults {
        /// In order.
        spans: Vec<SpanFaults>,
    },
}

/// What is wrong with a span, and what came of it since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanFaults {
    /// On order.
    pub active: Vec<ActiveFault>,
    /// Frames that vanished.
    pub frames_lost: u64,
    /// Frames with bit errors.
    pub frames_spoilt: u64,
    /// Frames that came twice.
    pub frames_doubled: u64,
    /// Bits of audio that were turned.
    pub bits_turned: u64,
    /// Blocks of audio that were missing.
    pub blocks_lost: u64,
    /// Samples slipped.
    pub slips: u64,
    /// Changes of signaling bits that bounced.
    pub signaling_bounced: u64,
    /// Changes of signaling bits that were kept back.
    pub signaling_stuck: u64,
    /// Calls of the box that were met by one of the network.
    pub glares: u64,
}

/// A fault on order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveFault {
    /// In words.
    pub fault: String,
    /// How long it still lasts; until it is cleared where absent.
    pub left_ms: Option<u64>,
}

/// A span.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SpanStatus {
    /// "pri" or "loopstart".
    pub signaling: String,
    /// "up", "establishing" or "down": the D-channel's state, or the line's where there is none.
    pub link: String,
    /// Channels in use.
    pub busy: usize,
    /// Channels that there are.
    pub channels: usize,
}

/// How a party fared.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// The number that was called.
    pub to: String,
    /// The number that called while this telephone talked, as an analog line tells it (type II caller id).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiting: Option<String>,
    /// The number that calls a telephone, as the line tells it; empty: it does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// Span, from 0, and timeslot.
    pub channel: Option<(usize, u8)>,
    /// From the call's begin to the first sample heard: where the recording begins.
    pub heard_from_ms: Option<u64>,
    /// From the call's begin to the answer.
    pub answered_ms: Option<u64>,
    /// From the call's begin to its end.
    pub ended_ms: u64,
    /// Q.850 cause of the end.
    pub cause: Option<u8>,
    /// Every step did what it should.
    pub satisfied: bool,
    /// What went wrong, in a sentence.
    pub fault: Option<String>,
    /// Its steps, those that were reached.
    pub steps: Vec<StepReport>,
}

/// How a step fared.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepReport {
    /// Its line in the script.
    pub line: usize,
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub label: Option<String>,
    /// As written.
    pub text: String,
    /// It did what it should.
    pub ok: bool,
    /// From the call's begin to the step's end.
    pub at_ms: u64,
    /// What was expected and heard.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub phrases: Vec<PhraseReport>,
}

/// A phrase that was heard.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PhraseReport {
    /// Where it begins in the recording.
    pub from_ms: u64,
    /// Where it ends.
    pub to_ms: u64,
    /// How well its worst window fits, 0 to 1.
    pub score: f32,
}

impl From<&Match> for PhraseReport {
    fn from(found: &Match) -> Self {
        Self { from_ms: found.begins as u64 / 8, to_ms: found.ends as u64 / 8, score: found.score }
    }
}
