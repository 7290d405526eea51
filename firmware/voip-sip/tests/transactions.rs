//! Transactions between two ends on a clock that jumps, with a network that loses what the story wants lost.
use base::Instant;
use core::time::Duration;
use proptest::prelude::*;
use std::collections::VecDeque;
use voip_sip::{
    Action, Bounds, ClientId, Hop, Limits, Message, NotDone, Request, Response, SentBy, ServerId, Timers, Transactions,
    Transport, parse,
};

fn hop(transport: Transport, last: u8) -> Hop {
    Hop { transport, address: format!("192.0.2.{last}:5060").parse().expect("an address") }
}

fn by(last: u8) -> SentBy {
    SentBy { host: voip_sip::Host::V4([192, 0, 2, last].into()), port: None }
}

fn request(text: &str) -> Request {
    let octets = text.replace('\n', "\r\n");
    match parse(octets.as_bytes(), &Limits::default()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

/// A request that still lacks its Via.
fn new(method: &str, number: u32, to_tag: &str) -> Request {
    let mut new = request(&format!(
        "{method} sip:b@192.0.2.2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1\nMax-Forwards: 70\nFrom: <sip:a@192.0.2.1>;tag=a\n\
         To: <sip:b@192.0.2.2>{to_tag}\nCall-ID: c\nCSeq: {number} {method}\n\n"
    ));
    new.common.vias.clear();
    new
}

/// What a user was told, in one word each.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Request(ServerId, Box<Request>, String),
    Response(ClientId, u16),
    Cancelled(ServerId),
    Acknowledged(ServerId),
    NotAcknowledged(ServerId),
    TimedOut(ClientId),
    Lost(ClientId),
}

/// Two ends; what they send arrives at once unless it is lost.
struct Network {
    now: Instant,
    hops: [Hop; 2],
    ends: [Transactions; 2],
    told: [Vec<Told>; 2],
    /// Everything sent: when, by whom, the start line.
    sent: Vec<(u64, usize, String)>,
    lose: fn(usize, &str) -> bool,
}

const LIMIT: usize = 10_000;

impl Network {
    fn new(transport: Transport) -> Self {
        let end = |seed| Transactions::new(Timers::default(), Bounds::default(), [seed; 32]);
        Self {
            now: Instant::ZERO,
            hops: [hop(transport, 1), hop(transport, 2)],
            ends: [end(1), end(2)],
            told: [Vec::new(), Vec::new()],
            sent: Vec::new(),
            lose: |_, _| false,
        }
    }

    fn begin(&mut self, request: Request) -> ClientId {
        let id = self.ends[0].request(self.now, self.hops[1], by(1), request).expect("room");
        self.carry();
        id
    }

    fn respond(&mut self, status: u16) {
        let asked = self.told[1].iter().rev().find_map(|told| match told {
            Told::Request(id, request, tag) => Some((*id, request.respond(status, tag))),
            _ => None,
        });
        let (id, response) = asked.expect("a request");
        self.ends[1].respond(self.now, id, &response).expect("open");
        self.carry();
    }

    fn carry(&mut self) {
        for _ in 0..LIMIT {
            let Some((end, action)) = (0..2).find_map(|end| Some((end, self.ends[end].poll_action()?))) else { return };
            let told = match action {
                Action::Send { to, octets } => {
                    let line = String::from_utf8_lossy(&octets).lines().next().unwrap_or_default().to_owned();
                    self.sent.push((self.now.as_millis(), end, line.clone()));
                    assert_eq!(to, self.hops[1 - end]);
                    if !(self.lose)(end, &line) {
                        let message = parse(&octets, &Limits::default()).expect("what we send can be read");
                        self.ends[1 - end].handle_message(self.now, self.hops[end], message);
                    }
                    continue;
                }
                Action::Request { id, request, tag, .. } => Told::Request(id, request, tag),
                Action::Response { id, response } => Told::Response(id, response.status),
                Action::Cancelled(id) => Told::Cancelled(id),
                Action::Acknowledged { id, .. } => Told::Acknowledged(id),
                Action::NotAcknowledged(id) => Told::NotAcknowledged(id),
                Action::TimedOut(id) => Told::TimedOut(id),
                Action::Lost(id) => Told::Lost(id),
            };
            self.told[end].push(told);
        }
        panic!("the ends never rest");
    }

    /// Jumps from deadline to deadline up to `ms`.
    fn run_to(&mut self, ms: u64) {
        let until = Instant::from_millis(ms);
        for _ in 0..LIMIT {
            let next = self.ends.iter().filter_map(Transactions::deadline).min().filter(|&due| due <= until);
            self.now = next.unwrap_or(until).max(self.now);
            self.ends.iter_mut().for_each(|end| end.handle_timeout(self.now));
            self.carry();
            if next.is_none() {
                return;
            }
        }
        panic!("timers never rest");
    }

    fn times(&self, end: usize, begin: &str) -> Vec<u64> {
        self.sent.iter().filter(|(_, own, line)| *own == end && line.starts_with(begin)).map(|&(at, ..)| at).collect()
    }

    #[track_caller]
    fn rests(&self) {
        assert_eq!(self.ends.each_ref().map(Transactions::len), [0, 0]);
        assert_eq!(self.ends.each_ref().map(Transactions::deadline), [None, None]);
    }
}

#[test]
fn an_invite_that_nobody_hears_is_repeated_by_timer_a_and_ended_by_timer_b() {
    let mut net = Network::new(Transport::Udp);
    net.lose = |_, _| true;
    let id = net.begin(new("INVITE", 1, ""));
    net.run_to(31_999);
    assert_eq!(net.times(0, "INVITE"), [0, 500, 1500, 3500, 7500, 15_500, 31_500]);
    assert!(net.told[0].is_empty());
    net.run_to(32_000);
    assert_eq!(net.told[0], [Told::TimedOut(id)]);
    net.rests();
}

#[test]
fn another_request_is_repeated_by_timer_e_and_ended_by_timer_f() {
    let mut net = Network::new(Transport::Udp);
    net.lose = |_, _| true;
    let id = net.begin(new("OPTIONS", 1, ""));
    net.run_to(32_000);
    let times = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    assert_eq!((net.times(0, "OPTIONS").as_slice(), &net.told[0]), (times.as_slice(), &vec![Told::TimedOut(id)]));
    net.rests();
}

#[test]
fn nothing_is_repeated_over_a_stream_but_the_2xx() {
    let mut net = Network::new(Transport::Tcp);
    net.lose = |end, _| end == 0;
    net.begin(new("OPTIONS", 1, ""));
    net.run_to(32_000);
    assert_eq!(net.times(0, "OPTIONS"), [0]);
    net.rests();

    let mut net = Network::new(Transport::Tls);
    let id = net.begin(new("INVITE", 1, ""));
    net.respond(200);
    net.run_to(2000);
    assert_eq!(net.times(1, "SIP/2.0 200"), [0, 500, 1500]);
    assert_eq!(
        net.told[0].iter().filter(|told| **told == Told::Response(id, 200)).count(),
        3,
        "until somebody acknowledges"
    );
}

#[test]
fn a_100_is_sent_when_the_user_takes_200_ms() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.run_to(199);
    assert_eq!(net.told[0], []);
    net.run_to(200);
    assert_eq!(net.told[0], [Told::Response(id, 100)]);
    net.run_to(100_000);
    assert_eq!(net.times(0, "INVITE"), [0], "a provisional response stops timer A");
    net.respond(486);
    assert_eq!(net.told[0][1..], [Told::Response(id, 486)]);
    net.run_to(200_000);
    net.rests();
}

