//! MFC/R2 in the words of all spans.

use crate::order::{Listen, Order};
use crate::protocol::{Action, CallHandle, ChannelState, Report};
use crate::sound::sound;
use sig_loopstart::Tone;
use sig_r2::Action as Own;

pub(crate) fn action<F>(country: &str, action: Own) -> Action<F> {
    match action {
        Own::Cas { timeslot, bits } => Action::Cas { timeslot, bits },
        Own::SendMf { timeslot, signal } => Action::Audio { timeslot, order: Order::SendMf(signal) },
        Own::ListenMf { timeslot, register } => {
            Action::Audio { timeslot, order: Order::Listen(Listen { mf: register, ..Listen::NONE }) }
        }
        Own::PlayTone { timeslot, tone } => {
            let tone = tone.map(|tone| match tone {
                sig_r2::Tone::Ringback => Tone::Ringback,
                sig_r2::Tone::Busy => Tone::Busy,
                sig_r2::Tone::Congestion => Tone::Congestion,
            });
            Action::Audio { timeslot, order: Order::Tone(tone.map(|tone| sound(country, tone))) }
        }
        Own::Line { call, channel, primitive } => Action::Line { call: CallHandle::R2(call), channel, primitive },
        Own::ChannelChanged { timeslot, .. } => Action::ChannelChanged(timeslot),
        Own::Report { timeslot, call, report } => {
            Action::Report { channel: Some(timeslot), call: call.map(CallHandle::R2), report: Report::R2(report) }
        }
    }
}

pub(crate) const fn channel_state(state: sig_r2::ChannelState) -> ChannelState {
    use sig_r2::ChannelState as Own;
    match state {
        Own::Absent => ChannelState::Absent,
        Own::Idle => ChannelState::Idle,
        Own::Incoming => ChannelState::Incoming,
        Own::Outgoing => ChannelState::Outgoing,
        Own::Connected => ChannelState::Connected,
        Own::Clearing => ChannelState::Clearing,
        Own::Blocked => ChannelState::Blocked,
        Own::BlockedRemotely => ChannelState::BlockedRemotely,
        Own::OutOfService => ChannelState::OutOfService,
    }
}
