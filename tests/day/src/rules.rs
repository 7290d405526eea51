//! The differences that two records of one call may have, and the rules that say why: each names what must have happened, where and when.
//! What no rule covers is a fault of the firmware.

use crate::SPANS;
use crate::faults::{Fault, Ill};
use crate::record::Record;
use crate::spans::names_callers;
use base::{Cause, Digits, Instant};
use core::fmt;
use std::time::Duration;

/// In what two records differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// The other end never heard of the call.
    NeverOffered,
    /// An end was offered a call that nobody placed, or that was over for its caller.
    NobodyCalled,
    /// The called numbers.
    Number,
    /// The calling numbers, where the line tells them.
    CallerNumber,
    /// Answered for one end alone.
    Answered,
    /// Answered at different times.
    AnswerTime,
    /// Ended for different causes.
    Cause,
    /// Ended at different times.
    EndTime,
    /// What one party keyed is not what the other heard.
    Keys,
    /// The ends agree, and it is not what the plan said.
    Fate,
}

/// Why two records differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The caller hung up before the line had told the other end of the call: an analog line needs two rings, or the number.
    GivenUpBeforeOffered,
    /// The caller hung up while it dialled: what the other end has of the number is its beginning.
    GivenUpWhileDialling,
    /// The answer was on its way when the caller hung up.
    AnswerCrossedHangUp,
    /// The telephone was lifted after the caller had hung up, in the pause after the last ring: it hears a dial tone.
    AnsweredAfterHangUp,
    /// The next caller's rings followed the last one's within a pause and a half: to the telephone the two are one call.
    RungOn,
    /// Both hung up, each before it could know of the other.
    BothHungUp,
    /// The hang-up was on its way while keys were: those heard are the first of them.
    HungUpOverKeys,
    /// One pressed its keys before the other knew of the answer: those heard are the last of them.
    KeyedBeforeAnswerKnown,
    /// An analog line tells causes by tones, and its country's tones are fewer.
    CauseByTone,
    /// A telephone that is rung cannot say why it is not answered: the caller gives up.
    NoWordForRefusal,
    /// Nothing passed between the ends when one would have told the other.
    LineWasCut,
    /// One end was started anew while the call lived at either.
    EndRestarted,
    /// Frames were lost, and the data link's repetitions took their time.
    FramesWereLost,
    /// Both ends keep channels from calls, and neither is told: the called end chose one that the caller's end has blocked (Q.931 §5.1.2).
    BlockedAtBothEnds,
    /// SETUP was sent twice, and both came late.
    SetupRepeated,
    /// Bits that flicker have to stand from the beginning again before they are believed.
    BitsFlickered,
    /// Both ends seized one channel: the call of one gave way.
    Glare,
}

impl Rule {
    /// Some faults lie on both sides of an edge: a timer of a second may still be running when the line is whole again.
    const AFTERMATH: Duration = Duration::from_secs(5);
}

/// The two records of one call, and what went wrong on its span.
pub(crate) struct Meeting<'a> {
    pub(crate) caller: &'a Record,
    pub(crate) called: Option<&'a Record>,
    pub(crate) faults: &'a [Fault],
    /// Callers on the same channel, of both ends.
    pub(crate) others: &'a [&'a Record],
}

impl fmt::Debug for Meeting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}\n  {:?}", self.caller, self.called)?;
        let (since, until) = self.life();
        for fault in self.faults.iter().filter(|fault| fault.meets(since, until)) {
            let at = |at: Instant| at.as_millis() as f64 / 1000.0;
            write!(f, "\n  {:?} from {:.3} to {:.3}", fault.ill, at(fault.from), at(fault.until))?;
        }
        Ok(())
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn apart(one: Instant, other: Instant) -> Duration {
    (one - other).max(other - one)
}

