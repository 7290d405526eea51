//! Callers are connected to telephones on the second span.

use base::Cause;
use records_io::Write;
use scenario::{HOTLINE, Menu, Party, PartyState, Phone, World, digits_in};

/// A caller in the dialog, and a telephone that does this when it is rung.
fn asked(phone: Phone) -> (World, Party) {
    let mut world = World::new(2, Menu::new());
    world.phone("8001", phone);
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    (world, caller)
}

fn talking() -> (World, Party, Party) {
    let (mut world, caller) = asked(Phone::Answers(1_000));
    world.run_until("the agent answers", 3_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    world.run(200);
    let agent = world.rung("8001").expect("it was rung");
    (world, caller, agent)
}

#[test]
fn caller_and_agent_hear_each_other_and_the_recording_has_both() {
    let (mut world, caller, agent) = talking();
    world.say(caller, "question");
    world.say(agent, "answer");
    world.run_until("the agent hears", 1_000, |world| world.hears(agent, "question"));
    world.run_until("the caller hears", 1_000, |world| world.hears(caller, "answer"));
    let snapshot = world.snapshot();
    assert_eq!(snapshot.calls[0].with.as_deref(), Some("8001"));
    world.hang_up(caller);
    world.run_until("the agent is released", 1_000, |world| matches!(world.state(agent), PartyState::Over(_)));
    world.run_until("the box is idle", 1_000, |world| world.calls() == 0);
    world.run(200);
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert_eq!(scenario::longest_match_ms(&recorded.received, &scenario::clip("question")), 600);
    assert_eq!(scenario::longest_match_ms(&recorded.sent, &scenario::clip("answer")), 600);
    let segments: Vec<&str> = world
        .rows
        .iter()
        .filter_map(|row| if let Write::SegmentOpened { device, .. } = row { Some(device.as_str()) } else { None })
        .collect();
    assert_eq!(segments, ["hotline", "8001"]);
}

#[test]
fn the_caller_hears_ringing_until_the_agent_answers() {
    let (mut world, caller) = asked(Phone::Answers(3_000));
    world.run_until("the telephone rings", 2_000, |world| world.rung("8001").is_some());
    let before = world.heard(caller).len();
    world.run(900);
    let tone = world.heard(caller)[before + 1_600..].iter().map(|sample| u32::from(sample.unsigned_abs())).max();
    assert!(tone.is_some_and(|peak| peak > 2_000), "{tone:?}");
    world.run_until("the agent answers", 4_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    world.run(300);
    let after = world.heard(caller).len();
    world.run(5_500);
    assert!(world.heard(caller)[after..].iter().all(|sample| sample.unsigned_abs() < 64), "no tone under the talk");
}

#[test]
fn the_agent_hangs_up_and_the_application_goes_on() {
    let (mut world, caller, agent) = talking();
    world.hang_up(agent);
    world.run_until("the application speaks", 2_000, |world| world.hears(caller, "FarEndDisconnect"));
    world.press(caller, "1");
    world.run_until("and reads keys", 2_000, |world| world.hears(caller, "nav"));
    assert_eq!(world.calls(), 1);
}

#[test]
fn a_key_of_the_caller_ends_the_talk() {
    let (mut world, caller, agent) = talking();
    world.press(caller, "*");
    world.run_until("the agent is released", 2_000, |world| world.is_over(agent, Cause::NORMAL_CLEARING));
    world.run_until("the application speaks", 2_000, |world| world.hears(caller, "NearEndDisconnect"));
}

#[test]
fn each_failure_reaches_the_application_by_its_name() {
    for (phone, told) in [(Phone::Busy, "Busy"), (Phone::Rings, "NoAnswer")] {
        let (mut world, caller) = asked(phone);
        world.run_until(told, 25_000, |world| world.hears(caller, told));
    }
    let mut world = World::new(2, Menu::new());
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("nobody has this number", 3_000, |world| world.hears(caller, "BadDestination"));
}

#[test]
fn an_announcement_of_the_network_is_heard_and_the_caller_is_not() {
    let (mut world, caller) = asked(Phone::Announcement("announcement:2000"));
    world.run_until("it is rung", 2_000, |world| world.rung("8001").is_some());
    world.run(50);
    world.say(caller, "too early");
    world.run_until("the announcement is heard", 4_000, |world| world.hears_ms(caller, "announcement:2000") > 1_500);
    let agent = world.rung("8001").expect("it was rung");
    assert_eq!(world.hears_ms(agent, "too early"), 0);
}

#[test]
fn a_caller_handed_over_for_good_talks_on_without_the_application() {
    let mut world = World::new(2, Menu::new());
    world.phone("8001", Phone::Answers(500));
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "7");
    world.run_until("the agent answers", 3_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    let agent = world.rung("8001").expect("it was rung");
    world.run(200);
    world.say(agent, "hello");
    world.run_until("they talk", 1_000, |world| world.hears(caller, "hello"));
    world.hang_up(agent);
    world.run_until("the caller is released too", 1_000, |world| world.is_over(caller, Cause::NORMAL_CLEARING));
}

#[test]
fn a_call_straight_to_an_extension_is_answered_when_the_extension_is() {
    let mut world = World::new(2, Menu::new());
    world.phone("8001", Phone::Answers(1_000));
    let caller = world.dial("8001");
    world.run_until("the caller hears that it rings", 500, |world| world.state(caller) == PartyState::Ringing);
    world.run(500);
    assert_eq!(world.state(caller), PartyState::Ringing);
    world.run_until("it is answered", 1_500, |world| world.state(caller) == PartyState::Talking);
    let agent = world.rung("8001").expect("it was rung");
    world.run(100);
    world.say(caller, "hello");
    world.run_until("they talk", 1_000, |world| world.hears(agent, "hello"));
}

#[test]
fn keys_pressed_in_a_talk_reach_the_agent_and_no_recording() {
    let (mut world, caller, agent) = talking();
    world.press(caller, "135");
    world.run(1_000);
    assert_eq!(digits_in(world.heard(agent)), "135");
    world.hang_up(agent);
    world.run(500);
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert_eq!((digits_in(&recorded.received), digits_in(&recorded.sent)), (String::new(), String::new()));
}
