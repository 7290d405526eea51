//! Spans: their signaling, their alarms, and the hunt for a free channel.

use super::{Core, Effect};
use crate::core::lines::{Line, Outgoing};
use base::{Cause, Instant};
use call::{At, LegId};
use dsp_progress::Learned;
use media::EchoTail;
use ports::call::{Inband, Primitive, Refusal, Setup};
use ports::span::{Abcd, Alarms, SpanEvent, TIMESLOTS};
use sig_span::{Action, CallHandle, LineEnd, LinkState, Protocol};
use std::collections::BTreeMap;

/// Tries of one outgoing call: a channel may be seized by both ends at once, and the exchange wins (Q.931 §5.7).
const TRIES: u8 = 3;

/// One span, from the configuration.
#[derive(Clone, Debug)]
pub struct SpanSettings {
    /// Its name.
    pub name: String,
    /// Its card.
    pub card: &'static str,
    /// Its signaling, not yet started.
    pub protocol: Protocol,
    /// Names of its lines, by timeslot.
    pub lines: BTreeMap<u8, String>,
    /// How late the echo of its calls may come; `None` where none is cancelled.
    pub echo: Option<EchoTail>,
}

pub(super) struct SpanState {
    pub(super) name: String,
    pub(super) card: &'static str,
    protocol: Box<Protocol>,
    /// It took something in since it had nothing more to do.
    stirred: bool,
    pub(super) lines: BTreeMap<u8, String>,
    /// The hang-up tones of its lines that are kept.
    pub(super) learned: BTreeMap<u8, Learned>,
    pub(super) alarms: Alarms,
    /// Since when they are as they are.
    pub(super) alarms_since: Instant,
    /// Signaling bits as received, by timeslot, and since when.
    pub(super) bits: BTreeMap<u8, (Abcd, Instant)>,
    pub(super) echo: Option<EchoTail>,
    pub(super) slips: u64,
    pub(super) bad_frames: u64,
}

impl SpanState {
    pub(super) fn new(settings: SpanSettings) -> Self {
        let SpanSettings { name, card, protocol, lines, echo } = settings;
        let protocol = Box::new(protocol);
        Self {
            name,
            card,
            protocol,
            stirred: false,
            lines,
            learned: BTreeMap::new(),
            alarms: Alarms::default(),
            alarms_since: Instant::ZERO,
            bits: BTreeMap::new(),
            echo,
            slips: 0,
            bad_frames: 0,
        }
    }

    /// Its signaling, to be asked.
    pub(super) fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// Its signaling, to be told something: what comes of that is polled.
    pub(super) fn stir(&mut self) -> &mut Protocol {
        self.stirred = true;
        &mut self.protocol
    }

    /// The next thing to do. A span that has taken nothing in has none.
    fn poll_action(&mut self) -> Option<Action<Box<[u8]>>> {
        if !self.stirred {
            return None;
        }
        let action = self.protocol.poll_lent().map(|action| action.map(Box::from));
        self.stirred = action.is_some();
        action
    }
}

impl Core {
    pub(super) fn span_event(&mut self, at: At, span: usize, event: SpanEvent) {
        let Some(state) = self.spans.get_mut(span) else { return };
        match event {
            SpanEvent::Frame(frame) => state.stir().handle_frame(at.now, &frame),
            SpanEvent::BadFrame => state.bad_frames += 1,
            SpanEvent::Cas { timeslot, bits } => {
                state.bits.insert(timeslot, (bits, at.now));
                state.stir().handle_cas(at.now, timeslot, bits);
            }
            SpanEvent::Slip(samples) => {
                state.slips += u64::from(samples.unsigned_abs());
                self.changed = true;
            }
            SpanEvent::Alarms(alarms) => {
                let before = std::mem::replace(&mut state.alarms, alarms);
                state.stir().handle_alarms(at.now, alarms);
                self.changed = true;
                if before != alarms {
                    state.alarms_since = at.now;
                    let (subject, text) = (state.name.clone(), describe(alarms));
                    tracing::warn!(span = %subject, "{text}");
                    self.model.alarm(at, &subject, text.into());
                }
            }
        }
    }

    pub(super) fn next_span_action(&mut self) -> Option<(usize, Action<Box<[u8]>>)> {
        let mut spans = self.spans.iter_mut().enumerate();
        spans.find_map(|(span, state)| Some((span, state.poll_action()?)))
    }

    pub(super) fn span_action(&mut self, at: At, span: usize, action: Action<Box<[u8]>>) {
        match action {
            Action::Transmit(frame) => self.effects.push_back(Effect::Transmit { span, frame }),
            Action::Cas { timeslot, bits } => self.effects.push_back(Effect::Cas { span, timeslot, bits }),
            Action::Audio { timeslot, order } => self.channel_order(span, timeslot, order),
            Action::Line { call, channel, primitive } => {
                self.changed = true;
                self.line_news(at, span, call, channel, primitive);
            }
            Action::Link(state) => {
                self.changed = true;
                // An alarm follows by report when it stays so: a link that recovers by itself is none.
                tracing::info!(span = %self.spans[span].name, "{}", link_words(state));
            }
            Action::ChannelChanged(timeslot) => {
                self.changed = true;
                self.keep_learned(span, timeslot);
            }
            Action::Report { channel, call, report } => self.span_report(at, span, channel, call, report),
        }
    }

