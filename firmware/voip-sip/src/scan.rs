//! Reading a value from left to right by the grammar of RFC 3261 §25.1.

use crate::fault::Problem;

/// Characters of a token.
pub(crate) const fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~')
}

/// Characters that stand for themselves in addresses.
pub(crate) const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')')
}

/// Whether every `%` is followed by two hexadecimal digits and every other octet is unreserved or `also`.
pub(crate) fn is_escaped_text(text: &str, also: &[u8]) -> bool {
    let octets = text.as_bytes();
    octets.iter().enumerate().all(|(at, &octet)| match octet {
        b'%' => octets.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        _ => is_unreserved(octet) || also.contains(&octet),
    })
}

/// A place in a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(crate) const fn wanted(&self, wanted: &'static str) -> Problem {
        Problem::Syntax { wanted, at: self.at }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(crate) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(crate) fn space(&mut self) {
        self.take(|octet| matches!(octet, b' ' | b'\t'));
    }

    /// The longest run of octets that `fits`.
    pub(crate) fn take(&mut self, fits: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let len = rest.bytes().position(|octet| !fits(octet)).unwrap_or(rest.len());
        // A run that ends inside a character of several octets is no run.
        let Some(run) = rest.get(..len) else { return "" };
        self.at += len;
        run
    }

    pub(crate) fn token(&mut self) -> Result<&'a str, Problem> {
        match self.take(is_token) {
            "" => Err(self.wanted("a token")),
            token => Ok(token),
        }
    }

    /// Takes `mark` if it comes next.
    pub(crate) fn takes(&mut self, mark: u8) -> bool {
        let comes = self.peek() == Some(mark);
        self.at += usize::from(comes);
        comes
    }

    /// `mark` with white space around it.
    pub(crate) fn takes_spaced(&mut self, mark: u8) -> bool {
        let mut ahead = *self;
        ahead.space();
        let comes = ahead.takes(mark);
        if comes {
            ahead.space();
            *self = ahead;
        }
        comes
    }

    /// A quoted string, quotes and all.
    pub(crate) fn quoted(&mut self) -> Result<&'a str, Problem> {
        let begin = self.at;
        if !self.takes(b'"') {
            return Err(self.wanted("a quotation mark"));
        }
        loop {
            self.take(|octet| octet != b'"' && octet != b'\\');
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(&self.text[begin..self.at]);
                }
                // RFC 3261 §25.1: what is quoted by a backslash is one ASCII character.
                Some(_) if self.text.as_bytes().get(self.at + 1).is_some_and(u8::is_ascii) => self.at += 2,
                Some(_) | None => return Err(self.wanted("the closing quotation mark")),
            }
        }
    }

    /// Nothing may follow.
    pub(crate) fn end_exactly(&self) -> Result<(), Problem> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.wanted("the end")) }
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), Problem> {
        self.space();
        self.end_exactly()
    }
}

/// Decimal digits alone, up to `most`.
pub(crate) fn number(text: &str, most: u64) -> Result<u64, Problem> {
    let digits = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    // Leading zeros are digits too: 0009 is 9 (RFC 4475 §3.1.1.1).
    text.parse().ok().filter(|&number| digits && number <= most).ok_or(Problem::Number { most })
}

/// The elements of a list, cut at commas outside quotation marks and angle brackets; none may be empty.
pub(crate) fn elements(value: &str) -> Result<Vec<&str>, Problem> {
    let mut found = Vec::new();
    let mut scan = Scan::new(value);
    let (mut begin, mut in_brackets) = (0, false);
    loop {
        scan.take(|octet| !matches!(octet, b'"' | b'<' | b'>' | b','));
        match scan.peek() {
            Some(b'"') if !in_brackets => {
                scan.quoted()?;
                continue;
            }
            Some(b'<') => in_brackets = true,
            Some(b'>') => in_brackets = false,
            Some(b',') if in_brackets => {}
            Some(b',') | None => {
                let element = value.get(begin..scan.at).unwrap_or_default().trim_matches([' ', '\t']);
                if element.is_empty() {
                    return Err(scan.wanted("an element"));
                }
                found.push(element);
                begin = scan.at + 1;
            }
            Some(_) => {}
        }
        if scan.peek().is_none() {
            return Ok(found);
        }
        scan.at += 1;
    }
}
