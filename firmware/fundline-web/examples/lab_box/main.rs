//! Plays the main process for the page: a filled store, and a box with calls on `web.sock`. The browser tests drive it.
//!
//! `lab_box --root DIR --listen ADDR` lays down a configuration and a store, says `ready CALL RECORDING`, then obeys a line of standard
//! input each: `ring NUMBER`, `answer`, `step NAME`, `bridge NUMBER`, `hangup`, `loss SPAN`, `clear SPAN`, `away`, `back`. It says `ok`.

mod fill;
mod scene;

use base::WallTime;
use clap::Parser;
use ipc::stream::split;
use ipc::web::{FromWeb, ToWeb};
use scene::Scene;
use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
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
    let mut page = Page::open(&socket, &told, &scene)?;
    say(&ready)?;

    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        match line.as_str() {
            "away" => page.close(),
            "back" => page = Page::open(&socket, &told, &scene)?,
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
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
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

/// The socket while the main process is there.
struct Page {
    tasks: JoinSet<()>,
    first: tokio::sync::watch::Sender<ToWeb>,
}

impl Page {
    fn open(socket: &Path, told: &broadcast::Sender<ToWeb>, scene: &Scene) -> std::io::Result<Self> {
        match std::fs::remove_file(socket) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(socket)?;
        let first = tokio::sync::watch::Sender::new(ToWeb::Snapshot(scene.snapshot()));
        let (told, latest) = (told.clone(), first.subscribe());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut pages = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let first = latest.borrow().clone();
                pages.spawn(serve(stream, first, told.subscribe()));
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
async fn serve(stream: UnixStream, first: ToWeb, mut told: broadcast::Receiver<ToWeb>) {
    let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
    for message in [ToWeb::Hello { protocol: ipc::PROTOCOL }, first] {
        if sender.send(&message).await.is_err() {
            return;
        }
    }
    loop {
        tokio::select! {
            message = receiver.receive() => match message {
                Ok(Some(FromWeb::Hello { .. })) => {}
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
