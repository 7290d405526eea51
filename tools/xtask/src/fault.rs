//! What is told.

use core::fmt;
use std::path::PathBuf;

/// A rule of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Arrows go to the same or a lower floor.
    Floor,
    /// Arrows make no circle.
    Circle,
    /// Floors 0 to 3 name no clock, socket, file, thread, process or random source.
    Purity,
    /// What the line card needs builds without an operating system.
    NoStd,
    /// Files stay readable.
    Length,
    /// Nothing is left for later.
    LeftOver,
    /// Nothing depends on one machine's folders.
    MachinePath,
    /// Every dependency says why it is there.
    Justification,
}

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The rule.
    pub rule: Rule,
    /// The file, relative to the workspace.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.file.display(), self.line, self.what, self.remedy)
    }
}

/// Why the tree could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// A program could not be run.
    #[error("{program} could not be run: {why}")]
    Program {
        /// Which.
        program: &'static str,
        /// Why.
        why: std::io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {why}")]
    Failed {
        /// Which.
        program: &'static str,
        /// What it said.
        why: String,
    },
    /// `cargo metadata` answered something unexpected.
    #[error("cargo metadata: {0}")]
    Metadata(#[from] serde_json::Error),
    /// A file or folder could not be read.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
}
