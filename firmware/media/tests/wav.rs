//! WAV files: what is written is read back, what is no WAV is refused with its reason.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use media::Clip;
use media::wav::{BadWav, Coding, Format, HEADER, UNKNOWN, Wav, header, pcm_file, read_mono};

#[test]
fn samples_are_read_back_as_they_were_written() {
    let samples: Vec<i16> = (-400..400).map(|at| at * 80).collect();
    let file = pcm_file(&samples);
    assert_eq!(read_mono(&file), Ok(samples.clone()));
    let wav = Wav::parse(&file).unwrap();
    assert_eq!((wav.format, wav.channel(0), wav.channel(1)), (Format::PCM_MONO, samples, vec![]));
}

#[test]
fn the_channels_of_a_recording_are_told_apart() {
    let mut file = header(Format::RECORDING, 3).to_vec();
    file.extend([0xD5, 0x55, 0xD4, 0x54, 0xD7, 0x57]);
    let wav = Wav::parse(&file).unwrap();
    assert_eq!((wav.channel(0), wav.channel(1)), (vec![8, 24, 40], vec![-8, -24, -40]));
}

#[test]
fn a_file_that_was_cut_or_still_grows_counts_as_far_as_it_goes() {
    for frames in [UNKNOWN, 100_000] {
        let mut file = header(Format::RECORDING, frames).to_vec();
        file.extend([0xD5; 161]);
        assert_eq!(Wav::parse(&file).unwrap().data.len(), 160, "half a frame is none");
    }
    let file = header(Format::RECORDING, 0);
    assert_eq!(Wav::parse(&file).unwrap().data, []);
    for length in 0..HEADER {
        let fault = Wav::parse(&file[..length]).unwrap_err();
        assert!(matches!(fault, BadWav::NotRiff | BadWav::Cut(_) | BadWav::ShortFormat(_)), "{length}: {fault}");
    }
}

#[test]
fn chunks_that_mean_nothing_here_are_stepped_over_even_odd_ones() {
    let plain = pcm_file(&[1, 2, 3]);
    let mut file = plain[..12].to_vec();
    file.extend(b"LIST\x03\0\0\0abc\0");
    file.extend(&plain[12..]);
    assert_eq!(read_mono(&file), Ok(vec![1, 2, 3]));
}

#[test]
fn what_a_prompt_cannot_be_is_refused_with_the_remedy() {
    let check = |change: fn(&mut Vec<u8>), expected: BadWav, remedy: &str| {
        let mut file = pcm_file(&[0; 8]);
        change(&mut file);
        let fault = Clip::from_wav(&file).unwrap_err();
        assert_eq!(fault, expected);
        assert!(fault.to_string().contains(remedy), "{fault}");
    };
    check(|file| file[0] = b'X', BadWav::NotRiff, "not a WAV file");
    check(|file| file[20] = 3, BadWav::Tag(3), "save it as 16-bit PCM or A-law");
    check(|file| file[34] = 24, BadWav::Bits(24), "save it as 16-bit PCM or A-law");
    check(|file| file[22] = 2, BadWav::Channels(2), "save it with one");
    check(|file| file[22] = 0, BadWav::Channels(0), "save it with one");
    check(|file| file[24..28].copy_from_slice(&16_000_u32.to_le_bytes()), BadWav::Rate(16_000), "save it with 8000");
    check(|file| file[12..16].copy_from_slice(b"junk"), BadWav::NoFormat, "convert the file again");
}

#[test]
fn a_clip_knows_its_length_and_shows_nothing_else() {
    let clip = Clip::from_wav(&pcm_file(&[100; 12_345])).unwrap();
    assert_eq!((clip.duration_ms(), clip.alaw().len()), (1543, 12_345));
    assert_eq!(format!("{clip:?}"), "Clip(1543 ms)");
    assert_eq!(Coding::Alaw.octets() + Coding::Pcm16.octets(), 3);
}
