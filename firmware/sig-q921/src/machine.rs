//! The data link as a machine: states 4 to 8 of Q.921 Annex B.

use crate::timers::Parameters;
use crate::wire::{Control, Lapd, Malformed, Role, Side};
use base::{Instant, Piece, Queue, Scratch};
use core::fmt;
use ports::span::Frame;

/// I frames that may wait, acknowledged ones gone, in a [`Link`]. A burst of every call of a span fits.
pub const QUEUED_MESSAGES: usize = 128;
/// Actions that may wait to be polled. One input makes at most k frames and three more.
const ACTIONS: usize = 160;
/// Octets of frames and messages that wait to be polled: a whole window of the longest, and some.
const WAITING_OCTETS: usize = 36 * 1024;
/// Sequence numbers are counted modulo this (Q.921 §3.5.2.1).
const MODULUS: u8 = 128;

/// A layer 3 message: the information field of an I frame, at most N201 = 260 octets.
pub type Message = heapless::Vec<u8, 260>;

/// States of a point-to-point link (Q.921 Annex B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// 4: down.
    TeiAssigned4,
    /// 5: SABME sent.
    AwaitingEstablishment5,
    /// 6: DISC sent.
    AwaitingRelease6,
    /// 7: up.
    MultipleFrame7,
    /// 8: up, waiting for the answer to an enquiry.
    TimerRecovery8,
}

/// What the link reports to management, by the letter of Q.921 Appendix II.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MdlError {
    /// A supervisory response with F = 1 that nobody asked for.
    A,
    /// A DM with F = 1 that nobody asked for.
    B,
    /// A UA with F = 1 that nobody asked for.
    C,
    /// A UA with F = 0.
    D,
    /// A DM with F = 0: the peer has no link.
    E,
    /// The peer established the link anew.
    F,
    /// SABME was not answered N200 times.
    G,
    /// DISC was not answered N200 times.
    H,
    /// An enquiry was not answered N200 times.
    I,
    /// N(R) acknowledges what was not sent.
    J,
    /// FRMR received.
    K,
    /// Undefined control field.
    L,
    /// Information field where none is permitted.
    M,
    /// Frame of wrong length.
    N,
    /// Information field longer than N201.
    O,
}

impl fmt::Display for MdlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A: unsolicited supervisory response",
            Self::B => "B: unsolicited DM, final",
            Self::C => "C: unsolicited UA, final",
            Self::D => "D: UA without final bit",
            Self::E => "E: the peer says that the link is down",
            Self::F => "F: the peer established the link anew",
            Self::G => "G: no answer to SABME",
            Self::H => "H: no answer to DISC",
            Self::I => "I: no answer to enquiries",
            Self::J => "J: N(R) out of range",
            Self::K => "K: the peer rejected a frame",
            Self::L => "L: undefined control field",
            Self::M => "M: information field not permitted",
            Self::N => "N: frame of wrong length",
            Self::O => "O: information field longer than N201",
        })
    }
}

/// What the owner has to do. Frames and messages are the owner's, or pieces that [`Link::octets`] lends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<F = Frame, M = Message> {
    /// Send this frame.
    Transmit(F),
    /// Hand this message to layer 3.
    Deliver(M),
    /// The link is up: DL-ESTABLISH, confirmed or indicated.
    Established,
    /// The link is down: DL-RELEASE. Messages not yet acknowledged are lost.
    Released,
    /// The link was established anew while it was up: messages of both directions may be lost.
    Reset,
    /// MDL-ERROR, for the log and the alarms.
    Error(MdlError),
}

impl<F, M> Action<F, M> {
    /// The same with another frame or message in the place of this one.
    #[inline]
    fn map<G, N>(self, frame: impl FnOnce(F) -> G, message: impl FnOnce(M) -> N) -> Action<G, N> {
        match self {
            Self::Transmit(octets) => Action::Transmit(frame(octets)),
            Self::Deliver(octets) => Action::Deliver(message(octets)),
            Self::Established => Action::Established,
            Self::Released => Action::Released,
            Self::Reset => Action::Reset,
            Self::Error(error) => Action::Error(error),
        }
    }
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendError {
    /// The link is not up.
    Down,
    /// [`QUEUED_MESSAGES`] wait for acknowledgement.
    Full,
    /// No octets, or more than N201.
    Length,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Down => "data link is down",
            Self::Full => "128 messages wait for acknowledgement",
            Self::Length => "message empty or longer than N201",
        })
    }
}

