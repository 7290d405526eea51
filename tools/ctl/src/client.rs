//! The conversation with `fundlined`.

use crate::exit::Exit;
use ipc::lines::Line;
use ipc::stream::{Receiver, Sender, StreamError, split};
use ipc::web::{FromWeb, Service, Snapshot, ToWeb};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout, timeout_at};

/// The main process answers within this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// From one step of a test to the next of any. The longest step takes 10 s.
const LONGEST_STEP: Duration = Duration::from_secs(30);

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Socket(std::io::Error),
    #[error("{0}")]
    Stream(#[from] StreamError),
    #[error("closed or silent")]
    Silent,
    #[error("version {0}")]
    OtherBuild(u32),
    #[error("{port}; known: {known}")]
    NoSuchLine { port: String, known: String },
    #[error("{channel}; known: {known}")]
    NoSuchChannel { channel: String, known: String },
    #[error("unfinished: {0}")]
    TooLate(String),
}

impl Failure {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Socket(why) if why.kind() == ErrorKind::PermissionDenied => Exit::Forbidden,
            Self::Socket(_) | Self::Stream(_) | Self::Silent => Exit::Unavailable,
            Self::OtherBuild(_) => Exit::OtherBuild,
            Self::NoSuchLine { .. } | Self::NoSuchChannel { .. } => Exit::Usage,
            Self::TooLate(_) => Exit::TooLate,
        }
    }
}

/// A connection on which hello was said.
pub(crate) struct Client {
    receiver: Receiver<ToWeb>,
    sender: Sender<FromWeb>,
    snapshot: Option<Snapshot>,
    lines: Option<Vec<Line>>,
}

impl Client {
    pub(crate) async fn connect(root: &Path) -> Result<Self, Failure> {
        let path = root.join("run/fundline").join(ipc::sockets::CTL);
        let socket = UnixStream::connect(&path).await.map_err(Failure::Socket)?;
        let (receiver, mut sender) = split(socket);
        sender.send(&FromWeb::Hello { protocol: ipc::PROTOCOL }).await?;
        let mut client = Self { receiver, sender, snapshot: None, lines: None };
        match client.next(Instant::now() + PATIENCE).await? {
            ToWeb::Hello { protocol } if protocol == ipc::PROTOCOL => Ok(client),
            ToWeb::Hello { protocol } => Err(Failure::OtherBuild(protocol)),
            ToWeb::Snapshot(_) | ToWeb::Lines(_) | ToWeb::Event(_) => Err(Failure::OtherBuild(0)),
        }
    }

    /// The box's state.
    pub(crate) async fn snapshot(&mut self) -> Result<Snapshot, Failure> {
        let by = Instant::now() + PATIENCE;
        loop {
            // Before its first one it shows an empty box: a version is in every real one.
            if let Some(snapshot) = self.snapshot.clone().filter(|snapshot| !snapshot.version.is_empty()) {
                return Ok(snapshot);
            }
            self.listen(by).await?;
        }
    }

    /// Its lines.
    pub(crate) async fn lines(&mut self) -> Result<Vec<Line>, Failure> {
        let spans = self.snapshot().await?.spans.len();
        let by = Instant::now() + PATIENCE;
        loop {
            // A box that is starting has none yet.
            if let Some(lines) = self.lines.clone().filter(|lines| lines.len() >= spans) {
                return Ok(lines);
            }
            self.listen(by).await?;
        }
    }

    /// Tests these lines and gives them with their new verdicts, in this order; `tell` sees every line at every news.
    pub(crate) async fn test(&mut self, wanted: &[String], mut tell: impl FnMut(&Line)) -> Result<Vec<Line>, Failure> {
        let before = self.lines().await?;
        self.sender.send(&FromWeb::Test { lines: wanted.to_vec() }).await?;
        loop {
            let now = self.lines.clone().unwrap_or_default();
            let mut done = Vec::new();
            let mut waiting = Vec::new();
            for name in wanted {
                let tests = |lines: &[Line]| lines.iter().find(|line| line.name == *name).map_or(0, |line| line.tests);
                match now.iter().find(|line| line.name == *name) {
                    Some(line) if line.tests > tests(&before) => done.push(line.clone()),
                    Some(line) => {
                        tell(line);
                        waiting.push(name.as_str());
                    }
                    None => waiting.push(name),
                }
            }
            if waiting.is_empty() {
                return Ok(done);
            }
            match timeout(LONGEST_STEP, self.news_of_lines()).await {
                Ok(news) => news?,
                Err(_) => return Err(Failure::TooLate(waiting.join(", "))),
            }
        }
    }

    /// Takes channels out of service or puts them back, and waits until a snapshot is as `done` wants it.
    pub(crate) async fn set_service(
        &mut self,
        channels: &[String],
        service: Service,
        done: impl Fn(&Snapshot) -> bool,
    ) -> Result<(), Failure> {
        self.sender.send(&FromWeb::Service { channels: channels.to_vec(), service }).await?;
        let by = Instant::now() + PATIENCE;
        while !self.snapshot().await.is_ok_and(|shown| done(&shown)) {
            self.listen(by).await?;
        }
        Ok(())
    }

    async fn news_of_lines(&mut self) -> Result<(), Failure> {
        self.lines = None;
        while self.lines.is_none() {
            self.listen(Instant::now() + LONGEST_STEP).await?;
        }
        Ok(())
    }

    async fn listen(&mut self, by: Instant) -> Result<(), Failure> {
        match self.next(by).await? {
            ToWeb::Snapshot(snapshot) => self.snapshot = Some(snapshot),
            ToWeb::Lines(lines) => self.lines = Some(lines),
            ToWeb::Hello { .. } | ToWeb::Event(_) => {}
        }
        Ok(())
    }

    async fn next(&mut self, by: Instant) -> Result<ToWeb, Failure> {
        timeout_at(by, self.receiver.receive()).await.map_err(|_| Failure::Silent)??.ok_or(Failure::Silent)
    }
}
