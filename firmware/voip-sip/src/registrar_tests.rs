use super::*;
use crate::{Limits, Message, Transport, parse};

const AT: fn(u64) -> Instant = |seconds| Instant::from_millis(seconds * 1000);

fn hop(transport: Transport, port: u16) -> Hop {
    Hop { transport, address: ([192, 0, 2, 1], port).into() }
}

const UDP: fn() -> Hop = || hop(Transport::Udp, 5060);

fn register(sequence: u32, fields: &str) -> Request {
    let text = format!(
        "REGISTER sip:box SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:100@box>;tag=1\r\nTo: <sip:100@box>\r\nCall-ID: c\r\n\
         CSeq: {sequence} REGISTER\r\n{fields}\r\n"
    );
    match parse(text.as_bytes(), &Limits::default()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

/// Status and the fields of the answer, joined.
fn answer(registrar: &mut Registrar, now: Instant, flow: Hop, request: &Request) -> String {
    let response = registrar.handle_register(now, flow, "100", request, "t");
    let fields = response.common.headers.iter().map(|header| {
        let (name, value) = crate::headers::parts(header);
        format!(" | {name}: {value}")
    });
    format!("{}{}", response.status, fields.collect::<String>())
}

fn changes(registrar: &mut Registrar) -> Vec<Change> {
    std::iter::from_fn(|| registrar.poll_change()).collect()
}

#[test]
fn a_telephone_comes_refreshes_and_is_forgotten() {
    let mut registrar = Registrar::new(Grants::default());
    let new = register(1, "Contact: <sip:100@192.0.2.1:5060>;expires=120\r\n");
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &new), "200 | Contact: <sip:100@192.0.2.1:5060>;expires=120");
    assert_eq!(changes(&mut registrar), [Change::Reachable("100".to_owned())]);
    let again = register(2, "Contact: <sip:100@192.0.2.1:5060>\r\nExpires: 99999\r\n");
    assert_eq!(answer(&mut registrar, AT(60), UDP(), &again), "200 | Contact: <sip:100@192.0.2.1:5060>;expires=3600");
    assert_eq!(registrar.deadline(), Some(AT(3660)));
    registrar.handle_timeout(Instant::from_millis(3_659_999));
    assert_eq!((registrar.bindings("100").len(), changes(&mut registrar)), (1, vec![]));
    registrar.handle_timeout(AT(3660));
    assert_eq!((registrar.bindings("100").len(), changes(&mut registrar)), (0, vec![Change::Gone("100".to_owned())]));
    assert_eq!(registrar.deadline(), None);
}

#[test]
fn intervals_have_both_sides_and_what_cannot_be_read_is_the_usual() {
    let mut registrar = Registrar::new(Grants::default());
    let at = |registrar: &mut Registrar, number, expires: &str| {
        let request = register(number, &format!("Contact: <sip:a@b>;expires={expires}\r\n"));
        answer(registrar, AT(0), UDP(), &request)
    };
    assert_eq!(at(&mut registrar, 1, "59"), "423 | Min-Expires: 60");
    assert_eq!(at(&mut registrar, 2, "60"), "200 | Contact: <sip:a@b>;expires=60");
    assert_eq!(at(&mut registrar, 3, "3601"), "200 | Contact: <sip:a@b>;expires=3600");
    assert_eq!(at(&mut registrar, 4, "10000000000000"), "200 | Contact: <sip:a@b>;expires=600");
    assert_eq!(at(&mut registrar, 5, "0"), "200");
}

#[test]
fn a_register_without_contact_asks_and_a_star_ends_all() {
    let mut registrar = Registrar::new(Grants::default());
    let two = register(1, "Contact: <sip:a@b>;q=0.5, <sip:c@d>;q=0.9\r\n");
    let both = "200 | Contact: <sip:a@b>;expires=600 | Contact: <sip:c@d>;expires=600";
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &two), both);
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &register(2, "")), both);
    let order: Vec<String> = registrar.bindings("100").iter().map(|binding| binding.contact.to_string()).collect();
    assert_eq!(order, ["sip:c@d", "sip:a@b"]);
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &register(3, "Contact: *\r\n")), "400");
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &register(3, "Contact: *\r\nExpires: 1\r\n")), "400");
    assert_eq!(registrar.bindings("100").len(), 2);
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &register(3, "Contact: *\r\nExpires: 0\r\n")), "200");
    assert_eq!(registrar.bindings("100").len(), 0);
}

