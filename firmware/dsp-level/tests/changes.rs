//! What is done to levels: gain, DC removal, comfort noise.

#![allow(dead_code, reason = "each test uses some of the signals")]

mod signals;

use base::Dbm0;
use dsp_level::{BLOCK, BadShape, ComfortNoise, DcFilter, Gain, MOST_COEFFICIENTS, NoiseShape};
use signals::{SECOND, level, tone};
use test_signals::{Random, peak};

/// Samples as a block-wise change leaves them.
fn changed(samples: &[f64], mut change: impl FnMut(usize, &mut [i16; BLOCK])) -> Vec<f64> {
    let mut linear: Vec<i16> = samples.iter().map(|sample| sample.round() as i16).collect();
    for (number, block) in linear.as_chunks_mut().0.iter_mut().enumerate() {
        change(number, block);
    }
    linear.into_iter().map(f64::from).collect()
}

fn largest_step(samples: &[f64]) -> f64 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max)
}

#[test]
fn a_gain_is_what_it_says() {
    for db in [-40.0, -12.0, -0.5, 0.0, 3.0, 12.0, 20.0] {
        let mut gain = Gain::new(db as f32);
        let out = changed(&tone(1004.0, -25.0, 1.0), |_, block| gain.apply(block));
        let found = level(out) + 25.0;
        assert!((found - db).abs() < 0.1, "{found:.2} for {db} dB");
    }
}

#[test]
fn no_gain_changes_no_sample() {
    let mut random = Random(1);
    let wild: Vec<f64> = (0..SECOND).map(|_| random.uniform() * 32_767.0).map(f64::round).collect();
    let mut gain = Gain::default();
    assert!(gain.is_unity());
    assert_eq!(changed(&wild, |_, block| gain.apply(block)), wild);
    gain.set(f32::NAN);
    assert_eq!(changed(&wild, |_, block| gain.apply(block)), wild, "what is not a number is no gain");
}

#[test]
fn a_change_of_gain_does_not_click_and_is_over_in_a_block() {
    let steady = tone(300.0, -10.0, 1.0);
    let mut gain = Gain::new(0.0);
    let out = changed(&steady, |number, block| {
        match number {
            20 => gain.set(Gain::MUTE_DB),
            40 => gain.set(0.0),
            60 => gain.set(-20.0),
            _ => (),
        }
        gain.apply(block);
    });
    // A ramp of 10 ms adds an 80th of the peak to a step at most.
    let most = largest_step(&steady) + peak(-10.0) / 79.0 + 1.0;
    assert!(largest_step(&out) <= most, "{} of {most}", largest_step(&out));
    assert!(out[21 * BLOCK..40 * BLOCK].iter().all(|&sample| sample == 0.0), "muted is silent");
    assert_eq!(out[41 * BLOCK..60 * BLOCK], changed(&steady, |_, _| ())[41 * BLOCK..60 * BLOCK]);
    assert!((level(out[61 * BLOCK..].iter().copied()) + 30.0).abs() < 0.1);
}

#[test]
fn what_is_too_loud_is_cut_off_and_does_not_wrap() {
    for db in [20.0, f32::INFINITY] {
        let mut gain = Gain::new(db);
        let out = changed(&tone(100.0, 0.0, 0.1), |_, block| gain.apply(block));
        let halves: Vec<f64> = tone(100.0, 0.0, 0.1).iter().zip(&out).map(|(before, after)| before * after).collect();
        assert!(halves.iter().all(|&product| product >= 0.0), "every sample keeps its sign");
        assert!(out.contains(&32_767.0) && out.contains(&-32_768.0));
    }
}

#[test]
fn dc_goes_20_hz_are_3_db_down_and_speech_is_as_it_was() {
    let mut filter = DcFilter::new();
    let out = changed(&vec![12_000.0; SECOND], |_, block| filter.apply(block));
    assert!(out[SECOND / 2..].iter().all(|&sample| sample == 0.0), "DC is gone after half a second");
    for (hz, wanted, within) in
        [(5.0, -12.3, 0.3), (20.0, -3.0, 0.15), (60.0, -0.46, 0.1), (300.0, -0.02, 0.03), (3400.0, 0.0, 0.05)]
    {
        let mut filter = DcFilter::new();
        let out = changed(&tone(hz, -6.0, 3.0), |_, block| filter.apply(block));
        let found = level(out[SECOND..].iter().copied()) + 6.0;
        assert!((found - wanted).abs() < within, "{hz} Hz: {found:.3} dB for {wanted}");
    }
}

#[test]
fn dc_removal_stays_within_samples_and_silence_stays_silent() {
    let mut filter = DcFilter::new();
    let square: Vec<f64> = (0..SECOND).map(|at| if at / 400 % 2 == 0 { 32_767.0 } else { -32_768.0 }).collect();
    let out = changed(&square, |_, block| filter.apply(block));
    assert!(square.iter().zip(&out).all(|(before, after)| before * after >= 0.0), "nothing wraps");
    let after = changed(&vec![0.0; 4 * SECOND], |_, block| filter.apply(block));
    assert!(after[SECOND..].iter().all(|&sample| sample == 0.0));
}

