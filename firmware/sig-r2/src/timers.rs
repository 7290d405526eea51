//! Every time of both machines.

use core::time::Duration;

/// What ran out, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A forward signal was answered by nothing, or the answer never ended (Q.476, T1).
    T1,
    /// Nobody asked for anything (Q.476, T2).
    T2,
    /// The next forward signal did not come (Q.476, T3).
    T3,
    /// The seizure was not acknowledged (Q.422 §2.2.1).
    SeizureAcknowledgement,
    /// Nobody answered (Q.118 §4.1).
    Answer,
    /// The other end did not become idle after clear-forward.
    ReleaseGuard,
    /// The other end did not clear forward after our clear-back (Q.118 §4.3).
    ClearBack,
}

/// Durations. [`Timers::STANDARD`] is for lines on land; a satellite's delay fits into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// Bits are believed when they have stood so long (Q.422 §3.2.1: 20 ms, ±10).
    pub persistence: Duration,
    /// From seizure to its acknowledgement (Q.422 §2.2.1: 100 to 200 ms on land, 1 to 2 s by satellite).
    pub acknowledgement: Duration,
    /// An unacknowledged seizure is held so long before it is given up, so that a late acknowledgement meets it.
    pub late_acknowledgement: Duration,
    /// Of a double seizure, both ends hold so long (Q.422 §2.2.5: at least 100 ms).
    pub double_seizure: Duration,
    /// A channel is idle so long before its next call (Q.422 §2.2.5: at least 100 ms).
    pub guard: Duration,
    /// From clear-forward to the other end's idle bits; later that is a fault.
    pub release_guard: Duration,
    /// From address complete to the answer (Q.118 §4.1).
    pub answer: Duration,
    /// From clear-back to clear-forward (Q.118 §4.3: 1 to 2 min).
    pub clear_back: Duration,
    /// After the last register signal, the line says "answered" no sooner: a receiver may still hear the signal.
    pub answer_delay: Duration,
    /// Half a double answer.
    pub double_answer: Duration,
    /// A metering pulse; the pause after it is twice as long.
    pub metering_pulse: Duration,
    /// T1 (Q.476: 12 to 18 s).
    pub t1: Duration,
    /// T2 (Q.476: more than 24 s).
    pub t2: Duration,
    /// T3 (Q.476: 8 to 24 s).
    pub t3: Duration,
    /// After the last digit that was asked for, so much silence says that there are no more.
    pub no_more_digits: Duration,
    /// A backward signal that nothing asked for (Q.442: 150 ms, ±50).
    pub pulse: Duration,
    /// Silence before it (Q.442: at least 100 ms).
    pub pulse_gap: Duration,
    /// With overlap receiving, the call model says within this time whether the number is whole; else one more digit is asked for.
    pub weigh: Duration,
    /// From the caller's category to a word about the called party; a call that is being routed counts as free then. Less than T1.
    pub decision: Duration,
    /// From the caller's hanging up to the call model's word; the channel is freed then.
    pub model: Duration,
    /// A call that is answered outlives alarms shorter than this.
    pub alarm_hold: Duration,
}

impl Timers {
    /// The Recommendations' values, where they give one.
    pub const STANDARD: Self = Self {
        persistence: Duration::from_millis(20),
        acknowledgement: Duration::from_millis(2000),
        late_acknowledgement: Duration::from_secs(30),
        double_seizure: Duration::from_millis(100),
        guard: Duration::from_millis(100),
        release_guard: Duration::from_millis(3000),
        answer: Duration::from_secs(120),
        clear_back: Duration::from_secs(60),
        answer_delay: Duration::from_millis(150),
        double_answer: Duration::from_millis(400),
        metering_pulse: Duration::from_millis(150),
        t1: Duration::from_secs(15),
        t2: Duration::from_secs(30),
        t3: Duration::from_secs(15),
        no_more_digits: Duration::from_millis(2000),
        pulse: Duration::from_millis(150),
        pulse_gap: Duration::from_millis(100),
        weigh: Duration::from_millis(40),
        decision: Duration::from_secs(5),
        model: Duration::from_secs(5),
        alarm_hold: Duration::from_millis(2500),
    };
}

impl Default for Timers {
    fn default() -> Self {
        Self::STANDARD
    }
}
