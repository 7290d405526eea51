//! A line towards a telephone: the exchange's end, and the box's for telephones of its own.

mod call;
mod hook;
mod outbox;
mod ringer;
mod settings;
mod waiting;

pub use settings::{FxsSettings, Gathering};

use crate::line::{Heard, Hook, LineAction, LineState, Order, Tone};
use base::{Cause, Digits, Instant, WallTime};
use call::{one, tone_of};
use hook::{HookEvent, HookReader};
use outbox::Outbox;
use ports::call::{Address, Detail, Inband, Number, Primitive, Refusal, Setup};
use ports::span::Alarms;
use ringer::Ringer;
use settings::{AFTER_DROP, FIRST_DIGIT, LONGEST_CLEARING, LONGEST_HOWLER, LONGEST_RINGING, LONGEST_TONE, REST};
use sig_callerid::{CallerId, Date, DtmfVariant, LONGEST_NAME, Name, Octets, encode_dtmf, encode_mdmf};
use waiting::Waiting;

/// Timers that run out at one input, at most: a fuse.
const STEPS: usize = 64;

/// Which party this telephone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    Calling,
    Called,
}

#[derive(Clone, Debug)]
// There is no allocator here to box the ringer with.
#[allow(clippy::large_enum_variant)]
enum State {
    Idle,
    /// On hook a moment ago.
    Resting {
        due: Instant,
    },
    /// A call for this telephone.
    Ringing {
        ringer: Ringer,
        gives_up: Instant,
    },
    /// It has the dial tone, or dials the first digits.
    Gathering {
        digits: Digits,
        due: Instant,
    },
    /// Its call is with the call model. Overlap digits may follow until then.
    Calling {
        more: Option<Instant>,
    },
    Talking {
        party: Party,
    },
    /// It hung up; the model was told.
    HungUp {
        party: Party,
        due: Instant,
    },
    /// The call is cleared, and the line carries the reason in words.
    Announcing {
        cause: Cause,
        due: Instant,
    },
    /// No call any more, off hook: the battery is dropped.
    Dropping {
        tone: Tone,
        due: Instant,
    },
    /// The loop settles after the drop.
    Settling {
        tone: Tone,
        due: Instant,
    },
    /// It hears why.
    Toning {
        due: Instant,
    },
    Howling {
        due: Instant,
    },
    /// It was left off hook. Nothing happens until it is hung up.
    Parked,
}

/// One line towards a telephone. Drain [`FxsLine::poll_action`] after every call, then wait no longer than [`FxsLine::deadline`].
#[derive(Clone, Debug)]
pub struct FxsLine {
    settings: FxsSettings,
    state: State,
    hook: HookReader,
    /// The loop as last reported; while the battery is dropped nobody can tell.
    loop_now: Hook,
    waiting: Waiting,
    out: Outbox,
    /// The line towards the exchange or the card is lost: no new calls.
    lost: bool,
}

impl FxsLine {
    /// A line whose telephone is on hook.
    pub fn new(settings: FxsSettings) -> Self {
        let mut out = Outbox::new();
        out.order(Some(Order::SetLine(LineState::QUIET)));
        Self {
            settings,
            state: State::Idle,
            hook: HookReader::new(settings.country),
            loop_now: Hook::On,
            waiting: Waiting::new(),
            out,
            lost: false,
        }
    }

    /// Rings the telephone.
    ///
    /// # Errors
    /// It is not on hook, or its line is lost.
    pub fn call(&mut self, now: Instant, setup: &Setup) -> Result<(), Refusal> {
        self.call_with(now, setup, &[])
    }

