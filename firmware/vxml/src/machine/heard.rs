//! What an input that matched means, and where it goes (VoiceXML 2.0 §3.1.5, §3.1.6).

use super::prompts::text_of;
use super::{Done, Interpreter, Thrown, Work};
use crate::api::Action;
use crate::document::{Dialog, ItemKind, Link, Target};
use crate::grammar::Meaning;
use crate::script::Value;
use base::{Digit, Secret};
use std::sync::Arc;

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
    pub(super) keys: Vec<Digit>,
    pub(super) meaning: Meaning,
    pub(super) owner: Owner,
    pub(super) is_sensitive: bool,
}

impl Interpreter {
    /// An input matched: its value goes to where its grammar belongs.
    pub(super) fn heard(&mut self, mut heard: Heard) -> Done {
        let text = Secret::new(text_of(&heard.keys));
        wipe(&mut heard.keys);
        let text = text.reveal();
        let value = self.value(&heard, text)?;
        let utterance = if heard.is_sensitive { value.clone() } else { Value::text(text) };
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
            Owner::Choice(at) => self.choose(&dialog, at, text, heard.is_sensitive),
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

/// Keys may be a secret: they are overwritten when they are no longer needed.
pub(super) fn wipe(keys: &mut [Digit]) {
    if let Some(zero) = Digit::new('0') {
        keys.fill(zero);
        core::hint::black_box(&keys);
    }
}

fn result(utterance: &Value, value: &Value) -> Value {
    Value::Object(vec![
        ("confidence".into(), Value::Number(1.0)),
        ("utterance".into(), utterance.clone()),
        ("inputmode".into(), Value::text("dtmf")),
        ("interpretation".into(), value.clone()),
    ])
}