    /// A call's line spoke.
    fn line_news(&mut self, at: At, span: usize, call: CallHandle, channel: Option<u8>, primitive: Primitive) {
        let Some(leg) = self.lines.by_call(span, call) else {
            if let Primitive::Setup(setup) = primitive {
                self.offered(at, span, call, channel, setup);
            }
            return;
        };
        self.current = Some(leg);
        if let Primitive::Released { cause } = primitive {
            if self.try_again(at, leg, cause) {
                return;
            }
            self.lines.released(leg);
        } else {
            self.place(leg, channel);
            self.lines.progressed(leg);
        }
        if primitive == Primitive::Connected {
            self.open_talk(leg);
        }
        self.model.line(at, leg, primitive);
    }

    fn offered(&mut self, at: At, span: usize, call: CallHandle, channel: Option<u8>, setup: Setup) {
        let congested = self.overload >= media::Load::REFUSES_CALLS;
        if self.stopping || congested {
            let cause = if congested { Cause::SWITCHING_CONGESTION } else { Cause::TEMPORARY_FAILURE };
            let refused = Primitive::Clearing { cause, inband: Inband::Silent };
            return self.spans[span].stir().line(at.now, call, refused);
        }
        let name = &self.spans[span].name;
        let line = channel.map_or_else(|| name.clone(), |channel| format!("{name}/{channel}"));
        let leg = self.model.incoming(at, &line, setup);
        self.current = Some(leg);
        self.lines.insert(leg, Line::new(span, call, None));
        self.place(leg, channel);
    }

    /// Places a call on the first span of the trunk that takes it.
    pub(super) fn originate(&mut self, at: At, leg: LegId, trunk: &str, setup: Setup) {
        match self.hunt(at, trunk, setup) {
            Ok((span, call)) => {
                let outgoing = Outgoing { trunk: trunk.into(), setup, tries: TRIES - 1, progressed: false };
                self.lines.insert(leg, Line::new(span, call, Some(outgoing)));
            }
            // A telephone that is not free is busy; a trunk that is not free is full.
            Err(Refusal::NoChannel) if self.leads_to_telephone(trunk) => {
                self.model.line(at, leg, Primitive::Released { cause: Cause::USER_BUSY });
            }
            Err(refusal) => self.model.line(at, leg, Primitive::Refused(refusal)),
        }
    }

    /// A trunk of telephones: its lines are not as good as each other.
    fn leads_to_telephone(&self, trunk: &str) -> bool {
        let members = self.trunks.iter().find(|(name, _)| name == trunk).map(|(_, members)| members.as_slice());
        let is_telephone = |span: &usize| {
            let protocol = self.spans[*span].protocol();
            (1..TIMESLOTS).any(|slot| matches!(protocol.line_end(slot as u8), Some((LineEnd::Telephone, _))))
        };
        members.is_some_and(|members| members.iter().any(is_telephone))
    }

    fn hunt(&mut self, at: At, trunk: &str, setup: Setup) -> Result<(usize, CallHandle), Refusal> {
        let mut refusal = Refusal::OutOfService;
        let Some((_, members)) = self.trunks.iter().find(|(name, _)| name == trunk) else { return Err(refusal) };
        for &span in members {
            match self.spans[span].stir().call(at.now, setup, None) {
                Ok(call) => return Ok((span, call)),
                // A full span says more than one that is down.
                Err(Refusal::OutOfService) => {}
                Err(other) => refusal = other,
            }
        }
        Err(refusal)
    }

    /// An outgoing call lost its channel before anything came of it: another channel may do.
    fn try_again(&mut self, at: At, leg: LegId, cause: Cause) -> bool {
        let lost_channel =
            matches!(cause, Cause::NO_CHANNEL | Cause::REQUESTED_CHANNEL_NOT_AVAILABLE | Cause::CHANNEL_UNACCEPTABLE);
        let Some(mut outgoing) = self.lines.outgoing(leg).filter(|_| lost_channel).cloned() else { return false };
        if outgoing.progressed || outgoing.tries == 0 {
            return false;
        }
        let Ok((span, call)) = self.hunt(at, &outgoing.trunk, outgoing.setup) else { return false };
        self.unplace(leg);
        outgoing.tries -= 1;
        self.lines.insert(leg, Line::new(span, call, Some(outgoing)));
        true
    }

    /// The call model's word for a leg's line.
    pub(super) fn tell_line(&mut self, at: At, leg: LegId, primitive: Primitive) {
        if let Some((span, call)) = self.lines.call_of(leg) {
            self.spans[span].stir().line(at.now, call, primitive);
        }
    }
}

fn describe(alarms: Alarms) -> &'static str {
    match alarms {
        Alarms { loss: true, .. } => "no signal or no frame alignment; check cable and far end",
        Alarms { indication: true, .. } => "alarm indication signal: the equipment before the far end has failed",
        Alarms { remote: true, .. } => "the far end does not see our signal; check the sending pair",
        Alarms { loss: false, remote: false, indication: false } => "alarms are clear",
    }
}

const fn link_words(state: LinkState) -> &'static str {
    match state {
        LinkState::Up => "D-channel is up",
        LinkState::Establishing => "D-channel is being established",
        LinkState::Down => "D-channel is down; the far end does not answer",
    }
}
