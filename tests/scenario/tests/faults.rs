//! Parts of the box and the line fail in the midst of calls.

use base::Cause;
use scenario::{Disk, HOTLINE, Menu, Party, PartyState, Phone, World};

fn in_dialog(spans: usize) -> (World, Party) {
    let mut world = World::new(spans, Menu::new());
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    (world, caller)
}

#[test]
fn the_application_process_is_killed_the_dialog_begins_anew_and_the_talk_goes_on() {
    let (mut world, waiting) = in_dialog(2);
    world.phone("8001", Phone::Answers(500));
    let talking = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(talking, "welcome"));
    world.press(talking, "0");
    world.run_until("the agent answers", 3_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    let agent = world.rung("8001").expect("it was rung");

    let killed = world.kill_application();
    world.say(agent, "are you there");
    world.run(1_000);
    assert!(world.hears(talking, "are you there"), "the talk goes on");
    assert_eq!(world.state(waiting), PartyState::Talking, "the other waits");
    let heard = world.heard(waiting).len();
    world.start_application(killed);
    world.run(1_000);
    let again = scenario::longest_match_ms(&world.heard(waiting)[heard..], &scenario::clip("welcome"));
    assert_eq!(again, 600, "it is greeted again");
    world.press(waiting, "1");
    world.run_until("and served", 2_000, |world| world.hears(waiting, "nav"));

    world.hang_up(agent);
    world.run_until("a talk without application ends its call", 1_000, |world| {
        world.is_over(talking, Cause::NORMAL_CLEARING)
    });
}

#[test]
fn an_application_process_that_stays_away_costs_its_dialogs_after_ten_seconds() {
    let (mut world, caller) = in_dialog(1);
    world.kill_application();
    world.run(9_500);
    assert_eq!(world.state(caller), PartyState::Talking);
    world.run_until("it is released", 1_000, |world| world.is_over(caller, Cause::TEMPORARY_FAILURE));
}

#[test]
fn a_caller_who_comes_while_the_application_process_is_away_waits_for_it() {
    let mut world = World::new(1, Menu::new());
    let killed = world.kill_application();
    let caller = world.dial(HOTLINE);
    world.run(3_000);
    world.start_application(killed);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
}

#[test]
fn a_store_that_says_nothing_delays_the_answer_by_two_seconds_and_no_more() {
    let mut world = World::new(1, Menu::new());
    world.disk = Disk::Stuck;
    let caller = world.dial(HOTLINE);
    world.run(1_900);
    assert_ne!(world.state(caller), PartyState::Talking);
    world.run_until("it is answered", 300, |world| world.state(caller) == PartyState::Talking);
    world.run_until("and served", 1_000, |world| world.hears(caller, "welcome"));
    assert!(world.alarms().iter().any(|alarm| alarm.contains("record could not be written")));
}

#[test]
fn a_store_that_fails_costs_no_call() {
    let (mut world, first) = in_dialog(1);
    world.disk = Disk::Failing;
    let second = world.dial(HOTLINE);
    world.run_until("the second is served", 2_000, |world| world.hears(second, "welcome"));
    world.press(first, "1");
    world.run_until("so is the first", 2_000, |world| world.hears(first, "nav"));
    assert!(world.alarms().iter().any(|alarm| alarm.contains("no space left on device")));
    world.disk = Disk::Well;
    world.hang_up(first);
    world
        .run_until("it is told", 1_000, |world| world.alarms().iter().any(|alarm| alarm.contains("on the disk again")));
}

#[test]
fn a_plug_pulled_for_a_moment_costs_no_call() {
    let (mut world, caller) = in_dialog(1);
    world.pull(0);
    world.run(5_000);
    assert_eq!(world.calls(), 1);
    assert!(world.snapshot().spans[0].alarm_loss);
    world.insert(0);
    world.run(8_000);
    assert_eq!(world.state(caller), PartyState::Talking);
    world.press(caller, "1");
    world.run_until("it is served", 2_000, |world| world.hears(caller, "nav"));
    let of_link: Vec<&str> = world.alarms().into_iter().filter(|alarm| alarm.contains("D-channel")).collect();
    assert_eq!(of_link.len(), 2, "{of_link:?}");
    assert!(of_link[0].contains("1 of its calls go on") && of_link[1].contains("up again"), "{of_link:?}");
}

