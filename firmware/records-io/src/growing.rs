//! One recording whose file grows.

use std::io;
use std::path::{Path, PathBuf};

use base::{RecordingId, WallTime};

use crate::Format;
use crate::chain::{Chain, Ending, SECOND, chain_path};
use crate::disk::{Disk, DiskFile};
use crate::files::recording_path;
use crate::header::{FRAME, HEADER, header};
use crate::opus_stream::{AudioPage, OpusStream, head};
use crate::pages::PageChain;
use crate::writer::BLOCK;

/// A-law silence as it stands on the line (G.711 §3).
pub(crate) const SILENCE: u8 = 0xD5;
/// Octets of A-law that a recording keeps in memory while the disk refuses them: 5 s.
const KEPT: usize = 5 * SECOND;
/// A hole is filled up to this long, an hour; beyond, it is a wrong number.
const LARGEST_HOLE: u64 = 360_000;
/// A recording that gets nothing for so many flushes is closed: its end was lost.
pub(crate) const ABANDONED_FLUSHES: u32 = 60;

/// What came, not yet written.
enum Run {
    Audio(Vec<u8>),
    /// Frames that were lost.
    Silence(u64),
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stage {
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

struct Files {
    audio: Box<dyn DiskFile>,
    chain: Box<dyn DiskFile>,
}

/// What the file holds, and how that is proven.
enum Body {
    Wav(Chain),
    Opus(Box<OpusBody>),
}

struct OpusBody {
    stream: OpusStream,
    chain: PageChain,
    /// Encoded, not yet safe on disk.
    pages: Vec<AudioPage>,
    is_ended: bool,
}

pub(crate) struct Growing {
    id: RecordingId,
    started: WallTime,
    path: PathBuf,
    format: Format,
    files: Option<Files>,
    /// Made at the first append.
    body: Option<Body>,
    /// Number of the next block.
    next: u64,
    /// One more than the number of the latest block, taken or not.
    heard: u64,
    /// Octets of audio and frames safe on disk.
    written: u64,
    frames: u64,
    /// All that waits was written by the last [`Self::append`].
    is_appended: bool,
    /// What is not yet safe on disk, in order.
    waiting: Vec<Run>,
    /// Octets of A-law that wait, in either form.
    kept: usize,
    lost_frames: u64,
    /// Of them, those not yet told.
    lost_now: u64,
    /// Lines of the chain not yet on disk, and how much of the chain is.
    lines: String,
    chain_written: u64,
    quiet_flushes: u32,
    stage: Stage,
}

impl Growing {
    pub(crate) fn new(id: RecordingId, directory: &Path, format: Format, now: WallTime) -> Self {
        Self {
            id,
            started: now,
            path: directory.join(recording_path(id, now, format)),
            format,
            files: None,
            body: None,
            next: 0,
            heard: 0,
            written: 0,
            frames: 0,
            is_appended: false,
            waiting: Vec::new(),
            kept: 0,
            lost_frames: 0,
            lost_now: 0,
            lines: String::new(),
            chain_written: 0,
            quiet_flushes: 0,
            stage: Stage::Running,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) const fn started(&self) -> WallTime {
        self.started
    }

    pub(crate) const fn frames(&self) -> u64 {
        self.frames
    }

    pub(crate) const fn lost_frames(&self) -> u64 {
        self.lost_frames
    }

    pub(crate) const fn stage(&self) -> &Stage {
        &self.stage
    }

    pub(crate) const fn is_appended(&self) -> bool {
        self.is_appended
    }

    /// Frames that were lost since this was asked last.
    pub(crate) fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost_now)
    }

    /// Its audio, where some of it may not be safe.
    pub(crate) fn unsafe_file(&self) -> Option<&dyn DiskFile> {
        let has_new = self.kept > 0 || !self.waiting.is_empty() || self.written == 0 || self.stage == Stage::Ending;
        self.files.as_ref().filter(|_| has_new).map(|files| &*files.audio)
    }

    pub(crate) fn end(&mut self) {
        if self.stage == Stage::Running {
            self.fill_hole(self.heard);
            self.stage = Stage::Ending;
        }
    }

    /// One more flush has come; a recording that got nothing for long has lost its end.
    pub(crate) fn age(&mut self) {
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
            self.lost_now += hole;
        }
        self.next = self.next.max(number);
    }

