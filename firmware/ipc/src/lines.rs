//! Lines and what the line doctor says of them, as pages and `fundlinectl` show them.

use serde::{Deserialize, Serialize};

/// A span, or one line of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// By which a test is ordered: "span1", "bank/5".
    pub name: String,
    /// Its name in the configuration, where it has one of its own.
    pub label: String,
    /// What it is.
    pub kind: Kind,
    /// How many tests of it are over since the box started.
    pub tests: u32,
    /// How far the present test is; `None` when it is not tested.
    pub step: Option<Step>,
    /// What the last test said.
    pub verdict: Option<Verdict>,
}

/// Kinds of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A digital span.
    Span,
    /// An analog line of the telephone network.
    Exchange,
    /// An analog line to a telephone.
    Telephone,
}

/// How far a test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Other lines are tested first.
    Waiting,
    /// A span's counters, a telephone's hook.
    Watching,
    /// The pair on hook.
    Looking,
    /// Loop current.
    Seizing,
    /// Dial tone.
    Listening,
    /// A digit.
    Dialling,
    /// Noise and echo.
    Measuring,
    /// Hung up.
    Closing,
}

/// How a line is, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Nothing is wrong.
    Good,
    /// It works, and something should be looked at.
    Warning,
    /// It does not work, or not well enough.
    Fault,
}

/// A sentence in both languages, without a full stop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// 中文.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The end of a test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The worst of the findings.
    pub health: Health,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// When it was given, UTC milliseconds.
    pub wall_ms: u64,
    /// How long the test took.
    pub took_ms: u64,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its name for programs ("no_battery").
    pub code: String,
    /// How bad it is.
    pub health: Health,
    /// What was found.
    pub says: Said,
    /// What is to be done; empty where nothing is.
    pub remedy: Said,
    /// Figures.
    pub measured: Measured,
}

/// Figures of a finding; which ones are there depends on its code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// How many.
    pub count: Option<u64>,
    /// Of how many.
    pub of: Option<u64>,
    /// For how long.
    pub seconds: Option<u64>,
    /// Frequencies of a tone.
    pub hz: Vec<u16>,
    /// A level.
    pub level_dbm0: Option<f32>,
    /// A ratio.
    pub db: Option<f32>,
    /// Countries whose tone it is.
    pub countries: Vec<String>,
}
