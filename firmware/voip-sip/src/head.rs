//! The head of a message as lines: start line, fields with their continuation lines joined.

use crate::fault::{Fault, Place, Problem};
use crate::headers::expanded;
use crate::scan::{is_token, number};
use crate::wire::Limits;
use std::borrow::Cow;

/// A field as it came.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    /// The full name, if it came as a compact one; otherwise as it came.
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl Field<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// A view that shows any text; what is no field is the first trouble and is left out.
#[derive(Clone, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) start: &'a str,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) trouble: Option<Fault>,
}

impl<'a> Head<'a> {
    /// The lines of a head that [`as_text`] gave.
    pub(crate) fn split(text: &'a str, limits: &Limits) -> Self {
        let mut lines = text.split("\r\n");
        let start = lines.next().unwrap_or_default();
        let mut this = Self { start, fields: Vec::new(), trouble: None };
        if !is_text(start) {
            this.note(Place::StartLine, Problem::NoText);
        }
        for (at, line) in lines.enumerate() {
            if this.fields.len() == limits.fields {
                this.note(Place::Head, Problem::TooMany { most: limits.fields });
                break;
            }
            match field(line) {
                Ok(field) => this.fields.push(field),
                Err(problem) => this.note(Place::Line(at + 1), problem),
            }
        }
        this
    }

    fn note(&mut self, place: Place, problem: Problem) {
        self.trouble.get_or_insert(Fault::new(place, problem));
    }

    /// The only value of a field that may be there once.
    pub(crate) fn single(&self, name: &'static str) -> Result<Option<&'a str>, Fault> {
        let mut values = self.fields.iter().filter(|field| field.is(name));
        let first = values.next();
        if values.next().is_some() {
            return Err(Fault::new(Place::Field(name), Problem::Repeated));
        }
        Ok(first.map(|field| field.value))
    }

    /// The announced length of the body.
    pub(crate) fn content_length(&self) -> Result<Option<usize>, Fault> {
        const MOST: u64 = u32::MAX as u64;
        let Some(value) = self.single("Content-Length")? else { return Ok(None) };
        let length = number(value, MOST).map_err(|problem| Fault::new(Place::Field("Content-Length"), problem))?;
        Ok(Some(usize::try_from(length).unwrap_or(usize::MAX)))
    }
}

/// Where the head ends: behind the last line's own CR LF, before the empty line's.
pub(crate) fn end_of_head(octets: &[u8]) -> Option<usize> {
    octets.windows(4).position(|four| four == b"\r\n\r\n")
}

/// What stands before the first line is not part of it (RFC 3261 §7.5).
pub(crate) fn without_empty_lines(mut octets: &[u8]) -> &[u8] {
    while let Some(rest) = octets.strip_prefix(b"\r\n") {
        octets = rest;
    }
    octets
}

/// The head as text. Line ends before white space become white space, so that a folded field is one line (RFC 3261 §7.3.1). Octets
/// that are no UTF-8 become U+FFFD, which the grammar allows nowhere but in text.
pub(crate) fn as_text(head: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(head);
    if !(text.contains("\r\n ") || text.contains("\r\n\t")) {
        return text;
    }
    Cow::Owned(text.replace("\r\n ", "   ").replace("\r\n\t", "   "))
}

fn field(line: &str) -> Result<Field<'_>, Problem> {
    if !is_text(line) {
        return Err(Problem::NoText);
    }
    let (name, value) = line.split_once(':').ok_or(Problem::Syntax { wanted: "a colon", at: line.len() })?;
    let name = name.trim_end_matches([' ', '\t']);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(Problem::Syntax { wanted: "the name of a field", at: 0 });
    }
    Ok(Field { name: expanded(name), value: value.trim_matches([' ', '\t']) })
}

/// No control character but TAB, save behind a backslash, as in a quoted string (RFC 3261 §25.1); no CR or LF that ends no line.
fn is_text(line: &str) -> bool {
    let mut quoted = false;
    line.chars().all(|one| {
        let fits = match one {
            '\r' | '\n' | '\u{FFFD}' => false,
            '\t' => true,
            _ => quoted || !one.is_ascii_control(),
        };
        quoted = one == '\\' && !quoted;
        fits
    })
}
