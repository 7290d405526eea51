//! One caller: the interpreter, and the task that does for it what it asks.

use crate::fetch::{Fetcher, Sensitivity, Visitor, Wanted};
use crate::machine::{Broken, Machine};
use crate::prompt::{Missing, Prompter};
use base::{Digit, Instant, WallTime};
use ipc::ivr::{FromIvr, Piece, PlayEnd, SessionId, ToIvr, TransferEnd, TransferKind};
use std::collections::HashMap;
use std::future::pending;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::{AbortHandle, JoinSet};
use vxml::{Action, FetchFailure, FetchId, Fetched, Input, Limits, Method, PlayId, SessionInfo, TransferOutcome};

/// The longest time that a message carries.
const LONGEST_MS: u128 = u32::MAX as u128;

/// What all sessions share.
#[derive(Clone)]
pub struct Services {
    /// Fetches documents.
    pub fetcher: Fetcher,
    /// Makes prompts.
    pub prompter: Prompter,
    /// Bounds of each session.
    pub limits: Limits,
}

/// A caller who was connected to an application.
pub struct Start {
    /// The session's name.
    pub session: SessionId,
    /// The call's.
    pub call: u128,
    /// The first document.
    pub url: String,
    /// Called number.
    pub local: String,
    /// Calling number.
    pub remote: String,
}

/// What was done for the interpreter meanwhile.
enum Done {
    Fetched(FetchId, Result<Fetched, FetchFailure>),
    Prompt(PlayId, Vec<Piece>, Missing, bool),
}

struct Session {
    id: SessionId,
    services: Services,
    visitor: Visitor,
    started: tokio::time::Instant,
    outbox: Sender<FromIvr>,
    work: JoinSet<Done>,
    fetches: HashMap<FetchId, AbortHandle>,
    /// The play that is being made or heard, if any.
    play: Option<(PlayId, AbortHandle)>,
    /// Set by the interpreter's last action: whether it ended on an event that nobody handled.
    ended: Option<bool>,
}

/// Runs a session to its end. It ends by its document, when `inbox` closes (as by a hangup), or by a fault of its own, and
/// says so by one `Ended`.
pub async fn run(start: Start, services: Services, inbox: Receiver<ToIvr>, outbox: Sender<FromIvr>) {
    let id = start.session;
    let call = format!("{:032x}", start.call);
    tracing::info!(call, session = id.0, "session starts");
    let began = tokio::time::Instant::now();
    let session = Session {
        id,
        services,
        visitor: Visitor::new(start.call),
        started: began,
        outbox: outbox.clone(),
        work: JoinSet::new(),
        fetches: HashMap::new(),
        play: None,
        ended: None,
    };
    let failed = match session.live(start, inbox).await {
        Ok(failed) => failed,
        Err(broken) => {
            tracing::error!(call, session = id.0, "{broken}; the call is released");
            true
        }
    };
    tracing::info!(call, session = id.0, failed, seconds = began.elapsed().as_secs(), "session ends");
    // If nobody listens any more, nobody needs to be told.
    let _ = outbox.send(FromIvr::Ended { session: id, failed }).await;
}

impl Session {
    async fn live(mut self, start: Start, mut inbox: Receiver<ToIvr>) -> Result<bool, Broken> {
        let info = SessionInfo::new(&start.local, &start.remote, &start.url, wall_time(), seed());
        let (mut machine, mut step) = Machine::start(self.now(), info, self.services.limits.clone()).await?;
        let mut is_connected = true;
        loop {
            for action in step.actions {
                self.obey(action).await;
            }
            if let Some(failed) = self.ended {
                return Ok(failed);
            }
            let due = step.deadline.map(|due| self.started + due.since_start());
            let input = loop {
                let input = tokio::select! {
                    message = inbox.recv(), if is_connected => {
                        is_connected = message.is_some();
                        // The main process is gone, and the caller with it.
                        message.map_or(Some(Input::Hangup), input)
                    }
                    Some(done) = self.work.join_next() => match done {
                        Ok(done) => self.done(done).await,
                        // Cancelled.
                        Err(_) => None,
                    },
                    () = sleep_until(due) => Some(Input::Tick),
                };
                if let Some(input) = input {
                    break input;
                }
            };
            step = machine.handle(self.now(), input).await?;
        }
    }

