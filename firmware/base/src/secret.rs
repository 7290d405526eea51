//! Values that must not reach a log, a record or a URL.

use alloc::string::{String, ToString};
use core::fmt;

/// A PIN or password. It prints as dots, is overwritten when dropped, and is read only by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let mut octets = core::mem::take(&mut self.0).into_bytes();
        octets.fill(0);
        core::hint::black_box(&octets);
    }
}

/// An account or identity number of which at most the last four characters are shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Masked(String);

impl Masked {
    /// Keeps the last four characters of `text`, stars for the others.
    pub fn new(text: &str) -> Self {
        let total = text.chars().count();
        let shown = if total > 4 { 4 } else { 0 };
        Self(text.chars().enumerate().map(|(at, name)| if at + shown < total { '*' } else { name }).collect())
    }
}

impl fmt::Display for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_secret_prints_as_dots_and_an_account_as_its_last_four() {
        assert_eq!(format!("{:?}", Secret::new("123456")), "Secret(..)");
        assert_eq!(Masked::new("990012345678").to_string(), "********5678");
        assert_eq!(Masked::new("123").to_string(), "***");
    }
}
