//! A Fourier transform of 160 real samples for all lanes at once.
//!
//! Two neighbouring samples are one complex number; 80 of these are transformed in steps of 5, 4 and 4 from one array to the
//! other and back (Stockham's order, which needs no reversal of bits), then taken apart into the spectrum of the real samples.
//! No library: those at hand transform powers of two, one channel at a time.

use crate::BLOCK;
use dsp_math::const_sin_cos;

/// Samples of a window: the block before and the new one.
pub(crate) const WINDOW: usize = 160;
/// Complex numbers in it.
pub(crate) const HALF: usize = WINDOW / 2;
/// Frequencies of its spectrum, 50 Hz apart, both ends among them.
pub(crate) const BINS: usize = HALF + 1;

/// A value of each lane.
pub(crate) type Row<const LANES: usize> = [f32; LANES];

/// A window's samples: the even ones in `re`, the odd ones in `im`.
#[derive(Clone, Debug)]
pub(crate) struct Window<const LANES: usize> {
    pub(crate) re: [Row<LANES>; HALF],
    pub(crate) im: [Row<LANES>; HALF],
}

/// A window's spectrum.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum<const LANES: usize> {
    pub(crate) re: [Row<LANES>; BINS],
    pub(crate) im: [Row<LANES>; BINS],
}

impl<const LANES: usize> Window<LANES> {
    pub(crate) const SILENCE: Self = Self { re: [[0.0; LANES]; HALF], im: [[0.0; LANES]; HALF] };

    /// Moves the second half to the first and puts a block behind it.
    #[inline(always)]
    pub(crate) fn push(&mut self, block: &[Row<LANES>; BLOCK]) {
        self.re.copy_within(HALF / 2.., 0);
        self.im.copy_within(HALF / 2.., 0);
        for at in 0..HALF / 2 {
            self.re[HALF / 2 + at] = block[2 * at];
            self.im[HALF / 2 + at] = block[2 * at + 1];
        }
    }

    /// Its second half becomes a block less the second half of another window.
    #[inline(always)]
    pub(crate) fn set_new(&mut self, block: &[Row<LANES>; BLOCK], less: &Self) {
        for at in HALF / 2..HALF {
            for lane in 0..LANES {
                self.re[at][lane] = block[2 * at - BLOCK][lane] - less.re[at][lane];
                self.im[at][lane] = block[2 * at + 1 - BLOCK][lane] - less.im[at][lane];
            }
        }
    }

    /// Energy of the second half.
    #[inline(always)]
    pub(crate) fn new_energy(&self) -> Row<LANES> {
        let mut sum = [0.0; LANES];
        for at in HALF / 2..HALF {
            for lane in 0..LANES {
                sum[lane] += self.re[at][lane] * self.re[at][lane] + self.im[at][lane] * self.im[at][lane];
            }
        }
        sum
    }

    /// Twice the products of every second pair of neighbours there: what of the energy they share.
    #[inline(always)]
    pub(crate) fn new_neighbours(&self) -> Row<LANES> {
        let mut sum = [0.0; LANES];
        for at in HALF / 2..HALF {
            for lane in 0..LANES {
                sum[lane] += 2.0 * self.re[at][lane] * self.im[at][lane];
            }
        }
        sum
    }
}

impl<const LANES: usize> Spectrum<LANES> {
    pub(crate) const ZERO: Self = Self { re: [[0.0; LANES]; BINS], im: [[0.0; LANES]; BINS] };
}

const fn roots<const N: usize>(whole: usize) -> [(f32, f32); N] {
    let mut roots = [(0.0, 0.0); N];
    let mut at = 0;
    while at < N {
        let (sin, cos) = const_sin_cos(core::f64::consts::TAU * at as f64 / whole as f64);
        roots[at] = (cos as f32, -sin as f32);
        at += 1;
    }
    roots
}

