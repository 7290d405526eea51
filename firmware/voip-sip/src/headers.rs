//! Names of header fields: rsip's variants, the names on the wire, the compact forms.

use rsip::Header;
use rsip::headers::UntypedHeader;

/// Variants of [`Header`] with their names (RFC 3261 §20), and the two ways between them.
macro_rules! fields {
    ($($variant:ident $name:literal,)*) => {
        /// A field by its full name. Names are compared without regard to case, compact forms understood.
        pub fn field(name: &str, value: &str) -> Header {
            let full = expanded(name);
            $(if full.eq_ignore_ascii_case($name) { return Header::$variant(rsip::headers::$variant::new(value)); })*
            Header::Other(full.to_owned(), value.to_owned())
        }

        /// Name and value of a field.
        pub fn parts(header: &Header) -> (&str, &str) {
            match header {
                $(Header::$variant(inner) => ($name, inner.value()),)*
                Header::Other(name, value) => (name, value),
            }
        }
    };
}

fields! {
    Accept "Accept", AcceptEncoding "Accept-Encoding", AcceptLanguage "Accept-Language", AlertInfo "Alert-Info", Allow "Allow",
    AuthenticationInfo "Authentication-Info", Authorization "Authorization", CSeq "CSeq", CallId "Call-ID", CallInfo "Call-Info",
    Contact "Contact", ContentDisposition "Content-Disposition", ContentEncoding "Content-Encoding",
    ContentLanguage "Content-Language", ContentLength "Content-Length", ContentType "Content-Type", Date "Date",
    ErrorInfo "Error-Info", Event "Event", Expires "Expires", From "From", InReplyTo "In-Reply-To", MaxForwards "Max-Forwards",
    MimeVersion "MIME-Version", MinExpires "Min-Expires", Organization "Organization", Priority "Priority",
    ProxyAuthenticate "Proxy-Authenticate", ProxyAuthorization "Proxy-Authorization", ProxyRequire "Proxy-Require",
    RecordRoute "Record-Route", ReplyTo "Reply-To", Require "Require", RetryAfter "Retry-After", Route "Route", Server "Server",
    Subject "Subject", SubscriptionState "Subscription-State", Supported "Supported", Timestamp "Timestamp", To "To",
    Unsupported "Unsupported", UserAgent "User-Agent", Via "Via", Warning "Warning", WwwAuthenticate "WWW-Authenticate",
}

/// Compact forms (RFC 3261 §7.3.3; RFC 3515, 3841, 3892, 4028, 6665 for those that came later).
const COMPACT: [(&str, &str); 19] = [
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("c", "Content-Type"),
    ("d", "Request-Disposition"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("j", "Reject-Contact"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("u", "Allow-Events"),
    ("v", "Via"),
    ("x", "Session-Expires"),
    ("y", "Identity"),
];

/// The full name for a compact one.
pub(crate) fn expanded(name: &str) -> &str {
    COMPACT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).map_or(name, |&(_, full)| full)
}
