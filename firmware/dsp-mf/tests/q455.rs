//! The limits of Q.455 on both sides of each edge, for all signals of both registers, wherever in a block they begin.

mod signals;

use dsp_mf::{BLOCK, MfBank, MfEvent, Register, SIGNALS};
use signals::{Line, MS, Pair, REGISTERS, Received, all, all_of_both, began, check};
use test_signals::{Random, Voice, peak};

#[test]
fn levels_from_minus_5_to_minus_35_dbm0_are_heard() {
    for pair in all_of_both() {
        for level in [-5.0, -11.5, -20.0, -28.0, -35.0] {
            check(pair.levels(level, level), 60, true);
        }
    }
}

#[test]
fn levels_of_minus_42_dbm0_and_less_are_not_heard() {
    for pair in all_of_both() {
        for level in [-42.0, -50.0, -60.0] {
            check(pair.levels(level, level), 60, false);
        }
        // Nor is a tone that is heard with one that is not.
        check(pair.levels(-35.0, -42.0), 60, false);
        check(pair.levels(-42.0, -35.0), 60, false);
    }
}

#[test]
fn a_frequency_may_be_off_by_10_hz_and_not_by_40() {
    for pair in all_of_both() {
        for (first, second) in [(10.0, 10.0), (10.0, -10.0), (-10.0, 10.0), (-10.0, -10.0), (10.0, 0.0), (0.0, -10.0)] {
            check(pair.off_hz(first, second), 60, true);
            check(pair.off_hz(first, second).levels(-35.0, -35.0), 60, true);
            check(pair.off_hz(4.0 * first, 4.0 * second), 60, false);
        }
    }
}

#[test]
fn tones_may_differ_by_5_db_where_they_are_neighbours_and_by_7_elsewhere_and_not_by_14() {
    for pair in all_of_both() {
        let twist = if pair.distance() == 120 { 5.0 } else { 7.0 };
        for (first, second) in [(0.0, -twist), (-twist, 0.0)] {
            for strong in [-5.0, -15.0, -35.0 + twist] {
                for (low, high) in [(0.0, 0.0), (10.0, -10.0), (-10.0, 10.0)] {
                    check(pair.levels(strong + first, strong + second).off_hz(low, high), 60, true);
                }
            }
        }
        check(pair.levels(-5.0, -19.0), 60, false);
        check(pair.levels(-19.0, -5.0), 60, false);
    }
}

#[test]
fn signals_of_7_ms_are_none_and_those_of_25_are_always_heard() {
    for pair in all_of_both() {
        for level in [-5.0, -11.5, -35.0] {
            check(pair.levels(level, level), 7, false);
            check(pair.levels(level, level), 25, true);
        }
    }
}

#[test]
fn gaps_of_7_ms_are_bridged_and_those_of_20_end_a_signal() {
    for pair in all_of_both() {
        for (gap, count) in [(3, 1), (7, 1), (20, 2), (40, 2)] {
            // Every place in a block, and so every place between two nulls of the beat, too.
            for start in 0..BLOCK {
                let line = Line::default().silence(160).tone(pair, 50 * MS + start);
                let line = line.silence(gap * MS).tone(pair, 50 * MS).silence(60 * MS);
                let heard = line.heard(pair.register);
                assert_eq!(heard, vec![pair.signal; count], "{pair:?}, {gap} ms, {start} samples");
            }
        }
    }
}

#[test]
fn a_signal_is_heard_and_over_within_50_ms_of_the_70_allowed() {
    let mut slowest = [0; 2];
    for pair in all_of_both() {
        for level in [-5.0, -11.5, -35.0] {
            for start in 0..BLOCK {
                let (on, off) = (160 + start, 160 + start + 60 * MS);
                let pair = pair.levels(level, level);
                let events = Line::default().silence(on).tone(pair, off - on).silence(40 * MS).events(pair.register);
                let [(began, MfEvent::Began(_)), (ended, MfEvent::Ended(_))] = events[..] else { panic!("{events:?}") };
                slowest = [slowest[0].max(began - on), slowest[1].max(ended - off)];
            }
        }
    }
    let [operate, release] = slowest;
    assert!(operate <= 25 * MS && release <= 25 * MS, "{operate} and {release} samples");
}

#[test]
fn one_tone_alone_is_no_signal_wherever_it_lies() {
    for register in REGISTERS {
        for hz in 300..3400 {
            for level in [-5.0, -30.0] {
                let wave =
                    |at: usize| peak(level) * (core::f64::consts::TAU * f64::from(hz) * at as f64 / 8000.0).sin();
                let mut at = 0;
                let line = Line::default().silence(60 * MS).plus(|| {
                    at += 1;
                    wave(at)
                });
                assert_eq!(line.heard(register), [], "{hz} Hz, {register:?}");
            }
        }
    }
}

