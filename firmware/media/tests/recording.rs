//! Recordings: what is in them, and above all what is not.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod rig;

use media::{BLOCK, BargeIn, Clamp, Clip, Command, Direction, Event, Mask, Muting, PortId, RecordSlot};
use rig::{Rig, digits_in, is_silent, keyed, loudness, sine};

/// Blocks that the recording runs behind.
const DELAY: usize = 6;

#[test]
fn received_and_sent_are_two_channels_that_come_60_ms_later_whole() {
    let mut rig = Rig::new(1);
    let (caller, prompt) = (sine(300.0, 8000.0, 4000), sine(1500.0, 8000.0, 4000));
    rig.line(0, caller.clone());
    rig.play(0, 1, Clip::from_pcm(&prompt), BargeIn::Allowed);
    rig.record(0, 0);
    rig.ticks(DELAY);
    assert!(rig.taken.recorded.is_empty());
    rig.ticks(50 - DELAY);
    assert_eq!(rig.taken.recorded.len(), 50 - DELAY);
    assert_eq!(rig.taken.recorded[0].0, DELAY, "the first block comes in the seventh tick");
    rig.obey(Command::StopRecord(RecordSlot(0)));
    assert!(matches!(&rig.news()[..], [.., (_, Event::RecordStopped { recording: RecordSlot(0) })]));
    assert_eq!(rig.recording(0), (caller, prompt), "nothing is missing at the end");
    rig.obey(Command::StopRecord(RecordSlot(0)));
    assert!(rig.news().is_empty());
}

#[test]
fn both_sides_of_a_bridge_are_recorded_and_a_muted_one_is_silent() {
    let mut rig = Rig::new(2);
    let (caller, agent) = (sine(300.0, 8000.0, 4000), sine(1500.0, 8000.0, 4000));
    rig.line(0, caller.clone());
    rig.line(1, agent.clone());
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.record(0, 0);
    rig.record(1, 1);
    rig.ticks(25);
    rig.obey(Command::Mute { port: PortId(0), direction: Direction::Received, on: Muting::On });
    rig.ticks(25);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    rig.obey(Command::StopRecord(RecordSlot(1)));
    let (received, sent) = rig.recording(0);
    assert_eq!((&received[..2000], &sent[..]), (&caller[..2000], &agent[..]));
    assert!(is_silent(&received[2000..]));
    let (received, sent) = rig.recording(1);
    assert_eq!((&received[..], &sent[..2000]), (&agent[..], &caller[..2000]));
    assert!(is_silent(&sent[2000..]));
}

#[test]
fn a_mask_hides_both_channels_from_60_ms_before_it_was_asked_for() {
    let mut rig = Rig::new(1);
    rig.line(0, sine(300.0, 8000.0, 16_000));
    rig.play(0, 1, Clip::from_pcm(&sine(1500.0, 8000.0, 16_000)), BargeIn::Allowed);
    rig.record(0, 0);
    rig.ticks(50);
    rig.obey(Command::MaskRecord { port: PortId(0), mask: Mask::On });
    rig.ticks(50);
    rig.obey(Command::MaskRecord { port: PortId(0), mask: Mask::Off });
    rig.ticks(50);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    let masked: Vec<bool> = rig.taken.recorded.iter().map(|(_, block)| block.masked).collect();
    let first = masked.iter().position(|&masked| masked).unwrap();
    let last = masked.iter().rposition(|&masked| masked).unwrap();
    assert_eq!(first, 50 - DELAY);
    // It outlasts the command by the delay, so that nothing keyed just before is heard.
    assert_eq!(last, 99 + DELAY);
    assert!(masked[first..=last].iter().all(|&masked| masked));
    let (received, sent) = rig.recording(0);
    let hidden = first * BLOCK..(last + 1) * BLOCK;
    assert!(is_silent(&received[hidden.clone()]) && is_silent(&sent[hidden.clone()]));
    for channel in [&received, &sent] {
        assert!(loudness(&channel[..hidden.start]) > 5000.0 && loudness(&channel[hidden.end..]) > 5000.0);
    }
    // The caller hears the prompt all the while.
    assert!(loudness(&rig.sent[0]) > 5000.0);
}

