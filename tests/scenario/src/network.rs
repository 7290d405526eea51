//! The telephone network at the other end: an exchange, its subscribers, and what they hear.

use crate::hearing::clip;
use crate::switch::{Switch, earliest};
use base::{Cause, Instant};
use lab::LabSpan;
use media::{BargeIn, Command, PlayId, PortId, ToneSpec};
use media_io::signaling;
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use ports::span::{Abcd, D_SLOT, SpanEvent, TIMESLOTS};
use sig_span::{Action, CallHandle, Listen, Order, Protocol};
use std::collections::BTreeMap;
use std::time::Duration;

/// Names a party: a caller, or a telephone that was rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party(pub usize);

/// What a telephone does when it is rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    /// Rings, and answers after so many milliseconds.
    Answers(u64),
    /// Rings for ever.
    Rings,
    /// Is busy.
    Busy,
    /// The exchange plays an announcement and never answers.
    Announcement(&'static str),
}

/// Where a party's call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyState {
    /// Nothing came back yet.
    Dialling,
    /// The other end is being rung, or is ringing here.
    Ringing,
    /// Answered.
    Talking,
    /// Over, for this reason.
    Over(Cause),
}

#[derive(Debug)]
pub(crate) struct Subscriber {
    span: usize,
    call: CallHandle,
    pub(crate) port: Option<PortId>,
    pub(crate) number: String,
    pub(crate) state: PartyState,
    answers_at: Option<Instant>,
    /// All that was heard and said since the call has a channel.
    pub(crate) heard: Vec<i16>,
    pub(crate) said: Vec<i16>,
}

pub(crate) struct Network {
    pub(crate) switch: Switch,
    spans: Vec<Box<Protocol>>,
    /// Receivers that lines listen with.
    listens: BTreeMap<PortId, Listen>,
    pub(crate) parties: Vec<Subscriber>,
    by_call: BTreeMap<(usize, CallHandle), usize>,
    pub(crate) phones: BTreeMap<String, Phone>,
    next_play: u32,
}

impl Network {
    pub(crate) fn new(cards: Vec<LabSpan>, spans: Vec<Box<Protocol>>) -> Self {
        let mut network = Self {
            spans,
            switch: Switch::new(cards),
            listens: BTreeMap::new(),
            parties: Vec::new(),
            by_call: BTreeMap::new(),
            phones: BTreeMap::new(),
            next_play: 0,
        };
        // Lines that signal in the audio need it before there is a call.
        for span in 0..network.spans.len() {
            if !network.keeps_ports(span) {
                continue;
            }
            for timeslot in (1..TIMESLOTS).filter(|slot| *slot != D_SLOT) {
                network.switch.command(Command::Open(media_io::port(span, timeslot as u8)));
            }
        }
        network
    }

    fn keeps_ports(&self, span: usize) -> bool {
        self.spans[span].signaling().is_channel_associated()
    }

    /// A line's bits are these, whatever its machine says, until that says something else.
    pub(crate) fn force_bits(&mut self, span: usize, timeslot: u8, bits: u8) {
        self.switch.set_cas(span, timeslot, Abcd::new(bits));
    }

    pub(crate) fn start(&mut self, now: Instant) {
        self.spans.iter_mut().for_each(|span| span.start(now));
    }

