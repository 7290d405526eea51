//! What is given up under load, and what never; and echoes.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod rig;

use base::Dbm0;
use media::symbolic::{Sound, SymbolicEngine};
use media::{
    BargeIn, Clip, Command, Direction, EchoSettings, EchoTail, Engine, Event, FaxSignal, Listening, Load, PortId,
    RecordSlot, Refusal, ToneEvent, ToneSpec,
};
use rig::{Rig, digits_in, loudness, sine};
use std::time::Duration;

/// Feeds ticks of this length until the level is reached.
fn load(rig: &mut Rig, ms: u64, level: u8) {
    for _ in 0..20_000 {
        rig.engine.took(Duration::from_millis(ms), &mut rig.taken);
        if matches!(rig.taken.events.last(), Some((_, Event::Overload { level: told })) if *told == level) {
            return;
        }
    }
    panic!("level {level} is not reached: {:?}", rig.taken.events);
}

#[test]
fn under_load_joined_ports_no_longer_hear_progress_and_calls_go_on_whole() {
    let mut rig = Rig::new(3);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    for port in 0..3 {
        rig.obey(Command::ListenProgress { port: PortId(port), on: Listening::On });
        rig.detect(port);
    }
    rig.record(0, 0);
    load(&mut rig, 9, 1);
    rig.news();
    let tone = sine(450.0, 4000.0, 4000);
    (0..3).for_each(|port| rig.line(port, tone.iter().copied()));
    rig.play(2, 1, Clip::from_pcm(&sine(300.0, 5000.0, 2000)), BargeIn::Refused);
    rig.ticks(60);
    (0..3).for_each(|port| rig.key(port, "7", 60, 60));
    rig.ticks(20);
    let news = rig.news();
    let progress: Vec<u16> = news
        .iter()
        .filter_map(|(_, event)| if let Event::Progress { port, .. } = event { Some(port.0) } else { None })
        .collect();
    assert!(!progress.is_empty() && progress.iter().all(|&port| port == 2), "{progress:?}");
    let keys = news.iter().filter(|(_, event)| matches!(event, Event::Digit { .. })).count();
    assert_eq!(keys, 3, "keys are heard as ever");
    assert!(news.iter().any(|(_, event)| matches!(event, Event::PlayDone { .. })));
    rig.obey(Command::StopRecord(RecordSlot(0)));
    assert_eq!(rig.recording(0).0[..4000], tone, "the recording is whole");
    assert_eq!(rig.sent[1][..4000], tone, "and the bridge");
    // Calm, it is heard again.
    load(&mut rig, 1, 0);
    rig.news();
    rig.line(0, sine(450.0, 4000.0, 4000));
    rig.ticks(60);
    assert!(rig.news().iter().any(|(_, event)| matches!(event, Event::Progress { port: PortId(0), .. })));
}

#[test]
fn symbols_are_given_up_alike() {
    let (mut engine, mut taken) = (SymbolicEngine::new(3), rig::Taken::default());
    for port in 0..3 {
        engine.handle(Command::Open(PortId(port)), &mut taken);
        engine.handle(Command::ListenProgress { port: PortId(port), on: Listening::On }, &mut taken);
    }
    engine.handle(Command::Bridge(PortId(0), PortId(1)), &mut taken);
    let mut heard = |ms: u64, ticks: usize| -> Vec<u16> {
        (0..ticks).for_each(|_| engine.took(Duration::from_millis(ms), &mut taken));
        let sounds = [[Sound::Silence; 3], [Sound::Tone([450.0, 0.0], Dbm0(-10.0)); 3]];
        for sound in sounds {
            (0..30).for_each(|_| engine.tick(&sound, &mut [], &mut taken));
        }
        let began = |(_, event)| match event {
            Event::Progress { port, event: ToneEvent::Began(_) } => Some(port.0),
            _ => None,
        };
        std::mem::take(&mut taken.events).into_iter().filter_map(began).collect()
    };
    assert_eq!(heard(1, 1), [0, 1, 2]);
    assert_eq!(heard(9, 40), [2]);
    assert_eq!(heard(20, 100), [], "at the highest level nobody hears");
    assert_eq!(heard(1, 5000), [0, 1, 2]);
}

#[test]
fn at_the_highest_level_even_ports_alone_hear_no_fax_and_keys_still_work() {
    let mut rig = Rig::new(1);
    rig.obey(Command::ListenFax { port: PortId(0), on: Listening::On });
    rig.detect(0);
    load(&mut rig, 20, Load::MOST);
    rig.news();
    let mut ced = dsp_fax::FaxToneSender::new(FaxSignal::Ced, Dbm0(-10.0));
    let mut samples = vec![0; 16_000];
    ced.fill(&mut samples);
    rig.line(0, samples.iter().copied());
    rig.key(0, "5", 60, 60);
    rig.ticks(220);
    let news = rig.news();
    assert!(news.iter().all(|(_, event)| !matches!(event, Event::Fax { .. })), "{news:?}");
    assert!(news.iter().any(|(_, event)| matches!(event, Event::Digit { .. })));
}

