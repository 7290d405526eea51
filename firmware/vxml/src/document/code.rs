//! Executable content (VoiceXML 2.0 §5.3).

use super::reader::Reader;
use super::{Branch, Code, Line, Script, Statement, Submit};
use crate::fault::Fault;
use crate::script::path;
use roxmltree::Node;
use std::sync::Arc;

impl Reader {
    /// The content of a block, handler, `<filled>` or the like. Text and audio outside a prompt make prompts of their own.
    pub(super) fn code(&self, node: Node<'_, '_>) -> Result<Code, Fault> {
        let mut lines = Vec::new();
        for part in self.parts(node) {
            match part {
                Part::Element(child) => lines.push(self.line(child)?),
                Part::Speech(nodes) => {
                    let at = self.place(nodes[0]);
                    let prompt = self.bare_prompt(at, &nodes)?;
                    lines.push(Line { at, what: Statement::Prompt(Arc::new(prompt)) });
                }
            }
        }
        Ok(lines.into())
    }

    /// Children, with runs of text, audio and values put together.
    pub(super) fn parts<'a, 'input>(&self, node: Node<'a, 'input>) -> Vec<Part<'a, 'input>> {
        let mut parts: Vec<Part<'a, 'input>> = Vec::new();
        for child in node.children() {
            let is_speech = if child.is_element() {
                matches!(child.tag_name().name(), "audio" | "value" | "enumerate")
            } else {
                child.is_text() && child.text().is_some_and(|text| !text.trim().is_empty())
            };
            match (parts.last_mut(), is_speech) {
                (Some(Part::Speech(nodes)), true) => nodes.push(child),
                (_, true) => parts.push(Part::Speech(vec![child])),
                (_, false) if child.is_element() => parts.push(Part::Element(child)),
                (_, false) => {}
            }
        }
        parts
    }

    /// One executable element.
    pub(super) fn line(&self, node: Node<'_, '_>) -> Result<Line, Fault> {
        let what = match node.tag_name().name() {
            "var" => {
                let name = self.required(node, "name")?;
                self.variable(node, &name)?;
                Statement::Var { name, expr: Self::text(node, "expr") }
            }
            "assign" => Statement::Assign {
                name: self.required(node, "name")?.trim().to_owned(),
                expr: self.required(node, "expr")?,
            },
            "clear" => Statement::Clear(self.namelist(node)?.unwrap_or_default()),
            "script" => Statement::Script(self.script(node)?),
            "if" => self.branches(node)?,
            "foreach" => {
                let (array, item) = (self.required(node, "array")?, self.required(node, "item")?);
                self.variable(node, &item)?;
                Statement::Foreach { array, item, code: self.code(node)? }
            }
            "prompt" => Statement::Prompt(Arc::new(self.prompt(node)?)),
            "reprompt" => Statement::Reprompt,
            "log" => Statement::Log {
                label: Self::text(node, "label").map(super::Given::Text),
                expr: Self::text(node, "expr"),
                pieces: self.pieces(node)?,
            },
            "goto" => self.goto(node)?,
            "submit" => Statement::Submit(Submit {
                next: self.one_given(node, "next", "expr")?,
                namelist: self.namelist(node)?,
                is_post: self.is_post(node)?,
                fetch: self.fetch_options(node)?,
            }),
            "exit" => {
                Statement::Exit { expr: Self::text(node, "expr"), namelist: self.namelist(node)?.unwrap_or_default() }
            }
            "return" => {
                Statement::Return { event: self.event(node)?, namelist: self.namelist(node)?.unwrap_or_default() }
            }
            "disconnect" => Statement::Disconnect,
            "throw" => match self.event(node)? {
                Some(event) => Statement::Throw(event),
                None => return Err(self.fault(node, "<throw> without an event", "write event=\"...\"")),
            },
            "data" => Statement::Unsupported("error.unsupported.data"),
            _ => return Err(self.misplaced(node)),
        };
        Ok(Line { at: self.place(node), what })
    }

