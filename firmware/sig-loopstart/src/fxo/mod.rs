//! A line of the telephone network: the box is its telephone.

mod caller;
mod dialler;
mod readings;
mod rung;
mod settings;
mod talk;

pub use settings::{CallerIdWait, DialStart, Dialling, FxoSettings};

use crate::country::Country;
use crate::line::{Heard, Hook, LineAction, LineState, Listen, Order, Parallel};
use crate::report::{Evidence, LineFault, Report};
use base::{Cause, Digits, Instant, Queue};
use caller::CallerEar;
use core::time::Duration;
use dialler::{Dialler, can_dial};
use dsp_progress::Learned;
use ports::call::{Inband, Primitive, Refusal, Setup};
use readings::Readings;
use settings::{BEFORE_DIALLING, DEAF, GUARD, LAST_KEY, LONGEST_CLEARING, LONGEST_UNANSWERED, SETTLE};
use talk::Ear;

/// Actions of one input: a few. The owner drains after each.
const ROOM: usize = 24;
/// Timers that run out at one input, at most: a fuse.
const STEPS: usize = 64;

/// What the model knows of a call being rung in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Nothing yet.
    Nothing,
    /// It was offered.
    Offered,
    /// It does not want it. The exchange rings on until its caller gives up.
    Declined,
}

/// A call being rung in.
#[derive(Clone, Copy, Debug)]
struct Ringing {
    told: Told,
    /// It is offered then at the latest.
    offer: Instant,
    /// The caller has gone then.
    gone: Instant,
    /// The last ring began then.
    rang: Instant,
    /// It ended then; `None`: it rings.
    silent_since: Option<Instant>,
    /// A ring was long enough to call somebody. A short one only says that a caller id follows (EN 300 659-1 §6.1.3).
    calls: bool,
}

impl Ringing {
    /// The line has been silent for as long as between any two rings of its country, and no ring is believed yet.
    fn is_late(&self, now: Instant, country: &Country) -> bool {
        self.silent_since.is_some_and(|since| now - since >= country.longest_pause())
    }
}

/// A call whose number has been dialled.
#[derive(Clone, Copy, Debug)]
struct Unanswered {
    /// Ringback was heard, and the model told.
    alerted: bool,
    /// It counts as answered then.
    assumed: Option<Instant>,
    /// So does it then, if ringback does not come again.
    ringback_missed: Option<Instant>,
    /// Nobody answers.
    gives_up: Instant,
}

impl Unanswered {
    fn due(&self) -> Instant {
        [self.assumed, self.ringback_missed].into_iter().flatten().fold(self.gives_up, Instant::min)
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    Idle,
    Ringing(Ringing),
    /// Off hook for a call of our own; the line settles.
    Settling {
        digits: Digits,
        due: Instant,
    },
    AwaitingDialTone {
        digits: Digits,
        due: Instant,
    },
    Dialling(Dialler),
    Unanswered(Unanswered),
    Talking {
        since: Instant,
        /// A dial tone until then says that nobody was there any more whom we could answer.
        empty_until: Instant,
    },
    /// Off hook by glare: the incoming call is offered but not answered by the model yet.
    Seized {
        gives_up: Instant,
    },
    /// On hook for a moment.
    Flashing {
        since: Instant,
        due: Instant,
    },
    /// The far party has gone; the model was told.
    Clearing {
        cause: Cause,
        due: Instant,
    },
    /// On hook; the exchange gets ready.
    Guarding {
        due: Instant,
    },
}

/// One line of the telephone network. Drain [`FxoLine::poll_action`] after every call, then wait no longer than [`FxoLine::deadline`].
#[derive(Clone, Debug)]
pub struct FxoLine {
    settings: FxoSettings,
    state: State,
    readings: Readings,
    /// Current and polarity mean nothing until then: our own hook has just moved.
    deaf: Option<Instant>,
    fault: Option<LineFault>,
    caller: CallerEar,
    ear: Ear,
    listens: Listen,
    actions: Queue<LineAction, ROOM>,
}

impl FxoLine {
    /// A line on hook, listening for who may call.
    pub fn new(settings: FxoSettings) -> Self {
        let mut line = Self {
            settings,
            state: State::Idle,
            readings: Readings::new(),
            deaf: None,
            fault: None,
            caller: CallerEar::new(),
            ear: Ear::new(settings.country),
            listens: Listen::default(),
            actions: Queue::new(),
        };
        line.set_hook(Hook::On);
        line.listen_on_hook();
        line
    }

