//! The core against the network side of a span, frames handed over at once.

use super::*;
use base::{Cause, IdSource};
use call::{Extension, Plan, Route, Target};
use ports::call::{Address, Bearer, Number, Primitive, Setup};
use sig_pri::{Action, CallHandle, PriSpan, Side};
use sig_span::Protocol;
use std::time::Duration;

const HOTLINE: &str = "4008001234";

/// A box of one span, and the exchange at its other end.
struct Rig {
    at: At,
    core: Core,
    exchange: PriSpan,
    /// What the exchange's calls were told.
    told: Vec<(CallHandle, Primitive)>,
    /// Effects that are no frames.
    seen: Vec<Effect>,
}

fn rig() -> Rig {
    let route = |called: &str, target| Route { called: called.parse().unwrap(), calling: None, target };
    let routes = vec![
        route(HOTLINE, Target::App { name: "hotline".into(), url: "http://app/start".into() }),
        route("8001", Target::Extension("8001".into())),
    ];
    let phone = Extension {
        number: "8001".into(),
        name: "agent".into(),
        trunk: "phones".into(),
        dial: "8001".parse().unwrap(),
    };
    let plan = Plan { routes, extensions: vec![phone] };
    let settings = Settings {
        name: "test".into(),
        started: WallTime(0),
        spans: vec![SpanSettings {
            name: "span1".into(),
            card: "lab",
            protocol: Protocol::Pri(PriSpan::standard(Side::User)),
            lines: BTreeMap::new(),
            echo: None,
        }],
        trunks: vec![("phones".into(), vec![0])],
        kept: Kept::default(),
    };
    let at = At { now: Instant::ZERO, wall: WallTime(1_000_000) };
    let exchange = PriSpan::standard(Side::Network);
    let core = Core::new(settings, Model::new(plan, IdSource::new(1, 1), 1));
    let mut rig = Rig { at, core, exchange, told: Vec::new(), seen: Vec::new() };
    rig.core.start(at);
    rig.exchange.start(at.now);
    rig.pump();
    rig.give(Input::IvrUp);
    rig
}

impl Rig {
    /// Frames go to and fro until nobody has any; batches are committed at once.
    fn pump(&mut self) {
        for _ in 0..1000 {
            if let Some(effect) = self.core.poll_effect() {
                match effect {
                    Effect::Transmit { frame, .. } => self.exchange.handle_frame(self.at.now, &frame),
                    Effect::Store { commit, .. } if !commit.is_empty() => {
                        self.core.handle(self.at, Input::Stored { calls: commit, result: Ok(()) });
                    }
                    other => self.seen.push(other),
                }
            } else if let Some(action) = self.exchange.poll_action() {
                match action {
                    Action::Transmit(frame) => {
                        self.core.handle(self.at, Input::Span { span: 0, event: SpanEvent::Frame(frame) });
                    }
                    Action::Line { call, primitive, .. } => self.told.push((call, primitive)),
                    Action::Link(_) | Action::ChannelRestarted(_) | Action::Report(_) | Action::LinkError(_) => {}
                }
            } else {
                return;
            }
        }
        panic!("the two ends never come to rest");
    }

    fn give(&mut self, input: Input) {
        self.core.handle(self.at, input);
        self.pump();
    }

    /// Time passes in small steps, so that both ends' timers run as they are due.
    fn wait(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(10) {
            self.at.now += Duration::from_millis(10);
            self.at.wall.0 += 10;
            self.exchange.handle_timeout(self.at.now);
            self.give(Input::Tick);
        }
    }