#[test]
fn a_failure_is_repeated_until_its_ack_and_told_once() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.lose = |end, line| end == 0 && line.starts_with("ACK");
    net.respond(486);
    net.run_to(3000);
    assert_eq!(net.times(1, "SIP/2.0 486"), [0, 500, 1500]);
    assert_eq!(net.times(0, "ACK"), [0, 500, 1500]);
    net.lose = |_, _| false;
    net.run_to(60_000);
    assert_eq!(net.times(1, "SIP/2.0 486"), [0, 500, 1500, 3500]);
    assert_eq!(net.told[0], [Told::Response(id, 486)]);
    assert!(!net.told[1].iter().any(|told| matches!(told, Told::NotAcknowledged(_))));
    net.rests();
}

#[test]
fn a_failure_that_is_never_acknowledged_ends_by_timer_h() {
    let mut net = Network::new(Transport::Udp);
    net.begin(new("INVITE", 1, ""));
    net.lose = |end, _| end == 0;
    net.respond(486);
    net.run_to(31_999);
    assert_eq!(net.told[1].len(), 1);
    net.run_to(32_000);
    assert!(matches!(net.told[1][..], [_, Told::NotAcknowledged(_)]));
    net.run_to(70_000);
    net.rests();
}

fn ack_of(request: &Request, tag: &str) -> Request {
    let mut ack = new("ACK", request.common.sequence, &format!(";tag={tag}"));
    ack.common.method = voip_sip::Method::ACK;
    ack
}

