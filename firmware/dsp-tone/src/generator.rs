//! Tones of one or two frequencies, with a cadence.

use base::Dbm0;
use dsp_math::{RATE_HZ, phase_step, ratio_of_db, sine_of_phase};

/// Amplitude of a sine of 0 dBm0 in linear samples: full scale of the law lies 3.14 dB above (G.711 §2).
pub(crate) fn amplitude(level: Dbm0) -> f32 {
    32_768.0 * ratio_of_db(level.0 - Dbm0::ALAW_FULL_SCALE.0)
}

/// Samples in `ms` milliseconds.
pub(crate) const fn samples(ms: u32) -> u32 {
    ms.saturating_mul(RATE_HZ as u32 / 1000)
}

/// On and off times that repeat: up to four pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence {
    pairs: [(u16, u16); 4],
    used: u8,
}

impl Cadence {
    /// Always on.
    pub const CONTINUOUS: Self = Self { pairs: [(0, 0); 4], used: 0 };

    /// Pairs of milliseconds on and off, repeated for ever; those after the fourth are left out. No pair, or
    /// none longer than 0 ms, is a continuous tone.
    pub const fn new(on_off_ms: &[(u16, u16)]) -> Self {
        let mut cadence = Self::CONTINUOUS;
        let mut total = 0;
        while (cadence.used as usize) < on_off_ms.len() && cadence.used < 4 {
            let pair = on_off_ms[cadence.used as usize];
            cadence.pairs[cadence.used as usize] = pair;
            cadence.used += 1;
            total += pair.0 as u32 + pair.1 as u32;
        }
        if total == 0 { Self::CONTINUOUS } else { cadence }
    }

    /// The pairs of milliseconds on and off; none for a continuous tone.
    pub fn pairs(&self) -> &[(u16, u16)] {
        &self.pairs[..usize::from(self.used)]
    }
}

/// How long a tone is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Until it is stopped.
    Endless,
    /// This many milliseconds, silent parts of the cadence counted.
    Ms(u32),
}

/// What a tone sounds like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneSpec {
    /// First frequency, 0 to 4000 Hz.
    pub first_hz: f32,
    /// Second frequency added to it, for two-tone signals.
    pub second_hz: Option<f32>,
    /// Level of each frequency.
    pub level: Dbm0,
    /// On and off.
    pub cadence: Cadence,
    /// How long in all.
    pub length: Length,
}

impl ToneSpec {
    /// One continuous endless frequency.
    pub const fn single(hz: f32, level: Dbm0) -> Self {
        Self { first_hz: hz, second_hz: None, level, cadence: Cadence::CONTINUOUS, length: Length::Endless }
    }
}

/// One sine whose phase runs on over blocks and pauses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Oscillator {
    phase: u32,
    step: u32,
    amplitude: f32,
}

impl Oscillator {
    pub(crate) fn new(hz: f32, level: Dbm0) -> Self {
        Self { phase: 0, step: phase_step(hz), amplitude: amplitude(level) }
    }

    #[inline(always)]
    pub(crate) fn next_sample(&mut self) -> f32 {
        let sample = sine_of_phase(self.phase) * self.amplitude;
        self.phase = self.phase.wrapping_add(self.step);
        sample
    }
}

/// Samples over which a tone rises and falls: 2 ms keep the click 40 dB down without eating into a 40 ms digit.
const RAMP: u32 = 16;

/// The gain at sample `at` of a burst of `on` samples.
#[inline(always)]
pub(crate) fn envelope(at: u32, on: u32) -> f32 {
    let from_edge = (at + 1).min(on - at);
    if from_edge >= RAMP { 1.0 } else { from_edge as f32 / RAMP as f32 }
}

#[inline(always)]
pub(crate) fn to_sample(value: f32) -> i16 {
    // A cast saturates; half is added away from zero, as core has no round.
    (if value < 0.0 { value - 0.5 } else { value + 0.5 }) as i16
}

/// A tone being generated.
#[derive(Clone, Debug)]
pub struct Tone {
    oscillators: [Oscillator; 2],
    cadence: Cadence,
    /// Samples still to come; `None` for ever.
    left: Option<u32>,
    total: u32,
    pair: u8,
    at: u32,
}

impl Tone {
    /// Starts at phase 0 at the beginning of the cadence.
    pub fn new(spec: ToneSpec) -> Self {
        let second = spec.second_hz.map(|hz| Oscillator::new(hz, spec.level)).unwrap_or_default();
        let left = match spec.length {
            Length::Endless => None,
            Length::Ms(ms) => Some(samples(ms)),
        };
        Self {
            oscillators: [Oscillator::new(spec.first_hz, spec.level), second],
            cadence: spec.cadence,
            left,
            total: left.unwrap_or(u32::MAX),
            pair: 0,
            at: 0,
        }
    }

    /// Whether all of it was given.
    pub const fn is_over(&self) -> bool {
        matches!(self.left, Some(0))
    }

    /// Writes the next samples, silence after the end.
    pub fn fill(&mut self, out: &mut [i16]) {
        out.iter_mut().for_each(|sample| *sample = self.next_sample());
    }

    fn next_sample(&mut self) -> i16 {
        let Some(gain) = self.gain() else { return 0 };
        let [first, second] = &mut self.oscillators;
        let sum = first.next_sample() + second.next_sample();
        to_sample(sum * gain)
    }

    /// The gain of the next sample; `None` when the tone is over.
    fn gain(&mut self) -> Option<f32> {
        let mut fade = 1.0;
        if let Some(left) = &mut self.left {
            if *left == 0 {
                return None;
            }
            fade = envelope(self.total - *left, self.total);
            *left -= 1;
        }
        if self.cadence.used == 0 {
            let at = self.at;
            self.at = (at + 1).min(RAMP);
            return Some(fade.min(envelope(at, u32::MAX)));
        }
        // At most four empty pairs are stepped over; `Cadence::new` keeps no cadence in which all are empty.
        for _ in 0..=4 {
            let (on, off) = self.cadence.pairs[usize::from(self.pair)];
            let (on, off) = (samples(u32::from(on)), samples(u32::from(off)));
            if self.at < on + off {
                let gain = if self.at < on { envelope(self.at, on) } else { 0.0 };
                self.at += 1;
                return Some(fade.min(gain));
            }
            self.at = 0;
            self.pair = (self.pair + 1) % self.cadence.used;
        }
        Some(0.0)
    }
}

#[cfg(test)]
#[path = "generator_tests.rs"]
mod tests;