    fn dial(&mut self, to: &str) -> CallHandle {
        let from = Number::unknown("13800138000".parse().unwrap());
        let to = Number::unknown(to.parse().unwrap());
        let setup = Setup { from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
        let call = self.exchange.call(self.at.now, setup, None).unwrap();
        self.pump();
        call
    }

    fn last(&self, call: CallHandle) -> Option<Primitive> {
        self.told.iter().rev().find(|(other, _)| *other == call).map(|(_, primitive)| *primitive)
    }

    fn leg_of_session(&self, session: u32) -> LegId {
        self.core.sessions[&SessionId(session)]
    }
}

#[test]
fn a_panic_costs_one_call_and_no_other() {
    let mut rig = rig();
    let (first, second) = (rig.dial(HOTLINE), rig.dial(HOTLINE));
    assert_eq!((rig.last(first), rig.last(second)), (Some(Primitive::Connected), Some(Primitive::Connected)));
    let leg = rig.leg_of_session(1);
    rig.give(Input::Panic(leg));
    assert!(matches!(
        rig.last(first),
        Some(Primitive::Clearing { cause: Cause::TEMPORARY_FAILURE, .. } | Primitive::Released { .. })
    ));
    assert_eq!(rig.last(second), Some(Primitive::Connected));
    assert_eq!(rig.core.sessions.len(), 1);
    let third = rig.dial(HOTLINE);
    assert_eq!(rig.last(third), Some(Primitive::Connected), "the box goes on taking calls");
    assert!(
        rig.seen
            .iter()
            .any(|effect| matches!(effect, Effect::Event(event) if event.body.contains("fault in the firmware")))
    );
}

#[test]
fn digits_that_come_by_signaling_stop_the_prompt_and_reach_the_session() {
    let mut rig = rig();
    let caller = rig.dial(HOTLINE);
    let session = SessionId(1);
    let pieces = vec![ipc::ivr::Piece::Silence(60_000)];
    rig.give(Input::Ivr(FromIvr::Play { session, play: 4, pieces, barge_in: true }));
    rig.seen.clear();
    rig.exchange.line(rig.at.now, caller, Primitive::Info("5".parse().unwrap()));
    rig.pump();
    let stopped = rig.seen.iter().any(|effect| matches!(effect, Effect::Media(Command::StopPlay(_))));
    let digit = rig.seen.iter().any(|effect| matches!(effect, Effect::ToIvr(ToIvr::Digit { digit: '5', .. })));
    assert!(stopped && digit, "{:?}", rig.seen);
}

#[test]
fn a_box_that_stops_takes_no_new_call() {
    let mut rig = rig();
    let caller = rig.dial(HOTLINE);
    rig.give(Input::Stop);
    assert!(matches!(rig.last(caller), Some(Primitive::Clearing { .. } | Primitive::Released { .. })));
    let late = rig.dial(HOTLINE);
    assert!(matches!(rig.last(late), Some(Primitive::Clearing { .. } | Primitive::Released { .. })));
    rig.exchange.line(rig.at.now, caller, Primitive::Released { cause: Cause::NORMAL_CLEARING });
    rig.pump();
    rig.wait(5000);
    assert_eq!(rig.core.calls_in_progress(), 0);
}

#[test]
fn an_overloaded_box_keeps_its_calls_and_refuses_new_ones_until_it_is_not() {
    let mut rig = rig();
    let kept = rig.dial(HOTLINE);
    rig.give(Input::Media(media::Event::Overload { level: 1 }));
    let taken = rig.dial(HOTLINE);
    assert_eq!(rig.last(taken), Some(Primitive::Connected), "a little overload refuses nobody");
    rig.give(Input::Media(media::Event::Overload { level: media::Load::REFUSES_CALLS }));
    let refused = rig.dial(HOTLINE);
    assert!(
        matches!(
            rig.last(refused),
            Some(Primitive::Clearing { cause: Cause::SWITCHING_CONGESTION, .. } | Primitive::Released { .. })
        ),
        "{:?}",
        rig.last(refused)
    );
    assert_eq!(rig.last(kept), Some(Primitive::Connected));
    rig.give(Input::Media(media::Event::Overload { level: 0 }));
    let again = rig.dial(HOTLINE);
    assert_eq!(rig.last(again), Some(Primitive::Connected));
    let alarms =
        rig.seen.iter().filter(|effect| matches!(effect, Effect::Event(event) if event.body.contains("processor")));
    assert_eq!(alarms.count(), 3);
}

#[test]
fn no_alarm_of_a_broken_store_makes_another() {
    let mut rig = rig();
    rig.seen.clear();
    for _ in 0..5 {
        rig.give(Input::Stored { calls: Vec::new(), result: Err("disk full".into()) });
    }
    rig.give(Input::Stored { calls: Vec::new(), result: Ok(()) });
    let alarms =
        rig.seen.iter().filter(|effect| matches!(effect, Effect::Event(event) if event.kind == "Alarm")).count();
    assert_eq!(alarms, 2, "one that it fails, one that it is well again");
}
