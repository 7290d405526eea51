//! What can be written, and how each write changes the tables.

use base::{CallId, Cause, ConnectionId, RecordingId, WallTime};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::json;

/// Who began a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The line called the box.
    In,
    /// The box called out.
    Out,
}

impl Direction {
    const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Why a recording is silent though something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silenced {
    /// Somebody did not want it recorded.
    Paused,
    /// It is secret.
    Masked,
}

impl Silenced {
    const fn name(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Masked => "masked",
        }
    }
}

/// One change to the store. A batch of them is committed whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// A call began.
    CallOpened {
        /// The call.
        id: CallId,
        /// Calling number, empty where none came.
        from: String,
        /// Called number.
        to: String,
        /// The line it came by, as the page shows it: `span 1 channel 5`.
        line: String,
        /// When.
        started: WallTime,
    },
    /// The call was answered. Only the first counts.
    CallAnswered {
        /// The call.
        id: CallId,
        /// When.
        at: WallTime,
    },
    /// The call is over. Its record enters the outbox in the same transaction.
    CallClosed {
        /// The call.
        id: CallId,
        /// Why.
        cause: Cause,
        /// When.
        ended: WallTime,
    },
    /// One more step of the caller's path through the menu.
    Path {
        /// The call.
        call: CallId,
        /// When.
        at: WallTime,
        /// What: the form's or menu item's name. Never what a caller entered.
        step: String,
    },
    /// A device took part.
    LegOpened {
        /// The leg.
        id: ConnectionId,
        /// Its call.
        call: CallId,
        /// The device: a trunk's channel, an extension, an application.
        device: String,
        /// Who began it.
        direction: Direction,
        /// When.
        at: WallTime,
    },
    /// The leg was answered.
    LegAnswered {
        /// The leg.
        id: ConnectionId,
        /// When.
        at: WallTime,
    },
    /// The leg is gone.
    LegClosed {
        /// The leg.
        id: ConnectionId,
        /// Why.
        cause: Cause,
        /// When.
        at: WallTime,
    },
    /// The leg's far party hung up on a line that has no word for it. Only the first counts.
    LegHungUp {
        /// The leg.
        id: ConnectionId,
        /// By what that was known: current, or which tone.
        evidence: String,
    },
    /// The hang-up tones that an analog line has taught, in place of those kept before.
    LineLearned {
        /// The line: `bank/5`.
        line: String,
        /// The tones, as the box writes them.
        tones: String,
    },
    /// An operator keeps a channel from calls: it stays so over restarts.
    ChannelBlocked {
        /// The channel: `span1/5`.
        channel: String,
    },
    /// And gives it back.
    ChannelUnblocked {
        /// The channel.
        channel: String,
    },
    /// A stretch of a leg began: with one device, at one place of one recording.
    SegmentOpened {
        /// The leg.
        leg: ConnectionId,
        /// Counts from 1 in the leg.
        number: u32,
        /// Who the leg speaks with from here on: an application's or an agent's name.
        device: String,
        /// When.
        from: WallTime,
        /// The recording that carries it.
        recording: Option<RecordingId>,
        /// Where in the recording it begins, in milliseconds.
        offset_ms: u64,
    },
    /// That stretch ended.
    SegmentClosed {
        /// The leg.
        leg: ConnectionId,
        /// The stretch's number.
        number: u32,
        /// When.
        to: WallTime,
    },
    /// A recording is silent from here on, though something is said.
    SilenceBegan {
        /// The recording.
        recording: RecordingId,
        /// Counts from 1 in the recording.
        number: u32,
        /// Why.
        state: Silenced,
        /// By whom: `application`, `agent 8001`, `user admin`.
        by: String,
        /// When.
        at: WallTime,
        /// Where in the recording, in milliseconds.
        offset_ms: u64,
    },
    /// That silence ended.
    SilenceEnded {
        /// The recording.
        recording: RecordingId,
        /// The silence's number.
        number: u32,
        /// When.
        at: WallTime,
        /// Where in the recording, in milliseconds.
        offset_ms: u64,
    },
    /// A recording's file is whole. It enters the outbox in the same transaction.
    RecordingClosed {
        /// The recording.
        id: RecordingId,
        /// File, relative to the recordings directory: `YYYY/MM/DD/<id>.wav`.
        path: String,
        /// When its first sample came.
        started: WallTime,
        /// Samples a channel, lost ones (silent in the file) included.
        frames: u64,
        /// How many of them were lost to a full disk or an overrun.
        lost_frames: u64,
        /// Last hash of its chain, 64 hexadecimal digits.
        head: String,
    },
    /// One event of the box's numbered stream.
    Event {
        /// Its number; never used before.
        seq: u64,
        /// When.
        wall: WallTime,
        /// The call it belongs to.
        call: Option<CallId>,
        /// Its name, as in CSTA: `Delivered`, `ConnectionCleared`.
        kind: String,
        /// Its facts as JSON. No digits that were entered, no names.
        body: String,
    },
}