/// The 80th, 16th and 160th roots of one, clockwise.
static ROOTS_80: [(f32, f32); 64] = roots(80);
static ROOTS_16: [(f32, f32); 12] = roots(16);
static ROOTS_160: [(f32, f32); 41] = roots(160);

/// The transform, with its two arrays; made once, because to clear them costs as much as to transform.
#[derive(Clone, Debug)]
pub(crate) struct Transform<const LANES: usize> {
    a: Window<LANES>,
    b: Window<LANES>,
}

impl<const LANES: usize> Transform<LANES> {
    pub(crate) const NEW: Self = Self { a: Window::SILENCE, b: Window::SILENCE };

    /// Spectrum of a window.
    #[inline(always)]
    pub(crate) fn forward(&mut self, window: &Window<LANES>, spectrum: &mut Spectrum<LANES>) {
        step5::<LANES, 5>(&window.re, &window.im, &mut self.a.re, &mut self.a.im, 0..16);
        self.finish(spectrum);
    }

    /// Spectrum of a window whose second half is taken for silence.
    #[inline(always)]
    pub(crate) fn forward_first_half(&mut self, window: &Window<LANES>, spectrum: &mut Spectrum<LANES>) {
        // Every sixteenth number is met: of the first half's forty those are three, then two.
        step5::<LANES, 3>(&window.re, &window.im, &mut self.a.re, &mut self.a.im, 0..8);
        step5::<LANES, 2>(&window.re, &window.im, &mut self.a.re, &mut self.a.im, 8..16);
        self.finish(spectrum);
    }

    /// The later steps, and the spectrum of real samples out of that of pairs.
    #[inline(always)]
    fn finish(&mut self, spectrum: &mut Spectrum<LANES>) {
        let Self { a, b } = self;
        step4::<LANES, 5, 4>(&a.re, &a.im, &mut b.re, &mut b.im);
        step4::<LANES, 20, 1>(&b.re, &b.im, &mut a.re, &mut a.im);
        for k in 0..=HALF / 2 {
            let (cos, sin) = ROOTS_160[k];
            let (near, far) = (k, HALF - k);
            let mirror = far % HALF;
            for lane in 0..LANES {
                let (zr, zi) = (a.re[near][lane], a.im[near][lane]);
                let (mr, mi) = (a.re[mirror][lane], a.im[mirror][lane]);
                // The even samples' spectrum, and the odd ones' turned back by half a step.
                let (er, ei) = (0.5 * (zr + mr), 0.5 * (zi - mi));
                let (or, oi) = (0.5 * (zi + mi), 0.5 * (mr - zr));
                let (tr, ti) = (or * cos - oi * sin, or * sin + oi * cos);
                spectrum.re[near][lane] = er + tr;
                spectrum.im[near][lane] = ei + ti;
                spectrum.re[far][lane] = er - tr;
                spectrum.im[far][lane] = ti - ei;
            }
        }
    }

    /// The window that has this spectrum.
    #[inline(always)]
    pub(crate) fn inverse(&mut self, spectrum: &Spectrum<LANES>, window: &mut Window<LANES>) {
        const SCALE: f32 = 1.0 / WINDOW as f32;
        let Self { a, b } = self;
        for k in 0..=HALF / 2 {
            let (cos, sin) = ROOTS_160[k];
            let (near, far) = (k, HALF - k);
            let mirror = far % HALF;
            for lane in 0..LANES {
                let (xr, xi) = (spectrum.re[near][lane] * SCALE, spectrum.im[near][lane] * SCALE);
                let (mr, mi) = (spectrum.re[far][lane] * SCALE, spectrum.im[far][lane] * SCALE);
                let (er, ei) = (xr + mr, xi - mi);
                let (tr, ti) = (xr - mr, xi + mi);
                let (or, oi) = (tr * cos + ti * sin, ti * cos - tr * sin);
                // At 0 both sums name the same number, and agree.
                a.re[mirror][lane] = er + oi;
                a.im[mirror][lane] = or - ei;
                a.re[near][lane] = er - oi;
                a.im[near][lane] = ei + or;
            }
        }
        // The inverse is the transform with the parts exchanged.
        step5::<LANES, 5>(&a.im, &a.re, &mut b.im, &mut b.re, 0..16);
        step4::<LANES, 5, 4>(&b.im, &b.re, &mut a.im, &mut a.re);
        step4::<LANES, 20, 1>(&a.im, &a.re, &mut window.im, &mut window.re);
    }
}

