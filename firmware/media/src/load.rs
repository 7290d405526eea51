//! What is given up when the processor cannot do all, and when it is taken up again.

use core::time::Duration;

/// Length of a tick in microseconds.
const TICK_US: u32 = 10_000;
/// Mean times, in microseconds, above which the level rises and below which it falls.
const HIGH_US: u32 = TICK_US / 10 * 8;
const LOW_US: u32 = TICK_US / 2;
/// A tick counts for so much in the mean.
const SHARE: u32 = 16;
/// Longer ticks count as this: one that was held up by others for a second is no load.
const LONGEST_US: u32 = 4 * TICK_US;
/// Ticks between two rises.
const SETTLE: u16 = 20;
/// Ticks of calm before the level falls, at first and at most.
const PATIENCE: u16 = 500;
const MOST_PATIENCE: u16 = 16 * PATIENCE;
/// A rise so soon after a fall was caused by it.
const SOON: u16 = 2 * PATIENCE;

/// How much is given up, from the times that ticks took.
///
/// | level | given up besides | refused |
/// | --- | --- | --- |
/// | 0 | nothing | nothing |
/// | 1 | call progress, fax tones and voice activity on ports that are joined to others | nothing |
/// | 2 | echo cancelling there too | new calls: [`Self::REFUSES_CALLS`] |
/// | 3 | the same everywhere | new calls |
///
/// **Never** given up: bridges and conferences, what is played, recordings, DTMF, R2 signals and caller id: a call that was taken keeps what it lives by.
///
/// **How it decides.** Each tick's time goes into a mean over 160 ms. Above 80 % of a tick the level rises, at most each 200 ms, so that what was given up shows
/// first. Below 50 % for 5 s it falls by one. A rise within 10 s of a fall doubles that patience, up to 80 s: what does not fit is not tried
/// again and again. Calm for that long at level 0, it is 5 s once more.
#[derive(Clone, Debug)]
pub struct Load {
    level: u8,
    /// Mean time of a tick, in sixteenths of a microsecond.
    mean: u32,
    /// Ticks since the level changed last, and whether it fell then.
    since: u16,
    fell: bool,
    /// Ticks of calm in a row.
    calm: u16,
    patience: u16,
}

impl Default for Load {
    fn default() -> Self {
        Self::new()
    }
}

impl Load {
    /// The highest level.
    pub const MOST: u8 = 3;
    /// From this level on new calls are to be refused, with cause 42 (Q.850: switching equipment congestion).
    pub const REFUSES_CALLS: u8 = 2;

    /// Of an engine that has done nothing yet.
    pub const fn new() -> Self {
        Self { level: 0, mean: 0, since: SETTLE, fell: false, calm: 0, patience: PATIENCE }
    }

    /// The present level.
    pub const fn level(&self) -> u8 {
        self.level
    }

    /// Takes in how long a tick took; tells the level if it changed.
    pub fn took(&mut self, took: Duration) -> Option<u8> {
        let us = u32::try_from(took.as_micros()).unwrap_or(LONGEST_US).min(LONGEST_US);
        self.mean = self.mean - self.mean / SHARE + us;
        self.since = self.since.saturating_add(1);
        let mean_us = self.mean / SHARE;
        self.calm = if mean_us < LOW_US { self.calm.saturating_add(1) } else { 0 };
        if mean_us > HIGH_US && self.level < Self::MOST && self.since >= SETTLE {
            if self.fell && self.since < SOON {
                self.patience = (2 * self.patience).min(MOST_PATIENCE);
            }
            return self.change(self.level + 1, false);
        }
        if self.calm < self.patience {
            return None;
        }
        if self.level == 0 {
            self.patience = PATIENCE;
            return None;
        }
        self.change(self.level - 1, true)
    }

    fn change(&mut self, level: u8, fell: bool) -> Option<u8> {
        (self.level, self.fell, self.since, self.calm) = (level, fell, 0, 0);
        Some(level)
    }
}