    fn now(&self) -> Instant {
        Instant::new(self.started.elapsed())
    }

    async fn obey(&mut self, action: Action) {
        let session = self.id;
        match action {
            Action::Fetch { fetch, method, url, body, timeout, purpose, .. } => {
                tracing::debug!(session = session.0, ?purpose, "fetching");
                let body = match (method, body) {
                    (Method::Get, _) => None,
                    (Method::Post, None) => Some((base::Secret::new(""), Sensitivity::Open)),
                    (Method::Post, Some(form)) => {
                        let sensitivity = if form.is_secret() { Sensitivity::Secret } else { Sensitivity::Open };
                        Some((form.encode(), sensitivity))
                    }
                };
                let (fetcher, visitor) = (self.services.fetcher.clone(), self.visitor.clone());
                let wanted = Wanted { url, body, timeout };
                let task = async move { Done::Fetched(fetch, fetcher.fetch(&visitor, wanted).await) };
                self.fetches.insert(fetch, self.work.spawn(task));
            }
            Action::CancelFetch(fetch) => {
                if let Some(task) = self.fetches.remove(&fetch) {
                    task.abort();
                }
            }
            Action::Play { play, items, barge_in } => {
                let (prompter, visitor) = (self.services.prompter.clone(), self.visitor.clone());
                let task = self.work.spawn(async move {
                    let (pieces, missing) = prompter.pieces(&visitor, items).await;
                    Done::Prompt(play, pieces, missing, barge_in)
                });
                self.play = Some((play, task));
            }
            Action::StopPlay(play) => {
                if let Some((_, task)) = self.play.take_if(|(playing, _)| *playing == play) {
                    task.abort();
                    self.tell(FromIvr::StopPlay { session }).await;
                }
            }
            Action::Sensitive(wanted) => {
                let on = wanted == vxml::Sensitive::On;
                self.tell(FromIvr::Sensitive { session, on }).await;
            }
            Action::Transfer { kind, dest, connect_timeout, max_time, .. } => {
                let kind = match kind {
                    vxml::TransferKind::Bridge => TransferKind::Bridge,
                    vxml::TransferKind::Blind => TransferKind::Blind,
                };
                self.tell(FromIvr::Transfer {
                    session,
                    kind,
                    to: number(&dest),
                    connect_timeout_ms: milliseconds(connect_timeout),
                    max_time_ms: max_time.map_or(0, milliseconds),
                })
                .await;
            }
            Action::EndTransfer => self.tell(FromIvr::EndTransfer { session }).await,
            Action::Disconnect => self.tell(FromIvr::Disconnect { session }).await,
            Action::Exit { reason, .. } => {
                let failed = matches!(reason, vxml::ExitReason::Event(_));
                tracing::debug!(session = session.0, ?reason, "the document is done");
                self.ended = Some(failed);
            }
            Action::Log { label, text } => log(session, &label, &text),
            Action::Path(step) => self.tell(FromIvr::Path { session, step }).await,
        }
    }

    /// What was done becomes an input, or a message first. What was cancelled meanwhile is nothing.
    async fn done(&mut self, done: Done) -> Option<Input> {
        match done {
            Done::Fetched(fetch, result) => {
                self.fetches.remove(&fetch)?;
                if let Err(why) = &result {
                    tracing::warn!(session = self.id.0, ?why, "a document could not be fetched");
                }
                Some(Input::Fetched { fetch, result })
            }
            Done::Prompt(play, pieces, missing, barge_in) => {
                self.play.as_ref().filter(|(wanted, _)| *wanted == play)?;
                if pieces.is_empty() {
                    let reason = if missing.items == 0 { vxml::PlayEnd::Completed } else { vxml::PlayEnd::Failed };
                    return Some(Input::PlayDone { play, reason, played_ms: 0 });
                }
                self.tell(FromIvr::Play { session: self.id, play: play.0, pieces, barge_in }).await;
                None
            }
        }
    }

