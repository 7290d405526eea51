//! Two ends of each protocol, joined: what one wants, the other gets.

use crate::loopstart::{Country, FxoSettings, FxsSettings, LineSettings};
use crate::pri::Side;
use crate::{Action, CallHandle, ChannelState, Heard, LineSpan, Listen, Order, Protocol, Signaling};
use base::{Cause, Instant};
use core::time::Duration;
use ports::call::{Address, Bearer, Inband, Number, Primitive, Refusal, Setup};
use sig_pri::PriSpan;
use sig_r2::{R2Span, Settings};
extern crate std;
use std::boxed::Box;
use std::vec::Vec;

fn number(digits: &str) -> Number {
    Number::unknown(digits.parse().unwrap())
}

fn setup() -> Setup {
    let (from, to) = (number("13800138000"), number("62345678"));
    Setup { from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete }
}

fn lines(line: LineSettings) -> Box<Protocol> {
    Box::new(Protocol::Lines(LineSpan::new([(3, line)]).unwrap()))
}

const ALL: [Signaling; 3] = [Signaling::Pri, Signaling::Loopstart, Signaling::R2];

/// The end that calls here, and the other. They are large: each has its own place on the heap.
fn ends(signaling: Signaling) -> [Box<Protocol>; 2] {
    let number = "62345678".parse().unwrap();
    let r2 = || {
        let settings = Settings { dnis_digits: Some(8), ..Settings::new(sig_r2::Country::CHINA) };
        Box::new(Protocol::R2(R2Span::new(settings)))
    };
    match signaling {
        Signaling::Pri => [Side::Network, Side::User].map(|side| Box::new(Protocol::Pri(PriSpan::standard(side)))),
        Signaling::Loopstart => [
            lines(LineSettings::Fxs(FxsSettings::new(Country::CHINA, number))),
            lines(LineSettings::Fxo(FxoSettings::new(Country::CHINA, number))),
        ],
        Signaling::R2 => [r2(), r2()],
    }
}

/// Both ends, with what each said of calls.
struct Joint {
    now: Instant,
    ends: [Box<Protocol>; 2],
    told: [Vec<(CallHandle, Option<u8>, Primitive)>; 2],
    listens: [Listen; 2],
}

impl Joint {
    fn new(ends: [Box<Protocol>; 2]) -> Self {
        let mut joint = Self { now: Instant::ZERO, ends, told: [const { Vec::new() }; 2], listens: [Listen::NONE; 2] };
        joint.ends.iter_mut().for_each(|end| end.start(Instant::ZERO));
        joint.wait(200);
        joint
    }

    fn wait(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now += Duration::from_millis(1);
            self.ends.iter_mut().for_each(|end| end.handle_timeout(self.now));
            for end in 0..2 {
                while let Some(action) = self.ends[end].poll_action() {
                    self.carry_out(end, action);
                }
            }
        }
    }

    fn carry_out(&mut self, end: usize, action: Action) {
        let (now, other) = (self.now, 1 - end);
        match action {
            Action::Transmit(frame) => self.ends[other].handle_frame(now, &frame),
            Action::Cas { timeslot, bits } => self.ends[other].handle_cas(now, timeslot, bits),
            Action::Audio { order: Order::Listen(listen), .. } => self.listens[end] = listen,
            Action::Audio { timeslot, order: Order::SendMf(signal) } => {
                let sent = signal.map(|(register, signal)| (Some(register), signal));
                if sent.is_none_or(|(register, _)| register == self.listens[other].mf) {
                    self.ends[other].heard(now, timeslot, &Heard::Mf(sent.map(|(_, signal)| signal)));
                }
            }
            Action::Line { call, channel, primitive } => self.told[end].push((call, channel, primitive)),
            Action::Audio { .. } | Action::Link(_) | Action::ChannelChanged(_) | Action::Report { .. } => {}
        }
    }

    fn call_of(&self, end: usize) -> CallHandle {
        self.told[end].last().expect("the call was told of").0
    }

    #[track_caller]
    fn heard_of(&self, end: usize, what: impl Fn(&Primitive) -> bool) {
        let told: Vec<_> = self.told[end].iter().map(|(.., primitive)| primitive).collect();
        assert!(told.iter().any(|primitive| what(primitive)), "{:?}: {told:?}", self.ends[end].signaling());
    }
}

