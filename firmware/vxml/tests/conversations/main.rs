//! Stories of callers and documents, told to the interpreter without a clock, a line or a server.
#![allow(missing_docs)]

mod driver;
mod ends;
mod events;
mod forms;
mod input;
mod limits;
mod prompts;
mod random;
mod scripts;
mod sensitive;
mod subdialogs;
mod transfers;
mod transitions;
