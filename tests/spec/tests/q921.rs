//! The data link against `q921.toml`: each state is reached through the link's public methods, each event applied, and what comes
//! out compared, on both sides of the interface. Frames are written and read here, octet by octet, and not by the link's codec.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]

use base::Instant;
use sig_q921::{Action, Link, Parameters, Side, State};
use spec::Table;
use std::time::Duration;

const INFORMATION: [u8; 5] = [0x08, 0x02, 0x00, 0x01, 0x62];

#[test]
fn the_link_does_what_the_standard_says_in_every_state() {
    let table = Table::parse(include_str!("../q921.toml")).unwrap();
    let mut differences = Vec::new();
    let cells = table.cells();
    for side in [Side::User, Side::Network] {
        for cell in &cells {
            let mut bench = Bench::in_state(side, &cell.state);
            let seen = bench.apply(&cell.event);
            let (timer, next) = (bench.timer(), bench.next(cell.answers.iter().any(|answer| answer.next.len() > 1)));
            let actions: Vec<&str> = seen.iter().map(String::as_str).collect();
            if !cell.allows(&actions, Some(timer), &next) {
                differences.push(format!(
                    "{side:?}, state {}, {}: {actions:?} then {next} ({timer}); {}",
                    cell.state,
                    cell.event,
                    cell.wanted()
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), 2 * cells.len(), differences.join("\n"));
    assert!(cells.len() > 400, "{} cells", cells.len());
}

/// A link and the peer's count of it.
struct Bench {
    link: Link,
    side: Side,
    now: Instant,
    /// V(S) and V(A) of the link as the peer knows them, and the number of the peer's next frame.
    vs: u8,
    va: u8,
    peer_vs: u8,
    /// The state's name before the event.
    before: String,
}

impl Bench {
    fn in_state(side: Side, state: &str) -> Self {
        let link = Link::new(side, Parameters::default());
        let mut bench = Self { link, side, now: Instant::ZERO, vs: 0, va: 0, peer_vs: 0, before: state.to_owned() };
        bench.reach(state);
        bench.drain();
        bench.now += Duration::from_millis(10);
        bench
    }

    fn reach(&mut self, state: &str) {
        match state {
            "5" => self.link.establish(self.now),
            "4" => {
                self.reach("5");
                self.unnumbered(false, 0x1F);
            }
            "7" => {
                self.reach("5");
                self.unnumbered(false, 0x73);
                // One frame each way, so that no count is zero.
                self.link.send(self.now, &INFORMATION).unwrap();
                (self.vs, self.va) = (1, 1);
                self.information(0, false, INFORMATION.len(), 1);
                self.peer_vs = 1;
            }
            "7 unacknowledged" => {
                self.reach("7");
                self.link.send(self.now, &INFORMATION).unwrap();
                self.vs = 2;
            }
            "7 reject" => {
                self.reach("7");
                self.information(self.peer_vs + 1, false, INFORMATION.len(), self.vs);
            }
            "7 peer busy" => {
                self.reach("7");
                self.supervisory(false, 0x05, self.vs, false);
            }
            "8" => {
                self.reach("7");
                self.expire();
            }
            "8 unacknowledged" => {
                self.reach("7 unacknowledged");
                self.expire();
            }
            "5 recovering" => {
                self.reach("7");
                self.frame_reject(0x87);
            }
            "5 recovering, unacknowledged" => {
                self.reach("7 unacknowledged");
                self.frame_reject(0x87);
            }
            "6" => {
                self.reach("7");
                self.link.release(self.now);
            }
            other => panic!("no way to state {other}"),
        }
        self.drain();
    }

    /// The event, and what came of it.
    fn apply(&mut self, event: &str) -> Vec<String> {
        let (name, rest) = event.split_once([' ', ',']).unwrap_or((event, ""));
        let bit = rest.contains("=1");
        let response = rest.contains("response");
        let nr = match rest {
            rest if rest.contains("N(R)=V(A)") => self.va,
            rest if rest.contains("bad N(R)") => self.vs + 1,
            _ => self.vs,
        };
        match (name, rest) {
            ("DISC", "with information") => self.peer(true, &[0x53, 0x08]),
            ("RR", "with information") => self.peer(true, &[0x01, self.vs << 1, 0x08]),
            ("I", "too long") => self.information(self.peer_vs, false, 261, nr),
            ("undefined", _) => self.peer(true, &[0x0D, 0x00]),
            ("SABME", _) => self.unnumbered(true, if bit { 0x7F } else { 0x6F }),
            ("DISC", _) => self.unnumbered(true, if bit { 0x53 } else { 0x43 }),
            ("UA", _) => self.unnumbered(false, if bit { 0x73 } else { 0x63 }),
            ("DM", _) => self.unnumbered(false, if bit { 0x1F } else { 0x0F }),
            ("FRMR", _) => self.frame_reject(if bit { 0x97 } else { 0x87 }),
            ("RR", _) => self.supervisory(!response, 0x01, nr, bit),
            ("RNR", _) => self.supervisory(!response, 0x05, nr, bit),
            ("REJ", _) => self.supervisory(!response, 0x09, nr, bit),
            ("I", _) => {
                let ns = if rest.contains("out of sequence") { self.peer_vs + 1 } else { self.peer_vs };
                self.information(ns, bit, INFORMATION.len(), nr);
            }
            ("T200", " RC<N200") | ("T203", _) => self.expire(),
            ("T200", _) => return self.expire_for_good(),
            ("DL-ESTABLISH", _) => self.link.establish(self.now),
            ("DL-RELEASE", _) => self.link.release(self.now),
            ("DL-DATA", _) => drop(self.link.send(self.now, &INFORMATION)),
            other => panic!("no event {other:?}"),
        }
        self.drain()
    }

    /// The timer that runs expires.
    fn expire(&mut self) {
        self.now = self.link.deadline().expect("a timer runs");
        self.link.handle_timeout(self.now);
    }

    /// The timer expires until the link gives up, which it does after N200 repetitions. What it sent before is not told.
    fn expire_for_good(&mut self) -> Vec<String> {
        for repetitions in 0..=3 {
            self.expire();
            let actions = self.drain();
            if actions.iter().any(|action| action.starts_with("MDL-ERROR")) {
                assert!(repetitions >= 2, "given up after {repetitions} repetitions");
                return actions;
            }
        }
        vec!["never gives up".to_owned()]
    }

    /// A frame of the peer: a command (C/R is 1 from the network) or a response (the reverse).
    fn peer(&mut self, command: bool, body: &[u8]) {
        let from_network = self.side == Side::User;
        let address = if command == from_network { 0x02 } else { 0x00 };
        let octets = [&[address, 0x01], body].concat();
        self.link.handle_frame(self.now, &octets);
    }

    fn unnumbered(&mut self, command: bool, control: u8) {
        self.peer(command, &[control]);
    }

    fn frame_reject(&mut self, control: u8) {
        self.peer(false, &[control, 0x00, 0x00, 0x00, 0x00, 0x01]);
    }

    fn supervisory(&mut self, command: bool, control: u8, nr: u8, bit: bool) {
        self.peer(command, &[control, nr << 1 | u8::from(bit)]);
    }

    fn information(&mut self, ns: u8, bit: bool, length: usize, nr: u8) {
        let mut body = vec![ns << 1, nr << 1 | u8::from(bit)];
        body.resize(2 + length, 0x55);
        self.peer(true, &body);
    }

    fn drain(&mut self) -> Vec<String> {
        let actions: Vec<Action> = std::iter::from_fn(|| self.link.poll_action()).collect();
        actions.into_iter().map(|action| self.words(action)).collect()
    }

    fn words(&self, action: Action) -> String {
        match action {
            Action::Transmit(frame) => self.frame_words(&frame),
            Action::Deliver(_) => "DL-DATA indication".to_owned(),
            Action::Established if self.before == "5" => "DL-ESTABLISH confirm".to_owned(),
            Action::Established | Action::Reset => "DL-ESTABLISH indication".to_owned(),
            Action::Released if matches!(self.before.as_str(), "4" | "6") => "DL-RELEASE confirm".to_owned(),
            Action::Released => "DL-RELEASE indication".to_owned(),
            Action::Error(error) => format!("MDL-ERROR {error:?}"),
        }
    }

    fn frame_words(&self, octets: &[u8]) -> String {
        assert_eq!(octets[1], 0x01, "TEI 0: {octets:02x?}");
        let command = (octets[0] == 0x02) == (self.side == Side::Network);
        let role = if command { "command p" } else { "response f" };
        match octets[2..] {
            [control] => {
                let bit = control >> 4 & 1;
                match (control & !0x10, command) {
                    (0x6F, true) => format!("SABME p={bit}"),
                    (0x43, true) => format!("DISC p={bit}"),
                    (0x63, false) => format!("UA f={bit}"),
                    (0x0F, false) => format!("DM f={bit}"),
                    _ => format!("{octets:02x?}"),
                }
            }
            [control @ (0x01 | 0x05 | 0x09), second] => {
                let name = ["RR", "RNR", "REJ"][usize::from(control >> 2)];
                format!("{name} {role}={}", second & 1)
            }
            [ns, second, ..] if ns & 1 == 0 && command => {
                let again = if ns >> 1 < self.vs { "again " } else { "" };
                format!("I {again}p={}", second & 1)
            }
            _ => format!("{octets:02x?}"),
        }
    }

    /// The standard's timer that runs. A link that is down and wanted is tried again after T200 N200 times: not the standard's.
    fn timer(&self) -> &'static str {
        match self.link.deadline().map(|due| due - self.now) {
            None => "none",
            Some(left) if left <= Duration::from_secs(1) => "T200",
            Some(_) if self.link.state() == State::TeiAssigned4 => "none",
            Some(_) => "T203",
        }
    }

    /// The state now; where the table tells a busy peer and a sent REJ apart, those are found by trying.
    fn next(&self, in_full: bool) -> String {
        let number = match self.link.state() {
            State::TeiAssigned4 => "4",
            State::AwaitingEstablishment5 => "5",
            State::AwaitingRelease6 => "6",
            State::MultipleFrame7 => "7",
            State::TimerRecovery8 => "8",
        };
        match number {
            "7" if in_full && self.holds_back() => "7 peer busy".to_owned(),
            "7" if in_full && self.has_rejected() => "7 reject".to_owned(),
            number => number.to_owned(),
        }
    }

    /// The peer is taken to be busy: a message stays here.
    fn holds_back(&self) -> bool {
        let mut link = self.link.clone();
        link.send(self.now, &INFORMATION).unwrap();
        link.poll_action().is_none()
    }

    /// REJ was sent: a second gap is not rejected.
    fn has_rejected(&self) -> bool {
        let mut bench = Self { link: self.link.clone(), before: self.before.clone(), ..*self };
        bench.information(self.peer_vs + 5, false, 1, self.vs);
        bench.drain().is_empty()
    }
}
