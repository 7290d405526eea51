//! One channel: the line's machine (Q.421 to Q.424), which holds a register while there is one.

mod bits;
mod incoming;
mod outgoing;
mod state;

pub(crate) use state::{GivenUp, Placed};

use crate::register::signal_of;
use crate::report::{Register, Report, Tone};
use crate::settings::{Direction, Settings};
use crate::span::{ACTIONS, Action, CallHandle};
use base::{Cause, Digits, Instant, Queue};
use bits::Bits;
use ports::call::{Inband, Primitive, Refusal};
use ports::span::Abcd;
use state::{Side, State};

/// What a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// It carries no calls.
    Absent,
    /// Free for a call.
    Idle,
    /// A call towards us is being set up.
    Incoming,
    /// A call of ours is being set up.
    Outgoing,
    /// Answered.
    Connected,
    /// Being released, or not yet ready for the next call.
    Clearing,
    /// Kept from calls by its owner.
    Blocked,
    /// Kept from calls by the far end.
    BlockedRemotely,
    /// It has a fault, or the span an alarm.
    OutOfService,
}

/// What a channel meets and leaves at one time.
pub(crate) struct Turn<'a> {
    pub(crate) now: Instant,
    pub(crate) settings: &'a Settings,
    pub(crate) actions: &'a mut Queue<Action, ACTIONS>,
    pub(crate) generation: &'a mut u32,
}

impl Turn<'_> {
    fn act(&mut self, action: Action) {
        // Never full: see ACTIONS.
        let _ = self.actions.push(action);
    }
}

/// One channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    timeslot: u8,
    direction: Direction,
    state: State,
    /// Bits sent.
    sent: Bits,
    /// Bits received, believed.
    received: Bits,
    /// Others that are being watched.
    candidate: Option<(Bits, Instant)>,
    /// The register signal ordered last.
    signal: Option<(Register, u8)>,
    /// The tone ordered last.
    tone: Option<Tone>,
    /// The receiver ordered last.
    listening: Option<Register>,
    call: Option<CallHandle>,
    /// Ours, and the called party is to pay.
    is_collect: bool,
    /// The call model said that the call shall end, or was told so.
    is_clearing: bool,
    /// It said so.
    is_left: bool,
    is_blocked: bool,
    is_alarmed: bool,
    /// When an answered call ends for an alarm.
    alarm_due: Option<Instant>,
    given_up: Option<GivenUp>,
    told: ChannelState,
}

impl Channel {
    pub(crate) const fn new(timeslot: u8, direction: Direction) -> Self {
        Self {
            timeslot,
            direction,
            state: State::Idle,
            sent: Bits::Idle,
            received: Bits::Idle,
            candidate: None,
            signal: None,
            tone: None,
            listening: None,
            call: None,
            is_collect: false,
            is_clearing: false,
            is_left: false,
            is_blocked: false,
            is_alarmed: false,
            alarm_due: None,
            given_up: None,
            told: ChannelState::Absent,
        }
    }

    pub(crate) const fn timeslot(&self) -> u8 {
        self.timeslot
    }

    pub(crate) const fn direction(&self) -> Direction {
        self.direction
    }

    pub(crate) const fn call(&self) -> Option<CallHandle> {
        self.call
    }

    pub(crate) fn take_given_up(&mut self) -> Option<GivenUp> {
        self.given_up.take()
    }

    /// The state, if it is another than was told.
    pub(crate) fn news(&mut self) -> Option<ChannelState> {
        let state = self.state();
        (core::mem::replace(&mut self.told, state) != state).then_some(state)
    }