    /// Places a call.
    ///
    /// # Errors
    /// The line is in use, is being rung or guards its last hang-up; it has a fault; the number cannot be dialled on it.
    pub fn call(&mut self, now: Instant, setup: &Setup) -> Result<(), Refusal> {
        self.handle_timeout(now);
        if self.fault.is_some() || !self.readings.has_battery() || self.readings.is_in_use() {
            return Err(Refusal::OutOfService);
        }
        let digits = setup.to.digits;
        match self.state {
            State::Idle if self.readings.may_ring() || self.caller.may_follow() => Err(Refusal::NoChannel),
            State::Idle if !can_dial(self.settings.dialling, &digits) => Err(Refusal::NotSupported),
            State::Idle => {
                self.go_off_hook(now);
                self.state = State::Settling { digits, due: now + SETTLE };
                Ok(())
            }
            _ => Err(Refusal::NoChannel),
        }
    }

    /// What the exchange does to the pair.
    pub fn handle_line(&mut self, now: Instant, line: LineState) {
        self.handle_timeout(now);
        let seizing = matches!(self.state, State::Settling { .. });
        self.readings.read(now, line, seizing, self.settings.battery_break);
        self.handle_timeout(now);
    }

    /// Whether another device on the pair is off hook, as the voltage of the line tells while this one is on hook.
    pub fn handle_parallel(&mut self, now: Instant, parallel: Parallel) {
        self.handle_timeout(now);
        self.readings.read_parallel(now, parallel);
    }

    /// Something was heard on the line.
    pub fn handle_heard(&mut self, now: Instant, heard: &Heard) {
        self.handle_timeout(now);
        match heard {
            Heard::Digit(digit) if self.is_on_hook() && !self.may_hear_last_call(now) => {
                let read = self.caller.push_digit(now, *digit);
                self.on_caller(read);
            }
            Heard::Digit(_) => {}
            Heard::FskCarrier => self.caller.carrier(),
            Heard::FskLost => {
                let read = self.caller.lost(now);
                self.on_caller(read);
            }
            Heard::FskOctet(octet) => {
                let read = self.caller.push_octet(now, *octet);
                self.on_caller(read);
            }
            Heard::Progress(event) if !self.is_on_hook() => self.on_progress(now, event),
            Heard::Progress(_) => {}
        }
    }

    /// The call model's word.
    pub fn line(&mut self, now: Instant, primitive: Primitive) {
        self.handle_timeout(now);
        if !self.has_call() {
            return;
        }
        if let Some(refusal) = self.on_line(now, primitive) {
            self.tell(Primitive::Refused(refusal));
        }
        self.handle_timeout(now);
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for _ in 0..STEPS {
            let Some(due) = self.deadline().filter(|&due| due <= now) else { return };
            if let Some(reading) = self.readings.due(due) {
                self.on_reading(due, reading);
            } else if self.deaf.is_some_and(|deaf| deaf <= due) {
                self.deaf = None;
                self.check_battery(due);
            } else if self.caller.deadline().is_some_and(|caller| caller <= due) {
                let read = self.caller.handle_timeout(due);
                self.on_caller(read);
                self.listen_as_state();
            } else if self.silence_due().is_some_and(|silence| silence <= due) {
                let limit = self.settings.silence_limit.unwrap_or_default();
                self.far_hung_up(due, Evidence::Silence(limit), Cause::NORMAL_CLEARING);
            } else {
                self.expire(due);
            }
        }
    }

    /// When [`FxoLine::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let state = match &self.state {
            State::Idle | State::Talking { .. } => None,
            State::Ringing(Ringing { told: Told::Offered | Told::Declined, gone, .. }) => Some(*gone),
            State::Ringing(Ringing { told: Told::Nothing, gone, offer, .. }) => Some(*gone.min(offer)),
            State::Dialling(dialler) => Some(dialler.due()),
            State::Unanswered(call) => Some(call.due()),
            State::Seized { gives_up: due }
            | State::Settling { due, .. }
            | State::AwaitingDialTone { due, .. }
            | State::Flashing { due, .. }
            | State::Clearing { due, .. }
            | State::Guarding { due } => Some(*due),
        };
        let silence = self.silence_due();
        [state, self.readings.deadline(), self.deaf, self.caller.deadline(), silence].into_iter().flatten().min()
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<LineAction> {
        self.actions.pop()
    }

