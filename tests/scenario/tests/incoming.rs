//! Callers reach the hotline: what they hear, what is read of their keys, how calls end.

use base::Cause;
use records_io::Write;
use scenario::{HOTLINE, Menu, Party, PartyState, World};

fn answered() -> (World, Party) {
    let mut world = World::new(1, Menu::new());
    let caller = world.dial(HOTLINE);
    world.run_until("the call is answered", 1_000, |world| world.state(caller) == PartyState::Talking);
    (world, caller)
}

#[test]
fn a_caller_hears_the_prompt_whole_presses_a_key_and_hears_the_answer() {
    let (mut world, caller) = answered();
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    assert!(!world.hears(caller, "nav"));
    world.press(caller, "1");
    world.run_until("the answer is heard", 2_000, |world| world.hears(caller, "nav"));
    assert_eq!(world.steps(), ["main", "main>1"]);
    world.hang_up(caller);
    world.run_until("the call is over", 1_000, |world| world.calls() == 0);
    world.run(200);
    assert_eq!(world.open_rows(), 0);
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert!(recorded.ended && recorded.masked_ms == 0);
    assert_eq!(scenario::longest_match_ms(&recorded.sent, &scenario::clip("welcome")), 600);
}

#[test]
fn every_key_pressed_is_read_once_and_in_order() {
    let (mut world, caller) = answered();
    world.run(1_000);
    world.press(caller, "4568AB");
    world.run(2_000);
    assert_eq!(world.steps(), ["main", "main>4", "main>5", "main>6", "main>8", "main>A", "main>B"]);
}

#[test]
fn a_key_stops_a_prompt_at_once_where_it_may() {
    let (mut world, caller) = answered();
    world.run(450);
    world.press(caller, "1");
    world.run_until("the answer is heard", 2_000, |world| world.hears(caller, "nav"));
    assert!(!world.hears(caller, "welcome"), "it was cut off");
    let heard = world.hears_ms(caller, "welcome");
    assert!((60..400).contains(&heard), "{heard} ms were heard");
}

#[test]
fn a_key_does_not_stop_a_prompt_that_must_be_heard() {
    let (mut world, caller) = answered();
    world.press(caller, "2");
    world.run(1_000);
    world.press(caller, "1");
    world.run_until("all of it is heard", 6_000, |world| world.hears(caller, "long:5000"));
    world.run_until("then the next", 2_000, |world| world.hears(caller, "nav"));
}

#[test]
fn keys_that_come_by_signaling_count_like_tones() {
    let (mut world, caller) = answered();
    world.run(450);
    world.send_by_signaling(caller, "1");
    world.run_until("the answer is heard", 2_000, |world| world.hears(caller, "nav"));
    assert!(!world.hears(caller, "welcome"));
}

#[test]
fn the_application_hangs_up_and_the_caller_is_told_a_normal_end() {
    let (mut world, caller) = answered();
    world.press(caller, "9");
    world.run_until("the caller is released", 2_000, |world| world.is_over(caller, Cause::NORMAL_CLEARING));
    world.run_until("the box is idle", 1_000, |world| world.calls() == 0);
    assert_eq!(world.open_rows(), 0);
}

#[test]
fn an_application_that_fails_ends_its_call_with_a_cause() {
    let (mut world, caller) = answered();
    world.press(caller, "#");
    world.run_until("the caller is released", 2_000, |world| world.is_over(caller, Cause::TEMPORARY_FAILURE));
}

#[test]
fn a_number_that_leads_nowhere_is_refused_and_recorded() {
    let mut world = World::new(1, Menu::new());
    let (nowhere, rejected) = (world.dial("123"), world.dial("666"));
    world.run_until("it is refused", 1_000, |world| world.is_over(nowhere, Cause::UNALLOCATED_NUMBER));
    world.run_until("so is the other", 1_000, |world| world.is_over(rejected, Cause::CALL_REJECTED));
    world.run_until("the box is idle", 1_000, |world| world.calls() == 0);
    let causes: Vec<u8> = world
        .rows
        .iter()
        .filter_map(|row| if let Write::CallClosed { cause, .. } = row { Some(cause.0) } else { None })
        .collect();
    assert_eq!(causes, [1, 21]);
    assert!(world.recordings.is_empty());
}

#[test]
fn a_caller_who_gives_up_before_the_answer_leaves_nothing_behind() {
    let mut world = World::new(1, Menu::new());
    world.disk = scenario::Disk::Stuck;
    let caller = world.dial(HOTLINE);
    world.run(200);
    world.hang_up(caller);
    world.run_until("the box is idle", 1_000, |world| world.calls() == 0);
    world.disk = scenario::Disk::Well;
    let next = world.dial(HOTLINE);
    world.run_until("the next is served", 2_000, |world| world.hears(next, "welcome"));
}

#[test]
fn sixty_callers_at_once_each_hear_their_own() {
    let mut world = World::new(2, Menu::new());
    let callers: Vec<Party> = (0..60).map(|at| world.dial_on(at / 30, None, HOTLINE)).collect();
    world.run_until("all are answered", 3_000, |world| {
        callers.iter().all(|caller| world.state(*caller) == PartyState::Talking)
    });
    world.run(1_200);
    let keys = ["1", "4", "5", "6", "8"];
    for (at, caller) in callers.iter().enumerate() {
        world.press(*caller, keys[at % keys.len()]);
    }
    world.run(1_500);
    for (at, caller) in callers.iter().enumerate() {
        assert!(world.hears(*caller, "welcome"), "caller {at}");
        for key in keys {
            let answer = if key == "1" { "nav".to_string() } else { format!("key {key}") };
            assert_eq!(world.hears(*caller, &answer), key == keys[at % keys.len()], "caller {at}, {answer}");
        }
    }
    callers.iter().for_each(|caller| world.hang_up(*caller));
    world.run_until("the box is idle", 2_000, |world| world.calls() == 0);
    world.run(200);
    assert_eq!((world.open_rows(), world.recordings.len()), (0, 60));
    assert!(world.recordings.values().all(|recorded| recorded.ended));
}
