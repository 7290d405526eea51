//! Two ends, and a cable that somebody pulls, bends and plugs in again, on a clock that jumps.

use base::Instant;
use core::time::Duration;
use heapless::Vec;
use proptest::prelude::*;
use wire::{
    Audio, Event, GONE, Hook, Identity, LINES, LineEvent, LineOrder, Link, Loss, MAX_FRAME, PROTOCOL, Pair, SAMPLES,
    SendError, Service, ToCard, ToHost, UpdateOrder, UpdateReport, WINDOW,
};

fn identity(protocol: u8, lines: u8) -> Identity {
    let serial = if lines == 0 { "box" } else { "card" };
    Identity { protocol, version: "1.2.3".try_into().expect("short"), serial: serial.try_into().expect("short"), lines }
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Arrives,
    Lost,
    /// One octet is changed.
    Spoilt(u8),
    /// Only its first half comes.
    Cut,
}

struct Ends {
    now: Instant,
    host: Link<ToCard, ToHost>,
    card: Link<ToHost, ToCard>,
    plugged: bool,
    /// Of the frames to come; then all arrive.
    fates: std::vec::Vec<Fate>,
    host_heard: std::vec::Vec<Event<ToHost>>,
    card_heard: std::vec::Vec<Event<ToCard>>,
}

impl Ends {
    fn new() -> Self {
        Self::of(PROTOCOL)
    }

    fn of(protocol: u8) -> Self {
        let now = Instant::ZERO;
        Self {
            now,
            host: Link::new(identity(PROTOCOL, 0), 1, now),
            card: Link::new(identity(protocol, 8), 1000, now),
            plugged: true,
            fates: vec![],
            host_heard: vec![],
            card_heard: vec![],
        }
    }

    fn up(mut self) -> Self {
        self.pass(Duration::from_millis(50));
        assert!(self.host.is_up() && self.card.is_up());
        self.host_heard.clear();
        self.card_heard.clear();
        self
    }

