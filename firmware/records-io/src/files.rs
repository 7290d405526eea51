//! Where recordings lie, and what is done for those a crash left open.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use base::{RecordingId, WallTime};

use crate::Format;
use crate::chain::{RATE, Verified, VerifyError, close_cut, is_closed, recording_of};
use crate::header::{FRAME, HEADER, header};
use crate::pages;
use crate::writer::ClosedRecording;

/// Days whose directories are looked through after a crash: a call may have begun before midnight.
const CRASH_DAYS: usize = 2;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// The file of a recording whose first block came at `began`, relative to the recordings directory.
pub fn recording_path(id: RecordingId, began: WallTime, format: Format) -> PathBuf {
    let (year, month, day, ..) = began.civil();
    PathBuf::from(format!("{year:04}/{month:02}/{day:02}/{id}.{}", format.extension()))
}

/// The file of a recording that began near `began`, where there is one: the clock may have passed midnight between the
/// call's event and the first block.
pub fn find_recording(directory: &Path, id: RecordingId, began: WallTime) -> Option<PathBuf> {
    [began.0, began.0.saturating_sub(DAY_MS), began.0.saturating_add(DAY_MS)]
        .iter()
        .flat_map(|&near| Format::ALL.map(|format| directory.join(recording_path(id, WallTime(near), format))))
        .find(|path| path.is_file())
}

/// Makes a file that was left open playable: its header, or its last page, says what is there, and the chain is closed with `cut` where it
/// agrees. `None` where the chain does not agree with the audio (it stays as it is, for [`crate::verify`] to tell) or was
/// closed before.
pub fn repair(file: &Path) -> Result<Option<Verified>, VerifyError> {
    match Format::of(file) {
        Some(Format::Wav) => repair_wav(file),
        Some(Format::Opus) => pages::close_cut(file),
        None => Err(VerifyError::NotARecording(file.to_owned())),
    }
}

fn repair_wav(wav: &Path) -> Result<Option<Verified>, VerifyError> {
    let io = |source| VerifyError::Io { path: wav.to_owned(), source };
    let mend = || -> io::Result<u64> {
        let file = OpenOptions::new().write(true).open(wav)?;
        let length = file.metadata()?.len();
        let frames = length.saturating_sub(HEADER as u64) / FRAME as u64;
        file.write_all_at(&header(frames), 0)?;
        file.set_len(HEADER as u64 + frames * FRAME as u64)?;
        file.sync_data()?;
        Ok(frames * FRAME as u64)
    };
    let data = mend().map_err(io)?;
    close_cut(wav, data)
}

/// Repairs all that a crash left open below the recordings directory, before the writer starts. Gives the files that
/// are now closed; what cannot be repaired is logged and left.
pub fn repair_all(directory: &Path) -> Vec<ClosedRecording> {
    let mut closed = Vec::new();
    for day in newest_days(directory) {
        for wav in entries(&day).into_iter().filter(|path| Format::of(path).is_some()) {
            let Some(id) = recording_of(&wav).filter(|_| !is_closed(&wav)) else { continue };
            match repair(&wav) {
                Ok(Some(verified)) => closed.push(closed_recording(directory, &wav, id, verified)),
                Ok(None) => tracing::warn!(recording = %id, "a recording and its hash chain do not agree"),
                Err(error) => tracing::warn!(%error, "a recording cannot be repaired"),
            }
        }
    }
    closed
}

fn closed_recording(directory: &Path, wav: &Path, id: RecordingId, verified: Verified) -> ClosedRecording {
    let length = Duration::from_millis(verified.frames * 1000 / RATE);
    // Its last writing is the only time left of it; the repair's own is moments after.
    let last = wav.metadata().and_then(|known| known.created().or_else(|_| known.modified()));
    let since = last.ok().and_then(|last| last.duration_since(UNIX_EPOCH).ok()).unwrap_or(length);
    ClosedRecording {
        id,
        path: wav.strip_prefix(directory).unwrap_or(wav).to_string_lossy().into_owned(),
        started: WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
        frames: verified.frames,
        lost_frames: verified.lost_frames,
        head: verified.head,
    }
}

/// Every recording below the directory, the newest day first.
pub fn all_recordings(directory: &Path) -> Vec<PathBuf> {
    let is_recording = |path: &PathBuf| Format::of(path).is_some() && recording_of(path).is_some();
    let sorted = |day: PathBuf| {
        let mut files: Vec<_> = entries(&day).into_iter().filter(is_recording).collect();
        files.sort_unstable();
        files
    };
    days(directory).into_iter().flat_map(sorted).collect()
}

fn newest_days(directory: &Path) -> Vec<PathBuf> {
    let mut days = days(directory);
    days.truncate(CRASH_DAYS);
    days
}

/// Directories three levels down, the newest first: their names sort by date.
fn days(directory: &Path) -> Vec<PathBuf> {
    let mut days = Vec::new();
    for year in entries(directory) {
        for month in entries(&year) {
            days.extend(entries(&month));
        }
    }
    days.sort_unstable_by(|one, other| other.cmp(one));
    days
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}
