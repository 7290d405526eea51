//! One suite for both engines: two of a kind joined port by port play the same story, and the same is told in the same order,
//! within a tick.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joined;

use base::Dbm0;
use joined::Side::{Far, Near};
use joined::{Joined, Random, Story, Told, check, compare, detect, dial, opened, play};
use media::symbolic::SymbolicEngine;
use media::{
    BargeIn, Cadence, Clamp, Command, ConferenceId, Direction, DtmfDetection, Engine, FaxSignal, Length, Listening,
    Mask, Modulation, Muting, Octets, Pausing, PlayId, PortId, RecordSlot, Register, Repeat, Source, Supervision,
    ToneSpec,
};

#[test]
fn a_prompt_plays_to_its_end_and_the_next_follows() {
    let mut story = opened(1);
    story.extend([(3, Near, play(0, 1, 250, BargeIn::Allowed)), (3, Near, play(0, 2, 333, BargeIn::Refused))]);
    check(story, 100, &[(27, Near, "0: play 1 Completed", 250), (61, Near, "0: play 2 Completed", 333)]);
}

#[test]
fn a_key_over_the_prompt_stops_it_and_all_behind_it() {
    let mut story = opened(1);
    story.push((0, Near, detect(0, DtmfDetection::On)));
    story.extend((1..=3).map(|id| (0, Near, play(0, id, 2000, BargeIn::Allowed))));
    story.push((50, Far, dial(0, "5", 80, 80)));
    check(
        story,
        100,
        &[
            (51, Near, "0: 5 early", 0),
            (54, Near, "0: 5", 0),
            (54, Near, "0: play 1 BargedIn", 540),
            (54, Near, "0: play 2 BargedIn", 0),
            (54, Near, "0: play 3 BargedIn", 0),
            (61, Near, "0: 5 ended", 80),
            (65, Far, "0: digits sent", 0),
        ],
    );
}

#[test]
fn a_prompt_that_refuses_barge_in_goes_on_under_the_keys() {
    let mut story = opened(1);
    story.push((0, Near, detect(0, DtmfDetection::On)));
    story.push((0, Near, play(0, 1, 600, BargeIn::Refused)));
    story.push((10, Far, dial(0, "1#", 60, 60)));
    check(
        story,
        100,
        &[
            (11, Near, "0: 1 early", 0),
            (14, Near, "0: 1", 0),
            (19, Near, "0: 1 ended", 60),
            (23, Near, "0: # early", 0),
            (26, Near, "0: #", 0),
            (31, Near, "0: # ended", 60),
            (33, Far, "0: digits sent", 0),
            (59, Near, "0: play 1 Completed", 600),
        ],
    );
}

#[test]
fn what_is_too_short_for_a_key_is_taken_back() {
    let mut story = opened(1);
    story.push((0, Near, detect(0, DtmfDetection::On)));
    story.push((10, Far, dial(0, "9", 20, 100)));
    let told = [(11, Near, "0: 9 early", 0), (13, Near, "0: retracted", 0), (21, Far, "0: digits sent", 0)];
    check(story, 60, &told);
}

#[test]
fn keys_are_told_only_while_they_are_asked_for() {
    let mut story = opened(1);
    story.push((0, Far, dial(0, "12", 60, 60)));
    story.push((12, Near, detect(0, DtmfDetection::On)));
    // In the middle of the third key detection ends: its end is not told.
    story.push((24, Far, dial(0, "3", 100, 60)));
    story.push((31, Near, detect(0, DtmfDetection::Off)));
    check(
        story,
        100,
        &[
            (13, Near, "0: 2 early", 0),
            (16, Near, "0: 2", 0),
            (21, Near, "0: 2 ended", 60),
            (23, Far, "0: digits sent", 0),
            (25, Near, "0: 3 early", 0),
            (28, Near, "0: 3", 0),
            (39, Far, "0: digits sent", 0),
        ],
    );
}