impl core::error::Error for SendError {}

/// What makes the link run again after it went down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// Layer 3 asked for the link: try for ever.
    Up,
    /// Only the peer may establish it.
    No,
}

/// Why SABME was sent, which decides what layer 3 is told when it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Layer3,
    Recovery,
}

/// One point-to-point data link.
///
/// After every mutation the owner drains [`Link::poll_action`] to `None`, then reads [`Link::deadline`]. An owner who
/// lets 160 actions pile up loses frames, which the protocol repeats; a message that has no room is not acknowledged.
#[derive(Clone, Debug)]
pub struct Link {
    side: Side,
    parameters: Parameters,
    state: State,
    wanted: Wanted,
    origin: Origin,
    /// V(S), V(A), V(R).
    vs: u8,
    va: u8,
    vr: u8,
    /// RC, the retry counter.
    retries: u8,
    peer_busy: bool,
    reject_outstanding: bool,
    acknowledgement_pending: bool,
    t200: Option<Instant>,
    t203: Option<Instant>,
    /// When a link that is down is tried again.
    again: Option<Instant>,
    /// Messages from V(A) on; the first V(S) - V(A) of them are sent.
    queue: Ring,
    /// Those that wait; their octets lie in the scratch.
    actions: Queue<Action<Piece, Piece>, ACTIONS>,
    octets: Scratch<WAITING_OCTETS>,
}

/// Messages not yet acknowledged, readable at any place.
#[derive(Clone, Debug)]
struct Ring {
    slots: [Message; QUEUED_MESSAGES],
    head: usize,
    len: usize,
}

impl Ring {
    const fn new() -> Self {
        Self { slots: [const { Message::new() }; QUEUED_MESSAGES], head: 0, len: 0 }
    }

    fn at(&self, place: usize) -> Option<&Message> {
        (place < self.len).then(|| &self.slots[(self.head + place) % QUEUED_MESSAGES])
    }

    fn push(&mut self, message: &[u8]) -> Result<(), SendError> {
        if self.len == QUEUED_MESSAGES {
            return Err(SendError::Full);
        }
        let slot = &mut self.slots[(self.head + self.len) % QUEUED_MESSAGES];
        slot.clear();
        slot.extend_from_slice(message).map_err(|_| SendError::Length)?;
        self.len += 1;
        Ok(())
    }

    fn drop_first(&mut self, count: usize) {
        let count = count.min(self.len);
        self.head = (self.head + count) % QUEUED_MESSAGES;
        self.len -= count;
    }

    fn clear(&mut self) {
        self.len = 0;
    }
}

impl Link {
    /// A link in state 4. It answers a peer that establishes; [`Link::establish`] makes it try by itself.
    pub fn new(side: Side, parameters: Parameters) -> Self {
        let n201 = parameters.n201.min(Message::new().capacity());
        let k = parameters.k.clamp(1, (MODULUS - 1).min(QUEUED_MESSAGES as u8));
        Self {
            side,
            parameters: Parameters { n201, k, ..parameters },
            state: State::TeiAssigned4,
            wanted: Wanted::No,
            origin: Origin::Layer3,
            vs: 0,
            va: 0,
            vr: 0,
            retries: 0,
            peer_busy: false,
            reject_outstanding: false,
            acknowledgement_pending: false,
            t200: None,
            t203: None,
            again: None,
            queue: Ring::new(),
            actions: Queue::new(),
            octets: Scratch::new(),
        }
    }

    /// Which end this is.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The state of the link.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Messages can be sent.
    pub const fn is_up(&self) -> bool {
        matches!(self.state, State::MultipleFrame7 | State::TimerRecovery8)
    }

    /// Messages that the peer has not acknowledged.
    pub const fn unacknowledged(&self) -> usize {
        self.queue.len
    }

