//! Execution contexts: the scopes, the document and the dialog that run now. A subdialog has one of its own.

use super::{Interpreter, Thrown, Work};
use crate::document::{Common, Dialog, Document, Item, duration};
use crate::script::{Chain, ScopeId, Value};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One execution context (VoiceXML 2.0 §1.5.3).
pub(super) struct Context {
    /// Session, application, document, dialog, anonymous.
    pub(super) chain: Chain,
    /// The application root document, if the document has one beside itself.
    pub(super) root: Option<Arc<Document>>,
    pub(super) document: Arc<Document>,
    pub(super) visit: Option<Visit>,
    pub(super) work: Vec<Work>,
    /// A subdialog's parameters that have not met their variable yet.
    pub(super) params: Vec<(String, Value)>,
    /// Handlers that run now, each inside the one before.
    pub(super) handling: Vec<Arc<crate::document::Handler>>,
    /// Grammars fetched for this document.
    pub(super) grammars: BTreeMap<String, Arc<crate::grammar::Grammar>>,
}

/// One stay in a dialog.
pub(super) struct Visit {
    pub(super) dialog: Arc<Dialog>,
    pub(super) items: Vec<ItemState>,
    /// Event counters of the form itself.
    pub(super) events: BTreeMap<String, u32>,
    /// The item being visited; none during initialisation and form-level `<filled>`.
    pub(super) current: Option<usize>,
    /// What `<goto nextitem>` said.
    pub(super) next: Option<usize>,
    /// The last iteration ended in a handler that did not `<reprompt>`.
    pub(super) is_quiet: bool,
}

/// Counters of one form item.
#[derive(Clone)]
pub(super) struct ItemState {
    pub(super) prompt_count: u32,
    pub(super) events: BTreeMap<String, u32>,
}

impl Default for ItemState {
    fn default() -> Self {
        Self { prompt_count: 1, events: BTreeMap::new() }
    }
}

impl Visit {
    pub(super) fn new(dialog: Arc<Dialog>) -> Self {
        let items = vec![ItemState::default(); dialog.items.len()];
        Self { dialog, items, events: BTreeMap::new(), current: None, next: None, is_quiet: false }
    }
}

impl Interpreter {
    pub(super) fn context(&self) -> Result<&Context, Thrown> {
        self.contexts.last().ok_or_else(|| Thrown::semantic("no document"))
    }

    pub(super) fn context_mut(&mut self) -> Result<&mut Context, Thrown> {
        self.contexts.last_mut().ok_or_else(|| Thrown::semantic("no document"))
    }

    pub(super) fn visit(&self) -> Result<&Visit, Thrown> {
        self.context()?.visit.as_ref().ok_or_else(|| Thrown::semantic("no dialog is visited"))
    }

    pub(super) fn visit_mut(&mut self) -> Result<&mut Visit, Thrown> {
        self.context_mut()?.visit.as_mut().ok_or_else(|| Thrown::semantic("no dialog is visited"))
    }

    pub(super) fn dialog(&self) -> Result<Arc<Dialog>, Thrown> {
        self.visit().map(|visit| visit.dialog.clone())
    }

    pub(super) fn chain(&self) -> Result<Chain, Thrown> {
        self.context().map(|context| context.chain)
    }

    pub(super) fn push(&mut self, work: impl IntoIterator<Item = Work>) {
        if let Some(context) = self.contexts.last_mut() {
            context.work.extend(work);
        }
    }

    /// A new anonymous scope; the work that leaves it.
    pub(super) fn open(&mut self) -> Result<(ScopeId, Work), Thrown> {
        let scope = self.engine.make_scope();
        let context = self.context_mut()?;
        let before = core::mem::replace(&mut context.chain[4], scope);
        Ok((scope, Work::Close(scope, before)))
    }

    pub(super) fn close(&mut self, scope: ScopeId, before: ScopeId) {
        self.engine.drop_scope(scope);
        if let Some(context) = self.contexts.last_mut() {
            context.chain[4] = before;
        }
    }

    pub(super) fn within(&mut self, item: Option<usize>) {
        if let Ok(visit) = self.visit_mut() {
            visit.current = item;
        }
    }

    pub(super) fn document_scope(&mut self, scope: ScopeId) {
        if let Some(context) = self.contexts.last_mut() {
            context.chain[2] = scope;
        }
    }

    /// Takes all work off the stack and leaves its scopes.
    pub(super) fn unwind(&mut self) {
        while let Some(work) = self.contexts.last_mut().and_then(|context| context.work.pop()) {
            if let Work::Close(scope, before) = work {
                self.close(scope, before);
            }
        }
    }

    /// Forgets the running context and all its scopes.
    pub(super) fn drop_context(&mut self) {
        self.unwind();
        if let Some(context) = self.contexts.pop() {
            for scope in &context.chain[1..] {
                self.engine.drop_scope(*scope);
            }
        }
    }

    /// Item, dialog, document, root: what holds handlers, links and properties, innermost first.
    pub(super) fn with_commons<T>(&self, mut each: impl FnMut(&Common, &Arc<str>) -> Option<T>) -> Option<T> {
        let context = self.contexts.last()?;
        let name = &context.document.name;
        if let Some(visit) = &context.visit {
            let item: Option<&Item> = visit.current.and_then(|current| visit.dialog.items.get(current));
            if let Some(found) = item.and_then(|item| each(&item.common, name)) {
                return Some(found);
            }
            if let Some(found) = each(&visit.dialog.common, name) {
                return Some(found);
            }
        }
        if let Some(found) = each(&context.document.common, name) {
            return Some(found);
        }
        context.root.as_ref().and_then(|root| each(&root.common, &root.name))
    }

    /// A property's value where we stand (VoiceXML 2.0 §6.3).
    pub(super) fn property(&self, name: &str) -> Option<String> {
        self.with_commons(|common, _| {
            common.properties.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone())
        })
    }

    pub(super) fn property_time(&self, name: &str) -> Option<Duration> {
        self.property(name).and_then(|value| duration(&value))
    }

    pub(super) fn property_truth(&self, name: &str, otherwise: bool) -> bool {
        self.property(name).map_or(otherwise, |value| value == "true")
    }

    /// The language of the document that runs.
    pub(super) fn lang(&self) -> &str {
        let written = self.contexts.last().and_then(|context| context.document.lang.as_deref());
        written.unwrap_or(&self.language)
    }
}
