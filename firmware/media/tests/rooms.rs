//! Conferences, supervisors and hold to the sample; and that nobody ever hears a listener.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod rig;

use base::Digit;
use media::symbolic::{Sound, SymbolicEngine};
use media::{
    BLOCK, BargeIn, Block, Clamp, Clip, Command, ConferenceId, Direction, DtmfDetection, Engine, Event, Muting,
    Pausing, PlayEnd, PlayId, PortId, RecordSlot, RecordedBlock, Repeat, Sink, Source, Supervision,
};
use rig::{Rig, digits_in, is_silent, loudness, sine};
use std::sync::Arc;

const TEN_MS: usize = BLOCK;

#[test]
fn each_member_hears_the_sum_of_all_others_to_the_sample() {
    let mut rig = Rig::new(5);
    let voices: Vec<Vec<i16>> = (0..4).map(|at| sine(300.0 + 170.0 * f64::from(at), 5000.0, 1600)).collect();
    for (port, voice) in (0..).zip(&voices) {
        rig.obey(join(0, port));
        rig.line(port, voice.iter().copied());
    }
    rig.ticks(20);
    for port in 0..4_usize {
        let sum = |at: usize| -> i32 {
            (0..4).filter(|&other| other != port).map(|other| i32::from(voices[other][at])).sum()
        };
        let expected: Vec<i16> = (0..1600).map(|at| sum(at).clamp(-32_768, 32_767) as i16).collect();
        assert_eq!(rig.sent[port], expected, "port {port}");
    }
    assert!(is_silent(&rig.sent[4]), "who is no member hears nothing");
}

#[test]
fn what_is_too_loud_together_is_cut_and_one_who_goes_away_gives_back_all() {
    let mut rig = Rig::new(3);
    for port in 0..3 {
        rig.obey(join(0, port));
        rig.line(port, [30_000, -30_000].repeat(800));
    }
    rig.ticks(10);
    assert_eq!(rig.sent[0], [32_767, -32_768].repeat(400), "cut once, after all are added");
    rig.obey(Command::Leave(PortId(2)));
    rig.ticks(10);
    assert_eq!(rig.sent[0][800..], [30_000, -30_000].repeat(400));
    assert!(is_silent(&rig.sent[2][800..]));
}

#[test]
fn of_a_large_conference_those_who_speak_are_heard_and_the_noise_of_the_rest_is_not() {
    const MEMBERS: u16 = 40;
    let mut rig = Rig::new(MEMBERS);
    let noise = |port: u16| sine(200.0 + 11.0 * f64::from(port), 60.0, 40_000);
    let voice = |port: u16| sine(1000.0 + 50.0 * f64::from(port), 4000.0, 8000);
    (0..MEMBERS).for_each(|port| rig.obey(join(0, port)));
    // From the first second on one speaks, from the second on four more, of whom three find a place.
    for port in 0..MEMBERS {
        rig.line(port, noise(port)[..8000].iter().copied());
        match port {
            3 => rig.line(port, [voice(3), voice(3)].concat()),
            10..=13 => rig.line(port, [noise(port)[..8000].to_vec(), voice(port)].concat()),
            _ => {}
        }
    }
    rig.ticks(300);
    let heard = |second: usize, by: u16| &rig.sent[usize::from(by)][second * 8000 + 800..(second + 1) * 8000];
    assert!(
        is_silent(&heard(0, 0)[4000..]),
        "noise alone gets no floor, and has lost it soon after the conference grew"
    );
    assert_eq!(heard(1, 0), &voice(3)[800..], "one voice is heard as it is");
    assert!(is_silent(heard(1, 3)), "but by itself");
    let four: f64 = 2.0 * loudness(&voice(3));
    assert!((loudness(heard(2, 0)) / four - 1.0).abs() < 0.02, "four of five are heard");
    assert_eq!(heard(2, 20), heard(2, 0), "all listeners hear the same");
    rig.ticks(100);
    assert!(is_silent(&rig.sent[0][24_000 + 80..]), "and go on being heard through pauses, which are silent here");
}

