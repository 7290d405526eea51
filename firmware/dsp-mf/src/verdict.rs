//! Whether the last 15 ms were a signal.
//!
//! The pair in question is fitted to them by least squares, which takes what each of the two tones leaves at the other's frequency
//! out of both, so that 15 ms tell tones 120 Hz apart. What the fitted pair then leaves unexplained of all that is heard at the six
//! frequencies, hop by hop, says in one number whether a third tone is there, whether the tones are elsewhere, and whether they
//! are there all the time.

use crate::BLOCK;
use crate::signal::TONES;
use crate::spectrum::{Eight, HOPS, Hop, Leaks, Tables};
use base::Dbm0;
use dsp_math::ratio_of_db;

/// Weaker tones are none: between -35 dBm0, which must be heard, and -42 dBm0, which must not (Q.455).
const LEAST: Dbm0 = Dbm0(-38.5);
/// Of the two tones; 7 dB must be taken (Q.455).
const TWIST_DB: f32 = 9.0;
/// Share of what is heard that may be something else. A signal of 9 ms leaves more, wherever it lies in the 15.
const UNEXPLAINED: f32 = 0.15;
/// All sound beside the signal may be so much of it,
const BESIDE: f32 = 1.0;
/// and anyway so loud: the echo of what is sent at the same time, two tones of -11.5 dBm0, comes back at -28.5 dBm0 or less.
const ECHO: Dbm0 = Dbm0(-25.0);

/// Limits in the units of samples.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Least square of an amplitude.
    pub(crate) least: f32,
    /// Most of the ratio of the two squares.
    pub(crate) twist: f32,
    /// Energy that a block may have beside the signal.
    echo: f32,
}

/// Square of the amplitude of a sine.
fn square(level: Dbm0) -> f32 {
    let peak = 32_768.0 * ratio_of_db(level.0 - Dbm0::ALAW_FULL_SCALE.0);
    peak * peak
}

impl Limits {
    pub(crate) fn new() -> Self {
        let twist = ratio_of_db(TWIST_DB);
        Self { least: square(LEAST), twist: twist * twist, echo: square(ECHO) / 2.0 * BLOCK as f32 }
    }
}

/// A tone about the window's middle: `even` cosines and `odd` sines.
#[derive(Clone, Copy)]
struct Tone {
    place: usize,
    even: f32,
    odd: f32,
}

impl Tone {
    fn square(&self) -> f32 {
        self.even * self.even + self.odd * self.odd
    }

    /// The same tone about the middle of another hop: -1, 0 or 1.
    fn about(self, hop: f32, tables: &Tables) -> Self {
        if hop == 0.0 {
            return self;
        }
        let (cos, sin) = (tables.turn.0[self.place], tables.turn.1[self.place] * hop);
        Self { even: self.even * cos + self.odd * sin, odd: self.odd * cos - self.even * sin, ..self }
    }
}

/// The last 15 ms.
pub(crate) struct Window<'a> {
    pub(crate) hops: [&'a Hop; HOPS],
    /// The samples of the last two hops.
    pub(crate) block: &'a [i16; BLOCK],
    pub(crate) tables: &'static Tables,
}

impl Window<'_> {
    /// Whether it is the signal of these two frequencies.
    #[inline(always)]
    pub(crate) fn is_signal(&self, places: [usize; 2], limits: &Limits) -> bool {
        let tones = self.fitted(places);
        let [one, other] = tones.map(|tone| tone.square());
        one.min(other) >= limits.least
            && one.max(other) <= one.min(other) * limits.twist
            && self.is_alone((one + other) / 2.0 * BLOCK as f32, limits)
            && self.is_explained(&tones)
    }

    #[inline(always)]
    fn fitted(&self, places: [usize; 2]) -> [Tone; 2] {
        let (tables, [first, middle, last]) = (self.tables, self.hops);
        let seen = places.map(|at| {
            let (cos, sin) = (tables.turn.0[at], tables.turn.1[at]);
            let even = (first.even[at] + last.even[at]) * cos + (first.odd[at] - last.odd[at]) * sin;
            let odd = (first.odd[at] + last.odd[at]) * cos + (last.even[at] - first.even[at]) * sin;
            (even + middle.even[at], odd + middle.odd[at])
        });
        let Leaks { even, odd } = &tables.window;
        let evens = solved(even, places, seen.map(|(even, _)| even));
        let odds = solved(odd, places, seen.map(|(_, odd)| odd));
        core::array::from_fn(|at| Tone { place: places[at], even: evens[at], odd: odds[at] })
    }

    #[inline(always)]
    fn is_explained(&self, tones: &[Tone; 2]) -> bool {
        let Leaks { even, odd } = &self.tables.hop;
        let (mut heard, mut rest) = ([0.0; 8], [0.0; 8]);
        for (hop, number) in self.hops.iter().zip([-1.0, 0.0, 1.0]) {
            let [one, other] = tones.map(|tone| tone.about(number, self.tables));
            for at in 0..8 {
                let evens = hop.even[at] - one.even * even[one.place][at] - other.even * even[other.place][at];
                let odds = hop.odd[at] - one.odd * odd[one.place][at] - other.odd * odd[other.place][at];
                rest[at] += evens * evens + odds * odds;
                heard[at] += hop.even[at] * hop.even[at] + hop.odd[at] * hop.odd[at];
            }
        }
        rest.iter().sum::<f32>() <= UNEXPLAINED * heard.iter().sum::<f32>()
    }

    #[inline(always)]
    fn is_alone(&self, signal: f32, limits: &Limits) -> bool {
        // Partial sums, so that the order of additions is the same on every processor.
        let mut energy = [0.0; 8];
        let (rows, _) = self.block.as_chunks::<8>();
        for row in rows {
            for at in 0..8 {
                energy[at] += f32::from(row[at]) * f32::from(row[at]);
            }
        }
        let beside = energy.iter().sum::<f32>() - signal;
        beside <= BESIDE * signal || beside <= limits.echo
    }
}

#[inline(always)]
fn solved(leaks: &[Eight; TONES], [one, other]: [usize; 2], seen: [f32; 2]) -> [f32; 2] {
    let (own, across, others) = (leaks[one][one], leaks[one][other], leaks[other][other]);
    let determinant = own * others - across * across;
    [(seen[0] * others - seen[1] * across) / determinant, (seen[1] * own - seen[0] * across) / determinant]
}
