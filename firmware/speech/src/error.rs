//! Why a text cannot be spoken.

/// Why a text cannot be spoken as asked. Carries places and kinds, never the text, which may be a customer's balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSpeakable {
    /// Nothing to say.
    #[error("text to speak: empty")]
    Empty,
    /// More characters than one request may have ([`crate::MAX_CHARS`]).
    #[error("text to speak: {chars} characters, at most {limit} in one prompt: cut it into several")]
    TooLong {
        /// Characters asked for.
        chars: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// A character that the kind of value does not have. Positions count from 1.
    #[error("{what}: unexpected character at position {position}")]
    Unexpected {
        /// The kind of value, in words.
        what: &'static str,
        /// Position of the character, from 1.
        position: usize,
    },
    /// The value ends where more is needed.
    #[error("{what}: more digits wanted at the end")]
    Unfinished {
        /// The kind of value, in words.
        what: &'static str,
    },
    /// More digits than there are words for.
    #[error("{what}: {digits} digits, at most {limit}: read it digit by digit")]
    TooManyDigits {
        /// The kind of value, in words.
        what: &'static str,
        /// Digits found.
        digits: usize,
        /// Digits allowed.
        limit: usize,
    },
    /// A month, day, hour, minute or second that does not exist.
    #[error("{what}: no such {part}")]
    OutOfRange {
        /// The kind of value, in words.
        what: &'static str,
        /// The part at fault.
        part: &'static str,
    },
}