    /// A message that cannot be delivered has no one to go to: the session hears of it when its inbox closes.
    async fn tell(&self, message: FromIvr) {
        let _ = self.outbox.send(message).await;
    }
}

async fn sleep_until(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => pending().await,
    }
}

/// What a message means to the interpreter.
fn input(message: ToIvr) -> Option<Input> {
    Some(match message {
        ToIvr::Digit { digit, .. } => Input::Digit(Digit::new(digit)?),
        ToIvr::Hangup { .. } => Input::Hangup,
        ToIvr::PlayDone { play, end, played_ms, .. } => {
            let reason = match end {
                PlayEnd::Completed => vxml::PlayEnd::Completed,
                PlayEnd::BargedIn => vxml::PlayEnd::BargedIn,
                PlayEnd::Stopped => vxml::PlayEnd::Stopped,
                PlayEnd::Failed => vxml::PlayEnd::Failed,
            };
            Input::PlayDone { play: PlayId(play), reason, played_ms: played_ms.into() }
        }
        ToIvr::TransferDone { end, duration_ms, .. } => Input::TransferDone(outcome(end, duration_ms.into())),
        ToIvr::Hello { .. } | ToIvr::Start { .. } => return None,
    })
}

const fn outcome(end: TransferEnd, talked_ms: u64) -> TransferOutcome {
    match end {
        TransferEnd::Busy => TransferOutcome::Busy,
        TransferEnd::NoAnswer => TransferOutcome::NoAnswer,
        TransferEnd::NetworkBusy => TransferOutcome::NetworkBusy,
        TransferEnd::NearEndDisconnect => TransferOutcome::NearEndDisconnect,
        TransferEnd::FarEndDisconnect => TransferOutcome::FarEndDisconnect(talked_ms),
        TransferEnd::MaxTime => TransferOutcome::MaxtimeDisconnect(talked_ms),
        TransferEnd::BadDestination => TransferOutcome::BadDestination,
        TransferEnd::NoRoute => TransferOutcome::NoRoute,
        TransferEnd::Accepted => TransferOutcome::Blind,
        TransferEnd::Unknown => TransferOutcome::Unknown,
    }
}

/// The number in a `tel:` address (RFC 3966 §3), without the marks between its digits. Another kind of address is passed on as
/// it is, and the call model says that it leads nowhere.
fn number(dest: &str) -> String {
    let Some(number) = dest.strip_prefix("tel:") else { return dest.to_owned() };
    let number = number.split(';').next().unwrap_or_default();
    number.chars().filter(|mark| !matches!(mark, '-' | '.' | '(' | ')' | ' ')).collect()
}

fn milliseconds(time: Duration) -> u32 {
    time.as_millis().min(LONGEST_MS) as u32
}

/// A line of a document. Faults are for an engineer; what a document logs of its own may name a customer and stays at debug.
fn log(session: SessionId, label: &str, text: &str) {
    if label == "document" {
        tracing::warn!(session = session.0, "{text}");
    } else {
        tracing::debug!(session = session.0, label, "{text}");
    }
}

fn wall_time() -> WallTime {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX))
}

/// A number for `Math.random`; it guards nothing.
fn seed() -> u64 {
    getrandom::u64().unwrap_or_else(|_| wall_time().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tel_address_is_its_number() {
        assert_eq!(number("tel:8001"), "8001");
        assert_eq!(number("tel:+86-10-1234(5678);ext=9"), "+861012345678");
        assert_eq!(number("sip:agent@box"), "sip:agent@box");
    }

    #[test]
    fn longer_times_than_a_message_carries_are_cut() {
        assert_eq!(milliseconds(Duration::from_secs(30)), 30_000);
        assert_eq!(milliseconds(Duration::from_secs(u64::MAX)), u32::MAX);
    }
}