#[test]
fn a_voice_that_gets_the_floor_rises_over_one_block_and_one_that_is_louder_takes_it() {
    const MEMBERS: u16 = 17;
    let mut rig = Rig::new(MEMBERS);
    (0..MEMBERS).for_each(|port| rig.obey(join(0, port)));
    rig.ticks(100);
    for port in 1..=4 {
        rig.line(port, sine(500.0, 2000.0, 16_000));
    }
    rig.ticks(100);
    let four = loudness(&rig.sent[0][120 * TEN_MS..]);
    assert!((four / (4.0 * loudness(&sine(500.0, 2000.0, 8000))) - 1.0).abs() < 0.01, "{four}");
    // 5 dB louder is not enough, 7 dB is.
    rig.line(5, sine(500.0, 2000.0 * 1.78, 4000));
    rig.ticks(50);
    let five_db = loudness(&rig.sent[0][210 * TEN_MS..250 * TEN_MS]);
    assert!((five_db / four - 1.0).abs() < 0.01, "{five_db} after {four}");
    rig.line(5, sine(500.0, 2000.0 * 2.24, 4000));
    rig.ticks(50);
    let seven_db = loudness(&rig.sent[0][260 * TEN_MS..300 * TEN_MS]);
    assert!((seven_db / four - (3.0 + 2.24) / 4.0).abs() < 0.02, "{seven_db} after {four}");
}

#[test]
fn a_muted_member_hears_and_is_not_heard_and_the_mix_is_recorded_without_it() {
    let mut rig = Rig::new(3);
    let voices: Vec<Vec<i16>> = (0..3).map(|at| sine(300.0 + 200.0 * f64::from(at), 5000.0, 4000)).collect();
    for (port, voice) in (0..).zip(&voices) {
        rig.obey(join(0, port));
        rig.line(port, voice.iter().copied());
    }
    let tap = |source, slot| Command::StartTap { source, recording: RecordSlot(slot) };
    rig.obey(Command::Mute { port: PortId(2), direction: Direction::Received, on: Muting::On });
    rig.obey(tap(Source::Conference(ConferenceId(0)), 0));
    rig.obey(tap(Source::Received(PortId(0)), 1));
    rig.obey(tap(Source::Sent(PortId(0)), 2));
    rig.ticks(50);
    (0..3).for_each(|slot| rig.obey(Command::StopRecord(RecordSlot(slot))));
    assert_eq!(rig.sent[0], voices[1]);
    let through_alaw = |sample: i16| dsp_g711::alaw_decode(dsp_g711::alaw_encode(sample));
    let both: Vec<i16> = voices[0].iter().zip(&voices[1]).map(|(one, other)| through_alaw(one + other)).collect();
    let (mix, other) = rig.recording(0);
    assert_eq!(mix, both);
    assert!(is_silent(&other));
    let (received, sent) = rig.recording(1);
    assert!(received == voices[0] && is_silent(&sent));
    let (received, sent) = rig.recording(2);
    assert!(is_silent(&received) && sent == voices[1]);
}

#[test]
fn a_secret_keyed_in_a_conference_is_in_no_mix_that_is_recorded() {
    let mut rig = Rig::new(3);
    (0..3).for_each(|port| rig.obey(join(0, port)));
    rig.obey(Command::StartTap { source: Source::Conference(ConferenceId(0)), recording: RecordSlot(0) });
    rig.record(1, 1);
    rig.obey(Command::ClampRecord { port: PortId(0), clamp: Clamp::On });
    rig.line(0, sine(280.0, 6000.0, 1640));
    rig.key(0, "123", 60, 60);
    rig.ticks(100);
    assert_eq!(digits_in(&rig.sent[1]), "123", "they are passed on");
    rig.obey(Command::MaskRecord { port: PortId(0), mask: media::Mask::On });
    rig.key(0, "4", 60, 60);
    rig.ticks(30);
    (0..2).for_each(|slot| rig.obey(Command::StopRecord(RecordSlot(slot))));
    let (mix, _) = rig.recording(0);
    assert_eq!(digits_in(&mix), "");
    assert!(loudness(&mix[..1640]) > 3000.0, "speech before them stays");
    let masked = rig.taken.recorded.iter().filter(|(_, block)| block.recording == RecordSlot(0) && block.masked);
    assert_eq!(masked.count(), 36, "and the mask covers the 60 ms before it");
    assert_eq!(digits_in(&rig.recording(1).1[..9000]), "", "nor in what another member was sent");
}

