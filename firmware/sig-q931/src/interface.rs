//! What goes into and comes out of an [`crate::Interface`].

use crate::state::State;
use crate::timers::Timer;
use crate::wire::{Diagnostics, MessageType, Octets, WireError};
use base::Cause;
use core::fmt;
use ports::call::Primitive;

/// Calls one interface holds at most. A primary rate has 30 channels; the rest are calls that are being refused or cleared.
pub const CALLS: usize = 64;

/// Names a call for as long as it lives, and never another one soon after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallHandle {
    pub(crate) place: u8,
    pub(crate) generation: u32,
}

impl fmt::Display for CallHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.place, self.generation)
    }
}

/// What the data link layer says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Established.
    Up,
    /// Released.
    Down,
    /// Established anew while it was up: messages may be lost.
    Reset,
}

/// What the owner has to do. Messages are the owner's, or lent by [`crate::Interface::poll_lent`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<M = Octets> {
    /// Send this message on the data link.
    Transmit(M),
    /// Tell the call model what happened to a call. An incoming call begins with `Setup` and a new handle; nothing follows
    /// `Released`.
    Line {
        /// Which call.
        call: CallHandle,
        /// Its timeslot, 1 to 15 or 17 to 31, once known.
        channel: Option<u8>,
        /// What happened.
        primitive: Primitive,
    },
    /// This timeslot was restarted and is idle at both ends.
    ChannelRestarted(u8),
    /// For the log and the alarms.
    Report(Report),
}

impl<M> Action<M> {
    /// The same with another message in the place of this one.
    #[inline]
    pub(crate) fn map<N>(self, message: impl FnOnce(M) -> N) -> Action<N> {
        match self {
            Self::Transmit(octets) => Action::Transmit(message(octets)),
            Self::Line { call, channel, primitive } => Action::Line { call, channel, primitive },
            Self::ChannelRestarted(timeslot) => Action::ChannelRestarted(timeslot),
            Self::Report(report) => Action::Report(report),
        }
    }
}

/// What is worth a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// A message was ignored: it could not be read as Q.931.
    Unreadable(WireError),
    /// The peer sent a message that does not fit; it was answered as Q.931 §5.8 says.
    Unexpected {
        /// What came.
        message: MessageType,
        /// The call's state.
        state: State,
        /// The cause it was answered with.
        cause: Cause,
    },
    /// A message of the peer's and our DISCONNECT or RELEASE crossed: it was answered like one that does not fit, and is no fault.
    Crossed {
        /// What came.
        message: MessageType,
        /// The call's state.
        state: State,
    },
    /// The peer reports an error or its state.
    Status {
        /// Its cause.
        cause: Cause,
        /// What the cause is about: elements' identifiers or a message type.
        about: Diagnostics,
        /// Its state's number, where it gave one.
        state: Option<u8>,
    },
    /// A timer ran out.
    Expired {
        /// Which.
        timer: Timer,
        /// The call's timeslot.
        channel: Option<u8>,
    },
    /// No place for one more call: it was refused.
    NoPlace,
    /// The peer took the timeslot out of service, or back (SERVICE).
    Service {
        /// Which.
        timeslot: u8,
        /// Whether it may be used.
        usable: bool,
    },
    /// Both ends wanted this timeslot at once: our call gave it up.
    Glare(u8),
    /// The network refused the timeslot and our call was sent once more, on another.
    Rehunted {
        /// The one refused, unless it was given up before.
        from: Option<u8>,
        /// The one asked for now.
        to: u8,
    },
    /// The D-channel has been down for a while; this many active calls are kept for T309.
    DChannelFailed {
        /// Calls kept.
        kept: u8,
    },
    /// The D-channel is back after that.
    DChannelRestored,
    /// The peer does not answer RESTART for this timeslot; it is out of service. A user goes on asking, a network waits for the owner, the
    /// peer's own RESTART or a new link (Q.931 §5.5.1).
    OutOfService(u8),
}
