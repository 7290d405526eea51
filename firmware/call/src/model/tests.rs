use super::*;
use crate::action::{Tone, TransferKind};
use crate::route::{Extension, Route};
use ports::call::{Address, Bearer, Refusal};

const HOTLINE: &str = "4008001234";

/// A model, its clock, and what it asked for since the last look.
struct Desk {
    model: Model,
    at: At,
    seen: Vec<Action>,
}

fn desk() -> Desk {
    let route = |called: &str, target| Route { called: called.parse().unwrap(), calling: None, target };
    let plan = Plan {
        routes: vec![
            route(HOTLINE, Target::App { name: "hotline".into(), url: "http://app/start".into() }),
            route("8001", Target::Extension("8001".into())),
            route("9.", Target::Trunk("city".into())),
            route("666", Target::Reject(Cause::CALL_REJECTED)),
        ],
        extensions: vec![Extension {
            number: "8001".into(),
            name: "agent".into(),
            trunk: "phones".into(),
            dial: "8001".parse().unwrap(),
        }],
    };
    let at = At { now: Instant::ZERO, wall: WallTime(1_000_000) };
    Desk { model: Model::new(plan, IdSource::new(1, 1), 1), at, seen: Vec::new() }
}

impl Desk {
    fn look(&mut self) -> Vec<Action> {
        let mut fresh: Vec<Action> = std::iter::from_fn(|| self.model.poll_action()).collect();
        self.seen.append(&mut fresh.clone());
        std::mem::take(&mut fresh)
    }

    fn wait(&mut self, ms: u64) {
        self.at.now += Duration::from_millis(ms);
        self.at.wall.0 += ms;
        self.model.handle_timeout(self.at);
    }

    fn call(&mut self, to: &str) -> LegId {
        let from = Number::unknown("13800138000".parse().unwrap());
        let to = Number::unknown(to.parse().unwrap());
        let setup = Setup { from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
        self.model.incoming(self.at, "span1/1", setup)
    }

    /// Confirms every row asked for, as a healthy store does.
    fn commit(&mut self) {
        for action in self.look() {
            if let Action::Commit(call) = action {
                self.model.committed(self.at, call, Stored::Yes);
            }
        }
    }

    fn in_dialog(&mut self) -> LegId {
        let leg = self.call(HOTLINE);
        self.commit();
        self.look();
        leg
    }

    fn transfer(&mut self, leg: LegId, kind: TransferKind) -> LegId {
        let (connect_timeout, max_time) = (Duration::from_secs(20), Duration::from_secs(600));
        self.model.app(self.at, leg, AppRequest::Transfer { kind, to: "tel:8001".into(), connect_timeout, max_time });
        let asked = self.look();
        asked
            .iter()
            .find_map(|action| if let Action::Originate { leg, .. } = action { Some(*leg) } else { None })
            .unwrap()
    }

    fn line(&mut self, leg: LegId, primitive: Primitive) -> Vec<Action> {
        self.model.line(self.at, leg, primitive);
        self.look()
    }

    fn all_over(&mut self) {
        self.look();
        assert_eq!(self.model.calls_in_progress(), 0);
        assert_eq!(self.model.deadline(), None);
        let closed =
            self.seen.iter().filter(|action| matches!(action, Action::Store(Write::CallClosed { .. }))).count();
        let opened =
            self.seen.iter().filter(|action| matches!(action, Action::Store(Write::CallOpened { .. }))).count();
        assert_eq!(closed, opened);
    }
}

fn told(actions: &[Action], leg: LegId) -> Vec<Primitive> {
    let primitive = |action: &Action| match action {
        Action::Line { leg: told, primitive } if *told == leg => Some(*primitive),
        _ => None,
    };
    actions.iter().filter_map(primitive).collect()
}

const NORMAL: Primitive = Primitive::Clearing { cause: Cause::NORMAL_CLEARING, inband: Inband::Silent };
const GONE: Primitive = Primitive::Released { cause: Cause::NORMAL_CLEARING };

#[test]
fn the_answer_waits_for_the_record() {
    let mut desk = desk();
    let leg = desk.call(HOTLINE);
    let before = desk.look();
    assert_eq!(told(&before, leg), [Primitive::Proceeding]);
    let call = desk.model.leg(leg).unwrap().call;
    desk.model.committed(desk.at, call, Stored::Yes);
    let after = desk.look();
    assert_eq!(told(&after, leg), [Primitive::Connected]);
    assert!(after.iter().any(|action| matches!(action, Action::StartApp { url, .. } if url == "http://app/start")));
    assert!(after.iter().any(|action| matches!(action, Action::Record { .. })));
}

#[test]
fn a_dead_store_delays_the_answer_by_two_seconds_and_no_more() {
    let mut desk = desk();
    let leg = desk.call(HOTLINE);
    desk.look();
    desk.wait(1999);
    assert_eq!(told(&desk.look(), leg), []);
    desk.wait(1);
    assert_eq!(told(&desk.look(), leg), [Primitive::Connected]);
    assert!(
        desk.seen.iter().any(|action| matches!(action, Action::Event(Event { kind: EventKind::Alarm { .. }, .. })))
    );
}

#[test]
fn a_caller_who_hangs_up_ends_the_application_and_the_recording() {
    let mut desk = desk();
    let leg = desk.in_dialog();
    let actions = desk.line(leg, NORMAL);
    assert_eq!(told(&actions, leg), [GONE]);
    assert!(actions.contains(&Action::HangUpApp { leg }));
    assert!(actions.iter().any(|action| matches!(action, Action::StopRecord { .. })));
    desk.line(leg, GONE);
    desk.all_over();
}

#[test]
fn an_agent_is_rung_and_the_caller_comes_back_to_the_menu() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    let agent = desk.transfer(caller, TransferKind::Bridge);
    let ringing = desk.line(agent, Primitive::Alerting(Inband::Silent));
    assert!(ringing.contains(&Action::Tone { leg: caller, tone: Tone::Ringback }));
    let talking = desk.line(agent, Primitive::Connected);
    assert!(talking.contains(&Action::StopTone { leg: caller }) && talking.contains(&Action::Join(caller, agent)));
    desk.wait(5_000);
    let back = desk.line(agent, NORMAL);
    assert!(back.contains(&Action::Part(caller, agent)));
    let done = Action::TransferDone { leg: caller, end: TransferEnd::FarEndDisconnect, talked: Duration::from_secs(5) };
    assert!(back.contains(&done));
    desk.line(agent, GONE);
    desk.model.app(desk.at, caller, AppRequest::Ended { failed: false });
    assert_eq!(told(&desk.look(), caller), [NORMAL]);
    desk.line(caller, GONE);
    desk.all_over();
}

