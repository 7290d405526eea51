//! A whole call of a telephone through all parts: challenge, offer and answer, dialog, hold, end; every third datagram is lost.
use base::{Instant, Secret};
use ports::call::Codec;
use voip_sip::digest::{Denied, Guard, Login};
use voip_sip::sdp::{self, Description, Direction, Local};
use voip_sip::values::Authentication;
use voip_sip::{
    Abilities, Action, Bounds, Dialog, DialogId, Hop, Host, Limits, Message, Party, Request, Response, Role, SentBy,
    ServerId, Timers, Transactions, Transport, field, parse,
};

const ABILITIES: Abilities<'_> =
    Abilities { methods: &["INVITE", "ACK", "CANCEL", "BYE"], extensions: &[], bodies: &["application/sdp"] };

struct Wire {
    now: Instant,
    ends: [Transactions; 2],
    datagrams: usize,
}

impl Wire {
    fn hop(end: usize) -> Hop {
        let last = u8::try_from(end + 1).expect("two ends");
        Hop { transport: Transport::Udp, address: ([192, 0, 2, last], 5060).into() }
    }

    fn by(end: usize) -> SentBy {
        let last = u8::try_from(end + 1).expect("two ends");
        SentBy { host: Host::V4([192, 0, 2, last].into()), port: None }
    }

    /// Jumps from deadline to deadline until `end` is told something.
    fn next(&mut self, end: usize) -> Action {
        for _ in 0..1000 {
            for own in 0..2 {
                while let Some(action) = self.ends[own].poll_action() {
                    match action {
                        Action::Send { octets, .. } => self.carry(own, &octets),
                        // What the other end is told meanwhile is nothing it waits for here.
                        _ if own != end => {}
                        Action::Response { response, .. } if response.status < 200 => {}
                        told => return told,
                    }
                }
            }
            let due = self.ends.iter().filter_map(Transactions::deadline).min().expect("something is under way");
            self.now = self.now.max(due);
            self.ends.iter_mut().for_each(|one| one.handle_timeout(self.now));
        }
        panic!("nothing was told");
    }

    fn carry(&mut self, from: usize, octets: &[u8]) {
        self.datagrams += 1;
        if !self.datagrams.is_multiple_of(3) {
            let message = parse(octets, &Limits::default()).expect("what is sent can be read");
            self.ends[1 - from].handle_message(self.now, Self::hop(from), message);
        }
    }

    fn asked(&mut self) -> (ServerId, Box<Request>, String) {
        match self.next(1) {
            Action::Request { id, request, tag, .. } => (id, request, tag),
            other => panic!("{other:?}"),
        }
    }

    fn answered(&mut self) -> Box<Response> {
        match self.next(0) {
            Action::Response { response, .. } => response,
            other => panic!("{other:?}"),
        }
    }

    fn respond(&mut self, id: ServerId, response: &Response) {
        self.ends[1].respond(self.now, id, response).expect("open");
    }
}

fn local(end: usize, codecs: &[Codec], direction: Direction) -> Local {
    let address = (Wire::hop(end).address.ip(), 20_000).into();
    Local { address, codecs: codecs.to_vec(), direction, session: 1, version: 1 }
}

fn with_description(common: &mut voip_sip::Common, description: &Description) {
    common.headers.push(field("Content-Type", "application/sdp"));
    common.body = description.to_string().into_bytes();
}

