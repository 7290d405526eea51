//! What `core` lacks.

/// Square root, by Newton's rule from a guess that is right to 4 %.
pub(crate) fn sqrt(value: f32) -> f32 {
    if value <= 0.0 {
        return 0.0;
    }
    let mut root = f32::from_bits((value.to_bits() >> 1) + 0x1FBD_1DF5);
    for _ in 0..3 {
        root = 0.5 * (root + value / root);
    }
    root
}

/// Level in dB of a power ratio; a ratio of zero or less is -200 dB.
pub(crate) fn db_of_power(ratio: f32) -> f32 {
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
pub(crate) fn angle(y: f32, x: f32) -> f32 {
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
pub(crate) const fn const_sin_cos(radians: f64) -> (f64, f64) {
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

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f32,
    pub(crate) im: f32,
}

impl Complex {
    pub(crate) const fn new(re: f32, im: f32) -> Self {
        Self { re, im }
    }

    pub(crate) fn conj(self) -> Self {
        Self::new(self.re, -self.im)
    }

    pub(crate) fn scaled(self, factor: f32) -> Self {
        Self::new(self.re * factor, self.im * factor)
    }

    pub(crate) fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }

    pub(crate) fn times(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }

    /// From -1/2 to 1/2 of a whole turn.
    pub(crate) fn turns(self) -> f32 {
        angle(self.im, self.re) / core::f32::consts::TAU
    }

    pub(crate) fn root(self) -> Self {
        let size = sqrt(self.power());
        let re = sqrt((size + self.re) / 2.0);
        let im = sqrt((size - self.re) / 2.0);
        Self::new(re, if self.im < 0.0 { -im } else { im })
    }
}
