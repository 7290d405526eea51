//! Who is heard in a conference too large to hear all of its members at once.
//!
//! Up to [`ALL_HEARD`] members all are. Beyond, the noise of as many open lines would cover those who speak: [`SPEAKERS`] at most have the floor. A member gets it by
//! being louder than [`THRESHOLD`] while there is a place, or louder by [`LOUDER`] than the softest of those who have it; keeps it through pauses of
//! [`PATIENCE`] ticks; gets and loses it over one block, so that nothing clicks.

use base::Dbm0;

/// Members up to which all are heard.
pub(crate) const ALL_HEARD: usize = 16;
/// Members heard at once in a larger conference.
pub(crate) const SPEAKERS: u16 = 4;
/// What is softer is no speech.
pub(crate) const THRESHOLD: Dbm0 = Dbm0(-40.0);
/// 6 dB, as a ratio of powers.
const LOUDER: f32 = 4.0;
/// Ticks below the threshold after which the floor is lost: 400 ms.
const PATIENCE: u8 = 40;
/// What a member's power falls to in a tick of silence, 20 dB in 440 ms: between two syllables nobody is soft.
const DECAY: f32 = 0.9;

/// A member's part in what is heard.
#[derive(Clone, Copy)]
pub(crate) struct Floor {
    /// Whether it had the floor in the last block, and whether it has it in this one.
    had: bool,
    has: bool,
    power: f32,
    quiet: u8,
}

impl Floor {
    /// Of a member who has just joined.
    pub(crate) const fn new(members: usize) -> Self {
        let has = members <= ALL_HEARD;
        Self { had: has, has, power: 0.0, quiet: 0 }
    }

    /// A block begins.
    pub(crate) const fn go_on(&mut self) {
        self.had = self.has;
    }

    /// Gets or loses the floor.
    pub(crate) const fn decided(&mut self, has: bool) {
        self.has = has;
    }

    /// Whether anything of this block is heard.
    pub(crate) const fn is_heard(self) -> bool {
        self.had || self.has
    }

    /// What is heard of a sample of this block.
    pub(crate) fn share(self, sample: i16, at: usize) -> i32 {
        let (sample, at, block) = (i32::from(sample), at as i32, crate::BLOCK as i32);
        match (self.had, self.has) {
            (true, true) => sample,
            (false, true) => sample * at / block,
            (true, false) => sample * (block - at) / block,
            (false, false) => 0,
        }
    }
}

/// Who wants the floor of one conference, in one block.
#[derive(Clone, Copy)]
pub(crate) struct Contest {
    speakers: u16,
    softest: Option<(usize, f32)>,
    loudest: Option<(usize, f32)>,
}

impl Contest {
    pub(crate) const NONE: Self = Self { speakers: 0, softest: None, loudest: None };

    /// Takes in a member of this name and the power of what it says.
    pub(crate) fn enter(&mut self, name: usize, floor: &mut Floor, power: f32, threshold: f32) {
        floor.power = power.max(floor.power * DECAY);
        floor.quiet = if floor.power >= threshold { 0 } else { floor.quiet.saturating_add(1) };
        floor.has &= floor.quiet < PATIENCE;
        if floor.has {
            self.speakers += 1;
            if self.softest.is_none_or(|(_, softest)| floor.power < softest) {
                self.softest = Some((name, floor.power));
            }
        } else if floor.quiet == 0 && self.loudest.is_none_or(|(_, loudest)| floor.power > loudest) {
            self.loudest = Some((name, floor.power));
        }
    }

    /// All have entered: the one who loses the floor, and the one who gets it. One change a block is enough; a conference that has just grown
    /// over the limit loses speakers one by one.
    pub(crate) fn decide(self) -> [Option<(usize, bool)>; 2] {
        let loses = self.softest.map(|(name, _)| (name, false));
        let gets = self.loudest.map(|(name, _)| (name, true));
        let is_louder = match (self.loudest, self.softest) {
            (Some((_, loudest)), Some((_, softest))) => loudest > LOUDER * softest,
            (None, _) | (_, None) => false,
        };
        if self.speakers < SPEAKERS {
            [None, gets]
        } else if self.speakers > SPEAKERS {
            [loses, None]
        } else if is_louder {
            [loses, gets]
        } else {
            [None, None]
        }
    }
}
