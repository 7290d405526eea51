//! The one writer: a thread that takes what waits and commits it together.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use base::{CallId, WallTime};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};
use serde_json::json;

use crate::schema::migrate;
use crate::write::{Write, ms, post_record};

/// Batches that may wait for the writer. When full, a new batch is refused at once.
const QUEUE: usize = 4096;
/// Writes kept in memory while the disk refuses them, and tried again. The newest are kept out when it is full.
const KEPT_WRITES: usize = 20_000;
/// How often refused writes are tried again when nothing new comes.
const RETRY: Duration = Duration::from_secs(1);
/// Batches in one transaction at most, so that one commit stays short.
const GROUP: usize = 512;
/// Events deleted in one transaction at most, for the same reason.
const PRUNE: u32 = 5000;
/// Event numbers skipped at a start: more than can have been given out and not committed before a crash.
const EVENT_JUMP: u64 = 65_536;
/// Least time that events stay readable.
pub const EVENTS_KEPT_AT_LEAST: Duration = Duration::from_secs(24 * 3600);

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made.
    #[error("{path}: {source}; check the disk and the directory's owner")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A newer program has been here.
    #[error("the store has format {found}, this program knows {known}: start the newer program again")]
    Newer {
        /// The store's version.
        found: u32,
        /// This program's.
        known: u32,
    },
    /// SQLite refuses it.
    #[error("the store: {0}; if the file is damaged, move it away and start again")]
    Sqlite(#[from] rusqlite::Error),
    /// The system gives no random number for the box's own.
    #[error("no random number for the box: {0}")]
    Random(getrandom::Error),
    /// The writer's thread cannot be started.
    #[error("the store's thread: {0}")]
    Thread(std::io::Error),
}

/// Why a batch is not on disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The queue is full: the batch was not taken.
    #[error("the store's queue is full")]
    QueueFull,
    /// The disk refuses it now. The writes are kept in memory and tried again each second.
    #[error("not on disk yet, kept in memory: {0}")]
    Kept(String),
    /// The disk refuses it, and so much is already kept that this batch was given up.
    #[error("lost, {KEPT_WRITES} writes already wait for the disk: {0}")]
    Lost(String),
    /// The batch contradicts the store (an event number used twice); the other batches went on.
    #[error("refused: {0}")]
    Refused(String),
    /// The writer has stopped.
    #[error("the store is closed")]
    Closed,
}

/// Called once when its batch is on disk, or is not.
pub type OnCommit = Box<dyn FnOnce(Result<(), WriteError>) + Send>;

/// What a start gives: the numbers identifiers and events go on from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Drawn at the box's first start, kept for ever.
    pub box_id: u64,
    /// Counts the starts, from 1.
    pub boot: u32,
    /// The first number this start may give an event. No lower one is used again.
    pub next_event: u64,
    /// Calls that the last run left open, now closed as interrupted.
    pub interrupted: Vec<CallId>,
    /// Analog lines, and the hang-up tones that they have taught.
    pub learned: Vec<(String, String)>,
    /// Channels that an operator keeps from calls.
    pub blocked: Vec<String>,
}

enum Job {
    Batch(Vec<Write>, OnCommit),
    Prune(WallTime),
}

/// The store. Dropping it writes what waits and closes the file.
pub struct Store {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    start: Start,
}