type Part<const LANES: usize> = [Row<LANES>; HALF];

/// The first step: sixteen transforms of five numbers, those of `at`; only the first `HELD` are not zero.
#[inline(always)]
fn step5<const LANES: usize, const HELD: usize>(
    re: &Part<LANES>,
    im: &Part<LANES>,
    out_re: &mut Part<LANES>,
    out_im: &mut Part<LANES>,
    at: core::ops::Range<usize>,
) {
    // Cosines and sines of a fifth and two fifths of a turn.
    const C1: f32 = 0.309_017;
    const C2: f32 = -0.809_017;
    const S1: f32 = 0.951_056_5;
    const S2: f32 = 0.587_785_25;
    for p in at {
        let turn = [ROOTS_80[p], ROOTS_80[2 * p], ROOTS_80[3 * p], ROOTS_80[4 * p]];
        for lane in 0..LANES {
            let from = |j: usize| if j < HELD { (re[p + 16 * j][lane], im[p + 16 * j][lane]) } else { (0.0, 0.0) };
            let (a0, a1, a2, a3, a4) = (from(0), from(1), from(2), from(3), from(4));
            let (s14, s23) = ((a1.0 + a4.0, a1.1 + a4.1), (a2.0 + a3.0, a2.1 + a3.1));
            let (d14, d23) = ((a1.0 - a4.0, a1.1 - a4.1), (a2.0 - a3.0, a2.1 - a3.1));
            let m1 = (a0.0 + C1 * s14.0 + C2 * s23.0, a0.1 + C1 * s14.1 + C2 * s23.1);
            let m2 = (a0.0 + C2 * s14.0 + C1 * s23.0, a0.1 + C2 * s14.1 + C1 * s23.1);
            let n1 = (S1 * d14.0 + S2 * d23.0, S1 * d14.1 + S2 * d23.1);
            let n2 = (S2 * d14.0 - S1 * d23.0, S2 * d14.1 - S1 * d23.1);
            out_re[5 * p][lane] = a0.0 + s14.0 + s23.0;
            out_im[5 * p][lane] = a0.1 + s14.1 + s23.1;
            let mut put = |k: usize, (xr, xi): (f32, f32)| {
                let (cos, sin) = turn[k - 1];
                out_re[5 * p + k][lane] = xr * cos - xi * sin;
                out_im[5 * p + k][lane] = xr * sin + xi * cos;
            };
            put(1, (m1.0 + n1.1, m1.1 - n1.0));
            put(2, (m2.0 + n2.1, m2.1 - n2.0));
            put(3, (m2.0 - n2.1, m2.1 + n2.0));
            put(4, (m1.0 - n1.1, m1.1 + n1.0));
        }
    }
}

