//! What a line tells the log and the records.

use core::fmt;
use core::time::Duration;
use dsp_progress::Verdict;
use sig_callerid::CallerId;

/// Why a line cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// It is not fed.
    NoBattery,
    /// Another device on the pair is off hook.
    InUse,
}

/// The fault and its remedy in a sentence.
impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoBattery => "no battery on the line: plug it in, or ask the operator why it is dead",
            Self::InUse => "another device on this line is off hook: hang it up, or unplug it",
        })
    }
}

/// By what the far party's hang-up was known.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// The battery, or the loop's current, was gone (kewlstart).
    BatteryLost,
    /// The line was reversed.
    Reversed,
    /// This tone.
    Tone(Verdict),
    /// Nothing was heard for so long.
    Silence(Duration),
}

/// Something worth a line in the log.
// There is no allocator here to box the message with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// Who calls, as the exchange says.
    CallerId(CallerId),
    /// Somebody who calls while the line is in use (type II).
    CallWaiting(CallerId),
    /// A caller id came that could not be read.
    BadCallerId,
    /// The far party has hung up.
    HangUp(Evidence),
    /// The line answered our dialling with this tone.
    Answer(Verdict),
    /// The line cannot be used.
    Fault(LineFault),
    /// It can be used again.
    Recovered,
    /// Off hook, no dial tone came.
    NoDialTone,
    /// The line was rung at the moment it was seized: the incoming call goes first.
    Glare,
}
