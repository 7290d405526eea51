//! The socket to `fundlined`: sessions begin, hear and end here.

use crate::session::{self, Services, Start};
use ipc::PROTOCOL;
use ipc::ivr::{FromIvr, SessionId, ToIvr};
use ipc::stream::{Receiver, Sender, StreamError, split};
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Sessions at once: four times what sixteen spans carry.
const SESSIONS: usize = 2_000;
/// Messages that wait for one session; a session that does not take them in time is ended.
const INBOX: usize = 256;
/// Messages that wait for the socket; sessions wait when it is full.
const OUTBOX: usize = 1_024;
/// Pauses between attempts to connect, the last one again and again.
const PAUSES_MS: [u64; 4] = [50, 200, 500, 1_000];

/// Why a link ended.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The socket failed, or spoke nonsense.
    #[error("{0}")]
    Stream(#[from] StreamError),
    /// The main process closed it.
    #[error("fundlined closed the link")]
    Closed,
    /// The first message was no greeting.
    #[error("fundlined did not say hello first; is another program on its socket?")]
    NoHello,
    /// The main process is of another build.
    #[error(
        "fundlined speaks version {theirs} of the messages and this program {PROTOCOL}; install both from one build"
    )]
    OtherBuild {
        /// Its version.
        theirs: u32,
    },
}

/// Connects to the socket at `place`, and again whenever the link is lost. Never returns.
pub async fn keep(place: &Path, services: &Services) {
    let mut attempt = 0;
    loop {
        match UnixStream::connect(place).await {
            Ok(socket) => {
                attempt = 0;
                let why = serve(socket, services).await;
                tracing::warn!(%why, "link to fundlined lost; its sessions end");
            }
            Err(why) if attempt == PAUSES_MS.len() => {
                tracing::warn!(socket = %place.display(), %why, "fundlined is not there; waiting for it");
            }
            Err(_) => {}
        }
        let pause = PAUSES_MS[attempt.min(PAUSES_MS.len() - 1)];
        attempt = (attempt + 1).min(PAUSES_MS.len() + 1);
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// Serves sessions on a connected socket until it is lost. Sessions that are still up then hear a hangup.
pub async fn serve(socket: UnixStream, services: &Services) -> LinkError {
    let (receiver, sender) = split::<ToIvr, FromIvr>(socket);
    let (outbox, to_send) = mpsc::channel(OUTBOX);
    // The first message in the queue, so that nothing goes before it.
    let _ = outbox.try_send(FromIvr::Hello { protocol: PROTOCOL });
    let mut link = Link { services, outbox, inboxes: HashMap::new(), running: JoinSet::new() };
    let why = tokio::select! {
        why = link.receive(receiver) => why,
        why = send(sender, to_send) => why.into(),
    };
    link.running.detach_all();
    why
}

struct Link<'a> {
    services: &'a Services,
    outbox: mpsc::Sender<FromIvr>,
    inboxes: HashMap<SessionId, mpsc::Sender<ToIvr>>,
    running: JoinSet<SessionId>,
}

impl Link<'_> {
    async fn receive(&mut self, mut receiver: Receiver<ToIvr>) -> LinkError {
        match receiver.receive().await {
            Ok(Some(ToIvr::Hello { protocol: PROTOCOL })) => tracing::info!("linked to fundlined"),
            Ok(Some(ToIvr::Hello { protocol: theirs })) => return LinkError::OtherBuild { theirs },
            Ok(Some(_)) => return LinkError::NoHello,
            Ok(None) => return LinkError::Closed,
            Err(why) => return why.into(),
        }
        loop {
            tokio::select! {
                message = receiver.receive() => match message {
                    Ok(Some(message)) => self.dispatch(message).await,
                    Ok(None) => return LinkError::Closed,
                    Err(why) => return why.into(),
                },
                Some(Ok(ended)) = self.running.join_next() => {
                    self.inboxes.remove(&ended);
                }
            }
        }
    }

    async fn dispatch(&mut self, message: ToIvr) {
        let session = match &message {
            ToIvr::Hello { .. } => return,
            ToIvr::Start { session, .. }
            | ToIvr::PlayDone { session, .. }
            | ToIvr::Digit { session, .. }
            | ToIvr::Hangup { session }
            | ToIvr::TransferDone { session, .. } => *session,
        };
        if let ToIvr::Start { call, url, local, remote, .. } = message {
            return self.start(Start { session, call, url, local, remote }).await;
        }
        // One that ended a moment ago may still be spoken to.
        let Some(inbox) = self.inboxes.get(&session) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = inbox.try_send(message) {
            tracing::error!(session = session.0, "{INBOX} messages wait for a session that takes none; it is ended");
            // Its inbox closes, which it hears as a hangup.
            self.inboxes.remove(&session);
        }
    }

    async fn start(&mut self, start: Start) {
        let session = start.session;
        if self.inboxes.len() >= SESSIONS || self.inboxes.contains_key(&session) {
            tracing::error!(session = session.0, "a session is refused: {SESSIONS} are up, or one of this name is");
            let _ = self.outbox.send(FromIvr::Ended { session, failed: true }).await;
            return;
        }
        let (inbox, messages) = mpsc::channel(INBOX);
        self.inboxes.insert(session, inbox);
        let (services, outbox) = (self.services.clone(), self.outbox.clone());
        self.running.spawn(async move {
            session::run(start, services, messages, outbox).await;
            session
        });
    }
}

async fn send(mut sender: Sender<FromIvr>, mut messages: mpsc::Receiver<FromIvr>) -> StreamError {
    while let Some(message) = messages.recv().await {
        if let Err(why) = sender.send(&message).await {
            return why;
        }
    }
    std::io::Error::other("no session can speak any more").into()
}
