//! Runs a compiled grammar over the keys pressed so far. All readings are followed at once, so that no grammar
//! and no input makes it slow; among several readings the first in document order wins.

use super::{Expansion, Keys};
use crate::script::Value;
use base::Digit;

/// Steps of one grammar's program.
const PROGRAM_STEPS: usize = 8_000;

/// How far the keys pressed so far lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Progress {
    /// Nothing accepted begins like this.
    NoMatch,
    /// More keys are needed.
    Partial,
    /// Accepted, and no key may follow.
    Complete,
    /// Accepted, and more may follow.
    CompleteExtendable,
}

/// What an accepted input means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Value(Value),
    /// An ECMAScript expression that gives the value (SISR 1.0 §3).
    Script(String),
}

/// How the text of the keys becomes a value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reading {
    /// The keys as they are: `digits`, `date`.
    Text,
    /// `true` if they are this.
    Boolean(String),
    /// `*` is the decimal point: `number`, `currency`.
    Decimal,
    /// `*` begins the extension: `phone`.
    Phone,
    /// `hhmm` with `h` (24 hours) or `?` (morning or evening).
    Time,
    /// By the grammar's tags: literals (the last one counts).
    Literals,
    /// By the grammar's tags: scripts, after those at the grammar's head.
    Scripts { head: String },
}

/// A compiled grammar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grammar {
    program: Vec<Step>,
    tags: Vec<String>,
    rules: Vec<String>,
    reading: Reading,
    longest: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(Keys),
    /// Both ways, the first preferred.
    Fork(usize, usize),
    Jump(usize),
    Tag(usize),
    Enter(usize),
    Leave,
    Fail,
    Accept,
}

/// One event of a reading, linked to the one before.
struct Trace {
    before: usize,
    what: Event,
}

#[derive(Clone, Copy)]
enum Event {
    Start,
    Key(Digit),
    Tag(usize),
    Enter(usize),
    Leave,
}

impl Grammar {
    /// Lays out a grammar; refuses one whose repeats unfold to too many steps.
    pub(crate) fn new(
        root: &Expansion,
        tags: Vec<String>,
        rules: Vec<String>,
        reading: Reading,
    ) -> Result<Self, &'static str> {
        let mut program = Vec::new();
        lay_out(root, &mut program)?;
        program.push(Step::Accept);
        Ok(Self { program, tags, rules, reading, longest: root.longest() })
    }

    /// A grammar of one key sequence.
    pub(crate) fn word(keys: &str) -> Result<Self, &'static str> {
        Self::new(&Expansion::word(keys), Vec::new(), Vec::new(), Reading::Text)
    }

    /// How much work one key may be.
    pub(crate) fn size(&self) -> usize {
        self.program.len()
    }

    /// Whether no accepted input has more than `count` keys.
    pub(crate) fn is_at_most(&self, count: usize) -> bool {
        self.longest.is_some_and(|longest| longest as usize <= count)
    }

    /// How far `keys` lead.
    pub(crate) fn progress(&self, keys: &[Digit]) -> Progress {
        self.run(keys).0
    }

    /// What `keys` mean, if they are accepted.
    pub(crate) fn meaning(&self, keys: &[Digit]) -> Option<Meaning> {
        let (_, events) = self.run(keys);
        let events = events?;
        let text: String = keys.iter().map(|key| key.as_char()).collect();
        Some(match &self.reading {
            Reading::Text => Meaning::Value(Value::Text(text)),
            Reading::Boolean(yes) => Meaning::Value(Value::Bool(text == *yes)),
            Reading::Decimal => Meaning::Value(Value::Text(text.replace('*', "."))),
            Reading::Phone => Meaning::Value(Value::Text(text.replace('*', "x"))),
            Reading::Time => {
                let hour: u8 = text[..2].parse().unwrap_or(0);
                let clock = if (1..=12).contains(&hour) { '?' } else { 'h' };
                Meaning::Value(Value::Text(format!("{text}{clock}")))
            }
            Reading::Literals => {
                let last = events.iter().rev().find_map(|event| match event {
                    Event::Tag(tag) => self.tags.get(*tag),
                    Event::Start | Event::Key(_) | Event::Enter(_) | Event::Leave => None,
                });
                Meaning::Value(Value::Text(last.cloned().unwrap_or(text)))
            }
            Reading::Scripts { .. } if !events.iter().any(|event| matches!(event, Event::Tag(_))) => {
                Meaning::Value(Value::Text(text))
            }
            Reading::Scripts { head } => Meaning::Script(self.script(head, &events)),
        })
    }

    /// All tags of a reading as one expression: a function for each rule (SISR 1.0 §6).
    fn script(&self, head: &str, events: &[Event]) -> String {
        let mut code = format!("(function () {{ var last; {head}\n");
        let mut open: Vec<(usize, String, bool)> = Vec::new();
        let close = "return tagged ? out : meta.text; })();";
        for event in events {
            match event {
                Event::Start => {}
                Event::Key(key) => {
                    for (_, text, _) in &mut open {
                        text.push(key.as_char());
                    }
                }
                Event::Enter(rule) => {
                    code.push_str(
                        "last = (function () { var out = {}, rules = {}, tagged = false, last, meta = {text: ''};\
                         rules.latest = function () { return last; };\
                         meta.current = meta.latest = function () { return meta; };\n",
                    );
                    open.push((*rule, String::new(), false));
                }
                Event::Leave => {
                    if let Some((rule, text, _)) = open.pop() {
                        code.push_str(&format!("meta.text = '{text}'; {close}\n"));
                        if !open.is_empty() {
                            code.push_str(&format!("rules[{:?}] = last;\n", self.rules[rule]));
                        }
                    }
                }
                Event::Tag(tag) => {
                    let text = open.last().map_or("", |(_, text, _)| text.as_str());
                    code.push_str(&format!("meta.text = '{text}'; tagged = true;\n{};\n", self.tags[*tag]));
                }
            }
        }
        code.push_str("return last; })()");
        code
    }

    fn run(&self, keys: &[Digit]) -> (Progress, Option<Vec<Event>>) {
        let mut traces = vec![Trace { before: 0, what: Event::Start }];
        let mut threads = self.follow(vec![(0, 0)], &mut traces);
        for &key in keys {
            let mut next = Vec::new();
            for (at, trace) in threads {
                if matches!(self.program[at], Step::Key(set) if set.holds(key)) {
                    traces.push(Trace { before: trace, what: Event::Key(key) });
                    next.push((at + 1, traces.len() - 1));
                }
            }
            threads = self.follow(next, &mut traces);
        }
        let more = threads.iter().any(|(at, _)| matches!(self.program[*at], Step::Key(_)));
        let accepted = threads.iter().find(|(at, _)| matches!(self.program[*at], Step::Accept));
        match (accepted, more) {
            (Some(&(_, end)), more) => {
                let progress = if more { Progress::CompleteExtendable } else { Progress::Complete };
                (progress, Some(unwind(&traces, end)))
            }
            (None, true) => (Progress::Partial, None),
            (None, false) => (Progress::NoMatch, None),
        }
    }

    /// Where the threads stand once all steps that take no key are done, in order of preference.
    fn follow(&self, from: Vec<(usize, usize)>, traces: &mut Vec<Trace>) -> Vec<(usize, usize)> {
        let mut seen = vec![false; self.program.len()];
        let mut standing = Vec::new();
        let mut stack: Vec<(usize, usize)> = from.into_iter().rev().collect();
        while let Some((at, trace)) = stack.pop() {
            if core::mem::replace(&mut seen[at], true) {
                continue;
            }
            let mut note = |what| {
                traces.push(Trace { before: trace, what });
                traces.len() - 1
            };
            match self.program[at] {
                Step::Key(_) | Step::Accept => standing.push((at, trace)),
                Step::Fork(first, second) => stack.extend([(second, trace), (first, trace)]),
                Step::Jump(to) => stack.push((to, trace)),
                Step::Tag(tag) => stack.push((at + 1, note(Event::Tag(tag)))),
                Step::Enter(rule) => stack.push((at + 1, note(Event::Enter(rule)))),
                Step::Leave => stack.push((at + 1, note(Event::Leave))),
                Step::Fail => {}
            }
        }
        standing
    }
}

