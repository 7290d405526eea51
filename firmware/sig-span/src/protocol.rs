//! One set of methods over all protocols of a span.

use crate::lines::{LineEnd, LineSpan, to_line};
use crate::order::{Heard, Order};
use crate::r2;
use base::{Instant, WallTime};
use core::fmt;
use dsp_progress::Learned;
use ports::call::{Detail, Number, Primitive, Refusal, Setup};
use ports::span::{Abcd, Alarms, Frame};
use sig_pri::{LinkState, PriSpan};
use sig_r2::R2Span;

/// A span's signaling.
// There is no allocator here to box them with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub enum Protocol {
    /// A D-channel in timeslot 16.
    Pri(PriSpan),
    /// Analog lines behind a channel bank.
    Lines(LineSpan),
    /// MFC/R2.
    R2(R2Span),
}

/// Which protocol it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signaling {
    /// Primary rate.
    Pri,
    /// Analog lines.
    Loopstart,
    /// MFC/R2.
    R2,
}

impl Signaling {
    /// Its name in settings and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pri => "pri",
            Self::Loopstart => "loopstart",
            Self::R2 => "r2",
        }
    }

    /// Timeslot 16 carries each channel's bits, and no D-channel.
    pub const fn is_channel_associated(self) -> bool {
        match self {
            Self::Pri => false,
            Self::Loopstart | Self::R2 => true,
        }
    }
}

/// Names a call of a span for as long as it lives, and never another one soon after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallHandle {
    /// Of a primary rate span.
    Pri(sig_pri::CallHandle),
    /// Of an analog line.
    Line(sig_loopstart::CallHandle),
    /// Of an R2 span.
    R2(sig_r2::CallHandle),
}

impl fmt::Display for CallHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pri(call) => call.fmt(f),
            Self::Line(call) => call.fmt(f),
            Self::R2(call) => call.fmt(f),
        }
    }
}

/// What a channel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// Nothing is connected there.
    Absent,
    /// Free.
    Idle,
    /// A call towards us is being set up.
    Incoming,
    /// A call of ours is being set up.
    Outgoing,
    /// Answered.
    Connected,
    /// Being released.
    Clearing,
    /// In a call, or not yet ready for the next; the protocol does not tell more.
    Busy,
    /// Kept from calls by its owner.
    Blocked,
    /// Kept from calls by the far end.
    BlockedRemotely,
    /// It cannot be used.
    OutOfService,
}

/// Something for the log or the records.
// There is no allocator here to box it with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// Of a primary rate span's calls.
    Pri(sig_pri::Report),
    /// Of its data link.
    Link(sig_pri::LinkError),
    /// Of an analog line.
    Line(sig_loopstart::Report),
    /// Of an R2 channel.
    R2(sig_r2::Report),
}

/// What the owner has to do.
// There is no allocator here to box frame or order with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Action<F = Frame> {
    /// Send this frame on the D-channel: the owner's own, or lent by [`Protocol::poll_lent`].
    Transmit(F),
    /// Set a timeslot's signaling bits.
    Cas {
        /// Which.
        timeslot: u8,
        /// To these.
        bits: Abcd,
    },
    /// Do this to a channel's audio, whether it carries a call or not.
    Audio {
        /// Which channel.
        timeslot: u8,
        /// What.
        order: Order,
    },
    /// Tell the call model. An incoming call begins with `Setup` and a new handle; nothing follows `Released`.
    Line {
        /// Which call.
        call: CallHandle,
        /// Its timeslot, once known.
        channel: Option<u8>,
        /// What happened.
        primitive: Primitive,
    },
    /// The D-channel's state changed.
    Link(LinkState),
    /// What this timeslot does has changed: see [`Protocol::channel_state`].
    ChannelChanged(u8),
    /// Something for the log or the records.
    Report {
        /// Of which timeslot, where it is one's own.
        channel: Option<u8>,
        /// Of which call.
        call: Option<CallHandle>,
        /// What.
        report: Report,
    },
}

impl<F> Action<F> {
    /// The same with another frame in the place of this one, or with what became of the frame.
    #[inline]
    pub fn map<G>(self, frame: impl FnOnce(F) -> G) -> Action<G> {
        match self {
            Self::Transmit(octets) => Action::Transmit(frame(octets)),
            Self::Cas { timeslot, bits } => Action::Cas { timeslot, bits },
            Self::Audio { timeslot, order } => Action::Audio { timeslot, order },
            Self::Line { call, channel, primitive } => Action::Line { call, channel, primitive },
            Self::Link(state) => Action::Link(state),
            Self::ChannelChanged(timeslot) => Action::ChannelChanged(timeslot),
            Self::Report { channel, call, report } => Action::Report { channel, call, report },
        }
    }
}

impl Protocol {
    /// Which protocol it is.
    pub const fn signaling(&self) -> Signaling {
        match self {
            Self::Pri(_) => Signaling::Pri,
            Self::Lines(_) => Signaling::Loopstart,
            Self::R2(_) => Signaling::R2,
        }
    }