#[test]
fn the_level_of_a_line_is_told_once_for_each_order() {
    let mut story = opened(1);
    let measure = |ms| Command::MeasureLevel { port: PortId(0), ms };
    story.extend([
        (5, Near, measure(100)),
        (20, Far, Command::Tone { port: PortId(0), tone: ToneSpec::single(1000.0, Dbm0(-10.0)) }),
        (30, Near, measure(200)),
        (35, Near, measure(100)),
        (60, Near, Command::MeasureLevel { port: PortId(1), ms: 10 }),
    ]);
    let told = [(14, Near, "0: -70 dBm0", 0), (44, Near, "0: -10 dBm0", 0), (60, Near, "1: NotOpen", 0)];
    check(story, 80, &told);
}

#[test]
fn tones_end_by_length_by_another_and_by_command() {
    let mut story = opened(1);
    let busy = Cadence::new(&[(350, 350)]);
    let tone = |length| ToneSpec { length, cadence: busy, ..ToneSpec::single(450.0, Dbm0(-10.0)) };
    story.push((0, Near, Command::Tone { port: PortId(0), tone: tone(Length::Ms(125)) }));
    story.push((20, Near, Command::Tone { port: PortId(0), tone: tone(Length::Endless) }));
    story.push((30, Near, Command::Tone { port: PortId(0), tone: tone(Length::Endless) }));
    story.push((90, Near, Command::StopTone(PortId(0))));
    let done = "0: tone done";
    check(story, 100, &[(12, Near, done, 0), (30, Near, done, 0), (90, Near, done, 0)]);
}

#[test]
fn a_bridge_carries_keys_and_muting_stops_them() {
    let mute = |direction, on| Command::Mute { port: PortId(0), direction, on };
    let mut story = opened(2);
    story.push((0, Near, Command::Bridge(PortId(0), PortId(1))));
    story.push((0, Far, detect(1, DtmfDetection::On)));
    story.push((10, Far, dial(0, "4", 60, 60)));
    // What port 0 says is kept from the bridge.
    story.push((30, Near, mute(Direction::Received, Muting::On)));
    story.push((40, Far, dial(0, "5", 60, 60)));
    story.push((60, Near, mute(Direction::Received, Muting::Off)));
    // Unbridged, nothing is carried.
    story.push((70, Near, Command::Unbridge(PortId(1))));
    story.push((80, Far, dial(0, "6", 60, 60)));
    let sent = "0: digits sent";
    check(
        story,
        120,
        &[
            (12, Far, "1: 4 early", 0),
            (15, Far, "1: 4", 0),
            (20, Far, "1: 4 ended", 60),
            (21, Far, sent, 0),
            (51, Far, sent, 0),
            (91, Far, sent, 0),
        ],
    );
}

#[test]
fn recordings_start_once_and_stop_once() {
    let start = |port, slot| Command::StartRecord { port: PortId(port), recording: RecordSlot(slot) };
    let mut story = opened(2);
    story.extend([(5, Near, start(0, 1)), (6, Near, start(1, 1)), (7, Near, start(0, 0))]);
    story.push((8, Near, Command::MaskRecord { port: PortId(0), mask: Mask::On }));
    story.push((9, Near, Command::ClampRecord { port: PortId(0), clamp: Clamp::On }));
    story.extend([(40, Near, Command::StopRecord(RecordSlot(1))), (41, Near, Command::StopRecord(RecordSlot(1)))]);
    story.extend([(42, Near, start(1, 1)), (50, Near, Command::Close(PortId(1)))]);
    check(
        story,
        60,
        &[
            (6, Near, "1: recording 1 refused", 0),
            (7, Near, "0: recording 0 refused", 0),
            (40, Near, "recording 1 stopped", 0),
            (50, Near, "recording 1 stopped", 0),
        ],
    );
}

