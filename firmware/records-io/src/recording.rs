//! The writer of recording files: one thread for all channels.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base::{RecordingId, WallTime};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::chain::{Chain, Ending, SECOND, chain_path};
use crate::files::recording_path;
use crate::header::{FRAME, HEADER, header};

/// Samples a channel in a block.
pub const BLOCK: usize = 80;
/// A-law silence as it stands on the line (G.711 §3).
const SILENCE: u8 = 0xD5;
/// How often the ring is looked at.
const POLL: Duration = Duration::from_millis(20);
/// How often files are appended and made safe.
const FLUSH: Duration = Duration::from_secs(1);
/// Octets a recording keeps in memory while the disk refuses them: 5 s.
const KEPT: usize = 5 * 16_000;
/// Recordings kept in memory at most. Blocks of further ones are lost.
const RECORDINGS: usize = 512;
/// A hole is filled up to this long, an hour; beyond, it is a wrong number.
const LARGEST_HOLE: u64 = 360_000;
/// A recording that gets nothing for so many flushes is closed: its end was lost.
const ABANDONED_FLUSHES: u32 = 60;

/// What the engine's thread puts in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingItem {
    /// 10 ms of both directions, A-law. Masked audio comes already silent.
    Block {
        /// Whose.
        id: RecordingId,
        /// Counts from 0 in its recording. What is missing between becomes silence and is counted as lost.
        number: u32,
        /// From the line.
        received: [u8; BLOCK],
        /// To the line.
        sent: [u8; BLOCK],
    },
    /// The recording is over.
    End {
        /// Which.
        id: RecordingId,
    },
}

/// What the writer reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingReport {
    /// A file is whole; write it to the store as [`crate::Write::RecordingClosed`].
    Closed(ClosedRecording),
    /// A recording had to be given up: more of them waited for the disk than the memory holds.
    GivenUp {
        /// Which.
        id: RecordingId,
    },
    /// The disk refuses recordings. Calls go on; what is lost is counted in each recording.
    DiskFailed {
        /// Which file and what the system said.
        error: String,
    },
    /// The disk takes recordings again.
    DiskRecovered,
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedRecording {
    /// Which.
    pub id: RecordingId,
    /// Relative to the recordings directory: `YYYY/MM/DD/<id>.wav`.
    pub path: String,
    /// When its first block came.
    pub started: WallTime,
    /// Samples a channel, lost ones (silent) included.
    pub frames: u64,
    /// How many of them were lost.
    pub lost_frames: u64,
    /// Last hash of its chain, 64 hexadecimal digits.
    pub head: String,
}

impl From<ClosedRecording> for crate::Write {
    fn from(closed: ClosedRecording) -> Self {
        let ClosedRecording { id, path, started, frames, lost_frames, head } = closed;
        Self::RecordingClosed { id, path, started, frames, lost_frames, head }
    }
}

/// The engine's end of the ring.
pub struct RecordingSink {
    ring: Producer<RecordingItem>,
    overruns: Arc<AtomicU64>,
}

