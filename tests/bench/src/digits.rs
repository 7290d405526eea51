//! What the receiver reads and what it doubles.

use crate::figure::{Figure, Goal, Taken};
use crate::signal::{Line, MS, Pair, Received};
use base::Digit;
use test_signals::Random;

/// 10,000 digits of 50 ms with 50 ms between, white noise from 0 to 4 kHz 10 dB below them.
pub(crate) fn read_at_10_db() -> Taken {
    const DIGITS: usize = 10_000;
    const SEED: u64 = 2026;
    let (mut random, mut noise) = (Random(SEED), Random(SEED + 1));
    let (mut read, mut wrong) = (0, 0);
    // In strings, so that one lost digit is found where it was lost.
    for _ in 0..DIGITS / 10 {
        let mut line = Line::default().silence(400 + random.below(80));
        let mut sent = String::new();
        for _ in 0..10 {
            let digit = Digit::GRID[random.below(16)];
            sent.push(digit.as_char());
            // Two tones of -10 dBm0 are -7 dBm0 together.
            line = line.tone(Pair::nominal(digit).levels(-10.0, -10.0), 50 * MS).silence(50 * MS);
        }
        let heard = line.plus(|| noise.noise(-17.0)).digits();
        let matched = common(&sent, &heard);
        read += matched;
        wrong += heard.len() - matched;
    }
    Ok(vec![Figure {
        name: "dsp.dtmf.read_pct_10db",
        value: 100.0 * read as f64 / DIGITS as f64,
        unit: "%",
        goal: Goal::AtLeast(99.9),
        peer: None,
        how: format!(
            "{DIGITS} digits 50/50 ms through A-law, noise 10 dB below, seed {SEED}; {wrong} read that were not sent"
        ),
    }])
}

/// Length of the longest common subsequence of two short strings.
pub(crate) fn common(sent: &str, heard: &str) -> usize {
    let mut row = vec![0; heard.len() + 1];
    for wanted in sent.bytes() {
        let mut corner = 0;
        for (at, found) in heard.bytes().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if wanted == found { corner + 1 } else { above.max(row[at]) };
            corner = above;
        }
    }
    row[heard.len()]
}

/// The longest hole in a tone that never makes two digits of it, for any digit and any place of the hole in a block.
pub(crate) fn longest_hole() -> Taken {
    let mut longest = 0;
    for ms in 1..=60 {
        let doubled = Digit::GRID.iter().any(|&digit| {
            (0..80).any(|start| {
                let pair = Pair::nominal(digit);
                let line =
                    Line::default().silence(160 + start).tone(pair, 60 * MS).silence(ms * MS).tone(pair, 60 * MS);
                line.silence(400).digits().len() != 1
            })
        });
        if doubled {
            break;
        }
        longest = ms;
    }
    Ok(vec![Figure {
        name: "dsp.dtmf.hole_ms",
        value: longest as f64,
        unit: "ms",
        goal: Goal::AtLeast(10.0),
        peer: None,
        how: "tone 60 ms, hole, tone 60 ms, all digits, hole beginning at every sample of a block".into(),
    }])
}
