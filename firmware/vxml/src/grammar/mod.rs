//! DTMF grammars: built-in types and SRGS, compiled to one matcher.

mod builtin;
mod matcher;
mod srgs;

pub(crate) use builtin::{BuiltinFault, builtin};
pub(crate) use matcher::{Grammar, Meaning, Progress};
pub(crate) use srgs::{SrgsFault, compile};

use base::Digit;

/// What a grammar accepts (SRGS 1.0 §2): the tree before it is laid out as a program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expansion {
    /// One key out of a set.
    Key(Keys),
    /// One after another.
    Sequence(Vec<Self>),
    /// One of these, the first preferred.
    OneOf(Vec<Self>),
    /// At least `min` times, at most `max` times.
    Repeat { inner: Box<Self>, min: u32, max: Option<u32> },
    /// The rule of that number, expanded in place.
    Rule { number: usize, inner: Box<Self> },
    /// The tag of that number.
    Tag(usize),
    /// Never spoken: makes its sequence impossible (SRGS 1.0 §2.2.3).
    Void,
}

/// A set of keys, one bit each in the order of `Digit::GRID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Keys(u16);

impl Keys {
    /// The keys named in `names`; others are left out.
    pub(crate) fn of(names: &str) -> Self {
        Self(names.chars().filter_map(Digit::new).fold(0, |mask, digit| mask | Self::bit(digit)))
    }

    pub(crate) fn holds(self, digit: Digit) -> bool {
        self.0 & Self::bit(digit) != 0
    }

    fn bit(digit: Digit) -> u16 {
        let (row, column) = digit.grid_position();
        1 << (row * 4 + column)
    }
}

impl Expansion {
    pub(crate) fn key(names: &str) -> Self {
        Self::Key(Keys::of(names))
    }

    pub(crate) fn times(self, min: u32, max: Option<u32>) -> Self {
        Self::Repeat { inner: Box::new(self), min, max }
    }

    /// The keys of `names` one after another.
    pub(crate) fn word(names: &str) -> Self {
        Self::Sequence(names.chars().map(|name| Self::key(&name.to_string())).collect())
    }

    /// The most keys it takes, `None` if there is no bound.
    fn longest(&self) -> Option<u32> {
        match self {
            Self::Key(_) => Some(1),
            Self::Tag(_) | Self::Void => Some(0),
            Self::Sequence(parts) => {
                parts.iter().try_fold(0_u32, |sum, part| Some(sum.saturating_add(part.longest()?)))
            }
            Self::OneOf(parts) => parts.iter().try_fold(0, |most, part| Some(part.longest()?.max(most))),
            Self::Rule { inner, .. } => inner.longest(),
            Self::Repeat { inner, max, .. } => match (inner.longest(), max) {
                (Some(0), _) => Some(0),
                (Some(each), Some(max)) => Some(each.saturating_mul(*max)),
                (None, Some(0)) => Some(0),
                (_, _) => None,
            },
        }
    }
}
