//! A fund company's system in a program: funds, NAVs, announcements, customers, accounts and holdings over HTTP/JSON.
//!
//! It stands for the system that a fund company already has, so that the box can be tried and tested as a whole. Data are
//! generated: invented funds and people in the terms of the trade, every NAV and every balance unique. It keeps the PIN rule
//! ([`pin`]) for all calls and boxes that ask it.
//!
//! How it works: one SQLite file (WAL) with one writing thread; every try at a PIN is one transaction of that thread, so that counts
//! cannot be outrun by guessing from many calls at once. PINs are kept as argon2id with a salt each and a key in a file of its own.
//! Decimals are integers inside and strings outside.
//!
//! ```
//! # let folder = std::env::temp_dir().join(format!("fundsim-doc-{}", std::process::id()));
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let config = fundsim::Config { seed: Some(7), fresh: true, ..fundsim::Config::new("127.0.0.1:0".parse().unwrap(), &folder) };
//! let company = fundsim::start(config).await.unwrap();
//! println!("ask http://{}/v1/funds/{}", company.addr(), fundsim::DEMO_FUND);
//! assert_eq!(company.demo().unwrap().account, fundsim::DEMO_ACCOUNT);
//! company.stop().await;
//! # });
//! # std::fs::remove_dir_all(folder).unwrap();
//! ```
//!
//! Left out: orders, confirmations, dividends and the daily exchange of files; the hotline asks for none of them yet. The interface is
//! plain HTTP for a loopback or a closed network; a company puts its own gateway with TLS in front.
//!
//! References: GB/T 39595-2020 for the terms and status codes of the daily exchange; RFC 9106 (argon2id).

mod books;
mod decimal;
mod fields;
mod generate;
mod hash;
mod http;
mod lab;
mod names;
pub mod pin;
mod pins;
mod random;
mod store;

use base::{Secret, WallTime};
use hash::{PinKey, random_octets};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The account that every installation has; its PIN is drawn with the data and told once.
pub const DEMO_ACCOUNT: &str = "990000000001";
/// The fund that every installation has.
pub const DEMO_FUND: &str = "000001";

/// What to serve, where, from what.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// The folder of database and key; made if missing.
    pub data: PathBuf,
    /// Where the generated figures start; drawn if `None`. PINs never follow from it.
    pub seed: Option<u64>,
    /// Throw away what the folder holds and draw anew.
    pub fresh: bool,
    /// Serve `/v1/lab/...` too.
    pub lab: bool,
    /// Where wall time comes from.
    pub clock: Clock,
}

impl Config {
    /// Existing data if there are any, no laboratory, the system's clock.
    pub fn new(listen: SocketAddr, data: impl AsRef<Path>) -> Self {
        Self { listen, data: data.as_ref().to_path_buf(), seed: None, fresh: false, lab: false, clock: Clock::system() }
    }
}

/// Where wall time comes from: the system, or a test.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> WallTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::new(|| {
            let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            WallTime(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
        })
    }

    /// A clock that asks `read`.
    pub fn new(read: impl Fn() -> WallTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) fn now(&self) -> WallTime {
        (self.0)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The folder, key or database file cannot be used.
    #[error("{}: {error}; name a folder that may be written with --data", place.display())]
    Folder {
        /// Which.
        place: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The database cannot be used.
    #[error("{}: {reason}; --fresh draws new data in its place", place.display())]
    Database {
        /// Which.
        place: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {error}; choose another with --listen")]
    Listen {
        /// Which.
        listen: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
}

/// The demonstration account of data just drawn.
#[derive(Clone, Debug)]
pub struct Demo {
    /// [`DEMO_ACCOUNT`].
    pub account: &'static str,
    /// Kept nowhere else: only its hash is in the database.
    pub pin: Secret,
}

/// A running fund system. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    demo: Option<Demo>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The demonstration account, if this start drew new data.
    pub const fn demo(&self) -> Option<&Demo> {
        self.demo.as_ref()
    }

    /// Answers what has been asked and ends.
    pub async fn stop(mut self) {
        self.stop.take();
        // A task that panicked has ended too.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.stop.is_some() {
            self.task.abort();
        }
    }
}

/// Opens or draws the data and serves them. It returns when the address answers.
pub async fn start(config: Config) -> Result<Running, StartError> {
    let listen = config.listen;
    let refused = |error| StartError::Listen { listen, error };
    let listener = TcpListener::bind(listen).await.map_err(refused)?;
    let addr = listener.local_addr().map_err(refused)?;
    let (with_lab, clock) = (config.lab, config.clock.clone());
    let prepared = tokio::task::spawn_blocking(move || prepare(&config));
    let (store, key, demo) = prepared.await.expect("opening the data does not panic")?;
    let router = http::router(Arc::new(http::Office::new(store, key, clock)), with_lab);
    let (stop, stopped) = oneshot::channel::<()>();
    let serve = axum::serve(listener, router).with_graceful_shutdown(async {
        // Ends when the sender is dropped.
        let _ = stopped.await;
    });
    let task = tokio::spawn(async move {
        if let Err(error) = serve.await {
            tracing::error!(%error, "the interface ended");
        }
    });
    tracing::info!(%addr, with_lab, "the fund system answers");
    Ok(Running { addr, demo, stop: Some(stop), task })
}

fn prepare(config: &Config) -> Result<(Store, PinKey, Option<Demo>), StartError> {
    let place = |place: &Path, error| StartError::Folder { place: place.to_path_buf(), error };
    std::fs::create_dir_all(&config.data).map_err(|error| place(&config.data, error))?;
    let (file, key_file) = (config.data.join("fund.db"), config.data.join("pin.key"));
    if config.fresh {
        for name in ["fund.db", "fund.db-wal", "fund.db-shm", "pin.key"] {
            let old = config.data.join(name);
            match std::fs::remove_file(&old) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(place(&old, error)),
                Ok(()) | Err(_) => {}
            }
        }
    }
    let key = PinKey::open(&key_file).map_err(|error| place(&key_file, error))?;
    let refused = |error: StoreError| StartError::Database { place: file.clone(), reason: error.to_string() };
    let mut opened = store::open(&file).map_err(refused)?;
    let demo = if opened.empty {
        let seed = config.seed.unwrap_or_else(|| u64::from_be_bytes(random_octets()));
        let pin = generate::fill(&mut opened.connection, &key, seed, config.clock.now());
        Some(Demo { account: DEMO_ACCOUNT, pin: pin.map_err(|error| refused(error.into()))? })
    } else {
        None
    };
    let store = Store::start(opened.connection, &file).map_err(|error| place(&file, error))?;
    Ok((store, key, demo))
}