#[test]
fn ringing_ends_at_the_applications_time_and_not_before() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    let agent = desk.transfer(caller, TransferKind::Bridge);
    desk.line(agent, Primitive::Alerting(Inband::Silent));
    desk.wait(19_999);
    assert_eq!(told(&desk.look(), agent), []);
    desk.wait(1);
    let over = desk.look();
    assert_eq!(told(&over, agent), [NORMAL]);
    assert!(over.contains(&Action::TransferDone { leg: caller, end: TransferEnd::NoAnswer, talked: Duration::ZERO }));
    desk.line(agent, GONE);
    assert_eq!(desk.model.calls_in_progress(), 1);
}

#[test]
fn a_busy_agent_is_told_to_the_application() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    let agent = desk.transfer(caller, TransferKind::Bridge);
    let over = desk.line(agent, Primitive::Clearing { cause: Cause::USER_BUSY, inband: Inband::Silent });
    assert!(over.contains(&Action::TransferDone { leg: caller, end: TransferEnd::Busy, talked: Duration::ZERO }));
}

#[test]
fn the_far_networks_ringback_is_heard_instead_of_ours() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    let agent = desk.transfer(caller, TransferKind::Bridge);
    let ringing = desk.line(agent, Primitive::Alerting(Inband::Audio));
    assert!(ringing.contains(&Action::Join(caller, agent)));
    let answered = desk.line(agent, Primitive::Connected);
    assert!(!answered.contains(&Action::Join(caller, agent)), "joined once already");
}

#[test]
fn what_a_hang_up_was_known_by_stands_on_its_leg_and_in_the_events() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    desk.model.hung_up_by(desk.at, caller, "loop current lost".into());
    let kept = desk.look();
    assert!(kept.iter().any(
        |action| matches!(action, Action::Store(Write::LegHungUp { evidence, .. }) if evidence == "loop current lost")
    ));
    assert!(kept.iter().any(|action| matches!(action, Action::Event(event) if event.kind.name() == "HangUpDetected")));
    desk.line(caller, NORMAL);
    desk.line(caller, GONE);
    desk.model.hung_up_by(desk.at, caller, "too late".into());
    assert!(desk.look().is_empty(), "the leg is gone");
    desk.all_over();
}

