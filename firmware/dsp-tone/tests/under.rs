//! Digits while something goes out in the other direction: the line gives part of it back, 20 dB weaker, and the receiver hears both.

// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use base::Digit;
use core::f64::consts::TAU;
use dsp_tone::Profile;
use signals::{Line, MS, Pair, Received, digits};
use test_signals::{Random, Voice, peak};

/// What goes out is -10 dBm0 loud.
const ECHO_DBM0: f64 = -10.0 - 20.0;

/// One or two tones, on and off for so many milliseconds.
struct Tones {
    hz: &'static [f64],
    on_ms: usize,
    off_ms: usize,
}

const ALWAYS: usize = 1 << 20;
const DIAL: [Tones; 3] = [
    Tones { hz: &[350.0, 440.0], on_ms: ALWAYS, off_ms: 0 },
    Tones { hz: &[425.0], on_ms: ALWAYS, off_ms: 0 },
    Tones { hz: &[450.0], on_ms: ALWAYS, off_ms: 0 },
];
/// Rings and warnings, the pauses shortened so that their edges fall into digits.
const RINGING: [Tones; 3] = [
    Tones { hz: &[440.0, 480.0], on_ms: 170, off_ms: 110 },
    Tones { hz: &[450.0], on_ms: 350, off_ms: 350 },
    Tones { hz: &[480.0, 620.0], on_ms: 250, off_ms: 250 },
];

impl Tones {
    fn echo(&self) -> impl FnMut() -> f64 {
        let each = peak(ECHO_DBM0 - 10.0 * (self.hz.len() as f64).log10());
        let (hz, on, whole) = (self.hz, self.on_ms * MS, (self.on_ms + self.off_ms) * MS);
        let mut at = 0;
        move || {
            at += 1;
            let wave = |hz: &f64| each * (TAU * hz * at as f64 / 8000.0).sin();
            if at % whole < on { hz.iter().map(wave).sum() } else { 0.0 }
        }
    }
}

/// A thousand digits of 50 ms, 50 ms apart, at this level: noise 10 dB below them and `echo`. 999 are read, and nothing else.
#[track_caller]
fn check(profile: Profile, level: f64, what: &str, mut echo: impl FnMut() -> f64) {
    const DIGITS: usize = 1000;
    let (mut random, mut noise) = (Random(51), Random(52));
    let below = Pair::nominal(Digit::GRID[0]).levels(level, level).level() - 10.0;
    let mut missed = 0;
    for _ in 0..DIGITS / 10 {
        let mut line = Line::default().silence(400 + random.below(80));
        let mut sent = String::new();
        for _ in 0..10 {
            let digit = Digit::GRID[random.below(16)];
            sent.push(digit.as_char());
            line = line.tone(Pair::nominal(digit).levels(level, level), 50 * MS).silence(50 * MS);
        }
        let heard = digits(&line.plus(|| noise.noise(below) + echo()).events_by(profile));
        let mut left = heard.chars();
        // What is heard is what was sent, but for what is missed.
        let mut next = left.next();
        for sent in sent.chars() {
            if next == Some(sent) {
                next = left.next();
            } else {
                missed += 1;
            }
        }
        assert_eq!(next, None, "{}: {sent} was sent over {what}, {heard} heard", profile.name);
    }
    assert!(missed * 1000 <= DIGITS, "{}: {missed} of {DIGITS} missed over {what}, at {level} dBm0", profile.name);
}

/// The weakest digits of a profile, and usual ones.
fn levels(profile: &Profile) -> [f64; 2] {
    [f64::from(profile.level_dbm0.accept), -10.0]
}

#[test]
fn digits_are_read_over_dial_tone() {
    for profile in Profile::ALL {
        for level in levels(&profile) {
            for dial in &DIAL {
                check(profile, level, &format!("dial tone {:?}", dial.hz), dial.echo());
            }
        }
    }
}

#[test]
fn digits_are_read_over_ringing_and_busy_tone_whenever_they_begin_and_end() {
    for profile in Profile::ALL {
        for level in levels(&profile) {
            for tones in &RINGING {
                check(profile, level, &format!("tone {:?}", tones.hz), tones.echo());
            }
        }
    }
}

#[test]
fn digits_are_read_over_a_prompt() {
    for profile in Profile::ALL {
        for level in levels(&profile) {
            let mut prompt = Voice::new(31, ECHO_DBM0);
            check(profile, level, "a prompt", || prompt.next_sample());
        }
    }
}

#[test]
fn what_goes_out_is_no_digit_by_itself() {
    for profile in Profile::ALL {
        for tones in DIAL.iter().chain(&RINGING) {
            assert_eq!(Line::default().silence(20_000).plus(tones.echo()).events_by(profile), [], "{:?}", tones.hz);
        }
    }
}