    /// Brings the span up, and again whenever it was lost.
    pub fn start(&mut self, now: Instant) {
        match self {
            Self::Pri(span) => span.start(now),
            Self::Lines(lines) => lines.bank.handle_timeout(now),
            Self::R2(span) => span.start(now),
        }
    }

    /// A D-channel frame, address to the end of the information field. Of no meaning to a span without a D-channel.
    pub fn handle_frame(&mut self, now: Instant, octets: &[u8]) {
        match self {
            Self::Pri(span) => span.handle_frame(now, octets),
            Self::Lines(_) | Self::R2(_) => {}
        }
    }

    /// A channel's signaling bits changed. Of no meaning to a span that has none.
    pub fn handle_cas(&mut self, now: Instant, timeslot: u8, bits: Abcd) {
        match self {
            Self::Pri(_) => {}
            Self::Lines(lines) => lines.bank.handle_cas(now, timeslot, bits),
            Self::R2(span) => span.handle_cas(now, timeslot, bits),
        }
    }

    /// The span's alarms changed.
    pub fn handle_alarms(&mut self, now: Instant, alarms: Alarms) {
        match self {
            Self::Pri(span) => span.handle_alarms(now, alarms),
            Self::Lines(lines) => lines.bank.handle_alarms(now, alarms),
            Self::R2(span) => span.handle_alarms(now, alarms),
        }
    }

