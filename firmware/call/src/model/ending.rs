//! Deadlines and the end of calls.

use super::{LegState, Model, Phase, RELEASE_WAIT, clearing};
use crate::action::{Action, At, LegId, Stored, TransferEnd, Write};
use crate::event::EventKind;
use base::{CallId, Cause};
use ports::call::{Address, Primitive};

impl Model {
    pub(super) fn phase_expired(&mut self, at: At, id: CallId) {
        let call = self.calls.get_mut(&id).expect("listed as due");
        let caller = call.caller;
        match call.phase.clone() {
            Phase::Collecting(_) if call.setup.address == Address::Open => {
                call.setup.address = Address::Complete;
                self.choose_route(at, id);
            }
            Phase::Collecting(_) => self.clear_call(at, id, Cause::INVALID_NUMBER_FORMAT),
            Phase::Committing(..) => self.committed(at, id, Stored::No),
            Phase::Restarting(_) => self.clear_call(at, id, Cause::TEMPORARY_FAILURE),
            Phase::Ringing { peer, .. } => {
                self.peer_lost(at, id, peer, Cause::NO_ANSWER);
                self.release(at, peer, clearing(Cause::NORMAL_CLEARING));
            }
            Phase::Talking { peer, origin, since, .. } => {
                self.actions.push_back(Action::Part(caller, peer));
                self.talk_over(at, id, origin, TransferEnd::MaxTime, at.now.since(since), Cause::NORMAL_CLEARING);
                self.release(at, peer, clearing(Cause::NORMAL_CLEARING));
            }
            Phase::Dialog | Phase::Clearing => {}
        }
    }

    /// Ends the call: every leg that is not yet being released is told, the application too.
    pub(super) fn clear_call(&mut self, at: At, id: CallId, cause: Cause) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let phase = std::mem::replace(&mut call.phase, Phase::Clearing);
        if phase == Phase::Clearing {
            return;
        }
        call.cause = cause;
        self.end_segment(at, id);
        self.end_silence(at, id);
        let call = self.calls.get_mut(&id).expect("seen above");
        let (caller, app, recording) = (call.caller, call.app.take(), call.recording.take());
        if app.is_some() {
            self.actions.push_back(Action::HangUpApp { leg: caller });
        }
        if let Phase::Talking { peer, .. } | Phase::Ringing { peer, joined: true, .. } = phase {
            self.actions.push_back(Action::Part(caller, peer));
        }
        if let Phase::Ringing { .. } = phase {
            self.actions.push_back(Action::StopTone { leg: caller });
        }
        if let Some((recording, _)) = recording {
            self.actions.push_back(Action::StopRecord { leg: caller, recording });
        }
        let legs: Vec<LegId> = self.legs.iter().filter(|(_, leg)| leg.call == id).map(|(leg, _)| *leg).collect();
        for leg in legs {
            self.release(at, leg, clearing(cause));
        }
    }

    /// Asks the leg's line to end, once.
    pub(super) fn release(&mut self, at: At, leg: LegId, primitive: Primitive) {
        let Some(known) = self.legs.get_mut(&leg) else { return };
        if !known.state.is_clearing() {
            known.state = LegState::Clearing(at.now + RELEASE_WAIT);
            self.tell(leg, primitive);
        }
    }

    /// The leg's line is free. With the last leg the call is over.
    pub(super) fn leg_gone(&mut self, at: At, leg: LegId, cause: Cause) {
        let Some(gone) = self.legs.remove(&leg) else { return };
        let id = gone.call;
        self.store(Write::LegClosed { leg: gone.connection, cause, wall: at.wall });
        let cleared =
            EventKind::ConnectionCleared { connection: gone.connection, releasing_device: gone.device, cause };
        self.event(at, Some(id), cleared);
        if self.legs.values().all(|other| other.call != id) {
            let cause = self.calls.remove(&id).map_or(cause, |call| call.cause);
            self.event(at, Some(id), EventKind::CallCleared { cause });
            self.store(Write::CallClosed { call: id, cause, wall: at.wall });
        }
    }
}