impl Meeting<'_> {
    fn is_analog(&self) -> bool {
        SPANS[self.caller.span].is_analog()
    }

    fn life(&self) -> (Instant, Instant) {
        let over = self.called.map_or(self.caller.over(), |called| called.over().max(self.caller.over()));
        (self.caller.began, over)
    }

    /// From an answer until the other end knows of it: an analog line tells by a reversal or by a voice.
    fn answer_takes(&self) -> Duration {
        if self.is_analog() { ms(1600) } else { SPANS[self.caller.span].tells_within() }
    }

    /// From a hang-up until the other end knows of it: on an analog line a break, or two cadences of a tone; a telephone that is rung knows
    /// only by a pause and a half without a ring (7.5 s, the longest of all countries).
    fn end_takes(&self) -> Duration {
        let is_rung =
            self.called.is_some_and(|called| SPANS[called.span].is_telephone(called.end) && called.answered.is_none());
        match self.is_analog() {
            true if is_rung => ms(7600),
            true => ms(5000),
            // What a register says about the called party takes as long as its tone.
            false if self.called.is_some_and(|called| called.answered.is_none()) => {
                SPANS[self.caller.span].refuses_within()
            }
            false => SPANS[self.caller.span].tells_within(),
        }
    }

    /// All in which the two differ.
    pub(crate) fn differences(&self) -> Vec<Difference> {
        let caller = self.caller;
        let Some(called) = self.called else { return vec![Difference::NeverOffered] };
        let mut found = Vec::new();
        let mut check = |is_alike: bool, difference| {
            if !is_alike {
                found.push(difference);
            }
        };
        let is_rung = SPANS[called.span].is_telephone(called.end);
        check(is_rung || called.to == caller.to, Difference::Number);
        let is_named = if is_rung { names_callers(called.channel.unwrap_or(0)) } else { !self.is_analog() };
        check(!is_named || called.from == caller.from, Difference::CallerNumber);
        check(called.answered.is_some() == caller.answered.is_some(), Difference::Answered);
        if let (Some(one), Some(other)) = (called.answered, caller.answered) {
            check(apart(one, other) <= self.answer_takes(), Difference::AnswerTime);
        }
        check(called.cause() == caller.cause(), Difference::Cause);
        check(apart(called.ended_at(), caller.ended_at()) <= self.end_takes(), Difference::EndTime);
        check(caller.keyed == called.heard && called.keyed == caller.heard, Difference::Keys);
        found
    }

    /// Why they differ in this.
    pub(crate) fn explain(&self, difference: Difference) -> Option<Rule> {
        self.by_nature(difference)
            .or_else(|| self.rung_on())
            .or_else(|| self.by_glare(difference))
            .or_else(|| self.by_restart())
            .or_else(|| self.by_fault(difference))
    }

    /// What needs no fault.
    fn by_nature(&self, difference: Difference) -> Option<Rule> {
        let caller = self.caller;
        let Some(called) = self.called else {
            let given_up = caller.ended_here() && caller.ended_at() - caller.began < SPANS[caller.span].offers_within();
            return given_up.then_some(Rule::GivenUpBeforeOffered);
        };
        let (first, last) = self.ends(called);
        if self.is_lifted_late(called) && last - first <= self.end_takes() + ms(12_600) {
            let comes_of_it =
                [Difference::Answered, Difference::Cause, Difference::EndTime, Difference::Keys, Difference::Fate];
            return comes_of_it.contains(&difference).then_some(Rule::AnsweredAfterHangUp);
        }
        let both_hung_up = caller.ended_here() && called.ended_here();
        match difference {
            Difference::Answered => {
                let crossed = called
                    .answered
                    .is_some_and(|at| caller.ended_here() && caller.ended_at() - at <= self.answer_takes());
                crossed.then_some(Rule::AnswerCrossedHangUp)
            }
            Difference::Number if self.is_analog() && caller.ended_here() && caller.alerted.is_none() => {
                let is_beginning = caller.to.as_str().starts_with(called.to.as_str());
                is_beginning.then_some(Rule::GivenUpWhileDialling)
            }
            Difference::Cause if self.is_analog() => self.by_tone(called),
            Difference::Cause | Difference::EndTime if both_hung_up && last - first <= self.end_takes() => {
                Some(Rule::BothHungUp)
            }
            Difference::EndTime if self.by_tone(called) == Some(Rule::NoWordForRefusal) => Some(Rule::NoWordForRefusal),
            Difference::Fate if self.is_analog() => self.by_tone(called),
            Difference::Keys => {
                let ways = [(caller, called), (called, caller)];
                if ways.iter().all(|(by, at)| is_first_of(by, at, first)) {
                    return Some(Rule::HungUpOverKeys);
                }
                let is_told = |(by, at): &(&Record, &Record)| is_first_of(by, at, first) || is_last_of(by, at, first);
                ways.iter().all(is_told).then_some(Rule::KeyedBeforeAnswerKnown)
            }
            _ => None,
        }
    }

    /// A rung telephone was answered when its caller had gone, and nobody could know yet.
    fn is_lifted_late(&self, called: &Record) -> bool {
        let gone = self.caller.ended_at();
        let is_rung = SPANS[called.span].is_telephone(called.end);
        is_rung && self.caller.ended_here() && called.answered.is_some_and(|at| gone < at && at - gone <= ms(7600))
    }

    fn ends(&self, called: &Record) -> (Instant, Instant) {
        let ends = [self.caller.ended_at(), called.ended_at()];
        (ends[0].min(ends[1]), ends[0].max(ends[1]))
    }

    /// What tones and telephones cannot say.
    fn by_tone(&self, called: &Record) -> Option<Rule> {
        let caller = self.caller;
        let is_unanswered = called.answered.is_none() && caller.answered.is_none();
        if SPANS[called.span].is_telephone(called.end) {
            return (is_unanswered && called.ended_here()).then_some(Rule::NoWordForRefusal);
        }
        let of_tones = [Cause::UNALLOCATED_NUMBER, Cause::USER_BUSY, Cause::SWITCHING_CONGESTION];
        let is_tone = caller.cause().is_some_and(|cause| of_tones.contains(&cause));
        (is_unanswered && is_tone && called.cause() == Some(Cause::UNALLOCATED_NUMBER)).then_some(Rule::CauseByTone)
    }

    fn rung_on(&self) -> Option<Rule> {
        let ours = self.caller;
        let follows = |first: &Record, next: &Record| {
            first.answered.is_none() && first.ended_at() <= next.began && next.began - first.ended_at() <= ms(7600)
        };
        let is_telephone = SPANS[ours.span].is_telephone(ours.end.other());
        let mut same = self.others.iter().filter(|other| other.end == ours.end);
        (is_telephone && same.any(|other| follows(ours, other) || follows(other, ours))).then_some(Rule::RungOn)
    }

    /// A call of the other end on the same channel at the same time. One of the two gives way, of a double seizure both (Q.422 §2.2.5). A telephone
    /// that was lifted to call has answered the call that rings it, as its exchange sees it, before its own party knows of that.
    fn by_glare(&self, difference: Difference) -> Option<Rule> {
        let ours = self.caller;
        let meets = |other: &&Record| {
            let is_there = other.end != ours.end;
            is_there && apart(other.began, ours.began) < ms(600)
        };
        // It was lifted before it rang: the caller finds it busy, and the telephone takes the ring of a caller id for a call.
        let is_busy =
            self.is_analog() && ours.cause() == Some(Cause::USER_BUSY) && ours.ended_at() - ours.began < ms(100);
        let gave_way = [Cause::NO_CHANNEL, Cause::REQUESTED_CHANNEL_NOT_AVAILABLE, Cause::USER_BUSY];
        let is_glare = match difference {
            Difference::NeverOffered => ours.cause().is_some_and(|cause| gave_way.contains(&cause)),
            Difference::Answered
            | Difference::AnswerTime
            | Difference::CallerNumber
            | Difference::Cause
            | Difference::Keys
            | Difference::Fate => {
                is_busy || self.is_analog() && ours.answered.is_some_and(|at| at - ours.began < ms(100))
            }
            Difference::EndTime => is_busy,
            Difference::NobodyCalled | Difference::Number => false,
        };
        (is_glare && self.others.iter().copied().any(|record| meets(&record))).then_some(Rule::Glare)
    }

    fn by_restart(&self) -> Option<Rule> {
        let (since, until) = self.life();
        let is_met = |fault: &&Fault| matches!(fault.ill, Ill::Restart(_)) && fault.meets(since, until);
        self.faults.iter().find(is_met).map(|_| Rule::EndRestarted)
    }

    /// What a fault did: it, or what comes after it, was there when one end would have told the other.
    fn by_fault(&self, difference: Difference) -> Option<Rule> {
        let caller = self.caller;
        let (since, until) = match (difference, self.called) {
            // SETUP is sent twice, four seconds apart (T303); an analog line dials for so long.
            (Difference::NeverOffered, _) | (_, None) => (caller.began, caller.began + ms(8000)),
            (Difference::Answered, Some(called)) => {
                let at = called.answered.or(caller.answered).unwrap_or(caller.began);
                (at, self.ends(called).1.max(at))
            }
            (Difference::AnswerTime, Some(called)) => {
                let at = [called.answered, caller.answered].map(|at| at.unwrap_or(caller.began));
                (at[0].min(at[1]), at[0].max(at[1]))
            }
            (Difference::Cause | Difference::EndTime, Some(called)) => self.ends(called),
            (Difference::Keys, Some(called)) => {
                let pressed = [caller.pressed, called.pressed].map(|at| at.unwrap_or(caller.ended_at()));
                (pressed[0].min(pressed[1]), pressed[0].max(pressed[1]) + ms(2000))
            }
            (
                Difference::Number | Difference::CallerNumber | Difference::Fate | Difference::NobodyCalled,
                Some(called),
            ) => (caller.began, self.ends(called).1),
        };
        let mut met = self.faults.iter().filter(|fault| fault.from <= until && since <= fault.until + Rule::AFTERMATH);
        met.find_map(|fault| match fault.ill {
            Ill::Span | Ill::Silence(_) => Some(Rule::LineWasCut),
            Ill::DChannel if difference != Difference::Keys => Some(Rule::LineWasCut),
            Ill::Noise { .. } if difference != Difference::Keys => Some(Rule::FramesWereLost),
            Ill::Glitch { timeslot, .. } if self.is_flicker(fault, timeslot, difference) => Some(Rule::BitsFlickered),
            Ill::Blocked { by, timeslot } if difference == Difference::Fate && by == caller.end => {
                let is_chosen = self.called.is_some_and(|called| called.channel == Some(timeslot));
                (is_chosen && caller.cause() == Some(Cause::CHANNEL_UNACCEPTABLE)).then_some(Rule::BlockedAtBothEnds)
            }
            Ill::DChannel
            | Ill::Noise { .. }
            | Ill::Glitch { .. }
            | Ill::Slip(_)
            | Ill::Restart(_)
            | Ill::Blocked { .. } => None,
        })
    }
}

