use super::*;
extern crate std;
use std::vec::Vec;

fn generate(spec: ToneSpec, len: usize) -> Vec<i16> {
    let mut tone = Tone::new(spec);
    let mut out = std::vec![0; len];
    out.chunks_mut(80).for_each(|block| tone.fill(block));
    out
}

/// Power of `hz` in the samples, in dBm0, by correlation.
fn level_at(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (at, &sample) in samples.iter().enumerate() {
        let angle = at as f64 * hz / 8000.0 * core::f64::consts::TAU;
        re += f64::from(sample) * angle.cos();
        im += f64::from(sample) * angle.sin();
    }
    let peak = 2.0 * (re * re + im * im).sqrt() / samples.len() as f64;
    20.0 * (peak / 32_768.0).log10() + f64::from(Dbm0::ALAW_FULL_SCALE.0)
}

#[test]
fn a_tone_has_its_frequency_and_level() {
    let spec = ToneSpec { second_hz: Some(1209.0), ..ToneSpec::single(697.0, Dbm0(-10.0)) };
    let samples = generate(spec, 16_000);
    assert!((level_at(&samples, 697.0) + 10.0).abs() < 0.02);
    assert!((level_at(&samples, 1209.0) + 10.0).abs() < 0.02);
    assert!(level_at(&samples, 2394.0) < -70.0, "no second harmonic");
}

#[test]
fn a_full_scale_tone_saturates_instead_of_wrapping() {
    let samples = generate(ToneSpec::single(450.0, Dbm0(10.0)), 800);
    assert!(samples.contains(&i16::MAX) && samples.contains(&i16::MIN));
    let largest_step = samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
    assert!(largest_step < Some(30_000));
}

#[test]
fn a_cadence_is_kept_to_the_sample() {
    let spec = ToneSpec {
        cadence: Cadence::new(&[(20, 10), (0, 0), (30, 40)]),
        length: Length::Ms(200),
        ..ToneSpec::single(450.0, Dbm0(-10.0))
    };
    let samples = generate(spec, 1700);
    let loud = |from: usize, to: usize| samples[from..to].iter().any(|&sample| sample.abs() > 3000);
    let silent = |from: usize, to: usize| samples[from..to].iter().all(|&sample| sample == 0);
    assert!(loud(0, 160) && silent(160, 240) && loud(240, 480) && silent(480, 800) && loud(800, 960));
    assert!(silent(960, 1040) && loud(1040, 1280) && silent(1600, 1700));
}

#[test]
fn an_empty_cadence_is_a_continuous_tone() {
    assert_eq!(Cadence::new(&[]), Cadence::CONTINUOUS);
    assert_eq!(Cadence::new(&[(0, 0), (0, 0)]), Cadence::CONTINUOUS);
}

#[test]
fn edges_rise_and_fall_without_a_click() {
    let spec = ToneSpec { length: Length::Ms(50), ..ToneSpec::single(1000.0, Dbm0(0.0)) };
    let samples = generate(spec, 480);
    let peak = |from: usize, to: usize| samples[from..to].iter().map(|sample| sample.abs()).max().unwrap();
    assert!(peak(0, 2) < 3000 && peak(398, 400) < 3000 && peak(100, 300) > 22_000 && peak(400, 480) == 0);
}

#[test]
fn a_tone_of_some_milliseconds_says_when_it_is_over() {
    let mut tone = Tone::new(ToneSpec { length: Length::Ms(10), ..ToneSpec::single(450.0, Dbm0(-10.0)) });
    let mut block = [0; 79];
    tone.fill(&mut block);
    assert!(!tone.is_over());
    tone.fill(&mut block[..1]);
    assert!(tone.is_over());
    assert!(Tone::new(ToneSpec { length: Length::Ms(0), ..ToneSpec::single(450.0, Dbm0(-10.0)) }).is_over());
}

#[test]
fn the_phase_runs_on_over_blocks_of_any_length() {
    let spec = ToneSpec::single(941.0, Dbm0(-10.0));
    let whole = generate(spec, 800);
    let mut tone = Tone::new(spec);
    let mut pieces = std::vec![0; 800];
    pieces.chunks_mut(37).for_each(|block| tone.fill(block));
    assert_eq!(whole, pieces);
}
