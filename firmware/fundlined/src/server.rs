//! The sockets that `fundline-ivr`, `fundline-web` and `fundlinectl` connect to.

use base::CallId;
use ipc::PROTOCOL;
use ipc::ivr::{FromIvr, ToIvr};
use ipc::lines::Line;
use ipc::stream::{Receiver, Sender, split};
use ipc::web::{self, FromWeb, Snapshot, ToWeb};
use nix::sys::stat::{Mode, umask};
use std::path::Path;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::AbortHandle;

/// Messages that wait for `fundline-ivr`. When full it is taken for stuck, and its connection is closed.
pub const IVR_QUEUE: usize = 4096;
/// Events that wait for the slowest page process. When full it is taken for stuck; it reads what it missed from the store.
pub const WEB_QUEUE: usize = 1024;
/// How long a page process may take to accept a message, and any process to say hello.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the servers tell the daemon.
#[derive(Debug)]
pub enum ServerNews {
    /// `fundline-ivr` said hello. A connection before this one is over.
    IvrUp(IvrLink),
    /// It asks for something.
    Ivr {
        /// On which connection.
        connection: u64,
        /// What.
        message: FromIvr,
    },
    /// A connection ended.
    IvrDown {
        /// Which.
        connection: u64,
    },
    /// So many page processes are connected.
    Web(usize),
    /// Somebody wants these lines tested, or all of them where none is named.
    Test(Vec<String>),
    /// A user orders what a call's recording holds from now on.
    Recording {
        /// The call.
        call: CallId,
        /// What.
        state: web::RecordingState,
        /// Who.
        user: String,
    },
    /// Somebody takes these channels out of service, or puts them back.
    Service(Vec<String>, web::Service),
}

/// The way to `fundline-ivr`. Dropping it closes the connection.
#[derive(Debug)]
pub struct IvrLink {
    /// Counts the connections.
    pub connection: u64,
    outbox: mpsc::Sender<ToIvr>,
    reader: AbortHandle,
}

impl IvrLink {
    /// Queues a message; `false` when too many wait.
    pub fn send(&self, message: ToIvr) -> bool {
        self.outbox.try_send(message).is_ok()
    }
}

impl Drop for IvrLink {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Listens on a socket that only the box's own user may open.
pub fn listen(path: &Path) -> std::io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    match std::fs::remove_file(path) {
        Err(why) if why.kind() != std::io::ErrorKind::NotFound => return Err(why),
        Ok(()) | Err(_) => {}
    }
    let before = umask(Mode::from_bits_truncate(0o177));
    let listener = UnixListener::bind(path);
    umask(before);
    listener
}

/// Serves `fundline-ivr`, one connection after the other; the newest counts.
pub async fn serve_ivr(listener: UnixListener, news: mpsc::Sender<ServerNews>) {
    let mut connection = 0;
    while let Some(socket) = accept(&listener).await {
        connection += 1;
        let news = news.clone();
        tokio::spawn(async move {
            let (mut receiver, mut sender) = split::<FromIvr, ToIvr>(socket);
            let hello =
                |message: &FromIvr| if let FromIvr::Hello { protocol } = message { Some(*protocol) } else { None };
            if sender.send(&ToIvr::Hello { protocol: PROTOCOL }).await.is_ok() && greeted(&mut receiver, hello).await {
                talk_to_ivr(receiver, sender, connection, news).await;
            }
        });
    }
}

async fn talk_to_ivr(
    receiver: Receiver<FromIvr>,
    mut sender: Sender<ToIvr>,
    connection: u64,
    news: mpsc::Sender<ServerNews>,
) {
    let (outbox, mut waiting) = mpsc::channel(IVR_QUEUE);
    let reader = tokio::spawn(read_ivr(receiver, connection, news.clone()));
    let link = IvrLink { connection, outbox, reader: reader.abort_handle() };
    drop(news.send(ServerNews::IvrUp(link)).await);
    // Ends when the link is dropped, which ends the reader too, or when the socket fails.
    while let Some(message) = waiting.recv().await {
        if let Err(why) = sender.send(&message).await {
            tracing::debug!("fundline-ivr: {why}");
            break;
        }
    }
    reader.abort();
    drop(news.send(ServerNews::IvrDown { connection }).await);
}

async fn read_ivr(mut receiver: Receiver<FromIvr>, connection: u64, news: mpsc::Sender<ServerNews>) {
    loop {
        match receiver.receive().await {
            Ok(Some(message)) => drop(news.send(ServerNews::Ivr { connection, message }).await),
            Ok(None) => break,
            Err(why) => {
                tracing::warn!("fundline-ivr: {why}");
                break;
            }
        }
    }
    drop(news.send(ServerNews::IvrDown { connection }).await);
}

/// Who connects to a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watcher {
    /// `fundline-web`: that it is connected says that it runs.
    Page,
    /// `fundlinectl`, as often as somebody types it.
    Ctl,
}

