//! Recordings in Opus: other people's code reads them, neither direction is heard in the other, and nothing of them can be changed.

use super::tests::{Bench, ID, NOW};
use super::*;
use crate::chain::{SECOND, chain_path};
use crate::disk::SystemDisk;
use crate::files::recording_path;
use crate::opus_stream::{CLOCK, PRE_SKIP};
use crate::writer::BLOCK;
use crate::{BadSecond, Ending, Format, VerifyError, repair_all, verify};
use dsp_g711::alaw_encode;
use proptest::prelude::*;
use std::path::Path;

fn bench() -> (Bench, PathBuf) {
    let bench = Bench::with(Format::Opus, Box::new(SystemDisk));
    let file = bench.directory().join(recording_path(ID, NOW, Format::Opus));
    (bench, file)
}

/// Blocks of a tone on one side, which is received in even seconds and sent in odd ones.
fn speak(bench: &mut Bench, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let tone = |at: usize| {
            let phase = (number as usize * BLOCK + at) as f32 * 440.0 / 8000.0 * std::f32::consts::TAU;
            alaw_encode((phase.sin() * 8000.0) as i16)
        };
        let (tone, silence) = (std::array::from_fn(tone), [alaw_encode(0); BLOCK]);
        let (received, sent) = if number / 100 % 2 == 0 { (tone, silence) } else { (silence, tone) };
        bench.files.take(RecordingItem::Block { id: ID, number, received, sent }, NOW);
    }
}

/// What a player plays, by channel, and the end that the stream says it has.
fn played(file: &Path) -> ([Vec<i16>; 2], u64) {
    let mut reader = ogg::PacketReader::new(std::fs::File::open(file).unwrap());
    let head = reader.read_packet_expected().unwrap();
    assert!(head.data.starts_with(b"OpusHead\x01\x02"));
    assert!(reader.read_packet_expected().unwrap().data.starts_with(b"OpusTags"));
    let mut decoder = opus::MSDecoder::new(8000, 2, 0, &[0, 1]).unwrap();
    let mut channels = [Vec::new(), Vec::new()];
    let mut end = 0;
    while let Some(packet) = reader.read_packet().unwrap() {
        end = packet.absgp_page();
        let mut samples = [0; 2 * 960];
        let count = decoder.decode(&packet.data, &mut samples, false).unwrap();
        samples[..2 * count].chunks(2).for_each(|pair| {
            channels[0].push(pair[0]);
            channels[1].push(pair[1]);
        });
    }
    let skip = usize::from(PRE_SKIP) / CLOCK as usize;
    (channels.map(|channel| channel[skip.min(channel.len())..].to_vec()), end)
}

fn power(samples: &[i16]) -> f64 {
    samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len() as f64
}

#[test]
fn each_direction_is_a_channel_of_its_own_and_time_is_right() {
    let (mut bench, file) = bench();
    for second in 0..6 {
        speak(&mut bench, second * 100..(second + 1) * 100);
        bench.files.flush();
    }
    speak(&mut bench, 600..633);
    let closed = bench.end();
    assert_eq!(closed.path, format!("2026/11/24/{ID}.opus"));
    assert_eq!((closed.frames, closed.lost_frames), (633 * 80, 0));
    let (channels, end) = played(&file);
    assert_eq!(end, 633 * 80 * CLOCK + u64::from(PRE_SKIP), "players cut what pads the last packet");
    assert!(channels[0].len() as u64 >= closed.frames, "nothing is missing at the end");
    for second in 0..6 {
        // Without the borders, where the codec smears.
        let part = |channel: usize| power(&channels[channel][second * 8000 + 400..(second + 1) * 8000 - 400]);
        let (loud, quiet) = if second % 2 == 0 { (part(0), part(1)) } else { (part(1), part(0)) };
        assert!(loud > 8000.0_f64.powi(2) / 8.0, "second {second}: {loud}");
        assert!(quiet < loud / 100_000.0, "second {second}: {quiet} beside {loud}");
    }
    let size = std::fs::metadata(&file).unwrap().len();
    assert!(size < 6 * SECOND as u64 / 3, "{size} octets for six seconds");
    let verified = verify(&file).unwrap();
    assert_eq!((verified.frames, verified.head, verified.ending), (closed.frames, closed.head, Ending::Whole));
}