    /// On hook, ready to call or be called.
    pub const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// The call model knows a call of this line.
    pub const fn has_call(&self) -> bool {
        match self.state {
            State::Idle | State::Guarding { .. } => false,
            State::Ringing(ringing) => matches!(ringing.told, Told::Offered),
            State::Settling { .. }
            | State::AwaitingDialTone { .. }
            | State::Dialling(_)
            | State::Unanswered(_)
            | State::Talking { .. }
            | State::Seized { .. }
            | State::Flashing { .. }
            | State::Clearing { .. } => true,
        }
    }

    /// The hang-up tones that this line taught before.
    pub fn teach(&mut self, learned: Learned) {
        self.ear.teach(self.settings.country, learned);
    }

    /// The hang-up tones that this line has taught, to be kept over restarts.
    pub const fn learned(&self) -> &Learned {
        self.ear.learned()
    }

    /// Why the line cannot be used.
    pub const fn fault(&self) -> Option<LineFault> {
        self.fault
    }

    /// The exchange has not yet taken our hang-up, or has just done so: keys may still come from the party of the last call.
    fn may_hear_last_call(&self, now: Instant) -> bool {
        let State::Guarding { due } = self.state else { return false };
        let hang_up = Duration::from_millis(self.settings.country.hang_up_ms.into());
        now + GUARD < due + hang_up + LAST_KEY
    }

    const fn is_on_hook(&self) -> bool {
        matches!(self.state, State::Idle | State::Ringing(_) | State::Guarding { .. })
    }

    fn silence_due(&self) -> Option<Instant> {
        match (self.state, self.settings.silence_limit) {
            (State::Talking { .. }, Some(limit)) => self.ear.silent_since().map(|since| since + limit),
            _ => None,
        }
    }

    fn expire(&mut self, now: Instant) {
        match &mut self.state {
            State::Ringing(ringing) if ringing.gone <= now => {
                self.readings.forget_ring();
                self.stop_ringing(Cause::NORMAL_CLEARING);
            }
            // The next ring is late: the caller has most likely gone. If it comes after all, it offers the call.
            State::Ringing(ringing) if ringing.is_late(now, self.settings.country) => ringing.offer = ringing.gone,
            State::Ringing(_) => self.offer(),
            State::Settling { digits, .. } => {
                let digits = *digits;
                self.settled(now, digits);
            }
            State::AwaitingDialTone { digits, .. } => {
                let digits = *digits;
                match self.settings.dial_start {
                    DialStart::DialTone(_) => {
                        self.push(LineAction::Report(Report::NoDialTone));
                        self.hang_up(now, Cause::NETWORK_OUT_OF_ORDER);
                    }
                    DialStart::DialToneOrBlind(_) | DialStart::Blind(_) => self.dial(now, digits),
                }
            }
            State::Dialling(dialler) => match dialler.advance(now) {
                Some(order) => self.push(LineAction::Do(order)),
                None => self.dialled(now),
            },
            State::Unanswered(call) if call.gives_up > now => self.answered(now),
            State::Unanswered(_) | State::Seized { .. } => self.tell_clearing(now, Cause::NO_ANSWER),
            State::Flashing { since, .. } => {
                self.state = State::Talking { since: *since, empty_until: *since };
                self.set_hook(Hook::Off);
                self.deaf = Some(now + DEAF);
            }
            State::Clearing { cause, .. } => {
                let cause = *cause;
                self.hang_up(now, cause);
            }
            State::Guarding { .. } => {
                self.state = State::Idle;
                if !self.readings.has_battery() {
                    self.fail(LineFault::NoBattery);
                } else if self.readings.is_in_use() {
                    self.fail(LineFault::InUse);
                }
            }
            State::Idle | State::Talking { .. } => {}
        }
    }

