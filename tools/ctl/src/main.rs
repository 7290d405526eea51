//! `fundlinectl`: what the box does now, and what is wrong with its lines, from a terminal.
//!
//! It speaks with `fundlined` on `run/fundline/ctl.sock`, which only the box's own user and root may open. Sentences come from the box in both
//! languages; `--lang`, or the terminal's, chooses. Results go to standard output, progress to standard error.

mod client;
mod exit;
mod recording;
mod service;
mod show;
mod status;
mod words;

use clap::{Parser, Subcommand};
use client::{Client, Failure};
use exit::Exit;
use ipc::lines::Line;
use ipc::web::Service;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use words::Language;

const EXAMPLES: &str = "\
Examples:
  fundlinectl status                     spans, D-channels and calls now
  fundlinectl line list                  the lines that can be tested, and what their last test said
  fundlinectl line test span1            one span: 10 s, calls are not disturbed
  fundlinectl line test bank/5 bank/6    two analog lines: seized if free, up to 20 s each
  fundlinectl channel block span1/5      keep a channel from new calls; `unblock` gives it back
  fundlinectl recording verify all       every recording against its chain of hashes and the store
  fundlinectl recording verify /media/usb/0123…ef.wav   a copy, with its .chain beside it; no box is needed
  fundlinectl line test all --json       every line, for a program
  fundlinectl --root ./run line test all --lang zh    the box that `make run` has started, in Chinese

Exit codes:
  0   everything is good
  1   the worst is a warning: parts of a recording were lost, or a power cut ended it
  2   the worst is a fault: a recording is not what was written
  64  the command line is wrong, or names no line or recording of the box
  66  a recording cannot be read
  69  fundlined does not answer
  75  a test did not end in time
  76  fundlined is of another build
  77  this user may not ask it";

/// What the box does now, and what is wrong with its lines.
#[derive(Debug, Parser)]
#[command(name = "fundlinectl", version, after_help = EXAMPLES)]
struct Arguments {
    /// Folder that stands for `/`.
    #[arg(long, value_name = "DIR", default_value = "/", global = true)]
    root: PathBuf,
    /// Language: zh or en. The terminal's (LC_ALL, LC_MESSAGES, LANG) if not given.
    #[arg(long, value_name = "zh|en", global = true)]
    lang: Option<Language>,
    /// Print JSON, as docs/api.md describes it.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Spans, D-channels and calls now.
    Status,
    /// Lines and their tests.
    #[command(subcommand, after_help = EXAMPLES)]
    Line(LineCommand),
    /// Recordings and their proof.
    #[command(subcommand, after_help = EXAMPLES)]
    Recording(RecordingCommand),
    /// Channels and their service.
    #[command(subcommand, after_help = EXAMPLES)]
    Channel(ChannelCommand),
}

#[derive(Debug, Subcommand)]
enum RecordingCommand {
    /// Check recordings second by second against their chains; needs no running box.
    Verify {
        /// A file (its .chain beside it), a recording's id, several of them, or "all".
        #[arg(value_name = "FILE|ID|all", required = true)]
        recordings: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum ChannelCommand {
    /// Take channels out of service, until they are unblocked. A call on one goes on.
    Block {
        /// A channel ("span1/5") or a whole span ("span1").
        #[arg(value_name = "CHANNEL", required = true)]
        channels: Vec<String>,
    },
    /// Put channels back into service.
    Unblock {
        /// A channel ("span1/5") or a whole span ("span1").
        #[arg(value_name = "CHANNEL", required = true)]
        channels: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum LineCommand {
    /// The lines that can be tested, and what their last test said.
    List,
    /// Test lines and say what is wrong and what to do. A line in use is not touched.
    Test {
        /// A span ("span1"), a line ("bank/5"), several of them, or "all".
        #[arg(value_name = "PORT", required = true)]
        ports: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version are no faults.
        Err(told) => {
            drop(told.print());
            return if told.use_stderr() { Exit::Usage.into() } else { Exit::Good.into() };
        }
    };
    let language = arguments.lang.unwrap_or_else(Language::of_terminal);
    if let Command::Recording(RecordingCommand::Verify { recordings }) = &arguments.command {
        return match recording::verify(&arguments.root, recordings) {
            Ok(checked) => {
                print(&if arguments.json { show::json(&checked) } else { recording::text(&checked, language) });
                recording::exit(&checked).into()
            }
            Err(stranger) => {
                progress(&recording::unknown(&stranger, &arguments.root, language));
                Exit::Usage.into()
            }
        };
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => return complain(language, &Failure::Socket(why), &arguments.root),
    };
    match runtime.block_on(run(&arguments, language)) {
        Ok(exit) => exit.into(),
        Err(why) => complain(language, &why, &arguments.root),
    }
}

async fn run(arguments: &Arguments, language: Language) -> Result<Exit, Failure> {
    let mut client = Client::connect(&arguments.root).await?;
    match &arguments.command {
        Command::Status => {
            let snapshot = client.snapshot().await?;
            print(&if arguments.json { show::json(&snapshot) } else { status::text(&snapshot, language) });
            Ok(status::exit(&snapshot))
        }
        Command::Line(LineCommand::List) => {
            let lines = client.lines().await?;
            print(&if arguments.json { show::json(&lines) } else { show::list(&lines, language) });
            Ok(Exit::Good)
        }
        // Needs no box: answered before.
        Command::Recording(_) => Ok(Exit::Good),
        Command::Channel(command) => {
            let (channels, wanted) = match command {
                ChannelCommand::Block { channels } => (channels, Service::Out),
                ChannelCommand::Unblock { channels } => (channels, Service::In),
            };
            let states = service::set(&mut client, channels, wanted).await?;
            print(&if arguments.json { show::json(&states) } else { service::text(&states, language) });
            Ok(Exit::Good)
        }
        Command::Line(LineCommand::Test { ports }) => {
            let tested = test(&mut client, ports, language).await?;
            print(&if arguments.json { show::json(&tested) } else { show::report(&tested, language) });
            Ok(exit::of(&tested))
        }
    }
}

/// Has the lines tested, tells how it goes, and gives them back with their verdicts.
async fn test(client: &mut Client, ports: &[String], language: Language) -> Result<Vec<Line>, Failure> {
    let all = client.lines().await?;
    let wanted: Vec<String> = if ports.iter().any(|port| port == "all") {
        all.iter().map(|line| line.name.clone()).collect()
    } else {
        ports.to_vec()
    };
    if let Some(stranger) = wanted.iter().find(|port| !all.iter().any(|line| line.name == **port)) {
        let known = all.iter().map(|line| line.name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Failure::NoSuchLine { port: stranger.clone(), known });
    }
    let mut told = Vec::new();
    client
        .test(&wanted, |line| {
            let news = (line.name.clone(), line.step);
            if line.step.is_some() && !told.contains(&news) {
                progress(&show::progress(line, language));
                told.push(news);
            }
        })
        .await
}

/// A line of progress; whoever closed our output does not want it.
fn progress(text: &str) {
    let mut err = std::io::stderr().lock();
    let faint = if err.is_terminal() { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    let _closed = writeln!(err, "{}{text}{}", faint.0, faint.1);
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _closed = writeln!(out, "{text}");
}

fn complain(language: Language, why: &Failure, root: &std::path::Path) -> ExitCode {
    let _closed = writeln!(std::io::stderr(), "fundlinectl: {}", words::failure(why, root, language));
    why.exit().into()
}
