//! Applications: sessions of `fundline-ivr`, what they ask for and what they are told.

use super::player::Wanted;
use super::{Core, Effect, Ivr, LoadId};
use base::{Digit, Digits};
use call::{AppRequest, At, LegId, OrderedBy, RecordingState, TransferEnd};
use ipc::ivr::{FromIvr, Piece, PlayEnd, SessionId, ToIvr, TransferKind};
use media::{BargeIn, Clip, Command, DtmfDetection, Mask, PortId};
use media_io::signaling;
use std::sync::Arc;
use std::time::Duration;

/// Longest step of a path that is kept, in characters.
const LONGEST_STEP: usize = 200;

impl Core {
    pub(super) fn ivr_up(&mut self, at: At) {
        self.ivr = Ivr::Up;
        self.model.apps_ready(at);
    }

    pub(super) fn ivr_down(&mut self, at: At) {
        self.ivr = Ivr::Down;
        let legs: Vec<LegId> = self.sessions.values().copied().collect();
        for leg in legs {
            self.end_session(leg);
            // The mask stays: a caller in the midst of a PIN keys on. The next session lifts it.
            self.stop_media(leg);
        }
        self.loads.clear();
        self.model.apps_lost(at);
    }

    pub(super) fn start_app(&mut self, at: At, leg: LegId, call: u128, url: String, local: String, remote: String) {
        if self.ivr == Ivr::Down {
            return self.model.apps_lost(at);
        }
        let session = SessionId(self.next_session);
        self.next_session = self.next_session.wrapping_add(1);
        self.end_session(leg);
        let Some(line) = self.lines.get_mut(leg) else { return };
        line.session = Some(session);
        self.sessions.insert(session, leg);
        if let Some(port) = self.lines.port(leg) {
            self.take_keys(port, DtmfDetection::On);
        }
        self.tell_ivr(ToIvr::Start { session, call, url, local, remote });
    }

    /// The leg has no application any more; what it plays is played on until its port is told otherwise.
    pub(super) fn end_session(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(leg) else { return };
        line.player.forget();
        if let Some(session) = line.session.take() {
            self.sessions.remove(&session);
            self.loads.retain(|_, other| *other != session);
        }
    }

    fn stop_media(&mut self, leg: LegId) {
        if let Some(port) = self.lines.port(leg) {
            self.media(Command::StopPlay(port));
            self.take_keys(port, DtmfDetection::Off);
        }
    }

    pub(super) fn hang_up_app(&mut self, leg: LegId) {
        let session = self.lines.get(leg).and_then(|line| line.session);
        self.end_session(leg);
        self.stop_media(leg);
        if let Some(session) = session {
            self.tell_ivr(ToIvr::Hangup { session });
        }
    }

    pub(super) fn transfer_done(&mut self, leg: LegId, end: TransferEnd, talked: Duration) {
        let Some(session) = self.lines.get(leg).and_then(|line| line.session) else { return };
        let duration_ms = u32::try_from(talked.as_millis()).unwrap_or(u32::MAX);
        self.tell_ivr(ToIvr::TransferDone { session, end: told_end(end), duration_ms });
    }

    /// Digits that came by signaling.
    pub(super) fn app_digits(&mut self, leg: LegId, digits: &Digits) {
        let Some(line) = self.lines.get_mut(leg) else { return };
        if let (true, Some(port)) = (line.player.key(), line.port) {
            self.media(Command::StopPlay(port));
        }
        digits.as_str().chars().filter_map(Digit::new).for_each(|digit| self.digit(leg, digit));
        self.go_on(leg);
    }

    fn digit(&mut self, leg: LegId, digit: Digit) {
        if let Some(session) = self.lines.get(leg).and_then(|line| line.session) {
            self.tell_ivr(ToIvr::Digit { session, digit: digit.as_char() });
        }
    }

    fn tell_ivr(&mut self, message: ToIvr) {
        self.effects.push_back(Effect::ToIvr(message));
    }

