//! Echo paths, the composite source signal and a line with both, made here.

use dsp_echo::{BLOCK, EchoBank, Pair, Settings, TAIL_128_MS};
use test_signals::{Random, peak, through_alaw};

/// Blocks in a second.
pub(crate) const SECOND: usize = 100;

/// The linear filter without the non-linear processor.
pub(crate) const FILTER_ALONE: Settings = Settings { suppresses: false, obeys_tone: true };

/// A hybrid's response: how many samples it spreads over and how its resonances lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hybrid {
    pub(crate) name: &'static str,
    pub(crate) spread: usize,
    pub(crate) delay: usize,
    pub(crate) seed: u64,
}

/// Eight paths in the manner of G.168 Annex D, D.2 to D.9.
pub(crate) const HYBRIDS: [Hybrid; 8] = [
    Hybrid { name: "D.2", spread: 64, delay: 0, seed: 2 },
    Hybrid { name: "D.3", spread: 96, delay: 10, seed: 3 },
    Hybrid { name: "D.4", spread: 96, delay: 80, seed: 4 },
    Hybrid { name: "D.5", spread: 96, delay: 200, seed: 5 },
    Hybrid { name: "D.6", spread: 128, delay: 400, seed: 6 },
    Hybrid { name: "D.7", spread: 128, delay: 640, seed: 7 },
    Hybrid { name: "D.8", spread: 64, delay: 800, seed: 8 },
    Hybrid { name: "D.9", spread: 128, delay: 896, seed: 9 },
];

impl Hybrid {
    /// Its taps, at this echo return loss over the telephone band's noise.
    pub(crate) fn taps(&self, erl_db: f64) -> Vec<f64> {
        let mut random = Random(self.seed * 77 + 1);
        let mut taps = vec![0.0; self.delay + self.spread];
        for _ in 0..4 {
            let hz = 300.0 + 1550.0 * (random.uniform() + 1.0);
            let damping = (4.0 + 2.0 * random.uniform()) / self.spread as f64;
            let (loud, phase) = (1.0 + 0.5 * random.uniform(), 3.0 * random.uniform());
            for (at, tap) in taps[self.delay..].iter_mut().enumerate() {
                let at = at as f64;
                let rise = 1.0 - (-at / 2.0).exp();
                *tap += loud * rise * (-damping * at).exp() * (core::f64::consts::TAU * hz * at / 8000.0 + phase).sin();
            }
        }
        let power: f64 = taps.iter().map(|tap| tap * tap).sum();
        let gain = 10f64.powf(-erl_db / 20.0) / power.sqrt();
        taps.iter().map(|tap| tap * gain).collect()
    }
}

/// The composite source signal of G.168: 48.6 ms voiced, 200 ms of noise, a pause; then all of it with the sign turned.
pub(crate) struct Css {
    random: Random,
    at: usize,
    sign: f64,
    level: f64,
    low: f64,
    pitch_hz: f64,
    pause: usize,
}

impl Css {
    pub(crate) fn far(dbm0: f64) -> Self {
        Self { random: Random(1), at: 0, sign: 1.0, level: dbm0, low: 0.0, pitch_hz: 123.0, pause: 812 }
    }

    pub(crate) fn near(dbm0: f64) -> Self {
        Self { random: Random(99), pitch_hz: 187.0, pause: 1012, ..Self::far(dbm0) }
    }

    pub(crate) fn next_sample(&mut self) -> f64 {
        let (voiced, noise) = (389, 1600);
        let at = self.at;
        self.at += 1;
        if self.at == voiced + noise + self.pause {
            self.at = 0;
            self.sign = -self.sign;
        }
        let loud = peak(self.level) / core::f64::consts::SQRT_2;
        let value = if at < voiced {
            // A sum of harmonics that fall by 6 dB an octave above 500 Hz.
            let time = at as f64 / 8000.0;
            let harmonics = 1..=(3400.0 / self.pitch_hz) as i32;
            let sum: f64 = harmonics
                .map(|n| {
                    let hz = f64::from(n) * self.pitch_hz;
                    (core::f64::consts::TAU * hz * time + f64::from(n * n)).sin() / (1.0 + hz / 500.0)
                })
                .sum();
            sum * loud * 0.9
        } else if at < voiced + noise {
            // Noise with a gentle slope, as the line's.
            let white = self.random.noise(0.0) / (peak(0.0) / core::f64::consts::SQRT_2);
            self.low = 0.4 * self.low + white;
            self.low * loud * 0.9
        } else {
            0.0
        };
        value * self.sign
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
        Self { bank: Box::new(EchoBank::new()), taps, past: vec![0.0; 2048], alaw: false }
    }

    pub(crate) fn without_suppressor(mut self) -> Self {
        self.bank.set(0, FILTER_ALONE);
        self
    }

    /// A block; `far` and `near` give the samples of both ends.
    pub(crate) fn block(&mut self, mut far: impl FnMut() -> f64, mut near: impl FnMut() -> f64) -> Heard {
        let law = |values: Vec<f64>, alaw: bool| -> [i16; BLOCK] {
            let samples = if alaw {
                through_alaw(values.into_iter())
            } else {
                values.into_iter().map(|value| value.round().clamp(-32_768.0, 32_767.0) as i16).collect()
            };
            samples.try_into().expect("a block was asked for")
        };
        let sent = law((0..BLOCK).map(|_| far()).collect(), self.alaw);
        let mut echo = [0.0; BLOCK];
        for (at, echo) in echo.iter_mut().enumerate() {
            self.past.rotate_right(1);
            self.past[0] = f64::from(sent[at]);
            *echo = self.taps.iter().zip(&self.past).map(|(tap, past)| tap * past).sum();
        }
        let came = law(echo.iter().map(|echo| echo + near()).collect(), self.alaw);
        let mut left = came;
        self.bank.cancel(&mut [Some(Pair { far: &sent, near: &mut left })]);
        Heard { far: sent, came, left }
    }
}

/// Level in dBm0.
pub(crate) fn level(samples: &[i16]) -> f64 {
    let power = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64;
    10.0 * (power.max(1e-3) / (peak(0.0).powi(2) / 2.0)).log10()
}
