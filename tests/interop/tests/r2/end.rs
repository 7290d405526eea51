//! One end of R2 channels as the box builds it: an [`R2Span`], MF receivers and senders, and somebody who answers calls. A clock that
//! jumps by 10 ms.

use base::{Cause, Digits, Instant};
use dsp_mf::{MfBank, MfEvent, MfSender};
use interop::{BLOCK, Sent};
use ports::call::{Address, Bearer, Inband, Number, Presentation, Primitive, Setup};
use ports::span::{Abcd, Alarms, SILENCE, TIMESLOTS};
use sig_r2::{Action, CallHandle, Category, ChannelState, Direction, R2Span, Register, Report, Settings};
use std::collections::BTreeMap;
use std::time::Duration;

/// What calls to this end meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Answer,
    Ring,
    Refuse(Cause),
    /// Nothing is said.
    Wait,
}

/// See the module.
pub(crate) struct End {
    pub(crate) span: R2Span,
    pub(crate) reply: Reply,
    /// A number that came open is taken for whole when it has so many digits.
    pub(crate) whole_at: usize,
    /// What is said on channels on which no signal is sent.
    pub(crate) speech: [u8; BLOCK],
    /// All that was told of calls, in order.
    pub(crate) told: Vec<(CallHandle, Option<u8>, Primitive)>,
    pub(crate) reports: Vec<Report>,
    /// What was heard during the last 10 ms.
    pub(crate) heard: [Sent; TIMESLOTS],
    now: Instant,
    bank: MfBank<TIMESLOTS>,
    senders: [Option<MfSender>; TIMESLOTS],
    bits: [u8; TIMESLOTS],
    numbers: BTreeMap<CallHandle, Digits>,
    /// Channels in the order of the peer's.
    timeslots: Vec<u8>,
}

impl End {
    /// On the first so many channels.
    pub(crate) fn new(mut settings: Settings, channels: usize) -> Self {
        let timeslots: Vec<u8> = (1..TIMESLOTS as u8).filter(|&slot| slot != 16).take(channels).collect();
        for (slot, direction) in (0..).zip(&mut settings.directions) {
            if !timeslots.contains(&slot) {
                *direction = Direction::Unused;
            }
        }
        let mut end = Self {
            span: R2Span::new(settings),
            reply: Reply::Answer,
            whole_at: usize::MAX,
            speech: [SILENCE; BLOCK],
            told: Vec::new(),
            reports: Vec::new(),
            heard: [Sent::IDLE; TIMESLOTS],
            now: Instant::ZERO,
            bank: MfBank::new(),
            senders: [const { None }; TIMESLOTS],
            bits: [Sent::IDLE.bits; TIMESLOTS],
            numbers: BTreeMap::new(),
            timeslots,
        };
        end.span.start(end.now);
        end.drain();
        end
    }

    /// 10 ms: takes what the far end sent on each channel, gives what this end sends.
    pub(crate) fn tick(&mut self, heard: &[Sent]) -> Vec<Sent> {
        self.now += Duration::from_millis(10);
        for (&timeslot, sent) in self.timeslots.clone().iter().zip(heard) {
            let before = std::mem::replace(&mut self.heard[usize::from(timeslot)], *sent);
            if before.bits != sent.bits || self.now == Instant::new(Duration::from_millis(10)) {
                self.span.handle_cas(self.now, timeslot, Abcd::new(sent.bits));
                self.drain();
            }
        }
        self.listen();
        self.span.handle_timeout(self.now);
        self.drain();
        self.timeslots.clone().into_iter().map(|timeslot| self.send(usize::from(timeslot))).collect()
    }

    fn listen(&mut self) {
        let mut linear = [[0; BLOCK]; TIMESLOTS];
        for (linear, heard) in linear.iter_mut().zip(&self.heard) {
            dsp_g711::alaw_decode_block(&heard.audio, linear);
        }
        let mut events = Vec::new();
        self.bank.process(&linear.each_ref().map(Some), |timeslot, event| events.push((timeslot as u8, event)));
        for (timeslot, event) in events {
            let signal = match event {
                MfEvent::Began(signal) => Some(signal),
                MfEvent::Ended(_) => None,
            };
            self.span.handle_mf(self.now, timeslot, signal);
            self.drain();
        }
    }

    fn send(&mut self, timeslot: usize) -> Sent {
        let mut sent = Sent { bits: self.bits[timeslot], audio: self.speech };
        if let Some(sender) = &mut self.senders[timeslot] {
            let mut linear = [0; BLOCK];
            sender.fill(&mut linear);
            dsp_g711::alaw_encode_block(&linear, &mut sent.audio);
        }
        self.senders[timeslot].take_if(|sender| sender.is_over());
        sent
    }