    pub(super) fn ivr_asks(&mut self, at: At, message: FromIvr) {
        let Some(session) = session_of(&message) else { return };
        let Some(leg) = self.sessions.get(&session).copied() else { return };
        self.current = Some(leg);
        match message {
            FromIvr::Hello { .. } => {}
            FromIvr::Play { session, play, pieces, barge_in } => self.play(leg, session, play, pieces, barge_in),
            FromIvr::StopPlay { .. } => self.stop_play(leg),
            FromIvr::Sensitive { on, .. } => {
                self.secret(at, leg, if on { RecordingState::Masked } else { RecordingState::On })
            }
            FromIvr::Transfer { kind, to, connect_timeout_ms, max_time_ms, .. } => {
                let kind = match kind {
                    TransferKind::Bridge => call::TransferKind::Bridge,
                    TransferKind::Blind => call::TransferKind::Blind,
                };
                let connect_timeout = Duration::from_millis(connect_timeout_ms.into());
                let max_time = Duration::from_millis(max_time_ms.into());
                self.model.app(at, leg, AppRequest::Transfer { kind, to, connect_timeout, max_time });
            }
            FromIvr::EndTransfer { .. } => self.model.app(at, leg, AppRequest::EndTransfer),
            FromIvr::Disconnect { .. } => self.model.app(at, leg, AppRequest::Disconnect),
            FromIvr::Path { step, .. } => {
                self.model.app(at, leg, AppRequest::Step(step.chars().take(LONGEST_STEP).collect()));
            }
            FromIvr::Ended { failed, .. } => {
                self.end_session(leg);
                self.stop_media(leg);
                self.secret(at, leg, RecordingState::On);
                self.model.app(at, leg, AppRequest::Ended { failed });
            }
        }
    }

    fn play(&mut self, leg: LegId, session: SessionId, play: u32, pieces: Vec<Piece>, barge_in: bool) {
        let barge_in = if barge_in { BargeIn::Allowed } else { BargeIn::Refused };
        let file = |piece: &Piece| if let Piece::File(name) = piece { Some(name.clone()) } else { None };
        let files: Vec<String> = pieces.iter().filter_map(file).collect();
        let load = (!files.is_empty()).then_some(LoadId(self.next_load));
        let Some(line) = self.lines.get_mut(leg) else { return };
        if !line.player.add(Wanted { session, play, pieces, barge_in, load }) {
            return self.tell_ivr(ToIvr::PlayDone { session, play, end: PlayEnd::Failed, played_ms: 0 });
        }
        if let Some(load) = load {
            self.next_load = self.next_load.wrapping_add(1);
            self.loads.insert(load, session);
            self.effects.push_back(Effect::Load { load, files });
        }
        self.go_on(leg);
    }

    pub(super) fn loaded(&mut self, load: LoadId, result: Result<Vec<Arc<Clip>>, String>) {
        let Some(leg) = self.loads.remove(&load).and_then(|session| self.sessions.get(&session)).copied() else {
            return;
        };
        self.current = Some(leg);
        if let Err(why) = &result {
            tracing::warn!("a prompt cannot be played: {why}");
        }
        if let Some(line) = self.lines.get_mut(leg) {
            line.player.loaded(load, result);
        }
        self.go_on(leg);
    }

    fn stop_play(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(leg) else { return };
        if let (true, Some(port)) = (line.player.stop(PlayEnd::Stopped), line.port) {
            self.media(Command::StopPlay(port));
        }
        self.go_on(leg);
    }

    /// Gives the engine its next clips and the application its ended prompts.
    fn go_on(&mut self, leg: LegId) {
        let Some(line) = self.lines.get_mut(leg) else { return };
        let (fed, port) = (line.player.feed(&mut self.next_play), line.port);
        let done: Vec<_> = std::iter::from_fn(|| line.player.take_done()).collect();
        if let Some(port) = port {
            fed.into_iter().for_each(|(play, clip, barge_in)| self.media(Command::Play { port, play, clip, barge_in }));
        }
        for done in done {
            let (session, play, end, played_ms) = (done.session, done.play, done.end, done.played_ms);
            self.tell_ivr(ToIvr::PlayDone { session, play, end, played_ms });
        }
    }

    /// The caller's application collects a secret, or no longer.
    fn secret(&mut self, at: At, leg: LegId, state: RecordingState) {
        if let Some(call) = self.model.leg(leg).map(|leg| leg.call) {
            self.model.order_recording(at, call, OrderedBy::Application, state);
        }
    }

    pub(super) fn mask(&mut self, leg: LegId, mask: Mask) {
        if let Some(port) = self.lines.port(leg) {
            self.media(Command::MaskRecord { port, mask });
        }
    }

