//! The low-pass filter, for each factor.

use dsp_math::const_sin_cos;

/// Samples of the lower rate that the filter sees.
pub(crate) const SEEN: usize = 36;
/// Samples of the lower rate by which what comes out is late: half of what the filter sees.
pub const DELAY_SAMPLES: usize = SEEN / 2;
/// Kaiser's shape for 70 dB: 0.1102 (70 - 8.7).
const BETA: f64 = 6.76;
/// The largest factor.
pub(crate) const MOST: usize = 6;

/// Taps for a factor, those for the oldest samples first.
pub(crate) struct Filter<const FACTOR: usize> {
    /// Phase by phase, for samples of the lower rate.
    pub(crate) up: [[f32; SEEN]; FACTOR],
    /// All one after the other, for samples of the higher rate.
    pub(crate) down: [[f32; FACTOR]; SEEN],
}

pub(crate) static BY_2: Filter<2> = Filter::new();
pub(crate) static BY_3: Filter<3> = Filter::new();
pub(crate) static BY_6: Filter<6> = Filter::new();

impl<const FACTOR: usize> Filter<FACTOR> {
    const fn new() -> Self {
        let (mut up, mut down) = ([[0.0; SEEN]; FACTOR], [[0.0; FACTOR]; SEEN]);
        let mut phase = 0;
        while phase < FACTOR {
            let mut taps = [0.0; SEEN];
            let (mut back, mut sum) = (0, 0.0);
            while back < SEEN {
                taps[back] = tap(back as f64 + phase as f64 / FACTOR as f64);
                sum += taps[back];
                back += 1;
            }
            // Each phase passes a constant as it is, so that it does not ripple at the lower rate.
            while back > 0 {
                back -= 1;
                up[phase][SEEN - 1 - back] = (taps[back] / sum) as f32;
                down[SEEN - 1 - back][FACTOR - 1 - phase] = (taps[back] / sum / FACTOR as f64) as f32;
            }
            phase += 1;
        }
        Self { up, down }
    }
}

/// The filter's answer so many samples of the lower rate after an impulse.
const fn tap(after: f64) -> f64 {
    let half = DELAY_SAMPLES as f64;
    let from_middle = after - half;
    let place = from_middle / half;
    let inside = 1.0 - place * place;
    if inside < 0.0 {
        return 0.0;
    }
    sinc(from_middle) * bessel(BETA * BETA * inside / 4.0)
}

/// sin(pi x) / (pi x).
const fn sinc(x: f64) -> f64 {
    let radians = core::f64::consts::PI * x;
    if radians == 0.0 {
        return 1.0;
    }
    let (sin, _) = const_sin_cos(radians);
    sin / radians
}

/// The modified Bessel function of order 0, of twice the root of its argument.
const fn bessel(quarter_of_square: f64) -> f64 {
    let (mut sum, mut term, mut n) = (0.0, 1.0, 1);
    // Terms grow up to the third or fourth; 30 reach f64's precision.
    while n < 30 {
        sum += term;
        term *= quarter_of_square / (n * n) as f64;
        n += 1;
    }
    sum
}
