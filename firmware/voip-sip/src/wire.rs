//! Octets to messages, strictly, and the answer to a request that is none.

use crate::fault::{Fault, Place, Problem};
use crate::fields::{Party, Via, call_id, sequence};
use crate::head::{Field, Head, as_text, end_of_head, without_empty_lines};
use crate::headers::field;
use crate::message::{Common, Message, Method, Request, Response};
use crate::reason::phrase;
use crate::scan::{elements, is_token, number};
use crate::uri::Uri;
use core::fmt;
use core::net::SocketAddr;
use std::borrow::Cow;

/// How much of a message is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets up to the empty line, with it.
    pub head: usize,
    /// Octets of the Request-URI.
    pub uri: usize,
    /// Header fields.
    pub fields: usize,
    /// Octets of the body.
    pub body: usize,
}

/// More than any telephone or proxy sends, and little enough for a thousand connections.
impl Default for Limits {
    fn default() -> Self {
        Self { head: 16 * 1024, uri: 2048, fields: 160, body: 64 * 1024 }
    }
}

/// Octets that are no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct Refused {
    /// What is wrong.
    pub fault: Fault,
    /// What a request is answered with; nothing where it is an ACK or a response, or the way back cannot be read.
    pub answer: Option<Box<Answer>>,
}

/// The answer to a faulty request: the fields that it must repeat, as far as they came, as they came (RFC 3261 §8.2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    reason: String,
    top: Via,
    fields: Vec<(&'static str, String)>,
}

impl Answer {
    /// The status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Where it goes over UDP, and its octets, for a request from `source`.
    pub fn to_octets(&self, source: SocketAddr) -> (SocketAddr, Vec<u8>) {
        let mut top = self.top.clone();
        top.note_source(source);
        let fields: String = self.fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (status, reason) = (self.status, &self.reason);
        let text = format!("SIP/2.0 {status} {reason}\r\nVia: {top}\r\n{fields}Content-Length: 0\r\n\r\n");
        (self.top.response_address(source), text.into_bytes())
    }
}

/// Reads one message: a datagram, or what [`crate::Framer`] cut out of a stream.
pub fn parse(octets: &[u8], limits: &Limits) -> Result<Message, Refused> {
    let octets = without_empty_lines(octets);
    let without_answer = |place, problem| Refused { fault: Fault::new(place, problem), answer: None };
    let Some(end) = end_of_head(&octets[..octets.len().min(limits.head)]) else {
        let too_long = octets.len() > limits.head;
        let problem = if too_long { Problem::TooLong { most: limits.head } } else { Problem::LineEnd };
        return Err(without_answer(Place::Head, problem));
    };
    let text = as_text(&octets[..end]);
    let head = Head::split(&text, limits);
    let rest = &octets[end + 4..];
    message(&head, rest, limits).map_err(|fault| Refused { answer: answer(&head, &fault), fault })
}

enum Start<'a> {
    Request { method: Method, uri: &'a str },
    Response { status: u16, reason: &'a str },
}

fn message(head: &Head<'_>, rest: &[u8], limits: &Limits) -> Result<Message, Fault> {
    let start = start_line(head.start)?;
    if let Some(trouble) = &head.trouble {
        return Err(trouble.clone());
    }
    singles(head)?;
    let uri = match &start {
        Start::Request { uri, .. } => Some(request_uri(uri, limits)?),
        Start::Response { .. } => None,
    };
    let (sequence, method) = mandatory(head, "CSeq", sequence)?;
    if let Start::Request { method: own, .. } = &start
        && *own != method
    {
        let known = matches!(own, Method::Known(_));
        return Err(Fault::new(Place::Field("CSeq"), Problem::OtherMethod { known }));
    }
    let common = Common {
        vias: vias(head)?,
        from: mandatory(head, "From", Party::parse)?,
        to: mandatory(head, "To", Party::parse)?,
        call_id: mandatory(head, "Call-ID", call_id)?,
        sequence,
        method,
        headers: others(head)?.into(),
        body: body(head, rest, limits)?.to_vec(),
    };
    let hops = head.single("Max-Forwards")?.map(|value| number(value, 255));
    let hops = hops.transpose().map_err(|problem| Fault::new(Place::Field("Max-Forwards"), problem))?;
    let max_forwards = hops.map(|hops| u8::try_from(hops).unwrap_or(u8::MAX));
    Ok(match (start, uri) {
        (Start::Response { status, reason }, _) => {
            Message::Response(Response { status, reason: reason.to_owned(), common })
        }
        (Start::Request { .. }, Some(uri)) => Message::Request(Request { uri, max_forwards, common }),
        (Start::Request { .. }, None) => return Err(Fault::new(Place::RequestUri, Problem::Missing)),
    })
}

/// The request line or status line, with single spaces and nothing behind (RFC 3261 §7.1, §7.2).
fn start_line(line: &str) -> Result<Start<'_>, Fault> {
    let syntax = |wanted, at| Fault::new(Place::StartLine, Problem::Syntax { wanted, at });
    let is_version = |text: &str| {
        let digits = text.get(..4).filter(|name| name.eq_ignore_ascii_case("SIP/")).and_then(|_| text.get(4..));
        let parts = digits.and_then(|digits| digits.split_once('.'));
        parts.is_some_and(|(major, minor)| number(major, 255).is_ok() && number(minor, 255).is_ok())
    };
    let is_ours = |text: &str| text.eq_ignore_ascii_case("SIP/2.0");
    let (first, behind) = line.split_once(' ').ok_or(syntax("a space", line.len()))?;
    if is_version(first) {
        if !is_ours(first) {
            return Err(Fault::new(Place::StartLine, Problem::Version));
        }
        let (digits, reason) = behind.split_once(' ').ok_or(syntax("a space behind the status", line.len()))?;
        let status = digits.parse().ok().filter(|status| digits.len() == 3 && (100..=699).contains(status));
        return Ok(Start::Response { status: status.ok_or(syntax("a status", first.len() + 1))?, reason });
    }
    if first.is_empty() || !first.bytes().all(is_token) {
        return Err(syntax("a method", 0));
    }
    let last = line.rfind(' ').unwrap_or_default() + 1;
    let version = &line[last..];
    if is_version(version) && !is_ours(version) {
        return Err(Fault::new(Place::StartLine, Problem::Version));
    }
    match behind.split_once(' ') {
        Some((uri, version)) if is_ours(version) => Ok(Start::Request { method: Method::named(first), uri }),
        Some(_) | None => Err(syntax("address, one space, SIP/2.0", first.len() + 1)),
    }
}