fn invite() -> Request {
    let text = "INVITE sip:900@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nMax-Forwards: 70\r\nFrom: <sip:100@192.0.2.2>;tag=caller\r\n\
        To: <sip:900@192.0.2.2>\r\nCall-ID: call\r\nCSeq: 1 INVITE\r\nContact: <sip:100@192.0.2.1>\r\n\r\n";
    match parse(text.as_bytes(), &Limits::default()) {
        Ok(Message::Request(mut request)) => {
            request.common.vias.clear();
            request
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_telephone_is_challenged_answered_held_and_hangs_up_though_a_third_is_lost() {
    let end = |key| Transactions::new(Timers::default(), Bounds::default(), [key; 32]);
    let mut wire = Wire { now: Instant::ZERO, ends: [end(1), end(2)], datagrams: 0 };
    let mut guard = Guard::new("box".to_owned(), [3; 32], Guard::LIFETIME, 10);
    let mut login = Login::new("100".to_owned(), Secret::new("2468"));
    let ours = local(0, &[Codec::Ulaw, Codec::Alaw], Direction::SendReceive);
    let offer = sdp::offer(&ours);
    let mut request = invite();
    with_description(&mut request.common, &offer);

    // Who is it?
    wire.ends[0].request(wire.now, Wire::hop(1), Wire::by(0), request.clone()).expect("room");
    let (id, came, tag) = wire.asked();
    assert_eq!(ABILITIES.screen(&came, Role::Endpoint), Ok(()));
    let mut challenge = came.respond(401, &tag);
    challenge.common.headers.extend(guard.challenge(wire.now, Denied::Missing));
    wire.respond(id, &challenge);
    let refused = wire.answered();
    login.handle_challenge(&refused).expect("a challenge that we know");

    // The right one: answered in the box's own codec.
    request.common.sequence += 1;
    login.authorize(&mut request, "c0ffee");
    let call = wire.ends[0].request(wire.now, Wire::hop(1), Wire::by(0), request.clone()).expect("room");
    let (id, came, tag) = wire.asked();
    let credentials = came.common.value_of("Authorization").and_then(|value| Authentication::parse(value).ok());
    let credentials = credentials.expect("credentials");
    assert_eq!(guard.check(wire.now, "INVITE", &credentials, Some(&Secret::new("2468"))), Ok(()));
    let theirs = local(1, &[Codec::Alaw], Direction::SendReceive);
    let read = Description::parse(&came.common.body).expect("a description");
    let (description, box_side) = sdp::answer(&read, &theirs).expect("agreed");
    let mut ok = came.respond(200, &tag);
    ok.common.headers.push(field("Contact", "<sip:box@192.0.2.2>"));
    with_description(&mut ok.common, &description);
    let mut called = Dialog::called(&came, &ok, 1).expect("a dialog");
    wire.respond(id, &ok);
    let answered = wire.answered();
    let mut calling = Dialog::calling(&request, &answered).expect("a dialog");
    let read = Description::parse(&answered.common.body).expect("a description");
    let telephone_side = sdp::agreed(&offer, &read, &ours).expect("agreed");
    assert_eq!((telephone_side.codec, telephone_side.payload), (Codec::Alaw, 8));
    assert_eq!((telephone_side.remote, box_side.remote), (theirs.address, ours.address));
    let ack = calling.ack(&request);
    wire.ends[0].acknowledge(wire.now, call, Wire::hop(1), Wire::by(0), ack).expect("accepted");
    assert!(matches!(wire.next(1), Action::Acknowledged { id: own, .. } if own == id));

    // Hold.
    let contact = Party::parse("<sip:100@192.0.2.1>").expect("an address");
    let mut hold = calling.request(rsip::Method::Invite, Some(&contact));
    let holding = Local { direction: Direction::SendOnly, version: 2, ..ours };
    with_description(&mut hold.common, &sdp::offer(&holding));
    let call = wire.ends[0].request(wire.now, Wire::hop(1), Wire::by(0), hold.clone()).expect("room");
    let (id, came, tag) = wire.asked();
    assert_eq!(DialogId::of_request(&came).as_ref(), Some(called.id()));
    called.handle_request(&came).expect("in order");
    let (description, held) =
        sdp::answer(&Description::parse(&came.common.body).expect("read"), &theirs).expect("agreed");
    assert_eq!(held.direction, Direction::ReceiveOnly);
    let mut ok = came.respond(200, &tag);
    ok.common.headers.push(field("Contact", "<sip:box@192.0.2.2>"));
    with_description(&mut ok.common, &description);
    wire.respond(id, &ok);
    let answered = wire.answered();
    calling.handle_response(&answered);
    wire.ends[0].acknowledge(wire.now, call, Wire::hop(1), Wire::by(0), calling.ack(&hold)).expect("accepted");
    assert!(matches!(wire.next(1), Action::Acknowledged { id: own, .. } if own == id));

    // The end.
    let bye = calling.request(rsip::Method::Bye, None);
    wire.ends[0].request(wire.now, Wire::hop(1), Wire::by(0), bye).expect("room");
    let (id, came, tag) = wire.asked();
    called.handle_request(&came).expect("in order");
    wire.respond(id, &came.respond(200, &tag));
    assert_eq!(wire.answered().status, 200);
    assert!(wire.datagrams > 12, "much was lost and sent again");
}
