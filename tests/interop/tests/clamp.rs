//! Keys that must not be in a recording are in none that spandsp can hear: its receiver is not the one that cut them out.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use base::Digits;
use dsp_tone::{DigitSender, SendProfile};
use interop::dtmf_digits;
use media::{
    BLOCK, BargeIn, Clamp, Clip, Command, Engine, Event, Mask, PlayId, PortId, RecordSlot, RecordedBlock, Sink, wav,
};
use std::sync::Arc;

const PORT: PortId = PortId(0);
const KEYS: &str = "1234567890*#ABCD";

#[derive(Clone, Copy, PartialEq)]
enum Hiding {
    Nothing,
    Clamp,
    Mask,
}

#[test]
fn spandsp_finds_all_keys_without_and_none_with_a_clamp_or_a_mask() {
    for (on_ms, off_ms) in [(45, 45), (60, 40), (100, 100), (307, 53)] {
        assert_eq!(recorded(Hiding::Nothing, on_ms, off_ms), [KEYS, KEYS], "{on_ms} ms");
        assert_eq!(recorded(Hiding::Clamp, on_ms, off_ms), ["", ""], "{on_ms} ms");
        assert_eq!(recorded(Hiding::Mask, on_ms, off_ms), ["", ""], "{on_ms} ms");
    }
}

/// What spandsp finds in the two channels of a call's recording: the caller's keys over a prompt, and the same ones sent by the box.
fn recorded(hiding: Hiding, on_ms: u16, off_ms: u16) -> Vec<String> {
    let (mut engine, mut taken) = (Engine::new(1), Taken::default());
    let mut obey = |engine: &mut Engine, command| engine.handle(command, &mut taken);
    obey(&mut engine, Command::Open(PORT));
    obey(&mut engine, Command::StartRecord { port: PORT, recording: RecordSlot(0) });
    let prompt = Arc::new(Clip::from_pcm(&[0; 4000]));
    obey(&mut engine, Command::Play { port: PORT, play: PlayId(0), clip: prompt, barge_in: BargeIn::Allowed });
    if hiding == Hiding::Clamp {
        obey(&mut engine, Command::ClampRecord { port: PORT, clamp: Clamp::On });
    }
    let digits: Digits = KEYS.parse().unwrap();
    let mut caller = DigitSender::new(digits, SendProfile::new(on_ms, off_ms));
    let ticks = KEYS.len() * usize::from(on_ms + off_ms) / 10 + 40;
    for tick in 0..ticks {
        match tick {
            // The mask is asked for when the first key is down already, as a form does that is entered by it.
            24 if hiding == Hiding::Mask => {
                engine.handle(Command::MaskRecord { port: PORT, mask: Mask::On }, &mut taken);
            }
            30 => engine.handle(Command::SendDigits { port: PORT, digits, on_ms, off_ms }, &mut taken),
            _ => {}
        }
        let mut block = [0; BLOCK];
        if tick >= 20 {
            caller.fill(&mut block);
        }
        engine.tick(&[block], &mut [[0; BLOCK]], &mut taken);
    }
    engine.handle(Command::StopRecord(RecordSlot(0)), &mut taken);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("recording.wav");
    let mut file = wav::header(wav::Format::RECORDING, wav::UNKNOWN).to_vec();
    file.extend(taken.0);
    std::fs::write(&path, file).unwrap();
    dtmf_digits(&path)
}

/// The recording's octets, interleaved.
#[derive(Default)]
struct Taken(Vec<u8>);

impl Sink for Taken {
    fn event(&mut self, _event: Event) {}

    fn recorded(&mut self, block: &RecordedBlock) {
        self.0.extend(block.received.iter().zip(block.sent).flat_map(|(&received, sent)| [received, sent]));
    }
}