    /// [`FxsLine::call`] with more to say: of the details, a display names the caller.
    ///
    /// # Errors
    /// As for [`FxsLine::call`].
    pub fn call_with(&mut self, now: Instant, setup: &Setup, details: &[Detail]) -> Result<(), Refusal> {
        if self.lost {
            return Err(Refusal::OutOfService);
        }
        if !matches!(self.state, State::Idle) || self.hook.is_closed() || self.hook.is_off_hook() {
            return Err(Refusal::NoChannel);
        }
        let caller = self.settings.names_callers.then_some(setup.from);
        let message = caller
            .map(|number| caller_id(&number, setup.redirecting, self.out.date(now), name(details)))
            .unwrap_or_default();
        let ringer = Ringer::new(now, self.settings.country, caller, message);
        self.state = State::Ringing { ringer, gives_up: now + LONGEST_RINGING };
        self.out.line(Primitive::Proceeding);
        self.out.line(Primitive::Alerting(Inband::Silent));
        self.handle_timeout(now);
        Ok(())
    }

    /// Tells a telephone in a call of another caller (type II caller id).
    ///
    /// # Errors
    /// It is not in a call, or is being told already.
    pub fn call_waiting(&mut self, now: Instant, from: &Number) -> Result<(), Refusal> {
        if !matches!(self.state, State::Talking { .. }) || self.waiting.is_busy() {
            return Err(Refusal::WrongState);
        }
        let message = caller_id(from, None, self.out.date(now), None);
        self.waiting.begin(now, self.settings.country.caller_id.modulation, message, &mut self.out);
        Ok(())
    }

    /// The telephone's loop opened or closed.
    pub fn handle_hook(&mut self, now: Instant, hook: Hook) {
        self.handle_timeout(now);
        self.loop_now = hook;
        if !matches!(self.state, State::Dropping { .. } | State::Settling { .. }) {
            let event = self.hook.handle(now, hook);
            self.on_hook_event(now, event);
            self.handle_timeout(now);
        }
    }

    /// Something was heard on the line.
    pub fn handle_heard(&mut self, now: Instant, heard: &Heard) {
        self.handle_timeout(now);
        let Heard::Digit(digit) = *heard else { return };
        if !self.waiting.handle_digit(now, digit, &mut self.out) {
            self.on_digit(now, digit);
        }
    }

