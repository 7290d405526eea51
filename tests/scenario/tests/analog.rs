//! Analog lines: a channel bank at the box, the telephone exchange at its other end.

use base::{Cause, Dbm0};
use fundlined::core::Kept;
use ipc::web::{ChannelState, Service};
use media::{Cadence, EchoTail, ToneSpec};
use records_io::Write;
use scenario::{Ends, HOTLINE, LINES, Menu, Party, PartyState, Phone, World};
use std::collections::{BTreeMap, BTreeSet};

/// A world with one bank of this country.
fn bank(country: &str) -> World {
    World::with(vec![Ends::bank(country, |_, _| {})], Menu::new())
}

/// A caller on line 1 who has heard the prompt, and its number as the record has it.
fn answered(world: &mut World) -> (Party, String) {
    let caller = world.dial_on(0, Some(LINES[0].0), LINES[0].1);
    world.run_until("the prompt is heard", 15_000, |world| world.hears(caller, "welcome"));
    let opened = world.rows.iter().rev().find_map(|row| match row {
        Write::CallOpened { from, to, line, .. } => Some((from.clone(), to.clone(), line.clone())),
        _ => None,
    });
    let (from, to, line) = opened.expect("the call is on the record");
    assert_eq!((to.as_str(), line.as_str()), (LINES[0].1, "span1/1"));
    (caller, from)
}

fn evidence(world: &World) -> Vec<&str> {
    fn told(row: &Write) -> Option<&str> {
        if let Write::LegHungUp { evidence, .. } = row { Some(evidence) } else { None }
    }
    world.rows.iter().filter_map(told).collect()
}

fn channel(world: &World, span: usize, place: usize) -> ChannelState {
    world.snapshot().spans[span].channels[place].state
}

#[test]
fn a_caller_named_between_rings_is_served_and_hangs_up_by_current() {
    let mut world = bank("cn");
    let (caller, from) = answered(&mut world);
    assert_eq!(from, "13800130000", "by FSK");
    assert_eq!(world.state(caller), PartyState::Talking);
    world.press(caller, "1");
    world.run_until("the application reads keys", 2_000, |world| world.hears(caller, "nav"));
    assert_eq!(channel(&world, 0, 0), ChannelState::Busy);
    world.hang_up(caller);
    world.run_until("the hang-up is seen", 300, |world| world.calls() == 0);
    assert_eq!(evidence(&world), ["loop current lost"]);
    assert!(
        world.events.iter().any(|event| event.kind == "HangUpDetected" && event.body.contains("loop current lost"))
    );
    world.run_until("the line is ready again", 4_000, |world| channel(world, 0, 0) == ChannelState::Idle);
    assert!(world.recordings.values().all(|recording| recording.ended));
}

#[test]
fn a_hang_up_that_only_busy_tone_tells_is_heard_and_its_evidence_kept() {
    let mut world = World::with(vec![Ends::bank("cn", |_, exchange| exchange.battery_drop = None)], Menu::new());
    let (caller, _) = answered(&mut world);
    world.run(2_000);
    world.hang_up(caller);
    world.run_until("two cadences are enough", 2_500, |world| world.calls() == 0);
    let [told] = evidence(&world)[..] else { panic!("{:?}", evidence(&world)) };
    assert!(told.starts_with("tone 4") && told.contains(" Hz 3") && told.contains("(cn, "), "{told}");
    let closed = world.rows.iter().any(|row| matches!(row, Write::CallClosed { cause: Cause::NORMAL_CLEARING, .. }));
    assert!(closed, "as any other hang-up");
    world.run_until("the line is ready again", 5_000, |world| channel(world, 0, 0) == ChannelState::Idle);
}

#[test]
fn a_caller_may_be_named_by_dtmf_before_the_first_ring() {
    let mut world = bank("tw");
    let (caller, from) = answered(&mut world);
    assert_eq!(from, "13800130000");
    world.press(caller, "1");
    world.run_until("its digits were none of the application's", 2_000, |world| world.hears(caller, "nav"));
    assert_eq!(world.steps(), ["main", "main>1"]);
}

