//! Noise to fill a pause.

use crate::gain::to_sample;
use crate::shape::{MOST_COEFFICIENTS, NoiseShape};
use crate::{BLOCK, ZERO_DBM0, power_of};
use dsp_math::sqrt;

/// Less than this is nothing: tinier numbers cost more time than all the rest.
const NOTHING: f32 = 1e-6;

/// A source of noise of a given level and colour. The same seed gives the same noise.
#[derive(Clone, Debug)]
pub struct ComfortNoise {
    random: u64,
    shape: NoiseShape,
    /// What the white noise before the filter is multiplied by, and what it will be.
    now: f32,
    wanted: f32,
    /// The lattice's memory (RFC 3389 §3.2 gives its coefficients).
    memory: [f32; MOST_COEFFICIENTS],
}

impl ComfortNoise {
    /// Begins with this noise.
    pub fn new(seed: u64, shape: NoiseShape) -> Self {
        let gain = gain(&shape);
        // A generator of this kind stays at 0 for ever.
        let random = if seed == 0 { 0x9E37_79B9_7F4A_7C15 } else { seed };
        Self { random, shape, now: gain, wanted: gain, memory: [0.0; MOST_COEFFICIENTS] }
    }

    /// Has the noise become this; its level changes evenly over the next block.
    pub fn set(&mut self, shape: NoiseShape) {
        self.shape = shape;
        self.wanted = gain(&shape);
    }

    /// The noise that it gives.
    pub const fn shape(&self) -> &NoiseShape {
        &self.shape
    }

    /// Writes the next block.
    pub fn fill(&mut self, block: &mut [i16; BLOCK]) {
        let step = (self.wanted - self.now) / BLOCK as f32;
        for (at, sample) in block.iter_mut().enumerate() {
            let white = self.white() * (self.now + step * (at + 1) as f32);
            *sample = to_sample(self.filtered(white));
        }
        self.now = self.wanted;
        for memory in &mut self.memory {
            if memory.abs() < NOTHING {
                *memory = 0.0;
            }
        }
    }

    /// The all-pole filter as a lattice, which is stable for all coefficients less than 1.
    #[inline(always)]
    fn filtered(&mut self, white: f32) -> f32 {
        let used = self.shape.coefficients();
        let mut forward = white;
        for at in (0..used.len()).rev() {
            forward -= used[at] * self.memory[at];
            let backward = self.memory[at] + used[at] * forward;
            if at + 1 < used.len() {
                self.memory[at + 1] = backward;
            }
        }
        self.memory[0] = forward;
        forward
    }

    /// A sample with a variance of 1, nearly normal: the sum of four uniform ones, out of xorshift64*.
    #[inline(always)]
    fn white(&mut self) -> f32 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let bits = self.random.wrapping_mul(0x2545_F491_4F6C_DD1D);
        let sum: i32 = (0..4).map(|at| i32::from((bits >> (16 * at)) as i16)).sum();
        // Each is uniform over 2^16 and so has a variance of 2^32 / 12.
        (sum as f32 + 2.0) * (1.732_050_8 / 65_536.0)
    }
}

/// The gain before the filter: the filter's own is the product of `1 / (1 - k^2)` in power.
fn gain(shape: &NoiseShape) -> f32 {
    let left = shape.coefficients().iter().fold(1.0, |left, k| left * (1.0 - k * k));
    sqrt(power_of(shape.level()) * ZERO_DBM0 * left)
}
