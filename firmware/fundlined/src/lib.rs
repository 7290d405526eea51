//! The box's main process: cards, engine, signaling, calls, routes and records.
//!
//! **What it does.** Answers calls on its spans as the routing table says, lets applications of `fundline-ivr` speak with callers,
//! connects callers to telephones, keeps a record and a recording of every call, and tells `fundline-web` what goes on.
//!
//! **How it works.** [`core`] is the whole box as one machine without clock, socket or thread; `tests/scenario` runs it in memory on a
//! clock that jumps. Round it stand thin shells: [`cards`] opens the spans, `media_io` runs the engine's thread, [`clips`] reads prompts,
//! [`recorder`] leads recorded blocks to `records_io`, [`server`] speaks with the other processes and [`supervise`] keeps them running.
//! One loop joins them: it takes what happened, hands it to the core and carries out what the core wants.
//!
//! **How to drive it.** `fundlined --root DIR` runs; `--check` only reads the configuration. Exit status 0: asked to stop, or the
//! configuration is good; 1: it cannot run; 2: the configuration has faults, each told as file, line, what is wrong and what is expected.
//!
//! ```
//! let text = "[box]\nname = 'x'\n[[span]]\nname = 's'\ncard = 'lab'\n";
//! let faults = config::parse("fundline.toml", text).unwrap_err();
//! assert!(faults[0].to_string().starts_with("fundline.toml:3:1: card \"lab\" wants `dir`"));
//! ```
//!
//! **Left out.** Queues and agents, CTI, fax: processes and machines of their own will join here.
//!
//! **References.** ECMA-269 9th edition for calls and events; Q.931 (05/98) by way of `sig_pri`.

pub mod cards;
pub mod clips;
pub mod core;
mod daemon;
pub mod paths;
pub mod recorder;
pub mod run;
pub mod server;
pub mod supervise;
