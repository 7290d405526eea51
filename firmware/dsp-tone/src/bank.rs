//! DTMF receivers for many channels at once.

use crate::BLOCK;
use crate::generator::amplitude;
use crate::profile::Profile;
use crate::spectrum::{Eight, HOP, Hop};
use crate::verdict::{CONFIRM, History, Limits};
use base::{Dbm0, Digit};
use dsp_math::{db_of_power, ratio_of_db};

/// What a channel's receiver tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtmfEvent {
    /// Less than 20 ms of what looks like this digit. Followed by `Began` or `Retracted`.
    Early(Digit),
    /// The early digit was none.
    Retracted,
    /// The digit is confirmed: 35 ms of it were heard. `Early` may have been left out before it.
    Began(Digit),
    /// The confirmed digit is over.
    Ended {
        /// Which.
        digit: Digit,
        /// Length of its tone, to 5 ms.
        duration_ms: u32,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// `Early` was told of this position in the grid.
    Early(u8),
    /// `Began` was told; hops since the tone's beginning.
    Digit {
        at: u8,
        hops: u32,
    },
}

/// One channel.
#[derive(Clone)]
struct Lane {
    history: History,
    state: State,
    /// The digit of the latest windows, and how many in a row showed it.
    candidate: u8,
    run: u8,
    /// Windows in a row that did not show the state's digit.
    misses: u8,
}

/// No position in the grid.
const NONE: u8 = 255;

impl Lane {
    const IDLE: Self = Self { history: History::EMPTY, state: State::Idle, candidate: NONE, run: 0, misses: 0 };

    #[inline(always)]
    fn hop(&mut self, samples: &[i16; HOP], limits: &Limits, tell: &mut impl FnMut(DtmfEvent)) {
        let hop = Hop::of(samples);
        let (window, energy) = self.history.push(hop);
        let seen = strongest(&window);
        let tones = seen.row + seen.column;
        let share = tones - limits.hold_share * energy;
        // The usual case first: nothing like a tone, and none was there.
        if share < 0.0 && self.run == 0 && self.state == State::Idle {
            return;
        }
        let early = tones >= limits.early_share * energy;
        self.window(seen, share >= 0.0, early, limits, tell);
    }

    fn window(&mut self, seen: Seen, tonal: bool, early: bool, limits: &Limits, tell: &mut impl FnMut(DtmfEvent)) {
        let fits = tonal && limits.takes(seen.row, seen.column);
        let shown = if fits { seen.at } else { NONE };
        self.run = match (shown, shown == self.candidate) {
            (NONE, _) => 0,
            (_, true) => self.run.saturating_add(1),
            (_, false) => 1,
        };
        self.candidate = shown;
        self.state = match self.state {
            State::Digit { at, hops } => self.go_on(at, hops, shown, limits, tell),
            State::Idle if early && shown != NONE => {
                tell(DtmfEvent::Early(digit(shown)));
                self.misses = 0;
                State::Early(shown)
            }
            State::Early(at) if at != shown => {
                self.misses += 1;
                if self.misses < 2 {
                    State::Early(at)
                } else {
                    tell(DtmfEvent::Retracted);
                    State::Idle
                }
            }
            waiting @ (State::Idle | State::Early(_)) => waiting,
        };
        self.confirm(limits, tell);
    }

    /// A confirmed digit lasts through short holes.
    fn go_on(&mut self, at: u8, hops: u32, shown: u8, limits: &Limits, tell: &mut impl FnMut(DtmfEvent)) -> State {
        let hops = hops.saturating_add(1);
        self.misses = if shown == at { 0 } else { self.misses + 1 };
        if self.misses < limits.misses_to_end {
            return State::Digit { at, hops };
        }
        let lasted = hops - u32::from(self.misses);
        tell(DtmfEvent::Ended { digit: digit(at), duration_ms: lasted * 5 });
        State::Idle
    }

    fn confirm(&mut self, limits: &Limits, tell: &mut impl FnMut(DtmfEvent)) {
        if matches!(self.state, State::Digit { .. }) || usize::from(self.run) < CONFIRM - 1 {
            return;
        }
        let at = self.candidate;
        if self.history.is_digit(usize::from(at), limits) {
            tell(DtmfEvent::Began(digit(at)));
            self.misses = 0;
            self.state = State::Digit { at, hops: CONFIRM as u32 };
        }
    }

    fn tone_present(&self) -> bool {
        self.state != State::Idle || self.run >= 2
    }
}

fn digit(at: u8) -> Digit {
    Digit::GRID[usize::from(at) % 16]
}

/// The strongest row and column of a window.
#[derive(Clone, Copy)]
struct Seen {
    row: f32,
    column: f32,
    at: u8,
}

#[inline(always)]
fn strongest(powers: &Eight) -> Seen {
    // Powers are positive floats, which are ordered as their bits are; the two lowest bits make room for the place.
    let mut keyed = [0_u32; 8];
    for at in 0..8 {
        keyed[at] = (powers[at].to_bits() & !3) | (at as u32 & 3);
    }
    let best = |from: usize| (keyed[from].max(keyed[from + 1])).max(keyed[from + 2].max(keyed[from + 3]));
    let (row, column) = (best(0), best(4));
    Seen { row: f32::from_bits(row), column: f32::from_bits(column), at: ((row & 3) << 2 | column & 3) as u8 }
}

/// A DTMF receiver for each of `LANES` channels, fed 10 ms at a time.
#[derive(Clone)]
pub struct DtmfBank<const LANES: usize> {
    limits: Limits,
    lanes: [Lane; LANES],
}

impl<const LANES: usize> DtmfBank<LANES> {
    /// Receivers that have heard nothing yet.
    pub fn new(profile: Profile) -> Self {
        Self { limits: Limits::of(&profile), lanes: [const { Lane::IDLE }; LANES] }
    }

    /// Takes the next 10 ms of every lane. A lane without a block costs nothing and stays as it was. `tell` is given the lane and
    /// what happened, lanes in order, a lane's events in the order of time.
    #[inline(always)]
    pub fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], mut tell: impl FnMut(usize, DtmfEvent)) {
        for (number, (lane, block)) in self.lanes.iter_mut().zip(blocks).enumerate() {
            let Some(block) = block else { continue };
            let (hops, _) = block.as_chunks::<HOP>();
            // A loop, not `for_each`: what is called here must be inlined to be compiled for the caller's processor.
            for hop in hops {
                lane.hop(hop, &self.limits, &mut |event| tell(number, event));
            }
        }
    }

    /// Whether a DTMF tone, confirmed or not, is on the lane now. It may last up to 30 ms longer than the tone.
    pub fn tone_present(&self, lane: usize) -> bool {
        self.lanes[lane].tone_present()
    }

    /// Level of all the lane's signal over the last 10 ms.
    pub fn level(&self, lane: usize) -> Dbm0 {
        let peak = amplitude(Dbm0(0.0));
        let full = peak * peak / 2.0 * BLOCK as f32;
        Dbm0(db_of_power(self.lanes[lane].history.latest_energy() / full))
    }

    /// Forgets all that the lane has heard, without an event.
    pub fn reset(&mut self, lane: usize) {
        self.lanes[lane] = Lane::IDLE;
    }
}

impl Limits {
    fn of(profile: &Profile) -> Self {
        let least = amplitude(Dbm0(profile.level_dbm0.middle()));
        let power = |db: f32| ratio_of_db(db) * ratio_of_db(db);
        Self::new(
            profile,
            [least, amplitude(profile.echo)],
            power(profile.twist_db.middle()),
            power(profile.reverse_twist_db.middle()),
        )
    }
}
