//! Cases after the descriptions of RFC 4475 and RFC 5118: taken, or refused with the status that they name.
// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use voip_sip::{Limits, Message, parse};

const FIELDS: [&str; 6] = [
    "Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw",
    "Max-Forwards: 70",
    "From: <sip:caller@example.net>;tag=341518",
    "To: <sip:user@example.com>",
    "Call-ID: case.0ha0isndaksdj@192.0.2.15",
    "CSeq: 8 INVITE",
];

/// A message with a field of `FIELDS` replaced where `fields` has one of its name, else appended.
fn message(start: &str, fields: &[&str]) -> Vec<u8> {
    let name = |line: &str| line.split(':').next().unwrap().trim().to_owned();
    let kept = FIELDS.iter().filter(|own| !fields.iter().any(|line| name(line) == name(own)));
    let lines: Vec<&str> = kept.chain(fields).copied().filter(|line| !line.ends_with(": -")).collect();
    format!("{start}\r\n{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

#[track_caller]
fn taken(start: &str, fields: &[&str]) -> Message {
    let read = parse(&message(start, fields), &Limits::default()).unwrap();
    // What was read is written, and read as the same.
    assert_eq!(parse(&read.to_octets(), &Limits::default()).unwrap(), read);
    read
}

#[track_caller]
fn refused(status: u16, start: &str, fields: &[&str]) {
    let refused = parse(&message(start, fields), &Limits::default()).unwrap_err();
    assert_eq!(refused.fault.status(), status, "{refused}");
    let (_, reply) = refused.answer.unwrap().to_octets("192.0.2.15:5060".parse().unwrap());
    let reply = String::from_utf8(reply).unwrap();
    assert!(reply.starts_with(&format!("SIP/2.0 {status} ")) && reply.contains("\r\nVia: "), "{reply}");
}

const INVITE: &str = "INVITE sip:user@example.com SIP/2.0";

#[test]
fn valid_messages_that_look_odd_are_taken() {
    // RFC 4475 §3.1.1.1: folded fields, compact names, odd white space.
    taken(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0",
        &[
            "To: -",
            "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
            "Max-Forwards: 0068",
            "CSeq: 0009\r\n  INVITE",
            "Via: SIP  / 2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw",
            "NewFangledHeader:   newfangled value\r\n continued",
            "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n newvalue ;\r\n  secondparam ; q = 0.33",
        ],
    );
    // §3.1.1.2 and §3.1.1.5: methods are any tokens, by case.
    let odd = "!interesting-Method0123456789_*+`.%indeed'~";
    taken(&format!("{odd} sip:user@example.com SIP/2.0"), &[&format!("CSeq: 1 {odd}")]);
    let escaped = taken("RE%47IST%45R sip:example.com SIP/2.0", &["CSeq: 1 RE%47IST%45R"]);
    assert_eq!(escaped.common().method.as_str(), "RE%47IST%45R");
    // §3.1.1.3, .4, .6, .9: escapes, null, no white space before the bracket, semicolons in the user.
    taken(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
        &["From: caller<sip:caller@example.com>;tag=323"],
    );
    taken("REGISTER sip:example.com SIP/2.0", &["CSeq: 1 REGISTER", "To: <sip:null-%00-null@example.com>"]);
    taken("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0", &["CSeq: 1 OPTIONS"]);
    // §3.1.1.10: transports of all kinds.
    taken(INVITE, &["Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bK1, SIP/2.0/UNKNOWN t5.example.com"]);
    // §3.1.1.12, .13: reasons.
    taken("SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять", &[]);
    taken("SIP/2.0 100 ", &[]);
    // §3.4.1: RFC 2543 knew no tags, branches or Max-Forwards.
    taken(INVITE, &["Max-Forwards: -", "From: <sip:a@example.net>", "Via: SIP/2.0/UDP iftgw.example.com"]);
}

#[test]
fn octets_behind_the_announced_body_are_not_looked_at() {
    let mut octets = message(INVITE, &["Content-Length: 3"]);
    octets.extend_from_slice(b"v=0INVITE sip:joe@example.com SIP/2.0\r\n");
    assert_eq!(parse(&octets, &Limits::default()).unwrap().common().body, b"v=0");
}

#[test]
fn invalid_messages_are_refused_with_their_status() {
    refused(400, INVITE, &["Contact: \"Joe\" <sip:joe@example.org>;;;;"]);
    refused(400, INVITE, &["Content-Length: 9999"]);
    refused(400, INVITE, &["Content-Length: -999"]);
    refused(400, "REGISTER sip:example.com SIP/2.0", &["CSeq: 36893488147419103232 REGISTER"]);
    refused(400, INVITE, &["Max-Forwards: 300"]);
    refused(400, INVITE, &["To: \"Mr. J. User <sip:j.user@example.com>"]);
    refused(400, "INVITE <sip:user@example.com> SIP/2.0", &[]);
    refused(400, "INVITE sip:user@example.com; lr SIP/2.0", &[]);
    refused(400, "INVITE  sip:user@example.com  SIP/2.0", &[]);
    refused(400, "INVITE sip:user@example.com SIP/2.0  ", &[]);
    refused(400, "INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0", &[]);
    refused(400, INVITE, &["Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E"]);
    refused(400, INVITE, &["To: \"Watson, Thomas\" < sip:t.watson@example.org >"]);
    refused(400, INVITE, &["From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43"]);
    refused(505, "OPTIONS sip:t.watson@example.org SIP/7.0", &["CSeq: 1 OPTIONS"]);
    refused(400, "OPTIONS sip:user@example.com SIP/2.0", &[]);
    refused(501, "NEWMETHOD sip:user@example.com SIP/2.0", &[]);
    refused(400, INVITE, &["Call-ID: -", "From: -", "To: -"]);
    refused(400, INVITE, &["Content-Length: 0", "l: 1"]);
    refused(400, INVITE, &["From: <sip:a@example.com>;tag=1", "From: <sip:b@example.com>;tag=2"]);
}

#[test]
fn faulty_responses_and_acks_are_not_answered() {
    for (start, fields) in [
        ("SIP/2.0 4294967301 better not break the receiver", &[][..]),
        ("SIP/2.0 503 Service Unavailable", &["CSeq: 9292394834772304023312 OPTIONS"][..]),
        ("ACK sip:user@example.com SIP/2.0", &["CSeq: 1 INVITE"][..]),
    ] {
        assert_eq!(parse(&message(start, fields), &Limits::default()).unwrap_err().answer, None, "{start}");
    }
}

#[test]
fn addresses_of_ipv6_stand_in_brackets() {
    let register = |host: &str| format!("REGISTER sip:{host} SIP/2.0");
    taken(&register("[2001:db8::10]"), &["CSeq: 1 REGISTER", "Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3"]);
    taken(&register("[2001:db8::10:5070]"), &["CSeq: 1 REGISTER"]);
    taken(&register("[2001:db8::10]:5070"), &["CSeq: 1 REGISTER"]);
    taken(INVITE, &["Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh1, SIP/2.0/UDP 192.0.2.1"]);
    taken(INVITE, &["Via: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3"]);
    taken(INVITE, &["Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3"]);
    refused(400, &register("2001:db8::10"), &["CSeq: 1 REGISTER"]);
    refused(400, "OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0", &["CSeq: 1 OPTIONS"]);
}

#[test]
fn each_limit_has_its_status_and_both_sides() {
    let limits = Limits { uri: 21, body: 4, fields: 7, ..Limits::default() };
    let status = |start: &str, fields: &[&str], body: &str| {
        let octets = [message(start, fields), body.as_bytes().to_vec()].concat();
        parse(&octets, &limits).err().map(|refused| refused.fault.status())
    };
    assert_eq!(status("INVITE sip:users@example.com SIP/2.0", &[], "1234"), None);
    assert_eq!(status("INVITE sip:users2@example.com SIP/2.0", &[], ""), Some(414));
    assert_eq!(status(INVITE, &[], "12345"), Some(413));
    assert_eq!(status(INVITE, &["A: 1"], ""), None);
    assert_eq!(status(INVITE, &["A: 1", "B: 2"], ""), Some(513));
}

#[test]
fn every_cut_and_every_wrong_octet_is_survived() {
    let octets = message(INVITE, &["Contact: \"J\\\"oe é\" <sip:joe@[::1]:5060;lr?a=b>;q=0.5", "Content-Length: 0"]);
    for at in 0..octets.len() {
        assert!(parse(&octets[..at], &Limits::default()).is_err());
        for wrong in [0, b'\r', b'\n', b'"', b'<', b',', b';', b':', b'\\', 0xC3, 0xFF] {
            let mut spoilt = octets.clone();
            spoilt[at] = wrong;
            if let Ok(read) = parse(&spoilt, &Limits::default()) {
                assert_eq!(parse(&read.to_octets(), &Limits::default()).as_ref(), Ok(&read));
            }
        }
    }
}
