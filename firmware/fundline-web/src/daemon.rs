//! The main process as seen from here: its last snapshot, its events, and whether it is there at all.

use ipc::stream::{StreamError, split};
use ipc::web::{Event, FromWeb, Snapshot, ToWeb};
use serde::{Serialize, Serializer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};

/// Events kept for a browser that reads slowly. One that falls further behind is told to ask for what it missed.
const EVENTS: usize = 1024;
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
    events: broadcast::Sender<Arc<Event>>,
}

impl Daemon {
    /// Follows the main process on its socket for as long as the runtime lives.
    pub(crate) fn follow(socket: PathBuf) -> Self {
        let (sender, state) = watch::channel(State::default());
        let (events, _) = broadcast::channel(EVENTS);
        tokio::spawn(follow(socket, sender, events.clone()));
        Self { state, events }
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

async fn follow(socket: PathBuf, state: watch::Sender<State>, events: broadcast::Sender<Arc<Event>>) {
    let mut wait = RETRY.0;
    let mut told = String::new();
    loop {
        let Err(error) = connected(&socket, &state, &events).await;
        let link = match error {
            LinkError::OtherBuild(_) => Link::OtherBuild,
            LinkError::Stream(_) | LinkError::Closed | LinkError::Silent => Link::Away,
        };
        let mut was_up = false;
        // Pages hear of it once, not with every try.
        state.send_if_modified(|state| {
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
    state: &watch::Sender<State>,
    events: &broadcast::Sender<Arc<Event>>,
) -> Result<std::convert::Infallible, LinkError> {
    let stream = UnixStream::connect(socket).await.map_err(StreamError::Io)?;
    let (mut receiver, mut sender) = split::<ToWeb, FromWeb>(stream);
    sender.send(&FromWeb::Hello { protocol: ipc::PROTOCOL }).await?;
    match timeout(HELLO, receiver.receive()).await.map_err(|_| LinkError::Silent)?? {
        Some(ToWeb::Hello { protocol }) if protocol == ipc::PROTOCOL => {}
        Some(ToWeb::Hello { protocol }) => return Err(LinkError::OtherBuild(protocol)),
        Some(ToWeb::Snapshot(_) | ToWeb::Event(_)) => return Err(LinkError::OtherBuild(0)),
        None => return Err(LinkError::Closed),
    }
    tracing::info!("connected to the main process");
    loop {
        match receiver.receive().await?.ok_or(LinkError::Closed)? {
            ToWeb::Hello { .. } => {}
            ToWeb::Snapshot(snapshot) => {
                state.send_replace(State { link: Link::Up, snapshot: Some(Arc::new(snapshot)) });
            }
            // No page is open: nobody misses it.
            ToWeb::Event(event) => drop(events.send(Arc::new(event))),
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
