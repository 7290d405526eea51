//! Machines as lists of operations: what is chosen by the octets must leave them in step.

use crate::Choices;
use base::{Digits, Instant};
use core::time::Duration;
use media::{
    BLOCK, BargeIn, Block, Clamp, Clip, Command, Direction, DtmfDetection, Engine, Event, Mask, Muting, PlayId, PortId,
    RecordSlot, RecordedBlock, Sink, ToneSpec,
};
use ports::span::Frame;
use sig_q921::{Action, Link, Parameters, QUEUED_MESSAGES, Side};
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Two links over a line that loses, repeats and garbles; once the line is good again they come up and carry messages.
pub(crate) fn q921_link(octets: &[u8]) {
    let mut pair = Pair::new();
    let mut choices = Choices(octets);
    while !choices.is_empty() {
        let choice = choices.octet();
        let end = usize::from(choice >> 7);
        match choice & 15 {
            0 => pair.ends[end].link.establish(pair.now),
            1 => pair.ends[end].link.release(pair.now),
            2 => {
                let message = choices.some();
                let _refused = pair.ends[end].link.send(pair.now, message);
            }
            3 => drop(pair.ends[end].to_peer.pop_front()),
            4 => pair.ends[end].to_peer.extend(pair.ends[end].to_peer.front().cloned()),
            5 => {
                let (at, bit) = (usize::from(choices.octet()), choices.octet() & 7);
                let frame = pair.ends[end].to_peer.front_mut();
                if let Some(octet) = frame.and_then(|frame| frame.get_mut(at)) {
                    *octet ^= 1 << bit;
                }
            }
            6 => {
                let frame = choices.some();
                pair.ends[end].link.handle_frame(pair.now, frame);
            }
            7..=9 => pair.wait(Duration::from_millis(10 * u64::from(choices.octet()))),
            _ => pair.carry(end),
        }
        pair.drain();
    }
    pair.come_up();
}

struct End {
    link: Link,
    to_peer: VecDeque<Frame>,
    delivered: VecDeque<Vec<u8>>,
}

struct Pair {
    ends: [End; 2],
    now: Instant,
}

/// Frames that a line holds; beyond that it loses the newest.
const ON_THE_WAY: usize = 64;

impl Pair {
    fn new() -> Self {
        let end = |side| End {
            link: Link::new(side, Parameters::default()),
            to_peer: VecDeque::new(),
            delivered: VecDeque::new(),
        };
        Self { ends: [end(Side::User), end(Side::Network)], now: Instant::ZERO }
    }

    fn drain(&mut self) {
        for end in &mut self.ends {
            let mut actions = 0;
            while let Some(action) = end.link.poll_action() {
                actions += 1;
                assert!(actions <= 1000, "a link that never stops acting");
                match action {
                    Action::Transmit(frame) if end.to_peer.len() < ON_THE_WAY => end.to_peer.push_back(frame),
                    Action::Deliver(message) => end.delivered.push_back(message.to_vec()),
                    Action::Transmit(_) | Action::Established | Action::Released | Action::Reset | Action::Error(_) => {
                    }
                }
            }
            assert!(end.link.unacknowledged() <= QUEUED_MESSAGES);
        }
    }

    /// Hands the oldest frame that `from` sent to the other end.
    fn carry(&mut self, from: usize) {
        if let Some(frame) = self.ends[from].to_peer.pop_front() {
            self.ends[1 - from].link.handle_frame(self.now, &frame);
            self.drain();
        }
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..1000 {
            let due = self.ends.iter().filter_map(|end| end.link.deadline()).min();
            let Some(due) = due.filter(|&due| due <= until) else { break };
            self.now = self.now.max(due);
            for end in &mut self.ends {
                end.link.handle_timeout(self.now);
            }
            self.drain();
        }
        self.now = until;
    }

    fn come_up(&mut self) {
        for end in &mut self.ends {
            end.to_peer.clear();
        }
        for _ in 0..60 {
            self.ends[0].link.establish(self.now);
            self.drain();
            self.carry_all();
            if self.ends.iter().all(|end| end.link.is_up()) && self.messages_cross() {
                return;
            }
            self.wait(Duration::from_secs(1));
            self.carry_all();
        }
        panic!("the links did not come up in a minute: {:?}", self.ends.each_ref().map(|end| end.link.state()));
    }

    fn carry_all(&mut self) {
        for _ in 0..2000 {
            if self.ends.iter().all(|end| end.to_peer.is_empty()) {
                return;
            }
            (0..2).for_each(|end| self.carry(end));
        }
        panic!("two links that never fall silent");
    }

    fn messages_cross(&mut self) -> bool {
        for end in &mut self.ends {
            end.delivered.clear();
        }
        for number in 0..20_u8 {
            for end in &mut self.ends {
                if end.link.send(self.now, &[number]).is_err() {
                    return false;
                }
            }
            self.drain();
            self.carry_all();
        }
        let expected: Vec<Vec<u8>> = (0..20).map(|number| vec![number]).collect();
        self.ends.iter().all(|end| end.delivered.ends_with_all(&expected))
    }
}

