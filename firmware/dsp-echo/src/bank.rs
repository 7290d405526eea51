//! Cancellers of many lanes.

use crate::disabler::{self, Disabler};
use crate::filter::{Constraint, Doubt, Expectation, History, Means, Path, learn};
use crate::mixer::Mixer;
use crate::suppressor::{Energies, FAR_LEAST, Suppressor};
use crate::transform::{Row, Spectrum, Window};
use crate::{BLOCK, Pair, Settings};

/// A filter that leaves this many times more than there was is worse than none.
const WORSE: f32 = 1.3;
/// For longer than any echo is on its way, or it is only late.
const WORSE_BLOCKS: usize = 3;
/// The scout is better when it leaves less than this share of what the model leaves, for so many blocks.
const BETTER: f32 = 0.5;
const BETTER_BLOCKS: u8 = 4;
/// The scout is lost when it leaves so many times more.
const LOST: f32 = 4.0;
const LOST_BLOCKS: u8 = 10;
/// Each block constrains one in so many of the model's partitions, and one of the scout's.
const CONSTRAIN_EVERY: usize = 3;
/// Pole of the filter that keeps mains hum's lower half and DC from the models: 19 Hz.
const POLE: f32 = 0.985;

/// Cancellers of echo for `LANES` channels, each with a tail of `PARTITIONS` blocks of 10 ms.
#[derive(Clone, Debug)]
pub struct EchoBank<const LANES: usize, const PARTITIONS: usize> {
    far: Window<LANES>,
    history: History<LANES, PARTITIONS>,
    model: Path<LANES, PARTITIONS>,
    doubt: Doubt<LANES, PARTITIONS>,
    scout: Path<LANES, PARTITIONS>,
    turn: usize,
    hum: [Hum<LANES>; 2],
    scratch: Scratch<LANES>,
    mixer: Mixer<LANES>,
    lanes: [Lane<PARTITIONS>; LANES],
}

/// Memory of one block's work, and what the two models, the first and the scout, say and leave.
#[derive(Clone, Debug)]
struct Scratch<const LANES: usize> {
    block_far: [Row<LANES>; BLOCK],
    block_near: [Row<LANES>; BLOCK],
    constraint: Constraint<LANES>,
    echoes: [Window<LANES>; 2],
    errors: [Window<LANES>; 2],
    left: [Spectrum<LANES>; 2],
    said: [[i32; LANES]; BLOCK],
}

impl<const LANES: usize> Scratch<LANES> {
    const NEW: Self = Self {
        block_far: [[0.0; LANES]; BLOCK],
        block_near: [[0.0; LANES]; BLOCK],
        constraint: Constraint::NEW,
        echoes: [Window::SILENCE; 2],
        errors: [Window::SILENCE; 2],
        left: [Spectrum::ZERO; 2],
        said: [[0; LANES]; BLOCK],
    };
}

/// The last samples before and after the filter against DC.
#[derive(Clone, Copy, Debug)]
struct Hum<const LANES: usize> {
    before: Row<LANES>,
    after: Row<LANES>,
}

/// Who decides for one lane.
#[derive(Clone, Copy, Debug)]
struct Lane<const PARTITIONS: usize> {
    far: [f32; PARTITIONS],
    /// Smoothed energies: near, left by the model, left by the scout.
    near: f32,
    error: f32,
    scouted: f32,
    worse: usize,
    better: u8,
    lost: u8,
    suppressor: Suppressor,
    disabler: Disabler,
    is_off: bool,
    settings: Settings,
}

impl<const PARTITIONS: usize> Lane<PARTITIONS> {
    fn new() -> Self {
        Self {
            far: [0.0; PARTITIONS],
            near: 0.0,
            error: 0.0,
            scouted: 0.0,
            worse: 0,
            better: 0,
            lost: 0,
            suppressor: Suppressor::NEW,
            disabler: Disabler::NEW,
            is_off: false,
            settings: Settings::default(),
        }
    }

    fn mean_far(&self) -> f32 {
        self.far.iter().sum::<f32>() / PARTITIONS as f32
    }

    fn loudest_far(&self) -> f32 {
        self.far.iter().copied().fold(0.0, f32::max)
    }
}

