//! What is wrong with a document, where, and what to do about it.

use core::fmt;

/// One fault of a document or grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, counted from 1; 0 where the fault has no place.
    pub row: u32,
    /// Character of that line, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, column, what, remedy } = self;
        if *row > 0 {
            write!(f, "{row}:{column}: ")?;
        }
        write!(f, "{what}")?;
        if remedy.is_empty() { Ok(()) } else { write!(f, "; {remedy}") }
    }
}

impl core::error::Error for Fault {}

/// Where something stands in its document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) row: u32,
    pub(crate) column: u32,
}

impl Place {
    /// A fault at this place.
    pub(crate) fn fault(self, what: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault { row: self.row, column: self.column, what: what.into(), remedy: remedy.into() }
    }
}

/// An address without what may name a customer: its query is left out of logs and messages.
pub(crate) fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or(address)
}