#[test]
fn a_line_without_caller_ids_answers_at_once() {
    let silent = Ends::bank("cn", |ours, exchange| {
        ours.caller_id = sig_span::loopstart::CallerIdWait::No;
        exchange.names_callers = false;
    });
    let mut world = World::with(vec![silent], Menu::new());
    let caller = world.dial_on(0, Some(1), LINES[0].1);
    world.run_until("answered in the first ring", 900, |world| world.state(caller) == PartyState::Talking);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
}

/// A caller of the city in the dialog, who asks for 8001 on a bank with this telephone.
fn transferred(lines: Ends, phone: Option<Phone>) -> (World, Party) {
    let mut world = World::with(vec![Ends::pri(), lines], Menu::new());
    if let Some(phone) = phone {
        world.phone("8001", phone);
    }
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    (world, caller)
}

#[test]
fn a_call_out_is_answered_when_ringback_stops() {
    let (mut world, caller) = transferred(Ends::bank("cn", |_, _| {}), Some(Phone::Answers(3_000)));
    world.run_until("dial tone, digits, ringing", 6_000, |world| world.rung("8001").is_some());
    let agent = world.rung("8001").expect("it was rung");
    world.run_until("it answers", 4_000, |world| world.state(agent) == PartyState::Talking);
    world.run_until("the box knows", 9_000, |world| {
        world.rows.iter().filter(|row| matches!(row, Write::LegAnswered { .. })).count() == 2
    });
    world.run(100);
    world.say(caller, "question");
    world.say(agent, "answer");
    world.run_until("they hear each other", 1_500, |world| {
        world.hears(agent, "question") && world.hears(caller, "answer")
    });
    world.hang_up(agent);
    world.run_until("the application goes on", 2_000, |world| world.hears(caller, "FarEndDisconnect"));
    assert_eq!(evidence(&world), ["loop current lost"]);
}

#[test]
fn a_call_out_on_a_line_that_reverses_is_answered_at_once() {
    let reversing = Ends::bank("cn", |ours, exchange| {
        (ours.reversal_answers, ours.voice_answers) = (true, false);
        exchange.reverses_on_answer = true;
    });
    let (mut world, caller) = transferred(reversing, Some(Phone::Answers(2_000)));
    world.run_until("it rings", 6_000, |world| world.rung("8001").is_some());
    let agent = world.rung("8001").expect("it was rung");
    world.run_until("it answers", 3_000, |world| world.state(agent) == PartyState::Talking);
    world.run(200);
    world.say(caller, "question");
    world.run_until("the agent hears the caller", 1_000, |world| world.hears(agent, "question"));
    world.press(caller, "*");
    world.run_until("the box hangs up", 2_000, |world| matches!(world.state(agent), PartyState::Over(_)));
}

#[test]
fn each_failure_of_a_call_out_is_told_by_its_tone() {
    for (phone, told) in [(Some(Phone::Busy), "Busy"), (None, "BadDestination")] {
        let (mut world, caller) = transferred(Ends::bank("cn", |_, _| {}), phone);
        world.run_until(told, 12_000, |world| world.hears(caller, told));
        world.run_until("the line is ready again", 5_000, |world| channel(world, 1, 0) == ChannelState::Idle);
    }
}

#[test]
fn a_dead_line_is_told_and_calls_go_by_the_other() {
    let mut world = World::with(vec![Ends::pri(), Ends::bank("cn", |_, _| {})], Menu::new());
    world.phone("8001", Phone::Rings);
    assert_eq!(world.snapshot().spans[1].channels[0].name.as_deref(), Some("front desk"));
    world.force_bits(1, 1, 0b0001);
    world.run_until("the line is out of service", 2_000, |world| channel(world, 1, 0) == ChannelState::OutOfService);
    assert!(world.alarms().last().is_some_and(|alarm| alarm.contains("span2/1") && alarm.contains("no battery")));
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("it rings", 6_000, |world| world.rung("8001").is_some());
    assert_eq!((channel(&world, 1, 1), channel(&world, 1, 2)), (ChannelState::Busy, ChannelState::Absent));
    world.force_bits(1, 1, 0b0101);
    world.run_until("and back", 2_000, |world| channel(world, 1, 0) == ChannelState::Idle);
    assert!(world.alarms().last().is_some_and(|alarm| alarm.contains("can be used again")));
}

