//! A Fourier transform of 160 real samples for all lanes at once.
//!
//! Two neighbouring samples are one complex number; 80 of these are transformed in steps of 4, 4 and 5 from one array to the
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

/// A row made lane by lane.
#[inline(always)]
pub(crate) fn lanes<const LANES: usize>(of: impl FnMut(usize) -> f32) -> Row<LANES> {
    core::array::from_fn(of)
}

/// Products, lane by lane.
#[inline(always)]
pub(crate) fn mul<const LANES: usize>(a: &Row<LANES>, b: &Row<LANES>) -> Row<LANES> {
    lanes(|lane| a[lane] * b[lane])
}

/// A complex number of each lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<const LANES: usize> {
    pub(crate) re: Row<LANES>,
    pub(crate) im: Row<LANES>,
}

impl<const LANES: usize> Value<LANES> {
    #[inline(always)]
    pub(crate) fn power(&self) -> Row<LANES> {
        lanes(|lane| self.re[lane] * self.re[lane] + self.im[lane] * self.im[lane])
    }

    /// This number, and by this share the other.
    #[inline(always)]
    pub(crate) fn mixed(&self, other: &Self, share: &Row<LANES>) -> Self {
        Self {
            re: lanes(|lane| self.re[lane] + share[lane] * (other.re[lane] - self.re[lane])),
            im: lanes(|lane| self.im[lane] + share[lane] * (other.im[lane] - self.im[lane])),
        }
    }

    /// `from` plus `share` of the product of `what` and this number's conjugate.
    #[inline(always)]
    pub(crate) fn towards(&self, what: &Self, share: &Row<LANES>, from: &Self) -> Self {
        let (re, im) = (mul(&what.re, share), mul(&what.im, share));
        Self {
            re: lanes(|lane| from.re[lane] + (self.re[lane] * re[lane] + self.im[lane] * im[lane])),
            im: lanes(|lane| from.im[lane] + (self.re[lane] * im[lane] - self.im[lane] * re[lane])),
        }
    }
}

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

    #[inline(always)]
    fn at(&self, k: usize) -> Value<LANES> {
        Value { re: self.re[k], im: self.im[k] }
    }

    #[inline(always)]
    fn put(&mut self, k: usize, value: &Value<LANES>) {
        self.re[k] = value.re;
        self.im[k] = value.im;
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

    #[inline(always)]
    pub(crate) fn at(&self, k: usize) -> Value<LANES> {
        Value { re: self.re[k], im: self.im[k] }
    }

    #[inline(always)]
    pub(crate) fn put(&mut self, k: usize, value: &Value<LANES>) {
        self.re[k] = value.re;
        self.im[k] = value.im;
    }
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

/// The 80th, 20th and 160th roots of one, clockwise.
static ROOTS_80: [(f32, f32); 58] = roots(80);
static ROOTS_20: [(f32, f32); 13] = roots(20);
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
        first4::<LANES, 4>(&window.re, &window.im, &mut self.a.re, &mut self.a.im);
        self.finish(spectrum);
    }

    /// Spectrum of a window whose second half is taken for silence.
    #[inline(always)]
    pub(crate) fn forward_first_half(&mut self, window: &Window<LANES>, spectrum: &mut Spectrum<LANES>) {
        // Every twentieth number is met: of the first half's forty those are two.
        first4::<LANES, 2>(&window.re, &window.im, &mut self.a.re, &mut self.a.im);
        self.finish(spectrum);
    }

    /// The later steps, and the spectrum of real samples out of that of pairs.
    #[inline(always)]
    fn finish(&mut self, spectrum: &mut Spectrum<LANES>) {
        let Self { a, b } = self;
        then4(&a.re, &a.im, &mut b.re, &mut b.im);
        last5(&b.re, &b.im, &mut a.re, &mut a.im);
        for k in 0..=HALF / 2 {
            let (cos, sin) = ROOTS_160[k];
            let (near, far) = (k, HALF - k);
            let mirror = far % HALF;
            let (z, m) = (a.at(near), a.at(mirror));
            let (mut one, mut other) = (z, z);
            for lane in 0..LANES {
                // The even samples' spectrum, and the odd ones' turned back by half a step.
                let (er, ei) = (0.5 * (z.re[lane] + m.re[lane]), 0.5 * (z.im[lane] - m.im[lane]));
                let (or, oi) = (0.5 * (z.im[lane] + m.im[lane]), 0.5 * (m.re[lane] - z.re[lane]));
                let (tr, ti) = (or * cos - oi * sin, or * sin + oi * cos);
                (one.re[lane], one.im[lane]) = (er + tr, ei + ti);
                (other.re[lane], other.im[lane]) = (er - tr, ti - ei);
            }
            spectrum.put(near, &one);
            spectrum.put(far, &other);
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
            let (x, m) = (spectrum.at(near), spectrum.at(far));
            let (mut one, mut other) = (x, x);
            for lane in 0..LANES {
                let (xr, xi) = (x.re[lane] * SCALE, x.im[lane] * SCALE);
                let (mr, mi) = (m.re[lane] * SCALE, m.im[lane] * SCALE);
                let (er, ei) = (xr + mr, xi - mi);
                let (tr, ti) = (xr - mr, xi + mi);
                let (or, oi) = (tr * cos + ti * sin, ti * cos - tr * sin);
                (one.re[lane], one.im[lane]) = (er - oi, ei + or);
                (other.re[lane], other.im[lane]) = (er + oi, or - ei);
            }
            // At 0 both name the same number, and agree.
            a.put(mirror, &other);
            a.put(near, &one);
        }
        // The inverse is the transform with the parts exchanged.
        first4::<LANES, 4>(&a.im, &a.re, &mut b.im, &mut b.re);
        then4(&b.im, &b.re, &mut a.im, &mut a.re);
        last5(&a.im, &a.re, &mut window.im, &mut window.re);
    }
}

