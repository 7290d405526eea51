//! `fundlined --root DIR [--config FILE] [--check]`.

use clap::Parser;
use fundlined::paths::Root;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Threads that read prompts beside the loop.
const READERS: usize = 4;

/// The main process of a Fundline box.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Folder that stands for `/`.
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
    /// Configuration, in place of etc/fundline/fundline.toml below the root.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read the configuration, tell its faults, and end.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let root = Root::new(&arguments.root);
    let file = arguments.config.clone().unwrap_or_else(|| root.config());
    let config = match read(&file) {
        Ok(config) => config,
        Err(faults) => {
            faults.iter().for_each(|fault| say(&mut std::io::stderr(), fault));
            return ExitCode::from(2);
        }
    };
    if arguments.check {
        say(&mut std::io::stdout(), &format!("{}: good", file.display()));
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(READERS).build();
    let outcome = runtime.map_err(|why| format!("no runtime: {why}")).and_then(|runtime| {
        let outcome = runtime.block_on(fundlined::run::run(config, root, arguments.config.as_deref()));
        runtime.shutdown_background();
        outcome.map_err(|why| why.to_string())
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            tracing::error!("fundlined cannot run: {why}");
            ExitCode::FAILURE
        }
    }
}

fn read(file: &Path) -> Result<config::Config, Vec<String>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file)
        .map_err(|why| vec![format!("{name}:1: cannot be read ({why}); docs/fundline.example.toml shows one")])?;
    config::parse(&name, &text).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// Whoever closed our output does not want the line.
fn say(to: &mut dyn Write, line: &str) {
    let _closed = writeln!(to, "{line}");
}