impl Store {
    /// Opens or makes the store, closes what a crash left open, and starts the writer. Blocks on the disk.
    pub fn open(path: &Path, now: WallTime) -> Result<Self, OpenError> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)
                .map_err(|source| OpenError::Directory { path: directory.to_owned(), source })?;
        }
        let mut db = Connection::open(path)?;
        db.busy_timeout(Duration::from_secs(5))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.set_prepared_statement_cache_capacity(32);
        migrate(&mut db)?;
        let start = begin(&mut db, now)?;
        let (queue, jobs) = sync_channel(QUEUE);
        let writer = Writer { db, kept: VecDeque::new(), kept_writes: 0, prune: None };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run(&jobs))
            .map_err(OpenError::Thread)?;
        Ok(Self { queue: Some(queue), thread: Some(thread), start })
    }

    /// The numbers of this start.
    pub const fn start(&self) -> &Start {
        &self.start
    }

    /// Queues a batch; never waits. `on_commit` is called exactly once, from the writer's thread or, where the batch is
    /// not taken, from here. It must be quick: the next commit waits for it.
    pub fn submit(&self, writes: Vec<Write>, on_commit: impl FnOnce(Result<(), WriteError>) + Send + 'static) {
        let Some(queue) = &self.queue else { return on_commit(Err(WriteError::Closed)) };
        match queue.try_send(Job::Batch(writes, Box::new(on_commit))) {
            Ok(()) => {}
            Err(TrySendError::Full(Job::Batch(_, on_commit))) => on_commit(Err(WriteError::QueueFull)),
            Err(TrySendError::Disconnected(Job::Batch(_, on_commit))) => on_commit(Err(WriteError::Closed)),
            Err(TrySendError::Full(Job::Prune(_)) | TrySendError::Disconnected(Job::Prune(_))) => {}
        }
    }

    /// Deletes events older than `keep` (at least [`EVENTS_KEPT_AT_LEAST`]), a few at a time between commits. Where the
    /// queue is full nothing happens; the next call makes up for it.
    pub fn prune_events(&self, now: WallTime, keep: Duration) {
        let keep_ms = u64::try_from(keep.max(EVENTS_KEPT_AT_LEAST).as_millis()).unwrap_or(u64::MAX);
        if let Some(queue) = &self.queue {
            drop(queue.try_send(Job::Prune(WallTime(now.0.saturating_sub(keep_ms)))));
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// Counts the start and closes what the last one left open.
fn begin(db: &mut Connection, now: WallTime) -> Result<Start, OpenError> {
    let step = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let known: Option<i64> = step.query_row("SELECT id FROM box", [], |row| row.get(0)).optional()?;
    let box_id = match known {
        Some(id) => id.cast_unsigned(),
        None => {
            let id = getrandom::u64().map_err(OpenError::Random)?;
            step.execute("INSERT INTO box (id) VALUES (?1)", [id.cast_signed()])?;
            id
        }
    };
    let boot: u32 = step.query_row("SELECT 1 + coalesce(max(number), 0) FROM boot", [], |row| row.get(0))?;
    step.execute("INSERT INTO boot (number, started) VALUES (?1, ?2)", params![boot, ms(now)])?;
    let used: Option<i64> =
        step.query_row("SELECT seq FROM sqlite_sequence WHERE name = 'event'", [], |row| row.get(0)).optional()?;
    let mut next_event = used.map_or(1, |used| used.cast_unsigned().div_ceil(EVENT_JUMP) * EVENT_JUMP + EVENT_JUMP);

    let open: Vec<(String, i64)> = step
        .prepare(LAST_SIGNS)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut interrupted = Vec::new();
    for (call, last) in open {
        close_interrupted(&step, &call, last)?;
        let body = json!({ "last_sign": last }).to_string();
        step.execute(
            "INSERT INTO event (seq, wall, call, kind, body) VALUES (?1, ?2, ?3, 'CallInterrupted', ?4)",
            params![next_event.cast_signed(), ms(now), call, body],
        )?;
        next_event += 1;
        interrupted.extend(call.parse::<CallId>());
    }
    let learned = step
        .prepare("SELECT line, tones FROM learned ORDER BY line")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let blocked = step
        .prepare("SELECT channel FROM blocked ORDER BY channel")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    step.commit()?;
    Ok(Start { box_id, boot, next_event, interrupted, learned, blocked })
}

/// Every open call with the newest time anything is known of it.
const LAST_SIGNS: &str = "
SELECT id, max(started, coalesce(answered, 0),
    coalesce((SELECT max(wall) FROM event WHERE event.call = call.id), 0),
    coalesce((SELECT max(at) FROM step WHERE step.call = call.id), 0),
    coalesce((SELECT max(max(opened, coalesce(answered, 0), coalesce(closed, 0))) FROM leg WHERE leg.call = call.id), 0),
    coalesce((SELECT max(max(since, coalesce(until, 0))) FROM segment JOIN leg ON leg.id = segment.leg
        WHERE leg.call = call.id), 0))
FROM call WHERE state = 'open' ORDER BY id";

fn close_interrupted(db: &Connection, call: &str, last: i64) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE segment SET until = max(?2, since) WHERE until IS NULL AND leg IN (SELECT id FROM leg WHERE call = ?1)",
        params![call, last],
    )?;
    db.execute("UPDATE leg SET closed = max(?2, opened) WHERE closed IS NULL AND call = ?1", params![call, last])?;
    db.execute("UPDATE call SET ended = ?2, state = 'interrupted' WHERE id = ?1", params![call, last])?;
    post_record(db, call)
}

