//! The tone disabler: 2100 Hz whose phase turns over each 450 ms asks for a clear channel.

use crate::BLOCK;
use crate::transform::Row;
use core::f32::consts::PI;
use dsp_math::{angle, const_sin_cos};

/// Samples of a hop, 5 ms.
const HOP: usize = 40;
/// Of all energy, what share is the tone's at least.
const SHARE: f32 = 0.7;
/// The weakest tone, in energy a sample: -31 dBm0 (G.168 §7.2) and 2 dB for the measurement.
const WEAKEST: f32 = crate::POWER_0_DBM0 * 0.000_5;
/// Turned over: half a turn to within 25 degrees must be taken, 110 degrees must not (G.168 §7.2); between the two.
const TURNED_OVER: f32 = 132.0 / 180.0 * PI;
/// Hops of tone before its phase may turn over: 425 ms (G.168 §7.2), less what its beginning hides.
const BEFORE: u16 = 80;
/// Below this, in energy a sample, both directions must be for the canceller to work again: -36 dBm0 (G.168 §7.6).
const SILENT: f32 = crate::POWER_0_DBM0 * 0.000_251;
/// For so many blocks: 250 ms (G.168 §7.6).
const SILENT_BLOCKS: u8 = 25;

/// Cosine and sine of 2100 Hz: 21 turns fill a block.
static WAVE: [(f32, f32); BLOCK] = wave();

const fn wave() -> [(f32, f32); BLOCK] {
    let mut wave = [(0.0, 0.0); BLOCK];
    let mut at = 0;
    while at < BLOCK {
        let (sin, cos) = const_sin_cos(core::f64::consts::TAU * 2100.0 * at as f64 / 8000.0);
        wave[at] = (cos as f32, sin as f32);
        at += 1;
    }
    wave
}

/// A hop as the tone's detector sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    re: f32,
    im: f32,
    pub(crate) energy: f32,
}

/// Both hops of a block, for all lanes.
#[inline(always)]
pub(crate) fn hops<const LANES: usize>(block: &[Row<LANES>; BLOCK]) -> [[Hop; 2]; LANES] {
    let mut sums = [[[0.0; LANES]; 3]; 2];
    for (half, sums) in sums.iter_mut().enumerate() {
        let [mut re, mut im, mut energy] = [[0.0; LANES]; 3];
        for at in half * HOP..(half + 1) * HOP {
            let (cos, sin) = WAVE[at];
            for lane in 0..LANES {
                let sample = block[at][lane];
                re[lane] += sample * cos;
                im[lane] -= sample * sin;
                energy[lane] += sample * sample;
            }
        }
        *sums = [re, im, energy];
    }
    core::array::from_fn(|lane| sums.map(|[re, im, energy]| Hop { re: re[lane], im: im[lane], energy: energy[lane] }))
}

/// Watches one direction for the tone.
#[derive(Clone, Copy, Debug)]
struct Watch {
    /// Hops since the tone began or its phase turned over.
    run: u16,
    /// By how much the phase grows each hop, for a tone a little off.
    rate: f32,
    /// Phases of the last three hops, the newest first; none where the tone was not pure.
    phases: [Option<f32>; 3],
}

impl Watch {
    const NEW: Self = Self { run: 0, rate: 0.0, phases: [None; 3] };

    /// Whether the phase turned over just now.
    fn heard(&mut self, hop: Hop) -> bool {
        let tone = hop.re * hop.re + hop.im * hop.im;
        // A pure tone's correlation is half its energy times the hop.
        let is_pure = hop.energy > WEAKEST * HOP as f32 && 2.0 * tone > SHARE * HOP as f32 * hop.energy;
        let phase = is_pure.then(|| angle(hop.im, hop.re));
        let turned = match (phase, self.phases) {
            (None, [None, None, _]) => {
                *self = Self::NEW;
                return false;
            }
            (Some(now), [Some(_), _, Some(before)]) => within(now - before - 3.0 * self.rate).abs() > TURNED_OVER,
            _ => false,
        };
        if let (Some(now), Some(last)) = (phase, self.phases[0]) {
            let grown = within(now - last - self.rate);
            if self.phases[1].is_none() {
                self.rate = within(now - last);
            } else if grown.abs() < 0.3 {
                self.rate = within(self.rate + 0.1 * grown);
            }
        }
        let long_enough = self.run >= BEFORE;
        self.run = if turned { 0 } else { self.run.saturating_add(1) };
        self.phases = if turned { [None; 3] } else { [phase, self.phases[0], self.phases[1]] };
        turned && long_enough
    }
}

/// An angle between half a turn back and half a turn ahead, of one up to four turns away.
fn within(angle: f32) -> f32 {
    let turns = angle / (2.0 * PI);
    angle - 2.0 * PI * ((turns + 8.5) as i32 - 8) as f32
}

/// The disabler of one lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disabler {
    ways: [Watch; 2],
    silent_blocks: u8,
    is_off: bool,
}

impl Disabler {
    pub(crate) const NEW: Self = Self { ways: [Watch::NEW; 2], silent_blocks: 0, is_off: false };

    /// Takes a block of both directions; whether the canceller must be off.
    pub(crate) fn heard(&mut self, far: [Hop; 2], near: [Hop; 2]) -> bool {
        for (way, hops) in self.ways.iter_mut().zip([far, near]) {
            for hop in hops {
                self.is_off |= way.heard(hop);
            }
        }
        let is_silent = [far, near].iter().all(|[one, two]| one.energy + two.energy < SILENT * BLOCK as f32);
        self.silent_blocks = if is_silent { self.silent_blocks.saturating_add(1) } else { 0 };
        if self.silent_blocks >= SILENT_BLOCKS {
            *self = Self::NEW;
        }
        self.is_off
    }
}
