use super::*;
use crate::{Limits, Message, parse};

fn request(text: &str) -> Request {
    match parse(text.replace('\n', "\r\n").as_bytes(), &Limits::default()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

const INVITE: &str = "INVITE sip:b@box.example SIP/2.0\nVia: SIP/2.0/UDP p2;branch=z9hG4bK2\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\n\
    Record-Route: <sip:p2;lr>\nRecord-Route: <sip:p1;lr>\nFrom: \"A\" <sip:a@a.example>;tag=a\nTo: <sip:b@box.example>\nCall-ID: c\n\
    CSeq: 7 INVITE\nContact: <sip:a@192.0.2.1?x=y>\nProxy-Authorization: Digest realm=\"r\"\n\n";

fn answer(invite: &Request, status: u16, tag: &str, routes: &[&str]) -> Response {
    let mut response = invite.respond(status, tag);
    response.common.headers.push(field("Contact", "<sip:b@192.0.2.2>"));
    routes.iter().for_each(|route| response.common.headers.push(field("Record-Route", route)));
    response
}

fn lines(request: &Request) -> Vec<String> {
    String::from_utf8(request.to_octets()).expect("text").lines().map(str::to_owned).collect()
}

#[test]
fn both_ends_go_the_recorded_way_in_opposite_directions() {
    let invite = request(INVITE);
    let ok = answer(&invite, 200, "b", &["<sip:p2;lr>", "<sip:p1;lr>"]);
    let mut calling = Dialog::calling(&invite, &ok).expect("a dialog");
    let mut called = Dialog::called(&invite, &ok, 100).expect("a dialog");
    let bye = calling.request(rsip::Method::Bye, None);
    let expected = [
        "BYE sip:b@192.0.2.2 SIP/2.0",
        "Max-Forwards: 70",
        "From: \"A\" <sip:a@a.example>;tag=a",
        "To: <sip:b@box.example>;tag=b",
        "Call-ID: c",
        "CSeq: 8 BYE",
        "Route: <sip:p1;lr>",
        "Route: <sip:p2;lr>",
        "Content-Length: 0",
        "",
    ];
    assert_eq!(lines(&bye), expected);
    assert_eq!(DialogId::of_request(&bye).as_ref(), Some(called.id()));
    assert_eq!(called.handle_request(&bye), Ok(()));

    let info = called.request(rsip::Method::Info, None);
    let text = lines(&info);
    assert_eq!(text[0], "INFO sip:a@192.0.2.1 SIP/2.0", "without the header fields of the Contact");
    assert!(text.contains(&"CSeq: 101 INFO".to_owned()) && text.contains(&"Route: <sip:p2;lr>".to_owned()), "{text:?}");
    assert_eq!(called.next_hop().to_string(), "sip:p2;lr");
    assert_eq!(DialogId::of_request(&info).as_ref(), Some(calling.id()));
}

#[test]
fn requests_out_of_order_are_known_and_an_ack_is_none() {
    let invite = request(INVITE);
    let ok = answer(&invite, 200, "b", &[]);
    let mut called = Dialog::called(&invite, &ok, 1).expect("a dialog");
    let mut calling = Dialog::calling(&invite, &ok).expect("a dialog");
    assert_eq!(called.handle_request(&calling.ack(&invite)), Ok(()));
    let (first, second) = (calling.request(rsip::Method::Info, None), calling.request(rsip::Method::Info, None));
    assert_eq!(called.handle_request(&second), Ok(()));
    assert_eq!(called.handle_request(&first), Err(NoDialog::OutOfOrder));
    assert_eq!(called.handle_request(&second), Err(NoDialog::OutOfOrder));
}

#[test]
fn the_ack_has_its_invites_number_and_credentials() {
    let invite = request(INVITE);
    let mut calling = Dialog::calling(&invite, &answer(&invite, 200, "b", &[])).expect("a dialog");
    calling.request(rsip::Method::Update, None);
    let text = lines(&calling.ack(&invite));
    assert!(
        text.contains(&"CSeq: 7 ACK".to_owned())
            && text.contains(&"Proxy-Authorization: Digest realm=\"r\"".to_owned())
    );
}

#[test]
fn forks_make_dialogs_of_their_own_and_the_2xx_tells_the_way() {
    let invite = request(INVITE);
    let [one, other] = ["b1", "b2"].map(|tag| answer(&invite, 180, tag, &["<sip:early;lr>"]));
    let mut dialog = Dialog::calling(&invite, &one).expect("a dialog");
    assert_ne!(Some(dialog.id()), DialogId::of_response(&other).as_ref());
    assert_eq!((dialog.phase(), dialog.next_hop().to_string().as_str()), (Phase::Early, "sip:early;lr"));
    dialog.handle_response(&answer(&invite, 200, "b1", &["<sip:late;lr>"]));
    assert_eq!((dialog.phase(), dialog.next_hop().to_string().as_str()), (Phase::Confirmed, "sip:late;lr"));
}

#[test]
fn a_strict_router_is_the_request_uri_and_the_peer_the_last_route() {
    let invite = request(INVITE);
    let mut dialog =
        Dialog::calling(&invite, &answer(&invite, 200, "b", &["<sip:p2;lr>", "<sip:old>"])).expect("a dialog");
    let text = lines(&dialog.request(rsip::Method::Bye, None));
    let routes: Vec<&str> = text.iter().map(String::as_str).filter(|line| line.starts_with("Route")).collect();
    assert_eq!(
        (text[0].as_str(), routes),
        ("BYE sip:old SIP/2.0", vec!["Route: <sip:p2;lr>", "Route: <sip:b@192.0.2.2>"])
    );
}

#[test]
fn the_peer_may_move_by_invite_and_update_but_not_by_info() {
    let invite = request(INVITE);
    let ok = answer(&invite, 200, "b", &[]);
    let mut called = Dialog::called(&invite, &ok, 1).expect("a dialog");
    let mut calling = Dialog::calling(&invite, &ok).expect("a dialog");
    let new = Party::parse("<sip:a@192.0.2.99>").expect("an address");
    called.handle_request(&calling.request(rsip::Method::Info, Some(&new))).expect("in order");
    assert_eq!(called.target().to_string(), "sip:a@192.0.2.1");
    called.handle_request(&calling.request(rsip::Method::Update, Some(&new))).expect("in order");
    assert_eq!(called.target().to_string(), "sip:a@192.0.2.99");
}

#[test]
fn without_tag_or_contact_there_is_no_dialog() {
    let invite = request(INVITE);
    assert_eq!(Dialog::calling(&invite, &invite.respond(180, "b")), Err(NoDialog::NoContact));
    assert_eq!(Dialog::calling(&invite, &answer(&invite, 100, "b", &[])), Err(NoDialog::NoTag));
    let lost = request(&INVITE.replace("Contact: <sip:a@192.0.2.1?x=y>", "Contact: *"));
    assert_eq!(Dialog::called(&lost, &lost.respond(200, "b"), 1), Err(NoDialog::NoContact));
}
