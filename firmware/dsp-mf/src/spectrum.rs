//! A register's six frequencies in hops of 5 ms.
//!
//! A hop is folded about its middle: sums of mirrored samples meet only cosines, differences only sines, which halves the
//! products. The frequencies are the inner loop, one vector register wide; two places of it stay empty.

use crate::signal::{Register, TONES};
use core::f64::consts::TAU;
use dsp_math::{const_sin_cos, folded, in_memory};

/// Samples in a hop.
pub(crate) const HOP: usize = 40;
const HALF: usize = HOP / 2;
/// Hops in what is judged: 15 ms.
pub(crate) const HOPS: usize = 3;

/// One value for each frequency, and two empty places.
pub(crate) type Eight = [f32; 8];

/// What a sine at one frequency leaves at all of them, for its even part and for its odd one: [frequency][seen at].
pub(crate) struct Leaks {
    pub(crate) even: [Eight; TONES],
    pub(crate) odd: [Eight; TONES],
}

/// Constants of a register.
pub(crate) struct Tables {
    cosines: [Eight; HALF],
    sines: [Eight; HALF],
    /// What a tone's phase gains from one hop to the next: its cosine and sine.
    pub(crate) turn: (Eight, Eight),
    /// Over a hop, and over all hops judged.
    pub(crate) hop: Leaks,
    pub(crate) window: Leaks,
}

static FORWARD: Tables = Tables::new(Register::Forward);
static BACKWARD: Tables = Tables::new(Register::Backward);
static BELL: Tables = Tables::new(Register::Bell);

const fn radians_a_sample(register: Register, tone: usize) -> f64 {
    TAU * register.hz()[tone] as f64 / 8000.0
}

impl Tables {
    pub(crate) const fn of(register: Register) -> &'static Self {
        match register {
            Register::Forward => &FORWARD,
            Register::Backward => &BACKWARD,
            Register::Bell => &BELL,
        }
    }

    const fn new(register: Register) -> Self {
        let (mut cosines, mut sines) = ([[0.0; 8]; HALF], [[0.0; 8]; HALF]);
        let mut turn = ([0.0; 8], [0.0; 8]);
        let mut tone = 0;
        while tone < TONES {
            let mut at = 0;
            while at < HALF {
                let (sin, cos) = const_sin_cos(radians_a_sample(register, tone) * (at as f64 + 0.5));
                cosines[at][tone] = cos as f32;
                sines[at][tone] = sin as f32;
                at += 1;
            }
            let (sin, cos) = const_sin_cos(radians_a_sample(register, tone) * HOP as f64);
            turn.0[tone] = cos as f32;
            turn.1[tone] = sin as f32;
            tone += 1;
        }
        Self { cosines, sines, turn, hop: Leaks::over(HOP, register), window: Leaks::over(HOPS * HOP, register) }
    }
}

impl Leaks {
    const fn over(samples: usize, register: Register) -> Self {
        let mut leaks = Self { even: [[0.0; 8]; TONES], odd: [[0.0; 8]; TONES] };
        let mut tone = 0;
        while tone < TONES {
            let mut at = 0;
            while at < TONES {
                let (own, other) = (radians_a_sample(register, tone), radians_a_sample(register, at));
                let (difference, sum) = (sum_of_cosines(own - other, samples), sum_of_cosines(own + other, samples));
                leaks.even[tone][at] = (0.5 * (difference + sum)) as f32;
                leaks.odd[tone][at] = (0.5 * (difference - sum)) as f32;
                at += 1;
            }
            tone += 1;
        }
        leaks
    }
}

/// Of a frequency over so many samples, phases counted from their middle.
const fn sum_of_cosines(radians_a_sample: f64, samples: usize) -> f64 {
    let (one, _) = const_sin_cos(radians_a_sample / 2.0);
    if one == 0.0 {
        return samples as f64;
    }
    let (all, _) = const_sin_cos(radians_a_sample / 2.0 * samples as f64);
    all / one
}

/// One hop seen at the six frequencies, phases counted from its middle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) even: Eight,
    pub(crate) odd: Eight,
}

impl Hop {
    pub(crate) const SILENT: Self = Self { even: [0.0; 8], odd: [0.0; 8] };

    #[inline(always)]
    pub(crate) fn of(samples: &[i16; HOP], tables: &Tables) -> Self {
        let (sums, differences): ([f32; HALF], [f32; HALF]) = folded(samples);
        Self {
            even: correlated(in_memory(&sums), &tables.cosines),
            odd: correlated(in_memory(&differences), &tables.sines),
        }
    }
}

/// One part of a hop at a time: with both in one loop the compiler leaves products in memory, 0.4 instructions a sample.
#[inline(always)]
fn correlated(values: &[f32; HALF], with: &[Eight; HALF]) -> Eight {
    let mut sums = [0.0; 8];
    for at in 0..HALF {
        for tone in 0..8 {
            sums[tone] += values[at] * with[at][tone];
        }
    }
    sums
}

/// Powers over three hops of which the middle one counts double: a tone 120 Hz away is seen 26 dB weaker, one of the other register
/// 20 dB. A tone of amplitude `a` has [`GAIN`] times `a` squared.
#[inline(always)]
pub(crate) fn powers(hops: &[&Hop; HOPS], tables: &Tables) -> Eight {
    let [first, middle, last] = hops;
    let (cos, sin) = &tables.turn;
    let mut powers = [0.0; 8];
    for at in 0..8 {
        let even = (first.even[at] + last.even[at]) * cos[at] + (first.odd[at] - last.odd[at]) * sin[at];
        let odd = (first.odd[at] + last.odd[at]) * cos[at] + (last.even[at] - first.even[at]) * sin[at];
        let (even, odd) = (even + 2.0 * middle.even[at], odd + 2.0 * middle.odd[at]);
        powers[at] = even * even + odd * odd;
    }
    *in_memory(&powers)
}

/// See [`powers`]: four hops' worth of half the amplitude.
pub(crate) const GAIN: f32 = (4 * HOP / 2 * 4 * HOP / 2) as f32;
