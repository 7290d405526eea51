//! What happens to spans and parties, without clock or socket.

use super::live::{Ending, Live, Reply, Waiting};
use crate::party::{Action as Wish, Input, Party, Prepared, Role};
use crate::report::SpanStatus;
use base::{Cause, Digits, Instant};
use dsp_g711::alaw_decode_block;
use media::{BLOCK, BargeIn, Clip, Command, Event, PlayId, PortId, RecordSlot};
use media_io::{Control, port};
use ports::call::{Address, Bearer, Inband, Number, Presentation, Primitive, Refusal, Setup};
use ports::span::{DataLink, SpanEvent};
use rtrb::Consumer;
use sig_pri::{Action, CallHandle, ChannelState, LinkState, PriSpan, Side};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Audio that was sent before the far end cleared is at most so long on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(200);
/// Milliseconds of a key and of the pause after it.
const KEY_MS: u16 = 80;

/// 10 ms that a port heard.
pub(super) type Heard = (RecordSlot, [u8; BLOCK]);

struct SpanState {
    pri: PriSpan,
    data: Box<dyn DataLink>,
}

pub(super) struct Core {
    spans: Vec<SpanState>,
    engine: Control,
    heard: Consumer<Heard>,
    parties: BTreeMap<u32, Live>,
    by_port: Vec<Option<u32>>,
    waiting: Vec<Waiting>,
    next_party: u32,
    next_play: u32,
}

impl Core {
    pub(super) fn new(now: Instant, data: Vec<Box<dyn DataLink>>, engine: Control, heard: Consumer<Heard>) -> Self {
        let by_port = vec![None; data.len() * ports::span::BEARERS];
        let span = |data| {
            let mut pri = PriSpan::standard(Side::Network);
            pri.start(now);
            SpanState { pri, data }
        };
        let spans = data.into_iter().map(span).collect();
        let (parties, waiting) = (BTreeMap::new(), Vec::new());
        Self { spans, engine, heard, parties, by_port, waiting, next_party: 1, next_play: 1 }
    }

    pub(super) fn parties(&self) -> usize {
        self.parties.len()
    }

    pub(super) fn status(&self) -> Vec<SpanStatus> {
        let status = |span: &SpanState| SpanStatus {
            link: match span.pri.link_state() {
                LinkState::Up => "up",
                LinkState::Establishing => "establishing",
                LinkState::Down => "down",
            }
            .into(),
            busy: (1..32)
                .filter(|&slot| {
                    !matches!(span.pri.channel_state(slot), ChannelState::Idle | ChannelState::OutOfService)
                })
                .count(),
        };
        self.spans.iter().map(status).collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.spans.iter().filter_map(|span| span.pri.deadline()).min()
    }