type Part<const LANES: usize> = [Row<LANES>; HALF];

/// The first step: twenty transforms of four numbers, of which only the first `HELD` are not zero.
#[inline(always)]
fn first4<const LANES: usize, const HELD: usize>(
    re: &Part<LANES>,
    im: &Part<LANES>,
    out_re: &mut Part<LANES>,
    out_im: &mut Part<LANES>,
) {
    for p in 0..20 {
        let turn = [ROOTS_80[p], ROOTS_80[2 * p], ROOTS_80[3 * p]];
        let (from_re, from_im) = ([0, 1, 2, 3].map(|j| re[p + 20 * j]), [0, 1, 2, 3].map(|j| im[p + 20 * j]));
        let (mut to_re, mut to_im) = (from_re, from_im);
        for lane in 0..LANES {
            let from = |j: usize| if j < HELD { (from_re[j][lane], from_im[j][lane]) } else { (0.0, 0.0) };
            let [zero, one, two, three] = four([from(0), from(1), from(2), from(3)]);
            (to_re[0][lane], to_im[0][lane]) = zero;
            (to_re[1][lane], to_im[1][lane]) = turned(one, turn[0]);
            (to_re[2][lane], to_im[2][lane]) = turned(two, turn[1]);
            (to_re[3][lane], to_im[3][lane]) = turned(three, turn[2]);
        }
        out_re[4 * p..4 * p + 4].copy_from_slice(&to_re);
        out_im[4 * p..4 * p + 4].copy_from_slice(&to_im);
    }
}

type Complex = (f32, f32);

#[inline(always)]
fn turned((re, im): Complex, (cos, sin): Complex) -> Complex {
    (re * cos - im * sin, re * sin + im * cos)
}

/// A transform of four numbers.
#[inline(always)]
fn four([a, b, c, d]: [Complex; 4]) -> [Complex; 4] {
    let (s, t) = ((a.0 + c.0, a.1 + c.1), (b.0 + d.0, b.1 + d.1));
    let (u, v) = ((a.0 - c.0, a.1 - c.1), (b.0 - d.0, b.1 - d.1));
    [(s.0 + t.0, s.1 + t.1), (u.0 + v.1, u.1 - v.0), (s.0 - t.0, s.1 - t.1), (u.0 - v.1, u.1 + v.0)]
}

/// Rows next to each other are one long one, which a compiler takes for what it is: the same work on many numbers.
#[inline(always)]
fn run<const LANES: usize>(part: &Part<LANES>, from: usize, len: usize) -> &[f32] {
    part[from..from + len].as_flattened()
}