#[test]
fn little_of_a_clamped_key_is_passed_on() {
    for offset in 0..BLOCK {
        let mut rig = Rig::new(2);
        rig.obey(Command::Bridge(PortId(0), PortId(1)));
        rig.obey(Command::ClampPassed { port: PortId(0), clamp: Clamp::On });
        rig.line(0, vec![0; 10 * TEN_MS + offset]);
        rig.key(0, "8", 100, 200);
        rig.line(0, sine(300.0, 6000.0, 4000));
        rig.ticks(100);
        let leaked = rig.sent[1][..40 * TEN_MS].iter().filter(|sample| sample.unsigned_abs() > 8).count();
        assert!(leaked <= 120, "{leaked} samples of a key that begins at {offset}");
        assert_eq!(digits_in(&rig.sent[1]), "");
        assert!(loudness(&rig.sent[1][50 * TEN_MS..]) > 3000.0, "speech is passed on again");
    }
}

#[test]
fn music_goes_round_without_a_gap_and_waits_while_an_announcement_plays() {
    let mut rig = Rig::new(2);
    let music = sine(400.0, 6000.0, 1000);
    let announcement = sine(900.0, 6000.0, 800);
    rig.line(1, sine(2000.0, 9000.0, 8000));
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.obey(Command::Hold { port: PortId(0), music: Some(Arc::new(Clip::from_pcm(&music))) });
    rig.ticks(30);
    let round: Vec<i16> = music.iter().copied().cycle().take(30 * TEN_MS).collect();
    assert_eq!(rig.sent[0], round);
    rig.play(0, 1, Clip::from_pcm(&announcement), BargeIn::Refused);
    rig.ticks(20);
    assert_eq!(rig.sent[0][30 * TEN_MS..40 * TEN_MS], announcement);
    let goes_on: Vec<i16> = music.iter().copied().cycle().skip(30 * TEN_MS).take(10 * TEN_MS).collect();
    assert_eq!(rig.sent[0][40 * TEN_MS..], goes_on);
    assert!(is_silent(&rig.sent[1]));
}

#[test]
fn the_place_of_a_stop_is_exact_under_a_duck_a_pause_and_digits_sent_in_between() {
    let mut rig = Rig::new(1);
    rig.detect(0);
    let clip = Arc::new(Clip::from_pcm(&sine(300.0, 8000.0, 333)).with_marks(&[332]));
    let barge_in = BargeIn::Allowed;
    rig.obey(Command::PlayRepeated { port: PortId(0), play: PlayId(1), clip, barge_in, repeat: Repeat::Endless });
    rig.ticks(10);
    rig.obey(Command::PausePlay { port: PortId(0), on: Pausing::On });
    rig.ticks(7);
    rig.obey(Command::PausePlay { port: PortId(0), on: Pausing::Off });
    rig.obey(Command::SendDigits { port: PortId(0), digits: "1".parse().unwrap(), on_ms: 50, off_ms: 50 });
    rig.line(0, vec![0; 8 * TEN_MS]);
    rig.key(0, "5", 18, 100);
    rig.ticks(30);
    rig.obey(Command::StopPlay(PortId(0)));
    let news = rig.news();
    let marks = news.iter().filter(|(_, event)| matches!(event, Event::Mark { mark: 0, .. })).count();
    assert_eq!(marks, 30 * TEN_MS / 333, "one a turn");
    assert!(news.iter().any(|(_, event)| matches!(event, Event::DigitRetracted { .. })), "it was ducked");
    let done = news.iter().find_map(|(_, event)| match event {
        Event::PlayDone { samples, played_ms, reason, .. } => Some((*samples, *played_ms, *reason)),
        _ => None,
    });
    assert_eq!(done, Some((30 * TEN_MS as u64, 300, PlayEnd::Stopped)));
}

/// All that can be heard of an engine but what is sent to and recorded of one port.
#[derive(Default, PartialEq)]
struct Heard {
    recorded: Vec<RecordedBlock>,
    events: Vec<String>,
}

