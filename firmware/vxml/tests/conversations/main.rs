//! Stories of callers and documents, told to the interpreter without a clock, a line or a server.
#![allow(missing_docs)]

mod driver;
mod forms;