impl Meeting<'_> {
    /// Flickering bits delay what they tell by themselves, and nothing else.
    fn is_flicker(&self, fault: &Fault, timeslot: u8, difference: Difference) -> bool {
        let is_a_time = matches!(difference, Difference::AnswerTime | Difference::EndTime);
        let Some(called) = self.called.filter(|_| is_a_time && self.caller.channel == Some(timeslot)) else {
            return false;
        };
        let (first, last) = match (difference, called.answered, self.caller.answered) {
            (Difference::AnswerTime, Some(one), Some(other)) => (one.min(other), one.max(other)),
            _ => self.ends(called),
        };
        fault.meets(first, last) && last - first <= SPANS[self.caller.span].tells_within() * 2
    }
}

/// What one heard is what the other had keyed when the first of them hung up.
fn is_first_of(by: &Record, at: &Record, hung_up: Instant) -> bool {
    let Some(pressed) = by.pressed else { return at.heard == Digits::new() };
    let is_first = by.keyed.as_str().starts_with(at.heard.as_str());
    // A key of 80 ms is told of 30 ms after its end; the next one begins 80 ms after that.
    let heard_until = pressed + ms(160) * at.heard.len() as u32;
    is_first && (by.keyed == at.heard || hung_up <= heard_until + ms(160))
}