/// Runs ticks in which half of what the port was sent comes back, on top of what the line says.
fn with_echo(rig: &mut Rig, said: &[i16], ticks: usize) {
    for tick in 0..ticks {
        let echo: Vec<i16> = match rig.sent[0].len() {
            0 => vec![0; 80],
            len => rig.sent[0][len - 80..].iter().map(|sample| sample / 2).collect(),
        };
        let said = said.get(tick * 80..tick * 80 + 80).unwrap_or(&[0; 80]);
        rig.line(0, echo.iter().zip(said).map(|(echo, said)| echo + said).collect::<Vec<_>>());
        rig.ticks(1);
    }
}

#[test]
fn a_prompts_echo_is_neither_recorded_nor_passed_on_and_what_is_said_is() {
    for tail in [EchoTail::Ms32, EchoTail::Ms128] {
        let mut rig = Rig::of(Engine::with_cancellers(2), 2);
        let settings = EchoSettings::default();
        rig.obey(Command::CancelEcho { port: PortId(0), tail: Some(tail), settings });
        rig.obey(Command::Bridge(PortId(0), PortId(1)));
        let mut random = 1_u32;
        let hiss: Vec<i16> = (0..40_000)
            .map(|_| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (random >> 20) as i16 - 2048
            })
            .collect();
        rig.play(0, 1, Clip::from_pcm(&hiss), BargeIn::Refused);
        rig.record(0, 0);
        with_echo(&mut rig, &[], 400);
        let late = |samples: &[i16]| loudness(&samples[16_000..]);
        let echo = loudness(&hiss) / 2.0;
        assert!(late(&rig.sent[1]) < echo / 30.0, "{tail:?}: {} of {echo} is passed on", late(&rig.sent[1]));
        assert!(late(&rig.recording(0).0) < echo / 30.0);
        // Keys over the prompt come through.
        let keys = rig::keyed("48", 80, 80);
        with_echo(&mut rig, &keys, 40);
        assert_eq!(digits_in(&rig.sent[1]), "48", "{tail:?}");
    }
}

#[test]
fn a_canceller_that_is_off_leaves_every_sample_alone_and_load_takes_those_of_joined_ports() {
    let mut rig = Rig::of(Engine::with_cancellers(2), 2);
    let settings = EchoSettings::default();
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.obey(Command::CancelEcho { port: PortId(1), tail: Some(EchoTail::Ms32), settings });
    let voice = sine(700.0, 6000.0, 1600);
    rig.line(0, voice.iter().copied());
    rig.ticks(20);
    assert_eq!(rig.sent[1], voice, "another port's canceller is nothing to this one");
    rig.obey(Command::CancelEcho { port: PortId(0), tail: Some(EchoTail::Ms32), settings });
    load(&mut rig, 20, 2);
    rig.line(0, voice.iter().copied());
    rig.ticks(20);
    assert_eq!(rig.sent[1][1600..], voice);
    rig.obey(Command::CancelEcho { port: PortId(0), tail: None, settings });
    rig.obey(Command::Tone { port: PortId(0), tone: ToneSpec::single(450.0, Dbm0(-10.0)) });
    rig.obey(Command::Close(PortId(1)));
    rig.ticks(1);
    let mut rig = Rig::new(1);
    rig.obey(Command::CancelEcho { port: PortId(0), tail: Some(EchoTail::Ms32), settings });
    assert!(matches!(rig.news()[..], [(_, Event::Refused { why: Refusal::NoCancellers, .. })]));
}

#[test]
fn gains_change_one_direction_over_one_block_and_none_leaves_every_sample() {
    let mut rig = Rig::new(2);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.record(0, 0);
    let voice = sine(700.0, 4000.0, 4800);
    rig.line(0, voice.iter().copied());
    rig.line(1, voice.iter().copied());
    let gain = |direction, db| Command::SetGain { port: PortId(0), direction, db };
    rig.ticks(20);
    assert_eq!((&rig.sent[0], &rig.sent[1]), (&voice[..1600].to_vec(), &voice[..1600].to_vec()));
    rig.obey(gain(Direction::Received, -6.0));
    rig.obey(gain(Direction::Sent, 6.0));
    rig.ticks(20);
    let of = |samples: &[i16]| loudness(&samples[1680..3200]) / loudness(&voice[1680..3200]);
    assert!((of(&rig.sent[1]) - 0.501).abs() < 0.005, "what it says is softer: {}", of(&rig.sent[1]));
    assert!((of(&rig.sent[0]) - 1.995).abs() < 0.005, "what it hears is louder: {}", of(&rig.sent[0]));
    rig.obey(gain(Direction::Received, 0.0));
    rig.obey(gain(Direction::Sent, 0.0));
    rig.ticks(20);
    assert_eq!(rig.sent[0][3280..], voice[3280..]);
    assert_eq!(rig.sent[1][3280..], voice[3280..]);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    let (received, sent) = rig.recording(0);
    assert!((of(&received) - 0.501).abs() < 0.01 && (of(&sent) - 1.995).abs() < 0.01, "and is recorded so");
}
