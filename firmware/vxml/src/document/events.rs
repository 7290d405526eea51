//! Handlers, links and properties.

use super::reader::Reader;
use super::{Choice, FetchOptions, Given, Handler, Link, Target, duration};
use crate::fault::Fault;
use roxmltree::Node;

/// Properties that are times.
const TIMES: [&str; 9] = [
    "timeout",
    "interdigittimeout",
    "termtimeout",
    "fetchtimeout",
    "fetchaudiodelay",
    "fetchaudiominimum",
    "completetimeout",
    "incompletetimeout",
    "maxspeechtimeout",
];
/// Properties that are whole seconds.
const SECONDS: [&str; 10] = [
    "documentmaxage",
    "documentmaxstale",
    "scriptmaxage",
    "scriptmaxstale",
    "grammarmaxage",
    "grammarmaxstale",
    "audiomaxage",
    "audiomaxstale",
    "objectmaxage",
    "objectmaxstale",
];
const TRUTHS: [&str; 2] = ["bargein", "fundline.sensitive"];

impl Reader {
    pub(super) fn property(&self, node: Node<'_, '_>) -> Result<(String, String), Fault> {
        let (name, value) = (self.required(node, "name")?, self.required(node, "value")?);
        let wanted = match name.as_str() {
            known if TIMES.contains(&known) && duration(&value).is_none() => "write a time such as 5s or 500ms",
            known if SECONDS.contains(&known) && value.trim().parse::<u64>().is_err() => "write a number of seconds",
            known if TRUTHS.contains(&known) && !matches!(value.as_str(), "true" | "false") => "write true or false",
            "termchar" if !is_one_key(&value) => "write one key, or nothing for none",
            "inputmodes" if !value.split_whitespace().all(|mode| matches!(mode, "dtmf" | "voice")) => {
                "write dtmf, voice or both"
            }
            _ => return Ok((name, value)),
        };
        Err(self.fault(node, format!("property {name}={value:?}"), wanted))
    }

    pub(super) fn handler(&self, node: Node<'_, '_>) -> Result<Handler, Fault> {
        let events = match node.tag_name().name() {
            "catch" => {
                let text = node.attribute("event").unwrap_or_default();
                text.split_whitespace()
                    .filter(|name| *name != ".")
                    .map(|name| name.trim_end_matches('.').to_owned())
                    .collect()
            }
            shorthand => vec![shorthand.to_owned()],
        };
        Ok(Handler {
            at: self.place(node),
            events,
            count: self.count(node)?,
            cond: Self::text(node, "cond"),
            code: self.code(node)?,
        })
    }

    pub(super) fn link(&self, node: Node<'_, '_>) -> Result<Link, Fault> {
        let mut grammars = Vec::new();
        if let Some(keys) = node.attribute("dtmf") {
            grammars.push(self.keys(node, keys)?);
        }
        for child in self.elements(node)? {
            match child.tag_name().name() {
                "grammar" => self.grammar_into(child, &mut grammars)?,
                _ => return Err(self.misplaced(child)),
            }
        }
        Ok(Link { at: self.place(node), base: self.base.clone(), grammars, then: self.target(node)? })
    }

    /// `next`, `expr`, `event` or `eventexpr`: exactly one.
    pub(super) fn target(&self, node: Node<'_, '_>) -> Result<Target, Fault> {
        let next: Option<Given> = self.given(node, "next", "expr")?;
        let event = self.event(node)?;
        let fetch: FetchOptions = self.fetch_options(node)?;
        match (next, event) {
            (Some(next), None) => Ok(Target::Go(next, fetch)),
            (None, Some(event)) => Ok(Target::Throw(event)),
            (_, _) => {
                let name = node.tag_name().name();
                Err(self.fault(
                    node,
                    format!("<{name}> leads nowhere or to two places"),
                    "write one of next, expr, event, eventexpr",
                ))
            }
        }
    }

    /// Gives the first nine choices without keys the keys 1 to 9 (VoiceXML 2.0 §2.2.1).
    pub(super) fn number_choices(&self, menu: Node<'_, '_>, choices: &mut [Choice]) -> Result<(), Fault> {
        if let Some(bad) = choices.iter().find(|choice| !matches!(choice.keys.as_str(), "" | "*" | "#" | "0")) {
            let what = format!("dtmf={:?} in a menu that numbers its choices", bad.keys);
            return Err(bad.at.fault(what, "write *, # or 0, or take dtmf=\"true\" from <menu>"));
        }
        let unnumbered = choices.iter_mut().filter(|choice| choice.keys.is_empty());
        for (choice, key) in unnumbered.zip('1'..='9') {
            choice.keys = key.into();
            let word = self.keys(menu, &choice.keys)?;
            choice.grammars.push(word);
        }
        Ok(())
    }
}

fn is_one_key(value: &str) -> bool {
    let mut letters = value.trim().chars();
    letters.next().is_none_or(|key| base::Digit::new(key).is_some()) && letters.next().is_none()
}