#[test]
fn what_cannot_be_obeyed_is_answered_alike() {
    let mut story = opened(1);
    story.push((1, Near, Command::Open(PortId(0))));
    story.push((1, Near, Command::Open(PortId(9))));
    story.push((1, Near, Command::Bridge(PortId(0), PortId(0))));
    story.push((1, Near, Command::Bridge(PortId(0), PortId(2))));
    story.push((2, Near, play(2, 7, 100, BargeIn::Allowed)));
    story.extend((0..34).map(|id| (3, Near, play(0, id, 100, BargeIn::Allowed))));
    story.extend((0..10).map(|_| (4, Near, dial(0, "1", 50, 50))));
    story.push((5, Near, Command::StopPlay(PortId(0))));
    let stopped: Vec<String> = (0..32).map(|id| format!("0: play {id} Stopped")).collect();
    let mut told = vec![
        (1, Near, "0: AlreadyOpen", 0),
        (1, Near, "9: NoSuchPort", 0),
        (1, Near, "0: BridgeToItself", 0),
        (1, Near, "2: NotOpen", 0),
        (2, Near, "2: play 7 Refused", 0),
        (3, Near, "0: play 32 Refused", 0),
        (3, Near, "0: play 33 Refused", 0),
        (4, Near, "0: TooManyDigits", 0),
    ];
    let first_ms = |at| if at == 0 { 10 } else { 0 };
    told.extend(stopped.iter().enumerate().map(|(at, what)| (5, Near, what.as_str(), first_ms(at))));
    check(story, 10, &told);
}

#[test]
fn closing_a_port_ends_all_it_did_and_reopened_it_starts_clean() {
    let mut story = opened(2);
    story.push((0, Near, detect(0, DtmfDetection::On)));
    story.push((0, Near, Command::StartRecord { port: PortId(0), recording: RecordSlot(2) }));
    story.push((0, Near, Command::Bridge(PortId(0), PortId(1))));
    story.push((0, Near, Command::Tone { port: PortId(0), tone: ToneSpec::single(450.0, Dbm0(-10.0)) }));
    story.push((0, Near, play(0, 1, 1000, BargeIn::Refused)));
    story.push((0, Far, dial(0, "1", 100, 100)));
    story.extend([(8, Near, Command::Close(PortId(0))), (9, Near, Command::Open(PortId(0)))]);
    story.push((30, Far, dial(0, "2", 100, 100)));
    check(
        story,
        100,
        &[
            (1, Near, "0: 1 early", 0),
            (4, Near, "0: 1", 0),
            (8, Near, "recording 2 stopped", 0),
            (8, Near, "0: play 1 Closed", 80),
            (8, Near, "0: tone done", 0),
            (19, Far, "0: digits sent", 0),
            (49, Far, "0: digits sent", 0),
        ],
    );
}

#[test]
fn a_busy_tone_is_heard_burst_by_burst() {
    let mut story = opened(1);
    story.push((0, Far, Command::ListenProgress { port: PortId(0), on: Listening::On }));
    let (cadence, length) = (Cadence::new(&[(350, 350)]), Length::Ms(1400));
    let tone = ToneSpec { cadence, length, ..ToneSpec::single(450.0, Dbm0(-10.0)) };
    story.push((49, Near, Command::Tone { port: PortId(0), tone }));
    let (began, lasts, ended) = ("0: tone [450, 0]", "0: tone [450, 0] lasts", "0: tone [450, 0] ended");
    check(
        story,
        250,
        &[
            (19, Far, "0: silence", 200),
            (55, Far, began, 0),
            (69, Far, lasts, 200),
            (86, Far, ended, 350),
            (106, Far, "0: silence", 200),
            (125, Far, began, 0),
            (139, Far, lasts, 200),
            (156, Far, ended, 350),
            (176, Far, "0: silence", 200),
            (188, Near, "0: tone done", 0),
        ],
    );
}

#[test]
fn a_compelled_cycle_is_heard_signal_by_signal() {
    let send = |signal| Command::SendMf { port: PortId(0), signal };
    let mut story = opened(1);
    story.push((0, Near, Command::ListenMf { port: PortId(0), register: Some(Register::Backward) }));
    story.push((0, Far, Command::ListenMf { port: PortId(0), register: Some(Register::Forward) }));
    // The outgoing side sends 5; heard, it is answered; the answer heard, 5 ends; its end heard, the answer ends.
    story.push((10, Near, send(Some((Register::Forward, 5)))));
    story.push((20, Far, send(Some((Register::Backward, 1)))));
    story.push((30, Near, send(None)));
    story.push((40, Far, send(None)));
    story.push((50, Near, send(Some((Register::Forward, 16)))));
    story.push((55, Near, play(0, 1, 10, BargeIn::Allowed)));
    // One signal may follow another without a pause, and once more the same changes nothing.
    story.extend([60, 65].map(|tick| (tick, Near, send(Some((Register::Forward, 7))))));
    story.push((70, Near, send(Some((Register::Forward, 8)))));
    story.push((80, Near, Command::Close(PortId(0))));
    check(
        story,
        100,
        &[
            (12, Far, "0: signal 5", 0),
            (22, Near, "0: signal 1", 0),
            (32, Far, "0: signal 5 ended", 0),
            (42, Near, "0: signal 1 ended", 0),
            (50, Near, "0: NoSuchSignal", 0),
            (55, Near, "0: play 1 Completed", 10),
            (62, Far, "0: signal 7", 0),
            (72, Far, "0: signal 7 ended", 0),
            (73, Far, "0: signal 8", 0),
            (82, Far, "0: signal 8 ended", 0),
        ],
    );
}

