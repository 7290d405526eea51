//! Both media engines as lists of orders.

use crate::Choices;
use base::{Digit, Digits};
use core::time::Duration;
use media::symbolic::{Sound, SymbolicEngine};
use media::{
    BLOCK, BargeIn, Block, Clamp, Clip, Command, ConferenceId, Direction, DtmfDetection, EchoSettings, EchoTail,
    Engine, Event, FaxSignal, Listening, Mask, Muting, Pausing, PlayId, PortId, RecordSlot, RecordedBlock, Repeat,
    Sink, Source, Supervision, ToneSpec,
};
use std::collections::BTreeSet;
use std::sync::Arc;

const PORTS: u16 = 4;

/// Any orders to both media engines. Every play ends once, every hold gives its music back, every recording that began stops.
pub(crate) fn engine(octets: &[u8]) {
    let (mut samples, mut symbols) = (Engine::new(usize::from(PORTS)), SymbolicEngine::new(usize::from(PORTS)));
    let mut ledgers = [Ledger::default(), Ledger::default()];
    let mut choices = Choices(octets);
    let mut plays = 0;
    let mut tx = [[0; BLOCK]; PORTS as usize];
    let mut sounds = [Sound::Silence; PORTS as usize];
    while !choices.is_empty() {
        let choice = choices.octet();
        if choice & 15 < 4 {
            let rx: [Block; PORTS as usize] = core::array::from_fn(|_| noise(&mut choices));
            let given = usize::from(choice >> 5).min(rx.len());
            samples.tick(&rx[..given], &mut tx, &mut ledgers[0]);
            let heard = rx.map(|block| Digit::GRID.get(usize::from(block[1].unsigned_abs()) % 20).copied());
            symbols.tick(
                &heard.map(|digit| digit.map_or(Sound::Silence, Sound::Digit))[..given],
                &mut sounds,
                &mut ledgers[1],
            );
            symbols.skip(u64::from(choice >> 2 & 7));
            let took = Duration::from_millis(u64::from(choice >> 2 & 3) * 5);
            samples.took(took, &mut ledgers[0]);
            symbols.took(took, &mut ledgers[1]);
            continue;
        }
        let command = command(choice, &mut choices, plays);
        plays += u32::from(matches!(command, Command::Play { .. } | Command::PlayRepeated { .. }));
        ledgers.iter_mut().for_each(|ledger| ledger.expect(&command));
        samples.handle(command.clone(), &mut ledgers[0]);
        symbols.handle(command, &mut ledgers[1]);
        ledgers.iter_mut().for_each(Ledger::began);
    }
    for port in 0..PORTS {
        samples.handle(Command::Close(PortId(port)), &mut ledgers[0]);
        symbols.handle(Command::Close(PortId(port)), &mut ledgers[1]);
        // Conferences go on without members.
        samples.handle(Command::StopRecord(RecordSlot(port)), &mut ledgers[0]);
        symbols.handle(Command::StopRecord(RecordSlot(port)), &mut ledgers[1]);
    }
    ledgers.iter().for_each(Ledger::close);
}

