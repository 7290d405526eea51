//! What a user agent server looks at before it does anything (RFC 3261 §8.2), in the standard's order.

use crate::headers::field;
use crate::message::{Method, Request, Response};
use crate::params::Params;
use crate::scan::{Scan, elements};
use crate::uri::Uri;
use rsip::Header;

/// Whether a request ends here or goes on to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It ends here: nothing more is forwarded.
    Endpoint,
    /// It goes on: it must have a hop left (RFC 7332 §4).
    Relay,
}

/// What an element can do.
#[derive(Clone, Copy, Debug)]
pub struct Abilities<'a> {
    /// Methods, by name.
    pub methods: &'a [&'a str],
    /// Option tags.
    pub extensions: &'a [&'a str],
    /// Types of bodies, as `application/sdp`.
    pub bodies: &'a [&'a str],
}

/// Why a request is not taken, and what its answer must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// The status.
    pub status: u16,
    /// Instead of the status's own reason.
    pub reason: Option<&'static str>,
    /// Fields that the standard wants with it.
    pub headers: Vec<Header>,
}

impl Rejection {
    fn new(status: u16) -> Self {
        Self { status, reason: None, headers: Vec::new() }
    }

    fn with(status: u16, name: &str, values: &[&str]) -> Self {
        Self { headers: vec![field(name, &values.join(", "))], ..Self::new(status) }
    }

    /// The answer.
    pub fn response(&self, request: &Request, tag: &str) -> Response {
        let mut response = request.respond(self.status, tag);
        if let Some(reason) = self.reason {
            response.reason = reason.to_owned();
        }
        response.common.headers.extend(self.headers.clone());
        response
    }
}

impl Abilities<'_> {
    /// Looks at a request that is no ACK and no CANCEL.
    pub fn screen(&self, request: &Request, role: Role) -> Result<(), Rejection> {
        self.method(request)?;
        if !matches!(request.uri, Uri::Sip(_)) && request.uri.telephone_number().is_none() {
            return Err(Rejection::new(416));
        }
        if role == Role::Relay && request.max_forwards == Some(0) {
            return Err(Rejection::new(483));
        }
        self.extensions(request)?;
        contact(request)?;
        self.body(request)?;
        self.accept(request)
    }

    /// RFC 3261 §8.2.1, §21.5.2.
    fn method(&self, request: &Request) -> Result<(), Rejection> {
        if self.methods.contains(&request.method().as_str()) {
            return Ok(());
        }
        let status = if matches!(request.method(), Method::Known(_)) { 405 } else { 501 };
        Err(Rejection::with(status, "Allow", self.methods))
    }

    /// RFC 3261 §8.2.2.3: what is not known is named.
    fn extensions(&self, request: &Request) -> Result<(), Rejection> {
        let required = request.common.list_of("Require");
        let unknown: Vec<&str> =
            required.filter(|tag| !self.extensions.iter().any(|own| own.eq_ignore_ascii_case(tag))).collect();
        if unknown.is_empty() { Ok(()) } else { Err(Rejection::with(420, "Unsupported", &unknown)) }
    }

    /// RFC 3261 §8.2.3.
    fn body(&self, request: &Request) -> Result<(), Rejection> {
        let common = &request.common;
        if common.body.is_empty() {
            return Ok(());
        }
        let disposition = common.value_of("Content-Disposition").unwrap_or_default();
        let optional = disposition.split(';').any(|part| part.trim().eq_ignore_ascii_case("handling=optional"));
        if common.list_of("Content-Encoding").any(|name| !name.eq_ignore_ascii_case("identity")) && !optional {
            return Err(Rejection::with(415, "Accept-Encoding", &["identity"]));
        }
        let known =
            common.value_of("Content-Type").is_some_and(|kind| self.bodies.iter().any(|own| is_kind(kind, own)));
        if known || optional { Ok(()) } else { Err(Rejection::with(415, "Accept", self.bodies)) }
    }

    /// An INVITE whose sender reads nothing that we write (RFC 3261 §21.4.7).
    fn accept(&self, request: &Request) -> Result<(), Rejection> {
        let mut kinds = request.common.list_of("Accept").peekable();
        if *request.method() != Method::INVITE || kinds.peek().is_none() {
            return Ok(());
        }
        let ours = |kind: &str| self.bodies.iter().any(|own| is_kind(kind, own));
        if kinds.any(ours) { Ok(()) } else { Err(Rejection::new(406)) }
    }
}

/// An INVITE says where the dialog's requests go, by one address (RFC 3261 §8.1.1.8).
fn contact(request: &Request) -> Result<(), Rejection> {
    let mut contacts = request.common.list_of("Contact");
    let one = contacts.next().is_some_and(|value| value != "*") && contacts.next().is_none();
    if *request.method() != Method::INVITE || one {
        return Ok(());
    }
    Err(Rejection { reason: Some("Bad Request (Contact: one address wanted)"), ..Rejection::new(400) })
}

/// Whether a type or range covers `own`.
fn is_kind(value: &str, own: &str) -> bool {
    let mut scan = Scan::new(value);
    let Ok(kind) = scan.token() else { return false };
    let slash = scan.takes_spaced(b'/');
    let Ok(subkind) = scan.token() else { return false };
    if !slash || Params::parse(&mut scan).is_err() {
        return false;
    }
    let (own_kind, own_subkind) = own.split_once('/').unwrap_or((own, ""));
    let covers = |range: &str, own: &str| range == "*" || range.eq_ignore_ascii_case(own);
    covers(kind, own_kind) && covers(subkind, own_subkind)
}

/// Whether the sender of a request knows the extension of this tag.
pub fn supports(request: &Request, tag: &str) -> bool {
    let named = |name: &str| {
        let values = request.common.values_of(name);
        values.flat_map(|value| elements(value).unwrap_or_default()).any(|own| own.eq_ignore_ascii_case(tag))
    };
    named("Supported") || named("Require")
}