/// The second step: five times four transforms of four numbers.
#[inline(always)]
fn then4<const LANES: usize>(re: &Part<LANES>, im: &Part<LANES>, out_re: &mut Part<LANES>, out_im: &mut Part<LANES>) {
    for p in 0..5 {
        let turn = [ROOTS_20[p], ROOTS_20[2 * p], ROOTS_20[3 * p]];
        let [re0, re1, re2, re3] = [0, 1, 2, 3].map(|j| run(re, 4 * p + 20 * j, 4));
        let [im0, im1, im2, im3] = [0, 1, 2, 3].map(|j| run(im, 4 * p + 20 * j, 4));
        let (to_re, to_im) =
            (out_re[16 * p..16 * p + 16].as_flattened_mut(), out_im[16 * p..16 * p + 16].as_flattened_mut());
        let [tr0, tr1, tr2, tr3] = parts(to_re);
        let [ti0, ti1, ti2, ti3] = parts(to_im);
        for at in 0..4 * LANES {
            let from = [(re0[at], im0[at]), (re1[at], im1[at]), (re2[at], im2[at]), (re3[at], im3[at])];
            let [zero, one, two, three] = four(from);
            (tr0[at], ti0[at]) = zero;
            (tr1[at], ti1[at]) = turned(one, turn[0]);
            (tr2[at], ti2[at]) = turned(two, turn[1]);
            (tr3[at], ti3[at]) = turned(three, turn[2]);
        }
    }
}

/// Equal parts of a slice.
#[inline(always)]
fn parts<const N: usize>(whole: &mut [f32]) -> [&mut [f32]; N] {
    let len = whole.len() / N;
    let mut rest = whole;
    core::array::from_fn(|_| {
        let (part, behind) = core::mem::take(&mut rest).split_at_mut(len);
        rest = behind;
        part
    })
}

/// The last step: sixteen transforms of five numbers.
#[inline(always)]
fn last5<const LANES: usize>(re: &Part<LANES>, im: &Part<LANES>, out_re: &mut Part<LANES>, out_im: &mut Part<LANES>) {
    // Cosines and sines of a fifth and two fifths of a turn.
    const C1: f32 = 0.309_017;
    const C2: f32 = -0.809_017;
    const S1: f32 = 0.951_056_5;
    const S2: f32 = 0.587_785_25;
    let [re0, re1, re2, re3, re4] = [0, 1, 2, 3, 4].map(|j| run(re, 16 * j, 16));
    let [im0, im1, im2, im3, im4] = [0, 1, 2, 3, 4].map(|j| run(im, 16 * j, 16));
    let [tr0, tr1, tr2, tr3, tr4] = parts(out_re.as_flattened_mut());
    let [ti0, ti1, ti2, ti3, ti4] = parts(out_im.as_flattened_mut());
    for at in 0..16 * LANES {
        let a0 = (re0[at], im0[at]);
        let (s14, s23) = ((re1[at] + re4[at], im1[at] + im4[at]), (re2[at] + re3[at], im2[at] + im3[at]));
        let (d14, d23) = ((re1[at] - re4[at], im1[at] - im4[at]), (re2[at] - re3[at], im2[at] - im3[at]));
        let m1 = (a0.0 + C1 * s14.0 + C2 * s23.0, a0.1 + C1 * s14.1 + C2 * s23.1);
        let m2 = (a0.0 + C2 * s14.0 + C1 * s23.0, a0.1 + C2 * s14.1 + C1 * s23.1);
        let n1 = (S1 * d14.0 + S2 * d23.0, S1 * d14.1 + S2 * d23.1);
        let n2 = (S2 * d14.0 - S1 * d23.0, S2 * d14.1 - S1 * d23.1);
        (tr0[at], ti0[at]) = (a0.0 + s14.0 + s23.0, a0.1 + s14.1 + s23.1);
        (tr1[at], ti1[at]) = (m1.0 + n1.1, m1.1 - n1.0);
        (tr2[at], ti2[at]) = (m2.0 + n2.1, m2.1 - n2.0);
        (tr3[at], ti3[at]) = (m2.0 - n2.1, m2.1 + n2.0);
        (tr4[at], ti4[at]) = (m1.0 - n1.1, m1.1 + n1.0);
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
