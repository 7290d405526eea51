//! What a channel tells the log and the records.

use crate::country::Category;
use crate::timers::Timer;
use core::fmt;
use ports::span::Abcd;

/// Which register's frequencies (Q.441 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Register {
    /// From the caller's end: 1380 to 1980 Hz.
    Forward,
    /// From the called end: 540 to 1140 Hz.
    Backward,
}

/// What the called end lets the caller hear where no signal says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// The called party is rung.
    Ringback,
    /// It is busy, does not answer, or has hung up.
    Busy,
    /// The call cannot be carried.
    Congestion,
}

/// Something worth a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Who calls, as far as the other end's register said; it follows the call's `Setup`.
    Caller {
        /// The signal that answered the request for the category.
        category_signal: Option<u8>,
        /// The signal of group II that came before the verdict.
        group_two_signal: Option<u8>,
        /// What they mean.
        category: Option<Category>,
    },
    /// A call at our charge was refused.
    CollectRefused,
    /// The called end answered twice: it takes no calls at its charge.
    DoubleAnswer,
    /// Both ends seized at once; our call went to this channel, or ended where there is none.
    DoubleSeizure {
        /// The other channel.
        moved_to: Option<u8>,
    },
    /// Our seizure was not acknowledged; the call went to this channel, or ended where there is none.
    Unacknowledged {
        /// The other channel.
        moved_to: Option<u8>,
    },
    /// A timer ran out.
    Expired(Timer),
    /// A register signal that means nothing there.
    UnexpectedSignal {
        /// Whose.
        register: Register,
        /// 1 to 15.
        signal: u8,
    },
    /// Bits that mean nothing there.
    UnexpectedBits(Abcd),
    /// The called end released by force.
    ForcedRelease,
    /// The called end was idle before we cleared.
    ReleasedEarly,
    /// After a fault the channel is idle at both ends again.
    Recovered,
}

/// What happened and its remedy.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller { category, .. } => match category {
                Some(category) => write!(f, "the caller is of category {category:?}"),
                None => f.write_str("the caller is of no category that the country knows"),
            },
            Self::CollectRefused => f.write_str("a collect call was refused, as configured"),
            Self::DoubleAnswer => f.write_str("double answer: the called end takes no collect calls"),
            Self::DoubleSeizure { moved_to: Some(other) } => {
                write!(f, "double seizure: the call went to channel {other}")
            }
            Self::DoubleSeizure { moved_to: None } => f.write_str(
                "double seizure and no other channel free: let the two ends hunt from opposite ends, or make channels one-way",
            ),
            Self::Unacknowledged { moved_to: Some(other) } => {
                write!(f, "the seizure was not acknowledged; the call went to channel {other}: have the far end look at this channel")
            }
            Self::Unacknowledged { moved_to: None } => f.write_str(
                "the seizure was not acknowledged: check that the far end takes calls on this channel and that its bits reach the span",
            ),
            Self::Expired(Timer::T1) => f.write_str("T1: a forward signal was not answered: check levels, and that both ends speak the same country"),
            Self::Expired(Timer::T2) => f.write_str("T2: the far end asks for nothing: it may wait for more digits than were dialled"),
            Self::Expired(Timer::T3) => f.write_str("T3: no forward signal came: check levels, and the number of digits configured"),
            Self::Expired(Timer::SeizureAcknowledgement) => f.write_str("the seizure was not acknowledged"),
            Self::Expired(Timer::Answer) => f.write_str("nobody answered"),
            Self::Expired(Timer::ReleaseGuard) => f.write_str(
                "the far end stayed busy after clear-forward: the channel is out of service until its idle bits come",
            ),
            Self::Expired(Timer::ClearBack) => f.write_str("the caller's end did not clear after our clear-back"),
            Self::UnexpectedSignal { register, signal } => {
                write!(f, "{register:?} signal {signal} means nothing here: check the country")
            }
            Self::UnexpectedBits(bits) => write!(f, "bits {bits:?} mean nothing here: check the country and bits c and d"),
            Self::ForcedRelease => f.write_str("the far end released by force"),
            Self::ReleasedEarly => f.write_str("the far end was idle before the call was cleared"),
            Self::Recovered => f.write_str("idle at both ends again"),
        }
    }
}
