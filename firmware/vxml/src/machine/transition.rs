//! From document to document and dialog to dialog: the application root, its scope, and what survives (VoiceXML 2.0 §1.5).

use super::context::Context;
use super::fetch::{Then, address, faulty};
use super::{Done, Interpreter, Thrown, Work};
use crate::api::{ExitReason, Fetched, Method, Purpose};
use crate::document::{Dialog, Document, FetchOptions, decode, read};
use crate::script::{ScopeId, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A document on its way in.
pub(super) struct Arrival {
    /// With the fragment that names the dialog.
    pub(super) url: Url,
    pub(super) how: How,
}

/// What leads to a document.
pub(super) enum How {
    /// The start of the session, `<goto>`, a choice or a link: a root that is loaded stays.
    Go,
    /// `<submit>`: a root submitted to begins anew.
    Submit,
    /// A context of its own, with these parameters.
    Subdialog(Vec<(String, Value)>),
}

impl Interpreter {
    /// Asks for the first document.
    pub(super) fn begin_session(&mut self, start: &str) {
        match Url::parse(start) {
            Ok(url) => {
                let arrival = Arrival { url: url.clone(), how: How::Go };
                let request = self.request(Purpose::Document, Method::Get, url, None, &FetchOptions::default());
                self.fetch(request, Then::Document(Box::new(arrival)));
            }
            Err(error) => {
                self.say("document", format!("start address {start:?}: {error}; write an absolute one"));
                self.end(ExitReason::Event("error.badfetch".into()), Vec::new());
            }
        }
    }

    /// `<goto next>`.
    pub(super) fn go_to(&mut self, next: &str, options: &FetchOptions) -> Done {
        self.go(next, None, options)
    }

    /// Goes to a dialog of this document, or fetches another. Only a fragment keeps the document as it is.
    pub(super) fn go(&mut self, next: &str, base: Option<&Url>, options: &FetchOptions) -> Done {
        let document = self.context()?.document.clone();
        if let Some(fragment) = next.strip_prefix('#') {
            let Some(dialog) = document.dialog(Some(fragment)).cloned() else {
                return Err(Thrown::bad_fetch(format!("no dialog {fragment:?} in this document; mend the address")));
            };
            self.unwind();
            self.push([Work::Begin(dialog)]);
            return Ok(());
        }
        let url = address(base.unwrap_or(&document.base), next)?;
        let arrival = Arrival { url: url.clone(), how: How::Go };
        let request = self.request(Purpose::Document, Method::Get, url, None, options);
        self.fetch(request, Then::Document(Box::new(arrival)));
        Ok(())
    }

    /// To a dialog whose grammar listened from afar, with the input that led there.
    pub(super) fn go_elsewhere(&mut self, dialog: Arc<Dialog>, apply: Work) -> Done {
        self.unwind();
        let context = self.context_mut()?;
        let is_own = context.document.dialogs.iter().any(|own| Arc::ptr_eq(own, &dialog));
        if !is_own && let Some(root) = context.root.take() {
            context.document = root;
            let application = context.chain[1];
            let old = core::mem::replace(&mut context.chain[2], application);
            self.engine.drop_scope(old);
        }
        self.push([apply, Work::Begin(dialog)]);
        Ok(())
    }

    pub(super) fn document_arrived(&mut self, mut arrival: Arrival, fetched: &Fetched) -> Done {
        let document = self.read_document(fetched, &arrival.url)?;
        // A redirect moves the document, not the dialog wanted in it.
        let fragment = arrival.url.fragment().map(str::to_owned);
        arrival.url = document.url.clone();
        arrival.url.set_fragment(fragment.as_deref());
        let Some(written) = &document.application else { return self.enter(arrival, document, None) };
        let mut root = address(&document.base, written)?;
        root.set_fragment(None);
        if root == document.asked || root == document.url {
            return self.enter(arrival, document, None);
        }
        if let Some(loaded) = self.loaded_root(&root, &arrival.how) {
            return self.enter(arrival, document, Some(loaded));
        }
        let request = self.request(Purpose::ApplicationRoot, Method::Get, root.clone(), None, &FetchOptions::default());
        self.fetch(request, Then::Root(Box::new(arrival), document, root));
        Ok(())
    }

    pub(super) fn root_arrived(
        &mut self,
        arrival: Arrival,
        leaf: Arc<Document>,
        asked: &Url,
        fetched: &Fetched,
    ) -> Done {
        let root = self.read_document(fetched, asked)?;
        if root.application.is_some() {
            // VoiceXML 2.0 §1.5.2: a root has no root.
            return Err(Thrown::semantic(format!(
                "{}: a root document with an application of its own; remove it",
                root.name
            )));
        }
        self.enter(arrival, leaf, Some(root))
    }

    fn read_document(&mut self, fetched: &Fetched, asked: &Url) -> Result<Arc<Document>, Thrown> {
        self.spend(100)?;
        let url = Url::parse(&fetched.url)
            .map_err(|error| Thrown::bad_fetch(format!("what was fetched has no address: {error}")))?;
        let text = decode(&fetched.body).map_err(|fault| faulty(&fetched.url, &fault))?;
        let mut document = read(text, &url, &self.limits).map_err(|fault| faulty(&fetched.url, &fault))?;
        document.asked = asked.clone();
        document.asked.set_fragment(None);
        Ok(Arc::new(document))
    }

    /// The root that is loaded already, if it is that one and this transition keeps it.
    fn loaded_root(&self, url: &Url, how: &How) -> Option<Arc<Document>> {
        let context = self.contexts.last().filter(|_| !matches!(how, How::Subdialog(_)))?;
        let root = context.root.as_ref().unwrap_or(&context.document);
        (root.asked == *url && root.application.is_none()).then(|| root.clone())
    }

    /// Leaves what ran and enters a document: scopes, variables of root and document, then the dialog.
    pub(super) fn enter(&mut self, arrival: Arrival, document: Arc<Document>, root: Option<Arc<Document>>) -> Done {
        let Some(dialog) = document.dialog(arrival.url.fragment()).cloned() else {
            return Err(Thrown::bad_fetch(match arrival.url.fragment() {
                Some(fragment) => format!("{}: no dialog {fragment:?}; mend the address", document.name),
                None => format!("{}: no dialog; add a <form> or a <menu>", document.name),
            }));
        };
        let params = match arrival.how {
            How::Subdialog(params) => {
                self.push_context(document, root, params)?;
                return self.initialise(true, dialog);
            }
            How::Go | How::Submit => Vec::new(),
        };
        self.unwind();
        let Some(context) = self.contexts.last() else {
            self.push_context(document, root, params)?;
            return self.initialise(true, dialog);
        };
        let running_root = context.root.as_ref().unwrap_or(&context.document).clone();
        let wanted_root = root.as_ref().unwrap_or(&document);
        let is_submit = matches!(arrival.how, How::Submit);
        // VoiceXML 2.0 §1.5.2: between documents of one application its variables stay; a root that is submitted to, or
        // that is gone to without being known as one, begins anew.
        let is_same = match (&root, &context.root) {
            (Some(root), _) => Arc::ptr_eq(root, &running_root),
            (None, Some(running)) => running.asked == wanted_root.asked && !is_submit,
            (None, None) => false,
        };
        let application = is_same.then(|| context.chain[1]);
        self.replace_scopes(application, &document, root);
        self.initialise(!is_same, dialog)
    }

    /// New scopes for a document; the application's stays if it is given.
    fn replace_scopes(&mut self, application: Option<ScopeId>, document: &Arc<Document>, root: Option<Arc<Document>>) {
        let Some(context) = self.contexts.last_mut() else { return };
        let old: Vec<ScopeId> =
            context.chain[1..].iter().copied().filter(|scope| Some(*scope) != application).collect();
        context.document = document.clone();
        context.visit = None;
        context.handling.clear();
        context.grammars.clear();
        context.root = root;
        let has_root = context.root.is_some();
        for scope in old {
            self.engine.drop_scope(scope);
        }
        let application = application.unwrap_or_else(|| self.engine.make_scope());
        let own = if has_root { self.engine.make_scope() } else { application };
        let (dialog, anonymous) = (self.engine.make_scope(), self.engine.make_scope());
        let session = self.session;
        if let Some(context) = self.contexts.last_mut() {
            context.chain = [session, application, own, dialog, anonymous];
        }
    }

    fn push_context(
        &mut self,
        document: Arc<Document>,
        root: Option<Arc<Document>>,
        params: Vec<(String, Value)>,
    ) -> Done {
        if self.contexts.len() > self.limits.subdialog_depth {
            let most = self.limits.subdialog_depth;
            return Err(Thrown::semantic(format!("more than {most} subdialogs inside one another; end the recursion")));
        }
        self.contexts.push(Context {
            // No scope has that number: there is nothing to drop yet.
            chain: [ScopeId::MAX; 5],
            root: None,
            document: document.clone(),
            visit: None,
            work: Vec::new(),
            params,
            handling: Vec::new(),
            grammars: BTreeMap::new(),
        });
        self.replace_scopes(None, &document, root);
        Ok(())
    }

    /// Runs the heads of root and document, then begins the dialog.
    fn initialise(&mut self, root_too: bool, dialog: Arc<Dialog>) -> Done {
        let context = self.context()?;
        let [_, application, own, ..] = context.chain;
        let document = context.document.clone();
        let root = context.root.clone();
        self.push([Work::Begin(dialog)]);
        // A root entered as a document of its own has its head run already when its application is kept.
        if root.is_some() || root_too {
            self.push([Work::Code { code: document.head.clone(), at: 0, scope: own, from: document.name.clone() }]);
        }
        if let Some(root) = root.filter(|_| root_too) {
            // While the root begins, its own variables are the document's.
            self.document_scope(application);
            let head = Work::Code { code: root.head.clone(), at: 0, scope: application, from: root.name.clone() };
            self.push([Work::Document(own), head]);
        }
        Ok(())
    }
}
