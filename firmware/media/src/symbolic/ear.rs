//! When the receiver of DTMF samples would be sure.

use base::Digit;
use dsp_tone::DtmfEvent;

/// Ticks of a digit until it is reported early: 10 ms, `dsp_tone`'s window.
pub const EARLY: u8 = 1;
/// Ticks of a digit until it is confirmed: 35 ms, in whole ticks.
pub const CONFIRMED: u8 = 4;
/// Ticks without the digit until it has ended: 25 ms, in whole ticks.
pub const ENDED: u8 = 3;

/// Ticks that nothing but an input would end.
pub(crate) const FOR_EVER: u64 = u64::MAX;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    Early(Digit),
    /// Confirmed, and so many ticks long.
    Digit(Digit, u64),
}

/// A DTMF receiver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DtmfEar {
    state: State,
    /// What was heard last, and for how many ticks.
    shown: Option<Digit>,
    run: u8,
    /// Ticks without the confirmed digit.
    misses: u8,
}

impl DtmfEar {
    pub(crate) const fn new() -> Self {
        Self { state: State::Idle, shown: None, run: 0, misses: 0 }
    }

    pub(crate) fn tick(&mut self, shown: Option<Digit>, mut tell: impl FnMut(DtmfEvent)) {
        // Most ports hear no digit most of the time.
        if shown.is_none() && self.state == State::Idle {
            (self.shown, self.run) = (None, 0);
            return;
        }
        self.run = if shown.is_none() {
            0
        } else if shown == self.shown {
            self.run.saturating_add(1)
        } else {
            1
        };
        self.shown = shown;
        self.state = match (self.state, shown) {
            (State::Idle, Some(digit)) if self.run >= EARLY => {
                tell(DtmfEvent::Early(digit));
                State::Early(digit)
            }
            (State::Early(digit), shown) if shown != Some(digit) => {
                tell(DtmfEvent::Retracted);
                State::Idle
            }
            (State::Digit(digit, ticks), shown) => self.go_on(digit, ticks + 1, shown, &mut tell),
            (same @ (State::Idle | State::Early(_)), _) => same,
        };
        if let (Some(digit), CONFIRMED.., State::Idle | State::Early(_)) = (shown, self.run, self.state) {
            tell(DtmfEvent::Began(digit));
            self.misses = 0;
            self.state = State::Digit(digit, u64::from(CONFIRMED));
        }
    }

    fn go_on(&mut self, digit: Digit, ticks: u64, shown: Option<Digit>, tell: &mut impl FnMut(DtmfEvent)) -> State {
        self.misses = if shown == Some(digit) { 0 } else { self.misses + 1 };
        if self.misses < ENDED {
            return State::Digit(digit, ticks);
        }
        let lasted = ticks - u64::from(self.misses);
        tell(DtmfEvent::Ended { digit, duration_ms: u32::try_from(lasted * 10).unwrap_or(u32::MAX) });
        State::Idle
    }

    /// Whether a digit, confirmed or not, is down or has just ended.
    pub(crate) fn is_busy(&self) -> bool {
        self.state != State::Idle
    }

    /// How many ticks like the last one would be told nothing of.
    pub(crate) fn steady(&self) -> u64 {
        match (self.state, self.shown) {
            (State::Idle, None) => FOR_EVER,
            (State::Digit(digit, _), Some(shown)) if shown == digit => FOR_EVER,
            (State::Idle | State::Early(_) | State::Digit(..), _) => 0,
        }
    }

    /// Goes on through as many ticks like the last one, no more than are steady.
    pub(crate) fn skip(&mut self, ticks: u64) {
        if let State::Digit(_, lasted) = &mut self.state {
            *lasted += ticks;
        }
    }
}
