//! Signals for the receiver, made with the library's sines and so independent of the crate's own generator.

mod random;

use base::Digit;
use dsp_tone::{BLOCK, COLUMNS_HZ, DtmfBank, DtmfEvent, Profile, ROWS_HZ};
pub(crate) use random::{Random, peak};

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

    fn sample(&self, at: usize) -> f64 {
        let (row, column) = self.digit.grid_position();
        let low = f64::from(ROWS_HZ[row]) * self.low_factor + self.low_hz;
        let high = f64::from(COLUMNS_HZ[column]) * self.high_factor + self.high_hz;
        let wave = |hz: f64, level: f64| peak(level) * (core::f64::consts::TAU * hz * at as f64 / 8000.0 + hz).sin();
        wave(low, self.low_level) + wave(high, self.high_level)
    }
}

/// A line being written: silence, tones, and what is mixed over them.
#[derive(Clone, Default)]
pub(crate) struct Line(pub(crate) Vec<f64>);

impl Line {
    pub(crate) fn silence(mut self, samples: usize) -> Self {
        self.0.resize(self.0.len() + samples, 0.0);
        self
    }

    pub(crate) fn tone(mut self, pair: Pair, samples: usize) -> Self {
        let from = self.0.len();
        self.0.extend((0..samples).map(|at| pair.sample(from + at)));
        self
    }

    /// Mixes what `other` gives, sample by sample.
    pub(crate) fn plus(mut self, mut other: impl FnMut() -> f64) -> Self {
        self.0.iter_mut().for_each(|sample| *sample += other());
        self
    }

    /// Through A-law, as everything a line carries.
    pub(crate) fn samples(&self) -> Vec<i16> {
        let through = |&value: &f64| {
            let linear = value.round().clamp(-32_768.0, 32_767.0) as i16;
            dsp_g711::alaw_decode(dsp_g711::alaw_encode(linear))
        };
        self.0.iter().map(through).collect()
    }

    /// What a receiver tells of it.
    pub(crate) fn events(&self) -> Vec<DtmfEvent> {
        let mut bank = DtmfBank::<1>::new(Profile::ATT);
        let mut events = Vec::new();
        let mut samples = self.samples();
        samples.resize(samples.len().next_multiple_of(BLOCK) + 4 * BLOCK, 0);
        for block in samples.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| events.push(event));
        }
        events
    }

    /// The confirmed digits.
    pub(crate) fn digits(&self) -> String {
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

/// A voice without words: glottal pulses through three wandering formants, pauses in between.
pub(crate) struct Voice {
    random: Random,
    level: f64,
    at: usize,
    phase: f64,
    pitch: f64,
    pitch_wanted: f64,
    formants: [Resonator; 3],
    loud: f64,
    loud_wanted: f64,
}

#[derive(Clone, Copy)]
struct Resonator {
    hz: f64,
    wanted: f64,
    last: [f64; 2],
}

impl Voice {
    pub(crate) fn new(seed: u64, dbm0: f64) -> Self {
        let formant = |hz| Resonator { hz, wanted: hz, last: [0.0; 2] };
        Self {
            random: Random(seed),
            level: peak(dbm0) / 4.0,
            at: 0,
            phase: 0.0,
            pitch: 120.0,
            pitch_wanted: 120.0,
            formants: [formant(600.0), formant(1300.0), formant(2500.0)],
            loud: 0.0,
            loud_wanted: 1.0,
        }
    }

    pub(crate) fn next_sample(&mut self) -> f64 {
        // A new sound each 60 to 240 ms.
        if self.at == 0 {
            self.at = 480 + self.random.below(1440);
            self.pitch_wanted = 80.0 + 240.0 * (self.random.uniform() + 1.0) / 2.0;
            let ranges = [(250.0, 1000.0), (700.0, 2500.0), (1800.0, 3200.0)];
            for (formant, (least, most)) in self.formants.iter_mut().zip(ranges) {
                formant.wanted = least + (most - least) * (self.random.uniform() + 1.0) / 2.0;
            }
            self.loud_wanted = [0.0, 1.0, 0.6, 1.0][self.random.below(4)];
        }
        self.at -= 1;
        self.pitch += (self.pitch_wanted - self.pitch) * 0.002;
        self.loud += (self.loud_wanted - self.loud) * 0.004;
        self.phase += self.pitch / 8000.0;
        let mut sample = self.random.uniform() * 0.02;
        if self.phase >= 1.0 {
            self.phase -= 1.0;
            sample += 4.0;
        }
        let mut out = 0.0;
        for formant in &mut self.formants {
            formant.hz += (formant.wanted - formant.hz) * 0.003;
            let (radius, angle) = (0.97, core::f64::consts::TAU * formant.hz / 8000.0);
            let next = sample + 2.0 * radius * angle.cos() * formant.last[0] - radius * radius * formant.last[1];
            formant.last = [next, formant.last[0]];
            out += next;
        }
        out * 0.12 * self.loud * self.level
    }
}
