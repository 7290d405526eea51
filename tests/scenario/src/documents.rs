//! The real VoiceXML interpreter on fixed documents.

use crate::application::{Application, at_or_after};
use base::{Digit, Instant, WallTime};
use ipc::ivr::{FromIvr, Piece, PlayEnd, SessionId, ToIvr, TransferEnd, TransferKind};
use std::collections::BTreeMap;
use std::time::Duration;
use vxml::{
    Action, ExitReason, FetchFailure, Fetched, Input, Interpreter, Limits, PlayId, PromptItem, Sensitive, SessionInfo,
    TransferOutcome,
};

/// Actions of one machine in one instant. More is a circle.
const ACTIONS: usize = 10_000;

/// Applications by their addresses. Words are spoken as [`crate::clip`] of themselves.
pub struct Documents {
    pages: BTreeMap<String, String>,
    sessions: BTreeMap<SessionId, Interpreter>,
}

impl Documents {
    /// Addresses and texts of documents.
    pub fn new(pages: &[(&str, &str)]) -> Self {
        let pages = pages.iter().map(|(url, text)| (url.to_string(), text.to_string())).collect();
        Self { pages, sessions: BTreeMap::new() }
    }

    fn give(&mut self, now: Instant, session: SessionId, input: Input, out: &mut Vec<FromIvr>) {
        if let Some(machine) = self.sessions.get_mut(&session) {
            machine.handle(now, input);
        }
        self.drain(now, session, out);
    }

    fn drain(&mut self, now: Instant, session: SessionId, out: &mut Vec<FromIvr>) {
        for _ in 0..ACTIONS {
            let Some(machine) = self.sessions.get_mut(&session) else { return };
            let Some(action) = machine.poll_action() else { return };
            match action {
                Action::Fetch { fetch, url, .. } => {
                    let result = match self.pages.get(&url) {
                        Some(text) => {
                            let (body, content_type) = (text.clone().into_bytes(), "application/voicexml+xml".into());
                            Ok(Fetched { url, status: 200, content_type, body })
                        }
                        None => Err(FetchFailure::Status(404)),
                    };
                    machine.handle(now, Input::Fetched { fetch, result });
                }
                Action::Exit { reason, .. } => {
                    let failed = matches!(reason, ExitReason::Event(_));
                    self.sessions.remove(&session);
                    out.push(FromIvr::Ended { session, failed });
                }
                other => out.extend(said(session, other)),
            }
        }
        panic!("a session never comes to rest");
    }
}

/// What an action is in the daemon's words.
fn said(session: SessionId, action: Action) -> Option<FromIvr> {
    Some(match action {
        Action::Play { play, items, barge_in } => {
            let pieces = items.iter().filter_map(piece).collect();
            FromIvr::Play { session, play: play.0, pieces, barge_in }
        }
        Action::StopPlay(_) => FromIvr::StopPlay { session },
        Action::Sensitive(on) => FromIvr::Sensitive { session, on: on == Sensitive::On },
        Action::Transfer { kind, dest, connect_timeout, max_time, .. } => {
            let ms = |time: Duration| time.as_millis() as u32;
            let kind = match kind {
                vxml::TransferKind::Bridge => TransferKind::Bridge,
                vxml::TransferKind::Blind => TransferKind::Blind,
            };
            let (connect_timeout_ms, max_time_ms) = (ms(connect_timeout), max_time.map_or(0, ms));
            FromIvr::Transfer { session, kind, to: dest, connect_timeout_ms, max_time_ms }
        }
        Action::EndTransfer => FromIvr::EndTransfer { session },
        Action::Disconnect => FromIvr::Disconnect { session },
        Action::Path(step) => FromIvr::Path { session, step },
        Action::Log { .. } | Action::CancelFetch(_) | Action::Fetch { .. } | Action::Exit { .. } => return None,
    })
}

fn piece(item: &PromptItem) -> Option<Piece> {
    match item {
        PromptItem::Speak { text, .. } => Some(Piece::File(text.clone())),
        PromptItem::Audio { url, .. } => Some(Piece::File(url.clone())),
        PromptItem::Break(time) => Some(Piece::Silence(time.as_millis() as u32)),
        PromptItem::Mark(_) => None,
    }
}

impl Application for Documents {
    fn hear(&mut self, now: Instant, message: &ToIvr, out: &mut Vec<FromIvr>) {
        match message {
            ToIvr::Hello { .. } => {}
            ToIvr::Start { session, url, local, remote, .. } => {
                let info = SessionInfo::new(local, remote, url, WallTime(0), session.0.into());
                self.sessions.insert(*session, Interpreter::new(now, info, Limits::default()));
                self.drain(now, *session, out);
            }
            ToIvr::PlayDone { session, play, end, played_ms } => {
                let reason = match end {
                    PlayEnd::Completed => vxml::PlayEnd::Completed,
                    PlayEnd::BargedIn => vxml::PlayEnd::BargedIn,
                    PlayEnd::Stopped => vxml::PlayEnd::Stopped,
                    PlayEnd::Failed => vxml::PlayEnd::Failed,
                };
                let (play, played_ms) = (PlayId(*play), u64::from(*played_ms));
                self.give(now, *session, Input::PlayDone { play, reason, played_ms }, out);
            }
            ToIvr::Digit { session, digit } => {
                let digit = Digit::new(*digit).expect("the box sends digits");
                self.give(now, *session, Input::Digit(digit), out);
            }
            ToIvr::Hangup { session } => self.give(now, *session, Input::Hangup, out),
            ToIvr::TransferDone { session, end, duration_ms } => {
                let outcome = outcome(*end, u64::from(*duration_ms));
                self.give(now, *session, Input::TransferDone(outcome), out);
            }
        }
    }

    fn tick(&mut self, now: Instant, out: &mut Vec<FromIvr>) {
        let due = |(id, machine): (&SessionId, &Interpreter)| at_or_after(now, machine.deadline()).then_some(*id);
        let due: Vec<SessionId> = self.sessions.iter().filter_map(due).collect();
        for session in due {
            self.give(now, session, Input::Tick, out);
        }
    }

    fn restart(&mut self) {
        self.sessions.clear();
    }
}

fn outcome(end: TransferEnd, duration_ms: u64) -> TransferOutcome {
    match end {
        TransferEnd::Busy => TransferOutcome::Busy,
        TransferEnd::NoAnswer => TransferOutcome::NoAnswer,
        TransferEnd::NetworkBusy => TransferOutcome::NetworkBusy,
        TransferEnd::NearEndDisconnect => TransferOutcome::NearEndDisconnect,
        TransferEnd::FarEndDisconnect => TransferOutcome::FarEndDisconnect(duration_ms),
        TransferEnd::MaxTime => TransferOutcome::MaxtimeDisconnect(duration_ms),
        TransferEnd::BadDestination => TransferOutcome::BadDestination,
        TransferEnd::NoRoute => TransferOutcome::NoRoute,
        TransferEnd::Accepted => TransferOutcome::Blind,
        TransferEnd::Unknown => TransferOutcome::Unknown,
    }
}
