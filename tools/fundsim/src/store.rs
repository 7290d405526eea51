//! The database: one thread writes, several connections read (WAL).

use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tokio::sync::oneshot;

/// Jobs that may wait for the writer; more are refused, so that a flood costs answers and not memory.
const WAITING_WRITES: usize = 1024;
/// Reading connections kept open.
const IDLE_READERS: usize = 4;

const SCHEMA: &str = "
CREATE TABLE fund(code TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, kind TEXT NOT NULL,
    status INTEGER NOT NULL, risk INTEGER NOT NULL, established TEXT NOT NULL) STRICT;
CREATE TABLE nav(code TEXT NOT NULL REFERENCES fund, date TEXT NOT NULL, nav_e4 INTEGER NOT NULL, accumulated_e4 INTEGER NOT NULL,
    income_e4 INTEGER, yield_e3 INTEGER, PRIMARY KEY(code, date)) STRICT, WITHOUT ROWID;
CREATE TABLE customer(key TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, risk INTEGER NOT NULL) STRICT;
CREATE TABLE account(account TEXT PRIMARY KEY, customer TEXT NOT NULL REFERENCES customer, salt BLOB NOT NULL, pin_hash BLOB NOT NULL) STRICT;
CREATE TABLE holding(account TEXT NOT NULL REFERENCES account, code TEXT NOT NULL REFERENCES fund, available_e2 INTEGER NOT NULL,
    frozen_e2 INTEGER NOT NULL, PRIMARY KEY(account, code)) STRICT, WITHOUT ROWID;
CREATE TABLE announcement(id INTEGER PRIMARY KEY, date TEXT NOT NULL, title_zh TEXT NOT NULL, body_zh TEXT NOT NULL,
    title_en TEXT NOT NULL, body_en TEXT NOT NULL) STRICT;
CREATE TABLE account_tries(account TEXT PRIMARY KEY, wrong INTEGER NOT NULL, locked_at INTEGER, changed INTEGER NOT NULL) STRICT;
CREATE TABLE call_tries(call TEXT NOT NULL, account TEXT NOT NULL, wrong INTEGER NOT NULL, changed INTEGER NOT NULL,
    PRIMARY KEY(call, account)) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
";

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the database refused: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("{WAITING_WRITES} writes are waiting already")]
    Busy,
    #[error("the database thread has ended")]
    Ended,
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle; clones share the writer and the readers.
#[derive(Clone)]
pub(crate) struct Store {
    writer: SyncSender<Job>,
    readers: Arc<Mutex<Vec<Connection>>>,
    file: Arc<PathBuf>,
}

/// A new or existing database, not yet handed to the writer.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    /// No tables were there: data must be generated.
    pub(crate) empty: bool,
}

/// Opens the database at `file`, making its tables if it has none.
pub(crate) fn open(file: &Path) -> Result<Opened, StoreError> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A try at a PIN that a power cut forgets is one more guess.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        connection.execute_batch(&format!("BEGIN; {SCHEMA} COMMIT;"))?;
    }
    Ok(Opened { connection, empty: version == 0 })
}

impl Store {
    /// Starts the writer. It ends when the last handle is gone.
    pub(crate) fn start(mut connection: Connection, file: &Path) -> std::io::Result<Self> {
        let (writer, jobs) = sync_channel::<Job>(WAITING_WRITES);
        thread::Builder::new().name("fundsim-store".into()).spawn(move || {
            for job in jobs {
                job(&mut connection);
            }
        })?;
        Ok(Self { writer, readers: Arc::default(), file: Arc::new(file.to_path_buf()) })
    }

    /// Runs `job` on the writing connection, after all writes that came before it and before all that come later.
    pub(crate) async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        let (answer, done) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The asker may have gone; the write stands all the same.
            let _ = answer.send(job(connection));
        });
        self.writer.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Ended,
        })?;
        Ok(done.await.map_err(|_| StoreError::Ended)??)
    }

    /// Runs `job` on a reading connection.
    pub(crate) async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        let store = self.clone();
        let work = move || {
            let connection = store.reader()?;
            let answer = job(&connection);
            let mut idle = store.readers.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE_READERS {
                idle.push(connection);
            }
            Ok(answer?)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Ended)?
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        if let Some(idle) = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(idle);
        }
        Ok(Connection::open_with_flags(
            &*self.file,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?)
    }
}
