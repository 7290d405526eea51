//! `fundline-web`: the page as a process of its own.

use base::Secret;
use clap::Parser;
use fundline_web::{Options, StartError};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The box's page: HTTPS, sign-in, live state and call list.
#[derive(Debug, Parser)]
#[command(name = "fundline-web", version)]
struct Arguments {
    /// In front of every path: etc/fundline, var/lib/fundline, run/fundline.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Another file than DIR/etc/fundline/fundline.toml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    // The page of a box whose main process is gone would be served by nobody's leave.
    if let Err(error) = set_pdeathsig(Signal::SIGTERM) {
        tracing::warn!(%error, "this process will not end with its parent");
    }
    match run(Options { root: arguments.root, config: arguments.config }).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), StartError> {
    let server = fundline_web::start(options, announce).await?;
    tokio::select! {
        ended = server.run() => ended,
        () = terminated() => Ok(()),
    }
}

/// Says the first password this once; only its hash is kept.
fn announce(first: &Secret) {
    let mut out = std::io::stdout().lock();
    // Nobody reading the terminal is no reason not to serve.
    let _ = writeln!(out, "first password for admin: {}", first.reveal());
    let _ = out.flush();
}

async fn terminated() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        },
        // The signals then end the process by themselves.
        (Err(_), _) | (_, Err(_)) => std::future::pending().await,
    }
}
