//! A line being written.

use crate::through_alaw;

/// Something that sounds.
pub trait Sound {
    /// What it adds to the line's sample of this number.
    fn sample(&self, at: usize) -> f64;
}

/// Silence, sounds, and what is mixed over them.
#[derive(Clone, Default)]
pub struct Line(pub Vec<f64>);

impl Line {
    /// And silence.
    pub fn silence(mut self, samples: usize) -> Self {
        self.0.resize(self.0.len() + samples, 0.0);
        self
    }

    /// And this sound.
    pub fn tone(mut self, sound: impl Sound, samples: usize) -> Self {
        let from = self.0.len();
        self.0.extend((0..samples).map(|at| sound.sample(from + at)));
        self
    }

    /// Mixes what `other` gives, sample by sample.
    pub fn plus(mut self, mut other: impl FnMut() -> f64) -> Self {
        self.0.iter_mut().for_each(|sample| *sample += other());
        self
    }

    /// Mixes another sound over all of it.
    pub fn under(mut self, sound: impl Sound) -> Self {
        self.0.iter_mut().enumerate().for_each(|(at, sample)| *sample += sound.sample(at));
        self
    }

    /// Through A-law, as everything a line carries.
    pub fn samples(&self) -> Vec<i16> {
        through_alaw(self.0.iter().copied())
    }
}
