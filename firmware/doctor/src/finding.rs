//! What was found.

use crate::facts::LineId;
use base::Dbm0;
use core::time::Duration;

/// How a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing is wrong.
    #[default]
    Good,
    /// It works, and something should be looked at.
    Warning,
    /// It does not work, or not well enough.
    Fault,
}

/// What can be found; one row of the texts each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// Span: signal and frame alignment are there.
    SignalGood,
    /// Span: no signal, or no frame alignment.
    LossOfSignal,
    /// Span: all ones.
    AlarmIndication,
    /// Span: the far end does not see us.
    RemoteAlarm,
    /// Span: D-channel in operation.
    DChannelUp,
    /// Span: D-channel being established, and it takes long.
    DChannelEstablishing,
    /// Span: D-channel without answer.
    DChannelDown,
    /// Span: samples slipped while it was watched.
    Slips,
    /// Span: they slip now and then.
    SlipsBefore,
    /// Span: frames with errors while it was watched.
    BadFrames,
    /// Span: there are some now and then.
    BadFramesBefore,
    /// Span: neither slips nor bad frames.
    NoErrors,
    /// Span: channels are out of service.
    ChannelsBlocked,
    /// Span: all of them.
    AllBlocked,
    /// Span: calls go on.
    CallsGoOn,
    /// Line: its span has an alarm.
    SpanDown,
    /// Line: not fed.
    NoBattery,
    /// Line: in a call; it was not touched.
    InUse,
    /// Line: somebody calls; it was not touched, or let go.
    Ringing,
    /// Line: ringing voltage without a pause.
    RingingStuck,
    /// Line: fed the other way round.
    PolarityReversed,
    /// Line: fed, the right way round.
    BatteryGood,
    /// Line: the current is gone when the loop is closed.
    NoLoopCurrent,
    /// Line: dial tone of its own country.
    DialTone,
    /// Line: dial tone of another.
    DialToneForeign,
    /// Line: a steady tone of no table.
    UnknownTone,
    /// Line: dial tone is weak.
    DialToneLow,
    /// Line: dial tone is too loud.
    DialToneHigh,
    /// Line: nothing is heard.
    NoDialTone,
    /// Line: busy, congestion or howler in its place.
    RefusalTone,
    /// Line: somebody speaks on it.
    Voices,
    /// Line: dial tone goes on after a digit.
    DigitNotTaken,
    /// Line: the exchange speaks or gives tones after a digit, so neither noise nor echo could be measured.
    NotQuiet,
    /// Line: quiet.
    NoiseGood,
    /// Line: noise is heard.
    NoiseHeard,
    /// Line: noise disturbs.
    NoiseBad,
    /// Line: little of what is sent comes back.
    EchoGood,
    /// Line: much does.
    EchoStrong,
    /// Line: nearly all does.
    EchoBad,
    /// Line: the engine did not answer.
    NotMeasured,
    /// Telephone: on hook.
    OnHook,
    /// Telephone: off hook, without a call.
    OffHook,
}

/// Figures of a finding; those that its sentence names are there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// How many.
    pub count: Option<u64>,
    /// Of how many.
    pub of: Option<u64>,
    /// For how long, in seconds.
    pub seconds: Option<u64>,
    /// Frequencies; 0 where there is no second.
    pub hz: [u16; 2],
    /// A level.
    pub level: Option<Dbm0>,
    /// A ratio in dB.
    pub db: Option<f32>,
    /// Countries whose tone it is.
    pub countries: Vec<&'static str>,
    /// The line's own.
    pub own: &'static str,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// What was measured.
    pub measured: Measured,
}

impl From<Code> for Finding {
    fn from(code: Code) -> Self {
        Self { code, measured: Measured::default() }
    }
}

/// The end of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Of which line.
    pub line: LineId,
    /// The worst of the findings.
    pub state: State,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// How long it took.
    pub took: Duration,
}

impl Verdict {
    pub(crate) fn new(line: LineId, mut findings: Vec<Finding>, took: Duration) -> Self {
        findings.sort_by_key(|finding| core::cmp::Reverse(finding.state()));
        let state = findings.first().map(Finding::state).unwrap_or_default();
        Self { line, state, findings, took }
    }
}