    fn deliver(&mut self) {
        // Bounded: each round empties both ends, and answers cause no more than answers.
        for _ in 0..20 {
            let mut frame = [0; MAX_FRAME];
            let mut to_card = std::vec::Vec::new();
            while let Some(octets) = self.host.poll_transmit(&mut frame) {
                to_card.extend(fate(self.fates.pop(), self.plugged, octets));
            }
            self.card.handle_octets(self.now, &to_card);
            let mut to_host = std::vec::Vec::new();
            while let Some(octets) = self.card.poll_transmit(&mut frame) {
                to_host.extend(fate(self.fates.pop(), self.plugged, octets));
            }
            self.host.handle_octets(self.now, &to_host);
            while let Some(event) = self.host.poll_event() {
                self.host_heard.push(event);
            }
            while let Some(event) = self.card.poll_event() {
                self.card_heard.push(event);
            }
            if to_card.is_empty() && to_host.is_empty() {
                return;
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.deliver();
        loop {
            let next = self.host.deadline().min(self.card.deadline());
            if next > end {
                self.now = end;
                return;
            }
            self.now = self.now.max(next);
            self.host.handle_timeout(self.now);
            self.card.handle_timeout(self.now);
            self.deliver();
        }
    }
}

fn fate(fate: Option<Fate>, plugged: bool, octets: &[u8]) -> std::vec::Vec<u8> {
    let mut octets = octets.to_vec();
    match fate.unwrap_or(Fate::Arrives) {
        _ if !plugged => octets.clear(),
        Fate::Arrives => {}
        Fate::Lost => octets.clear(),
        Fate::Spoilt(at) => {
            let at = usize::from(at) % octets.len();
            octets[at] ^= 0x10;
        }
        Fate::Cut => octets.truncate(octets.len() / 2),
    }
    octets
}

fn hook(line: u8) -> ToCard {
    ToCard::Line { line, order: LineOrder::Hook(Hook::Off) }
}

fn fed(line: u8) -> ToHost {
    ToHost::Line { line, event: LineEvent::Pair(Pair { battery: true, ..Pair::default() }) }
}

fn audio(block: u16) -> Audio {
    let octets = Vec::from_slice(&[block as u8; LINES * SAMPLES]).expect("eight lines");
    Audio { block, lines: 0xFF, octets }
}

#[test]
fn a_cable_is_plugged_in_pulled_and_plugged_in_again() {
    let mut pair = Ends::new();
    pair.plugged = false;
    pair.pass(Duration::from_secs(5));
    assert_eq!((pair.host_heard.len(), pair.card_heard.len()), (0, 0));
    assert_eq!(pair.host.send(pair.now, hook(0)), Err(SendError::Down));

    pair.plugged = true;
    pair.pass(Duration::from_millis(250));
    let up = Event::Up { peer: identity(PROTOCOL, 8), service: Service::Full };
    assert_eq!(pair.host_heard, std::slice::from_ref(&up));

    pair.plugged = false;
    pair.pass(GONE);
    assert_eq!(pair.host_heard, [up.clone(), Event::Down(Loss::Silence)]);
    pair.plugged = true;
    pair.pass(Duration::from_millis(250));
    assert_eq!(pair.host_heard, [up.clone(), Event::Down(Loss::Silence), up]);
}

#[test]
fn a_link_that_says_nothing_stays_up_for_hours() {
    let mut pair = Ends::new().up();
    pair.pass(Duration::from_secs(4 * 3600));
    assert_eq!((pair.host_heard.len(), pair.card_heard.len()), (0, 0));
    assert_eq!(pair.host.counters(), Default::default());
}

#[test]
fn what_the_old_card_had_said_is_not_taken_for_the_new_one() {
    let mut pair = Ends::new().up();
    pair.card.send(pair.now, fed(3)).expect("room");
    let mut frame = [0; MAX_FRAME];
    let late = pair.card.poll_transmit(&mut frame).expect("said").to_vec();

    // It falls on its nose and starts within 10 ms.
    pair.card = Link::new(identity(PROTOCOL, 8), 1001, pair.now);
    pair.pass(Duration::from_millis(250));
    let up = Event::Up { peer: identity(PROTOCOL, 8), service: Service::Full };
    assert_eq!(pair.host_heard, [Event::Down(Loss::Restarted), up]);

    pair.host_heard.clear();
    pair.host.handle_octets(pair.now, &late);
    pair.card.send(pair.now, fed(5)).expect("room");
    pair.pass(Duration::from_secs(1));
    assert!(!pair.host_heard.contains(&Event::Message(fed(3))), "{:?}", pair.host_heard);
    assert!(pair.host_heard.contains(&Event::Message(fed(5))), "{:?}", pair.host_heard);
}

#[test]
fn a_host_that_starts_anew_finds_the_card_at_once() {
    let mut pair = Ends::new().up();
    pair.host = Link::new(identity(PROTOCOL, 0), 2, pair.now);
    pair.pass(Duration::from_millis(50));
    assert!(pair.host.is_up() && pair.card.is_up());
    assert_eq!(pair.card_heard[0], Event::Down(Loss::Restarted));
}

#[test]
fn the_window_holds_eight_and_frees_as_they_arrive() {
    let mut pair = Ends::new().up();
    for line in 0..WINDOW {
        pair.host.send(pair.now, hook(line)).expect("room");
    }
    assert_eq!(pair.host.send(pair.now, hook(8)), Err(SendError::Full));
    pair.deliver();
    assert_eq!(pair.host.room(), usize::from(WINDOW));
    let lines: std::vec::Vec<_> = (0..WINDOW).map(|line| Event::Message(hook(line))).collect();
    assert_eq!(pair.card_heard, lines);
}

#[test]
fn an_owner_who_does_not_listen_loses_nothing_and_stops_only_the_messages() {
    let mut pair = Ends::new().up();
    let mut frame = [0; MAX_FRAME];
    // Sixteen messages to a host whose owner takes no event; audio goes on meanwhile.
    let mut said = 0;
    for block in 0..200_u16 {
        while said < 16 && pair.card.send(pair.now, fed(said)).is_ok() {
            said += 1;
        }
        pair.card.send_audio(audio(block)).expect("up");
        pair.now += Duration::from_millis(5);
        pair.card.handle_timeout(pair.now);
        while let Some(octets) = pair.card.poll_transmit(&mut frame) {
            pair.host.handle_octets(pair.now, octets);
        }
        while let Some(octets) = pair.host.poll_transmit(&mut frame) {
            pair.card.handle_octets(pair.now, octets);
        }
    }
    assert!(pair.host.is_up() && pair.card.is_up());
    pair.pass(Duration::from_secs(1));
    let messages: std::vec::Vec<_> =
        pair.host_heard.iter().filter(|event| matches!(event, Event::Message(_))).collect();
    assert_eq!(messages.len(), 16);
    for (line, message) in messages.into_iter().enumerate() {
        assert_eq!(*message, Event::Message(fed(line as u8)));
    }
}

#[test]
fn audio_that_was_spoilt_is_missed_by_number_and_never_comes_late() {
    let mut pair = Ends::new().up();
    pair.fates = vec![Fate::Arrives, Fate::Spoilt(40), Fate::Lost, Fate::Arrives];
    for block in [65_534, 65_535, 0, 1] {
        pair.card.send_audio(audio(block)).expect("up");
        pair.deliver();
    }
    let heard = [Event::Audio { audio: audio(65_534), missing: 0 }, Event::Audio { audio: audio(1), missing: 2 }];
    assert_eq!(pair.host_heard, heard);
    assert_eq!(pair.host.counters().audio_missing, 2);
    let uneven = Audio { lines: 1, ..audio(2) };
    assert_eq!(pair.card.send_audio(uneven), Err(SendError::Uneven));
}

#[test]
fn a_card_of_another_protocol_can_be_brought_up_to_date_and_no_more() {
    let mut pair = Ends::of(PROTOCOL + 1);
    pair.pass(Duration::from_millis(50));
    let up = Event::Up { peer: identity(PROTOCOL + 1, 8), service: Service::UpdateOnly };
    assert_eq!(pair.host_heard, [up]);
    assert_eq!(pair.host.send(pair.now, hook(0)), Err(SendError::UpdateOnly));
    assert_eq!(pair.host.send_audio(audio(0)), Err(SendError::UpdateOnly));

    pair.host.send(pair.now, ToCard::Update(UpdateOrder::Begin { octets: 4, crc: 1 })).expect("taken");
    pair.card.send(pair.now, ToHost::Update(UpdateReport::Written(0))).expect("taken");
    pair.deliver();
    assert!(matches!(pair.card_heard.last(), Some(Event::Message(ToCard::Update(_)))));
    assert_eq!(pair.host_heard.last(), Some(&Event::Message(ToHost::Update(UpdateReport::Written(0)))));
}

#[test]
fn a_line_of_a_block_is_found_by_its_bit() {
    let octets = Vec::from_slice(&[[1_u8; SAMPLES], [2; SAMPLES]].concat()).expect("two lines");
    let audio = Audio { block: 0, lines: 0b1000_0010, octets };
    assert_eq!(audio.line(1), Some(&[1; SAMPLES][..]));
    assert_eq!(audio.line(7), Some(&[2; SAMPLES][..]));
    assert_eq!((audio.line(0), audio.line(8), audio.line(255)), (None, None, None));
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Arrives),
        1 => Just(Fate::Lost),
        1 => any::<u8>().prop_map(Fate::Spoilt),
        1 => Just(Fate::Cut),
    ]
}

