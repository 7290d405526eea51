//! Thirty-two lines that all carry something: speech by a synthetic voice, or digits being dialled.

// The receiver's own tests and its benchmark listen to the same signals; each uses a part of them.
#[allow(dead_code)]
#[path = "../../../firmware/dsp-tone/tests/signals/mod.rs"]
mod signals;

use base::Digit;
use dsp_tone::BLOCK;
use std::io;
use std::path::Path;

pub(crate) use signals::{Line, MS, Pair, Received, digits};
use test_signals::{Random, Voice};

/// Channels in the file.
pub(crate) const LANES: usize = 32;
/// Blocks of each.
const BLOCKS: usize = 1000;

/// Writes ten seconds of all channels: 16-bit samples, block by block, channel by channel.
pub(crate) fn write(path: &Path) -> io::Result<()> {
    let lines: Vec<Vec<i16>> = (0..LANES).map(|lane| line(lane as u64)).collect();
    interleaved(path, &lines)
}

/// Writes lines of equal length in this order.
pub(crate) fn interleaved(path: &Path, lines: &[Vec<i16>]) -> io::Result<()> {
    let mut octets = Vec::with_capacity(BLOCKS * LANES * BLOCK * 2);
    for at in 0..BLOCKS {
        for line in lines {
            let block = &line[at * BLOCK..(at + 1) * BLOCK];
            octets.extend(block.iter().flat_map(|sample| sample.to_le_bytes()));
        }
    }
    std::fs::write(path, octets)
}

/// Ten seconds of a voice.
pub(crate) fn speaking(lane: u64) -> Vec<i16> {
    let mut voice = Voice::new(lane + 1, -12.0);
    Line::default().silence(BLOCKS * BLOCK).plus(|| voice.next_sample()).samples()
}

/// Every fourth line dials, the others speak.
pub(crate) fn line(lane: u64) -> Vec<i16> {
    if !lane.is_multiple_of(4) {
        return speaking(lane);
    }
    let mut random = Random(lane + 9);
    let mut line = Line::default().silence(random.below(800));
    while line.0.len() < BLOCKS * BLOCK {
        let digit = Digit::GRID[random.below(16)];
        line = line.tone(Pair::nominal(digit), 640).silence(640);
    }
    line.samples()
}
