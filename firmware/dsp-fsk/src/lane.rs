//! One channel: when it is FSK, and which octets it brings.

use crate::demodulator::{Demodulator, HOP, HOPS, Hop};
use crate::framer::{Framed, Framer, KEPT, Signal};
use crate::{BLOCK, amplitude};
use base::Dbm0;

/// What a channel's receiver tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FskEvent {
    /// Mark has stood for 25 ms: octets may follow.
    Carrier,
    /// An octet, its stop bit included.
    Octet(u8),
    /// The signal has ended, or is none.
    Lost,
}

/// Hops of mark that are a carrier: 25 ms. The shortest mark, 55 bits, holds eight whole ones wherever it begins.
const CARRIER: u8 = 5;
/// Weak hops in a row that are the end: 15 ms. No octet is without mark for so long.
const LOST: u8 = 3;
/// Octets in a row without a stop bit that are the end.
const BAD_STOPS: u8 = 2;
/// Weakest mark: -36 dBm0 with 10 dB of twist, and 2 dB in hand.
const LEAST: Dbm0 = Dbm0(-48.0);
/// Soft bits of a hop that are clearly mark, at least.
const STEADY: f32 = 37.0;
/// Means of a hop that are mark: 1390 to 1150 Hz.
const MARK: core::ops::RangeInclusive<f32> = 0.20..=0.32;
/// A hop is weak when its power is less than this share of the mark's. Of a hop of data at least one bit in six is mark.
const WEAK: f32 = 1.0 / 8.0;

#[derive(Clone, Copy, Debug)]
enum State {
    /// Hops of mark so far, and their power.
    Idle {
        hops: u8,
        in_band: f32,
    },
    Receiving(Receiving),
}

#[derive(Clone, Copy, Debug)]
struct Receiving {
    framer: Framer,
    /// Power of a hop of mark.
    mark: f32,
    /// Weak hops in a row.
    weak: u8,
    bad_stops: u8,
}

const IDLE: State = State::Idle { hops: 0, in_band: 0.0 };

/// One channel.
#[derive(Clone)]
pub(crate) struct Lane {
    demodulator: Demodulator,
    signal: Signal,
    state: State,
}

impl Lane {
    pub(crate) const IDLE: Self = Self { demodulator: Demodulator::SILENT, signal: Signal::SILENT, state: IDLE };

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[i16; BLOCK], tell: &mut impl FnMut(FskEvent)) {
        let Signal { soft: [soft_before, soft], power: [power_before, power] } = &mut self.signal;
        (*soft_before, *power_before) = (*soft, *power);
        let hops = self.demodulator.block(block, soft, power);
        if let State::Receiving(receiving) = &mut self.state {
            receiving.framer.shift();
        }
        for (number, hop) in hops.iter().enumerate() {
            let end = KEPT - (HOPS - 1 - number) * HOP;
            self.state = match self.state {
                State::Idle { hops, in_band } => idle(hops, in_band, hop, end, tell),
                State::Receiving(receiving) => receiving.hop(hop, &self.signal, end, tell),
            };
        }
    }
}

#[inline(always)]
fn idle(hops: u8, in_band: f32, hop: &Hop, end: usize, tell: &mut impl FnMut(FskEvent)) -> State {
    if !is_mark(hop) {
        return IDLE;
    }
    let (hops, in_band) = (hops + 1, in_band + hop.in_band);
    if hops < CARRIER {
        return State::Idle { hops, in_band };
    }
    tell(FskEvent::Carrier);
    let mark = in_band / f32::from(CARRIER);
    State::Receiving(Receiving { framer: Framer::hunting(end), mark, weak: 0, bad_stops: 0 })
}

/// Power in the band over all energy for a tone of mark: 0.88 at 1200 Hz, 1.19 at 1300 Hz, in between along a line.
fn expected_share(mean: f32) -> f32 {
    0.88 + (0.293 - mean) * 6.4
}

/// Steady, of mark's frequency, strong enough, and little else beside it.
#[inline(always)]
fn is_mark(hop: &Hop) -> bool {
    /// The share that is left beside hum 6 dB below. A voice seldom has so much in one tone.
    const OF_ALL: f32 = 0.66;
    /// Hum left out: DTMF has less for its other tone; noise takes hardly any, as the band holds about its share of it.
    const WITHOUT_HUM: f32 = 0.85;
    if hop.marks < STEADY || !MARK.contains(&hop.mean) {
        return false;
    }
    let least = amplitude(LEAST);
    // Of mark at 1200 Hz the band lets pass 0.44, of a pointer as long as the amplitude.
    let least = least * least * 0.44 * HOP as f32;
    let expected = expected_share(hop.mean);
    hop.in_band >= least
        && hop.in_band >= hop.energy * expected * OF_ALL
        && hop.in_band >= hop.without_hum * (expected / 4.0) * WITHOUT_HUM
}

impl Receiving {
    #[inline(always)]
    fn hop(mut self, hop: &Hop, signal: &Signal, end: usize, tell: &mut impl FnMut(FskEvent)) -> State {
        self.weak = if hop.in_band < self.mark * WEAK { self.weak + 1 } else { 0 };
        let least = self.mark * WEAK / HOP as f32;
        // Each octet moves the framer on by nine bits, so that a hop ends one at most; a second turn finds none.
        while let Some(framed) = self.framer.next(signal, end, least) {
            self.bad_stops = if matches!(framed, Framed::Octet(_)) { 0 } else { self.bad_stops + 1 };
            match framed {
                _ if self.bad_stops == BAD_STOPS => break,
                Framed::Octet(octet) | Framed::NoStop(octet) => tell(FskEvent::Octet(octet)),
                Framed::Faded => {}
            }
        }
        if self.weak == LOST || self.bad_stops == BAD_STOPS {
            tell(FskEvent::Lost);
            return IDLE;
        }
        State::Receiving(self)
    }
}
