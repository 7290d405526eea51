//! `fundline-exchange`: the telephone network, and callers and telephones of it, on the command line.

use clap::{Args, Parser, Subcommand};
use exchange::network::{self, Kind, Network, Side, Span};
use exchange::report::{ActiveFault, Report, Request, SpanFaults, SpanStatus};
use exchange::{client, control};
use pseudowire::{Clock, Config, PseudowireCard, Signaling, SpanConfig};
use speech_io::Speaker;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use tokio::sync::Notify;

/// The telephone network in a program: E1 spans with PRI, scripted callers, telephones.
#[derive(Debug, Parser)]
#[command(name = "fundline-exchange", version)]
struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Be the network: keep the spans up, place and answer calls, until interrupted.
    #[command(after_help = RUN_HELP)]
    Run(Run),
    /// Place a call by a script and report what was heard. Exit code 0: all that was expected was heard; 1: not; 2: not placed.
    Call(Call),
    /// Be a telephone: answer the next call to a number by a script, and report.
    Answer(Party),
    /// Put faults on spans while calls run, or show those that are on order.
    #[command(after_help = fault_help())]
    Fault(Fault),
    /// Show the spans.
    Status {
        /// The network's control socket.
        #[arg(long, default_value = CONTROL)]
        control: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

const RUN_HELP: &str = "What a span carries (KIND):
  pri                      primary rate, as a Chinese public exchange; pri:euro-isdn, pri:qsig
  r2:cn                    MFC/R2 as in this country, on thirty channels that both ends may seize
  loopstart:cn             a channel bank of analog lines, this end the exchange's; a wrong country names all that there are
  loopstart:uk:lines=4     so many of them, in timeslots 1 to 4; 30 if nothing is said
    :number=62345601       the first line's number; the others count up
    :tones-only            a hang-up is told by tones alone, and not by half a second without battery
    :reversal              a line is reversed while a call of the box is answered

Example:
  fundline-exchange run --span 127.0.0.1:5187,127.0.0.1:5186 --span 127.0.0.1:5191,127.0.0.1:5190,loopstart:cn:lines=2";

const CONTROL: &str = "run/run/fundline/exchange.sock";

#[derive(Debug, Args)]
struct Run {
    /// A span: address that packets come in at, address of the box, and what it carries, `pri` if nothing is said. May be given several
    /// times.
    #[arg(long = "span", value_name = "LOCAL,REMOTE[,KIND]", required = true)]
    spans: Vec<SpanOption>,
    /// Where the control socket is made.
    #[arg(long, default_value = CONTROL)]
    control: PathBuf,
    /// Telephones that answer by a script: one `NUMBER SCRIPT` a line. All others ring for a second, say who they are and wait.
    #[arg(long, value_name = "FILE")]
    phones: Option<PathBuf>,
    /// What to be on the spans: the network, or a private exchange (user).
    #[arg(long, default_value = "network", value_parser = side)]
    side: Side,
    /// The chance that faults on order are drawn from: the same seed and the same calls, the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of rendered phrases; beside the control socket if not given.
    #[arg(long)]
    speech: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Call {
    #[command(flatten)]
    party: Party,
    /// Calling number; withheld if empty. Without it the script says it, or it is 13800138000.
    #[arg(long)]
    from: Option<String>,
    /// The caller's name, in ASCII, for lines that can carry one.
    #[arg(long)]
    name: Option<String>,
    /// The span to use, from 0. Without it, the line whose number is called, or else a span with a D-channel.
    #[arg(long)]
    span: Option<usize>,
    /// The line to use: a timeslot of the span.
    #[arg(long, requires = "span")]
    line: Option<u8>,
    /// Send the called number digit by digit.
    #[arg(long)]
    overlap: bool,
}

#[derive(Debug, Args)]
struct Party {
    /// The number that is called.
    #[arg(long)]
    to: String,
    /// The script; its language is in the README of the exchange.
    #[arg(long)]
    script: PathBuf,
    /// A value for ${NAME} in the script.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    values: Vec<(String, String)>,
    /// Where to write what was heard: WAV, 16-bit PCM, mono, 8 kHz.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Report as one line of JSON.
    #[arg(long)]
    json: bool,
    /// The network's control socket.
    #[arg(long, default_value = CONTROL)]
    control: PathBuf,
}

#[derive(Debug, Args)]
struct Fault {
    /// The span, from 0, or `all`. Without it, what is on order is shown.
    span: Option<FaultySpans>,
    /// What goes wrong: a fault of the list below, then `to-box` or `from-box` where one way alone is to suffer, then `for 10s` where it
    /// is to end by itself.
    #[arg(value_name = "FAULT", allow_negative_numbers = true, requires = "span")]
    fault: Vec<String>,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// The network's control socket.
    #[arg(long, default_value = CONTROL)]
    control: PathBuf,
}

fn fault_help() -> String {
    let kinds = exchange::faults::KINDS.replace('\n', "\n  ");
    format!(
        "Faults:\n  {kinds}\n\nExamples:\n  fundline-exchange fault 0 lost-frames 5% for 10s\n  \
         fundline-exchange fault all d-channel flap 5s 2s\n  fundline-exchange fault 1 noise -35 to-box\n  \
         fundline-exchange fault 0 clear\n  fundline-exchange fault --json"
    )
}

#[derive(Clone, Copy, Debug)]
enum FaultySpans {
    All,
    One(usize),
}

impl FromStr for FaultySpans {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            number => number.parse().map(Self::One).map_err(|_| "a span's number, from 0, or `all` is wanted"),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct SpanOption {
    config: SpanConfig,
    kind: Kind,
}

impl FromStr for SpanOption {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(',');
        let (Some(local), Some(remote), kind, None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(
                "two addresses with a comma between, such as 127.0.0.1:5187,127.0.0.1:5186, and what they carry \
                        if that is not pri: ,loopstart:cn"
                    .into(),
            );
        };
        let address = |part: &str| part.parse::<SocketAddr>().map_err(|error| format!("`{part}`: {error}"));
        let kind = kind.map_or(Ok(Kind::PRI), str::parse)?;
        let signaling = if kind.is_channel_associated() { Signaling::Cas } else { Signaling::DChannel };
        Ok(Self { config: SpanConfig { local: address(local)?, remote: address(remote)?, signaling }, kind })
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is wanted")?;
    Ok((name.into(), value.into()))
}

fn side(text: &str) -> Result<Side, String> {
    match text {
        "network" => Ok(Side::Network),
        "user" => Ok(Side::User),
        _ => Err("network or user is wanted".into()),
    }
}

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    match Options::parse().what {
        What::Run(run) => serve(&run),
        What::Call(Call { party, from, name, span, line, overlap }) => {
            let values = party.values.clone();
            act(party, |to, script, out| Request::Call { to, from, name, span, line, script, values, out, overlap })
        }
        What::Answer(party) => {
            let values = party.values.clone();
            act(party, |to, script, out| Request::Answer { to, script, values, out })
        }
        What::Fault(fault) => order_fault(&fault),
        What::Status { control, json } => status(&control, json),
    }
}

fn fail(what: impl std::fmt::Display) -> ExitCode {
    tracing::error!("{what}");
    ExitCode::from(2)
}

fn serve(run: &Run) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(error),
    };
    runtime.block_on(async {
        let woken = Arc::new(Notify::new());
        let notify = Arc::clone(&woken);
        let spans = run.spans.iter().map(|span| span.config).collect();
        let config = Config { spans, packet_ms: 5, rtp: None, clock: Clock::Own };
        let halves = match PseudowireCard::start(&config, Arc::new(move || notify.notify_one())) {
            Ok(halves) => halves,
            Err(error) => return fail(error),
        };
        let seeds = (0..).map(|number| run.seed.wrapping_add(number));
        let spans = halves.into_iter().zip(&run.spans).zip(seeds);
        let spans = spans.map(|(((audio, data), option), seed)| Span::new(option.kind, run.side, audio, data, seed));
        let commands = match Network::start(
            spans.collect(),
            network::Options { realtime: true, ..network::Options::default() },
            woken,
        ) {
            Ok(commands) => commands,
            Err(error) => return fail(error),
        };
        let beside = || run.control.parent().unwrap_or(Path::new(".")).join("exchange-speech");
        let speaker = Speaker::new(&run.speech.clone().unwrap_or_else(beside), None);
        if let Err(why) = control::install(&commands, &speaker, run.phones.as_deref()).await {
            return fail(why);
        }
        tokio::select! {
            served = control::serve(&run.control, commands, speaker) => match served {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(format!("{}: {error}", run.control.display())),
            },
            () = interrupted() => {
                // The next run makes it anew.
                let _ = std::fs::remove_file(&run.control);
                ExitCode::SUCCESS
            }
        }
    })
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        // Without a handler the default stands: the signal ends the process.
        Err(_) => std::future::pending().await,
    }
}