proptest! {
    /// However bad the cable was, messages come once and in order, none is missing unless the link fell, and the link is up when the cable is good.
    #[test]
    fn messages_come_once_and_in_order(fates in prop::collection::vec(any_fate(), 0..120), gaps in prop::collection::vec(0_u64..120, 1..60)) {
        let mut pair = Ends::new().up();
        pair.fates = fates;
        let mut sent = std::vec::Vec::new();
        for (number, gap) in gaps.into_iter().enumerate() {
            let message = ToHost::Line { line: 0, event: LineEvent::Loop { volts: (number % 100) as i8, milliamperes: number as u8 } };
            if pair.card.send(pair.now, message.clone()).is_ok() {
                sent.push(message);
            }
            pair.pass(Duration::from_millis(gap));
        }
        pair.fates.clear();
        pair.pass(Duration::from_secs(2));
        prop_assert!(pair.host.is_up() && pair.card.is_up());

        let fell = pair.host_heard.iter().any(|event| matches!(event, Event::Down(_)));
        let came: std::vec::Vec<_> = pair.host_heard.iter().filter_map(|event| match event {
            Event::Message(message) => Some(message.clone()),
            Event::Up { .. } | Event::Down(_) | Event::Audio { .. } => None,
        }).collect();
        if !fell && pair.card_heard.iter().all(|event| !matches!(event, Event::Down(_))) {
            prop_assert_eq!(&came, &sent);
        }
        // A subsequence: nothing twice, nothing out of turn.
        let mut rest = sent.iter();
        prop_assert!(came.iter().all(|came| rest.any(|sent| sent == came)));
    }

    /// Any octets at all leave an end sane, and a good end is found behind them.
    #[test]
    fn noise_is_survived(noise in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut pair = Ends::new();
        pair.host.handle_octets(pair.now, &noise);
        pair.host.handle_octets(pair.now, &[0]);
        pair.pass(Duration::from_secs(1));
        prop_assert!(pair.host.is_up() && pair.card.is_up());
    }
}
