//! The interface: its calls, its channels, and what reaches the world outside.

mod channels;
mod clearing;
mod command;
mod details;
mod global;
mod hold;
mod maintenance;
mod receive;
mod setup;
mod timeout;

pub use channels::ChannelState;

use crate::interface::{Action, CALLS, CallHandle, LinkState, Report};
use crate::profile::{Parameters, RestartAtStart};
use crate::state::State;
use crate::timers::{Side, Timer};
use crate::wire::{Flag, Location, MessageType, Octets, Reason, Writer};
use base::{Cause, Digits, Instant, Piece, Queue, Scratch};
use channels::{Restarts, Service};
use core::time::Duration;
use details::Details;
use hold::Hold;
use ports::call::{Address, Primitive, Setup};

/// Actions that may wait. The most that one input makes are 64 calls' timers, each of five actions, and 30 channels' restarts, each
/// of two.
const ACTIONS: usize = 384;
/// Octets of messages that wait to be polled: 64 calls' longest and 30 channels' restarts.
const WAITING_OCTETS: usize = 18 * 1024;

/// One call.
#[derive(Clone, Debug)]
struct Call {
    generation: u32,
    /// Call reference value, 1 to 32767.
    reference: u16,
    /// Who gave it.
    ours: Ours,
    state: State,
    channel: Option<u8>,
    /// The peer knows the channel from us: the first answer has told it.
    channel_told: bool,
    /// What we asked for, to ask again.
    setup: Option<Setup>,
    /// Digits that came before the peer asked for them.
    waiting: Option<(Digits, Address)>,
    /// The timer of the state.
    timer: Option<(Timer, Instant)>,
    /// The timer's first expiry is behind us.
    repeated: bool,
    /// The data link is down since the call is active.
    t309: Option<Instant>,
    /// What goes out with the next message that can carry it.
    details: Details,
    hold: Hold,
    /// The call was sent again on another channel.
    rehunted: bool,
    /// The call model asked for this very channel.
    pinned: bool,
    /// STATUS ENQUIRY was sent: when it is due again, how often it was sent, and in which state.
    t322: Option<(Instant, u8, State)>,
    /// Why it ends.
    reason: Reason,
    /// The call model knows of the call and has not been told that it is released.
    known: bool,
}

/// Whether a call reference is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ours {
    Yes,
    No,
}

/// Where a call lies in the table.
type Place = usize;

/// All calls and channels of one primary rate interface.
///
/// After every mutation the owner drains [`Interface::poll_action`] to `None`, then reads [`Interface::deadline`].
#[derive(Clone, Debug)]
pub struct Interface {
    side: Side,
    parameters: Parameters,
    link: LinkState,
    calls: [Option<Call>; CALLS],
    service: [Service; 32],
    /// Timeslots that the owner keeps from calls: bit n is timeslot n.
    blocked: u32,
    restarts: Restarts,
    /// Timeslots that the peer took out of service: bit n is timeslot n.
    far_out: u32,
    /// The channel that hunting took last.
    last_hunted: u8,
    /// RESTART at start is still to be sent.
    starts: bool,
    next_generation: u32,
    next_reference: u16,
    /// Those that wait; their octets lie in the scratch.
    actions: Queue<Action<Piece>, ACTIONS>,
    octets: Scratch<WAITING_OCTETS>,
    /// Which places of `calls` are taken: bit n is place n.
    taken: u64,
}

impl Interface {
    /// An interface without calls, its data link down.
    pub const fn new(side: Side, parameters: Parameters) -> Self {
        Self {
            side,
            parameters,
            link: LinkState::Down,
            calls: [const { None }; CALLS],
            service: [Service::In; 32],
            blocked: 0,
            restarts: Restarts::NONE,
            far_out: 0,
            last_hunted: 0,
            starts: true,
            next_generation: 1,
            next_reference: 1,
            actions: Queue::new(),
            octets: Scratch::new(),
            taken: 0,
        }
    }

    /// Which end this is.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// The oldest action not yet carried out.
    pub fn poll_action(&mut self) -> Option<Action> {
        // What was kept is a message, so it fits one.
        Some(self.poll_lent()?.map(|message| Octets::from_slice(message).unwrap_or_default()))
    }

    /// [`Interface::poll_action`] without a copy of the octets.
    #[inline]
    pub fn poll_lent(&mut self) -> Option<Action<&[u8]>> {
        Some(self.actions.pop()?.map(|piece| self.octets.at(piece)))
    }

