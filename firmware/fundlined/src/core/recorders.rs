//! Recorders of the engine: which records what, and what is written when one is done.

use super::{Core, Effect};
use base::RecordingId;
use call::{At, LegId, RecordingState};
use ipc::web;
use media::{Command, RecordSlot};
use records_io::RecordingReport;
use std::collections::{BTreeMap, VecDeque};

/// What a user orders, in the model's words.
pub(super) const fn ordered(state: web::RecordingState) -> RecordingState {
    match state {
        web::RecordingState::On => RecordingState::On,
        web::RecordingState::Paused => RecordingState::Paused,
        web::RecordingState::Masked => RecordingState::Masked,
    }
}

/// The same for pages.
pub(super) const fn shown(state: RecordingState) -> web::RecordingState {
    match state {
        RecordingState::On => web::RecordingState::On,
        RecordingState::Paused => web::RecordingState::Paused,
        RecordingState::Masked => web::RecordingState::Masked,
    }
}

/// A recorder is free again only when the engine has given out its last block, so that no block goes to the next recording.
#[derive(Debug)]
pub(super) struct Recorders {
    free: Vec<RecordSlot>,
    busy: BTreeMap<RecordSlot, RecordingId>,
    /// Wanted while every recorder was busy; at most one a leg.
    waiting: VecDeque<(LegId, RecordingId)>,
}

impl Recorders {
    pub(super) fn new(slots: usize) -> Self {
        Self {
            free: (0..=u16::MAX).take(slots).map(RecordSlot).rev().collect(),
            busy: BTreeMap::new(),
            waiting: VecDeque::new(),
        }
    }

    fn slot_of(&self, recording: RecordingId) -> Option<RecordSlot> {
        self.busy.iter().find(|(_, other)| **other == recording).map(|(slot, _)| *slot)
    }
}

impl Core {
    pub(super) fn record(&mut self, leg: LegId, recording: RecordingId) {
        let Some(port) = self.lines.port(leg) else { return };
        let Some(slot) = self.recorders.free.pop() else {
            return self.recorders.waiting.push_back((leg, recording));
        };
        self.recorders.busy.insert(slot, recording);
        self.effects.push_back(Effect::RecordingBegins { slot, recording });
        // A PIN may be keyed before it is asked for: no tone of a caller is ever recorded.
        self.media(Command::ClampRecord { port, clamp: media::Clamp::On });
        self.media(Command::StartRecord { port, recording: slot });
    }

    /// A recorder for good.
    pub(super) fn reserve_recorder(&mut self) -> Option<RecordSlot> {
        self.recorders.free.pop()
    }

    pub(super) fn stop_record(&mut self, recording: RecordingId) {
        self.recorders.waiting.retain(|(_, other)| *other != recording);
        if let Some(slot) = self.recorders.slot_of(recording) {
            self.media(Command::StopRecord(slot));
        }
    }

    /// The engine gave out the last block, or never gave any.
    pub(super) fn recorder_done(&mut self, slot: RecordSlot) {
        let Some(recording) = self.recorders.busy.remove(&slot) else { return };
        self.effects.push_back(Effect::RecordingEnds(recording));
        self.recorders.free.push(slot);
        if let Some((leg, recording)) = self.recorders.waiting.pop_front() {
            self.record(leg, recording);
        }
    }

    pub(super) fn recording_report(&mut self, at: At, report: RecordingReport) {
        let text = match report {
            RecordingReport::Closed(closed) => return self.writes.push(closed.into()),
            RecordingReport::GivenUp { id } => format!("recording {id} was given up: too many wait for the disk"),
            RecordingReport::DiskFailed { error } => format!("recordings cannot be written ({error}); check the disk"),
            RecordingReport::DiskRecovered => "recordings are written again".into(),
        };
        self.model.alarm(at, "recordings", text);
    }
}
