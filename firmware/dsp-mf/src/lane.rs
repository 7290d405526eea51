//! One channel's receiver.

use crate::BLOCK;
use crate::bank::MfEvent;
use crate::signal::{Register, TONES, signal_of};
use crate::spectrum::{Eight, GAIN, HOP, Hop, Tables, powers};
use crate::verdict::{Limits, Window};

/// Share of all that is seen that the two strongest frequencies must have to be looked at closely.
const PAIR: f32 = 0.9;
/// Share of its power below which a signal is over. A gap of 7 ms leaves at least 0.06, even where the tones beat against each other.
const OVER: f32 = 0.045;
/// Blocks for which one of the two tones may be missing.
const ALONE: u8 = 3;

/// A signal that is on the line.
#[derive(Clone, Copy)]
struct Held {
    places: [usize; 2],
    /// The most that was seen of each of its tones.
    most: [f32; 2],
    /// Blocks in a row that had only one of the two.
    alone: u8,
}

/// One channel.
#[derive(Clone)]
pub(crate) struct Lane {
    tables: &'static Tables,
    /// The latter half of the block before.
    before: Hop,
    held: Option<Held>,
}

impl Lane {
    pub(crate) const fn new(register: Register) -> Self {
        Self { tables: Tables::of(register), before: Hop::SILENT, held: None }
    }

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK], limits: &Limits, tell: &mut impl FnMut(MfEvent)) {
        let tables = self.tables;
        let (halves, _) = block.as_chunks::<HOP>();
        let (first, last) = (Hop::of(&halves[0], tables), Hop::of(&halves[1], tables));
        let hops = [&self.before, &first, &last];
        let powers = powers(&hops, tables);
        // The usual case first: nothing like a signal, and none was there.
        if self.held.is_some() || is_narrow(&powers) {
            self.held = judged(self.held, &powers, &Window { hops, block, tables }, limits, tell);
        }
        self.before = last;
    }
}

/// What is on the line now, after what was.
#[inline(always)]
fn judged(
    before: Option<Held>,
    powers: &Eight,
    window: &Window,
    limits: &Limits,
    tell: &mut impl FnMut(MfEvent),
) -> Option<Held> {
    let shown = strongest(powers, limits);
    let held = before.and_then(|held| held.after(powers, shown));
    if let (Some(over), None) = (before, held) {
        tell(MfEvent::Ended(signal_of(over.places)));
    }
    let Some(places) = shown.filter(|&places| held.is_none_or(|held| held.places != places)) else { return held };
    if !window.is_signal(places, limits) {
        return held;
    }
    if let Some(over) = held {
        tell(MfEvent::Ended(signal_of(over.places)));
    }
    tell(MfEvent::Began(signal_of(places)));
    Some(Held { places, most: places.map(|at| powers[at]), alone: 0 })
}

impl Held {
    /// The same one block later, if it goes on.
    #[inline(always)]
    fn after(mut self, powers: &Eight, shown: Option<[usize; 2]>) -> Option<Self> {
        let now = self.places.map(|at| powers[at]);
        if shown == Some(self.places) {
            self.most = core::array::from_fn(|at| if now[at] > self.most[at] { now[at] } else { self.most[at] });
        }
        let over = |now: f32, most: f32| now < most * OVER;
        let one_is_over = over(now[0], self.most[0]) || over(now[1], self.most[1]);
        self.alone = if one_is_over { self.alone + 1 } else { 0 };
        let goes_on = !over(now[0] + now[1], self.most[0] + self.most[1]) && self.alone < ALONE;
        goes_on.then_some(self)
    }
}

/// Whether two of the powers may have [`PAIR`] of all: then the sum of squares is as large as this.
#[inline(always)]
fn is_narrow(powers: &Eight) -> bool {
    let sums: [f32; 4] = core::array::from_fn(|at| powers[at] + powers[at + 4]);
    let squares: [f32; 4] = core::array::from_fn(|at| powers[at] * powers[at] + powers[at + 4] * powers[at + 4]);
    let [sum, squares] = [sums, squares].map(|four| (four[0] + four[1]) + (four[2] + four[3]));
    squares > PAIR * PAIR / 2.0 * (sum * sum)
}

/// The two strongest frequencies, the smaller place first, if they may be a signal.
#[inline(always)]
fn strongest(powers: &Eight, limits: &Limits) -> Option<[usize; 2]> {
    let (mut one, mut other) = (0, 1);
    if powers[other] > powers[one] {
        (one, other) = (other, one);
    }
    for at in 2..TONES {
        if powers[at] > powers[one] {
            (one, other) = (at, one);
        } else if powers[at] > powers[other] {
            other = at;
        }
    }
    let sum: f32 = powers.iter().sum();
    // Generous: the verdict looks closely.
    let strong = powers[other] >= limits.least * (GAIN / 4.0) && powers[one] <= powers[other] * limits.twist * 2.0;
    (strong && powers[one] + powers[other] >= PAIR * sum).then_some([one.min(other), one.max(other)])
}
