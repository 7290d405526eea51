//! What the program's end tells another program.

use ipc::lines::{Health, Line};
use std::process::ExitCode;

/// Verdicts, then the codes of sysexits.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything is good.
    Good = 0,
    /// The worst is a warning.
    Warning = 1,
    /// The worst is a fault.
    Fault = 2,
    /// EX_USAGE: the command line is wrong, or names no line or recording of the box.
    Usage = 64,
    /// EX_NOINPUT: a recording cannot be read.
    NoInput = 66,
    /// EX_UNAVAILABLE: fundlined does not answer.
    Unavailable = 69,
    /// EX_TEMPFAIL: a test did not end in time.
    TooLate = 75,
    /// EX_PROTOCOL: fundlined is of another build.
    OtherBuild = 76,
    /// EX_NOPERM: this user may not ask it.
    Forbidden = 77,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// By the worst of the verdicts.
pub(crate) fn of(tested: &[Line]) -> Exit {
    let worst = tested.iter().filter_map(|line| line.verdict.as_ref()).map(|verdict| verdict.health).max();
    match worst {
        None | Some(Health::Good) => Exit::Good,
        Some(Health::Warning) => Exit::Warning,
        Some(Health::Fault) => Exit::Fault,
    }
}
