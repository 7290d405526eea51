//! Form items (VoiceXML 2.0 §2.3) and what stands in them.

use super::code::Part;
use super::reader::Reader;
use super::{Choice, Common, Given, Item, ItemKind, Param, Subdialog, Transfer, TransferType};
use crate::fault::Fault;
use roxmltree::Node;
use std::sync::Arc;

impl Reader {
    /// A form item; `None` if the element is none.
    pub(super) fn item(&self, node: Node<'_, '_>, number: usize) -> Result<Option<Item>, Fault> {
        let name = self.item_name(node)?;
        let mut item = Item {
            at: self.place(node),
            variable: name.clone().unwrap_or_else(|| format!("%{number}")),
            name,
            expr: Self::text(node, "expr"),
            cond: Self::text(node, "cond"),
            kind: ItemKind::Initial,
            prompts: Vec::new(),
            filled: Vec::new(),
            grammars: Vec::new(),
            common: Common::default(),
        };
        match node.tag_name().name() {
            "block" => item.kind = ItemKind::Block(self.code(node)?),
            "field" => self.field(node, &mut item)?,
            "initial" => self.content(node, &mut item, |_, _, _| Ok(false))?,
            "subdialog" => self.subdialog(node, &mut item)?,
            "transfer" => self.transfer(node, &mut item)?,
            "record" => {
                item.kind = ItemKind::Unsupported("error.unsupported.record");
                self.content(node, &mut item, |_, _, _| Ok(false))?;
            }
            "object" => {
                item.kind = ItemKind::Unsupported("error.unsupported.objectname");
                self.content(node, &mut item, |_, child, _| Ok(child.tag_name().name() == "param"))?;
            }
            _ => return Ok(None),
        }
        Ok(Some(item))
    }

    /// What all input items hold: prompts, grammars, `<filled>`, handlers, properties. `own` takes what only this kind has.
    fn content<'a, 'input>(
        &self,
        node: Node<'a, 'input>,
        item: &mut Item,
        mut own: impl FnMut(&Self, Node<'a, 'input>, &mut Item) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        for part in self.parts(node) {
            let child = match part {
                Part::Speech(nodes) => {
                    item.prompts.push(Arc::new(self.bare_prompt(self.place(nodes[0]), &nodes)?));
                    continue;
                }
                Part::Element(child) => child,
            };
            match child.tag_name().name() {
                "prompt" => item.prompts.push(Arc::new(self.prompt(child)?)),
                "grammar" => self.grammar_into(child, &mut item.grammars)?,
                "filled" => item.filled.push(self.code(child)?),
                _ if self.common(child, &mut item.common)? => {}
                _ if own(self, child, item)? => {}
                _ => return Err(self.misplaced(child)),
            }
        }
        Ok(())
    }

    fn field(&self, node: Node<'_, '_>, item: &mut Item) -> Result<(), Fault> {
        let mut options = Vec::new();
        if let Some(kind) = node.attribute("type") {
            item.grammars.push(self.field_type(node, kind));
        }
        self.content(node, item, |reader, child, _| {
            let is_option = child.tag_name().name() == "option";
            if is_option {
                options.push(reader.option(child)?);
            }
            Ok(is_option)
        })?;
        let modal = self.truth(node, "modal")?.unwrap_or(false);
        if modal && item.grammars.is_empty() && options.is_empty() {
            return Err(self.fault(node, "a modal <field> that no key can fill", "add type, <grammar> or <option>"));
        }
        item.kind = ItemKind::Field { slot: Self::text(node, "slot"), modal, options };
        Ok(())
    }

    fn option(&self, node: Node<'_, '_>) -> Result<Choice, Fault> {
        let words = Self::words(node);
        let keys = node.attribute("dtmf").unwrap_or_default();
        let value =
            Self::text(node, "value").unwrap_or_else(|| if words.is_empty() { keys.to_owned() } else { words.clone() });
        let grammars = if keys.is_empty() { Vec::new() } else { vec![self.keys(node, keys)?] };
        let keys = keys.split_whitespace().collect();
        Ok(Choice { at: self.place(node), keys, grammars, words, value, then: None })
    }

    pub(super) fn choice(&self, node: Node<'_, '_>) -> Result<Choice, Fault> {
        let mut grammars = Vec::new();
        let keys: String = node.attribute("dtmf").unwrap_or_default().split_whitespace().collect();
        if !keys.is_empty() {
            grammars.push(self.keys(node, &keys)?);
        }
        for child in node.children().filter(|child| child.tag_name().name() == "grammar") {
            self.grammar_into(child, &mut grammars)?;
        }
        if let Some(other) = node.attribute("accept").filter(|accept| !matches!(*accept, "exact" | "approximate")) {
            return Err(self.fault(node, format!("accept={other:?}"), "write exact or approximate"));
        }
        let then = Some(self.target(node)?);
        Ok(Choice { at: self.place(node), keys, grammars, words: Self::words(node), value: String::new(), then })
    }

    fn subdialog(&self, node: Node<'_, '_>, item: &mut Item) -> Result<(), Fault> {
        let mut params = Vec::new();
        self.content(node, item, |reader, child, _| {
            let is_param = child.tag_name().name() == "param";
            if is_param {
                let name = reader.required(child, "name")?;
                reader.variable(child, &name)?;
                params.push(Param { at: reader.place(child), name, value: reader.param_value(child)? });
            }
            Ok(is_param)
        })?;
        item.kind = ItemKind::Subdialog(Subdialog {
            src: self.one_given(node, "src", "srcexpr")?,
            namelist: self.namelist(node)?.unwrap_or_default(),
            is_post: self.is_post(node)?,
            params,
            fetch: self.fetch_options(node)?,
        });
        Ok(())
    }

    fn transfer(&self, node: Node<'_, '_>, item: &mut Item) -> Result<(), Fault> {
        self.content(node, item, |_, _, _| Ok(false))?;
        let kind = match (node.attribute("type"), self.truth(node, "bridge")?) {
            (Some(_), Some(_)) => return Err(self.fault(node, "type and bridge together", "keep type")),
            (Some("blind"), None) | (None, None | Some(false)) => TransferType::Blind,
            (Some("bridge"), None) | (None, Some(true)) => TransferType::Bridge,
            (Some("consultation"), None) => TransferType::Consultation,
            (Some(other), None) => {
                return Err(self.fault(node, format!("type={other:?}"), "write bridge, blind or consultation"));
            }
        };
        let dest: Given = self.one_given(node, "dest", "destexpr")?;
        item.kind = ItemKind::Transfer(Transfer {
            dest,
            kind,
            connect_timeout: self.duration(node, "connecttimeout")?,
            max_time: self.duration(node, "maxtime")?.filter(|time| !time.is_zero()),
            audio: Self::text(node, "transferaudio"),
            aai: self.given(node, "aai", "aaiexpr")?,
        });
        Ok(())
    }
}
