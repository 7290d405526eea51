//! Addresses: SIP and SIPS URIs by their parts, others as they came.

use crate::fault::Problem;
use crate::params::Params;
use crate::scan::{Scan, is_escaped_text, is_token, is_unreserved, number};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// A host by name or address (RFC 3261 §25.1, with the IPv6 grammar of RFC 5954).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, in brackets on the wire.
    V6(Ipv6Addr),
}

impl Host {
    pub(crate) fn parse(scan: &mut Scan<'_>) -> Result<Self, Problem> {
        let wanted = scan.wanted("a host");
        if scan.takes(b'[') {
            let inside = scan.take(|octet| octet != b']');
            let address = inside.parse().map_err(|_| wanted)?;
            return if scan.takes(b']') { Ok(Self::V6(address)) } else { Err(scan.wanted("a closing bracket")) };
        }
        let text = scan.take(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-'));
        if let Ok(address) = text.parse() {
            return Ok(Self::V4(address));
        }
        let labels = text.strip_suffix('.').unwrap_or(text).split('.');
        let mut top = "";
        for label in labels {
            if label.is_empty() || label.starts_with('-') || label.ends_with('-') {
                return Err(wanted);
            }
            top = label;
        }
        // The last label of a name begins with a letter, so that 1.2.3.4.5 is neither name nor address.
        if top.starts_with(|first: char| first.is_ascii_alphabetic()) {
            Ok(Self::Name(text.to_ascii_lowercase()))
        } else {
            Err(wanted)
        }
    }

    /// `host` and `:port`, if there is one.
    pub(crate) fn parse_with_port(scan: &mut Scan<'_>) -> Result<(Self, Option<u16>), Problem> {
        let host = Self::parse(scan)?;
        let port = if scan.takes_spaced(b':') {
            let digits = scan.take(|octet| octet.is_ascii_digit());
            Some(u16::try_from(number(digits, 65_535)?).unwrap_or_default())
        } else {
            None
        };
        Ok((host, port))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::V4(address) => address.fmt(f),
            Self::V6(address) => write!(f, "[{address}]"),
        }
    }
}

/// An address of the `sip:` or `sips:` scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SipUri {
    /// `sips`.
    pub secure: bool,
    /// Before the `@`, with its escapes.
    pub user: Option<String>,
    /// After the user and a colon, with its escapes.
    pub password: Option<String>,
    /// The host.
    pub host: Host,
    /// Its port.
    pub port: Option<u16>,
    /// Behind semicolons.
    pub params: Params,
    /// Behind the question mark, as it came.
    pub headers: Option<String>,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Uri {
    /// `sip:` or `sips:`.
    Sip(SipUri),
    /// Of another scheme.
    Other {
        /// The scheme, in lower case.
        scheme: String,
        /// All behind the colon.
        rest: String,
    },
}

impl Uri {
    /// Reads the whole of `text`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some(at) = text.find([' ', '\t']) {
            return Err(Problem::Syntax { wanted: "no white space", at });
        }
        let mut scan = Scan::new(text);
        let scheme = scan.take(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.'));
        if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return Err(Problem::Syntax { wanted: "a scheme", at: 0 });
        }
        if !scan.takes(b':') {
            return Err(scan.wanted("the colon of the scheme"));
        }
        let scheme = scheme.to_ascii_lowercase();
        let secure = match scheme.as_str() {
            "sip" => false,
            "sips" => true,
            _ => {
                let rest = scan.take(|octet| octet.is_ascii_graphic() && !matches!(octet, b'<' | b'>' | b'"'));
                scan.end_exactly()?;
                return if rest.is_empty() {
                    Err(scan.wanted("an address"))
                } else {
                    Ok(Self::Other { scheme, rest: rest.to_owned() })
                };
            }
        };
        SipUri::parse(secure, scan).map(Self::Sip)
    }

    /// The scheme, in lower case.
    pub fn scheme(&self) -> &str {
        match self {
            Self::Sip(SipUri { secure: false, .. }) => "sip",
            Self::Sip(SipUri { secure: true, .. }) => "sips",
            Self::Other { scheme, .. } => scheme,
        }
    }
}

impl Uri {
    /// Whether two addresses are equivalent (RFC 3261 §19.1.4).
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sip(one), Self::Sip(other)) => one.is_same(other),
            (one, other) => one == other,
        }
    }

    /// The telephone number of a `tel:` address, or of a SIP address that carries one (RFC 3966 §3): `+` first if it is global,
    /// without separators.
    pub fn telephone_number(&self) -> Option<String> {
        let text = match self {
            Self::Sip(uri) => uri.user_text()?,
            Self::Other { scheme, rest } if scheme == "tel" => rest.clone(),
            Self::Other { .. } => return None,
        };
        let number = text.split(';').next().unwrap_or_default();
        let plus = number.starts_with('+');
        let digits: String = number.chars().filter(|one| !matches!(one, '-' | '.' | '(' | ')')).collect();
        let is_number = |one: char| one.is_ascii_digit() || matches!(one, '*' | '#');
        let mut rest = digits.chars().skip(usize::from(plus)).peekable();
        (rest.peek().is_some() && rest.all(is_number)).then_some(digits)
    }
}

