//! WAV files as bytes: reading prompts, writing recordings.
//!
//! The reader takes what is there: where a header promises more data than the file holds, because it was cut by a crash or
//! is still being written, the data that is there counts. The writers make headers only, so that a recorder can write one with a length of
//! zero, append, and write it again with the final length.

use core::fmt;

/// How samples are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Format tag 0x0006, eight bits.
    Alaw,
    /// Format tag 0x0001, sixteen bits, little endian.
    Pcm16,
}

impl Coding {
    /// Octets of one sample of one channel.
    pub const fn octets(self) -> u16 {
        match self {
            Self::Alaw => 1,
            Self::Pcm16 => 2,
        }
    }

    const fn tag(self) -> u16 {
        match self {
            Self::Alaw => 6,
            Self::Pcm16 => 1,
        }
    }
}

/// What the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// How they are coded.
    pub coding: Coding,
    /// Channels, interleaved by sample.
    pub channels: u16,
    /// Samples a second of each channel.
    pub rate_hz: u32,
}

impl Format {
    /// A recording: received left, sent right.
    pub const RECORDING: Self = Self { coding: Coding::Alaw, channels: 2, rate_hz: 8000 };
    /// What callers and tests keep: linear, mono.
    pub const PCM_MONO: Self = Self { coding: Coding::Pcm16, channels: 1, rate_hz: 8000 };
}

/// Why a file is no usable WAV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadWav {
    /// It does not begin with `RIFF....WAVE`.
    NotRiff,
    /// It ends, at this octet, before both `fmt ` and `data` chunks were found.
    Cut(usize),
    /// The `data` chunk stands before the `fmt ` chunk.
    NoFormat,
    /// A `fmt ` chunk of this many octets; 16 are needed.
    ShortFormat(usize),
    /// A format tag that is neither PCM (1) nor A-law (6).
    Tag(u16),
    /// A coding with this many bits a sample: 16 for PCM and 8 for A-law are understood.
    Bits(u16),
    /// This many channels.
    Channels(u16),
    /// This many samples a second.
    Rate(u32),
}

impl fmt::Display for BadWav {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRiff => write!(f, "not a WAV file: it does not begin with RIFF and WAVE"),
            Self::Cut(at) => write!(f, "the file ends at octet {at}, before its audio; copy it again"),
            Self::NoFormat => write!(f, "the data chunk stands before the fmt chunk; convert the file again"),
            Self::ShortFormat(len) => write!(f, "fmt chunk: 16 octets wanted, {len} found"),
            Self::Tag(tag) => write!(f, "coding {tag:#06x}; save it as 16-bit PCM or A-law"),
            Self::Bits(bits) => write!(f, "{bits} bits a sample; save it as 16-bit PCM or A-law"),
            Self::Channels(count) => write!(f, "{count} channels; save it with one"),
            Self::Rate(rate) => write!(f, "{rate} samples a second; save it with 8000"),
        }
    }
}

impl core::error::Error for BadWav {}

/// A file that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wav<'a> {
    /// What the samples are.
    pub format: Format,
    /// The samples' octets: whole frames, as many as header and file both have.
    pub data: &'a [u8],
}

impl<'a> Wav<'a> {
    /// Finds format and samples; other chunks are stepped over.
    pub fn parse(file: &'a [u8]) -> Result<Self, BadWav> {
        if file.get(..4) != Some(b"RIFF") || file.get(8..12) != Some(b"WAVE") {
            return Err(BadWav::NotRiff);
        }
        let mut format = None;
        let mut at = 12;
        loop {
            let head = file.get(at..at + 8).ok_or(BadWav::Cut(file.len()))?;
            let len = u32_at(head, 4) as usize;
            let body = &file[at + 8..];
            let body = &body[..len.min(body.len())];
            match &head[..4] {
                b"fmt " => format = Some(parse_format(body)?),
                b"data" => {
                    let format = format.ok_or(BadWav::NoFormat)?;
                    let frame = usize::from(format.coding.octets()) * usize::from(format.channels);
                    return Ok(Self { format, data: &body[..body.len() / frame * frame] });
                }
                _ => {}
            }
            // Chunks begin at even octets.
            at = at.saturating_add(8).saturating_add(len).saturating_add(len & 1).min(file.len());
        }
    }