impl RecordingSink {
    /// Hands over one item; never waits, allocates or locks. When the ring is full the item is lost and counted, and the
    /// writer fills the hole with silence.
    pub fn push(&mut self, item: RecordingItem) {
        if self.ring.push(item).is_err() {
            self.overruns.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The writer's thread. Dropping it closes all files properly.
pub struct RecordingWriter {
    stop: Arc<AtomicBool>,
    overruns: Arc<AtomicU64>,
    ends: SyncSender<RecordingId>,
    thread: Option<JoinHandle<()>>,
}

impl RecordingWriter {
    /// Starts the writer below `directory`. The ring holds `blocks` items: two seconds of 60 channels are 12,000. `report` is
    /// called from the writer's thread and must be quick.
    pub fn start(
        directory: PathBuf,
        blocks: usize,
        report: impl FnMut(RecordingReport) + Send + 'static,
    ) -> io::Result<(RecordingSink, Self)> {
        let (producer, consumer) = RingBuffer::new(blocks);
        let stop = Arc::new(AtomicBool::new(false));
        let overruns = Arc::new(AtomicU64::new(0));
        let files = Files::new(directory, Box::new(report));
        let (ends, ended) = sync_channel(RECORDINGS);
        let thread = std::thread::Builder::new().name("recordings".into()).spawn({
            let stop = Arc::clone(&stop);
            move || run(files, consumer, &ended, &stop)
        })?;
        let sink = RecordingSink { ring: producer, overruns: Arc::clone(&overruns) };
        Ok((sink, Self { stop, overruns, ends, thread: Some(thread) }))
    }

    /// The recording is over: all its blocks are in the ring. For an owner who learns that outside the engine's thread; a
    /// word too many at once is dropped, and the recording closed when it has been silent for a minute.
    pub fn end(&self, id: RecordingId) {
        let _told = self.ends.try_send(id);
    }

    /// Items that found the ring full, since the start.
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }
}

impl Drop for RecordingWriter {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
    }
}

fn run(mut files: Files, mut ring: Consumer<RecordingItem>, ended: &Receiver<RecordingId>, stop: &AtomicBool) {
    let mut flushed = Instant::now();
    loop {
        let stopping = stop.load(Ordering::Acquire);
        let now = wall_now();
        // Taken first: the blocks before an end's word are in the ring by now.
        let ended: Vec<RecordingId> = ended.try_iter().take(RECORDINGS).collect();
        while let Ok(item) = ring.pop() {
            files.take(item, now);
        }
        ended.into_iter().for_each(|id| files.take(RecordingItem::End { id }, now));
        if stopping {
            files.end_all();
            files.flush();
            return;
        }
        if flushed.elapsed() >= FLUSH {
            flushed = Instant::now();
            files.flush();
        }
        std::thread::park_timeout(POLL);
    }
}

fn wall_now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// All recordings that are open, without thread or clock: what the tests drive.
pub(crate) struct Files {
    directory: PathBuf,
    open: BTreeMap<RecordingId, Recording>,
    report: Box<dyn FnMut(RecordingReport) + Send>,
    failing: bool,
}

struct Recording {
    started: WallTime,
    path: PathBuf,
    files: Option<(File, File)>,
    /// Number of the next block.
    next: u64,
    /// One more than the number of the latest block, taken or not.
    heard: u64,
    /// Octets safe on disk.
    written: u64,
    /// All that waits was written by the last [`Self::append`].
    appended: bool,
    /// What is not yet safe on disk, in order.
    waiting: Vec<Run>,
    /// Octets of audio in `waiting`.
    kept: usize,
    lost_frames: u64,
    chain: Chain,
    /// Lines of the chain not yet on disk, and how much of the chain is.
    lines: String,
    chain_written: u64,
    quiet_flushes: u32,
    stage: Stage,
}

enum Run {
    Audio(Vec<u8>),
    /// Frames that were lost.
    Silence(u64),
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Running,
    /// The last block has come.
    Ending,
    /// The chain is closed with this hash; its last line may still wait for the disk.
    Chained(String),
    /// All is on disk.
    Closed(String),
    /// The file was there already.
    Refused,
}

impl Recording {
    fn new(id: RecordingId, directory: &Path, now: WallTime) -> Self {
        Self {
            started: now,
            path: directory.join(recording_path(id, now)),
            files: None,
            next: 0,
            heard: 0,
            written: 0,
            appended: false,
            waiting: Vec::new(),
            kept: 0,
            lost_frames: 0,
            chain: Chain::new(id),
            lines: String::new(),
            chain_written: 0,
            quiet_flushes: 0,
            stage: Stage::Running,
        }
    }

    fn end(&mut self) {
        if self.stage == Stage::Running {
            self.fill_hole(self.heard);
            self.stage = Stage::Ending;
        }
    }

    /// One more flush has come; a recording that got nothing for long has lost its end.
    fn age(&mut self) {
        self.quiet_flushes += 1;
        if self.quiet_flushes > ABANDONED_FLUSHES {
            self.end();
        }
    }

