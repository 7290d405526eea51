//! The calls of a machine that live, by what is done and said: a book kept beside it.

use ports::call::{Inband, Primitive};
use std::collections::BTreeSet;
use std::fmt::Display;

/// Each call is given or offered once, lives, and is released once; nothing is said of it before or after.
pub(crate) struct Living<C>(BTreeSet<C>);

impl<C: Copy + Ord + Display> Living<C> {
    pub(crate) const fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// The machine took a call of ours.
    pub(crate) fn placed(&mut self, call: C) {
        assert!(self.0.insert(call), "{call} was given twice");
    }

    /// The machine told the call model.
    pub(crate) fn told(&mut self, call: C, primitive: &Primitive) {
        match primitive {
            Primitive::Setup(_) => assert!(self.0.insert(call), "{call} was offered twice"),
            Primitive::Released { .. } => assert!(self.0.remove(&call), "{call} was released twice"),
            _ => assert!(self.0.contains(&call), "{primitive:?} of {call}, which is over"),
        }
    }

    /// One of them, if there are any.
    pub(crate) fn one(&self, which: u8) -> Option<C> {
        self.0.iter().nth(usize::from(which) % self.0.len().max(1)).copied()
    }

    /// All of them as they are now.
    pub(crate) fn all(&self) -> Vec<C> {
        self.0.iter().copied().collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What ends any call.
pub(crate) const HANG_UP: Primitive =
    Primitive::Clearing { cause: base::Cause::NORMAL_CLEARING, inband: Inband::Silent };
