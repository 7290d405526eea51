//! Signals for the receiver, made with the library's sines and so independent of the crate's own sender.

use dsp_fax::{BLOCK, FaxToneBank, FaxToneEvent};
use std::f64::consts::TAU;
use test_signals::{peak, through_alaw};

/// Samples of a millisecond.
pub(crate) const MS: usize = 8;

/// An answering tone as it arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tone {
    pub(crate) hz: f64,
    /// dBm0.
    pub(crate) level: f64,
    /// Depth of a modulation with 15 Hz.
    pub(crate) depth: f64,
    /// Milliseconds from one turn of the phase to the next, and by how many degrees.
    pub(crate) turns: Option<(usize, f64)>,
}

impl Tone {
    pub(crate) const fn of(hz: f64, level: f64) -> Self {
        Self { hz, level, depth: 0.0, turns: None }
    }

    fn sample(&self, at: usize) -> f64 {
        let turned = self.turns.map_or(0.0, |(ms, degrees)| (at / (ms * MS)) as f64 * degrees / 360.0);
        let envelope = 1.0 + self.depth * (TAU * 15.0 * at as f64 / 8000.0).sin();
        peak(self.level) * envelope * (TAU * (self.hz * at as f64 / 8000.0 + turned)).sin()
    }
}

/// A line being written: silence, signals, and what is mixed over them.
#[derive(Clone, Default)]
pub(crate) struct Line(pub(crate) Vec<f64>);

impl Line {
    pub(crate) fn silence(mut self, samples: usize) -> Self {
        self.0.resize(self.0.len() + samples, 0.0);
        self
    }

    pub(crate) fn tone(mut self, tone: Tone, samples: usize) -> Self {
        self.0.extend((0..samples).map(|at| tone.sample(at)));
        self
    }

    /// Sines of these frequencies, each of this level.
    pub(crate) fn chord(mut self, hz: &[f64], level: f64, samples: usize) -> Self {
        let sample =
            |at: usize| hz.iter().map(|hz| (TAU * hz * at as f64 / 8000.0 + hz).sin()).sum::<f64>() * peak(level);
        self.0.extend((0..samples).map(sample));
        self
    }

    /// Octets, the lowest bit first, at 300 bit/s on channel 2 of V.21, both frequencies off by so much.
    pub(crate) fn v21(mut self, octets: &[u8], level: f64, off_hz: f64) -> Self {
        let (mut phase, from) = (0.0, self.0.len());
        let bits = octets.len() * 8;
        for at in 0..bits * 80 / 3 {
            let bit = at * 3 / 80;
            let one = octets[bit / 8] >> (bit % 8) & 1 == 1;
            phase += (if one { 1650.0 } else { 1850.0 } + off_hz) / 8000.0;
            self.0.push(peak(level) * (TAU * phase).sin());
        }
        debug_assert!(self.0.len() > from);
        self
    }

    /// Mixes what `other` gives, sample by sample.
    pub(crate) fn plus(mut self, mut other: impl FnMut() -> f64) -> Self {
        self.0.iter_mut().for_each(|sample| *sample += other());
        self
    }

    /// Through A-law, as everything a line carries.
    pub(crate) fn samples(&self) -> Vec<i16> {
        through_alaw(self.0.iter().copied())
    }

    /// What a receiver tells of it, with the milliseconds it had taken in by then.
    pub(crate) fn timed(&self) -> Vec<(usize, FaxToneEvent)> {
        let mut bank = FaxToneBank::<1>::new();
        bank.listen(0, true);
        let mut samples = self.samples();
        samples.resize(samples.len().next_multiple_of(BLOCK) + 20 * BLOCK, 0);
        let mut events = Vec::new();
        for (number, block) in (1..).zip(samples.as_chunks::<BLOCK>().0) {
            bank.process(&[Some(block)], |_, event| events.push((number * 10, event)));
        }
        events
    }

    pub(crate) fn events(&self) -> Vec<FaxToneEvent> {
        self.timed().into_iter().map(|(_, event)| event).collect()
    }
}