/// Whether a queue ends with these values.
trait EndsWith {
    fn ends_with_all(&self, expected: &[Vec<u8>]) -> bool;
}

impl EndsWith for VecDeque<Vec<u8>> {
    fn ends_with_all(&self, expected: &[Vec<u8>]) -> bool {
        self.len() >= expected.len() && self.iter().skip(self.len() - expected.len()).eq(expected)
    }
}

const PORTS: u16 = 4;

/// Any orders to the media engine. Every play ends once, every recording that began stops.
pub(crate) fn engine(octets: &[u8]) {
    let mut engine = Engine::new(usize::from(PORTS));
    let mut ledger = Ledger::default();
    let mut choices = Choices(octets);
    let mut plays = 0;
    let mut tx = [[0; BLOCK]; PORTS as usize];
    while !choices.is_empty() {
        let choice = choices.octet();
        if choice & 15 < 4 {
            let rx: [Block; PORTS as usize] = core::array::from_fn(|_| noise(&mut choices));
            engine.tick(&rx[..usize::from(choice >> 5).min(rx.len())], &mut tx, &mut ledger);
            continue;
        }
        let command = command(choice, &mut choices, plays);
        if let Command::Play { play, .. } = &command {
            ledger.playing.insert(play.0);
            plays += 1;
        }
        if let Command::StartRecord { recording, .. } = &command {
            ledger.wanted = Some(recording.0);
        }
        engine.handle(command, &mut ledger);
        if let Some(started) = ledger.wanted.take() {
            assert!(ledger.recording.insert(started), "recorder {started} was given out twice");
        }
    }
    (0..PORTS).for_each(|port| engine.handle(Command::Close(PortId(port)), &mut ledger));
    assert!(ledger.playing.is_empty(), "plays without an end: {:?}", ledger.playing);
    assert!(ledger.recording.is_empty(), "recordings without an end: {:?}", ledger.recording);
}

fn command(choice: u8, choices: &mut Choices<'_>, plays: u32) -> Command {
    let which = choices.octet();
    let port = PortId(u16::from(which % (PORTS as u8 + 1)));
    let other = PortId(u16::from(which >> 3) % (PORTS + 1));
    let one_way = which & 0x40 == 0;
    let recording = RecordSlot(u16::from(which >> 3) % (PORTS + 1));
    match choice & 15 {
        4 => Command::Open(port),
        5 => Command::Close(port),
        6 | 7 => {
            let clip = Arc::new(Clip::from_alaw(choices.some()));
            let barge_in = if one_way { BargeIn::Allowed } else { BargeIn::Refused };
            Command::Play { port, play: PlayId(plays), clip, barge_in }
        }
        8 if one_way => Command::StopPlay(port),
        8 => Command::StopTone(port),
        9 => {
            let hz = f32::from(choices.octet()) * 20.0;
            Command::Tone { port, tone: ToneSpec::single(hz, base::Dbm0(-f32::from(choices.octet()))) }
        }
        10 => {
            let mut digits = Digits::new();
            for &octet in choices.some() {
                let _no_digit = digits.push(char::from(octet));
            }
            let (on_ms, off_ms) = (u16::from(choices.octet()), u16::from(choices.octet()));
            Command::SendDigits { port, digits, on_ms, off_ms }
        }
        11 => Command::Detect { port, dtmf: if one_way { DtmfDetection::On } else { DtmfDetection::Off } },
        12 if choice & 16 == 0 => Command::Bridge(port, other),
        12 => Command::Unbridge(port),
        13 => {
            let direction = if which & 0x20 == 0 { Direction::Received } else { Direction::Sent };
            Command::Mute { port, direction, on: if one_way { Muting::On } else { Muting::Off } }
        }
        14 if one_way => Command::StartRecord { port, recording },
        14 => Command::StopRecord(recording),
        _ if choice & 16 == 0 => Command::MaskRecord { port, mask: if one_way { Mask::On } else { Mask::Off } },
        _ => Command::ClampRecord { port, clamp: if one_way { Clamp::On } else { Clamp::Off } },
    }
}

/// A block made from two octets: two tones of any frequency.
fn noise(choices: &mut Choices<'_>) -> Block {
    let (first, second) = (f32::from(choices.octet()), f32::from(choices.octet()));
    let wave = |step: f32, at: usize| (step * at as f32 / 80.0).sin() * 12_000.0;
    core::array::from_fn(|at| (wave(first, at) + wave(second, at)) as i16)
}

/// What must come to an end.
#[derive(Default)]
struct Ledger {
    playing: BTreeSet<u32>,
    recording: BTreeSet<u16>,
    /// The recorder just asked for, until the engine refuses it.
    wanted: Option<u16>,
}

impl Sink for Ledger {
    fn event(&mut self, event: Event) {
        match event {
            Event::PlayDone { play, .. } => assert!(self.playing.remove(&play.0), "play {} ended twice", play.0),
            Event::RecordRefused { .. } => self.wanted = None,
            Event::RecordStopped { recording } => assert!(self.recording.remove(&recording.0)),
            _ => {}
        }
    }

    fn recorded(&mut self, block: &RecordedBlock) {
        assert!(self.recording.contains(&block.recording.0), "a block of no recording");
    }
}
