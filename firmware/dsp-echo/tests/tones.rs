//! Tones: those that must pass, those that must not spoil what was learned, and the one that asks for a clear channel.

// The curves are what these tests are read for.
#![allow(clippy::print_stdout)]

mod signals;

use dsp_echo::Settings;
use signals::{Css, FILTER_ALONE, HYBRIDS, Heard, Line, SECOND, Tones, annex::narrow, level, loss};
use test_signals::{Random, peak};

#[test]
fn test_6_narrow_bands_do_not_spoil_what_was_learned() {
    let mut tones = narrow();
    assert_eq!(tones.len(), 8, "the Recommendation's tones");
    // Progress tones, multiples of the transform's step and a tone close to one.
    tones.extend([[350.0, 440.0], [425.0, 0.0], [400.0, 0.0], [1000.0, 0.0], [1004.0, 0.0], [3000.0, 0.0]]);
    for (hybrid, alaw, least) in [(HYBRIDS[5], false, [35.0, 40.0]), (HYBRIDS[0], true, [13.0, 30.0])] {
        for &hz in &tones {
            let mut line = Line::new(hybrid.taps(10.0)).with(FILTER_ALONE);
            line.alaw = alaw;
            let mut far = Css::far(-10.0);
            line.hear(4 * SECOND + 20, || far.next_sample());
            let mut tones = Tones::new(hz, -13.0);
            line.hear(5 * SECOND, || tones.next_sample());
            let after: Vec<f64> = line.hear(70, || far.next_sample()).chunks(35).map(loss).collect();
            println!("{}, A-law {alaw}, after 5 s of {hz:?} Hz: {after:.0?} dB each 350 ms", hybrid.name());
            let spoilt = after.iter().zip(least).any(|(after, least)| *after < least);
            assert!(!spoilt, "{}, A-law {alaw}, {hz:?} Hz: {after:.1?}", hybrid.name());
        }
    }
}

#[test]
fn test_7_a_steady_tone_alone_is_cancelled_and_stays_so() {
    for hz in [300.0, 700.0, 1004.0, 2000.0, 3000.0] {
        let mut line = Line::new(HYBRIDS[6].taps(10.0)).with(FILTER_ALONE);
        let mut tone = Tones::new([hz, 0.0], -10.0);
        let heard = line.hear(12 * SECOND, || tone.next_sample());
        let curve: Vec<f64> = heard.chunks(SECOND).map(loss).collect();
        println!("{hz} Hz: {curve:.0?} dB each second");
        assert!(curve[8..].iter().all(|&loss| loss > 40.0), "{hz} Hz: {curve:.1?}");
    }
}

/// Level of one tone in the samples, in dBm0.
fn tone_dbm0(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (at, &sample) in samples.iter().enumerate() {
        let (sin, cos) = (core::f64::consts::TAU * hz * at as f64 / 8000.0).sin_cos();
        re += f64::from(sample) * cos;
        im += f64::from(sample) * sin;
    }
    20.0 * (2.0 * f64::hypot(re, im) / samples.len() as f64 / peak(0.0)).max(1e-9).log10()
}

/// Tones from the near end, sent for 200 ms each; how far their levels are off at most, once they stand, in dB.
fn most_off(line: &mut Line, pairs: &[[f64; 2]], dbm0: f64, mut far: impl FnMut() -> f64) -> f64 {
    let mut most = 0.0_f64;
    for &hz in pairs {
        let mut near = Tones::new(hz, dbm0);
        let heard: Vec<Heard> = (0..20).map(|_| line.block(&mut far, || near.next_sample())).collect();
        let left: Vec<i16> = heard[4..].iter().flat_map(|heard| heard.left).collect();
        for hz in hz {
            most = most.max((tone_dbm0(&left, hz) - dbm0).abs());
        }
        line.hear(10, &mut far);
    }
    most
}

const DIGITS: [[f64; 2]; 5] = [[697.0, 1209.0], [770.0, 1336.0], [852.0, 1477.0], [941.0, 1633.0], [941.0, 1209.0]];
/// Backward signals of R2.
const BACKWARD: [[f64; 2]; 4] = [[1140.0, 1020.0], [1140.0, 900.0], [900.0, 780.0], [660.0, 540.0]];

#[test]
fn digits_pass_a_silent_far_end_unharmed() {
    let mut line = Line::new(HYBRIDS[0].taps(10.0)).through_alaw();
    assert!(most_off(&mut line, &DIGITS, -10.0, || 0.0) < 0.2);
    assert!(most_off(&mut line, &BACKWARD, -25.0, || 0.0) < 0.2);
}