#[test]
fn a_2xx_is_repeated_until_its_ack_and_brings_the_ack_again() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.respond(200);
    let Told::Request(server, invite, tag) = &net.told[1][0] else { panic!("an INVITE") };
    let (server, ack) = (*server, ack_of(invite, tag));
    net.lose = |end, line| end == 0 && line.starts_with("ACK");
    net.ends[0].acknowledge(net.now, id, net.hops[1], by(1), ack).expect("accepted");
    net.carry();
    net.run_to(1000);
    net.lose = |_, _| false;
    net.run_to(1500);
    assert_eq!(net.times(0, "ACK"), [0, 500, 1500]);
    assert_eq!(net.told[1][1..], [Told::Acknowledged(server)]);
    net.run_to(60_000);
    assert_eq!(net.times(1, "SIP/2.0 200"), [0, 500, 1500], "the ACK stopped it");
    assert_eq!(net.told[0], [Told::Response(id, 200)]);
    net.rests();
}

#[test]
fn a_second_fork_that_answers_is_told_too() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.respond(200);
    let Told::Request(_, invite, tag) = &net.told[1][0] else { panic!("an INVITE") };
    let (ack, fork) = (ack_of(invite, tag), invite.respond(200, "fork"));
    net.ends[0].acknowledge(net.now, id, net.hops[1], by(1), ack).expect("accepted");
    net.ends[0].handle_message(net.now, net.hops[1], Message::Response(fork));
    net.carry();
    assert_eq!(net.told[0], [Told::Response(id, 200), Told::Response(id, 200)]);
}

#[test]
fn a_2xx_without_ack_is_told_after_64_t1() {
    let mut net = Network::new(Transport::Udp);
    net.begin(new("INVITE", 1, ""));
    net.respond(200);
    net.run_to(31_999);
    assert_eq!(net.told[1].len(), 1);
    net.run_to(32_000);
    assert!(matches!(net.told[1][..], [_, Told::NotAcknowledged(_)]));
    net.rests();
}

#[test]
fn cancel_waits_for_a_provisional_response() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.ends[0].cancel(net.now, id).expect("calling");
    net.run_to(199);
    assert_eq!(net.times(0, "CANCEL"), [0; 0]);
    net.run_to(200);
    assert_eq!(net.times(0, "CANCEL"), [200]);
    assert!(matches!(net.told[1][..], [Told::Request(..), Told::Cancelled(_)]));
    assert_eq!(net.ends[0].cancel(net.now, id), Ok(()), "a second time changes nothing");
    net.respond(487);
    assert_eq!(net.told[0], [Told::Response(id, 100), Told::Response(id, 487)]);
    net.run_to(60_000);
    assert_eq!(net.times(0, "CANCEL"), [200]);
    net.rests();
}

#[test]
fn a_cancelled_invite_without_an_end_is_given_up() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.respond(180);
    net.ends[0].cancel(net.now, id).expect("ringing");
    net.carry();
    net.run_to(31_999);
    assert_eq!(net.told[0], [Told::Response(id, 180)]);
    net.run_to(32_000);
    assert_eq!(net.told[0], [Told::Response(id, 180), Told::TimedOut(id)]);
    assert_eq!(net.ends[0].cancel(net.now, id), Err(NotDone::Over));
}

