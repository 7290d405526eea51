//! The writer of recording files: one thread for all channels.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base::{RecordingId, WallTime};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::Format;
use crate::disk::SystemDisk;
use crate::recordings::{RECORDINGS, Recordings};

/// Samples a channel in a block.
pub const BLOCK: usize = 80;
/// How often the ring is looked at.
const POLL: Duration = Duration::from_millis(20);
/// How often files are appended and made safe.
const FLUSH: Duration = Duration::from_secs(1);
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
    /// The disk refuses recordings, or is slower than the calls. Calls go on; what is lost is counted in each recording.
    DiskFailed {
        /// Which file and what the system said.
        error: String,
    },
    /// The disk takes all recordings again.
    DiskRecovered,
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedRecording {
    /// Which.
    pub id: RecordingId,
    /// Relative to the recordings directory: `YYYY/MM/DD/<id>.wav` or `.opus`.
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
    /// Starts the writer of A-law files below `directory`. The ring holds `blocks` items: two seconds of 60 channels are 12,000. `report` is
    /// called from the writer's thread and must be quick.
    pub fn start(
        directory: PathBuf,
        blocks: usize,
        report: impl FnMut(RecordingReport) + Send + 'static,
    ) -> io::Result<(RecordingSink, Self)> {
        Self::start_with(directory, Format::Wav, blocks, report)
    }

    /// The same with files of any format.
    pub fn start_with(
        directory: PathBuf,
        format: Format,
        blocks: usize,
        report: impl FnMut(RecordingReport) + Send + 'static,
    ) -> io::Result<(RecordingSink, Self)> {
        let (producer, consumer) = RingBuffer::new(blocks);
        let stop = Arc::new(AtomicBool::new(false));
        let overruns = Arc::new(AtomicU64::new(0));
        let files = Recordings::new(directory, format, Box::new(SystemDisk), Box::new(report));
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

fn run(mut files: Recordings, mut ring: Consumer<RecordingItem>, ended: &Receiver<RecordingId>, stop: &AtomicBool) {
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
