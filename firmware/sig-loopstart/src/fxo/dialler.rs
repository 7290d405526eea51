//! Sending a number, by DTMF or by opening the loop.

use super::settings::{DIGIT_OFF_MS, DIGIT_ON_MS, Dialling};
use crate::country::Pulse;
use crate::line::{Hook, Order};
use base::{Digits, Instant};
use core::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Between digits, or before the first.
    Between,
    /// The loop is open; so many pulses follow.
    Break(u8),
    /// It is closed for a moment; so many pulses follow.
    Make(u8),
}

/// A number on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialler {
    digits: Digits,
    /// So many of them were sent.
    sent: usize,
    phase: Phase,
    due: Instant,
    how: Dialling,
    pulse: Pulse,
}

/// Digits that pulses can send are `0` to `9`; tones send all but `+`.
pub(super) fn can_dial(how: Dialling, digits: &Digits) -> bool {
    digits.as_str().chars().all(|name| match how {
        Dialling::Tone => name != '+',
        Dialling::Pulse => name.is_ascii_digit(),
    })
}

impl Dialler {
    pub(super) const fn new(begin: Instant, how: Dialling, pulse: Pulse, digits: Digits) -> Self {
        Self { digits, sent: 0, phase: Phase::Between, due: begin, how, pulse }
    }

    /// More of the number. False: it is longer than any.
    pub(super) fn append(&mut self, more: &Digits) -> bool {
        self.digits.append(more).is_ok()
    }

    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// What follows when it is due; `None`: all is sent.
    pub(super) fn advance(&mut self, now: Instant) -> Option<Order> {
        match self.phase {
            Phase::Between => {
                let rest = self.digits.as_str().get(self.sent..).filter(|rest| !rest.is_empty())?;
                Some(match self.how {
                    Dialling::Tone => {
                        let digits: Digits = rest.parse().unwrap_or_default();
                        self.send_tones(now, digits)
                    }
                    Dialling::Pulse => {
                        let pulses =
                            rest.chars().next().and_then(|name| name.to_digit(10)).map_or(0, |value| value as u8);
                        self.sent += 1;
                        self.open(now, if pulses == 0 { 9 } else { pulses - 1 })
                    }
                })
            }
            Phase::Break(follow) => {
                let (phase, wait) = match follow {
                    0 => (Phase::Between, self.pulse.between_ms),
                    _ => (Phase::Make(follow), self.pulse.make_ms),
                };
                self.phase = phase;
                self.due = now + ms(wait);
                Some(Order::SetHook(Hook::Off))
            }
            Phase::Make(follow) => Some(self.open(now, follow.saturating_sub(1))),
        }
    }

    fn send_tones(&mut self, now: Instant, digits: Digits) -> Order {
        self.sent = self.digits.len();
        let count = u32::try_from(digits.len()).unwrap_or(u32::MAX);
        self.due = now + ms(DIGIT_ON_MS + DIGIT_OFF_MS) * count + ms(100);
        Order::SendDigits { digits, on_ms: DIGIT_ON_MS, off_ms: DIGIT_OFF_MS }
    }

    fn open(&mut self, now: Instant, follow: u8) -> Order {
        self.phase = Phase::Break(follow);
        self.due = now + ms(self.pulse.break_ms);
        Order::SetHook(Hook::On)
    }
}

fn ms(ms: u16) -> Duration {
    Duration::from_millis(ms.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::Country;
    extern crate std;
    use std::vec::Vec;

    #[test]
    fn a_number_by_pulses_opens_the_loop_ten_times_a_second() {
        let mut dialler = Dialler::new(Instant::ZERO, Dialling::Pulse, Country::CHINA.pulse, "20".parse().unwrap());
        let mut opened = Vec::new();
        while let Some(order) = dialler.advance(dialler.due()) {
            if let Order::SetHook(Hook::Off) = order {
                opened.push(dialler.due().as_millis());
            }
        }
        // Two pulses, the pause between digits, ten pulses: the ends of their makes.
        let tens = (0..9).map(|pulse| 862 + 100 * (pulse + 1));
        let expected: Vec<u64> = [100, 862].into_iter().chain(tens).chain([862 + 900 + 762]).collect();
        assert_eq!(opened, expected);
    }

    #[test]
    fn only_what_the_way_of_dialling_has_can_be_dialled() {
        let check = |how, digits: &str| can_dial(how, &digits.parse().unwrap());
        assert!(check(Dialling::Tone, "*21#A") && check(Dialling::Pulse, "0123456789"));
        assert!(!check(Dialling::Tone, "+86") && !check(Dialling::Pulse, "12#"));
    }
}
