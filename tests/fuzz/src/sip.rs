//! SIP: any octets as datagram and as stream, and lists of operations against the transactions of one element.

use crate::Choices;
use base::Instant;
use core::time::Duration;
use voip_sip::{
    Action, Bounds, ClientId, End, Frame, Framer, Hop, Limits, Message, Request, SentBy, ServerId, Timers,
    Transactions, Transport, field, parse, sdp, values,
};

/// The first octet says in pieces of how many octets the stream comes; all behind it is the datagram, and the stream.
pub(crate) fn sip(octets: &[u8]) {
    let Some((&size, octets)) = octets.split_first() else { return };
    let limits = Limits { head: 4096, uri: 256, fields: 40, body: 1024 };
    match parse(octets, &limits) {
        Ok(message) => {
            read_all(&message);
            assert_eq!(parse(&message.to_octets(), &Limits::default()).as_ref(), Ok(&message));
        }
        Err(refused) => {
            let source = "192.0.2.1:5060".parse().expect("an address");
            let answer = refused.answer.map(|answer| answer.to_octets(source).1);
            assert!(answer.is_none_or(|answer| answer.starts_with(b"SIP/2.0 ") && answer.len() < octets.len() + 1024));
        }
    }
    let mut framer = Framer::new(if size.is_multiple_of(2) { End::Opened } else { End::Accepted }, limits);
    let mut frames = 0;
    for piece in octets.chunks(usize::from(size).max(1)) {
        framer.handle_octets(Instant::ZERO, piece);
        while let Some(frame) = framer.poll_frame() {
            frames += 1;
            if let Frame::Message(message) = frame {
                assert!(message.common().body.len() <= limits.body);
            }
        }
    }
    assert!(frames <= octets.len(), "each takes at least an octet");
}

fn read_all(message: &Message) {
    let common = message.common();
    values::asserted_identities(common);
    values::diversion(common);
    values::Reason::q850(common);
    if let Ok(description) = sdp::Description::parse(&common.body) {
        assert_eq!(sdp::Description::parse(description.to_string().as_bytes()), Ok(description));
    }
    for name in [
        "RAck",
        "Session-Expires",
        "Replaces",
        "User-to-User",
        "WWW-Authenticate",
        "Authorization",
        "Retry-After",
        "Expires",
    ] {
        for value in common.values_of(name) {
            let _ = (values::RAck::parse(value), values::SessionExpires::parse(value), values::Replaces::parse(value));
            let _ =
                (values::UserToUser::parse(value), values::Authentication::parse(value), values::retry_after(value));
            assert_eq!(values::unquoted(&values::quoted(value)), value.replace(char::is_control, ""));
        }
    }
}

const MOST: usize = 6;
const METHODS: [&str; 6] = ["INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "NEW"];

struct Element {
    now: Instant,
    layer: Transactions,
    ours: Vec<ClientId>,
    theirs: Vec<(ServerId, String, Box<Request>)>,
    /// What it sent last, to be answered.
    sent: Vec<Vec<u8>>,
}

/// Three octets an operation: what, and two that choose.
pub(crate) fn sip_transactions(octets: &[u8]) {
    let bounds = Bounds { new: MOST - 2, all: MOST, retry_after: 1 };
    let layer = Transactions::new(Timers::default(), bounds, [7; 32]);
    let mut element = Element { now: Instant::ZERO, layer, ours: Vec::new(), theirs: Vec::new(), sent: Vec::new() };
    let mut choices = Choices(octets);
    while !choices.0.is_empty() {
        element.operate(choices.octet(), choices.octet(), choices.octet());
        element.drain();
        // A CANCEL of our own may go beyond the bound, one for each INVITE.
        assert!(element.layer.len() <= 2 * MOST);
    }
    // An hour later nothing is left but what the user never answered.
    for _ in 0..10_000 {
        let Some(due) = element.layer.deadline() else { break };
        element.now = element.now.max(due);
        element.layer.handle_timeout(element.now);
        assert!(element.layer.deadline().is_none_or(|next| next > element.now));
        element.drain();
    }
    assert_eq!(element.layer.deadline(), None);
}

fn hop(choice: u8) -> Hop {
    let transport = if choice & 1 == 0 { Transport::Udp } else { Transport::Tcp };
    Hop { transport, address: format!("192.0.2.{}:5060", choice >> 1 & 1).parse().expect("an address") }
}

fn request(method: &str, number: u8, tag: &str) -> Message {
    let text = format!(
        "{method} sip:b@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch={}{number}\r\nFrom: <sip:a@x>;tag=a\r\nTo: <sip:b@x>{tag}\r\n\
         Call-ID: c\r\nCSeq: {number} {method}\r\n\r\n",
        if number.is_multiple_of(5) { "old" } else { "z9hG4bK" },
    );
    parse(text.as_bytes(), &Limits::default()).expect("a request")
}

impl Element {
    fn operate(&mut self, what: u8, one: u8, other: u8) {
        let (now, status) = (self.now, 100 + u16::from(one % 6) * 100 + u16::from(other % 8));
        let method = METHODS[usize::from(one) % METHODS.len()];
        match what % 8 {
            0 => {
                let Message::Request(mut new) = request(method, other, "") else { return };
                new.common.vias.clear();
                let local = SentBy { host: voip_sip::Host::Name("box".to_owned()), port: None };
                self.ours.extend(self.layer.request(now, hop(other), local, new));
            }
            1 => self.layer.handle_message(now, hop(one), request(method, other % 16, "")),
            2 => {
                let tag = self.theirs.last().map(|(_, tag, _)| format!(";tag={tag}")).unwrap_or_default();
                self.layer.handle_message(now, hop(one), request(method, other % 16, &tag));
            }
            3 => {
                let Some((id, tag, asked)) = self.theirs.get(usize::from(other) % self.theirs.len().max(1)) else {
                    return;
                };
                let _ = self.layer.respond(now, *id, &asked.respond(status, tag));
            }
            4 => {
                let Some(octets) = self.sent.get(usize::from(other) % self.sent.len().max(1)) else { return };
                if let Ok(Message::Request(sent)) = parse(octets, &Limits::default()) {
                    let mut response = sent.respond(status, &format!("t{}", other % 3));
                    response.common.headers.push(field("Reason", "Q.850;cause=16"));
                    self.layer.handle_message(now, hop(one), Message::Response(response));
                }
            }
            5 => {
                let Some(&id) = self.ours.get(usize::from(other) % self.ours.len().max(1)) else { return };
                let _ = self.layer.cancel(now, id);
            }
            6 => self.layer.handle_broken(now, hop(one)),
            _ => {
                self.now += Duration::from_millis(u64::from(one) * u64::from(other));
                self.layer.handle_timeout(self.now);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(action) = self.layer.poll_action() {
            match action {
                Action::Send { octets, .. } => {
                    parse(&octets, &Limits::default()).expect("what is sent can be read");
                    if self.sent.len() < 64 {
                        self.sent.push(octets);
                    }
                }
                Action::Request { id, tag, request, .. } => self.theirs.push((id, tag, request)),
                Action::Cancelled(_)
                | Action::Acknowledged { .. }
                | Action::NotAcknowledged(_)
                | Action::Response { .. } => {}
                Action::TimedOut(_) | Action::Lost(_) => {}
            }
        }
    }
}
