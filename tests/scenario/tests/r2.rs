//! MFC/R2: numbers by register signals before the call model knows of a call, and the talk on the same channel after.

use base::Cause;
use ipc::web::ChannelState;
use records_io::Write;
use scenario::{Ends, HOTLINE, Menu, PartyState, Phone, World};

fn channel(world: &World, span: usize, place: usize) -> ChannelState {
    world.snapshot().spans[span].channels[place].state
}

#[test]
fn a_caller_comes_in_by_registers_and_hears_the_hotline() {
    let mut world = World::with(vec![Ends::r2(10)], Menu::new());
    let caller = world.dial_on(0, Some(5), HOTLINE);
    world.run_until("ten digits and the caller's number", 12_000, |world| world.calls() == 1);
    world.run_until("the prompt is heard", 4_000, |world| world.hears(caller, "welcome"));
    let opened = world.rows.iter().find_map(|row| match row {
        Write::CallOpened { from, to, line, .. } => Some((from.as_str(), to.as_str(), line.as_str())),
        _ => None,
    });
    assert_eq!(opened, Some(("13800130000", HOTLINE, "span1/5")));
    world.press(caller, "1");
    world.run_until("the application reads keys", 2_000, |world| world.hears(caller, "nav"));
    assert_eq!(channel(&world, 0, 4), ChannelState::Connected);
    world.hang_up(caller);
    world.run_until("the call is over", 2_000, |world| world.calls() == 0);
    world.run_until("the channel is idle", 2_000, |world| channel(world, 0, 4) == ChannelState::Idle);
    assert!(world.recordings.values().all(|recording| recording.ended));
    assert_eq!(world.steps(), ["main", "main>1"]);
}

#[test]
fn a_caller_is_connected_to_a_telephone_behind_r2() {
    let mut world = World::with(vec![Ends::pri(), Ends::r2(10)], Menu::new());
    world.phone("8001", Phone::Answers(1_000));
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("the agent answers", 15_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    let agent = world.rung("8001").expect("it was rung");
    world.run(300);
    world.say(caller, "question");
    world.say(agent, "answer");
    world.run_until("they hear each other", 1_500, |world| {
        world.hears(agent, "question") && world.hears(caller, "answer")
    });
    world.press(caller, "*");
    world.run_until("the agent is released", 3_000, |world| world.is_over(agent, Cause::NORMAL_CLEARING));
    world.run_until("the application goes on", 2_000, |world| world.hears(caller, "NearEndDisconnect"));
    world.run_until("the channel is idle", 2_000, |world| {
        world.snapshot().spans[1].channels.iter().all(|channel| channel.state == ChannelState::Idle)
    });
}

#[test]
fn each_failure_is_told_by_its_register_signal() {
    for (phone, told) in [(Some(Phone::Busy), "Busy"), (None, "BadDestination")] {
        let mut world = World::with(vec![Ends::pri(), Ends::r2(10)], Menu::new());
        if let Some(phone) = phone {
            world.phone("8001", phone);
        }
        let caller = world.dial(HOTLINE);
        world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
        world.press(caller, "0");
        world.run_until(told, 15_000, |world| world.hears(caller, told));
    }
}

#[test]
fn a_number_that_leads_nowhere_is_refused_before_the_answer() {
    let mut world = World::with(vec![Ends::r2(8)], Menu::new());
    let caller = world.dial_on(0, None, "77777777");
    world.run_until("refused", 15_000, |world| matches!(world.state(caller), PartyState::Over(_)));
    assert!(world.is_over(caller, Cause::UNALLOCATED_NUMBER), "{:?}", world.state(caller));
    world.run_until("its record is closed", 1_000, |world| world.open_rows() == 0);
}
