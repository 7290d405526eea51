//! The incoming register: asks for the called number and the caller, offers the call, says what became of the called party.

mod asking;

use super::digit_of;
use crate::country::{Calling, Request};
use crate::report::{Register, Report};
use crate::settings::Settings;
use crate::timers::Timer;
use base::{Cause, Digits, Instant};
use ports::call::{Address, Bearer, Number, Presentation, Setup};

/// More signals than any dialogue has: two numbers, marks and categories.
const SIGNALS: u8 = 96;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    /// The call can be offered.
    Offer,
    /// More of the called number of a call that was offered.
    Digits(Digits, Address),
    /// Group II came of a call that was offered.
    Caller,
    /// It would be paid by us, and is refused without being offered.
    CollectRefused,
    /// The caller's end knows that the called party is free.
    Accepted,
    /// It knows that it is not.
    Refused(Cause),
    /// The dialogue broke.
    Failed(Report),
}

/// What the next forward signal will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Called,
    Category,
    Calling,
    GroupTwo,
    /// None: this is how the call goes on.
    Nothing(Told),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The line is silent; the next forward signal is due.
    Waiting(Instant),
    /// A digit stands; the call model may say that it was the last.
    Weighing(Instant),
    /// Our signal answers the forward one until that ends; T3.
    Answering(u8, Instant),
    /// Group II stands until the called party's state is known.
    Holding(Instant),
    /// Nothing more is asked for; a pulse will say so unless a forward signal comes before.
    BeforePulse(Instant),
    /// Our signal on its own.
    Pulsing(u8, Instant),
    /// A forward signal began during our pulse: the answer to it, if it stands after this.
    Crossed(u8, Instant),
    Over,
}

/// What the call model said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    None,
    Routed,
    Accept,
    Reject(Cause),
}

/// One call's receiving register.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    settings: Settings,
    phase: Phase,
    expected: Expected,
    /// The forward signal that stands.
    heard: Option<u8>,
    signals: u8,
    called: Digits,
    is_whole: bool,
    category: Option<u8>,
    group_two: Option<u8>,
    calling: Digits,
    presentation: Presentation,
    is_calling_over: bool,
    in_c: bool,
    is_offered: bool,
    word: Word,
    /// The call model answered; the line tells it when the register is done.
    pub(crate) is_answered: bool,
    /// It rings its party, and gives no tone itself.
    pub(crate) is_rung: bool,
}

impl Incoming {
    /// The seizure was acknowledged.
    pub(crate) fn new(now: Instant, settings: &Settings) -> Self {
        Self {
            settings: *settings,
            phase: Phase::Waiting(now + settings.timers.t3),
            expected: Expected::Called,
            heard: None,
            signals: 0,
            called: Digits::new(),
            is_whole: false,
            category: None,
            group_two: None,
            calling: Digits::new(),
            presentation: Presentation::Unavailable,
            is_calling_over: settings.calling == Calling::Not,
            in_c: false,
            is_offered: false,
            word: Word::None,
            is_answered: false,
            is_rung: false,
        }
    }

    /// On a channel that is blocked: the first digit is answered by congestion.
    pub(crate) fn refusing(now: Instant, settings: &Settings) -> Self {
        let refused = Expected::Nothing(Told::Refused(Cause::NO_CHANNEL));
        Self { expected: refused, ..Self::new(now, settings) }
    }

