//! Values of the fields that calls, transfers and registrations live by, each with its reader and its text.

use crate::fault::Problem;
use crate::fields::{Party, call_id};
use crate::message::{Common, Method};
use crate::params::Params;
use crate::scan::{Scan, elements, number};
use crate::uri::is_one_token;
use core::fmt;

/// Seconds of Expires, Min-Expires, Min-SE (RFC 3261 §20.19).
pub fn seconds(value: &str) -> Result<u32, Problem> {
    let seconds = number(value, u64::from(u32::MAX))?;
    Ok(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// Retry-After: seconds, then perhaps a comment and parameters (RFC 3261 §20.33).
pub fn retry_after(value: &str) -> Result<u32, Problem> {
    let mut scan = Scan::new(value);
    let wait = seconds(scan.take(|octet| octet.is_ascii_digit()))?;
    scan.space();
    if scan.takes(b'(') {
        scan.take(|octet| octet != b')');
        if !scan.takes(b')') {
            return Err(scan.wanted("the end of the comment"));
        }
    }
    Params::parse(&mut scan).map(|_| wait)
}

/// RAck: which provisional response is acknowledged (RFC 3262 §7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RAck {
    /// The response's RSeq.
    pub response: u32,
    /// The number of its CSeq.
    pub sequence: u32,
    /// The method of its CSeq.
    pub method: Method,
}

impl RAck {
    /// Reads the field.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let response = seconds(scan.take(|octet| octet.is_ascii_digit()))?;
        scan.space();
        let sequence = seconds(scan.take(|octet| octet.is_ascii_digit()))?;
        scan.space();
        let method = Method::named(scan.token()?);
        scan.end()?;
        Ok(Self { response, sequence, method })
    }
}

impl fmt::Display for RAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.response, self.sequence, self.method)
    }
}

/// Who refreshes a session (RFC 4028 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answered it.
    Uas,
}

/// Session-Expires (RFC 4028 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionExpires {
    /// The session interval in seconds.
    pub seconds: u32,
    /// Who refreshes, if that is settled.
    pub refresher: Option<Refresher>,
}

impl SessionExpires {
    /// Reads the field.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let interval = seconds(scan.take(|octet| octet.is_ascii_digit()))?;
        let params = Params::parse(&mut scan)?;
        let refresher = match params.value_of("refresher") {
            None => None,
            Some(who) if who.eq_ignore_ascii_case("uac") => Some(Refresher::Uac),
            Some(who) if who.eq_ignore_ascii_case("uas") => Some(Refresher::Uas),
            Some(_) => return Err(scan.wanted("uac or uas")),
        };
        Ok(Self { seconds: interval, refresher })
    }
}

impl fmt::Display for SessionExpires {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refresher {
            None => write!(f, "{}", self.seconds),
            Some(Refresher::Uac) => write!(f, "{};refresher=uac", self.seconds),
            Some(Refresher::Uas) => write!(f, "{};refresher=uas", self.seconds),
        }
    }
}

/// Replaces: the dialog that a new call takes the place of (RFC 3891 §6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// The dialog's Call-ID.
    pub call_id: String,
    /// The tag of who receives the field.
    pub to_tag: String,
    /// The tag of the other party.
    pub from_tag: String,
    /// Only a dialog that is not yet answered.
    pub early_only: bool,
}

impl Replaces {
    /// Reads the field; of a Refer-To the text is [`crate::SipUri::header`]'s.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let id = call_id(scan.take(|octet| octet != b';'))?;
        let params = Params::parse(&mut scan)?;
        let tag = |name| {
            let once = !params.repeats(name);
            params.value_of(name).filter(|tag| once && is_one_token(tag)).ok_or(Problem::Missing).map(str::to_owned)
        };
        Ok(Self {
            call_id: id,
            to_tag: tag("to-tag")?,
            from_tag: tag("from-tag")?,
            early_only: params.has("early-only"),
        })
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};to-tag={};from-tag={}", self.call_id, self.to_tag, self.from_tag)?;
        f.write_str(if self.early_only { ";early-only" } else { "" })
    }
}

