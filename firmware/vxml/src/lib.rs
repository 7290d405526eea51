//! The VoiceXML interpreter as a pure machine.
#![allow(dead_code, unused_imports)]
mod api;
mod machine;
mod script;
pub use api::*;
pub use machine::Interpreter;