fn unwind(traces: &[Trace], end: usize) -> Vec<Event> {
    let mut events = Vec::new();
    let mut at = end;
    while at != 0 {
        events.push(traces[at].what);
        at = traces[at].before;
    }
    events.reverse();
    events
}

fn lay_out(part: &Expansion, program: &mut Vec<Step>) -> Result<(), &'static str> {
    if program.len() > PROGRAM_STEPS {
        return Err("the grammar is too large once its repeats are unfolded; lower the repeat counts");
    }
    match part {
        Expansion::Key(keys) => program.push(Step::Key(*keys)),
        Expansion::Tag(tag) => program.push(Step::Tag(*tag)),
        Expansion::Void => program.push(Step::Fail),
        Expansion::Sequence(parts) => parts.iter().try_for_each(|part| lay_out(part, program))?,
        Expansion::Rule { number, inner } => {
            program.push(Step::Enter(*number));
            lay_out(inner, program)?;
            program.push(Step::Leave);
        }
        Expansion::OneOf(parts) => lay_out_choice(parts, program)?,
        Expansion::Repeat { inner, min, max } => {
            for _ in 0..*min {
                lay_out(inner, program)?;
            }
            lay_out_rest(inner, max.map(|max| max.saturating_sub(*min)), program)?;
        }
    }
    Ok(())
}

fn lay_out_choice(parts: &[Expansion], program: &mut Vec<Step>) -> Result<(), &'static str> {
    let Some((last, others)) = parts.split_last() else {
        program.push(Step::Fail);
        return Ok(());
    };
    let mut jumps = Vec::new();
    for part in others {
        let fork = program.len();
        program.push(Step::Fail);
        lay_out(part, program)?;
        jumps.push(program.len());
        program.push(Step::Fail);
        program[fork] = Step::Fork(fork + 1, program.len());
    }
    lay_out(last, program)?;
    for jump in jumps {
        program[jump] = Step::Jump(program.len());
    }
    Ok(())
}

/// The optional part of a repeat: `left` times at most, or any number of times.
fn lay_out_rest(inner: &Expansion, left: Option<u32>, program: &mut Vec<Step>) -> Result<(), &'static str> {
    let Some(left) = left else {
        let fork = program.len();
        program.push(Step::Fail);
        lay_out(inner, program)?;
        program.push(Step::Jump(fork));
        program[fork] = Step::Fork(fork + 1, program.len());
        return Ok(());
    };
    let mut forks = Vec::new();
    for _ in 0..left {
        forks.push(program.len());
        program.push(Step::Fail);
        lay_out(inner, program)?;
    }
    for fork in forks {
        program[fork] = Step::Fork(fork + 1, program.len());
    }
    Ok(())
}

#[cfg(test)]
#[path = "matcher_tests.rs"]
mod tests;
