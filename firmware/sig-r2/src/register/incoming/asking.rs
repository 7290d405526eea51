//! What the incoming register says: requests of groups A and C, the verdict of group B.

use super::{Expected, Incoming, Phase, Told, Word};
use crate::country::{Calling, Category, Meaning, Request, Verdict, meaning_of, signal_for};
use crate::settings::{Acceptance, Collect, Settings};
use base::{Cause, Instant};
use ports::call::Address;

impl Incoming {
    /// Answers the forward signal by what is wanted next; or leaves it standing until the call model has spoken.
    pub(super) fn next(&mut self, now: Instant) -> Told {
        let was_offered = self.is_offered;
        match self.wanted() {
            Some(Request::ToGroupB) if self.accepts_at_once().is_some() => {
                self.is_offered = true;
                self.answer(now, Request::Speech, Expected::Nothing(Told::Accepted));
                if was_offered { Told::Nothing } else { Told::Offer }
            }
            Some(request) => {
                self.ask(now, request);
                Told::Nothing
            }
            None => {
                self.is_offered = true;
                self.phase = Phase::Weighing(now + self.settings.timers.weigh);
                if was_offered {
                    Told::Digits(self.called_since(self.called.len() - 1), Address::Open)
                } else {
                    Told::Offer
                }
            }
        }
    }

    /// What to ask for; `None`: the call model shall say.
    fn wanted(&self) -> Option<Request> {
        let is_overlap = self.settings.dnis_digits.is_none();
        let calling_due = match self.settings.calling {
            Calling::AfterDigits(digits) => self.is_whole || self.called.len() >= usize::from(digits.max(1)),
            Calling::Last => self.is_whole || is_overlap && !self.called.is_empty(),
            Calling::Not => false,
        };
        if self.is_unpaid() {
            return Some(Request::ToGroupB);
        }
        if calling_due && !self.is_calling_over {
            return Some(if self.category.is_none() { Request::Category } else { Request::NextCalling });
        }
        match self.is_whole {
            true => Some(Request::ToGroupB),
            false if is_overlap && !self.called.is_empty() => None,
            false => Some(Request::NextCalled),
        }
    }

    pub(super) fn ask(&mut self, now: Instant, request: Request) {
        let (signal, expected) = self.question(request);
        self.expected = expected;
        self.phase = Phase::Answering(signal, now + self.settings.timers.t3);
    }

    /// The signal that asks for it, in the group that is spoken, and what it will bring.
    fn question(&mut self, request: Request) -> (u8, Expected) {
        let country = self.settings.country;
        let group = if self.in_c { country.group_c } else { country.group_a };
        let find = |table: &[Meaning<Request>], request| signal_for(table, &request);
        let to_b = find(group, Request::ToGroupB).unwrap_or(3);
        match request {
            Request::Category => {
                if let Some(signal) = find(country.group_a, Request::Category) {
                    return (signal, Expected::Category);
                }
                if let Some(signal) = find(country.group_a, Request::CategoryToC) {
                    self.in_c = true;
                    return (signal, Expected::Category);
                }
            }
            Request::NextCalling => {
                if let Some(signal) = find(group, Request::NextCalling) {
                    return (signal, Expected::Calling);
                }
            }
            Request::NextCalled => {
                if let Some(signal) = find(group, Request::NextCalled) {
                    self.in_c = false;
                    return (signal, Expected::Called);
                }
            }
            Request::ToGroupB
            | Request::Back(_)
            | Request::FromFirst
            | Request::CategoryToC
            | Request::Speech
            | Request::Circuit
            | Request::Congestion
            | Request::Vacant => {}
        }
        self.in_c = false;
        (to_b, Expected::GroupTwo)
    }

    pub(super) fn answer(&mut self, now: Instant, request: Request, then: Expected) {
        let country = self.settings.country;
        let group = if self.in_c { country.group_c } else { country.group_a };
        self.expected = then;
        self.phase = match signal_for(group, &request) {
            Some(signal) => Phase::Answering(signal, now + self.settings.timers.t3),
            None => Phase::Over,
        };
    }

    pub(super) fn hold(&mut self, now: Instant, signal: u8) -> Told {
        self.group_two = Some(signal);
        self.phase = Phase::Holding(now + self.settings.timers.decision);
        if self.is_unpaid() {
            // Brazil says it by the signal of a number that there is not, B7.
            self.word = Word::Reject(Cause::UNALLOCATED_NUMBER);
            self.say(now);
            return Told::CollectRefused;
        }
        match (self.word, core::mem::replace(&mut self.is_offered, true)) {
            (_, false) => Told::Offer,
            (Word::Accept | Word::Reject(_), true) => {
                self.say(now);
                Told::Caller
            }
            (Word::None | Word::Routed, true) => Told::Caller,
        }
    }

    /// The verdict on the called party, in group B.
    pub(super) fn say(&mut self, now: Instant) {
        let table = self.settings.country.group_b_for(self.group_two);
        let (signal, told) = match self.word {
            Word::Reject(cause) => (Verdict::signal(table, cause), Told::Refused(cause)),
            Word::None | Word::Routed | Word::Accept => (self.free_signal(table), Told::Accepted),
        };
        self.expected = Expected::Nothing(told);
        self.phase = match signal {
            Some(signal) => Phase::Answering(signal, now + self.settings.timers.t3),
            None => Phase::Over,
        };
    }

    /// The signal of a free party that comes nearest to the settings.
    fn free_signal(&self, table: &[Meaning<Verdict>]) -> Option<u8> {
        let Settings { charge, control, .. } = self.settings;
        let free = |wanted: fn(&Settings, Verdict) -> bool| {
            table.iter().find(|row| wanted(&self.settings, row.1)).map(|row| row.0)
        };
        signal_for(table, &Verdict::Free { charge, control })
            .or_else(|| free(|own, verdict| matches!(verdict, Verdict::Free { charge, .. } if charge == own.charge)))
            .or_else(|| free(|_, verdict| matches!(verdict, Verdict::Free { .. })))
    }

    /// Asks without having been asked (Q.442).
    pub(super) fn pulse(&mut self, now: Instant) -> Told {
        let told = match self.wanted() {
            Some(_) => self.next(now),
            None => {
                self.ask(now, Request::NextCalled);
                Told::Nothing
            }
        };
        if let Phase::Answering(signal, _) = self.phase {
            self.phase = Phase::Pulsing(signal, now + self.settings.timers.pulse);
        }
        told
    }

    pub(super) fn caller_category(&self) -> Option<Category> {
        let country = self.settings.country;
        let of = |table, signal: Option<u8>| signal.and_then(|signal| meaning_of(table, signal));
        let (asked, two) = (of(country.categories, self.category), of(country.group_two, self.group_two));
        // The more special of the two.
        [asked, two].into_iter().flatten().find(|&category| category != Category::Subscriber).or(two).or(asked)
    }

    /// A call at our charge that is not wanted.
    fn is_unpaid(&self) -> bool {
        self.settings.collect == Collect::Refuse && self.caller_category() == Some(Category::Collect)
    }

    /// Group A accepts where the owner wants it and the country can.
    fn accepts_at_once(&self) -> Option<u8> {
        let wanted = self.settings.acceptance == Acceptance::GroupA && !self.in_c;
        signal_for(self.settings.country.group_a, &Request::Speech).filter(|_| wanted)
    }
}
