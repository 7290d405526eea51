//! Attributes: read once into types, with a fault that says what was wanted.

use super::reader::Reader;
use super::{Event, FetchOptions, Given};
use crate::fault::Fault;
use crate::script::{is_name, path};
use core::time::Duration;
use roxmltree::Node;

/// `10s`, `1.5s`, `500ms` (CSS2 times, VoiceXML 2.0 §6.5).
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let number = number.strip_prefix('+').unwrap_or(number);
    if number.is_empty() || number.len() > 9 || !number.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.') {
        return None;
    }
    Some(Duration::from_secs_f64(number.parse::<f64>().ok()? * unit))
}

impl Reader {
    pub(super) fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
        node.attribute(name).map(str::to_owned)
    }

    pub(super) fn required(&self, node: Node<'_, '_>, name: &str) -> Result<String, Fault> {
        Self::text(node, name).ok_or_else(|| {
            self.fault(node, format!("<{}> lacks {name}", node.tag_name().name()), format!("write {name}=\"...\""))
        })
    }

    pub(super) fn truth(&self, node: Node<'_, '_>, name: &str) -> Result<Option<bool>, Fault> {
        match node.attribute(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(self.fault(node, format!("{name}={other:?}"), "write true or false")),
        }
    }

    pub(super) fn duration(&self, node: Node<'_, '_>, name: &str) -> Result<Option<Duration>, Fault> {
        let Some(text) = node.attribute(name) else { return Ok(None) };
        let read = duration(text);
        read.map(Some).ok_or_else(|| self.fault(node, format!("{name}={text:?}"), "write a time such as 5s or 500ms"))
    }

    /// `count` of prompts and handlers: 1 and up.
    pub(super) fn count(&self, node: Node<'_, '_>) -> Result<u32, Fault> {
        let Some(text) = node.attribute("count") else { return Ok(1) };
        let read = text.trim().parse().ok().filter(|count| *count > 0);
        read.ok_or_else(|| self.fault(node, format!("count={text:?}"), "write a number from 1 up"))
    }

    /// A whole number of seconds, as `maxage` has it.
    fn seconds(&self, node: Node<'_, '_>, name: &str) -> Result<Option<Duration>, Fault> {
        let Some(text) = node.attribute(name) else { return Ok(None) };
        let read = text.trim().parse().ok().map(Duration::from_secs);
        read.map(Some).ok_or_else(|| self.fault(node, format!("{name}={text:?}"), "write a number of seconds"))
    }

    pub(super) fn fetch_options(&self, node: Node<'_, '_>) -> Result<FetchOptions, Fault> {
        Ok(FetchOptions {
            timeout: self.duration(node, "fetchtimeout")?,
            max_age: self.seconds(node, "maxage")?,
            max_stale: self.seconds(node, "maxstale")?,
            audio: Self::text(node, "fetchaudio"),
        })
    }

    /// One of two attributes, of which at most one may stand (VoiceXML 2.0 §5.3.7 and others).
    pub(super) fn given(&self, node: Node<'_, '_>, plain: &str, computed: &str) -> Result<Option<Given>, Fault> {
        match (node.attribute(plain), node.attribute(computed)) {
            (Some(text), None) => Ok(Some(Given::Text(text.trim().to_owned()))),
            (None, Some(expr)) => Ok(Some(Given::Expr(expr.to_owned()))),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(self.fault(node, format!("{plain} and {computed} together"), "keep one of them")),
        }
    }

    pub(super) fn one_given(&self, node: Node<'_, '_>, plain: &str, computed: &str) -> Result<Given, Fault> {
        self.given(node, plain, computed)?.ok_or_else(|| {
            let name = node.tag_name().name();
            self.fault(node, format!("<{name}> has neither {plain} nor {computed}"), "add one of them")
        })
    }

    pub(super) fn event(&self, node: Node<'_, '_>) -> Result<Option<Event>, Fault> {
        let Some(name) = self.given(node, "event", "eventexpr")? else { return Ok(None) };
        Ok(Some(Event { name, message: self.given(node, "message", "messageexpr")? }))
    }

    /// A list of names of variables, separated by white space.
    pub(super) fn namelist(&self, node: Node<'_, '_>) -> Result<Option<Vec<String>>, Fault> {
        let Some(text) = node.attribute("namelist") else { return Ok(None) };
        let names: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        match names.iter().find(|name| path(name).is_none()) {
            Some(bad) => Err(self.fault(node, format!("{bad:?} in namelist"), "write names of variables and spaces")),
            None => Ok(Some(names)),
        }
    }

    /// A name for a variable. One with a `$` at its end is the platform's (VoiceXML 2.0 §5.1).
    pub(super) fn variable(&self, node: Node<'_, '_>, name: &str) -> Result<(), Fault> {
        if is_name(name) && !name.ends_with('$') {
            return Ok(());
        }
        let remedy = "write letters, digits and _, no reserved word, no dot, no $ at the end";
        Err(self.fault(node, format!("name={name:?} cannot name a variable"), remedy))
    }

    /// The name of a form item, if it has one.
    pub(super) fn item_name(&self, node: Node<'_, '_>) -> Result<Option<String>, Fault> {
        let name = Self::text(node, "name");
        if let Some(name) = &name {
            self.variable(node, name)?;
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, ms: Option<u64>) {
        assert_eq!(duration(text).map(|time| time.as_millis() as u64), ms, "{text}");
    }

    #[test]
    fn times_carry_their_unit() {
        check("5s", Some(5000));
        check("1.5s", Some(1500));
        check(".5s", Some(500));
        check("250ms", Some(250));
        check("+0s", Some(0));
        for text in ["5", "s", "5 m", "-1s", "1..s", "inf s", "1e9s", ""] {
            check(text, None);
        }
    }
}
