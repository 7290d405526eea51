//! What the pages show of this moment.

use super::Core;
use super::recorders::shown;
use super::spans::SpanState;
use call::{CallView, ConnectionState};
use ipc::web::{Call, Channel, ChannelState, Link, Process, Snapshot, Span};
use ports::span::{D_SLOT, TIMESLOTS};
use sig_span::LinkState;

impl Core {
    /// The whole state. The shell adds how its other processes fare.
    pub fn snapshot(&self, processes: Vec<Process>) -> Snapshot {
        Snapshot {
            name: self.name.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            started_ms: self.started.0,
            last_event: self.model.next_event().saturating_sub(1),
            spans: self.spans.iter().enumerate().map(|(at, span)| self.show_span(at, span)).collect(),
            calls: self.model.views().map(show_call).collect(),
            processes,
        }
    }

    fn show_span(&self, at: usize, span: &SpanState) -> Span {
        let bearers = (1..TIMESLOTS).filter(|slot| *slot != D_SLOT);
        Span {
            name: span.name.clone(),
            card: span.card.into(),
            alarm_loss: span.alarms.loss,
            alarm_remote: span.alarms.remote,
            alarm_indication: span.alarms.indication,
            signaling: if self.taps.covers(at) { "none".into() } else { span.protocol().signaling().name().into() },
            link: span.protocol().link_state().map(|state| match state {
                LinkState::Down => Link::Down,
                LinkState::Establishing => Link::Establishing,
                LinkState::Up => Link::Up,
            }),
            slips: span.slips,
            channels: bearers.map(|slot| self.show_channel(at, span, slot as u8)).collect(),
        }
    }

    fn show_channel(&self, at: usize, span: &SpanState, timeslot: u8) -> Channel {
        let state = match span.protocol().channel_state(timeslot) {
            sig_span::ChannelState::Absent => ChannelState::Absent,
            sig_span::ChannelState::Idle => ChannelState::Idle,
            sig_span::ChannelState::Incoming => ChannelState::Incoming,
            sig_span::ChannelState::Outgoing => ChannelState::Outgoing,
            sig_span::ChannelState::Connected => ChannelState::Connected,
            sig_span::ChannelState::Clearing => ChannelState::Clearing,
            sig_span::ChannelState::Busy => ChannelState::Busy,
            sig_span::ChannelState::Blocked | sig_span::ChannelState::BlockedRemotely => ChannelState::Blocked,
            sig_span::ChannelState::OutOfService => ChannelState::OutOfService,
        };
        let port = media_io::port(at, timeslot);
        if let Some((name, call)) = self.taps.at(port) {
            let state = if call.is_some() { ChannelState::Connected } else { ChannelState::Idle };
            return Channel { timeslot, state, name: Some(name.into()), call: call.map(|tap| tap.call.to_string()) };
        }
        let leg = self.lines.by_port(port).and_then(|leg| self.model.leg(leg));
        let name = span.lines.get(&timeslot).cloned();
        Channel { timeslot, state, name, call: leg.map(|leg| leg.call.to_string()) }
    }
}

fn show_call(view: CallView<'_>) -> Call {
    Call {
        id: view.id.to_string(),
        from: view.from.into(),
        to: view.to.into(),
        line: view.line.into(),
        started_ms: view.opened.0,
        answered_ms: view.answered.map(|wall| wall.0),
        state: state_name(view.state).into(),
        step: view.step.into(),
        with: view.with.map(Into::into),
        recording: view.recording.map(shown),
    }
}

/// CSTA's names (ECMA-269 §6.1.5).
const fn state_name(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Initiated => "initiated",
        ConnectionState::Alerting => "alerting",
        ConnectionState::Connected => "connected",
        ConnectionState::Hold => "hold",
        ConnectionState::Fail => "fail",
        ConnectionState::Null => "null",
    }
}
