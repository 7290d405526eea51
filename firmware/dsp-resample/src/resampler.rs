//! Blocks of one rate to blocks of another.

use crate::filter::{BY_2, BY_3, BY_6, Filter, MOST, SEEN};

/// Samples a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// Telephone.
    Hz8000,
    /// Wideband telephone.
    Hz16000,
    /// Browser.
    Hz48000,
}

impl Rate {
    /// Samples of 10 ms.
    pub const fn block(self) -> usize {
        match self {
            Self::Hz8000 => 80,
            Self::Hz16000 => 160,
            Self::Hz48000 => 480,
        }
    }
}

/// A block that is not 10 ms long, in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongLength {
    /// Samples it should have.
    pub wanted: usize,
    /// Samples it has.
    pub got: usize,
}

impl core::fmt::Display for WrongLength {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "block of audio: {} samples wanted, {} given", self.wanted, self.got)
    }
}

impl core::error::Error for WrongLength {}

/// Samples kept: all that the filter sees, at the higher rate.
const KEPT: usize = SEEN * MOST;
/// And the longest block.
const ROOM: usize = KEPT + 480;

/// What a resampler does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up2,
    Up3,
    Up6,
    Down2,
    Down3,
    Down6,
    Same,
}

impl Way {
    const fn between(from: Rate, to: Rate) -> Self {
        match (from, to) {
            (Rate::Hz8000, Rate::Hz16000) => Self::Up2,
            (Rate::Hz16000, Rate::Hz48000) => Self::Up3,
            (Rate::Hz8000, Rate::Hz48000) => Self::Up6,
            (Rate::Hz16000, Rate::Hz8000) => Self::Down2,
            (Rate::Hz48000, Rate::Hz16000) => Self::Down3,
            (Rate::Hz48000, Rate::Hz8000) => Self::Down6,
            (Rate::Hz8000, Rate::Hz8000) | (Rate::Hz16000, Rate::Hz16000) | (Rate::Hz48000, Rate::Hz48000) => {
                Self::Same
            }
        }
    }
}

/// Carries one channel from one rate to another, 10 ms at a time.
#[derive(Clone)]
pub struct Resampler {
    from: Rate,
    to: Rate,
    way: Way,
    /// The last samples taken, the newest last.
    kept: [f32; KEPT],
}

impl Resampler {
    /// Silence came before the first block. Between equal rates blocks are passed as they are, without delay.
    pub const fn new(from: Rate, to: Rate) -> Self {
        Self { from, to, way: Way::between(from, to), kept: [0.0; KEPT] }
    }

    /// Takes a block of the one rate and writes one of the other.
    ///
    /// # Errors
    ///
    /// Where either is not 10 ms long; nothing is taken then.
    pub fn block(&mut self, block: &[i16], out: &mut [i16]) -> Result<(), WrongLength> {
        for (wanted, got) in [(self.from.block(), block.len()), (self.to.block(), out.len())] {
            if wanted != got {
                return Err(WrongLength { wanted, got });
            }
        }
        if self.way == Way::Same {
            out.copy_from_slice(block);
            return Ok(());
        }
        let mut room = [0.0; ROOM];
        let (kept, new) = room.split_at_mut(KEPT);
        kept.copy_from_slice(&self.kept);
        new.iter_mut().zip(block).for_each(|(new, &sample)| *new = f32::from(sample));
        let samples = &room[..KEPT + block.len()];
        match self.way {
            Way::Up2 => up(&BY_2, samples, out),
            Way::Up3 => up(&BY_3, samples, out),
            Way::Up6 => up(&BY_6, samples, out),
            Way::Down2 => down(&BY_2, samples, out),
            Way::Down3 => down(&BY_3, samples, out),
            Way::Down6 => down(&BY_6, samples, out),
            Way::Same => {}
        }
        self.kept.copy_from_slice(&samples[block.len()..]);
        Ok(())
    }
}

/// Each new sample is the last of those that the filter sees: each of its phases gives one.
fn up<const FACTOR: usize>(filter: &Filter<FACTOR>, samples: &[f32], out: &mut [i16]) {
    let (groups, _) = out.as_chunks_mut::<FACTOR>();
    for (seen, group) in samples[KEPT - (SEEN - 1)..].windows(SEEN).zip(groups) {
        for (out, phase) in group.iter_mut().zip(&filter.up) {
            *out = rounded(sum(seen, phase));
        }
    }
}

/// The first of so many new samples is the last of those that the filter sees.
fn down<const FACTOR: usize>(filter: &Filter<FACTOR>, samples: &[f32], out: &mut [i16]) {
    let taps = filter.down.as_flattened();
    for (seen, out) in samples[KEPT + 1 - taps.len()..].windows(taps.len()).step_by(FACTOR).zip(out) {
        *out = rounded(sum(seen, taps));
    }
}

/// In parts, so that the order of additions is the same on every processor.
fn sum(seen: &[f32], taps: &[f32]) -> f32 {
    let mut parts = [0.0; 4];
    for (seen, taps) in seen.as_chunks::<4>().0.iter().zip(taps.as_chunks::<4>().0) {
        for at in 0..4 {
            parts[at] += seen[at] * taps[at];
        }
    }
    (parts[0] + parts[1]) + (parts[2] + parts[3])
}

/// A cast saturates; half is added away from zero, as core has no round.
fn rounded(value: f32) -> i16 {
    (if value < 0.0 { value - 0.5 } else { value + 0.5 }) as i16
}
