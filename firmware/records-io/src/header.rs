//! The WAV header of a two-channel A-law file (RIFF, format 6).

/// Octets of the header. The audio begins there.
pub const HEADER: usize = 58;
/// Octets of one sample of both channels.
pub const FRAME: usize = 2;

/// The header of a file with `frames` samples a channel. A file too long for its 32-bit sizes says the longest.
pub(crate) fn header(frames: u64) -> [u8; HEADER] {
    let frames = u32::try_from(frames).unwrap_or(u32::MAX).min((u32::MAX - HEADER as u32) / FRAME as u32);
    let data = frames * FRAME as u32;
    let mut octets = [0; HEADER];
    let mut at = 0;
    let mut put = |part: &[u8]| {
        octets[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    };
    put(b"RIFF");
    put(&(data + HEADER as u32 - 8).to_le_bytes());
    put(b"WAVEfmt ");
    put(&18_u32.to_le_bytes());
    put(&6_u16.to_le_bytes());
    put(&2_u16.to_le_bytes());
    put(&8000_u32.to_le_bytes());
    put(&16_000_u32.to_le_bytes());
    put(&2_u16.to_le_bytes());
    put(&8_u16.to_le_bytes());
    put(&0_u16.to_le_bytes());
    put(b"fact");
    put(&4_u32.to_le_bytes());
    put(&frames.to_le_bytes());
    put(b"data");
    put(&data.to_le_bytes());
    octets
}
