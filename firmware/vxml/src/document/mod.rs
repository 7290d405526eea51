//! A VoiceXML document as typed values: what cannot be wrong any more is read once and shared.

mod attributes;
mod code;
mod dialogs;
mod events;
mod grammars;
mod items;
mod known;
mod reader;
mod speech;

pub(crate) use attributes::duration;
pub(crate) use reader::{GrammarFault, decode, read, read_grammar, read_strictly};

use crate::fault::Place;
use crate::grammar::{BuiltinFault, Grammar};
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A document (VoiceXML 2.0 §1.5.1).
#[derive(Debug)]
pub(crate) struct Document {
    /// Where it came from, without fragment.
    pub(crate) url: Url,
    /// The address without its query, for the log.
    pub(crate) name: Arc<str>,
    /// The address it was asked for by, before redirects: by this an application knows its root again.
    pub(crate) asked: Url,
    /// What its addresses are relative to.
    pub(crate) base: Url,
    /// The application root document, as written.
    pub(crate) application: Option<String>,
    pub(crate) lang: Option<String>,
    /// Its `<var>` and `<script>` elements in order.
    pub(crate) head: Code,
    pub(crate) common: Common,
    pub(crate) dialogs: Vec<Arc<Dialog>>,
    /// Where the dialogs with an id stand among them.
    pub(crate) ids: BTreeMap<String, usize>,
}

impl Document {
    /// The dialog named by a fragment, the first without one.
    pub(crate) fn dialog(&self, fragment: Option<&str>) -> Option<&Arc<Dialog>> {
        match fragment.filter(|id| !id.is_empty()) {
            Some(id) => self.dialogs.get(*self.ids.get(id)?),
            None => self.dialogs.first(),
        }
    }
}

/// What documents, dialogs and items have alike.
#[derive(Debug, Default)]
pub(crate) struct Common {
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) handlers: Vec<Arc<Handler>>,
    pub(crate) links: Vec<Arc<Link>>,
}

/// A form; a menu is a form of one item (VoiceXML 2.0 §2.2).
#[derive(Debug)]
pub(crate) struct Dialog {
    pub(crate) at: Place,
    pub(crate) id: Option<String>,
    /// Its grammars are active in the whole document (VoiceXML 2.0 §3.1.3).
    pub(crate) is_document_wide: bool,
    /// Variables, scripts and the items' variables, in document order.
    pub(crate) head: Code,
    pub(crate) items: Vec<Item>,
    pub(crate) filled: Vec<Filled>,
    pub(crate) grammars: Vec<GrammarUse>,
    pub(crate) common: Common,
}

/// A form item.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) at: Place,
    pub(crate) name: Option<String>,
    /// The form item variable; one that no script can write if the item has no name.
    pub(crate) variable: String,
    pub(crate) expr: Option<String>,
    pub(crate) cond: Option<String>,
    pub(crate) kind: ItemKind,
    pub(crate) prompts: Vec<Arc<Prompt>>,
    /// The item's own `<filled>` elements.
    pub(crate) filled: Vec<Code>,
    pub(crate) grammars: Vec<GrammarUse>,
    pub(crate) common: Common,
}

/// What a form item does when it is visited.
#[derive(Debug)]
pub(crate) enum ItemKind {
    Block(Code),
    Field {
        slot: Option<String>,
        modal: bool,
        options: Vec<Choice>,
    },
    Initial,
    Menu {
        choices: Vec<Choice>,
    },
    Subdialog(Subdialog),
    Transfer(Transfer),
    /// An element of the standard that this interpreter does not have: the event it throws.
    Unsupported(&'static str),
}

/// A `<choice>` of a menu or an `<option>` of a field.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) at: Place,
    /// The keys that choose it, as the caller is told.
    pub(crate) keys: String,
    pub(crate) grammars: Vec<GrammarUse>,
    pub(crate) words: String,
    /// An option's value.
    pub(crate) value: String,
    /// What a choice does.
    pub(crate) then: Option<Target>,
}

#[derive(Debug)]
pub(crate) struct Subdialog {
    pub(crate) src: Given,
    pub(crate) namelist: Vec<String>,
    pub(crate) is_post: bool,
    pub(crate) params: Vec<Param>,
    pub(crate) fetch: FetchOptions,
}

/// `<param>`: a name and a literal or an expression.
#[derive(Debug)]
pub(crate) struct Param {
    pub(crate) at: Place,
    pub(crate) name: String,
    pub(crate) value: Given,
}

