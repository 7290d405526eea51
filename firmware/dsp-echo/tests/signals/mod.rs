//! The composite source signal, tones, and a line whose hybrid reflects them.

// Each test, and the benchmark, uses a part.
#![allow(dead_code)]

pub(crate) mod annex;

pub(crate) use annex::HYBRIDS;
use dsp_echo::{BLOCK, EchoBank, Pair, Settings, TAIL_128_MS};
use test_signals::{Random, peak, through_alaw};

/// Blocks in a second.
pub(crate) const SECOND: usize = 100;

/// The linear filter without the non-linear processor.
pub(crate) const FILTER_ALONE: Settings = Settings { suppresses: false, obeys_tone: true };

/// The composite source signal (G.168 Annex C): a voiced sound, noise of 200 to 3600 Hz, a pause; then all of it with the sign turned.
///
/// The noise is seeded here; the Recommendation's is another of the same spectrum.
pub(crate) struct Css {
    one_period: Vec<f64>,
    at: usize,
    sign: f64,
}

/// Samples of noise: 200 ms.
const NOISE: usize = 1600;

impl Css {
    /// 48.62 ms of voice, 200 ms of noise, 350 ms in all.
    pub(crate) fn far(dbm0: f64) -> Self {
        Self::new(annex::voiced(true, 389), 2800, 1, dbm0)
    }

    /// 72.69 ms of voice, 200 ms of noise, 400 ms in all.
    pub(crate) fn near(dbm0: f64) -> Self {
        Self::new(annex::voiced(false, 582), 3200, 99, dbm0)
    }

    fn new(voice: Vec<f64>, len: usize, seed: u64, dbm0: f64) -> Self {
        let loud = peak(dbm0) / core::f64::consts::SQRT_2;
        let mut one_period = at_power(voice, loud);
        one_period.extend(at_power(noise(seed), loud));
        one_period.resize(len, 0.0);
        Self { one_period, at: 0, sign: 1.0 }
    }

    pub(crate) fn next_sample(&mut self) -> f64 {
        let value = self.one_period[self.at] * self.sign;
        self.at += 1;
        if self.at == self.one_period.len() {
            (self.at, self.sign) = (0, -self.sign);
        }
        value
    }
}

/// Waves 5 Hz apart from 200 to 3600 Hz, of equal power, each begun anywhere.
fn noise(seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    let mut noise = vec![0.0; NOISE];
    for wave in 40..=720 {
        let (step, begin) = (core::f64::consts::TAU * f64::from(wave) / NOISE as f64, 3.2 * random.uniform());
        let (turn, mut now) = (step.sin_cos(), begin.sin_cos());
        for sample in &mut noise {
            *sample += now.0;
            now = (now.0 * turn.1 + now.1 * turn.0, now.1 * turn.1 - now.0 * turn.0);
        }
    }
    noise
}

fn at_power(samples: Vec<f64>, root: f64) -> Vec<f64> {
    let power = samples.iter().map(|sample| sample * sample).sum::<f64>() / samples.len() as f64;
    samples.into_iter().map(|sample| sample * root / power.sqrt()).collect()
}

/// Up to two tones of the same level; one of 0 Hz is none.
pub(crate) struct Tones {
    hz: [f64; 2],
    peak: f64,
    at: f64,
}

impl Tones {
    pub(crate) fn new(hz: [f64; 2], dbm0: f64) -> Self {
        Self { hz, peak: peak(dbm0), at: 0.0 }
    }

    pub(crate) fn next_sample(&mut self) -> f64 {
        self.at += 1.0;
        self.hz.iter().map(|hz| self.peak * (core::f64::consts::TAU * hz * self.at / 8000.0).sin()).sum()
    }
}

/// A line: the far end's signal goes to a hybrid and comes back.
pub(crate) struct Line {
    pub(crate) bank: Box<EchoBank<1, TAIL_128_MS>>,
    pub(crate) taps: Vec<f64>,
    past: Vec<f64>,
    /// Whether the law is between the hybrid and the box.
    pub(crate) alaw: bool,
}

/// What a block of a line was.
pub(crate) struct Heard {
    pub(crate) far: [i16; BLOCK],
    /// What came to the canceller and what left it.
    pub(crate) came: [i16; BLOCK],
    pub(crate) left: [i16; BLOCK],
}

impl Line {
    pub(crate) fn new(taps: Vec<f64>) -> Self {
        Self { bank: Box::new(EchoBank::new()), taps, past: vec![0.0; 2 * 1024], alaw: false }
    }

    pub(crate) fn with(mut self, settings: Settings) -> Self {
        self.bank.set(0, settings);
        self
    }

    pub(crate) fn through_alaw(mut self) -> Self {
        self.alaw = true;
        self
    }

    /// The same canceller on another line.
    pub(crate) fn on(self, taps: Vec<f64>) -> Self {
        Self { bank: self.bank, ..Self::new(taps) }
    }

    /// A block; `far` and `near` give the samples of both ends.
    pub(crate) fn block(&mut self, mut far: impl FnMut() -> f64, mut near: impl FnMut() -> f64) -> Heard {
        let alaw = self.alaw;
        let law = |values: [f64; BLOCK]| -> [i16; BLOCK] {
            if alaw {
                return through_alaw(values.into_iter()).try_into().expect("a block was given");
            }
            values.map(|value| value.round().clamp(-32_768.0, 32_767.0) as i16)
        };
        let sent = law(core::array::from_fn(|_| far()));
        // Older samples lie before newer ones.
        self.past.drain(..BLOCK);
        self.past.extend(sent.map(f64::from));
        let newest = self.past.len() - BLOCK;
        // What is only delay is passed over.
        let delay = self.taps.iter().take_while(|tap| **tap == 0.0).count();
        let came = law(core::array::from_fn(|at| {
            let past = self.past[..=newest + at - delay].iter().rev();
            self.taps[delay..].iter().zip(past).map(|(tap, past)| tap * past).sum::<f64>() + near()
        }));
        let mut left = came;
        self.bank.cancel(&mut [Some(Pair { far: &sent, near: &mut left })]);
        Heard { far: sent, came, left }
    }

    /// Blocks of the far end alone.
    pub(crate) fn hear(&mut self, blocks: usize, mut far: impl FnMut() -> f64) -> Vec<Heard> {
        (0..blocks).map(|_| self.block(&mut far, || 0.0)).collect()
    }
}

/// Level in dBm0.
pub(crate) fn level(samples: &[i16]) -> f64 {
    let power = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64;
    10.0 * (power.max(1e-3) / (peak(0.0).powi(2) / 2.0)).log10()
}

/// Loss between what came and what left, over blocks.
pub(crate) fn loss(heard: &[Heard]) -> f64 {
    between(heard, |heard| &heard.came)
}

/// Loss between the far end's signal and what left, over blocks: the return loss, the filter and the processor.
pub(crate) fn combined_loss(heard: &[Heard]) -> f64 {
    between(heard, |heard| &heard.far)
}

fn between(heard: &[Heard], first: fn(&Heard) -> &[i16; BLOCK]) -> f64 {
    let power = |samples: fn(&Heard) -> &[i16; BLOCK]| -> f64 {
        heard.iter().flat_map(&samples).map(|&sample| f64::from(sample).powi(2)).sum()
    };
    10.0 * (power(first) / power(|heard| &heard.left).max(1.0)).log10()
}
