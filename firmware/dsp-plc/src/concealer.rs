//! One stream of blocks, some of which are lost.

use crate::BLOCK;
use crate::pitch::{LONGEST, period};

/// Samples by which everything comes late: a quarter of the longest period, 3.75 ms.
pub const DELAY: usize = LONGEST / 4;
/// Samples kept: three of the longest periods, and a quarter more.
const KEPT: usize = 3 * LONGEST + DELAY;
/// Periods that are repeated at most.
const PERIODS: usize = 3;
/// Lost blocks in a row of which something is heard.
const HEARD: u8 = 6;
/// By how much it fades in a block, from the second on.
const FADE: f32 = 0.2;
/// Samples by which the end of a loss grows with each block lost.
const LONGER: usize = 32;

/// What is repeated while blocks are lost.
#[derive(Clone)]
struct Repeated {
    /// What was heard before, its end made to run into the beginning of the periods.
    sound: [f32; KEPT],
    /// The last quarter of a period as it was heard.
    end: [f32; DELAY],
    /// Samples of a period.
    period: usize,
    /// Periods that are repeated, and the place in them.
    periods: usize,
    at: usize,
    /// Blocks lost so far.
    lost: u8,
}

/// Takes blocks that arrived and makes up for those that did not.
#[derive(Clone)]
pub struct Concealer {
    kept: [i16; KEPT],
    repeated: Option<Repeated>,
}

impl Default for Concealer {
    fn default() -> Self {
        Self::new()
    }
}

impl Concealer {
    /// Nothing was heard yet.
    pub const fn new() -> Self {
        Self { kept: [0; KEPT], repeated: None }
    }

    /// A block has arrived: gives what is to be played, [`DELAY`] samples late.
    pub fn good(&mut self, block: &mut [i16; BLOCK]) {
        if let Some(mut repeated) = self.repeated.take() {
            repeated.run_into(block);
        }
        self.keep(block);
    }

    /// A block was lost: gives what is to be played in its place. What is in it before does not matter.
    pub fn lost(&mut self, block: &mut [i16; BLOCK]) {
        match &mut self.repeated {
            None => {
                let mut repeated = Repeated::new(&self.kept);
                // What is still to be played now ends as the first period begins.
                let quarter = repeated.quarter();
                for (kept, &sound) in self.kept[KEPT - quarter..].iter_mut().zip(&repeated.sound[KEPT - quarter..]) {
                    *kept = rounded(sound);
                }
                repeated.fill(block);
                repeated.lost = 1;
                self.repeated = Some(repeated);
            }
            Some(repeated) => repeated.go_on(block),
        }
        self.keep(block);
    }

    /// Keeps a block and changes it for what is to be played now.
    fn keep(&mut self, block: &mut [i16; BLOCK]) {
        self.kept.copy_within(BLOCK.., 0);
        self.kept[KEPT - BLOCK..].copy_from_slice(block);
        block.copy_from_slice(&self.kept[KEPT - BLOCK - DELAY..KEPT - DELAY]);
    }
}

impl Repeated {
    fn new(kept: &[i16; KEPT]) -> Self {
        let mut sound = [0.0; KEPT];
        sound.iter_mut().zip(kept).for_each(|(sound, &kept)| *sound = f32::from(kept));
        let period = period(&sound);
        let mut end = [0.0; DELAY];
        end[..period / 4].copy_from_slice(&sound[KEPT - period / 4..]);
        let mut repeated = Self { sound, end, period, periods: 1, at: 0, lost: 0 };
        repeated.join();
        repeated
    }

    /// Samples over which one sound runs into another.
    const fn quarter(&self) -> usize {
        self.period / 4
    }

    /// Samples that are repeated.
    const fn length(&self) -> usize {
        self.period * self.periods
    }

    /// Makes the end run into what comes before the beginning, so that the beginning may follow it.
    fn join(&mut self) {
        let quarter = self.quarter();
        for at in 0..quarter {
            let before = self.sound[KEPT - self.length() - quarter + at];
            self.sound[KEPT - quarter + at] = mixed(self.end[at], before, (at + 1) as f32 / quarter as f32);
        }
    }

    fn next_sample(&mut self) -> f32 {
        let sample = self.sound[KEPT - self.length() + self.at];
        self.at = (self.at + 1) % self.length();
        sample
    }

    fn fill(&mut self, block: &mut [i16; BLOCK]) {
        block.iter_mut().for_each(|sample| *sample = rounded(self.next_sample()));
    }

    /// How loud it is at the beginning of the next block.
    fn gain(&self) -> f32 {
        let gain = 1.0 - f32::from(self.lost - 1) * FADE;
        if gain > 0.0 { gain } else { 0.0 }
    }

    /// Another lost block.
    fn go_on(&mut self, block: &mut [i16; BLOCK]) {
        if self.lost >= HEARD {
            block.fill(0);
            return;
        }
        let mut sound = [0.0; BLOCK];
        if self.periods < PERIODS {
            let before = self.end_of_old();
            // From the same place in the period.
            self.at %= self.period;
            self.periods += 1;
            self.join();
            sound.iter_mut().for_each(|sample| *sample = self.next_sample());
            let quarter = self.quarter();
            for at in 0..quarter {
                sound[at] = mixed(before[at], sound[at], (at + 1) as f32 / quarter as f32);
            }
        } else {
            sound.iter_mut().for_each(|sample| *sample = self.next_sample());
        }
        let mut gain = self.gain();
        for (sample, sound) in block.iter_mut().zip(sound) {
            *sample = rounded(sound * gain);
            gain -= FADE / BLOCK as f32;
        }
        self.lost += 1;
    }

    /// How it would go on with the periods repeated so far; the place in them stays.
    fn end_of_old(&mut self) -> [f32; DELAY] {
        let at = self.at;
        let mut end = [0.0; DELAY];
        end[..self.period / 4].iter_mut().for_each(|sample| *sample = self.next_sample());
        self.at = at;
        end
    }

    /// The audio has come back: what was repeated runs into it.
    fn run_into(&mut self, block: &mut [i16; BLOCK]) {
        let length = (self.quarter() + usize::from(self.lost - 1) * LONGER).min(BLOCK);
        let gain = self.gain();
        for (at, sample) in block[..length].iter_mut().enumerate() {
            let share = (at + 1) as f32 / length as f32;
            *sample = rounded(mixed(self.next_sample() * gain, f32::from(*sample), share));
        }
    }
}

fn mixed(from: f32, to: f32, share: f32) -> f32 {
    from * (1.0 - share) + to * share
}

/// A cast saturates; half is added away from zero, as core has no round.
fn rounded(value: f32) -> i16 {
    (if value < 0.0 { value - 0.5 } else { value + 0.5 }) as i16
}
