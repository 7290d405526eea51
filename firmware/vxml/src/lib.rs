//! The VoiceXML interpreter as a pure machine: one caller's session, from the first document to the hangup.
//!
//! **What it does.** It reads VoiceXML 2.0 and 2.1 documents and leads a caller with a keypad through them: forms and
//! their items, menus, prompts with barge-in and type-ahead, DTMF grammars, events, submits, subdialogs and transfers,
//! with ECMAScript for every expression.
//!
//! **How it works.** A document is read once into typed values (`document`), so that a fault is found when it arrives
//! and named with row, column and remedy. The machine (`machine`) runs the form interpretation algorithm (VoiceXML 2.0
//! Appendix C) over a stack of work: select an item, collect its input, process what was filled. An event unwinds the
//! stack down to its handler. Variables live in the standard's scopes (`script`); an engine is made for the first
//! expression that is more than a literal or a name. Grammars (`grammar`) are compiled to programs that follow all
//! readings of the keys at once.
//!
//! **How to drive it.** Give every input with the time, then drain `poll_action`, then wait no longer than `deadline`:
//!
//! ```
//! use base::{Digit, Instant, WallTime};
//! use vxml::{Action, Fetched, Input, Interpreter, Limits, SessionInfo};
//!
//! let info = SessionInfo::new("4008001234", "13800138000", "http://h/start", WallTime(0), 1);
//! let mut session = Interpreter::new(Instant::ZERO, info, Limits::default());
//! let Some(Action::Fetch { fetch, url, .. }) = session.poll_action() else { panic!("a fetch comes first") };
//! let body = br#"<vxml version="2.1"><menu id="main"><choice dtmf="1" event="exit"/></menu></vxml>"#;
//! let fetched = Fetched { url, status: 200, content_type: String::new(), body: body.to_vec() };
//! session.handle(Instant::from_millis(30), Input::Fetched { fetch, result: Ok(fetched) });
//! while let Some(action) = session.poll_action() {
//!     // Play the prompt, note the path ...
//! }
//! session.handle(Instant::from_millis(900), Input::Digit(Digit::new('1').unwrap()));
//! let actions: Vec<Action> = std::iter::from_fn(|| session.poll_action()).collect();
//! assert!(actions.contains(&Action::Path("main>1".into())));
//! assert!(matches!(actions.last(), Some(Action::Exit { .. })));
//! ```
//!
//! # Sensitive items
//!
//! An input item under `<property name="fundline.sensitive" value="true"/>` (set in the item, its form, its document or
//! the application root) collects a secret:
//!
//! - Its variable, `name$.utterance`, `name$.interpretation` and `application.lastresult$` hold an opaque value. It can be
//!   assigned, passed to a subdialog, returned, compared with `undefined` and submitted; it has no text. An expression
//!   that would make text of it (`<value>`, `<log>`, `+`, `==` with a string, `<exit namelist>`) throws `error.semantic`.
//! - The value is the keys as pressed; tags of its grammar are not run, so that no script ever sees them.
//! - `<submit method="post">` sends it in the body, as [`Form`], which prints names only. By GET it throws `error.semantic`:
//!   addresses end up in logs.
//! - [`Action::Sensitive`] goes on before the item's prompt plays, and off when the next wait is for something that is no
//!   secret, so that surplus keys are covered too. A key pressed while nothing is waited for turns it on until then,
//!   because it may begin a secret typed ahead.
//! - A menu's choice under the property leaves no [`Action::Path`].
//!
//! # Where the standard leaves a choice
//!
//! - `timeout` is 7 s, `interdigittimeout` 3 s, `termtimeout` 0 s, `termchar` `#`.
//! - Keys that no grammar can match are `nomatch` at once where all grammars are that short (menus), else when the
//!   caller stops typing. Either way what was typed ahead is dropped: it belonged to the mistaken input.
//! - A `termchar` that comes within `interdigittimeout` after an input that was complete without it still belongs to that
//!   input, unless something waits for that key.
//! - Keys typed ahead spare the caller the prompts of the items they fill, but not prompts with `bargein="false"`, which
//!   drop them (VoiceXML 2.0 §4.1.5.1).
//! - A failed fetch or a malformed document throws in the dialog that asked for it.
//! - A handler that throws what it handles itself gets `error.semantic`; so does a session that takes too many steps
//!   without the caller hearing or pressing anything.
//!
//! # Left out
//!
//! - Speech input: voice grammars are skipped, `universals` and `confidencelevel` have nothing to act on, `bargeintype`
//!   is always by key.
//! - `<record>`, `<object>` and `<data>` throw `error.unsupported.*`; transfers of type `consultation` likewise.
//! - ABNF grammars, and rules of other grammar documents (`ruleref` with an address): `error.unsupported.format`.
//! - SSML that shapes a voice (`prosody`, `emphasis`, `phoneme`) is read and its words kept.
//! - `fetchaudiodelay` and `fetchaudiominimum`: `fetchaudio` begins at once and ends with the answer.
//!
//! # References
//!
//! - VoiceXML 2.0 (W3C Recommendation, 16 March 2004), VoiceXML 2.1 (19 June 2007)
//! - SRGS 1.0 (16 March 2004), SISR 1.0 (5 April 2007), SSML 1.0 (7 September 2004)
//! - ECMA-262, as the QuickJS engine reads it

mod api;
mod check;
mod document;
mod fault;
mod grammar;
mod machine;
mod script;

pub use api::*;
pub use check::{check_document, check_grammar};
pub use fault::Fault;
pub use machine::Interpreter;
