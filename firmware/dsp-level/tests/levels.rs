//! Meters, against levels that are known.

#![allow(dead_code, reason = "each test uses some of the signals")]

mod signals;

use base::Dbm0;
use dsp_level::{LevelBank, Levels, SILENCE};
use signals::{SECOND, active_level, blocks, level, mixed, noise, silence, tone, voice};
use test_signals::{Random, through_alaw};

/// What a meter shows at the end of this.
fn shown(samples: Vec<f64>) -> Levels {
    let mut bank = LevelBank::<1>::new();
    bank.listen(0, true);
    for block in blocks(&through_alaw(samples.into_iter())) {
        bank.process(&[Some(block)]);
    }
    bank.levels(0).expect("the lane is measured")
}

#[track_caller]
fn check(found: Dbm0, wanted: f64, within: f64, what: &str) {
    assert!((f64::from(found.0) - wanted).abs() <= within, "{what}: {found:?} for {wanted:.2} dBm0");
}

#[test]
fn a_tone_of_any_level_is_shown_within_half_a_decibel() {
    for dbm0 in [3.0, 0.0, -10.0, -20.0, -35.0, -50.0] {
        for hz in [300.0, 1004.0, 2100.0, 3400.0] {
            let what = format!("{hz} Hz of {dbm0} dBm0");
            let levels = shown(tone(hz, dbm0, 2.0));
            check(levels.now, dbm0, 0.5, &what);
            check(levels.active.expect("a tone is heard"), dbm0, 0.5, &what);
            check(levels.noise, dbm0, 0.8, &what);
            check(levels.peak, dbm0, 0.7, &what);
        }
    }
}

#[test]
fn a_tone_that_has_become_noise_keeps_the_level_it_was_heard_with() {
    let levels = shown([tone(1004.0, -12.0, 20.0), silence(3.0)].concat());
    check(levels.active.expect("a tone was heard"), -12.0, 0.5, "heard");
    assert_eq!((levels.noise, levels.now.0 < -70.0), (SILENCE, true));
}

#[test]
fn noise_of_any_level_is_shown_within_a_decibel() {
    for dbm0 in [-20.0, -30.0, -45.0, -60.0] {
        for seed in 1..=5 {
            let levels = shown(noise(seed, dbm0, 6.0));
            check(levels.noise, dbm0, 1.0, "noise");
            check(levels.now, dbm0, 1.0, "level");
        }
    }
}

#[test]
fn a_voice_over_noise_has_the_active_level_of_p56() {
    let mut worst = 0.0_f64;
    for seed in 1..=6 {
        for (speech, floor) in [(-15.0, -65.0), (-20.0, -50.0), (-30.0, -60.0), (-25.0, -45.0)] {
            // Sentences of 2 s with pauses of 1 s; the last six of them are what P.56 sees, too.
            let sentences: Vec<f64> =
                (0..8).flat_map(|at| [voice(seed * 100 + at, speech, 2.0), silence(1.0)].concat()).collect();
            let wanted = active_level(&sentences[sentences.len() - 18 * SECOND..]);
            let seconds = sentences.len() as f64 / SECOND as f64;
            let levels = shown(mixed(sentences, noise(seed, floor, seconds)));
            let active = levels.active.expect("a voice is heard");
            worst = worst.max((f64::from(active.0) - wanted).abs());
            check(active, wanted, 1.0, &format!("voice {seed} of {speech} dBm0 over {floor} dBm0"));
            check(levels.noise, floor, 1.5, "noise between the sentences");
        }
    }
    println!("active level: at most {worst:.2} dB off P.56");
}

#[test]
fn pauses_of_any_length_leave_the_active_level_as_it_was() {
    let spoken = [silence(3.0), voice(1, -20.0, 6.0)].concat();
    let before = shown(spoken.clone()).active.expect("a voice is heard");
    let after = shown([spoken, noise(2, -60.0, 120.0)].concat()).active.expect("a voice was heard");
    assert!((before.0 - after.0).abs() < 0.5, "{before:?} became {after:?}");
}

#[test]
fn who_speaks_next_and_softer_is_measured_too() {
    let line = [silence(3.0), voice(1, -12.0, 10.0), silence(1.0), voice(2, -30.0, 30.0)].concat();
    check(shown(line).active.expect("voices are heard"), -30.0, 1.5, "the second");
}

#[test]
fn a_peak_is_shown_at_once_and_falls_by_20_db_in_1700_ms() {
    let line = |seconds| shown([tone(1004.0, -10.0, 0.1), silence(seconds)].concat()).peak;
    check(line(0.0), -10.0, 0.5, "at once");
    check(line(1.7), -30.0, 0.7, "1.7 s later");
}

#[test]
fn nothing_moving_has_no_level() {
    for value in [0.0, 8.0, -500.0, 32_000.0] {
        let levels = shown(vec![value; SECOND]);
        assert_eq!((levels.now, levels.noise), (SILENCE, SILENCE), "DC of {value}");
    }
    let mut bank = LevelBank::<2>::new();
    assert_eq!(bank.levels(0), None, "a lane that is not measured shows nothing");
    bank.listen(1, true);
    let idle = bank.levels(1).expect("measured");
    assert_eq!((idle.now, idle.active, idle.noise, idle.peak), (SILENCE, None, SILENCE, SILENCE));
    bank.listen(7, true);
    assert_eq!(bank.levels(7), None, "there is no such lane");
}

#[test]
fn any_samples_leave_a_meter_sane() {
    let mut random = Random(11);
    let wild = (0..60 * SECOND).map(|at| match at / SECOND % 4 {
        0 => random.uniform() * 40_000.0,
        1 => 40_000.0 * f64::from(1 - 2 * (at / 7 % 2) as i8),
        2 => f64::from([i16::MIN, i16::MAX][at % 2]),
        _ => 0.0,
    });
    let levels = shown(wild.collect());
    let all = [levels.now, levels.noise, levels.peak, levels.active.expect("heard")];
    assert!(all.iter().all(|level| level.0 >= SILENCE.0 && level.0 < 7.0), "{levels:?}");
    let after = shown([vec![32_767.0; SECOND], tone(1004.0, -10.0, 12.0)].concat());
    check(after.now, -10.0, 0.5, "a tone after all that");
}

#[test]
fn a_lane_of_many_shows_what_it_would_alone() {
    const LANES: usize = 7;
    let lines: Vec<Vec<i16>> = (0..LANES)
        .map(|lane| through_alaw(mixed(voice(lane as u64 + 1, -18.0, 6.0), noise(9, -50.0, 6.0)).into_iter()))
        .collect();
    let mut random = Random(4);
    let mut bank = LevelBank::<LANES>::new();
    let mut single: [LevelBank<1>; LANES] = std::array::from_fn(|_| LevelBank::new());
    (0..LANES).for_each(|lane| {
        bank.listen(lane, true);
        single[lane].listen(0, true);
    });
    let count = blocks(&lines[0]).len();
    for at in 0..count {
        let given: [Option<&[i16; 80]>; LANES] =
            std::array::from_fn(|lane| (random.below(5) > 0).then(|| &blocks(&lines[lane])[at]));
        bank.process(&given);
        for lane in 0..LANES {
            single[lane].process(&[given[lane]]);
            assert_eq!(bank.levels(lane), single[lane].levels(0), "lane {lane}, block {at}");
        }
    }
    assert!((level(lines[0].iter().map(|&sample| f64::from(sample))) + 18.0).abs() < 6.0, "there was a voice");
}
