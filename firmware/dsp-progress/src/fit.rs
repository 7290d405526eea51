//! One or two frequencies from how the phase of a band turns from hop to hop.
//!
//! A band's values are, for one tone, a turning pointer; for two, the sum of two, which obeys a linear recurrence of second order (Prony);
//! for a tone with modulated level, a turning pointer of changing length. Whatever fits none of these is no tone.

use crate::complex::Complex;
use crate::spectrum::{BANDS, Hop, band_hz};
use dsp_math::sqrt;

/// Hops that a fit looks at: 50 ms.
pub(crate) const WINDOW: usize = 10;
/// Hops a second.
const RATE: f32 = 200.0;
/// Correlation of neighbouring hops from which there is only one tone.
const ONE_TONE: f32 = 0.985;
/// Part of the power that two tones may leave unexplained.
const TWO_TONES_REST: f32 = 0.04;
/// How nearly the turning pointer stays on its line.
const ON_A_LINE: f32 = 0.93;

/// What a window holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fit {
    pub(crate) hz: [f32; 2],
    pub(crate) modulated: bool,
    /// 0 to 1.
    pub(crate) purity: f32,
    pub(crate) band: usize,
    /// By what the pointer of a single tone turns in a hop, of length 1.
    pub(crate) step: Complex,
}

impl Fit {
    /// The same tone, to `share` of its frequency.
    pub(crate) fn is_like(&self, other: &Self, share: f32) -> bool {
        let near = |a: f32, b: f32| (a - b).abs() <= share * a.max(b);
        // A modulated tone may be taken for a pair by one window and not by the next.
        let middle = |fit: &Self| if fit.hz[1] > 0.0 { (fit.hz[0] + fit.hz[1]) / 2.0 } else { fit.hz[0] };
        near(middle(self), middle(other))
    }
}

/// The strongest band around `anchor` over the newest window. `hop(0)` is the oldest.
pub(crate) fn strongest_near<'a>(hop: impl Fn(usize) -> &'a Hop, anchor: usize) -> usize {
    let (mut band, mut most) = (anchor, 0.0);
    for candidate in anchor.saturating_sub(1)..=(anchor + 1).min(BANDS - 1) {
        let power = power_over(&hop, candidate);
        if power > most {
            (band, most) = (candidate, power);
        }
    }
    band
}

fn power_over<'a>(hop: &impl Fn(usize) -> &'a Hop, band: usize) -> f32 {
    (0..WINDOW).map(|at| hop(at).at(band).power()).sum()
}

/// Fits the newest window of a band.
pub(crate) fn fit<'a>(hop: impl Fn(usize) -> &'a Hop, band: usize) -> Option<Fit> {
    let mut z = [Complex::default(); WINDOW];
    for (at, value) in z.iter_mut().enumerate() {
        *value = hop(at).at(band);
    }
    let (mut turn, mut newer, mut older) = (Complex::default(), 0.0, 0.0);
    for at in 1..WINDOW {
        turn = turn.plus(z[at].times(z[at - 1].conj()));
        newer += z[at].power();
        older += z[at - 1].power();
    }
    let correlation = correlation(turn, newer, older);
    let one = band_hz(band) + offset(turn, band);
    if correlation >= ONE_TONE {
        return Some(Fit { hz: [one, 0.0], modulated: false, purity: correlation, band, step: unit(turn) });
    }
    let above = if band + 1 < BANDS - 1 { power_over(&hop, band + 1) } else { 0.0 };
    let below = if band > 0 { power_over(&hop, band - 1) } else { 0.0 };
    two_tones(&z, band, below, above).or_else(|| modulated(&z, band, one))
}

/// Of neighbouring hops, whose values turn by `turn` and have these powers.
pub(crate) fn correlation(turn: Complex, newer: f32, older: f32) -> f32 {
    sqrt(turn.power() / (newer * older).max(1.0))
}

fn unit(value: Complex) -> Complex {
    let size = sqrt(value.power());
    if size > 0.0 { value.scaled(1.0 / size) } else { value }
}

/// Hz from the band's middle, of a pointer that turns by `turn` in a hop.
pub(crate) fn offset(turn: Complex, band: usize) -> f32 {
    let turns = turn.turns() - band_hz(band) / RATE;
    let whole = (turns + 1000.5) as i32 - 1000;
    (turns - whole as f32) * RATE
}

/// Least squares forwards and backwards over `z[n] = p z[n-1] + q z[n-2]`, then the roots of that.
fn two_tones(z: &[Complex; WINDOW], band: usize, below: f32, above: f32) -> Option<Fit> {
    let (mut a, mut b, mut d) = (0.0, Complex::default(), 0.0);
    let (mut e, mut f, mut all) = (Complex::default(), Complex::default(), 0.0);
    for at in 2..WINDOW {
        let forwards = [z[at], z[at - 1], z[at - 2]];
        let backwards = [z[at - 2].conj(), z[at - 1].conj(), z[at].conj()];
        for [y, x1, x2] in [forwards, backwards] {
            a += x1.power();
            d += x2.power();
            b = b.plus(x1.conj().times(x2));
            e = e.plus(x1.conj().times(y));
            f = f.plus(x2.conj().times(y));
            all += y.power();
        }
    }
    let determinant = a * d - b.power();
    if determinant <= 1e-4 * a * d {
        return None;
    }
    let p = e.scaled(d).minus(b.times(f)).scaled(1.0 / determinant);
    let q = f.scaled(a).minus(b.conj().times(e)).scaled(1.0 / determinant);
    let explained = p.conj().times(e).re + q.conj().times(f).re;
    let rest = (1.0 - explained / all.max(1.0)).max(0.0);
    if rest > TWO_TONES_REST {
        return None;
    }
    let root = p.times(p).plus(q.scaled(4.0)).root();
    let roots = [p.plus(root).scaled(0.5), p.minus(root).scaled(0.5)];
    // A tone neither grows nor fades.
    if roots.iter().any(|root| !(0.8..1.25).contains(&root.power())) {
        return None;
    }
    let hz = roots.map(|root| band_hz(band) + unfolded(offset(root, band), below, above));
    let (low, high) = (hz[0].min(hz[1]), hz[0].max(hz[1]));
    (high - low >= 12.0).then_some(Fit {
        hz: [low, high],
        modulated: false,
        purity: 1.0 - rest,
        band,
        step: Complex::default(),
    })
}

/// Far from the middle, +80 Hz and -120 Hz turn alike: the stronger neighbour tells.
fn unfolded(offset: f32, below: f32, above: f32) -> f32 {
    if offset > 60.0 && below > 4.0 * above {
        offset - RATE
    } else if offset < -60.0 && above > 4.0 * below {
        offset + RATE
    } else {
        offset
    }
}

/// Turned back by its carrier, a tone whose level is modulated stays on a line through the origin.
fn modulated(z: &[Complex; WINDOW], band: usize, hz: f32) -> Option<Fit> {
    let mut carrier = Complex::default();
    for at in 1..WINDOW {
        carrier = carrier.plus(z[at].times(z[at - 1].conj()));
    }
    let step = unit(carrier).conj();
    let (mut back, mut squares, mut powers) = (Complex::new(1.0, 0.0), Complex::default(), 0.0);
    for value in z {
        let turned = value.times(back);
        squares = squares.plus(turned.times(turned));
        powers += turned.power();
        back = back.times(step);
    }
    let line = sqrt(squares.power()) / powers.max(1.0);
    (line >= ON_A_LINE).then_some(Fit { hz: [hz, 0.0], modulated: true, purity: line, band, step: Complex::default() })
}
