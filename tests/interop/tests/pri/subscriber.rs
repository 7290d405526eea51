//! One end of a primary rate line in real time: a [`PriSpan`], the card's sockets, and somebody who answers calls.

use base::{Cause, Digits, Instant};
use interop::PriPeer;
use lab::{SocketAudio, SocketLink, SocketSpan};
use line_framing::{HdlcRx, HdlcTx};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Setup};
use ports::span::{DataLink, Frame, SpanAudio, SpanBlock, SpanEvent};
use serde_json::Value;
use sig_pri::{Action, CallHandle, PriSpan, Report, Side};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

const PATIENCE: Duration = Duration::from_secs(20);
const BLOCK: Duration = Duration::from_millis(10);

/// How frames get from the machine to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Whole, as the card takes them.
    Whole,
    /// As octets of a timeslot between two software HDLC controllers, both ways.
    Hdlc,
}

/// What calls to this end meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    AtOnce,
    Ring,
    Refuse(Cause),
    /// When the number is so long.
    WhenDigits(usize),
}

/// A timeslot of HDLC: a sender and the receiver at its end.
struct Timeslot {
    tx: HdlcTx,
    rx: HdlcRx,
}

impl Timeslot {
    const fn new() -> Self {
        Self { tx: HdlcTx::new(), rx: HdlcRx::new() }
    }

    /// The frame as it comes out at the far end, and others that were under way.
    fn carry(&mut self, frame: &[u8]) -> Vec<Frame> {
        self.tx.push(frame).unwrap();
        let mut out = Vec::new();
        while !self.tx.is_idle() {
            // 1 ms of a timeslot.
            let mut octets = [0; 8];
            self.tx.fill(&mut octets);
            self.rx.receive(&octets, |frame| out.push(Frame::from_slice(frame.unwrap()).unwrap()));
        }
        let mut flag = [0; 2];
        self.tx.fill(&mut flag);
        self.rx.receive(&flag, |frame| out.push(Frame::from_slice(frame.unwrap()).unwrap()));
        out
    }
}

/// See the module.
pub(crate) struct Subscriber {
    pub(crate) span: PriSpan,
    pub(crate) answer: Answer,
    pub(crate) restarted: Vec<u8>,
    /// What signaling reports as wrong.
    pub(crate) complaints: Vec<String>,
    link: SocketLink,
    audio: SocketAudio,
    began: Clock,
    next_block: Clock,
    hdlc: Option<[Timeslot; 2]>,
    /// All that was told of calls, in order.
    told: Vec<(CallHandle, Option<u8>, Primitive)>,
    numbers: BTreeMap<CallHandle, Digits>,
}

impl Subscriber {
    pub(crate) fn listen(dir: &Path, framing: Framing, overlap: bool) -> Self {
        Self::listen_as(Side::User, dir, framing, overlap)
    }

    pub(crate) fn listen_as(side: Side, dir: &Path, framing: Framing, overlap: bool) -> Self {
        let mut parameters = sig_pri::Parameters::china(side);
        if overlap {
            parameters.overlap = sig_q931::Overlap::Received;
        }
        let (audio, link) = SocketSpan::listen(dir, Arc::new(|| {})).unwrap().into_halves();
        let mut subscriber = Self {
            span: PriSpan::with(side, parameters, sig_q921::Parameters::default()),
            answer: Answer::AtOnce,
            restarted: Vec::new(),
            complaints: Vec::new(),
            link,
            audio,
            began: Clock::now(),
            next_block: Clock::now(),
            hdlc: (framing == Framing::Hdlc).then_some([const { Timeslot::new() }; 2]),
            told: Vec::new(),
            numbers: BTreeMap::new(),
        };
        subscriber.span.start(Instant::ZERO);
        subscriber
    }

    fn now(&self) -> Instant {
        Instant::new(self.began.elapsed())
    }

