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
    /// Power of each of its tones when it was recognised.
    power: [f32; 2],
    /// Blocks in a row that had only one of the two.
    alone: u8,
}

/// One channel.
#[derive(Clone)]
pub(crate) struct Lane {
    tables: &'static Tables,
    limits: Limits,
    /// The latter half of the block before.
    before: Hop,
    held: Option<Held>,
}

impl Lane {
    pub(crate) fn new(register: Register) -> Self {
        Self { tables: Tables::of(register), limits: Limits::of(register), before: Hop::SILENT, held: None }
    }

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK], tell: &mut impl FnMut(MfEvent)) {
        let tables = self.tables;
        let (halves, _) = block.as_chunks::<HOP>();
        let (first, last) = (Hop::of(&halves[0], tables), Hop::of(&halves[1], tables));
        let hops = [&self.before, &first, &last];
        let powers = powers(&hops, tables);
        // The usual cases first: the signal that was there lasts, or there was none and is nothing like one.
        let usual = match &mut self.held {
            Some(held) => held.lasts(&powers),
            None => !is_narrow(&powers),
        };
        if !usual {
            judge(&mut self.held, &powers, &Window { hops, block, tables }, &self.limits, tell);
        }
        self.before = last;
    }
}

/// What is on the line now, after what was.
#[inline(always)]
fn judge(held: &mut Option<Held>, powers: &Eight, window: &Window, limits: &Limits, tell: &mut impl FnMut(MfEvent)) {
    if let Some(before) = held
        && !before.goes_on(powers)
    {
        tell(MfEvent::Ended(signal_of(before.places)));
        *held = None;
    }
    let is_held = |&places: &[usize; 2]| held.as_ref().is_some_and(|held| held.places == places);
    let Some(places) = strongest(powers, limits).filter(|places| !is_held(places)) else { return };
    if !window.is_signal(places, limits) {
        return;
    }
    if let Some(before) = held {
        tell(MfEvent::Ended(signal_of(before.places)));
    }
    tell(MfEvent::Began(signal_of(places)));
    *held = Some(Held { places, power: places.map(|at| powers[at]), alone: 0 });
}

impl Held {
    /// Whether it is there as before, and alone.
    #[inline(always)]
    fn lasts(&mut self, powers: &Eight) -> bool {
        let [one, other] = self.places.map(|at| powers[at]);
        let lasts = one + other >= PAIR * sum(powers) && one >= self.power[0] / 2.0 && other >= self.power[1] / 2.0;
        if lasts {
            self.alone = 0;
        }
        lasts
    }

    /// Whether it is there still. A gap or the loss of one tone is bridged for a while.
    #[inline(always)]
    fn goes_on(&mut self, powers: &Eight) -> bool {
        let now = self.places.map(|at| powers[at]);
        let over = |now: f32, then: f32| now < then * OVER;
        let one_is_over = over(now[0], self.power[0]) || over(now[1], self.power[1]);
        self.alone = if one_is_over { self.alone + 1 } else { 0 };
        !over(now[0] + now[1], self.power[0] + self.power[1]) && self.alone < ALONE
    }
}

/// Whether two of the powers may have [`PAIR`] of all: then the sum of squares is as large as this.
#[inline(always)]
fn is_narrow(powers: &Eight) -> bool {
    let sum_of_squares = sum(&powers.map(|power| power * power));
    let sum = sum(powers);
    sum_of_squares > PAIR * PAIR / 2.0 * (sum * sum)
}

#[inline(always)]
fn sum(eight: &Eight) -> f32 {
    let four: [f32; 4] = core::array::from_fn(|at| eight[at] + eight[at + 4]);
    (four[0] + four[2]) + (four[1] + four[3])
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
    // Generous: the verdict looks closely.
    let strong = powers[other] >= limits.least * (GAIN / 4.0) && powers[one] <= powers[other] * limits.twist * 1.5;
    (strong && powers[one] + powers[other] >= PAIR * sum(powers)).then_some([one.min(other), one.max(other)])
}
