//! The IVR process: callers in VoiceXML applications.
//!
//! **What it does.** `fundlined` connects a caller to an application by one message; from there on this process runs the VoiceXML
//! documents, speaks, takes keys, and tells `fundlined` what to play, whom to call and when to hang up. Beside that it is
//! the box's own application server, which makes the hotline's documents from templates and the fund system's data.
//!
//! **How it works.** Each session is one task round a pure [`vxml::Interpreter`]. The task obeys the interpreter's actions: it
//! fetches over HTTP with the session's own cookies, turns prompts into files through `speech-io`, and passes the rest on
//! as messages. The interpreter itself has a thread of its own that may take its time, so that a document with a fault, a loop
//! or a panic in it costs its own caller and nobody else. When the socket is lost all sessions hear a hangup, do their last work
//! and end; the link is made again as soon as `fundlined` is back.
//!
//! ```no_run
//! use fundline_ivr::{Fetcher, Prompter, Services, link};
//! use speech_io::Speaker;
//! use vxml::Limits;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let limits = Limits::default();
//! let fetcher = Fetcher::new(limits.document_size)?;
//! let speaker = Speaker::new("/var/lib/fundline/speech".as_ref(), None);
//! let services = Services { prompter: Prompter::new(speaker, fetcher.clone()), fetcher, limits };
//! link::keep("/run/fundline/ivr.sock".as_ref(), &services).await;
//! # Ok(()) }
//! ```
//!
//! **Left out.** Documents over TLS: servers outside the box are reached through a gateway. A cache of documents: they come from
//! the box itself or from a server that makes them for each caller; recordings are cached. `transferaudio`: the caller
//! hears the network's own ringing.
//!
//! **References.** VoiceXML 2.0 (2004) and 2.1 (2007); RFC 9110 and RFC 9111 (HTTP); RFC 6265 (cookies); RFC 3966 (`tel:`).

pub mod apps;
mod fetch;
pub mod link;
mod machine;
pub mod prerender;
mod prompt;
pub mod session;
mod settings;

pub use fetch::{Fetcher, Sensitivity, Visitor, Wanted};
pub use prompt::{Missing, Prompter};
pub use session::Services;
pub use settings::{Settings, SettingsError};
