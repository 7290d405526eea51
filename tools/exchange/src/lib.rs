//! The telephone network in a program: the network's side of PRI spans, callers that follow scripts, telephones that are rung.
//!
//! **What it does.** [`Network`] keeps the D-channels up, places calls for scripted callers and answers calls that the box places. A caller's
//! script dials, waits for words or tones, presses keys, speaks, expects, hangs up; its report says what was heard and when.
//!
//! **How it works.** Every party is a port of a [`media::Engine`] of our own; what it hears comes from the engine's recorder. [`judge`] decides
//! whether an expected phrase was heard: by correlation with the phrase rendered in the same voice, window by window, never by what the
//! box says of itself. [`party`] is the script's machine; [`network`] joins parties, signaling and spans; [`control`] is the socket that
//! [`client`] speaks to.
//!
//! **How to drive it.** As a program: `fundline-exchange run`, `call`, `answer` (see the README of this folder). A script by itself:
//! ```
//! let script = exchange::script::parse("press 1\nexpect zh-CN \"单位净值\" within 20s\nhang up\n", &[])?;
//! assert_eq!(script.steps.len(), 3);
//! # Ok::<(), exchange::script::BadScript>(())
//! ```
//!
//! **Left out.** Faults on order, MFC/R2 and analog lines, SIP.

pub mod client;
pub mod control;
pub mod faults;
pub mod hearing;
pub mod network;
pub mod party;
pub mod report;
pub mod script;

pub use network::{Network, Span};
