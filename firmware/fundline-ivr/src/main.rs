//! `fundline-ivr`: the process that runs the VoiceXML applications.

use clap::Parser;
use fund_io::FundSystem;
use fundline_ivr::apps::{AppServer, Apps};
use fundline_ivr::{Fetcher, Prompter, Services, Settings, link, prerender};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use speech_io::Speaker;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::net::TcpListener;
use vxml::Limits;

/// Runs the box's VoiceXML applications: sessions of callers, speech, and the application server.
#[derive(Debug, Parser)]
#[command(name = "fundline-ivr", version)]
struct Options {
    /// Folder below which everything is.
    #[arg(long, default_value = "/")]
    root: PathBuf,
    /// The configuration, if not etc/fundline/fundline.toml below the root.
    #[arg(long)]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Colours are for a terminal, not for a file.
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
    // `fundlined` starts this process and tells it what to do: without it there is nothing to do.
    if let Err(error) = set_pdeathsig(Signal::SIGTERM) {
        tracing::warn!(%error, "this process will not end with fundlined");
    }
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::read(&options.root, options.config.as_deref())?;
    let fund = settings.fund.as_deref().map(FundSystem::new).transpose()?;
    if fund.is_none() {
        tracing::warn!("no fund system is configured: set `fund` under [ivr]");
    }
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}; set `listen` under [ivr]", settings.listen))?;
    let apps = Apps::new(&settings.apps);
    let speaker = Speaker::new(&settings.speech, Some(&settings.recorded));
    let limits = Limits::default();
    let fetcher = Fetcher::new(limits.document_size)?;
    let services = Services { prompter: Prompter::new(speaker.clone(), fetcher.clone()), fetcher, limits };
    tokio::spawn(prerender::run(apps.clone(), speaker));
    tracing::info!(listen = %settings.listen, "the application server answers");
    tokio::select! {
        served = AppServer::new(apps, fund).serve(listener) => served?,
        () = link::keep(&settings.socket, &services) => {}
        signal = terminated() => signal?,
    }
    Ok(())
}

async fn terminated() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        told = tokio::signal::ctrl_c() => told,
    }
}
