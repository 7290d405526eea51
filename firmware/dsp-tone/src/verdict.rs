//! Whether the last 35 ms were a digit.

use crate::profile::Profile;
use crate::spectrum::{Eight, HOP, HOP_S, HZ, Hop, TURN};
use core::f32::consts::TAU;
use dsp_math::{angle, sine_of_phase};

/// Hops that confirm a digit: 35 ms. A tone of 40 ms holds so many whole ones wherever it begins; one of 23 ms holds four.
pub(crate) const CONFIRM: usize = 7;
/// Share of the strongest window's power that each window must have. With it a tone of about 29 ms is just long enough.
const STEADY: f32 = 0.5;

/// Limits of a profile in the units of the spectrum.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Shares, to be compared with window power over energy.
    pub(crate) hold_share: f32,
    pub(crate) early_share: f32,
    pub(crate) misses_to_end: u8,
    confirm_share: f32,
    /// Least power of a window of two hops.
    least: f32,
    /// Least energy that one tone gives 35 ms.
    least_energy: f32,
    /// Energy of 35 ms that is not counted.
    echo: f32,
    twist: f32,
    reverse_twist: f32,
    hz: Eight,
}

impl Limits {
    /// Of the least tone and the echo amplitudes are given; the twists are ratios of power.
    pub(crate) fn new(profile: &Profile, [least, echo]: [f32; 2], twist: f32, reverse_twist: f32) -> Self {
        // A sine's correlation with itself over n samples is a n / 2, its energy a^2 n / 2.
        let window = (2 * HOP) as f32;
        let correlation = least * window / 2.0;
        Self {
            hold_share: profile.hold_share * window / 2.0,
            early_share: profile.early_share * window / 2.0,
            misses_to_end: profile.misses_to_end,
            confirm_share: profile.confirm_share,
            // 10 ms see the other tone's side lobes: half the power may be missing.
            least: correlation * correlation / 2.0,
            least_energy: least * least / 2.0 * (CONFIRM * HOP) as f32,
            echo: echo * echo / 2.0 * (CONFIRM * HOP) as f32,
            twist,
            reverse_twist,
            hz: HZ.map(|hz| {
                let accept = hz * profile.accept_share + profile.accept_hz;
                (accept + hz * profile.reject_share) / 2.0
            }),
        }
    }

    /// Whether a window's powers are strong enough and not too far apart. Generous: the verdict looks closely.
    pub(crate) fn takes(&self, row: f32, column: f32) -> bool {
        row >= self.least
            && column >= self.least
            && column <= row * self.twist * 2.0
            && row <= column * self.reverse_twist * 2.0
    }
}

/// The last hops of a lane.
#[derive(Clone)]
pub(crate) struct History {
    hops: [Hop; 8],
    /// Hops taken in so far, modulo a multiple of 8.
    count: usize,
}

/// A complex number.
#[derive(Clone, Copy)]
struct Phasor {
    re: f32,
    im: f32,
}

impl Phasor {
    const ZERO: Self = Self { re: 0.0, im: 0.0 };

    fn plus(self, other: Self, weight: f32) -> Self {
        Self { re: self.re + other.re * weight, im: self.im + other.im * weight }
    }

    fn times(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    fn conjugate(self) -> Self {
        Self { re: self.re, im: -self.im }
    }

    fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    fn angle(self) -> f32 {
        angle(self.im, self.re)
    }
}

/// One tone of the pair, measured over 35 ms.
struct Measured {
    /// Energy that the tone explains.
    energy: f32,
    off_hz: f32,
}

impl History {
    pub(crate) const EMPTY: Self = Self { hops: [Hop::SILENT; 8], count: 0 };

    /// Takes a hop in; gives the powers and the energy of the window that it makes with the one before.
    #[inline(always)]
    pub(crate) fn push(&mut self, hop: Hop) -> (Eight, f32) {
        let before = &self.hops[(self.count + 7) % 8];
        let window = (hop.powers_with(before), hop.energy + before.energy);
        self.hops[self.count % 8] = hop;
        self.count = (self.count + 1) % 8;
        window
    }

    pub(crate) fn latest_energy(&self) -> f32 {
        self.back(0).energy + self.back(1).energy
    }

