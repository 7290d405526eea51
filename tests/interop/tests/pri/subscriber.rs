//! One end of a primary rate line in real time: a [`PriSpan`], the card's sockets, and somebody who answers calls.

use base::{Cause, Digits, Instant};
use interop::{PriPeer, Switch};
use lab::{SocketAudio, SocketLink, SocketSpan};
use line_framing::{HdlcRx, HdlcTx};
use ports::call::{Address, Bearer, Detail, Inband, Number, Primitive, Setup};
use ports::span::{Alarms, DataLink, Frame, SpanAudio, SpanBlock, SpanEvent};
use serde_json::Value;
use sig_pri::{Action, CallHandle, Overrides, PriSpan, Profile, Report, Side};
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

/// A kind of line between the box and libpri.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// Which end libpri is.
    pub(crate) libpri: interop::Side,
    /// What libpri takes it for.
    pub(crate) switch: Switch,
    /// What the box takes it for.
    pub(crate) profile: &'static Profile,
    pub(crate) framing: Framing,
}

impl Line {
    pub(crate) fn box_is_network(&self) -> bool {
        self.libpri == interop::Side::User
    }
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
    pub(crate) line: Line,
    pub(crate) answer: Answer,
    pub(crate) restarted: Vec<u8>,
    /// What signaling reports as wrong.
    pub(crate) complaints: Vec<String>,
    /// What else it reports.
    pub(crate) reports: Vec<Report>,
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
    pub(crate) fn listen(dir: &Path, line: Line, overlap: bool) -> Self {
        let side = if line.box_is_network() { Side::Network } else { Side::User };
        let overrides = Overrides { overlap: overlap.then_some(sig_q931::Overlap::Received), ..Overrides::default() };
        let (audio, link) = SocketSpan::listen(dir, Arc::new(|| {})).unwrap().into_halves();
        let mut subscriber = Self {
            span: PriSpan::new(line.profile, side, overrides),
            line,
            answer: Answer::AtOnce,
            restarted: Vec::new(),
            complaints: Vec::new(),
            reports: Vec::new(),
            link,
            audio,
            began: Clock::now(),
            next_block: Clock::now(),
            hdlc: (line.framing == Framing::Hdlc).then_some([const { Timeslot::new() }; 2]),
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
    pub(crate) fn wait_any_event(&mut self, peer: &mut PriPeer, event: &str) -> Value {
        self.wait_for(peer, event, |found| found["event"] == event)
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
        self.call_on(None, setup, &[])
    }

    pub(crate) fn call_on(&mut self, channel: Option<u8>, setup: Setup, details: &[Detail]) -> CallHandle {
        let now = self.now();
        let call = self.span.call_with(now, setup, details, channel).unwrap();
        self.drain();
        call
    }

    pub(crate) fn alarms(&mut self, alarms: Alarms) {
        self.span.handle_alarms(self.now(), alarms);
        self.drain();
    }

    pub(crate) fn word(&mut self, call: CallHandle, primitive: Primitive) {
        self.span.line(self.now(), call, primitive);
        self.drain();
    }

    pub(crate) fn hang_up(&mut self, call: CallHandle) {
        self.word(call, Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent });
    }

    pub(crate) fn restart(&mut self, timeslot: u8) {
        self.span.restart(self.now(), timeslot);
        self.drain();
    }

    pub(crate) fn restart_all(&mut self) {
        self.span.restart_all(self.now());
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

    /// What was said about calls, beside their primitives.
    pub(crate) fn details(&self) -> Vec<Detail> {
        let detail = |(_, _, primitive): &(CallHandle, Option<u8>, Primitive)| match primitive {
            Primitive::Detail(detail) => Some(*detail),
            _ => None,
        };
        self.told.iter().filter_map(detail).collect()
    }

    /// Waits until the call has ended.
    #[track_caller]
    pub(crate) fn until_released(&mut self, call: CallHandle) -> Cause {
        let mut found = None;
        self.until("the call is released", |subscriber| {
            found = subscriber.released().iter().find(|&&(of, _)| of == call).map(|&(_, cause)| cause);
            found.is_some()
        });
        found.unwrap()
    }

    /// Waits until the call is active at this end, too: CONNECT ACKNOWLEDGE is here.
    #[track_caller]
    pub(crate) fn until_active(&mut self, call: CallHandle) {
        self.until("the call is active", |subscriber| {
            subscriber.span.calls().any(|(of, state, _)| of == call && state == sig_q931::State::Active)
        });
    }

    /// Forgets what was told so far, so that a long story stays quick.
    pub(crate) fn forget_the_past(&mut self) {
        self.told.clear();
        self.numbers.clear();
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
                Action::Report(report) => self.reports.push(report),
                Action::Link(_) | Action::LinkError(_) => {}
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

/// A call whose number may go on.
pub(crate) fn setup_open(to: &str) -> Setup {
    Setup { address: Address::Open, ..setup(to, "") }
}
