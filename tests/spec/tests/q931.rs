//! The calls against `q931-user.toml` and `q931-network.toml`: each call state is reached through the interface's public methods, by
//! a call of ours and by one of the peer's where both lead there; each message is applied, and what comes out compared. Messages are
//! written and read here, octet by octet, and not by the interface's codec.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]

use base::{Cause, Instant};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use sig_q931::{Action, CallHandle, Interface, LinkState, Profile, Report, Side};
use spec::Table;
use std::collections::BTreeMap;
use std::time::Duration;

#[test]
fn the_user_does_what_the_standard_says_in_every_state_and_profile() {
    check(Side::User, include_str!("../q931-user.toml"));
}

#[test]
fn the_network_does_what_the_standard_says_in_every_state_and_profile() {
    check(Side::Network, include_str!("../q931-network.toml"));
}

#[test]
fn a_setup_that_says_its_reference_is_ours_is_ignored() {
    // Q.931 §5.8.3.2 d: the flag cannot be set in a message that begins a call.
    for side in [Side::User, Side::Network] {
        for event in ["SETUP", "SETUP without bearer"] {
            let mut bench =
                Bench::in_state(side, &Profile::EURO_ISDN, Of::Us, if side == Side::User { "U0" } else { "N0" })
                    .unwrap();
            assert_eq!((bench.apply(event), bench.interface.calls().count()), (vec![], 0));
        }
    }
}

/// By state, event and whose call it is: what each profile's machine did.
type Seen = BTreeMap<(String, String, Of), Vec<(&'static str, Vec<String>, String)>>;

#[track_caller]
fn check(side: Side, table: &str) {
    let table = Table::parse(table).unwrap();
    let (mut faults, mut seen) = (Vec::new(), Seen::new());
    for profile in Profile::ALL {
        let of_profile = table.clone().of(profile.name);
        let compared = compare(side, &profile, &of_profile, &mut faults, &mut seen);
        assert!(compared > 650, "{compared} compared");
    }
    // The profiles differ where the table says, and nowhere else.
    for ((state, event, of), did) in &seen {
        let differ = did.iter().any(|(_, actions, next)| (actions, next) != (&did[0].1, &did[0].2));
        if differ && !table.differs(state, event) {
            faults.push(format!(
                "{state} (call of {of:?}), {event}: the profiles differ and the table does not say so: {did:?}"
            ));
        }
        // A state that one profile alone comes to has nothing to differ from.
        if !differ && did.len() == Profile::ALL.len() && table.differs(state, event) {
            faults.push(format!(
                "{state} (call of {of:?}), {event}: the table has a difference where there is none: {did:?}"
            ));
        }
    }
    assert!(faults.is_empty(), "{side:?}, {}:\n{}", faults.len(), faults.join("\n"));
}

/// How many answers of this profile's machine were held against its table.
fn compare(side: Side, profile: &Profile, table: &Table, faults: &mut Vec<String>, seen: &mut Seen) -> usize {
    let mut compared = 0;
    for cell in table.cells().iter().filter(|cell| table.is_reached(&cell.state)) {
        let mut ways = 0;
        // A new call of the peer's is never one of ours.
        let new = cell.event.starts_with("SETUP") && matches!(cell.state.as_str(), "U0" | "N0");
        for of in if new { &[Of::Peer][..] } else { &[Of::Us, Of::Peer] }.iter().copied() {
            let Some(mut bench) = Bench::in_state(side, profile, of, &cell.state) else { continue };
            ways += 1;
            let actions = bench.apply(&cell.event);
            let (words, next): (Vec<&str>, _) = (actions.iter().map(String::as_str).collect(), bench.state());
            let (name, state, event) = (profile.name, &cell.state, &cell.event);
            if !cell.allows(&words, None, &next) {
                faults.push(format!(
                    "{name} {state} (call of {of:?}), {event}: {words:?} then {next}; {}",
                    cell.wanted()
                ));
            }
            if !table.is_reached(&next) {
                faults.push(format!("{name} {state} (call of {of:?}), {event}: leads to {next}, said to be unreached"));
            }
            seen.entry((state.clone(), event.clone(), of)).or_default().push((name, actions, next));
        }
        assert!(ways > 0, "{}: no way to state {}", profile.name, cell.state);
        compared += ways;
    }
    compared
}

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Us,
    Peer,
}

/// An interface with one call.
struct Bench {
    interface: Interface,
    side: Side,
    of: Of,
    now: Instant,
    call: Option<CallHandle>,
    /// Call reference octets as the peer writes them.
    reference: [u8; 2],
    /// Timers that expired at the last event.
    expired: Vec<String>,
}