#[test]
fn a_loose_plug_is_an_alarm_of_the_line_but_none_of_its_d_channel() {
    let (mut world, _) = in_dialog(1);
    for _ in 0..3 {
        world.pull(0);
        world.run(800);
        world.insert(0);
        world.run(3_000);
    }
    assert_eq!(world.alarms().iter().filter(|alarm| alarm.contains("no signal")).count(), 3);
    assert!(!world.alarms().iter().any(|alarm| alarm.contains("D-channel")), "{:?}", world.alarms());
    assert_eq!(world.calls(), 1);
}

#[test]
fn a_plug_pulled_for_good_ends_the_calls_and_closes_their_rows() {
    let (mut world, caller) = in_dialog(1);
    world.pull(0);
    world.run(100);
    world.jump(200_000);
    world.run(200);
    assert_eq!(world.calls(), 0);
    assert!(matches!(world.state(caller), PartyState::Over(_)));
    assert_eq!(world.open_rows(), 0);
    world.insert(0);
    world.run(8_000);
    let next = world.dial(HOTLINE);
    world.run_until("the line serves again", 3_000, |world| world.hears(next, "welcome"));
}

#[test]
fn both_ends_seize_the_last_channel_the_exchange_wins_and_no_caller_is_lost() {
    let mut world = World::new(1, Menu::new());
    world.phone("8001", Phone::Answers(200));
    let callers: Vec<Party> = (0..29).map(|_| world.dial(HOTLINE)).collect();
    world.run_until("all are served", 3_000, |world| callers.iter().all(|caller| world.hears(*caller, "welcome")));
    world.press(callers[0], "0");
    world.run_until("the box calls the agent", 500, |world| world.steps().last() == Some(&"main>0"));
    // Its SETUP is on the line; the network does not know yet.
    let late = world.dial(HOTLINE);
    world.run_until("the network's call is served", 3_000, |world| world.hears(late, "welcome"));
    world.run_until("the other caller is told", 6_000, |world| world.hears(callers[0], "NetworkBusy"));
    world.hang_up(late);
    world.run(500);
    world.press(callers[0], "0");
    world.run_until("and gets through a moment later", 3_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    callers.iter().for_each(|caller| world.hang_up(*caller));
    world.run_until("the box is idle", 3_000, |world| world.calls() == 0);
    assert_eq!(world.open_rows(), 0);
}

#[test]
fn a_channel_lost_to_the_exchange_is_replaced_by_another() {
    let mut world = World::new(2, Menu::new());
    world.phone("8001", Phone::Answers(200));
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("the box calls the agent", 500, |world| world.steps().last() == Some(&"main>0"));
    let busy = |world: &World| {
        let channels = &world.snapshot().spans[1].channels;
        channels.iter().find(|channel| channel.state != ipc::web::ChannelState::Idle).map(|channel| channel.timeslot)
    };
    let seized = busy(&world).expect("the box seized a channel");
    let late = world.dial_on(1, Some(seized), HOTLINE);
    world.run_until("the network's call is served", 3_000, |world| world.hears(late, "welcome"));
    world.run_until("and the agent answers", 6_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    let agent = world.rung("8001").expect("it was rung");
    world.run(100);
    world.say(agent, "hello");
    world.run_until("caller and agent talk", 1_000, |world| world.hears(caller, "hello"));
}

#[test]
fn a_box_that_stops_releases_callers_and_closes_rows() {
    let (mut world, caller) = in_dialog(1);
    world.stop();
    world.run_until("the caller is told", 1_000, |world| world.is_over(caller, Cause::TEMPORARY_FAILURE));
    world.run_until("the box is idle", 1_000, |world| world.calls() == 0);
    world.run(200);
    assert_eq!(world.open_rows(), 0);
    assert!(world.recordings.values().all(|recorded| recorded.ended));
    let late = world.dial(HOTLINE);
    world.run_until("a new caller is refused", 1_000, |world| world.is_over(late, Cause::TEMPORARY_FAILURE));
}

#[test]
fn pages_that_come_and_go_change_nothing_and_read_what_they_missed_by_number() {
    let (mut world, caller) = in_dialog(1);
    world.hang_up(caller);
    world.run_until("the box is idle", 1_000, |world| world.calls() == 0);
    let numbers: Vec<u64> = world.events.iter().map(|event| event.seq).collect();
    let stored: Vec<u64> = world
        .rows
        .iter()
        .filter_map(|row| if let records_io::Write::Event { seq, .. } = row { Some(*seq) } else { None })
        .collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    assert_eq!(numbers, stored, "what pages are told is in the store");
}