    /// The signal that is to be on the line.
    pub(crate) const fn tone(&self) -> Option<u8> {
        match self.phase {
            Phase::Answering(signal, _) | Phase::Pulsing(signal, _) => Some(signal),
            Phase::Waiting(_)
            | Phase::Weighing(_)
            | Phase::Holding(_)
            | Phase::BeforePulse(_)
            | Phase::Crossed(..)
            | Phase::Over => None,
        }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Waiting(due)
            | Phase::Weighing(due)
            | Phase::Answering(_, due)
            | Phase::Holding(due)
            | Phase::BeforePulse(due)
            | Phase::Pulsing(_, due)
            | Phase::Crossed(_, due) => Some(due),
            Phase::Over => None,
        }
    }

    /// The call as far as it is known.
    pub(crate) fn setup(&self) -> Setup {
        let address = if self.is_whole { Address::Complete } else { Address::Open };
        let from = Number { digits: self.calling, presentation: self.presentation, ..Number::default() };
        Setup { from, to: Number::unknown(self.called), redirecting: None, bearer: Bearer::Speech, address }
    }

    /// Who calls, for the records.
    pub(crate) fn caller(&self) -> Report {
        Report::Caller {
            category_signal: self.category,
            group_two_signal: self.group_two,
            category: self.caller_category(),
        }
    }

    /// The forward signal now heard.
    pub(crate) fn heard(&mut self, now: Instant, signal: Option<u8>) -> Told {
        if self.heard == signal {
            return Told::Nothing;
        }
        if self.heard.is_some() && signal.is_some() {
            // The silence between the two was too short to be heard.
            let told = self.heard(now, None);
            if told != Told::Nothing {
                return told;
            }
        }
        self.heard = signal;
        match signal {
            Some(signal) => self.began(now, signal),
            None => self.ended(now),
        }
    }

    pub(crate) fn timeout(&mut self, now: Instant) -> Told {
        match self.phase {
            Phase::Waiting(due) if due <= now => self.waited(now),
            Phase::Weighing(due) if due <= now => {
                self.ask(now, Request::NextCalled);
                Told::Nothing
            }
            Phase::Answering(_, due) if due <= now => self.fail(now),
            Phase::Holding(due) if due <= now => {
                if self.word == Word::None {
                    self.word = Word::Reject(Cause::RECOVERY_ON_TIMER_EXPIRY);
                } else {
                    self.word = Word::Accept;
                }
                self.say(now);
                Told::Nothing
            }
            Phase::BeforePulse(due) if due <= now => self.pulse(now),
            Phase::Pulsing(_, due) if due <= now => match (self.expected, self.heard) {
                (Expected::Nothing(told), _) => self.over(told),
                (Expected::Called | Expected::Category | Expected::Calling | Expected::GroupTwo, Some(signal)) => {
                    self.phase = Phase::Crossed(signal, now + self.settings.timers.pulse);
                    Told::Nothing
                }
                (Expected::Called | Expected::Category | Expected::Calling | Expected::GroupTwo, None) => {
                    self.wait(now);
                    Told::Nothing
                }
            },
            Phase::Crossed(signal, due) if due <= now => self.take(now, signal),
            Phase::Waiting(_)
            | Phase::Weighing(_)
            | Phase::Answering(..)
            | Phase::Holding(_)
            | Phase::BeforePulse(_)
            | Phase::Pulsing(..)
            | Phase::Crossed(..)
            | Phase::Over => Told::Nothing,
        }
    }

    /// The call model knows where the call goes: the number is whole.
    pub(crate) fn routed(&mut self, now: Instant) {
        if self.word == Word::None {
            self.worded(now, Word::Routed);
        }
    }

    /// The called party is free.
    pub(crate) fn accept(&mut self, now: Instant) {
        if matches!(self.word, Word::None | Word::Routed) {
            self.worded(now, Word::Accept);
        }
    }

    /// The call model wants the call to end.
    pub(crate) fn reject(&mut self, now: Instant, cause: Cause) {
        if !matches!(self.word, Word::Reject(_)) {
            self.worded(now, Word::Reject(cause));
        }
    }

    fn worded(&mut self, now: Instant, word: Word) {
        self.word = word;
        self.is_whole = true;
        // Who calls is of no more use to a call that is refused.
        self.is_calling_over |= matches!(word, Word::Reject(_));
        match self.phase {
            Phase::Holding(_) if word != Word::Routed => self.say(now),
            Phase::Weighing(_) => {
                let _asked = self.next(now);
            }
            Phase::Waiting(_) if self.expected == Expected::Called => self.pulse_soon(now),
            Phase::Holding(_)
            | Phase::Waiting(_)
            | Phase::Answering(..)
            | Phase::BeforePulse(_)
            | Phase::Pulsing(..)
            | Phase::Crossed(..)
            | Phase::Over => {}
        }
    }

    fn began(&mut self, now: Instant, signal: u8) -> Told {
        match self.phase {
            Phase::Waiting(_) | Phase::BeforePulse(_) => self.take(now, signal),
            Phase::Pulsing(..) | Phase::Over => Told::Nothing,
            // Not possible after silence; the signal is answered as the one before it.
            Phase::Weighing(_) | Phase::Answering(..) | Phase::Holding(_) | Phase::Crossed(..) => Told::Nothing,
        }
    }

    fn ended(&mut self, now: Instant) -> Told {
        match (self.phase, self.expected) {
            (Phase::Answering(..), Expected::Nothing(told)) => self.over(told),
            (Phase::Answering(..) | Phase::Weighing(_) | Phase::Holding(_) | Phase::Crossed(..), _) => {
                self.wait(now);
                Told::Nothing
            }
            (Phase::Waiting(_) | Phase::BeforePulse(_) | Phase::Pulsing(..) | Phase::Over, _) => Told::Nothing,
        }
    }

    /// A forward signal as the answer to what was asked.
    fn take(&mut self, now: Instant, signal: u8) -> Told {
        self.signals += 1;
        if self.signals > SIGNALS || !(1..=15).contains(&signal) {
            self.over(Told::Nothing);
            return Told::Failed(Report::UnexpectedSignal { register: Register::Forward, signal });
        }
        match self.expected {
            Expected::Called => {
                let (was_whole, known) = (self.is_whole, self.called.len());
                self.take_called(signal);
                let told = self.next(now);
                if told == Told::Nothing && self.is_offered && self.is_whole && !was_whole {
                    return Told::Digits(self.called_since(known), Address::Complete);
                }
                told
            }
            Expected::Category => {
                self.category = Some(signal);
                self.is_calling_over = self.settings.calling_digits == 0;
                self.next(now)
            }
            Expected::Calling => {
                self.take_calling(signal);
                self.next(now)
            }
            Expected::GroupTwo => self.hold(now, signal),
            Expected::Nothing(_) => {
                self.answer(now, Request::Congestion, self.expected);
                Told::Nothing
            }
        }
    }

    fn take_called(&mut self, signal: u8) {
        // A number that the call model has called whole takes no digit that was on its way.
        if self.is_whole {
            return;
        }
        if let Some(digit) = digit_of(signal) {
            self.is_whole = self.called.push(digit).is_err() || self.called.len() == Digits::CAPACITY;
        } else if signal == END {
            self.is_whole = true;
        }
        // What is left are marks of the connection (test, satellite, operator), no part of the number.
        self.is_whole |= self.settings.dnis_digits.is_some_and(|digits| self.called.len() >= usize::from(digits));
    }

    fn take_calling(&mut self, signal: u8) {
        let country = self.settings.country;
        match digit_of(signal) {
            Some(digit) => {
                self.is_calling_over = self.calling.push(digit).is_err();
                self.is_calling_over |= self.calling.len() >= usize::from(self.settings.calling_digits);
                self.presentation = Presentation::Allowed;
            }
            None => {
                self.is_calling_over = true;
                let is_end = country.end_of_calling == Some(signal) && !self.calling.is_empty();
                if country.restricted == Some(signal) && !is_end {
                    self.presentation = Presentation::Restricted;
                }
            }
        }
    }

    /// No forward signal came in time.
    fn waited(&mut self, now: Instant) -> Told {
        match self.expected {
            Expected::Called if !self.called.is_empty() => {
                // Nothing ends the number but silence.
                let was_whole = core::mem::replace(&mut self.is_whole, true);
                let told = self.pulse(now);
                if told == Told::Nothing && self.is_offered && !was_whole {
                    return Told::Digits(Digits::new(), Address::Complete);
                }
                told
            }
            Expected::Category | Expected::Calling => {
                self.is_calling_over = true;
                self.pulse(now)
            }
            Expected::Called | Expected::GroupTwo | Expected::Nothing(_) => self.fail(now),
        }
    }

    /// A forward signal may be on its way: it is waited for a little longer than Q.442 wants.
    fn pulse_soon(&mut self, now: Instant) {
        let timers = &self.settings.timers;
        self.phase = Phase::BeforePulse(now + timers.pulse_gap + timers.pulse);
    }

    fn wait(&mut self, now: Instant) {
        let timers = &self.settings.timers;
        let wait = match self.expected {
            Expected::Called if self.is_whole => return self.pulse_soon(now),
            Expected::Called if self.called.is_empty() => timers.t3,
            Expected::Called | Expected::Category | Expected::Calling => timers.no_more_digits,
            Expected::GroupTwo | Expected::Nothing(_) => timers.t3,
        };
        self.phase = Phase::Waiting(now + wait);
    }

    /// T3 ran out: congestion where it can still be said, then silence (Q.476).
    fn fail(&mut self, now: Instant) -> Told {
        let failed = Told::Failed(Report::Expired(Timer::T3));
        let may_pulse = self.heard.is_none() && matches!(self.phase, Phase::Waiting(_));
        if may_pulse && self.expected != Expected::GroupTwo {
            self.answer(now, Request::Congestion, Expected::Nothing(failed));
            if let Phase::Answering(signal, _) = self.phase {
                self.phase = Phase::Pulsing(signal, now + self.settings.timers.pulse);
                return Told::Nothing;
            }
        }
        self.over(failed)
    }

    /// The called number without its first digits.
    fn called_since(&self, known: usize) -> Digits {
        let mut rest = Digits::new();
        for digit in self.called.as_str().chars().skip(known) {
            let _fits = rest.push(digit);
        }
        rest
    }

    fn over(&mut self, told: Told) -> Told {
        self.phase = Phase::Over;
        told
    }
}

/// I-15: end of a number, in countries that have a signal for it and in those that should not send it.
const END: u8 = 15;