#[test]
fn digits_pass_a_prompt_whether_its_echo_is_known_or_not() {
    for seconds in [0, 4] {
        let mut line = Line::new(HYBRIDS[1].taps(10.0)).through_alaw();
        let mut far = Css::far(-15.0);
        line.hear(seconds * SECOND, || far.next_sample());
        let off = most_off(&mut line, &DIGITS, -15.0, || far.next_sample());
        println!("digits over a prompt heard for {seconds} s: {off:.1} dB off");
        assert!(off < 1.5, "{seconds} s: {off:.1}");
    }
}

#[test]
fn test_8_signals_of_both_ends_at_once_pass() {
    // Compelled signalling: each end's tones stand while the other's come and go, and nobody has said a word.
    let mut line = Line::new(HYBRIDS[2].taps(12.0)).through_alaw();
    let mut forward = Tones::new([1380.0, 1500.0], -11.0);
    let off = most_off(&mut line, &BACKWARD, -11.0, || forward.next_sample());
    println!("backward signals under a forward one: {off:.1} dB off");
    assert!(off < 1.0, "{off:.1}");
}

/// 2100 Hz whose phase turns by so many degrees each 450 ms.
fn answer_tone(dbm0: f64, degrees: f64, hz: f64) -> impl FnMut() -> f64 {
    let mut at = 0;
    move || {
        let turned = f64::from(at / 3600) * degrees.to_radians();
        at += 1;
        peak(dbm0) * (core::f64::consts::TAU * hz * f64::from(at) / 8000.0 + turned).sin()
    }
}

/// Whether a canceller that may be disabled is so after a second and a half of a tone from the near end, and from the far end.
#[track_caller]
fn check_disabled(expected: bool, degrees: f64, hz: f64, dbm0: f64, settings: Settings) {
    for from_near in [true, false] {
        let mut line = Line::new(vec![0.0]).through_alaw().with(settings);
        let mut tone = answer_tone(dbm0, degrees, hz);
        let mut random = Random(7);
        for _ in 0..150 {
            let mut noisy = Random(random.0);
            let (tone, noise) = (|| tone() + random.noise(dbm0 - 25.0), || noisy.noise(dbm0 - 25.0));
            if from_near {
                line.block(noise, tone)
            } else {
                line.block(tone, noise)
            };
        }
        let is_disabled = line.bank.is_disabled(0);
        assert_eq!(is_disabled, expected, "{degrees} degrees, {hz} Hz, {dbm0} dBm0, from the near end: {from_near}");
    }
}

#[test]
fn a_2100_hz_tone_with_phase_reversals_makes_a_clear_channel() {
    let obeys = Settings::default();
    for (degrees, hz, dbm0) in [
        (180.0, 2100.0, -12.0),
        (155.0, 2100.0, -12.0),
        (205.0, 2100.0, -12.0),
        (180.0, 2079.0, -12.0),
        (180.0, 2121.0, -12.0),
        (180.0, 2100.0, -30.0),
        (180.0, 2100.0, -1.0),
    ] {
        check_disabled(true, degrees, hz, dbm0, obeys);
    }
    for (degrees, hz, dbm0) in [
        (0.0, 2100.0, -12.0),
        (110.0, 2100.0, -12.0),
        (-110.0, 2100.0, -12.0),
        (180.0, 1900.0, -12.0),
        (180.0, 2350.0, -12.0),
        (180.0, 2100.0, -37.0),
    ] {
        check_disabled(false, degrees, hz, dbm0, obeys);
    }
    check_disabled(false, 180.0, 2100.0, -12.0, Settings { obeys_tone: false, ..obeys });
}

#[test]
fn a_clear_channel_is_one_to_the_last_bit_and_ends_with_a_silence() {
    let mut line = Line::new(HYBRIDS[0].taps(10.0)).through_alaw();
    let mut tone = answer_tone(-12.0, 180.0, 2100.0);
    line.hear(150, &mut tone);
    assert!(line.bank.is_disabled(0));
    let mut modem = Random(4);
    for _ in 0..SECOND {
        let heard = line.block(|| 0.0, || modem.noise(-15.0));
        assert_eq!(heard.left, heard.came);
    }
    // A gap of 100 ms holds it, one of 400 ms does not (G.168 §7.6).
    line.hear(10, || 0.0);
    line.hear(20, || modem.noise(-15.0));
    assert!(line.bank.is_disabled(0), "a short gap");
    line.hear(40, || 0.0);
    assert!(!line.bank.is_disabled(0), "a long gap");
    let mut far = Css::far(-10.0);
    line.hear(SECOND, || far.next_sample());
    let heard = line.hear(35, || far.next_sample());
    assert!(level(&heard[10].left) < -40.0, "it works again: {:.0} dBm0", level(&heard[10].left));
}
