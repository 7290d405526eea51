//! Grammars where they stand: inline, external, built-in.

use super::reader::Reader;
use super::{FetchOptions, GrammarUse};
use crate::fault::Fault;
use crate::grammar::{self, Grammar, SrgsFault};
use base::Digit;
use roxmltree::Node;
use std::sync::Arc;

/// Steps of all inline grammars of one document together.
const DOCUMENT_STEPS: usize = 400_000;

impl Reader {
    fn keep(&self, node: Node<'_, '_>, made: Grammar) -> Result<GrammarUse, Fault> {
        let steps = self.grammar_steps.get() + made.size();
        self.grammar_steps.set(steps);
        if steps > DOCUMENT_STEPS {
            return Err(self.fault(
                node,
                "the grammars of this document are too large together",
                "lower their repeat counts",
            ));
        }
        Ok(GrammarUse::Ready(Arc::new(made)))
    }

    /// A key sequence such as `1` or `* 1`.
    pub(super) fn keys(&self, node: Node<'_, '_>, keys: &str) -> Result<GrammarUse, Fault> {
        let keys: String = keys.split_whitespace().collect();
        if keys.is_empty() || keys.len() > 32 || !keys.chars().all(|key| Digit::new(key).is_some()) {
            return Err(self.fault(node, format!("dtmf={keys:?}"), "write keys: 0 to 9, *, #, A to D"));
        }
        let made = Grammar::word(&keys).map_err(|what| self.fault(node, what, ""))?;
        self.keep(node, made)
    }

    /// A `<grammar>` element; `None` for a voice grammar, which is never active on a box that hears keys only.
    pub(super) fn grammar(&self, node: Node<'_, '_>) -> Result<Option<GrammarUse>, Fault> {
        if let Some(src) = self.given(node, "src", "srcexpr")? {
            if node.attribute("mode") == Some("voice") {
                return Ok(None);
            }
            let (at, base, fetch) = (self.place(node), self.base.clone(), self.fetch_options(node)?);
            return Ok(Some(GrammarUse::External { at, src, base, fetch }));
        }
        match grammar::compile(node, None) {
            Ok(made) => self.keep(node, made).map(Some),
            Err(SrgsFault::Voice) => Ok(None),
            Err(SrgsFault::Unsupported(what)) => Ok(Some(GrammarUse::Unsupported(self.place(node), what))),
            Err(SrgsFault::Invalid { at, what }) => Err(self.place_at(at).fault(what, "")),
        }
    }

    /// The grammar of a field's `type`: a built-in name, or an address.
    pub(super) fn field_type(&self, node: Node<'_, '_>, kind: &str) -> GrammarUse {
        let at = self.place(node);
        if kind.contains(':') && !kind.starts_with("builtin:") {
            let src = super::Given::Text(kind.to_owned());
            return GrammarUse::External { at, src, base: self.base.clone(), fetch: FetchOptions::default() };
        }
        match grammar::builtin(kind) {
            Ok(made) => GrammarUse::Ready(Arc::new(made)),
            Err(fault) => GrammarUse::Builtin(at, fault),
        }
    }
}
