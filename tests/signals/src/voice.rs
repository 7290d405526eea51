use crate::{Random, peak};

/// A voice without words: glottal pulses through three wandering formants, pauses in between.
pub struct Voice {
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
    /// Speaks at this level in the mean of its loud sounds.
    pub fn new(seed: u64, dbm0: f64) -> Self {
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

    /// The next eighth of a millisecond.
    pub fn next_sample(&mut self) -> f64 {
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
