//! What a line carries beside fax tones, and none of which is one.

// Each file of tests uses a part of them.
#[allow(dead_code)]
mod signals;

use dsp_fax::FaxToneEvent;
use signals::{Line, MS, Tone};
use std::f64::consts::TAU;
use test_signals::{Random, Voice, peak};

const SECOND: usize = 1000 * MS;

#[track_caller]
fn check_silent(line: &Line, what: &str) {
    assert_eq!(line.timed(), [], "{what}");
}

#[test]
fn nobody_speaks_as_a_fax_does() {
    for seed in 1..=12 {
        let mut voice = Voice::new(seed, [-6.0, -12.0, -25.0, -38.0][seed as usize % 4]);
        check_silent(&Line::default().silence(60 * SECOND).plus(|| voice.next_sample()), &format!("voice {seed}"));
    }
}

/// An instrument: harmonics that fall off, a tone that dies away, some vibrato.
struct Instrument {
    harmonics: &'static [f64],
    /// Seconds to a half.
    decay: f64,
    vibrato: f64,
}

const INSTRUMENTS: [Instrument; 4] = [
    Instrument { harmonics: &[1.0, 0.5, 0.33, 0.25, 0.2], decay: 0.4, vibrato: 0.0 },
    Instrument { harmonics: &[1.0, 0.3, 0.1], decay: 3.0, vibrato: 0.006 },
    Instrument { harmonics: &[0.4, 1.0, 0.6, 0.3, 0.1, 0.1], decay: 1.0, vibrato: 0.004 },
    Instrument { harmonics: &[1.0, 0.0, 0.4, 0.0, 0.2], decay: 0.8, vibrato: 0.0 },
];

/// A melody of one voice or two, notes of 125 to 500 ms; those that die away also of 1000 ms.
fn music(seed: u64) -> Line {
    let mut random = Random(seed);
    let mut line = Line::default().silence(30 * SECOND);
    for voice in 0..1 + seed as usize % 2 {
        let instrument = &INSTRUMENTS[(seed as usize + voice) % INSTRUMENTS.len()];
        let mut at = 0;
        while at < 29 * SECOND {
            // Up to three octaves above A3: A6 is 1760 Hz, with 1100 and 2100 Hz among the notes and harmonics.
            let hz = 220.0 * 2f64.powf(random.below(40) as f64 / 12.0);
            let longest = if instrument.decay < 1.0 { 8 } else { 4 };
            let length = 125 * MS * [1, 2, 2, 4, longest][random.below(5)];
            for (number, sample) in line.0[at..(at + length).min(30 * SECOND)].iter_mut().enumerate() {
                let seconds = number as f64 / 8000.0;
                let fade = (seconds / 0.01).min(1.0) * 0.5f64.powf(seconds / instrument.decay);
                let phase = TAU * hz * seconds + instrument.vibrato * hz / 5.0 * (TAU * 5.0 * seconds).sin();
                for (harmonic, strength) in (1..).zip(instrument.harmonics) {
                    let hz = hz * f64::from(harmonic);
                    // The line carries no more.
                    if hz < 3500.0 {
                        *sample += peak(-14.0) * fade * strength * (f64::from(harmonic) * phase).sin();
                    }
                }
            }
            at += length;
        }
    }
    line
}

#[test]
fn music_on_hold_is_no_fax() {
    for seed in 1..=40 {
        check_silent(&music(seed), &format!("music {seed}"));
    }
}

#[test]
fn digits_are_no_fax() {
    for low in [697.0, 770.0, 852.0, 941.0] {
        for high in [1209.0, 1336.0, 1477.0, 1633.0] {
            for ms in [80, 500, 3000] {
                let line = Line::default().silence(SECOND).chord(&[low, high], -9.0, ms * MS).silence(SECOND);
                check_silent(&line, &format!("{low} and {high} Hz, {ms} ms"));
            }
        }
    }
}

