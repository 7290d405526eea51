//! Reading beside the writer: the page, later the CTI server and the uplink.

use std::path::Path;
use std::time::Duration;

use base::{CallId, WallTime};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use serde::Serialize;

use crate::write::ms;

/// Most rows one question gives.
pub const PAGE: u32 = 500;

/// A call as the list shows it. Times are UTC milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallRow {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Calling number, empty where none came.
    pub calling: String,
    /// Called number.
    pub called: String,
    /// The line it came by.
    pub line: String,
    /// When it began.
    pub started: i64,
    /// When it was answered.
    pub answered: Option<i64>,
    /// When it ended.
    pub ended: Option<i64>,
    /// Q.850 cause of its end.
    pub cause: Option<u8>,
    /// `open`, `ended` or `interrupted`.
    pub state: String,
    /// The path through the menu, steps joined by ` > `.
    pub path: Option<String>,
    /// Its recordings' ids.
    pub recordings: Vec<String>,
}

/// One stretch of a leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SegmentRow {
    /// Who the leg spoke with.
    pub device: String,
    /// When it began.
    pub since: i64,
    /// When it ended.
    pub until: Option<i64>,
    /// The recording that carries it.
    pub recording: Option<String>,
    /// Where in the recording it begins, in milliseconds.
    pub offset_ms: i64,
}

/// One device's part in a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LegRow {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The device.
    pub device: String,
    /// `in` or `out`.
    pub direction: String,
    /// When it was set up.
    pub opened: i64,
    /// When it was answered.
    pub answered: Option<i64>,
    /// When it was released.
    pub closed: Option<i64>,
    /// Q.850 cause of its release.
    pub cause: Option<u8>,
    /// By what its far party's hang-up was known, on a line that has no word for it.
    pub hang_up: Option<String>,
    /// Its stretches in order.
    pub segments: Vec<SegmentRow>,
}

/// One step through the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// When.
    pub at: i64,
    /// The form's or menu item's name.
    pub text: String,
}

/// A recording file that is whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordingRow {
    /// 32 hexadecimal digits.
    pub id: String,
    /// File, relative to the recordings directory.
    pub path: String,
    /// When its first sample came.
    pub started: i64,
    /// Samples a channel.
    pub frames: i64,
    /// How many of them were lost and are silent.
    pub lost_frames: i64,
    /// Last hash of its chain.
    pub head: String,
}

/// A stretch of a recording that was silenced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SilenceRow {
    /// In which.
    pub recording: String,
    /// `paused` or `masked`.
    pub state: String,
    /// By whom: `application`, `agent 8001`, `user admin`.
    pub by: String,
    /// When it began.
    pub since: i64,
    /// When it ended; a crash leaves it open.
    pub until: Option<i64>,
    /// Where in the recording it begins, in milliseconds.
    pub offset_ms: i64,
    /// Where it ends.
    pub until_ms: Option<i64>,
}

/// Everything known of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallDetail {
    /// The record.
    #[serde(flatten)]
    pub call: CallRow,
    /// Its legs in order of their setup.
    pub legs: Vec<LegRow>,
    /// Its path, with times.
    pub steps: Vec<StepRow>,
    /// Its recordings that are closed.
    pub files: Vec<RecordingRow>,
    /// Where its recordings are silent by order.
    pub silences: Vec<SilenceRow>,
}

/// One event of the numbered stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// Its number.
    pub seq: u64,
    /// When.
    pub wall: i64,
    /// The call it belongs to.
    pub call: Option<String>,
    /// Its name.
    pub kind: String,
    /// Its facts as JSON text.
    pub body: String,
}

/// Which calls, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Part of the calling or the called number.
    pub number: Option<String>,
    /// Begun at this time or later.
    pub since: Option<WallTime>,
    /// Begun before this time.
    pub until: Option<WallTime>,
    /// Only calls listed after this one: the last id of the page before.
    pub after: Option<CallId>,
    /// Rows wanted, at most [`PAGE`]; 0 is [`PAGE`].
    pub limit: u32,
}

const CALL: &str =
    "SELECT id, calling, called, line, started, answered, ended, cause, state, path, recordings FROM cdr";

/// A connection that can only read. One thread at a time; open one for each.
pub struct Reader {
    db: Connection,
}