/// Reason: why a request is sent, by the protocol that says so (RFC 3326 §2, RFC 8606).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `SIP`, `Q.850` or another.
    pub protocol: String,
    /// Status or cause.
    pub cause: Option<u16>,
    /// For people.
    pub text: Option<String>,
}

impl Reason {
    /// Reads one value of the field.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let protocol = scan.token()?.to_owned();
        let params = Params::parse(&mut scan)?;
        let cause = params.value_of("cause").map(|cause| number(cause, 999)).transpose()?;
        let cause = cause.and_then(|cause| u16::try_from(cause).ok());
        Ok(Self { protocol, cause, text: params.value_of("text").map(unquoted) })
    }

    /// The cause of Q.850 among the message's reasons.
    pub fn q850(common: &Common) -> Option<base::Cause> {
        let mut reasons = common.list_of("Reason").filter_map(|value| Self::parse(value).ok());
        let cause = reasons.find(|reason| reason.protocol.eq_ignore_ascii_case("Q.850"))?.cause?;
        u8::try_from(cause).ok().filter(|cause| (1..=127).contains(cause)).map(base::Cause)
    }
}

impl From<base::Cause> for Reason {
    fn from(cause: base::Cause) -> Self {
        Self { protocol: "Q.850".to_owned(), cause: Some(cause.0.into()), text: Some(cause.words().to_owned()) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)?;
        self.cause.iter().try_for_each(|cause| write!(f, ";cause={cause}"))?;
        self.text.iter().try_for_each(|text| write!(f, ";text={}", quoted(text)))
    }
}

/// Who calls, as the network vouches: SIP and tel addresses of P-Asserted-Identity (RFC 3325 §9.1).
pub fn asserted_identities(common: &Common) -> Vec<Party> {
    common.list_of("P-Asserted-Identity").filter_map(|value| Party::parse(value).ok()).collect()
}

/// Who diverted the call last: the topmost Diversion (RFC 5806 §5).
pub fn diversion(common: &Common) -> Option<Party> {
    common.list_of("Diversion").next().and_then(|value| Party::parse(value).ok())
}

/// User-to-User: octets between the two users (RFC 7433 §4.1).
#[derive(Clone, PartialEq, Eq)]
pub struct UserToUser {
    /// The octets; the first is the protocol discriminator of Q.931 where the purpose is `isdn-uui` (RFC 7434).
    pub octets: Vec<u8>,
    /// What they are for.
    pub purpose: Option<String>,
}

/// Nobody's business but the users'.
impl fmt::Debug for UserToUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserToUser({} octets)", self.octets.len())
    }
}

impl UserToUser {
    /// Reads one value of the field: hexadecimal digits, or a quoted string, by `encoding`.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let text = if scan.peek() == Some(b'"') { unquoted(scan.quoted()?) } else { scan.token()?.to_owned() };
        let params = Params::parse(&mut scan)?;
        let hexadecimal = params.value_of("encoding").is_none_or(|name| name.eq_ignore_ascii_case("hex"));
        let octets = if hexadecimal {
            from_hex(&text).ok_or(Problem::Syntax { wanted: "pairs of hexadecimal digits", at: 0 })?
        } else {
            text.into_bytes()
        };
        Ok(Self { octets, purpose: params.value_of("purpose").map(str::to_owned) })
    }
}

impl fmt::Display for UserToUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.octets))?;
        f.write_str(";encoding=hex")?;
        self.purpose.iter().try_for_each(|purpose| write!(f, ";purpose={purpose}"))
    }
}

/// A challenge or credentials: a scheme and its parameters (RFC 3261 §25.1, RFC 7616 §3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// `Digest`, or another.
    pub scheme: String,
    /// The parameters, each value as it came.
    pub params: Params,
}

impl Authentication {
    /// Reads one field.
    pub fn parse(value: &str) -> Result<Self, Problem> {
        let mut scan = Scan::new(value);
        let scheme = scan.token()?.to_owned();
        let mut params = Params::new();
        for part in elements(scan.rest())? {
            let mut scan = Scan::new(part);
            let name = scan.token()?;
            if !scan.takes_spaced(b'=') {
                return Err(scan.wanted("an equals sign"));
            }
            let value =
                if scan.peek() == Some(b'"') { scan.quoted()? } else { scan.take(|octet| octet.is_ascii_graphic()) };
            scan.end()?;
            if params.has(name) {
                return Err(Problem::Repeated);
            }
            params.push(name, Some(value));
        }
        Ok(Self { scheme, params })
    }

