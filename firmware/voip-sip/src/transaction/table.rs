//! The four machines of RFC 3261 §17 with the corrections of RFC 6026, as one table.

use super::timers::{Ending, Repeating};
use Effect::{Acknowledge, Lost, NoAck, Send, Tell, TimedOut, Trying};
use Input::{Ack, Again, Broken, End, Failure, Provisional, Repeat, Success};
use State::{
    Gone, InviteAccepted, InviteCalling, InviteCompleted, InviteProceeding, OfferedAccepted, OfferedAcknowledged,
    OfferedCompleted, OfferedConfirmed, OfferedNew, OfferedProceeding, RequestCompleted, RequestProceeding,
    RequestTrying, ServedCompleted, ServedProceeding, ServedTrying,
};

/// Where a transaction is. `Invite` and `Request` are ours, `Offered` (an INVITE) and `Served` the peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// RFC 3261 Fig. 5, RFC 6026 Fig. 4.
    InviteCalling,
    InviteProceeding,
    InviteCompleted,
    InviteAccepted,
    /// RFC 3261 Fig. 6.
    RequestTrying,
    RequestProceeding,
    RequestCompleted,
    /// RFC 3261 Fig. 7, RFC 6026 Fig. 5; "new" is Proceeding before the 100.
    OfferedNew,
    OfferedProceeding,
    OfferedCompleted,
    OfferedConfirmed,
    OfferedAccepted,
    /// Accepted, and the ACK came: the 2xx rests.
    OfferedAcknowledged,
    /// RFC 3261 Fig. 8.
    ServedTrying,
    ServedProceeding,
    ServedCompleted,
    /// Terminated.
    Gone,
}

/// What happens to a transaction. Responses come from the peer to our requests, and from the user to the peer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// 1xx.
    Provisional,
    /// 2xx.
    Success,
    /// 3xx to 6xx.
    Failure,
    /// The peer's request once more.
    Again,
    /// The peer's ACK.
    Ack,
    /// The repeating timer.
    Repeat,
    /// The ending timer.
    End,
    /// The transport cannot send.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Our request, or the last response.
    Send,
    /// The ACK of a failure.
    Acknowledge,
    /// A 100.
    Trying,
    /// The message goes to the user.
    Tell,
    /// No response came.
    TimedOut,
    /// No ACK came.
    NoAck,
    /// It could not be sent.
    Lost,
}

impl State {
    /// What follows, and what must be done about it.
    pub(crate) const fn on(self, input: Input) -> (Self, &'static [Effect]) {
        match (self, input) {
            (InviteCalling | InviteProceeding, Provisional) => (InviteProceeding, &[Tell]),
            (InviteCalling | InviteProceeding, Success) => (InviteAccepted, &[Tell]),
            (InviteCalling | InviteProceeding, Failure) => (InviteCompleted, &[Acknowledge, Tell]),
            (InviteCalling, Repeat) => (InviteCalling, &[Send]),
            (InviteCalling | InviteProceeding, End) => (Gone, &[TimedOut]),
            (InviteCalling | InviteProceeding, Broken) => (Gone, &[Lost]),
            (InviteCompleted, Failure) => (InviteCompleted, &[Acknowledge]),
            (InviteCompleted, End) => (Gone, &[]),
            (InviteAccepted, Success) => (InviteAccepted, &[Tell]),
            (InviteAccepted, End) => (Gone, &[]),

            (RequestTrying | RequestProceeding, Provisional) => (RequestProceeding, &[Tell]),
            (RequestTrying | RequestProceeding, Success | Failure) => (RequestCompleted, &[Tell]),
            (RequestTrying | RequestProceeding, Repeat) => (self, &[Send]),
            (RequestTrying | RequestProceeding, End) => (Gone, &[TimedOut]),
            (RequestTrying | RequestProceeding, Broken) => (Gone, &[Lost]),
            (RequestCompleted, End) => (Gone, &[]),

            (OfferedNew, Repeat) => (OfferedProceeding, &[Trying]),
            (OfferedProceeding, Again) => (OfferedProceeding, &[Send]),
            (OfferedNew | OfferedProceeding, Provisional) => (OfferedProceeding, &[Send]),
            (OfferedNew | OfferedProceeding, Success) => (OfferedAccepted, &[Send]),
            (OfferedNew | OfferedProceeding, Failure) => (OfferedCompleted, &[Send]),
            (OfferedCompleted, Again | Repeat) => (OfferedCompleted, &[Send]),
            (OfferedCompleted, Ack) => (OfferedConfirmed, &[]),
            (OfferedCompleted, End) => (Gone, &[NoAck]),
            (OfferedConfirmed, End) => (Gone, &[]),
            (OfferedAccepted, Repeat) => (OfferedAccepted, &[Send]),
            (OfferedAccepted, Ack) => (OfferedAcknowledged, &[Tell]),
            (OfferedAccepted, End) => (Gone, &[NoAck]),
            (OfferedAcknowledged, End) => (Gone, &[]),

            (ServedTrying | ServedProceeding, Provisional) => (ServedProceeding, &[Send]),
            (ServedTrying | ServedProceeding, Success | Failure) => (ServedCompleted, &[Send]),
            (ServedProceeding, Again) => (ServedProceeding, &[Send]),
            (ServedTrying | ServedProceeding, End) => (Gone, &[]),
            (ServedCompleted, Again) => (ServedCompleted, &[Send]),
            (ServedCompleted, End) => (Gone, &[]),

            // Named, not `_`: a new input must be placed in this table by hand. A broken transport leaves the peer's requests to their
            // timers: the peer may come again by another connection.
            (same, Provisional | Success | Failure | Again | Ack | Repeat | End | Broken) => (same, &[]),
        }
    }

    /// What ends the state.
    pub(crate) const fn ending(self) -> Option<Ending> {
        match self {
            InviteCalling => Some(Ending::B),
            InviteProceeding => Some(Ending::C),
            InviteCompleted => Some(Ending::D),
            InviteAccepted => Some(Ending::M),
            RequestTrying | RequestProceeding => Some(Ending::F),
            RequestCompleted => Some(Ending::K),
            OfferedCompleted => Some(Ending::H),
            OfferedConfirmed => Some(Ending::I),
            OfferedAccepted | OfferedAcknowledged => Some(Ending::L),
            ServedTrying | ServedProceeding => Some(Ending::Unanswered),
            ServedCompleted => Some(Ending::J),
            OfferedNew | OfferedProceeding | Gone => None,
        }
    }

    /// What is repeated in it.
    pub(crate) const fn repeating(self, reliable: bool) -> Option<Repeating> {
        match self {
            // The 2xx is repeated end to end, over any transport (RFC 3261 §13.3.1.4).
            OfferedAccepted => Some(Repeating::E),
            OfferedNew => Some(Repeating::Trying),
            InviteCalling if !reliable => Some(Repeating::A),
            RequestTrying | OfferedCompleted if !reliable => Some(Repeating::E),
            RequestProceeding if !reliable => Some(Repeating::Slow),
            InviteCalling | InviteProceeding | InviteCompleted | InviteAccepted | RequestTrying | RequestProceeding
            | RequestCompleted | OfferedProceeding | OfferedCompleted | OfferedConfirmed | OfferedAcknowledged
            | ServedTrying | ServedProceeding | ServedCompleted | Gone => None,
        }
    }

    /// Whether the user may still answer the peer.
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, OfferedNew | OfferedProceeding | ServedTrying | ServedProceeding)
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