    /// Silence up to the block of this number.
    fn fill_hole(&mut self, number: u64) {
        let hole = number.saturating_sub(self.next).min(LARGEST_HOLE) * BLOCK as u64;
        if hole > 0 {
            self.waiting.push(Run::Silence(hole));
            self.lost_frames += hole;
        }
        self.next = self.next.max(number);
    }

    fn block(&mut self, number: u64, received: &[u8; BLOCK], sent: &[u8; BLOCK]) {
        self.quiet_flushes = 0;
        self.heard = self.heard.max(number + 1);
        // A block that does not fit leaves a hole, which the next that fits, or the end, fills and counts.
        if number < self.next || self.kept >= KEPT {
            return;
        }
        self.fill_hole(number);
        self.next = number + 1;
        if !matches!(self.waiting.last(), Some(Run::Audio(_))) {
            // A flush comes each second.
            self.waiting.push(Run::Audio(Vec::with_capacity(SECOND)));
        }
        if let Some(Run::Audio(octets)) = self.waiting.last_mut() {
            let mut frames = [0; BLOCK * FRAME];
            let pairs = frames.as_chunks_mut::<FRAME>().0.iter_mut().zip(received).zip(sent);
            pairs.for_each(|((frame, &received), &sent)| *frame = [received, sent]);
            octets.extend_from_slice(&frames);
        }
        self.kept += BLOCK * FRAME;
    }

    /// Writes what waits behind what is safe. Not yet synced: the next recording's writing goes on meanwhile.
    fn append(&mut self) -> io::Result<()> {
        if self.files.is_none() {
            match create(&self.path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.stage = Stage::Refused;
                    return Ok(());
                }
                files => self.files = Some(files?),
            }
        }
        let Some((wav, _)) = &self.files else { return Ok(()) };
        let mut at = self.written;
        for run in &self.waiting {
            each_piece(run, |octets, _| {
                wav.write_all_at(octets, HEADER as u64 + at)?;
                at += octets.len() as u64;
                Ok(())
            })?;
        }
        match self.stage {
            Stage::Ending => wav.write_all_at(&header(at / FRAME as u64), 0),
            Stage::Running | Stage::Chained(_) | Stage::Closed(_) | Stage::Refused => Ok(()),
        }
    }

    /// What was written is safe: the chain follows.
    fn settle(&mut self) -> io::Result<()> {
        let Some((_, chain)) = &self.files else { return Ok(()) };
        if !self.waiting.is_empty() {
            for run in self.waiting.drain(..) {
                each_piece(&run, |octets, lost| {
                    self.chain.update(octets, lost);
                    self.written += octets.len() as u64;
                    Ok(())
                })?;
            }
            self.kept = 0;
        }
        if self.stage == Stage::Ending && self.waiting.is_empty() {
            self.stage = Stage::Chained(self.chain.end(Ending::Whole));
        }
        self.lines.push_str(&self.chain.take_lines());
        chain.write_all_at(self.lines.as_bytes(), self.chain_written)?;
        self.chain_written += self.lines.len() as u64;
        self.lines.clear();
        if let Stage::Chained(head) = &self.stage {
            chain.sync_data()?;
            self.stage = Stage::Closed(head.clone());
        }
        Ok(())
    }
}

/// Gives a run's octets in pieces of a second at most, and whether they stand for lost ones.
fn each_piece(run: &Run, mut give: impl FnMut(&[u8], bool) -> io::Result<()>) -> io::Result<()> {
    match run {
        Run::Audio(octets) => give(octets, false),
        Run::Silence(frames) => {
            let silence = [SILENCE; SECOND];
            let mut left = *frames as usize * FRAME;
            while left > 0 {
                let now = left.min(SECOND);
                give(&silence[..now], true)?;
                left -= now;
            }
            Ok(())
        }
    }
}

