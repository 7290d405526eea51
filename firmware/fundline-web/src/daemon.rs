//! The main process as seen from here: its last snapshot, its events, and whether it is there at all.

use base::CallId;
use ipc::lines::Line;
use ipc::stream::{StreamError, split};
use ipc::web::{Event, FromWeb, RecordingState, Snapshot, ToWeb};
use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::{sleep, timeout};

/// Events kept for a browser that reads slowly. One that falls further behind is told to ask for what it missed.
const EVENTS: usize = 1024;
/// Orders that wait for the main process. When full it is away or busy, and who ordered is told so.
const ORDERS: usize = 16;
/// First and longest wait between two tries to connect.
const RETRY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// The main process says hello within this time.
const HELLO: Duration = Duration::from_secs(5);

/// Whether the main process is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Link {
    /// Its socket is connected and it sent a snapshot.
    Up,
    /// It does not run or does not answer. It is tried again all the time.
    #[default]
    Away,
    /// It is of another build.
    OtherBuild,
}

/// What is known of the box now.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct State {
    /// Whether what follows is of now.
    pub(crate) link: Link,
    /// The last snapshot; `None` before the first.
    #[serde(serialize_with = "shared")]
    pub(crate) snapshot: Option<Arc<Snapshot>>,
}

fn shared<S: Serializer>(snapshot: &Option<Arc<Snapshot>>, serializer: S) -> Result<S::Ok, S::Error> {
    snapshot.as_deref().serialize(serializer)
}

/// The ends that pages read from.
#[derive(Clone)]
pub(crate) struct Daemon {
    /// What is known now.
    pub(crate) state: watch::Receiver<State>,
    /// All lines and their tests; none before the main process told.
    pub(crate) lines: watch::Receiver<Arc<Vec<Line>>>,
    events: broadcast::Sender<Arc<Event>>,
    orders: mpsc::Sender<FromWeb>,
}

/// The main process takes no orders now.
#[derive(Debug)]
pub(crate) struct NoDaemon;

/// Where what it tells goes.
struct Ends {
    state: watch::Sender<State>,
    lines: watch::Sender<Arc<Vec<Line>>>,
    events: broadcast::Sender<Arc<Event>>,
}

impl Daemon {
    /// Follows the main process on its socket for as long as the runtime lives.
    pub(crate) fn follow(socket: PathBuf) -> Self {
        let (sender, state) = watch::channel(State::default());
        let (told, lines) = watch::channel(Arc::default());
        let (events, _) = broadcast::channel(EVENTS);
        let (orders, ordered) = mpsc::channel(ORDERS);
        tokio::spawn(follow(socket, Ends { state: sender, lines: told, events: events.clone() }, ordered));
        Self { state, lines, events, orders }
    }

    /// Has lines tested, all of them where none is named.
    pub(crate) fn test(&self, lines: Vec<String>) -> Result<(), NoDaemon> {
        if self.state.borrow().link != Link::Up {
            return Err(NoDaemon);
        }
        self.orders.try_send(FromWeb::Test { lines }).map_err(|_| NoDaemon)
    }

    /// Has this of a call recorded from now on.
    pub(crate) fn record(&self, call: CallId, state: RecordingState, user: &str) -> Result<(), NoDaemon> {
        if self.state.borrow().link != Link::Up {
            return Err(NoDaemon);
        }
        let order = FromWeb::Recording { call: call.to_string(), state, user: user.to_owned() };
        self.orders.try_send(order).map_err(|_| NoDaemon)
    }

    /// Events from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }
}

#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("fundlined closed the socket")]
    Closed,
    #[error("fundlined did not say hello in 5 s")]
    Silent,
    #[error("fundlined speaks version {0}, this program {ours}: install both from one build", ours = ipc::PROTOCOL)]
    OtherBuild(u32),
}

async fn follow(socket: PathBuf, ends: Ends, mut ordered: mpsc::Receiver<FromWeb>) {
    let mut wait = RETRY.0;
    let mut told = String::new();
    loop {
        let Err(error) = connected(&socket, &ends, &mut ordered).await;
        let link = match error {
            LinkError::OtherBuild(_) => Link::OtherBuild,
            LinkError::Stream(_) | LinkError::Closed | LinkError::Silent => Link::Away,
        };
        let mut was_up = false;
        // Pages hear of it once, not with every try.
        ends.state.send_if_modified(|state| {
            was_up = state.link == Link::Up;
            std::mem::replace(&mut state.link, link) != link
        });
        // Each reason once, not with every try.
        let text = error.to_string();
        if was_up || text != told {
            tracing::warn!(error = %text, "the main process is away; lists go on, what is live does not");
            told = text;
        }
        wait = if was_up { RETRY.0 } else { (wait * 2).min(RETRY.1) };
        sleep(wait).await;
    }
}

