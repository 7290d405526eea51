//! What is read of a line that carries more than one clean tone: strings of digits, noise, echoes, voices, tones of the network.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use base::Digit;
use dsp_tone::{BLOCK, DtmfBank, DtmfEvent, Profile};
use signals::{Line, MS, Pair, Received, digits};
use test_signals::{Random, Voice};

fn all() -> impl Iterator<Item = Digit> {
    Digit::GRID.into_iter()
}

#[test]
fn a_long_key_press_is_one_digit_and_its_length_is_known() {
    for digit in all() {
        let line = Line::default().silence(400).tone(Pair::nominal(digit), 2000 * MS).silence(800);
        let events = line.events();
        let Some(&DtmfEvent::Ended { duration_ms, .. }) = events.last() else { panic!("{events:?}") };
        assert_eq!(digits(&events), digit.to_string());
        assert!((1990..=2010).contains(&duration_ms), "{duration_ms} ms");
    }
}

#[test]
fn fast_dialling_of_every_digit_after_every_other_is_read_in_order() {
    let mut line = Line::default().silence(333);
    let mut dialled = String::new();
    for first in all() {
        for second in all() {
            for digit in [first, second] {
                line = line.tone(Pair::nominal(digit), 40 * MS).silence(40 * MS);
                dialled.push(digit.as_char());
            }
        }
    }
    assert_eq!(line.digits(), dialled);
}

#[test]
fn an_early_digit_is_always_confirmed_or_taken_back_and_a_begun_one_ends() {
    let mut random = Random(11);
    let mut line = Line::default();
    for _ in 0..3000 {
        let pair = Pair::nominal(Digit::GRID[random.below(16)]);
        line = line.tone(pair, random.below(60) * MS).silence(random.below(60) * MS);
    }
    let mut noise = Random(12);
    let events = line.silence(800).plus(|| noise.noise(-24.0)).events();
    let (mut early, mut begun, mut counted) = (None, None, 0);
    for event in events {
        match event {
            DtmfEvent::Early(digit) => {
                assert_eq!((early, begun), (None, None));
                early = Some(digit);
                counted += 1;
            }
            DtmfEvent::Retracted => assert!(early.take().is_some()),
            DtmfEvent::Began(digit) => {
                // Where the early guess was another digit, the confirmed one stands.
                early = None;
                assert_eq!(begun.replace(digit), None);
            }
            DtmfEvent::Ended { digit, duration_ms } => {
                assert_eq!(begun.take(), Some(digit));
                assert!(duration_ms >= 30, "{duration_ms} ms");
            }
        }
    }
    assert_eq!((early, begun), (None, None));
    assert!(counted > 500, "{counted} early digits");
}

/// Digits read out of `count`, 50 ms on and off, levels and digits by chance, with `other` mixed over the whole line.
fn read_of(count: usize, seed: u64, level: f64, other: impl FnMut() -> f64) -> usize {
    let mut random = Random(seed);
    let mut line = Line::default().silence(random.below(80) + 400);
    let mut sent = Vec::new();
    for _ in 0..count {
        let digit = Digit::GRID[random.below(16)];
        line = line.tone(Pair::nominal(digit).levels(level, level), 50 * MS).silence(50 * MS);
        sent.push(digit.as_char());
    }
    let read: Vec<char> = line.plus(other).digits().chars().collect();
    let matched = longest_common(&sent, &read);
    assert_eq!(matched, read.len(), "no digit is read that was not sent");
    matched
}

/// Length of the longest common subsequence, by a band about the diagonal: few are lost.
fn longest_common(sent: &[char], read: &[char]) -> usize {
    let mut row = vec![0; read.len() + 1];
    for &wanted in sent {
        let mut corner = 0;
        for (at, &found) in read.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if wanted == found { corner + 1 } else { above.max(row[at]) };
            corner = above;
        }
    }
    row[read.len()]
}

#[test]
fn white_noise_15_db_below_costs_no_digit_and_10_db_below_one_in_a_thousand() {
    let mut noise = Random(21);
    // Two tones of -10 dBm0 are -7 dBm0 together.
    assert_eq!(read_of(1000, 22, -10.0, || noise.noise(-22.0)), 1000);
    let read = read_of(2000, 23, -10.0, || noise.noise(-17.0));
    assert!(read >= 1998, "{read} of 2000");
}