#[test]
fn caller_id_by_fsk_is_read_octet_by_octet_whichever_way_it_is_modulated() {
    for (modulation, seizure_bits, mark_bits) in [(Modulation::Bell202, 300, 180), (Modulation::V23, 0, 480)] {
        let octets = Octets::from_slice(b"\x04\x0333\xAA\x5F").unwrap();
        let send = |port| {
            let octets = octets.clone();
            Command::SendFsk { port: PortId(port), modulation, seizure_bits, mark_bits, octets }
        };
        let mut story = opened(1);
        story.push((0, Far, Command::ListenFsk { port: PortId(0), on: Listening::On }));
        story.extend([(10, Near, send(0)), (20, Near, send(0)), (21, Near, send(9))]);
        let carrier = 13 + u64::from(seizure_bits) / 12;
        let mut told = vec![
            (carrier, Far, "0: Carrier", 0),
            (20, Near, "0: SendsFsk", 0),
            (21, Near, "9: NoSuchPort", 0),
            (51, Far, "0: octet 04", 0),
            (52, Far, "0: octet 03", 0),
            (53, Far, "0: octet 33", 0),
            (54, Far, "0: octet 33", 0),
            (55, Near, "0: FSK sent", 0),
            (55, Far, "0: octet aa", 0),
            (56, Far, "0: octet 5f", 0),
            (58, Far, "0: Lost", 0),
        ];
        told.sort_by_key(|&(tick, ..)| tick);
        check(story, 100, &told);
    }
}

#[test]
fn fsk_that_is_stopped_is_lost_and_on_a_closed_port_nothing_is_heard() {
    let send = |tick, octets: &[u8]| {
        let octets = Octets::from_slice(octets).unwrap();
        let modulation = Modulation::V23;
        (tick, Near, Command::SendFsk { port: PortId(0), modulation, seizure_bits: 0, mark_bits: 80, octets })
    };
    let listen = |on| Command::ListenFsk { port: PortId(0), on };
    let mut story = opened(1);
    story.push((0, Far, listen(Listening::On)));
    story.extend([send(10, &[0x41; 20]), (19, Near, Command::StopFsk(PortId(0)))]);
    story.extend([send(30, b"B"), (33, Far, listen(Listening::Off))]);
    story.extend([(45, Far, listen(Listening::On)), (45, Far, Command::Close(PortId(0))), send(50, b"C")]);
    story.push((52, Near, Command::StopFsk(PortId(0))));
    check(
        story,
        80,
        &[
            (13, Far, "0: Carrier", 0),
            (18, Far, "0: octet 41", 0),
            (19, Near, "0: FSK sent", 0),
            (19, Far, "0: octet 41", 0),
            (21, Far, "0: Lost", 0),
            (37, Near, "0: FSK sent", 0),
            (52, Near, "0: FSK sent", 0),
        ],
    );
}

