//! Signals for the receiver, made with the library's sines and so independent of the crate's own generator.

use base::Digit;
use dsp_tone::{BLOCK, COLUMNS_HZ, DtmfBank, DtmfEvent, Profile, ROWS_HZ};
pub(crate) use test_signals::Line;
use test_signals::{Sound, peak};

/// Samples of a millisecond.
pub(crate) const MS: usize = 8;

/// How a pair of tones differs from the nominal one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) digit: Digit,
    /// Factors of the two frequencies, and hertz added to them.
    pub(crate) low_factor: f64,
    pub(crate) high_factor: f64,
    pub(crate) low_hz: f64,
    pub(crate) high_hz: f64,
    /// dBm0.
    pub(crate) low_level: f64,
    pub(crate) high_level: f64,
}

impl Pair {
    pub(crate) fn nominal(digit: Digit) -> Self {
        let (low_factor, high_factor, low_hz, high_hz) = (1.0, 1.0, 0.0, 0.0);
        Self { digit, low_factor, high_factor, low_hz, high_hz, low_level: -9.0, high_level: -7.0 }
    }

    pub(crate) fn levels(self, low: f64, high: f64) -> Self {
        Self { low_level: low, high_level: high, ..self }
    }

    /// Level of both together, dBm0.
    pub(crate) fn level(&self) -> f64 {
        10.0 * (10f64.powf(self.low_level / 10.0) + 10f64.powf(self.high_level / 10.0)).log10()
    }
}

impl Sound for Pair {
    fn sample(&self, at: usize) -> f64 {
        let (row, column) = self.digit.grid_position();
        let low = f64::from(ROWS_HZ[row]) * self.low_factor + self.low_hz;
        let high = f64::from(COLUMNS_HZ[column]) * self.high_factor + self.high_hz;
        let wave = |hz: f64, level: f64| peak(level) * (core::f64::consts::TAU * hz * at as f64 / 8000.0 + hz).sin();
        wave(low, self.low_level) + wave(high, self.high_level)
    }
}

/// What the receiver tells of a line.
pub(crate) trait Received {
    /// The usual one.
    fn events(&self) -> Vec<DtmfEvent>;
    /// One of this profile.
    fn events_by(&self, profile: Profile) -> Vec<DtmfEvent>;
    /// The confirmed digits.
    fn digits(&self) -> String;
}

impl Received for Line {
    fn events(&self) -> Vec<DtmfEvent> {
        self.events_by(Profile::ATT)
    }

    fn events_by(&self, profile: Profile) -> Vec<DtmfEvent> {
        let mut bank = DtmfBank::<1>::new(profile);
        let mut events = Vec::new();
        let mut samples = self.samples();
        samples.resize(samples.len().next_multiple_of(BLOCK) + 4 * BLOCK, 0);
        for block in samples.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| events.push(event));
        }
        events
    }

    fn digits(&self) -> String {
        digits(&self.events())
    }
}

pub(crate) fn digits(events: &[DtmfEvent]) -> String {
    let began = |event: &DtmfEvent| match event {
        DtmfEvent::Began(digit) => Some(digit.as_char()),
        DtmfEvent::Early(_) | DtmfEvent::Retracted | DtmfEvent::Ended { .. } => None,
    };
    events.iter().filter_map(began).collect()
}
