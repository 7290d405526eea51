//! Which part of a recording a browser asks for (RFC 9110 §14), and what that part's octets are as linear samples.

use dsp_g711::alaw_decode;

/// Octets of the WAV header in front of linear samples.
pub(crate) const HEADER: u64 = 44;
/// Octets of one sample of both channels: 16 bits each.
const FRAME: u64 = 4;
/// Octets of one sample of both channels as stored: A-law.
const STORED: u64 = records_io::FRAME as u64;

/// What to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Everything.
    Whole,
    /// From the first to the last octet, both counted from 0 and included.
    Part {
        /// First octet.
        first: u64,
        /// Last octet.
        last: u64,
    },
    /// A part that does not exist.
    Beyond,
}

/// Reads a `Range` header. What is not one range of octets is answered with everything, as RFC 9110 §14.2 allows.
pub(crate) fn asked(header: Option<&str>, length: u64) -> Asked {
    let Some((first, last)) = header.and_then(|text| text.trim().strip_prefix("bytes=")?.split_once('-')) else {
        return Asked::Whole;
    };
    let end = length.saturating_sub(1);
    match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first > last => Asked::Whole,
        (Ok(first), _) if first >= length && (last.trim().is_empty() || last.trim().parse::<u64>().is_ok()) => {
            Asked::Beyond
        }
        (Ok(first), Ok(last)) => Asked::Part { first, last: last.min(end) },
        (Ok(first), Err(_)) if last.trim().is_empty() => Asked::Part { first, last: end },
        (Err(_), Ok(0)) if first.trim().is_empty() => Asked::Beyond,
        (Err(_), Ok(count)) if first.trim().is_empty() => {
            Asked::Part { first: length.saturating_sub(count), last: end }
        }
        (Ok(_) | Err(_), Ok(_) | Err(_)) => Asked::Whole,
    }
}

/// Length of the WAV file of 16-bit samples for a stored file of so many frames.
pub(crate) const fn wav_length(frames: u64) -> u64 {
    HEADER + frames * FRAME
}

/// Most frames whose sizes fit the header's 32 bits: two hours short of three days.
pub(crate) const MOST_FRAMES: u64 = (u32::MAX as u64 - HEADER) / FRAME;

/// The header of a WAV file of 16-bit samples, two channels, 8 kHz.
pub(crate) fn wav_header(frames: u64) -> [u8; HEADER as usize] {
    let data = u32::try_from(frames.min(MOST_FRAMES) * FRAME).unwrap_or(u32::MAX);
    let mut octets = [0; HEADER as usize];
    let parts: [&[u8]; 13] = [
        b"RIFF",
        &(data.saturating_add(HEADER as u32 - 8)).to_le_bytes(),
        b"WAVEfmt ",
        &16_u32.to_le_bytes(),
        &1_u16.to_le_bytes(),
        &2_u16.to_le_bytes(),
        &8000_u32.to_le_bytes(),
        &32_000_u32.to_le_bytes(),
        &4_u16.to_le_bytes(),
        &16_u16.to_le_bytes(),
        b"data",
        &data.to_le_bytes(),
        &[],
    ];
    let mut at = 0;
    for part in parts {
        octets[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    octets
}

/// The next piece to send: what to read of the stored audio, and what to leave off at both ends once it is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// First stored octet, counted from the first of the audio.
    pub(crate) from: u64,
    /// Stored octets to read.
    pub(crate) count: usize,
    /// Converted octets to leave off in front.
    skip: usize,
    /// Converted octets to send.
    take: usize,
}

impl Piece {
    /// The piece that begins at octet `first` of the WAV file's audio and reaches to `last` at most, `frames` long at most.
    pub(crate) fn of(first: u64, last: u64, frames: u64) -> Self {
        let begin = first / FRAME;
        let end = (last / FRAME + 1).min(begin + frames);
        let take = (last + 1).min(end * FRAME) - first;
        Self {
            from: begin * STORED,
            count: ((end - begin) * STORED) as usize,
            skip: (first % FRAME) as usize,
            take: take as usize,
        }
    }

    /// The octets to send for the stored ones.
    pub(crate) fn converted(&self, stored: &[u8]) -> Vec<u8> {
        let linear: Vec<u8> = stored.iter().flat_map(|&octet| alaw_decode(octet).to_le_bytes()).collect();
        let end = (self.skip + self.take).min(linear.len());
        linear.get(self.skip..end).unwrap_or_default().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Asked) {
        assert_eq!(asked(Some(header), 1000), expected, "{header}");
    }

    #[test]
    fn one_range_is_read_in_all_its_forms() {
        assert_eq!(asked(None, 1000), Asked::Whole);
        check("bytes=0-", Asked::Part { first: 0, last: 999 });
        check("bytes=0-0", Asked::Part { first: 0, last: 0 });
        check("bytes=10-5000", Asked::Part { first: 10, last: 999 });
        check("bytes=999-", Asked::Part { first: 999, last: 999 });
        check("bytes=-100", Asked::Part { first: 900, last: 999 });
        check("bytes=-5000", Asked::Part { first: 0, last: 999 });
    }

    #[test]
    fn a_part_behind_the_end_is_told_apart_from_nonsense() {
        check("bytes=1000-", Asked::Beyond);
        check("bytes=1000-1001", Asked::Beyond);
        check("bytes=-0", Asked::Beyond);
        for nonsense in
            ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-3", "bytes=0-1,3-4", "seconds=0-1", "", "bytes=1000-x"]
        {
            check(nonsense, Asked::Whole);
        }
        assert_eq!(asked(Some("bytes=0-"), 0), Asked::Beyond);
    }

    #[test]
    fn every_part_in_pieces_is_the_whole_cut_there() {
        let stored: Vec<u8> = (0..100).collect();
        let whole = Piece::of(0, 199, 1000).converted(&stored);
        assert_eq!(whole.len(), 200);
        assert_eq!(whole[..2], alaw_decode(0).to_le_bytes());
        for first in 0..200_u64 {
            for last in first..200 {
                let mut sent = Vec::new();
                let mut at = first;
                while at <= last {
                    let piece = Piece::of(at, last, 7);
                    let from = piece.from as usize;
                    let octets = piece.converted(&stored[from..from + piece.count]);
                    assert!(!octets.is_empty());
                    at += octets.len() as u64;
                    sent.extend(octets);
                }
                assert_eq!(sent, whole[first as usize..=last as usize], "{first}-{last}");
            }
        }
    }

    #[test]
    fn the_header_says_what_follows() {
        let header = wav_header(8000);
        assert_eq!(header[4..8], 32_036_u32.to_le_bytes());
        assert_eq!(header[40..44], 32_000_u32.to_le_bytes());
        assert_eq!(wav_length(8000), 44 + 32_000);
        assert_eq!(wav_header(u64::MAX / 8)[36..40], *b"data");
    }
}
