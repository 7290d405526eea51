//! Waiting for keys: prompts and barge-in, the timers of VoiceXML 2.0 Appendix D, and what an input means.

use super::grammars::{Active, Gathered};
use super::prompts::text_of;
use super::{Done, Interpreter, Thrown, Wait, Work};
use crate::api::{Action, PlayEnd, PlayId};
use crate::document::{Dialog, ItemKind, Link, Target};
use crate::grammar::{Meaning, Progress};
use crate::script::Value;
use base::{Digit, Instant, Secret};
use core::time::Duration;
use std::sync::Arc;

/// `timeout` where nothing says one (VoiceXML 2.0 §6.3.2 leaves it to the platform).
const TIMEOUT: Duration = Duration::from_secs(7);
/// `interdigittimeout` (VoiceXML 2.0 §6.3.3 leaves it to the platform).
const INTERDIGIT_TIMEOUT: Duration = Duration::from_secs(3);
/// Keys of one input.
const MOST_KEYS: usize = 256;

/// Steps of all grammars that listen at once: what one key may cost.
const MOST_STEPS: usize = 40_000;

/// Whose grammar matched.
#[derive(Clone)]
pub(super) enum Owner {
    Item,
    Option(usize),
    Choice(usize),
    Form,
    Link(Arc<Link>),
    /// A dialog that listens in its whole document, or a choice of it.
    Elsewhere(Arc<Dialog>, Option<usize>),
}

/// An input that matched.
pub(super) struct Heard {
    keys: Vec<Digit>,
    meaning: Meaning,
    owner: Owner,
    is_sensitive: bool,
}

/// One wait for input.
pub(super) struct Collect {
    active: Vec<Active>,
    keys: Vec<Digit>,
    /// What plays, and whether a key stops it.
    pub(super) play: Option<PlayId>,
    can_barge_in: bool,
    due: Option<Instant>,
    timeout: Duration,
    interdigit: Duration,
    term: Duration,
    termchar: Option<Digit>,
    takes_keys: bool,
    is_sensitive: bool,
}

/// What the keys so far amount to.
enum Verdict {
    /// More keys may or must come.
    More,
    /// Complete, and nothing may follow.
    Complete,
    /// No grammar can match any more, but some are longer than this: the caller may still be typing.
    Hopeless,
    /// No grammar can match, and none is longer.
    NoMatch,
}

impl Collect {
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    fn verdict(&self) -> Verdict {
        let all: Vec<Progress> = self.active.iter().map(|active| active.grammar.progress(&self.keys)).collect();
        if all.iter().any(|progress| matches!(progress, Progress::Partial | Progress::CompleteExtendable)) {
            Verdict::More
        } else if all.contains(&Progress::Complete) {
            Verdict::Complete
        } else if self.active.iter().all(|active| active.grammar.is_at_most(self.keys.len())) {
            Verdict::NoMatch
        } else {
            Verdict::Hopeless
        }
    }

    /// Whether that key leads anywhere after the keys so far.
    fn leads_on(&self, key: Digit) -> bool {
        let mut keys = self.keys.clone();
        keys.push(key);
        self.active.iter().any(|active| active.grammar.progress(&keys) != Progress::NoMatch)
    }

    /// The first grammar that accepts the keys as they are.
    fn accepted(&self) -> Option<(Meaning, Owner)> {
        let complete = |active: &&Active| {
            matches!(active.grammar.progress(&self.keys), Progress::Complete | Progress::CompleteExtendable)
        };
        let active = self.active.iter().find(complete)?;
        active.grammar.meaning(&self.keys).map(|meaning| (meaning, active.owner.clone()))
    }
}

/// Keys may be a secret: they are overwritten when the wait is over.
impl Drop for Collect {
    fn drop(&mut self) {
        wipe(&mut self.keys);
    }
}

fn wipe(keys: &mut [Digit]) {
    if let Some(zero) = Digit::new('0') {
        keys.fill(zero);
        core::hint::black_box(&keys);
    }
}

impl Interpreter {
    /// Begins to wait for input to an item.
    pub(super) fn collect(&mut self, number: usize) -> Done {
        if self.ending.is_some() {
            self.tell_ending();
            return Ok(());
        }
        let Gathered::All(active) = self.gather(number, Work::Collect(number))? else { return Ok(()) };
        if active.is_empty() {
            return Err(Thrown::semantic(
                "no key can fill this item; add a grammar with mode=\"dtmf\", a type or dtmf",
            ));
        }
        if active.iter().map(|active| active.grammar.size()).sum::<usize>() > MOST_STEPS {
            return Err(Thrown::semantic(
                "the grammars that listen here are too large together; lower their repeat counts",
            ));
        }
        let is_sensitive = self.property_truth("fundline.sensitive", false);
        let termchar = self.property("termchar").map_or(Digit::new('#'), |key| key.chars().next().and_then(Digit::new));
        let said = self.queue.take_timeout();
        let collect = Collect {
            active,
            keys: Vec::new(),
            play: None,
            can_barge_in: true,
            due: None,
            timeout: said.or(self.property_time("timeout")).unwrap_or(TIMEOUT),
            interdigit: self.property_time("interdigittimeout").unwrap_or(INTERDIGIT_TIMEOUT),
            term: self.property_time("termtimeout").unwrap_or(Duration::ZERO),
            termchar,
            takes_keys: self
                .property("inputmodes")
                .is_none_or(|modes| modes.split_whitespace().any(|mode| mode == "dtmf")),
            is_sensitive,
        };
        if self.queue.must_be_heard() || !collect.takes_keys {
            self.typed.clear();
        }
        self.wait = Wait::Collect(Box::new(collect));
        self.set_sensitive(is_sensitive);
        if self.typed.is_empty() {
            self.next_prompt();
        } else {
            // The caller knows the way: what was typed ahead stops the prompts before they begin.
            self.queue.clear();
            self.take_typed();
        }
        Ok(())
    }

