//! Bursts of tone, the pauses between them, and which cadence they keep.

use crate::event::Spectrum;
use crate::tables::Row;

/// Bursts kept.
pub(crate) const KEPT: usize = 8;

/// A tone that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Burst {
    pub(crate) spectrum: Spectrum,
    pub(crate) on_ms: u32,
    /// Until the next burst began.
    pub(crate) off_ms: u32,
}

/// A tone on and off at regular times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Regular {
    pub(crate) hz: [u16; 2],
    pub(crate) on_ms: u32,
    pub(crate) off_ms: u32,
    pub(crate) cadences: u8,
    pub(crate) confidence_pct: u8,
}

/// Times that should be alike: to `percent`, and to what a receiver's hops leave open.
pub(crate) fn times_fit(measured: u32, nominal: u32, percent: u32) -> bool {
    measured.abs_diff(nominal) * 100 <= percent * nominal + 1200
}

/// Frequencies that should be: to `per_mille`, and to 3 Hz.
fn hz_fits(measured: u16, nominal: u16, per_mille: u32) -> bool {
    u32::from(measured.abs_diff(nominal)) * 1000 <= per_mille * u32::from(nominal) + 3000
}

/// The row's frequencies, off by the network's 1.5 % and more.
pub(crate) fn is_of_row(spectrum: &Spectrum, row: &Row) -> bool {
    let [low, high] = spectrum.frequency_hz;
    if row.modulated {
        // A window shorter than the beat takes two of the three frequencies of a modulated tone for a pair.
        let sways = spectrum.modulated || (high > 0 && high - low <= 60);
        let carrier = if high > 0 { low.midpoint(high) } else { low };
        return sways && hz_fits(carrier, row.hz[0], 25);
    }
    if row.hz[1] > 0 && row.hz[1] - row.hz[0] <= 30 && spectrum.modulated {
        return hz_fits(low, row.hz[0].midpoint(row.hz[1]), 25);
    }
    hz_fits(low, row.hz[0], 16) && (high > 0) == (row.hz[1] > 0) && hz_fits(high, row.hz[1], 16) && !spectrum.modulated
}

/// How far the spectrum's frequencies lie from the row's, in Hz.
pub(crate) fn hz_off(spectrum: &Spectrum, row: &Row) -> u32 {
    let [low, high] = spectrum.frequency_hz;
    u32::from(low.abs_diff(row.hz[0])) + u32::from(high.abs_diff(row.hz[1]))
}

/// Two bursts of one source: frequency and level do not change.
fn alike(one: &Spectrum, other: &Spectrum) -> bool {
    let [low, high] = [0, 1].map(|at| hz_fits(one.frequency_hz[at], other.frequency_hz[at], 6));
    let sways = one.modulated || other.modulated || one.frequency_hz[1] > 0;
    (low && high || sways) && (one.level.0 - other.level.0).abs() <= 2.5
}

/// The newest bursts, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bursts {
    kept: [Option<Burst>; KEPT],
}

impl Bursts {
    pub(crate) fn clear(&mut self) {
        self.kept = [None; KEPT];
    }

    pub(crate) fn push(&mut self, burst: Burst) {
        self.kept.rotate_left(1);
        self.kept[KEPT - 1] = Some(burst);
    }

    /// Forgets a newest burst that no other followed: its pause is not known.
    pub(crate) fn drop_open(&mut self) {
        if self.kept[KEPT - 1].is_some_and(|burst| burst.off_ms == 0) {
            self.kept[KEPT - 1] = None;
            self.kept.rotate_right(1);
        }
    }

    /// The newest, its pause not known yet.
    pub(crate) fn last_mut(&mut self) -> Option<&mut Burst> {
        self.kept[KEPT - 1].as_mut()
    }

    /// The newest `count`, oldest first, if there are so many.
    pub(crate) fn newest<const COUNT: usize>(&self) -> Option<[Burst; COUNT]> {
        let mut bursts = [self.kept[KEPT - 1]?; COUNT];
        for (burst, kept) in bursts.iter_mut().rev().zip(self.kept.iter().rev()) {
            *burst = (*kept)?;
        }
        (COUNT <= KEPT).then_some(bursts)
    }

    /// Whether the newest `count` bursts are of one source, clean and steady.
    pub(crate) fn are_one_source(&self, count: usize, least_confidence: u8) -> bool {
        let Some(Some(last)) = self.kept.last() else { return false };
        count <= KEPT
            && self.kept[KEPT - count..].iter().all(|burst| {
                burst.is_some_and(|burst| {
                    alike(&burst.spectrum, &last.spectrum) && burst.spectrum.confidence_pct >= least_confidence
                })
            })
    }

    /// How many of the newest bursts keep the row's cadence, which may have begun anywhere, with their pauses.
    pub(crate) fn in_cadence(&self, row: &Row, percent: u32) -> usize {
        let pairs = row.cadence;
        (0..pairs.len())
            .map(|turn| {
                let fits = |(back, burst): (usize, &Option<Burst>)| {
                    let (on, off) = pairs[(turn + KEPT * pairs.len() - back) % pairs.len()];
                    burst.is_some_and(|burst| {
                        is_of_row(&burst.spectrum, row)
                            && times_fit(burst.on_ms, on.into(), percent)
                            && times_fit(burst.off_ms, off.into(), percent)
                    })
                };
                self.kept.iter().rev().enumerate().take_while(|&(back, burst)| fits((back, burst))).count()
            })
            .max()
            .unwrap_or(0)
    }

    /// The newest bursts as one regular tone: as many as have nearly the same times.
    pub(crate) fn regular(&self) -> Option<Regular> {
        let last = self.kept[KEPT - 1]?;
        let same = |burst: &Burst| {
            times_fit(burst.on_ms, last.on_ms, 5) && times_fit(burst.off_ms, last.off_ms, 5) && burst.off_ms > 0
        };
        let count = self.kept.iter().rev().take_while(|burst| burst.as_ref().is_some_and(same)).count();
        if count == 0 || !self.are_one_source(count, 85) {
            return None;
        }
        Some(self.mean(count))
    }

    /// The mean of the newest `count`.
    pub(crate) fn mean(&self, count: usize) -> Regular {
        let kept = &self.kept[KEPT - count.clamp(1, KEPT)..];
        let mean = |of: &dyn Fn(&Burst) -> u32| {
            let number = kept.iter().flatten().count().max(1) as u32;
            kept.iter().flatten().map(of).fold(0_u32, u32::saturating_add) / number
        };
        Regular {
            hz: [0, 1].map(|at| mean(&|burst| burst.spectrum.frequency_hz[at].into()) as u16),
            on_ms: mean(&|burst| burst.on_ms),
            off_ms: mean(&|burst| burst.off_ms),
            cadences: count as u8,
            confidence_pct: mean(&|burst| burst.spectrum.confidence_pct.into()) as u8,
        }
    }
}
