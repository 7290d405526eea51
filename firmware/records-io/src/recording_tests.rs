use super::*;
use crate::chain::{SECOND, chain_path};
use crate::disk::SystemDisk;
use crate::files::recording_path;
use crate::growing::{ABANDONED_FLUSHES, SILENCE};
use crate::header::{FRAME, HEADER};
use crate::writer::{BLOCK, RecordingWriter};
use crate::{BadSecond, Ending, Verified, VerifyError, repair_all, verify};
use media::wav::{Coding, Wav};
use proptest::prelude::*;
use std::fs::OpenOptions;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// 2026-11-24 10:00:00 UTC.
pub(super) const NOW: WallTime = WallTime(1_795_514_400_000);
pub(super) const ID: RecordingId = RecordingId(0x00B0_0000_0001_0000_0007);

/// Files below a directory that goes away, and what they reported.
pub(super) struct Bench {
    pub(super) dir: tempfile::TempDir,
    pub(super) files: Recordings,
    pub(super) reports: Receiver<RecordingReport>,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::with(Format::Wav, Box::new(SystemDisk))
    }

    pub(super) fn with(format: Format, disk: Box<dyn Disk>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (told, reports) = channel();
        let report = Box::new(move |report| told.send(report).unwrap());
        let files = Recordings::new(dir.path().join("recordings"), format, disk, report);
        Self { dir, files, reports }
    }

    pub(super) fn directory(&self) -> PathBuf {
        self.dir.path().join("recordings")
    }

    pub(super) fn wav(&self) -> PathBuf {
        self.directory().join(recording_path(ID, NOW, Format::Wav))
    }

    /// Blocks of these numbers; each sample says its block and its side.
    pub(super) fn blocks(&mut self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let (received, sent) = ([number as u8; BLOCK], [!number as u8; BLOCK]);
            self.files.take(RecordingItem::Block { id: ID, number, received, sent }, NOW);
        }
    }

    pub(super) fn end(&mut self) -> ClosedRecording {
        self.files.take(RecordingItem::End { id: ID }, NOW);
        self.files.flush();
        match self.report() {
            RecordingReport::Closed(closed) => closed,
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub(super) fn report(&self) -> RecordingReport {
        self.reports.try_recv().expect("a report")
    }

    /// As after a power cut: what is open is forgotten, nothing more is written.
    pub(super) fn crash(&mut self) {
        self.files.open.clear();
    }
}

#[test]
fn a_recording_is_a_playable_file_with_received_left_and_sent_right() {
    let mut bench = Bench::new();
    for second in 0..3 {
        bench.blocks(second * 100..(second + 1) * 100);
        bench.files.flush();
    }
    bench.blocks(300..325);
    let closed = bench.end();
    assert_eq!(closed.path, format!("2026/11/24/{ID}.wav"));
    assert_eq!((closed.frames, closed.lost_frames, closed.started), (26_000, 0, NOW));

    let octets = std::fs::read(bench.wav()).unwrap();
    let wav = Wav::parse(&octets).unwrap();
    assert_eq!((wav.format.coding, wav.format.channels, wav.format.rate_hz), (Coding::Alaw, 2, 8000));
    assert_eq!(wav.data.len(), 52_000);
    assert_eq!(&wav.data[160 * 7..160 * 7 + 4], [7, !7, 7, !7]);
    let expected = Verified { frames: 26_000, lost_frames: 0, head: closed.head, ending: Ending::Whole };
    assert_eq!(verify(&bench.wav()).unwrap(), expected);
}

#[test]
fn a_file_that_still_grows_is_playable_up_to_its_last_flush() {
    let mut bench = Bench::new();
    bench.blocks(0..150);
    bench.files.flush();
    bench.blocks(150..200);
    let octets = std::fs::read(bench.wav()).unwrap();
    assert_eq!(Wav::parse(&octets).unwrap().data.len(), 150 * 160);
}

#[test]
fn blocks_that_never_came_are_silent_and_counted_as_lost() {
    let mut bench = Bench::new();
    bench.blocks(0..10);
    bench.blocks(60..100);
    // Late ones change nothing.
    bench.blocks(20..30);
    let closed = bench.end();
    assert_eq!((closed.frames, closed.lost_frames), (8000, 50 * 80));
    assert_eq!(verify(&bench.wav()).unwrap().lost_frames, 50 * 80);
    let octets = std::fs::read(bench.wav()).unwrap();
    let data = Wav::parse(&octets).unwrap().data;
    assert!(data[10 * 160..60 * 160].iter().all(|&octet| octet == SILENCE));
    assert_eq!(data[60 * 160], 60);
}

#[test]
fn a_recording_whose_end_was_lost_is_closed_after_a_minute() {
    let mut bench = Bench::new();
    bench.blocks(0..10);
    for _ in 0..ABANDONED_FLUSHES {
        bench.files.flush();
        assert!(bench.reports.try_recv().is_err());
    }
    bench.files.flush();
    assert!(matches!(bench.report(), RecordingReport::Closed(closed) if closed.frames == 800));
    assert!(bench.files.open.is_empty());
}

#[test]
fn an_older_file_of_the_same_name_is_never_written_over() {
    let mut bench = Bench::new();
    std::fs::create_dir_all(bench.wav().parent().unwrap()).unwrap();
    std::fs::write(bench.wav(), "evidence").unwrap();
    bench.blocks(0..10);
    bench.files.flush();
    assert_eq!(bench.report(), RecordingReport::GivenUp { id: ID });
    assert_eq!(std::fs::read(bench.wav()).unwrap(), b"evidence");
}

#[test]
fn while_the_disk_is_away_five_seconds_are_kept_and_the_rest_is_counted() {
    let mut bench = Bench::new();
    std::fs::write(bench.directory(), "not a directory").unwrap();
    bench.blocks(0..700);
    bench.files.flush();
    assert!(matches!(bench.report(), RecordingReport::DiskFailed { error } if error.contains(".wav")));
    bench.blocks(700..800);
    bench.files.flush();
    assert!(bench.reports.try_recv().is_err(), "one failure is told once");

    std::fs::remove_file(bench.directory()).unwrap();
    bench.files.flush();
    assert_eq!(bench.report(), RecordingReport::DiskRecovered);
    bench.blocks(800..900);
    let closed = bench.end();
    assert_eq!((closed.frames, closed.lost_frames), (900 * 80, 300 * 80));
    assert_eq!(verify(&bench.wav()).unwrap().lost_frames, 300 * 80);
}

#[test]
fn what_the_disk_refused_until_the_call_ended_is_counted_too() {
    let mut bench = Bench::new();
    std::fs::write(bench.directory(), "not a directory").unwrap();
    bench.blocks(0..800);
    bench.files.take(RecordingItem::End { id: ID }, NOW);
    bench.files.flush();
    std::fs::remove_file(bench.directory()).unwrap();
    bench.files.flush();
    let closed = bench.reports.try_iter().find_map(|report| match report {
        RecordingReport::Closed(closed) => Some(closed),
        _ => None,
    });
    let closed = closed.unwrap();
    assert_eq!((closed.frames, closed.lost_frames), (800 * 80, 300 * 80));
}

#[test]
fn every_tampering_is_found_in_its_second() {
    let mut bench = Bench::new();
    bench.blocks(0..450);
    bench.end();
    let (wav, chain) = (bench.wav(), chain_path(&bench.wav()));
    let (audio, lines) = (std::fs::read(&wav).unwrap(), std::fs::read(&chain).unwrap());
    let check = |audio: &[u8], lines: &[u8], second: u64, why: BadSecond| {
        std::fs::write(&wav, audio).unwrap();
        std::fs::write(&chain, lines).unwrap();
        match verify(&wav) {
            Err(VerifyError::FirstBadSecond { second: found, why: found_why }) => {
                assert_eq!((found, found_why), (second, why));
            }
            other => panic!("{other:?}"),
        }
    };
    for second in 0..5 {
        let mut changed = audio.clone();
        changed[HEADER + second * SECOND + 77] ^= 1;
        check(&changed, &lines, second as u64, BadSecond::Changed);
    }
    let mut added = audio.clone();
    added.extend([SILENCE; 2]);
    check(&added, &lines, 4, BadSecond::AudioAdded);
    check(&audio[..audio.len() - 2], &lines, 4, BadSecond::AudioMissing);
    check(&audio[..HEADER + 2 * SECOND + 2], &lines, 2, BadSecond::AudioMissing);
    let mut cut_out = audio.clone();
    cut_out.drain(HEADER + SECOND..HEADER + 2 * SECOND);
    check(&cut_out, &lines, 1, BadSecond::Changed);
    let line = lines.iter().position(|&octet| octet == b'\n').unwrap() + 1;
    check(&audio, &lines[..2 * line], 2, BadSecond::ChainMissing);
    check(&audio, b"", 0, BadSecond::ChainMissing);
    check(&audio, &lines[line..], 0, BadSecond::ChainDamaged);
    // A second that was said to be lost, but was not, is as wrong as a changed sample.
    let said_lost = String::from_utf8(lines.clone()).unwrap().replacen("00000001 0000", "00000001 8000", 1);
    check(&audio, said_lost.as_bytes(), 1, BadSecond::Changed);

    // Another recording's files under this name: its chain began from another id.
    let other = wav.with_file_name(format!("{}.wav", RecordingId(9)));
    std::fs::write(&other, &audio).unwrap();
    std::fs::write(chain_path(&other), &lines).unwrap();
    assert!(matches!(verify(&other), Err(VerifyError::FirstBadSecond { second: 0, why: BadSecond::Changed })));
    std::fs::write(&wav, &audio).unwrap();
    std::fs::write(&chain, &lines).unwrap();
    verify(&wav).unwrap();
}

#[test]
fn a_call_cut_by_a_crash_is_closed_at_the_next_start_and_verifies() {
    let mut bench = Bench::new();
    bench.blocks(0..250);
    bench.files.flush();
    bench.crash();
    let closed = repair_all(&bench.directory());
    assert_eq!(closed.len(), 1);
    assert_eq!((closed[0].id, closed[0].frames), (ID, 250 * 80));
    assert_eq!(closed[0].path, recording_path(ID, NOW, Format::Wav).to_string_lossy());
    let verified = verify(&bench.wav()).unwrap();
    assert_eq!((verified.ending, verified.head), (Ending::Cut, closed[0].head.clone()));
    assert_eq!(repair_all(&bench.directory()), [], "once is enough");
}

#[test]
fn a_crash_behind_a_slow_disk_is_repaired_too() {
    // The disk took five seconds at once, and the power went before the chain's lines were written.
    let mut bench = Bench::new();
    bench.blocks(0..100);
    bench.files.flush();
    bench.blocks(100..600);
    bench.files.open.values_mut().for_each(|recording| recording.append(&SystemDisk).unwrap());
    bench.crash();
    assert_eq!(repair_all(&bench.directory()).first().map(|closed| closed.frames), Some(48_000));
    verify(&bench.wav()).unwrap();
}

#[test]
fn a_repair_makes_no_tampered_recording_look_whole() {
    let mut bench = Bench::new();
    bench.blocks(0..250);
    bench.files.flush();
    bench.crash();
    let mut audio = std::fs::read(bench.wav()).unwrap();
    audio[HEADER + 5] ^= 1;
    std::fs::write(bench.wav(), audio).unwrap();
    assert_eq!(repair_all(&bench.directory()), []);
    assert!(matches!(verify(&bench.wav()), Err(VerifyError::FirstBadSecond { second: 0, why: BadSecond::Changed })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Power goes at any moment: a part of the last appended audio and of the last chain lines is on the disk.
    #[test]
    fn whatever_a_power_cut_leaves_becomes_a_playable_recording(
        seconds in 0_u32..4, rest in 0_u32..100, torn_audio in 0_usize..16_000, torn_lines in 0_usize..200,
    ) {
        let mut bench = Bench::new();
        for second in 0..seconds {
            bench.blocks(second * 100..(second + 1) * 100);
            bench.files.flush();
        }
        bench.blocks(seconds * 100..seconds * 100 + rest);
        // Appended, never settled: any part of it may be there. An empty recording has only its name.
        if seconds > 0 || rest > 0 {
            bench.files.open.values_mut().for_each(|recording| recording.append(&SystemDisk).unwrap());
        } else {
            std::fs::create_dir_all(bench.wav().parent().unwrap()).unwrap();
            std::fs::write(bench.wav(), "").unwrap();
        }
        bench.crash();
        let safe = if seconds == 0 { 0 } else { HEADER + seconds as usize * SECOND };
        let length = std::fs::metadata(bench.wav()).unwrap().len() as usize;
        let file = OpenOptions::new().write(true).open(bench.wav()).unwrap();
        file.set_len(length.saturating_sub(torn_audio).max(safe.min(length)) as u64).unwrap();
        let chain = OpenOptions::new().write(true).create(true).truncate(false).open(chain_path(&bench.wav())).unwrap();
        let lines = chain.metadata().unwrap().len();
        chain.set_len(lines.saturating_sub(torn_lines as u64)).unwrap();

        let closed = repair_all(&bench.directory());
        prop_assert_eq!(closed.len(), 1);
        let verified = verify(&bench.wav()).unwrap();
        prop_assert_eq!(verified.ending, Ending::Cut);
        prop_assert!(verified.frames >= u64::from(seconds) * 8000);
        let octets = std::fs::read(bench.wav()).unwrap();
        let data = Wav::parse(&octets).unwrap().data;
        prop_assert_eq!(data.len() as u64, verified.frames * FRAME as u64);
        let right = data.chunks_exact(2).enumerate().all(|(at, pair)| pair == [(at / BLOCK) as u8, !((at / BLOCK) as u8)]);
        prop_assert!(right);
    }
}

#[test]
fn an_end_said_outside_the_ring_comes_after_the_blocks_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let (reports, reported) = std::sync::mpsc::channel();
    let report = move |report| drop(reports.send(report));
    let (mut sink, writer) = RecordingWriter::start(directory.path().to_owned(), 64, report).unwrap();
    for number in 0..40 {
        sink.push(RecordingItem::Block { id: ID, number, received: [1; BLOCK], sent: [2; BLOCK] });
    }
    writer.end(ID);
    let closed = reported.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(matches!(closed, RecordingReport::Closed(closed) if closed.frames == 40 * 80 && closed.lost_frames == 0));
}
