//! Playing, barging in, bridging, muting, and what the engine refuses.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod rig;

use base::Dbm0;
use media::{
    BLOCK, BargeIn, Clip, Command, Direction, DtmfDetection, Engine, Event, Length, Muting, PlayEnd, PortId,
    RecordSlot, Refusal, ToneSpec,
};
use rig::{Rig, digits_in, is_silent, keyed, loudness, sine};

const TEN_MS: usize = BLOCK;

#[test]
fn clips_follow_each_other_without_a_gap_and_each_ends_once() {
    let mut rig = Rig::new(1);
    let whole = sine(400.0, 8000.0, 1000);
    // Cut in the middle of a block.
    rig.play(0, 1, Clip::from_pcm(&whole[..333]), BargeIn::Allowed);
    rig.play(0, 2, Clip::from_pcm(&whole[333..]), BargeIn::Allowed);
    rig.ticks(15);
    assert_eq!(rig.sent[0][..1000], whole);
    assert!(is_silent(&rig.sent[0][1000..]));
    assert_eq!(rig.plays(), [(1, PlayEnd::Completed, 41), (2, PlayEnd::Completed, 83)]);
}

#[test]
fn an_empty_clip_is_done_at_once_and_delays_nothing() {
    let mut rig = Rig::new(1);
    let tone = sine(400.0, 8000.0, 80);
    rig.play(0, 1, Clip::from_alaw(&[]), BargeIn::Allowed);
    rig.play(0, 2, Clip::from_pcm(&tone), BargeIn::Allowed);
    rig.ticks(1);
    assert_eq!(rig.sent[0], tone);
    assert_eq!(rig.plays(), [(1, PlayEnd::Completed, 0), (2, PlayEnd::Completed, 10)]);
}

#[test]
fn a_key_over_the_prompt_ducks_it_in_20_ms_and_stops_it_when_confirmed() {
    let mut rig = Rig::new(1);
    rig.detect(0);
    for play in 1..=3 {
        rig.play(0, play, Clip::from_pcm(&sine(300.0, 8000.0, 8000)), BargeIn::Allowed);
    }
    rig.line(0, vec![0; 50 * TEN_MS]);
    rig.key(0, "5", 80, 80);
    rig.ticks(80);
    let news = rig.news();
    let tick_of = |wanted: fn(&Event) -> bool| news.iter().find(|(_, event)| wanted(event)).unwrap().0;
    let early = tick_of(|event| matches!(event, Event::DigitEarly { .. }));
    let confirmed = tick_of(|event| matches!(event, Event::Digit { .. }));
    // The key is down from the start of tick 50.
    assert!((50..=51).contains(&early), "early in tick {early}");
    assert!((53..=54).contains(&confirmed), "confirmed in tick {confirmed}");
    let ended: Vec<_> = news
        .iter()
        .filter_map(|(tick, event)| match event {
            Event::PlayDone { play, reason, played_ms, .. } => Some((*tick, play.0, *reason, *played_ms)),
            _ => None,
        })
        .collect();
    let heard_ms = 10 * confirmed as u32;
    let expected = [(1, heard_ms), (2, 0), (3, 0)].map(|(play, ms)| (confirmed, play, PlayEnd::BargedIn, ms));
    assert_eq!(ended, expected);
    let block = |tick: usize| &rig.sent[0][tick * TEN_MS..(tick + 1) * TEN_MS];
    let full = loudness(block(early - 1));
    assert!((loudness(block(early + 1)) / full - 0.25).abs() < 0.03, "ducked by 12 dB");
    assert!(is_silent(&rig.sent[0][confirmed * TEN_MS..]));
}

