//! Documents and grammars checked without a call.

use crate::api::Limits;
use crate::document::{
    Code, Dialog, Document, Given, GrammarFault, GrammarUse, ItemKind, Statement, Target, read_grammar, read_strictly,
};
use crate::fault::{Fault, Place};
use url::Url;

/// Checks a VoiceXML document as a session would read it (XML, the places of elements, times, counts, inline grammars),
/// and for what a session forgives or finds only on its way: attributes that no element has, and addresses such as `#main`
/// that name no dialog. Expressions are not run, and nothing is fetched.
pub fn check_document(text: &str) -> Result<(), Fault> {
    let document = read_strictly(text, &nowhere()?, &Limits::default())?;
    let checker = Checker { document: &document };
    checker.code(&document.head)?;
    document.common.handlers.iter().try_for_each(|handler| checker.code(&handler.code))?;
    document.common.links.iter().try_for_each(|link| checker.target(link.at, &link.then))?;
    document.dialogs.iter().try_for_each(|dialog| checker.dialog(dialog))
}

/// Checks a grammar document: SRGS in XML with `mode="dtmf"`.
pub fn check_grammar(text: &str) -> Result<(), Fault> {
    match read_grammar(text, &nowhere()?, &Limits::default()) {
        Ok(_) => Ok(()),
        Err(GrammarFault::Invalid(fault)) => Err(fault),
        Err(GrammarFault::Unsupported(what)) => Err(Place::default().fault(what, "")),
    }
}

/// The address of what is checked before it has one.
fn nowhere() -> Result<Url, Fault> {
    Url::parse("http://localhost/").map_err(|error| Place::default().fault(error.to_string(), ""))
}

struct Checker<'a> {
    document: &'a Document,
}

impl Checker<'_> {
    fn dialog(&self, dialog: &Dialog) -> Result<(), Fault> {
        self.code(&dialog.head)?;
        dialog.common.handlers.iter().try_for_each(|handler| self.code(&handler.code))?;
        dialog.common.links.iter().try_for_each(|link| self.target(link.at, &link.then))?;
        dialog.filled.iter().try_for_each(|filled| self.code(&filled.code))?;
        for item in &dialog.items {
            item.grammars.iter().try_for_each(built_in)?;
            item.filled.iter().try_for_each(|code| self.code(code))?;
            item.common.handlers.iter().try_for_each(|handler| self.code(&handler.code))?;
            item.common.links.iter().try_for_each(|link| self.target(link.at, &link.then))?;
            match &item.kind {
                ItemKind::Block(code) => self.code(code)?,
                ItemKind::Menu { choices } => {
                    let targets = choices.iter().filter_map(|choice| Some((choice.at, choice.then.as_ref()?)));
                    targets.into_iter().try_for_each(|(at, then)| self.target(at, then))?;
                }
                ItemKind::Subdialog(subdialog) => self.address(item.at, &subdialog.src)?,
                ItemKind::Unsupported(event) => return Err(unsupported(item.at, event)),
                ItemKind::Field { .. } | ItemKind::Initial | ItemKind::Transfer(_) => {}
            }
        }
        Ok(())
    }

    fn code(&self, code: &Code) -> Result<(), Fault> {
        for line in code.iter() {
            match &line.what {
                Statement::If(branches) => branches.iter().try_for_each(|branch| self.code(&branch.code))?,
                Statement::Foreach { code, .. } => self.code(code)?,
                Statement::GoTo(next, _) => self.address(line.at, next)?,
                Statement::Unsupported(event) => return Err(unsupported(line.at, event)),
                _ => {}
            }
        }
        Ok(())
    }

    fn target(&self, at: Place, target: &Target) -> Result<(), Fault> {
        match target {
            Target::Go(next, _) => self.address(at, next),
            Target::Throw(_) => Ok(()),
        }
    }

    fn address(&self, at: Place, address: &Given) -> Result<(), Fault> {
        let Given::Text(text) = address else { return Ok(()) };
        match text.strip_prefix('#') {
            Some(id) if self.document.dialog(Some(id)).is_none() || id.is_empty() => {
                Err(at
                    .fault(format!("no dialog {id:?} in this document"), "mend the address, or give a dialog that id"))
            }
            _ => Ok(()),
        }
    }
}

fn built_in(used: &GrammarUse) -> Result<(), Fault> {
    match used {
        GrammarUse::Builtin(at, fault) => Err(at.fault(fault.to_string(), "write a built-in type that keys can enter")),
        GrammarUse::Unsupported(at, what) => Err(at.fault(what.clone(), "")),
        GrammarUse::Ready(_) | GrammarUse::External { .. } => Ok(()),
    }
}

