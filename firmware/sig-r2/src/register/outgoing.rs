//! The outgoing register: sends forward signals, does what backward signals ask.

use super::{category_signal, signal_of};
use crate::country::{Category, Control, Country, Request, Verdict, meaning_of};
use crate::report::{Register, Report};
use crate::settings::Settings;
use crate::timers::{Timer, Timers};
use base::{Cause, Digits, Instant};
use ports::call::{Address, Number, Presentation, Setup};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    /// The number is whole.
    Whole,
    /// The called party is free.
    Free(Control),
    /// It is not.
    Refused(Cause),
    /// The dialogue broke.
    Failed(Cause, Report),
}

/// Whose meaning the next backward signal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    A,
    B,
    C,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Our signal is on the line; T1.
    Sending(u8, Instant),
    /// This backward signal was recognized and ours stopped; it is done when the backward signal ends.
    Stopped(u8, Instant),
    /// Nothing asks for anything; T2.
    Silent(Instant),
    /// Done.
    Over,
}

/// One call's sending register.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    country: &'static Country,
    timers: Timers,
    phase: Phase,
    group: Group,
    called: Digits,
    /// The digit of the called number that is sent next.
    called_at: usize,
    address: Address,
    /// The next called digit was asked for, and will be sent when there is one.
    is_wanted: bool,
    calling: Number,
    calling_at: usize,
    category: Category,
    is_category_sent: bool,
    /// The number being sent is the calling one.
    in_calling: bool,
}

impl Outgoing {
    /// The seizure was acknowledged: the first digit is sent unasked.
    pub(crate) fn new(now: Instant, settings: &Settings, setup: &Setup, category: Category) -> Self {
        let mut register = Self {
            country: settings.country,
            timers: settings.timers,
            phase: Phase::Silent(now + settings.timers.t2),
            group: Group::A,
            called: setup.to.digits,
            called_at: 0,
            address: setup.address,
            is_wanted: false,
            calling: setup.from,
            calling_at: 0,
            category,
            is_category_sent: false,
            in_calling: false,
        };
        register.send_called(now);
        register
    }

