//! One channel's receiver.

use crate::BLOCK;
use crate::bank::MfEvent;
use crate::signal::{Register, signal_of};
use crate::spectrum::{Eight, GAIN, HOP, Hop, Tables, powers};
use crate::verdict::{Limits, is_signal};

/// Share of all that is seen that the two strongest frequencies must have to be looked at closely.
const PAIR: f32 = 0.75;
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
    pub(crate) fn block(&mut self, samples: &[i16; BLOCK], limits: &Limits, tell: &mut impl FnMut(MfEvent)) {
        let (halves, _) = samples.as_chunks::<HOP>();
        let [first, last] = [Hop::of(&halves[0], self.tables), Hop::of(&halves[1], self.tables)];
        let hops = [self.before, first, last];
        self.before = last;
        let powers = powers(&hops, self.tables);
        let (places, strong) = strongest(&powers, limits);
        // The usual case first: nothing like a signal, and none was there.
        if !strong && self.held.is_none() {
            return;
        }
        let shown = strong.then_some(places);
        if let Some(held) = &mut self.held {
            if held.places == places && strong {
                held.grow(&powers);
            }
            if !held.goes_on(&powers) {
                tell(MfEvent::Ended(signal_of(held.places)));
                self.held = None;
            }
        }
        let Some(places) = shown else { return };
        if self.held.is_some_and(|held| held.places == places)
            || !is_signal(places, &hops, samples, self.tables, limits)
        {
            return;
        }
        if let Some(held) = self.held {
            tell(MfEvent::Ended(signal_of(held.places)));
        }
        tell(MfEvent::Began(signal_of(places)));
        self.held = Some(Held { places, most: places.map(|at| powers[at]), alone: 0 });
    }
}

impl Held {
    fn grow(&mut self, powers: &Eight) {
        for (most, at) in self.most.iter_mut().zip(self.places) {
            *most = most.max(powers[at]);
        }
    }

    fn goes_on(&mut self, powers: &Eight) -> bool {
        let now = self.places.map(|at| powers[at]);
        let over = |now: f32, most: f32| now < most * OVER;
        let one_is_over = over(now[0], self.most[0]) || over(now[1], self.most[1]);
        self.alone = if one_is_over { self.alone + 1 } else { 0 };
        !over(now[0] + now[1], self.most[0] + self.most[1]) && self.alone < ALONE
    }
}

/// The two strongest frequencies, the smaller place first, and whether they may be a signal.
#[inline(always)]
fn strongest(powers: &Eight, limits: &Limits) -> ([usize; 2], bool) {
    // Powers are positive floats, which are ordered as their bits are; the lowest bits make room for the place.
    let mut keyed = [0_u32; 8];
    for at in 0..8 {
        keyed[at] = (powers[at].to_bits() & !7) | at as u32;
    }
    let mut sum = [0.0; 4];
    let (mut most, mut next) = ([0; 4], [0; 4]);
    for at in 0..4 {
        most[at] = keyed[at].max(keyed[at + 4]);
        next[at] = keyed[at].min(keyed[at + 4]);
        sum[at] = powers[at] + powers[at + 4];
    }
    for half in [2, 1] {
        for at in 0..half {
            next[at] = most[at].min(most[at + half]).max(next[at].max(next[at + half]));
            most[at] = most[at].max(most[at + half]);
            sum[at] += sum[at + half];
        }
    }
    let [one, other] = [most[0], next[0]].map(|key| f32::from_bits(key & !7));
    // Generous: the verdict looks closely.
    let strong = other >= limits.least * (GAIN / 4.0) && one <= other * limits.twist * 2.0;
    let (one_at, other_at) = ((most[0] & 7) as usize, (next[0] & 7) as usize);
    ([one_at.min(other_at), one_at.max(other_at)], strong && one + other >= PAIR * sum[0])
}
