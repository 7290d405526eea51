//! Strings of DTMF digits.

use crate::generator::{Oscillator, envelope, samples, to_sample};
use base::{Dbm0, Digit, Digits};

/// Low-group frequencies, by row (Q.23 §1).
pub const ROWS_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// High-group frequencies, by column (Q.23 §1).
pub const COLUMNS_HZ: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// How digits are sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SendProfile {
    /// Milliseconds of tone; at least 1.
    pub on_ms: u16,
    /// Milliseconds of silence after each, the last one too.
    pub off_ms: u16,
    /// Level of the low group.
    pub low: Dbm0,
    /// Level of the high group.
    pub high: Dbm0,
}

impl SendProfile {
    /// -9 and -7 dBm0, the levels that GB/T 3380 wants of a telephone; the times given.
    pub const fn new(on_ms: u16, off_ms: u16) -> Self {
        Self { on_ms, off_ms, low: Dbm0(-9.0), high: Dbm0(-7.0) }
    }
}

/// Digits being sent.
#[derive(Clone)]
pub struct DigitSender {
    digits: Digits,
    profile: SendProfile,
    next: usize,
    oscillators: [Oscillator; 2],
    /// Samples into the present digit and its pause; at the end of both the next digit starts.
    at: u32,
    on: u32,
    off: u32,
}

impl DigitSender {
    /// Starts with the first digit. A `+` has no tone and is left out.
    pub fn new(digits: Digits, profile: SendProfile) -> Self {
        let (on, off) = (samples(u32::from(profile.on_ms.max(1))), samples(u32::from(profile.off_ms)));
        let mut sender = Self { digits, profile, next: 0, oscillators: [Oscillator::default(); 2], at: 0, on, off };
        sender.load();
        sender
    }

    /// Whether the last digit and its pause were given.
    pub const fn is_over(&self) -> bool {
        self.next > self.digits.len()
    }

    /// Writes the next samples, silence after the end.
    pub fn fill(&mut self, out: &mut [i16]) {
        out.iter_mut().for_each(|sample| *sample = self.next_sample());
    }

    fn next_sample(&mut self) -> i16 {
        if self.is_over() {
            return 0;
        }
        let sample = if self.at < self.on {
            let [low, high] = &mut self.oscillators;
            to_sample((low.next_sample() + high.next_sample()) * envelope(self.at, self.on))
        } else {
            0
        };
        self.at += 1;
        if self.at == self.on + self.off {
            self.load();
        }
        sample
    }

    /// Takes up the next digit; past the last one, `next` is one more than there are.
    fn load(&mut self) {
        self.at = 0;
        let rest = self.digits.as_str().get(self.next..).unwrap_or("");
        let mut skipped = 0;
        for name in rest.chars() {
            skipped += 1;
            if let Some(digit) = Digit::new(name) {
                let (row, column) = digit.grid_position();
                self.oscillators = [
                    Oscillator::new(ROWS_HZ[row], self.profile.low),
                    Oscillator::new(COLUMNS_HZ[column], self.profile.high),
                ];
                self.next += skipped;
                return;
            }
        }
        self.next = self.digits.len() + 1;
    }
}

/// What is sent may be a PIN.
impl core::fmt::Debug for DigitSender {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DigitSender({} of {})", self.next, self.digits.len())
    }
}