    pub(crate) fn dial(&mut self, now: Instant, span: usize, channel: Option<u8>, from: &str, to: &str) -> Party {
        let number = |digits: &str| Number::unknown(digits.parse().expect("a number of the story"));
        let setup = Setup {
            from: number(from),
            to: number(to),
            redirecting: None,
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        let call = self.spans[span].call(now, setup, channel).expect("the span has a free channel");
        self.add(span, call, to)
    }

    fn add(&mut self, span: usize, call: CallHandle, number: &str) -> Party {
        let party = self.parties.len();
        self.by_call.insert((span, call), party);
        self.parties.push(Subscriber {
            span,
            call,
            port: None,
            number: number.into(),
            state: PartyState::Dialling,
            answers_at: None,
            heard: Vec::new(),
            said: Vec::new(),
        });
        Party(party)
    }

    pub(crate) fn hang_up(&mut self, now: Instant, party: Party) {
        self.end(now, party, Cause::NORMAL_CLEARING);
    }

    fn end(&mut self, now: Instant, party: Party, cause: Cause) {
        let (span, call) = (self.parties[party.0].span, self.parties[party.0].call);
        self.spans[span].line(now, call, Primitive::Clearing { cause, inband: Inband::Silent });
    }

    pub(crate) fn info(&mut self, now: Instant, party: Party, digits: &str) {
        let (span, call) = (self.parties[party.0].span, self.parties[party.0].call);
        self.spans[span].line(now, call, Primitive::Info(digits.parse().expect("digits of the story")));
    }

    pub(crate) fn press(&mut self, party: Party, digits: &str) {
        let port = self.parties[party.0].port.expect("who presses has a channel");
        let digits = digits.parse().expect("digits of the story");
        self.switch.command(Command::SendDigits { port, digits, on_ms: 80, off_ms: 80 });
    }

    pub(crate) fn tone(&mut self, party: Party, tone: ToneSpec) {
        let port = self.parties[party.0].port.expect("who is in a call has a channel");
        self.switch.command(Command::Tone { port, tone });
    }

    pub(crate) fn reflect(&mut self, party: Party) {
        self.switch.reflecting = self.parties[party.0].port.map(|port| usize::from(port.0));
    }

    pub(crate) fn say(&mut self, party: Party, what: &str) {
        let port = self.parties[party.0].port.expect("who speaks has a channel");
        self.speak_on(port, what);
    }

    pub(crate) fn speak_on(&mut self, port: PortId, what: &str) {
        self.next_play += 1;
        let (play, barge_in) = (PlayId(self.next_play), BargeIn::Refused);
        self.switch.command(Command::Play { port, play, clip: clip(what), barge_in });
    }

    /// Ten milliseconds of audio; what each party heard and said is kept.
    pub(crate) fn tick(&mut self) {
        self.switch.tick();
        for party in &mut self.parties {
            if let Some(port) = party.port {
                party.heard.extend(self.switch.received[usize::from(port.0)]);
                party.said.extend(self.switch.sent[usize::from(port.0)]);
            }
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let answers = self.parties.iter().filter_map(|party| party.answers_at).min();
        self.spans.iter().map(|span| span.deadline()).fold(answers, earliest)
    }

    /// Timers, frames, bits and what the engine heard. True where something was done.
    pub(crate) fn work(&mut self, now: Instant) -> bool {
        let mut worked = false;
        while let Some((span, event)) = self.switch.poll() {
            worked = true;
            match event {
                SpanEvent::Frame(frame) => self.spans[span].handle_frame(now, &frame),
                SpanEvent::Alarms(alarms) => self.spans[span].handle_alarms(now, alarms),
                SpanEvent::Cas { timeslot, bits } => self.spans[span].handle_cas(now, timeslot, bits),
                SpanEvent::BadFrame | SpanEvent::Slip(_) => {}
            }
        }
        let out = std::mem::take(&mut self.switch.out);
        for (port, heard) in out.events.iter().filter_map(signaling::heard) {
            let (span, timeslot) = media_io::place(port);
            self.spans[span].heard(now, timeslot, &heard);
        }
        for span in &mut self.spans {
            if span.deadline().is_some_and(|due| due <= now) {
                span.handle_timeout(now);
            }
        }
        self.answer(now);
        for span in 0..self.spans.len() {
            while let Some(action) = self.next_action(span) {
                worked = true;
                match action {
                    Action::Transmit(()) => {}
                    Action::Line { call, channel, primitive } => self.line(now, span, call, channel, primitive),
                    Action::Cas { timeslot, bits } => self.switch.set_cas(span, timeslot, bits),
                    Action::Audio { timeslot, order } => self.audio(media_io::port(span, timeslot), order),
                    Action::Link(_) | Action::ChannelChanged(_) | Action::Report { .. } => {}
                }
            }
        }
        worked
    }

    /// The oldest action of a span; a frame is on the line by then.
    fn next_action(&mut self, span: usize) -> Option<Action<()>> {
        let Self { spans, switch, .. } = self;
        spans[span].poll_lent().map(|action| action.map(|frame| switch.send(span, frame)))
    }

    fn audio(&mut self, port: PortId, order: Order) {
        if let Order::Listen(listen) = order {
            let before = self.listens.insert(port, listen).unwrap_or_default();
            signaling::listen(port, before, listen).for_each(|command| self.switch.command(command));
        } else if let Some(command) = signaling::command(port, order) {
            self.switch.command(command);
        }
    }

    fn answer(&mut self, now: Instant) {
        for party in &mut self.parties {
            if party.state == PartyState::Ringing && party.answers_at.is_some_and(|due| due <= now) {
                party.answers_at = None;
                party.state = PartyState::Talking;
                self.spans[party.span].line(now, party.call, Primitive::Connected);
            }
        }
    }

    fn line(&mut self, now: Instant, span: usize, call: CallHandle, channel: Option<u8>, primitive: Primitive) {
        let known = self.by_call.get(&(span, call)).copied();
        let party = match (known, primitive) {
            (Some(party), _) => Party(party),
            (None, Primitive::Setup(setup)) => self.add(span, call, setup.to.digits.as_str()),
            (None, _) => return,
        };
        self.place(party, span, channel);
        match primitive {
            Primitive::Setup(_) => self.ring(now, party),
            Primitive::Alerting(_) | Primitive::Progress(_) => self.parties[party.0].state = PartyState::Ringing,
            Primitive::Connected => self.parties[party.0].state = PartyState::Talking,
            Primitive::Clearing { cause, .. } => {
                self.over(party, cause);
                self.spans[span].line(now, call, Primitive::Released { cause });
            }
            Primitive::Released { cause } => {
                self.over(party, cause);
                self.by_call.remove(&(span, call));
            }
            other => drop(format!("{other:?} needs no answer of a subscriber")),
        }
    }

    /// The first cause that a party is told stays.
    fn over(&mut self, party: Party, cause: Cause) {
        let subscriber = &mut self.parties[party.0];
        if !matches!(subscriber.state, PartyState::Over(_)) {
            subscriber.state = PartyState::Over(cause);
        }
        subscriber.answers_at = None;
        let (span, port) = (subscriber.span, subscriber.port.take());
        if let Some(port) = port {
            self.switch.command(if self.keeps_ports(span) { Command::StopPlay(port) } else { Command::Close(port) });
        }
    }

    fn place(&mut self, party: Party, span: usize, channel: Option<u8>) {
        let kept = self.keeps_ports(span);
        let subscriber = &mut self.parties[party.0];
        let Some(port) = channel.map(|channel| media_io::port(span, channel)) else { return };
        if subscriber.port != Some(port) && !matches!(subscriber.state, PartyState::Over(_)) {
            let before = subscriber.port.replace(port);
            if !kept {
                before.into_iter().for_each(|before| self.switch.command(Command::Close(before)));
                self.switch.command(Command::Open(port));
            }
        }
    }

    fn ring(&mut self, now: Instant, party: Party) {
        let Subscriber { span, call, number, .. } = &self.parties[party.0];
        let (span, call) = (*span, *call);
        self.spans[span].line(now, call, Primitive::Proceeding);
        let Some(phone) = self.phones.get(number).copied() else {
            return self.end(now, party, Cause::UNALLOCATED_NUMBER);
        };
        let inband = match phone {
            Phone::Busy => return self.end(now, party, Cause::USER_BUSY),
            Phone::Announcement(what) => {
                self.say(party, what);
                Inband::Audio
            }
            Phone::Answers(_) | Phone::Rings => Inband::Silent,
        };
        self.spans[span].line(now, call, Primitive::Alerting(inband));
        self.parties[party.0].state = PartyState::Ringing;
        if let Phone::Answers(ms) = phone {
            self.parties[party.0].answers_at = Some(now + Duration::from_millis(ms));
        }
    }
}
