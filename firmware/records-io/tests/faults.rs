//! The world fails: the process is killed in the middle of a recording, the disk is full for a while.
//!
//! Each story runs itself again as a child process, because a kill and a limit on file sizes meet whole processes.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
// The child tells its parent how far it is.
#![allow(clippy::print_stdout)]
use base::{CallId, RecordingId, WallTime};
use media::wav::Wav;
use nix::sys::resource::{Resource, setrlimit};
use records_io::{
    Ending, Format, Reader, RecordingItem, RecordingReport, RecordingWriter, Store, Write, WriteError, repair_all,
    verify,
};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const START: WallTime = WallTime(1_795_514_400_000);
const ID: RecordingId = RecordingId(0x77);
/// Tells the child where to work; a test without it is the parent.
const PLACE: &str = "FUNDLINE_FAULT_PLACE";
/// Octets a file may have while the disk is "full", as `ulimit -f` counts: blocks of 512.
const LIMIT_BLOCKS: u64 = 256;

#[test]
fn a_process_killed_in_mid_call_loses_a_second_at_most() {
    if let Some(place) = child_place() {
        return record_until_killed(&place, Format::Wav);
    }
    let (_dir, file) = killed("a_process_killed_in_mid_call_loses_a_second_at_most");
    let octets = std::fs::read(&file).unwrap();
    let wav = Wav::parse(&octets).unwrap();
    assert!(wav.data.chunks(160).enumerate().all(|(number, block)| block == [octet(number as u32); 160]));
}

#[test]
fn a_process_killed_in_mid_call_leaves_opus_that_plays() {
    if let Some(place) = child_place() {
        return record_until_killed(&place, Format::Opus);
    }
    let (_dir, file) = killed("a_process_killed_in_mid_call_leaves_opus_that_plays");
    let mut packets = ogg::PacketReader::new(std::fs::File::open(file).unwrap());
    let mut count = 0;
    while let Some(packet) = packets.read_packet().unwrap() {
        count += 1;
        assert!(count > 2 || packet.data.starts_with(b"Opus"));
    }
    // 20 ms each, behind two of headers.
    assert!(count > 2 + 100, "{count} packets");
}

/// Kills a child that records, and gives the recording as the next start leaves it.
fn killed(story: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let mut child = child(dir.path(), story, "");
    // It says how many blocks it has handed over; the kill comes after 3.5 s of audio.
    let handed = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("handed ")?.parse::<u64>().ok())
        .find(|&blocks| blocks >= 350);
    child.kill().unwrap();
    child.wait().unwrap();
    let handed = handed.expect("the child recorded until it was killed");

    let store = Store::open(&dir.path().join("fundline.db"), START).unwrap();
    assert_eq!(store.start().interrupted, [CallId(1)]);
    let closed = repair_all(&dir.path().join("recordings"));
    assert_eq!((closed.len(), closed[0].id), (1, ID));
    let blocks = closed[0].frames / 80;
    // The writer looks at its ring each 20 ms and makes it safe each second.
    assert!(blocks + 110 >= handed, "{blocks} of {handed} blocks are left");
    let file = dir.path().join("recordings").join(&closed[0].path);
    assert_eq!(verify(&file).unwrap().ending, Ending::Cut);
    (dir, file)
}