#[test]
fn ten_minutes_that_were_lost_are_quickly_silent() {
    let (mut bench, file) = bench();
    speak(&mut bench, 0..100);
    bench.files.flush();
    speak(&mut bench, 60_000..60_100);
    let closed = bench.end();
    assert_eq!((closed.frames, closed.lost_frames), (60_100 * 80, 59_900 * 80));
    assert_eq!(verify(&file).unwrap().lost_frames, closed.lost_frames);
    let (channels, _) = played(&file);
    let lost = &channels[0][2 * 8000..599 * 8000];
    assert!(power(lost) < 100.0, "{}", power(lost));
    assert!(power(&channels[0][600 * 8000 + 400..601 * 8000 - 400]) > 1e7);
}

#[test]
fn every_tampering_is_found_in_its_second() {
    let (mut bench, file) = bench();
    for second in 0..4 {
        speak(&mut bench, second * 100..(second + 1) * 100);
        bench.files.flush();
    }
    bench.end();
    let (audio, lines) = (std::fs::read(&file).unwrap(), std::fs::read_to_string(chain_path(&file)).unwrap());
    let check = |audio: &[u8], lines: &str, second: u64, why: BadSecond| {
        std::fs::write(&file, audio).unwrap();
        std::fs::write(chain_path(&file), lines).unwrap();
        match verify(&file) {
            Err(VerifyError::FirstBadSecond { second: found, why: found_why }) => {
                assert_eq!((found, found_why), (second, why));
            }
            other => panic!("{other:?}"),
        }
    };
    // Where each page begins, by the chain's own count of octets: headers, four seconds, the last page.
    let octets = |line: &str| line.split(' ').nth(3).map(|octets| octets.parse::<usize>().unwrap());
    let mut at = 0;
    for (page, len) in lines.lines().filter_map(octets).enumerate() {
        let mut changed = audio.clone();
        changed[at + len - 1] ^= 1;
        check(&changed, &lines, (page as u64).saturating_sub(1).min(4), BadSecond::Changed);
        check(&audio[..at + len - 1], &lines, (page as u64).saturating_sub(1).min(4), BadSecond::AudioMissing);
        at += len;
    }
    check(&[audio.as_slice(), &[0]].concat(), &lines, 4, BadSecond::AudioAdded);
    let (whole, _) = lines.trim_end().rsplit_once('\n').unwrap();
    check(&audio, &format!("{whole}\n"), 4, BadSecond::ChainMissing);
    check(&audio, &lines.replacen(" 08000 00000 ", " 08000 08000 ", 1), 0, BadSecond::Changed);
    check(&audio, "no chain\n", 0, BadSecond::ChainDamaged);
    std::fs::write(&file, b"RIFF").unwrap();
    std::fs::write(chain_path(&file), &lines).unwrap();
    let told = verify(&file).unwrap_err().to_string();
    assert!(told.contains("octet 0: OggS expected"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Power goes at any moment: a part of the last appended page and of the last chain lines is on the disk.
    #[test]
    fn whatever_a_power_cut_leaves_becomes_a_playable_recording(
        seconds in 0_u32..3, rest in 0_u32..100, torn_audio in 0_u64..3000, torn_lines in 0_u64..200,
    ) {
        let (mut bench, file) = bench();
        for second in 0..seconds {
            speak(&mut bench, second * 100..(second + 1) * 100);
            bench.files.flush();
        }
        let safe = file.metadata().map_or(0, |file| file.len());
        speak(&mut bench, seconds * 100..seconds * 100 + rest);
        bench.files.open.values_mut().for_each(|recording| recording.append(&SystemDisk).unwrap());
        if !file.exists() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "").unwrap();
        }
        bench.crash();
        let cut = |path: &Path, by: u64, least: u64| {
            let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length.saturating_sub(by).max(least)).unwrap();
        };
        cut(&file, torn_audio, safe);
        cut(&chain_path(&file), torn_lines, 0);

        let closed = repair_all(&bench.directory());
        prop_assert_eq!(closed.len(), 1);
        let verified = verify(&file).unwrap();
        prop_assert_eq!((verified.ending, &verified.head), (Ending::Cut, &closed[0].head));
        prop_assert!(verified.frames >= u64::from(seconds) * 8000);
        let (channels, end) = played(&file);
        prop_assert_eq!(end, verified.frames * CLOCK);
        prop_assert!(channels[0].len() as u64 + u64::from(PRE_SKIP) / CLOCK >= verified.frames);
        prop_assert!(repair_all(&bench.directory()).is_empty(), "once is enough");
    }
}
