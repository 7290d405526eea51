//! Conferences, supervisors, hold and what plays can do beside playing, told alike by both engines.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joined;

use base::Dbm0;
use joined::Side::{Far, Near};
use joined::{Side, check, detect, dial, hiss, marked, opened, play, speech};
use media::{
    BargeIn, Clamp, Command, ConferenceId, Direction, DtmfDetection, Listening, Muting, Pausing, PlayId, PortId,
    RecordSlot, Repeat, Source, Supervision, ToneSpec,
};

type Line = (u64, Side, Command);

#[test]
fn a_key_in_a_conference_of_three_is_heard_by_both_others_and_by_them_alone() {
    let mut story = hearing(4);
    story.extend((0..3).map(|port| (1, Near, join(0, port))));
    story.push((10, Far, dial(1, "7", 60, 60)));
    story.push((30, Near, Command::Leave(PortId(2))));
    story.push((40, Far, dial(1, "8", 60, 60)));
    story.push((60, Near, mute(1, Muting::On)));
    story.push((70, Far, dial(1, "9", 60, 60)));
    check(
        story,
        100,
        &[
            (12, Far, "0: 7 early", 0),
            (12, Far, "2: 7 early", 0),
            (15, Far, "0: 7", 0),
            (15, Far, "2: 7", 0),
            (20, Far, "0: 7 ended", 60),
            (20, Far, "2: 7 ended", 60),
            (21, Far, "1: digits sent", 0),
            (42, Far, "0: 8 early", 0),
            (45, Far, "0: 8", 0),
            (50, Far, "0: 8 ended", 60),
            (51, Far, "1: digits sent", 0),
            (81, Far, "1: digits sent", 0),
        ],
    );
}

#[test]
fn two_conferences_do_not_hear_each_other() {
    let mut story = hearing(4);
    story.extend([(1, Near, join(0, 0)), (1, Near, join(0, 1)), (1, Near, join(1, 2)), (1, Near, join(1, 3))]);
    story.push((10, Far, dial(0, "1", 60, 60)));
    // One goes over to the other; a conference that does not exist changes nothing.
    story.extend([(30, Near, join(1, 0)), (31, Near, join(2, 0))]);
    story.push((40, Far, dial(0, "2", 60, 60)));
    check(
        story,
        70,
        &[
            (12, Far, "1: 1 early", 0),
            (15, Far, "1: 1", 0),
            (20, Far, "1: 1 ended", 60),
            (21, Far, "0: digits sent", 0),
            (31, Near, "0: NoSuchConference", 0),
            (42, Far, "2: 2 early", 0),
            (42, Far, "3: 2 early", 0),
            (45, Far, "2: 2", 0),
            (45, Far, "3: 2", 0),
            (50, Far, "2: 2 ended", 60),
            (50, Far, "3: 2 ended", 60),
            (51, Far, "0: digits sent", 0),
        ],
    );
}

#[test]
fn a_supervisor_hears_both_sides_and_is_heard_as_far_as_the_way_says() {
    let mut story = hearing(3);
    story.push((1, Near, Command::Bridge(PortId(0), PortId(1))));
    story.push((1, Near, supervise(2, 0, Supervision::Listen)));
    story.push((10, Far, dial(0, "1", 60, 60)));
    story.push((30, Far, dial(1, "2", 60, 60)));
    // The supervisor's own keys: heard by nobody, by one, by both. The way changes between two ticks.
    story.push((50, Far, dial(2, "3", 60, 60)));
    story.push((70, Near, supervise(2, 0, Supervision::Whisper)));
    story.push((70, Far, dial(2, "4", 60, 60)));
    story.push((90, Near, supervise(2, 0, Supervision::Barge)));
    story.push((90, Far, dial(2, "5", 60, 60)));
    story.push((110, Near, supervise(2, 0, Supervision::Listen)));
    story.push((110, Far, dial(2, "6", 60, 60)));
    story.push((130, Near, Command::Leave(PortId(2))));
    story.push((140, Far, dial(0, "7", 60, 60)));
    let mut told = Vec::new();
    told.extend(key(10, 0, &["1: 1 early", "2: 1 early"], &["1: 1", "2: 1"], &["1: 1 ended", "2: 1 ended"]));
    told.extend(key(30, 1, &["0: 2 early", "2: 2 early"], &["0: 2", "2: 2"], &["0: 2 ended", "2: 2 ended"]));
    told.extend(key(50, 2, &[], &[], &[]));
    told.extend(key(70, 2, &["0: 4 early"], &["0: 4"], &["0: 4 ended"]));
    told.extend(key(90, 2, &["0: 5 early", "1: 5 early"], &["0: 5", "1: 5"], &["0: 5 ended", "1: 5 ended"]));
    told.extend(key(110, 2, &[], &[], &[]));
    told.extend(key(140, 0, &["1: 7 early"], &["1: 7"], &["1: 7 ended"]));
    check(story, 170, &told);
}

