//! The page: HTTPS, sign-in, live state and call list.
//!
//! **What it does.** Serves the box's page and the API behind it (`docs/api.md`): spans, channels and calls as they change, the list of
//! calls with their recordings, and the events. It only looks: nothing here can touch a call, so a fault here ends none.
//!
//! **How it works.** State and events come from `fundlined` on a Unix socket and are kept for when it is away; lists are read
//! from the store beside its writer. The page's files (TypeScript and Svelte, in `ui/`) are embedded. Sessions are cookies whose tokens
//! are kept hashed, in memory: a restart signs everybody out. Password, certificate and key lie in
//! `var/lib/fundline/web`; a customer's own certificate replaces `cert.pem` and `key.pem` there.
//!
//! **How to drive it.**
//! ```no_run
//! # async fn example() -> Result<(), fundline_web::StartError> {
//! let options = fundline_web::Options { root: "/".into(), config: None };
//! let server = fundline_web::start(options, |first| eprintln!("{}", first.reveal())).await?;
//! println!("https://{}", server.address());
//! server.run().await
//! # }
//! ```
//!
//! **What is left out.** Users beyond `admin` and their rights come with the supervisors' page. HTTP/2: a page that holds one
//! WebSocket gains nothing from it.
//!
//! **References.** RFC 9110 (HTTP), RFC 6455 (WebSocket), RFC 9106 (argon2id), RFC 6265bis (cookies).

mod api;
mod app;
mod certificate;
mod daemon;
mod error;
mod file;
mod limiter;
mod pages;
mod password;
mod range;
mod server;
mod session;
mod store;

pub use certificate::CertificateError;
pub use password::PasswordError;

use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use base::Secret;
use daemon::Daemon;
use password::Password;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Largest form that is taken.
const LARGEST_FORM: usize = 8 * 1024;

/// The command line's word.
#[derive(Clone, Debug)]
pub struct Options {
    /// In front of every path.
    pub root: PathBuf,
    /// Another file than `<root>/etc/fundline/fundline.toml`.
    pub config: Option<PathBuf>,
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration cannot be read.
    #[error("{}: {source}; docs/fundline.example.toml shows the whole file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The configuration has faults, one a line.
    #[error("{0}")]
    Config(String),
    /// The folder for certificate and password cannot be made.
    #[error("{}: {source}; check the disk and the folder's owner", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// There is no TLS.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The address is taken or not the box's.
    #[error("{address}: {source}; see [web] listen in fundline.toml, or end the program that holds the port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
    /// The task that makes the first password died.
    #[error("the first password could not be made")]
    NoPassword,
}

/// A server that listens.
pub struct Server {
    address: SocketAddr,
    listener: TcpListener,
    tls: TlsAcceptor,
    router: Router,
    first: JoinHandle<Result<(), PasswordError>>,
}

/// Listens, and makes certificate and password where the box has none; `announce` is given the first password, once.
pub async fn start(options: Options, announce: impl FnOnce(&Secret) + Send + 'static) -> Result<Server, StartError> {
    // Somebody else of this process may have chosen already; all choose ring.
    drop(rustls::crypto::ring::default_provider().install_default());
    let listen = listen_address(&options)?;
    let data = options.root.join("var/lib/fundline");
    let own = data.join("web");
    file::make_private_folder(&own).map_err(|source| StartError::Folder { path: own.clone(), source })?;
    let tls = TlsAcceptor::from(certificate::server_config(&own)?);
    let listener = TcpListener::bind(listen).await.map_err(|source| StartError::Listen { address: listen, source })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { address: listen, source })?;

    let known = Password::open(own.join("password"))?.map(Arc::new);
    let (password, passwords) = watch::channel(known);
    // Hashing takes longer than all the rest of the start; the sign-in page is served meanwhile.
    let first = tokio::task::spawn_blocking(move || make_first(&own.join("password"), &password, announce));
    let daemon = Daemon::follow(options.root.join("run/fundline").join(ipc::sockets::WEB));
    let app = Arc::new(App::new(daemon, data.join("fundline.db"), data.join("recordings"), passwords));
    Ok(Server { address, listener, tls, router: router(app), first })
}

impl Server {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until it cannot go on.
    pub async fn run(self) -> Result<(), StartError> {
        tracing::info!(address = %self.address, "the page is served");
        let serving = tokio::spawn(server::serve(self.listener, self.tls, self.router));
        self.first.await.map_err(|_| StartError::NoPassword)??;
        // It never ends by itself.
        drop(serving.await);
        Ok(())
    }
}

fn make_first(
    path: &Path,
    password: &watch::Sender<Option<Arc<Password>>>,
    announce: impl FnOnce(&Secret),
) -> Result<(), PasswordError> {
    if password.borrow().is_none() {
        let (made, first) = Password::first(path.to_owned())?;
        password.send_replace(Some(Arc::new(made)));
        announce(&first);
    }
    Ok(())
}

fn listen_address(options: &Options) -> Result<SocketAddr, StartError> {
    let path = options.config.clone().unwrap_or_else(|| options.root.join("etc/fundline/fundline.toml"));
    let text =
        std::fs::read_to_string(&path).map_err(|source| StartError::Unreadable { path: path.clone(), source })?;
    match config::parse(&path.display().to_string(), &text) {
        Ok(config) => Ok(config.web.listen),
        Err(problems) => {
            Err(StartError::Config(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        }
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/assets/{name}", get(pages::asset))
        .route("/icon.svg", get(pages::icon))
        .merge(api::routes())
        .fallback(pages::nothing)
        .layer(from_fn_with_state(Arc::clone(&app), app::own_origin))
        .layer(from_fn(pages::with_headers))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(app)
}

#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod web_tests;
