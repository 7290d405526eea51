//! The timers of transactions (RFC 3261 Table 4, RFC 6026 §8.4, §8.5).

use core::time::Duration;

/// The three values that all others are made of (RFC 3261 §17.1.1.1, §17.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// The round trip that is reckoned with.
    pub t1: Duration,
    /// The longest pause between repeated requests and INVITE responses.
    pub t2: Duration,
    /// How long a message stays in the network.
    pub t4: Duration,
}

/// RFC 3261 §17.1.1.1.
impl Default for Timers {
    fn default() -> Self {
        Self { t1: Duration::from_millis(500), t2: Duration::from_secs(4), t4: Duration::from_secs(5) }
    }
}

/// Timers that end a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// An INVITE without any response.
    B,
    /// An INVITE that was heard of, and then no more: it is cancelled. The standard has it for proxies (RFC 3261 §16.6 item 11); without it a
    /// peer that fell silent would be waited for for ever. Each provisional response starts it anew (§13.3.1.1 wants one a minute).
    C,
    /// Repeated final responses to an INVITE are acknowledged so long.
    D,
    /// Another request without a final response.
    F,
    /// A failure without ACK.
    H,
    /// Repeated ACKs are absorbed so long.
    I,
    /// Repeated requests are answered so long.
    J,
    /// Repeated responses are absorbed so long.
    K,
    /// Repeated INVITEs of an accepted call are absorbed, its 2xx repeated so long.
    L,
    /// 2xx of other branches are taken so long.
    M,
    /// A request that nobody answered: its sender has given up (RFC 4320 §4.2).
    Unanswered,
    /// A cancelled INVITE without a final response (RFC 3261 §9.1).
    Cancelled,
}

/// Timers that repeat a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeating {
    /// An INVITE: doubling without end.
    A,
    /// Another request, and an INVITE's final response (G, and the 2xx of RFC 3261 §13.3.1.4): doubling up to T2.
    E,
    /// A request that has a provisional response: each T2.
    Slow,
    /// The 100 that the user did not send in time (RFC 3261 §17.2.1).
    Trying,
}

impl Timers {
    pub(crate) fn ending(&self, timer: Ending, reliable: bool) -> Duration {
        let waits = |wait| if reliable { Duration::ZERO } else { wait };
        match timer {
            Ending::B | Ending::F | Ending::H | Ending::L | Ending::M => self.t1 * 64,
            Ending::Unanswered | Ending::Cancelled => self.t1 * 64,
            Ending::C => Duration::from_secs(181),
            Ending::D => waits(Duration::from_secs(32).max(self.t1 * 64)),
            Ending::I | Ending::K => waits(self.t4),
            Ending::J => waits(self.t1 * 64),
        }
    }

    /// The first pause.
    pub(crate) fn first(&self, timer: Repeating) -> Duration {
        match timer {
            Repeating::A | Repeating::E => self.t1,
            Repeating::Slow => self.t2,
            Repeating::Trying => Duration::from_millis(200),
        }
    }

    /// The pause behind one of `pause`.
    pub(crate) fn next(&self, timer: Repeating, pause: Duration) -> Duration {
        match timer {
            Repeating::A => pause * 2,
            Repeating::E => (pause * 2).min(self.t2),
            Repeating::Slow => self.t2,
            Repeating::Trying => pause,
        }
    }
}