impl Sink for Heard {
    fn event(&mut self, event: Event) {
        self.events.push(format!("{event:?}"));
    }

    fn recorded(&mut self, block: &RecordedBlock) {
        self.recorded.push(*block);
    }
}

/// What both engines have in common.
trait Kind {
    type Sound: Clone + PartialEq + std::fmt::Debug;
    const SILENCE: Self::Sound;
    /// Whether blocks of recordings come.
    const RECORDS: bool;
    fn make(ports: u16) -> Self;
    fn obey(&mut self, command: Command, heard: &mut Heard);
    fn run(&mut self, rx: &[Self::Sound], tx: &mut [Self::Sound], heard: &mut Heard);
    fn sound(random: &mut Random) -> Self::Sound;
}

impl Kind for Engine {
    type Sound = Block;
    const SILENCE: Block = [0; BLOCK];
    const RECORDS: bool = true;

    fn make(ports: u16) -> Self {
        Self::new(usize::from(ports))
    }

    fn obey(&mut self, command: Command, heard: &mut Heard) {
        self.handle(command, heard);
    }

    fn run(&mut self, rx: &[Block], tx: &mut [Block], heard: &mut Heard) {
        self.tick(rx, tx, heard);
    }

    fn sound(random: &mut Random) -> Block {
        std::array::from_fn(|_| random.below(20_001) as i16 - 10_000)
    }
}

impl Kind for SymbolicEngine {
    type Sound = Sound;
    const SILENCE: Sound = Sound::Silence;
    const RECORDS: bool = false;

    fn make(ports: u16) -> Self {
        Self::new(usize::from(ports))
    }

    fn obey(&mut self, command: Command, heard: &mut Heard) {
        self.handle(command, heard);
    }

    fn run(&mut self, rx: &[Sound], tx: &mut [Sound], heard: &mut Heard) {
        self.tick(rx, tx, heard);
    }

    fn sound(random: &mut Random) -> Sound {
        match random.below(20) {
            digit @ 0..16 => Sound::Digit(Digit::GRID[digit as usize]),
            _ => Sound::Silence,
        }
    }
}

#[test]
fn nobody_ever_hears_a_listener() {
    let mut random = Random(11);
    (0..60).for_each(|walk| listen::<Engine>(&mut random, walk));
}

#[test]
fn nobody_ever_hears_a_listener_of_symbols() {
    let mut random = Random(12);
    (0..60).for_each(|walk| listen::<SymbolicEngine>(&mut random, walk));
}

/// Two engines differ by what the listener says while it listens, and by nothing else.
fn listen<K: Kind>(random: &mut Random, walk: u32) {
    const PORTS: u16 = 20;
    const LISTENER: PortId = PortId(7);
    let mut engines = [K::make(PORTS), K::make(PORTS)];
    let mut heard = [Heard::default(), Heard::default()];
    let silent = || vec![K::SILENCE; usize::from(PORTS)];
    let mut tx = [silent(), silent()];
    let mut way = None;
    let (mut listened, mut spoke) = (0, 0);
    for port in 0..PORTS {
        obey(&mut engines, &mut heard, &Command::Open(PortId(port)));
        let recording = RecordSlot(port);
        if port != LISTENER.0 && port % 3 == 0 {
            obey(&mut engines, &mut heard, &Command::StartRecord { port: PortId(port), recording });
        }
    }
    let conference = Source::Conference(ConferenceId(0));
    obey(&mut engines, &mut heard, &Command::StartTap { source: conference, recording: RecordSlot(1) });
    for step in 0..400 {
        for _ in 0..random.below(3) {
            let command = random.command(PORTS, LISTENER, step);
            let before = heard[0].events.len();
            obey(&mut engines, &mut heard, &command);
            // What the engine itself goes by, followed from outside.
            match command {
                Command::Supervise { port: LISTENER, way: wanted, .. } if heard[0].events.len() == before => {
                    way = Some(wanted);
                }
                Command::Leave(LISTENER) => way = None,
                _ => {}
            }
        }
        let mut rx = [silent(), Vec::new()];
        rx[0].fill_with(|| K::sound(random));
        rx[1] = rx[0].clone();
        if way == Some(Supervision::Listen) {
            rx[1][usize::from(LISTENER.0)] = K::sound(random);
            listened += 1;
        } else {
            spoke += u32::from(way.is_some());
        }
        for ((engine, heard), (rx, tx)) in engines.iter_mut().zip(&mut heard).zip(rx.iter().zip(&mut tx)) {
            engine.run(rx, tx, heard);
        }
        assert_eq!(tx[0], tx[1], "walk {walk}, step {step}");
    }
    assert!(heard[0] == heard[1], "walk {walk}: events or recordings differ");
    assert!(!K::RECORDS || heard[0].recorded.len() > 1000);
    assert!(listened > 20 && spoke > 20, "{listened} ticks listened, {spoke} spoken");
}

