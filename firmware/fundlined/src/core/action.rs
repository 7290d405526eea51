//! The call model's wishes carried out, and its rows and events written.

use super::{Core, Effect, Store};
use base::{CallId, Dbm0};
use call::{Action, At, Event, RecordingState, Stored, Tone};
use ipc::web;
use media::{Cadence, Command, Length, Mask, ToneSpec};
use records_io::{Direction, Silenced, Write};

/// Ringing tone: 450 Hz, 1 s on, 4 s off, -10 dBm0 (GB/T 3380).
const RINGBACK: ToneSpec = ToneSpec {
    first_hz: 450.0,
    second_hz: None,
    level: Dbm0(-10.0),
    cadence: Cadence::new(&[(1000, 4000)]),
    length: Length::Endless,
};

impl Core {
    pub(super) fn carry_out(&mut self, at: At, action: Action) {
        match action {
            Action::Line { leg, primitive } => self.tell_line(at, leg, primitive),
            Action::Originate { leg, trunk, setup } => self.originate(at, leg, &trunk, setup),
            Action::StartApp { leg, call, url, local, remote } => self.start_app(at, leg, call.0, url, local, remote),
            Action::HangUpApp { leg } => self.hang_up_app(leg),
            Action::TransferDone { leg, end, talked } => self.transfer_done(leg, end, talked),
            Action::AppDigits { leg, digits } => self.app_digits(leg, &digits),
            Action::Join(caller, peer) => self.join(caller, peer),
            Action::Part(caller, peer) => self.part(caller, peer),
            Action::Tone { leg, tone: Tone::Ringback } => {
                if let Some(port) = self.lines.port(leg) {
                    self.media(Command::Tone { port, tone: RINGBACK });
                }
            }
            Action::StopTone { leg } => {
                if let Some(port) = self.lines.port(leg) {
                    self.media(Command::StopTone(port));
                }
            }
            Action::Record { leg, recording } => self.record(leg, recording),
            Action::SilenceRecord { leg } => self.mask(leg, Mask::On),
            Action::UnsilenceRecord { leg } => self.mask(leg, Mask::Off),
            Action::StopRecord { recording, .. } => self.stop_record(recording),
            Action::Store(write) => self.keep(write),
            Action::Commit(call) => self.commit.push(call),
            Action::Event(event) => self.publish(event),
        }
    }

    fn keep(&mut self, write: call::Write) {
        match &write {
            call::Write::CallOpened { call, line, from, to, .. } => {
                tracing::info!(%call, %line, "call offered");
                tracing::debug!(%call, %from, %to, "its numbers");
            }
            call::Write::CallAnswered { call, .. } => tracing::info!(%call, "call answered"),
            call::Write::CallClosed { call, cause, .. } => tracing::info!(%call, %cause, "call over"),
            call::Write::LegOpened { .. }
            | call::Write::LegAnswered { .. }
            | call::Write::LegClosed { .. }
            | call::Write::LegHungUp { .. }
            | call::Write::SegmentOpened { .. }
            | call::Write::SegmentClosed { .. }
            | call::Write::SilenceBegan { .. }
            | call::Write::SilenceEnded { .. }
            | call::Write::Path { .. } => {}
        }
        self.writes.push(row(write));
    }

    fn publish(&mut self, event: Event) {
        let Event { seq, wall, call, kind } = event;
        let (name, body) = (kind.name().to_string(), kind.json());
        self.writes.push(Write::Event { seq, wall, call, kind: name.clone(), body: body.clone() });
        let call = call.map(|id| id.to_string());
        self.effects.push_back(Effect::Event(web::Event { seq, wall_ms: wall.0, call, kind: name, body }));
    }

    pub(super) fn stored(&mut self, at: At, calls: &[CallId], result: Result<(), String>) {
        let (stored, now) = match &result {
            Ok(()) => (Stored::Yes, Store::Well),
            Err(_) => (Stored::No, Store::Failing),
        };
        let before = std::mem::replace(&mut self.store, now);
        match (before, result) {
            (Store::Well, Err(why)) => {
                let text =
                    format!("call records are not on the disk ({why}); calls go on; check the disk's space and state");
                self.model.alarm(at, "store", text);
            }
            (Store::Failing, Ok(())) => self.model.alarm(at, "store", "call records are on the disk again".into()),
            (Store::Well, Ok(())) | (Store::Failing, Err(_)) => {}
        }
        calls.iter().for_each(|call| self.model.committed(at, *call, stored));
    }
}

/// The model's write as a row of the store.
fn row(write: call::Write) -> Write {
    match write {
        call::Write::CallOpened { call, from, to, line, wall } => {
            Write::CallOpened { id: call, from, to, line, started: wall }
        }
        call::Write::CallAnswered { call, wall } => Write::CallAnswered { id: call, at: wall },
        call::Write::CallClosed { call, cause, wall } => Write::CallClosed { id: call, cause, ended: wall },
        call::Write::LegOpened { call, leg, device, direction, wall } => {
            let direction = match direction {
                call::Direction::In => Direction::In,
                call::Direction::Out => Direction::Out,
            };
            Write::LegOpened { id: leg, call, device, direction, at: wall }
        }
        call::Write::LegAnswered { leg, wall } => Write::LegAnswered { id: leg, at: wall },
        call::Write::LegClosed { leg, cause, wall } => Write::LegClosed { id: leg, cause, at: wall },
        call::Write::LegHungUp { leg, evidence, wall: _ } => Write::LegHungUp { id: leg, evidence },
        call::Write::SegmentOpened { leg, number, device, recording, offset_ms, wall } => {
            Write::SegmentOpened { leg, number, device, from: wall, recording, offset_ms }
        }
        call::Write::SegmentClosed { leg, number, wall } => Write::SegmentClosed { leg, number, to: wall },
        call::Write::SilenceBegan { recording, number, state, by, offset_ms, wall } => {
            let state = if state == RecordingState::Paused { Silenced::Paused } else { Silenced::Masked };
            Write::SilenceBegan { recording, number, state, by, at: wall, offset_ms }
        }
        call::Write::SilenceEnded { recording, number, offset_ms, wall } => {
            Write::SilenceEnded { recording, number, at: wall, offset_ms }
        }
        call::Write::Path { call, step, wall } => Write::Path { call, at: wall, step },
    }
}