#[test]
fn three_tones_are_no_signal() {
    for register in REGISTERS {
        for pair in all(register) {
            for third in all(register).filter(|third| third.signal != pair.signal) {
                // The third one makes three or four of it.
                let line = Line::default().silence(160).tone(pair, 60 * MS).silence(400).under(third);
                let heard = line.heard(register);
                assert!(!heard.contains(&pair.signal), "{} under {} is {heard:?}", pair.signal, third.signal);
            }
        }
    }
}

#[test]
fn a_signal_that_follows_another_without_a_pause_is_heard() {
    for register in REGISTERS {
        for first in all(register) {
            for second in all(register).filter(|second| second.signal != first.signal) {
                let line = Line::default().silence(171).tone(first, 60 * MS).tone(second, 60 * MS).silence(400);
                let events: Vec<MfEvent> = line.events(register).into_iter().map(|(_, event)| event).collect();
                let [first, second] = [first.signal, second.signal];
                let both =
                    [MfEvent::Began(first), MfEvent::Ended(first), MfEvent::Began(second), MfEvent::Ended(second)];
                assert_eq!(events, both);
            }
        }
    }
}

#[test]
fn a_signal_of_which_one_tone_stays_is_over() {
    for pair in all_of_both() {
        for (first, second) in [(-11.5, -100.0), (-100.0, -11.5)] {
            let line = Line::default().silence(160).tone(pair, 60 * MS).tone(pair.levels(first, second), 100 * MS);
            let events = line.events(pair.register);
            let [(_, MfEvent::Began(_)), (ended, MfEvent::Ended(_))] = events[..] else {
                panic!("{pair:?}: {events:?}")
            };
            assert!(ended <= 160 + 60 * MS + 50 * MS, "{pair:?}: {ended}");
        }
    }
}

#[test]
fn the_other_registers_signals_are_not_heard() {
    for pair in all_of_both() {
        let line = Line::default().silence(160).tone(pair.levels(-5.0, -5.0), 60 * MS).silence(400);
        let other = REGISTERS.into_iter().find(|&register| register != pair.register);
        assert_eq!(line.heard(other.expect("there are two")), [], "{pair:?}");
    }
}

#[test]
fn the_echo_of_what_is_sent_meanwhile_does_not_disturb() {
    // Sent at -11.5 dBm0 a tone, it comes back 20 dB weaker and is stronger than the weakest signal.
    for pair in all_of_both() {
        let other = REGISTERS.into_iter().find(|&register| register != pair.register).expect("there are two");
        for echo in all(other).map(|echo| echo.levels(-31.5, -31.5)) {
            for (level, start) in [(-11.5, 3), (-25.0, 33), (-35.0, 71)] {
                let pair = pair.levels(level, level);
                let line = Line::default().silence(160 + start).tone(pair, 60 * MS).silence(60 * MS).under(echo);
                let events = line.events(pair.register);
                let [(_, MfEvent::Began(signal)), (ended, MfEvent::Ended(_))] = events[..] else {
                    panic!("{pair:?} under {echo:?}: {events:?}")
                };
                assert!(signal == pair.signal && ended - 160 - start <= 85 * MS, "{pair:?} under {echo:?}");
            }
        }
    }
}

/// `count` signals of any level, twist and frequency error that must be taken, with noise so far below.
fn heard_in_noise(count: usize, seed: u64, snr_db: f64) -> (Vec<(u8, bool)>, Vec<Vec<u8>>) {
    let mut random = Random(seed);
    let one = |_| {
        let register = REGISTERS[random.below(2)];
        let mut pair = Pair::nominal(register, 1 + random.below(SIGNALS.into()) as u8);
        let twist = if pair.distance() == 120 { 5.0 } else { 7.0 } * random.uniform();
        // A-law's own noise is too near to the weakest.
        let weaker = -20.0 + 7.5 * random.uniform();
        pair = pair.levels(weaker + twist.max(0.0), weaker - twist.min(0.0));
        pair = pair.off_hz(10.0 * random.uniform(), 10.0 * random.uniform());
        let power: f64 = pair.levels.iter().map(|level| 10f64.powf(level / 10.0)).sum();
        let noise = 10.0 * power.log10() - snr_db;
        let mut chance = random.clone();
        random.uniform();
        let line = Line::default().silence(160 + random.below(BLOCK)).tone(pair, 80 * MS).silence(80 * MS);
        let line = line.plus(|| chance.noise(noise));
        let ended = matches!(line.events(register).last(), Some((_, MfEvent::Ended(_))));
        ((pair.signal, ended), line.heard(register))
    };
    (0..count).map(one).unzip()
}

