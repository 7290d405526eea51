//! The non-linear processor: what the filter leaves of the echo gives way to comfort noise while only the far end talks.

use crate::{BLOCK, POWER_0_DBM0};

/// Of the energies of one block, those that decide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Energies {
    /// The loudest far block within the tail.
    pub(crate) far: f32,
    /// The echo that the filter gives.
    pub(crate) echo: f32,
    /// After the filter.
    pub(crate) error: f32,
    /// What of the echo the filter was expected to leave.
    pub(crate) expected: f32,
    /// Of what is left, what cannot be echo.
    pub(crate) foreign: f32,
    /// How neighbouring samples after the filter are alike, from -1 to 1.
    pub(crate) alike: f32,
}

/// A far signal weaker than this makes no echo to be heard, in energy a block: -50 dBm0.
pub(crate) const FAR_LEAST: f32 = POWER_0_DBM0 * 1e-5 * BLOCK as f32;
/// The near end is thought to talk when this many times more is left than expected.
const TALKS: f32 = 4.0;
/// No line's background is louder than this at first, in energy a block: -40 dBm0; -60 where the far end speaks
/// first and hides it, until its first pause.
const FLOOR_MOST: [f32; 2] = [POWER_0_DBM0 * 1e-4 * BLOCK as f32, POWER_0_DBM0 * 1e-6 * BLOCK as f32];
/// Blocks for which it is thought to go on: 80 ms.
const HANG: u8 = 8;
/// Share of the far signal that comes back while nothing is known about the path, over the square of [`LEAK`]'s most.
const UNTAUGHT: f32 = 1.6;
/// Share of the echo that a filter is thought to leave at most and at least.
const LEAK: [f32; 2] = [1e-4, 0.25];

/// The processor of one lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suppressor {
    /// What is left of the estimated echo at best, lately.
    leak: f32,
    hang: u8,
    /// Energy of the near end's background in a block, and how neighbouring samples of it are alike.
    floor: f32,
    alike: f32,
}

impl Suppressor {
    pub(crate) const NEW: Self = Self { leak: LEAK[1], hang: 0, floor: 0.0, alike: 0.0 };

    /// Whether the near end is thought to talk.
    pub(crate) fn hears_near(&self) -> bool {
        self.hang > 0
    }

    /// Share of the near signal that is to pass at the end of this block.
    pub(crate) fn judge(&mut self, energies: &Energies) -> f32 {
        if energies.echo > self.floor {
            let leak = (self.leak * 1.004).min(energies.error / energies.echo);
            self.leak = leak.clamp(LEAK[0], LEAK[1]);
        }
        let untaught = UNTAUGHT * self.leak * self.leak;
        let echo =
            (energies.expected + untaught * energies.far).min(0.25 * energies.far) + 2.0 * self.leak * energies.echo;
        let is_far = energies.far >= FAR_LEAST;
        let may_be_echo = is_far && energies.error < 2.0 * energies.expected + untaught * energies.far;
        self.learn_background(energies, may_be_echo);
        if !is_far {
            self.hang = 0;
            return 1.0;
        }
        let left = echo + self.floor;
        let is_foreign = energies.foreign > 0.5 * energies.error && energies.error > TALKS * self.floor;
        if is_foreign || energies.error > TALKS * left {
            self.hang = HANG;
        } else {
            self.hang = self.hang.saturating_sub(1);
        }
        if self.hang > 0 { 1.0 } else { 0.0 }
    }

    /// Follows the level of steady noise, rises slowly under anything louder.
    fn learn_background(&mut self, energies: &Energies, may_be_echo: bool) {
        let (heard, step) = (energies.error, 0.05);
        if self.floor == 0.0 {
            self.floor = heard.min(FLOOR_MOST[usize::from(energies.far >= FAR_LEAST)]);
        }
        if heard > 3.0 * self.floor + 1.0 || (may_be_echo && heard > self.floor) {
            self.floor *= if may_be_echo { 1.0 } else { 1.01 };
            return;
        }
        self.floor += step * (heard - self.floor);
        self.alike += step * (energies.alike - self.alike);
    }

    /// Comfort noise like the background: what is new in each sample at most, and what stays of the one before.
    pub(crate) fn comfort(&self) -> (f32, f32) {
        let alike = self.alike.clamp(-0.95, 0.95);
        // Uniform from -1 to 1 has a third of the power of one.
        (dsp_math::sqrt(3.0 * (1.0 - alike * alike) * self.floor / BLOCK as f32), alike)
    }
}