async fn connected(
    socket: &Path,
    ends: &Ends,
    ordered: &mut mpsc::Receiver<FromWeb>,
) -> Result<std::convert::Infallible, LinkError> {
    let stream = UnixStream::connect(socket).await.map_err(StreamError::Io)?;
    let (mut receiver, mut sender) = split::<ToWeb, FromWeb>(stream);
    sender.send(&FromWeb::Hello { protocol: ipc::PROTOCOL }).await?;
    match timeout(HELLO, receiver.receive()).await.map_err(|_| LinkError::Silent)?? {
        Some(ToWeb::Hello { protocol }) if protocol == ipc::PROTOCOL => {}
        Some(ToWeb::Hello { protocol }) => return Err(LinkError::OtherBuild(protocol)),
        Some(ToWeb::Snapshot(_) | ToWeb::Lines(_) | ToWeb::Event(_)) => return Err(LinkError::OtherBuild(0)),
        None => return Err(LinkError::Closed),
    }
    tracing::info!("connected to the main process");
    loop {
        let told = tokio::select! {
            told = receiver.receive() => told?.ok_or(LinkError::Closed)?,
            Some(order) = ordered.recv() => {
                sender.send(&order).await?;
                continue;
            }
        };
        match told {
            ToWeb::Hello { .. } => {}
            ToWeb::Snapshot(snapshot) => {
                ends.state.send_replace(State { link: Link::Up, snapshot: Some(Arc::new(snapshot)) });
            }
            ToWeb::Lines(lines) => drop(ends.lines.send_replace(Arc::new(lines))),
            // No page is open: nobody misses it.
            ToWeb::Event(event) => drop(ends.events.send(Arc::new(event))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc::stream::{Receiver, Sender};
    use tokio::net::UnixListener;

    /// No step of these stories takes longer.
    const BOUND: Duration = Duration::from_secs(20);

    async fn until(daemon: &mut Daemon, holds: impl FnMut(&State) -> bool) {
        drop(timeout(BOUND, daemon.state.wait_for(holds)).await.unwrap().unwrap());
    }

    async fn accept(listener: &UnixListener) -> (Receiver<FromWeb>, Sender<ToWeb>) {
        let (stream, _) = timeout(BOUND, listener.accept()).await.unwrap().unwrap();
        let (mut receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
        assert_eq!(receiver.receive().await.unwrap(), Some(FromWeb::Hello { protocol: ipc::PROTOCOL }));
        sender.send(&ToWeb::Hello { protocol: ipc::PROTOCOL }).await.unwrap();
        (receiver, sender)
    }

    fn named(name: &str) -> ToWeb {
        ToWeb::Snapshot(Snapshot { name: name.into(), ..Snapshot::default() })
    }

    fn shows(state: &State, link: Link, name: &str) -> bool {
        state.link == link && state.snapshot.as_ref().is_some_and(|snapshot| snapshot.name == name)
    }

    #[tokio::test]
    async fn the_socket_is_found_again_after_a_restart_and_the_last_snapshot_stays_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("web.sock");
        let mut daemon = Daemon::follow(socket.clone());
        assert_eq!(daemon.state.borrow().link, Link::Away);

        let listener = UnixListener::bind(&socket).unwrap();
        let (receiver, mut sender) = accept(&listener).await;
        let mut events = daemon.events();
        sender.send(&named("first")).await.unwrap();
        until(&mut daemon, |state| shows(state, Link::Up, "first")).await;
        let event = Event { seq: 9, wall_ms: 1, call: None, kind: "Alarm".into(), body: "{}".into() };
        sender.send(&ToWeb::Event(event.clone())).await.unwrap();
        assert_eq!(*events.recv().await.unwrap(), event);

        drop((receiver, sender, listener));
        until(&mut daemon, |state| shows(state, Link::Away, "first")).await;

        std::fs::remove_file(&socket).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        let (_receiver, mut sender) = accept(&listener).await;
        sender.send(&named("second")).await.unwrap();
        until(&mut daemon, |state| shows(state, Link::Up, "second")).await;
    }

    #[tokio::test]
    async fn another_build_is_told_apart_from_absence() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("web.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let mut daemon = Daemon::follow(socket);
        let (stream, _) = timeout(BOUND, listener.accept()).await.unwrap().unwrap();
        let (_receiver, mut sender) = split::<FromWeb, ToWeb>(stream);
        sender.send(&ToWeb::Hello { protocol: ipc::PROTOCOL + 1 }).await.unwrap();
        until(&mut daemon, |state| state.link == Link::OtherBuild).await;
    }
}
