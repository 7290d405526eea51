//! The fields that every message has, by their parts.

use crate::fault::Problem;
use crate::message::Method;
use crate::params::Params;
use crate::scan::{Scan, number};
use crate::uri::{Host, SentBy, Uri, is_one_token};
use core::fmt;
use core::net::{IpAddr, SocketAddr};

/// What a branch begins with that is unique in space and time (RFC 3261 §8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// One value of Via.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// `UDP`, `TCP`, `TLS`, `WS` or another token, as it came.
    pub transport: String,
    /// Who sent it, by itself.
    pub sent_by: SentBy,
    /// Branch, received, rport and others.
    pub params: Params,
}

impl Via {
    /// Reads one value of the field.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let name = scan.token()?;
        let slash = scan.takes_spaced(b'/');
        let version = scan.token()?;
        if !slash || !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return Err(Problem::Version);
        }
        if !scan.takes_spaced(b'/') {
            return Err(scan.wanted("a transport"));
        }
        let transport = scan.token()?.to_owned();
        if !matches!(scan.peek(), Some(b' ' | b'\t')) {
            return Err(scan.wanted("white space"));
        }
        scan.space();
        let (host, port) = Host::parse_with_port(&mut scan)?;
        let params = Params::parse(&mut scan)?;
        if params.repeats("branch") {
            return Err(Problem::Repeated);
        }
        Ok(Self { transport, sent_by: SentBy { host, port }, params })
    }

    /// The branch, if it is unique by itself: with the cookie and something behind it (RFC 3261 §17.2.3, RFC 4475 §3.2.1).
    pub fn unique_branch(&self) -> Option<&str> {
        let branch = self.params.value_of("branch")?;
        let cookie = branch.get(..MAGIC_COOKIE.len())?;
        (cookie.eq_ignore_ascii_case(MAGIC_COOKIE) && branch.len() > MAGIC_COOKIE.len()).then_some(branch)
    }

    /// Notes where the request came from (RFC 3261 §18.2.1, RFC 3581 §4).
    pub fn note_source(&mut self, source: SocketAddr) {
        let by_name = match self.sent_by.host {
            Host::Name(_) => true,
            Host::V4(address) => source.ip() != IpAddr::V4(address),
            Host::V6(address) => source.ip() != IpAddr::V6(address),
        };
        let rport = self.params.has("rport");
        if by_name || rport {
            self.params.set("received", &source.ip().to_string());
        }
        if rport {
            self.params.set("rport", &source.port().to_string());
        }
    }

    /// Where a response over UDP goes, for a request from `source` (RFC 3261 §18.2.2, RFC 3581 §4). The host is never another than
    /// the source's, whatever the field says: nobody else is sent what he did not ask for.
    pub fn response_address(&self, source: SocketAddr) -> SocketAddr {
        if self.params.has("rport") {
            return source;
        }
        SocketAddr::new(source.ip(), self.sent_by.port.filter(|&port| port != 0).unwrap_or(5060))
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}{}", self.transport, self.sent_by, self.params)
    }
}

/// A party by name and address: From, To, Contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name shown, as it came, quotation marks and all.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// Tag and others.
    pub params: Params,
}

impl Party {
    /// Reads one value of the field.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        scan.space();
        let mut display = None;
        if scan.peek() == Some(b'"') {
            display = Some(scan.quoted()?.to_owned());
            scan.space();
        } else if scan.rest().contains('<') {
            display = Self::words(&mut scan)?;
        }
        let (text, base) = if display.is_some() || scan.peek() == Some(b'<') {
            if !scan.takes(b'<') {
                return Err(scan.wanted("an opening bracket"));
            }
            let base = scan.offset();
            let text = scan.take(|octet| octet != b'>');
            if !scan.takes(b'>') {
                return Err(scan.wanted("a closing bracket"));
            }
            (text, base)
        } else {
            // RFC 3261 §20.10: without brackets what stands behind a semicolon is the field's, and a comma or question mark may not be there.
            let base = scan.offset();
            let text = scan.take(|octet| !matches!(octet, b';' | b' ' | b'\t'));
            if let Some(at) = text.find([',', '?']) {
                return Err(Problem::Syntax { wanted: "brackets round the address", at: base + at });
            }
            (text, base)
        };
        let uri = Uri::parse(text).map_err(|problem| problem.moved(base))?;
        let params = Params::parse(&mut scan)?;
        if params.repeats("tag") {
            return Err(Problem::Repeated);
        }
        if params.has("tag") && !params.value_of("tag").is_some_and(is_one_token) {
            return Err(scan.wanted("the value of tag"));
        }
        Ok(Self { display, uri, params })
    }

    /// Tokens before the bracket.
    fn words(scan: &mut Scan<'_>) -> Result<Option<String>, Problem> {
        let mut words = Vec::new();
        while scan.peek() != Some(b'<') {
            words.push(scan.token()?);
            scan.space();
        }
        Ok(if words.is_empty() { None } else { Some(words.join(" ")) })
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.params.value_of("tag")
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{display} ")?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// CSeq: the number, below 2^31 (RFC 3261 §8.1.1.5), and the method.
pub(crate) fn sequence(value: &str) -> Result<(u32, Method), Problem> {
    const MOST: u64 = (1 << 31) - 1;
    let mut scan = Scan::new(value);
    let digits = scan.take(|octet| octet.is_ascii_digit());
    if digits.is_empty() {
        return Err(scan.wanted("a number"));
    }
    let number = u32::try_from(number(digits, MOST)?).map_err(|_| Problem::Number { most: MOST })?;
    if !matches!(scan.peek(), Some(b' ' | b'\t')) {
        return Err(scan.wanted("white space"));
    }
    scan.space();
    let method = Method::named(scan.token()?);
    scan.end()?;
    Ok((number, method))
}

/// Call-ID: a word, or two joined by `@` (RFC 3261 §25.1).
pub(crate) fn call_id(value: &str) -> Result<String, Problem> {
    let is_word = |octet: u8| {
        octet.is_ascii_graphic() && !matches!(octet, b'@' | b',' | b';' | b'=' | b'&' | b'$' | b'#' | b'|' | b'^')
    };
    let mut scan = Scan::new(value);
    for part in 0..2 {
        if scan.take(is_word).is_empty() {
            return Err(scan.wanted("a word"));
        }
        if part == 0 && !scan.takes(b'@') {
            break;
        }
    }
    scan.end()?;
    Ok(value.trim().to_owned())
}