    /// All samples as linear ones, channels still interleaved.
    pub fn samples(&self) -> Vec<i16> {
        match self.format.coding {
            Coding::Alaw => self.data.iter().map(|&octet| dsp_g711::alaw_decode(octet)).collect(),
            Coding::Pcm16 => self.data.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect(),
        }
    }

    /// Linear samples of one channel; none where there is no such channel.
    pub fn channel(&self, channel: u16) -> Vec<i16> {
        let step = usize::from(self.format.channels);
        self.samples()
            .into_iter()
            .skip(usize::from(channel))
            .step_by(step)
            .filter(|_| channel < self.format.channels)
            .collect()
    }
}

fn u16_at(octets: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([octets[at], octets[at + 1]])
}

fn u32_at(octets: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]])
}

fn parse_format(body: &[u8]) -> Result<Format, BadWav> {
    if body.len() < 16 {
        return Err(BadWav::ShortFormat(body.len()));
    }
    // The extensible form names the coding a second time, at the start of a GUID.
    let tag = if u16_at(body, 0) == 0xFFFE && body.len() >= 26 { u16_at(body, 24) } else { u16_at(body, 0) };
    let bits = u16_at(body, 14);
    let coding = match (tag, bits) {
        (1, 16) => Coding::Pcm16,
        (6, 8) => Coding::Alaw,
        (1 | 6, _) => return Err(BadWav::Bits(bits)),
        (tag, _) => return Err(BadWav::Tag(tag)),
    };
    let format = Format { coding, channels: u16_at(body, 2), rate_hz: u32_at(body, 4) };
    if format.channels == 0 {
        return Err(BadWav::Channels(0));
    }
    Ok(format)
}

/// Octets of a header made by [`header`].
pub const HEADER: usize = 58;

/// A header for `frames` samples of each channel. Write it again with the final number when the file is complete; until then
/// readers go by the file's length if it was written with [`UNKNOWN`].
pub fn header(format: Format, frames: u32) -> [u8; HEADER] {
    let frame = u32::from(format.coding.octets()) * u32::from(format.channels);
    let data = frames.saturating_mul(frame).min(u32::MAX - HEADER as u32);
    let mut out = [0; HEADER];
    let mut at = 0;
    let mut put = |octets: &[u8]| {
        out[at..at + octets.len()].copy_from_slice(octets);
        at += octets.len();
    };
    put(b"RIFF");
    put(&(data + HEADER as u32 - 8).to_le_bytes());
    put(b"WAVEfmt ");
    put(&18_u32.to_le_bytes());
    put(&format.coding.tag().to_le_bytes());
    put(&format.channels.to_le_bytes());
    put(&format.rate_hz.to_le_bytes());
    put(&format.rate_hz.saturating_mul(frame).to_le_bytes());
    put(&(frame as u16).to_le_bytes());
    put(&(format.coding.octets() * 8).to_le_bytes());
    // No extension follows; other codings than PCM must say so, and must have a fact chunk.
    put(&0_u16.to_le_bytes());
    put(b"fact");
    put(&4_u32.to_le_bytes());
    put(&frames.to_le_bytes());
    put(b"data");
    put(&data.to_le_bytes());
    out
}

/// As the number of frames: not known yet.
pub const UNKNOWN: u32 = u32::MAX;

/// A whole file of 16-bit PCM, mono, 8 kHz.
pub fn pcm_file(samples: &[i16]) -> Vec<u8> {
    let frames = u32::try_from(samples.len()).unwrap_or(UNKNOWN);
    let mut file = header(Format::PCM_MONO, frames).to_vec();
    file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    file
}

/// Reads a file of one channel at 8 kHz, 16-bit PCM or A-law, into linear samples.
pub fn read_mono(file: &[u8]) -> Result<Vec<i16>, BadWav> {
    let wav = Wav::parse(file)?;
    match (wav.format.channels, wav.format.rate_hz) {
        (1, 8000) => Ok(wav.samples()),
        (1, rate) => Err(BadWav::Rate(rate)),
        (count, _) => Err(BadWav::Channels(count)),
    }
}
