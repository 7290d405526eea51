//! Why the fund system gave no answer, or a refusal.

/// An address that no fund system can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("fund system at \"{address}\": {why}; an address such as http://127.0.0.1:8090 is wanted")]
pub struct BadAddress {
    /// What was given.
    pub address: String,
    /// What is wrong with it.
    pub why: String,
}

/// Why there is no answer. Never holds a PIN, an account or a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FundError {
    /// No fund, or no path, of this name.
    #[error("the fund system knows no such thing")]
    NotFound,
    /// The PIN is not the account's, or there is no such account: the fund system does not say which.
    #[error("wrong account or PIN")]
    WrongPin {
        /// The call has had its tries and must be ended.
        end_call: bool,
    },
    /// The account is locked; the call must be ended.
    #[error("the account is locked")]
    Locked,
    /// The session is over; the customer must give the PIN again.
    #[error("the session with the fund system has ended")]
    SessionEnded,
    /// The question was not as the fund system wants it.
    #[error("the fund system refused the field `{field}`; box and fund system must have the same interface")]
    Refused {
        /// The field's name.
        field: String,
    },
    /// It could not be asked, or could not answer.
    #[error("the fund system is not available: {why}")]
    Unavailable {
        /// What happened.
        why: String,
    },
    /// Its answer was not understood.
    #[error("the fund system's answer was not understood ({why}); box and fund system must have the same interface")]
    Malformed {
        /// What was wrong, without the answer's text.
        why: String,
    },
}

impl FundError {
    /// Whether the fund system wants the call ended.
    #[must_use]
    pub const fn ends_call(&self) -> bool {
        matches!(self, Self::WrongPin { end_call: true } | Self::Locked)
    }
}