fn made(noise: &mut ComfortNoise, seconds: f64) -> Vec<f64> {
    changed(&signals::silence(seconds), |_, block| noise.fill(block))
}

#[test]
fn noise_has_the_level_and_the_colour_that_was_asked_for() {
    for dbm0 in [-20.0, -40.0, -50.0] {
        for colour in [-0.6, 0.0, 0.5, 0.9] {
            let shape = NoiseShape::coloured(Dbm0(dbm0), colour);
            let out = made(&mut ComfortNoise::new(9, shape), 20.0);
            let found = level(out.iter().copied());
            assert!((found - f64::from(dbm0)).abs() < 0.3, "{found:.2} for {dbm0} dBm0 of colour {colour}");
            let (mut own, mut next) = (0.0, 0.0);
            for pair in out.windows(2) {
                own += pair[0] * pair[0];
                next += pair[0] * pair[1];
            }
            // Of a filter of first order, neighbours have this in common.
            assert!((next / own - f64::from(colour)).abs() < 0.03, "{} for {colour}", next / own);
            let largest = out.iter().fold(0.0_f64, |most, sample| most.max(sample.abs()));
            assert!(largest < 6.0 * peak(f64::from(dbm0)), "nothing crackles: {largest}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_noise_and_another_another() {
    let of = |seed| made(&mut ComfortNoise::new(seed, NoiseShape::white(Dbm0(-30.0))), 1.0);
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
    assert!((level(of(0)) + 30.0).abs() < 0.5, "seed 0 is one like others");
}

#[test]
fn noise_that_becomes_louder_does_so_over_a_block() {
    let mut noise = ComfortNoise::new(2, NoiseShape::white(Dbm0(-60.0)));
    made(&mut noise, 0.1);
    noise.set(noise.shape().with_level(Dbm0(-30.0)));
    let out = made(&mut noise, 1.0);
    let part = |from: usize, to: usize| level(out[from..to].iter().copied());
    assert!(part(0, 20) < -38.0 && part(60, 80) > -37.0, "{:.1} to {:.1}", part(0, 20), part(60, 80));
    assert!((part(80, SECOND) + 30.0).abs() < 0.5);
}

#[test]
fn levels_and_coefficients_of_packets_are_read_and_written() {
    for octet in 0..=127 {
        assert_eq!(NoiseShape::octet_of_level(NoiseShape::level_of_octet(octet)), octet);
    }
    // RFC 3389 §3.1: overload is a square wave, 6.15 dBm0 in A-law.
    assert!((NoiseShape::level_of_octet(0).0 - 6.15).abs() < 0.01);
    assert_eq!(NoiseShape::octet_of_level(Dbm0(-40.0)), 46);
    assert_eq!(NoiseShape::octet_of_level(Dbm0(99.0)), 0);
    assert_eq!(NoiseShape::octet_of_level(Dbm0(-200.0)), 127);
    for index in 0..=254 {
        let shape = NoiseShape::read(&[50, index, 127]).expect("a good packet");
        let wanted = 258.0 * (f32::from(index) - 127.0) / 32_768.0;
        assert_eq!(shape.coefficients(), [wanted, 0.0], "RFC 3389 §3.2");
        let mut written = [0; 8];
        assert_eq!(shape.write(&mut written), 3);
        // Beyond 0.99 a filter rings, and is written less sharp.
        let sharp = index.clamp(1, 253);
        assert!(written[0] == 50 && written[1].abs_diff(sharp) <= 1 && written[2] == 127, "{index}: {written:?}");
    }
    let mut short = [0; 1];
    assert_eq!(NoiseShape::coloured(Dbm0(-40.0), 0.5).write(&mut short), 1);
}

#[test]
fn wrong_packets_are_refused_and_long_ones_cut() {
    assert_eq!(NoiseShape::read(&[]), Err(BadShape::Empty));
    assert_eq!(NoiseShape::read(&[128]), Err(BadShape::Level(128)));
    assert_eq!(NoiseShape::read(&[50, 127, 255]), Err(BadShape::Coefficient(1)));
    let long = NoiseShape::read(&[50; 40]).expect("as many as are heeded");
    assert_eq!(long.coefficients().len(), MOST_COEFFICIENTS);
    assert_eq!(BadShape::Coefficient(1).to_string(), "comfort noise: coefficient 1 is 255, which is reserved");
}

#[test]
fn noise_of_any_packet_is_as_loud_as_it_says_at_most_and_dies_with_it() {
    let mut random = Random(77);
    for _ in 0..200 {
        let payload: Vec<u8> =
            (0..1 + random.below(12)).map(|at| random.below(if at == 0 { 128 } else { 255 }) as u8).collect();
        let shape = NoiseShape::read(&payload).expect("a good packet");
        let mut noise = ComfortNoise::new(3, shape);
        let found = level(made(&mut noise, 0.5));
        assert!(found < f64::from(shape.level().0) + 6.0 || found < -70.0, "{payload:?}: {found:.1}");
        noise.set(NoiseShape::white(Dbm0(-200.0)));
        made(&mut noise, 0.02);
        assert!(made(&mut noise, 0.5).iter().all(|&sample| sample == 0.0), "{payload:?}");
    }
}