#[test]
fn a_supervisor_of_a_conference_whispers_to_one_and_barges_into_all() {
    let mut story = hearing(4);
    story.extend((0..3).map(|port| (1, Near, join(0, port))));
    story.push((1, Near, supervise(3, 1, Supervision::Whisper)));
    story.push((10, Far, dial(3, "1", 60, 60)));
    story.push((30, Near, supervise(3, 1, Supervision::Barge)));
    story.push((30, Far, dial(3, "2", 60, 60)));
    story.push((50, Far, dial(2, "3", 60, 60)));
    let mut told = Vec::new();
    told.extend(key(10, 3, &["1: 1 early"], &["1: 1"], &["1: 1 ended"]));
    let all = |what: &'static [&'static str]| what;
    told.extend(key(
        30,
        3,
        all(&["0: 2 early", "1: 2 early", "2: 2 early"]),
        all(&["0: 2", "1: 2", "2: 2"]),
        all(&["0: 2 ended", "1: 2 ended", "2: 2 ended"]),
    ));
    told.extend(key(
        50,
        2,
        all(&["0: 3 early", "1: 3 early", "3: 3 early"]),
        all(&["0: 3", "1: 3", "3: 3"]),
        all(&["0: 3 ended", "1: 3 ended", "3: 3 ended"]),
    ));
    check(story, 80, &told);
}

#[test]
fn a_supervisor_hears_the_prompt_of_a_port_alone_and_is_let_go_with_it() {
    let mut story = opened(3);
    story.push((0, Far, Command::ListenProgress { port: PortId(2), on: Listening::On }));
    story.push((0, Near, supervise(2, 0, Supervision::Listen)));
    story.push((30, Near, say(0, 1, 500)));
    story.push((100, Near, Command::Close(PortId(0))));
    story.push((101, Near, Command::Open(PortId(0))));
    // Nobody supervises the port that was opened anew: the silence goes on and is not told of twice.
    story.push((101, Near, say(0, 2, 500)));
    check(
        story,
        200,
        &[
            (19, Far, "2: silence", 200),
            (50, Far, "2: voice", 0),
            (79, Near, "0: play 1 Completed", 500),
            (100, Far, "2: silence", 200),
            (150, Near, "0: play 2 Completed", 500),
        ],
    );
}

#[test]
fn who_may_not_supervise_is_told_so() {
    let mut story = opened(4);
    story.push((1, Near, supervise(0, 0, Supervision::Listen)));
    story.push((1, Near, supervise(0, 4, Supervision::Listen)));
    story.push((1, Near, supervise(0, 1, Supervision::Listen)));
    story.push((1, Near, supervise(2, 0, Supervision::Barge)));
    story.push((1, Near, supervise(1, 2, Supervision::Whisper)));
    check(
        story,
        3,
        &[
            (1, Near, "0: SupervisesItself", 0),
            (1, Near, "4: NotOpen", 0),
            (1, Near, "2: SupervisesSupervisor", 0),
            (1, Near, "1: SupervisesSupervisor", 0),
        ],
    );
}

#[test]
fn on_hold_one_hears_music_the_other_nothing_and_neither_the_other() {
    let mut story = hearing(2);
    story.push((0, Far, Command::ListenProgress { port: PortId(0), on: Listening::On }));
    story.push((1, Near, Command::Bridge(PortId(0), PortId(1))));
    story.push((30, Near, Command::Hold { port: PortId(0), music: Some(hiss(70)) }));
    story.push((60, Far, dial(0, "1", 60, 60)));
    story.push((80, Far, dial(1, "2", 60, 60)));
    story.push((100, Near, Command::Retrieve(PortId(0))));
    story.push((101, Near, Command::Retrieve(PortId(0))));
    story.push((103, Far, dial(0, "3", 60, 60)));
    story.push((130, Near, Command::Hold { port: PortId(1), music: None }));
    story.push((131, Near, Command::Hold { port: PortId(1), music: Some(hiss(40)) }));
    story.push((132, Near, Command::Close(PortId(1))));
    story.push((133, Near, Command::Hold { port: PortId(1), music: Some(hiss(40)) }));
    let mut told = vec![(19, Far, "0: silence", 200), (50, Far, "0: voice", 0)];
    told.extend([(71, Far, "0: digits sent", 0), (91, Far, "1: digits sent", 0)]);
    told.push((100, Near, "0: hold ended true", 0));
    told.extend(key(103, 0, &["1: 3 early"], &["1: 3"], &["1: 3 ended"]));
    told.push((121, Far, "0: silence", 200));
    told.extend([
        (131, Near, "1: hold ended false", 0),
        (132, Near, "1: hold ended true", 0),
        (133, Near, "1: hold ended true", 0),
        (133, Near, "1: NotOpen", 0),
    ]);
    check(story, 140, &told);
}

