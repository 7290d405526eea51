//! What the loop's openings and closings of a telephone mean: pulses, flashes, hang-ups.

use crate::country::Country;
use crate::line::Hook;
use crate::settled::Settled;
use base::{Digit, Instant};
use core::time::Duration;

/// A loop must be closed for so long to be a telephone off hook.
const OFF_HOOK: Duration = Duration::from_millis(30);
/// A shorter opening is a click on the line (pulses are open for 40 ms at least: GB/T 3378, ten pulses a second).
const SHORTEST_PULSE: Duration = Duration::from_millis(20);
/// A loop closed for so long after a pulse ends the digit; pauses between digits are 350 ms at least.
const DIGIT_ENDS: Duration = Duration::from_millis(220);
/// Pulses of a digit; more are a child playing with the hook.
const MOST_PULSES: u8 = 10;

/// What a telephone did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookEvent {
    OffHook,
    /// A digit by pulses.
    Pulsed(Digit),
    /// The first pulse of a digit began: the dial tone ends.
    Pulsing,
    Flash,
    HungUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loop {
    OnHook,
    OffHook,
    /// Open since then; so many pulses of a digit came before.
    Open {
        since: Instant,
        pulses: u8,
    },
    /// Closed after a pulse.
    Counting {
        due: Instant,
        pulses: u8,
    },
}

/// Reads one telephone's loop.
#[derive(Clone, Copy, Debug)]
pub(super) struct HookReader {
    state: Loop,
    closing: Settled<Hook>,
    shortest_flash: Duration,
    longest_flash: Duration,
    hang_up: Duration,
}

impl HookReader {
    pub(super) const fn new(country: &Country) -> Self {
        Self {
            state: Loop::OnHook,
            closing: Settled::new(Hook::On),
            shortest_flash: Duration::from_millis(country.flash.shortest_ms as u64),
            longest_flash: Duration::from_millis(country.flash.longest_ms as u64),
            hang_up: Duration::from_millis(country.hang_up_ms as u64),
        }
    }

    /// The loop opened or closed.
    pub(super) fn handle(&mut self, now: Instant, hook: Hook) -> Option<HookEvent> {
        match (self.state, hook) {
            (Loop::OnHook, _) => {
                self.closing.read(now, hook, OFF_HOOK);
                None
            }
            (Loop::OffHook, Hook::On) => {
                self.state = Loop::Open { since: now, pulses: 0 };
                None
            }
            (Loop::Counting { pulses, .. }, Hook::On) => {
                self.state = Loop::Open { since: now, pulses };
                None
            }
            (Loop::Open { since, pulses }, Hook::Off) => self.closed_again(now, now - since, pulses),
            (Loop::OffHook | Loop::Counting { .. }, Hook::Off) | (Loop::Open { .. }, Hook::On) => None,
        }
    }

    fn closed_again(&mut self, now: Instant, open: Duration, pulses: u8) -> Option<HookEvent> {
        if open < SHORTEST_PULSE {
            self.state = if pulses == 0 { Loop::OffHook } else { Loop::Counting { due: now + DIGIT_ENDS, pulses } };
            return None;
        }
        if open < self.shortest_flash {
            self.state = Loop::Counting { due: now + DIGIT_ENDS, pulses: pulses.saturating_add(1) };
            return (pulses == 0).then_some(HookEvent::Pulsing);
        }
        self.state = Loop::OffHook;
        (pulses == 0 && open <= self.longest_flash).then_some(HookEvent::Flash)
    }

    /// What time alone tells.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<HookEvent> {
        if self.closing.due(now) == Some(Hook::Off) {
            self.state = Loop::OffHook;
            return Some(HookEvent::OffHook);
        }
        if self.deadline().is_none_or(|due| due > now) {
            return None;
        }
        match self.state {
            Loop::Open { .. } => {
                self.state = Loop::OnHook;
                self.closing.believe(Hook::On);
                Some(HookEvent::HungUp)
            }
            Loop::Counting { pulses, .. } => {
                self.state = Loop::OffHook;
                pulsed(pulses).map(HookEvent::Pulsed)
            }
            Loop::OnHook | Loop::OffHook => None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.state {
            Loop::OnHook => self.closing.deadline(),
            Loop::OffHook => None,
            Loop::Open { since, .. } => Some(since + self.hang_up),
            Loop::Counting { due, .. } => Some(due),
        }
    }

    /// The telephone holds the line, be it within a pulse or a flash.
    pub(super) fn is_off_hook(&self) -> bool {
        self.state != Loop::OnHook
    }

    /// The loop itself, as read last.
    pub(super) fn is_closed(&self) -> bool {
        match self.state {
            Loop::OnHook => self.closing.latest() == Hook::Off,
            Loop::OffHook | Loop::Counting { .. } => true,
            Loop::Open { .. } => false,
        }
    }
}

fn pulsed(pulses: u8) -> Option<Digit> {
    match pulses {
        1..MOST_PULSES => Digit::new(char::from(b'0' + pulses)),
        MOST_PULSES => Digit::new('0'),
        0 | 11.. => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HookEvent::{Flash, HungUp, OffHook, Pulsed, Pulsing};
    extern crate std;
    use std::vec::Vec;

    /// What a telephone means that lifts and then opens and closes its loop in turn for these times, in ms.
    #[track_caller]
    fn check(times: &[u64], expected: &[HookEvent]) {
        let mut reader = HookReader::new(Country::CHINA);
        let mut events = Vec::new();
        let (mut now, mut hook) = (0, Hook::Off);
        reader.handle(Instant::ZERO, hook);
        for wait in [&[100], times].concat() {
            let until = now + wait;
            while let Some(due) = reader.deadline().filter(|due| due.as_millis() <= until) {
                events.extend(reader.handle_timeout(due));
            }
            now = until;
            hook = if hook == Hook::Off { Hook::On } else { Hook::Off };
            events.extend(reader.handle(Instant::from_millis(now), hook));
        }
        while let Some(due) = reader.deadline() {
            events.extend(reader.handle_timeout(due));
        }
        assert_eq!(events, expected);
    }

    #[test]
    fn openings_of_a_loop_are_pulses_flashes_or_the_end() {
        let digit = |name| Pulsed(Digit::new(name).unwrap());
        check(&[62, 38, 62, 38, 62, 700], &[OffHook, Pulsing, digit('3'), HungUp]);
        check(&[[62, 38].repeat(9), [62, 700].to_vec()].concat(), &[OffHook, Pulsing, digit('0'), HungUp]);
        check(&[[62, 38].repeat(10), [62, 700].to_vec()].concat(), &[OffHook, Pulsing, HungUp]);
        check(&[62, 350, 62, 350], &[OffHook, Pulsing, digit('1'), Pulsing, digit('1'), HungUp]);
        check(&[19, 500], &[OffHook, HungUp]);
        check(&[79, 500], &[OffHook, Pulsing, digit('1'), HungUp]);
        check(&[80, 500], &[OffHook, Flash, HungUp]);
        check(&[250, 500], &[OffHook, Flash, HungUp]);
        check(&[251, 500], &[OffHook, HungUp]);
        check(&[349, 500], &[OffHook, HungUp]);
        check(&[350, 500], &[OffHook, HungUp, OffHook, HungUp]);
    }
}