#[test]
fn a_pin_is_in_no_recording_even_when_its_last_key_is_held_past_the_mask() {
    let mut rig = Rig::new(1);
    rig.detect(0);
    rig.record(0, 0);
    // The first key is down a little before the form asks for the mask, the last one is still down when it ends.
    rig.line(0, vec![0; 45 * BLOCK]);
    rig.key(0, "73514", 80, 80);
    rig.key(0, "6", 600, 200);
    rig.ticks(50);
    rig.obey(Command::MaskRecord { port: PortId(0), mask: Mask::On });
    rig.ticks(85);
    rig.obey(Command::MaskRecord { port: PortId(0), mask: Mask::Off });
    rig.ticks(100);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    assert_eq!(rig.digits(), "735146", "the form gets every digit");
    let (received, _) = rig.recording(0);
    assert_eq!(digits_in(&received), "");
    assert!(is_silent(&received), "not even a rest of a tone");
}

#[test]
fn a_mask_holds_for_a_recording_that_starts_under_it() {
    let mut rig = Rig::new(1);
    rig.line(0, sine(300.0, 8000.0, 8000));
    rig.obey(Command::MaskRecord { port: PortId(0), mask: Mask::On });
    rig.ticks(5);
    rig.record(0, 0);
    rig.ticks(50);
    assert!(rig.taken.recorded.iter().all(|(_, block)| block.masked));
    assert!(is_silent(&rig.recording(0).0));
}

#[test]
fn clamped_keys_are_in_neither_sides_recording_and_speech_around_them_stays() {
    let mut rig = Rig::new(2);
    rig.obey(Command::Bridge(PortId(0), PortId(1)));
    rig.obey(Command::ClampRecord { port: PortId(0), clamp: Clamp::On });
    rig.record(0, 0);
    rig.record(1, 1);
    for digit in "1234567890*#".chars() {
        rig.line(0, sine(280.0, 6000.0, 1640));
        // Every offset within a block, short and long.
        rig.key(0, &digit.to_string(), 40 + 7 * (digit as u16 % 16), 0);
    }
    rig.line(0, sine(280.0, 6000.0, 4000));
    rig.line(1, sine(500.0, 4000.0, 40_000));
    rig.ticks(450);
    for (slot, hears) in [(0, 1), (1, 0)] {
        rig.obey(Command::StopRecord(RecordSlot(slot)));
        let (received, sent) = rig.recording(slot);
        let (with_keys, other) = if slot == 0 { (received, sent) } else { (sent, received) };
        assert_eq!(digits_in(&with_keys), "", "port {hears}");
        assert!(loudness(&with_keys) > 1500.0, "speech between the keys stays");
        assert_eq!(other[..36_000], sine(500.0, 4000.0, 40_000)[..36_000], "the other side is untouched");
    }
    // The bridge itself carries them: the far end may be a machine that wants them.
    assert_eq!(digits_in(&rig.sent[1]), "1234567890*#");
    assert!(rig.news().iter().all(|(_, event)| !matches!(event, Event::Digit { .. })), "detection was off");
}

#[test]
fn digits_that_the_box_sends_are_clamped_out_too() {
    let mut rig = Rig::new(1);
    rig.obey(Command::ClampRecord { port: PortId(0), clamp: Clamp::On });
    rig.record(0, 0);
    rig.ticks(20);
    let digits = "8001".parse().unwrap();
    rig.obey(Command::SendDigits { port: PortId(0), digits, on_ms: 80, off_ms: 80 });
    rig.ticks(100);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    assert_eq!(digits_in(&rig.sent[0]), "8001");
    assert!(is_silent(&rig.recording(0).1));
}

#[test]
fn without_a_clamp_keys_are_recorded_as_they_are() {
    let mut rig = Rig::new(1);
    rig.record(0, 0);
    rig.key(0, "159#", 60, 60);
    rig.ticks(60);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    let through_alaw: Vec<i16> =
        keyed("159#", 60, 60).iter().map(|&sample| dsp_g711::alaw_decode(dsp_g711::alaw_encode(sample))).collect();
    assert_eq!(rig.recording(0).0[..through_alaw.len()], through_alaw);
}

#[test]
fn a_recorder_is_free_again_after_its_stop_and_starts_empty() {
    let mut rig = Rig::new(2);
    rig.line(0, sine(300.0, 8000.0, 800));
    rig.record(0, 0);
    rig.ticks(10);
    rig.obey(Command::StopRecord(RecordSlot(0)));
    rig.taken.recorded.clear();
    rig.record(1, 0);
    rig.ticks(20);
    assert!(is_silent(&rig.recording(0).0));
    assert_eq!(rig.taken.recorded.len(), 14);
}
