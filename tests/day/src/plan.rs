//! Who calls whom, when, and what becomes of it: made from a seed before the day begins.

use crate::SPANS;
use base::{Digits, Instant};
use std::time::Duration;
use test_signals::Random;

/// One end of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// The subscriber's: the box.
    Box,
    /// The telephone network's.
    Exchange,
}

impl End {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Box, Self::Exchange];

    /// Its place in every pair of arrays.
    pub const fn at(self) -> usize {
        self as usize
    }

    /// The one at the span's other end.
    pub const fn other(self) -> Self {
        match self {
            Self::Box => Self::Exchange,
            Self::Exchange => Self::Box,
        }
    }
}

/// One of a call's two parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Who calls.
    Caller,
    /// Who is called.
    Called,
}

/// What is to become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is answered, and this party hangs up.
    Answered(Party),
    /// The called party is busy.
    Busy,
    /// The number is not in use.
    Unallocated,
    /// Nobody answers; the caller gives up.
    NoAnswer,
    /// The caller hangs up early: while the call is set up, or rung for a moment.
    Abandoned,
}

/// One call.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// When it is placed.
    pub at: Instant,
    /// The span that is tried first, then the others of its trunk group.
    pub span: usize,
    /// Where the caller is.
    pub from: End,
    /// The channel that the caller insists on; only where both ends are to meet on it.
    pub channel: Option<u8>,
    /// What is to become of it.
    pub fate: Fate,
    /// How long it is rung.
    pub ring: Duration,
    /// How long the parties talk.
    pub talk: Duration,
    /// What the caller keys, and what the called party does.
    pub keys: [Digits; 2],
    /// How much later than at once each party does what it does.
    pub lag: Duration,
}

/// Calls of a working day by the hour: a morning, a lunch break, an afternoon, few at night.
const HOURS: [usize; 24] = [2, 1, 1, 1, 1, 3, 8, 22, 60, 96, 100, 84, 48, 62, 88, 90, 78, 54, 30, 22, 16, 12, 8, 4];
/// Of a hundred calls, as many are met by one of the other end on the same channel.
const GLARE_PER_CENT: usize = 1;

const fn ms(ms: usize) -> Duration {
    Duration::from_millis(ms as u64)
}