impl Watcher {
    const fn name(self) -> &'static str {
        match self {
            Self::Page => "fundline-web",
            Self::Ctl => "fundlinectl",
        }
    }
}

/// What watchers are shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The newest state.
    pub snapshots: watch::Receiver<Snapshot>,
    /// The newest of the tests.
    pub lines: watch::Receiver<Vec<Line>>,
    /// Every event.
    pub events: broadcast::Sender<web::Event>,
}

/// Serves every watcher of a socket: the newest state, every event, and tests of lines on order.
pub async fn serve_web(listener: UnixListener, who: Watcher, news: mpsc::Sender<ServerNews>, shown: Shown) {
    let (count, mut counted) = watch::channel(0_usize);
    loop {
        tokio::select! {
            socket = accept(&listener) => {
                let Some(socket) = socket else { return };
                tokio::spawn(talk_to_web(socket, who, news.clone(), shown.clone(), count.clone()));
            }
            _ = counted.changed(), if who == Watcher::Page => {
                let now = *counted.borrow_and_update();
                drop(news.send(ServerNews::Web(now)).await);
            }
        }
    }
}

async fn talk_to_web(
    socket: UnixStream,
    who: Watcher,
    news: mpsc::Sender<ServerNews>,
    shown: Shown,
    count: watch::Sender<usize>,
) {
    let Shown { mut snapshots, mut lines, events } = shown;
    let mut events = events.subscribe();
    let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(socket);
    let hello = |message: &FromWeb| match message {
        FromWeb::Hello { protocol } => Some(*protocol),
        FromWeb::Test { .. } | FromWeb::Service { .. } | FromWeb::Recording { .. } => None,
    };
    if sender.send(&ToWeb::Hello { protocol: PROTOCOL }).await.is_err() || !greeted(&mut receiver, hello).await {
        return;
    }
    count.send_modify(|count| *count += 1);
    snapshots.mark_changed();
    lines.mark_changed();
    loop {
        let message = tokio::select! {
            changed = snapshots.changed() => match changed {
                Ok(()) => ToWeb::Snapshot(snapshots.borrow_and_update().clone()),
                Err(_) => break,
            },
            changed = lines.changed() => match changed {
                Ok(()) => ToWeb::Lines(lines.borrow_and_update().clone()),
                Err(_) => break,
            },
            event = events.recv() => match event {
                Ok(event) => ToWeb::Event(event),
                Err(_) => break,
            },
            came = receiver.receive() => match came {
                Ok(Some(FromWeb::Hello { .. })) => continue,
                Ok(Some(FromWeb::Service { channels, service })) => {
                    drop(news.send(ServerNews::Service(channels, service)).await);
                    continue;
                }
                Ok(Some(FromWeb::Recording { call, state, user })) => {
                    if let Ok(call) = call.parse() {
                        drop(news.send(ServerNews::Recording { call, state, user }).await);
                    }
                    continue;
                }
                Ok(Some(FromWeb::Test { lines })) => {
                    drop(news.send(ServerNews::Test(lines)).await);
                    continue;
                }
                Ok(None) | Err(_) => break,
            },
        };
        // One that does not read is let go: it must not make the box keep what it missed.
        if !matches!(tokio::time::timeout(PATIENCE, sender.send(&message)).await, Ok(Ok(()))) {
            tracing::warn!("{} does not take its messages; its connection is closed", who.name());
            break;
        }
    }
    count.send_modify(|count| *count -= 1);
}

async fn greeted<T: serde::de::DeserializeOwned>(
    receiver: &mut Receiver<T>,
    protocol: impl Fn(&T) -> Option<u32>,
) -> bool {
    let told = tokio::time::timeout(PATIENCE, receiver.receive()).await;
    let Ok(Ok(Some(message))) = told else { return false };
    match protocol(&message) {
        Some(PROTOCOL) => true,
        other => {
            tracing::error!(theirs = other, ours = PROTOCOL, "a process of another build connected; install one build");
            false
        }
    }
}

