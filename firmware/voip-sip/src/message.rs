//! Messages that cannot be wrong: the fields that transactions live by are values, the others text.

use crate::fields::{Party, Via};
use crate::headers::parts;
use crate::reason::phrase;
use crate::scan::elements;
use crate::uri::Uri;
use core::fmt;
use rsip::{Header, Headers};

/// A method: one of the standards', or a token that may become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// RFC 3261 and its extensions.
    Known(rsip::Method),
    /// Any other token.
    Other(String),
}

/// rsip's list; its `all` would allocate.
const METHODS: [rsip::Method; 14] = [
    rsip::Method::Ack,
    rsip::Method::Bye,
    rsip::Method::Cancel,
    rsip::Method::Info,
    rsip::Method::Invite,
    rsip::Method::Message,
    rsip::Method::Notify,
    rsip::Method::Options,
    rsip::Method::PRack,
    rsip::Method::Publish,
    rsip::Method::Refer,
    rsip::Method::Register,
    rsip::Method::Subscribe,
    rsip::Method::Update,
];

const fn name(method: rsip::Method) -> &'static str {
    match method {
        rsip::Method::Ack => "ACK",
        rsip::Method::Bye => "BYE",
        rsip::Method::Cancel => "CANCEL",
        rsip::Method::Info => "INFO",
        rsip::Method::Invite => "INVITE",
        rsip::Method::Message => "MESSAGE",
        rsip::Method::Notify => "NOTIFY",
        rsip::Method::Options => "OPTIONS",
        rsip::Method::PRack => "PRACK",
        rsip::Method::Publish => "PUBLISH",
        rsip::Method::Refer => "REFER",
        rsip::Method::Register => "REGISTER",
        rsip::Method::Subscribe => "SUBSCRIBE",
        rsip::Method::Update => "UPDATE",
    }
}

impl Method {
    /// INVITE.
    pub const INVITE: Self = Self::Known(rsip::Method::Invite);
    /// ACK.
    pub const ACK: Self = Self::Known(rsip::Method::Ack);
    /// CANCEL.
    pub const CANCEL: Self = Self::Known(rsip::Method::Cancel);

    /// The method of this name. Methods are compared by case (RFC 3261 §7.1), which rsip does not do.
    pub(crate) fn named(token: &str) -> Self {
        match METHODS.into_iter().find(|&method| name(method) == token) {
            Some(method) => Self::Known(method),
            None => Self::Other(token.to_owned()),
        }
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(method) => name(*method),
            Self::Other(token) => token,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What requests and responses both have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    /// Via, the topmost first; never empty in a message that was read.
    pub vias: Vec<Via>,
    /// From.
    pub from: Party,
    /// To.
    pub to: Party,
    /// Call-ID.
    pub call_id: String,
    /// The number of CSeq.
    pub sequence: u32,
    /// The method of CSeq: of a request its own.
    pub method: Method,
    /// All other fields but Content-Length and Max-Forwards, in their order.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
}

impl Common {
    /// The value of the first field of this name among the others.
    pub fn value_of(&self, name: &str) -> Option<&str> {
        self.headers.iter().map(parts).find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The values of all fields of this name among the others.
    pub fn values_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().map(parts).filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The elements of a list that may stand in several fields; what is no list counts as one element.
    pub fn list_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values_of(name).flat_map(|value| elements(value).unwrap_or_else(|_| vec![value]))
    }
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The address in the request line.
    pub uri: Uri,
    /// Max-Forwards; RFC 2543 knew none.
    pub max_forwards: Option<u8>,
    /// Fields and body.
    pub common: Common,
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// 100 to 699.
    pub status: u16,
    /// The reason, for people.
    pub reason: String,
    /// Fields and body.
    pub common: Common,
}

/// Either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A request.
    Request(Request),
    /// A response.
    Response(Response),
}

impl Message {
    /// Fields and body.
    pub const fn common(&self) -> &Common {
        match self {
            Self::Request(request) => &request.common,
            Self::Response(response) => &response.common,
        }
    }
}

impl Request {
    /// The method.
    pub const fn method(&self) -> &Method {
        &self.common.method
    }

    /// A response by RFC 3261 §8.2.6.2: Via, From, To, Call-ID and CSeq as they came, To with `tag` unless it has one or the status is 100.
    pub fn respond(&self, status: u16, tag: &str) -> Response {
        let mut to = self.common.to.clone();
        if status > 100 && to.tag().is_none() {
            to.params.set("tag", tag);
        }
        // Only a 100 gives the time stamp back (RFC 3261 §8.2.6.1).
        let echoed = |header: &&Header| status == 100 && matches!(header, Header::Timestamp(_));
        let headers: Vec<Header> = self.common.headers.iter().filter(echoed).cloned().collect();
        Response {
            status,
            reason: phrase(status).to_owned(),
            common: Common {
                vias: self.common.vias.clone(),
                from: self.common.from.clone(),
                to,
                call_id: self.common.call_id.clone(),
                sequence: self.common.sequence,
                method: self.common.method.clone(),
                headers: headers.into(),
                body: Vec::new(),
            },
        }
    }

    /// The ACK of a response that is no success, within the INVITE's transaction (RFC 3261 §17.1.1.3).
    pub fn ack(&self, response: &Response) -> Self {
        let mut ack = self.hop_by_hop(Method::ACK);
        ack.common.to = response.common.to.clone();
        ack
    }

    /// The CANCEL of this request (RFC 3261 §9.1).
    pub fn cancel(&self) -> Self {
        self.hop_by_hop(Method::CANCEL)
    }

    /// A request of the same hop: topmost Via, routes, identity.
    fn hop_by_hop(&self, method: Method) -> Self {
        let routes: Vec<Header> =
            self.common.headers.iter().filter(|one| matches!(one, Header::Route(_))).cloned().collect();
        let common = Common {
            vias: self.common.vias.first().cloned().into_iter().collect(),
            from: self.common.from.clone(),
            to: self.common.to.clone(),
            call_id: self.common.call_id.clone(),
            sequence: self.common.sequence,
            method,
            headers: routes.into(),
            body: Vec::new(),
        };
        Self { uri: self.uri.clone(), max_forwards: Some(70), common }
    }
}
