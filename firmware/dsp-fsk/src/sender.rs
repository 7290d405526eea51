//! The sender.

use crate::{Octets, amplitude};
use base::Dbm0;
use dsp_math::{phase_step, sine_of_phase};

/// The two frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modulation {
    /// Mark 1200 Hz, space 2200 Hz (GR-30 §2.2): North America, China, Taiwan, Hong Kong.
    Bell202,
    /// Mark 1300 Hz, space 2100 Hz (V.23 §1): Europe, Japan.
    V23,
}

impl Modulation {
    const fn mark_and_space_hz(self) -> [f32; 2] {
        match self {
            Self::Bell202 => [1200.0, 2200.0],
            Self::V23 => [1300.0, 2100.0],
        }
    }
}

/// Bits of mark after the last stop bit, so that no receiver misses it (GR-30 §2.2 wants one to ten).
pub const TRAILING_MARK: u16 = 5;
/// Level of both tones (GR-30 §2.2; EN 300 659-1 §6).
const LEVEL: Dbm0 = Dbm0(-13.5);

/// A sample is three twentieths of a bit: 1200 of 8000.
const BIT: u8 = 20;
const SAMPLE: u8 = 3;

/// Octets being sent.
#[derive(Clone, Debug)]
pub struct FskSender {
    octets: Octets,
    seizure: u32,
    mark: u32,
    /// The present bit, counted from the beginning; past the last one all is over.
    bit: u32,
    /// Twentieths of it that are over.
    part: u8,
    phase: u32,
    steps: [u32; 2],
    amplitude: f32,
}

impl FskSender {
    /// Starts with `seizure_bits` of 0 and 1 in turn, then `mark_bits` of 1, then the octets; those past [`MAX_OCTETS`](crate::MAX_OCTETS)
    /// are left out.
    pub fn new(modulation: Modulation, seizure_bits: u16, mark_bits: u16, octets: &[u8]) -> Self {
        let kept = &octets[..octets.len().min(crate::MAX_OCTETS)];
        Self {
            octets: kept.iter().copied().collect(),
            seizure: u32::from(seizure_bits),
            mark: u32::from(mark_bits),
            bit: 0,
            part: 0,
            phase: 0,
            steps: modulation.mark_and_space_hz().map(phase_step),
            amplitude: amplitude(LEVEL),
        }
    }

    /// Whether all of it was given.
    pub fn is_over(&self) -> bool {
        self.bit >= self.bits()
    }

    /// Writes the next samples, silence after the end.
    pub fn fill(&mut self, out: &mut [i16]) {
        out.iter_mut().for_each(|sample| *sample = self.next_sample());
    }

    fn bits(&self) -> u32 {
        self.seizure + self.mark + 10 * self.octets.len() as u32 + u32::from(TRAILING_MARK)
    }

    fn next_sample(&mut self) -> i16 {
        if self.is_over() {
            return 0;
        }
        let value = sine_of_phase(self.phase) * self.amplitude;
        let before = self.step();
        self.part += SAMPLE;
        if self.part >= BIT {
            self.part -= BIT;
            self.bit += 1;
        }
        // Where a bit ends within the sample, each frequency has its share.
        let of_next = u64::from(self.part.min(SAMPLE));
        let step = if of_next < u64::from(SAMPLE) {
            let parts = u64::from(before) * (u64::from(SAMPLE) - of_next) + u64::from(self.step()) * of_next;
            (parts / u64::from(SAMPLE)) as u32
        } else {
            before
        };
        self.phase = self.phase.wrapping_add(step);
        value as i16
    }

    /// What the phase gains in a sample of the present bit.
    fn step(&self) -> u32 {
        self.steps[usize::from(!self.is_mark())]
    }

    fn is_mark(&self) -> bool {
        let Some(after) = self.bit.checked_sub(self.seizure) else { return self.bit % 2 == 1 };
        let Some(after) = after.checked_sub(self.mark) else { return true };
        let octet = self.octets.get((after / 10) as usize);
        octet.is_none_or(|octet| match after % 10 {
            0 => false,
            9 => true,
            bit => octet >> (bit - 1) & 1 == 1,
        })
    }
}