#[test]
fn digits_over_a_prompts_echo_are_read() {
    // The prompt goes out at -12 dBm0; the line's other end gives it back 20 dB weaker, to weak digits.
    let mut echo = Voice::new(31, -32.0);
    assert_eq!(read_of(600, 32, -16.0, || echo.next_sample()), 600);
}

#[test]
fn a_voice_is_no_digit() {
    for seed in 1..=6 {
        let mut voice = Voice::new(seed * 77, -10.0);
        let line = Line::default().silence(120 * 1000 * MS).plus(|| voice.next_sample());
        let power = line.0.iter().map(|sample| sample * sample).sum::<f64>() / line.0.len() as f64;
        assert!(power.sqrt() > 500.0, "the voice is heard: {}", power.sqrt());
        assert_eq!(line.digits(), "", "voice {seed}");
    }
}

#[test]
fn dial_tone_ringing_tone_and_single_tones_are_no_digits() {
    for hz in (200..3900).step_by(13) {
        let wave =
            |at: usize| test_signals::peak(-5.0) * (core::f64::consts::TAU * f64::from(hz) * at as f64 / 8000.0).sin();
        let mut at = 0;
        let line = Line::default().silence(300 * MS).plus(|| {
            at += 1;
            wave(at)
        });
        assert_eq!(line.digits(), "", "{hz} Hz");
    }
}

#[test]
fn each_lane_hears_its_own_line_whatever_the_others_do() {
    const LANES: usize = 32;
    let mut random = Random(41);
    let lines: Vec<Line> = (0..LANES)
        .map(|lane| {
            let mut line = Line::default().silence(random.below(400));
            for _ in 0..20 {
                line = line.tone(Pair::nominal(Digit::GRID[random.below(16)]), 50 * MS).silence(50 * MS);
            }
            let mut voice = Voice::new(lane as u64 + 5, -30.0);
            line.silence(1000).plus(|| voice.next_sample())
        })
        .collect();
    let samples: Vec<Vec<i16>> = lines
        .iter()
        .map(|line| {
            let mut samples = line.samples();
            samples.resize(20_000, 0);
            samples
        })
        .collect();
    let mut bank = DtmfBank::<LANES>::new(Profile::ATT);
    let mut heard = vec![Vec::new(); LANES];
    for at in 0..20_000 / BLOCK {
        let blocks: [_; LANES] = std::array::from_fn(|lane| samples[lane].as_chunks::<BLOCK>().0.get(at));
        bank.process(&blocks, |lane, event| heard[lane].push(event));
    }
    for (lane, line) in lines.iter().enumerate() {
        assert_eq!(digits(&heard[lane]), line.digits(), "lane {lane}");
        assert_eq!(digits(&heard[lane]).len(), 20);
    }
}

#[test]
fn a_lane_without_a_block_stays_as_it_was_and_a_reset_one_forgets() {
    let tone = Line::default().tone(Pair::nominal(Digit::new('5').unwrap()), 60 * MS).samples();
    let mut bank = DtmfBank::<2>::new(Profile::ATT);
    let mut heard = Vec::new();
    for block in tone.as_chunks::<BLOCK>().0 {
        bank.process(&[Some(block), None], |lane, event| heard.push((lane, event)));
        assert!(!bank.tone_present(1));
    }
    assert!(bank.tone_present(0) && bank.level(0).0 > -8.0);
    assert!(heard.iter().all(|&(lane, _)| lane == 0));
    bank.reset(0);
    assert!(!bank.tone_present(0));
    heard.clear();
    bank.process(&[None, None], |lane, event| heard.push((lane, event)));
    assert!(heard.is_empty());
}

#[test]
fn an_early_digit_is_told_before_20_ms_of_it_were_heard() {
    for digit in all() {
        for start in 0..BLOCK {
            let samples = Line::default().silence(800 + start).tone(Pair::nominal(digit), 60 * MS).samples();
            let mut bank = DtmfBank::<1>::new(Profile::ATT);
            let mut heard = None;
            for (at, block) in samples.as_chunks::<BLOCK>().0.iter().enumerate() {
                bank.process(&[Some(block)], |_, event| {
                    heard.get_or_insert((event, (at + 1) * BLOCK - (800 + start)));
                });
            }
            let (event, after) = heard.unwrap();
            assert_eq!(event, DtmfEvent::Early(digit), "beginning {start} samples into a block");
            assert!(after < 20 * MS, "{digit} after {after} samples, beginning {start} samples into a block");
        }
    }
}
