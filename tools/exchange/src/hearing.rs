//! What a party hears: levels, silence and tones, 20 ms at a time.

use crate::script::ToneName;

/// Samples of a look: 20 ms.
const LOOK: usize = 160;
/// Power of speech that is worth the name: about -40 dBm0.
const SPEECH: f32 = 60.0 * 60.0;
/// Looks of speech in a row until it counts: 100 ms.
const SPEECH_LOOKS: u32 = 5;
/// The Chinese network's tones (GB/T 3380).
const TONE_HZ: f32 = 450.0;
/// Share of a look's power at the tone's frequency from which it is the tone.
const TONAL: f32 = 0.7;

/// How much of what is heard is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The last half hour at least, to be written to a file.
    Whole,
    /// The last minute: as far back as any step may listen.
    Minute,
}

impl Memory {
    const fn samples(self) -> usize {
        match self {
            Self::Whole => 30 * 60 * 8000,
            Self::Minute => 60 * 8000,
        }
    }
}

/// What a party heard, and what was made out of it.
#[derive(Debug)]
pub struct Hearing {
    memory: Memory,
    kept: Vec<i16>,
    /// Samples that were heard before those that are kept.
    before: usize,
    /// Samples that wait for the rest of a look.
    look: Vec<f32>,
    loud: u32,
    speech_at: Option<usize>,
    silent: u32,
    bursts: Bursts,
}

/// Lengths of the tone's bursts and pauses, in looks.
#[derive(Debug, Default)]
struct Bursts {
    tone: bool,
    run: u32,
    /// Lengths of the last four runs, oldest first: burst, pause, burst, pause or shifted by one.
    past: [u32; 4],
}

impl Hearing {
    /// Nothing was heard yet.
    pub fn new(memory: Memory) -> Self {
        let (kept, look) = (Vec::new(), Vec::with_capacity(LOOK));
        Self { memory, kept, before: 0, look, loud: 0, speech_at: None, silent: 0, bursts: Bursts::default() }
    }

    /// Takes the next samples in.
    pub fn hear(&mut self, samples: &[i16]) {
        self.kept.extend_from_slice(samples);
        // In one go of as much again, so that each sample is moved once.
        if self.kept.len() >= 2 * self.memory.samples() {
            let forgotten = self.kept.len() - self.memory.samples();
            self.kept.drain(..forgotten);
            self.before += forgotten;
        }
        for &sample in samples {
            self.look.push(f32::from(sample));
            if self.look.len() == LOOK {
                self.look();
                self.look.clear();
            }
        }
    }

    fn look(&mut self) {
        let power = self.look.iter().map(|sample| sample * sample).sum::<f32>() / LOOK as f32;
        let tone = power > SPEECH && tone_power(&self.look) > power * TONAL;
        self.silent = if power < SPEECH { self.silent + 1 } else { 0 };
        self.loud = if power >= SPEECH && !tone { self.loud + 1 } else { 0 };
        if self.loud >= SPEECH_LOOKS {
            self.speech_at = Some(self.samples());
        }
        self.bursts.look(tone);
    }

    /// How many samples were heard.
    pub fn samples(&self) -> usize {
        self.before + self.kept.len()
    }

    /// What was heard from this sample on; what is forgotten is left out.
    pub fn since(&self, sample: usize) -> &[i16] {
        &self.kept[sample.saturating_sub(self.before).min(self.kept.len())..]
    }

    /// Somebody spoke after this sample.
    pub fn speech_since(&self, sample: usize) -> bool {
        self.speech_at.is_some_and(|at| at > sample)
    }

    /// Milliseconds of silence up to now.
    pub fn silence_ms(&self) -> u32 {
        self.silent * 20
    }

    /// This tone is being heard.
    pub fn hears(&self, tone: ToneName) -> bool {
        self.bursts.is(tone)
    }
}

impl Bursts {
    fn look(&mut self, tone: bool) {
        if tone == self.tone {
            self.run = self.run.saturating_add(1);
            return;
        }
        self.past.rotate_left(1);
        self.past[3] = self.run;
        (self.tone, self.run) = (tone, 1);
    }

    fn is(&self, tone: ToneName) -> bool {
        let about = |run: u32, ms: u32| (ms * 7 / 10..=ms * 13 / 10).contains(&(run * 20));
        match tone {
            ToneName::Dial => self.tone && self.run > 75,
            // A second of tone, then a pause that outlasts any cadence of busy.
            ToneName::Ringback => !self.tone && about(self.past[3], 1000) && self.run > 40,
            ToneName::Busy => about(self.past[3], 350) && about(self.past[2], 350) && about(self.past[1], 350),
        }
    }
}

/// Power at the tone's frequency (Goertzel).
fn tone_power(look: &[f32]) -> f32 {
    let coefficient = 2.0 * (std::f32::consts::TAU * TONE_HZ / 8000.0).cos();
    let (mut before, mut last) = (0.0_f32, 0.0_f32);
    for sample in look {
        (before, last) = (last, sample + coefficient * last - before);
    }
    let magnitude = last * last + before * before - coefficient * last * before;
    2.0 * magnitude / (look.len() * look.len()) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hearing: &mut Hearing, ms: usize, amplitude: f32) {
        let samples: Vec<i16> = (0..ms * 8)
            .map(|at| (amplitude * (std::f32::consts::TAU * TONE_HZ * at as f32 / 8000.0).sin()) as i16)
            .collect();
        hearing.hear(&samples);
    }

    #[test]
    fn tones_are_told_by_their_cadence() {
        let mut ringback = Hearing::new(Memory::Minute);
        for _ in 0..2 {
            tone(&mut ringback, 1000, 2000.0);
            tone(&mut ringback, 4000, 0.0);
        }
        assert!(
            ringback.hears(ToneName::Ringback) && !ringback.hears(ToneName::Busy) && !ringback.hears(ToneName::Dial)
        );
        let mut busy = Hearing::new(Memory::Minute);
        for _ in 0..4 {
            tone(&mut busy, 350, 2000.0);
            tone(&mut busy, 350, 0.0);
        }
        assert!(busy.hears(ToneName::Busy) && !busy.hears(ToneName::Ringback) && !busy.hears(ToneName::Dial));
        let mut dial = Hearing::new(Memory::Minute);
        tone(&mut dial, 2000, 2000.0);
        assert!(dial.hears(ToneName::Dial) && !dial.hears(ToneName::Busy));
        assert!(!dial.speech_since(0), "a tone is no speech");
    }

    #[test]
    fn silence_is_measured_up_to_now() {
        let mut hearing = Hearing::new(Memory::Minute);
        hearing.hear(&[0; 8000]);
        assert_eq!(hearing.silence_ms(), 1000);
        let noise: Vec<i16> = (0..1600_i32).map(|at| (at * 7919 % 4001 - 2000) as i16).collect();
        hearing.hear(&noise);
        assert_eq!(hearing.silence_ms(), 0);
        assert!(hearing.speech_since(8000) && !hearing.speech_since(9600));
    }
}
