//! The far end's clock, recovered from the times at which its packets come (adaptive timing, RFC 4197 §4.3).
//!
//! A packet can come late and never early: of each second the one that was least late marks where the far end's clock is. Through
//! these marks goes a line, fitted by a filter whose memory grows to half a minute; its slope is the difference of the clocks. A second
//! whose best packet is far off the line is a change of the way, not of the clock: the line is moved when it stays so.

use base::Instant;
use std::time::Duration;

/// From how many packets a mark is taken.
const WINDOW: Duration = Duration::from_secs(1);
/// Marks that the filter remembers.
const MEMORY: u32 = 30;
/// Marks without which nothing is said.
const LEAST: u32 = 8;
/// Further off the line is no clock.
const STRAY_S: f64 = 0.001;
/// Strays in a row that move the line.
const MOVED_AFTER: u32 = 5;
/// E1 clocks are within 50 ppm (G.703, interface E12), ours within 100.
const LIMIT_PPM: f64 = 150.0;
/// A step of the numbering beyond this is another numbering.
const JUMP: u16 = 1000;

/// Measures the far end's clock against ours.
#[derive(Debug)]
pub struct Recovery {
    packet_s: f64,
    line: Option<Line>,
    /// How much faster the far end's clock is.
    ppm: f64,
}

#[derive(Debug)]
struct Line {
    origin: Instant,
    newest: u16,
    /// Packets since the origin.
    count: i64,
    /// Since when marks are sought, and the best one.
    since: Instant,
    best_s: f64,
    phase_s: f64,
    marks: u32,
    strays: u32,
}

impl Recovery {
    /// For packets of so many frames of 125 µs.
    pub fn new(frames: usize) -> Self {
        Self { packet_s: frames as f64 * 125e-6, line: None, ppm: 0.0 }
    }

    /// How much faster than ours the far end's clock is, in parts per million; 0 until it is known. While nothing comes it stays.
    pub const fn ppm(&self) -> f64 {
        self.ppm
    }

    /// A packet of this sequence came at this time, in any order.
    pub fn packet(&mut self, arrived: Instant, sequence: u16) {
        let Some(line) = self.line.as_mut().filter(|line| line.goes_on(sequence)) else {
            self.line = Some(Line::new(arrived, sequence));
            return;
        };
        let step = i64::from(sequence.wrapping_sub(line.newest) as i16);
        let count = line.count + step;
        if step > 0 {
            (line.newest, line.count) = (sequence, count);
        }
        if arrived.since(line.since) >= WINDOW {
            let elapsed_s = arrived.since(line.since).as_secs_f64();
            self.ppm = line.mark(elapsed_s, self.ppm).clamp(-LIMIT_PPM, LIMIT_PPM);
            (line.since, line.best_s) = (arrived, f64::MIN);
        }
        let ahead_s = count as f64 * self.packet_s - arrived.since(line.origin).as_secs_f64();
        line.best_s = line.best_s.max(ahead_s);
    }
}

impl Line {
    const fn new(origin: Instant, sequence: u16) -> Self {
        Self { origin, newest: sequence, count: 0, since: origin, best_s: 0.0, phase_s: 0.0, marks: 0, strays: 0 }
    }

    const fn goes_on(&self, sequence: u16) -> bool {
        let step = sequence.wrapping_sub(self.newest);
        step < JUMP || step > JUMP.wrapping_neg()
    }

    /// Takes the window's mark, `elapsed_s` after the last; gives the slope of the line.
    fn mark(&mut self, elapsed_s: f64, ppm: f64) -> f64 {
        let known = self.marks >= LEAST;
        let expected_s = self.phase_s + if self.marks > 0 { ppm * 1e-6 * elapsed_s } else { 0.0 };
        let error_s = self.best_s - expected_s;
        if known && error_s.abs() > STRAY_S {
            self.strays += 1;
            self.phase_s = expected_s;
            if self.strays >= MOVED_AFTER {
                (self.phase_s, self.strays) = (self.best_s, 0);
            }
            return ppm;
        }
        self.strays = 0;
        self.marks = (self.marks + 1).min(MEMORY);
        // Gains of the least squares line through the last marks.
        let n = f64::from(self.marks);
        let (place, slope) = (2.0 * (2.0 * n - 1.0) / (n * (n + 1.0)), 6.0 / (n * (n + 1.0)));
        self.phase_s = expected_s + place * error_s;
        if self.marks < 2 { ppm } else { ppm + slope * error_s / elapsed_s * 1e6 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A far end whose clock is `ppm` fast sends for so many seconds; packets are late by up to `jitter_us`, more rarely than not.
    struct Far {
        recovery: Recovery,
        ppm: f64,
        jitter_us: u64,
        /// Late on top, all of them.
        way_us: u64,
        sent: u64,
        at_s: f64,
        random: u64,
    }

    impl Far {
        fn new(ppm: f64, jitter_us: u64) -> Self {
            let recovery = Recovery::new(40);
            Self { recovery, ppm, jitter_us, way_us: 500, sent: 65_000, at_s: 1.0, random: 1 }
        }

        fn seconds(&mut self, seconds: u64) -> f64 {
            for _ in 0..seconds * 200 {
                self.random =
                    self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let late_us = self.way_us + (self.random >> 33) % (self.jitter_us + 1);
                self.at_s += 0.005 / (1.0 + self.ppm * 1e-6);
                self.sent += 1;
                let lost = (self.random >> 20).is_multiple_of(50);
                if !lost {
                    let arrived = Instant::new(Duration::from_secs_f64(self.at_s) + Duration::from_micros(late_us));
                    self.recovery.packet(arrived, self.sent as u16);
                }
            }
            self.recovery.ppm()
        }
    }

    #[track_caller]
    fn check(measured: f64, expected: f64, within: f64) {
        assert!((measured - expected).abs() <= within, "{measured} ppm, {expected} expected");
    }

    #[test]
    fn the_clock_is_found_in_half_a_minute_through_jitter_and_losses() {
        for ppm in [-80.0, -5.0, 0.0, 1.0, 50.0] {
            check(Far::new(ppm, 0).seconds(15), ppm, 0.1);
            check(Far::new(ppm, 2_000).seconds(60), ppm, 2.0);
        }
    }

    #[test]
    fn a_clock_that_changes_is_followed() {
        let mut far = Far::new(20.0, 1_000);
        check(far.seconds(60), 20.0, 1.5);
        far.ppm = -20.0;
        check(far.seconds(120), -20.0, 1.5);
    }

    #[test]
    fn a_longer_way_is_no_slower_clock() {
        let mut far = Far::new(10.0, 500);
        check(far.seconds(60), 10.0, 1.0);
        far.way_us = 8_000;
        check(far.seconds(4), 10.0, 1.0);
        check(far.seconds(60), 10.0, 1.0);
        far.way_us = 500;
        check(far.seconds(60), 10.0, 1.0);
    }

    #[test]
    fn silence_and_a_new_numbering_keep_what_was_found() {
        let mut far = Far::new(30.0, 500);
        far.seconds(60);
        let found = far.recovery.ppm();
        far.at_s += 20.0;
        far.sent += 30_000;
        check(far.seconds(1), found, 0.001);
        check(far.seconds(60), 30.0, 1.0);
    }

    #[test]
    fn nonsense_stays_within_the_limit() {
        let mut recovery = Recovery::new(40);
        for at in 0..100_000_u64 {
            recovery.packet(Instant::from_millis(at * at % 7_000 + at), (at * 37) as u16);
            assert!(recovery.ppm().abs() <= LIMIT_PPM);
        }
    }
}