#[test]
fn a_lost_application_process_ends_no_talk_and_no_dialog() {
    let mut desk = desk();
    let talking = desk.in_dialog();
    let agent = desk.transfer(talking, TransferKind::Bridge);
    desk.line(agent, Primitive::Connected);
    let waiting = desk.in_dialog();
    desk.model.apps_lost(desk.at);
    let quiet = desk.look();
    assert_eq!((told(&quiet, talking), told(&quiet, agent), told(&quiet, waiting)), (vec![], vec![], vec![]));
    desk.wait(9_000);
    desk.model.apps_ready(desk.at);
    let restarted = desk.look();
    assert!(restarted.iter().any(|action| matches!(action, Action::StartApp { leg, .. } if *leg == waiting)));
    assert!(!restarted.iter().any(|action| matches!(action, Action::StartApp { leg, .. } if *leg == talking)));
    let over = desk.line(agent, NORMAL);
    assert_eq!(told(&over, talking), [NORMAL], "without its application the call ends with the talk");
}

#[test]
fn an_application_process_that_stays_away_ends_its_dialogs() {
    let mut desk = desk();
    let leg = desk.in_dialog();
    desk.model.apps_lost(desk.at);
    desk.wait(9_999);
    assert_eq!(told(&desk.look(), leg), []);
    desk.wait(1);
    let cause = Cause::TEMPORARY_FAILURE;
    assert_eq!(told(&desk.look(), leg), [Primitive::Clearing { cause, inband: Inband::Silent }]);
}

#[test]
fn a_call_to_an_extension_is_answered_when_the_extension_is() {
    let mut desk = desk();
    let caller = desk.call("8001");
    desk.commit();
    let actions = desk.look();
    let peer =
        actions.iter().find_map(|a| if let Action::Originate { leg, .. } = a { Some(*leg) } else { None }).unwrap();
    assert_eq!(
        told(&desk.line(peer, Primitive::Alerting(Inband::Silent)), caller),
        [Primitive::Alerting(Inband::Silent)]
    );
    assert_eq!(told(&desk.line(peer, Primitive::Connected), caller), [Primitive::Connected]);
    assert_eq!(told(&desk.line(caller, NORMAL), peer), [NORMAL]);
    desk.line(caller, GONE);
    desk.line(peer, GONE);
    desk.all_over();
}

#[test]
fn a_key_of_the_caller_ends_the_talk_and_the_application_goes_on() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    let agent = desk.transfer(caller, TransferKind::Bridge);
    desk.line(agent, Primitive::Connected);
    desk.wait(7_000);
    desk.model.app(desk.at, caller, AppRequest::EndTransfer);
    let actions = desk.look();
    assert_eq!(told(&actions, agent), [NORMAL]);
    assert_eq!(told(&actions, caller), []);
    let (end, talked) = (TransferEnd::NearEndDisconnect, Duration::from_secs(7));
    assert!(actions.contains(&Action::TransferDone { leg: caller, end, talked }));
    assert!(actions.contains(&Action::Part(caller, agent)));
    desk.model.app(desk.at, caller, AppRequest::Disconnect);
    assert_eq!(told(&desk.look(), caller), [NORMAL]);
    desk.line(agent, GONE);
    desk.line(caller, GONE);
    desk.all_over();
}

#[test]
fn a_box_that_stops_releases_every_call() {
    let mut desk = desk();
    let caller = desk.in_dialog();
    let agent = desk.transfer(caller, TransferKind::Bridge);
    let offered = desk.call("8001");
    let cause = Cause::TEMPORARY_FAILURE;
    desk.model.clear_all(desk.at, cause);
    let actions = desk.look();
    for leg in [caller, agent, offered] {
        assert_eq!(told(&actions, leg).last(), Some(&Primitive::Clearing { cause, inband: Inband::Silent }));
        desk.line(leg, GONE);
    }
    desk.all_over();
}

#[test]
fn where_recording_is_off_none_is_named() {
    let mut desk = desk();
    desk.model = desk.model.with_recordings(crate::Recordings::NotMade);
    desk.in_dialog();
    assert!(!desk.seen.iter().any(|action| matches!(action, Action::Record { .. })));
    let segment = desk.seen.iter().find_map(|a| {
        if let Action::Store(Write::SegmentOpened { recording, .. }) = a { Some(*recording) } else { None }
    });
    assert_eq!(segment, Some(None));
}

#[test]
fn a_number_nobody_has_is_refused_with_its_cause() {
    let mut desk = desk();
    for (to, cause) in
        [("123", Cause::UNALLOCATED_NUMBER), ("", Cause::INVALID_NUMBER_FORMAT), ("666", Cause::CALL_REJECTED)]
    {
        let leg = desk.call(to);
        assert_eq!(told(&desk.look(), leg), [Primitive::Clearing { cause, inband: Inband::Silent }]);
        desk.line(leg, Primitive::Released { cause });
    }
    desk.all_over();
}

