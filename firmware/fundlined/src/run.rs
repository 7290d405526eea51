//! The box put together and run.

use crate::core::{Core, Kept, Settings, SpanSettings, TapMode, TapSettings};
use crate::daemon::{Clock, Daemon, INBOX, News, report};
use crate::paths::Root;
use crate::recorder::{Slots, Tap};
use crate::supervise::{Program, supervise};
use crate::{cards, clips, server};
use base::IdSource;
use call::{Model, Recordings};
use config::{Config, Dtmf, EchoCanceller, RecordingFormat};
use ipc::sockets;
use ipc::web::{Process, Snapshot};
use media::{DtmfProfile, EchoTail};
use media_io::Options;
use ports::span::BEARERS;
use records_io::{Format, RecordingSink, RecordingWriter, Store, repair_all};
use rtrb::Producer;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinHandle;

/// Blocks that wait for the writer of recordings: two seconds of all channels of a span, and no less for one.
const BLOCKS_A_SPAN: usize = 200 * BEARERS;
/// News of servers and processes that wait for the loop.
const NEWS: usize = 256;
/// The other processes, in the order of the snapshot.
const PROCESSES: [&str; 2] = ["fundline-ivr", "fundline-web"];

/// Why the box cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A folder or socket below the root.
    #[error("{path}: {source}; check that it may be written and that no other fundlined uses this root")]
    Path {
        /// Where.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The store.
    #[error("{path}: {source}")]
    Store {
        /// Its file.
        path: PathBuf,
        /// What is wrong with it.
        source: records_io::OpenError,
    },
    /// A span's card.
    #[error("{0}")]
    Card(#[from] cards::CardError),
    /// Threads, timers and signals.
    #[error("{what}: {source}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// The system's word.
        source: std::io::Error,
    },
}

fn system(what: &'static str) -> impl FnOnce(std::io::Error) -> RunError {
    move |source| RunError::System { what, source }
}

/// Runs the box until it is asked to stop by SIGTERM or SIGINT. `config_file` is handed on to the other processes.
pub async fn run(config: Config, root: Root, config_file: Option<&Path>) -> Result<(), RunError> {
    let clock = Clock::new();
    let (answers, inbox) = mpsc::channel(INBOX);
    // Pages and applications take longest to be up: they are started first.
    let (events, _) = broadcast::channel(server::WEB_QUEUE);
    let (snapshots, newest) = watch::channel(Snapshot::default());
    let (lines, tests) = watch::channel(Vec::new());
    let shown = server::Shown { snapshots: newest, lines: tests, events: events.clone() };
    serve(&root, &answers, &shown)?;
    let (stop, stopped) = watch::channel(false);
    let children = start_children(&root, config_file, &answers, &stopped);
    stop_on_signals(&answers)?;
    // They start here, before anything that waits for the disk.
    tokio::task::yield_now().await;

    let path = root.store();
    let store = Store::open(&path, clock.at().wall).map_err(|source| RunError::Store { path, source })?;
    let store = Arc::new(store);
    let wake = Arc::new(Notify::new());
    let notify: Arc<dyn Fn() + Send + Sync> = {
        let wake = Arc::clone(&wake);
        Arc::new(move || wake.notify_one())
    };
    let (audio, links) = cards::open(&config, &root, &notify)?.into_iter().unzip();
    let slots = Slots::new(config.spans.len() * BEARERS);
    let (mut tap, sinks) = Tap::new(slots.clone(), config.taps.len());
    let recorded = Box::new(move |block: &media::RecordedBlock| tap.recorded(block));
    let options = Options { realtime: true, dtmf: dtmf(config.dtmf) };
    let engine = media_io::start(audio, options, recorded, notify).map_err(system("engine"))?;
    let format = match config.recording.format {
        RecordingFormat::Wav => Format::Wav,
        RecordingFormat::Opus => Format::Opus,
    };
    start_writer(root.recordings(), format, config.spans.len(), &store, &answers, sinks)?;

    let mut daemon = Daemon {
        clock,
        core: core(&config, &store, clock),
        links,
        engine,
        unsent: VecDeque::new(),
        store,
        clips: Arc::new(clips::Clips::new(clips::KEPT)),
        slots,
        writer: None,
        inbox,
        answers,
        wake,
        ivr: None,
        processes: PROCESSES.map(|name| Process { name: name.into(), up: false, restarts: 0 }).into(),
        snapshots,
        lines,
        events,
        shown: None,
        processes_changed: true,
        pruned: std::time::Instant::now(),
        stop_by: None,
    };
    daemon.run().await;

    stop.send_replace(true);
    for child in children {
        drop(child.await);
    }
    // Engine, then writer, then store: each gives the next what it still has.
    let Daemon { engine, writer, store, .. } = daemon;
    drop(engine);
    drop(writer);
    drop(store);
    tracing::info!("stopped");
    Ok(())
}

fn dtmf(asked: Dtmf) -> DtmfProfile {
    match asked {
        Dtmf::Att => DtmfProfile::ATT,
        Dtmf::Ntt => DtmfProfile::NTT,
        Dtmf::China => DtmfProfile::CHINA,
    }
}