#[test]
fn a_peer_that_falls_silent_while_it_rings_is_cancelled() {
    let mut net = Network::new(Transport::Udp);
    let id = net.begin(new("INVITE", 1, ""));
    net.respond(180);
    net.run_to(100_000);
    net.respond(180);
    net.lose = |_, _| true;
    net.run_to(280_999);
    assert_eq!(net.times(0, "CANCEL"), [0; 0]);
    net.run_to(400_000);
    assert_eq!(net.times(0, "CANCEL")[0], 281_000, "181 s after the last 180");
    assert_eq!(net.told[0], [Told::Response(id, 180), Told::Response(id, 180), Told::TimedOut(id)]);
    assert!(net.ends[0].is_empty());
}

#[test]
fn nobody_else_cancels_a_call() {
    let mut net = Network::new(Transport::Udp);
    net.begin(new("INVITE", 1, ""));
    let Told::Request(_, invite, _) = &net.told[1][0] else { panic!("an INVITE") };
    let cancel = Message::Request(invite.cancel());
    net.ends[1].handle_message(net.now, hop(Transport::Udp, 66), cancel.clone());
    let Some(Action::Send { to, octets }) = net.ends[1].poll_action() else { panic!("an answer") };
    assert_eq!((to, octets.starts_with(b"SIP/2.0 481 ")), (hop(Transport::Udp, 66), true));
    assert_eq!(net.ends[1].poll_action(), None);
    net.ends[1].handle_message(net.now, net.hops[0], cancel);
    assert!(
        matches!(net.ends[1].poll_action(), Some(Action::Send { octets, .. }) if octets.starts_with(b"SIP/2.0 200 "))
    );
    assert!(matches!(net.ends[1].poll_action(), Some(Action::Cancelled(_))));
}

#[test]
fn the_same_request_by_another_way_is_merged() {
    let mut net = Network::new(Transport::Udp);
    net.begin(new("INVITE", 1, ""));
    net.begin(new("INVITE", 1, ""));
    assert_eq!(net.told[1].len(), 1);
    assert!(net.sent.iter().any(|(_, end, line)| *end == 1 && line == "SIP/2.0 482 Loop Detected"), "{:?}", net.sent);
}

#[test]
fn requests_without_a_unique_branch_are_matched_as_of_old() {
    let mut net = Network::new(Transport::Udp);
    let mut old = new("INVITE", 1, "");
    let mut via = request(
        "INVITE sip:b SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1\nFrom: <sip:a@b>\nTo: <sip:b@b>\nCall-ID: c\nCSeq: 1 INVITE\n\n",
    );
    old.common.vias.append(&mut via.common.vias);
    for _ in 0..2 {
        net.ends[1].handle_message(net.now, net.hops[0], Message::Request(old.clone()));
        while let Some(action) = net.ends[1].poll_action() {
            if let Action::Request { id, request, tag, .. } = action {
                net.told[1].push(Told::Request(id, request, tag));
            }
        }
    }
    assert_eq!(net.told[1].len(), 1);
    let Told::Request(id, invite, tag) = &net.told[1][0] else { panic!("an INVITE") };
    let busy = invite.respond(486, tag);
    net.ends[1].respond(net.now, *id, &busy).expect("open");
    net.ends[1].handle_message(net.now, net.hops[0], Message::Request(old.ack(&busy)));
    net.run_to(60_000);
    assert_eq!(net.times(1, "SIP/2.0 486").len(), 1, "its ACK stopped it");
    net.rests();
}

#[test]
fn behind_the_bound_new_calls_get_503_and_old_ones_go_on() {
    let mut net = Network::new(Transport::Udp);
    net.ends[1] = Transactions::new(Timers::default(), Bounds { new: 1, all: 2, retry_after: 7 }, [3; 32]);
    net.begin(new("INVITE", 1, ""));
    net.begin(new("INVITE", 2, ""));
    assert_eq!(net.told[1].len(), 1);
    assert!(net.sent.iter().any(|(_, end, line)| *end == 1 && line.starts_with("SIP/2.0 503 ")));
    net.begin(new("BYE", 3, ";tag=b"));
    assert_eq!(net.told[1].len(), 2);
    assert_eq!(net.ends[1].request(net.now, net.hops[0], by(2), new("BYE", 9, ";tag=b")), Err(NotDone::Full));
}

