//! Silence in a call's recording: for a secret that the application collects, and by order of an agent or a user.
//!
//! The two stand side by side: what was silenced for a secret stays so whatever an agent does, and the other way round. Each is noted with
//! where in the recording it begins and ends, and who ordered it. Time in the file goes on.

use super::{Model, Phase};
use crate::action::{Action, At, LegId, OrderedBy, RecordingState, Write};
use crate::event::EventKind;
use base::CallId;

/// What silences a call's recording now.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// Number of the note of the application's secret.
    secret: Option<u32>,
    order: Option<Order>,
    notes: u32,
}

#[derive(Debug)]
struct Order {
    state: RecordingState,
    by: OrderedBy,
    note: u32,
}

impl Silence {
    /// What is told of it: a secret says more than a pause.
    pub(super) fn state(&self) -> RecordingState {
        match (&self.secret, &self.order) {
            (Some(_), _) => RecordingState::Masked,
            (None, Some(order)) => order.state,
            (None, None) => RecordingState::On,
        }
    }

    fn is_silent(&self) -> bool {
        self.state() != RecordingState::On
    }

    fn ordered(&self) -> RecordingState {
        self.order.as_ref().map_or(RecordingState::On, |order| order.state)
    }
}

impl Model {
    /// Somebody orders what the call's recording holds from now on. False where there is no such call, or it is not recorded.
    pub fn order_recording(&mut self, at: At, id: CallId, by: OrderedBy, state: RecordingState) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let (caller, recording, was_silent) = (call.caller, call.recording, call.silence.is_silent());
        if recording.is_none() && by != OrderedBy::Application {
            return false;
        }
        let silence = &mut call.silence;
        let before = match by {
            OrderedBy::Application if silence.secret.is_some() => RecordingState::Masked,
            OrderedBy::Application => RecordingState::On,
            OrderedBy::Agent(_) | OrderedBy::User(_) => silence.ordered(),
        };
        if before == state {
            return true;
        }
        let ended = match by {
            OrderedBy::Application => silence.secret.take(),
            OrderedBy::Agent(_) | OrderedBy::User(_) => silence.order.take().map(|order| order.note),
        };
        let mut begun = None;
        if state != RecordingState::On {
            silence.notes += 1;
            begun = Some(silence.notes);
            match by {
                OrderedBy::Application => silence.secret = begun,
                OrderedBy::Agent(_) | OrderedBy::User(_) => {
                    silence.order = Some(Order { state, by: by.clone(), note: silence.notes });
                }
            }
        }
        let is_silent = silence.is_silent();
        if let Some((recording, began)) = recording {
            let (wall, offset_ms) = (at.wall, at.now.since(began).as_millis() as u64);
            if let Some(number) = ended {
                self.store(Write::SilenceEnded { recording, number, offset_ms, wall });
            }
            if let Some(number) = begun {
                self.store(Write::SilenceBegan { recording, number, state, by: by.to_string(), offset_ms, wall });
            }
            if by != OrderedBy::Application {
                let changed = EventKind::RecordingChanged { recording, state: state.name(), by: by.to_string() };
                self.event(at, Some(id), changed);
            }
        }
        match (was_silent, is_silent) {
            (false, true) => self.actions.push_back(Action::SilenceRecord { leg: caller }),
            (true, false) => self.actions.push_back(Action::UnsilenceRecord { leg: caller }),
            (false, false) | (true, true) => {}
        }
        true
    }

    /// The party of a second leg asks for a pause by key, or for its end. Gives what holds then; `None` where the leg does not talk, or the
    /// call is not recorded.
    pub fn toggle_pause(&mut self, at: At, leg: LegId) -> Option<RecordingState> {
        let known = self.legs.get(&leg)?;
        let (id, device) = (known.call, known.device.clone());
        let call = self.calls.get(&id)?;
        if !matches!(call.phase, Phase::Talking { peer, .. } if peer == leg) {
            return None;
        }
        let state = match call.silence.ordered() {
            RecordingState::On => RecordingState::Paused,
            RecordingState::Paused | RecordingState::Masked => RecordingState::On,
        };
        self.order_recording(at, id, OrderedBy::Agent(device), state).then_some(state)
    }

    /// The agent is gone: what it silenced was of its own talk.
    pub(super) fn end_agents_silence(&mut self, at: At, id: CallId) {
        let order = self.calls.get(&id).and_then(|call| call.silence.order.as_ref());
        if let Some(by @ OrderedBy::Agent(_)) = order.map(|order| order.by.clone()) {
            self.order_recording(at, id, by, RecordingState::On);
        }
    }

    /// The recording ends, and every silence in it. What is on its way to the file stays silent.
    pub(super) fn end_silence(&mut self, at: At, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some((recording, began)) = call.recording else { return };
        let silence = std::mem::take(&mut call.silence);
        let (wall, offset_ms) = (at.wall, at.now.since(began).as_millis() as u64);
        for number in [silence.secret, silence.order.map(|order| order.note)].into_iter().flatten() {
            self.store(Write::SilenceEnded { recording, number, offset_ms, wall });
        }
    }
}
