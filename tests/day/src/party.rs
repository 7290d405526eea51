//! The parties' behaviour: what each end's call model says, and when, upon what the line tells it.

use crate::plan::{Call, Fate, NUMBER, Party};
use crate::record::{Ended, Record};
use base::{Cause, Digits, Instant};
use ports::call::{Address, Inband, Primitive};
use sig_span::CallHandle;
use std::time::Duration;

/// A caller who hears nothing but ringing for so long gives up, and one who hears nothing at all later still.
const PATIENCE: Duration = Duration::from_secs(40);
/// From the answer to what is said, and to the keys.
const SPEAKS_AFTER: Duration = Duration::from_millis(300);
const KEYS_AFTER: Duration = Duration::from_millis(2000);
/// A model takes so long to answer what the line tells.
const MOMENT: Duration = Duration::from_millis(3);

/// What a party does at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Says this to the line.
    Say(Primitive),
    /// Answers.
    Answer,
    /// Speaks.
    Greet,
    /// Presses its keys.
    Press,
    /// Hangs up.
    HangUp,
    /// Hangs up unless it was answered.
    GiveUp,
}

/// A call that lives at one end.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) call: CallHandle,
    pub(crate) record: Record,
    /// Its place in the plan; of an incoming call not known until its number is.
    pub(crate) plan: Option<usize>,
}

/// Words of one primitive.
pub(crate) type Words = Vec<(Duration, Word)>;

const fn clearing(cause: Cause) -> Primitive {
    Primitive::Clearing { cause, inband: Inband::Silent }
}

impl Live {
    pub(crate) const fn new(call: CallHandle, record: Record, plan: Option<usize>) -> Self {
        Self { call, record, plan }
    }

    /// What a caller does of itself.
    pub(crate) fn begin(&self, call: &Call, words: &mut Words) {
        let after = match call.fate {
            Fate::Abandoned => call.ring / 4,
            Fate::Answered(_) | Fate::Busy | Fate::Unallocated | Fate::NoAnswer => call.lag + PATIENCE,
        };
        words.push((after, Word::GiveUp));
    }

    /// The number of an incoming call. True: it is whole.
    pub(crate) fn gather(&mut self, digits: &Digits, address: Address) -> bool {
        // A number that is longer than any is nobody's.
        let _ = self.record.to.append(digits);
        address == Address::Complete || self.record.to.len() >= NUMBER
    }

    /// What the called party does, once the number is known.
    pub(crate) fn decide(&self, call: Option<&Call>, words: &mut Words) {
        let Some(call) = call else {
            return words.push((MOMENT, Word::Say(clearing(Cause::UNALLOCATED_NUMBER))));
        };
        let rings = |words: &mut Words| {
            words.push((call.lag, Word::Say(Primitive::Proceeding)));
            words.push((call.lag * 2, Word::Say(Primitive::Alerting(Inband::Silent))));
        };
        match call.fate {
            Fate::Busy => words.push((call.lag, Word::Say(clearing(Cause::USER_BUSY)))),
            Fate::Unallocated => words.push((call.lag, Word::Say(clearing(Cause::UNALLOCATED_NUMBER)))),
            Fate::NoAnswer | Fate::Abandoned => rings(words),
            Fate::Answered(_) => {
                rings(words);
                words.push((call.lag * 2 + call.ring, Word::Answer));
            }
        }
    }

    /// The call is answered, for this party.
    pub(crate) fn answered(&mut self, now: Instant, call: Option<&Call>, words: &mut Words) {
        if self.record.answered.is_some() {
            return;
        }
        self.record.answered = Some(now);
        words.push((SPEAKS_AFTER, Word::Greet));
        words.push((KEYS_AFTER, Word::Press));
        if let Some(call) = call.filter(|call| call.fate == Fate::Answered(self.record.party)) {
            words.push((call.talk, Word::HangUp));
        }
    }

    /// What the line tells of a call that is offered already.
    pub(crate) fn told(&mut self, now: Instant, primitive: Primitive, call: Option<&Call>, words: &mut Words) {
        match primitive {
            Primitive::Alerting(_) => self.record.alerted = self.record.alerted.or(Some(now)),
            Primitive::Connected => self.answered(now, call, words),
            Primitive::Clearing { cause, .. } => {
                self.end(now, Ended::Line, cause);
                words.push((MOMENT, Word::Say(clearing(cause))));
            }
            Primitive::Released { cause } => {
                self.end(now, Ended::Line, cause);
                self.record.released = Some((now, cause));
            }
            // Hung up by mistake, or heard so: the party is asked once more to be gone.
            Primitive::Reanswered => words.push((MOMENT, Word::HangUp)),
            Primitive::Setup(_)
            | Primitive::Digits { .. }
            | Primitive::Proceeding
            | Primitive::Progress(_)
            | Primitive::Detail(_)
            | Primitive::Held
            | Primitive::Retrieved
            | Primitive::Flash
            | Primitive::Charge(_)
            | Primitive::Info(_)
            | Primitive::MediaOffer(_)
            | Primitive::MediaAnswer(_)
            | Primitive::TransferRequested(_)
            | Primitive::Refused(_) => {}
        }
    }

    /// What ends the call for the first time is why it ended.
    pub(crate) fn end(&mut self, now: Instant, by: Ended, cause: Cause) {
        self.record.ended = self.record.ended.or(Some((now, by, cause)));
    }

    /// The word that ends the call, unless it ends already.
    pub(crate) fn hang_up(&mut self, now: Instant) -> Option<Primitive> {
        if self.record.ended.is_some() {
            return None;
        }
        self.end(now, Ended::Here, Cause::NORMAL_CLEARING);
        Some(clearing(Cause::NORMAL_CLEARING))
    }

    /// The keys that this party presses.
    pub(crate) fn keys(&self, call: &Call) -> Digits {
        match self.record.party {
            Party::Caller => call.keys[0],
            Party::Called => call.keys[1],
        }
    }
}