    /// Places a call on the span, or on the first that takes it; the least loaded is tried first.
    pub(super) fn place(
        &mut self,
        now: Instant,
        to: Digits,
        from: Digits,
        span: Option<usize>,
        steps: Vec<Prepared>,
        reply: Reply,
    ) -> Result<(), String> {
        let presentation = if from.is_empty() { Presentation::Restricted } else { Presentation::Allowed };
        let from = Number { presentation, ..Number::unknown(from) };
        let setup = Setup {
            from,
            to: Number::unknown(to),
            redirecting: None,
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        let mut order: Vec<usize> = match span {
            Some(wanted) if wanted < self.spans.len() => vec![wanted],
            Some(wanted) => {
                return Err(format!(
                    "there is no span {wanted}: 0 to {} are there",
                    self.spans.len().saturating_sub(1)
                ));
            }
            None => (0..self.spans.len()).collect(),
        };
        let busy: Vec<usize> = self.status().iter().map(|span| span.busy).collect();
        order.sort_by_key(|&span| busy[span]);
        let mut why = Refusal::OutOfService;
        for span in order {
            match self.spans[span].pri.call(now, setup, None) {
                Ok(call) => {
                    self.admit(Live::new(Party::new(now, Role::Caller, to.as_str(), steps), span, call, reply));
                    return Ok(());
                }
                Err(Refusal::OutOfService) => {}
                Err(other) => why = other,
            }
        }
        Err(match why {
            Refusal::NoChannel => "all channels are used: wait for calls to end".into(),
            _ => "no D-channel is up: is the box running?".into(),
        })
    }

    /// The next call to this number is answered by this script.
    pub(super) fn register(&mut self, number: Digits, steps: Vec<Prepared>, reply: Reply) {
        self.waiting.push(Waiting { number, steps, reply });
    }

    fn admit(&mut self, live: Live) -> u32 {
        let id = self.next_party;
        self.next_party = self.next_party.wrapping_add(1);
        self.parties.insert(id, live);
        id
    }

    /// Takes everything in that has come, and does what follows of it.
    pub(super) fn turn(&mut self, now: Instant) {
        self.waiting.retain(|waiting| !waiting.reply.as_ref().is_some_and(tokio::sync::oneshot::Sender::is_closed));
        for span in &mut self.spans {
            while let Some(event) = span.data.poll_event() {
                match event {
                    SpanEvent::Frame(frame) => span.pri.handle_frame(now, &frame),
                    SpanEvent::Alarms(alarms) => span.pri.handle_alarms(now, alarms),
                    SpanEvent::BadFrame | SpanEvent::Slip(_) => {}
                }
            }
            if span.pri.deadline().is_some_and(|due| due <= now) {
                span.pri.handle_timeout(now);
            }
        }
        self.hear(now);
        while let Some(event) = self.engine.poll_event() {
            self.engine_event(now, event);
        }
        self.tick(now);
        self.settle(now);
    }

    fn hear(&mut self, now: Instant) {
        while let Ok((slot, octets)) = self.heard.pop() {
            let party = self.by_port.get(usize::from(slot.0)).copied().flatten();
            if let Some(live) = party.and_then(|id| self.parties.get_mut(&id)) {
                let mut samples = [0; BLOCK];
                alaw_decode_block(&octets, &mut samples);
                live.party.handle(now, Input::Heard(&samples));
            }
        }
    }

    fn engine_event(&mut self, now: Instant, event: Event) {
        let of_port = |port: PortId, all: &[Option<u32>]| all.get(usize::from(port.0)).copied().flatten();
        let (id, input) = match event {
            Event::PlayDone { port, .. } => (of_port(port, &self.by_port), Input::Played),
            Event::DigitsSent { port } => (of_port(port, &self.by_port), Input::Pressed),
            Event::RecordStopped { recording } => {
                // All that it gave out is in the ring by now.
                self.hear(now);
                return self.flushed(now, PortId(recording.0));
            }
            _ => return,
        };
        if let Some(live) = id.and_then(|id| self.parties.get_mut(&id)) {
            live.party.handle(now, input);
        }
    }

    fn tick(&mut self, now: Instant) {
        let ids: Vec<u32> = self.parties.keys().copied().collect();
        for id in ids {
            let Some(live) = self.parties.get_mut(&id) else { continue };
            live.party.handle(now, Input::Tick);
            match live.ending {
                Ending::Listening(until, cause) if until <= now => self.flush(now, id, cause),
                Ending::No if live.is_abandoned() => {
                    let (span, call) = (live.span, live.call);
                    self.spans[span].pri.line(now, call, clearing(Cause::NORMAL_CLEARING));
                }
                Ending::No | Ending::Listening(..) | Ending::Flushing(_) => {}
            }
        }
    }

    /// Carries actions out until there are none.
    fn settle(&mut self, now: Instant) {
        loop {
            let mut quiet = true;
            for span in 0..self.spans.len() {
                while let Some(action) = self.spans[span].pri.poll_action() {
                    quiet = false;
                    self.span_action(now, span, action);
                }
            }
            let ids: Vec<u32> = self.parties.keys().copied().collect();
            for id in ids {
                while let Some(wish) = self.parties.get_mut(&id).and_then(|live| live.party.poll_action()) {
                    quiet = false;
                    self.obey(now, id, wish);
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn span_action(&mut self, now: Instant, span: usize, action: Action) {
        match action {
            Action::Transmit(frame) => {
                // A frame that the card does not take is lost as on the line: the data link repeats it.
                let _ = self.spans[span].data.send(&frame);
            }
            Action::Line { call, channel, primitive } => self.line_news(now, span, call, channel, primitive),
            Action::Link(state) => tracing::info!(span, ?state, "D-channel"),
            Action::ChannelRestarted(channel) => tracing::debug!(span, channel, "channel restarted"),
            Action::Report(report) => tracing::debug!(span, ?report, "signaling"),
            Action::LinkError(error) => tracing::debug!(span, %error, "data link"),
        }
    }

    fn line_news(&mut self, now: Instant, span: usize, call: CallHandle, channel: Option<u8>, primitive: Primitive) {
        let known = self.parties.iter().find(|(_, live)| live.span == span && live.call == call).map(|(id, _)| *id);
        let id = match (known, primitive) {
            (Some(id), _) => id,
            (None, Primitive::Setup(setup)) => self.rung(now, span, call, setup),
            (None, _) => return,
        };
        if let Some(timeslot) = channel {
            self.open_port(id, span, timeslot);
        }
        match primitive {
            Primitive::Connected => {
                if let Some(live) = self.parties.get_mut(&id) {
                    live.party.handle(now, Input::Answered);
                }
            }
            Primitive::Clearing { cause, .. } => {
                if let Some(live) = self.parties.get_mut(&id)
                    && live.ending == Ending::No
                {
                    live.ending = Ending::Listening(now + ON_ITS_WAY, cause);
                }
            }
            Primitive::Released { cause } => self.released(now, id, cause),
            _ => {}
        }
    }

    /// The box calls a telephone.
    fn rung(&mut self, now: Instant, span: usize, call: CallHandle, setup: Setup) -> u32 {
        let number = setup.to.digits;
        let found = self.waiting.iter().position(|waiting| waiting.number == number);
        let (steps, reply) = match found {
            Some(at) => {
                let waiting = self.waiting.remove(at);
                (waiting.steps, waiting.reply)
            }
            None => (Vec::new(), None),
        };
        let scripted = !steps.is_empty();
        let party = Party::new(now, Role::Telephone, number.as_str(), if scripted { steps } else { unattended() });
        self.spans[span].pri.line(now, call, Primitive::Proceeding);
        self.spans[span].pri.line(now, call, Primitive::Alerting(Inband::Silent));
        self.admit(Live::new(party, span, call, reply))
    }

    fn open_port(&mut self, id: u32, span: usize, timeslot: u8) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        let wanted = port(span, timeslot);
        if live.port == Some(wanted) {
            return;
        }
        live.party.set_channel(span, timeslot);
        let before = live.port.replace(wanted);
        if let Some(before) = before {
            self.by_port[usize::from(before.0)] = None;
            self.send(Command::Close(before));
        }
        self.by_port[usize::from(wanted.0)] = Some(id);
        self.send(Command::Open(wanted));
        self.send(Command::StartRecord { port: wanted, recording: RecordSlot(wanted.0) });
    }

    /// The call is gone on the line: what the recorder still holds is the last that was heard.
    fn released(&mut self, now: Instant, id: u32, cause: Cause) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        match live.ending {
            Ending::Flushing(_) => {}
            Ending::No | Ending::Listening(..) => self.flush(now, id, cause),
        }
    }

    fn flush(&mut self, now: Instant, id: u32, cause: Cause) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        live.ending = Ending::Flushing(cause);
        match live.port {
            Some(port) => self.send(Command::StopRecord(RecordSlot(port.0))),
            None => self.over(now, id, cause),
        }
    }

    fn flushed(&mut self, now: Instant, port: PortId) {
        let Some(id) = self.by_port.get(usize::from(port.0)).copied().flatten() else { return };
        if let Some(Ending::Flushing(cause)) = self.parties.get(&id).map(|live| live.ending) {
            self.over(now, id, cause);
        }
    }

    /// Report, and let the channel go.
    fn over(&mut self, now: Instant, id: u32, cause: Cause) {
        let Some(mut live) = self.parties.remove(&id) else { return };
        live.party.handle(now, Input::Ended(cause));
        if let Some(port) = live.port {
            self.by_port[usize::from(port.0)] = None;
            self.send(Command::Close(port));
        }
        self.spans[live.span].pri.line(now, live.call, Primitive::Released { cause });
        live.finish();
    }

    fn obey(&mut self, now: Instant, id: u32, wish: Wish) {
        let Some(live) = self.parties.get(&id) else { return };
        let (span, call, port) = (live.span, live.call, live.port);
        match wish {
            Wish::Ring => self.spans[span].pri.line(now, call, Primitive::Alerting(Inband::Silent)),
            Wish::Answer => self.spans[span].pri.line(now, call, Primitive::Connected),
            Wish::Reject(cause) => self.spans[span].pri.line(now, call, clearing(cause)),
            Wish::HangUp => self.spans[span].pri.line(now, call, clearing(Cause::NORMAL_CLEARING)),
            Wish::Press(digits) => {
                if let Some(port) = port {
                    self.send(Command::SendDigits { port, digits, on_ms: KEY_MS, off_ms: KEY_MS });
                }
            }
            Wish::Play(clips) => {
                let octets: Vec<u8> = clips.iter().flat_map(|clip| clip.alaw()).copied().collect();
                if let Some(port) = port {
                    let play = PlayId(self.next_play);
                    self.next_play = self.next_play.wrapping_add(1);
                    let clip = Arc::new(Clip::from_alaw(&octets));
                    self.send(Command::Play { port, play, clip, barge_in: BargeIn::Refused });
                }
            }
        }
    }

    fn send(&mut self, command: Command) {
        if let Err(lost) = self.engine.send(command) {
            // 4096 commands in one tick: the engine's thread has stopped.
            tracing::error!(?lost, "the engine does not take commands");
        }
    }
}

const fn clearing(cause: Cause) -> Primitive {
    Primitive::Clearing { cause, inband: Inband::Silent }
}

/// A telephone without a script: it is answered after a second and says nothing until the other side hangs up.
fn unattended() -> Vec<Prepared> {
    let steps = crate::script::parse("ring 1s\nanswer\nwait hangup within 60m\n", &[]).map(|script| script.steps);
    let prepared = |step| Prepared { step, phrases: Vec::new(), clips: Vec::new() };
    steps.unwrap_or_default().into_iter().map(prepared).collect()
}
