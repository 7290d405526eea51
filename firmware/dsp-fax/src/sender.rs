//! Fax and modem tones being sent.

use crate::amplitude;
use base::Dbm0;
use dsp_math::{phase_step, sine_of_phase};

/// What can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaxSignal {
    /// 1100 Hz, 0.5 s on and 3 s off, until it is stopped (T.30 §4.2).
    Cng,
    /// 2100 Hz for 3 s (T.30 §4.1).
    Ced,
    /// 2100 Hz for 3.3 s, its phase turned round each 450 ms (V.25 §3.1).
    AnsReversed,
    /// 2100 Hz modulated with 15 Hz, for 5 s (V.8 §7.2).
    AnsAm,
    /// The same, its phase turned round each 450 ms.
    AnsAmReversed,
    /// Flags on channel 2 of V.21 for one second (T.30 §5.3).
    Flags,
}

/// Samples in a millisecond.
const MS: u32 = 8;
/// Samples over which a tone rises and falls.
const RAMP: u8 = 16;
/// Depth of ANSam's modulation.
const DEPTH: f32 = 0.2;
/// Octet by octet, the first bit first.
const FLAG: u8 = 0b0111_1110;

impl FaxSignal {
    /// How long it is sent, where it is not endless.
    const fn length(self) -> Option<u32> {
        match self {
            Self::Cng => None,
            Self::Ced => Some(3000 * MS),
            Self::AnsReversed => Some(3300 * MS),
            Self::AnsAm | Self::AnsAmReversed => Some(5000 * MS),
            // 38 whole flags of 213 1/3 samples.
            Self::Flags => Some(38 * 640 / 3),
        }
    }

    fn hz(self, at: u32) -> f32 {
        match self {
            Self::Cng => 1100.0,
            Self::Ced | Self::AnsReversed | Self::AnsAm | Self::AnsAmReversed => 2100.0,
            // 300 bits in 8000 samples.
            Self::Flags if FLAG >> (at * 3 / 80 % 8) & 1 == 1 => 1650.0,
            Self::Flags => 1850.0,
        }
    }

    const fn turns_round(self) -> bool {
        matches!(self, Self::AnsReversed | Self::AnsAmReversed)
    }

    fn envelope(self, at: u32) -> f32 {
        if !matches!(self, Self::AnsAm | Self::AnsAmReversed) {
            return 1.0;
        }
        1.0 + DEPTH * sine_of_phase(at.wrapping_mul(phase_step(15.0)))
    }
}

/// A signal being sent, until its end or until it is stopped.
#[derive(Clone, Debug)]
pub struct FaxToneSender {
    signal: FaxSignal,
    peak: f32,
    phase: u32,
    /// Samples sent.
    at: u32,
    /// Steps of the ramp that are climbed.
    height: u8,
    stopped: bool,
}

impl FaxToneSender {
    /// Starts with the next sample.
    pub fn new(signal: FaxSignal, level: Dbm0) -> Self {
        Self { signal, peak: amplitude(level) / f32::from(RAMP), phase: 0, at: 0, height: 0, stopped: false }
    }

    /// Writes the next samples, silence after the end.
    pub fn fill(&mut self, out: &mut [i16]) {
        out.iter_mut().for_each(|sample| *sample = self.next_sample());
    }

    /// Ends the signal: the next 2 ms fade.
    pub const fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether all of it was given.
    pub const fn is_over(&self) -> bool {
        self.stopped && self.height == 0
    }

    fn next_sample(&mut self) -> i16 {
        /// Samples of a burst of CNG, and of it with its pause.
        const BURST: u32 = 500 * MS;
        const PERIOD: u32 = 3500 * MS;
        /// Samples from one reversal to the next.
        const REVERSAL: u32 = 450 * MS;
        if self.is_over() {
            return 0;
        }
        let at = self.at;
        self.at = if self.signal == FaxSignal::Cng { (at + 1) % PERIOD } else { at.saturating_add(1) };
        self.stopped |= self.signal.length().is_some_and(|length| at + u32::from(RAMP) >= length);
        let silent = self.signal == FaxSignal::Cng && at + u32::from(RAMP) >= BURST;
        self.height = if self.stopped || silent { self.height.saturating_sub(1) } else { RAMP.min(self.height + 1) };
        if self.signal.turns_round() && at > 0 && at.is_multiple_of(REVERSAL) {
            self.phase ^= 1 << 31;
        }
        let value = sine_of_phase(self.phase) * self.peak * f32::from(self.height) * self.signal.envelope(at);
        self.phase = self.phase.wrapping_add(phase_step(self.signal.hz(at)));
        // A cast saturates; half is added away from zero, as core has no round.
        (if value < 0.0 { value - 0.5 } else { value + 0.5 }) as i16
    }
}
