//! Channels without signaling are recorded: while somebody speaks, or always.

use fundlined::core::{TapMode, TapSettings};
use ipc::web::ChannelState;
use records_io::Write;
use scenario::{Recorded, World, clip, longest_match_ms};
use std::time::Duration;

const TIMESLOT: u8 = 3;

fn tapped(mode: TapMode, longest_s: u64) -> World {
    let longest = Duration::from_secs(longest_s);
    World::tapped(vec![TapSettings { span: 0, timeslot: TIMESLOT, name: "desk 1".into(), mode, longest }])
}

fn state(world: &World) -> ChannelState {
    let snapshot = world.snapshot();
    let channel = snapshot.spans[0].channels.iter().find(|channel| channel.timeslot == TIMESLOT).expect("a timeslot");
    assert_eq!(channel.name.as_deref(), Some("desk 1"));
    channel.state
}

#[track_caller]
fn holds(recorded: &Recorded, what: &str) {
    assert_eq!(longest_match_ms(&recorded.received, &clip(what)), 600, "{what} is whole");
}

#[test]
fn a_voice_begins_a_recording_that_has_its_first_syllable_and_silence_ends_it() {
    let mut world = tapped(TapMode::Voice { silence: Duration::from_secs(3) }, 3600);
    world.run(2_000);
    assert!(world.recordings.is_empty() && world.rows.is_empty(), "nobody speaks, nothing is recorded");
    assert_eq!(state(&world), ChannelState::Idle);
    world.speak_on(0, TIMESLOT, "buy a thousand");
    world.run(1_000);
    assert_eq!(state(&world), ChannelState::Connected);
    // A pause in the talk is not its end.
    world.run(1_500);
    world.speak_on(0, TIMESLOT, "sell them");
    world.run(2_000);
    assert_eq!((world.recordings.len(), state(&world)), (1, ChannelState::Connected));
    world.run_until("silence ends it", 4_000, |world| state(world) == ChannelState::Idle);
    world.speak_on(0, TIMESLOT, "good evening");
    world.run(6_000);

    let recordings: Vec<&Recorded> = world.recordings.values().collect();
    let [first, second] = recordings.as_slice() else { panic!("two talks: {}", recordings.len()) };
    assert!(first.ended && second.ended);
    holds(first, "buy a thousand");
    holds(first, "sell them");
    holds(second, "good evening");
    assert!(first.sent.iter().all(|sample| sample.unsigned_abs() <= 8), "the box says nothing there");
    let opened =
        |row: &&Write| matches!(row, Write::CallOpened { to, line, .. } if to == "desk 1" && line == "span1/3");
    assert_eq!((world.rows.iter().filter(opened).count(), world.open_rows()), (2, 0), "each is kept as a call");
    let kept = |row: &&Write| matches!(row, Write::SegmentOpened { recording: Some(id), .. } if world.recordings.contains_key(id));
    assert_eq!(world.rows.iter().filter(kept).count(), 2);
}

#[test]
fn a_channel_that_is_always_recorded_is_cut_without_a_gap() {
    let mut world = tapped(TapMode::Always, 5);
    for _ in 0..12 {
        world.speak_on(0, TIMESLOT, "tick");
        world.run(1_000);
    }
    world.stop();
    world.run(200);
    assert!(world.recordings.values().all(|recorded| recorded.ended));
    assert_eq!((world.recordings.len(), world.open_rows()), (3, 0));
    let all: Vec<i16> = world.recordings.values().flat_map(|recorded| recorded.received.iter().copied()).collect();
    // Recorders run 60 ms behind.
    assert!((11_800..12_200).contains(&(all.len() / 8)), "{} ms", all.len() / 8);
    let heard = (0..12).filter(|second| {
        let from = second * 8000;
        longest_match_ms(&all[from..(from + 9600).min(all.len())], &clip("tick")) == 600
    });
    assert_eq!(heard.count(), 12, "what falls on a cut is in two files, and whole");
}