fn request_uri(text: &str, limits: &Limits) -> Result<Uri, Fault> {
    let fault = |problem| Fault::new(Place::RequestUri, problem);
    if text.len() > limits.uri {
        return Err(fault(Problem::TooLong { most: limits.uri }));
    }
    let uri = Uri::parse(text).map_err(fault)?;
    // RFC 3261 §19.1.1: header fields have no place in a Request-URI.
    if let Uri::Sip(sip) = &uri
        && sip.headers.is_some()
    {
        return Err(fault(Problem::Syntax { wanted: "no header fields", at: text.find('?').unwrap_or_default() }));
    }
    Ok(uri)
}

/// Fields that may be there once (RFC 3261 §7.3.1 and the RFCs that define the others).
const SINGLE: [&str; 26] = [
    "Call-ID",
    "CSeq",
    "From",
    "To",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Content-Disposition",
    "Date",
    "Event",
    "Expires",
    "MIME-Version",
    "Min-Expires",
    "Min-SE",
    "Priority",
    "RAck",
    "Refer-To",
    "Referred-By",
    "Replaces",
    "Reply-To",
    "Retry-After",
    "RSeq",
    "Session-Expires",
    "SIP-ETag",
    "Subscription-State",
    "Timestamp",
];

fn singles(head: &Head<'_>) -> Result<(), Fault> {
    SINGLE.iter().try_for_each(|name| head.single(name).map(|_| ()))
}

fn mandatory<T>(head: &Head<'_>, name: &'static str, read: impl Fn(&str) -> Result<T, Problem>) -> Result<T, Fault> {
    let value = head.single(name)?.ok_or(Fault::new(Place::Field(name), Problem::Missing))?;
    read(value).map_err(|problem| Fault::new(Place::Field(name), problem))
}

fn vias(head: &Head<'_>) -> Result<Vec<Via>, Fault> {
    let fault = |problem| Fault::new(Place::Field("Via"), problem);
    let mut vias = Vec::new();
    for field in head.fields.iter().filter(|field| field.is("Via")) {
        for value in elements(field.value).map_err(fault)? {
            vias.push(Via::parse(value).map_err(fault)?);
        }
    }
    if vias.is_empty() { Err(fault(Problem::Missing)) } else { Ok(vias) }
}

/// The fields that are kept as text; those that route are looked at all the same.
fn others(head: &Head<'_>) -> Result<Vec<rsip::Header>, Fault> {
    const VALUES: [&str; 7] = ["Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length"];
    let kept = head.fields.iter().filter(|own| !VALUES.iter().any(|name| own.is(name)));
    kept.map(|own| checked(own).map(|()| field(own.name, own.value))).collect()
}

fn checked(field: &Field<'_>) -> Result<(), Fault> {
    for (name, read) in
        [("Contact", contacts as fn(&str) -> Result<(), Problem>), ("Route", routes), ("Record-Route", routes)]
    {
        if field.is(name) {
            return read(field.value).map_err(|problem| Fault::new(Place::Field(name), problem));
        }
    }
    Ok(())
}

fn contacts(value: &str) -> Result<(), Problem> {
    if value == "*" {
        return Ok(());
    }
    elements(value)?.into_iter().try_for_each(|one| Party::parse(one).map(|_| ()))
}