#[test]
fn a_fax_machine_calls_and_one_answers() {
    let send = |signal| Command::SendFaxTone { port: PortId(0), signal };
    let listen = |on| Command::ListenFax { port: PortId(0), on };
    let mut story = opened(1);
    story.extend([(0, Near, listen(Listening::On)), (0, Far, listen(Listening::On))]);
    story.push((10, Far, send(Some(FaxSignal::Cng))));
    story.push((430, Far, send(None)));
    story.push((500, Near, send(Some(FaxSignal::Ced))));
    story.push((800, Near, send(Some(FaxSignal::Flags))));
    story.push((1000, Near, send(Some(FaxSignal::AnsAmReversed))));
    story.push((1150, Near, send(Some(FaxSignal::Cng))));
    story.push((1160, Near, Command::Close(PortId(0))));
    check(
        story,
        1200,
        &[
            (71, Near, "0: CngHeard", 0),
            (421, Near, "0: CngConfirmed", 0),
            (430, Far, "0: fax tone sent", 0),
            (570, Far, "0: AnswerBegan(Ced)", 0),
            (799, Near, "0: fax tone sent", 0),
            (802, Far, "0: Ced ended, 0 reversals", 3000),
            (815, Far, "0: Flags", 0),
            (901, Near, "0: fax tone sent", 0),
            (1070, Far, "0: AnswerBegan(AnsAm)", 0),
            (1070, Far, "0: PhaseReversed", 0),
            (1091, Far, "0: PhaseReversed", 0),
            (1136, Far, "0: PhaseReversed", 0),
            (1150, Near, "0: fax tone sent", 0),
            (1152, Far, "0: AnsAm ended, 3 reversals", 1500),
            (1160, Near, "0: fax tone sent", 0),
        ],
    );
}

#[test]
fn random_stories_are_told_alike() {
    let mut random = Random(3);
    for walk in 0..25 {
        let mut commands = opened(3);
        commands.extend((0..3).flat_map(|port| [Near, Far].map(|side| (0, side, detect(port, DtmfDetection::On)))));
        let mut tick = 0;
        for id in 0..30 {
            tick += random.below(60);
            commands.push((tick, if random.below(2) == 0 { Near } else { Far }, random.spoken_or_dialled(id)));
        }
        let story = Story { commands, ticks: tick + 500 };
        let samples = Joined::<Engine>::new().play(&story);
        let symbols = Joined::<SymbolicEngine>::new().play(&story);
        assert!(samples.len() > 30, "walk {walk}: {} events", samples.len());
        // Within a tick, two ports may change places.
        for side in [Near, Far] {
            for port in ["0:", "1:", "2:"] {
                let of = |told: &[Told]| -> Vec<Told> {
                    told.iter().filter(|told| told.side == side && told.what.starts_with(port)).cloned().collect()
                };
                let symbols = of(&symbols);
                let expected: Vec<_> =
                    symbols.iter().map(|told| (told.tick, told.side, told.what.as_str(), told.ms)).collect();
                compare(&format!("walk {walk}"), &of(&samples), &expected);
            }
        }
    }
}

#[test]
fn a_jump_over_what_does_not_change_changes_nothing() {
    let mut random = Random(7);
    let (mut all, mut run) = (0, 0);
    for walk in 0..60 {
        let mut story = opened(3);
        let mut tick = 0;
        for id in 0..40 {
            tick += random.below(60);
            story.push((tick, if random.below(2) == 0 { Near } else { Far }, random.command(id)));
        }
        let story = Story { commands: story, ticks: tick + 2000 };
        let (told, ticks) = Joined::<SymbolicEngine>::new().play_in_jumps(&story);
        assert_eq!(told, Joined::<SymbolicEngine>::new().play(&story), "walk {walk}");
        all += story.ticks;
        run += ticks;
    }
    assert!(run < all / 3, "{run} of {all} ticks were run");
}

#[test]
fn a_recording_that_was_jumped_over_is_as_long() {
    let mut joined = Joined::<SymbolicEngine>::new();
    let engine = &mut joined.engines[0];
    let mut taken = joined::Taken::default();
    let start = Command::StartRecord { port: PortId(0), recording: RecordSlot(1) };
    for command in [Command::Open(PortId(0)), start] {
        engine.handle(command, &mut taken);
    }
    assert_eq!(engine.next_change(), Some(0), "what a command does shows in the next tick");
    engine.tick(&[], &mut [], &mut taken);
    assert_eq!(engine.next_change(), None);
    engine.skip(8_640_000);
    engine.handle(Command::StopRecord(RecordSlot(1)), &mut taken);
    assert_eq!(engine.recorded_ticks(RecordSlot(1)), 8_640_001);
}

/// Commands at random.
trait Orders {
    fn spoken_or_dialled(&mut self, id: u32) -> Command;
    fn command(&mut self, id: u32) -> Command;
}

