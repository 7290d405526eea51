//! Telephones on lines that the box feeds: they dial into it, and it rings them.

use base::Cause;
use ipc::web::ChannelState;
use records_io::Write;
use scenario::{Ends, HOTLINE, Menu, PartyState, Phone, World};

/// The city on the first span, telephones 8002 and 8001 on the second.
fn office() -> World {
    let mut world = World::with(vec![Ends::pri(), Ends::telephones(&["8002", "8001"])], Menu::new());
    world.phone("8001", Phone::Answers(1_500));
    world.phone("8002", Phone::Answers(1_500));
    world
}

fn channels(world: &World) -> [ChannelState; 2] {
    [0, 1].map(|place| world.snapshot().spans[1].channels[place].state)
}

#[test]
fn a_telephone_dials_digit_by_digit_and_hears_the_hotline() {
    let mut world = office();
    let agent = world.dial_on(1, Some(1), HOTLINE);
    world.run_until("dial tone, ten digits, the prompt", 8_000, |world| world.hears(agent, "welcome"));
    let opened = world.rows.iter().find_map(|row| match row {
        Write::CallOpened { from, line, .. } => Some((from.as_str(), line.as_str())),
        _ => None,
    });
    assert_eq!(opened, Some(("8002", "span2/1")));
    world.press(agent, "1");
    world.run_until("and presses", 2_000, |world| world.hears(agent, "nav"));
    world.hang_up(agent);
    world.run_until("the call is over", 2_000, |world| world.calls() == 0);
    world.run_until("the telephone is idle", 3_000, |world| channels(world)[0] == ChannelState::Idle);
}

#[test]
fn a_caller_is_connected_to_the_telephone_of_that_number() {
    let mut world = office();
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("it rings", 8_000, |world| world.rung("8001").is_some());
    assert_eq!(channels(&world), [ChannelState::Idle, ChannelState::Busy], "8001 and not 8002");
    let agent = world.rung("8001").expect("it was rung");
    world.run_until("it answers", 3_000, |world| world.state(agent) == PartyState::Talking);
    world.run(500);
    world.say(caller, "question");
    world.say(agent, "answer");
    world.run_until("they hear each other", 1_500, |world| {
        world.hears(agent, "question") && world.hears(caller, "answer")
    });
    world.hang_up(agent);
    world.run_until("the application goes on", 2_000, |world| world.hears(caller, "FarEndDisconnect"));
}

#[test]
fn a_telephone_in_use_is_busy_though_another_is_free() {
    let mut world = office();
    let talking = world.dial_on(1, Some(2), HOTLINE);
    world.run_until("8001 is in a call", 8_000, |world| world.hears(talking, "welcome"));
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("busy is told", 3_000, |world| world.hears(caller, "Busy"));
    assert_eq!(channels(&world)[0], ChannelState::Idle);
}

#[test]
fn a_telephone_is_told_when_the_box_has_hung_up() {
    let mut world = office();
    let agent = world.dial_on(1, Some(1), HOTLINE);
    world.run_until("the prompt is heard", 8_000, |world| world.hears(agent, "welcome"));
    world.press(agent, "9");
    world.run_until("the box's end of the call", 3_000, |world| world.calls() == 0);
    world.run_until("current, then tone", 5_000, |world| matches!(world.state(agent), PartyState::Over(_)));
    assert!(world.is_over(agent, Cause::NORMAL_CLEARING));
}
