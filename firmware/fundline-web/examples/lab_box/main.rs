//! Plays the main process for the page: a filled store, and a box with calls on `web.sock`. The browser tests drive it.
//!
//! `lab_box --root DIR --listen ADDR` lays down a configuration and a store, says `ready CALL RECORDING`, then obeys a line of standard
//! input each: `ring NUMBER`, `answer`, `step NAME`, `bridge NUMBER`, `hangup`, `loss SPAN`, `clear SPAN`, `away`, `back`. It says `ok`.
//! A test of lines that the page orders takes it half a second.

mod fill;
mod lines;
mod scene;

use base::WallTime;
use clap::Parser;
use ipc::lines::Line;
use ipc::stream::split;
use ipc::web::{FromWeb, ToWeb};
use scene::Scene;
use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{broadcast, mpsc};
use tokio::task::JoinSet;

#[derive(Debug, Parser)]
struct Arguments {
    /// The box's folder.
    #[arg(long)]
    root: PathBuf,
    /// Where the page is to listen.
    #[arg(long)]
    listen: SocketAddr,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { root, listen } = Arguments::parse();
    configure(&root, listen)?;
    let filled = fill::fill(&root, now())?;
    let ready = format!("ready {} {}", filled.call, filled.recording);
    let mut scene = Scene::new(filled, now());
    let socket = root.join("run/fundline").join(ipc::sockets::WEB);
    let (told, _) = broadcast::channel(64);
    let tests = Arc::new(Mutex::new(lines::lines()));
    let mut page = Page::open(&socket, &told, &scene, &tests)?;
    say(&ready)?;

    let mut commands = commands();
    while let Some(line) = commands.recv().await {
        match line.as_str() {
            "away" => page.close(),
            "back" => page = Page::open(&socket, &told, &scene, &tests)?,
            command => {
                let events = scene.obey(command, now())?;
                for message in events.into_iter().map(ToWeb::Event).chain([ToWeb::Snapshot(scene.snapshot())]) {
                    // Nobody listens while the page is away.
                    drop(told.send(message));
                }
                page.latest(&scene);
            }
        }
        say("ok")?;
    }
    Ok(())
}

/// Lines of standard input, read by a thread of their own so that the socket is served meanwhile.
fn commands() -> mpsc::Receiver<String> {
    let (sender, commands) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    commands
}

fn say(word: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word}")?;
    out.flush()
}

fn now() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(since.as_millis() as u64)
}

fn configure(root: &Path, listen: SocketAddr) -> std::io::Result<()> {
    for folder in ["etc/fundline", "run/fundline", "var/lib/fundline"] {
        std::fs::create_dir_all(root.join(folder))?;
    }
    let text = format!("[box]\nname = \"{}\"\n\n[web]\nlisten = \"{listen}\"\n", scene::NAME);
    std::fs::write(root.join("etc/fundline/fundline.toml"), text)
}

type Tests = Arc<Mutex<Vec<Line>>>;

fn locked(tests: &Tests) -> MutexGuard<'_, Vec<Line>> {
    tests.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Plays a test: its steps are shown, half a second later its verdicts.
async fn test(names: Vec<String>, told: broadcast::Sender<ToWeb>, tests: Tests) {
    let begun = {
        let mut lines = locked(&tests);
        lines::begin(&mut lines, &names);
        lines.clone()
    };
    drop(told.send(ToWeb::Lines(begun)));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ended = {
        let mut lines = locked(&tests);
        lines::end(&mut lines, now().0);
        lines.clone()
    };
    drop(told.send(ToWeb::Lines(ended)));
}

/// The socket while the main process is there.
struct Page {
    tasks: JoinSet<()>,
    first: tokio::sync::watch::Sender<ToWeb>,
}

impl Page {
    fn open(socket: &Path, told: &broadcast::Sender<ToWeb>, scene: &Scene, tests: &Tests) -> std::io::Result<Self> {
        match std::fs::remove_file(socket) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(socket)?;
        let first = tokio::sync::watch::Sender::new(ToWeb::Snapshot(scene.snapshot()));
        let (told, latest, tests) = (told.clone(), first.subscribe(), Arc::clone(tests));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut pages = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let first = latest.borrow().clone();
                pages.spawn(serve(stream, first, told.clone(), Arc::clone(&tests)));
            }
        });
        Ok(Self { tasks, first })
    }

    fn latest(&self, scene: &Scene) {
        self.first.send_replace(ToWeb::Snapshot(scene.snapshot()));
    }

    fn close(&mut self) {
        self.tasks.abort_all();
    }
}

/// One page, until it closes.
async fn serve(stream: UnixStream, first: ToWeb, telling: broadcast::Sender<ToWeb>, tests: Tests) {
    let mut told = telling.subscribe();
    let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
    let lines = ToWeb::Lines(locked(&tests).clone());
    for message in [ToWeb::Hello { protocol: ipc::PROTOCOL }, lines, first] {
        if sender.send(&message).await.is_err() {
            return;
        }
    }
    loop {
        tokio::select! {
            message = receiver.receive() => match message {
                Ok(Some(FromWeb::Hello { .. } | FromWeb::Service { .. } | FromWeb::Recording { .. })) => {}
                Ok(Some(FromWeb::Test { lines })) => drop(tokio::spawn(test(lines, telling.clone(), Arc::clone(&tests)))),
                Ok(None) | Err(_) => return,
            },
            message = told.recv() => {
                let Ok(message) = message else { return };
                if sender.send(&message).await.is_err() {
                    return;
                }
            }
        }
    }
}