impl Reader {
    /// Opens the store that a [`crate::Store`] made.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(Duration::from_secs(2))?;
        Ok(Self { db })
    }

    /// One page of calls, newest first.
    pub fn calls(&self, filter: &CallFilter) -> rusqlite::Result<Vec<CallRow>> {
        let number = filter.number.as_deref().map(escape_like);
        let limit = if filter.limit == 0 { PAGE } else { filter.limit.min(PAGE) };
        self.db
            .prepare_cached(&format!(
                "{CALL} WHERE (?1 IS NULL OR calling LIKE ?1 ESCAPE '\\' OR called LIKE ?1 ESCAPE '\\')
                 AND (?2 IS NULL OR started >= ?2) AND (?3 IS NULL OR started < ?3)
                 AND (?4 IS NULL OR (started, id) < (SELECT started, id FROM call WHERE id = ?4))
                 ORDER BY started DESC, id DESC LIMIT ?5"
            ))?
            .query_map(
                params![
                    number,
                    filter.since.map(ms),
                    filter.until.map(ms),
                    filter.after.map(|id| id.to_string()),
                    limit
                ],
                call_row,
            )?
            .collect()
    }

    /// Everything about one call.
    pub fn call(&self, id: CallId) -> rusqlite::Result<Option<CallDetail>> {
        let id = id.to_string();
        let call = self.db.prepare_cached(&format!("{CALL} WHERE id = ?1"))?.query_row([&id], call_row).optional()?;
        let Some(call) = call else { return Ok(None) };
        let sql = "SELECT id, device, direction, opened, answered, closed, cause, hang_up FROM leg WHERE call = ?1 ORDER BY opened, id";
        let mut legs: Vec<LegRow> =
            self.db.prepare_cached(sql)?.query_map([&id], leg_row)?.collect::<rusqlite::Result<_>>()?;
        for leg in &mut legs {
            leg.segments = self.segments(&leg.id)?;
        }
        let steps = self
            .db
            .prepare_cached("SELECT at, text FROM step WHERE call = ?1 ORDER BY number")?
            .query_map([&id], |row| Ok(StepRow { at: row.get(0)?, text: row.get(1)? }))?
            .collect::<rusqlite::Result<_>>()?;
        let (mut files, mut silences) = (Vec::new(), Vec::new());
        for recording in &call.recordings {
            files.extend(self.recording(recording)?);
            silences.extend(self.silences(recording)?);
        }
        Ok(Some(CallDetail { call, legs, steps, files, silences }))
    }

    fn silences(&self, recording: &str) -> rusqlite::Result<Vec<SilenceRow>> {
        let sql = "SELECT recording, state, by, since, until, offset_ms, until_ms FROM silence
                   WHERE recording = ?1 ORDER BY number";
        let row = |row: &Row<'_>| {
            Ok(SilenceRow {
                recording: row.get(0)?,
                state: row.get(1)?,
                by: row.get(2)?,
                since: row.get(3)?,
                until: row.get(4)?,
                offset_ms: row.get(5)?,
                until_ms: row.get(6)?,
            })
        };
        self.db.prepare_cached(sql)?.query_map([recording], row)?.collect()
    }

    /// A closed recording's row, by its id of 32 hexadecimal digits.
    pub fn recording(&self, id: &str) -> rusqlite::Result<Option<RecordingRow>> {
        self.db
            .prepare_cached("SELECT id, path, started, frames, lost_frames, head FROM recording WHERE id = ?1")?
            .query_row([id], |row| {
                Ok(RecordingRow {
                    id: row.get(0)?,
                    path: row.get(1)?,
                    started: row.get(2)?,
                    frames: row.get(3)?,
                    lost_frames: row.get(4)?,
                    head: row.get(5)?,
                })
            })
            .optional()
    }

    /// When the first stretch that a recording carries began: near this time its file is found, open or closed.
    pub fn recording_began(&self, id: &str) -> rusqlite::Result<Option<WallTime>> {
        let sql = "SELECT min(since) FROM segment WHERE recording = ?1";
        let began: Option<i64> = self.db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
        Ok(began.map(|wall| WallTime(wall.cast_unsigned())))
    }

    /// Events with numbers above `seq`, in order, `limit` of them at most.
    pub fn events_after(&self, seq: u64, limit: u32) -> rusqlite::Result<Vec<EventRow>> {
        self.db
            .prepare_cached("SELECT seq, wall, call, kind, body FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2")?
            .query_map(params![seq.cast_signed(), limit], event_row)?
            .collect()
    }

    /// Events with numbers below `seq`, the newest first, `limit` of them at most. From [`i64::MAX`] on, the newest of all.
    pub fn events_before(&self, seq: u64, limit: u32) -> rusqlite::Result<Vec<EventRow>> {
        let seq = i64::try_from(seq).unwrap_or(i64::MAX);
        self.db
            .prepare_cached("SELECT seq, wall, call, kind, body FROM event WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2")?
            .query_map(params![seq, limit], event_row)?
            .collect()
    }

    fn segments(&self, leg: &str) -> rusqlite::Result<Vec<SegmentRow>> {
        self.db
            .prepare_cached(
                "SELECT device, since, until, recording, offset_ms FROM segment WHERE leg = ?1 ORDER BY number",
            )?
            .query_map([leg], |row| {
                Ok(SegmentRow {
                    device: row.get(0)?,
                    since: row.get(1)?,
                    until: row.get(2)?,
                    recording: row.get(3)?,
                    offset_ms: row.get(4)?,
                })
            })?
            .collect()
    }
}

fn call_row(row: &Row<'_>) -> rusqlite::Result<CallRow> {
    let recordings: Option<String> = row.get(10)?;
    Ok(CallRow {
        id: row.get(0)?,
        calling: row.get(1)?,
        called: row.get(2)?,
        line: row.get(3)?,
        started: row.get(4)?,
        answered: row.get(5)?,
        ended: row.get(6)?,
        cause: row.get(7)?,
        state: row.get(8)?,
        path: row.get(9)?,
        recordings: recordings.iter().flat_map(|ids| ids.split(' ')).map(str::to_owned).collect(),
    })
}

fn leg_row(row: &Row<'_>) -> rusqlite::Result<LegRow> {
    Ok(LegRow {
        id: row.get(0)?,
        device: row.get(1)?,
        direction: row.get(2)?,
        opened: row.get(3)?,
        answered: row.get(4)?,
        closed: row.get(5)?,
        cause: row.get(6)?,
        hang_up: row.get(7)?,
        segments: Vec::new(),
    })
}

fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        wall: row.get(1)?,
        call: row.get(2)?,
        kind: row.get(3)?,
        body: row.get(4)?,
    })
}

fn escape_like(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
