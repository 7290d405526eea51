//! The alert of a waiting caller: 2130 and 2750 Hz at once (GR-30, EN 300 659-2), which no one band holds.

use crate::complex::Complex;
use crate::event::{Spectrum, ToneEvent};
use crate::fit::{correlation, offset};
use crate::spectrum::{HOP_MS, Hop, band_hz};
use base::Dbm0;
use dsp_math::db_of_power;

/// The bands nearest to the two tones.
const BANDS: [usize; 2] = [13, 15];
/// Below this band the strongest is neither of them.
const LOWEST: usize = 12;
/// Power of two clean tones in their bands, over all energy, is 4.85; that of one 5, but in one band only.
const CLEAN: f32 = 0.7 * 4.85;
/// One tone may be 8 dB weaker than the other.
const TWIST: f32 = 0.16;
/// Hops until it is told: 40 ms. The shortest alert lasts 75 ms.
const LEAST: u8 = 8;
/// So many hops without it, and it is over.
const MISSES: u8 = 3;
/// How steadily each phase turns: speech has steady partials, but not two at these places.
const STEADY: f32 = 0.97;
/// Hz: 1 % and what noise does to 40 ms.
const OFF_HZ: [f32; 2] = [24.0, 29.0];
const NOMINAL_HZ: [f32; 2] = [2130.0, 2750.0];

/// How far one is heard.
#[derive(Clone)]
pub(crate) struct Alert {
    /// A hop whose strongest band lies below this is nothing to it; none does while one is heard.
    pub(crate) from: usize,
    hops: u8,
    misses: u8,
    told: Option<Spectrum>,
    /// The newest hop's values, and sums over the hops: how they turn, their powers, all energy.
    last: [Complex; 2],
    turn: [Complex; 2],
    power: [f32; 2],
    energy: f32,
}

impl Alert {
    pub(crate) const IDLE: Self = Self {
        from: LOWEST,
        hops: 0,
        misses: 0,
        told: None,
        last: [Complex::ZERO; 2],
        turn: [Complex::ZERO; 2],
        power: [0.0; 2],
        energy: 0.0,
    };

    /// `of_power` is the energy of a hop of 0 dBm0.
    #[cold]
    #[inline(never)]
    pub(crate) fn hop(&mut self, hop: &Hop, of_power: f32) -> Option<ToneEvent> {
        let [low, high] = BANDS.map(|band| hop.at(band).power());
        let clean = low + high >= CLEAN * hop.energy && low >= TWIST * high && high >= TWIST * low;
        if let Some(spectrum) = self.told {
            self.hops = self.hops.saturating_add(1);
            self.misses = if clean { 0 } else { self.misses + 1 };
            if self.misses == MISSES {
                let duration_ms = u32::from(self.hops - MISSES) * HOP_MS;
                *self = Self::IDLE;
                return Some(ToneEvent::Ended { spectrum, duration_ms });
            }
            return None;
        }
        if !clean {
            *self = Self::IDLE;
            return None;
        }
        for (at, band) in BANDS.into_iter().enumerate() {
            let value = hop.at(band);
            if self.hops > 0 {
                self.turn[at] = self.turn[at].plus(value.times(self.last[at].conj()));
                self.power[at] += 0.5 * (value.power() + self.last[at].power());
            }
            self.last[at] = value;
        }
        self.energy += hop.energy;
        self.from = 0;
        self.hops += 1;
        if self.hops < LEAST {
            return None;
        }
        self.told = self.measured(of_power);
        if self.told.is_none() {
            *self = Self::IDLE;
        }
        self.told.map(ToneEvent::Began)
    }

    fn measured(&self, of_power: f32) -> Option<Spectrum> {
        let mut hz = [0; 2];
        let mut purity: f32 = 1.0;
        for (at, band) in BANDS.into_iter().enumerate() {
            let own = band_hz(band) + offset(self.turn[at], band);
            if (own - NOMINAL_HZ[at]).abs() > OFF_HZ[at] {
                return None;
            }
            purity = purity.min(correlation(self.turn[at], self.power[at], self.power[at]));
            hz[at] = (own + 0.5) as u16;
        }
        let level = Dbm0(db_of_power(self.energy / (f32::from(self.hops) * of_power)));
        let confidence_pct = (purity * 99.0 + 0.5) as u8;
        (purity >= STEADY).then_some(Spectrum {
            frequency_hz: hz,
            level,
            confidence_pct,
            modulated: false,
            reversals: 0,
        })
    }
}
