//! When a span's next packet is due, counted in the card's timer.

use crate::packet::Format;
use std::time::Duration;

/// One frame of E1.
const FRAME: Duration = Duration::from_micros(125);

/// Turns the timer's times into packets.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    packet: Duration,
    /// Time that no packet has been sent for.
    owed: Duration,
}

impl Pace {
    pub(crate) fn new(interval: Duration, format: Format) -> Self {
        Self { interval, packet: FRAME * format.frames as u32, owed: Duration::ZERO }
    }

    /// Packets that are due when the timer has run out so many times.
    pub(crate) fn packets(&mut self, times: u64) -> u64 {
        self.owed += self.interval * u32::try_from(times).unwrap_or(u32::MAX);
        let due = self.owed.as_nanos() / self.packet.as_nanos();
        self.owed -= self.packet * due as u32;
        due as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Signaling;

    #[test]
    fn packets_are_due_each_time_or_each_second_or_fifth() {
        let check = |interval_ms, frames, expected: [u64; 6]| {
            let format = Format { frames, signaling: Signaling::Cas, rtp: None };
            let mut pace = Pace::new(Duration::from_millis(interval_ms), format);
            let due = [1, 1, 1, 0, 2, 5].map(|times| pace.packets(times));
            assert_eq!(due, expected, "{interval_ms} ms for {frames} frames");
        };
        check(5, 40, [1, 1, 1, 0, 2, 5]);
        check(1, 16, [0, 1, 0, 0, 1, 3]);
        check(1, 40, [0, 0, 0, 0, 1, 1]);
        check(1, 8, [1, 1, 1, 0, 2, 5]);
    }
}
