//! Level meters for many channels at once.

use crate::active::Active;
use crate::quietest::Quietest;
use crate::{BLOCK, SILENCE, ZERO_DBM0, level_of};
use base::Dbm0;

/// What a meter shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// How loud the channel is: a mean with a time constant of 125 ms.
    pub now: Dbm0,
    /// How loud who speaks there speaks, pauses left out, over about 5 s of speech. `None` until anything was heard.
    pub active: Option<Dbm0>,
    /// The noise underneath: the quietest of the last 2.4 s. What is as steady as that counts as noise.
    pub noise: Dbm0,
    /// The largest sample, as the level of a sine that reaches as far; falls by 20 dB in 1.7 s.
    pub peak: Dbm0,
}

/// Part that a new block has in the smoothed power: a time constant of 125 ms.
const NEW: f32 = 0.076_9;
/// What a peak is after 10 ms: 20 dB less in 1.7 s.
const PEAK_LEFT: f32 = 0.986_55;
/// Power over the noise's at which somebody may be speaking: 6 dB.
const PAUSE: f32 = 4.0;
/// Blocks after that before it is a pause: 200 ms, as P.56's hangover.
const HANGOVER: u8 = 20;

/// One channel.
#[derive(Clone)]
struct Lane {
    smoothed: Option<f32>,
    peak: f32,
    quietest: Quietest,
    active: Active,
    hangover: u8,
}

impl Lane {
    const NEW: Self = Self { smoothed: None, peak: 0.0, quietest: Quietest::NEW, active: Active::NEW, hangover: 0 };

    #[inline(always)]
    fn block(&mut self, block: &[i16; BLOCK]) {
        let (power, peak) = measured(block);
        self.smoothed = Some(self.smoothed.map_or(power, |before| before + NEW * (power - before)));
        self.peak = peak.max(self.peak * PEAK_LEFT);
        self.quietest.push(power);
        // Until the noise is known, all is taken for speech.
        let may_speak = !self.quietest.is_known() || power > PAUSE * self.quietest.power();
        self.hangover = if may_speak { HANGOVER } else { self.hangover.saturating_sub(1) };
        self.active.push(power, self.hangover == 0);
    }

    fn levels(&self) -> Levels {
        let full = self.peak * self.peak / (2.0 * ZERO_DBM0);
        Levels {
            now: self.smoothed.map_or(SILENCE, level_of),
            active: self.active.level(),
            noise: level_of(self.quietest.power()),
            peak: level_of(full),
        }
    }
}

/// Sums of eight are vectors; the compiler may not reorder a sum of floats by itself.
const WIDTH: usize = 8;

/// Power of a block without its mean, where that of 0 dBm0 is 1, and its largest magnitude.
#[inline(always)]
fn measured(block: &[i16; BLOCK]) -> (f32, f32) {
    let (mut sums, mut squares, mut peaks) = ([0.0_f32; WIDTH], [0.0_f32; WIDTH], [0.0_f32; WIDTH]);
    for eight in block.as_chunks::<WIDTH>().0 {
        for at in 0..WIDTH {
            let sample = f32::from(eight[at]);
            sums[at] += sample;
            squares[at] += sample * sample;
            peaks[at] = if sample.abs() > peaks[at] { sample.abs() } else { peaks[at] };
        }
    }
    let (mut sum, mut square, mut peak) = (0.0, 0.0, 0.0_f32);
    for at in 0..WIDTH {
        sum += sums[at];
        square += squares[at];
        peak = peak.max(peaks[at]);
    }
    let moving = (square - sum * sum / BLOCK as f32).max(0.0);
    (moving / (BLOCK as f32 * ZERO_DBM0), peak)
}

/// A level meter for each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct LevelBank<const LANES: usize> {
    lanes: [Option<Lane>; LANES],
}

impl<const LANES: usize> Default for LevelBank<LANES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const LANES: usize> LevelBank<LANES> {
    /// No lane is measured yet.
    pub const fn new() -> Self {
        Self { lanes: [const { None }; LANES] }
    }

    /// Has the lane measured from now on, or no more. What it showed is forgotten either way.
    pub fn listen(&mut self, lane: usize, listens: bool) {
        if let Some(slot) = self.lanes.get_mut(lane) {
            *slot = listens.then_some(Lane::NEW);
        }
    }

    /// Takes the next 10 ms of every lane. A lane without a block, or that is not measured, costs nothing and stays as it was.
    #[inline(always)]
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES]) {
        for (lane, block) in self.lanes.iter_mut().zip(blocks) {
            if let (Some(lane), Some(block)) = (lane, block) {
                lane.block(block);
            }
        }
    }

    /// What the lane's meter shows; `None` if it has none.
    pub fn levels(&self, lane: usize) -> Option<Levels> {
        Some(self.lanes.get(lane)?.as_ref()?.levels())
    }
}
