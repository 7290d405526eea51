//! All recordings that are open, without thread or clock: what the writer's thread and the tests drive.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use base::{RecordingId, WallTime};

use crate::Format;
use crate::disk::Disk;
use crate::growing::{Growing, Stage};
use crate::writer::{ClosedRecording, RecordingItem, RecordingReport};

/// Recordings kept in memory at most. Blocks of further ones are lost.
pub(crate) const RECORDINGS: usize = 512;
/// Flushes in a row that go well before the disk counts as fast enough again.
const CALM: u32 = 10;

/// How the disk fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Well,
    /// It refuses.
    Failing,
    /// It takes what it gets, but not as fast as calls bring it; so many flushes ago something was lost.
    Slow(u32),
    /// It failed, and took everything again so many flushes ago: what was lost meanwhile is counted late.
    Recovering(u32),
}

/// Takes blocks, and writes them at each flush.
pub(crate) struct Recordings {
    directory: PathBuf,
    format: Format,
    disk: Box<dyn Disk>,
    pub(crate) open: BTreeMap<RecordingId, Growing>,
    report: Box<dyn FnMut(RecordingReport) + Send>,
    health: Health,
}

impl Recordings {
    pub(crate) fn new(
        directory: PathBuf,
        format: Format,
        disk: Box<dyn Disk>,
        report: Box<dyn FnMut(RecordingReport) + Send>,
    ) -> Self {
        Self { directory, format, disk, open: BTreeMap::new(), report, health: Health::Well }
    }

    pub(crate) fn take(&mut self, item: RecordingItem, now: WallTime) {
        match item {
            RecordingItem::Block { id, number, received, sent } => {
                if !self.open.contains_key(&id) && self.open.len() >= RECORDINGS {
                    return (self.report)(RecordingReport::GivenUp { id });
                }
                let begin = || Growing::new(id, &self.directory, self.format, now);
                let recording = self.open.entry(id).or_insert_with(begin);
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
        self.open.values_mut().for_each(Growing::end);
    }

    /// Appends what waits, makes it safe, then writes the chains and closes what has ended.
    pub(crate) fn flush(&mut self) {
        let mut fault = None;
        let mut failed = |recording: &Growing, error: io::Error| {
            fault = Some(format!("{}: {error}", recording.path().display()));
        };
        let mut lost = 0;
        for recording in self.open.values_mut() {
            recording.age();
            lost += recording.take_lost();
            recording.append(&*self.disk).unwrap_or_else(|error| failed(recording, error));
        }
        // What was not appended whole still waits: nothing of it may be hashed or forgotten.
        let appended: Vec<_> = self.open.values_mut().filter(|recording| recording.is_appended()).collect();
        match make_safe(&appended) {
            Ok(()) => {
                for recording in appended {
                    recording.settle().unwrap_or_else(|error| failed(recording, error));
                }
            }
            Err(error) => {
                if let Some(first) = appended.first() {
                    failed(first, error);
                }
            }
        }
        self.close_done();
        self.judge(fault, lost);
    }

    fn close_done(&mut self) {
        let (directory, report) = (&self.directory, &mut self.report);
        self.open.retain(|&id, recording| match recording.stage() {
            Stage::Running | Stage::Ending | Stage::Chained(_) => true,
            Stage::Refused => {
                report(RecordingReport::GivenUp { id });
                false
            }
            Stage::Closed(head) => {
                let path = recording.path().strip_prefix(directory).unwrap_or(recording.path());
                report(RecordingReport::Closed(ClosedRecording {
                    id,
                    path: path.to_string_lossy().into_owned(),
                    started: recording.started(),
                    frames: recording.frames(),
                    lost_frames: recording.lost_frames(),
                    head: head.clone(),
                }));
                false
            }
        });
    }

    /// Tells once when recordings begin to suffer, and once when they are whole again.
    fn judge(&mut self, fault: Option<String>, lost: u64) {
        self.health = match (self.health, fault) {
            (Health::Failing, Some(_)) => Health::Failing,
            (Health::Well | Health::Slow(_) | Health::Recovering(_), Some(error)) => {
                tracing::error!(%error, "the disk refuses recordings; calls go on without them");
                (self.report)(RecordingReport::DiskFailed { error });
                Health::Failing
            }
            (Health::Failing, None) => {
                self.recovered();
                Health::Recovering(0)
            }
            (Health::Well, None) if lost > 0 => {
                let error = format!("it is slower than the calls: {} ms of recordings are silent", lost / 8);
                tracing::error!(%error, "recordings lose parts; calls go on");
                (self.report)(RecordingReport::DiskFailed { error });
                Health::Slow(0)
            }
            (Health::Slow(_), None) if lost > 0 => Health::Slow(0),
            (Health::Slow(CALM..), None) => {
                self.recovered();
                Health::Well
            }
            (Health::Slow(calm), None) => Health::Slow(calm + 1),
            (Health::Recovering(CALM..) | Health::Well, None) => Health::Well,
            (Health::Recovering(calm), None) => Health::Recovering(calm + 1),
        };
    }

    fn recovered(&mut self) {
        tracing::info!("the disk takes recordings again");
        (self.report)(RecordingReport::DiskRecovered);
    }
}

/// Makes safe what was written of all recordings. They lie on one disk.
fn make_safe(recordings: &[&mut Growing]) -> io::Result<()> {
    recordings.iter().find_map(|recording| recording.unsafe_file()).map_or(Ok(()), |file| file.make_all_safe())
}

#[cfg(test)]
#[path = "recording_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "disk_tests.rs"]
mod disk_tests;

#[cfg(test)]
#[path = "opus_tests.rs"]
mod opus_tests;