impl<const LANES: usize, const PARTITIONS: usize> EchoBank<LANES, PARTITIONS> {
    /// Cancellers that know nothing of their lines yet.
    pub fn new() -> Self {
        Self {
            far: Window::SILENCE,
            history: History::EMPTY,
            model: Path::NONE,
            doubt: Doubt::FULL,
            scout: Path::NONE,
            turn: 0,
            hum: [Hum { before: [0.0; LANES], after: [0.0; LANES] }; 2],
            scratch: Scratch::NEW,
            mixer: Mixer::new(),
            lanes: core::array::from_fn(|_| Lane::new()),
        }
    }

    /// Forgets a lane's line: the next call begins. A lane that there is not is passed over.
    pub fn restart(&mut self, lane: usize) {
        let Some(state) = self.lanes.get_mut(lane) else { return };
        *state = Lane { settings: state.settings, ..Lane::new() };
        self.mixer.restart(lane);
        for row in self.far.re.iter_mut().chain(&mut self.far.im) {
            row[lane] = 0.0;
        }
        for hum in &mut self.hum {
            (hum.before[lane], hum.after[lane]) = (0.0, 0.0);
        }
        self.history.forget(lane);
        self.forget_path(lane);
    }

    /// What a lane is to do; [`Settings::default`] until told otherwise. A lane that there is not is passed over.
    pub fn set(&mut self, lane: usize, settings: Settings) {
        if let Some(state) = self.lanes.get_mut(lane) {
            state.settings = settings;
        }
    }

    /// Whether a 2100 Hz tone with phase reversals has made a lane a clear channel.
    pub fn is_disabled(&self, lane: usize) -> bool {
        self.lanes.get(lane).is_some_and(|state| state.is_off)
    }

    /// Whether the near end is thought to talk while the far end does.
    pub fn hears_double_talk(&self, lane: usize) -> bool {
        self.lanes.get(lane).is_some_and(|state| state.suppressor.hears_near())
    }