/// What one heard is what the other keyed after the one knew of the answer; where the call ended over the keys, the last are missing too.
fn is_last_of(by: &Record, at: &Record, hung_up: Instant) -> bool {
    let Some(pressed) = by.pressed else { return at.heard == Digits::new() };
    let is_late = at.answered.is_none_or(|answered| pressed < answered);
    let is_cut_short = hung_up < pressed + ms(160) * by.keyed.len() as u32;
    let (keyed, heard) = (by.keyed.as_str(), at.heard.as_str());
    is_late && (keyed.ends_with(heard) || is_cut_short && keyed.contains(heard))
}

/// Why an end was offered a call that nobody placed: an analog line rings anew after a break between the two offers, and a SETUP that is late is sent twice (T303): the
/// second is a call of its own where the first is over already.
pub(crate) fn alone(record: &Record, faults: &[Fault], records: &[&Record]) -> Option<Rule> {
    let is_here =
        |other: &&&Record| (other.span, other.end, other.channel) == (record.span, record.end, record.channel);
    let next = records.iter().filter(is_here).map(|other| other.began).filter(|&began| began > record.began).min();
    let (since, until) = (record.began, next.unwrap_or(record.over()));
    let mut met = faults.iter().filter(|fault| fault.from <= until && since <= fault.until + Rule::AFTERMATH);
    let is_same = |other: &&&Record| other.to == record.to && other.end == record.end && other.began < record.began;
    let is_repeated = !SPANS[record.span].is_analog() && records.iter().any(|other| is_same(&other));
    met.find_map(|fault| match fault.ill {
        Ill::Span | Ill::Silence(_) => Some(Rule::LineWasCut),
        Ill::Restart(_) => Some(Rule::EndRestarted),
        Ill::Noise { .. } | Ill::DChannel if is_repeated => Some(Rule::SetupRepeated),
        _ => None,
    })
}
