//! `fundline-fundsim`: the fund system as a program of its own.

use clap::Parser;
use fundsim::Config;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// A fund company's system with generated data, over HTTP/JSON.
#[derive(Debug, Parser)]
#[command(name = "fundline-fundsim", version)]
struct Options {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Folder of database and key; made if missing.
    #[arg(long)]
    data: PathBuf,
    /// Start of the generated figures; drawn if not given.
    #[arg(long)]
    seed: Option<u64>,
    /// Throw away what the folder holds and draw new data.
    #[arg(long)]
    fresh: bool,
    /// Serve the laboratory's paths too: accounts with a given PIN, counters, resets.
    #[arg(long)]
    lab: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Colours are for a terminal, not for a file.
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
    let options = Options::parse();
    let config = Config {
        seed: options.seed,
        fresh: options.fresh,
        lab: options.lab,
        ..Config::new(options.listen, &options.data)
    };
    let running = match fundsim::start(config).await {
        Ok(running) => running,
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::FAILURE;
        }
    };
    announce(&running);
    // Without a handler for the signal the process would just go on until it is killed.
    if let Err(error) = interrupted().await {
        tracing::error!(%error, "cannot wait for signals");
        return ExitCode::FAILURE;
    }
    running.stop().await;
    ExitCode::SUCCESS
}

/// Says where it answers, and the demonstration account's PIN the one time that it is known.
fn announce(running: &fundsim::Running) {
    let mut out = std::io::stdout().lock();
    // Nobody reading the terminal is no reason not to serve.
    let _ = writeln!(out, "fund system on http://{}/v1/funds", running.addr());
    if let Some(demo) = running.demo() {
        let _ = writeln!(out, "demonstration account {} PIN {} (shown this once)", demo.account, demo.pin.reveal());
    }
    let _ = out.flush();
}

async fn interrupted() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        told = tokio::signal::ctrl_c() => told,
    }
}