    /// The signal that is to be on the line.
    pub(crate) const fn tone(&self) -> Option<u8> {
        match self.phase {
            Phase::Sending(signal, _) => Some(signal),
            Phase::Stopped(..) | Phase::Silent(_) | Phase::Over => None,
        }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Sending(_, due) | Phase::Stopped(_, due) | Phase::Silent(due) => Some(due),
            Phase::Over => None,
        }
    }

    /// The backward signal now heard.
    pub(crate) fn heard(&mut self, now: Instant, signal: Option<u8>) -> Told {
        match (self.phase, signal) {
            (Phase::Sending(..) | Phase::Silent(_), Some(signal)) => {
                self.phase = Phase::Stopped(signal, now + self.timers.t1);
                Told::Nothing
            }
            (Phase::Stopped(asked, _), None) => self.obey(now, asked),
            (Phase::Stopped(asked, _), Some(signal)) if asked != signal => {
                // The silence between the two was too short to be heard.
                let told = self.obey(now, asked);
                if matches!(self.phase, Phase::Sending(..) | Phase::Silent(_)) {
                    self.phase = Phase::Stopped(signal, now + self.timers.t1);
                }
                told
            }
            (Phase::Sending(..) | Phase::Silent(_), None) | (Phase::Stopped(..), Some(_)) | (Phase::Over, _) => {
                Told::Nothing
            }
        }
    }

    /// More of the called number.
    pub(crate) fn more(&mut self, now: Instant, digits: &Digits, address: Address) {
        // What is longer than any number is cut.
        let _too_long = self.called.append(digits);
        self.address = address;
        if self.is_wanted && matches!(self.phase, Phase::Silent(_)) {
            self.send_called(now);
        }
    }

    pub(crate) fn timeout(&mut self, now: Instant) -> Told {
        let timer = match self.phase {
            Phase::Sending(_, due) | Phase::Stopped(_, due) if due <= now => Timer::T1,
            Phase::Silent(due) if due <= now => Timer::T2,
            Phase::Sending(..) | Phase::Stopped(..) | Phase::Silent(_) | Phase::Over => return Told::Nothing,
        };
        self.phase = Phase::Over;
        Told::Failed(Cause::SWITCHING_CONGESTION, Report::Expired(timer))
    }

    fn obey(&mut self, now: Instant, signal: u8) -> Told {
        self.phase = Phase::Silent(now + self.timers.t2);
        let request = match self.group {
            Group::A => self.request(signal),
            Group::C => meaning_of(self.country.group_c, signal),
            Group::B => return self.judge(signal),
        };
        match request {
            Some(Request::NextCalled) => {
                self.group = Group::A;
                self.send_called(now);
            }
            Some(Request::Back(by)) => {
                self.called_at = self.called_at.saturating_sub(1 + usize::from(by));
                self.send_called(now);
            }
            Some(Request::FromFirst) => {
                self.called_at = 0;
                self.send_called(now);
            }
            Some(Request::Category) => self.send_category(now),
            Some(Request::CategoryToC) => {
                self.group = Group::C;
                self.send_category(now);
            }
            Some(Request::NextCalling) => self.send_calling(now),
            Some(Request::ToGroupB) => {
                self.group = Group::B;
                self.send(now, category_signal(self.country.group_two, self.category));
                return Told::Whole;
            }
            Some(Request::Speech) => {
                self.phase = Phase::Over;
                return Told::Free(Control::Caller);
            }
            Some(Request::Circuit) => self.send(now, NO_SATELLITE),
            Some(Request::Congestion) => return self.refused(Cause::SWITCHING_CONGESTION),
            Some(Request::Vacant) => return self.refused(Cause::UNALLOCATED_NUMBER),
            None => return self.unexpected(signal),
        }
        Told::Nothing
    }

    /// Of two requests with one signal, the one that fits what was sent.
    fn request(&self, signal: u8) -> Option<Request> {
        let may_be = |request| self.country.group_a.contains(&(signal, request));
        let asks_calling = may_be(Request::NextCalling) && self.is_category_sent;
        if may_be(Request::Category) && !asks_calling {
            Some(Request::Category)
        } else if asks_calling && (self.in_calling || !may_be(Request::NextCalled)) {
            Some(Request::NextCalling)
        } else {
            meaning_of(self.country.group_a, signal)
        }
    }

    fn judge(&mut self, signal: u8) -> Told {
        let group_two = category_signal(self.country.group_two, self.category);
        match meaning_of(self.country.group_b_for(Some(group_two)), signal) {
            Some(Verdict::Free { control, .. }) => {
                self.phase = Phase::Over;
                Told::Free(control)
            }
            Some(verdict) => self.refused(verdict.cause().unwrap_or(Cause::NORMAL_UNSPECIFIED)),
            None => self.unexpected(signal),
        }
    }

    fn refused(&mut self, cause: Cause) -> Told {
        self.phase = Phase::Over;
        Told::Refused(cause)
    }

    fn unexpected(&mut self, signal: u8) -> Told {
        self.phase = Phase::Over;
        let report = Report::UnexpectedSignal { register: Register::Backward, signal };
        Told::Failed(Cause::PROTOCOL_ERROR, report)
    }

    fn send(&mut self, now: Instant, signal: u8) {
        self.phase = Phase::Sending(signal, now + self.timers.t1);
    }

    fn send_category(&mut self, now: Instant) {
        (self.is_category_sent, self.in_calling, self.calling_at) = (true, true, 0);
        self.send(now, category_signal(self.country.categories, self.category));
    }

    /// The next digit; after the last one its end, where there is a signal for that; else the other end finds out by waiting.
    fn send_called(&mut self, now: Instant) {
        let digit = self.called.as_str().chars().nth(self.called_at).and_then(signal_of);
        let end = self.country.end_of_called.filter(|_| self.address == Address::Complete);
        (self.is_wanted, self.in_calling) = (digit.is_none(), false);
        self.called_at += usize::from(digit.is_some());
        if let Some(signal) = digit.or(end) {
            self.send(now, signal);
        }
    }

    fn send_calling(&mut self, now: Instant) {
        let shown = match self.calling.presentation {
            Presentation::Allowed => self.calling.digits.as_str(),
            Presentation::Restricted | Presentation::Unavailable => "",
        };
        let signal = match shown.chars().filter_map(signal_of).nth(self.calling_at) {
            Some(digit) => {
                self.calling_at += 1;
                Some(digit)
            }
            None => {
                self.in_calling = false;
                let is_restricted = self.calling.presentation == Presentation::Restricted;
                let restricted = self.country.restricted.filter(|_| is_restricted);
                restricted.or(self.country.end_of_calling)
            }
        };
        if let Some(signal) = signal {
            self.send(now, signal);
        }
    }
}

/// I-13 in answer to the question for the circuit (Q.441 table 1).
const NO_SATELLITE: u8 = 13;
