//! What is recorded is stopped and begun again by an agent's key, by the page, and by an application beside them.

use ipc::web::RecordingState;
use records_io::{RecordingReport, Silenced, Write};
use scenario::{HOTLINE, Menu, PAUSE_KEY, Party, PartyState, Phone, World, clip, digits_in, longest_match_ms};

fn talking() -> (World, Party, Party) {
    let mut world = World::new(2, Menu::new());
    world.phone("8001", Phone::Answers(1_000));
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "0");
    world.run_until("the agent answers", 3_000, |world| {
        world.rung("8001").is_some_and(|agent| world.state(agent) == PartyState::Talking)
    });
    world.run(200);
    let agent = world.rung("8001").expect("it was rung");
    (world, caller, agent)
}

/// A sentence each way, and how much of it the other party hears.
fn talk(world: &mut World, caller: Party, agent: Party, words: [&str; 2]) {
    world.say(caller, words[0]);
    world.say(agent, words[1]);
    world.run(900);
    assert!(world.hears(agent, words[0]) && world.hears(caller, words[1]), "they talk on whatever is recorded");
}

#[track_caller]
fn recorded_ms(world: &World, words: [&str; 2]) -> [usize; 2] {
    let recorded = world.recordings.values().next().expect("the call was recorded");
    [longest_match_ms(&recorded.received, &clip(words[0])), longest_match_ms(&recorded.sent, &clip(words[1]))]
}

/// Why, by whom, and from where to where in the recording, in milliseconds.
fn silences(world: &World) -> Vec<(Silenced, String, u64, Option<u64>)> {
    let began = world.rows.iter().filter_map(|row| match row {
        Write::SilenceBegan { number, state, by, offset_ms, .. } => Some((*number, *state, by.clone(), *offset_ms)),
        _ => None,
    });
    let end = |wanted: u32| {
        world.rows.iter().find_map(|row| match row {
            Write::SilenceEnded { number, offset_ms, .. } if *number == wanted => Some(*offset_ms),
            _ => None,
        })
    };
    began.map(|(number, state, by, from)| (state, by, from, end(number))).collect()
}

fn finish(world: &mut World, caller: Party) {
    world.hang_up(caller);
    world.run_until("the box is idle", 2_000, |world| world.calls() == 0);
    world.run(200);
}

fn peak(samples: &[i16]) -> u16 {
    samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
}

#[test]
fn an_agent_pauses_the_recording_by_key_and_only_the_agent_hears_it() {
    let (mut world, caller, agent) = talking();
    talk(&mut world, caller, agent, ["question", "answer"]);
    let heard = [caller, agent].map(|party| world.heard(party).len());
    world.press(agent, PAUSE_KEY);
    world.run(800);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::Paused));
    assert!(peak(&world.heard(agent)[heard[1]..]) > 1_000, "the agent hears that it is paused");
    assert_eq!(digits_in(&world.heard(caller)[heard[0]..]), "", "the caller hears no key");
    talk(&mut world, caller, agent, ["card", "number"]);
    world.press(agent, PAUSE_KEY);
    world.run(800);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::On));
    talk(&mut world, caller, agent, ["thanks", "nav"]);
    finish(&mut world, caller);

    assert_eq!(recorded_ms(&world, ["question", "answer"]), [600, 600]);
    assert_eq!(recorded_ms(&world, ["card", "number"]), [0, 0]);
    assert_eq!(recorded_ms(&world, ["thanks", "nav"]), [600, 600], "what follows is recorded");
    let recorded = world.recordings.values().next().expect("the call was recorded");
    assert_eq!(digits_in(&recorded.sent), "", "no key is recorded");
    let silences = silences(&world);
    let [(Silenced::Paused, by, from, Some(to))] = silences.as_slice() else { panic!("one pause: {silences:?}") };
    assert_eq!(by, "agent 8001");
    assert!((1_500..2_000).contains(&(to - from)), "{silences:?}");
    let masked = recorded.masked_ms as u64;
    // The engine's mask reaches 60 ms back and ends 60 ms after the last tone.
    assert!((to - from..to - from + 400).contains(&masked), "{masked} ms silent, {silences:?}");
    let orders: Vec<&str> =
        world.events.iter().filter(|event| event.kind == "RecordingChanged").map(|event| event.body.as_str()).collect();
    assert_eq!(orders.len(), 2, "{orders:?}");
    assert!(orders[0].contains("paused") && orders[1].contains("\"on\""), "{orders:?}");
}