#[test]
fn white_noise_10_db_below_costs_no_signal_and_makes_none() {
    let (sent, heard) = heard_in_noise(4000, 77, 10.0);
    for ((signal, ended), heard) in sent.into_iter().zip(heard) {
        assert!(ended && heard == [signal], "{signal}: {heard:?}");
    }
}

#[test]
fn a_signal_that_nobody_answers_stays_one_through_the_noise() {
    let mut noise = Random(19);
    for pair in all_of_both() {
        // Two tones of -30 dBm0 are -27 dBm0 together.
        let line = Line::default().silence(160).tone(pair.levels(-30.0, -30.0), 15 * 1000 * MS).silence(60 * MS);
        assert_eq!(line.plus(|| noise.noise(-37.0)).heard(pair.register), [pair.signal], "{pair:?}");
    }
}

#[test]
fn white_noise_alone_is_no_signal() {
    for (seed, register) in [(5, Register::Forward), (6, Register::Backward)] {
        let mut noise = Random(seed);
        let line = Line::default().silence(600 * 1000 * MS).plus(|| noise.noise(-20.0));
        assert_eq!(line.heard(register), [], "{register:?}");
    }
}

#[test]
fn a_voice_is_seldom_a_signal() {
    // Of ten minutes without a breath; spandsp's receiver takes 30 and 350 signals from them.
    for (register, most) in [(Register::Forward, 15), (Register::Backward, 240)] {
        let heard = |seed: u64| {
            let mut voice = Voice::new(seed * 77, -10.0);
            Line::default().silence(120 * 1000 * MS).plus(|| voice.next_sample()).heard(register).len()
        };
        let heard: usize = (1..=5).map(heard).sum();
        assert!(heard <= most, "{register:?}: {heard}");
    }
}

#[test]
fn each_lane_hears_its_own_line_whatever_the_others_do() {
    const LANES: usize = 32;
    const LEN: usize = 20_000;
    let mut random = Random(41);
    let lines: Vec<(Register, Line)> = (0..LANES)
        .map(|lane| {
            let register = REGISTERS[random.below(2)];
            let mut line = Line::default().silence(random.below(400));
            while line.0.len() < LEN - 1000 {
                let pair = Pair::nominal(register, 1 + random.below(SIGNALS.into()) as u8);
                line = line.tone(pair, 40 * MS + random.below(80)).silence(30 * MS);
            }
            let mut voice = Voice::new(lane as u64 + 5, -40.0);
            (register, line.silence(1000).plus(|| voice.next_sample()))
        })
        .collect();
    let samples: Vec<Vec<i16>> = lines
        .iter()
        .map(|(_, line)| {
            let mut samples = line.samples();
            samples.resize(LEN + 1000, 0);
            samples
        })
        .collect();
    let mut bank = MfBank::<LANES>::new();
    lines.iter().enumerate().for_each(|(lane, (register, _))| bank.listen(lane, Some(*register)));
    let mut heard = vec![Vec::new(); LANES];
    for at in 0..(LEN + 1000) / BLOCK {
        let blocks: [_; LANES] = std::array::from_fn(|lane| samples[lane].as_chunks::<BLOCK>().0.get(at));
        bank.process(&blocks, |lane, event| heard[lane].push(event));
    }
    for (lane, (register, line)) in lines.iter().enumerate() {
        let heard = began(heard[lane].iter().copied());
        assert_eq!(heard, line.heard(*register), "lane {lane}");
        assert!(heard.len() >= 20, "lane {lane}: {}", heard.len());
    }
}

#[test]
fn a_lane_that_does_not_listen_tells_nothing_and_one_that_listens_anew_has_forgotten() {
    let pair = Pair::nominal(Register::Backward, 5);
    let tone = Line::default().tone(pair, 60 * MS).samples();
    let mut bank = MfBank::<3>::new();
    let mut heard = Vec::new();
    let mut hear = |bank: &mut MfBank<3>, lanes: [bool; 3]| {
        for block in tone.as_chunks::<BLOCK>().0 {
            bank.process(&lanes.map(|on| on.then_some(block)), |lane, event| heard.push((lane, event)));
        }
        std::mem::take(&mut heard)
    };
    assert_eq!(hear(&mut bank, [true; 3]), []);
    bank.listen(1, Some(Register::Backward));
    bank.listen(2, Some(Register::Backward));
    bank.listen(99, Some(Register::Backward));
    assert_eq!(hear(&mut bank, [true, true, false]), [(1, MfEvent::Began(5))]);
    // It lasts.
    assert_eq!(hear(&mut bank, [true, true, true]), [(2, MfEvent::Began(5))]);
    bank.listen(1, Some(Register::Backward));
    bank.listen(2, None);
    assert_eq!(hear(&mut bank, [true; 3]), [(1, MfEvent::Began(5))]);
}