/// Makes both files of a recording. While it grows, its header says that it is as long as can be: readers go by the file.
fn create(path: &Path) -> io::Result<(File, File)> {
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let wav = OpenOptions::new().write(true).create_new(true).open(path)?;
    let chain = wav
        .write_all_at(&header(u64::MAX), 0)
        .and_then(|()| OpenOptions::new().write(true).create(true).truncate(true).open(chain_path(path)));
    match chain {
        Ok(chain) => Ok((wav, chain)),
        Err(error) => {
            // Not ours to keep: the next try makes it anew.
            drop(std::fs::remove_file(path));
            Err(error)
        }
    }
}

/// Makes safe what was written of all recordings. They lie on one disk, and one order to it costs a fraction of one for each file.
fn make_safe(recordings: &[&mut Recording]) -> nix::Result<()> {
    let written = |recording: &&&mut Recording| !recording.waiting.is_empty() || recording.written == 0;
    match recordings.iter().filter(written).find_map(|recording| recording.files.as_ref()) {
        Some((wav, _)) => nix::unistd::syncfs(wav),
        None => Ok(()),
    }
}

impl Files {
    pub(crate) fn new(directory: PathBuf, report: Box<dyn FnMut(RecordingReport) + Send>) -> Self {
        Self { directory, open: BTreeMap::new(), report, failing: false }
    }

    pub(crate) fn take(&mut self, item: RecordingItem, now: WallTime) {
        match item {
            RecordingItem::Block { id, number, received, sent } => {
                if !self.open.contains_key(&id) && self.open.len() >= RECORDINGS {
                    return (self.report)(RecordingReport::GivenUp { id });
                }
                let recording = self.open.entry(id).or_insert_with(|| Recording::new(id, &self.directory, now));
                recording.block(u64::from(number), &received, &sent);
            }
            RecordingItem::End { id } => {
                if let Some(recording) = self.open.get_mut(&id) {
                    recording.end();
                }
            }
        }
    }

    pub(crate) fn end_all(&mut self) {
        self.open.values_mut().for_each(Recording::end);
    }

    /// Appends what waits, makes it safe, then writes the chains and closes what has ended.
    pub(crate) fn flush(&mut self) {
        let mut fault = None;
        let mut failed = |recording: &Recording, error: io::Error| {
            fault = Some(format!("{}: {error}", recording.path.display()));
        };
        for recording in self.open.values_mut() {
            recording.age();
            let appended = recording.append();
            recording.appended = appended.is_ok();
            appended.unwrap_or_else(|error| failed(recording, error));
        }
        // What was not appended whole still waits: nothing of it may be hashed or forgotten.
        let mut appended: Vec<_> = self.open.values_mut().filter(|recording| recording.appended).collect();
        match make_safe(&appended) {
            Ok(()) => {
                for recording in appended {
                    recording.settle().unwrap_or_else(|error| failed(recording, error));
                }
            }
            Err(error) => appended.first_mut().into_iter().for_each(|first| failed(first, io::Error::from(error))),
        }
        let (directory, report) = (&self.directory, &mut self.report);
        self.open.retain(|&id, recording| match &recording.stage {
            Stage::Running | Stage::Ending | Stage::Chained(_) => true,
            Stage::Refused => {
                report(RecordingReport::GivenUp { id });
                false
            }
            Stage::Closed(head) => {
                let path = recording.path.strip_prefix(directory).unwrap_or(&recording.path);
                report(RecordingReport::Closed(ClosedRecording {
                    id,
                    path: path.to_string_lossy().into_owned(),
                    started: recording.started,
                    frames: recording.written / FRAME as u64,
                    lost_frames: recording.lost_frames,
                    head: head.clone(),
                }));
                false
            }
        });
        match (self.failing, fault) {
            (false, Some(error)) => {
                tracing::error!(%error, "the disk refuses recordings; calls go on without them");
                (self.report)(RecordingReport::DiskFailed { error });
                self.failing = true;
            }
            (true, None) => {
                tracing::info!("the disk takes recordings again");
                (self.report)(RecordingReport::DiskRecovered);
                self.failing = false;
            }
            (false, None) | (true, Some(_)) => {}
        }
    }
}

#[cfg(test)]
#[path = "recording_tests.rs"]
mod tests;