    pub(super) fn media_event(&mut self, at: At, event: media::Event) {
        if let Some((port, heard)) = signaling::heard(&event) {
            self.channel_heard(at.now, port, heard);
        }
        match event {
            media::Event::Digit { port, digit } => self.with_leg(port, |core, leg| {
                core.digit(leg, digit);
                core.agent_key(at, leg, digit);
            }),
            media::Event::PlayDone { port, play, played_ms, samples: _, reason, clip: _ } => {
                self.with_leg(port, |core, leg| {
                    let Some(line) = core.lines.get_mut(leg) else { return };
                    if line.player.clip_done(play, played_ms, reason) {
                        core.media(Command::StopPlay(port));
                    }
                    core.go_on(leg);
                })
            }
            media::Event::RecordStopped { recording } => self.recorder_done(recording),
            media::Event::RecordRefused { port, recording } => {
                self.recorder_done(recording);
                let text = format!("the engine refused to record port {}", port.0);
                self.model.alarm(at, "recordings", text);
            }
            media::Event::TapRefused { recording, why: _ } => {
                self.recorder_done(recording);
                let text = format!("the engine refused a recording in place {}", recording.0);
                self.model.alarm(at, "recordings", text);
            }
            media::Event::Refused { port, why } => tracing::debug!(port = port.0, ?why, "the engine refused a command"),
            media::Event::Progress { port, event } => {
                self.tap_hears(at, port, &event);
                self.doctor_hears(at.now, port, &event);
            }
            media::Event::Overload { level } => self.overloaded(at, level),
            media::Event::Level { port, level } => self.doctor_measures(at.now, port, level),
            media::Event::DigitEarly { .. }
            | media::Event::DigitEnded { .. }
            | media::Event::Mf { .. }
            | media::Event::Fsk { .. }
            | media::Event::FskSent { .. }
            | media::Event::DigitRetracted { .. }
            | media::Event::DigitsSent { .. }
            | media::Event::Mark { .. }
            | media::Event::HoldEnded { .. }
            | media::Event::Voice { .. }
            | media::Event::Levels { .. }
            | media::Event::Fax { .. }
            | media::Event::FaxToneSent { .. }
            | media::Event::ToneDone { .. } => {}
        }
    }

    /// The engine gives up what calls can do without; from a level on new ones are refused.
    fn overloaded(&mut self, at: At, level: u8) {
        self.overload = level;
        let text = match level {
            0 => "the processor does all again".into(),
            media::Load::REFUSES_CALLS.. => {
                format!("the processor is overloaded (level {level}): new calls are refused")
            }
            _ => format!("the processor is overloaded (level {level}): joined lines are not listened to for tones"),
        };
        self.model.alarm(at, "engine", text);
    }

    fn with_leg(&mut self, port: PortId, act: impl FnOnce(&mut Self, LegId)) {
        if let Some(leg) = self.lines.by_port(port) {
            self.current = Some(leg);
            act(self, leg);
        }
    }
}

const fn session_of(message: &FromIvr) -> Option<SessionId> {
    match message {
        FromIvr::Hello { .. } => None,
        FromIvr::Play { session, .. }
        | FromIvr::StopPlay { session }
        | FromIvr::Sensitive { session, .. }
        | FromIvr::Transfer { session, .. }
        | FromIvr::EndTransfer { session }
        | FromIvr::Disconnect { session }
        | FromIvr::Path { session, .. }
        | FromIvr::Ended { session, .. } => Some(*session),
    }
}

const fn told_end(end: TransferEnd) -> ipc::ivr::TransferEnd {
    match end {
        TransferEnd::Busy => ipc::ivr::TransferEnd::Busy,
        TransferEnd::NoAnswer => ipc::ivr::TransferEnd::NoAnswer,
        TransferEnd::NetworkBusy => ipc::ivr::TransferEnd::NetworkBusy,
        TransferEnd::NearEndDisconnect => ipc::ivr::TransferEnd::NearEndDisconnect,
        TransferEnd::FarEndDisconnect => ipc::ivr::TransferEnd::FarEndDisconnect,
        TransferEnd::MaxTime => ipc::ivr::TransferEnd::MaxTime,
        TransferEnd::BadDestination => ipc::ivr::TransferEnd::BadDestination,
        TransferEnd::Accepted => ipc::ivr::TransferEnd::Accepted,
        TransferEnd::Unknown => ipc::ivr::TransferEnd::Unknown,
    }
}
