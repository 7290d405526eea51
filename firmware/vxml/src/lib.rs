//! The VoiceXML interpreter as a pure machine.
mod api;
mod document;
mod fault;
mod grammar;
mod machine;
mod script;
pub use api::*;
pub use fault::Fault;
pub use machine::Interpreter;
