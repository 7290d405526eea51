//! HDLC flags at 300 bit/s on channel 2 of V.21: the preamble of T.30 §5.3.
//!
//! A flag is 01111110: sent one after the other, two bits of 1850 Hz and six of 1650 Hz take turns. The band about 1750 Hz is looked at in
//! steps of one millisecond, 3 ms wide; how far its pointer turns in a step says which of the two it is. Where that changes sides is
//! measured between the steps.

use crate::BLOCK;
use crate::spectrum::Pointer;
use core::ops::RangeInclusive;
use dsp_math::const_sin_cos;

/// Samples in a step: one millisecond.
const STEP: usize = 8;
const STEPS: usize = BLOCK / STEP;
/// Between one and zero.
const MIDDLE_HZ: f64 = 1750.0;
/// Milliseconds of zero, and of one, in a flag: 6.67 and 20.
const ZEROS_MS: RangeInclusive<f32> = 5.0..=8.4;
const ONES_MS: RangeInclusive<f32> = 18.3..=21.7;
/// And of both together: 26.67.
const FLAG_MS: RangeInclusive<f32> = 25.5..=27.9;
/// Flags in a row that are surely some.
const ENOUGH: u8 = 5;
/// Longer than any run of equal bits in a flag, in steps.
const LONGEST: f32 = 40.0;

static COSINES: [f32; STEP] = tables().0;
static SINES: [f32; STEP] = tables().1;

const fn tables() -> ([f32; STEP], [f32; STEP]) {
    let (mut cosines, mut sines) = ([0.0; STEP], [0.0; STEP]);
    let mut at = 0;
    while at < STEP {
        let (sin, cos) = const_sin_cos(core::f64::consts::TAU * MIDDLE_HZ / 8000.0 * at as f64);
        cosines[at] = cos as f32;
        sines[at] = -sin as f32;
        at += 1;
    }
    (cosines, sines)
}

/// What is known of flags.
#[derive(Clone)]
pub(crate) struct Flags {
    /// The last two steps, the newest first, and the sum of three that was before.
    steps: [Pointer; 2],
    sum: Pointer,
    /// How far the pointer turned last; more than nothing is zero's side.
    soft: f32,
    /// Milliseconds since the side changed, and of the run of zeros before it.
    run: f32,
    zeros: f32,
    flags: u8,
    told: bool,
}

impl Flags {
    pub(crate) const IDLE: Self =
        Self { steps: [Pointer::ZERO; 2], sum: Pointer::ZERO, soft: 0.0, run: 0.0, zeros: 0.0, flags: 0, told: false };

    /// Whether enough of them came with this block, for the first time.
    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK]) -> bool {
        let (steps, _) = block.as_chunks::<STEP>();
        let mut pointers = [Pointer::ZERO; STEPS];
        for (pointer, samples) in pointers.iter_mut().zip(steps) {
            for at in 0..STEP {
                let sample = f32::from(samples[at]);
                pointer.re += sample * COSINES[at];
                pointer.im += sample * SINES[at];
            }
        }
        for pointer in pointers {
            self.step(pointer);
        }
        let new = self.flags >= ENOUGH && !self.told;
        self.told |= new;
        new
    }

    fn step(&mut self, pointer: Pointer) {
        let [last, before] = self.steps;
        self.steps = [pointer, last];
        // The middle frequency makes 1.75 turns in a step, so each step stands a quarter of a turn behind the one before.
        let sum = Pointer { re: pointer.re + last.im - before.re, im: pointer.im - last.re - before.im };
        let turned = sum.against(self.sum);
        self.sum = sum;
        let (along, beyond) = (-turned.im, turned.re);
        let soft = beyond / (along.abs() + beyond.abs() + f32::MIN_POSITIVE);
        self.hear(soft);
    }

    fn hear(&mut self, soft: f32) {
        let before = self.soft;
        self.soft = soft;
        if (soft > 0.0) == (before > 0.0) {
            self.run = (self.run + 1.0).min(LONGEST);
            return;
        }
        // The side changed this long before now.
        let ago = soft / (soft - before);
        let run = self.run + 1.0 - ago;
        self.run = ago;
        if before > 0.0 {
            self.zeros = run;
            return;
        }
        let flag = ONES_MS.contains(&run) && ZEROS_MS.contains(&self.zeros) && FLAG_MS.contains(&(run + self.zeros));
        self.flags = if flag { self.flags.saturating_add(1) } else { 0 };
    }
}