fn act(party: Party, request: impl FnOnce(String, String, Option<String>) -> Request) -> ExitCode {
    let script = match std::fs::read_to_string(&party.script) {
        Ok(script) => script,
        Err(error) => return fail(format!("{}: {error}", party.script.display())),
    };
    let out = match party.out.as_deref().map(std::path::absolute).transpose() {
        Ok(out) => out.map(|out| out.display().to_string()),
        Err(error) => return fail(error),
    };
    let request = request(party.to, script, out);
    let json = party.json;
    let registered = || {
        if json {
            print_line("{\"registered\":true}");
        }
    };
    match client::order(&party.control, &request, registered) {
        Ok(report) => {
            show(&report, json);
            if report.satisfied { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => fail(error),
    }
}

fn show(report: &Report, json: bool) {
    if json {
        return print_line(&serde_json::to_string(report).unwrap_or_default());
    }
    for step in &report.steps {
        let verdict = if step.ok { "ok" } else { "NOT" };
        let worst = step.phrases.iter().map(|phrase| phrase.score).reduce(f32::min);
        let score = worst.map(|score| format!("  ({score:.2})")).unwrap_or_default();
        print_line(&format!("{:>7.2} s  {verdict:<3}  {}{score}", step.at_ms as f64 / 1000.0, step.text));
    }
    let fault = report.fault.as_deref().map(|fault| format!(": {fault}")).unwrap_or_default();
    print_line(&format!("{:>7.2} s  ended{fault}", report.ended_ms as f64 / 1000.0));
}

fn status(control: &Path, json: bool) -> ExitCode {
    match client::status(control) {
        Ok(spans) if json => print_line(&serde_json::to_string(&spans).unwrap_or_default()),
        Ok(spans) => {
            for (number, span) in spans.iter().enumerate() {
                let SpanStatus { signaling, link, busy, channels } = span;
                print_line(&format!("span {number}: {signaling}, {link}, {busy} of {channels} channels in use"));
            }
        }
        Err(error) => return fail(error),
    }
    ExitCode::SUCCESS
}

fn order_fault(wanted: &Fault) -> ExitCode {
    let request = match wanted.span {
        None => Request::Faults,
        Some(spans) => {
            let span = match spans {
                FaultySpans::All => None,
                FaultySpans::One(number) => Some(number),
            };
            Request::Fault { span, fault: wanted.fault.join(" ") }
        }
    };
    match client::faults(&wanted.control, &request) {
        Ok(spans) if wanted.json => print_line(&serde_json::to_string(&spans).unwrap_or_default()),
        Ok(spans) => spans.iter().enumerate().for_each(|(number, span)| show_faults(number, span)),
        Err(error) => return fail(error),
    }
    ExitCode::SUCCESS
}

fn show_faults(number: usize, span: &SpanFaults) {
    let left = |left: u64| format!(", {} s left", left.div_ceil(1000));
    let shown = |active: &ActiveFault| format!("{}{}", active.fault, active.left_ms.map(left).unwrap_or_default());
    let active: Vec<String> = span.active.iter().map(shown).collect();
    let active = if active.is_empty() { "no fault".into() } else { active.join("; ") };
    let counts = [
        (span.frames_lost, "frames lost"),
        (span.frames_spoilt, "frames spoilt"),
        (span.frames_doubled, "frames doubled"),
        (span.bits_turned, "bits turned"),
        (span.blocks_lost, "blocks lost"),
        (span.slips, "samples slipped"),
        (span.signaling_bounced, "changes of bits bounced"),
        (span.signaling_stuck, "changes of bits kept back"),
        (span.glares, "calls met"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
    print_line(&format!("span {number}: {active}{}", counts.collect::<String>()));
}

fn print_line(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody reading is no reason to fail.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