    pub(super) fn is_post(&self, node: Node<'_, '_>) -> Result<bool, Fault> {
        if let Some(other) = node.attribute("enctype").filter(|kind| *kind != "application/x-www-form-urlencoded") {
            return Err(self.fault(node, format!("enctype={other:?}"), "write application/x-www-form-urlencoded"));
        }
        match node.attribute("method") {
            None => Ok(false),
            Some(method) if method.eq_ignore_ascii_case("get") => Ok(false),
            Some(method) if method.eq_ignore_ascii_case("post") => Ok(true),
            Some(other) => Err(self.fault(node, format!("method={other:?}"), "write get or post")),
        }
    }

    fn script(&self, node: Node<'_, '_>) -> Result<Script, Fault> {
        let inline: String =
            node.children().filter_map(|child| if child.is_text() { child.text() } else { None }).collect();
        match self.given(node, "src", "srcexpr")? {
            None => Ok(Script::Inline(inline)),
            Some(src) if inline.trim().is_empty() => Ok(Script::External(src, self.fetch_options(node)?)),
            Some(_) => Err(self.fault(node, "<script> with both src and content", "keep one of them")),
        }
    }

    fn goto(&self, node: Node<'_, '_>) -> Result<Statement, Fault> {
        let next = self.given(node, "next", "expr")?;
        let item = self.given(node, "nextitem", "expritem")?;
        match (next, item) {
            (Some(next), None) => Ok(Statement::GoTo(next, self.fetch_options(node)?)),
            (None, Some(item)) => Ok(Statement::GoToItem(item)),
            (_, _) => Err(self.fault(
                node,
                "<goto> leads nowhere or to two places",
                "write one of next, expr, nextitem, expritem",
            )),
        }
    }

    /// `<if>` with the `<elseif/>` and `<else/>` that divide its content (VoiceXML 2.0 §5.3.4).
    fn branches(&self, node: Node<'_, '_>) -> Result<Statement, Fault> {
        let mut branches: Vec<(Option<String>, Vec<Line>)> = vec![(Some(self.required(node, "cond")?), Vec::new())];
        for part in self.parts(node) {
            let line = match part {
                Part::Element(child) if matches!(child.tag_name().name(), "elseif" | "else") => {
                    if branches.last().is_some_and(|(cond, _)| cond.is_none()) {
                        return Err(self.fault(child, "an arm after <else/>", "put <else/> last"));
                    }
                    let is_else = child.tag_name().name() == "else";
                    let cond = if is_else { None } else { Some(self.required(child, "cond")?) };
                    if child.has_children() {
                        let what = format!("<{}> with content", child.tag_name().name());
                        return Err(self.fault(
                            child,
                            what,
                            "close it at once, as in <else/>, and write the content after it",
                        ));
                    }
                    branches.push((cond, Vec::new()));
                    continue;
                }
                Part::Element(child) => self.line(child)?,
                Part::Speech(nodes) => {
                    let at = self.place(nodes[0]);
                    Line { at, what: Statement::Prompt(Arc::new(self.bare_prompt(at, &nodes)?)) }
                }
            };
            if let Some((_, lines)) = branches.last_mut() {
                lines.push(line);
            }
        }
        let branches = branches.into_iter().map(|(cond, lines)| Branch { cond, code: lines.into() });
        Ok(Statement::If(branches.collect()))
    }

    /// Names in a form-level `namelist` or an item's name must be plain.
    pub(super) fn plain_names(&self, node: Node<'_, '_>, names: &[String]) -> Result<(), Fault> {
        match names.iter().find(|name| path(name).is_none_or(|parts| parts.len() != 1)) {
            Some(bad) => Err(self.fault(node, format!("{bad:?} in namelist"), "write names of form items")),
            None => Ok(()),
        }
    }
}

/// A child, or a run of children that make one prompt.
pub(super) enum Part<'a, 'input> {
    Element(Node<'a, 'input>),
    Speech(Vec<Node<'a, 'input>>),
}
