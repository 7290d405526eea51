//! Parameters behind semicolons.

use crate::fault::Problem;
use crate::scan::{Scan, is_token};
use core::fmt;

/// Parameters in their order, each with its value as it came, quotation marks and all. Names are compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

impl Params {
    /// None.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The generic parameters of a header field, up to the end of the value (RFC 3261 §25.1).
    pub(crate) fn parse(scan: &mut Scan<'_>) -> Result<Self, Problem> {
        let mut params = Self::new();
        while scan.takes_spaced(b';') {
            let name = scan.token()?;
            let value = if scan.takes_spaced(b'=') { Some(Self::value(scan)?) } else { None };
            params.push(name, value);
        }
        scan.end()?;
        Ok(params)
    }

    /// A token, a host or a quoted string. Addresses stand with and without brackets (RFC 5118 §4.5).
    fn value<'a>(scan: &mut Scan<'a>) -> Result<&'a str, Problem> {
        if scan.peek() == Some(b'"') {
            return scan.quoted();
        }
        match scan.take(|octet| is_token(octet) || matches!(octet, b'[' | b']' | b':')) {
            "" => Err(scan.wanted("a value")),
            value => Ok(value),
        }
    }

    pub(crate) fn push(&mut self, name: &str, value: Option<&str>) {
        self.0.push((name.to_owned(), value.map(str::to_owned)));
    }

    /// Whether there is one of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    }

    /// The value of the first of this name.
    pub fn value_of(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?.1.as_deref()
    }

    /// Gives the parameter this value, appending it where it is not there; what is no token is put in quotation marks.
    pub fn set(&mut self, name: &'static str, value: &str) {
        let plain =
            !value.is_empty() && value.bytes().all(|octet| is_token(octet) || matches!(octet, b'[' | b']' | b':'));
        let kept: String = value.chars().filter(|one| !one.is_control() && !matches!(one, '"' | '\\')).collect();
        let value = if plain { kept } else { format!("\"{kept}\"") };
        match self.0.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = Some(value),
            None => self.0.push((name.to_owned(), Some(value))),
        }
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// How many.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a name is there twice, which RFC 3261 §7.3.1 forbids.
    pub(crate) fn repeats(&self, name: &str) -> bool {
        self.0.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).count() > 1
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(name, value)| match value {
            Some(value) => write!(f, ";{name}={value}"),
            None => write!(f, ";{name}"),
        })
    }
}