    pub(crate) fn drain(&mut self) {
        while let Some(action) = self.span.poll_action() {
            match action {
                Action::Cas { timeslot, bits } => self.bits[usize::from(timeslot)] = bits.bits(),
                Action::SendMf { timeslot, signal } => {
                    let sender = &mut self.senders[usize::from(timeslot)];
                    match signal {
                        Some((register, signal)) => *sender = Some(MfSender::new(dsp(register), signal)),
                        None => sender.iter_mut().for_each(MfSender::stop),
                    }
                }
                Action::ListenMf { timeslot, register } => self.bank.listen(usize::from(timeslot), register.map(dsp)),
                Action::Line { call, channel, primitive } => {
                    self.told.push((call, channel, primitive));
                    self.answer(call, primitive);
                }
                Action::Report { report, .. } => self.reports.push(report),
                Action::PlayTone { .. } | Action::ChannelChanged { .. } => {}
            }
        }
    }

    fn answer(&mut self, call: CallHandle, told: Primitive) {
        let (digits, address) = match told {
            Primitive::Setup(setup) => (setup.to.digits, setup.address),
            Primitive::Digits { digits, address } => (digits, address),
            _ => return,
        };
        let number = self.numbers.entry(call).or_default();
        number.append(&digits).unwrap();
        if address == Address::Open && number.as_str().len() != self.whole_at {
            return;
        }
        let mut say = |primitive| self.span.line(self.now, call, primitive);
        match self.reply {
            Reply::Answer => {
                say(Primitive::Proceeding);
                say(Primitive::Alerting(Inband::Silent));
                say(Primitive::Connected);
            }
            Reply::Ring => {
                say(Primitive::Proceeding);
                say(Primitive::Alerting(Inband::Silent));
            }
            Reply::Refuse(cause) => say(Primitive::Clearing { cause, inband: Inband::Silent }),
            Reply::Wait => {}
        }
    }

    pub(crate) fn call(&mut self, setup: Setup) -> CallHandle {
        self.try_call(setup, None).unwrap()
    }

    pub(crate) fn call_with(&mut self, setup: Setup, category: Category) -> CallHandle {
        let call = self.span.call_with(self.now, setup, category, None).unwrap();
        self.drain();
        call
    }

    pub(crate) fn try_call(&mut self, setup: Setup, channel: Option<u8>) -> Result<CallHandle, ports::call::Refusal> {
        let call = self.span.call(self.now, setup, channel);
        self.drain();
        call
    }

    pub(crate) fn word(&mut self, call: CallHandle, primitive: Primitive) {
        self.span.line(self.now, call, primitive);
        self.drain();
    }

    pub(crate) fn alarm(&mut self, raised: bool) {
        self.span.handle_alarms(self.now, Alarms { loss: raised, ..Alarms::default() });
        self.drain();
    }

    pub(crate) fn hang_up(&mut self, call: CallHandle) {
        self.word(call, Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent });
    }

    /// Calls that were offered, with their whole numbers.
    pub(crate) fn offered(&self) -> Vec<(CallHandle, Setup)> {
        let setup = |&(call, _, primitive): &(CallHandle, Option<u8>, Primitive)| match primitive {
            Primitive::Setup(mut setup) => {
                setup.to.digits = self.numbers[&call];
                Some((call, setup))
            }
            _ => None,
        };
        self.told.iter().filter_map(setup).collect()
    }

    /// How the call ended, if it has.
    pub(crate) fn cause(&self, call: CallHandle) -> Option<Cause> {
        self.told.iter().find_map(|&(of, _, primitive)| match primitive {
            Primitive::Released { cause } if of == call => Some(cause),
            _ => None,
        })
    }

    pub(crate) fn has_told(&self, call: CallHandle, primitive: Primitive) -> bool {
        self.told.iter().any(|told| told.0 == call && told.2 == primitive)
    }

    /// What was said of the call, in order.
    pub(crate) fn story(&self, call: CallHandle) -> Vec<Primitive> {
        self.told.iter().filter(|told| told.0 == call).map(|told| told.2).collect()
    }

    pub(crate) fn all_are(&self, state: ChannelState) -> bool {
        self.timeslots.iter().all(|&timeslot| self.span.channel_state(timeslot) == state)
    }

    /// Forgets what was told so far, so that a long story stays quick.
    pub(crate) fn forget_the_past(&mut self) {
        self.told.clear();
        self.numbers.clear();
    }
}

const fn dsp(register: Register) -> dsp_mf::Register {
    match register {
        Register::Forward => dsp_mf::Register::Forward,
        Register::Backward => dsp_mf::Register::Backward,
    }
}

/// A whole number; without `from`, of a caller who withholds it.
pub(crate) fn setup(to: &str, from: Option<&str>) -> Setup {
    let mut caller = Number::unknown(from.unwrap_or_default().parse().unwrap());
    if from.is_none() {
        caller.presentation = Presentation::Restricted;
    }
    Setup {
        from: caller,
        to: Number::unknown(to.parse().unwrap()),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    }
}