#[test]
fn an_old_register_changes_nothing_not_even_in_part() {
    let mut registrar = Registrar::new(Grants::default());
    answer(&mut registrar, AT(0), UDP(), &register(5, "Contact: <sip:a@b>\r\n"));
    let late = register(5, "Contact: <sip:new@b>, <sip:a@b>;expires=0\r\n");
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &late), "500");
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &register(4, "Contact: *\r\nExpires: 0\r\n")), "500");
    assert_eq!(registrar.bindings("100").len(), 1);
}

#[test]
fn equivalent_addresses_are_one_binding() {
    let mut registrar = Registrar::new(Grants::default());
    let contacts =
        ["sip:%61lice@BOX.example;transport=tcp", "sip:alice@box.example;transport=TCP;new=1", "sip:alice@box.example"];
    for (number, contact) in (1..).zip(contacts) {
        answer(&mut registrar, AT(0), UDP(), &register(number, &format!("Contact: <{contact}>\r\n")));
    }
    assert_eq!(registrar.bindings("100").len(), 2, "the transport counts, a parameter on one side only does not");
}

#[test]
fn addresses_and_users_are_bounded() {
    let mut registrar = Registrar::new(Grants { per_user: 1, users: 1, ..Grants::default() });
    assert_eq!(answer(&mut registrar, AT(0), UDP(), &register(1, "Contact: <sip:a@b>, <sip:c@d>\r\n")), "503");
    answer(&mut registrar, AT(0), UDP(), &register(1, "Contact: <sip:a@b>\r\n"));
    let other = register(1, "Contact: <sip:a@b>\r\n");
    assert_eq!(registrar.handle_register(AT(0), UDP(), "101", &other, "t").status, 503);
    assert_eq!(registrar.users().collect::<Vec<_>>(), ["100"]);
}

const OUTBOUND: &str = "Contact: <sip:a@192.0.2.9;transport=tcp>;reg-id=1;+sip.instance=\"<urn:uuid:0>\"\r\n";

#[test]
fn a_stream_that_falls_silent_or_breaks_takes_its_bindings_along() {
    let mut registrar = Registrar::new(Grants::default());
    let flow = hop(Transport::Tcp, 40_000);
    let told = answer(&mut registrar, AT(0), flow, &register(1, OUTBOUND));
    assert!(told.ends_with(" | Require: outbound | Flow-Timer: 120"), "{told}");
    registrar.handle_alive(AT(100), flow);
    assert_eq!(registrar.deadline(), Some(AT(230)));
    registrar.handle_timeout(Instant::from_millis(229_999));
    assert_eq!(registrar.bindings("100").len(), 1);
    registrar.handle_timeout(AT(230));
    assert_eq!(registrar.bindings("100").len(), 0);

    answer(&mut registrar, AT(300), flow, &register(2, OUTBOUND));
    registrar.handle_broken(hop(Transport::Tcp, 40_001));
    assert_eq!(registrar.bindings("100").len(), 1);
    registrar.handle_broken(flow);
    assert_eq!(registrar.bindings("100").len(), 0);
}

#[test]
fn the_same_telephone_by_a_new_stream_replaces_the_old() {
    let mut registrar = Registrar::new(Grants::default());
    answer(&mut registrar, AT(0), hop(Transport::Tcp, 40_000), &register(1, OUTBOUND));
    let moved = register(2, &OUTBOUND.replace("192.0.2.9", "192.0.2.10"));
    answer(&mut registrar, AT(1), hop(Transport::Tcp, 40_001), &moved);
    let flows: Vec<Hop> = registrar.bindings("100").iter().map(|binding| binding.flow).collect();
    assert_eq!(flows, [hop(Transport::Tcp, 40_001)]);
}

#[test]
fn preferences_are_read_to_the_thousandth() {
    let read = ["0", "1", "0.5", "1.000", "0.123", "1.001", "0.1234", "2", ".5"].map(thousandths);
    assert_eq!(read, [Some(0), Some(1000), Some(500), Some(1000), Some(123), None, None, None, None]);
}
