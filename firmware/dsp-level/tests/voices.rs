//! Voice activity: what is caught, and what must not be.

#![allow(dead_code, reason = "each test uses some of the signals")]

mod signals;

use base::Dbm0;
use dsp_level::{BLOCK, VoiceBank, VoiceEvent, VoiceSettings};
use signals::{SECOND, blocks, mixed, noise, silence, tone, voice};
use test_signals::{Random, through_alaw};

/// What is told of a line, and whether somebody was said to speak in each block.
fn told(samples: Vec<f64>) -> (Vec<(usize, VoiceEvent)>, Vec<bool>) {
    let mut bank = VoiceBank::<1>::new(VoiceSettings::LINE);
    bank.listen(0, true);
    let (mut events, mut speaking) = (Vec::new(), Vec::new());
    for (number, block) in (1..).zip(blocks(&through_alaw(samples.into_iter()))) {
        bank.process(&[Some(block)], |_, event| events.push((number * 10, event)));
        speaking.push(bank.is_speaking(0));
    }
    (events, speaking)
}

fn share(blocks: &[bool]) -> f64 {
    blocks.iter().filter(|&&speaking| speaking).count() as f64 / blocks.len() as f64
}

/// A voice's own blocks: power within P.56's margin of its active level.
fn spoken(voice: &[f64], dbm0: f64) -> Vec<bool> {
    voice.chunks_exact(BLOCK).map(|block| signals::level(block.iter().copied()) > dbm0 - 15.9).collect()
}

#[test]
fn a_voice_is_told_of_with_the_times_of_its_first_sound_and_its_last() {
    for seed in 1..=20 {
        let line =
            [noise(seed, -60.0, 3.0), mixed(voice(seed, -20.0, 3.0), noise(7, -60.0, 3.0)), noise(9, -60.0, 2.0)];
        let first = 3000 + 10 * spoken(&line[1], -20.0).iter().position(|&speaks| speaks).expect("somebody speaks");
        let last = 3000 + 10 * spoken(&line[1], -20.0).iter().rposition(|&speaks| speaks).expect("somebody speaks");
        let (events, _) = told(line.concat());
        let (Some((at, VoiceEvent::Began { ago_ms })), Some((end, VoiceEvent::Ended { ago_ms: silent, .. }))) =
            (events.first(), events.last())
        else {
            panic!("{seed}: {events:?}");
        };
        let began = at - *ago_ms as usize;
        assert!(began.abs_diff(first) <= 60, "voice {seed} began at {first} ms, told {began} ms");
        assert!(at - first <= 150, "voice {seed} began at {first} ms, told of at {at} ms");
        let ended = end - *silent as usize;
        assert!(ended.abs_diff(last) <= 90, "voice {seed} ended at {last} ms, told {ended} ms");
        let spoken: u32 = events
            .iter()
            .map(|(_, event)| if let VoiceEvent::Ended { lasted_ms, .. } = event { *lasted_ms } else { 0 })
            .sum();
        assert!(spoken as usize <= ended - began && spoken as usize * 2 >= ended - began, "voice {seed}: {events:?}");
    }
}

#[test]
fn speech_is_caught_down_to_10_db_over_noise() {
    // At least so much of the speech; at most so much of what lies 300 ms and more after it.
    for (snr, least, most) in [(20.0, 0.97, 0.002), (15.0, 0.965, 0.002), (10.0, 0.945, 0.002)] {
        let (mut caught, mut of, mut wrongly, mut quiet) = (0, 0, 0, 0);
        for seed in 1..=8 {
            let sentences: Vec<f64> = core::iter::once(silence(3.0))
                .chain((0..5).flat_map(|at| [voice(seed * 50 + at, -22.0, 3.0), silence(1.5)]))
                .flatten()
                .collect();
            let speaks = spoken(&sentences, -22.0);
            let seconds = sentences.len() as f64 / SECOND as f64;
            let (_, told) = told(mixed(sentences, noise(seed, -22.0 - snr, seconds)));
            let mut since = 1000;
            for (speaks, told) in speaks.into_iter().zip(told) {
                since = if speaks { 0 } else { since + 1 };
                if speaks {
                    of += 1;
                    caught += usize::from(told);
                } else if since > 33 {
                    quiet += 1;
                    wrongly += usize::from(told);
                }
            }
        }
        let (caught, wrongly) = (caught as f64 / of as f64, wrongly as f64 / quiet as f64);
        println!(
            "{snr} dB: {:.1} % of {of} blocks of speech caught, {:.2} % of {quiet} others",
            100.0 * caught,
            100.0 * wrongly
        );
        assert!(caught >= least && wrongly <= most, "{snr} dB: caught {caught:.4}, wrongly {wrongly:.4}");
    }
}

