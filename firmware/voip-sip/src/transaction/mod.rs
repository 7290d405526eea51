//! All transactions of one element: bounded tables, matching, timers.

mod machine;
mod slot;
mod table;
mod timers;

use crate::fields::{MAGIC_COOKIE, Via};
use crate::headers::field;
use crate::message::{Message, Method, Request, Response};
use crate::params::Params;
use crate::tokens::Tokens;
use crate::uri::SentBy;
use base::Instant;
use core::net::SocketAddr;
use slot::{Cancelling, EndToEnd, Key, Slot};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use table::{Input, State};

pub use timers::Timers;

/// What carries messages (RFC 3261 §18, RFC 7118).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// Streams.
    Tcp,
    /// Streams under TLS.
    Tls,
    /// WebSocket.
    Ws,
    /// WebSocket under TLS.
    Wss,
}

/// The next element on the way: its address, and what carries messages there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// What carries.
    pub transport: Transport,
    /// The address; of a stream, the far end of the connection.
    pub address: SocketAddr,
}

/// A transaction that we began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(u64);

/// A transaction that the peer began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerId(u64);

/// How many transactions there may be. Behind the bound a request is answered with 503 at no cost of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Up to this many, new calls and registrations are taken.
    pub new: usize,
    /// Up to this many, requests within dialogs: what was accepted is completed.
    pub all: usize,
    /// What Retry-After then says, in seconds.
    pub retry_after: u32,
}

/// About 50 MB at the most.
impl Default for Bounds {
    fn default() -> Self {
        Self { new: 12_000, all: 16_000, retry_after: 2 }
    }
}

/// What the layer wants done or has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Octets for the socket.
    Send {
        /// Where to.
        to: Hop,
        /// The message.
        octets: Vec<u8>,
    },
    /// A request, once: to be answered by [`Transactions::respond`].
    Request {
        /// Its transaction.
        id: ServerId,
        /// Who sent it.
        from: Hop,
        /// The tag for its responses' To.
        tag: String,
        /// The request.
        request: Box<Request>,
    },
    /// The peer cancelled this INVITE: to be answered with 487 (RFC 3261 §9.2).
    Cancelled(ServerId),
    /// The ACK of the 2xx that this INVITE was answered with.
    Acknowledged {
        /// The INVITE's transaction.
        id: ServerId,
        /// The ACK.
        request: Box<Request>,
    },
    /// No ACK came for this INVITE's final response: after a 2xx the dialog is ended by BYE (RFC 3261 §13.3.1.4).
    NotAcknowledged(ServerId),
    /// A response: every provisional one, the first final one, every 2xx of an INVITE that has another tag.
    Response {
        /// The transaction of the request.
        id: ClientId,
        /// The response.
        response: Box<Response>,
    },
    /// No final response came: as if 408 had come (RFC 3261 §8.1.3.1).
    TimedOut(ClientId),
    /// The request could not be sent: as if 503 had come (RFC 3261 §8.1.3.1).
    Lost(ClientId),
}

/// The layer has no room, or the transaction is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDone {
    /// As many transactions as there may be.
    #[error("no room for another transaction")]
    Full,
    /// The transaction has ended, or was answered.
    #[error("the transaction is over")]
    Over,
}

/// All transactions of one element. After every method that takes the time drain [`Transactions::poll_action`] to `None`, then wait no
/// longer than [`Transactions::deadline`].
#[derive(Debug)]
pub struct Transactions {
    timers: Timers,
    bounds: Bounds,
    tokens: Tokens,
    next: u64,
    slots: BTreeMap<u64, Slot>,
    by_key: BTreeMap<Key, u64>,
    by_end_to_end: BTreeMap<EndToEnd, u64>,
    deadlines: BTreeSet<(Instant, u64)>,
    actions: VecDeque<Action>,
}

impl Transactions {
    /// None yet. `key` comes from the system's random source.
    pub const fn new(timers: Timers, bounds: Bounds, key: [u8; 32]) -> Self {
        Self {
            timers,
            bounds,
            tokens: Tokens::new(key),
            next: 0,
            slots: BTreeMap::new(),
            by_key: BTreeMap::new(),
            by_end_to_end: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            actions: VecDeque::new(),
        }
    }

