//! Sampling rate conversion with a telephone channel's low-pass.

/// The longest filter phase that a rate asks for is cut here, so that an odd rate costs no memory.
const MAX_PHASES: u32 = 1_000;
/// Upper edge of what passes, as a part of the lower rate: 3.4 kHz of 8 kHz.
const PASS: f64 = 3_400.0 / 8_000.0;
/// Lower edge of what is stopped: half the lower rate.
const STOP: f64 = 0.5;
/// Attenuation designed for, dB; measured above 60 by the tests.
const STOP_DB: f64 = 70.0;

/// A polyphase low-pass filter that turns one sampling rate into another. With 8 kHz as the lower rate it passes up to
/// 3.4 kHz and stops from 4 kHz by more than 60 dB.
#[derive(Debug)]
pub struct Resampler {
    up: usize,
    down: usize,
    taps_a_phase: usize,
    /// Phase after phase, each in the order in which it meets the samples.
    taps: Vec<f32>,
}

impl Resampler {
    /// A converter between two rates in samples a second. A rate of zero is taken as one.
    #[must_use]
    pub fn new(from_hz: u32, to_hz: u32) -> Self {
        let (from_hz, to_hz) = (from_hz.max(1), to_hz.max(1));
        let divisor = gcd(from_hz, to_hz);
        let (mut up, mut down) = (to_hz / divisor, from_hz / divisor);
        if up > MAX_PHASES {
            // The nearest ratio with few phases: off by less than one part in a thousand.
            down = (f64::from(down) * f64::from(MAX_PHASES) / f64::from(up)).round().max(1.0) as u32;
            up = MAX_PHASES;
        }
        let (up, down) = (up as usize, down as usize);
        if up == down {
            return Self { up: 1, down: 1, taps_a_phase: 1, taps: vec![1.0] };
        }
        let (taps_a_phase, taps) = design(up, down);
        Self { up, down, taps_a_phase, taps }
    }

    /// Converts a whole recording. The filter's delay is taken out, so that the first sample stays the first.
    #[must_use]
    pub fn run(&self, samples: &[i16]) -> Vec<f32> {
        let count = (samples.len() * self.up).div_ceil(self.down);
        let centre = self.up * self.taps_a_phase / 2;
        (0..count)
            .map(|n| {
                let position = n * self.down + centre;
                self.at(samples, position / self.up, position % self.up)
            })
            .collect()
    }

    /// The filter's output where its newest sample is `newest`.
    fn at(&self, samples: &[i16], newest: usize, phase: usize) -> f32 {
        let taps = &self.taps[phase * self.taps_a_phase..][..self.taps_a_phase];
        let oldest = (newest + 1).saturating_sub(self.taps_a_phase);
        // Before the recording there was silence: those taps meet nothing, nor do those after its end.
        let skipped = (oldest + self.taps_a_phase) - (newest + 1);
        let heard = samples.get(oldest..).unwrap_or(&[]);
        taps[skipped..].iter().zip(heard).map(|(tap, s)| tap * f32::from(*s)).sum()
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A windowed sinc (Kaiser's formulas for length and shape), cut into `up` phases.
fn design(up: usize, down: usize) -> (usize, Vec<f32>) {
    // Frequencies as parts of the rate at which the filter would run.
    let lower_rate = 1.0 / up.max(down) as f64;
    let width = (STOP - PASS) * lower_rate;
    let cutoff = (STOP + PASS) / 2.0 * lower_rate;
    let length = (STOP_DB - 7.95) / (14.36 * width);
    let taps_a_phase = ((length / up as f64).ceil() as usize).next_multiple_of(2);
    let beta = 0.1102 * (STOP_DB - 8.7);
    let count = taps_a_phase * up;
    let middle = count as f64 / 2.0;
    let prototype: Vec<f64> = (0..count)
        .map(|n| {
            let x = n as f64 - middle;
            let edge = x / middle;
            let window = bessel_i0(beta * (1.0 - edge * edge).max(0.0).sqrt()) / bessel_i0(beta);
            let sinc = if x == 0.0 {
                2.0 * cutoff
            } else {
                (core::f64::consts::TAU * cutoff * x).sin() / (core::f64::consts::PI * x)
            };
            sinc * window * up as f64
        })
        .collect();
    let mut taps = Vec::with_capacity(count);
    for phase in 0..up {
        // The newest sample meets the first tap of its phase; samples are walked from the oldest.
        taps.extend((0..taps_a_phase).rev().map(|k| prototype[k * up + phase] as f32));
    }
    (taps_a_phase, taps)
}

/// Modified Bessel function of the first kind, order zero, by its series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..60 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMPLITUDE: f64 = 10_000.0;

    fn sine(hz: f64, rate: u32) -> Vec<i16> {
        let step = core::f64::consts::TAU * hz / f64::from(rate);
        (0..rate).map(|n| (AMPLITUDE * (step * f64::from(n)).sin()).round() as i16).collect()
    }

    /// Gain in dB for a sine, measured away from the edges.
    fn gain_db(hz: f64, from: u32) -> f64 {
        let out = Resampler::new(from, 8000).run(&sine(hz, from));
        let middle = &out[2000..6000];
        let power = middle.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / middle.len() as f64;
        10.0 * (power / (AMPLITUDE * AMPLITUDE / 2.0)).log10()
    }

    #[test]
    fn speech_up_to_3400_hz_passes_and_from_4000_hz_on_is_stopped() {
        for rate in [22_050, 16_000, 44_100, 48_000] {
            for hz in [100.0, 300.0, 1000.0, 2500.0, 3000.0, 3400.0] {
                let db = gain_db(hz, rate);
                assert!(db.abs() < 0.1, "{rate}: {hz} Hz {db:.2} dB");
            }
            for hz in [4000.0, 4100.0, 4600.0, 5000.0, 6000.0, 7900.0] {
                let db = gain_db(hz, rate);
                assert!(db < -60.0, "{rate}: {hz} Hz {db:.1} dB");
            }
        }
    }

    #[test]
    fn a_sample_keeps_its_place_and_a_recording_its_length() {
        let mut click = vec![0_i16; 22_050];
        click[11_025] = 10_000;
        let out = Resampler::new(22_050, 8000).run(&click);
        assert_eq!(out.len(), 8000);
        let highest = (0..out.len()).max_by(|a, b| out[*a].abs().total_cmp(&out[*b].abs())).unwrap();
        assert_eq!(highest, 4000);
    }

    #[test]
    fn the_same_rate_changes_nothing() {
        let samples = sine(3900.0, 8000);
        assert_eq!(Resampler::new(8000, 8000).run(&samples), samples.iter().map(|s| f32::from(*s)).collect::<Vec<_>>());
    }

    #[test]
    fn odd_rates_are_taken_too() {
        for rate in [1, 7, 7_999, 11_025, 44_099, 96_000, u32::MAX] {
            let out = Resampler::new(rate.min(200_000), 8000).run(&[1000; 50]);
            assert!(out.iter().all(|s| s.is_finite()), "{rate}");
        }
        assert!(Resampler::new(0, 8000).run(&[]).is_empty());
    }
}