    /// When [`Interface::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let of_call = |call: &Call| {
            [call.timer.map(|(_, due)| due), call.t309, call.t322.map(|(due, ..)| due), call.hold.due()]
                .into_iter()
                .flatten()
                .min()
        };
        let calls = self.places().filter_map(|place| self.calls[place].as_ref()).filter_map(of_call);
        calls.chain(self.restarts.due()).min()
    }

    /// Calls of which the call model knows, with their states.
    pub fn calls(&self) -> impl Iterator<Item = (CallHandle, State, Option<u8>)> {
        self.places().filter_map(|place| {
            let call = self.calls[place].as_ref().filter(|call| call.known)?;
            Some((handle(place, call), call.state, call.channel))
        })
    }

    /// Places of calls that live now, lowest first.
    fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let mut left = self.taken;
        core::iter::from_fn(move || {
            let place = left.trailing_zeros() as Place;
            left &= left.wrapping_sub(1);
            (place < CALLS).then_some(place)
        })
    }

    /// The call is gone.
    const fn vacate(&mut self, place: Place) {
        self.calls[place] = None;
        self.taken &= !(1 << place);
    }

    /// The data link's state changed (Q.931 §5.8.8, §5.8.9).
    pub fn handle_link(&mut self, now: Instant, link: LinkState) {
        let before = core::mem::replace(&mut self.link, link);
        match link {
            LinkState::Down => {
                self.restarts.stop();
                self.link_lost(now);
            }
            LinkState::Up if before == LinkState::Down => self.link_back(now),
            LinkState::Up | LinkState::Reset => {
                self.link = LinkState::Up;
                self.link_reset(now);
            }
        }
        if link == LinkState::Down {
            return;
        }
        self.tell_blocked();
        self.repeat_restarts(now);
        if core::mem::take(&mut self.starts) {
            match self.parameters.restart_at_start {
                RestartAtStart::No => {}
                RestartAtStart::Interface => self.restart_all(now),
                RestartAtStart::Channels => (1..32).for_each(|timeslot| self.restart(now, timeslot)),
            }
        }
    }

    /// Without a link only active calls are kept, for T309. For the call model all others are over; their references and channels
    /// wait with them for the link, because the peer may have noticed no failure at all, and holds its end until it is told (Q.931 §5.8.9).
    fn link_lost(&mut self, now: Instant) {
        for place in self.places() {
            let Some(call) = &mut self.calls[place] else { continue };
            call.t322 = None;
            if call.state == State::Active || !call.known {
                call.timer = None;
                call.t309.get_or_insert(now + self.parameters.timers.t309);
            } else {
                let cause = if call.state.is_clearing() { call.reason.cause } else { Cause::DESTINATION_OUT_OF_ORDER };
                call.t309 = Some(now + self.parameters.timers.t309);
                self.forget(place, cause);
            }
        }
    }

    /// The link is back within T309: calls are compared, and the ends of those that ended meanwhile are made up for.
    fn link_back(&mut self, now: Instant) {
        for place in self.places() {
            let Some(call) = &mut self.calls[place] else { continue };
            match (call.t309.take(), call.state) {
                (Some(_), State::ReleaseRequest) => {
                    let reason = call.reason;
                    self.release(now, place, reason);
                }
                (Some(_), _) => self.enquire(now, place, 0),
                (None, _) => {}
            }
        }
    }

    /// Messages may have been lost: calls in the middle of dialling are given up, the others are compared (Q.931 §5.8.8). What a
    /// timer repeats anyway is left to it.
    fn link_reset(&mut self, now: Instant) {
        for place in self.places() {
            // What told the channel may be among the messages lost: the next answer names it again.
            if let Some(call) = &mut self.calls[place] {
                call.channel_told = false;
            }
            match self.calls[place].as_ref().map(|call| call.state) {
                Some(State::OverlapSending | State::OverlapReceiving) => {
                    self.give_up(now, place, Cause::TEMPORARY_FAILURE);
                }
                Some(
                    State::Proceeding
                    | State::Delivered
                    | State::IncomingProceeding
                    | State::Received
                    | State::ConnectRequest
                    | State::Active,
                ) => self.enquire(now, place, 0),
                Some(
                    State::Null
                    | State::Initiated
                    | State::Present
                    | State::DisconnectSent
                    | State::DisconnectReceived
                    | State::ReleaseRequest,
                )
                | None => {}
            }
        }
    }

    fn enquire(&mut self, now: Instant, place: Place, sent_before: u8) {
        let due = now + self.parameters.timers.t322;
        if let Some(call) = &mut self.calls[place] {
            call.t322 = Some((due, sent_before.saturating_add(1), call.state));
        }
        self.send(place, MessageType::StatusEnquiry, |_| {});
    }

    /// Where our causes arise.
    const fn location(&self) -> Location {
        match self.side {
            Side::User => Location::USER,
            Side::Network => Location::PUBLIC_LOCAL,
        }
    }

    fn find(&self, handle: CallHandle) -> Option<Place> {
        let place = Place::from(handle.place);
        let call = self.calls.get(place)?.as_ref()?;
        (call.generation == handle.generation).then_some(place)
    }

    fn by_reference(&self, reference: u16, ours: Ours) -> Option<Place> {
        let is_it = |call: &Call| call.reference == reference && call.ours == ours;
        self.places().find(|&place| self.calls[place].as_ref().is_some_and(is_it))
    }

    /// Puts a new call into the table.
    fn open(&mut self, reference: u16, ours: Ours, state: State) -> Option<Place> {
        let place = Some((!self.taken).trailing_zeros() as Place).filter(|&place| place < CALLS)?;
        self.taken |= 1 << place;
        let generation = self.next_generation;
        self.next_generation = self.next_generation.wrapping_add(1);
        self.calls[place] = Some(Call {
            generation,
            reference,
            ours,
            state,
            channel: None,
            channel_told: false,
            setup: None,
            waiting: None,
            timer: None,
            repeated: false,
            t309: None,
            details: Details::NONE,
            hold: Hold::NONE,
            rehunted: false,
            pinned: false,
            t322: None,
            reason: Cause::NORMAL_CLEARING.into(),
            known: false,
        });
        Some(place)
    }

    /// A call reference of ours that no call uses.
    fn unused_reference(&mut self) -> u16 {
        // At most 64 are in use, so the 65th try finds one.
        for _ in 0..=CALLS {
            let reference = self.next_reference;
            self.next_reference = if reference == 0x7FFF { 1 } else { reference + 1 };
            if self.by_reference(reference, Ours::Yes).is_none() {
                return reference;
            }
        }
        self.next_reference
    }

    /// Moves the call on. A timer of the state before ends with it.
    fn enter(&mut self, place: Place, state: State, timer: Option<(Timer, Instant)>) {
        if let Some(call) = &mut self.calls[place] {
            call.state = state;
            call.timer = timer;
            call.repeated = false;
            if state.is_clearing() {
                call.t322 = None;
            }
        }
    }

    fn timer(&self, now: Instant, timer: Timer) -> Option<(Timer, Instant)> {
        let timers = &self.parameters.timers;
        let wait: Duration = match timer {
            Timer::T301 => timers.t301,
            Timer::T302 => timers.t302,
            Timer::T303 => timers.t303,
            Timer::T304 => timers.t304,
            Timer::T305 => timers.t305,
            Timer::T306 => timers.t306,
            Timer::T308 => timers.t308,
            Timer::T309 => timers.t309,
            Timer::T310 => timers.t310,
            Timer::T313 => timers.t313,
            Timer::T316 => timers.t316,
            Timer::T322 => timers.t322,
            Timer::THold => timers.t_hold,
            Timer::Offered => timers.offered,
        };
        Some((timer, now + wait))
    }

    /// Sends a message of a call, with the elements that `fill` adds.
    fn send(&mut self, place: Place, kind: MessageType, fill: impl FnOnce(&mut Writer)) {
        let Some(call) = &self.calls[place] else { return };
        let flag = match call.ours {
            Ours::Yes => Flag::FromOriginator,
            Ours::No => Flag::ToOriginator,
        };
        let mut message = Writer::new(flag, call.reference, kind);
        fill(&mut message);
        if call.details.any {
            self.add_details(place, kind, &mut message);
        }
        self.transmit(&message);
    }

    fn transmit(&mut self, message: &Writer) {
        // Without a link there is nobody to hear it; timers repeat what matters.
        if self.link != LinkState::Up {
            return;
        }
        if self.actions.is_empty() {
            self.octets.clear();
        }
        if let Some(message) = self.octets.keep([message.octets(), &[]]) {
            self.act(Action::Transmit(message));
        }
    }

    /// Tells the call model.
    fn tell(&mut self, place: Place, primitive: Primitive) {
        let Some(call) = &self.calls[place] else { return };
        if call.known {
            let (call, channel) = (handle(place, call), call.channel);
            self.act(Action::Line { call, channel, primitive });
        }
    }

    fn report(&mut self, report: Report) {
        self.act(Action::Report(report));
    }

    fn act(&mut self, action: Action<Piece>) {
        // The bound is the most that one input makes; an owner who does not drain loses the newest.
        let _ = self.actions.push(action);
    }
}

fn handle(place: Place, call: &Call) -> CallHandle {
    CallHandle { place: place as u8, generation: call.generation }
}
