//! The form interpretation algorithm (VoiceXML 2.0 Appendix C): initialise, select, visit, process.

use super::context::Visit;
use super::{Done, Interpreter, Thrown, Work};
use crate::api::{Action, ExitReason};
use crate::document::{Dialog, Item, ItemKind};
use crate::script::{ScopeId, Value};
use std::collections::VecDeque;
use std::sync::Arc;

impl Interpreter {
    /// Enters a dialog: its scope, its counters, its variables in document order.
    pub(super) fn begin_dialog(&mut self, dialog: Arc<Dialog>) -> Done {
        let scope = self.engine.make_scope();
        let base = self.engine.make_scope();
        let context = self.context_mut()?;
        let old = (core::mem::replace(&mut context.chain[3], scope), core::mem::replace(&mut context.chain[4], base));
        context.visit = Some(Visit::new(dialog.clone()));
        let from = context.document.name.clone();
        self.engine.drop_scope(old.0);
        self.engine.drop_scope(old.1);
        if let Some(id) = &dialog.id {
            self.actions.push_back(Action::Path(id.clone()));
        }
        let head = Work::Code { code: dialog.head.clone(), at: 0, scope, from };
        // What lies below is an input that led here, or nothing.
        let below = self.contexts.last_mut().and_then(|context| context.work.pop());
        self.push([Work::Select]);
        self.push(below);
        self.push([Work::CheckParams, head]);
        Ok(())
    }

    /// A form item variable gets its first value.
    pub(super) fn begin_item(&mut self, number: usize, scope: ScopeId) -> Done {
        let dialog = self.dialog()?;
        let item = &dialog.items[number];
        match &item.expr {
            Some(expr) => Ok(self.engine.declare(self.chain()?, scope, &item.variable, expr)?),
            None => Ok(self.engine.put(scope, &item.variable, Value::Undefined)?),
        }
    }

    /// The select phase: the first item whose variable is undefined and whose condition holds.
    pub(super) fn select(&mut self) -> Done {
        self.context_mut()?.handling.clear();
        if self.context()?.visit.is_none() {
            self.finish(ExitReason::Finished, Vec::new());
            return Ok(());
        }
        let dialog = self.dialog()?;
        let visit = self.visit_mut()?;
        visit.current = None;
        if let Some(number) = visit.next.take() {
            return self.visit_item(number);
        }
        for (number, item) in dialog.items.iter().enumerate() {
            if self.is_open(item)? {
                return self.visit_item(number);
            }
        }
        self.finish(ExitReason::Finished, Vec::new());
        Ok(())
    }

    fn is_open(&mut self, item: &Item) -> Result<bool, Thrown> {
        self.spend(1)?;
        let chain = self.chain()?;
        let value = self.engine.get(chain[3], &item.variable)?;
        if !matches!(value, None | Some(Value::Undefined)) {
            return Ok(false);
        }
        self.here.place = item.at;
        match &item.cond {
            Some(cond) => Ok(self.engine.eval_truth(chain, cond)?),
            None => Ok(true),
        }
    }

    /// The collect phase of one item.
    fn visit_item(&mut self, number: usize) -> Done {
        let dialog = self.dialog()?;
        let item = &dialog.items[number];
        let name = self.context()?.document.name.clone();
        self.here = super::Here { document: name.clone(), place: item.at };
        self.visit_mut()?.current = Some(number);
        if !matches!(item.kind, ItemKind::Block(_)) && !core::mem::take(&mut self.visit_mut()?.is_quiet) {
            self.queue_item_prompts(number)?;
        }
        match &item.kind {
            ItemKind::Block(code) => {
                self.engine.put(self.chain()?[3], &item.variable, Value::Bool(true))?;
                let (scope, close) = self.open()?;
                self.push([Work::Select, close, Work::Code { code: code.clone(), at: 0, scope, from: name }]);
                Ok(())
            }
            ItemKind::Field { .. } | ItemKind::Menu { .. } | ItemKind::Initial => {
                self.push([Work::Collect(number)]);
                Ok(())
            }
            ItemKind::Subdialog(subdialog) => self.call(subdialog),
            ItemKind::Transfer(_) => {
                self.push([Work::Transfer(number)]);
                Ok(())
            }
            ItemKind::Unsupported(event) => Err(Thrown::fault(event, "this interpreter does not have that element")),
        }
    }

    /// The process phase: `just` got their values; their `<filled>` run, then those of the form (VoiceXML 2.0 §2.4).
    pub(super) fn process_filled(&mut self, just: &[usize]) -> Done {
        let dialog = self.dialog()?;
        let from = self.context()?.document.name.clone();
        let mut works = VecDeque::new();
        for &number in just {
            works.push_back(Work::Within(Some(number)));
            let codes = dialog.items[number].filled.iter();
            works.extend(codes.map(|code| Work::Open { code: code.clone(), from: from.clone() }));
        }
        works.push_back(Work::Within(None));
        for filled in &dialog.filled {
            let names: Vec<usize> = self.input_items(&dialog, &filled.names);
            self.spend(names.len() as u32)?;
            let is_touched = names.iter().any(|number| just.contains(number));
            let is_due = is_touched && (!filled.needs_all || self.are_filled(&dialog, &names)?);
            if is_due {
                works.push_back(Work::Open { code: filled.code.clone(), from: from.clone() });
            }
        }
        self.push([Work::Select]);
        self.push(works.into_iter().rev());
        Ok(())
    }

    fn input_items(&self, dialog: &Dialog, names: &[String]) -> Vec<usize> {
        let all = dialog.items.iter().enumerate();
        let chosen = all.filter(|(_, item)| match names {
            [] => !matches!(item.kind, ItemKind::Block(_) | ItemKind::Initial),
            names => names.contains(&item.variable),
        });
        chosen.map(|(number, _)| number).collect()
    }

    fn are_filled(&mut self, dialog: &Dialog, numbers: &[usize]) -> Result<bool, Thrown> {
        let scope = self.chain()?[3];
        for &number in numbers {
            let value = self.engine.get(scope, &dialog.items[number].variable)?;
            if matches!(value, None | Some(Value::Undefined)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
