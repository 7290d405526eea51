//! Complex numbers.

use dsp_math::{angle, sqrt};

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f32,
    pub(crate) im: f32,
}

impl Complex {
    pub(crate) const ZERO: Self = Self::new(0.0, 0.0);

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
