//! What a request is refused with before anybody looks at what it wants: the cases of RFC 4475 §3.3 that end here.
use voip_sip::{Abilities, Limits, Message, Request, Role, parse};

const OURS: Abilities<'_> = Abilities {
    methods: &["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS"],
    extensions: &["100rel", "timer"],
    bodies: &["application/sdp"],
};

fn request(method: &str, uri: &str, fields: &str, body: &str) -> Request {
    let text = format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\n\
         CSeq: 1 {method}\r\n{fields}\r\n{body}"
    );
    match parse(text.as_bytes(), &Limits::default()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(role: Role, method: &str, uri: &str, fields: &str, body: &str, expected: Result<(), &str>) {
    let request = request(method, uri, fields, body);
    let found = OURS.screen(&request, role).map_err(|rejection| {
        let text = String::from_utf8(rejection.response(&request, "t").to_octets()).expect("text");
        let fields = ["Allow", "Unsupported", "Accept", "Accept-Encoding"];
        let own = text.lines().filter(|line| fields.iter().any(|name| line.starts_with(&format!("{name}:"))));
        [text.lines().next().unwrap_or_default()].into_iter().chain(own).collect::<Vec<_>>().join(" | ")
    });
    assert_eq!(found, expected.map_err(str::to_owned));
}

const B: &str = "sip:b@192.0.2.2";
const CONTACT: &str = "Contact: <sip:a@192.0.2.1>\r\n";

#[test]
fn methods_schemes_and_hops() {
    let end = Role::Endpoint;
    check(end, "OPTIONS", B, "Max-Forwards: 0\r\n", "", Ok(()));
    check(Role::Relay, "OPTIONS", B, "Max-Forwards: 0\r\n", "", Err("SIP/2.0 483 Too Many Hops"));
    check(Role::Relay, "OPTIONS", B, "Max-Forwards: 1\r\n", "", Ok(()));
    check(end, "INFO", B, "", "", Err("SIP/2.0 405 Method Not Allowed | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS"));
    check(end, "NEWMETHOD", B, "", "", Err("SIP/2.0 501 Not Implemented | Allow: INVITE, ACK, CANCEL, BYE, OPTIONS"));
    check(
        end,
        "OPTIONS",
        "nobodyKnowsThisScheme:totallyopaquecontent",
        "",
        "",
        Err("SIP/2.0 416 Unsupported URI Scheme"),
    );
    check(end, "OPTIONS", "soap.beep://192.0.2.103:3002", "", "", Err("SIP/2.0 416 Unsupported URI Scheme"));
    check(end, "OPTIONS", "tel:+86-10-8888;ext=1", "", "", Ok(()));
}

#[test]
fn extensions_that_are_required_are_known_or_named() {
    let end = Role::Endpoint;
    check(end, "OPTIONS", B, "Require: timer, 100REL\r\n", "", Ok(()));
    let fields = "Require: nothingSupportsThis, timer\r\nRequire: nothingSupportsThisEither\r\n";
    let named = "SIP/2.0 420 Bad Extension | Unsupported: nothingSupportsThis, nothingSupportsThisEither";
    check(end, "OPTIONS", B, fields, "", Err(named));
}

#[test]
fn bodies_are_of_a_known_kind_or_may_be_skipped() {
    let end = Role::Endpoint;
    let invite = |fields: &str| format!("{CONTACT}{fields}");
    check(end, "INVITE", B, &invite("Content-Type: application/SDP; charset=utf-8\r\n"), "v=0", Ok(()));
    let unknown = Err("SIP/2.0 415 Unsupported Media Type | Accept: application/sdp");
    check(end, "INVITE", B, &invite("Content-Type: application/unknownformat\r\n"), "<audio/>", unknown);
    check(end, "INVITE", B, &invite(""), "no type", unknown);
    check(end, "INVITE", B, &invite("Content-Type: a/b\r\nContent-Disposition: x; handling=optional\r\n"), "?", Ok(()));
    let packed = invite("Content-Type: application/sdp\r\nContent-Encoding: gzip\r\n");
    let plain = "SIP/2.0 415 Unsupported Media Type | Accept-Encoding: identity";
    check(end, "INVITE", B, &packed, "?", Err(plain));
    check(end, "INVITE", B, &invite("Accept: text/nobodyKnowsThis\r\n"), "", Err("SIP/2.0 406 Not Acceptable"));
    check(end, "INVITE", B, &invite("Accept: text/plain, application/*\r\n"), "", Ok(()));
}

#[test]
fn an_invite_says_where_its_sender_is() {
    let bad = Err("SIP/2.0 400 Bad Request (Contact: one address wanted)");
    check(Role::Endpoint, "INVITE", B, "", "", bad);
    check(Role::Endpoint, "INVITE", B, "Contact: *\r\n", "", bad);
    check(Role::Endpoint, "INVITE", B, "Contact: <sip:a@b>, <sip:c@d>\r\n", "", bad);
    check(Role::Endpoint, "INVITE", B, CONTACT, "", Ok(()));
}