#[test]
fn a_call_outlives_a_loose_plug_but_no_pulled_one_and_the_lines_come_back() {
    let mut world = bank("cn");
    let (caller, _) = answered(&mut world);
    world.pull(0);
    world.run(2_000);
    assert_eq!((world.calls(), channel(&world, 0, 0)), (1, ChannelState::OutOfService));
    world.insert(0);
    world.run(500);
    world.press(caller, "1");
    world.run_until("the call goes on", 2_000, |world| world.hears(caller, "nav"));
    world.pull(0);
    world.run_until("the call is over", 4_000, |world| world.calls() == 0);
    world.insert(0);
    world.run_until("its lines are idle", 5_000, |world| channel(world, 0, 0) == ChannelState::Idle);
    let (caller, _) = answered(&mut world);
    assert_eq!(world.state(caller), PartyState::Talking);
}

#[test]
fn a_blocked_line_takes_no_call_of_the_box_and_its_own_callers_are_served() {
    let mut world = World::with(vec![Ends::pri(), Ends::bank("cn", |_, _| {})], Menu::new());
    world.phone("8001", Phone::Rings);
    let talking = world.dial_on(1, Some(1), LINES[0].1);
    world.run_until("line 1 is in a call", 10_000, |world| world.hears(talking, "welcome"));
    world.service(&["span2/1", "span2/2", "span2/16", "span3", "nowhere/1"], Service::Out);
    world.run(10);
    assert_eq!((channel(&world, 1, 0), channel(&world, 1, 1)), (ChannelState::Busy, ChannelState::Blocked));
    assert_eq!(world.alarms().iter().filter(|alarm| alarm.contains("by an operator")).count(), 2);
    world.press(talking, "0");
    world.run_until("no line is left", 3_000, |world| world.hears(talking, "NetworkBusy"));
    world.hang_up(talking);
    world.run_until("blocked after its call", 5_000, |world| channel(world, 1, 0) == ChannelState::Blocked);

    let caller = world.dial_on(1, Some(2), LINES[1].1);
    world.run_until("who rings in is served", 10_000, |world| world.hears(caller, "welcome"));
    world.service(&["span2"], Service::In);
    world.run(10);
    assert_eq!((channel(&world, 1, 0), channel(&world, 1, 1)), (ChannelState::Idle, ChannelState::Busy));
    world.press(caller, "0");
    world.run_until("a line is there again", 8_000, |world| world.rung("8001").is_some());
}

#[test]
fn a_blocked_channel_is_blocked_after_a_restart_of_the_box_too() {
    let ends = || vec![Ends::pri(), Ends::r2(8), Ends::bank("cn", |_, _| {})];
    let mut world = World::with(ends(), Menu::new());
    world.service(&["span1/5", "span2/1", "span3/1", "span3/2"], Service::Out);
    world.service(&["span3/2"], Service::In);
    world.run(10);
    let kept = kept(&world);
    assert_eq!(kept.blocked, ["span1/5", "span2/1", "span3/1"]);

    // And a channel that is no more.
    let blocked = [kept.blocked.as_slice(), &["span3/9".to_owned(), "span9/1".to_owned()]].concat();
    let mut world = World::after(ends(), Kept { blocked, ..kept }, Menu::new());
    world.run(500);
    let shown = |world: &World| [(0, 4), (0, 3), (1, 0), (2, 0), (2, 1)].map(|(span, at)| channel(world, span, at));
    let (blocked, idle) = (ChannelState::Blocked, ChannelState::Idle);
    assert_eq!(shown(&world), [blocked, idle, blocked, blocked, idle]);
    world.service(&["span1/5"], Service::In);
    world.run(10);
    assert_eq!(shown(&world), [idle, idle, blocked, blocked, idle]);
}

