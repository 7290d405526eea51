//! Restarts against `q931-global.toml`: each message on the global call reference, order and timer in each of its states, on both sides
//! and in all profiles.
//! Messages are written and read here, octet by octet, and not by the interface's codec.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]

use base::Instant;
use ports::call::{Address, Bearer, Number, Primitive, Setup};
use sig_q931::{Action, ChannelState, Interface, LinkState, Profile, Report, Side, Timer};
use spec::Table;

#[test]
fn a_restart_goes_as_the_standard_says_in_every_state_and_profile() {
    let mut differences = Vec::new();
    for profile in &Profile::ALL {
        for side in [Side::User, Side::Network] {
            differences.extend(compare(profile, side));
        }
    }
    assert!(differences.is_empty(), "{}:\n{}", differences.len(), differences.join("\n"));
}

/// What one side does otherwise than the table says, the same for every profile.
fn compare(profile: &Profile, side: Side) -> Vec<String> {
    let table = Table::parse(include_str!("../q931-global.toml")).unwrap();
    let (mut differences, mut compared) = (Vec::new(), 0);
    let other = if side == Side::User { ", network" } else { ", user" };
    for cell in table.cells().iter().filter(|cell| table.is_reached(&cell.state) && !cell.event.ends_with(other)) {
        let mut bench = Bench::in_state(profile, side, &cell.state);
        let seen = bench.apply(&cell.event);
        let (actions, next): (Vec<&str>, _) = (seen.iter().map(String::as_str).collect(), bench.state());
        if !cell.allows(&actions, None, next) {
            let (state, event, wanted) = (&cell.state, &cell.event, cell.wanted());
            differences.push(format!("{} {side:?} {state}, {event}: {actions:?} then {next}; {wanted}", profile.name));
        }
        compared += 1;
    }
    assert!(compared > 85, "{compared} compared");
    differences
}

/// An interface whose channel 1 is restarted, or is not.
struct Bench {
    interface: Interface,
    now: Instant,
    /// Call reference octets of the message that is answered.
    reference: [u8; 2],
    /// State number that a STATUS has to carry.
    number: u8,
    expired: bool,
}

/// Reference 0, as the peer writes it: the one of its restarts, and the one of ours.
const THEIRS: [u8; 2] = [0x00, 0x00];
const OURS: [u8; 2] = [0x80, 0x00];

const CHANNEL: &[u8] = &[0x18, 0x03, 0xA9, 0x83, 0x81];
const ANOTHER: &[u8] = &[0x18, 0x03, 0xA9, 0x83, 0x87];
const SEVERAL: &[u8] = &[0x18, 0x05, 0xA9, 0x83, 0x01, 0x02, 0x85];
/// Timeslot 16 carries the link.
const UNKNOWN: &[u8] = &[0x18, 0x03, 0xA9, 0x83, 0x90];
const KNOWN_AND_UNKNOWN: &[u8] = &[0x18, 0x04, 0xA9, 0x83, 0x01, 0x90];
const BAD_CHANNEL: &[u8] = &[0x18, 0x01, 0xA9];
/// Ours is 1.
const ELSEWHERE: &[u8] = &[0x18, 0x02, 0xE8, 0x82];
const CHANNELS: &[u8] = &[0x79, 0x01, 0x80];
const SINGLE_INTERFACE: &[u8] = &[0x79, 0x01, 0x86];
const ALL_INTERFACES: &[u8] = &[0x79, 0x01, 0x87];
const BAD_INDICATOR: &[u8] = &[0x79, 0x01, 0x83];
const CAUSE: &[u8] = &[0x08, 0x02, 0x80, 0xE5];

impl Bench {
    fn in_state(profile: &Profile, side: Side, state: &str) -> Self {
        let parameters = sig_q931::Parameters { interface: Some(1), ..profile.parameters(side) };
        let interface = Interface::new(side, parameters);
        let mut bench = Self { interface, now: Instant::ZERO, reference: THEIRS, number: 0, expired: false };
        bench.interface.handle_link(bench.now, LinkState::Up);
        if state == "REST 1" {
            bench.interface.restart(bench.now, 1);
        }
        bench.drain();
        assert_eq!(bench.state(), state, "the way to it");
        bench
    }