#[test]
fn what_only_looked_like_a_key_ducks_the_prompt_and_gives_it_back() {
    let mut rig = Rig::new(1);
    rig.detect(0);
    rig.play(0, 1, Clip::from_pcm(&sine(300.0, 8000.0, 8000)), BargeIn::Allowed);
    rig.line(0, vec![0; 20 * TEN_MS]);
    rig.key(0, "5", 18, 200);
    rig.ticks(50);
    let news = rig.news();
    let kinds: Vec<bool> = news
        .iter()
        .map(|(_, event)| match event {
            Event::DigitEarly { .. } => true,
            Event::DigitRetracted { .. } => false,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, [true, false]);
    let block = |tick: usize| loudness(&rig.sent[0][tick * TEN_MS..(tick + 1) * TEN_MS]);
    let softest = (20..26).map(block).fold(f64::INFINITY, f64::min);
    assert!(softest < block(10) / 1.5, "{softest} of {}", block(10));
    assert!((block(40) / block(10) - 1.0).abs() < 0.05);
}

#[test]
fn a_prompt_that_refuses_barge_in_plays_on_at_full_level() {
    let mut rig = Rig::new(1);
    rig.detect(0);
    rig.play(0, 1, Clip::from_pcm(&sine(300.0, 8000.0, 8000)), BargeIn::Refused);
    rig.key(0, "123", 60, 60);
    rig.ticks(100);
    assert_eq!(rig.sent[0][..8000], sine(300.0, 8000.0, 8000));
    let news = rig.news();
    assert_eq!(news.iter().filter(|(_, event)| matches!(event, Event::Digit { .. })).count(), 3);
    assert!(news.iter().any(|(_, event)| matches!(event, Event::PlayDone { reason: PlayEnd::Completed, .. })));
}

#[test]
fn digits_are_reported_only_while_detection_is_on() {
    let mut rig = Rig::new(1);
    rig.key(0, "1", 60, 60);
    rig.ticks(12);
    assert_eq!(rig.digits(), "");
    rig.detect(0);
    rig.key(0, "2", 60, 60);
    rig.ticks(12);
    assert_eq!(rig.digits(), "2");
    // Switched off in the middle of a tone: its end is not reported either.
    rig.key(0, "3", 100, 60);
    rig.ticks(7);
    assert_eq!(rig.digits(), "3");
    rig.obey(Command::Detect { port: PortId(0), dtmf: DtmfDetection::Off });
    rig.ticks(12);
    assert!(rig.news().is_empty());
}

#[test]
fn digits_come_back_with_the_length_of_their_tones() {
    let mut rig = Rig::new(2);
    rig.detect(1);
    rig.key(1, "7", 200, 100);
    rig.ticks(40);
    let ended = rig.news().into_iter().find_map(|(_, event)| match event {
        Event::DigitEnded { port, digit, duration_ms } => Some((port, digit.as_char(), duration_ms)),
        _ => None,
    });
    let (port, digit, duration_ms) = ended.unwrap();
    assert_eq!((port, digit), (PortId(1), '7'));
    assert!((190..=210).contains(&duration_ms), "{duration_ms}");
}

#[test]
fn digits_that_the_engine_sends_are_digits_and_nothing_else_is_heard_meanwhile() {
    let mut rig = Rig::new(2);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.line(1, sine(1000.0, 8000.0, 20_000));
    rig.play(0, 1, Clip::from_pcm(&sine(300.0, 8000.0, 20_000)), BargeIn::Allowed);
    for digits in ["10086", "*#+D"] {
        let digits = digits.parse().unwrap();
        rig.obey(Command::SendDigits { port: PortId(0), digits, on_ms: 60, off_ms: 60 });
    }
    rig.ticks(110);
    let ends: Vec<_> = rig
        .news()
        .iter()
        .filter(|(_, event)| matches!(event, Event::DigitsSent { .. }))
        .map(|&(tick, _)| tick)
        .collect();
    assert_eq!(ends, [59, 95]);
    assert_eq!(rig.sent[0][..96 * TEN_MS], [keyed("10086", 60, 60), keyed("*#D", 60, 60)].concat());
    assert!(loudness(&rig.sent[0][97 * TEN_MS..]) > 3000.0, "prompt and bridge go on");
}

#[test]
fn a_bridge_carries_both_ways_and_ends_for_both() {
    let mut rig = Rig::new(3);
    let (low, high) = (sine(300.0, 8000.0, 1600), sine(1500.0, 8000.0, 1600));
    rig.line(0, low.clone());
    rig.line(1, high.clone());
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.ticks(10);
    assert_eq!((&rig.sent[0][..], &rig.sent[1][..]), (&high[..800], &low[..800]));
    assert!(is_silent(&rig.sent[2]));
    // A new bridge of one of them leaves the other alone.
    rig.obey(Command::Bridge(PortId(2), PortId(0)));
    rig.ticks(5);
    assert!(is_silent(&rig.sent[1][800..]));
    assert_eq!(rig.sent[2][800..], low[800..1200]);
    rig.obey(Command::Unbridge(PortId(0)));
    rig.ticks(5);
    assert!(is_silent(&rig.sent[2][1200..]) && is_silent(&rig.sent[0][1200..]));
}

#[test]
fn a_prompt_over_a_bridge_is_mixed_in_and_saturates() {
    let mut rig = Rig::new(2);
    let loud = sine(300.0, 30_000.0, 800);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.line(1, loud.clone());
    rig.play(0, 1, Clip::from_pcm(&loud), BargeIn::Allowed);
    rig.ticks(10);
    let expected: Vec<i16> = loud.iter().map(|&sample| sample.saturating_add(sample)).collect();
    assert_eq!(rig.sent[0], expected);
    assert_eq!(rig.sent[1], vec![0; 800]);
}

#[test]
fn a_muted_port_is_not_heard_but_its_keys_are_and_a_muted_way_out_is_silent() {
    let mut rig = Rig::new(2);
    let mute = |direction, on| Command::Mute { port: PortId(0), direction, on };
    rig.detect(0);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.line(1, sine(1500.0, 8000.0, 8000));
    rig.key(0, "8", 60, 60);
    rig.obey(mute(Direction::Received, Muting::On));
    rig.obey(mute(Direction::Sent, Muting::On));
    rig.ticks(20);
    assert!(is_silent(&rig.sent[1]) && is_silent(&rig.sent[0]));
    assert_eq!(rig.digits(), "8");
    rig.obey(mute(Direction::Received, Muting::Off));
    rig.obey(mute(Direction::Sent, Muting::Off));
    rig.key(0, "9", 60, 60);
    rig.ticks(12);
    assert_eq!(digits_in(&rig.sent[1][20 * TEN_MS..]), "9");
    assert!(loudness(&rig.sent[0][20 * TEN_MS..]) > 5000.0);
}

#[test]
fn a_tone_lasts_as_long_as_it_should_and_one_replaces_another() {
    let mut rig = Rig::new(1);
    let busy = ToneSpec { length: Length::Ms(100), ..ToneSpec::single(450.0, Dbm0(-10.0)) };
    rig.obey(Command::Tone { port: PortId(0), tone: ToneSpec::single(450.0, Dbm0(-10.0)) });
    rig.ticks(5);
    rig.obey(Command::Tone { port: PortId(0), tone: busy });
    rig.ticks(20);
    assert!(loudness(&rig.sent[0][..15 * TEN_MS]) > 3000.0 && is_silent(&rig.sent[0][15 * TEN_MS..]));
    let done = rig.news().iter().filter(|(_, event)| matches!(event, Event::ToneDone { .. })).count();
    assert_eq!(done, 2);
    rig.obey(Command::StopTone(PortId(0)));
    assert!(rig.news().is_empty(), "stopping what does not run is no fault");
}

#[test]
fn more_plays_than_are_kept_are_refused_and_handed_back() {
    let mut rig = Rig::new(1);
    for play in 0..=Engine::PLAYS as u32 {
        rig.play(0, play, Clip::from_alaw(&[0; 8000]), BargeIn::Allowed);
    }
    assert_eq!(rig.plays(), [(Engine::PLAYS as u32, PlayEnd::Refused, 0)]);
    rig.obey(Command::StopPlay(PortId(0)));
    let plays = rig.plays();
    assert_eq!(plays.len(), Engine::PLAYS);
    assert!(plays.iter().enumerate().all(|(at, &(play, end, ms))| (play, end, ms) == (at as u32, PlayEnd::Stopped, 0)));
}

#[test]
fn what_cannot_be_obeyed_is_answered_and_changes_nothing() {
    let mut rig = Rig::new(2);
    let check = |rig: &mut Rig, command: Command, port: u16, expected: Refusal| {
        rig.obey(command);
        match &rig.news()[..] {
            [(_, Event::Refused { port: found, why })] => assert_eq!((*found, *why), (PortId(port), expected)),
            other => panic!("{other:?}"),
        }
    };
    check(&mut rig, Command::Open(PortId(0)), 0, Refusal::AlreadyOpen);
    check(&mut rig, Command::Open(PortId(2)), 2, Refusal::NoSuchPort);
    check(&mut rig, Command::Bridge(PortId(1), PortId(1)), 1, Refusal::BridgeToItself);
    check(&mut rig, Command::Bridge(PortId(0), PortId(9)), 9, Refusal::NoSuchPort);
    rig.obey(Command::Close(PortId(1)));
    check(&mut rig, Command::StopPlay(PortId(1)), 1, Refusal::NotOpen);
    check(&mut rig, Command::Bridge(PortId(0), PortId(1)), 1, Refusal::NotOpen);
    rig.play(1, 5, Clip::from_alaw(&[0; 80]), BargeIn::Allowed);
    assert_eq!(rig.plays(), [(5, PlayEnd::Refused, 0)]);
    let digits = Command::SendDigits { port: PortId(0), digits: "1".parse().unwrap(), on_ms: 50, off_ms: 50 };
    (0..9).for_each(|_| rig.obey(digits.clone()));
    assert!(rig.news().is_empty());
    check(&mut rig, digits, 0, Refusal::TooManyDigits);
    for (port, slot) in [(0, 2), (9, 0), (1, 0)] {
        rig.record(port, slot);
        assert!(matches!(&rig.news()[..], [(_, Event::RecordRefused { port: at, .. })] if *at == PortId(port)));
    }
    rig.record(0, 1);
    rig.record(0, 0);
    assert!(matches!(&rig.news()[..], [(_, Event::RecordRefused { recording: RecordSlot(0), .. })]));
}

#[test]
fn closing_a_port_ends_all_it_did_and_the_next_use_starts_clean() {
    let mut rig = Rig::new(2);
    rig.detect(0);
    rig.record(0, 1);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.obey(Command::Tone { port: PortId(0), tone: ToneSpec::single(450.0, Dbm0(-10.0)) });
    rig.obey(Command::Mute { port: PortId(0), direction: Direction::Sent, on: Muting::On });
    rig.play(0, 1, Clip::from_alaw(&[0; 8000]), BargeIn::Refused);
    rig.key(0, "1", 100, 100);
    rig.ticks(7);
    rig.news();
    rig.obey(Command::Close(PortId(0)));
    let kinds: Vec<&str> = rig
        .news()
        .iter()
        .map(|(_, event)| match event {
            Event::RecordStopped { .. } => "record stopped",
            Event::PlayDone { reason: PlayEnd::Closed, .. } => "play closed",
            Event::ToneDone { .. } => "tone done",
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kinds, ["record stopped", "play closed", "tone done"]);
    rig.obey(Command::Open(PortId(0)));
    let from = rig.sent[0].len();
    rig.ticks(30);
    assert!(is_silent(&rig.sent[0][from..]) && rig.news().is_empty());
    rig.line(1, sine(300.0, 8000.0, 800));
    rig.ticks(10);
    assert!(is_silent(&rig.sent[0][from..]), "the bridge is gone");
    rig.record(0, 1);
    rig.play(0, 2, Clip::from_pcm(&sine(300.0, 8000.0, 80)), BargeIn::Allowed);
    rig.ticks(1);
    assert!(loudness(&rig.sent[0][from + 40 * TEN_MS..]) > 5000.0, "no longer muted");
}

#[test]
fn missing_blocks_are_silence_and_blocks_past_the_last_port_are_left_alone() {
    let mut taken = rig::Taken::default();
    let mut engine = Engine::new(2);
    engine.handle(Command::Open(PortId(1)), &mut taken);
    let mut tx = [[7; BLOCK]; 3];
    engine.tick(&[[9; BLOCK]], &mut tx, &mut taken);
    assert_eq!(tx, [[0; BLOCK], [0; BLOCK], [7; BLOCK]]);
    engine.tick(&[], &mut [], &mut taken);
    assert!(taken.events.is_empty());
}