async fn accept(listener: &UnixListener) -> Option<UnixStream> {
    loop {
        match listener.accept().await {
            Ok((socket, _)) => return Some(socket),
            Err(why) => {
                tracing::warn!("a process could not connect: {why}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc::ivr::SessionId;
    use std::os::unix::fs::PermissionsExt;

    const WAIT: Duration = Duration::from_secs(20);

    async fn within<T>(what: impl Future<Output = T>) -> T {
        tokio::time::timeout(WAIT, what).await.unwrap()
    }

    #[tokio::test]
    async fn only_the_boxs_user_may_connect_and_the_newest_ivr_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/ivr.sock");
        let (tell, mut news) = mpsc::channel(8);
        tokio::spawn(serve_ivr(listen(&path).unwrap(), tell));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for connection in 1..3 {
            let socket = UnixStream::connect(&path).await.unwrap();
            let (mut receiver, mut sender) = split::<ToIvr, FromIvr>(socket);
            within(sender.send(&FromIvr::Hello { protocol: PROTOCOL })).await.unwrap();
            assert_eq!(within(receiver.receive()).await.unwrap(), Some(ToIvr::Hello { protocol: PROTOCOL }));
            let Some(ServerNews::IvrUp(link)) = within(news.recv()).await else { panic!("hello was said") };
            assert_eq!(link.connection, connection);
            let hangup = ToIvr::Hangup { session: SessionId(9) };
            assert!(link.send(hangup.clone()));
            assert_eq!(within(receiver.receive()).await.unwrap(), Some(hangup));
            let ended = FromIvr::Ended { session: SessionId(9), failed: false };
            within(sender.send(&ended)).await.unwrap();
            let Some(ServerNews::Ivr { message, .. }) = within(news.recv()).await else { panic!("a message was sent") };
            assert_eq!(message, ended);
            drop(link);
            assert!(within(receiver.receive()).await.unwrap().is_none(), "a link let go closes the connection");
            let Some(ServerNews::IvrDown { connection: down }) = within(news.recv()).await else {
                panic!("it is down")
            };
            assert_eq!(down, connection);
        }
    }

    #[tokio::test]
    async fn a_stranger_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ivr.sock");
        let (tell, mut news) = mpsc::channel(8);
        let server = tokio::spawn(serve_ivr(listen(&path).unwrap(), tell));
        let (mut receiver, mut sender) = split::<ToIvr, FromIvr>(UnixStream::connect(&path).await.unwrap());
        within(sender.send(&FromIvr::Hello { protocol: PROTOCOL + 1 })).await.unwrap();
        within(receiver.receive()).await.unwrap();
        assert!(within(receiver.receive()).await.unwrap().is_none());
        server.abort();
        assert!(within(news.recv()).await.is_none());
    }

    #[tokio::test]
    async fn a_page_process_gets_the_newest_snapshot_and_every_event() {
        let (tell, mut news) = mpsc::channel(8);
        let (snapshots, newest) = watch::channel(Snapshot { name: "one".into(), ..Snapshot::default() });
        let (lines, tests) = watch::channel(Vec::new());
        let (events, _) = broadcast::channel(WEB_QUEUE);
        let shown = Shown { snapshots: newest, lines: tests, events: events.clone() };
        let (mut receiver, sender, _folder) = watcher(Watcher::Page, tell, shown).await;
        let first = [within(receiver.receive()).await.unwrap(), within(receiver.receive()).await.unwrap()];
        assert!(first.iter().flatten().any(|told| matches!(told, ToWeb::Snapshot(shown) if shown.name == "one")));
        assert!(first.contains(&Some(ToWeb::Lines(Vec::new()))));
        assert!(matches!(within(news.recv()).await, Some(ServerNews::Web(1))));
        for seq in 1..4 {
            let event = web::Event { seq, wall_ms: 0, call: None, kind: "Alarm".into(), body: "{}".into() };
            events.send(event).unwrap();
            let Some(ToWeb::Event(event)) = within(receiver.receive()).await.unwrap() else {
                panic!("an event is due")
            };
            assert_eq!(event.seq, seq);
        }
        snapshots.send_modify(|snapshot| snapshot.name = "two".into());
        assert!(matches!(within(receiver.receive()).await.unwrap(), Some(ToWeb::Snapshot(s)) if s.name == "two"));
        drop((receiver, sender, lines));
        assert!(matches!(within(news.recv()).await, Some(ServerNews::Web(0))));
    }

    #[tokio::test]
    async fn fundlinectl_orders_tests_and_is_not_taken_for_a_page() {
        let (tell, mut news) = mpsc::channel(8);
        let (_snapshots, newest) = watch::channel(Snapshot::default());
        let (_lines, tests) = watch::channel(Vec::new());
        let (events, _) = broadcast::channel(WEB_QUEUE);
        let shown = Shown { snapshots: newest, lines: tests, events };
        let (_receiver, mut sender, _folder) = watcher(Watcher::Ctl, tell, shown).await;
        within(sender.send(&FromWeb::Test { lines: vec!["span1".into()] })).await.unwrap();
        let Some(ServerNews::Test(lines)) = within(news.recv()).await else { panic!("nothing but the order is told") };
        assert_eq!(lines, ["span1"]);
    }

    async fn watcher(
        who: Watcher,
        tell: mpsc::Sender<ServerNews>,
        shown: Shown,
    ) -> (Receiver<ToWeb>, Sender<FromWeb>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("watcher.sock");
        tokio::spawn(serve_web(listen(&path).unwrap(), who, tell, shown));
        let (mut receiver, mut sender) = split::<ToWeb, FromWeb>(UnixStream::connect(&path).await.unwrap());
        within(sender.send(&FromWeb::Hello { protocol: PROTOCOL })).await.unwrap();
        assert!(matches!(within(receiver.receive()).await.unwrap(), Some(ToWeb::Hello { .. })));
        (receiver, sender, folder)
    }
}
