//! One span: its signaling, its card's signaling half, and its faults.

use super::Span;
use super::faulty::FaultBoard;
use crate::faults::Order;
use crate::report::{SpanFaults, SpanStatus};
use base::{Digits, Instant};
use dsp_tone::ToneSpec;
use ports::call::{Address, Bearer, Detail, Number, Primitive, Refusal, Setup};
use ports::span::{Abcd, Alarms, D_SLOT, DataLink, SpanEvent};
use sig_span::loopstart::Tone;
use sig_span::{Action, CallHandle, ChannelState, Heard, LinkState, Protocol, sound};
use std::time::Duration;

/// A call that the network begins where the box just did.
pub(super) struct Meeting {
    pub(super) call: CallHandle,
    pub(super) to: Digits,
}

/// By then a change of bits has its effect, if it has one: twice what any line waits before it believes it.
const BELIEVED: Duration = Duration::from_millis(400);

pub(super) struct SpanState {
    signaling: Protocol,
    country: &'static str,
    heard_channels: Vec<u8>,
    /// Lines that have numbers of their own.
    lines: Vec<(u8, Digits)>,
    /// As the card told them, once it did.
    alarms: Option<Alarms>,
    data: Box<dyn DataLink>,
    faults: FaultBoard,
}

impl SpanState {
    /// Begins to signal. The other half of the span is its audio.
    pub(super) fn start(now: Instant, span: Span) -> (Self, Box<dyn media_io::Audio>) {
        let Span { kind, side, audio, data, faults } = span;
        let mut signaling = kind.protocol(side);
        signaling.start(now);
        let (faults, alarms) = (FaultBoard::new(faults), None);
        (
            Self {
                signaling,
                country: kind.country(),
                heard_channels: kind.heard_channels(),
                lines: kind.lines(),
                alarms,
                data,
                faults,
            },
            audio,
        )
    }

    /// Takes everything in that has come. Gives the calls that glare makes of it.
    pub(super) fn turn(&mut self, now: Instant) -> Vec<Meeting> {
        self.faults.expire(now);
        let own = self.faults.pace().own(now);
        let mut meetings = Vec::new();
        while let Some(event) = self.data.poll_event() {
            if let Some(to) = self.faults.glare() {
                meetings.extend(self.meet(own, &event, to));
            }
            if let SpanEvent::Alarms(alarms) = event {
                self.alarms = Some(alarms);
            }
            handle(&mut self.signaling, own, &event);
        }
        if self.signaling.deadline().is_some_and(|due| due <= own) {
            self.signaling.handle_timeout(own);
        }
        meetings
    }

