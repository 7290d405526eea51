//! What leaves in the end: the near end's signal less its echo, and comfort noise for what may not pass.

use crate::BLOCK;
use crate::transform::{HALF, Row, Window};

/// What is wanted at the end of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<const LANES: usize> {
    /// Share of the estimated echo that is taken out.
    pub(crate) taken: Row<LANES>,
    /// Share of the rest that passes.
    pub(crate) passes: Row<LANES>,
    /// Comfort noise: what is new in each sample at most, and what stays of the one before.
    pub(crate) loud: Row<LANES>,
    pub(crate) alike: Row<LANES>,
}

/// Mixes all lanes at once.
#[derive(Clone, Debug)]
pub(crate) struct Mixer<const LANES: usize> {
    last: Wanted<LANES>,
    random: [u32; LANES],
    noise: Row<LANES>,
}

impl<const LANES: usize> Mixer<LANES> {
    pub(crate) fn new() -> Self {
        let last = Wanted { taken: [1.0; LANES], passes: [1.0; LANES], loud: [0.0; LANES], alike: [0.0; LANES] };
        let random = core::array::from_fn(seed);
        Self { last, random, noise: [0.0; LANES] }
    }

    pub(crate) fn restart(&mut self, lane: usize) {
        (self.last.taken[lane], self.last.passes[lane]) = (1.0, 1.0);
        (self.random[lane], self.noise[lane]) = (seed(lane), 0.0);
    }

    /// What was wanted of the last block.
    pub(crate) fn last(&self) -> &Wanted<LANES> {
        &self.last
    }

    /// Mixes a block into samples of 16 bits. Shares change steadily over it, but what is let in again is within a quarter of it.
    #[inline(always)]
    pub(crate) fn mix(
        &mut self,
        near: &[Row<LANES>; BLOCK],
        echo: &Window<LANES>,
        wanted: &Wanted<LANES>,
        out: &mut [[i32; LANES]; BLOCK],
    ) {
        const STEP: f32 = 1.0 / BLOCK as f32;
        let from = self.last;
        let mut taken = from.taken;
        let mut passes = from.passes;
        let (mut taken_step, mut step) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            taken_step[lane] = STEP * (wanted.taken[lane] - taken[lane]);
            let way = wanted.passes[lane] - passes[lane];
            step[lane] = STEP * (if way > 0.0 { 4.0 * way } else { way });
        }
        for at in 0..BLOCK {
            let echo = if at % 2 == 0 { &echo.re[HALF / 2 + at / 2] } else { &echo.im[HALF / 2 + at / 2] };
            let (near, mut said) = (near[at], [0; LANES]);
            for lane in 0..LANES {
                self.random[lane] = self.random[lane].wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let chance = self.random[lane] as i32 as f32 * (1.0 / 2_147_483_648.0);
                let noise = wanted.alike[lane] * self.noise[lane] + wanted.loud[lane] * chance;
                self.noise[lane] = noise;
                let rest = near[lane] - taken[lane] * echo[lane];
                let mixed = passes[lane] * rest + (1.0 - passes[lane]) * noise;
                taken[lane] += taken_step[lane];
                passes[lane] = (passes[lane] + step[lane]).clamp(0.0, 1.0);
                // Rounds to the nearest.
                let mixed = mixed.clamp(-32_768.0, 32_767.0);
                said[lane] = (mixed + if mixed < 0.0 { -0.5 } else { 0.5 }) as i32;
            }
            out[at] = said;
        }
        self.last = *wanted;
    }
}

/// Each lane's noise is its own.
fn seed(lane: usize) -> u32 {
    (lane as u32).wrapping_mul(2_654_435_761) | 1
}