fn obey<K: Kind>(engines: &mut [K; 2], heard: &mut [Heard; 2], command: &Command) {
    for (engine, heard) in engines.iter_mut().zip(heard) {
        engine.obey(command.clone(), heard);
    }
}

/// A small generator, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn command(&mut self, ports: u16, listener: PortId, step: u32) -> Command {
        let mut port = PortId(self.below(u64::from(ports)) as u16);
        let other = PortId(self.below(u64::from(ports)) as u16);
        let ways = [Supervision::Listen, Supervision::Listen, Supervision::Whisper, Supervision::Barge];
        let way = ways[self.below(4) as usize];
        let clip = || Arc::new(Clip::from_pcm(&sine(350.0, 3000.0, 500)));
        match self.below(14) {
            0..=2 if other != listener => Command::Supervise { port: listener, supervised: other, way },
            // Everybody else may do anything; the listener only listens, whispers, barges, and leaves.
            _ if port == listener && self.below(8) == 0 => Command::Leave(port),
            choice => {
                if port == listener {
                    port = PortId(0);
                }
                match choice {
                    3 if other != listener => Command::Bridge(port, other),
                    4 | 5 => Command::Join { conference: ConferenceId(0), port },
                    6 => Command::Leave(port),
                    7 => Command::Hold { port, music: Some(clip()) },
                    8 => Command::Retrieve(port),
                    9 => Command::Supervise { port, supervised: other, way },
                    10 => Command::Detect { port, dtmf: DtmfDetection::On },
                    11 => Command::ClampPassed {
                        port,
                        clamp: if step.is_multiple_of(2) { Clamp::On } else { Clamp::Off },
                    },
                    12 => {
                        let on = if step.is_multiple_of(3) { Muting::On } else { Muting::Off };
                        Command::Mute { port, direction: Direction::Received, on }
                    }
                    _ => Command::Play { port, play: PlayId(step), clip: clip(), barge_in: BargeIn::Allowed },
                }
            }
        }
    }
}

fn join(conference: u16, port: u16) -> Command {
    Command::Join { conference: ConferenceId(conference), port: PortId(port) }
}

#[test]
fn a_whisper_is_added_to_what_one_hears_and_to_nothing_else() {
    let mut rig = Rig::new(3);
    let (agent, caller, supervisor) = (sine(300.0, 4000.0, 800), sine(700.0, 4000.0, 800), sine(1100.0, 4000.0, 800));
    for (port, voice) in [(0, &agent), (1, &caller), (2, &supervisor)] {
        rig.line(port, voice.iter().copied());
    }
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    let way = Supervision::Whisper;
    rig.obey(Command::Supervise { port: PortId(2), supervised: PortId(0), way });
    rig.record(0, 0);
    rig.record(1, 1);
    rig.ticks(10);
    let sum = |one: &[i16], other: &[i16]| one.iter().zip(other).map(|(one, other)| one + other).collect::<Vec<_>>();
    assert_eq!(rig.sent[0], sum(&caller, &supervisor));
    assert_eq!(rig.sent[1], agent);
    assert_eq!(rig.sent[2], sum(&caller, &agent), "the supervisor does not hear itself");
    (0..2).for_each(|slot| rig.obey(Command::StopRecord(RecordSlot(slot))));
    assert_eq!(rig.recording(1), (caller, agent), "the caller's recording holds no whisper");
}
