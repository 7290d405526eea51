//! One transaction's state, what it is found by, and what it keeps.

use super::table::State;
use super::timers::{Ending, Repeating, Timers};
use super::{Hop, Transport};
use crate::message::Request;
use base::Instant;
use core::time::Duration;

/// What a message is matched by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A response to us: branch and method (RFC 3261 §17.1.3).
    Ours(String, String),
    /// A request to us: branch, sent-by and method, the INVITE's for its ACK (RFC 3261 §17.2.3).
    Theirs(String, String, String),
    /// A request without a unique branch, as in RFC 2543: all that tells it from others (RFC 3261 §17.2.3).
    Old(String),
}

impl Key {
    /// The key of a request as if its method were `method`.
    pub(crate) fn of(request: &Request, method: &str) -> Self {
        let common = &request.common;
        let top = common.vias.first();
        if let Some((via, branch)) = top.and_then(|via| Some((via, via.unique_branch()?))) {
            return Self::Theirs(branch.to_owned(), via.sent_by.to_string(), method.to_owned());
        }
        let tag = common.from.tag().unwrap_or_default();
        let via = top.map(|via| format!("{}{}", via.sent_by, via.params)).unwrap_or_default();
        let (uri, id, number) = (&request.uri, &common.call_id, common.sequence);
        Self::Old(format!("{method} {number} {id} {tag} {via} {uri}"))
    }
}

/// What tells requests apart from end to end: Call-ID, tag of From, CSeq (RFC 3261 §8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EndToEnd(String, String, u32, String);

impl EndToEnd {
    pub(crate) fn of(request: &Request, method: &str) -> Self {
        let common = &request.common;
        let tag = common.from.tag().unwrap_or_default().to_owned();
        Self(common.call_id.clone(), tag, common.sequence, method.to_owned())
    }
}

/// Whether an INVITE of ours is to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancelling {
    No,
    /// As soon as a provisional response allows it (RFC 3261 §9.1).
    Wanted,
    Sent,
}

#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) state: State,
    pub(crate) key: Key,
    pub(crate) end_to_end: Option<EndToEnd>,
    /// Where our message goes.
    pub(crate) hop: Hop,
    /// Who the request came from.
    pub(crate) source: Hop,
    /// The request without its body.
    pub(crate) request: Request,
    /// Our tag in responses to it.
    pub(crate) tag: String,
    /// The tag of the 2xx that was sent.
    pub(crate) accepted: Option<String>,
    /// What is repeated.
    pub(crate) last: Vec<u8>,
    /// ACKs of 2xx by the tag that they answer.
    pub(crate) acks: Vec<(String, Hop, Vec<u8>)>,
    pub(crate) cancelling: Cancelling,
    /// A CANCEL of our own making, of which the user hears nothing.
    pub(crate) silent: bool,
    /// Where it stands among the deadlines.
    pub(crate) scheduled: Option<Instant>,
    repeat: Option<(Repeating, Instant, Duration)>,
    end: Option<(Ending, Instant)>,
}

/// A timer that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Repeat,
    End,
    /// The INVITE was not heard of for too long.
    Cancel,
}

impl Slot {
    pub(crate) fn new(state: State, key: Key, hop: Hop, source: Hop, request: Request) -> Self {
        Self {
            state,
            key,
            end_to_end: None,
            hop,
            source,
            request,
            tag: String::new(),
            accepted: None,
            last: Vec::new(),
            acks: Vec::new(),
            cancelling: Cancelling::No,
            silent: false,
            scheduled: None,
            repeat: None,
            end: None,
        }
    }

    /// Enters `state`; a timer that runs in both goes on.
    pub(crate) fn enter(&mut self, now: Instant, state: State, timers: &Timers) {
        self.state = state;
        let reliable = self.hop.transport.is_reliable();
        let ending = state.ending();
        let cancelled = matches!(self.end, Some((Ending::Cancelled, _))) && state == State::InviteProceeding;
        let anew = ending == Some(Ending::C) || ending != self.end.map(|(timer, _)| timer);
        if anew && !cancelled {
            self.end = ending.map(|timer| (timer, now + timers.ending(timer, reliable)));
        }
        let repeating = state.repeating(reliable);
        if repeating != self.repeat.map(|(timer, ..)| timer) {
            self.repeat = repeating.map(|timer| (timer, now + timers.first(timer), timers.first(timer)));
        }
    }

    /// A cancelled INVITE does not wait for ever.
    pub(crate) fn bound_cancelled(&mut self, now: Instant, timers: &Timers) {
        self.end = Some((Ending::Cancelled, now + timers.ending(Ending::Cancelled, false)));
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let repeat = self.repeat.map(|(_, due, _)| due);
        repeat.into_iter().chain(self.end.map(|(_, due)| due)).min()
    }

    /// What is due by `now`, and goes on from there.
    pub(crate) fn take_due(&mut self, now: Instant, timers: &Timers) -> Option<Due> {
        if let Some((timer, _)) = self.end.filter(|&(_, due)| due <= now) {
            self.end = None;
            return Some(if timer == Ending::C { Due::Cancel } else { Due::End });
        }
        let (timer, _, pause) = self.repeat.filter(|&(_, due, _)| due <= now)?;
        let pause = timers.next(timer, pause);
        self.repeat = Some((timer, now + pause, pause));
        Some(Due::Repeat)
    }
}

impl Transport {
    /// Whether the transport itself delivers what was sent.
    pub const fn is_reliable(self) -> bool {
        match self {
            Self::Udp => false,
            Self::Tcp | Self::Tls | Self::Ws | Self::Wss => true,
        }
    }

    /// Its name in Via (RFC 3261 §20.42, RFC 7118 §5.2).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }
}