#[test]
fn marks_are_told_in_order_in_every_turn_and_the_place_of_a_stop_is_exact() {
    let repeated = |repeat, marks: &[u32]| Command::PlayRepeated {
        port: PortId(0),
        play: PlayId(1),
        clip: marked(100, marks),
        barge_in: BargeIn::Allowed,
        repeat,
    };
    let pause = |on| Command::PausePlay { port: PortId(0), on };
    let mut story = opened(1);
    story.push((5, Near, repeated(Repeat::Times(2), &[400, 0, 9999])));
    story.push((30, Near, repeated(Repeat::Endless, &[])));
    story.extend([(40, Near, pause(Pausing::On)), (60, Near, pause(Pausing::Off))]);
    story.push((75, Near, Command::StopPlay(PortId(0))));
    check(
        story,
        90,
        &[
            (5, Near, "0: play 1 mark 0", 0),
            (10, Near, "0: play 1 mark 1", 0),
            (14, Near, "0: play 1 mark 2", 0),
            (15, Near, "0: play 1 mark 0", 0),
            (20, Near, "0: play 1 mark 1", 0),
            (24, Near, "0: play 1 mark 2", 0),
            (24, Near, "0: play 1 Completed", 200),
            (75, Near, "0: play 1 Stopped", 250),
        ],
    );
}

#[test]
fn clamped_keys_are_told_by_the_port_and_not_passed_on() {
    let mut story = hearing(2);
    story.push((0, Near, detect(0, DtmfDetection::On)));
    story.push((0, Near, Command::ClampPassed { port: PortId(0), clamp: Clamp::On }));
    story.push((1, Near, Command::Bridge(PortId(0), PortId(1))));
    story.push((10, Far, dial(0, "1", 60, 60)));
    story.push((30, Near, Command::ClampPassed { port: PortId(0), clamp: Clamp::Off }));
    story.push((40, Far, dial(0, "2", 60, 60)));
    let mut told = vec![
        (11, Near, "0: 1 early", 0),
        (14, Near, "0: 1", 0),
        (19, Near, "0: 1 ended", 60),
        (21, Far, "0: digits sent", 0),
    ];
    told.extend([
        (41, Near, "0: 2 early", 0),
        (42, Far, "1: 2 early", 0),
        (44, Near, "0: 2", 0),
        (45, Far, "1: 2", 0),
        (49, Near, "0: 2 ended", 60),
        (50, Far, "1: 2 ended", 60),
        (51, Far, "0: digits sent", 0),
    ]);
    check(story, 70, &told);
}

#[test]
fn who_speaks_in_a_conference_and_how_loud_a_line_is_are_told() {
    let mut story = opened(3);
    story.extend((0..3).map(|port| (1, Near, join(0, port))));
    story.extend((0..3).map(|port| (1, Near, Command::ListenVoice { port: PortId(port), on: Listening::On })));
    story.push((1, Near, Command::ListenLevels { port: PortId(2), on: Listening::On }));
    let barge_in = BargeIn::Refused;
    story.push((200, Far, Command::Play { port: PortId(1), play: PlayId(1), clip: speech(400), barge_in }));
    story.push((250, Far, Command::Tone { port: PortId(2), tone: ToneSpec::single(1000.0, Dbm0(-20.0)) }));
    story.push((320, Near, Command::ListenLevels { port: PortId(2), on: Listening::Off }));
    check(
        story,
        500,
        &[
            (100, Near, "2: meter -90 dBm0", 0),
            (200, Near, "2: meter -90 dBm0", 0),
            (203, Near, "1: speaks", 0),
            (239, Far, "1: play 1 Completed", 400),
            (270, Near, "1: ceased", 0),
            (300, Near, "2: meter -20 dBm0", 0),
        ],
    );
}