    /// Takes the echo of `far` out of `near`, in place, for every lane that has a pair.
    #[inline(always)]
    pub fn cancel(&mut self, pairs: &mut [Option<Pair<'_>>; LANES]) {
        let Scratch { block_far: far, block_near: near, .. } = &mut self.scratch;
        for (lane, pair) in pairs.iter().enumerate() {
            for at in 0..BLOCK {
                far[at][lane] = pair.as_ref().map_or(0.0, |pair| f32::from(pair.far[at]));
                near[at][lane] = pair.as_ref().map_or(0.0, |pair| f32::from(pair.near[at]));
            }
        }
        self.watch_tones();
        let Scratch { block_far: far, block_near: near, .. } = &mut self.scratch;
        self.hum[0].filter(far);
        self.hum[1].filter(near);
        self.far.push(far);
        self.history.push(&mut self.scratch.constraint.transform, &self.far);

        let Scratch {
            constraint: Constraint { transform, .. },
            echoes,
            errors,
            left,
            block_far: far,
            block_near: near,
            ..
        } = &mut self.scratch;
        for (which, path) in [&self.model, &self.scout].into_iter().enumerate() {
            path.echo(&self.history, &mut left[which]);
            transform.inverse(&left[which], &mut echoes[which]);
            errors[which].set_new(near, &echoes[which]);
            transform.forward(&errors[which], &mut left[which]);
        }
        let sums = Sums {
            far: energy(far),
            near: energy(near),
            echo: echoes[0].new_energy(),
            error: errors[0].new_energy(),
            scouted: errors[1].new_energy(),
            neighbours: errors[0].new_neighbours(),
        };
        let expected = self.learn(&sums);
        self.speak(pairs, &sums, &expected);
        self.compare(&sums);
    }

    /// Sees whether a tone asks for a clear channel, lane by lane.
    #[inline(always)]
    fn watch_tones(&mut self) {
        let (far, near) = (disabler::hops(&self.scratch.block_far), disabler::hops(&self.scratch.block_near));
        for lane in 0..LANES {
            let was_off = self.lanes[lane].is_off;
            let state = &mut self.lanes[lane];
            let is_off = state.disabler.heard(far[lane], near[lane]) && state.settings.obeys_tone;
            if was_off && !is_off {
                self.restart(lane);
            }
            self.lanes[lane].is_off = is_off;
        }
    }

    /// Teaches the models of the lanes whose far end is to be heard.
    #[inline(always)]
    fn learn(&mut self, sums: &Sums<LANES>) -> Expectation<LANES> {
        self.turn = (self.turn + 1) % PARTITIONS;
        let mut learns = [0.0; LANES];
        for (lane, state) in self.lanes.iter_mut().enumerate() {
            state.far.rotate_right(1);
            state.far[0] = sums.far[lane];
            if !state.is_off && state.loudest_far() >= FAR_LEAST {
                learns[lane] = 1.0;
            }
        }
        if learns.iter().all(|&learns| learns == 0.0) {
            return Expectation::NONE;
        }
        let means = Means::of(&core::array::from_fn(|lane| self.lanes[lane].mean_far()), &sums.error);
        let Self { history, model, doubt, scout, .. } = self;
        let expected = learn(history, &self.scratch.left, model, doubt, scout, &learns, &means);
        let constraint = &mut self.scratch.constraint;
        for partition in (self.turn % CONSTRAIN_EVERY..PARTITIONS).step_by(CONSTRAIN_EVERY) {
            self.model.constrain(partition, constraint, &learns);
        }
        self.scout.constrain(self.turn, constraint, &learns);
        expected
    }

    /// Writes what the near ends say.
    #[inline(always)]
    fn speak(&mut self, pairs: &mut [Option<Pair<'_>>; LANES], sums: &Sums<LANES>, expected: &Expectation<LANES>) {
        let mut wanted = *self.mixer.last();
        for (lane, state) in self.lanes.iter_mut().enumerate() {
            if pairs[lane].is_some() && !state.is_off {
                (wanted.taken[lane], wanted.passes[lane]) = state.judge(lane, sums, expected);
                (wanted.loud[lane], wanted.alike[lane]) = state.suppressor.comfort();
            }
        }
        let Scratch { block_near, echoes, said, .. } = &mut self.scratch;
        self.mixer.mix(block_near, &echoes[0], &wanted, said);
        for (lane, pair) in pairs.iter_mut().enumerate() {
            let Some(pair) = pair else { continue };
            if !self.lanes[lane].is_off {
                for (near, said) in pair.near.iter_mut().zip(&*said) {
                    *near = said[lane] as i16;
                }
            }
        }
    }

    /// Compares the models with each other and with none at all.
    #[inline(always)]
    fn compare(&mut self, sums: &Sums<LANES>) {
        for lane in 0..LANES {
            match self.lanes[lane].compare(sums, lane) {
                None => {}
                Some(Change::Begin) => self.restart(lane),
                Some(Change::Restart) => self.forget_path(lane),
                Some(Change::Adopt(share)) => {
                    self.model.copy_lane(&self.scout, lane);
                    self.doubt.set(lane, share);
                }
                Some(Change::Recall) => self.scout.copy_lane(&self.model, lane),
            }
        }
    }

    fn forget_path(&mut self, lane: usize) {
        self.model.forget(lane);
        self.scout.forget(lane);
        self.doubt.forget(lane);
    }
}

impl<const LANES: usize, const PARTITIONS: usize> Default for EchoBank<LANES, PARTITIONS> {
    fn default() -> Self {
        Self::new()
    }
}

/// Energies of the block in all lanes.
struct Sums<const LANES: usize> {
    far: Row<LANES>,
    near: Row<LANES>,
    echo: Row<LANES>,
    error: Row<LANES>,
    scouted: Row<LANES>,
    neighbours: Row<LANES>,
}

/// What becomes of a lane's models.
enum Change {
    /// Something is no number any more: nothing is kept of the lane.
    Begin,
    /// Both begin anew: the path is another, or there is none any more.
    Restart,
    /// The scout found a better one, which leaves this share.
    Adopt(f32),
    /// The scout has lost its way.
    Recall,
}

impl<const PARTITIONS: usize> Lane<PARTITIONS> {
    /// What share of the estimated echo is to be taken out, and what share of the rest is to pass.
    fn judge<const LANES: usize>(
        &mut self,
        lane: usize,
        sums: &Sums<LANES>,
        expected: &Expectation<LANES>,
    ) -> (f32, f32) {
        let harms = self.error > 1.1 * self.near;
        let passes = self.suppressor.judge(&Energies {
            far: self.loudest_far(),
            echo: sums.echo[lane],
            error: sums.error[lane].min(sums.near[lane]),
            expected: expected.echo[lane],
            foreign: expected.foreign[lane],
            alike: sums.neighbours[lane] / sums.error[lane].max(1.0),
        });
        (if harms { 0.0 } else { 1.0 }, if self.settings.suppresses { passes } else { 1.0 })
    }

    /// Judges the models by what they left lately.
    fn compare<const LANES: usize>(&mut self, sums: &Sums<LANES>, lane: usize) -> Option<Change> {
        if !(sums.error[lane] + sums.scouted[lane]).is_finite() {
            return Some(Change::Begin);
        }
        if self.is_off || self.loudest_far() < FAR_LEAST {
            return None;
        }
        for (smooth, new) in [
            (&mut self.near, sums.near[lane]),
            (&mut self.error, sums.error[lane]),
            (&mut self.scouted, sums.scouted[lane]),
        ] {
            *smooth += 0.2 * (new - *smooth);
        }
        self.worse = if self.error > WORSE * self.near + BLOCK as f32 { self.worse + 1 } else { 0 };
        if self.worse > PARTITIONS + WORSE_BLOCKS {
            self.worse = 0;
            (self.error, self.scouted) = (self.near, self.near);
            return Some(Change::Restart);
        }
        self.better = if self.scouted < BETTER * self.error { self.better + 1 } else { 0 };
        self.lost = if self.scouted > LOST * self.error { self.lost + 1 } else { 0 };
        if self.better == BETTER_BLOCKS {
            self.better = 0;
            let share = (self.scouted / (self.near + 1.0)).clamp(0.01, 1.0);
            self.error = self.scouted;
            return Some(Change::Adopt(share));
        }
        if self.lost == LOST_BLOCKS {
            self.lost = 0;
            self.scouted = self.error;
            return Some(Change::Recall);
        }
        None
    }
}

impl<const LANES: usize> Hum<LANES> {
    #[inline(always)]
    fn filter(&mut self, block: &mut [Row<LANES>; BLOCK]) {
        for row in block {
            for lane in 0..LANES {
                let sample = row[lane];
                self.after[lane] = sample - self.before[lane] + POLE * self.after[lane];
                self.before[lane] = sample;
                row[lane] = self.after[lane];
            }
        }
    }
}

#[inline(always)]
fn energy<const LANES: usize>(block: &[Row<LANES>; BLOCK]) -> Row<LANES> {
    let mut sum = [0.0; LANES];
    for row in block {
        for lane in 0..LANES {
            sum[lane] += row[lane] * row[lane];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TAIL_32_MS;

    #[test]
    fn a_lane_that_lost_its_numbers_begins_anew() {
        let mut bank = EchoBank::<2, TAIL_32_MS>::new();
        let far: [i16; BLOCK] = core::array::from_fn(|at| (at as i32 * 797 % 9000 - 4500) as i16);
        let block = |bank: &mut EchoBank<2, TAIL_32_MS>| {
            let mut near = [far.map(|sample| sample / 2); 2];
            let [one, other] = &mut near;
            bank.cancel(&mut [Some(Pair { far: &far, near: one }), Some(Pair { far: &far, near: other })]);
            near.map(|near| near.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0))
        };
        for _ in 0..50 {
            block(&mut bank);
        }
        bank.model.spoil(1);
        let [beside, spoilt] = block(&mut bank);
        assert!(beside < 30 && spoilt <= 4500, "{beside} {spoilt}");
        let loudest = (0..100)
            .map(|_| block(&mut bank))
            .skip(60)
            .fold([0; 2], |most, now| [most[0].max(now[0]), most[1].max(now[1])]);
        assert!(loudest.iter().all(|&loudest| loudest < 30), "{loudest:?}");
    }
}