fn routes(value: &str) -> Result<(), Problem> {
    elements(value)?.into_iter().try_for_each(|one| {
        let party = Party::parse(one)?;
        let bracketed = one.contains('<');
        (bracketed && matches!(party.uri, Uri::Sip(_)))
            .then_some(())
            .ok_or(Problem::Syntax { wanted: "a SIP address in brackets", at: 0 })
    })
}

fn body<'a>(head: &Head<'_>, rest: &'a [u8], limits: &Limits) -> Result<&'a [u8], Fault> {
    // Without a length the datagram's end is the body's, what lies behind the announced end is dropped (RFC 3261 §18.3).
    let announced = head.content_length()?.unwrap_or(rest.len());
    if announced > limits.body {
        return Err(Fault::new(Place::Body, Problem::TooLong { most: limits.body }));
    }
    rest.get(..announced).ok_or(Fault::new(Place::Body, Problem::Short { announced, came: rest.len() }))
}

/// The answer to what begins like a request, if its topmost Via tells the way back.
pub(crate) fn answer(head: &Head<'_>, fault: &Fault) -> Option<Box<Answer>> {
    let method = head.start.split(' ').next().unwrap_or_default();
    let is_request = !method.is_empty() && method != "ACK" && method.bytes().all(is_token);
    let first = head.fields.iter().find(|field| field.is("Via"))?;
    let values = elements(first.value).ok()?;
    let (top, below) = values.split_first()?;
    let top = Via::parse(top).ok().filter(|_| is_request)?;
    let mut fields: Vec<_> = below.iter().map(|via| ("Via", (*via).to_owned())).collect();
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
        let own = head.fields.iter().filter(|field| field.is(name));
        let own = own.skip(usize::from(name == "Via")).map(|field| tagged(name, field.value, &top));
        fields.extend(own.map(|value| (name, value)));
    }
    Some(Box::new(Answer { status: fault.status(), reason: reason(fault), top, fields }))
}

/// To with a tag, the same each time the request comes (RFC 3261 §8.2.7).
fn tagged(name: &str, value: &str, top: &Via) -> String {
    match Party::parse(value) {
        Ok(mut party) if name == "To" && party.tag().is_none() => {
            let seed = top.to_string();
            // FNV-1a: nothing here is secret.
            let tag = seed.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, octet| {
                (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01B3)
            });
            party.params.set("tag", &format!("{tag:016x}"));
            party.to_string()
        }
        Ok(_) | Err(_) => value.to_owned(),
    }
}

/// The reason tells what is wrong in detail (RFC 3261 §21.4.1).
fn reason(fault: &Fault) -> String {
    format!("{} ({fault})", phrase(fault.status()))
}

impl Message {
    /// The message on the wire.
    pub fn to_octets(&self) -> Vec<u8> {
        match self {
            Self::Request(request) => request.to_octets(),
            Self::Response(response) => response.to_octets(),
        }
    }
}

impl Request {
    /// The request on the wire.
    pub fn to_octets(&self) -> Vec<u8> {
        written(&format_args!("{} {} SIP/2.0", self.common.method, self.uri), self.max_forwards, &self.common)
    }
}

impl Response {
    /// The response on the wire.
    pub fn to_octets(&self) -> Vec<u8> {
        written(&format_args!("SIP/2.0 {:03} {}", self.status, self.reason), None, &self.common)
    }
}

fn written(start: &dyn fmt::Display, max_forwards: Option<u8>, common: &Common) -> Vec<u8> {
    let mut out = Writer(String::with_capacity(1024 + common.body.len()));
    out.line(start);
    common.vias.iter().for_each(|via| out.field("Via", via));
    if let Some(hops) = max_forwards {
        out.field("Max-Forwards", &hops);
    }
    out.field("From", &common.from);
    out.field("To", &common.to);
    out.field("Call-ID", &common.call_id);
    out.field("CSeq", &format_args!("{} {}", common.sequence, common.method));
    for header in common.headers.iter() {
        let (name, value) = crate::headers::parts(header);
        out.field(name, &value);
    }
    out.field("Content-Length", &common.body.len());
    out.0.push_str("\r\n");
    let mut octets = out.0.into_bytes();
    octets.extend_from_slice(&common.body);
    octets
}

/// Lines, each on one line whatever it holds: nobody smuggles a field in through a value.
struct Writer(String);

impl Writer {
    fn line(&mut self, text: &dyn fmt::Display) {
        let begin = self.0.len();
        // Writing into a string cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.0, format_args!("{text}"));
        if let Cow::Owned(clean) = on_one_line(&self.0[begin..]) {
            self.0.replace_range(begin.., &clean);
        }
        self.0.push_str("\r\n");
    }

    fn field(&mut self, name: &str, value: &dyn fmt::Display) {
        self.line(&format_args!("{name}: {value}"));
    }
}

fn on_one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\n']) { Cow::Owned(text.replace(['\r', '\n'], " ")) } else { Cow::Borrowed(text) }
}