#[test]
fn the_same_story_is_told_of_every_protocol() {
    for signaling in ALL {
        let mut joint = Joint::new(ends(signaling));
        let call = joint.ends[0].call(joint.now, setup(), Some(3)).unwrap();
        (0..8000).find(|_| {
            joint.wait(1);
            !joint.told[1].is_empty()
        });
        joint.heard_of(1, |told| matches!(told, Primitive::Setup(setup) if setup.to.digits.as_str() == "62345678"));
        let offered = joint.call_of(1);
        joint.ends[1].line(joint.now, offered, Primitive::Proceeding);
        joint.ends[1].line(joint.now, offered, Primitive::Alerting(Inband::Silent));
        joint.wait(1000);
        joint.ends[1].line(joint.now, offered, Primitive::Connected);
        joint.wait(1000);
        joint.heard_of(0, |told| *told == Primitive::Connected);
        assert_eq!(joint.ends.each_ref().map(|end| end.calls()), [1, 1]);
        let (cause, inband) = (Cause::NORMAL_CLEARING, Inband::Silent);
        joint.ends[0].line(joint.now, call, Primitive::Clearing { cause, inband });
        joint.wait(2000);
        joint.heard_of(1, |told| matches!(told, Primitive::Clearing { .. }));
        joint.ends[1].line(joint.now, offered, Primitive::Released { cause });
        joint.wait(4000);
        assert_eq!(joint.ends.each_ref().map(|end| end.calls()), [0, 0]);
        assert_eq!(joint.ends.each_ref().map(|end| end.channel_state(3)), [ChannelState::Idle; 2]);
    }
}

#[test]
fn a_blocked_channel_takes_no_call_of_ours() {
    for signaling in ALL {
        let mut joint = Joint::new(ends(signaling));
        joint.ends[0].block(joint.now, 3);
        joint.wait(100);
        joint.ends[0].call(joint.now, setup(), Some(3)).unwrap_err();
        joint.ends[0].unblock(joint.now, 3);
        joint.wait(2000);
        joint.ends[0].call(joint.now, setup(), Some(3)).unwrap();
    }
}

#[test]
fn a_call_of_one_protocol_means_nothing_to_another() {
    let ([mut network, _], [mut exchange, _]) = (ends(Signaling::Pri), ends(Signaling::Loopstart));
    exchange.start(Instant::ZERO);
    let call = exchange.call(Instant::ZERO, setup(), None).unwrap();
    let before = network.calls();
    network.line(Instant::ZERO, call, Primitive::Connected);
    assert_eq!(network.calls(), before);
    assert!(!exchange.signaling().name().is_empty());
}

#[test]
fn only_what_was_asked_for_concerns_a_line() {
    let ([_, mut line], [r2, _]) = (ends(Signaling::Loopstart), ends(Signaling::R2));
    let orders: Vec<Order> = core::iter::from_fn(|| line.poll_action())
        .filter_map(|action| if let Action::Audio { timeslot: 3, order } = action { Some(order) } else { None })
        .collect();
    let on_hook = Listen { dtmf: true, fsk: true, ..Listen::NONE };
    assert_eq!(orders, [Order::Listen(on_hook)], "callers may be named before any call");
    assert_eq!((r2.channel_state(16), r2.link_state()), (ChannelState::Absent, None));
}

#[test]
fn a_telephone_is_rung_by_its_own_number_and_by_no_other() {
    let telephone = |number: &str| LineSettings::Fxs(FxsSettings::new(Country::CHINA, number.parse().unwrap()));
    let span = LineSpan::new([(1, telephone("8001")), (2, telephone("8002")), (31, telephone("8003"))]).unwrap();
    let mut bank = Box::new(Protocol::Lines(span));
    let to = |digits: &str| Setup { to: number(digits), ..setup() };
    let states = |bank: &Protocol| [1, 2, 31].map(|timeslot| bank.channel_state(timeslot));
    bank.call(Instant::ZERO, to("8002"), None).unwrap();
    assert_eq!(states(&bank), [ChannelState::Idle, ChannelState::Busy, ChannelState::Idle]);
    assert_eq!(
        bank.call(Instant::ZERO, to("8002"), None),
        Err(Refusal::NoChannel),
        "it is in use, the others are free"
    );
    bank.call(Instant::ZERO, to("8003"), None).unwrap();
    bank.call(Instant::ZERO, to("114"), None).expect("a number of nobody here goes by any line");
    assert_eq!(states(&bank), [ChannelState::Busy; 3]);
}