/// A later step: twenty transforms of four, `GROUPS` times `STRIDE`. The last one turns nothing.
#[inline(always)]
fn step4<const LANES: usize, const STRIDE: usize, const GROUPS: usize>(
    re: &Part<LANES>,
    im: &Part<LANES>,
    out_re: &mut Part<LANES>,
    out_im: &mut Part<LANES>,
) {
    const { assert!(STRIDE * GROUPS == 20, "twenty transforms of four") };
    for p in 0..GROUPS {
        let turn = [ROOTS_16[p], ROOTS_16[2 * p], ROOTS_16[3 * p]];
        for q in 0..STRIDE {
            let (first, to) = (q + STRIDE * p, q + STRIDE * 4 * p);
            for lane in 0..LANES {
                let from = |j: usize| (re[first + 20 * j][lane], im[first + 20 * j][lane]);
                let (a, b, c, d) = (from(0), from(1), from(2), from(3));
                let (s, t) = ((a.0 + c.0, a.1 + c.1), (b.0 + d.0, b.1 + d.1));
                let (u, v) = ((a.0 - c.0, a.1 - c.1), (b.0 - d.0, b.1 - d.1));
                out_re[to][lane] = s.0 + t.0;
                out_im[to][lane] = s.1 + t.1;
                let mut put = |k: usize, (xr, xi): (f32, f32)| {
                    let (cos, sin) = turn[k - 1];
                    let turned = if GROUPS == 1 { (xr, xi) } else { (xr * cos - xi * sin, xr * sin + xi * cos) };
                    (out_re[to + STRIDE * k][lane], out_im[to + STRIDE * k][lane]) = turned;
                };
                put(1, (u.0 + v.1, u.1 - v.0));
                put(2, (s.0 - t.0, s.1 - t.1));
                put(3, (u.0 - v.1, u.1 + v.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn window(value: impl Fn(usize, usize) -> f32) -> Window<2> {
        let mut window = Window::SILENCE;
        for at in 0..HALF {
            for lane in 0..2 {
                window.re[at][lane] = value(2 * at, lane);
                window.im[at][lane] = value(2 * at + 1, lane);
            }
        }
        window
    }

    fn sample(at: usize, lane: usize) -> f32 {
        ((at * at * 31 + 7 * at + lane * 1001) % 257) as f32 - 128.0
    }

    #[test]
    fn the_spectrum_is_that_of_the_definition() {
        let mut spectrum = Spectrum::ZERO;
        let mut transform = Transform::NEW;
        transform.forward(&window(sample), &mut spectrum);
        for lane in 0..2 {
            for k in 0..BINS {
                let terms: Vec<(f64, f64)> = (0..WINDOW)
                    .map(|at| {
                        let angle = -core::f64::consts::TAU * (at * k) as f64 / WINDOW as f64;
                        (f64::from(sample(at, lane)) * angle.cos(), f64::from(sample(at, lane)) * angle.sin())
                    })
                    .collect();
                let (re, im) = terms.iter().fold((0.0, 0.0), |sum, term| (sum.0 + term.0, sum.1 + term.1));
                let off = (f64::from(spectrum.re[k][lane]) - re).hypot(f64::from(spectrum.im[k][lane]) - im);
                assert!(off < 0.01, "lane {lane}, {} Hz: off by {off}", 50 * k);
            }
        }
    }

    #[test]
    fn half_a_window_may_be_left_out() {
        let (mut whole, mut half) = (Spectrum::ZERO, Spectrum::ZERO);
        let mut transform = Transform::NEW;
        transform.forward_first_half(&window(sample), &mut half);
        transform.forward(&window(|at, lane| if at < WINDOW / 2 { sample(at, lane) } else { 0.0 }), &mut whole);
        assert_eq!((half.re, half.im), (whole.re, whole.im));
    }

    #[test]
    fn the_inverse_gives_the_window_back() {
        let (mut spectrum, mut back) = (Spectrum::ZERO, Window::SILENCE);
        let given = window(sample);
        let mut transform = Transform::NEW;
        transform.forward(&given, &mut spectrum);
        transform.inverse(&spectrum, &mut back);
        for at in 0..HALF {
            for lane in 0..2 {
                assert!((given.re[at][lane] - back.re[at][lane]).abs() < 1e-3, "sample {}", 2 * at);
                assert!((given.im[at][lane] - back.im[at][lane]).abs() < 1e-3, "sample {}", 2 * at + 1);
            }
        }
    }
}