    /// Out of service with an end in sight is being restarted.
    fn state(&self) -> &'static str {
        let is_out = |timeslot| self.interface.channel_state(timeslot) == ChannelState::OutOfService;
        let out = (1..32).any(|timeslot| timeslot != 16 && is_out(timeslot));
        if out && self.interface.deadline().is_some() { "REST 1" } else { "REST 0" }
    }

    fn apply(&mut self, event: &str) -> Vec<String> {
        if event.ends_with("in use") {
            self.interface.call(self.now, setup(), Some(1)).unwrap();
            // CONNECT.
            self.interface.handle_message(self.now, &[0x08, 0x02, 0x80, 0x01, 0x07]);
            self.drain();
            assert_eq!(self.interface.channel_state(1), ChannelState::Connected);
        }
        match event.trim_end_matches(" in use") {
            "order to restart a channel" => {
                let channel = if self.state() == "REST 0" { 1 } else { 2 };
                self.interface.restart(self.now, channel);
            }
            "RESTART ACKNOWLEDGE, another waits" => {
                self.interface.restart(self.now, 2);
                self.drain();
                self.message("RESTART ACKNOWLEDGE");
            }
            "SETUP for the channel" => self.interface.handle_message(self.now, SETUP),
            "call for the channel" => drop(self.interface.call(self.now, setup(), Some(1))),
            "DL-ESTABLISH indication" => self.interface.handle_link(self.now, LinkState::Reset),
            "DL-RELEASE indication" => self.interface.handle_link(self.now, LinkState::Down),
            timer if timer.starts_with("T316") => {
                for _ in 0..if timer == "T316 first" { 1 } else { 2 } {
                    self.drain();
                    self.expired = false;
                    self.now = self.interface.deadline().expect("T316 runs");
                    self.interface.handle_timeout(self.now);
                }
                let actions = self.drain();
                assert!(self.expired, "T316");
                return actions;
            }
            message => self.message(message),
        }
        self.drain()
    }

    fn message(&mut self, message: &str) {
        let status = |cause: u8, state| [0x08, 0x02, 0x80, 0x80 | cause, 0x14, 0x01, state];
        match message {
            "RESTART of a channel" => self.send(THEIRS, 0x46, &[CHANNEL, CHANNELS]),
            "RESTART of several channels" => self.send(THEIRS, 0x46, &[SEVERAL, CHANNELS]),
            "RESTART of the interface" => self.send(THEIRS, 0x46, &[SINGLE_INTERFACE]),
            "RESTART of all interfaces" => self.send(THEIRS, 0x46, &[ALL_INTERFACES]),
            "RESTART of all interfaces with channel" => self.send(THEIRS, 0x46, &[CHANNEL, ALL_INTERFACES]),
            "RESTART without indicator" => self.send(THEIRS, 0x46, &[CHANNEL]),
            "RESTART with bad indicator" => self.send(THEIRS, 0x46, &[CHANNEL, BAD_INDICATOR]),
            "RESTART of a channel without channel" => self.send(THEIRS, 0x46, &[CHANNELS]),
            "RESTART with bad channel" => self.send(THEIRS, 0x46, &[BAD_CHANNEL, CHANNELS]),
            "RESTART of an unknown channel" => self.send(THEIRS, 0x46, &[UNKNOWN, CHANNELS]),
            "RESTART of known and unknown channels" => self.send(THEIRS, 0x46, &[KNOWN_AND_UNKNOWN, CHANNELS]),
            "RESTART of another interface" => self.send(THEIRS, 0x46, &[ELSEWHERE, SINGLE_INTERFACE]),
            "RESTART with our flag" => self.send(OURS, 0x46, &[CHANNEL, CHANNELS]),
            "RESTART ACKNOWLEDGE" => self.send(OURS, 0x4E, &[CHANNEL, CHANNELS]),
            "RESTART ACKNOWLEDGE of another channel" => self.send(OURS, 0x4E, &[ANOTHER, CHANNELS]),
            "RESTART ACKNOWLEDGE without channel" => self.send(OURS, 0x4E, &[CHANNELS]),
            "RESTART ACKNOWLEDGE without indicator" => self.send(OURS, 0x4E, &[CHANNEL]),
            "RESTART ACKNOWLEDGE with bad indicator" => self.send(OURS, 0x4E, &[CHANNEL, BAD_INDICATOR]),
            "RESTART ACKNOWLEDGE with bad channel" => self.send(OURS, 0x4E, &[BAD_CHANNEL, CHANNELS]),
            "RESTART ACKNOWLEDGE with foreign flag" => self.send(THEIRS, 0x4E, &[CHANNEL, CHANNELS]),
            "STATUS null" => self.send(OURS, 0x7D, &[&status(101, 0)]),
            "STATUS null 97" => self.send(OURS, 0x7D, &[&[0x08, 0x03, 0x80, 0xE1, 0x46], &[0x14, 0x01, 0]]),
            "STATUS restart request" => self.send(OURS, 0x7D, &[&status(101, 61)]),
            "STATUS restart" => self.send(OURS, 0x7D, &[&status(101, 62)]),
            "STATUS active" => self.send(OURS, 0x7D, &[&status(101, 10)]),
            "STATUS without cause" => self.send(OURS, 0x7D, &[&[0x14, 0x01, 62]]),
            "STATUS without state" => self.send(OURS, 0x7D, &[CAUSE]),
            "STATUS with bad state" => self.send(OURS, 0x7D, &[CAUSE, &[0x14, 0x02, 0, 0]]),
            "SETUP" => self.send(THEIRS, 0x05, &[&SETUP[5..]]),
            "CONNECT" => self.send(THEIRS, 0x07, &[]),
            "DISCONNECT" => self.send(THEIRS, 0x45, &[CAUSE]),
            "RELEASE" => self.send(THEIRS, 0x4D, &[CAUSE]),
            "RELEASE COMPLETE" => self.send(THEIRS, 0x5A, &[CAUSE]),
            "STATUS ENQUIRY" => self.send(THEIRS, 0x75, &[]),
            "SUSPEND" => self.send(THEIRS, 0x25, &[]),
            "unknown message" => self.send(THEIRS, 0x66, &[]),
            other => panic!("no message {other}"),
        }
    }

    fn send(&mut self, reference: [u8; 2], kind: u8, elements: &[&[u8]]) {
        self.reference = reference;
        // The partner's restarts have no state that lasts, so only on ours a STATUS may say more than null.
        self.number = if reference == OURS && self.state() == "REST 1" { 61 } else { 0 };
        let octets = [&[0x08, 0x02, reference[0], reference[1], kind], elements.concat().as_slice()].concat();
        self.interface.handle_message(self.now, &octets);
    }

    fn drain(&mut self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        while let Some(action) = self.interface.poll_action() {
            match action {
                Action::Transmit(octets) => words.push(self.message_words(&octets)),
                Action::Line { primitive: Primitive::Setup(_), .. } => words.push("up Setup".into()),
                Action::Line { primitive: Primitive::Released { .. }, .. } => words.push("up Released".into()),
                Action::Line { .. } => {}
                Action::ChannelRestarted(1) => words.push("up Free".into()),
                Action::ChannelRestarted(_) => {}
                Action::Report(Report::Status { .. } | Report::OutOfService(_)) => words.push("up Maintenance".into()),
                Action::Report(Report::Expired { timer, .. }) => self.expired |= timer == Timer::T316,
                Action::Report(_) => {}
            }
        }
        words
    }

    /// Name and cause, on the right reference.
    fn message_words(&self, octets: &[u8]) -> String {
        let [0x08, 0x02, high, low, kind, elements @ ..] = octets else { panic!("{octets:02x?}") };
        let name = match kind {
            0x05 => return "SETUP".into(),
            0x0F => return "CONNECT ACKNOWLEDGE".into(),
            0x5A => "RELEASE COMPLETE",
            0x46 => {
                assert_eq!([*high, *low], THEIRS, "our RESTART carries the flag of its originator");
                return "RESTART".into();
            }
            0x4E => "RESTART ACKNOWLEDGE",
            0x7D => "STATUS",
            other => panic!("message {other:#04x}"),
        };
        if name != "RELEASE COMPLETE" {
            assert_eq!([high ^ 0x80, *low], self.reference, "flag reversed: {octets:02x?}");
        }
        let (mut cause, mut state, mut rest) = (None, None, elements);
        while let [identifier, length, after @ ..] = rest {
            let (contents, next) = after.split_at(usize::from(*length));
            match identifier {
                0x08 => cause = Some(contents[1] & 0x7F),
                0x14 => state = Some(contents[0]),
                0x18 if contents.ends_with(&[0x90]) => return format!("{name} of timeslot 16"),
                _ => {}
            }
            rest = next;
        }
        if name == "STATUS" && state != Some(self.number) {
            return format!("STATUS that says state {state:?}");
        }
        cause.map_or(name.to_owned(), |cause| format!("{name} {cause}"))
    }
}

/// SETUP of the peer for channel 1 and no other.
const SETUP: &[u8] = &[
    0x08, 0x02, 0x00, 0x4D, 0x05, 0xA1, 0x04, 0x03, 0x80, 0x90, 0xA3, 0x18, 0x03, 0xA9, 0x83, 0x81, 0x70, 0x03, 0x80,
    b'1', b'0',
];

fn setup() -> Setup {
    Setup {
        from: Number::default(),
        to: Number::unknown("10086".parse().unwrap()),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    }
}
