//! What is set for one line of the telephone network, and its times.

use crate::country::Country;
use base::Digits;
use core::time::Duration;

/// How long a call waits to be offered until its caller is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallerIdWait {
    /// Not at all: the line has no such service.
    No,
    /// Until the caller is known, the second ring, or so long.
    UpTo(Duration),
}

/// How numbers are dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialling {
    /// By DTMF.
    Tone,
    /// By opening the loop.
    Pulse,
}

/// When dialling begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialStart {
    /// At the dial tone. Without it the call fails after so long.
    DialTone(Duration),
    /// At the dial tone, and after so long without it.
    DialToneOrBlind(Duration),
    /// So long after the line was seized.
    Blind(Duration),
}

/// One line of the telephone network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FxoSettings {
    /// Its cadences and times.
    pub country: &'static Country,
    /// The line's own number: the called party of what comes in.
    pub number: Digits,
    /// Whether calls wait for their caller id.
    pub caller_id: CallerIdWait,
    /// How numbers are dialled.
    pub dialling: Dialling,
    /// When dialling begins.
    pub dial_start: DialStart,
    /// A reversal after dialling is the answer.
    pub reversal_answers: bool,
    /// A reversal in an answered call is its end.
    pub reversal_ends: bool,
    /// Speech after dialling, or ringback that stops, is the answer. Off for lines that always reverse.
    pub voice_answers: bool,
    /// So long after dialling the call counts as answered, whatever was heard.
    pub assumed_answer: Option<Duration>,
    /// A battery that is gone for so long is a hang-up.
    pub battery_break: Duration,
    /// So long without any sound is a hang-up.
    pub silence_limit: Option<Duration>,
    /// Caller ids of waiting calls are asked for and read.
    pub reads_waiting_callers: bool,
}

impl FxoSettings {
    /// A line that was told nothing but its country.
    pub const fn new(country: &'static Country, number: Digits) -> Self {
        Self {
            country,
            number,
            caller_id: CallerIdWait::UpTo(Duration::from_secs(6)),
            dialling: Dialling::Tone,
            dial_start: DialStart::DialTone(Duration::from_secs(5)),
            reversal_answers: false,
            reversal_ends: false,
            voice_answers: true,
            assumed_answer: None,
            battery_break: Duration::from_millis(64),
            silence_limit: None,
            reads_waiting_callers: true,
        }
    }
}

/// Ringing, reversal and battery on hook must stand for this (64 ms in DAHDI's drivers).
pub(super) const DEBOUNCE: Duration = Duration::from_millis(64);
/// A ring on a line being seized: exchanges trip within 200 ms, ours in 30.
pub(super) const GLARE_DEBOUNCE: Duration = Duration::from_millis(20);
/// A pause shorter than this lies within one ring.
pub(super) const RING_PAUSE: Duration = Duration::from_millis(700);
/// A ring that calls nobody is 200 to 300 ms long (EN 300 659-1 §6.1.3); the shortest that does, 400.
pub(super) const LONGEST_RING_PULSE: Duration = Duration::from_millis(340);
/// Nobody rings for longer without a pause.
pub(super) const LONGEST_RING: Duration = Duration::from_secs(10);
/// A dead line is a fault after this.
pub(super) const FAULT: Duration = Duration::from_secs(1);
/// From a seizure until the line's tones can be trusted.
pub(super) const SETTLE: Duration = Duration::from_millis(500);
/// After each change of our own hook, current and polarity mean nothing for this long.
pub(super) const DEAF: Duration = Duration::from_millis(300);
/// From the dial tone to the first digit.
pub(super) const BEFORE_DIALLING: Duration = Duration::from_millis(250);
/// After a hang-up the exchange needs the loop open for so long to be ready again.
pub(super) const GUARD: Duration = Duration::from_millis(1800);
/// An answered call ends by a reversal no sooner than this after its answer.
pub(super) const REVERSAL_ENDS_AFTER: Duration = Duration::from_millis(600);
/// A key that was being pressed when the exchange took our hang-up has been heard to its end after this.
pub(super) const LAST_KEY: Duration = Duration::from_millis(200);
/// A line whose caller hung up while it was being answered gives us a dial tone within this.
pub(super) const EMPTY_LINE: Duration = Duration::from_secs(5);
/// A call that nobody answers.
pub(super) const LONGEST_UNANSWERED: Duration = Duration::from_secs(180);
/// The call model answers a hang-up at once; if it does not, the line is hung up without it.
pub(super) const LONGEST_CLEARING: Duration = Duration::from_secs(30);
/// What came of a caller id before the first ring is kept so long.
pub(super) const CALLER_ID_KEPT: Duration = Duration::from_secs(10);
/// DTMF in a caller id ends when nothing more came for so long.
pub(super) const DIGITS_END: Duration = Duration::from_millis(500);
/// The message of a waiting caller follows its alerting tone within this.
pub(super) const WAITING_MESSAGE: Duration = Duration::from_secs(4);
/// Our digits.
pub(super) const DIGIT_ON_MS: u16 = 80;
pub(super) const DIGIT_OFF_MS: u16 = 80;
/// The consent to a waiting caller's id: 55 to 65 ms (GR-30).
pub(super) const CONSENT_MS: u16 = 60;
