//! Whether the last 15 ms were a signal.
//!
//! **R2.** The pair in question is fitted to them by least squares, which takes what each of the two tones leaves at the other's frequency
//! out of both, so that 15 ms tell tones 120 Hz apart. What the fitted pair then leaves unexplained of all that is heard at the six
//! frequencies, hop by hop, says in one number whether a third tone is there, whether the tones are elsewhere, and whether they
//! are there all the time.
//!
//! **R1.** Its frequencies lie 200 Hz apart, so that in a hop none shows at another's place, and may be off by far more. Each hop by itself
//! must hold the pair, and little else at the six frequencies.

use crate::BLOCK;
use crate::signal::{Register, TONES};
use crate::spectrum::{Eight, HOP, HOPS, Hop, Leaks, Tables};
use base::Dbm0;
use dsp_math::ratio_of_db;

/// What differs between the registers.
struct Kind {
    /// Weaker tones are none.
    least: Dbm0,
    /// Most of the difference between the two tones.
    twist_db: f32,
    look: Look,
}

/// How a pair is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Fitted to all hops at once.
    Close,
    /// Hop by hop.
    Rough,
}

impl Kind {
    const fn of(register: Register) -> Self {
        match register {
            // Between -35 dBm0, which must be heard, and -42 dBm0, which must not; 7 dB must be taken (Q.455).
            Register::Forward | Register::Backward => Self { least: Dbm0(-38.5), twist_db: 9.0, look: Look::Close },
            // -22 dBm0 must be heard, 6 dB must be taken, 1.5 % and 10 Hz of offset too (Q.323); both
            // together look like 10 dB.
            Register::Bell => Self { least: Dbm0(-26.0), twist_db: 11.0, look: Look::Rough },
        }
    }
}

/// Share of what is heard that may be something else. A signal of 9 ms leaves more, wherever it lies in the 15.
const UNEXPLAINED: f32 = 0.15;
/// The same, hop by hop: one tone 6 dB weaker than the other and both off by all they may leave less.
const UNEXPLAINED_ROUGHLY: f32 = 0.25;
/// Share of its most in any hop that a tone has in each: less where a neighbour's offset beats with it, more than in 9 ms of it.
const EVEN: f32 = 0.12;
/// Cosine of the furthest that a tone's phase may turn from hop to hop beyond what it should.
const FURTHEST: f32 = -0.35;
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
    look: Look,
}

/// Square of the amplitude of a sine.
fn square(level: Dbm0) -> f32 {
    let peak = 32_768.0 * ratio_of_db(level.0 - Dbm0::ALAW_FULL_SCALE.0);
    peak * peak
}

impl Limits {
    pub(crate) fn of(register: Register) -> Self {
        let kind = Kind::of(register);
        let twist = ratio_of_db(kind.twist_db);
        let echo = square(ECHO) / 2.0 * BLOCK as f32;
        Self { least: square(kind.least), twist: twist * twist, echo, look: kind.look }
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
        match limits.look {
            Look::Close => {
                let tones = self.fitted(places);
                self.is_pair(tones.map(|tone| tone.square()), limits) && self.is_explained(&tones)
            }
            Look::Rough => self.seen(places).is_some_and(|squares| self.is_pair(squares, limits)),
        }
    }

    #[inline(always)]
    fn is_pair(&self, [one, other]: [f32; 2], limits: &Limits) -> bool {
        one.min(other) >= limits.least
            && one.max(other) <= one.min(other) * limits.twist
            && self.is_alone((one + other) / 2.0 * BLOCK as f32, limits)
    }

    /// The squares of the two amplitudes, if each hop holds the pair and little else: the least of the weaker tone, which a neighbour
    /// that is off hides in part and a hop's edge makes stronger, and the most of the stronger one.
    fn seen(&self, places: [usize; 2]) -> Option<[f32; 2]> {
        let (mut least, mut most) = ([f32::MAX; 2], [0.0_f32; 2]);
        for hop in self.hops {
            let power = |at: usize| hop.even[at] * hop.even[at] + hop.odd[at] * hop.odd[at];
            let all: f32 = (0..TONES).map(power).sum();
            let pair = places.map(power);
            if all - pair[0] - pair[1] > UNEXPLAINED_ROUGHLY * all {
                return None;
            }
            for at in 0..2 {
                least[at] = least[at].min(pair[at]);
                most[at] = most[at].max(pair[at]);
            }
        }
        let even = (0..2).all(|at| least[at] >= EVEN * most[at] && self.is_near(places[at]));
        let pair = if most[0] > most[1] { [most[0], least[1]] } else { [least[0], most[1]] };
        // A tone of amplitude a leaves half a hop of it.
        even.then_some(pair.map(|power| power / (HOP * HOP / 4) as f32))
    }

    /// Whether the tone at this place is off by less than 60 Hz or so, by how its phase turns: 50 Hz are a quarter of a turn in a hop.
    fn is_near(&self, place: usize) -> bool {
        let tone = |hop: &Hop| Tone { place, even: hop.even[place], odd: hop.odd[place] };
        let [first, middle, last] = self.hops.map(tone);
        let along = |tone: Tone, next: Tone| {
            let expected = tone.about(1.0, self.tables);
            expected.even * next.even + expected.odd * next.odd
        };
        let size = middle.square() + 0.5 * (first.square() + last.square());
        along(first, middle) + along(middle, last) > FURTHEST * size
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
