//! The two models of the echo path and how they learn.
//!
//! Both are cut into partitions of one block: partition `p` is the spectrum of the path's samples `80 p` to `80 p + 79`, and meets the
//! far signal's spectrum of `p` blocks ago. The sum over all is the echo of this very block, so nothing is delayed.

use crate::transform::{BINS, Row, Spectrum, Transform, WINDOW, Window, lanes, mul};

/// What share of the far signal's power a partition is thought to echo before anything is known.
pub(crate) const DOUBT: f32 = 0.1;
/// Share of the path that is thought to be new with each block.
const DRIFT: f32 = 2e-5;
/// How much of what a block taught is believed. Half would be right, did frequencies not mix in windows without a slope.
const SURE: f32 = 0.25;
/// How far the scout goes towards what would have cancelled the last block.
const SCOUT_STEP: f32 = 0.6;
/// A frequency is taken to hold at least this share of the mean far power over all. Where there is truly less, what is seen is
/// the rest of the others, spread by the window, and rounding: nothing to learn from. So a tone teaches only about itself.
const FAR_SPREAD: f32 = 0.15;
/// And this share of the mean power of the near end.
const NEAR_SPREAD: f32 = 0.01;
/// Near signals below a tenth of a step of the samples do not matter.
const LEAST: f32 = WINDOW as f32 * 0.01;

/// Spectra of the far signal, the newest first.
#[derive(Clone, Debug)]
pub(crate) struct History<const LANES: usize, const PARTITIONS: usize> {
    spectra: [Spectrum<LANES>; PARTITIONS],
    newest: usize,
}

impl<const LANES: usize, const PARTITIONS: usize> History<LANES, PARTITIONS> {
    pub(crate) const EMPTY: Self = Self { spectra: [Spectrum::ZERO; PARTITIONS], newest: 0 };

    #[inline(always)]
    pub(crate) fn push(&mut self, transform: &mut Transform<LANES>, window: &Window<LANES>) {
        self.newest = (self.newest + PARTITIONS - 1) % PARTITIONS;
        transform.forward(window, &mut self.spectra[self.newest]);
    }

    pub(crate) fn forget(&mut self, lane: usize) {
        self.spectra.iter_mut().for_each(|spectrum| clear(spectrum, lane));
    }

    /// The spectrum that each partition meets.
    #[inline(always)]
    fn ages(&self) -> [&Spectrum<LANES>; PARTITIONS] {
        core::array::from_fn(|age| &self.spectra[(self.newest + age) % PARTITIONS])
    }
}

/// A model of the echo path: spectra of its partitions.
#[derive(Clone, Debug)]
pub(crate) struct Path<const LANES: usize, const PARTITIONS: usize> {
    partitions: [Spectrum<LANES>; PARTITIONS],
}

impl<const LANES: usize, const PARTITIONS: usize> Path<LANES, PARTITIONS> {
    pub(crate) const NONE: Self = Self { partitions: [Spectrum::ZERO; PARTITIONS] };

    /// The spectrum of a window whose second half is the echo of the newest block.
    #[inline(always)]
    pub(crate) fn echo(&self, far: &History<LANES, PARTITIONS>, sum: &mut Spectrum<LANES>) {
        let ages = far.ages();
        for k in 0..BINS {
            let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
            for (path, far) in self.partitions.iter().zip(ages) {
                for lane in 0..LANES {
                    re[lane] += path.re[k][lane] * far.re[k][lane] - path.im[k][lane] * far.im[k][lane];
                    im[lane] += path.re[k][lane] * far.im[k][lane] + path.im[k][lane] * far.re[k][lane];
                }
            }
            sum.re[k] = re;
            sum.im[k] = im;
        }
    }

    pub(crate) fn copy_lane(&mut self, from: &Self, lane: usize) {
        for (to, from) in self.partitions.iter_mut().zip(&from.partitions) {
            for k in 0..BINS {
                to.re[k][lane] = from.re[k][lane];
                to.im[k][lane] = from.im[k][lane];
            }
        }
    }