#[derive(Debug)]
pub(crate) struct Transfer {
    pub(crate) dest: Given,
    pub(crate) kind: TransferType,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) max_time: Option<Duration>,
    pub(crate) audio: Option<String>,
    pub(crate) aai: Option<Given>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransferType {
    Blind,
    Bridge,
    Consultation,
}

/// `<filled>` of a form.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) needs_all: bool,
    /// Empty: all input items.
    pub(crate) names: Vec<String>,
    pub(crate) code: Code,
}

/// `<catch>` and its shorthands.
#[derive(Debug)]
pub(crate) struct Handler {
    pub(crate) at: Place,
    /// Empty: every event.
    pub(crate) events: Vec<String>,
    pub(crate) count: u32,
    pub(crate) cond: Option<String>,
    pub(crate) code: Code,
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) at: Place,
    pub(crate) base: Url,
    pub(crate) grammars: Vec<GrammarUse>,
    pub(crate) then: Target,
}

/// Where a choice or a link leads.
#[derive(Debug)]
pub(crate) enum Target {
    Go(Given, FetchOptions),
    Throw(Event),
}

/// An event and its message.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: Given,
    pub(crate) message: Option<Given>,
}

/// A value written down, or an expression that gives it.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Text(String),
    Expr(String),
}

/// The attributes of everything that fetches (VoiceXML 2.0 §6.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct FetchOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_stale: Option<Duration>,
    pub(crate) audio: Option<String>,
}

/// A grammar where it is used.
#[derive(Clone, Debug)]
pub(crate) enum GrammarUse {
    Ready(Arc<Grammar>),
    /// To be fetched, or a built-in one named by an address.
    External {
        at: Place,
        src: Given,
        base: Url,
        fetch: FetchOptions,
    },
    /// Cannot be had; its item throws this when it is visited.
    Builtin(Place, BuiltinFault),
    Unsupported(Place, String),
}

/// Executable content.
pub(crate) type Code = Arc<[Line]>;

/// One executable element.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: Place,
    pub(crate) what: Statement,
}

#[derive(Debug)]
pub(crate) enum Statement {
    Var {
        name: String,
        expr: Option<String>,
    },
    Assign {
        name: String,
        expr: String,
    },
    Clear(Vec<String>),
    Script(Script),
    If(Vec<Branch>),
    Foreach {
        array: String,
        item: String,
        code: Code,
    },
    Prompt(Arc<Prompt>),
    Reprompt,
    Log {
        label: Option<Given>,
        expr: Option<String>,
        pieces: Vec<Piece>,
    },
    GoTo(Given, FetchOptions),
    GoToItem(Given),
    Submit(Submit),
    Exit {
        expr: Option<String>,
        namelist: Vec<String>,
    },
    Return {
        event: Option<Event>,
        namelist: Vec<String>,
    },
    Disconnect,
    Throw(Event),
    /// The form item variable of that item gets its first value.
    BeginItem(usize),
    /// An element of the standard that this interpreter does not have: the event it throws.
    Unsupported(&'static str),
}

/// One arm of an `<if>`; `cond` is missing in `<else>`.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) cond: Option<String>,
    pub(crate) code: Code,
}

#[derive(Debug)]
pub(crate) enum Script {
    Inline(String),
    External(Given, FetchOptions),
}

#[derive(Debug)]
pub(crate) struct Submit {
    pub(crate) next: Given,
    /// `None`: all named input items.
    pub(crate) namelist: Option<Vec<String>>,
    pub(crate) is_post: bool,
    pub(crate) fetch: FetchOptions,
}

/// A prompt (VoiceXML 2.0 §4.1).
#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) at: Place,
    pub(crate) barge_in: Option<bool>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) count: u32,
    pub(crate) cond: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) pieces: Vec<Piece>,
}

/// A part of a prompt.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Value(String),
    SayAs {
        interpret_as: String,
        format: String,
        pieces: Vec<Piece>,
    },
    /// One item of its own: `<s>`, `<p>`.
    Sentence {
        lang: Option<String>,
        pieces: Vec<Piece>,
    },
    Audio {
        src: Given,
        fallback: Vec<Piece>,
    },
    Break(Duration),
    Mark(Given),
    /// The choices, by a template or in the platform's words.
    Enumerate(Vec<Piece>),
    Foreach {
        array: String,
        item: String,
        pieces: Vec<Piece>,
    },
}