    fn settled(&mut self, now: Instant, digits: Digits) {
        if !self.readings.has_battery() {
            return self.hang_up(now, Cause::NETWORK_OUT_OF_ORDER);
        }
        let wait = match self.settings.dial_start {
            DialStart::DialTone(wait) | DialStart::DialToneOrBlind(wait) | DialStart::Blind(wait) => wait,
        };
        self.state = State::AwaitingDialTone { digits, due: now + wait };
        if self.waits_for_dial_tone() && self.ear.hears_dial_tone() {
            self.dial(now, digits);
        }
    }

    const fn waits_for_dial_tone(&self) -> bool {
        !matches!(self.settings.dial_start, DialStart::Blind(_))
    }

    /// The number goes out, where there is one.
    fn dial(&mut self, now: Instant, digits: Digits) {
        let (how, pulse) = (self.settings.dialling, self.settings.country.pulse);
        self.state = State::Dialling(Dialler::new(now + BEFORE_DIALLING, how, pulse, digits));
    }

    fn dialled(&mut self, now: Instant) {
        self.ear.begin(now);
        self.deaf = Some(now + DEAF);
        let assumed = self.settings.assumed_answer.map(|wait| now + wait);
        let gives_up = now + LONGEST_UNANSWERED;
        self.state = State::Unanswered(Unanswered { alerted: false, assumed, ringback_missed: None, gives_up });
        self.tell(Primitive::Proceeding);
        self.tell(Primitive::Progress(Inband::Audio));
    }

    /// The far party has answered.
    fn answered(&mut self, now: Instant) {
        // A party that was called may well give a dial tone of its own.
        self.state = State::Talking { since: now, empty_until: now };
        self.ear.begin(now);
        self.tell(Primitive::Connected);
    }

    fn go_off_hook(&mut self, now: Instant) {
        self.set_hook(Hook::Off);
        self.deaf = Some(now + DEAF);
        self.ear.begin(now);
        self.caller.forget();
        self.listen(Listen { progress: true, ..Listen::default() });
    }

    /// The call is over for the model; the line rests.
    fn hang_up(&mut self, now: Instant, cause: Cause) {
        self.set_hook(Hook::On);
        self.deaf = None;
        self.readings.forget_ring();
        self.caller.forget();
        self.ear.begin(now);
        self.state = State::Guarding { due: now + GUARD };
        self.listen_on_hook();
        self.tell(Primitive::Released { cause });
    }

    fn tell_clearing(&mut self, now: Instant, cause: Cause) {
        self.state = State::Clearing { cause, due: now + LONGEST_CLEARING };
        self.tell(Primitive::Clearing { cause, inband: Inband::Silent });
    }

    fn far_hung_up(&mut self, now: Instant, evidence: Evidence, cause: Cause) {
        self.push(LineAction::Report(Report::HangUp(evidence)));
        self.tell_clearing(now, cause);
    }

    fn fail(&mut self, fault: LineFault) {
        if self.fault != Some(fault) {
            self.fault = Some(fault);
            self.push(LineAction::Report(Report::Fault(fault)));
        }
    }

    fn recover(&mut self, fault: LineFault) {
        if self.fault == Some(fault) {
            self.fault = None;
            self.push(LineAction::Report(Report::Recovered));
            // A line that was both dead and in use has one fault left.
            if self.readings.is_in_use() {
                self.fail(LineFault::InUse);
            }
        }
    }

    /// Caller ids may come on hook at any time, by DTMF or FSK.
    fn listen_on_hook(&mut self) {
        self.listen(Listen { dtmf: true, fsk: true, progress: false });
    }

    fn listen_as_state(&mut self) {
        if !self.is_on_hook() {
            let fsk = self.caller.awaits_waiting();
            self.listen(Listen { dtmf: false, fsk, progress: true });
        }
    }

    fn listen(&mut self, listen: Listen) {
        if core::mem::replace(&mut self.listens, listen) != listen {
            self.push(LineAction::Do(Order::Listen(listen)));
        }
    }

    fn set_hook(&mut self, hook: Hook) {
        self.push(LineAction::Do(Order::SetHook(hook)));
    }

    fn tell(&mut self, primitive: Primitive) {
        self.push(LineAction::Line(primitive));
    }

    /// An owner that does not drain loses actions rather than memory.
    fn push(&mut self, action: LineAction) {
        let _ = self.actions.push(action);
    }
}
