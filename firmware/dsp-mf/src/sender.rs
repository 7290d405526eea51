//! Signals being sent.

use crate::signal::{Register, frequencies};
use base::Dbm0;
use dsp_math::{phase_step, ratio_of_db, sine_of_phase};

/// Samples over which both frequencies rise and fall together: 1 ms, which is all that they may differ in (Q.454).
const RAMP: u8 = 8;

/// A signal being sent, until it is stopped.
#[derive(Clone, Debug)]
pub struct MfSender {
    phases: [u32; 2],
    steps: [u32; 2],
    /// Amplitude of a step of the ramp.
    peak: f32,
    /// Steps of the ramp that are climbed.
    height: u8,
    stopped: bool,
}

impl MfSender {
    /// Starts with the next sample. A signal that there is not is silence, and over at once.
    pub fn new(register: Register, signal: u8) -> Self {
        let hz = frequencies(register, signal);
        let steps = hz.map_or([0; 2], |hz| hz.map(|hz| phase_step(f32::from(hz))));
        let peak = 32_768.0 * ratio_of_db(register.level().0 - Dbm0::ALAW_FULL_SCALE.0) / f32::from(RAMP);
        Self { phases: [0; 2], steps, peak, height: 0, stopped: hz.is_none() }
    }

    /// Writes the next samples, silence after the end.
    pub fn fill(&mut self, out: &mut [i16]) {
        for sample in out {
            self.height = if self.stopped { self.height.saturating_sub(1) } else { RAMP.min(self.height + 1) };
            let [first, second] = self.phases.map(sine_of_phase);
            *sample = rounded((first + second) * self.peak * f32::from(self.height));
            self.phases = core::array::from_fn(|at| self.phases[at].wrapping_add(self.steps[at]));
        }
    }

    /// Ends the signal: the next millisecond fades.
    pub const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether the signal was stopped and nothing of it is left to be sent.
    pub const fn is_over(&self) -> bool {
        self.stopped && self.height == 0
    }
}

/// A cast saturates; half is added away from zero, as core has no round.
fn rounded(value: f32) -> i16 {
    (if value < 0.0 { value - 0.5 } else { value + 0.5 }) as i16
}
