//! When a span's next packet is due, counted in the card's timer.

use crate::packet::Format;
use std::time::Duration;

/// One frame of E1.
const FRAME: Duration = Duration::from_micros(125);

/// Turns the timer's times into packets.
#[derive(Debug)]
pub(crate) struct Pace {
    interval_ns: f64,
    packet_ns: f64,
    /// How much faster than the timer the packets are paced, as a factor.
    rate: f64,
    /// Time that no packet has been sent for.
    owed_ns: f64,
}

impl Pace {
    pub(crate) fn new(interval: Duration, format: Format) -> Self {
        let packet = FRAME * format.frames as u32;
        let (interval_ns, packet_ns) = (interval.as_nanos() as f64, packet.as_nanos() as f64);
        Self { interval_ns, packet_ns, rate: 1.0, owed_ns: 0.0 }
    }

    /// Packets that are due when the timer has run out so many times.
    pub(crate) fn packets(&mut self, times: u64) -> u64 {
        self.owed_ns += self.interval_ns * times as f64 * self.rate;
        let due = (self.owed_ns / self.packet_ns).floor();
        self.owed_ns -= self.packet_ns * due;
        due as u64
    }

    /// From now on packets are so much faster than the timer, in parts per million.
    pub(crate) fn follow(&mut self, ppm: f64) {
        self.rate = 1.0 + ppm * 1e-6;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::Signaling;

    #[test]
    fn a_faster_clock_is_followed_by_a_packet_more_in_its_time() {
        let format = Format { frames: 40, signaling: Signaling::DChannel, rtp: None };
        let mut pace = Pace::new(Duration::from_millis(5), format);
        for (ppm, expected) in [(100.0, 1_000_100), (-100.0, 999_900), (0.0, 1_000_000)] {
            pace.follow(ppm);
            let sent: u64 = (0..1_000_000).map(|_| pace.packets(1)).sum();
            assert!(sent.abs_diff(expected) <= 1, "{sent} for {ppm} ppm");
        }
    }

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
        check(2, 40, [0, 0, 1, 0, 1, 2]);
        check(2, 24, [0, 1, 1, 0, 1, 3]);
        check(1, 8, [1, 1, 1, 0, 2, 5]);
    }
}
