//! What happens to spans and parties, without clock or socket.

use super::live::{Ending, Live, Offer, Reply, Waiting};
use super::lookers::Lookers;
use super::span::SpanState;
use crate::faults;
use crate::hearing::Memory;
use crate::party::{Input, Prepared};
use crate::report::{SpanFaults, SpanStatus};
use base::{Digits, Instant};
use dsp_g711::alaw_decode_block;
use media::{BLOCK, Command, Event, PortId, RecordSlot};
use media_io::{Control, place, port, signaling};
use rtrb::Consumer;
use sig_span::loopstart::Report as LineReport;
use sig_span::{Action, Listen, Order as Sound, Report};
use std::collections::BTreeMap;

/// 10 ms that a port heard.
pub(super) type Heard = (RecordSlot, [u8; BLOCK]);

/// What a port is used for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PortUse {
    /// The party that speaks there.
    pub(super) party: Option<u32>,
    /// Signaling needs its audio without a call too: it is open always.
    pub(super) is_kept: bool,
    /// Receivers that signaling wants.
    pub(super) signaling: Listen,
    /// Receivers that the engine runs.
    pub(super) running: Listen,
}

/// What the core is made of.
pub(super) struct Parts {
    pub(super) spans: Vec<SpanState>,
    pub(super) engine: Control,
    pub(super) heard: Consumer<Heard>,
    pub(super) lookers: Lookers,
}

pub(super) struct Core {
    pub(super) spans: Vec<SpanState>,
    engine: Control,
    heard: Consumer<Heard>,
    lookers: Lookers,
    pub(super) parties: BTreeMap<u32, Live>,
    pub(super) ports: Vec<PortUse>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) offers: Vec<Offer>,
    /// Scripts of the telephones, by number; what is not in it is unattended.
    pub(super) phones: BTreeMap<Digits, Vec<Prepared>>,
    pub(super) unattended: Vec<Prepared>,
    next_party: u32,
    pub(super) next_play: u32,
}

