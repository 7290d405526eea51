//! Caller ids by FSK as exchanges and lines make them, and what the receiver reads of them. Made with the library's sines and so independent of
//! the product's own sender.

use dsp_fsk::{BLOCK, FskBank, FskEvent};
use std::f64::consts::TAU;
use test_signals::{Random, peak, through_alaw};

/// One sending and all that may be wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub(crate) mark_hz: f64,
    pub(crate) space_hz: f64,
    pub(crate) baud: f64,
    pub(crate) mark_dbm0: f64,
    pub(crate) space_dbm0: f64,
    pub(crate) seizure_bits: usize,
    pub(crate) mark_bits: usize,
    /// Bits of mark between octets.
    pub(crate) pause_bits: usize,
    /// Samples of silence before it; they need not be whole.
    pub(crate) silence: f64,
    /// White noise over 0 to 4 kHz, so much below the mean power of the two tones; and its seed.
    pub(crate) noise: Option<(f64, u64)>,
}

impl Sending {
    /// As the standards have it.
    pub(crate) const BELL_202: Self = Self {
        mark_hz: 1200.0,
        space_hz: 2200.0,
        baud: 1200.0,
        mark_dbm0: -13.5,
        space_dbm0: -13.5,
        seizure_bits: 300,
        mark_bits: 180,
        pause_bits: 0,
        silence: 400.0,
        noise: None,
    };
    pub(crate) const V23: Self = Self { mark_hz: 1300.0, space_hz: 2100.0, ..Self::BELL_202 };

    /// The same with both tones off by this factor.
    pub(crate) fn detuned(self, factor: f64) -> Self {
        Self { mark_hz: self.mark_hz * factor, space_hz: self.space_hz * factor, ..self }
    }

    /// The same with these levels of mark and space.
    pub(crate) fn levels(self, mark_dbm0: f64, space_dbm0: f64) -> Self {
        Self { mark_dbm0, space_dbm0, ..self }
    }

    fn bits(&self, octets: &[u8]) -> Vec<bool> {
        let mut bits: Vec<bool> = (0..self.seizure_bits).map(|at| at % 2 == 1).collect();
        bits.extend(vec![true; self.mark_bits]);
        for octet in octets {
            bits.push(false);
            bits.extend((0..8).map(|at| octet >> at & 1 == 1));
            bits.extend(vec![true; 1 + self.pause_bits]);
        }
        bits.extend([true; 5]);
        bits
    }

    /// The samples, through A-law, with 60 ms of silence after them.
    pub(crate) fn samples(&self, octets: &[u8]) -> Vec<i16> {
        /// Steps of a sample in which the tones are followed.
        const FINE: usize = 16;
        let bits = self.bits(octets);
        let length = (self.silence + bits.len() as f64 * 8000.0 / self.baud) as usize + 480;
        let mut phase = 0.0;
        let mut random = Random(self.noise.map_or(1, |(_, seed)| seed));
        let mean = (peak(self.mark_dbm0).powi(2) + peak(self.space_dbm0).powi(2)) / 2.0;
        let mean_dbm0 = 10.0 * (mean / peak(0.0).powi(2)).log10();
        let sample = |at: usize| {
            let mut value = 0.0;
            for part in 0..FINE {
                let time = at as f64 + part as f64 / FINE as f64 - self.silence;
                let place = (time * self.baud / 8000.0).floor();
                let bit = if place < 0.0 { None } else { bits.get(place as usize) };
                let Some(&bit) = bit else { continue };
                let (hz, level) = if bit { (self.mark_hz, self.mark_dbm0) } else { (self.space_hz, self.space_dbm0) };
                phase += TAU * hz / (8000.0 * FINE as f64);
                if part == FINE / 2 {
                    value = phase.sin() * peak(level);
                }
            }
            value + self.noise.map_or(0.0, |(snr_db, _)| random.noise(mean_dbm0 - snr_db))
        };
        through_alaw((0..length).map(sample))
    }

    /// What the receiver tells of it.
    pub(crate) fn events(&self, octets: &[u8]) -> Vec<FskEvent> {
        events(&self.samples(octets))
    }
}

/// What the receiver tells of these samples.
pub(crate) fn events(samples: &[i16]) -> Vec<FskEvent> {
    let mut bank = FskBank::<1>::new();
    bank.listen(0, true);
    let mut told = Vec::new();
    for block in samples.as_chunks::<BLOCK>().0 {
        bank.process(&[Some(block)], |_, event| told.push(event));
    }
    told
}

/// The octets among them.
pub(crate) fn octets(events: &[FskEvent]) -> Vec<u8> {
    let octet = |event: &FskEvent| if let FskEvent::Octet(octet) = event { Some(*octet) } else { None };
    events.iter().filter_map(octet).collect()
}