    pub(crate) fn block(&mut self, number: u64, received: &[u8; BLOCK], sent: &[u8; BLOCK]) {
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

    /// Writes what waits behind what is safe. Not yet made safe: the next recording's writing goes on meanwhile.
    pub(crate) fn append(&mut self, disk: &dyn Disk) -> io::Result<()> {
        self.is_appended = false;
        if self.body.is_none() {
            self.body = Some(Body::new(self.id, self.format)?);
        }
        if self.files.is_none() {
            match create(disk, &self.path, self.format) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    self.stage = Stage::Refused;
                    return Ok(());
                }
                files => self.files = Some(files?),
            }
        }
        let (Some(files), Some(body)) = (&self.files, &mut self.body) else { return Ok(()) };
        match body {
            Body::Wav(_) => append_alaw(&*files.audio, &self.waiting, self.written, &self.stage)?,
            Body::Opus(body) => {
                body.encode(&mut self.waiting, self.stage == Stage::Ending)?;
                let mut at = self.written;
                for page in &body.pages {
                    files.audio.write_all_at(&page.octets, at)?;
                    at += page.octets.len() as u64;
                }
            }
        }
        self.is_appended = true;
        Ok(())
    }

    /// What was written is safe: the chain follows.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        let (Some(files), Some(body)) = (&self.files, &mut self.body) else { return Ok(()) };
        let ends = self.stage == Stage::Ending;
        let head = match body {
            Body::Wav(chain) => {
                for run in self.waiting.drain(..) {
                    each_piece(&run, |octets, lost| {
                        chain.update(octets, lost);
                        self.written += octets.len() as u64;
                        Ok(())
                    })?;
                }
                self.frames = self.written / FRAME as u64;
                let head = ends.then(|| chain.end(Ending::Whole));
                self.lines.push_str(&chain.take_lines());
                head
            }
            Body::Opus(body) => {
                for page in body.pages.drain(..) {
                    body.chain.add(&page);
                    self.written += page.octets.len() as u64;
                    self.frames += u64::from(page.frames);
                }
                let head = ends.then(|| body.chain.end(Ending::Whole));
                self.lines.push_str(&body.chain.take_lines());
                head
            }
        };
        self.kept = 0;
        if let Some(head) = head {
            self.stage = Stage::Chained(head);
        }
        files.chain.write_all_at(self.lines.as_bytes(), self.chain_written)?;
        self.chain_written += self.lines.len() as u64;
        self.lines.clear();
        if let Stage::Chained(head) = &self.stage {
            files.chain.make_safe()?;
            self.stage = Stage::Closed(head.clone());
        }
        Ok(())
    }
}

impl Body {
    fn new(id: RecordingId, format: Format) -> io::Result<Self> {
        Ok(match format {
            Format::Wav => Self::Wav(Chain::new(id)),
            Format::Opus => Self::Opus(Box::new(OpusBody {
                stream: OpusStream::new(id)?,
                chain: PageChain::new(id),
                pages: vec![AudioPage { octets: head(id), frames: 0, lost: 0 }],
                is_ended: false,
            })),
        })
    }
}

impl OpusBody {
    /// Turns what waits into pages; at the end, into the last one.
    fn encode(&mut self, waiting: &mut Vec<Run>, ends: bool) -> io::Result<()> {
        for run in waiting.drain(..) {
            match run {
                Run::Audio(octets) => self.stream.audio(&octets, &mut self.pages)?,
                Run::Silence(frames) => self.stream.silence(frames, &mut self.pages)?,
            }
        }
        if !ends {
            self.stream.flush(&mut self.pages);
        } else if !std::mem::replace(&mut self.is_ended, true) {
            self.stream.end(&mut self.pages)?;
        }
        Ok(())
    }
}

fn append_alaw(wav: &dyn DiskFile, waiting: &[Run], mut at: u64, stage: &Stage) -> io::Result<()> {
    for run in waiting {
        each_piece(run, |octets, _| {
            wav.write_all_at(octets, HEADER as u64 + at)?;
            at += octets.len() as u64;
            Ok(())
        })?;
    }
    match stage {
        Stage::Ending => wav.write_all_at(&header(at / FRAME as u64), 0),
        Stage::Running | Stage::Chained(_) | Stage::Closed(_) | Stage::Refused => Ok(()),
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

/// Makes both files of a recording. While a WAV file grows, its header says that it is as long as can be: readers go by the file.
fn create(disk: &dyn Disk, path: &Path, format: Format) -> io::Result<Files> {
    let audio = disk.create(path)?;
    let begun = match format {
        Format::Wav => audio.write_all_at(&header(u64::MAX), 0),
        Format::Opus => Ok(()),
    };
    match begun.and_then(|()| disk.replace(&chain_path(path))) {
        Ok(chain) => Ok(Files { audio, chain }),
        Err(error) => {
            // Not ours to keep: the next try makes it anew.
            drop(disk.remove(path));
            Err(error)
        }
    }
}