#[test]
fn noise_is_no_voice_however_loud() {
    for dbm0 in [-15.0, -25.0, -35.0, -45.0, -60.0] {
        let (events, _) = told(noise(3, dbm0, 180.0));
        assert_eq!(events, [], "noise of {dbm0} dBm0");
    }
}

#[test]
fn tones_are_no_voice_steady_or_with_a_cadence_alone_or_over_noise() {
    let cadences = [(60_000, 0), (1000, 4000), (350, 350), (100, 100), (50, 50)];
    let pairs = [
        (425.0, None),
        (350.0, Some(440.0)),
        (697.0, Some(1209.0)),
        (941.0, Some(1633.0)),
        (1380.0, Some(1500.0)),
        (1100.0, None),
        (2100.0, None),
        (50.0, Some(150.0)),
        (100.0, Some(300.0)),
        (1000.0, None),
    ];
    for (first, second) in pairs {
        for (on, off) in cadences {
            for (dbm0, floor) in [(-10.0, -65.0), (-10.0, -45.0), (-20.0, -38.0)] {
                let gated = |hz| {
                    let mut line = tone(hz, dbm0, 20.0);
                    line.iter_mut().enumerate().for_each(|(at, sample)| {
                        if at / 8 % (on + off) >= on {
                            *sample = 0.0;
                        }
                    });
                    line
                };
                let line = mixed(gated(first), second.map_or(silence(20.0), gated));
                let (events, _) = told(mixed(line, noise(5, floor, 20.0)));
                assert_eq!(
                    events,
                    [],
                    "{first} and {second:?} Hz of {dbm0} dBm0, {on} ms on, {off} ms off, over {floor} dBm0"
                );
            }
        }
    }
}

#[test]
fn a_voice_over_hum_is_still_a_voice() {
    let hum = mixed(tone(50.0, -30.0, 12.0), tone(150.0, -38.0, 12.0));
    let line = mixed([silence(4.0), voice(3, -20.0, 4.0), silence(4.0)].concat(), mixed(hum, noise(1, -60.0, 12.0)));
    let (_, speaking) = told(line);
    assert_eq!(share(&speaking[..400]), 0.0);
    assert!(share(&speaking[400..800]) > 0.9, "{}", share(&speaking[400..800]));
    assert_eq!(share(&speaking[840..]), 0.0);
}

#[test]
fn a_room_that_becomes_louder_is_a_voice_for_three_seconds_at_most() {
    let (_, speaking) = told([noise(1, -55.0, 5.0), noise(2, -35.0, 20.0)].concat());
    assert_eq!(share(&speaking[..500]), 0.0);
    assert_eq!(share(&speaking[800..]), 0.0, "it has become the noise");
}

#[test]
fn a_pause_shorter_than_the_hangover_does_not_end_a_voice() {
    let ends = |pause: f64| {
        let line = [silence(3.0), voice(8, -15.0, 2.0), silence(pause), voice(8, -15.0, 2.0), silence(1.0)].concat();
        told(line).0.into_iter().filter(|(_, event)| matches!(event, VoiceEvent::Ended { .. })).count()
    };
    assert_eq!(ends(0.15), 1);
    assert_eq!(ends(0.5), 2);
}