fn unsupported(at: Place, event: &str) -> Fault {
    at.fault(format!("this interpreter answers that element with {event}"), "do without it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &str) {
        let text = format!("<vxml version=\"2.1\">\n{body}\n</vxml>");
        let found = check_document(&text).map_err(|fault| fault.to_string());
        match expected {
            "" => assert_eq!(found, Ok(())),
            expected => assert_eq!(found, Err(expected.into())),
        }
    }

    #[test]
    fn a_sound_document_passes() {
        check("<form id='a'><block><goto next='#a'/></block></form>", "");
    }

    #[test]
    fn faults_name_the_place_and_the_remedy() {
        check("<form>", "3:1: expected 'form' tag, not 'vxml'; write well-formed XML");
        check("<frm/>", "2:1: <frm> has no place in <vxml>; remove it or move it to where it belongs");
        check(
            "<form><block>\n  <goto next='#b'/></block></form>",
            "3:3: no dialog \"b\" in this document; mend the address, or give a dialog that id",
        );
        check(
            "<form><field><prompt timeout='5'>a</prompt></field></form>",
            "2:14: timeout=\"5\"; write a time such as 5s or 500ms",
        );
        check("<form><block><assign name='a'/></block></form>", "2:14: <assign> lacks expr; write expr=\"...\"");
        check(
            "<menu><choice dtmf='1'/></menu>",
            "2:7: <choice> leads nowhere or to two places; write one of next, expr, event, eventexpr",
        );
        check("<form>words</form>", "2:7: text in <form>; put it in a <prompt>, or remove it");
        check(
            "<form><field type='digits?x=1'/></form>",
            "2:7: digits has no parameter \"x\"; write a built-in type that keys can enter",
        );
        check(
            "<form><field><grammar mode='dtmf' version='1.0' root='r'>\n<rule id='r'>x</rule></grammar></field></form>",
            "3:14: \"x\" is no key; 0 to 9, *, # and A to D are",
        );
        check("<form>\n<field nmae='a'/></form>", "3:1: <field> has no attribute \"nmae\"; mend its name or remove it");
        check(
            "<form><record/></form>",
            "2:7: this interpreter answers that element with error.unsupported.record; do without it",
        );
    }

    #[test]
    fn a_grammar_is_checked_alone() {
        let grammar = |rule: &str| {
            check_grammar(&format!("<grammar mode='dtmf' version='1.0' root='r'><rule id='r'>{rule}</rule></grammar>"))
        };
        assert_eq!(grammar("<item repeat='4'><one-of><item>1</item><item>2</item></one-of></item>"), Ok(()));
        let fault = grammar("<ruleref uri='#s'/>").unwrap_err();
        assert_eq!(fault.to_string(), "1:58: no rule \"s\" in this grammar; add it or mend the reference");
        assert!(grammar("<ruleref uri='#r'/>").is_err(), "a rule of itself without end");
    }

    #[test]
    fn rules_inside_rules_inside_items_stay_within_the_stack() {
        let nest = |inner: &str| format!("{}{inner}{}", "<item>".repeat(60), "</item>".repeat(60));
        let rules: String = (0..23)
            .map(|n| format!("<rule id='r{n}'>{}</rule>", nest(&format!("<ruleref uri='#r{}'/>", n + 1))))
            .collect();
        let text = format!("<grammar mode='dtmf' version='1.0' root='r0'>{rules}<rule id='r23'>1</rule></grammar>");
        assert_eq!(check_grammar(&text), Ok(()));
    }

    #[test]
    fn grammars_that_grow_without_measure_are_refused() {
        let many = "<item repeat='1000'>1</item>".repeat(7);
        let field = format!("<field><grammar mode='dtmf' version='1.0'><rule id='r'>{many}</rule></grammar></field>");
        let text = format!("<vxml version='2.1'><form>{}</form></vxml>", field.repeat(100));
        assert!(check_document(&text).unwrap_err().what.contains("too large together"));
        let rule = |n: u32| format!("<rule id='r{n}'>{}</rule>", format!("<ruleref uri='#r{}'/>", n + 1).repeat(10));
        let rules: String = (0..9).map(rule).collect();
        let text = format!("<grammar mode='dtmf' version='1.0' root='r0'>{rules}<rule id='r9'>1</rule></grammar>");
        assert_eq!(check_grammar(&text).unwrap_err().what, "the grammar is too large; split it");
    }

    #[test]
    fn depth_and_size_are_limited() {
        let deep = format!("<vxml version='2.1'>{}", "<form>".repeat(100_000));
        assert_eq!(check_document(&deep).unwrap_err().what, "elements more than 64 deep");
        let long = format!("<vxml version='2.1'><!--{}--></vxml>", "x".repeat(2 << 20));
        assert_eq!(check_document(&long).unwrap_err().what, "more than 1048576 octets");
        let bomb = "<!DOCTYPE v [<!ENTITY a 'aaaa'>]><vxml version='2.1'><form/></vxml>";
        assert!(check_document(bomb).is_err(), "no document type is taken");
    }
}
