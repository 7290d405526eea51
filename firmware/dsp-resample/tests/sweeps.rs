//! What passes and what does not, between each pair of rates.

use core::f64::consts::TAU;
use dsp_resample::{DELAY_SAMPLES, Rate, Resampler, WrongLength};
use test_signals::Random;

const RATES: [Rate; 3] = [Rate::Hz8000, Rate::Hz16000, Rate::Hz48000];
const LEVEL: f64 = 10_000.0;

fn hz(rate: Rate) -> f64 {
    rate.block() as f64 * 100.0
}

fn pairs() -> impl Iterator<Item = (Rate, Rate)> {
    RATES.into_iter().flat_map(|from| RATES.into_iter().map(move |to| (from, to))).filter(|(from, to)| from != to)
}

/// Highest frequency of the lower rate's band, and where the filter stops.
fn edges(from: Rate, to: Rate) -> (f64, f64) {
    if from.min(to) == Rate::Hz8000 { (3400.0, 4600.0) } else { (7000.0, 9000.0) }
}

fn resampled(samples: &[i16], from: Rate, to: Rate) -> Vec<i16> {
    let mut resampler = Resampler::new(from, to);
    let mut out = Vec::new();
    for block in samples.chunks_exact(from.block()) {
        let mut converted = vec![0; to.block()];
        resampler.block(block, &mut converted).expect("blocks of 10 ms");
        out.extend(converted);
    }
    out
}

fn tone(frequency: f64, rate: Rate, seconds: f64) -> Vec<i16> {
    let count = (hz(rate) * seconds) as usize;
    (0..count).map(|at| (LEVEL * (TAU * frequency * at as f64 / hz(rate)).sin()).round() as i16).collect()
}

/// dB against the tone sent, of one frequency and of all the rest. The first 100 ms are left out.
fn levels(samples: &[i16], rate: Rate, frequency: f64) -> (f64, f64) {
    let samples = &samples[10 * rate.block()..];
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (at, &sample) in samples.iter().enumerate() {
        let (sin, cos) = (TAU * frequency * at as f64 / hz(rate)).sin_cos();
        re += f64::from(sample) * cos;
        im += f64::from(sample) * sin;
        all += f64::from(sample) * f64::from(sample);
    }
    let count = samples.len() as f64;
    let own = 4.0 * (re * re + im * im) / (count * count);
    let rest = (2.0 * all / count - own).max(1e-6);
    (10.0 * (own / LEVEL.powi(2)).log10(), 10.0 * (rest / LEVEL.powi(2)).log10())
}

#[test]
fn the_band_passes_within_a_tenth_of_a_decibel_and_brings_no_images() {
    for (from, to) in pairs() {
        let (band, _) = edges(from, to);
        for step in 1..=(band as usize / 100) {
            // Whole periods in the 400 ms that are measured.
            let frequency = step as f64 * 100.0;
            let out = resampled(&tone(frequency, from, 0.5), from, to);
            let (own, rest) = levels(&out, to, frequency);
            assert!(own.abs() < 0.1, "{from:?} to {to:?}: {frequency} Hz changes by {own:.3} dB");
            assert!(rest < -62.0, "{from:?} to {to:?}: {frequency} Hz brings {rest:.1} dB of others");
        }
    }
}

#[test]
fn what_the_lower_rate_cannot_carry_is_stopped() {
    for (from, to) in pairs().filter(|(from, to)| from > to) {
        let (_, stop) = edges(from, to);
        for step in 0.. {
            let frequency = stop + f64::from(step) * 100.0;
            if frequency > hz(from) / 2.0 - 100.0 {
                break;
            }
            let out = resampled(&tone(frequency, from, 0.3), from, to);
            let (_, rest) = levels(&out, to, 50.0);
            assert!(rest < -62.0, "{from:?} to {to:?}: of {frequency} Hz {rest:.1} dB remain");
        }
    }
}