impl Write {
    /// Carries it out. All statements are of constant text, so the connection keeps them prepared.
    pub(crate) fn apply(&self, db: &Connection) -> rusqlite::Result<()> {
        match self {
            Self::CallOpened { id, from, to, line, started } => run(
                db,
                "INSERT INTO call (id, calling, called, line, started, state) VALUES (?1, ?2, ?3, ?4, ?5, 'open')",
                params![id.to_string(), from, to, line, ms(*started)],
            ),
            Self::CallAnswered { id, at } => run(
                db,
                "UPDATE call SET answered = ?2 WHERE id = ?1 AND answered IS NULL",
                params![id.to_string(), ms(*at)],
            ),
            Self::CallClosed { id, cause, ended } => {
                run(
                    db,
                    "UPDATE call SET ended = ?2, cause = ?3, state = 'ended' WHERE id = ?1 AND state = 'open'",
                    params![id.to_string(), ms(*ended), cause.0],
                )?;
                post_record(db, &id.to_string())
            }
            Self::Path { call, at, step } => run(
                db,
                "INSERT INTO step (call, number, at, text)
                 SELECT ?1, 1 + coalesce(max(number), 0), ?2, ?3 FROM step WHERE call = ?1",
                params![call.to_string(), ms(*at), step],
            ),
            Self::LegOpened { id, call, device, direction, at } => run(
                db,
                "INSERT INTO leg (id, call, device, direction, opened) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id.to_string(), call.to_string(), device, direction.name(), ms(*at)],
            ),
            Self::LegAnswered { id, at } => run(
                db,
                "UPDATE leg SET answered = ?2 WHERE id = ?1 AND answered IS NULL",
                params![id.to_string(), ms(*at)],
            ),
            Self::LegClosed { id, cause, at } => run(
                db,
                "UPDATE leg SET closed = ?2, cause = ?3 WHERE id = ?1 AND closed IS NULL",
                params![id.to_string(), ms(*at), cause.0],
            ),
            Self::LegHungUp { id, evidence } => run(
                db,
                "UPDATE leg SET hang_up = ?2 WHERE id = ?1 AND hang_up IS NULL",
                params![id.to_string(), evidence],
            ),
            Self::LineLearned { line, tones } => run(
                db,
                "INSERT INTO learned (line, tones) VALUES (?1, ?2) ON CONFLICT (line) DO UPDATE SET tones = ?2",
                params![line, tones],
            ),
            Self::ChannelBlocked { channel } => {
                run(db, "INSERT INTO blocked (channel) VALUES (?1) ON CONFLICT DO NOTHING", params![channel])
            }
            Self::ChannelUnblocked { channel } => run(db, "DELETE FROM blocked WHERE channel = ?1", params![channel]),
            Self::SegmentOpened { leg, number, device, from, recording, offset_ms } => run(
                db,
                "INSERT INTO segment (leg, number, device, since, recording, offset_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    leg.to_string(),
                    number,
                    device,
                    ms(*from),
                    recording.map(|id| id.to_string()),
                    offset_ms.cast_signed()
                ],
            ),
            Self::SegmentClosed { leg, number, to } => run(
                db,
                "UPDATE segment SET until = ?3 WHERE leg = ?1 AND number = ?2 AND until IS NULL",
                params![leg.to_string(), number, ms(*to)],
            ),
            Self::SilenceBegan { recording, number, state, by, at, offset_ms } => run(
                db,
                "INSERT INTO silence (recording, number, state, by, since, offset_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![recording.to_string(), number, state.name(), by, ms(*at), offset_ms.cast_signed()],
            ),
            Self::SilenceEnded { recording, number, at, offset_ms } => run(
                db,
                "UPDATE silence SET until = ?3, until_ms = ?4 WHERE recording = ?1 AND number = ?2 AND until IS NULL",
                params![recording.to_string(), number, ms(*at), offset_ms.cast_signed()],
            ),
            Self::RecordingClosed { id, path, started, frames, lost_frames, head } => {
                run(
                    db,
                    "INSERT INTO recording (id, path, started, frames, lost_frames, head) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                     ON CONFLICT (id) DO UPDATE SET path = ?2, started = ?3, frames = ?4, lost_frames = ?5, head = ?6",
                    params![
                        id.to_string(),
                        path,
                        ms(*started),
                        frames.cast_signed(),
                        lost_frames.cast_signed(),
                        head
                    ],
                )?;
                let body = json!({ "id": id.to_string(), "path": path, "started": started.0, "frames": frames,
                    "lost_frames": lost_frames, "head": head });
                post(db, "recording", &id.to_string(), &body.to_string())
            }
            Self::Event { seq, wall, call, kind, body } => run(
                db,
                "INSERT INTO event (seq, wall, call, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![seq.cast_signed(), ms(*wall), call.map(|id| id.to_string()), kind, body],
            ),
        }
    }
}

/// Puts a call's record, as it now stands, into the outbox. A call that is unknown leaves nothing.
pub(crate) fn post_record(db: &Connection, call: &str) -> rusqlite::Result<()> {
    let sql =
        "SELECT calling, called, line, started, answered, ended, cause, state, path, recordings FROM cdr WHERE id = ?1";
    let body = db
        .prepare_cached(sql)?
        .query_row([call], |row| {
            Ok(json!({ "id": call, "calling": row.get::<_, String>(0)?, "called": row.get::<_, String>(1)?,
                "line": row.get::<_, String>(2)?, "started": row.get::<_, i64>(3)?,
                "answered": row.get::<_, Option<i64>>(4)?, "ended": row.get::<_, Option<i64>>(5)?,
                "cause": row.get::<_, Option<u8>>(6)?, "state": row.get::<_, String>(7)?,
                "path": row.get::<_, Option<String>>(8)?, "recordings": row.get::<_, Option<String>>(9)? }))
        })
        .optional()?;
    match body {
        Some(body) => post(db, "cdr", call, &body.to_string()),
        None => Ok(()),
    }
}

fn post(db: &Connection, kind: &str, key: &str, body: &str) -> rusqlite::Result<()> {
    run(db, "INSERT INTO outbox (kind, key, body) VALUES (?1, ?2, ?3)", params![kind, key, body])
}

fn run(db: &Connection, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<()> {
    db.prepare_cached(sql)?.execute(values).map(drop)
}

/// SQLite's integers are signed; wall times fit for the next 290 million years.
pub(crate) const fn ms(wall: WallTime) -> i64 {
    wall.0.cast_signed()
}
