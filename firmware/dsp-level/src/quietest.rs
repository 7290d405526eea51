//! The noise under what is heard: the quietest of the last seconds.

/// Blocks of a stretch whose quietest moment is remembered: 200 ms.
const STRETCH: u8 = 20;
/// Stretches remembered: 2.4 s. Nobody speaks longer without a breath, and a tone that lasts longer is noise.
const STRETCHES: usize = 12;
/// Part that a new block has in the smoothed power: a time constant of 45 ms.
const NEW: f32 = 0.2;
/// How much less than its mean the quietest smoothed power of white noise in 2.4 s is: 0.5 dB.
const BIAS: f32 = 1.12;

#[derive(Clone)]
pub(crate) struct Quietest {
    smoothed: Option<f32>,
    blocks: u8,
    /// The oldest first; none yet is infinite.
    stretches: [f32; STRETCHES],
    quietest: f32,
}

impl Quietest {
    pub(crate) const NEW: Self =
        Self { smoothed: None, blocks: 0, stretches: [f32::INFINITY; STRETCHES], quietest: f32::INFINITY };

    /// Takes the power of the next block.
    #[inline(always)]
    pub(crate) fn push(&mut self, power: f32) {
        let smoothed = self.smoothed.map_or(power, |before| before + NEW * (power - before));
        self.smoothed = Some(smoothed);
        let latest = &mut self.stretches[STRETCHES - 1];
        *latest = latest.min(smoothed);
        self.quietest = self.quietest.min(smoothed);
        self.blocks += 1;
        if self.blocks == STRETCH {
            self.blocks = 0;
            self.stretches.rotate_left(1);
            self.stretches[STRETCHES - 1] = smoothed;
            self.quietest = self.stretches.iter().fold(f32::INFINITY, |least, &stretch| least.min(stretch));
        }
    }

    /// The noise's power.
    #[inline(always)]
    pub(crate) fn power(&self) -> f32 {
        if self.smoothed.is_some() { self.quietest * BIAS } else { 0.0 }
    }

    /// Whether enough was heard to tell noise from a voice that has just begun.
    pub(crate) fn is_known(&self) -> bool {
        self.stretches[0].is_finite()
    }
}