#[test]
fn all_come_later_by_the_same_time() {
    for (from, to) in pairs() {
        let mut impulse = vec![0; 4 * from.block()];
        impulse[from.block()] = 30_000;
        let out = resampled(&impulse, from, to);
        let peak = (0..out.len()).max_by_key(|&at| out[at]).unwrap_or_default();
        let lower = from.min(to);
        let late =
            peak as f64 / hz(to) - impulse.iter().position(|&sample| sample != 0).unwrap_or_default() as f64 / hz(from);
        assert!((late - DELAY_SAMPLES as f64 / hz(lower)).abs() < 0.51 / hz(to), "{from:?} to {to:?}: {late} s");
    }
}

#[test]
fn up_and_down_again_is_the_same_a_little_later() {
    for (low, high) in [(Rate::Hz8000, Rate::Hz16000), (Rate::Hz8000, Rate::Hz48000), (Rate::Hz16000, Rate::Hz48000)] {
        let frequencies = [310.0, 777.0, 1234.0, 2345.0, 3333.0];
        let sample =
            |at: usize| frequencies.iter().map(|f| 3000.0 * (TAU * f * at as f64 / hz(low) + f).sin()).sum::<f64>();
        let sent: Vec<i16> = (0..50 * low.block()).map(|at| sample(at).round() as i16).collect();
        let back = resampled(&resampled(&sent, low, high), high, low);
        let late = 2.0 * DELAY_SAMPLES as f64;
        let (mut wrong, mut all) = (0.0, 0.0);
        for (at, &sample) in back.iter().enumerate().skip(200) {
            let wanted: f64 =
                frequencies.iter().map(|f| 3000.0 * (TAU * f * (at as f64 - late) / hz(low) + f).sin()).sum();
            wrong += (f64::from(sample) - wanted).powi(2);
            all += wanted * wanted;
        }
        let snr = 10.0 * (all / wrong).log10();
        assert!(snr > 55.0, "{low:?} by {high:?}: {snr:.1} dB");
    }
}

#[test]
fn equal_rates_are_copied_and_wrong_blocks_refused() {
    let mut random = Random(1);
    for rate in RATES {
        let samples: Vec<i16> = (0..rate.block()).map(|_| random.below(65_536) as u16 as i16).collect();
        assert_eq!(resampled(&samples, rate, rate), samples);
    }
    let mut up = Resampler::new(Rate::Hz8000, Rate::Hz16000);
    assert_eq!(up.block(&[0; 79], &mut [0; 160]), Err(WrongLength { wanted: 80, got: 79 }));
    let error = up.block(&[0; 80], &mut [0; 161]).expect_err("too long");
    assert_eq!(error.to_string(), "block of audio: 160 samples wanted, 161 given");
}

/// Full scale overshoots and is cut off, never turned round; noise stays finite and is forgotten.
#[test]
fn any_samples_leave_it_sane() {
    for (from, to) in pairs() {
        let mut random = Random(9);
        let square: Vec<i16> = (0..20 * from.block())
            .map(|at| if (at / (from.block() / 2)).is_multiple_of(2) { i16::MAX } else { i16::MIN })
            .collect();
        let out = resampled(&square, from, to);
        // Away from the edges it is the square.
        let late = DELAY_SAMPLES * to.block() / from.min(to).block();
        for (at, &sample) in out.iter().enumerate().skip(late + 2 * to.block()) {
            let place = (at - late) % (to.block() / 2);
            if place > to.block() / 4 && place < to.block() / 2 - to.block() / 10 {
                let up = ((at - late) / (to.block() / 2)).is_multiple_of(2);
                assert!(if up { sample > 30_000 } else { sample < -30_000 }, "{from:?} to {to:?}: {sample} at {at}");
            }
        }
        let mut resampler = Resampler::new(from, to);
        let mut out = vec![0; to.block()];
        for _ in 0..100 {
            let noise: Vec<i16> = (0..from.block()).map(|_| [i16::MIN, i16::MAX][random.below(2)]).collect();
            resampler.block(&noise, &mut out).expect("blocks of 10 ms");
        }
        for _ in 0..3 {
            resampler.block(&vec![0; from.block()], &mut out).expect("blocks of 10 ms");
        }
        assert!(out.iter().all(|&sample| sample == 0), "{from:?} to {to:?}");
    }
}
