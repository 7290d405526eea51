//! Calls: how they are placed, offered, answered and ended.

use super::core::Core;
use super::live::{Dialling, Ending, Live, Offer, Reply};
use super::span::{Meeting, SpanState};
use crate::hearing::Memory;
use crate::party::{Action as Wish, Input, KEY_MS, Party, Prepared, Role};
use base::{Cause, Digits, Instant};
use media::{BargeIn, Clip, Command, PlayId, PortId, RecordSlot};
use media_io::port;
use ports::call::{Address, Bearer, Detail, Inband, Number, Presentation, Primitive, Refusal, Setup, Text};
use sig_span::loopstart::Tone;
use sig_span::{CallHandle, Listen};
use std::sync::Arc;
use std::time::Duration;

/// Audio that was sent before the far end cleared is at most so long on its way.
const ON_ITS_WAY: Duration = Duration::from_millis(200);
/// Time between two digits that are dialled one by one.
const DIGIT: Duration = Duration::from_millis(150);

/// What the party of a call does that meets one of the box.
const MEETING: &str = "wait answer within 60s\npause 2s\nhang up\n";

/// A call to be placed.
pub(super) struct Wanted {
    pub(super) to: Digits,
    pub(super) from: Digits,
    /// The caller's name, where the line can carry one.
    pub(super) name: Option<Text>,
    pub(super) span: Option<usize>,
    /// The timeslot.
    pub(super) line: Option<u8>,
    pub(super) sending: Sending,
    pub(super) steps: Vec<Prepared>,
    pub(super) memory: Memory,
}

/// How the called number is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// Whole, in SETUP.
    EnBloc,
    /// One digit after the other (Q.931 §5.2.4).
    Overlap,
}

impl Core {
    /// Places a call on the span, or on the first that takes it; the least loaded is tried first.
    pub(super) fn place(&mut self, now: Instant, wanted: Wanted, reply: Reply) -> Result<(), String> {
        let presentation = if wanted.from.is_empty() { Presentation::Restricted } else { Presentation::Allowed };
        let (to, address, rest) = match wanted.sending {
            Sending::EnBloc => (wanted.to, Address::Complete, None),
            Sending::Overlap => (Digits::new(), Address::Open, Some(wanted.to)),
        };
        let setup = Setup {
            from: Number { presentation, ..Number::unknown(wanted.from) },
            to: Number::unknown(to),
            redirecting: None,
            bearer: Bearer::Speech,
            address,
        };
        let details: Vec<Detail> = wanted.name.map(Detail::Display).into_iter().collect();
        let mut why = Refusal::OutOfService;
        for (span, line) in self.order(&wanted)? {
            match self.spans[span].call(now, setup, &details, line) {
                Ok(call) => {
                    let party = Party::new(now, Role::Caller, wanted.to.as_str(), wanted.steps, wanted.memory);
                    let dialling = rest.map(|rest| Dialling { rest, next: now + DIGIT });
                    self.admit(Live { dialling, ..Live::new(party, span, call, reply) });
                    return Ok(());
                }
                Err(Refusal::OutOfService) => {}
                Err(other) => why = other,
            }
        }
        Err(match why {
            Refusal::NoChannel => "all channels are used: wait for calls to end".into(),
            _ => "no line is up: is the box running?".into(),
        })
    }

    /// A call of ours that glare made: its party waits for the answer, and hangs up.
    pub(super) fn met(&mut self, now: Instant, span: usize, meeting: &Meeting) {
        let steps = super::silent(MEETING);
        let party = Party::new(now, Role::Caller, meeting.to.as_str(), steps, Memory::Minute);
        self.admit(Live::new(party, span, meeting.call, None));
    }

    /// The spans to try, each with the line to use if that is not for the span to choose.
    fn order(&self, wanted: &Wanted) -> Result<Vec<(usize, Option<u8>)>, String> {
        if let Some(span) = wanted.span {
            let Some(state) = self.spans.get(span) else {
                return Err(format!("there is no span {span}: spans are 0 to {}", self.spans.len() - 1));
            };
            if let Some(line) = wanted.line.filter(|line| !state.has_line(*line)) {
                return Err(format!(
                    "span {span} has no line {line}: lines are timeslots 1 to 15 and 17 to 31 that carry calls"
                ));
            }
            return Ok(vec![(span, wanted.line.or_else(|| state.line_of(&wanted.to)))]);
        }
        if wanted.line.is_some() {
            return Err("a line is a timeslot of a span: name the span too".into());
        }
        // An analog line is reached by its own number. It cannot name whom a call is for, so all others go elsewhere if they can.
        let line_of = |(span, state): (usize, &SpanState)| Some((span, Some(state.line_of(&wanted.to)?)));
        if let Some(line) = self.spans.iter().enumerate().find_map(line_of) {
            return Ok(vec![line]);
        }
        let busy: Vec<usize> = self.status().iter().map(|span| span.busy).collect();
        let mut order: Vec<usize> = (0..self.spans.len()).collect();
        order.sort_by_key(|&span| (!self.spans[span].carries_numbers(), busy[span]));
        Ok(order.into_iter().map(|span| (span, None)).collect())
    }