    pub(crate) fn forget(&mut self, lane: usize) {
        self.partitions.iter_mut().for_each(|spectrum| clear(spectrum, lane));
    }

    #[cfg(test)]
    pub(crate) fn spoil(&mut self, lane: usize) {
        self.partitions[0].re[7][lane] = f32::NAN;
    }

    /// Takes out of a partition what belongs to its neighbours, the second half of its samples, in lanes that learn.
    #[inline(always)]
    pub(crate) fn constrain(&mut self, partition: usize, by: &mut Constraint<LANES>, learn: &Row<LANES>) {
        let partition = &mut self.partitions[partition];
        by.transform.inverse(partition, &mut by.window);
        by.transform.forward_first_half(&by.window, &mut by.spectrum);
        for k in 0..BINS {
            // All the way, or none of it.
            partition.put(k, &partition.at(k).mixed(&by.spectrum.at(k), learn));
        }
    }
}

/// Memory for [`Path::constrain`].
#[derive(Clone, Debug)]
pub(crate) struct Constraint<const LANES: usize> {
    pub(crate) transform: Transform<LANES>,
    window: Window<LANES>,
    spectrum: Spectrum<LANES>,
}

impl<const LANES: usize> Constraint<LANES> {
    pub(crate) const NEW: Self = Self { transform: Transform::NEW, window: Window::SILENCE, spectrum: Spectrum::ZERO };
}

fn clear<const LANES: usize>(spectrum: &mut Spectrum<LANES>, lane: usize) {
    for k in 0..BINS {
        spectrum.re[k][lane] = 0.0;
        spectrum.im[k][lane] = 0.0;
    }
}

/// What is known about the first model's error, for each partition and frequency, and about the near signal's power.
///
/// With these two the step of each frequency follows by Kalman's rule: large while the model is bad and the near end silent, nothing
/// while the near end talks. So double talk needs no detector to be survived.
#[derive(Clone, Debug)]
pub(crate) struct Doubt<const LANES: usize, const PARTITIONS: usize> {
    path: [[Row<LANES>; BINS]; PARTITIONS],
    near: [Row<LANES>; BINS],
}

impl<const LANES: usize, const PARTITIONS: usize> Doubt<LANES, PARTITIONS> {
    pub(crate) const FULL: Self = Self { path: [[[DOUBT; LANES]; BINS]; PARTITIONS], near: [[0.0; LANES]; BINS] };

    /// Sets the doubt about a lane's path to this share of [`DOUBT`].
    pub(crate) fn set(&mut self, lane: usize, share: f32) {
        self.path.iter_mut().flatten().for_each(|row| row[lane] = share * DOUBT);
    }

    /// Forgets the near signal too.
    pub(crate) fn forget(&mut self, lane: usize) {
        self.set(lane, 1.0);
        self.near.iter_mut().for_each(|row| row[lane] = 0.0);
    }
}

/// What every frequency is taken to hold at least, as power of a spectrum's value.
pub(crate) struct Means<const LANES: usize> {
    far: Row<LANES>,
    error: Row<LANES>,
}

impl<const LANES: usize> Means<LANES> {
    /// From the far signal's energy in a block, the mean over the tail, and that of what the first model left of the newest block.
    pub(crate) fn of(far: &Row<LANES>, error: &Row<LANES>) -> Self {
        // A spectrum's mean power is its window's energy: of two blocks, or of one.
        Self { far: far.map(|far| 2.0 * FAR_SPREAD * far), error: error.map(|error| NEAR_SPREAD * error + LEAST) }
    }
}

/// What was expected of the newest block, as energies.
pub(crate) struct Expectation<const LANES: usize> {
    /// Of the echo that the first model leaves.
    pub(crate) echo: Row<LANES>,
    /// What is left at frequencies at which the far signal has too little for any hybrid to make it an echo.
    pub(crate) foreign: Row<LANES>,
}