impl Orders for Random {
    /// What reaches the other side alone, and is long enough to be sure of.
    fn spoken_or_dialled(&mut self, id: u32) -> Command {
        let port = self.below(3) as u16;
        match self.below(4) {
            0 => play(port, id, 10 + self.below(1500) as usize, BargeIn::Allowed),
            1 => play(port, id, 10 + self.below(1500) as usize, BargeIn::Refused),
            2 => dial(port, "77#", 60 + self.below(100) as u16, 60 + self.below(100) as u16),
            _ => Command::StopPlay(PortId(port)),
        }
    }

    fn command(&mut self, id: u32) -> Command {
        let port = self.below(3) as u16;
        let on_off = |is_on| if is_on { Muting::On } else { Muting::Off };
        let some_ms = 1 + self.below(900);
        match self.below(30) {
            0 => play(port, id, some_ms as usize, BargeIn::Allowed),
            1 => play(port, id, some_ms as usize, BargeIn::Refused),
            2 => Command::StopPlay(PortId(port)),
            3 => {
                let cadence = Cadence::new(&[(some_ms as u16, 215), (0, 7)]);
                let length = if some_ms > 400 { Length::Endless } else { Length::Ms(3 * some_ms as u32) };
                let tone = ToneSpec { cadence, length, ..ToneSpec::single(450.0, Dbm0(-10.0)) };
                Command::Tone { port: PortId(port), tone }
            }
            4 => Command::StopTone(PortId(port)),
            5 | 6 => dial(port, "159*", 20 + (some_ms / 4) as u16, 35),
            7 => detect(port, DtmfDetection::On),
            8 => Command::Bridge(PortId(port), PortId((port + 1) % 3)),
            9 => Command::Unbridge(PortId(port)),
            10 => {
                let direction = if some_ms < 450 { Direction::Sent } else { Direction::Received };
                Command::Mute { port: PortId(port), direction, on: on_off(self.below(3) == 0) }
            }
            11 => {
                let signal = (some_ms < 450).then_some((Register::Forward, 1 + (some_ms % 15) as u8));
                Command::SendMf { port: PortId(port), signal }
            }
            12 => Command::ListenMf { port: PortId(port), register: Some(Register::Forward) },
            13 => {
                let octets = [id as u8; 5].into_iter().collect();
                let (modulation, mark_bits) = (Modulation::Bell202, some_ms as u16);
                Command::SendFsk { port: PortId(port), modulation, seizure_bits: 30, mark_bits, octets }
            }
            14 => Command::ListenFsk { port: PortId(port), on: Listening::On },
            15 => Command::StopFsk(PortId(port)),
            16 => Command::ListenProgress { port: PortId(port), on: Listening::On },
            17 | 18 => Command::Join { conference: ConferenceId(0), port: PortId(port) },
            19 => Command::Leave(PortId(port)),
            20 | 21 => {
                let ways = [Supervision::Listen, Supervision::Whisper, Supervision::Barge];
                let way = ways[some_ms as usize % 3];
                Command::Supervise { port: PortId(port), supervised: PortId((port + 1) % 3), way }
            }
            22 => Command::Hold { port: PortId(port), music: (some_ms < 700).then(|| joined::hum(some_ms as usize)) },
            23 => Command::Retrieve(PortId(port)),
            24 => {
                let repeat = if some_ms < 200 { Repeat::Endless } else { Repeat::Times(3) };
                let clip = joined::marked(some_ms as usize, &[0, 800, 801, 4000]);
                let barge_in = BargeIn::Allowed;
                Command::PlayRepeated { port: PortId(port), play: PlayId(id), clip, barge_in, repeat }
            }
            25 => Command::PausePlay { port: PortId(port), on: if some_ms < 300 { Pausing::On } else { Pausing::Off } },
            26 if some_ms < 300 => {
                Command::StartTap { source: Source::Conference(ConferenceId(0)), recording: RecordSlot(port) }
            }
            26 => {
                Command::ClampPassed { port: PortId(port), clamp: if some_ms < 700 { Clamp::On } else { Clamp::Off } }
            }
            _ => Command::StartRecord { port: PortId(port), recording: RecordSlot(port) },
        }
    }
}
