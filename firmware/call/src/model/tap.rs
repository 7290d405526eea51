//! Recordings of channels that carry no calls of the box: each is kept as a call that nobody placed.

use super::Model;
use crate::action::{At, Direction, Write};
use crate::event::EventKind;
use base::{CallId, Cause, ConnectionId, RecordingId};

/// A recording of a tap, and the call and leg that it is kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TapCall {
    /// The call.
    pub call: CallId,
    leg: ConnectionId,
    /// The recording.
    pub recording: RecordingId,
}

impl Model {
    /// A recording of the channel `line` begins, which people call `name`. It is no call in progress.
    pub fn begin_tap(&mut self, at: At, line: &str, name: &str) -> TapCall {
        let tap = TapCall {
            call: CallId(self.ids.next_id()),
            leg: ConnectionId(self.ids.next_id()),
            recording: RecordingId(self.ids.next_id()),
        };
        let TapCall { call, leg, recording } = tap;
        let wall = at.wall;
        let (line, device) = (line.to_owned(), name.to_owned());
        self.store(Write::CallOpened { call, from: String::new(), to: device.clone(), line, wall });
        self.store(Write::CallAnswered { call, wall });
        self.store(Write::LegOpened { call, leg, device: device.clone(), direction: Direction::In, wall });
        self.store(Write::LegAnswered { leg, wall });
        let recording = Some(recording);
        self.store(Write::SegmentOpened { leg, number: 1, device, recording, offset_ms: 0, wall });
        self.event(at, Some(call), EventKind::RecordingStarted { recording: tap.recording });
        tap
    }

    /// It is over.
    pub fn end_tap(&mut self, at: At, tap: TapCall) {
        let (TapCall { call, leg, .. }, cause, wall) = (tap, Cause::NORMAL_CLEARING, at.wall);
        self.store(Write::SegmentClosed { leg, number: 1, wall });
        self.store(Write::LegClosed { leg, cause, wall });
        self.event(at, Some(call), EventKind::CallCleared { cause });
        self.store(Write::CallClosed { call, cause, wall });
    }
}
