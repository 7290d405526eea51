//! The telephone network in a program: the other side of PRI and R2 spans and of analog lines, callers that follow scripts, telephones that are
//! rung, and faults on order.
//!
//! **What it does.** [`Network`] keeps the spans up, places calls for scripted callers and answers calls that the box places. A caller's
//! script dials, waits for words or tones, presses keys, speaks, expects, hangs up; its report says what was heard and when.
//!
//! **How it works.** Every party is a port of a [`media::Engine`] of our own; what it hears comes from the engine's recorder. `judge` decides
//! whether an expected phrase was heard: by correlation with the phrase rendered in the same voice, window by window, never by what the
//! box says of itself. [`party`] is the script's machine; [`network`] joins parties, signaling and spans; [`control`] is the socket that
//! [`client`] speaks to. What a span speaks is [`network::Kind`]'s to say, and nobody else asks. [`faults`] are words for what
//! `lab::faults` does to any card, and for what the network does wrong itself: wrong timers and glare. [`network::Stepped`] is the same network on a
//! clock that its owner moves, for stories without threads.
//!
//! **How to drive it.** As a program: `fundline-exchange run`, `call`, `answer` (see the README of this folder). A script by itself:
//! ```
//! let script = exchange::script::parse("press 1\nexpect zh-CN \"单位净值\" within 20s\nhang up\n", &[])?;
//! assert_eq!(script.steps.len(), 3);
//! # Ok::<(), exchange::script::BadScript>(())
//! ```
//!
//! **Left out.** SIP, and fax.

pub mod client;
pub mod control;
pub mod faults;
pub mod hearing;
pub mod network;
pub mod party;
pub mod report;
pub mod script;

pub use network::{Network, Span};