    /// The engine heard something on a channel whose receivers were wanted.
    pub fn heard(&mut self, now: Instant, timeslot: u8, heard: &Heard) {
        match self {
            Self::Pri(_) => {}
            Self::Lines(lines) => {
                if let Some(heard) = to_line(heard) {
                    lines.bank.handle_heard(now, timeslot, &heard);
                }
            }
            Self::R2(span) => {
                if let Heard::Mf(signal) = *heard {
                    span.handle_mf(now, timeslot, signal);
                }
            }
        }
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Pri(span) => span.handle_timeout(now),
            Self::Lines(lines) => lines.bank.handle_timeout(now),
            Self::R2(span) => span.handle_timeout(now),
        }
    }

    /// When [`Protocol::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Pri(span) => span.deadline(),
            Self::Lines(lines) => lines.bank.deadline(),
            Self::R2(span) => span.deadline(),
        }
    }

    /// Places a call, on this timeslot or on a free one.
    ///
    /// # Errors
    /// The span or the channel is down or not free, or it cannot carry such a call.
    pub fn call(&mut self, now: Instant, setup: Setup, channel: Option<u8>) -> Result<CallHandle, Refusal> {
        self.call_with(now, setup, &[], channel)
    }

    /// [`Protocol::call`] with more to say of it. What the protocol has no words for is left out.
    ///
    /// # Errors
    /// As for [`Protocol::call`].
    pub fn call_with(
        &mut self,
        now: Instant,
        setup: Setup,
        details: &[Detail],
        channel: Option<u8>,
    ) -> Result<CallHandle, Refusal> {
        match self {
            Self::Pri(span) => span.call_with(now, setup, details, channel).map(CallHandle::Pri),
            Self::Lines(lines) => lines.call(now, setup, details, channel).map(CallHandle::Line),
            Self::R2(span) => span.call(now, setup, channel).map(CallHandle::R2),
        }
    }

    /// The call model's word for a call. Of a call that is over, or another span's, nothing comes of it.
    pub fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        match (self, call) {
            (Self::Pri(span), CallHandle::Pri(call)) => span.line(now, call, primitive),
            (Self::Lines(lines), CallHandle::Line(call)) => lines.bank.line(now, call, primitive),
            (Self::R2(span), CallHandle::R2(call)) => span.line(now, call, primitive),
            (Self::Pri(_), CallHandle::Line(_) | CallHandle::R2(_))
            | (Self::Lines(_), CallHandle::Pri(_) | CallHandle::R2(_))
            | (Self::R2(_), CallHandle::Pri(_) | CallHandle::Line(_)) => {}
        }
    }

    /// Tells the party of this call that another calls.
    ///
    /// # Errors
    /// The line has no way to say this, or not now.
    pub fn call_waiting(&mut self, now: Instant, call: CallHandle, from: &Number) -> Result<(), Refusal> {
        match (self, call) {
            (Self::Lines(lines), CallHandle::Line(call)) => lines.bank.call_waiting(now, call, from),
            _ => Err(Refusal::NotSupported),
        }
    }

    /// Keeps a channel from calls of ours; the call on it goes on.
    pub fn block(&mut self, now: Instant, timeslot: u8) {
        match self {
            Self::Pri(span) => span.block(timeslot),
            Self::Lines(lines) => lines.bank.set_blocked(timeslot, true),
            Self::R2(span) => {
                span.handle_timeout(now);
                span.block(timeslot);
            }
        }
    }

    /// Takes a blocked channel back into service.
    pub fn unblock(&mut self, now: Instant, timeslot: u8) {
        match self {
            Self::Pri(span) => span.unblock(timeslot),
            Self::Lines(lines) => lines.bank.set_blocked(timeslot, false),
            Self::R2(span) => {
                span.handle_timeout(now);
                span.unblock(timeslot);
            }
        }
    }

    /// What a timeslot does.
    pub fn channel_state(&self, timeslot: u8) -> ChannelState {
        match self {
            Self::Pri(span) => match span.channel_state(timeslot) {
                sig_pri::ChannelState::Idle => ChannelState::Idle,
                sig_pri::ChannelState::Incoming => ChannelState::Incoming,
                sig_pri::ChannelState::Outgoing => ChannelState::Outgoing,
                sig_pri::ChannelState::Connected => ChannelState::Connected,
                sig_pri::ChannelState::Clearing => ChannelState::Clearing,
                sig_pri::ChannelState::Blocked => ChannelState::Blocked,
                sig_pri::ChannelState::BlockedRemotely => ChannelState::BlockedRemotely,
                sig_pri::ChannelState::OutOfService => ChannelState::OutOfService,
            },
            Self::Lines(lines) => match lines.bank.channel_state(timeslot) {
                sig_loopstart::ChannelState::Absent => ChannelState::Absent,
                sig_loopstart::ChannelState::Idle => ChannelState::Idle,
                sig_loopstart::ChannelState::Busy => ChannelState::Busy,
                sig_loopstart::ChannelState::Blocked => ChannelState::Blocked,
                sig_loopstart::ChannelState::OutOfService => ChannelState::OutOfService,
            },
            Self::R2(span) => r2::channel_state(span.channel_state(timeslot)),
        }
    }

    /// The D-channel's state; `None` where there is no D-channel.
    pub fn link_state(&self) -> Option<LinkState> {
        match self {
            Self::Pri(span) => Some(span.link_state()),
            Self::Lines(_) | Self::R2(_) => None,
        }
    }

    /// How many calls live.
    pub fn calls(&self) -> usize {
        match self {
            Self::Pri(span) => span.calls().count(),
            Self::Lines(lines) => lines.bank.calls().count(),
            Self::R2(span) => span.calls().count(),
        }
    }

    /// Local wall time now, for the date in caller ids towards telephones.
    pub fn set_time(&mut self, now: Instant, local: WallTime) {
        match self {
            Self::Pri(_) | Self::R2(_) => {}
            Self::Lines(lines) => lines.bank.set_time(now, local),
        }
    }

    /// What is at the other end of this timeslot's analog line, and its country; `None` where there is no such line.
    pub fn line_end(&self, timeslot: u8) -> Option<(LineEnd, &'static str)> {
        match self {
            Self::Pri(_) | Self::R2(_) => None,
            Self::Lines(lines) => lines.end(timeslot),
        }
    }

    /// The hang-up tones that a line taught before.
    pub fn teach(&mut self, timeslot: u8, learned: Learned) {
        match self {
            Self::Pri(_) | Self::R2(_) => {}
            Self::Lines(lines) => lines.bank.teach(timeslot, learned),
        }
    }

    /// The hang-up tones that a line has taught, to be kept over restarts.
    pub fn learned(&self, timeslot: u8) -> Option<&Learned> {
        match self {
            Self::Pri(_) | Self::R2(_) => None,
            Self::Lines(lines) => lines.bank.learned(timeslot),
        }
    }

    /// The next thing to do, oldest first. Until this gives `None`, the span has not taken its last input in.
    pub fn poll_action(&mut self) -> Option<Action> {
        // What was kept fits a frame.
        self.poll_lent().map(|action| action.map(|octets| Frame::from_slice(octets).unwrap_or_default()))
    }

    /// [`Protocol::poll_action`] without a copy of the frame.
    pub fn poll_lent(&mut self) -> Option<Action<&[u8]>> {
        match self {
            Self::Pri(span) => span.poll_lent().map(of_pri),
            Self::Lines(lines) => lines.poll_action(),
            Self::R2(span) => {
                let country = span.settings().country.code;
                span.poll_action().map(|action| r2::action(country, action))
            }
        }
    }
}

fn of_pri<F>(action: sig_pri::Action<F>) -> Action<F> {
    use sig_pri::Action as Own;
    let report = |report| Action::Report { channel: None, call: None, report };
    match action {
        Own::Transmit(frame) => Action::Transmit(frame),
        Own::Line { call, channel, primitive } => Action::Line { call: CallHandle::Pri(call), channel, primitive },
        Own::Link(state) => Action::Link(state),
        Own::ChannelRestarted(timeslot) => Action::ChannelChanged(timeslot),
        Own::Report(of_calls) => report(Report::Pri(of_calls)),
        Own::LinkError(error) => report(Report::Link(error)),
    }
}

#[cfg(test)]
#[path = "protocol_tests.rs"]
mod tests;
