//! Prompts.

use crate::wav::{self, BadWav};
use core::fmt;

/// A whole prompt as A-law octets, shared by all ports that play it.
#[derive(Clone, PartialEq, Eq)]
pub struct Clip {
    alaw: Box<[u8]>,
    /// Samples of which a play tells, in order.
    marks: Box<[u32]>,
}

impl Clip {
    /// Marks kept a clip.
    pub const MARKS: usize = 64;

    /// Reads a WAV file: A-law or 16-bit PCM, one channel, 8 kHz.
    pub fn from_wav(file: &[u8]) -> Result<Self, BadWav> {
        let wav = wav::Wav::parse(file)?;
        if wav.format.rate_hz != 8000 {
            return Err(BadWav::Rate(wav.format.rate_hz));
        }
        if wav.format.channels != 1 {
            return Err(BadWav::Channels(wav.format.channels));
        }
        Ok(match wav.format.coding {
            wav::Coding::Alaw => Self::from_alaw(wav.data),
            wav::Coding::Pcm16 => Self::from_pcm(&wav.samples()),
        })
    }

    /// Encodes linear samples at 8 kHz.
    pub fn from_pcm(samples: &[i16]) -> Self {
        let mut alaw = vec![dsp_g711::ALAW_SILENCE; samples.len()].into_boxed_slice();
        dsp_g711::alaw_encode_block(samples, &mut alaw);
        Self { alaw, marks: Box::default() }
    }

    /// Takes A-law octets as they stand on the line, at 8 kHz.
    pub fn from_alaw(octets: &[u8]) -> Self {
        Self { alaw: octets.into(), marks: Box::default() }
    }

    /// The same clip with marks: each play of it tells, by [`Event::Mark`](crate::Event::Mark), when it sends the sample of this number. They are put in
    /// order; one past the end is told at the end. Those over [`Clip::MARKS`] are left out, the last first.
    #[must_use]
    pub fn with_marks(mut self, samples: &[u32]) -> Self {
        let mut marks = samples.to_vec();
        marks.sort_unstable();
        marks.truncate(Self::MARKS);
        self.marks = marks.into_boxed_slice();
        self
    }

    /// The marks, in order.
    pub fn marks(&self) -> &[u32] {
        &self.marks
    }

    /// The octets, one a sample.
    pub fn alaw(&self) -> &[u8] {
        &self.alaw
    }

    /// Length in milliseconds, rounded down.
    pub fn duration_ms(&self) -> u32 {
        u32::try_from(self.alaw.len() / 8).unwrap_or(u32::MAX)
    }
}

/// A prompt may say an account's balance: only its length is shown.
impl fmt::Debug for Clip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clip({} ms)", self.duration_ms())
    }
}
