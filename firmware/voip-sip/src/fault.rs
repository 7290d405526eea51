//! What is wrong with a message, where, and which status says so.

use core::fmt;

/// Where in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Request line or status line.
    StartLine,
    /// The address in the request line.
    RequestUri,
    /// A line of the header section, counted from 1 with the start line; a folded field counts where it begins.
    Line(usize),
    /// A header field by name.
    Field(&'static str),
    /// The header section as a whole.
    Head,
    /// What follows the empty line.
    Body,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StartLine => f.write_str("start line"),
            Self::RequestUri => f.write_str("Request-URI"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Field(name) => f.write_str(name),
            Self::Head => f.write_str("header section"),
            Self::Body => f.write_str("body"),
        }
    }
}

/// What is wrong there. No text of the message is repeated: it may name people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The grammar wants something else.
    #[error("{wanted} wanted at octet {at}")]
    Syntax {
        /// What the grammar wants.
        wanted: &'static str,
        /// The octet of the value, from 0.
        at: usize,
    },
    /// Octets that are no UTF-8 text, or a control character.
    #[error("octets that are no text")]
    NoText,
    /// A carriage return or line feed alone, or none at the end.
    #[error("a line does not end in CR LF")]
    LineEnd,
    /// A number outside its range.
    #[error("a number up to {most} wanted")]
    Number {
        /// The highest.
        most: u64,
    },
    /// A field that must be there.
    #[error("the field is missing")]
    Missing,
    /// A field that may be there once.
    #[error("the field is there more than once")]
    Repeated,
    /// Method in the request line and in CSeq differ (RFC 3261 §8.1.1.5).
    #[error("the method differs from the one in the request line")]
    OtherMethod {
        /// Whether the request line's method is one of the standards.
        known: bool,
    },
    /// Another version than SIP/2.0.
    #[error("SIP/2.0 wanted")]
    Version,
    /// The body ends before its announced length.
    #[error("{announced} octets announced, {came} came")]
    Short {
        /// By Content-Length.
        announced: usize,
        /// In the datagram.
        came: usize,
    },
    /// More header fields than the limit.
    #[error("more than {most} fields")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// Its sender takes too long over it.
    #[error("the message came too slowly")]
    TooSlow,
    /// Longer than the limit.
    #[error("longer than {most} octets")]
    TooLong {
        /// The limit.
        most: usize,
    },
}

impl Problem {
    /// The same, where the value read began at `base` of a longer one.
    pub(crate) fn moved(self, base: usize) -> Self {
        if let Self::Syntax { wanted, at } = self { Self::Syntax { wanted, at: at + base } } else { self }
    }
}

/// A fault of a message: the place and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

impl Fault {
    pub(crate) const fn new(place: Place, problem: Problem) -> Self {
        Self { place, problem }
    }

    /// The status that the standard has for it, should the message be a request.
    pub const fn status(&self) -> u16 {
        match (&self.place, &self.problem) {
            // RFC 3261 §21.4.11, §21.4.12, §21.5.7: what is too long decides.
            (Place::RequestUri, Problem::TooLong { .. }) => 414,
            (Place::Body, Problem::TooLong { .. }) => 413,
            (_, Problem::TooLong { .. } | Problem::TooMany { .. }) => 513,
            (_, Problem::Version) => 505,
            (_, Problem::TooSlow) => 408,
            // RFC 4475 §3.1.2.18: a method yet to be invented may have rules of its own.
            (_, Problem::OtherMethod { known: false }) => 501,
            (
                _,
                Problem::Syntax { .. }
                | Problem::NoText
                | Problem::LineEnd
                | Problem::Number { .. }
                | Problem::Missing
                | Problem::Repeated
                | Problem::OtherMethod { known: true }
                | Problem::Short { .. },
            ) => 400,
        }
    }
}