/// What outlives the box, as the store would have it.
fn kept(world: &World) -> Kept {
    let (mut learned, mut blocked) = (BTreeMap::new(), BTreeSet::new());
    for row in &world.rows {
        match row {
            Write::LineLearned { line, tones } => drop(learned.insert(line.clone(), tones.clone())),
            Write::ChannelBlocked { channel } => drop(blocked.insert(channel.clone())),
            Write::ChannelUnblocked { channel } => drop(blocked.remove(channel)),
            _ => {}
        }
    }
    Kept { learned: learned.into_iter().collect(), blocked: blocked.into_iter().collect() }
}

#[test]
fn a_tone_that_ended_three_calls_ends_the_fourth_though_the_box_was_started_anew() {
    // 600 Hz, 250 ms on and 150 ms off: no network of the tables gives it.
    let strange = ToneSpec { cadence: Cadence::new(&[(250, 150)]), ..ToneSpec::single(600.0, Dbm0(-10.0)) };
    let mut world = bank("cn");
    for _ in 0..3 {
        let (caller, _) = answered(&mut world);
        world.tone(caller, strange);
        world.run(4_000);
        assert_eq!(world.calls(), 1, "nobody knows it yet");
        world.hang_up(caller);
        world.run_until("the line is ready again", 6_000, |world| channel(world, 0, 0) == ChannelState::Idle);
    }
    let kept = kept(&world);
    let [(line, tones)] = &kept.learned[..] else { panic!("{kept:?}") };
    assert!(line == "span1/1" && tones.ends_with(" 3"), "{kept:?}");

    let mut world = World::after(vec![Ends::bank("cn", |_, _| {})], kept, Menu::new());
    let (caller, _) = answered(&mut world);
    world.tone(caller, strange);
    world.run_until("the tone is enough", 3_000, |world| world.calls() == 0);
    let [told] = evidence(&world)[..] else { panic!("{:?}", evidence(&world)) };
    assert!(told.starts_with("tone 600 Hz 2") && told.contains("learned from this line"), "{told}");
}

/// Mean power, in dB over one step.
fn loudness(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    10.0 * (power / samples.len() as f64 + 1e-3).log10()
}

#[test]
fn an_agent_does_not_hear_himself_in_a_callers_bad_hybrid_and_still_hears_the_caller() {
    const SECOND: usize = 8000;
    let spans = vec![Ends::bank("cn", |_, _| {}).with_canceller(EchoTail::Ms128), Ends::pri()];
    let mut world = World::with(spans, Menu::new());
    world.phone("8001", Phone::Answers(500));
    let (caller, _) = answered(&mut world);
    world.press(caller, "0");
    world.run_until("the agent is rung", 6_000, |world| world.rung("8001").is_some());
    let agent = world.rung("8001").expect("it was rung");
    world.run_until("he answers", 4_000, |world| world.state(agent) == PartyState::Talking);
    world.reflect(caller);
    // A clip lasts 600 ms.
    for _ in 0..10 {
        world.say(agent, "what he says");
        world.run(600);
    }
    let at_caller = world.heard(caller);
    let spoken = loudness(&at_caller[at_caller.len() - SECOND..]);
    let at_agent = world.heard(agent);
    let echo = loudness(&at_agent[at_agent.len() - SECOND..]);
    assert!(spoken > 50.0, "he is loud: {spoken:.1} dB");
    assert!(echo < spoken - 32.0, "12 dB of the hybrid and 20 of the canceller: {echo:.1} under {spoken:.1} dB");
    world.say(caller, "a question");
    world.run(700);
    let at_agent = world.heard(agent);
    let asked = loudness(&at_agent[at_agent.len() - SECOND / 2..]);
    assert!(asked > echo + 20.0, "the caller is heard: {asked:.1} over {echo:.1} dB");
}
