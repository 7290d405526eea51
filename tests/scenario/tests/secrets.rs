//! A PIN is in no recording, record or event.

use scenario::{HOTLINE, Menu, Party, World, digits_in};

const PIN: &str = "902817";

fn before_the_pin() -> (World, Party) {
    let mut world = World::new(1, Menu::new());
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    (world, caller)
}

#[track_caller]
fn no_trace(world: &World, caller: Party) {
    assert!(digits_in(world.said(caller)).contains(PIN), "the caller did key it, and a detector finds it");
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert_eq!((digits_in(&recorded.received), digits_in(&recorded.sent)), (String::new(), String::new()));
    for digits in [PIN, &PIN[..3], &PIN[3..]] {
        let kept = |text: &str| text.contains(&format!(">{digits}")) || text.contains(&format!("\"{digits}"));
        assert!(!world.events.iter().any(|event| kept(&event.body)));
        assert!(!world.steps().iter().any(|step| kept(step)));
    }
}

#[test]
fn a_pin_keyed_when_it_is_asked_for_is_in_no_recording() {
    let (mut world, caller) = before_the_pin();
    world.press(caller, "3");
    world.run_until("the PIN is asked for", 2_000, |world| world.hears(caller, "pin"));
    world.press(caller, PIN);
    world.run_until("it was read", 3_000, |world| world.hears(caller, "thanks"));
    world.press(caller, "1");
    world.run_until("the menu goes on", 3_000, |world| world.hears(caller, "nav"));
    world.hang_up(caller);
    world.run(500);
    no_trace(&world, caller);
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert!(recorded.masked_ms > 1_000);
    assert_eq!(scenario::longest_match_ms(&recorded.sent, &scenario::clip("pin")), 0);
    assert_eq!(scenario::longest_match_ms(&recorded.sent, &scenario::clip("nav")), 600, "what follows is recorded");
}

#[test]
fn a_pin_keyed_before_it_is_asked_for_is_in_no_recording() {
    let (mut world, caller) = before_the_pin();
    world.press(caller, &format!("3{PIN}"));
    world.run_until("it was read", 4_000, |world| world.hears(caller, "thanks"));
    world.hang_up(caller);
    world.run(500);
    no_trace(&world, caller);
}

#[test]
fn a_caller_who_hangs_up_in_the_midst_of_the_pin_leaves_no_trace() {
    let (mut world, caller) = before_the_pin();
    world.press(caller, &format!("3{PIN}"));
    world.run(1_130);
    world.hang_up(caller);
    world.run(500);
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert!(recorded.ended);
    assert!(digits_in(world.said(caller)).len() >= 5);
    assert_eq!((digits_in(&recorded.received), digits_in(&recorded.sent)), (String::new(), String::new()));
}

#[test]
fn a_pin_keyed_on_while_the_application_is_lost_is_in_no_recording() {
    let (mut world, caller) = before_the_pin();
    world.press(caller, &format!("3{PIN}"));
    world.run(600);
    let killed = world.kill_application();
    world.run(1_000);
    world.start_application(killed);
    world.run(1_000);
    world.hang_up(caller);
    world.run(500);
    no_trace(&world, caller);
}

#[test]
fn a_pin_that_comes_by_signaling_is_told_to_the_application_only() {
    let (mut world, caller) = before_the_pin();
    world.press(caller, "3");
    world.run_until("the PIN is asked for", 2_000, |world| world.hears(caller, "pin"));
    world.send_by_signaling(caller, PIN);
    world.run_until("it was read", 2_000, |world| world.hears(caller, "thanks"));
    let kept = format!("{:?} {:?}", world.rows, world.events);
    assert!(!kept.contains(PIN));
}