struct Writer {
    db: Connection,
    /// Batches the disk refused, oldest first.
    kept: VecDeque<Vec<Write>>,
    kept_writes: usize,
    prune: Option<WallTime>,
}

impl Writer {
    fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let first = match (self.kept.is_empty(), self.prune) {
                (true, None) => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
                (true, Some(_)) => jobs.recv_timeout(Duration::ZERO),
                (false, _) => jobs.recv_timeout(RETRY),
            };
            let closing = matches!(first, Err(RecvTimeoutError::Disconnected));
            let mut batches = Vec::new();
            for job in first.into_iter().chain(jobs.try_iter().take(GROUP)) {
                match job {
                    Job::Batch(writes, on_commit) => batches.push((writes, on_commit)),
                    Job::Prune(before) => self.prune = Some(before),
                }
            }
            self.commit(batches);
            if closing {
                if !self.kept.is_empty() {
                    tracing::error!(
                        writes = self.kept_writes,
                        "the store closes with writes that never reached the disk"
                    );
                }
                return;
            }
            self.prune_some();
        }
    }

    /// Commits what is kept and what is new together, then tells each new batch's owner.
    fn commit(&mut self, batches: Vec<(Vec<Write>, OnCommit)>) {
        if batches.is_empty() && self.kept.is_empty() {
            return;
        }
        let (writes, owners): (Vec<_>, Vec<_>) = batches.into_iter().unzip();
        match self.transaction(&writes) {
            Ok(answers) => {
                if !self.kept.is_empty() {
                    tracing::info!(
                        writes = self.kept_writes,
                        "the disk takes records again; all that was kept is written"
                    );
                    self.kept.clear();
                    self.kept_writes = 0;
                }
                for (owner, answer) in owners.into_iter().zip(answers) {
                    owner(answer);
                }
            }
            Err(fault) => {
                let text = fault.to_string();
                tracing::error!(error = %text, "the disk refuses call records; they are kept in memory and tried again");
                for (writes, owner) in writes.into_iter().zip(owners) {
                    owner(Err(self.keep(writes, &text)));
                }
            }
        }
    }

    fn keep(&mut self, writes: Vec<Write>, text: &str) -> WriteError {
        if self.kept_writes + writes.len() > KEPT_WRITES {
            return WriteError::Lost(text.to_owned());
        }
        self.kept_writes += writes.len();
        self.kept.push_back(writes);
        WriteError::Kept(text.to_owned())
    }

    /// One transaction; one answer for each new batch. A batch that contradicts the store is undone alone.
    fn transaction(&mut self, new: &[Vec<Write>]) -> rusqlite::Result<Vec<Result<(), WriteError>>> {
        let mut step = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut answers = Vec::with_capacity(new.len());
        for (at, batch) in self.kept.iter().chain(new).enumerate() {
            let part = step.savepoint()?;
            match batch.iter().try_for_each(|write| write.apply(&part)) {
                Ok(()) => {
                    part.commit()?;
                    answers.push(Ok(()));
                }
                Err(fault) if fault.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                    drop(part);
                    tracing::warn!(error = %fault, "a batch contradicts the store and is left out");
                    answers.push(Err(WriteError::Refused(fault.to_string())));
                }
                Err(fault) => return Err(fault),
            }
            debug_assert_eq!(answers.len(), at + 1);
        }
        step.commit()?;
        Ok(answers.split_off(self.kept.len()))
    }

    fn prune_some(&mut self) {
        let Some(before) = self.prune else { return };
        let sql = "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE wall < ?1 LIMIT ?2)";
        match self.db.prepare_cached(sql).and_then(|mut delete| delete.execute(params![ms(before), PRUNE])) {
            Ok(gone) if gone == PRUNE as usize => {}
            Ok(_) => self.prune = None,
            Err(fault) => {
                tracing::warn!(error = %fault, "old events could not be deleted");
                self.prune = None;
            }
        }
    }
}