/// A stream of chance of its own for each purpose.
pub(crate) fn chance(seed: u64, purpose: u64) -> Random {
    // SplitMix64: neighbouring seeds give streams that have nothing in common.
    let mut mixed = seed.wrapping_add(purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    Random((mixed ^ (mixed >> 31)) | 1)
}

/// The calls of a day, in the order in which they are placed. `hours` are those of the day that are lived.
pub fn calls(seed: u64, count: usize, hours: core::ops::Range<usize>) -> Vec<Call> {
    let mut chance = chance(seed, 1);
    let hours = hours.start.min(23)..hours.end.min(24);
    let weights = &HOURS[hours.clone()];
    let total: usize = weights.iter().sum();
    let mut calls = Vec::with_capacity(count + 1);
    while calls.len() < count {
        let mut drawn = chance.below(total.max(1));
        let hour = weights.iter().position(|&weight| {
            let is_here = drawn < weight;
            drawn = drawn.saturating_sub(weight);
            is_here
        });
        let hour = hours.start + hour.unwrap_or(0);
        let at = Instant::from_millis((hour * 3_600_000 + chance.below(3_600_000)) as u64);
        add(&mut calls, at, &mut chance);
    }
    calls.sort_by_key(|call| call.at);
    calls
}

/// So many calls within `length`, none of which talks for long.
pub fn rush(seed: u64, count: usize, begin: Instant, length: Duration) -> Vec<Call> {
    let mut chance = chance(seed, 1);
    let mut calls = Vec::with_capacity(count + 1);
    while calls.len() < count {
        let at = begin + ms(chance.below(length.as_millis().max(1) as usize));
        add(&mut calls, at, &mut chance);
    }
    for call in &mut calls {
        call.talk = ms(1000) + Duration::from_millis(call.talk.as_millis() as u64 % 16_000);
    }
    calls.sort_by_key(|call| call.at);
    calls
}

/// A call, and perhaps another that meets it.
fn add(calls: &mut Vec<Call>, at: Instant, chance: &mut Random) {
    let mut call = Call { at, ..one(chance) };
    if chance.below(100) < GLARE_PER_CENT {
        // The lowest channels are hunted by one end first, the highest by the other: meeting has to be arranged.
        call.channel = Some([1, 2, 15, 17, 30, 31][chance.below(6)]);
        let (from, at) = (call.from.other(), at + ms(chance.below(3)));
        calls.push(Call { at, from, span: call.span, channel: call.channel, ..one(chance) });
    }
    calls.push(call);
}

fn one(chance: &mut Random) -> Call {
    let fate = match chance.below(100) {
        0..40 => Fate::Answered(Party::Caller),
        40..76 => Fate::Answered(Party::Called),
        76..84 => Fate::Busy,
        84..88 => Fate::Unallocated,
        88..94 => Fate::NoAnswer,
        94.. => Fate::Abandoned,
    };
    Call {
        at: Instant::ZERO,
        span: chance.below(SPANS.len()),
        from: if chance.below(2) == 0 { End::Box } else { End::Exchange },
        channel: None,
        fate,
        ring: ms(1500 + chance.below(14_000)),
        talk: talk(chance),
        keys: [keys(chance), keys(chance)],
        lag: ms(5 + chance.below(120)),
    }
}

/// Most calls are short, some are long, and a few end over the keys.
fn talk(chance: &mut Random) -> Duration {
    match chance.below(100) {
        0..4 => ms(1000 + chance.below(2500)),
        4..70 => ms(6000 + chance.below(60_000)),
        70..95 => ms(60_000 + chance.below(240_000)),
        95.. => ms(300_000 + chance.below(1_500_000)),
    }
}

fn keys(chance: &mut Random) -> Digits {
    let mut keys = Digits::new();
    for _ in 0..chance.below(7) {
        // Six of them fit.
        let _ = keys.push(char::from(b"0123456789*#"[chance.below(12)]));
    }
    keys
}

/// Digits of every called number.
pub const NUMBER: usize = 8;

/// The called number of the call with this place in the plan.
pub fn called(place: usize) -> Digits {
    numbered(8, place)
}

/// And its calling number.
pub fn calling(place: usize) -> Digits {
    numbered(6, place)
}

fn numbered(first: usize, place: usize) -> Digits {
    format!("{}", first * 10_000_000 + place).parse().unwrap_or_default()
}

/// The place that a called or calling number names.
pub fn place(number: &Digits) -> Option<usize> {
    let text = number.as_str();
    let is_ours = text.len() == NUMBER && (text.starts_with('8') || text.starts_with('6'));
    is_ours.then(|| text[1..].parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_names_its_call() {
        for at in [0, 7, 123_456, 9_999_999] {
            assert_eq!([called(at), calling(at)].map(|number| place(&number)), [Some(at); 2]);
        }
        assert_eq!(place(&"10086".parse().unwrap()), None);
    }

    #[test]
    fn the_same_seed_makes_the_same_day_and_another_does_not() {
        let times = |seed| calls(seed, 200, 0..24).iter().map(|call| call.at).collect::<Vec<_>>();
        assert_eq!(times(1), times(1));
        assert_ne!(times(1), times(2));
    }

    #[test]
    fn the_morning_is_busier_than_the_night() {
        let calls = calls(3, 4000, 0..24);
        let at = |hour: u64| calls.iter().filter(|call| call.at.as_millis() / 3_600_000 == hour).count();
        assert!(at(10) > 20 * at(2) && at(10) > at(12), "{} {} {}", at(2), at(10), at(12));
        assert!(calls.is_sorted_by_key(|call| call.at));
    }
}
