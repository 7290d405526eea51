//! Variables in the standard's scopes (VoiceXML 2.0 §5.1.2), and ECMAScript over them.
//!
//! The engine is made at the first expression that needs one. Until then variables live in plain maps, which answers
//! literals and names; from then on they live in the engine.

mod engine;
mod value;

pub(crate) use engine::{Chain, Engine, ScopeId, ScriptError};
pub(crate) use value::{Value, is_name, path};
