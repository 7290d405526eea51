//! How well a block is foretold by the one before it.
//!
//! Up to two steady tones obey a recurrence of order four exactly, whatever their levels and phases. Its coefficients are taken from a block by
//! least squares (the covariance method of linear prediction), and tried on the next: what is left of a tone then is its noise. A voice is made
//! anew at each beat of the glottis, and a hiss never repeats.

use crate::BLOCK;

/// Two tones have four poles.
const ORDER: usize = 4;
/// White noise added before the coefficients are taken, as a share of the power: 40 dB down, about what A-law adds. Without it they
/// would be taken from rounding errors.
const REGULARISED: f32 = 1e-4;
/// Sums of eight are vectors; the compiler may not reorder a sum of floats by itself.
const WIDTH: usize = 8;

/// What is kept of the block before.
#[derive(Clone)]
pub(crate) struct Predictor {
    last: [f32; ORDER],
    coefficients: [f32; ORDER],
}

/// What a block is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// Mean square without DC, in linear samples.
    pub(crate) power: f32,
    /// Share of that which the block before did not foretell.
    pub(crate) news: f32,
}

impl Predictor {
    pub(crate) const NEW: Self = Self { last: [0.0; ORDER], coefficients: [0.0; ORDER] };

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK]) -> Seen {
        let mut samples = [0.0; BLOCK + ORDER];
        samples[..ORDER].copy_from_slice(&self.last);
        let mut sums = [0.0; WIDTH];
        for (from, to) in block.as_chunks::<WIDTH>().0.iter().zip(samples[ORDER..].as_chunks_mut::<WIDTH>().0) {
            for at in 0..WIDTH {
                to[at] = f32::from(from[at]);
                sums[at] += to[at];
            }
        }
        self.last.copy_from_slice(&samples[BLOCK..]);
        let samples = dsp_math::in_memory(&samples);
        let products = Products::of(samples);
        let mean = total(&sums) / BLOCK as f32;
        let power = (products.0[0][0] / BLOCK as f32 - mean * mean).max(0.0);
        let news = products.left_by(&self.coefficients) / (power * BLOCK as f32 + 1.0);
        self.coefficients = products.coefficients();
        Seen { power, news }
    }
}

/// Sums of products of the block with itself, shifted by 0 to 4 samples each: the lower left half.
struct Products([[f32; ORDER + 1]; ORDER + 1]);

impl Products {
    #[inline(always)]
    fn of(samples: &[f32; BLOCK + ORDER]) -> Self {
        let mut sums = [[0.0; WIDTH]; ORDER + 1];
        for at in (0..BLOCK).step_by(WIDTH) {
            for (lag, sums) in sums.iter_mut().enumerate() {
                for place in 0..WIDTH {
                    sums[place] += samples[ORDER + at + place] * samples[ORDER + at + place - lag];
                }
            }
        }
        let mut products = [[0.0; ORDER + 1]; ORDER + 1];
        for lag in 0..=ORDER {
            products[lag][0] = total(&sums[lag]);
            // A step earlier in both, one product comes in at the front and one goes out at the back.
            for column in 1..=ORDER - lag {
                let row = lag + column;
                products[row][column] = products[row - 1][column - 1] + samples[ORDER - row] * samples[ORDER - column]
                    - samples[BLOCK + ORDER - row] * samples[BLOCK + ORDER - column];
            }
        }
        Self(products)
    }

    /// What these coefficients leave of the block.
    #[inline(always)]
    fn left_by(&self, coefficients: &[f32; ORDER]) -> f32 {
        let products = &self.0;
        let mut left = products[0][0];
        for row in 1..=ORDER {
            let of_row = coefficients[row - 1];
            left += of_row * (of_row * products[row][row] - 2.0 * products[row][0]);
            for column in 1..row {
                left += 2.0 * of_row * coefficients[column - 1] * products[row][column];
            }
        }
        left.max(0.0)
    }

    /// The coefficients that leave the least, by Cholesky's way.
    #[inline(always)]
    fn coefficients(&self) -> [f32; ORDER] {
        let products = &self.0;
        let added = products[0][0] * REGULARISED + 1.0;
        let mut lower = [[0.0; ORDER]; ORDER];
        let mut diagonal = [0.0; ORDER];
        let mut solved = [0.0; ORDER];
        // The matrix is lower * diagonal * lower', the ones on lower's own diagonal unwritten.
        for row in 0..ORDER {
            let mut right = products[row + 1][0];
            let mut own = products[row + 1][row + 1] + added;
            for column in 0..row {
                let mut value = products[row + 1][column + 1];
                for before in 0..column {
                    value -= lower[row][before] * lower[column][before] * diagonal[before];
                }
                lower[row][column] = value / diagonal[column];
                own -= lower[row][column] * value;
                right -= lower[row][column] * solved[column];
            }
            // What was added keeps it above zero, but for rounding.
            diagonal[row] = own.max(added * 0.01);
            solved[row] = right;
        }
        let mut coefficients = [0.0; ORDER];
        for row in (0..ORDER).rev() {
            let mut value = solved[row] / diagonal[row];
            for below in row + 1..ORDER {
                value -= lower[below][row] * coefficients[below];
            }
            coefficients[row] = value;
        }
        coefficients
    }
}

#[inline(always)]
fn total(eight: &[f32; WIDTH]) -> f32 {
    let four: [f32; 4] = core::array::from_fn(|at| eight[at] + eight[at + 4]);
    (four[0] + four[2]) + (four[1] + four[3])
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;

    /// The share that is news in the third of three blocks: the first has the beginning in it, which nothing foretells.
    fn news(sample: impl Fn(usize) -> f64) -> f32 {
        let mut predictor = Predictor::NEW;
        let block = |number: usize| core::array::from_fn(|at| sample(number * BLOCK + at) as i16);
        predictor.block(&block(0));
        predictor.block(&block(1));
        predictor.block(&block(2)).news
    }

    #[test]
    fn one_tone_and_two_are_foretold_and_a_click_is_not() {
        let tone = |hz: f64, at: usize| (core::f64::consts::TAU * hz * at as f64 / 8000.0).sin();
        for hz in [100.0, 425.0, 1004.0, 2100.0, 3600.0] {
            assert!(news(|at| 5000.0 * tone(hz, at)) < 0.003, "{hz} Hz");
        }
        for (first, second) in [(350.0, 440.0), (697.0, 1477.0), (941.0, 1633.0), (1980.0, 540.0)] {
            let left = news(|at| 5000.0 * (tone(first, at) + 0.5 * tone(second, at)));
            assert!(left < 0.003, "{first} Hz and {second} Hz: {left}");
        }
        assert!(news(|at| if at == 180 { 9000.0 } else { 0.0 }) > 0.9);
    }

    #[test]
    fn the_coefficients_are_those_of_the_recurrence() {
        // cos(n w) = 2 cos w cos((n-1) w) - cos((n-2) w), and for two tones the product of both.
        let samples = core::array::from_fn(|at| {
            let phase = at as f64 * core::f64::consts::TAU / 8000.0;
            (8000.0 * ((phase * 900.0).cos() + (phase * 2700.0).cos())) as f32
        });
        let found = Products::of(&samples).coefficients();
        let factor = |hz: f64| 2.0 * (core::f64::consts::TAU * hz / 8000.0).cos();
        let (a, b) = (factor(900.0), factor(2700.0));
        for (found, wanted) in found.iter().zip([a + b, -(2.0 + a * b), a + b, -1.0]) {
            assert!((f64::from(*found) - wanted).abs() < 0.05, "{found} for {wanted}");
        }
    }
}