#[test]
fn before_the_answer_a_caller_hears_the_called_party_the_box_and_is_heard() {
    // An answer is a message of the line; ports carry audio from when they are opened.
    let mut story = hearing(2);
    story.push((0, Near, detect(0, DtmfDetection::On)));
    story.push((5, Near, play(0, 1, 50, BargeIn::Allowed)));
    story.push((10, Near, Command::Bridge(PortId(0), PortId(1))));
    story.push((20, Far, dial(1, "5", 60, 60)));
    story.push((40, Far, dial(0, "6", 60, 60)));
    let mut told = vec![(9, Near, "0: play 1 Completed", 50)];
    told.extend(key(20, 1, &["0: 5 early"], &["0: 5"], &["0: 5 ended"]));
    told.extend([
        (41, Near, "0: 6 early", 0),
        (42, Far, "1: 6 early", 0),
        (44, Near, "0: 6", 0),
        (45, Far, "1: 6", 0),
        (49, Near, "0: 6 ended", 60),
        (50, Far, "1: 6 ended", 60),
        (51, Far, "0: digits sent", 0),
    ]);
    check(story, 70, &told);
}

#[test]
fn any_source_is_recorded_by_a_free_recorder_and_ends_with_its_port() {
    let tap = |source, slot| Command::StartTap { source, recording: RecordSlot(slot) };
    let mut story = opened(2);
    story.push((1, Near, Command::StartRecord { port: PortId(0), recording: RecordSlot(0) }));
    story.push((2, Near, tap(Source::Port(PortId(0)), 1)));
    story.push((3, Near, tap(Source::Received(PortId(0)), 0)));
    story.push((4, Near, tap(Source::Received(PortId(0)), 1)));
    story.push((5, Near, tap(Source::Sent(PortId(0)), 2)));
    story.push((6, Near, tap(Source::Conference(ConferenceId(2)), 3)));
    story.push((7, Near, tap(Source::Conference(ConferenceId(1)), 3)));
    story.push((8, Near, tap(Source::Sent(PortId(3)), 4)));
    story.push((9, Near, tap(Source::Sent(PortId(1)), 5)));
    story.push((20, Near, Command::Close(PortId(0))));
    story.push((21, Near, Command::StopRecord(RecordSlot(3))));
    check(
        story,
        30,
        &[
            (2, Near, "recording 1: NoSuchRecorder", 0),
            (3, Near, "recording 0: NoSuchRecorder", 0),
            (6, Near, "recording 3: NoSuchConference", 0),
            (8, Near, "recording 4: NotOpen", 0),
            (9, Near, "recording 5: NoSuchRecorder", 0),
            (20, Near, "recording 0 stopped", 0),
            (20, Near, "recording 1 stopped", 0),
            (20, Near, "recording 2 stopped", 0),
            (21, Near, "recording 3 stopped", 0),
        ],
    );
}

/// The far side listens for keys at this many open ports.
fn hearing(ports: u16) -> Vec<Line> {
    let mut story = opened(ports);
    story.extend((0..ports).map(|port| (0, Far, detect(port, DtmfDetection::On))));
    story
}

/// What the far side tells of a key of 60 ms dialled at one of its ports in this tick and heard at others.
fn key<'a>(
    tick: u64,
    from: u16,
    early: &[&'a str],
    began: &[&'a str],
    ended: &[&'a str],
) -> Vec<(u64, Side, &'a str, u32)> {
    let at = |tick, whats: &[&'a str], ms| whats.iter().map(|&what| (tick, Far, what, ms)).collect::<Vec<_>>();
    let sent = ["0: digits sent", "1: digits sent", "2: digits sent", "3: digits sent"][usize::from(from)];
    [at(tick + 2, early, 0), at(tick + 5, began, 0), at(tick + 10, ended, 60), at(tick + 11, &[sent], 0)].concat()
}

fn say(port: u16, play: u32, ms: usize) -> Command {
    Command::Play { port: PortId(port), play: PlayId(play), clip: hiss(ms), barge_in: BargeIn::Refused }
}

fn join(conference: u16, port: u16) -> Command {
    Command::Join { conference: ConferenceId(conference), port: PortId(port) }
}

fn supervise(port: u16, supervised: u16, way: Supervision) -> Command {
    Command::Supervise { port: PortId(port), supervised: PortId(supervised), way }
}

fn mute(port: u16, on: Muting) -> Command {
    Command::Mute { port: PortId(port), direction: Direction::Received, on }
}