    /// What is to be done next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Transactions::handle_timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|&(due, _)| due)
    }

    /// How many transactions there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        // Each round takes a transaction out of the due ones or ends it: a timer that fires is set behind `now`.
        while let Some(&(due, id)) = self.deadlines.first() {
            if due > now {
                break;
            }
            self.fire(now, id);
        }
    }

    /// Takes a message that came from `from`.
    pub fn handle_message(&mut self, now: Instant, from: Hop, message: Message) {
        self.handle_timeout(now);
        match message {
            Message::Request(request) => self.handle_request(now, from, request),
            Message::Response(response) => self.handle_response(now, response),
        }
    }

    /// Tells that nothing can be sent to `hop`: the connection broke, or the host is unreachable.
    pub fn handle_broken(&mut self, now: Instant, hop: Hop) {
        self.handle_timeout(now);
        let broken: Vec<u64> = self.slots.iter().filter(|(_, slot)| slot.hop == hop).map(|(&id, _)| id).collect();
        broken.into_iter().for_each(|id| self.apply(now, id, Input::Broken, None));
    }

    /// Sends a request. Via is put on top of those that it has, `local` into it.
    pub fn request(&mut self, now: Instant, to: Hop, local: SentBy, mut request: Request) -> Result<ClientId, NotDone> {
        self.handle_timeout(now);
        if self.slots.len() >= self.bounds.all {
            return Err(NotDone::Full);
        }
        let via = self.via(to, local);
        let branch = via.params.value_of("branch").unwrap_or_default().to_owned();
        request.common.vias.insert(0, via);
        let key = Key::Ours(branch, request.method().as_str().to_owned());
        Ok(ClientId(self.send_request(now, to, key, request, false)))
    }

    /// Sends the ACK of a 2xx, and again whenever that 2xx comes again (RFC 3261 §13.2.2.4).
    pub fn acknowledge(
        &mut self,
        now: Instant,
        invite: ClientId,
        to: Hop,
        local: SentBy,
        mut ack: Request,
    ) -> Result<(), NotDone> {
        /// More forks than this many are answered, but not answered again.
        const FORKS: usize = 8;
        self.handle_timeout(now);
        let via = self.via(to, local);
        let slot =
            self.slots.get_mut(&invite.0).filter(|slot| slot.state == State::InviteAccepted).ok_or(NotDone::Over)?;
        ack.common.vias = vec![via];
        let octets = ack.to_octets();
        let tag = ack.common.to.tag().unwrap_or_default().to_owned();
        if slot.acks.len() < FORKS && !slot.acks.iter().any(|(own, ..)| *own == tag) {
            slot.acks.push((tag, to, octets.clone()));
        }
        self.actions.push_back(Action::Send { to, octets });
        Ok(())
    }

    /// Cancels an INVITE of ours: at once if a provisional response has come, else when it comes (RFC 3261 §9.1).
    pub fn cancel(&mut self, now: Instant, invite: ClientId) -> Result<(), NotDone> {
        self.handle_timeout(now);
        let slot = self.slots.get_mut(&invite.0).ok_or(NotDone::Over)?;
        match (slot.state, slot.cancelling) {
            (State::InviteCalling, Cancelling::No) => slot.cancelling = Cancelling::Wanted,
            (State::InviteProceeding, Cancelling::No) => self.send_cancel(now, invite.0),
            (State::InviteCalling | State::InviteProceeding, Cancelling::Wanted | Cancelling::Sent) => {}
            _ => return Err(NotDone::Over),
        }
        Ok(())
    }

    /// Answers a request of the peer.
    pub fn respond(&mut self, now: Instant, id: ServerId, response: &Response) -> Result<(), NotDone> {
        self.handle_timeout(now);
        let input = match response.status {
            ..200 => Input::Provisional,
            200..300 => Input::Success,
            300.. => Input::Failure,
        };
        let slot = self.slots.get_mut(&id.0).filter(|slot| slot.state.is_open()).ok_or(NotDone::Over)?;
        slot.last = response.to_octets();
        slot.accepted = response.common.to.tag().filter(|_| input == Input::Success).map(str::to_owned);
        self.apply(now, id.0, input, None);
        Ok(())
    }

    fn via(&mut self, to: Hop, local: SentBy) -> Via {
        let mut params = Params::new();
        params.push("branch", Some(&format!("{MAGIC_COOKIE}{}", self.tokens.token())));
        params.push("rport", None);
        Via { transport: to.transport.name().to_owned(), sent_by: local, params }
    }

    fn send_request(&mut self, now: Instant, to: Hop, key: Key, mut request: Request, silent: bool) -> u64 {
        let octets = request.to_octets();
        request.common.body = Vec::new();
        let invite = *request.method() == Method::INVITE;
        let state = if invite { State::InviteCalling } else { State::RequestTrying };
        let mut slot = Slot::new(state, key, to, to, request);
        slot.last.clone_from(&octets);
        slot.silent = silent;
        let id = self.insert(now, slot);
        self.actions.push_back(Action::Send { to, octets });
        id
    }

    fn send_cancel(&mut self, now: Instant, id: u64) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.cancelling = Cancelling::Sent;
        slot.bound_cancelled(now, &self.timers);
        let (hop, cancel) = (slot.hop, slot.request.cancel());
        self.schedule(id);
        let branch = cancel.common.vias.first().and_then(|via| via.params.value_of("branch")).unwrap_or_default();
        let key = Key::Ours(branch.to_owned(), "CANCEL".to_owned());
        self.send_request(now, hop, key, cancel, true);
    }

    fn handle_response(&mut self, now: Instant, response: Response) {
        let branch = response.common.vias.first().and_then(|via| via.params.value_of("branch"));
        let Some(branch) = branch else { return };
        let key = Key::Ours(branch.to_owned(), response.common.method.as_str().to_owned());
        // What matches nothing is dropped (RFC 6026 §7.1).
        let Some(&id) = self.by_key.get(&key) else { return };
        let input = match response.status {
            ..200 => Input::Provisional,
            200..300 => Input::Success,
            300.. => Input::Failure,
        };
        self.apply(now, id, input, Some(Message::Response(response)));
        let wanted = self
            .slots
            .get(&id)
            .is_some_and(|slot| slot.state == State::InviteProceeding && slot.cancelling == Cancelling::Wanted);
        if wanted {
            self.send_cancel(now, id);
        }
    }

    fn handle_request(&mut self, now: Instant, from: Hop, mut request: Request) {
        let back = Hop { address: request.way_back(from), ..from };
        let is = |method: &Method| *request.method() == *method;
        if is(&Method::ACK) {
            return self.handle_ack(now, request);
        }
        if is(&Method::CANCEL) {
            return self.handle_cancel(from, back, &request);
        }
        let key = Key::of(&request, request.method().as_str());
        if let Some(&id) = self.by_key.get(&key) {
            return self.apply(now, id, Input::Again, None);
        }
        let is_new = request.common.to.tag().is_none();
        let bound = if is_new { self.bounds.new } else { self.bounds.all };
        if self.slots.len() >= bound {
            let wait = self.bounds.retry_after.to_string();
            return self.answer_once(back, &request, 503, Some(field("Retry-After", &wait)));
        }
        let end_to_end = EndToEnd::of(&request, request.method().as_str());
        // The same request by another way (RFC 3261 §8.2.2.2).
        if is_new && self.by_end_to_end.contains_key(&end_to_end) {
            return self.answer_once(back, &request, 482, None);
        }
        let invite = is(&Method::INVITE);
        let state = if invite { State::OfferedNew } else { State::ServedTrying };
        let whole = Box::new(request.clone());
        request.common.body = Vec::new();
        let mut slot = Slot::new(state, key, back, from, request);
        slot.tag = self.tokens.token();
        slot.end_to_end = Some(end_to_end);
        let tag = slot.tag.clone();
        let id = ServerId(self.insert(now, slot));
        self.actions.push_back(Action::Request { id, from, tag, request: whole });
    }

    fn handle_ack(&mut self, now: Instant, request: Request) {
        let same_branch = self.by_key.get(&Key::of(&request, "INVITE")).copied();
        let by_dialog = || {
            // The ACK of a 2xx is a transaction of its own (RFC 3261 §17.1.1.3): the dialog tells whose it is.
            let &id = self.by_end_to_end.get(&EndToEnd::of(&request, "INVITE"))?;
            let accepted = self.slots.get(&id)?.accepted.as_deref()?;
            (request.common.to.tag() == Some(accepted)).then_some(id)
        };
        if let Some(id) = same_branch.or_else(by_dialog) {
            self.apply(now, id, Input::Ack, Some(Message::Request(request)));
        }
    }

    /// RFC 3261 §9.2. Only who sent the INVITE may cancel it.
    fn handle_cancel(&mut self, from: Hop, back: Hop, request: &Request) {
        let id = self.by_key.get(&Key::of(request, "INVITE")).copied();
        let slot = id.and_then(|id| self.slots.get_mut(&id).map(|slot| (id, slot)));
        let Some((id, slot)) = slot.filter(|(_, slot)| slot.source.address.ip() == from.address.ip()) else {
            return self.answer_once(back, request, 481, None);
        };
        let first = slot.cancelling == Cancelling::No && slot.state.is_open();
        slot.cancelling = Cancelling::Sent;
        let octets = request.respond(200, &slot.tag).to_octets();
        self.actions.push_back(Action::Send { to: back, octets });
        if first {
            self.actions.push_back(Action::Cancelled(ServerId(id)));
        }
    }

    /// An answer that keeps nothing: the request's repetition gets it again.
    fn answer_once(&mut self, to: Hop, request: &Request, status: u16, more: Option<rsip::Header>) {
        let tag = self.tokens.token();
        let mut response = request.respond(status, &tag);
        more.into_iter().for_each(|header| response.common.headers.push(header));
        self.actions.push_back(Action::Send { to, octets: response.to_octets() });
    }
}

impl Request {
    /// Notes in the topmost Via where the request came from; gives where responses go (RFC 3261 §18.2.2, RFC 3581 §4).
    fn way_back(&mut self, from: Hop) -> SocketAddr {
        let Some(top) = self.common.vias.first_mut() else { return from.address };
        let back = top.response_address(from.address);
        top.note_source(from.address);
        if from.transport.is_reliable() { from.address } else { back }
    }
}
