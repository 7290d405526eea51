//! Forms and menus.

use super::code::Part;
use super::reader::Reader;
use super::{Common, Dialog, Filled, Item, ItemKind, Line, Statement};
use crate::fault::Fault;
use roxmltree::Node;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Reader {
    pub(super) fn form(&self, node: Node<'_, '_>) -> Result<Dialog, Fault> {
        let mut dialog = self.empty_dialog(node)?;
        let mut head: Vec<Line> = Vec::new();
        let mut names = BTreeSet::new();
        for child in self.elements(node)? {
            let at = self.place(child);
            match child.tag_name().name() {
                "var" | "script" | "data" => head.push(self.line(child)?),
                "grammar" => self.grammar_into(child, &mut dialog.grammars)?,
                "filled" => dialog.filled.push(self.filled(child)?),
                _ if self.common(child, &mut dialog.common)? => {}
                _ => {
                    let number = dialog.items.len();
                    let Some(item) = self.item(child, number)? else { return Err(self.misplaced(child)) };
                    if !names.insert(item.variable.clone()) {
                        let what = format!("a second form item named {:?}", item.variable);
                        return Err(self.fault(child, what, "give it another name"));
                    }
                    dialog.items.push(item);
                    head.push(Line { at, what: Statement::BeginItem(number) });
                }
            }
        }
        for filled in &dialog.filled {
            let unknown = filled.names.iter().find(|name| !names.contains(*name));
            if let Some(name) = unknown {
                return Err(self.fault(node, format!("<filled> names {name:?}"), "name input items of this form"));
            }
        }
        dialog.head = head.into();
        Ok(dialog)
    }

    fn empty_dialog(&self, node: Node<'_, '_>) -> Result<Dialog, Fault> {
        let is_document_wide = match node.attribute("scope") {
            None | Some("dialog") => false,
            Some("document") => true,
            Some(other) => return Err(self.fault(node, format!("scope={other:?}"), "write dialog or document")),
        };
        Ok(Dialog {
            at: self.place(node),
            id: Self::text(node, "id"),
            is_document_wide,
            head: Vec::new().into(),
            items: Vec::new(),
            filled: Vec::new(),
            grammars: Vec::new(),
            common: Common::default(),
        })
    }

    fn filled(&self, node: Node<'_, '_>) -> Result<Filled, Fault> {
        let needs_all = match node.attribute("mode") {
            None | Some("all") => true,
            Some("any") => false,
            Some(other) => return Err(self.fault(node, format!("mode={other:?}"), "write all or any")),
        };
        let names = self.namelist(node)?.unwrap_or_default();
        self.plain_names(node, &names)?;
        Ok(Filled { needs_all, names, code: self.code(node)? })
    }

    pub(super) fn menu(&self, node: Node<'_, '_>) -> Result<Dialog, Fault> {
        let mut dialog = self.empty_dialog(node)?;
        let (mut prompts, mut choices) = (Vec::new(), Vec::new());
        for part in self.parts(node) {
            let child = match part {
                Part::Speech(nodes) => {
                    prompts.push(Arc::new(self.bare_prompt(self.place(nodes[0]), &nodes)?));
                    continue;
                }
                Part::Element(child) => child,
            };
            match child.tag_name().name() {
                "prompt" => prompts.push(Arc::new(self.prompt(child)?)),
                "choice" => choices.push(self.choice(child)?),
                _ if self.common(child, &mut dialog.common)? => {}
                _ => return Err(self.misplaced(child)),
            }
        }
        if self.truth(node, "dtmf")?.unwrap_or(false) {
            self.number_choices(node, &mut choices)?;
        }
        dialog.items.push(Item {
            at: dialog.at,
            name: None,
            variable: "%menu".into(),
            expr: None,
            cond: None,
            kind: ItemKind::Menu { choices },
            prompts,
            filled: Vec::new(),
            grammars: Vec::new(),
            common: Common::default(),
        });
        dialog.head = vec![Line { at: dialog.at, what: Statement::BeginItem(0) }].into();
        Ok(dialog)
    }
}