/// What may be given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    /// Call progress, fax tones, voice activity.
    Hearing,
    EchoCancelling,
}

/// Whether this is given up at this level, on a port that is joined to others or not.
pub(crate) const fn gives_up(level: u8, extra: Extra, joined: bool) -> bool {
    let from = match extra {
        Extra::Hearing => 1,
        Extra::EchoCancelling => 2,
    };
    level >= if joined { from } else { Load::MOST }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds as many ticks of a length; what was told, with the tick in which it was.
    fn run(load: &mut Load, ticks: usize, ms: f64) -> Vec<(usize, u8)> {
        let took = Duration::from_secs_f64(ms / 1000.0);
        (0..ticks).filter_map(|tick| load.took(took).map(|level| (tick, level))).collect()
    }

    #[test]
    fn a_single_long_tick_sheds_nothing_and_a_long_time_of_them_sheds_step_by_step() {
        let mut load = Load::new();
        assert_eq!(run(&mut load, 100, 5.0), []);
        assert_eq!(run(&mut load, 1, 1000.0), [], "held up once");
        assert_eq!(run(&mut load, 100, 3.0), []);
        let told = run(&mut load, 200, 9.5);
        assert_eq!(told.iter().map(|&(_, level)| level).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(told[0].0 >= 20, "not before the mean knows: {told:?}");
        assert!(told.windows(2).all(|pair| pair[1].0 - pair[0].0 >= usize::from(SETTLE)), "{told:?}");
        assert_eq!(run(&mut load, 1000, 9.5), [], "there is no more to give up");
    }

    #[test]
    fn between_the_two_limits_nothing_changes_either_way() {
        let mut load = Load::new();
        assert_eq!(run(&mut load, 1000, 7.9), []);
        run(&mut load, 3, 12.0);
        assert_eq!(load.level(), 1);
        assert_eq!(run(&mut load, 20_000, 5.1), []);
        assert_eq!(run(&mut load, 15, 4.9), []);
    }

    #[test]
    fn five_seconds_of_calm_take_one_step_back() {
        let mut load = Load::new();
        run(&mut load, 60, 20.0);
        assert_eq!(load.level(), 3);
        let told = run(&mut load, 2000, 2.0);
        assert_eq!(told.iter().map(|&(_, level)| level).collect::<Vec<_>>(), [2, 1, 0]);
        let gaps: Vec<usize> = told.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert_eq!(gaps, [500, 500]);
    }

    #[test]
    fn what_does_not_fit_is_tried_again_ever_more_seldom() {
        let mut load = Load::new();
        let (mut changes, mut last) = (Vec::new(), 0);
        // At level 0 the ticks take 9 ms, above 3 ms.
        for tick in 0..60_000_usize {
            let ms = if load.level() == 0 { 9 } else { 3 };
            if let Some(0) = load.took(Duration::from_millis(ms)) {
                changes.push(tick - last);
                last = tick;
            }
        }
        assert!(changes.windows(2).all(|pair| pair[1] + 1 >= pair[0]), "{changes:?}");
        assert!(changes.len() < 13, "{} tries in 10 minutes: {changes:?}", changes.len());
        // Long calm at level 0 brings back the first patience.
        run(&mut load, 20_000, 1.0);
        assert_eq!((load.level(), load.patience), (0, PATIENCE));
    }

    #[test]
    fn a_joined_port_gives_up_first_and_what_a_call_lives_by_is_not_in_the_list() {
        let kept = |level, extra, joined| !gives_up(level, extra, joined);
        for extra in [Extra::Hearing, Extra::EchoCancelling] {
            assert!(kept(0, extra, true) && kept(2, extra, false));
            assert!(gives_up(3, extra, false) && gives_up(3, extra, true));
        }
        assert!(gives_up(1, Extra::Hearing, true) && kept(1, Extra::EchoCancelling, true));
        assert!(gives_up(2, Extra::EchoCancelling, true));
    }
}