    fn take_typed(&mut self) {
        while matches!(self.wait, Wait::Collect(_)) {
            match self.typed.pop_front() {
                Some(digit) => self.key(digit),
                None => break,
            }
        }
        if let Wait::Collect(collect) = &mut self.wait
            && collect.due.is_none()
        {
            collect.due = Some(self.now + collect.timeout);
        }
    }

    /// Plays the next chunk of the queue, or starts the wait in silence.
    fn next_prompt(&mut self) {
        let chunk = self.queue.next_chunk();
        let play = self.new_play();
        let Wait::Collect(collect) = &mut self.wait else { return };
        match chunk {
            Some(chunk) => {
                collect.play = Some(play);
                collect.can_barge_in = chunk.barge_in;
                self.actions.push_back(Action::Play { play, items: chunk.items, barge_in: chunk.barge_in });
            }
            None => {
                collect.play = None;
                collect.due = Some(self.now + collect.timeout);
            }
        }
    }

    pub(super) fn prompt_done(&mut self, reason: PlayEnd) {
        if reason == PlayEnd::BargedIn {
            self.queue.clear();
        }
        self.next_prompt();
    }

    /// A key while input is waited for.
    pub(super) fn key(&mut self, digit: Digit) {
        self.refill();
        let now = self.now;
        let Wait::Collect(collect) = &mut self.wait else { return };
        let late = self.late_termchar.take();
        let is_late = collect.keys.is_empty() && late.is_some_and(|(key, until)| key == digit && now <= until);
        if (is_late && !collect.leads_on(digit)) || !collect.takes_keys {
            return;
        }
        if let Some(play) = collect.play {
            if !collect.can_barge_in {
                return;
            }
            collect.play = None;
            self.actions.push_back(Action::StopPlay(play));
            self.queue.clear();
        }
        if Some(digit) == collect.termchar && !collect.leads_on(digit) {
            return self.settle();
        }
        collect.keys.push(digit);
        match collect.verdict() {
            Verdict::More | Verdict::Hopeless if collect.keys.len() >= MOST_KEYS => self.settle(),
            Verdict::More | Verdict::Hopeless => collect.due = Some(now + collect.interdigit),
            Verdict::Complete if collect.termchar.is_some() && !collect.term.is_zero() => {
                collect.due = Some(now + collect.term);
            }
            Verdict::Complete => {
                self.late_termchar = collect.termchar.map(|key| (key, now + collect.interdigit));
                self.settle();
            }
            Verdict::NoMatch => self.settle(),
        }
    }

    pub(super) fn collect_timed_out(&mut self) {
        match &self.wait {
            Wait::Collect(collect) if collect.keys.is_empty() => self.throw(plain("noinput")),
            _ => self.settle(),
        }
    }

    /// The input is over: it matches or it does not.
    fn settle(&mut self) {
        let Wait::Collect(collect) = &mut self.wait else { return };
        let Some((meaning, owner)) = collect.accepted() else {
            self.typed.clear();
            return self.throw(plain("nomatch"));
        };
        let heard =
            Heard { keys: core::mem::take(&mut collect.keys), meaning, owner, is_sensitive: collect.is_sensitive };
        self.stop_all();
        self.push([Work::Apply(heard)]);
    }