/// The text with its escapes resolved; `None` where they are no UTF-8.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let pair = behind.get(..2).filter(|_| first == b'%').and_then(|pair| str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = &behind[2..];
            }
            None => {
                octets.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8(octets).ok()
}

impl SipUri {
    /// A SIP address of this user, escaped where it must be, at this host.
    pub fn new(user: &str, host: Host, port: Option<u16>) -> Self {
        let mut escaped = String::new();
        for octet in user.bytes() {
            if is_unreserved(octet) || b"&=+$,;?/".contains(&octet) {
                escaped.push(char::from(octet));
            } else {
                escaped.push_str(&format!("%{octet:02X}"));
            }
        }
        let user = Some(escaped).filter(|user| !user.is_empty());
        Self { secure: false, user, password: None, host, port, params: Params::new(), headers: None }
    }

    fn is_same(&self, other: &Self) -> bool {
        /// These count where only one side has them.
        const WEIGHTY: [&str; 5] = ["transport", "user", "ttl", "method", "maddr"];
        let users = self.user_text() == other.user_text() && self.password == other.password;
        let places = self.secure == other.secure && self.host == other.host && self.port == other.port;
        let same = |own: Option<&str>, other: Option<&str>| match (own, other) {
            (Some(own), Some(other)) => own.eq_ignore_ascii_case(other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let weighty = WEIGHTY.iter().all(|name| same(self.params.value_of(name), other.params.value_of(name)));
        let others = self
            .params
            .names()
            .all(|name| !other.params.has(name) || same(self.params.value_of(name), other.params.value_of(name)));
        users && places && weighty && others && self.headers == other.headers
    }

    /// The user without escapes.
    pub fn user_text(&self) -> Option<String> {
        self.user.as_deref().and_then(unescaped)
    }

    /// The header field of this name behind the question mark, without escapes (RFC 3261 §19.1.1).
    pub fn header(&self, name: &str) -> Option<String> {
        let mut pairs = self.headers.as_deref()?.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(own, _)| unescaped(own).is_some_and(|own| own.eq_ignore_ascii_case(name)))?;
        unescaped(value)
    }

    fn parse(secure: bool, mut scan: Scan<'_>) -> Result<Self, Problem> {
        let (mut user, mut password) = (None, None);
        if let Some((before, _)) = scan.rest().split_once('@') {
            let wanted = scan.wanted("a user");
            let (name, secret) = match before.split_once(':') {
                Some((name, secret)) => (name, Some(secret)),
                None => (before, None),
            };
            let fits = !name.is_empty()
                && is_escaped_text(name, b"&=+$,;?/")
                && secret.is_none_or(|secret| is_escaped_text(secret, b"&=+$,"));
            if !fits {
                return Err(wanted);
            }
            scan.take(|octet| octet != b'@');
            scan.takes(b'@');
            (user, password) = (Some(name.to_owned()), secret.map(str::to_owned));
        }
        let (host, port) = Host::parse_with_port(&mut scan)?;
        let mut params = Params::new();
        while scan.takes(b';') {
            let is_part = |octet: u8| !matches!(octet, b';' | b'=' | b'?' | b'<' | b'>' | b' ');
            let wanted = scan.wanted("a parameter");
            let name = scan.take(is_part);
            let value = if scan.takes(b'=') { Some(scan.take(is_part)) } else { None };
            let fits = |text: &str| !text.is_empty() && is_escaped_text(text, b"[]/:&+$");
            if !fits(name) || value.is_some_and(|value| !fits(value)) {
                return Err(wanted);
            }
            params.push(name, value);
        }
        let mut headers = None;
        if scan.takes(b'?') {
            let wanted = scan.wanted("header fields");
            let text = scan.take(|octet| !matches!(octet, b'<' | b'>' | b' '));
            if text.is_empty() || !is_escaped_text(text, b"[]/?:+$&=") {
                return Err(wanted);
            }
            headers = Some(text.to_owned());
        }
        scan.end_exactly()?;
        Ok(Self { secure, user, password, host, port, params, headers })
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sip(uri) => uri.fmt(f),
            Self::Other { scheme, rest } => write!(f, "{scheme}:{rest}"),
        }
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "sips:" } else { "sip:" })?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
            if let Some(password) = &self.password {
                write!(f, ":{password}")?;
            }
            f.write_str("@")?;
        }
        self.host.fmt(f)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)?;
        self.headers.iter().try_for_each(|headers| write!(f, "?{headers}"))
    }
}

/// `host` or `host:port`, as in Via.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SentBy {
    /// The host.
    pub host: Host,
    /// Its port, if named.
    pub port: Option<u16>,
}

impl fmt::Display for SentBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.host.fmt(f)?;
        self.port.iter().try_for_each(|port| write!(f, ":{port}"))
    }
}

/// Whether `text` is one token.
pub(crate) fn is_one_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token)
}