#[test]
fn a_broken_connection_ends_what_waits_for_it() {
    let mut net = Network::new(Transport::Tcp);
    let id = net.begin(new("INVITE", 1, ""));
    net.respond(180);
    net.ends[0].handle_broken(net.now, net.hops[1]);
    net.carry();
    assert_eq!(net.told[0], [Told::Response(id, 180), Told::Lost(id)]);
    assert!(net.ends[0].is_empty());
}

/// One thing that may happen to an end.
#[derive(Clone, Debug)]
enum Event {
    Invite,
    Options,
    Cancel(usize),
    Respond(usize, u16),
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Invite),
        Just(Event::Options),
        (0_usize..8).prop_map(Event::Cancel),
        (0_usize..8, prop::sample::select(vec![180_u16, 183, 200, 302, 404, 503, 603]))
            .prop_map(|(at, status)| Event::Respond(at, status)),
        (0_u64..40_000).prop_map(Event::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, rng_seed: proptest::test_runner::RngSeed::Fixed(6), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_lost_each_request_is_told_once_and_ends_once(
        events in prop::collection::vec(event(), 1..30), losses in prop::collection::vec(any::<bool>(), 64),
    ) {
        let mut net = Network::new(Transport::Udp);
        let (mut ours, mut number, mut answers) = (Vec::new(), 0, VecDeque::<(ServerId, Response)>::new());
        for (turn, event) in events.into_iter().enumerate() {
            net.lose = if losses[turn % losses.len()] { |_, _| true } else { |_, line| line.contains("180") };
            number += 1;
            match event {
                Event::Invite => ours.push(net.begin(new("INVITE", number, ""))),
                Event::Options => ours.push(net.begin(new("OPTIONS", number, ""))),
                Event::Cancel(at) => {
                    if let Some(&id) = ours.get(at) {
                        let _ = net.ends[0].cancel(net.now, id);
                    }
                }
                Event::Respond(at, status) => {
                    answers.clear();
                    answers.extend(net.told[1].iter().filter_map(|told| match told {
                        Told::Request(id, request, tag) => Some((*id, request.respond(status, tag))),
                        _ => None,
                    }));
                    if let Some((id, response)) = answers.get(at) {
                        let _ = net.ends[1].respond(net.now, *id, response);
                    }
                }
                Event::Wait(ms) => net.run_to(net.now.as_millis() + ms),
            }
            net.carry();
        }
        net.lose = |_, _| false;
        // Whatever still rings is answered; then all ends within the longest timers.
        let open: Vec<(ServerId, Response)> = net.told[1].iter().filter_map(|told| match told {
            Told::Request(id, request, tag) => Some((*id, request.respond(404, tag))),
            _ => None,
        }).collect();
        for (id, response) in open {
            let _ = net.ends[1].respond(net.now, id, &response);
            net.carry();
        }
        let end = net.now + Duration::from_secs(33);
        net.run_to(end.as_millis());
        // Requests that arrived only now.
        let open: Vec<(ServerId, Response)> = net.told[1].iter().filter_map(|told| match told {
            Told::Request(id, request, tag) => Some((*id, request.respond(404, tag))),
            _ => None,
        }).collect();
        for (id, response) in open {
            let _ = net.ends[1].respond(net.now, id, &response);
            net.carry();
        }
        net.run_to(end.as_millis() + 260_000);
        net.rests();
        for id in ours {
            let ends = net.told[0].iter().filter(|told| match told {
                Told::Response(own, status) => *own == id && *status >= 300,
                Told::TimedOut(own) | Told::Lost(own) => *own == id,
                _ => false,
            }).count();
            let accepted = net.told[0].iter().any(|told| matches!(told, Told::Response(own, 200..300) if *own == id));
            prop_assert_eq!(ends + usize::from(accepted), 1, "{:?}", id);
        }
        let mut asked: Vec<u32> = net.told[1].iter().filter_map(|told| match told {
            Told::Request(_, request, _) => Some(request.common.sequence),
            _ => None,
        }).collect();
        let all = asked.len();
        asked.sort_unstable();
        asked.dedup();
        prop_assert_eq!(asked.len(), all);
    }
}