#[test]
fn digits_one_by_one_reach_the_same_place() {
    let mut desk = desk();
    let from = Number::unknown("13800138000".parse().unwrap());
    let setup =
        Setup { from, to: Number::default(), redirecting: None, bearer: Bearer::Speech, address: Address::Open };
    let leg = desk.model.incoming(desk.at, "span1/1", setup);
    for digit in HOTLINE.chars() {
        assert_eq!(told(&desk.look(), leg), []);
        let digits = digit.to_string().parse().unwrap();
        desk.model.line(desk.at, leg, Primitive::Digits { digits, address: Address::Open });
    }
    assert_eq!(told(&desk.look(), leg), [Primitive::Proceeding]);
}

#[test]
fn a_line_that_never_confirms_is_dropped_after_a_minute() {
    let mut desk = desk();
    let leg = desk.in_dialog();
    desk.line(leg, NORMAL);
    desk.wait(59_999);
    assert_eq!(desk.model.calls_in_progress(), 1);
    desk.wait(1);
    desk.all_over();
}

#[test]
fn events_are_numbered_without_a_gap() {
    let mut desk = desk();
    for _ in 0..3 {
        let leg = desk.in_dialog();
        desk.line(leg, NORMAL);
        desk.line(leg, GONE);
    }
    desk.look();
    let numbers: Vec<u64> =
        desk.seen.iter().filter_map(|a| if let Action::Event(event) = a { Some(event.seq) } else { None }).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_restricted_number_is_not_shown() {
    let mut desk = desk();
    let from = Number { presentation: Presentation::Restricted, ..Number::unknown("13800138000".parse().unwrap()) };
    let to = Number::unknown(HOTLINE.parse().unwrap());
    let setup = Setup { from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
    let leg = desk.model.incoming(desk.at, "span1/1", setup);
    desk.commit();
    desk.line(leg, NORMAL);
    desk.line(leg, GONE);
    desk.all_over();
    assert!(!format!("{:?}", desk.seen).contains("13800138000"));
}

/// Whatever order lines and applications speak in, a call whose caller is released ends, and nothing is left.
#[test]
fn any_order_of_events_leaves_nothing_behind() {
    for seed in 1..400_u64 {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut draw = |bound: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % bound
        };
        let mut desk = desk();
        let mut legs = vec![];
        for _ in 0..60 {
            match draw(14) {
                0 => legs.push(desk.call(["4008001234", "8001", "95588", "666", "1"][draw(5) as usize])),
                1 => desk.commit(),
                2 => desk.model.apps_lost(desk.at),
                3 => desk.model.apps_ready(desk.at),
                4 => desk.wait(draw(30_000)),
                5 if !legs.is_empty() => {
                    let leg = legs[draw(legs.len() as u64) as usize];
                    let kind = if draw(2) == 0 { TransferKind::Blind } else { TransferKind::Bridge };
                    let to = ["tel:8001", "tel:9123", "nonsense"][draw(3) as usize].to_string();
                    let (connect_timeout, max_time) = (Duration::from_secs(draw(30)), Duration::from_secs(draw(30)));
                    desk.model.app(desk.at, leg, AppRequest::Transfer { kind, to, connect_timeout, max_time });
                }
                6 if !legs.is_empty() => {
                    let leg = legs[draw(legs.len() as u64) as usize];
                    desk.model.app(desk.at, leg, AppRequest::Ended { failed: draw(2) == 0 });
                }
                12 if !legs.is_empty() => {
                    let leg = legs[draw(legs.len() as u64) as usize];
                    let request = if draw(4) == 0 { AppRequest::Disconnect } else { AppRequest::EndTransfer };
                    desk.model.app(desk.at, leg, request);
                }
                13 if !legs.is_empty() && draw(8) == 0 => {
                    desk.model.abandon(desk.at, legs[draw(legs.len() as u64) as usize]);
                }
                _ if !legs.is_empty() => {
                    let leg = legs[draw(legs.len() as u64) as usize];
                    let primitives = [
                        Primitive::Alerting(Inband::Silent),
                        Primitive::Alerting(Inband::Audio),
                        Primitive::Connected,
                        NORMAL,
                        GONE,
                        Primitive::Refused(Refusal::NoChannel),
                        Primitive::Progress(Inband::Audio),
                    ];
                    desk.model.line(desk.at, leg, primitives[draw(7) as usize]);
                }
                _ => {}
            }
            for action in desk.look() {
                if let Action::Originate { leg, .. } = action {
                    legs.push(leg);
                }
            }
        }
        for leg in legs {
            desk.model.line(desk.at, leg, GONE);
        }
        desk.look();
        desk.wait(600_000);
        desk.wait(600_000);
        desk.all_over();
        let count = |wanted: fn(&Action) -> bool| desk.seen.iter().filter(|action| wanted(action)).count();
        let (on, off) =
            (|a: &Action| matches!(a, Action::Record { .. }), |a: &Action| matches!(a, Action::StopRecord { .. }));
        assert_eq!(count(on), count(off), "seed {seed}");
    }
}
