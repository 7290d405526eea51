//! One span: its signaling, its card's signaling half, and its faults.

use super::Span;
use super::faulty::FaultBoard;
use crate::faults::Order;
use crate::report::{SpanFaults, SpanStatus};
use base::{Digits, Instant};
use ports::call::{Address, Number, Primitive, Refusal, Setup};
use ports::span::{DataLink, SpanEvent};
use sig_pri::{Action, CallHandle, ChannelState, LinkState, PriSpan};

/// A call that the network begins where the box just did.
pub(super) struct Meeting {
    pub(super) call: CallHandle,
    pub(super) to: Digits,
}

pub(super) struct SpanState {
    signaling: PriSpan,
    data: Box<dyn DataLink>,
    faults: FaultBoard,
}

impl SpanState {
    /// Begins to signal. The other half of the span is its audio.
    pub(super) fn start(now: Instant, span: Span) -> (Self, Box<dyn media_io::Audio>) {
        let mut signaling = PriSpan::standard(span.side);
        signaling.start(now);
        (Self { signaling, data: span.data, faults: FaultBoard::new(span.faults) }, span.audio)
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
            bearer: ports::call::Bearer::Speech,
            address: Address::Complete,
        };
        let call = self.signaling.call(own, setup, Some(channel)).ok()?;
        self.faults.glared();
        Some(Meeting { call, to })
    }

    pub(super) fn call(&mut self, now: Instant, setup: Setup) -> Result<CallHandle, Refusal> {
        self.signaling.call(self.faults.pace().own(now), setup, None)
    }

    pub(super) fn line(&mut self, now: Instant, call: CallHandle, primitive: Primitive) {
        self.signaling.line(self.faults.pace().own(now), call, primitive);
    }

    pub(super) fn poll_action(&mut self) -> Option<Action> {
        self.signaling.poll_action()
    }

    /// A frame that the card does not take is lost as on the line: the data link repeats it.
    pub(super) fn transmit(&mut self, frame: &[u8]) {
        let _ = self.data.send(frame);
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
            LinkState::Up => "up",
            LinkState::Establishing => "establishing",
            LinkState::Down => "down",
        };
        let is_busy =
            |slot: &u8| !matches!(self.signaling.channel_state(*slot), ChannelState::Idle | ChannelState::OutOfService);
        SpanStatus { link: link.into(), busy: (1..32).filter(is_busy).count() }
    }
}

fn handle(signaling: &mut PriSpan, own: Instant, event: &SpanEvent) {
    match event {
        SpanEvent::Frame(frame) => signaling.handle_frame(own, frame),
        SpanEvent::Alarms(alarms) => signaling.handle_alarms(own, *alarms),
        SpanEvent::BadFrame | SpanEvent::Slip(_) | SpanEvent::Cas { .. } => {}
    }
}

/// The channel on which this event begins a call, as a copy of the signaling sees it.
fn begun(signaling: &PriSpan, own: Instant, event: &SpanEvent) -> Option<u8> {
    let mut copy = Box::new(signaling.clone());
    handle(&mut copy, own, event);
    std::iter::from_fn(|| copy.poll_action()).find_map(|action| match action {
        Action::Line { channel, primitive: Primitive::Setup(_), .. } => channel,
        _ => None,
    })
}
