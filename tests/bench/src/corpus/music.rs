//! Music: melodies, chords and drum machines, in tune and in time.

use super::{RATE, loudness};
use test_signals::Random;

/// A minute of one.
const SECONDS: f64 = 60.0;

/// How an instrument sounds.
#[derive(Clone, Copy)]
struct Instrument {
    /// Amplitudes of the overtones.
    overtones: [f64; 5],
    /// Time in which a note fades to a third; an organ's does not.
    fades_s: f64,
    /// Of the frequency, 5 to 6 times a second.
    vibrato: f64,
    /// Of the note's time, until the next.
    held: f64,
}

/// Organ, plucked string, flute, voice-like reed, synthesiser.
const INSTRUMENTS: [Instrument; 5] = [
    Instrument { overtones: [1.0, 0.6, 0.4, 0.2, 0.1], fades_s: 1e9, vibrato: 0.0, held: 0.95 },
    Instrument { overtones: [1.0, 0.5, 0.3, 0.2, 0.1], fades_s: 0.3, vibrato: 0.0, held: 1.0 },
    Instrument { overtones: [1.0, 0.3, 0.05, 0.0, 0.0], fades_s: 2.0, vibrato: 0.008, held: 0.9 },
    Instrument { overtones: [0.7, 1.0, 0.6, 0.4, 0.2], fades_s: 1.5, vibrato: 0.01, held: 0.85 },
    Instrument { overtones: [1.0, 0.0, 0.33, 0.0, 0.2], fades_s: 0.8, vibrato: 0.0, held: 0.7 },
];

/// A piece of the seed's.
pub(super) fn tune(seed: u64) -> Vec<f32> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut line = vec![0.0; (SECONDS * RATE) as usize];
    let beat_s = 60.0 / (60.0 + random.below(120) as f64);
    match seed % 3 {
        0 => melody(&mut line, beat_s, &mut random),
        1 => {
            chords(&mut line, beat_s, &mut random);
            melody(&mut line, beat_s, &mut random);
        }
        _ => drums(&mut line, beat_s, &mut random),
    }
    let peak = line.iter().fold(1e-6_f64, |most, sample| most.max(sample.abs()));
    let level = f64::from(loudness(-20.0 + random.below(16) as f64)) * 1.4;
    line.into_iter().map(|sample| (sample / peak * level) as f32).collect()
}

/// Semitones above A of 110 Hz.
fn hz(semitones: usize) -> f64 {
    110.0 * 2f64.powf(semitones as f64 / 12.0)
}

const SCALE: [usize; 7] = [0, 2, 4, 5, 7, 9, 11];

fn step(degree: usize, key: usize) -> usize {
    key + 12 * (degree / 7) + SCALE[degree % 7]
}

/// A walk up and down the scale; notes are repeated now and then, as tunes do.
fn melody(line: &mut [f64], beat_s: f64, random: &mut Random) {
    let instrument = INSTRUMENTS[random.below(INSTRUMENTS.len())];
    let (key, mut degree, mut at_s) = (random.below(12), 7 + random.below(7), 0.0);
    while at_s < SECONDS {
        let beats = [0.25, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0][random.below(7)];
        if random.below(8) > 0 {
            note(line, at_s, beats * beat_s, hz(step(degree, key)), 1.0, &instrument);
        }
        degree = (degree + random.below(5)).saturating_sub(2).clamp(2, 20);
        at_s += beats * beat_s;
    }
}

fn chords(line: &mut [f64], beat_s: f64, random: &mut Random) {
    let instrument = INSTRUMENTS[random.below(INSTRUMENTS.len())];
    let key = random.below(12);
    let strokes = 1 + random.below(4);
    let mut at_s = 0.0;
    while at_s < SECONDS {
        let root = [0, 3, 4, 5, 1][random.below(5)];
        for stroke in 0..strokes {
            let from = at_s + 4.0 * beat_s * stroke as f64 / strokes as f64;
            for third in 0..3 {
                note(line, from, 4.0 * beat_s / strokes as f64, hz(12 + step(root + 2 * third, key)), 0.5, &instrument);
            }
        }
        at_s += 4.0 * beat_s;
    }
}

/// Sixteen steps over and over: thuds, hisses, and beeps of falling loudness.
fn drums(line: &mut [f64], beat_s: f64, random: &mut Random) {
    let pattern: [usize; 16] = std::array::from_fn(|_| random.below(5));
    let beep_hz = 300.0 + random.below(1500) as f64;
    let beep = Instrument {
        overtones: [1.0, 0.2, 0.0, 0.1, 0.0],
        fades_s: 0.04 + random.below(100) as f64 / 1000.0,
        vibrato: 0.0,
        held: 1.0,
    };
    let mut at_s = 0.0;
    for number in 0.. {
        if at_s >= SECONDS {
            break;
        }
        match pattern[number % 16] {
            0 => note(line, at_s, 0.15, 60.0, 2.0, &beep),
            1 => hiss(line, at_s, random),
            2 => note(line, at_s, beat_s / 4.0, beep_hz, 1.0, &beep),
            _ => {}
        }
        at_s += beat_s / 4.0;
    }
}

fn hiss(line: &mut [f64], at_s: f64, random: &mut Random) {
    let from = (at_s * RATE) as usize;
    for (at, sample) in line.iter_mut().skip(from).take(800).enumerate() {
        *sample += 0.6 * random.uniform() * (-(at as f64) / 200.0).exp();
    }
}

fn note(line: &mut [f64], at_s: f64, long_s: f64, hz: f64, loud: f64, instrument: &Instrument) {
    let (from, length) = ((at_s * RATE) as usize, (long_s * instrument.held * RATE) as usize);
    let mut turns = 0.0;
    for (at, sample) in line.iter_mut().skip(from).take(length).enumerate() {
        let time_s = at as f64 / RATE;
        turns += hz * (1.0 + instrument.vibrato * (35.0 * time_s).sin()) / RATE;
        let edges = (time_s / 0.01).min((length - at) as f64 / (0.02 * RATE)).min(1.0);
        let loud = loud * edges * (-time_s / instrument.fades_s).exp();
        let overtone = |(number, &amplitude): (usize, &f64)| {
            let multiple = number as f64 + 1.0;
            if hz * multiple < 3800.0 { amplitude * (std::f64::consts::TAU * turns * multiple).sin() } else { 0.0 }
        };
        *sample += loud * instrument.overtones.iter().enumerate().map(overtone).sum::<f64>();
    }
}