    /// Sends the next digit of a number that is dialled one by one.
    pub(super) fn dial_on(&mut self, now: Instant, id: u32) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        let Some(dialling) = live.dialling.filter(|dialling| dialling.next <= now) else { return };
        let mut digits = dialling.rest.as_str().chars();
        let Some(next) = digits.next().and_then(|digit| digit.to_string().parse().ok()) else {
            live.dialling = None;
            return;
        };
        let rest = digits.as_str().parse().unwrap_or_default();
        live.dialling = Some(Dialling { rest, next: now + DIGIT });
        let (span, call) = (live.span, live.call);
        self.spans[span].line(now, call, Primitive::Digits { digits: next, address: Address::Open });
    }

    pub(super) fn line_news(
        &mut self,
        now: Instant,
        span: usize,
        call: CallHandle,
        channel: Option<u8>,
        primitive: Primitive,
    ) {
        let Some((&id, live)) = self.parties.iter_mut().find(|(_, live)| live.is_on(span, call)) else {
            return self.offered(now, span, call, channel, primitive);
        };
        let over = matches!(primitive, Primitive::Clearing { .. } | Primitive::Released { .. });
        // The line is signaling's again, tones and all.
        let tone_of = live.port.filter(|_| over && std::mem::take(&mut live.tones));
        match primitive {
            Primitive::Connected => live.party.handle(now, Input::Answered),
            Primitive::Clearing { cause, .. } if live.ending == Ending::No => {
                live.ending = Ending::Listening(now + ON_ITS_WAY, cause);
            }
            _ => {}
        }
        tone_of.into_iter().for_each(|port| self.send(Command::StopTone(port)));
        if let Some(timeslot) = channel {
            self.open_port(now, id, span, timeslot);
        }
        if let Primitive::Released { cause } = primitive {
            self.released(now, id, cause);
        }
    }

    /// The box calls a telephone, or says more of the number that it calls.
    fn offered(&mut self, now: Instant, span: usize, call: CallHandle, channel: Option<u8>, primitive: Primitive) {
        let known = self.offers.iter().position(|offer| offer.span == span && offer.call == call);
        let mut offer = match (known.map(|at| self.offers.swap_remove(at)), primitive) {
            (_, Primitive::Setup(setup)) => Offer { span, call, setup, channel },
            (Some(offer), _) => offer,
            (None, _) => return,
        };
        match primitive {
            Primitive::Digits { digits, address } => {
                // More digits than a number can have change nothing of who is rung.
                let _ = offer.setup.to.digits.append(&digits);
                offer.setup.address = address;
            }
            Primitive::Clearing { cause, .. } => {
                return self.spans[span].line(now, call, Primitive::Released { cause });
            }
            Primitive::Released { .. } => return,
            _ => {}
        }
        let number = offer.setup.to.digits;
        let is_known = self.phones.contains_key(&number) || self.waiting.iter().any(|phone| phone.number == number);
        match offer.setup.address {
            Address::Open if !is_known => self.offers.push(offer),
            Address::Open | Address::Complete => self.rung(now, &offer),
        }
    }

    fn rung(&mut self, now: Instant, offer: &Offer) {
        let (number, span, call) = (offer.setup.to.digits, offer.span, offer.call);
        let registered = self.waiting.iter().position(|waiting| waiting.number == number);
        let (steps, memory, reply) = match registered.map(|at| self.waiting.remove(at)) {
            Some(waiting) => (waiting.steps, waiting.memory, waiting.reply),
            None => (self.phones.get(&number).unwrap_or(&self.unattended).clone(), Memory::Minute, None),
        };
        let mut party = Party::new(now, Role::Telephone, number.as_str(), steps, memory);
        party.set_caller(&offer.setup.from.digits);
        self.spans[span].line(now, call, Primitive::Proceeding);
        let id = self.admit(Live::new(party, span, call, reply));
        if let Some(timeslot) = offer.channel {
            self.open_port(now, id, span, timeslot);
        }
    }

    fn open_port(&mut self, now: Instant, id: u32, span: usize, timeslot: u8) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        let wanted = port(span, timeslot);
        if live.port == Some(wanted) {
            return;
        }
        live.party.set_channel(span, timeslot);
        if let Some(before) = live.port.replace(wanted) {
            self.close_port(before);
        }
        // Whoever had the channel before has not heard its last words yet: there are no more.
        let before = self.ports[usize::from(wanted.0)].party.filter(|before| *before != id);
        if let Some((before, Ending::Flushing(cause))) = before.and_then(|id| Some((id, self.parties.get(&id)?.ending)))
        {
            self.over(now, before, cause);
        }
        let port = &mut self.ports[usize::from(wanted.0)];
        port.party = Some(id);
        if !port.is_kept {
            self.send(Command::Open(wanted));
        }
        self.listen(wanted);
        self.send(Command::StartRecord { port: wanted, recording: RecordSlot(wanted.0) });
    }

    /// Its party has gone. Where signaling needs the port, it stays open, with what signaling wants of it.
    fn close_port(&mut self, port: PortId) {
        let entry = &mut self.ports[usize::from(port.0)];
        entry.party = None;
        if !entry.is_kept {
            // It hears nothing at first when it is opened again.
            entry.running = Listen::NONE;
            return self.send(Command::Close(port));
        }
        self.send(Command::StopRecord(RecordSlot(port.0)));
        self.send(Command::StopPlay(port));
        self.listen(port);
    }

    /// The call is gone on the line: what the recorder still holds is the last that was heard.
    fn released(&mut self, now: Instant, id: u32, cause: Cause) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        match live.ending {
            Ending::Flushing(_) | Ending::Judging => {}
            Ending::No | Ending::Listening(..) => self.flush(now, id, cause),
        }
    }

    pub(super) fn flush(&mut self, now: Instant, id: u32, cause: Cause) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        live.ending = Ending::Flushing(cause);
        match live.port {
            Some(port) => self.send(Command::StopRecord(RecordSlot(port.0))),
            None => self.over(now, id, cause),
        }
    }

    pub(super) fn flushed(&mut self, now: Instant, port: PortId) {
        let Some(id) = self.ports.get(usize::from(port.0)).and_then(|port| port.party) else { return };
        if let Some(Ending::Flushing(cause)) = self.parties.get(&id).map(|live| live.ending) {
            self.over(now, id, cause);
        }
    }

    /// Lets the channel go; the party lives on until its last words are judged.
    fn over(&mut self, now: Instant, id: u32, cause: Cause) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        live.party.handle(now, Input::Ended(cause));
        live.ending = Ending::Judging;
        let (span, call) = (live.span, live.call);
        if let Some(port) = live.port.take() {
            self.close_port(port);
        }
        self.spans[span].line(now, call, Primitive::Released { cause });
    }

    pub(super) fn obey(&mut self, now: Instant, id: u32, wish: Wish) {
        let Some(live) = self.parties.get(&id) else { return };
        let (port, gone) = (live.port, live.ending == Ending::Judging);
        let line = match wish {
            Wish::Look(look) => return self.look(id, look),
            Wish::Fault(span, order) => {
                let ordered = self.order_fault(now, Some(span.unwrap_or(live.span)), order);
                let live = self.parties.get_mut(&id);
                return ordered.err().zip(live).into_iter().for_each(|(why, live)| live.party.give_up(&why));
            }
            _ if gone => return,
            Wish::Tone(tone) => return self.give_tone(id, tone),
            Wish::CallWaiting(from) => {
                let told = self.spans[live.span].call_waiting(now, live.call, from);
                let live = self.parties.get_mut(&id);
                return told.err().zip(live).into_iter().for_each(|(why, live)| live.party.give_up(&why));
            }
            Wish::Press(digits) => {
                let press = |port| Command::SendDigits { port, digits, on_ms: KEY_MS, off_ms: KEY_MS };
                return port.map(press).into_iter().for_each(|command| self.send(command));
            }
            Wish::Play(clips) => return port.into_iter().for_each(|port| self.play(port, &clips)),
            Wish::Ring => Primitive::Alerting(Inband::Silent),
            Wish::Answer => Primitive::Connected,
            Wish::Dial(digits) => Primitive::Digits { digits, address: Address::Open },
            Wish::Reject(cause) => Primitive::Clearing { cause, inband: Inband::Silent },
            Wish::HangUp => Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent },
        };
        let (span, call) = (live.span, live.call);
        self.spans[span].line(now, call, line);
    }

    /// The line gives a tone for as long as the call lasts.
    fn give_tone(&mut self, id: u32, tone: Tone) {
        let Some(live) = self.parties.get_mut(&id) else { return };
        let Some(port) = live.port else { return };
        live.tones = true;
        let tone = self.spans[live.span].sound(tone);
        self.send(Command::Tone { port, tone });
    }

    fn play(&mut self, port: PortId, clips: &[Arc<Clip>]) {
        let octets: Vec<u8> = clips.iter().flat_map(|clip| clip.alaw()).copied().collect();
        let play = PlayId(self.next_play);
        self.next_play = self.next_play.wrapping_add(1);
        let clip = Arc::new(Clip::from_alaw(&octets));
        self.send(Command::Play { port, play, clip, barge_in: BargeIn::Refused });
    }
}