    /// The next action, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        let action = self.poll_piece()?;
        // What was kept came from a frame or a message, so it fits one.
        let frame = |piece| Frame::from_slice(self.octets(piece)).unwrap_or_default();
        let message = |piece| Message::from_slice(self.octets(piece)).unwrap_or_default();
        Some(action.map(frame, message))
    }

    /// [`Link::poll_action`] without a copy: [`Link::octets`] shows the octets until the link takes its next input.
    #[inline]
    pub fn poll_piece(&mut self) -> Option<Action<Piece, Piece>> {
        if self.actions.is_empty() {
            // Layer 3 had its chance to answer: an I frame would have acknowledged (Q.921 §5.6.2.1).
            if !(self.acknowledgement_pending && self.is_up()) {
                return None;
            }
            self.acknowledge(false);
        }
        self.actions.pop()
    }

    /// What a polled piece stands for.
    #[inline]
    pub fn octets(&self, piece: Piece) -> &[u8] {
        self.octets.at(piece)
    }

    /// When [`Link::handle_timeout`] must be called at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        [self.t200, self.t203, self.again].into_iter().flatten().min()
    }

    /// DL-ESTABLISH request: brings the link up and keeps trying until [`Link::release`].
    pub fn establish(&mut self, now: Instant) {
        self.wanted = Wanted::Up;
        match self.state {
            State::AwaitingRelease6 | State::AwaitingEstablishment5 => {}
            State::TeiAssigned4 | State::MultipleFrame7 | State::TimerRecovery8 => {
                self.queue.clear();
                self.start_establishment(now, Origin::Layer3);
            }
        }
    }

    /// DL-RELEASE request: takes the link down. What is not yet acknowledged is lost.
    pub fn release(&mut self, now: Instant) {
        self.wanted = Wanted::No;
        self.again = None;
        match self.state {
            State::TeiAssigned4 => self.act(Action::Released),
            State::AwaitingRelease6 => {}
            State::AwaitingEstablishment5 | State::MultipleFrame7 | State::TimerRecovery8 => {
                self.queue.clear();
                self.retries = 0;
                self.t203 = None;
                self.command(Control::Disconnect { bit: true });
                self.t200 = Some(now + self.parameters.t200);
                self.state = State::AwaitingRelease6;
            }
        }
    }

    /// PH-DEACTIVATE: the line is gone, so the link is down at once and without a word to a peer who would not hear it
    /// (Q.921 Annex B). It stays down until [`Link::establish`], or until the peer establishes it.
    pub fn deactivate(&mut self) {
        let was = self.state;
        self.wanted = Wanted::No;
        self.clear_exceptions();
        self.queue.clear();
        (self.vs, self.va) = (0, 0);
        (self.t200, self.t203, self.again) = (None, None, None);
        self.state = State::TeiAssigned4;
        if was != State::TeiAssigned4 {
            self.act(Action::Released);
        }
    }

    /// DL-DATA request: queues a layer 3 message, 1 to N201 octets. While the link recovers by itself, layer 3 does not know
    /// of it and goes on: the message waits (Q.921 Figure B.5).
    ///
    /// # Errors
    /// [`SendError`]; the message is then not sent.
    pub fn send(&mut self, now: Instant, message: &[u8]) -> Result<(), SendError> {
        let recovers = self.state == State::AwaitingEstablishment5 && self.origin == Origin::Recovery;
        if !self.is_up() && !recovers {
            return Err(SendError::Down);
        }
        if message.is_empty() || message.len() > self.parameters.n201 {
            return Err(SendError::Length);
        }
        self.queue.push(message)?;
        self.send_queued(now);
        Ok(())
    }

    /// A frame from the card: address to the end of the information field, FCS checked and removed.
    pub fn handle_frame(&mut self, now: Instant, octets: &[u8]) {
        match Lapd::parse(self.side.peer(), octets, self.parameters.n201) {
            Ok(frame) => self.on_frame(now, frame),
            Err(Malformed::Invalid | Malformed::OtherLink) => {}
            Err(Malformed::Undefined) => self.condition(now, MdlError::L),
            Err(Malformed::InformationNotPermitted) => self.condition(now, MdlError::M),
            Err(Malformed::WrongSize) => self.condition(now, MdlError::N),
            Err(Malformed::InformationTooLong) => self.condition(now, MdlError::O),
        }
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let due = |timer: Option<Instant>| timer.is_some_and(|at| at <= now);
        if due(self.t200) {
            self.t200 = None;
            self.on_t200(now);
        }
        if due(self.t203) {
            self.t203 = None;
            self.enquire(now);
        }
        if due(self.again) {
            self.again = None;
            self.start_establishment(now, Origin::Layer3);
        }
    }

    /// The table of Q.921 Annex B: what a valid frame does in each state.
    fn on_frame(&mut self, now: Instant, frame: Lapd<'_>) {
        use Control::{
            Acknowledge, Disconnect, DisconnectedMode, Exchange, FrameReject, Information, ReceiveNotReady,
            ReceiveReady, Reject, Sabme, Unnumbered,
        };
        use State::{AwaitingEstablishment5, AwaitingRelease6, MultipleFrame7, TeiAssigned4, TimerRecovery8};
        match (self.state, frame.control) {
            (_, Unnumbered { .. } | Exchange { .. }) => {}

            (TeiAssigned4, Sabme { bit }) => {
                self.respond(Acknowledge { bit });
                self.come_up(now);
                self.act(Action::Established);
            }
            (TeiAssigned4, Disconnect { bit }) => self.respond(DisconnectedMode { bit }),
            (TeiAssigned4, DisconnectedMode { bit: false }) if self.wanted == Wanted::Up => {
                self.start_establishment(now, Origin::Layer3);
            }
            (TeiAssigned4, DisconnectedMode { .. }) => {}
            (TeiAssigned4 | MultipleFrame7 | TimerRecovery8, Acknowledge { bit }) => {
                self.act(Action::Error(if bit { MdlError::C } else { MdlError::D }));
            }
            (
                TeiAssigned4 | AwaitingEstablishment5 | AwaitingRelease6,
                Information { .. } | ReceiveReady { .. } | ReceiveNotReady { .. } | Reject { .. } | FrameReject { .. },
            ) => {}

            (AwaitingEstablishment5, Sabme { bit }) => self.respond(Acknowledge { bit }),
            (AwaitingEstablishment5, Disconnect { bit }) => self.respond(DisconnectedMode { bit }),
            (AwaitingEstablishment5, Acknowledge { bit: true }) => self.established(now),
            (AwaitingEstablishment5 | AwaitingRelease6, Acknowledge { bit: false }) => {
                self.act(Action::Error(MdlError::D));
            }
            (AwaitingEstablishment5 | AwaitingRelease6, DisconnectedMode { bit: true }) => self.go_down(now),
            (AwaitingEstablishment5 | AwaitingRelease6, DisconnectedMode { bit: false }) => {}

            (AwaitingRelease6, Sabme { bit }) => self.respond(DisconnectedMode { bit }),
            (AwaitingRelease6, Disconnect { bit }) => self.respond(Acknowledge { bit }),
            (AwaitingRelease6, Acknowledge { bit: true }) => self.go_down(now),

            (MultipleFrame7 | TimerRecovery8, Sabme { bit }) => {
                self.respond(Acknowledge { bit });
                self.act(Action::Error(MdlError::F));
                if self.vs != self.va {
                    self.queue.clear();
                }
                self.come_up(now);
                self.act(Action::Reset);
                self.send_queued(now);
            }
            (MultipleFrame7 | TimerRecovery8, Disconnect { bit }) => {
                self.respond(Acknowledge { bit });
                self.go_down(now);
            }
            (MultipleFrame7, DisconnectedMode { bit: true }) => self.act(Action::Error(MdlError::B)),
            (TimerRecovery8, DisconnectedMode { bit: true }) => self.recover(now, MdlError::B),
            (MultipleFrame7 | TimerRecovery8, DisconnectedMode { bit: false }) => self.recover(now, MdlError::E),
            (MultipleFrame7 | TimerRecovery8, FrameReject { .. }) => self.recover(now, MdlError::K),
            (MultipleFrame7 | TimerRecovery8, Information { ns, nr, bit }) => {
                self.on_information(now, ns, nr, bit, frame.information);
            }
            (
                MultipleFrame7 | TimerRecovery8,
                ReceiveReady { nr, bit } | ReceiveNotReady { nr, bit } | Reject { nr, bit },
            ) => {
                self.on_supervisory(now, frame.role, frame.control, nr, bit);
            }
        }
    }

    /// Q.921 §5.6.2: an I frame.
    fn on_information(&mut self, now: Instant, ns: u8, nr: u8, poll: bool, information: &[u8]) {
        if ns == self.vr {
            let room = self.actions.len() + 8 < ACTIONS;
            if let Some(message) = room.then(|| self.keep([information, &[]])).flatten() {
                self.vr = (self.vr + 1) % MODULUS;
                self.reject_outstanding = false;
                self.act(Action::Deliver(message));
                self.acknowledgement_pending = true;
            }
            if poll {
                self.acknowledge(true);
            }
        } else if self.reject_outstanding {
            if poll {
                self.acknowledge(true);
            }
        } else {
            self.reject_outstanding = true;
            self.acknowledgement_pending = false;
            self.respond(Control::Reject { nr: self.vr, bit: poll });
        }
        if !self.acknowledges(nr) {
            return self.recover(now, MdlError::J);
        }
        if self.state == State::TimerRecovery8 || self.peer_busy {
            self.take_acknowledgement(nr);
        } else {
            self.progress(now, nr);
        }
        self.send_queued(now);
    }

    /// Q.921 §5.6.3 to §5.6.5, §5.6.7: RR, RNR and REJ.
    fn on_supervisory(&mut self, now: Instant, role: Role, control: Control, nr: u8, bit: bool) {
        self.peer_busy = matches!(control, Control::ReceiveNotReady { .. });
        let answer = role == Role::Response && bit;
        if role == Role::Command && bit {
            self.acknowledge(true);
        }
        if answer && self.state == State::MultipleFrame7 {
            self.act(Action::Error(MdlError::A));
        }
        if !self.acknowledges(nr) {
            return self.recover(now, MdlError::J);
        }
        match (self.state, control) {
            (State::TimerRecovery8, _) if !answer => self.take_acknowledgement(nr),
            (State::TimerRecovery8, _) => {
                self.take_acknowledgement(nr);
                self.vs = nr;
                self.state = State::MultipleFrame7;
                self.t200 = self.peer_busy.then(|| now + self.parameters.t200);
                self.t203 = (!self.peer_busy).then(|| now + self.parameters.t203);
            }
            (_, Control::ReceiveNotReady { .. }) => {
                self.take_acknowledgement(nr);
                self.t203 = None;
                self.t200 = Some(now + self.parameters.t200);
            }
            (_, Control::Reject { .. }) => {
                self.take_acknowledgement(nr);
                self.vs = nr;
                self.t200 = None;
                self.t203 = Some(now + self.parameters.t203);
            }
            (_, _) => self.progress(now, nr),
        }
        self.send_queued(now);
    }

    fn on_t200(&mut self, now: Instant) {
        let again = self.retries < self.parameters.n200;
        match self.state {
            State::AwaitingEstablishment5 if again => self.repeat(now, Control::Sabme { bit: true }),
            State::AwaitingEstablishment5 => {
                self.act(Action::Error(MdlError::G));
                self.go_down(now);
            }
            State::AwaitingRelease6 if again => self.repeat(now, Control::Disconnect { bit: true }),
            State::AwaitingRelease6 => {
                self.act(Action::Error(MdlError::H));
                self.go_down(now);
            }
            State::MultipleFrame7 => self.enquire(now),
            State::TimerRecovery8 if again => self.repeat(now, Control::ReceiveReady { nr: self.vr, bit: true }),
            State::TimerRecovery8 => self.recover(now, MdlError::I),
            State::TeiAssigned4 => {}
        }
    }

    /// T203 or T200 in state 7: asks the peer whether it is there and what it has.
    fn enquire(&mut self, now: Instant) {
        self.retries = 0;
        self.t203 = None;
        self.state = State::TimerRecovery8;
        self.repeat(now, Control::ReceiveReady { nr: self.vr, bit: true });
    }

    fn repeat(&mut self, now: Instant, control: Control) {
        self.retries += 1;
        self.command(control);
        self.t200 = Some(now + self.parameters.t200);
        if matches!(control, Control::ReceiveReady { .. }) {
            self.acknowledgement_pending = false;
        }
    }

    /// A frame rejection condition (Q.921 §5.8.5): an established link is established anew.
    fn condition(&mut self, now: Instant, error: MdlError) {
        match self.state {
            State::MultipleFrame7 | State::TimerRecovery8 => self.recover(now, error),
            State::TeiAssigned4 | State::AwaitingEstablishment5 | State::AwaitingRelease6 => {
                self.act(Action::Error(error));
            }
        }
    }

    fn recover(&mut self, now: Instant, error: MdlError) {
        self.act(Action::Error(error));
        self.start_establishment(now, Origin::Recovery);
    }

    fn start_establishment(&mut self, now: Instant, origin: Origin) {
        self.clear_exceptions();
        self.origin = origin;
        self.retries = 0;
        self.t203 = None;
        self.again = None;
        self.command(Control::Sabme { bit: true });
        self.t200 = Some(now + self.parameters.t200);
        self.state = State::AwaitingEstablishment5;
    }

    /// State 5 ends well. Layer 3 learns of a recovery only when something was in flight (Q.921 Annex B).
    fn established(&mut self, now: Instant) {
        let in_flight = self.vs != self.va;
        match self.origin {
            Origin::Layer3 => {
                self.queue.clear();
                self.act(Action::Established);
            }
            Origin::Recovery if in_flight => {
                self.queue.clear();
                self.act(Action::Reset);
            }
            Origin::Recovery => {}
        }
        self.come_up(now);
        self.send_queued(now);
    }

    fn come_up(&mut self, now: Instant) {
        self.clear_exceptions();
        (self.vs, self.va, self.vr) = (0, 0, 0);
        self.t200 = None;
        self.again = None;
        self.t203 = Some(now + self.parameters.t203);
        self.state = State::MultipleFrame7;
    }

    fn go_down(&mut self, now: Instant) {
        self.queue.clear();
        (self.vs, self.va) = (0, 0);
        (self.t200, self.t203) = (None, None);
        self.state = State::TeiAssigned4;
        self.again = match self.wanted {
            Wanted::Up => Some(now + self.parameters.t200 * u32::from(self.parameters.n200)),
            Wanted::No => None,
        };
        self.act(Action::Released);
    }

    fn clear_exceptions(&mut self) {
        self.peer_busy = false;
        self.reject_outstanding = false;
        self.acknowledgement_pending = false;
    }

    /// V(A) <= N(R) <= V(S), modulo 128.
    fn acknowledges(&self, nr: u8) -> bool {
        distance(self.va, nr) <= distance(self.va, self.vs)
    }

    fn take_acknowledgement(&mut self, nr: u8) {
        self.queue.drop_first(usize::from(distance(self.va, nr)));
        self.va = nr;
    }

    /// An acknowledgement in state 7: T200 runs while something is in flight, else T203.
    fn progress(&mut self, now: Instant, nr: u8) {
        let news = nr != self.va;
        self.take_acknowledgement(nr);
        if nr == self.vs {
            self.t200 = None;
            self.t203 = Some(now + self.parameters.t203);
        } else if news {
            self.t200 = Some(now + self.parameters.t200);
        }
    }

    /// Sends what the window lets through (Q.921 §5.6.1).
    #[inline]
    fn send_queued(&mut self, now: Instant) {
        if self.queue.len > usize::from(distance(self.va, self.vs)) {
            self.send_waiting(now);
        }
    }

    fn send_waiting(&mut self, now: Instant) {
        while self.state == State::MultipleFrame7 && !self.peer_busy {
            let in_flight = distance(self.va, self.vs);
            if in_flight >= self.parameters.k {
                return;
            }
            if self.actions.is_empty() {
                self.octets.clear();
            }
            let Some(message) = self.queue.at(usize::from(in_flight)) else { return };
            let control = Control::Information { ns: self.vs, nr: self.vr, bit: false };
            let (head, len) = control.head(Role::Command, self.side);
            let frame = self.octets.keep([&head[..len], message]);
            self.transmit(frame);
            self.vs = (self.vs + 1) % MODULUS;
            self.acknowledgement_pending = false;
            if self.t200.is_none() {
                self.t203 = None;
                self.t200 = Some(now + self.parameters.t200);
            }
        }
    }

    fn acknowledge(&mut self, bit: bool) {
        self.acknowledgement_pending = false;
        self.respond(Control::ReceiveReady { nr: self.vr, bit });
    }

    fn command(&mut self, control: Control) {
        self.bare(Role::Command, control);
    }

    fn respond(&mut self, control: Control) {
        self.bare(Role::Response, control);
    }

    /// A frame without information.
    fn bare(&mut self, role: Role, control: Control) {
        let (head, len) = control.head(role, self.side);
        let frame = self.keep([&head[..len], &[]]);
        self.transmit(frame);
    }

    fn keep(&mut self, parts: [&[u8]; 2]) -> Option<Piece> {
        if self.actions.is_empty() {
            self.octets.clear();
        }
        self.octets.keep(parts)
    }

    /// The last eight places are kept for indications, so that frames alone cannot push out a change of state.
    fn transmit(&mut self, frame: Option<Piece>) {
        if let Some(frame) = frame
            && self.actions.len() + 8 < ACTIONS
        {
            self.act(Action::Transmit(frame));
        }
    }

    fn act(&mut self, action: Action<Piece, Piece>) {
        // Only an owner who breaks the contract gets here with a full queue.
        let _ = self.actions.push(action);
    }
}

/// How far `to` is ahead of `from`.
const fn distance(from: u8, to: u8) -> u8 {
    to.wrapping_sub(from) % MODULUS
}
