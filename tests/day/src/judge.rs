//! The two records of each call side by side.

use crate::faults::Fault;
use crate::plan::{Call, Fate, Party, place};
use crate::record::Record;
use crate::rules::{Difference, Meeting, Rule, alone};
use base::Cause;
use std::collections::BTreeMap;
use std::time::Duration;

/// What came of a day.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Calls that were placed on a span.
    pub placed: usize,
    /// Of these, known to both ends.
    pub met: usize,
    /// Of these, answered ones.
    pub answered: usize,
    /// Calls that went as planned in every respect.
    pub as_planned: usize,
    /// Differences that a rule explains, by the rule.
    pub explained: BTreeMap<(Difference, Rule), usize>,
    /// Differences that none does.
    pub unexplained: Vec<String>,
}

impl Verdict {
    /// # Panics
    /// Where the ends do not agree, and no rule says why.
    #[track_caller]
    pub fn assert_agreed(&self, seed: u64) {
        let first: Vec<&str> = self.unexplained.iter().map(String::as_str).take(5).collect();
        let count = self.unexplained.len();
        assert!(
            count == 0,
            "seed {seed}: the ends disagree on {count} calls and no fault explains it:\n{}",
            first.join("\n")
        );
    }
}

/// Records of called parties, to be found by number or by channel.
struct Called<'a> {
    records: Vec<&'a Record>,
    taken: Vec<bool>,
    by_number: BTreeMap<usize, Vec<usize>>,
    by_channel: BTreeMap<(usize, Option<u8>), Vec<usize>>,
}

impl<'a> Called<'a> {
    fn new(records: &'a [Record]) -> Self {
        let records: Vec<&Record> = records.iter().filter(|record| record.party == Party::Called).collect();
        let (mut by_number, mut by_channel) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for (at, record) in records.iter().enumerate() {
            // Only an analog line that rings has no number, and part of one that was given up while it was dialled.
            match place(&record.to) {
                Some(place) => by_number.entry(place).or_default().push(at),
                None => by_channel.entry((record.span, record.channel)).or_default().push(at),
            }
        }
        Self { taken: vec![false; records.len()], records, by_number, by_channel }
    }

    /// The other end's record of this call.
    fn take(&mut self, caller: &Record) -> Option<&'a Record> {
        let is_there = |at: &usize| {
            let other = self.records[*at];
            !self.taken[*at] && other.span == caller.span && other.end != caller.end
        };
        let is_then = |at: &usize| {
            let other = self.records[*at];
            // A digit is told of when it is over, a caller id once it was sent to its end; meanwhile the caller may have gone.
            other.began <= caller.over() + Duration::from_millis(800) && caller.began <= other.over()
        };
        let named = self.by_number.get(&place(&caller.to)?).into_iter().flatten().copied().find(is_there);
        let rung = || self.by_channel.get(&(caller.span, caller.channel)).into_iter().flatten().copied();
        // A telephone that missed some rings is rung twice for one caller: the last time is what became of the call.
        let at = named.or_else(|| rung().rfind(|at| is_there(at) && is_then(at)))?;
        self.taken[at] = true;
        Some(self.records[at])
    }
}

/// Judges all records of a day.
pub fn judge(plan: &[Call], faults: &[Fault], records: &[Record]) -> Verdict {
    let mut verdict = Verdict::default();
    let mut called = Called::new(records);
    let (mut faults_of, mut callers_of) = (BTreeMap::<_, Vec<Fault>>::new(), BTreeMap::<_, Vec<&Record>>::new());
    for fault in faults {
        faults_of.entry(fault.span).or_default().push(*fault);
    }
    let callers = records.iter().filter(|record| record.party == Party::Caller);
    callers.clone().for_each(|caller| callers_of.entry((caller.span, caller.channel)).or_default().push(caller));
    for caller in callers {
        let faults = faults_of.get(&caller.span).map_or(&[][..], Vec::as_slice);
        let others = callers_of.get(&(caller.span, caller.channel)).map_or(&[][..], Vec::as_slice);
        let meeting = Meeting { caller, called: called.take(caller), faults, others };
        verdict.placed += 1;
        verdict.met += usize::from(meeting.called.is_some());
        verdict.answered += usize::from(meeting.called.is_some_and(|called| called.answered.is_some()));
        let planned = place(&caller.to).and_then(|place| plan.get(place));
        let mut differences = meeting.differences();
        if differences.is_empty() && planned.is_some_and(|call| !is_as_planned(call, caller)) {
            differences.push(Difference::Fate);
        }
        verdict.as_planned += usize::from(differences.is_empty());
        for difference in differences {
            match meeting.explain(difference) {
                Some(rule) => *verdict.explained.entry((difference, rule)).or_default() += 1,
                None => verdict.unexplained.push(format!("{difference:?}: {meeting:?}")),
            }
        }
    }
    for (record, _) in called.records.iter().zip(&called.taken).filter(|(_, taken)| !**taken) {
        let faults = faults_of.get(&record.span).map_or(&[][..], Vec::as_slice);
        match alone(record, faults, &called.records) {
            Some(rule) => *verdict.explained.entry((Difference::NobodyCalled, rule)).or_default() += 1,
            None => {
                let mut callers = callers_of.get(&(record.span, record.channel)).into_iter().flatten();
                let last = callers.rfind(|caller| caller.began <= record.began);
                verdict.unexplained.push(format!("nobody called: {record:?}; the last who did: {last:?}"));
            }
        }
    }
    verdict
}

/// Whether the caller met what the plan had for it.
fn is_as_planned(call: &Call, caller: &Record) -> bool {
    let is_answered = caller.answered.is_some();
    match call.fate {
        Fate::Answered(party) => is_answered && caller.ended_here() == (party == Party::Caller),
        Fate::Busy => !is_answered && caller.cause() == Some(Cause::USER_BUSY),
        Fate::Unallocated => !is_answered && caller.cause() == Some(Cause::UNALLOCATED_NUMBER),
        Fate::NoAnswer | Fate::Abandoned => !is_answered && caller.ended_here(),
    }
}