    /// The hop `back` hops before the latest.
    fn back(&self, back: usize) -> &Hop {
        &self.hops[(self.count + 15 - back) % 8]
    }

    /// Whether the last [`CONFIRM`] hops are the digit at this place of the grid.
    pub(crate) fn is_digit(&self, at: usize, limits: &Limits) -> bool {
        let (row, column) = (at / 4, at % 4 + 4);
        if !self.is_steady(row, column) {
            return false;
        }
        let (low, high) = (self.measure(row), self.measure(column));
        let energy: f32 = (0..CONFIRM).map(|back| self.back(back).energy).sum();
        low.off_hz.abs() <= limits.hz[row]
            && high.off_hz.abs() <= limits.hz[column]
            && low.energy + high.energy >= limits.confirm_share * (energy - limits.echo)
            && low.energy >= limits.least_energy
            && high.energy >= limits.least_energy
            && high.energy <= low.energy * limits.twist
            && low.energy <= high.energy * limits.reverse_twist
    }

    /// Whether the pair is there from the first hop to the last.
    fn is_steady(&self, row: usize, column: usize) -> bool {
        let (mut least, mut most) = (f32::INFINITY, 0.0_f32);
        for back in 0..CONFIRM - 1 {
            let powers = self.back(back).powers_with(self.back(back + 1));
            let power = powers[row] + powers[column];
            least = least.min(power);
            most = most.max(power);
        }
        least >= most * STEADY
    }

    fn measure(&self, frequency: usize) -> Measured {
        let turn = Phasor { re: TURN.0[frequency], im: -TURN.1[frequency] };
        let mut reference = Phasor { re: 1.0, im: 0.0 };
        // Oldest first, each turned back to the oldest one's phase: what still turns is the frequency's error.
        let hops: [Phasor; CONFIRM] = core::array::from_fn(|at| {
            let hop = self.back(CONFIRM - 1 - at);
            let seen = Phasor { re: hop.re[frequency], im: hop.im[frequency] }.times(reference);
            reference = reference.times(turn);
            seen
        });
        let turn = error_turn(&hops);
        let back = unit(-turn);
        let mut reference = Phasor { re: 1.0, im: 0.0 };
        let mut sum = Phasor::ZERO;
        for hop in hops {
            sum = sum.plus(hop.times(reference), 1.0);
            reference = reference.times(back);
        }
        // Within a hop the error costs a little, too: sin x / x with x half the turn, in powers.
        let lost = 1.0 - turn * turn / 12.0;
        let samples = (CONFIRM * HOP) as f32;
        Measured { energy: sum.power() * 2.0 / (samples * lost), off_hz: turn / (TAU * HOP_S) }
    }
}

/// By how much the tone turns in a hop, in radians.
fn error_turn(hops: &[Phasor; CONFIRM]) -> f32 {
    // Coarse, but without ambiguity up to 100 Hz: neighbouring pairs.
    let pairs: [Phasor; CONFIRM - 1] = core::array::from_fn(|at| hops[at].plus(hops[at + 1], 1.0));
    let mut sum = Phasor::ZERO;
    for pair in pairs.windows(2) {
        sum = sum.plus(pair[1].times(pair[0].conjugate()), 1.0);
    }
    let coarse = sum.angle();
    // Fine: two windows of 20 ms, three hops apart, tapered against the other tone of the pair.
    let taper = |from: usize| hops[from].plus(hops[from + 1], 2.0).plus(hops[from + 2], 2.0).plus(hops[from + 3], 1.0);
    let fine = taper(3).times(taper(0).conjugate()).angle();
    let turns = 3.0 * coarse - fine;
    let whole = (turns / TAU + if turns < 0.0 { -0.5 } else { 0.5 }) as i32;
    (fine + whole as f32 * TAU) / 3.0
}

/// The unit phasor at `radians`, less than a turn either way.
fn unit(radians: f32) -> Phasor {
    let phase = (radians * (4_294_967_296.0 / TAU)) as i64 as u32;
    Phasor { re: sine_of_phase(phase.wrapping_add(1 << 30)), im: sine_of_phase(phase) }
}