fn record_until_killed(place: &Path, format: Format) {
    let store = Store::open(&place.join("fundline.db"), START).unwrap();
    commit(&store, vec![opened(1)]).unwrap();
    let (mut sink, _writer) = RecordingWriter::start_with(place.join("recordings"), format, 1000, |_| {}).unwrap();
    for number in 0..2000 {
        sink.push(block(number));
        println!("handed {}", number + 1);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_full_disk_costs_neither_calls_nor_the_truth_of_the_records() {
    if let Some(place) = child_place() {
        return live_through_a_full_disk(&place);
    }
    let dir = tempfile::tempdir().unwrap();
    let limit = format!("trap '' XFSZ; ulimit -S -f {LIMIT_BLOCKS}; ");
    let story = child(dir.path(), "a_full_disk_costs_neither_calls_nor_the_truth_of_the_records", &limit);
    let told = story.wait_with_output().unwrap();
    assert!(
        told.status.success(),
        "{}{}",
        String::from_utf8_lossy(&told.stdout),
        String::from_utf8_lossy(&told.stderr)
    );
}

fn live_through_a_full_disk(place: &Path) {
    let path = place.join("fundline.db");
    let store = Store::open(&path, START).unwrap();
    let (told, reports) = channel();
    let report = move |report| told.send(report).unwrap();
    let (mut sink, writer) = RecordingWriter::start(place.join("recordings"), 20_000, report).unwrap();

    // 128 KiB are 8 s of one recording. 20 s are handed over, 5 at a time, as the writer keeps no more: some fit, some are
    // kept, the rest is lost.
    for number in 0..2000 {
        sink.push(block(number));
        if number % 500 == 499 {
            std::thread::sleep(Duration::from_millis(1200));
        }
    }
    assert!(matches!(next(&reports), RecordingReport::DiskFailed { error } if error.contains("File too large")));
    let mut kept = Vec::new();
    for id in 1..2000 {
        match commit(&store, vec![opened(id)]) {
            Ok(()) => {}
            Err(WriteError::Kept(_)) => kept.push(CallId(id)),
            Err(other) => panic!("{other}"),
        }
        if kept.len() == 3 {
            break;
        }
    }
    assert_eq!(kept.len(), 3, "the store's disk was never full");

    setrlimit(Resource::RLIMIT_FSIZE, 1 << 40, 1 << 40).unwrap();
    assert_eq!(next(&reports), RecordingReport::DiskRecovered);
    sink.push(block(2000));
    sink.push(RecordingItem::End { id: ID });
    let RecordingReport::Closed(closed) = next(&reports) else { panic!("not closed") };
    assert_eq!(closed.frames, 2001 * 80);
    assert!(closed.lost_frames > 0 && closed.lost_frames % 80 == 0);
    let wav = place.join("recordings").join(&closed.path);
    assert_eq!(verify(&wav).unwrap().lost_frames, closed.lost_frames);
    let octets = std::fs::read(&wav).unwrap();
    let data = Wav::parse(&octets).unwrap().data;
    let silent = data.chunks(160).filter(|block| **block == [0xD5; 160]).count() as u64;
    let sounding =
        data.chunks(160).enumerate().filter(|(number, block)| **block == [octet(*number as u32); 160]).count() as u64;
    assert_eq!(sounding + silent, 2001);
    assert_eq!(silent, closed.lost_frames / 80);

    commit(&store, vec![opened(5000)]).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert!(kept.iter().all(|&id| reader.call(id).unwrap().is_some()), "what was kept is written");
    drop(writer);
}

fn block(number: u32) -> RecordingItem {
    RecordingItem::Block { id: ID, number, received: [octet(number); 80], sent: [octet(number); 80] }
}

/// What all samples of a block are; never that of silence.
fn octet(number: u32) -> u8 {
    (number % 200) as u8
}

fn opened(id: u128) -> Write {
    Write::CallOpened {
        id: CallId(id),
        from: "13901234567".repeat(10),
        to: "4008001234".repeat(10),
        line: "span 1 channel 5".into(),
        started: START,
    }
}

fn child_place() -> Option<PathBuf> {
    std::env::var_os(PLACE).map(PathBuf::from)
}

/// This test again in a process of its own, by way of a shell that first obeys `before`.
fn child(place: &Path, test: &str, before: &str) -> Child {
    Command::new("sh")
        .arg("-c")
        .arg(format!("{before}exec \"$0\" --exact {test} --nocapture --test-threads 1"))
        .arg(std::env::current_exe().unwrap())
        .env(PLACE, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn next(reports: &Receiver<RecordingReport>) -> RecordingReport {
    reports.recv_timeout(PATIENCE).expect("a report within twenty seconds")
}

fn commit(store: &Store, writes: Vec<Write>) -> Result<(), WriteError> {
    let (told, answer) = channel();
    store.submit(writes, move |result| told.send(result).unwrap());
    answer.recv_timeout(PATIENCE).expect("an answer within twenty seconds")
}