    pub(crate) fn state(&self) -> ChannelState {
        match &self.state {
            _ if self.direction == Direction::Unused => ChannelState::Absent,
            _ if self.is_alarmed => ChannelState::OutOfService,
            State::Idle if self.is_blocked => ChannelState::Blocked,
            State::Idle => match self.received {
                Bits::Idle => ChannelState::Idle,
                Bits::Acknowledged => ChannelState::BlockedRemotely,
                Bits::Seized | Bits::Answered => ChannelState::OutOfService,
            },
            State::Faulty | State::Unacknowledged(_) => ChannelState::OutOfService,
            State::Seizing { .. } | State::Sending { .. } | State::AwaitingAnswer { .. } => ChannelState::Outgoing,
            State::Receiving(_) | State::Accepted { .. } => ChannelState::Incoming,
            State::AnsweredThere(_) | State::Blinking { .. } | State::AnsweredHere(_) => ChannelState::Connected,
            State::Guarding(_)
            | State::DoublySeized(_)
            | State::ClearedBack(_)
            | State::ClearingForward { .. }
            | State::ClearingBack { .. }
            | State::ClearedForward(_)
            | State::ShowingClear(_) => ChannelState::Clearing,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let bits = self.candidate.map(|(_, due)| due);
        [self.state.deadline(), bits, self.alarm_due].into_iter().flatten().min()
    }

    pub(crate) fn start(&mut self, turn: &mut Turn<'_>) {
        if matches!(self.state, State::Idle) {
            self.sent = self.idle_bits();
        }
        self.send_bits(turn);
    }

    pub(crate) fn handle_cas(&mut self, turn: &mut Turn<'_>, bits: Abcd) {
        self.handle_timeout(turn);
        let bits = Bits::of(bits);
        self.candidate = match self.candidate {
            _ if bits == self.received => None,
            Some((candidate, due)) if candidate == bits => Some((candidate, due)),
            Some(_) | None => Some((bits, turn.now + turn.settings.timers.persistence)),
        };
    }

    pub(crate) fn handle_mf(&mut self, turn: &mut Turn<'_>, signal: Option<u8>) {
        self.handle_timeout(turn);
        // Neither: a receiver that was switched off a moment ago.
        if let State::Sending { register, .. } = &mut self.state {
            let told = register.heard(turn.now, signal);
            self.sent_register(turn, told);
        } else if let State::Receiving(register) = &mut self.state {
            let told = register.heard(turn.now, signal);
            self.received_register(turn, told);
        }
        self.order(turn);
    }

    pub(crate) fn handle_timeout(&mut self, turn: &mut Turn<'_>) {
        if let Some((bits, _)) = self.candidate.filter(|&(_, due)| due <= turn.now) {
            (self.received, self.candidate) = (bits, None);
            self.take_bits(turn);
        }
        if self.alarm_due.is_some_and(|due| due <= turn.now) {
            self.alarm_due = None;
            self.cut_off(turn);
        }
        self.fire(turn);
        self.order(turn);
    }

    pub(crate) fn handle_alarms(&mut self, turn: &mut Turn<'_>, is_clear: bool) {
        self.handle_timeout(turn);
        (self.is_alarmed, self.alarm_due) = (!is_clear, None);
        match &self.state {
            _ if is_clear => self.take_bits(turn),
            State::Idle => self.rest(turn),
            State::Guarding(_) | State::Faulty => {}
            State::AwaitingAnswer { .. }
            | State::AnsweredThere(_)
            | State::Blinking { .. }
            | State::Accepted { .. }
            | State::AnsweredHere(_) => self.alarm_due = Some(turn.now + turn.settings.timers.alarm_hold),
            State::Seizing { .. }
            | State::DoublySeized(_)
            | State::Unacknowledged(_)
            | State::Sending { .. }
            | State::ClearedBack(_)
            | State::ClearingForward { .. }
            | State::Receiving(_)
            | State::ClearingBack { .. }
            | State::ClearedForward(_)
            | State::ShowingClear(_) => self.cut_off(turn),
        }
        self.order(turn);
    }

    pub(crate) fn line(&mut self, turn: &mut Turn<'_>, primitive: Primitive) {
        self.handle_timeout(turn);
        // What was due may have ended the call.
        if self.call.is_none() {
            return;
        }
        if matches!(primitive, Primitive::Clearing { .. } | Primitive::Released { .. }) {
            (self.is_clearing, self.is_left) = (true, true);
        }
        let refusal = match self.state.side() {
            Side::Caller => self.outgoing_word(turn, primitive),
            Side::Called => self.incoming_word(turn, primitive),
            // It has no call.
            Side::Neither => None,
        };
        if let Some(refusal) = refusal {
            self.tell(turn, Primitive::Refused(refusal));
        }
        self.order(turn);
    }

    pub(crate) fn set_blocked(&mut self, turn: &mut Turn<'_>, is_blocked: bool) {
        self.is_blocked = is_blocked;
        if matches!(self.state, State::Idle) {
            self.rest(turn);
        }
    }

    /// Whether a call of ours can begin here.
    pub(crate) fn can_be_seized(&self) -> Result<(), Refusal> {
        match (self.direction, self.state()) {
            (Direction::Unused | Direction::Incoming, _) => Err(Refusal::OutOfService),
            (_, ChannelState::Idle) => Ok(()),
            (_, ChannelState::Absent | ChannelState::Blocked) => Err(Refusal::OutOfService),
            (_, ChannelState::BlockedRemotely | ChannelState::OutOfService) => Err(Refusal::OutOfService),
            (_, ChannelState::Incoming | ChannelState::Outgoing | ChannelState::Connected | ChannelState::Clearing) => {
                Err(Refusal::NoChannel)
            }
        }
    }

    /// The bits received are others now, or mean something again.
    fn take_bits(&mut self, turn: &mut Turn<'_>) {
        if self.is_alarmed {
            return;
        }
        match self.state.side() {
            Side::Caller => self.outgoing_bits(turn),
            Side::Called => self.incoming_bits(turn),
            Side::Neither if matches!(self.state, State::Idle) => self.rest(turn),
            Side::Neither if matches!(self.state, State::Faulty) && self.is_healed() => {
                self.report(turn, Report::Recovered);
                self.guard(turn);
            }
            // What comes now counts when the guard time is over.
            Side::Neither => {}
        }
    }

    /// The far end is idle; to a called end, a caller's end that has hung up will do, lest two called ends wait for each other.
    fn is_healed(&self) -> bool {
        match self.received {
            Bits::Idle => true,
            Bits::Acknowledged => self.sent != Bits::Idle,
            Bits::Seized | Bits::Answered => false,
        }
    }

    fn fire(&mut self, turn: &mut Turn<'_>) {
        if self.state.deadline().is_none_or(|due| due > turn.now) {
            return;
        }
        match self.state.side() {
            Side::Caller => self.outgoing_due(turn),
            Side::Called => self.incoming_due(turn),
            // The guard time.
            Side::Neither => self.rest(turn),
        }
    }

    /// Idle, if the far end is not waiting already.
    fn rest(&mut self, turn: &mut Turn<'_>) {
        let takes_calls = matches!(self.direction, Direction::Incoming | Direction::BothWay);
        if self.received == Bits::Seized && takes_calls && !self.is_alarmed {
            return self.seized(turn);
        }
        self.state = State::Idle;
        self.set_bits(turn, self.idle_bits());
    }

    /// Idle bits keep the far end away where it must not seize. The outgoing end of a one-way channel has no bits for that.
    fn idle_bits(&self) -> Bits {
        let is_faulty_there =
            self.direction == Direction::Incoming && matches!(self.received, Bits::Acknowledged | Bits::Answered);
        match self.direction {
            Direction::Outgoing | Direction::Unused => Bits::Idle,
            Direction::Incoming | Direction::BothWay => {
                if self.is_blocked || self.is_alarmed || is_faulty_there {
                    Bits::Acknowledged
                } else {
                    Bits::Idle
                }
            }
        }
    }

    fn guard(&mut self, turn: &mut Turn<'_>) {
        self.set_bits(turn, Bits::Idle);
        self.state = State::Guarding(turn.now + turn.settings.timers.guard);
    }

    /// The call ends behind an alarm, and the channel waits for what the far end will be.
    fn cut_off(&mut self, turn: &mut Turn<'_>) {
        let bits = match self.state.side() {
            Side::Caller => Bits::Idle,
            Side::Called | Side::Neither => Bits::Acknowledged,
        };
        self.set_bits(turn, bits);
        self.finish(turn, Cause::NETWORK_OUT_OF_ORDER);
        self.state = State::Faulty;
    }

    fn set_bits(&mut self, turn: &mut Turn<'_>, bits: Bits) {
        if core::mem::replace(&mut self.sent, bits) != bits {
            self.send_bits(turn);
        }
    }

    fn send_bits(&self, turn: &mut Turn<'_>) {
        let bits = self.sent.abcd(turn.settings.country.cd);
        turn.act(Action::Cas { timeslot: self.timeslot, bits });
    }

    /// What the channel wants of the audio.
    fn order(&mut self, turn: &mut Turn<'_>) {
        let (signal, listening) = self.state.audio();
        let (timeslot, tone) = (self.timeslot, self.state.tone());
        if core::mem::replace(&mut self.signal, signal) != signal {
            turn.act(Action::SendMf { timeslot, signal });
        }
        if core::mem::replace(&mut self.tone, tone) != tone {
            turn.act(Action::PlayTone { timeslot, tone });
        }
        if core::mem::replace(&mut self.listening, listening) != listening {
            turn.act(Action::ListenMf { timeslot, register: listening });
        }
    }

    fn tell(&self, turn: &mut Turn<'_>, primitive: Primitive) {
        if let Some(call) = self.call {
            turn.act(Action::Line { call, channel: Some(self.timeslot), primitive });
        }
    }

    fn report(&self, turn: &mut Turn<'_>, report: Report) {
        turn.act(Action::Report { timeslot: self.timeslot, call: self.call, report });
    }

    fn unexpected(&self, turn: &mut Turn<'_>) {
        self.report(turn, Report::UnexpectedBits(self.received.abcd(turn.settings.country.cd)));
    }

    /// Tells the call model that the call ends, once, and not after it said so itself.
    fn clearing(&mut self, turn: &mut Turn<'_>, cause: Cause) {
        if !core::mem::replace(&mut self.is_clearing, true) {
            self.tell(turn, Primitive::Clearing { cause, inband: Inband::Silent });
        }
    }

    /// The call is over.
    fn finish(&mut self, turn: &mut Turn<'_>, cause: Cause) {
        self.tell(turn, Primitive::Released { cause });
        (self.call, self.is_clearing, self.is_left) = (None, false, false);
    }
}

/// Registers have signals for the ten digits alone.
pub(crate) fn is_dialable(number: &Digits) -> bool {
    number.as_str().chars().all(|digit| signal_of(digit).is_some())
}

/// What the line has no way to say, or not now; `None` for what needs nothing.
const fn refusal_of(primitive: &Primitive) -> Option<Refusal> {
    match primitive {
        Primitive::Setup(_)
        | Primitive::Digits { .. }
        | Primitive::Proceeding
        | Primitive::Progress(_)
        | Primitive::Alerting(_)
        | Primitive::Connected
        | Primitive::Reanswered => Some(Refusal::WrongState),
        Primitive::Held
        | Primitive::Retrieved
        | Primitive::Flash
        | Primitive::Charge(_)
        | Primitive::Info(_)
        | Primitive::MediaOffer(_)
        | Primitive::MediaAnswer(_)
        | Primitive::TransferRequested(_) => Some(Refusal::NotSupported),
        // Details that no signal carries are left out.
        Primitive::Detail(_) | Primitive::Clearing { .. } | Primitive::Released { .. } | Primitive::Refused(_) => None,
    }
}
