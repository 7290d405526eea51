//! Which grammars listen, in order of precedence (VoiceXML 2.0 §3.1.4).

use super::fetch::Then;
use super::heard::Owner;
use super::{Done, Here, Interpreter, Thrown, Work};
use crate::api::{Method, Purpose};
use crate::document::{Choice, Dialog, GrammarUse, ItemKind};
use crate::grammar::{BuiltinFault, Grammar, builtin};
use std::sync::Arc;
use url::Url;

/// A grammar that listens, and for whom.
#[derive(Clone)]
pub(super) struct Active {
    pub(super) grammar: Arc<Grammar>,
    pub(super) owner: Owner,
}

/// A grammar on its way to be active.
struct Candidate {
    used: GrammarUse,
    owner: Owner,
    from: Arc<str>,
}

/// What is known of all grammars an item wants.
pub(super) enum Gathered {
    All(Vec<Active>),
    /// One is being fetched; ask again then.
    Fetching,
}

impl Interpreter {
    /// The grammars of an item, its own first. Fetches what is missing and then runs `again`.
    pub(super) fn gather(&mut self, number: usize, again: Work) -> Result<Gathered, Thrown> {
        let candidates = self.candidates(number)?;
        let mut active = Vec::new();
        for candidate in candidates {
            match self.ready(&candidate)? {
                Ready::Now(grammar) => active.push(Active { grammar, owner: candidate.owner }),
                Ready::Fetch(url) => {
                    self.push([again]);
                    self.fetch_grammar(url, &candidate.used)?;
                    return Ok(Gathered::Fetching);
                }
            }
        }
        Ok(Gathered::All(active))
    }

    fn candidates(&self, number: usize) -> Result<Vec<Candidate>, Thrown> {
        let context = self.context()?;
        let from = &context.document.name;
        let dialog = self.dialog()?;
        let item = &dialog.items[number];
        let mut all = Vec::new();
        let mut add = |uses: &[GrammarUse], owner: &Owner, from: &Arc<str>| {
            all.extend(uses.iter().map(|used| Candidate {
                used: used.clone(),
                owner: owner.clone(),
                from: from.clone(),
            }));
        };
        add(&item.grammars, &Owner::Item, from);
        match &item.kind {
            ItemKind::Menu { choices } => {
                each_choice(choices, |at, choice| add(&choice.grammars, &Owner::Choice(at), from))
            }
            ItemKind::Field { options, .. } => {
                each_choice(options, |at, option| add(&option.grammars, &Owner::Option(at), from));
            }
            ItemKind::Transfer(_) => return Ok(all),
            ItemKind::Block(_) | ItemKind::Initial | ItemKind::Subdialog(_) | ItemKind::Unsupported(_) => {}
        }
        if matches!(item.kind, ItemKind::Field { modal: true, .. }) {
            return Ok(all);
        }
        add(&dialog.grammars, &Owner::Form, from);
        self.with_commons(|common, from| -> Option<()> {
            for link in &common.links {
                add(&link.grammars, &Owner::Link(link.clone()), from);
            }
            None
        });
        for other in context.document.dialogs.iter().filter(|other| !Arc::ptr_eq(other, &dialog)) {
            elsewhere(other, &mut add, from);
        }
        for other in context.root.iter().flat_map(|root| &root.dialogs) {
            elsewhere(other, &mut add, &context.root.as_ref().unwrap_or(&context.document).name);
        }
        Ok(all)
    }

    fn ready(&mut self, candidate: &Candidate) -> Result<Ready, Thrown> {
        match &candidate.used {
            GrammarUse::Ready(grammar) => Ok(Ready::Now(grammar.clone())),
            GrammarUse::Builtin(at, fault) => {
                self.here = Here { document: candidate.from.clone(), place: *at };
                Err(no_builtin(fault))
            }
            GrammarUse::Unsupported(at, what) => {
                self.here = Here { document: candidate.from.clone(), place: *at };
                Err(Thrown::fault("error.unsupported.format", what.clone()))
            }
            GrammarUse::External { at, src, base, .. } => {
                self.here = Here { document: candidate.from.clone(), place: *at };
                let written = self.given(src)?;
                if let Some(spec) = builtin_name(&written) {
                    return builtin(spec).map(|made| Ready::Now(Arc::new(made))).map_err(|fault| no_builtin(&fault));
                }
                let url = base
                    .join(&written)
                    .map_err(|error| Thrown::bad_fetch(format!("grammar: {error}; write an address")))?;
                match self.context()?.grammars.get(url.as_str()) {
                    Some(grammar) => Ok(Ready::Now(grammar.clone())),
                    None => Ok(Ready::Fetch(url)),
                }
            }
        }
    }

    fn fetch_grammar(&mut self, url: Url, used: &GrammarUse) -> Done {
        let GrammarUse::External { fetch, .. } = used else { return Ok(()) };
        let request = self.request(Purpose::Grammar, Method::Get, url.clone(), None, fetch);
        self.fetch(request, Then::Grammar(url));
        Ok(())
    }
}

enum Ready {
    Now(Arc<Grammar>),
    Fetch(Url),
}

fn each_choice(choices: &[Choice], mut each: impl FnMut(usize, &Choice)) {
    for (at, choice) in choices.iter().enumerate() {
        each(at, choice);
    }
}

/// The grammars of a dialog that listens in its whole document.
fn elsewhere(dialog: &Arc<Dialog>, add: &mut impl FnMut(&[GrammarUse], &Owner, &Arc<str>), from: &Arc<str>) {
    if !dialog.is_document_wide {
        return;
    }
    add(&dialog.grammars, &Owner::Elsewhere(dialog.clone(), None), from);
    for item in &dialog.items {
        if let ItemKind::Menu { choices } = &item.kind {
            each_choice(choices, |at, choice| {
                add(&choice.grammars, &Owner::Elsewhere(dialog.clone(), Some(at)), from);
            });
        }
    }
}

/// `builtin:dtmf/digits?length=4` and `builtin:grammar/...` (VoiceXML 2.0 Appendix P).
fn builtin_name(src: &str) -> Option<&str> {
    let rest = src.strip_prefix("builtin:")?;
    Some(rest.strip_prefix("dtmf/").or_else(|| rest.strip_prefix("grammar/")).unwrap_or(rest))
}

fn no_builtin(fault: &BuiltinFault) -> Thrown {
    let event = match fault {
        BuiltinFault::Unknown(_) => "error.unsupported.builtin",
        BuiltinFault::Parameter(_) => "error.badfetch",
    };
    Thrown::fault(event, fault.to_string())
}