    /// Where this event begins a call of the box, one of ours begins first, on the same channel.
    fn meet(&mut self, own: Instant, event: &SpanEvent, to: Digits) -> Option<Meeting> {
        let channel = begun(&self.signaling, own, event)?;
        let setup = Setup {
            from: Number::default(),
            to: Number::unknown(to),
            redirecting: None,
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        let call = self.signaling.call(own, setup, Some(channel)).ok()?;
        self.faults.glared();
        Some(Meeting { call, to })
    }

    /// Places a call, on this timeslot or on a free one.
    pub(super) fn call(
        &mut self,
        now: Instant,
        setup: Setup,
        details: &[Detail],
        channel: Option<u8>,
    ) -> Result<CallHandle, Refusal> {
        self.signaling.call_with(self.faults.pace().own(now), setup, details, channel)
    }

    /// This timeslot can carry a call.
    pub(super) fn has_line(&self, timeslot: u8) -> bool {
        bearers().any(|bearer| bearer == timeslot) && self.signaling.channel_state(timeslot) != ChannelState::Absent
    }

    /// The timeslot of the line that has this number.
    pub(super) fn line_of(&self, number: &Digits) -> Option<u8> {
        self.lines.iter().find(|(_, own)| own == number).map(|(timeslot, _)| *timeslot)
    }

    /// Timeslots whose audio signaling needs, with a call or without.
    pub(super) fn heard_channels(&self) -> &[u8] {
        &self.heard_channels
    }

    /// A call can name whom it is for.
    pub(super) const fn carries_numbers(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn heard(&mut self, now: Instant, timeslot: u8, heard: &Heard) {
        self.signaling.heard(self.faults.pace().own(now), timeslot, heard);
    }

    /// Tells the party of a call that another calls.
    pub(super) fn call_waiting(&mut self, now: Instant, call: CallHandle, from: Digits) -> Result<(), String> {
        let told = self.signaling.call_waiting(self.faults.pace().own(now), call, &Number::unknown(from));
        told.map_err(|_| "the line cannot tell of a waiting call now: it must be analog, and answered".into())
    }

    /// How a tone sounds here.
    pub(super) fn sound(&self, tone: Tone) -> ToneSpec {
        sound(self.country, tone)
    }

    pub(super) fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        self.signaling.line(self.faults.pace().own(now), call, primitive);
    }

    /// The oldest action not yet carried out. Frames went to the card by then: one that it does not take is lost as on the line, and the data
    /// link repeats it.
    pub(super) fn poll_action(&mut self) -> Option<Action<()>> {
        let Self { signaling, data, .. } = self;
        signaling.poll_lent().map(|action| action.map(|frame| data.send(frame).unwrap_or_default()))
    }

    pub(super) fn set_cas(&mut self, timeslot: u8, bits: Abcd) {
        self.data.set_cas(timeslot, bits);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let signaling = self.signaling.deadline().map(|due| self.faults.pace().right(due));
        [signaling, self.faults.deadline()].into_iter().flatten().min()
    }

    pub(super) fn order(&mut self, now: Instant, order: Order) {
        self.faults.order(now, order);
    }

    pub(super) fn faults(&self, now: Instant) -> SpanFaults {
        self.faults.report(now)
    }

    pub(super) fn status(&self) -> SpanStatus {
        let link = match self.signaling.link_state() {
            Some(LinkState::Up) => "up",
            Some(LinkState::Establishing) => "establishing",
            Some(LinkState::Down) => "down",
            None => match self.alarms.map(Alarms::is_clear) {
                Some(true) => "up",
                Some(false) => "down",
                None => "establishing",
            },
        };
        let states = || bearers().map(|slot| self.signaling.channel_state(slot));
        let is_busy = |state: &ChannelState| match state {
            ChannelState::Incoming | ChannelState::Outgoing | ChannelState::Connected => true,
            ChannelState::Clearing | ChannelState::Busy => true,
            ChannelState::Absent | ChannelState::Idle | ChannelState::OutOfService => false,
            ChannelState::Blocked | ChannelState::BlockedRemotely => false,
        };
        SpanStatus {
            signaling: self.signaling.signaling().name().into(),
            link: link.into(),
            busy: states().filter(is_busy).count(),
            channels: states().filter(|state| *state != ChannelState::Absent).count(),
        }
    }
}

/// Timeslots that carry audio.
pub(super) fn bearers() -> impl Iterator<Item = u8> {
    (1..32).filter(|&slot| usize::from(slot) != D_SLOT)
}

fn handle(signaling: &mut Protocol, own: Instant, event: &SpanEvent) {
    match event {
        SpanEvent::Frame(frame) => signaling.handle_frame(own, frame),
        SpanEvent::Alarms(alarms) => signaling.handle_alarms(own, *alarms),
        SpanEvent::Cas { timeslot, bits } => signaling.handle_cas(own, *timeslot, *bits),
        SpanEvent::BadFrame | SpanEvent::Slip(_) => {}
    }
}

/// The channel on which this event begins a call of the box, as a copy of the signaling sees it.
fn begun(signaling: &Protocol, own: Instant, event: &SpanEvent) -> Option<u8> {
    let mut copy = Box::new(signaling.clone());
    handle(&mut copy, own, event);
    if let SpanEvent::Cas { timeslot, .. } = *event {
        let was_idle = signaling.channel_state(timeslot) == ChannelState::Idle;
        copy.handle_timeout(own + BELIEVED);
        return (was_idle && copy.channel_state(timeslot) != ChannelState::Idle).then_some(timeslot);
    }
    std::iter::from_fn(|| copy.poll_lent().map(|action| action.map(drop))).find_map(|action| match action {
        Action::Line { channel, primitive: Primitive::Setup(_), .. } => channel,
        _ => None,
    })
}