fn core(config: &Config, store: &Store, clock: Clock) -> Core {
    let start = store.start();
    if !start.interrupted.is_empty() {
        tracing::warn!(calls = start.interrupted.len(), "calls of the last run were closed as interrupted");
    }
    let recordings = if config.recording.enabled { Recordings::Made } else { Recordings::NotMade };
    let ids = IdSource::new(start.box_id, start.boot);
    let model = Model::new(config.plan.clone(), ids, start.next_event).with_recordings(recordings);
    let span = |span: &config::Span| SpanSettings {
        name: span.name.clone(),
        card: cards::name(span.card),
        protocol: span.protocol(),
        lines: span.line_names().map(|(channel, name)| (channel, name.to_owned())).collect(),
        echo: match span.echo_canceller {
            EchoCanceller::Off => None,
            EchoCanceller::Ms32 => Some(EchoTail::Ms32),
            EchoCanceller::Ms128 => Some(EchoTail::Ms128),
        },
    };
    let settings = Settings {
        name: config.name.clone(),
        started: clock.at().wall,
        spans: config.spans.iter().map(span).collect(),
        trunks: config.trunks.clone(),
        kept: Kept { learned: start.learned.clone(), blocked: start.blocked.clone() },
    };
    let code = config.recording.pause_key.as_ref().and_then(|code| code.get_ref().parse().ok());
    Core::new(settings, model).with_pause_key(code.unwrap_or_default()).with_taps(config.taps.iter().map(tap).collect())
}

fn tap(tap: &config::Tap) -> TapSettings {
    let mode = match tap.recording {
        config::TapRecording::Always => TapMode::Always,
        config::TapRecording::Voice { silence } => TapMode::Voice { silence },
    };
    TapSettings { span: tap.span, timeslot: tap.channel, name: tap.name.clone(), mode, longest: tap.longest }
}

fn serve(root: &Root, answers: &mpsc::Sender<News>, shown: &server::Shown) -> Result<(), RunError> {
    let listen = |name: &str| {
        let path = root.sockets().join(name);
        server::listen(&path).map_err(|source| RunError::Path { path, source })
    };
    let (tell, news) = mpsc::channel(NEWS);
    tokio::spawn(server::serve_ivr(listen(sockets::IVR)?, tell.clone()));
    for (name, who) in [(sockets::WEB, server::Watcher::Page), (sockets::CTL, server::Watcher::Ctl)] {
        tokio::spawn(server::serve_web(listen(name)?, who, tell.clone(), shown.clone()));
    }
    forward(news, answers.clone(), News::Server);
    Ok(())
}

fn start_children(
    root: &Root,
    config_file: Option<&Path>,
    answers: &mpsc::Sender<News>,
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let (tell, news) = mpsc::channel(NEWS);
    forward(news, answers.clone(), |(index, news)| News::Process(index, news));
    let beside = std::env::current_exe().ok().and_then(|own| own.parent().map(Path::to_owned)).unwrap_or_default();
    let mut arguments = vec!["--root".into(), root.folder().into()];
    if let Some(file) = config_file {
        arguments.extend(["--config".into(), file.into()]);
    }
    let program = |name| Program { name, path: beside.join(name), arguments: arguments.clone() };
    let start = |(index, name)| tokio::spawn(supervise(program(name), index, tell.clone(), stopped.clone()));
    PROCESSES.into_iter().enumerate().map(start).collect()
}

fn forward<T: Send + 'static>(
    mut from: mpsc::Receiver<T>,
    to: mpsc::Sender<News>,
    name: impl Fn(T) -> News + Send + 'static,
) {
    tokio::spawn(async move {
        while let Some(news) = from.recv().await {
            if to.send(name(news)).await.is_err() {
                return;
            }
        }
    });
}

fn stop_on_signals(answers: &mpsc::Sender<News>) -> Result<(), RunError> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let (mut signal, answers) = (signal(kind).map_err(system("signals"))?, answers.clone());
        tokio::spawn(async move {
            if signal.recv().await.is_some() {
                drop(answers.send(News::Stop).await);
            }
        });
    }
    Ok(())
}

/// Repairs what a crash left, then starts the writer of recordings: beside the start of the rest, for there may be much to look at.
fn start_writer(
    folder: PathBuf,
    format: Format,
    spans: usize,
    store: &Arc<Store>,
    answers: &mpsc::Sender<News>,
    mut sinks: Producer<RecordingSink>,
) -> Result<(), RunError> {
    let (store, answers) = (Arc::clone(store), answers.clone());
    let begin = move || {
        let repaired = repair_all(&folder);
        if !repaired.is_empty() {
            tracing::warn!(recordings = repaired.len(), "recordings of the last run were cut off; they are closed");
            store.submit(repaired.into_iter().map(Into::into).collect(), |_| {});
        }
        let told = answers.clone();
        let blocks = BLOCKS_A_SPAN * spans.max(1);
        match RecordingWriter::start_with(folder, format, blocks, move |news| report(&store, &told, news)) {
            Ok((sink, writer)) => {
                drop(sinks.push(sink));
                drop(answers.blocking_send(News::Writer(writer)));
            }
            Err(why) => tracing::error!("calls are not recorded: the writer's thread cannot be started ({why})"),
        }
    };
    std::thread::Builder::new().name("repair".into()).spawn(begin).map(drop).map_err(system("thread"))
}