fn command(choice: u8, choices: &mut Choices<'_>, plays: u32) -> Command {
    let which = choices.octet();
    let port = PortId(u16::from(which % (PORTS as u8 + 1)));
    let other = PortId(u16::from(which >> 3) % (PORTS + 1));
    let one_way = which & 0x40 == 0;
    let recording = RecordSlot(u16::from(which >> 3) % (PORTS + 1));
    if choice & 0x80 != 0 {
        return together(choice, choices, plays);
    }
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

/// Orders that join ports, and what plays can do beside playing.
fn together(choice: u8, choices: &mut Choices<'_>, plays: u32) -> Command {
    let which = choices.octet();
    let port = PortId(u16::from(which % (PORTS as u8 + 1)));
    let other = PortId(u16::from(which >> 3) % (PORTS + 1));
    let conference = ConferenceId(u16::from(which >> 6));
    let is_odd = choice & 16 != 0;
    let clip = |choices: &mut Choices<'_>| {
        let marks: Vec<u32> = choices.some().iter().map(|&mark| u32::from(mark)).collect();
        Arc::new(Clip::from_alaw(choices.some()).with_marks(&marks))
    };
    match choice & 15 {
        4 | 5 => Command::Join { conference, port },
        6 if is_odd => Command::Leave(port),
        6 => Command::Retrieve(port),
        7 | 8 => {
            let way = [Supervision::Listen, Supervision::Whisper, Supervision::Barge][usize::from(which >> 6) % 3];
            Command::Supervise { port, supervised: other, way }
        }
        9 => Command::Hold { port, music: is_odd.then(|| clip(choices)) },
        10 | 11 => {
            let repeat = if is_odd { Repeat::Endless } else { Repeat::Times(u16::from(which >> 4)) };
            let barge_in = BargeIn::Allowed;
            Command::PlayRepeated { port, play: PlayId(plays), clip: clip(choices), barge_in, repeat }
        }
        12 => Command::PausePlay { port, on: if is_odd { Pausing::On } else { Pausing::Off } },
        14 => listen(which, port),
        13 => Command::ClampPassed { port, clamp: if is_odd { Clamp::On } else { Clamp::Off } },
        _ => {
            let sources = [Source::Conference(conference), Source::Received(other), Source::Sent(other)];
            let source = sources[usize::from(choice >> 4) % sources.len()];
            Command::StartTap { source, recording: RecordSlot(port.0) }
        }
    }
}

/// Orders to receivers, and what they are there for.
fn listen(which: u8, port: PortId) -> Command {
    let on = if which & 0x80 == 0 { Listening::On } else { Listening::Off };
    let direction = if which & 0x80 == 0 { Direction::Received } else { Direction::Sent };
    match which >> 3 & 7 {
        0 => Command::ListenFax { port, on },
        1 => Command::ListenVoice { port, on },
        2 => Command::ListenLevels { port, on },
        3 => Command::ListenProgress { port, on },
        4 => Command::SetGain { port, direction, db: f32::from(which.cast_signed()) },
        5 => Command::CancelEcho { port, tail: Some(EchoTail::Ms32), settings: EchoSettings::default() },
        6 => Command::SendFaxTone { port, signal: (which & 0x80 == 0).then_some(FaxSignal::Flags) },
        _ => Command::SendFaxTone { port, signal: Some(FaxSignal::Cng) },
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
    /// Holds asked for, less those that ended.
    holds: i64,
    /// The recorder just asked for, until the engine refuses it.
    wanted: Option<u16>,
}

impl Ledger {
    /// Notes what a command asks for.
    fn expect(&mut self, command: &Command) {
        match command {
            Command::Play { play, .. } | Command::PlayRepeated { play, .. } => {
                self.playing.insert(play.0);
            }
            Command::StartRecord { recording, .. } | Command::StartTap { recording, .. } => {
                self.wanted = Some(recording.0)
            }
            Command::Hold { .. } => self.holds += 1,
            _ => {}
        }
    }

    /// The command was not refused.
    fn began(&mut self) {
        if let Some(started) = self.wanted.take() {
            assert!(self.recording.insert(started), "recorder {started} was given out twice");
        }
    }

    fn close(&self) {
        assert!(self.playing.is_empty(), "plays without an end: {:?}", self.playing);
        assert!(self.recording.is_empty(), "recordings without an end: {:?}", self.recording);
        assert_eq!(self.holds, 0, "holds without an end");
    }
}

impl Sink for Ledger {
    fn event(&mut self, event: Event) {
        match event {
            Event::PlayDone { play, .. } => assert!(self.playing.remove(&play.0), "play {} ended twice", play.0),
            Event::RecordRefused { .. } | Event::TapRefused { .. } => self.wanted = None,
            Event::HoldEnded { .. } => self.holds -= 1,
            Event::RecordStopped { recording } => assert!(self.recording.remove(&recording.0)),
            _ => {}
        }
    }

    fn recorded(&mut self, block: &RecordedBlock) {
        assert!(self.recording.contains(&block.recording.0), "a block of no recording");
    }
}