#[test]
fn what_is_softer_than_the_least_is_none_and_settings_of_any_kind_are_sane() {
    let (events, _) = told([silence(3.0), voice(4, -58.0, 5.0)].concat());
    assert_eq!(events, []);
    for settings in [
        VoiceSettings { least: Dbm0(f32::NAN), over_noise_db: f32::NAN, hangover_ms: 0 },
        VoiceSettings { least: Dbm0(-300.0), over_noise_db: -9.0, hangover_ms: u32::MAX },
    ] {
        let mut bank = VoiceBank::<1>::new(settings);
        bank.listen(0, true);
        let line = through_alaw([silence(1.0), voice(4, -20.0, 3.0), silence(1.0)].concat().into_iter());
        let mut told = 0;
        blocks(&line).iter().for_each(|block| bank.process(&[Some(block)], |_, _| told += 1));
        assert!(told <= 100, "{settings:?} told {told} times");
    }
}

#[test]
fn the_louder_of_two_is_known() {
    let lines = [-14.0, -24.0].map(|dbm0| through_alaw([silence(3.0), voice(2, dbm0, 4.0)].concat().into_iter()));
    let mut bank = VoiceBank::<3>::new(VoiceSettings::LINE);
    (0..3).for_each(|lane| bank.listen(lane, true));
    let (mut both, mut right) = (0, 0);
    for (one, other) in blocks(&lines[0]).iter().zip(blocks(&lines[1])) {
        bank.process(&[Some(one), Some(other), Some(&[0; BLOCK])], |_, _| ());
        if let (Some(one), Some(other)) = (bank.loudness(0), bank.loudness(1)) {
            both += 1;
            right += usize::from((8.0..12.0).contains(&(one.0 - other.0)));
        }
        assert_eq!(bank.loudness(2), None);
    }
    assert!(both > 300 && right * 10 >= both * 9, "{right} of {both}");
    bank.listen(0, false);
    assert!(!bank.is_speaking(0) && bank.loudness(0).is_none() && bank.loudness(9).is_none());
}

#[test]
fn any_samples_leave_it_sane_and_a_voice_after_them_is_told_of() {
    let mut random = Random(11);
    let wild: Vec<f64> = (0..12 * SECOND)
        .map(|at| match at / SECOND % 4 {
            0 => random.uniform() * 40_000.0,
            1 => 40_000.0 * f64::from(1 - 2 * (at / 7 % 2) as i8),
            2 => f64::from([i16::MIN, i16::MAX][at % 2]),
            _ => 32_767.0,
        })
        .collect();
    let (events, speaking) = told([wild, silence(4.0), voice(5, -20.0, 3.0), silence(1.0)].concat());
    assert_eq!(share(&speaking[1300..1600]), 0.0, "silence: {events:?}");
    assert!(share(&speaking[1600..1900]) > 0.85, "the voice: {events:?}");
}

#[test]
fn a_lane_of_many_tells_what_it_would_alone() {
    const LANES: usize = 5;
    let lines: Vec<Vec<i16>> = (0..LANES)
        .map(|lane| {
            through_alaw(
                mixed([silence(1.0), voice(lane as u64 + 1, -18.0, 6.0)].concat(), noise(9, -40.0, 7.0)).into_iter(),
            )
        })
        .collect();
    let mut random = Random(4);
    let mut bank = VoiceBank::<LANES>::new(VoiceSettings::LINE);
    let mut single: [VoiceBank<1>; LANES] = std::array::from_fn(|_| VoiceBank::new(VoiceSettings::LINE));
    (0..LANES).for_each(|lane| {
        bank.listen(lane, true);
        single[lane].listen(0, true);
    });
    let mut told = 0;
    for at in 0..blocks(&lines[0]).len() {
        let given: [Option<&[i16; BLOCK]>; LANES] =
            std::array::from_fn(|lane| (random.below(8) > 0).then(|| &blocks(&lines[lane])[at]));
        let mut together = Vec::new();
        bank.process(&given, |lane, event| together.push((lane, event)));
        let mut alone = Vec::new();
        for lane in 0..LANES {
            single[lane].process(&[given[lane]], |_, event| alone.push((lane, event)));
            assert_eq!(bank.loudness(lane), single[lane].loudness(0));
        }
        assert_eq!(together, alone, "block {at}");
        told += together.len();
    }
    assert!(told >= LANES, "every lane has something to tell");
}
