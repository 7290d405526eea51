//! The caller's side: routing, the answer, the application, the stretches of the talk.

use super::{App, COMMIT_WAIT, DIGITS_WAIT, LegState, Model, Phase, shown};
use crate::action::{Action, At, OrderedBy, RecordingState, Recordings, Write};
use crate::event::EventKind;
use crate::route::{Routing, Target};
use base::{CallId, Cause, ConnectionId, RecordingId};
use ports::call::{Address, Primitive, Refusal};

impl Model {
    pub(super) fn choose_route(&mut self, at: At, id: CallId) {
        let call = &self.calls[&id];
        let setup = call.setup;
        match self.plan.route(&setup.to.digits, &setup.from.digits, setup.address) {
            Routing::Incomplete => {
                self.calls.get_mut(&id).expect("seen above").phase = Phase::Collecting(at.now + DIGITS_WAIT)
            }
            Routing::Nowhere if setup.to.digits.is_empty() => self.clear_call(at, id, Cause::INVALID_NUMBER_FORMAT),
            Routing::Nowhere => self.clear_call(at, id, Cause::UNALLOCATED_NUMBER),
            Routing::To(Target::Reject(cause)) => {
                let cause = *cause;
                self.clear_call(at, id, cause);
            }
            Routing::To(target) => {
                let target = target.clone();
                let call = self.calls.get_mut(&id).expect("seen above");
                call.phase = Phase::Committing(at.now + COMMIT_WAIT, target);
                let leg = call.caller;
                self.tell(leg, Primitive::Proceeding);
                self.actions.push_back(Action::Commit(id));
            }
        }
    }

    pub(super) fn caller_line(&mut self, at: At, id: CallId, primitive: Primitive) {
        let call = self.calls.get_mut(&id).expect("the caller's leg names it");
        let caller = call.caller;
        match (primitive, &call.phase) {
            (Primitive::Digits { digits, address }, Phase::Collecting(_)) => {
                let fits = call.setup.to.digits.append(&digits).is_ok();
                call.setup.address = if fits { address } else { Address::Complete };
                self.choose_route(at, id);
            }
            (Primitive::Info(digits), Phase::Dialog) => {
                self.actions.push_back(Action::AppDigits { leg: caller, digits })
            }
            (Primitive::Clearing { cause, .. }, _) => {
                self.release(at, caller, Primitive::Released { cause });
                self.clear_call(at, id, cause);
            }
            (Primitive::Released { cause }, _) => {
                self.clear_call(at, id, cause);
                self.leg_gone(at, caller, cause);
            }
            (Primitive::Refused(_), Phase::Clearing) => self.leg_gone(at, caller, Cause::NORMAL_UNSPECIFIED),
            (Primitive::TransferRequested(_) | Primitive::MediaOffer(_), _) => {
                self.tell(caller, Primitive::Refused(Refusal::NotSupported));
            }
            // Of no consequence to the caller's call in this phase.
            (
                Primitive::Setup(_)
                | Primitive::Digits { .. }
                | Primitive::Info(_)
                | Primitive::Proceeding
                | Primitive::Progress(_)
                | Primitive::Detail(_)
                | Primitive::Alerting(_)
                | Primitive::Connected
                | Primitive::Held
                | Primitive::Retrieved
                | Primitive::Flash
                | Primitive::Charge(_)
                | Primitive::MediaAnswer(_)
                | Primitive::Reanswered
                | Primitive::Refused(_),
                _,
            ) => {}
        }
    }

    pub(super) fn answer_by_app(&mut self, at: At, id: CallId, name: String, url: String) {
        let connection = ConnectionId(self.ids.next_id());
        let call = self.calls.get_mut(&id).expect("being committed");
        call.app = Some(App { connection, name: name.clone(), url });
        let (calling_device, called_device) = (shown(&call.setup.from), call.setup.to.digits.to_string());
        self.event(
            at,
            Some(id),
            EventKind::Delivered {
                connection,
                alerting_device: name.clone(),
                calling_device: calling_device.clone(),
                called_device: called_device.clone(),
            },
        );
        self.answer_caller(at, id);
        self.event(
            at,
            Some(id),
            EventKind::Established { connection, answering_device: name, calling_device, called_device },
        );
        self.start_app(at, id);
    }

    pub(super) fn start_app(&mut self, at: At, id: CallId) {
        let call = self.calls.get_mut(&id).expect("its phase was just seen");
        if call.app.is_none() {
            return;
        }
        call.phase = Phase::Dialog;
        // One that died in the midst of a secret left it silent: its caller may have keyed on.
        self.order_recording(at, id, OrderedBy::Application, RecordingState::On);
        let call = self.calls.get_mut(&id).expect("its phase was just seen");
        let Some(app) = &call.app else { return };
        let (leg, url, name) = (call.caller, app.url.clone(), app.name.clone());
        let (local, remote) = (call.setup.to.digits.to_string(), shown(&call.setup.from));
        self.begin_segment(at, id, name);
        self.actions.push_back(Action::StartApp { leg, call: id, url, local, remote });
    }

    /// Answers the caller's line and begins the recording.
    pub(super) fn answer_caller(&mut self, at: At, id: CallId) {
        let recording = match self.recordings {
            Recordings::Made => Some(RecordingId(self.ids.next_id())),
            Recordings::NotMade => None,
        };
        let call = self.calls.get_mut(&id).expect("being answered");
        if call.answered.is_some() {
            return;
        }
        call.answered = Some(at.wall);
        call.recording = recording.map(|recording| (recording, at.now));
        let caller = call.caller;
        let leg = self.legs.get_mut(&caller).expect("the caller's leg lives as long as the call is not clearing");
        leg.state = LegState::Connected;
        let connection = leg.connection;
        self.tell(caller, Primitive::Connected);
        self.store(Write::CallAnswered { call: id, wall: at.wall });
        self.store(Write::LegAnswered { leg: connection, wall: at.wall });
        if let Some(recording) = recording {
            self.actions.push_back(Action::Record { leg: caller, recording });
            self.event(at, Some(id), EventKind::RecordingStarted { recording });
        }
    }

    /// From here on the caller's leg is with `device`: what was with another before ends.
    pub(super) fn begin_segment(&mut self, at: At, id: CallId, device: String) {
        self.end_segment(at, id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(caller) = self.legs.get(&call.caller) else { return };
        call.segments += 1;
        call.segment_open = true;
        let (leg, number) = (caller.connection, call.segments);
        let recording = call.recording.map(|(recording, _)| recording);
        let offset_ms = call.recording.map_or(0, |(_, began)| at.now.since(began).as_millis() as u64);
        self.store(Write::SegmentOpened { leg, number, device, recording, offset_ms, wall: at.wall });
    }

    pub(super) fn end_segment(&mut self, at: At, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(caller) = self.legs.get(&call.caller) else { return };
        if std::mem::take(&mut call.segment_open) {
            let (leg, number) = (caller.connection, call.segments);
            self.store(Write::SegmentClosed { leg, number, wall: at.wall });
        }
    }
}