const SENDING_COMPLETE: &[u8] = &[0xA1];
const BEARER: &[u8] = &[0x04, 0x03, 0x80, 0x90, 0xA3];
const CHANNEL: &[u8] = &[0x18, 0x03, 0xA9, 0x83, 0x81];
const CALLED: &[u8] = &[0x70, 0x06, 0x80, b'1', b'0', b'0', b'8', b'6'];
const CAUSE: &[u8] = &[0x08, 0x02, 0x80, 0x90];
const BAD_CAUSE: &[u8] = &[0x08, 0x01, 0x80];
const TONE: &[u8] = &[0x1E, 0x02, 0x82, 0x88];

impl Bench {
    /// `None` where no call of this origin comes to the state.
    fn in_state(side: Side, profile: &Profile, of: Of, state: &str) -> Option<Self> {
        let parameters = profile.parameters(side);
        let reference = match of {
            Of::Us => [0x80, 0x01],
            Of::Peer => [0x00, 0x4D],
        };
        let mut bench = Self {
            interface: Interface::new(side, parameters),
            side,
            of,
            now: Instant::ZERO,
            call: None,
            reference,
            expired: Vec::new(),
        };
        bench.interface.handle_link(bench.now, LinkState::Up);
        bench.drain();
        let reached = bench.reach(state);
        bench.drain();
        if reached {
            assert_eq!(bench.state(), state, "the way to it");
            bench.now += Duration::from_millis(10);
        }
        reached.then_some(bench)
    }

    fn reach(&mut self, state: &str) -> bool {
        match (self.of, state) {
            (_, "U0" | "N0") => true,
            (Of::Us, "U1" | "N6") => {
                let setup = Setup {
                    from: Number::default(),
                    to: Number::unknown("10086".parse().unwrap()),
                    redirecting: None,
                    bearer: Bearer::Speech,
                    address: Address::Open,
                };
                self.call = Some(self.interface.call(self.now, setup, None).unwrap());
                true
            }
            (Of::Us, "U2" | "N25") => self.after("U1", "SETUP ACKNOWLEDGE"),
            (Of::Us, "U3" | "N9") => self.after("U1", "CALL PROCEEDING"),
            (Of::Us, "U4" | "N7") => self.after("U1", "ALERTING"),
            (Of::Us, "U10" | "N10") => self.after("U1", "CONNECT"),
            (Of::Peer, "U6" | "N1") => {
                self.message("SETUP");
                true
            }
            (Of::Peer, "U25" | "N2") => {
                self.send(0x05, &[BEARER, CHANNEL, CALLED]);
                true
            }
            (Of::Peer, "U9" | "N3") => self.after_word("U6", Primitive::Proceeding),
            (Of::Peer, "U7" | "N4") => self.after_word("U6", Primitive::Alerting(Inband::Silent)),
            (Of::Peer, "U8" | "N8") => self.after_word("U6", Primitive::Connected),
            (Of::Peer, "U10" | "N10") => {
                self.after_word("U6", Primitive::Connected);
                // Not all networks wait for it.
                if self.state().ends_with('8') {
                    self.message("CONNECT ACKNOWLEDGE");
                }
                true
            }
            (_, "U11" | "N12") => self.after_word("U10", clearing()),
            (_, "U12" | "N11") => self.after("U10", "DISCONNECT"),
            (_, "U19" | "N19") => self.after_word("U12", clearing()),
            (_, _) => false,
        }
    }

    /// In the state that the user's name stands for, on this side of the interface.
    fn before(&mut self, user_state: &str) {
        let state = match (self.side, user_state) {
            (Side::User, state) => state,
            (Side::Network, "U1") => "N6",
            (Side::Network, "U6") => "N1",
            (Side::Network, "U12") => "N11",
            (Side::Network, "U10") => "N10",
            (Side::Network, other) => panic!("{other}"),
        };
        assert!(self.reach(state), "{state}");
        self.drain();
    }

    fn after(&mut self, state: &str, message: &str) -> bool {
        self.before(state);
        self.message(message);
        true
    }

    fn after_word(&mut self, state: &str, word: Primitive) -> bool {
        self.before(state);
        self.interface.line(self.now, self.call.unwrap(), word);
        true
    }