    /// Alarms of the span that carries the line. The telephone cannot be reached behind one: its call ends.
    pub fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        self.handle_timeout(now);
        self.lost = !alarms.is_clear();
        if self.lost && self.has_call() {
            self.out.line(Primitive::Released { cause: Cause::NETWORK_OUT_OF_ORDER });
            self.leave(now, Tone::Congestion);
        }
    }

    /// The call model's word.
    pub fn line(&mut self, now: Instant, primitive: Primitive) {
        self.handle_timeout(now);
        if !self.has_call() {
            return;
        }
        if let Some(refusal) = self.on_line(now, primitive) {
            self.out.line(Primitive::Refused(refusal));
        }
        self.handle_timeout(now);
    }

    /// Local wall time now, for the caller id's date.
    pub fn set_time(&mut self, now: Instant, local: WallTime) {
        self.out.set_time(now, local);
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for _ in 0..STEPS {
            let Some(due) = self.deadline().filter(|&due| due <= now) else { return };
            if self.hook.deadline().is_some_and(|hook| hook <= due) {
                let event = self.hook.handle_timeout(due);
                self.on_hook_event(due, event);
            } else if self.waiting.deadline().is_some_and(|waiting| waiting <= due) {
                self.waiting.handle_timeout(due, &mut self.out);
            } else {
                self.expire(due);
            }
        }
    }

    /// When [`FxsLine::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let state = match &self.state {
            State::Idle | State::Talking { .. } | State::Parked => None,
            State::Ringing { ringer, gives_up } => Some(ringer.due().min(*gives_up)),
            State::Calling { more } => *more,
            State::Resting { due }
            | State::Gathering { due, .. }
            | State::HungUp { due, .. }
            | State::Announcing { due, .. }
            | State::Dropping { due, .. }
            | State::Settling { due, .. }
            | State::Toning { due }
            | State::Howling { due } => Some(*due),
        };
        [state, self.hook.deadline(), self.waiting.deadline()].into_iter().flatten().min()
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<LineAction> {
        self.out.pop()
    }

    /// No call, and the telephone on hook.
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// The call model knows a call of this line.
    pub fn has_call(&self) -> bool {
        match self.state {
            State::Ringing { .. }
            | State::Calling { .. }
            | State::Talking { .. }
            | State::HungUp { .. }
            | State::Announcing { .. } => true,
            State::Idle
            | State::Resting { .. }
            | State::Gathering { .. }
            | State::Dropping { .. }
            | State::Settling { .. }
            | State::Toning { .. }
            | State::Howling { .. }
            | State::Parked => false,
        }
    }

    fn on_hook_event(&mut self, now: Instant, event: Option<HookEvent>) {
        match event {
            Some(HookEvent::OffHook) => self.on_off_hook(now),
            Some(HookEvent::HungUp) => self.on_hung_up(now),
            Some(HookEvent::Flash) => self.on_flash(now),
            Some(HookEvent::Pulsing) if matches!(self.state, State::Gathering { .. }) => self.out.tone(None),
            Some(HookEvent::Pulsed(digit)) => match self.state {
                // A telephone in a call has no tones to send: its pulses are told as what they mean.
                State::Talking { .. } => self.out.line(Primitive::Info(one(digit))),
                _ => self.on_digit(now, digit),
            },
            Some(HookEvent::Pulsing) | None => {}
        }
    }

    fn on_off_hook(&mut self, now: Instant) {
        match &self.state {
            State::Idle | State::Resting { .. } => self.give_dial_tone(now),
            State::Ringing { ringer, .. } if ringer.has_rung() => {
                self.out.set_line(LineState::QUIET);
                self.state = State::Talking { party: Party::Called };
                self.out.line(Primitive::Connected);
            }
            // Lifted before it rang: its user wants to call, and the caller finds it busy.
            State::Ringing { .. } => {
                self.out.set_line(LineState::QUIET);
                self.out.line(Primitive::Released { cause: Cause::USER_BUSY });
                self.give_dial_tone(now);
            }
            State::HungUp { party: Party::Called, .. } => {
                self.state = State::Talking { party: Party::Called };
                self.out.line(Primitive::Reanswered);
            }
            State::HungUp { party: Party::Calling, .. }
            | State::Gathering { .. }
            | State::Calling { .. }
            | State::Talking { .. }
            | State::Announcing { .. }
            | State::Dropping { .. }
            | State::Settling { .. }
            | State::Toning { .. }
            | State::Howling { .. }
            | State::Parked => {}
        }
    }

    fn on_hung_up(&mut self, now: Instant) {
        self.waiting.stop(&mut self.out);
        match self.state {
            State::Calling { .. } => self.told_hung_up(now, Party::Calling),
            State::Talking { party } => self.told_hung_up(now, party),
            State::Announcing { cause, .. } => {
                self.out.line(Primitive::Released { cause });
                self.rest(now);
            }
            State::Gathering { .. }
            | State::Dropping { .. }
            | State::Settling { .. }
            | State::Toning { .. }
            | State::Howling { .. }
            | State::Parked => self.rest(now),
            State::Idle | State::Resting { .. } | State::Ringing { .. } | State::HungUp { .. } => {}
        }
    }

    fn told_hung_up(&mut self, now: Instant, party: Party) {
        self.out.tone(None);
        self.out.set_line(LineState::QUIET);
        self.out.listen(false);
        self.state = State::HungUp { party, due: now + LONGEST_CLEARING };
        self.out.line(Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent });
    }

    fn on_flash(&mut self, now: Instant) {
        match self.state {
            State::Talking { .. } => self.out.line(Primitive::Flash),
            // A flash while dialling begins anew.
            State::Gathering { .. } => self.give_dial_tone(now),
            _ => {}
        }
    }

    fn give_dial_tone(&mut self, now: Instant) {
        self.out.set_line(LineState::QUIET);
        self.out.tone(Some(Tone::Dial));
        self.out.listen(true);
        self.state = State::Gathering { digits: Digits::new(), due: now + FIRST_DIGIT };
    }

    /// The call is over. A telephone still off hook is told so, one on hook is left alone.
    fn leave(&mut self, now: Instant, tone: Tone) {
        self.waiting.stop(&mut self.out);
        self.out.listen(false);
        self.out.tone(None);
        if !self.hook.is_off_hook() {
            return self.rest(now);
        }
        // Lifted again before the model had done with its last call.
        if matches!(self.state, State::HungUp { .. }) {
            return self.give_dial_tone(now);
        }
        // A call that nobody answered has nobody who hung up: its caller hears why at once, with the line fed all the time.
        let was_answered = !matches!(self.state, State::Calling { .. });
        match self.settings.battery_drop.filter(|_| was_answered) {
            Some(drop) => {
                self.out.set_line(LineState::DEAD);
                self.state = State::Dropping { tone, due: now + drop };
            }
            None => self.begin_tone(now, tone),
        }
    }

    fn begin_tone(&mut self, now: Instant, tone: Tone) {
        self.out.set_line(LineState::QUIET);
        self.out.tone(Some(tone));
        self.state = State::Toning { due: now + LONGEST_TONE };
    }

    fn rest(&mut self, now: Instant) {
        self.out.tone(None);
        self.out.listen(false);
        self.out.set_line(LineState::QUIET);
        self.state = State::Resting { due: now + REST };
    }

    fn expire(&mut self, now: Instant) {
        match &mut self.state {
            State::Resting { .. } if self.hook.is_off_hook() => self.give_dial_tone(now),
            State::Resting { .. } => self.state = State::Idle,
            State::Ringing { gives_up, .. } if *gives_up <= now => {
                self.out.line(Primitive::Released { cause: Cause::NO_ANSWER });
                self.rest(now);
            }
            State::Ringing { ringer, .. } => {
                let doing = ringer.advance(now);
                self.out.set_line(LineState { ringing: doing.ringing, battery: true, reversed: doing.reversed });
                self.out.order(doing.order);
            }
            State::Gathering { digits, .. } if digits.is_empty() => {
                self.out.listen(false);
                self.begin_tone(now, Tone::Congestion);
            }
            State::Gathering { .. } => self.place_call(),
            State::Calling { more } => {
                *more = None;
                self.out.listen(false);
                self.out.line(Primitive::Digits { digits: Digits::new(), address: Address::Complete });
            }
            State::HungUp { .. } => {
                self.out.line(Primitive::Released { cause: Cause::NORMAL_CLEARING });
                self.leave(now, Tone::Busy);
            }
            State::Announcing { cause, .. } => {
                let cause = *cause;
                self.out.line(Primitive::Released { cause });
                self.leave(now, tone_of(cause));
            }
            State::Dropping { tone, .. } => {
                self.out.set_line(LineState::QUIET);
                self.state = State::Settling { tone: *tone, due: now + AFTER_DROP };
            }
            State::Settling { tone, .. } => {
                let tone = *tone;
                self.begin_tone(now, tone);
                let event = self.hook.handle(now, self.loop_now);
                self.on_hook_event(now, event);
            }
            State::Toning { .. } => {
                self.out.tone(Some(Tone::Howler));
                self.state = State::Howling { due: now + LONGEST_HOWLER };
            }
            State::Howling { .. } => {
                self.out.tone(None);
                self.state = State::Parked;
            }
            State::Idle | State::Talking { .. } | State::Parked => {}
        }
    }
}

/// The caller id as a message for FSK.
fn caller_id(from: &Number, redirecting: Option<Number>, local: Option<WallTime>, name: Option<Name>) -> Octets {
    encode_mdmf(&CallerId { date: local.map(Date::of), number: *from, redirecting, name })
}

/// The caller's name, as much of it as fits.
fn name(details: &[Detail]) -> Option<Name> {
    details.iter().find_map(|detail| match detail {
        Detail::Display(text) => Some(text.as_str().bytes().take(LONGEST_NAME).collect()),
        Detail::UserData(_) | Detail::RedirectReason(_) | Detail::ConnectedNumber(_) => None,
    })
}

/// The caller id as digits.
fn dtmf_caller_id(variant: DtmfVariant, from: &Number) -> Digits {
    encode_dtmf(variant, from)
}