#[test]
fn a_users_order_holds_until_the_next_and_is_noted_with_its_name() {
    let (mut world, caller, agent) = talking();
    let call = world.snapshot().calls[0].id.clone();
    world.record(&call, RecordingState::Paused);
    talk(&mut world, caller, agent, ["question", "answer"]);
    world.record(&call, RecordingState::Masked);
    world.run(300);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::Masked));
    // The agent goes: the application goes on, and the user's order with it.
    world.hang_up(agent);
    world.run(500);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::Masked));
    world.record(&call, RecordingState::On);
    world.run(200);
    world.press(caller, "1");
    world.run_until("the menu goes on", 3_000, |world| world.hears(caller, "nav"));
    finish(&mut world, caller);
    assert_eq!(recorded_ms(&world, ["question", "answer"]), [0, 0]);
    assert_eq!(recorded_ms(&world, ["question", "nav"]), [0, 600]);
    let noted: Vec<_> =
        silences(&world).into_iter().map(|(state, by, from, to)| (state, by, to.is_some_and(|to| to > from))).collect();
    let by = || "user admin".to_owned();
    assert_eq!(noted, [(Silenced::Paused, by(), true), (Silenced::Masked, by(), true)]);
}

#[test]
fn an_agents_pause_ends_with_its_talk() {
    let (mut world, caller, agent) = talking();
    world.press(agent, PAUSE_KEY);
    world.run(800);
    world.hang_up(agent);
    world.run(500);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::On));
    finish(&mut world, caller);
    assert!(matches!(silences(&world).as_slice(), [(Silenced::Paused, _, _, Some(_))]));
}

#[test]
fn a_disk_full_in_mid_call_is_an_alarm_and_an_all_clear_and_the_talk_goes_on() {
    let (mut world, caller, agent) = talking();
    let error = "2026/11/24/x.wav: No space left on device".to_owned();
    world.writer_says(RecordingReport::DiskFailed { error });
    talk(&mut world, caller, agent, ["question", "answer"]);
    world.writer_says(RecordingReport::DiskRecovered);
    talk(&mut world, caller, agent, ["thanks", "nav"]);
    let told: Vec<&str> = world.alarms().into_iter().filter(|alarm| alarm.contains("recordings")).collect();
    let [full, again] = told.as_slice() else { panic!("once each: {told:?}") };
    assert!(full.contains("No space left on device") && full.contains("check the disk"), "{full}");
    assert!(again.contains("written again"), "{again}");
    finish(&mut world, caller);
}

#[test]
fn nobody_can_lift_the_mask_of_a_secret() {
    let mut world = World::new(1, Menu::new());
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    world.press(caller, "3");
    world.run_until("the PIN is asked for", 2_000, |world| world.hears(caller, "pin"));
    let call = world.snapshot().calls[0].id.clone();
    world.record(&call, RecordingState::Paused);
    world.record(&call, RecordingState::On);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::Masked));
    world.say(caller, "nine zero two");
    world.run(900);
    world.press(caller, "902817");
    world.run_until("it was read", 3_000, |world| world.hears(caller, "thanks"));
    world.run(500);
    assert_eq!(world.snapshot().calls[0].recording, Some(RecordingState::On));
    finish(&mut world, caller);
    assert_eq!(recorded_ms(&world, ["nine zero two", "thanks"])[0], 0);
    let noted: Vec<_> = silences(&world).into_iter().map(|(state, by, ..)| (state, by)).collect();
    assert_eq!(noted, [(Silenced::Masked, "application".to_owned()), (Silenced::Paused, "user admin".to_owned())]);
}