    /// The event, and what came of it.
    fn apply(&mut self, event: &str) -> Vec<String> {
        match event {
            "DL-ESTABLISH indication" => self.interface.handle_link(self.now, LinkState::Reset),
            "DL-RELEASE indication" => self.interface.handle_link(self.now, LinkState::Down),
            timer if timer.starts_with("T3") => {
                let (name, time) = timer.split_once(' ').unwrap_or((timer, "first"));
                if name == "T309" {
                    self.interface.handle_link(self.now, LinkState::Down);
                }
                for _ in 0..if time == "second" { 2 } else { 1 } {
                    self.drain();
                    self.now = self.interface.deadline().expect("a timer runs");
                    self.interface.handle_timeout(self.now);
                }
                let actions = self.drain();
                assert_eq!(self.expired, [name], "in {event}");
                return actions;
            }
            message => self.message(message),
        }
        self.drain()
    }

    /// A message of the peer.
    fn message(&mut self, message: &str) {
        let number = self.state()[1..].parse::<u8>().unwrap();
        let other = if number == 10 { 3 } else { 10 };
        let reported = |state| [0x08, 0x02, 0x80, 0x9E, 0x14, 0x01, state];
        match message {
            "SETUP" => self.send(0x05, &[SENDING_COMPLETE, BEARER, CHANNEL, CALLED]),
            "SETUP without bearer" => self.send(0x05, &[SENDING_COMPLETE, CHANNEL, CALLED]),
            "SETUP with bad bearer" => self.send(0x05, &[SENDING_COMPLETE, &[0x04, 0x01, 0x80], CHANNEL, CALLED]),
            // Video.
            "SETUP with foreign bearer" => {
                self.send(0x05, &[SENDING_COMPLETE, &[0x04, 0x03, 0x98, 0x90, 0xA3], CHANNEL, CALLED]);
            }
            "SETUP without channel" => self.send(0x05, &[SENDING_COMPLETE, BEARER, CALLED]),
            "SETUP ACKNOWLEDGE" => self.send(0x0D, &[]),
            "CALL PROCEEDING" => self.send(0x02, &[]),
            "ALERTING" => self.send(0x01, &[]),
            "PROGRESS" => self.send(0x03, &[TONE]),
            "PROGRESS without indicator" => self.send(0x03, &[]),
            "CONNECT" => self.send(0x07, &[]),
            "CONNECT ACKNOWLEDGE" => self.send(0x0F, &[]),
            "INFORMATION" => self.send(0x7B, &[&[0x70, 0x02, 0x80, b'5']]),
            // A call waits: of no use to the call model.
            "NOTIFY" => self.send(0x6E, &[&[0x27, 0x01, 0xE0]]),
            "FACILITY" => self.send(0x62, &[&[0x1C, 0x01, 0x91]]),
            "USER INFORMATION" => self.send(0x20, &[&[0x7E, 0x02, 0x04, b'1']]),
            "CONGESTION CONTROL" => self.send(0x79, &[&[0xB0], CAUSE]),
            "DISCONNECT" => self.send(0x45, &[CAUSE]),
            "DISCONNECT with tone" => self.send(0x45, &[CAUSE, TONE]),
            "DISCONNECT without cause" => self.send(0x45, &[]),
            "DISCONNECT with bad cause" => self.send(0x45, &[BAD_CAUSE]),
            "RELEASE" => self.send(0x4D, &[CAUSE]),
            "RELEASE without cause" => self.send(0x4D, &[]),
            "RELEASE COMPLETE" => self.send(0x5A, &[CAUSE]),
            "RELEASE COMPLETE without cause" => self.send(0x5A, &[]),
            "STATUS same state" => self.send(0x7D, &[&reported(number)]),
            "STATUS null" => self.send(0x7D, &[&reported(0)]),
            "STATUS other state" => self.send(0x7D, &[&reported(other)]),
            "STATUS ENQUIRY" => self.send(0x75, &[]),
            "HOLD" => self.send(0x24, &[]),
            "HOLD ACKNOWLEDGE" => self.send(0x28, &[]),
            "HOLD REJECT" => self.send(0x30, &[CAUSE]),
            "RETRIEVE" => self.send(0x31, &[]),
            "RETRIEVE ACKNOWLEDGE" => self.send(0x33, &[CHANNEL]),
            "RETRIEVE REJECT" => self.send(0x37, &[CAUSE]),
            "SUSPEND" => self.send(0x25, &[]),
            "SUSPEND ACKNOWLEDGE" => self.send(0x2D, &[]),
            "SUSPEND REJECT" => self.send(0x21, &[CAUSE]),
            "RESUME" => self.send(0x26, &[]),
            "RESUME ACKNOWLEDGE" => self.send(0x2E, &[CHANNEL]),
            "RESUME REJECT" => self.send(0x22, &[CAUSE]),
            "unknown message" => self.send(0x66, &[]),
            other => panic!("no message {other}"),
        }
    }