    /// The text of a parameter, without its quotation marks.
    pub fn value_of(&self, name: &str) -> Option<String> {
        self.params.value_of(name).map(unquoted)
    }
}

/// The text of a quoted string; what is no quoted string is its own text.
pub fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut escaped = false;
    let kept = inside.chars().filter(|&one| {
        escaped = one == '\\' && !escaped;
        !escaped
    });
    kept.collect()
}

/// A quoted string of this text.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for one in text.chars().filter(|one| !one.is_control()) {
        if matches!(one, '"' | '\\') {
            out.push('\\');
        }
        out.push(one);
    }
    out.push('"');
    out
}

/// Lower-case hexadecimal digits.
pub(crate) fn to_hex(octets: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect()
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let octets = pairs.iter().map(|&[high, low]| Some(value(high)? << 4 | value(low)?)).collect::<Option<Vec<u8>>>();
    octets.filter(|_| odd.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uri;

    #[track_caller]
    fn same<T: fmt::Display>(read: Result<T, Problem>, text: &str) {
        assert_eq!(read.map(|value| value.to_string()).as_deref(), Ok(text));
    }

    #[test]
    fn values_are_written_as_they_were_read() {
        same(RAck::parse("776656 1 INVITE"), "776656 1 INVITE");
        same(SessionExpires::parse("1800 ;refresher=UAS"), "1800;refresher=uas");
        same(
            Replaces::parse("12adf2f34456gs5@b;to-tag=12345;from-tag=54321"),
            "12adf2f34456gs5@b;to-tag=12345;from-tag=54321",
        );
        same(
            Reason::parse("Q.850 ;cause=16 ;text=\"Normal \\\"call\\\"\""),
            "Q.850;cause=16;text=\"Normal \\\"call\\\"\"",
        );
        same(UserToUser::parse("0456a390;purpose=isdn-uui"), "0456a390;encoding=hex;purpose=isdn-uui");
        assert_eq!(retry_after("18000 (in a meeting);duration=3600"), Ok(18_000));
    }

    #[test]
    fn values_that_are_none_are_refused() {
        assert!(RAck::parse("1 INVITE").is_err());
        assert!(RAck::parse("4294967296 1 INVITE").is_err());
        assert!(SessionExpires::parse("90;refresher=me").is_err());
        assert_eq!(Replaces::parse("a@b;to-tag=1"), Err(Problem::Missing));
        assert_eq!(Replaces::parse("a@b;to-tag=1;to-tag=2;from-tag=3"), Err(Problem::Missing));
        assert!(UserToUser::parse("0456a39").is_err());
        assert!(retry_after("5 (open").is_err());
        assert!(Authentication::parse("Digest realm=\"a\", realm=\"b\"").is_err());
    }

    #[test]
    fn credentials_keep_commas_and_quotation_marks_inside() {
        let read = Authentication::parse("Digest username=\"a, \\\"b\\\"\" ,nc=00000001, uri=\"sip:x;y=1\"").unwrap();
        assert_eq!(read.value_of("USERNAME").as_deref(), Some("a, \"b\""));
        assert_eq!(read.value_of("nc").as_deref(), Some("00000001"));
        assert_eq!(read.value_of("uri").as_deref(), Some("sip:x;y=1"));
    }

    #[test]
    fn an_attended_transfer_names_the_dialog_inside_the_address() {
        let refer =
            "<sip:dave@denver.example?Replaces=12345%40192.0.2.1%3Bfrom-tag%3Dkk%3Bto-tag%3Da1&Require=replaces>";
        let Uri::Sip(uri) = Party::parse(refer).unwrap().uri else { panic!("a SIP address") };
        let replaces = Replaces::parse(&uri.header("replaces").unwrap()).unwrap();
        assert_eq!((replaces.call_id.as_str(), replaces.to_tag.as_str()), ("12345@192.0.2.1", "a1"));
    }
}
