//! The tables, as ordered migrations. A migration that has shipped is never edited, only followed.

use rusqlite::{Connection, Transaction};

use crate::OpenError;

/// Each brings the store from version `index` to `index + 1`.
const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE box (id INTEGER NOT NULL);
CREATE TABLE boot (number INTEGER PRIMARY KEY, started INTEGER NOT NULL);

CREATE TABLE call (
    id TEXT PRIMARY KEY,
    calling TEXT NOT NULL,
    called TEXT NOT NULL,
    line TEXT NOT NULL,
    started INTEGER NOT NULL,
    answered INTEGER,
    ended INTEGER,
    cause INTEGER,
    state TEXT NOT NULL CHECK (state IN ('open', 'ended', 'interrupted'))
) WITHOUT ROWID;
CREATE INDEX call_by_start ON call (started DESC, id DESC);
CREATE INDEX call_open ON call (id) WHERE state = 'open';

CREATE TABLE leg (
    id TEXT PRIMARY KEY,
    call TEXT NOT NULL,
    device TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    opened INTEGER NOT NULL,
    answered INTEGER,
    closed INTEGER,
    cause INTEGER
) WITHOUT ROWID;
CREATE INDEX leg_by_call ON leg (call, opened);

CREATE TABLE segment (
    leg TEXT NOT NULL,
    number INTEGER NOT NULL,
    device TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    recording TEXT,
    offset_ms INTEGER NOT NULL,
    PRIMARY KEY (leg, number)
) WITHOUT ROWID;
CREATE INDEX segment_by_recording ON segment (recording) WHERE recording IS NOT NULL;

CREATE TABLE step (
    call TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (call, number)
) WITHOUT ROWID;

CREATE TABLE recording (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    started INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    lost_frames INTEGER NOT NULL,
    head TEXT NOT NULL
) WITHOUT ROWID;

-- AUTOINCREMENT: a number is not given out again even when every row has been pruned.
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    wall INTEGER NOT NULL,
    call TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX event_by_wall ON event (wall);
CREATE INDEX event_by_call ON event (call, wall) WHERE call IS NOT NULL;

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE VIEW cdr AS
SELECT call.id, call.calling, call.called, call.line, call.started, call.answered, call.ended, call.cause, call.state,
    call.ended - call.started AS duration_ms,
    call.ended - call.answered AS talk_ms,
    (SELECT group_concat(text, ' > ') FROM (SELECT text FROM step WHERE step.call = call.id ORDER BY number)) AS path,
    (SELECT group_concat(recording, ' ') FROM (
        SELECT DISTINCT recording FROM segment JOIN leg ON leg.id = segment.leg
        WHERE leg.call = call.id AND recording IS NOT NULL ORDER BY since)) AS recordings
FROM call;
",
    "
ALTER TABLE leg ADD COLUMN hang_up TEXT;
",
    "
CREATE TABLE learned (line TEXT PRIMARY KEY, tones TEXT NOT NULL) WITHOUT ROWID;
",
    "
CREATE TABLE silence (
    recording TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('paused', 'masked')),
    by TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    offset_ms INTEGER NOT NULL,
    until_ms INTEGER,
    PRIMARY KEY (recording, number)
) WITHOUT ROWID;
",
    "
CREATE TABLE blocked (channel TEXT PRIMARY KEY) WITHOUT ROWID;
",
];

/// Brings the store to this program's version.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(MIGRATIONS.len()).expect("a handful of migrations");
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (version, script) in (1..=known).zip(MIGRATIONS).skip(found as usize) {
        let step: Transaction<'_> = connection.transaction()?;
        step.execute_batch(script)?;
        step.pragma_update(None, "user_version", version)?;
        step.commit()?;
    }
    Ok(())
}