    fn send(&mut self, kind: u8, elements: &[&[u8]]) {
        let [high, low] = self.reference;
        let octets = [&[0x08, 0x02, high, low, kind], elements.concat().as_slice()].concat();
        self.interface.handle_message(self.now, &octets);
    }

    fn state(&self) -> String {
        let letter = match self.side {
            Side::User => 'U',
            Side::Network => 'N',
        };
        let mut calls = self.interface.calls();
        let number = calls.next().map_or(0, |(_, state, _)| state.number(self.side));
        assert!(calls.next().is_none(), "one call at a time");
        format!("{letter}{number}")
    }

    fn drain(&mut self) -> Vec<String> {
        self.expired.clear();
        let mut words = Vec::new();
        while let Some(action) = self.interface.poll_action() {
            match action {
                Action::Transmit(octets) => words.push(self.message_words(&octets)),
                Action::Line { primitive: Primitive::Detail(_), .. } => {}
                Action::Line { call, primitive, .. } => {
                    self.call.get_or_insert(call);
                    words.push(format!("up {}", word(primitive)));
                }
                Action::Report(Report::Expired { timer, .. }) => self.expired.push(format!("{timer:?}")),
                Action::Report(_) | Action::ChannelRestarted(_) => {}
            }
        }
        // A channel whose call ended without an answer is restarted (§5.5), on the global reference: no matter of the call.
        words.retain(|word| word != "RESTART");
        words
    }

    /// Name and cause. A STATUS has to carry the state it is sent in.
    fn message_words(&self, octets: &[u8]) -> String {
        let [0x08, 0x02, high, low, kind, elements @ ..] = octets else { panic!("{octets:02x?}") };
        if *kind == 0x46 {
            return "RESTART".to_owned();
        }
        assert_eq!([high ^ 0x80, *low], self.reference, "call reference, flag reversed: {octets:02x?}");
        let (mut cause, mut state, mut rest) = (None, None, elements);
        while let [identifier, after @ ..] = rest {
            if identifier & 0x80 != 0 {
                rest = after;
                continue;
            }
            let (contents, next) = after[1..].split_at(usize::from(after[0]));
            match identifier {
                0x08 => cause = Some(contents[1] & 0x7F),
                0x14 => state = Some(contents[0]),
                _ => {}
            }
            rest = next;
        }
        let name = MESSAGES.iter().find(|(octet, _)| octet == kind).map_or("?", |(_, name)| name);
        if name == "STATUS" {
            assert_eq!(state, self.state()[1..].parse().ok(), "the state that STATUS carries");
        }
        cause.map_or(name.to_owned(), |cause| format!("{name} {cause}"))
    }
}

const MESSAGES: &[(u8, &str)] = &[
    (0x01, "ALERTING"),
    (0x02, "CALL PROCEEDING"),
    (0x05, "SETUP"),
    (0x07, "CONNECT"),
    (0x0D, "SETUP ACKNOWLEDGE"),
    (0x0F, "CONNECT ACKNOWLEDGE"),
    (0x21, "SUSPEND REJECT"),
    (0x22, "RESUME REJECT"),
    (0x28, "HOLD ACKNOWLEDGE"),
    (0x30, "HOLD REJECT"),
    (0x33, "RETRIEVE ACKNOWLEDGE"),
    (0x37, "RETRIEVE REJECT"),
    (0x45, "DISCONNECT"),
    (0x4D, "RELEASE"),
    (0x5A, "RELEASE COMPLETE"),
    (0x75, "STATUS ENQUIRY"),
    (0x7B, "INFORMATION"),
    (0x7D, "STATUS"),
];

fn clearing() -> Primitive {
    Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent }
}

fn word(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Setup(_) => "Setup",
        Primitive::Digits { .. } => "Digits",
        Primitive::Proceeding => "Proceeding",
        Primitive::Progress(_) => "Progress",
        Primitive::Alerting(_) => "Alerting",
        Primitive::Connected => "Connected",
        Primitive::Held => "Held",
        Primitive::Retrieved => "Retrieved",
        Primitive::Info(_) => "Info",
        Primitive::Clearing { inband: Inband::Audio, .. } => "Clearing with tone",
        Primitive::Clearing { .. } => "Clearing",
        Primitive::Released { .. } => "Released",
        Primitive::Refused(_) => "Refused",
        _ => "something else",
    }
}