#[test]
fn registers_of_other_exchanges_are_no_fax() {
    let sets: [[f64; 6]; 3] = [
        [1380.0, 1500.0, 1620.0, 1740.0, 1860.0, 1980.0],
        [1140.0, 1020.0, 900.0, 780.0, 660.0, 540.0],
        [700.0, 900.0, 1100.0, 1300.0, 1500.0, 1700.0],
    ];
    for set in sets {
        for (number, one) in set.iter().enumerate() {
            for other in &set[..number] {
                for ms in [60, 150, 500, 3000] {
                    // Each louder than the other by what a receiver must take.
                    for twist in [-7.0, 0.0, 7.0] {
                        let part = |hz: f64, level: f64| {
                            Line::default().silence(SECOND).tone(Tone::of(hz, level), ms * MS).silence(SECOND)
                        };
                        let (mut line, second) = (part(*one, -11.5), part(*other, -11.5 + twist));
                        line.0.iter_mut().zip(second.0).for_each(|(sample, more)| *sample += more);
                        check_silent(&line, &format!("{one} and {other} Hz, {ms} ms, twist {twist} dB"));
                    }
                }
            }
        }
    }
}

#[test]
fn tones_of_the_network_are_no_fax() {
    let tones: [(&[f64], usize, usize); 9] = [
        (&[450.0], 1000, 4000),
        (&[440.0, 480.0], 2000, 4000),
        (&[425.0], 350, 350),
        (&[480.0, 620.0], 250, 250),
        (&[400.0, 450.0], 400, 200),
        (&[1000.0], 500, 3000),
        (&[1400.0], 500, 3000),
        (&[2130.0, 2750.0], 85, 500),
        (&[2600.0], 2000, 1000),
    ];
    for (hz, on, off) in tones {
        let line =
            (0..4).fold(Line::default().silence(SECOND), |line, _| line.chord(hz, -13.0, on * MS).silence(off * MS));
        check_silent(&line, &format!("{hz:?}"));
    }
    // Special information: three tones one after the other.
    let line = [950.0, 1400.0, 1800.0]
        .into_iter()
        .fold(Line::default().silence(SECOND), |line, hz| line.tone(Tone::of(hz, -13.0), 330 * MS));
    check_silent(&line.silence(SECOND), "special information");
}

#[test]
fn noise_hum_and_clicks_are_no_fax() {
    let mut random = Random(8);
    for level in [0.0, -10.0, -30.0, -50.0] {
        check_silent(
            &Line::default().silence(20 * SECOND).plus(|| random.noise(level)),
            &format!("noise of {level} dBm0"),
        );
    }
    let hum: Vec<f64> = (1..=40).map(|harmonic| 50.0 * f64::from(harmonic)).collect();
    check_silent(&Line::default().chord(&hum, -30.0, 10 * SECOND), "hum");
    let line = Line::default().silence(20 * SECOND).plus(|| if random.below(900) == 0 { 25_000.0 } else { 0.0 });
    check_silent(&line, "clicks");
}

/// Caller id of both modulations, octets of any kind.
#[test]
fn other_modems_are_no_fax() {
    for (one, zero) in [(1200.0, 2200.0), (1300.0, 2100.0), (980.0, 1180.0)] {
        let (mut random, mut phase) = (Random(5), 0.0);
        let bit = if one < 1000.0 { 80 / 3 } else { 20 / 3 };
        let mut line = Line::default().silence(SECOND);
        for _ in 0..2000 {
            let hz = [one, zero][random.below(2)];
            for _ in 0..bit {
                phase += hz / 8000.0;
                line.0.push(peak(-13.0) * (TAU * phase).sin());
            }
        }
        check_silent(&line.silence(SECOND), &format!("{one} and {zero} Hz"));
    }
}

#[test]
fn a_fax_is_heard_beneath_a_quiet_prompt() {
    let mut voice = Voice::new(3, -32.0);
    let line = (0..3).fold(Line::default().silence(SECOND), |line, _| {
        line.tone(Tone::of(1100.0, -15.0), 500 * MS).silence(3 * SECOND)
    });
    let events = line.plus(|| voice.next_sample()).events();
    assert_eq!(events, [FaxToneEvent::CngHeard, FaxToneEvent::CngConfirmed]);
}