    /// Runs the line until something holds.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let began = Clock::now();
        loop {
            self.step();
            if holds(self) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}; told: {:#?}", self.told);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Runs the line until libpri tells this of this call.
    #[track_caller]
    pub(crate) fn wait_event(&mut self, peer: &mut PriPeer, event: &str, id: u64) -> Value {
        self.wait_for(peer, &format!("{event} of call {id}"), |found| found["event"] == event && found["id"] == id)
    }

    #[track_caller]
    pub(crate) fn wait_any(&mut self, peer: &mut PriPeer, event: &str, channel: u8) {
        let wanted = |found: &Value| found["event"] == event && found["channel"] == channel;
        self.wait_for(peer, &format!("{event} of channel {channel}"), wanted);
    }

    #[track_caller]
    pub(crate) fn wait_any_event(&mut self, peer: &mut PriPeer, event: &str) {
        self.wait_for(peer, event, |found| found["event"] == event);
    }

    #[track_caller]
    fn wait_for(&mut self, peer: &mut PriPeer, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut found = None;
        self.until(what, |_| {
            found = peer.take(&wanted);
            found.is_some()
        });
        found.unwrap()
    }

    pub(crate) fn call(&mut self, setup: Setup) -> CallHandle {
        let now = self.now();
        let call = self.span.call(now, setup, None).unwrap();
        self.drain();
        call
    }

    pub(crate) fn line(&mut self, call: CallHandle, primitive: Primitive) {
        self.span.line(self.now(), call, primitive);
        self.drain();
    }

    pub(crate) fn restart(&mut self, timeslot: u8) {
        self.span.restart(self.now(), timeslot);
        self.drain();
    }

    /// Calls that were offered.
    pub(crate) fn setups(&self) -> Vec<(CallHandle, Option<u8>, Setup)> {
        let setup = |(call, channel, primitive): &(CallHandle, Option<u8>, Primitive)| match primitive {
            Primitive::Setup(setup) => Some((*call, *channel, *setup)),
            _ => None,
        };
        self.told.iter().filter_map(setup).collect()
    }

    pub(crate) fn released(&self) -> Vec<(CallHandle, Cause)> {
        let released = |(call, _, primitive): &(CallHandle, Option<u8>, Primitive)| match primitive {
            Primitive::Released { cause } => Some((*call, *cause)),
            _ => None,
        };
        self.told.iter().filter_map(released).collect()
    }

    pub(crate) fn told(&self, call: CallHandle, primitive: Primitive) -> bool {
        self.told.iter().any(|told| told.0 == call && told.2 == primitive)
    }

    pub(crate) fn channel(&self, call: CallHandle) -> Option<u8> {
        self.told.iter().rev().find(|told| told.0 == call).and_then(|told| told.1)
    }

    /// The called number as far as it came.
    pub(crate) fn number(&self, call: CallHandle) -> &str {
        self.numbers.get(&call).map_or("", Digits::as_str)
    }

    fn step(&mut self) {
        while let Some(event) = self.link.poll_event() {
            let now = self.now();
            match event {
                SpanEvent::Frame(frame) => match &mut self.hdlc {
                    None => self.span.handle_frame(now, &frame),
                    Some([_, to_us]) => {
                        for frame in to_us.carry(&frame) {
                            self.span.handle_frame(now, &frame);
                        }
                    }
                },
                SpanEvent::Alarms(alarms) => self.span.handle_alarms(now, alarms),
                SpanEvent::BadFrame | SpanEvent::Slip(_) | SpanEvent::Cas { .. } => {
                    self.complaints.push(format!("{event:?}"))
                }
            }
            self.drain();
        }
        if self.span.deadline().is_some_and(|due| due <= self.now()) {
            self.span.handle_timeout(self.now());
            self.drain();
        }
        if self.next_block <= Clock::now() {
            self.next_block += BLOCK;
            // What is heard goes back: an echo on every channel.
            let mut block = SpanBlock::silent();
            self.audio.read(&mut block).unwrap();
            self.audio.write(&block).unwrap();
        }
    }

    fn drain(&mut self) {
        while let Some(action) = self.span.poll_action() {
            match action {
                Action::Transmit(frame) => self.transmit(&frame),
                Action::Line { call, channel, primitive } => {
                    self.told.push((call, channel, primitive));
                    self.on_line(call, primitive);
                }
                Action::ChannelRestarted(timeslot) => self.restarted.push(timeslot),
                Action::Report(report @ (Report::Unreadable(_) | Report::Unexpected { .. } | Report::NoPlace)) => {
                    self.complaints.push(format!("{report:?}"));
                }
                Action::Report(_) | Action::Link(_) | Action::LinkError(_) => {}
            }
        }
    }

    fn transmit(&mut self, frame: &Frame) {
        match &mut self.hdlc {
            None => self.link.send(frame).unwrap(),
            Some([from_us, _]) => {
                for frame in from_us.carry(frame) {
                    self.link.send(&frame).unwrap();
                }
            }
        }
    }

    fn on_line(&mut self, call: CallHandle, primitive: Primitive) {
        let now = self.now();
        match primitive {
            Primitive::Setup(setup) => {
                self.numbers.insert(call, setup.to.digits);
                match self.answer {
                    Answer::AtOnce => self.pick_up(call),
                    Answer::Ring => {
                        self.span.line(now, call, Primitive::Proceeding);
                        self.span.line(now, call, Primitive::Alerting(Inband::Silent));
                    }
                    Answer::Refuse(cause) => {
                        self.span.line(now, call, Primitive::Clearing { cause, inband: Inband::Silent });
                    }
                    Answer::WhenDigits(_) => {}
                }
            }
            Primitive::Digits { digits, .. } => {
                let number = self.numbers.entry(call).or_default();
                number.append(&digits).unwrap();
                if Answer::WhenDigits(number.len()) == self.answer {
                    self.pick_up(call);
                }
            }
            Primitive::Clearing { .. } => {
                // The far end hung up; so do we.
                self.span.line(
                    now,
                    call,
                    Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent },
                );
            }
            _ => {}
        }
    }

    fn pick_up(&mut self, call: CallHandle) {
        let now = self.now();
        for primitive in [Primitive::Proceeding, Primitive::Alerting(Inband::Silent), Primitive::Connected] {
            self.span.line(now, call, primitive);
        }
    }
}

/// A call en bloc.
pub(crate) fn setup(to: &str, from: &str) -> Setup {
    Setup {
        from: Number::unknown(from.parse().unwrap()),
        to: Number::unknown(to.parse().unwrap()),
        redirecting: None,
        bearer: Bearer::Speech,
        address: Address::Complete,
    }
}