impl<const LANES: usize> Expectation<LANES> {
    pub(crate) const NONE: Self = Self { echo: [0.0; LANES], foreign: [0.0; LANES] };
}

/// Teaches both models from what they left of the newest block, in lanes whose `learn` is 1, not where it is 0.
#[inline(always)]
pub(crate) fn learn<const LANES: usize, const PARTITIONS: usize>(
    far: &History<LANES, PARTITIONS>,
    left: &[Spectrum<LANES>; 2],
    model: &mut Path<LANES, PARTITIONS>,
    doubt: &mut Doubt<LANES, PARTITIONS>,
    scout: &mut Path<LANES, PARTITIONS>,
    learn: &Row<LANES>,
    means: &Means<LANES>,
) -> Expectation<LANES> {
    let ages = far.ages();
    let (mut total, mut foreign) = ([0.0_f32; LANES], [0.0; LANES]);
    // What the two frequencies before held of the far signal, and the last one of what is left.
    let (mut before, mut last, mut last_seen) = ([0.0_f32; LANES], [0.0; LANES], [0.0; LANES]);
    for k in 0..BINS {
        let [error, scouted] = [left[0].at(k), left[1].at(k)];
        let mut expected = [0.0; LANES];
        let mut power = [0.0; LANES];
        for (doubt, far) in doubt.path.iter().zip(ages) {
            for lane in 0..LANES {
                let far = far.re[k][lane] * far.re[k][lane] + far.im[k][lane] * far.im[k][lane];
                power[lane] += far;
                expected[lane] += doubt[k][lane] * (far + means.far[lane]);
            }
        }
        let mut step = [0.0; LANES];
        let mut scout_step = [0.0; LANES];
        for lane in 0..LANES {
            let seen = error.re[lane] * error.re[lane] + error.im[lane] * error.im[lane];
            // What is left is the near signal and the echo that was expected; never quite only the latter.
            let unexpected = (seen - 0.5 * expected[lane]).max(0.02 * seen);
            let near = doubt.near[k][lane] + 0.6 * learn[lane] * (unexpected - doubt.near[k][lane]);
            doubt.near[k][lane] = near;
            total[lane] += expected[lane];
            // The window of an error is half as long, and spreads a tone over the neighbours.
            let around = before[lane].max(last[lane]).max(power[lane]);
            foreign[lane] += (last_seen[lane] - 0.5 * (around + 2.0 * means.far[lane])).max(0.0);
            (before[lane], last[lane], last_seen[lane]) = (last[lane], power[lane], seen);
            // Half, because the window of an error holds only one block.
            step[lane] = learn[lane] / (0.5 * expected[lane] + near + means.error[lane]);
            scout_step[lane] = SCOUT_STEP * learn[lane] / (power[lane] + PARTITIONS as f32 * means.far[lane] + LEAST);
        }
        for p in 0..PARTITIONS {
            let (x, model, scout) = (ages[p].at(k), &mut model.partitions[p], &mut scout.partitions[p]);
            let held = doubt.path[p][k];
            let (w, gain) = (model.at(k), mul(&held, &step));
            let square = x.power();
            let kept: Row<LANES> = lanes(|lane| held[lane] - SURE * gain[lane] * held[lane] * square[lane]);
            let path = w.power();
            doubt.path[p][k] = lanes(|lane| kept[lane] + learn[lane] * DRIFT * path[lane]);
            model.put(k, &x.towards(&error, &gain, &w));
            scout.put(k, &x.towards(&scouted, &scout_step, &scout.at(k)));
        }
    }
    // The spectrum names each frequency but the outermost once for itself and once for its mirror image.
    Expectation {
        echo: total.map(|energy| energy / WINDOW as f32),
        foreign: foreign.map(|energy| 2.0 * energy / WINDOW as f32),
    }
}
