//! The limits of Q.323 for R1 on both sides of each edge, wherever in a block a signal begins.

// Each file of tests uses a part of them.
#[allow(dead_code)]
mod signals;

use dsp_mf::{BLOCK, KP, MfBank, MfSender, Register, SIGNALS, ST, frequencies};
use signals::{Line, MS, Pair, Received, all, check};
use test_signals::{Random, Voice, peak, through_alaw};

fn bell() -> impl Iterator<Item = Pair> {
    all(Register::Bell).map(|pair| pair.levels(-7.0, -7.0))
}

#[test]
fn levels_from_0_to_minus_22_dbm0_are_heard_and_much_weaker_ones_not() {
    for pair in bell() {
        for level in [-1.0, -7.0, -14.0, -22.0] {
            check(pair.levels(level, level), 55, true);
        }
        for level in [-30.0, -40.0] {
            check(pair.levels(level, level), 55, false);
        }
    }
}

#[test]
fn frequencies_may_be_off_by_one_and_a_half_percent_and_10_hz() {
    for pair in bell() {
        let most = frequencies(Register::Bell, pair.signal).unwrap_or_default().map(|hz| f64::from(hz) * 0.015 + 10.0);
        for (first, second) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, 0.0), (0.0, -1.0)] {
            let off = pair.off_hz(first * most[0], second * most[1]);
            for levels in [(-7.0, -7.0), (-7.0, -13.0), (-13.0, -7.0), (-22.0, -22.0)] {
                check(off.levels(levels.0, levels.1), 55, true);
            }
            check(pair.off_hz(80.0 * first, 80.0 * second), 55, false);
        }
    }
}

#[test]
fn tones_may_differ_by_6_db_and_not_by_14() {
    for pair in bell() {
        check(pair.levels(-7.0, -13.0), 55, true);
        check(pair.levels(-13.0, -7.0), 55, true);
        check(pair.levels(-7.0, -21.0), 55, false);
        check(pair.levels(-21.0, -7.0), 55, false);
    }
}

#[test]
fn signals_of_30_ms_are_heard_and_of_8_ms_not() {
    for pair in bell() {
        check(pair, 30, true);
        check(pair, 8, false);
    }
}

#[test]
fn two_tones_may_come_8_ms_apart() {
    for signal in 1..=SIGNALS {
        let [one, other] = frequencies(Register::Bell, signal).unwrap_or_default();
        for start in (0..BLOCK).step_by(7) {
            let sine =
                |hz: u16, at: usize| (core::f64::consts::TAU * f64::from(hz) * at as f64 / 8000.0).sin() * peak(-7.0);
            let tones = |at: usize| if at < 8 * MS { sine(one, at) } else { sine(one, at) + sine(other, at) };
            let mut line = Line::default().silence(160 + start);
            line.0.extend((0..68 * MS).map(tones));
            assert_eq!(line.silence(60 * MS).heard(Register::Bell), [signal], "beginning at {start}");
        }
    }
}

#[test]
fn one_tone_or_three_are_no_signal() {
    let sine = |hz: f64, at: usize| (core::f64::consts::TAU * hz * at as f64 / 8000.0 + hz).sin() * peak(-7.0);
    let set = [700.0, 900.0, 1100.0, 1300.0, 1500.0, 1700.0];
    let heard = |tones: &[f64]| {
        let mut line = Line::default().silence(333);
        line.0.extend((0..200 * MS).map(|at| tones.iter().map(|&hz| sine(hz, at)).sum::<f64>()));
        line.silence(60 * MS).heard(Register::Bell)
    };
    for (number, one) in set.into_iter().enumerate() {
        assert_eq!(heard(&[one]), [], "{one}");
        for (next, other) in set.into_iter().enumerate().skip(number + 1) {
            for third in set.into_iter().skip(next + 1) {
                assert_eq!(heard(&[one, other, third]), [], "{one} {other} {third}");
            }
        }
    }
}

/// KP, ten digits, ST, as Q.322 has them sent: 100 ms of KP, 68 ms of the rest, 68 ms between.
#[test]
fn a_number_is_read_beside_noise() {
    for seed in 1..=20 {
        let mut random = Random(seed);
        let number: Vec<u8> = [KP].into_iter().chain((0..10).map(|_| 1 + random.below(10) as u8)).chain([ST]).collect();
        let mut samples = vec![0; 200 + random.below(80)];
        for &signal in &number {
            let mut sender = MfSender::new(Register::Bell, signal);
            let (on, from) = (if signal == KP { 100 * MS } else { 68 * MS }, samples.len());
            samples.resize(from + on + 68 * MS, 0);
            sender.fill(&mut samples[from..from + on]);
            sender.stop();
            sender.fill(&mut samples[from + on..]);
        }
        let noisy = through_alaw(samples.iter().map(|&sample| f64::from(sample) + random.noise(-19.0)));
        let mut bank = MfBank::<1>::new();
        bank.listen(0, Some(Register::Bell));
        let mut heard = Vec::new();
        for block in noisy.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| heard.push(event));
        }
        assert_eq!(signals::began(heard.into_iter()), number, "seed {seed}");
    }
}

#[test]
fn nobody_speaks_in_signals() {
    for seed in 1..=4 {
        let mut voice = Voice::new(seed, -12.0);
        let heard = Line::default().silence(60_000 * MS).plus(|| voice.next_sample()).heard(Register::Bell);
        assert_eq!(heard, [], "voice {seed}");
    }
}