impl Core {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts { spans, engine, heard, lookers } = parts;
        let kept: Vec<_> = spans
            .iter()
            .enumerate()
            .flat_map(|(at, span)| span.heard_channels().iter().map(move |slot| (at, *slot)))
            .collect();
        let mut core = Self {
            ports: vec![PortUse::default(); spans.len() * ports::span::BEARERS],
            spans,
            engine,
            heard,
            lookers,
            parties: BTreeMap::new(),
            waiting: Vec::new(),
            offers: Vec::new(),
            phones: BTreeMap::new(),
            unattended: super::silent(super::SILENT_PHONE),
            next_party: 1,
            next_play: 1,
        };
        for (span, timeslot) in kept {
            let port = port(span, timeslot);
            core.ports[usize::from(port.0)].is_kept = true;
            core.send(Command::Open(port));
        }
        core
    }

    pub(super) fn parties(&self) -> usize {
        self.parties.len()
    }

    pub(super) fn status(&self) -> Vec<SpanStatus> {
        self.spans.iter().map(SpanState::status).collect()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.spans.iter().filter_map(SpanState::deadline).min()
    }

    /// What is wrong with the spans.
    pub(super) fn faults(&self, now: Instant) -> Vec<SpanFaults> {
        self.spans.iter().map(|span| span.faults(now)).collect()
    }

    /// Orders a fault of one span or of all.
    pub(super) fn order_fault(
        &mut self,
        now: Instant,
        span: Option<usize>,
        order: faults::Order,
    ) -> Result<(), String> {
        let spans = match span {
            None => self.spans.as_mut_slice(),
            Some(number) => {
                let there = self.spans.len() - 1;
                let no_span = || format!("there is no span {number}: spans are 0 to {there}");
                self.spans.get_mut(number..=number).ok_or_else(no_span)?
            }
        };
        tracing::info!(span, %order, "fault");
        spans.iter_mut().for_each(|span| span.order(now, order));
        Ok(())
    }

    /// The next call to this number is answered by this script.
    pub(super) fn register(&mut self, number: Digits, steps: Vec<Prepared>, memory: Memory, reply: Reply) {
        self.waiting.push(Waiting { number, steps, memory, reply });
    }

    /// All calls to this number that nobody registered for, or to any number, are answered by this script.
    pub(super) fn install(&mut self, number: Option<Digits>, steps: Vec<Prepared>) {
        match number {
            Some(number) => drop(self.phones.insert(number, steps)),
            None => self.unattended = steps,
        }
    }

    pub(super) fn admit(&mut self, live: Live) -> u32 {
        let id = self.next_party;
        self.next_party = self.next_party.wrapping_add(1);
        self.parties.insert(id, live);
        id
    }

    /// Takes everything in that has come, and does what follows of it.
    pub(super) fn turn(&mut self, now: Instant) {
        self.waiting.retain(|waiting| !waiting.reply.as_ref().is_some_and(tokio::sync::oneshot::Sender::is_closed));
        for span in 0..self.spans.len() {
            for meeting in self.spans[span].turn(now) {
                self.met(now, span, &meeting);
            }
        }
        self.hear(now);
        while let Some(event) = self.engine.poll_event() {
            self.engine_event(now, event);
        }
        while let Some((id, looked)) = self.lookers.poll() {
            self.tell(now, Some(id), Input::Looked(looked));
        }
        self.tick(now);
        self.settle(now);
    }

    fn tell(&mut self, now: Instant, party: Option<u32>, input: Input<'_>) {
        if let Some(live) = party.and_then(|id| self.parties.get_mut(&id)) {
            live.party.handle(now, input);
        }
    }

    fn of_port(&self, port: PortId) -> Option<u32> {
        self.ports.get(usize::from(port.0)).and_then(|port| port.party)
    }

    fn hear(&mut self, now: Instant) {
        while let Ok((slot, octets)) = self.heard.pop() {
            let mut samples = [0; BLOCK];
            alaw_decode_block(&octets, &mut samples);
            self.tell(now, self.of_port(PortId(slot.0)), Input::Heard(&samples));
        }
    }

    fn engine_event(&mut self, now: Instant, event: Event) {
        if let Some((port, heard)) = signaling::heard(&event) {
            let (span, timeslot) = place(port);
            self.spans[span].heard(now, timeslot, &heard);
        }
        match event {
            Event::PlayDone { port, .. } => self.tell(now, self.of_port(port), Input::Played),
            Event::DigitsSent { port } => self.tell(now, self.of_port(port), Input::Pressed),
            Event::Digit { port, digit } => self.tell(now, self.of_port(port), Input::Key(digit.as_char())),
            Event::RecordStopped { recording } => {
                // All that it gave out is in the ring by now.
                self.hear(now);
                self.flushed(now, PortId(recording.0));
            }
            _ => {}
        }
    }

    fn tick(&mut self, now: Instant) {
        let ids: Vec<u32> = self.parties.keys().copied().collect();
        for id in ids {
            let Some(live) = self.parties.get_mut(&id) else { continue };
            if live.is_abandoned() {
                live.party.give_up("whoever ordered the party went away");
            }
            live.party.handle(now, Input::Tick);
            if live.ending == Ending::Judging && live.party.is_over() {
                if let Some(live) = self.parties.remove(&id) {
                    live.finish();
                }
                continue;
            }
            if let Ending::Listening(until, cause) = live.ending
                && until <= now
            {
                self.flush(now, id, cause);
            }
            self.dial_on(now, id);
        }
    }

    /// Carries actions out until there are none.
    fn settle(&mut self, now: Instant) {
        loop {
            let mut quiet = true;
            for span in 0..self.spans.len() {
                while let Some(action) = self.spans[span].poll_action() {
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

    fn span_action(&mut self, now: Instant, span: usize, action: Action<()>) {
        match action {
            Action::Transmit(()) => {}
            Action::Cas { timeslot, bits } => self.spans[span].set_cas(timeslot, bits),
            Action::Audio { timeslot, order } => self.sound(port(span, timeslot), order),
            Action::Line { call, channel, primitive } => self.line_news(now, span, call, channel, primitive),
            Action::Link(state) => tracing::info!(span, ?state, "D-channel"),
            Action::ChannelChanged(channel) => tracing::debug!(span, channel, "channel changed"),
            Action::Report { channel, report, .. } => {
                tracing::debug!(span, channel, ?report, "signaling");
                if let (Some(timeslot), Report::Line(LineReport::CallWaiting(caller))) = (channel, report) {
                    let party = self.ports[usize::from(port(span, timeslot).0)].party;
                    if let Some(live) = party.and_then(|id| self.parties.get_mut(&id)) {
                        live.party.set_waiting(&caller.number.digits);
                    }
                }
            }
        }
    }

    fn sound(&mut self, port: PortId, order: Sound) {
        if let Sound::Listen(listen) = order {
            self.ports[usize::from(port.0)].signaling = listen;
            return self.listen(port);
        }
        signaling::command(port, order).into_iter().for_each(|command| self.send(command));
    }

    /// Runs the receivers that signaling wants, and that of keys if a party waits for some.
    pub(super) fn listen(&mut self, port: PortId) {
        let PortUse { party, signaling: wanted, running, .. } = self.ports[usize::from(port.0)];
        let wants_keys = party.and_then(|id| self.parties.get(&id)).is_some_and(|live| live.party.wants_keys());
        let wanted = Listen { dtmf: wanted.dtmf || wants_keys, ..wanted };
        self.ports[usize::from(port.0)].running = wanted;
        signaling::listen(port, running, wanted).for_each(|command| self.send(command));
    }

    pub(super) fn look(&self, party: u32, look: crate::party::Look) {
        self.lookers.order(party, look);
    }

    pub(super) fn send(&mut self, command: Command) {
        if let Err(lost) = self.engine.send(command) {
            // 4096 commands in one tick: the engine's thread has stopped.
            tracing::error!(?lost, "the engine does not take commands");
        }
    }
}
