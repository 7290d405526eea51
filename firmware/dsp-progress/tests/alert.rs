//! A waiting caller's alert: two tones too far apart for one band, 75 to 110 ms long.

#[allow(dead_code)]
mod signals;

use dsp_progress::ToneEvent;
use signals::events;
use test_signals::{Random, Voice, peak, through_alaw};

/// What it lies in: milliseconds before and after.
const AROUND_MS: usize = 300;

#[derive(Clone, Copy, Debug)]
struct Alert {
    hz: [f64; 2],
    /// dBm0.
    levels: [f64; 2],
    ms: usize,
    /// Where in a hop it begins.
    shift: usize,
    snr_db: f64,
}

impl Alert {
    const NOMINAL: Self = Self { hz: [2130.0, 2750.0], levels: [-18.0, -18.0], ms: 80, shift: 0, snr_db: 40.0 };

    /// Duration told, if it was told as begun and ended with these frequencies, once.
    fn heard(&self) -> Option<u32> {
        let mut noise = Random(self.ms as u64 * 97 + self.shift as u64 + 3);
        let from = AROUND_MS * 8 + self.shift;
        let loudest = self.levels[0].max(self.levels[1]);
        let value = |at: usize| {
            let tone = |which: usize| {
                peak(self.levels[which]) * (core::f64::consts::TAU * self.hz[which] * at as f64 / 8000.0).sin()
            };
            let on = (from..from + self.ms * 8).contains(&at);
            noise.noise(loudest - self.snr_db) + if on { tone(0) + tone(1) } else { 0.0 }
        };
        let samples = through_alaw((0..(2 * AROUND_MS + self.ms) * 8).map(value));
        let alerts: Vec<ToneEvent> = events(&samples).into_iter().map(|(_, event)| event).filter(is_alert).collect();
        match alerts[..] {
            [ToneEvent::Began(_), ToneEvent::Ended { duration_ms, .. }] => Some(duration_ms),
            _ => None,
        }
    }
}

fn is_alert(event: &ToneEvent) -> bool {
    let (ToneEvent::Began(spectrum) | ToneEvent::Ended { spectrum, .. }) = event else { return false };
    let [low, high] = spectrum.frequency_hz;
    low.abs_diff(2130) < 40 && high.abs_diff(2750) < 40
}

#[test]
fn alerts_are_told_with_their_length_wherever_in_a_hop_they_begin() {
    for ms in [75, 85, 100, 110] {
        for shift in 0..40 {
            let alert = Alert { ms, shift, ..Alert::NOMINAL };
            let told = alert.heard().unwrap_or_else(|| panic!("{alert:?}"));
            assert!(told.abs_diff(ms as u32) <= 15, "{alert:?}: {told} ms");
        }
    }
}

#[test]
fn levels_twist_frequencies_and_noise_that_lines_have_do_not_hide_them() {
    for (low, high) in [(-9.0, -9.0), (-32.0, -32.0), (-15.0, -21.0), (-21.0, -15.0), (-36.0, -36.0)] {
        for off in [0.995, 1.0, 1.005] {
            for shift in [0, 13, 27] {
                let hz = [2130.0 * off, 2750.0 * off];
                let alert = Alert { hz, levels: [low, high], shift, snr_db: 20.0, ..Alert::NOMINAL };
                assert!(alert.heard().is_some(), "{alert:?}");
            }
        }
    }
}

#[test]
fn what_is_too_short_too_weak_at_one_side_or_off_is_none() {
    let short = Alert { ms: 30, ..Alert::NOMINAL };
    let one = Alert { levels: [-15.0, -60.0], ..Alert::NOMINAL };
    let other = Alert { levels: [-60.0, -15.0], ..Alert::NOMINAL };
    let off = Alert { hz: [2080.0, 2750.0], ..Alert::NOMINAL };
    let beside = Alert { hz: [2130.0, 2650.0], ..Alert::NOMINAL };
    for shift in [0, 13, 27] {
        for alert in [short, one, other, off, beside] {
            assert_eq!(Alert { shift, ..alert }.heard(), None, "{alert:?}");
        }
    }
}

#[test]
fn an_hour_of_voices_holds_none() {
    for seed in 0..12 {
        let mut voice = Voice::new(seed * 31 + 5, -15.0);
        let samples = through_alaw((0..5 * 60 * 8000).map(|_| voice.next_sample()));
        let alert = events(&samples).into_iter().find(|(_, event)| is_alert(event));
        assert_eq!(alert, None, "voice {seed}");
    }
}