    /// An input matched: its value goes to where its grammar belongs.
    pub(super) fn heard(&mut self, mut heard: Heard) -> Done {
        let text = text_of(&heard.keys);
        wipe(&mut heard.keys);
        let value = self.value(&heard, &text)?;
        let utterance = if heard.is_sensitive { value.clone() } else { Value::text(&text) };
        self.put_last_result(&utterance, &value)?;
        let dialog = self.dialog()?;
        match heard.owner {
            Owner::Item => {
                let number = self.current()?;
                let item = &dialog.items[number];
                let slot = match &item.kind {
                    ItemKind::Field { slot: Some(slot), .. } => Some(slot.as_str()),
                    _ => item.name.as_deref(),
                };
                let own = slot.and_then(|slot| value.member(slot)).unwrap_or(&value).clone();
                self.fill(number, own, &utterance, &value)?;
                self.process_filled(&[number])
            }
            Owner::Option(at) => {
                let number = self.current()?;
                let ItemKind::Field { options, .. } = &dialog.items[number].kind else { return Ok(()) };
                let chosen = Value::text(&options[at].value);
                let own = if heard.is_sensitive { value.clone() } else { chosen };
                self.fill(number, own.clone(), &utterance, &own)?;
                self.process_filled(&[number])
            }
            Owner::Choice(at) => self.choose(&dialog, at, &text, heard.is_sensitive),
            Owner::Form => self.fill_slots(&dialog, &utterance, &value),
            Owner::Link(link) => self.follow(&link.then, Some(&link.base)),
            Owner::Elsewhere(there, choice) => {
                let owner = choice.map_or(Owner::Form, Owner::Choice);
                let keys = text.chars().filter_map(Digit::new).collect();
                let heard = Heard { keys, meaning: heard.meaning, owner, is_sensitive: heard.is_sensitive };
                self.go_elsewhere(there, Work::Apply(heard))
            }
        }
    }

    fn current(&self) -> Result<usize, Thrown> {
        self.visit()?.current.ok_or_else(|| Thrown::semantic("no form item is visited"))
    }

    /// What an input means. Scripts never see a secret, so a sensitive item's grammar has no tags run: the keys are its
    /// value.
    fn value(&mut self, heard: &Heard, text: &str) -> Result<Value, Thrown> {
        match &heard.meaning {
            Meaning::Value(Value::Text(read)) if heard.is_sensitive => Ok(self.engine.hide(Secret::new(read.as_str()))),
            _ if heard.is_sensitive => Ok(self.engine.hide(Secret::new(text))),
            Meaning::Value(value) => Ok(value.clone()),
            Meaning::Script(code) => Ok(self.engine.eval(self.chain()?, code)?),
        }
    }

    /// `application.lastresult$` (VoiceXML 2.0 §5.1.5): as an array of one, and that one's members.
    fn put_last_result(&mut self, utterance: &Value, value: &Value) -> Done {
        let Value::Object(mut members) = result(utterance, value) else { return Ok(()) };
        members.push(("0".into(), result(utterance, value)));
        members.push(("length".into(), Value::Number(1.0)));
        let application = self.chain()?[1];
        Ok(self.engine.put(application, "lastresult$", Value::Object(members))?)
    }

    /// Sets a form item variable and its shadow (VoiceXML 2.0 §2.3.1).
    pub(super) fn fill(&mut self, number: usize, own: Value, utterance: &Value, value: &Value) -> Done {
        let scope = self.chain()?[3];
        let dialog = self.dialog()?;
        let item = &dialog.items[number];
        self.engine.put(scope, &item.variable, own)?;
        if let Some(name) = &item.name {
            self.engine.put(scope, &format!("{name}$"), result(utterance, value))?;
        }
        Ok(())
    }

    /// A form-level grammar matched: its slots go to the fields of that name (VoiceXML 2.0 §3.1.6).
    fn fill_slots(&mut self, dialog: &Dialog, utterance: &Value, value: &Value) -> Done {
        let mut just = Vec::new();
        for (number, item) in dialog.items.iter().enumerate() {
            let slot = match &item.kind {
                ItemKind::Field { slot, .. } => slot.as_deref().or(item.name.as_deref()),
                ItemKind::Initial => {
                    self.engine.put(self.chain()?[3], &item.variable, Value::Bool(true))?;
                    continue;
                }
                _ => continue,
            };
            if let Some(own) = slot.and_then(|slot| value.member(slot)) {
                self.fill(number, own.clone(), utterance, value)?;
                just.push(number);
            }
        }
        self.process_filled(&just)
    }

    fn choose(&mut self, dialog: &Dialog, at: usize, keys: &str, is_sensitive: bool) -> Done {
        let Some(ItemKind::Menu { choices }) = dialog.items.first().map(|item| &item.kind) else { return Ok(()) };
        self.within(Some(0));
        let choice = &choices[at];
        if !is_sensitive {
            let id = dialog.id.as_deref().unwrap_or("menu");
            let keys = if choice.keys.is_empty() { keys } else { &choice.keys };
            self.actions.push_back(Action::Path(format!("{id}>{keys}")));
        }
        self.here.place = choice.at;
        match &choice.then {
            Some(target) => self.follow(target, None),
            None => Ok(()),
        }
    }

    /// Goes where a choice or link leads.
    fn follow(&mut self, target: &Target, base: Option<&url::Url>) -> Done {
        match target {
            Target::Go(next, options) => {
                let next = self.given(next)?;
                self.go(&next, base, options)
            }
            Target::Throw(event) => Err(self.event(event)?),
        }
    }
}

fn plain(event: &str) -> Thrown {
    Thrown { event: event.into(), message: String::new(), is_fault: false }
}

fn result(utterance: &Value, value: &Value) -> Value {
    Value::Object(vec![
        ("confidence".into(), Value::Number(1.0)),
        ("utterance".into(), utterance.clone()),
        ("inputmode".into(), Value::text("dtmf")),
        ("interpretation".into(), value.clone()),
    ])
}
