//! A bad line on order, between two ends in memory.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
use dsp_g711::{alaw_decode, alaw_encode};
use lab::faults::{BOUNCE, Echo, FaultHandle, Faults, FaultyAudio, FaultyLink, Flap, LineFaults, Slip, faulty};
use lab::{LabAudio, LabLink, memory_pair};
use ports::span::{Abcd, Alarms, BLOCK, BlockSource, DataLink, Frame, SILENCE, SpanAudio, SpanBlock, SpanEvent};
use std::time::Duration;

const CLEAR: Alarms = Alarms { loss: false, remote: false, indication: false };
const LOSS: Alarms = Alarms { loss: true, remote: false, indication: false };

/// A faulty end, and the good end that it is joined to.
struct Line {
    audio: FaultyAudio<LabAudio>,
    link: FaultyLink<LabLink>,
    handle: FaultHandle,
    far_audio: LabAudio,
    far: LabLink,
}

fn line(faults: Faults) -> Line {
    let (near, far) = memory_pair();
    let ((audio, link), (far_audio, mut far)) = (near.into_halves(), far.into_halves());
    let (audio, mut link, handle) = faulty(audio, link, faults, 7);
    assert_eq!(link.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
    assert_eq!(far.poll_event(), Some(SpanEvent::Alarms(CLEAR)));
    Line { audio, link, handle, far_audio, far }
}

fn receiving(receive: LineFaults) -> Line {
    line(Faults { receive, ..Faults::default() })
}

impl Line {
    fn frames(&mut self, count: u16) -> Vec<SpanEvent> {
        let mut heard = Vec::new();
        for number in 0..count {
            self.far.send(&frame_of(number)).unwrap();
            heard.extend(events(&mut self.link));
        }
        heard
    }

    /// What comes out of blocks that the far end sends one after the other.
    fn hear(&mut self, blocks: &[SpanBlock]) -> Vec<(BlockSource, SpanBlock)> {
        let mut heard = Vec::new();
        for block in blocks {
            self.far_audio.write(block).unwrap();
            let mut block = SpanBlock::silent();
            let source = self.audio.read(&mut block).unwrap();
            heard.push((source, block));
        }
        heard
    }
}

fn frame_of(number: u16) -> [u8; 4] {
    let [high, low] = number.to_be_bytes();
    [2, 1, high, low]
}

fn events(link: &mut impl DataLink) -> Vec<SpanEvent> {
    std::iter::from_fn(|| link.poll_event()).collect()
}

fn cas(timeslot: u8, bits: u8) -> SpanEvent {
    SpanEvent::Cas { timeslot, bits: Abcd::new(bits) }
}

/// Blocks whose samples of timeslot 1 count.
fn counting(blocks: usize) -> Vec<SpanBlock> {
    let block = |number: usize| {
        let mut block = SpanBlock::silent();
        block.slot[1] = std::array::from_fn(|at| (number * BLOCK + at) as u8);
        block
    };
    (0..blocks).map(block).collect()
}

fn samples(heard: &[(BlockSource, SpanBlock)], timeslot: usize) -> Vec<u8> {
    heard.iter().flat_map(|(_, block)| block.slot[timeslot]).collect()
}

/// Mean power of a timeslot's samples, in dB over a full-scale sine.
fn level_db(octets: &[u8]) -> f64 {
    let power: f64 =
        octets.iter().map(|&octet| f64::from(alaw_decode(octet)).powi(2)).sum::<f64>() / octets.len() as f64;
    10.0 * (power / (32_256.0_f64.powi(2) / 2.0)).log10()
}

#[test]
fn a_line_without_faults_changes_nothing() {
    let mut line = line(Faults::default());
    line.far.set_cas(9, Abcd::new(9));
    assert_eq!(events(&mut line.link), [cas(9, 9)]);
    let frames: Vec<_> =
        (0..50).map(|number| SpanEvent::Frame(Frame::from_slice(&frame_of(number)).unwrap())).collect();
    assert_eq!(line.frames(50), frames);
    let sent = counting(20);
    let heard = samples(&line.hear(&sent), 1);
    assert_eq!(heard[BLOCK..], sent.iter().flat_map(|block| block.slot[1]).collect::<Vec<_>>()[..19 * BLOCK]);
    line.audio.write(&sent[3]).unwrap();
    line.link.send(b"frame").unwrap();
    line.link.set_cas(1, Abcd::new(5));
    let mut block = SpanBlock::silent();
    (0..2).for_each(|_| assert_eq!(line.far_audio.read(&mut block), Ok(BlockSource::Line)));
    assert_eq!(block.slot, sent[3].slot);
    assert_eq!(events(&mut line.far), [SpanEvent::Frame(Frame::from_slice(b"frame").unwrap()), cas(1, 5)]);
    assert_eq!(line.handle.counts(), Default::default());
}

#[test]
fn frames_are_lost_spoilt_altered_and_doubled_as_often_as_ordered_and_the_same_for_a_seed() {
    let faults = LineFaults { frames_lost: 100, frames_spoilt: 100, frames_doubled: 100, ..LineFaults::default() };
    let heard = receiving(faults).frames(1000);
    let mut again = receiving(faults);
    assert_eq!(again.frames(1000), heard);
    let counts = again.handle.counts();
    let bad = heard.iter().filter(|event| **event == SpanEvent::BadFrame).count() as u64;
    assert_eq!(heard.len() as u64, 1000 - counts.frames_lost + counts.frames_doubled);
    assert_eq!(bad, counts.frames_spoilt);
    for hits in [counts.frames_lost, counts.frames_spoilt, counts.frames_doubled] {
        assert!((60..=140).contains(&hits), "{counts:?}");
    }
    let altered = receiving(LineFaults { frames_altered: 1000, ..LineFaults::default() }).frames(40);
    for (number, event) in altered.iter().enumerate() {
        let SpanEvent::Frame(frame) = event else { panic!("{event:?}") };
        let turned: u32 = frame.iter().zip(frame_of(number as u16)).map(|(a, b)| (a ^ b).count_ones()).sum();
        assert_eq!(turned, 1);
    }
}

#[test]
fn bits_are_turned_as_often_as_ordered_in_audio_and_in_frames_of_any_length() {
    let mut line = receiving(LineFaults { bits_turned: 1000, ..LineFaults::default() });
    let heard = line.hear(&vec![SpanBlock::silent(); 200]);
    let turned =
        |timeslot: usize| -> u32 { samples(&heard, timeslot).iter().map(|octet| (octet ^ SILENCE).count_ones()).sum() };
    let all: u32 = (1..=15).chain(17..=31).map(turned).sum();
    // 30 channels, 200 blocks of 640 bits, one in a thousand.
    assert!((3600..=4080).contains(&all), "{all}");
    assert_eq!((u64::from(all), turned(0), turned(16)), (line.handle.counts().bits_turned, 0, 0));
    for (octets, expected) in [(4, 47), (260, 876)] {
        let spoilt_before = line.handle.counts().frames_spoilt;
        let frame = vec![2; octets];
        (0..1000).for_each(|_| {
            line.far.send(&frame).unwrap();
            assert_eq!(events(&mut line.link).len(), 1);
        });
        let spoilt = line.handle.counts().frames_spoilt - spoilt_before;
        assert!(spoilt.abs_diff(expected) < 30, "{spoilt} of 1000 frames of {octets} octets");
    }
}

#[test]
fn frames_to_the_line_suffer_too() {
    let send = LineFaults { frames_lost: 500, ..LineFaults::default() };
    let mut line = line(Faults { send, ..Faults::default() });
    let mut came = 0;
    for number in 0..200 {
        line.link.send(&frame_of(number)).unwrap();
        came += events(&mut line.far).len() as u64;
    }
    assert_eq!(came + line.handle.counts().frames_lost, 200);
    assert!((70..=130).contains(&came), "{came} of 200");
    // The other direction is good.
    assert_eq!(line.frames(50).len(), 50);
}

#[test]
fn a_d_channel_that_flaps_is_up_and_down_by_turns() {
    let (up, down) = (Duration::from_millis(30), Duration::from_millis(10));
    let mut line = receiving(LineFaults { d_channel: Flap::Turns { up, down }, ..LineFaults::default() });
    let came: Vec<usize> = (0..80)
        .map(|_| {
            let came = line.frames(1).len();
            line.handle.advance(Duration::from_millis(1));
            came
        })
        .collect();
    let expected: Vec<usize> = (0..80).map(|ms| usize::from(ms % 40 < 30)).collect();
    assert_eq!(came, expected);
    line.handle.change(|faults| faults.receive.d_channel = Flap::Up);
    assert_eq!(line.frames(10).len(), 10);
}

#[test]
fn bits_come_late_and_stay_in_order_when_the_delay_is_taken_back() {
    let mut line = receiving(LineFaults { cas_delay: Duration::from_millis(30), ..LineFaults::default() });
    line.far.set_cas(1, Abcd::new(9));
    assert_eq!(events(&mut line.link), []);
    line.handle.advance(Duration::from_millis(29));
    assert_eq!(events(&mut line.link), []);
    line.handle.advance(Duration::from_millis(1));
    assert_eq!(events(&mut line.link), [cas(1, 9)]);
    line.far.set_cas(1, Abcd::new(1));
    assert_eq!(events(&mut line.link), []);
    line.handle.set(Faults::default());
    line.far.set_cas(1, Abcd::new(5));
    line.far.set_cas(2, Abcd::new(2));
    assert_eq!(events(&mut line.link), [cas(2, 2)]);
    // A block is 10 ms.
    line.hear(&counting(3));
    assert_eq!(events(&mut line.link), [cas(1, 1), cas(1, 5)]);
}

#[test]
fn bits_that_bounce_are_taken_back_for_a_while_in_either_direction() {
    let bounced = LineFaults { cas_bounced: 1000, ..LineFaults::default() };
    let mut line = line(Faults::both(bounced));
    line.far.set_cas(1, Abcd::new(9));
    line.link.set_cas(1, Abcd::new(9));
    assert_eq!((events(&mut line.link), events(&mut line.far)), (vec![cas(1, 9)], vec![cas(1, 9)]));
    line.far.set_cas(1, Abcd::new(1));
    line.link.set_cas(1, Abcd::new(1));
    for expected in [cas(1, 1), cas(1, 9), cas(1, 1)] {
        assert_eq!((events(&mut line.link), events(&mut line.far)), (vec![expected.clone()], vec![expected]));
        line.handle.advance(BOUNCE - Duration::from_micros(1));
        assert_eq!((events(&mut line.link), events(&mut line.far)), (vec![], vec![]));
        line.handle.advance(Duration::from_micros(1));
    }
    assert_eq!(line.handle.counts().cas_bounced, 2);
}

#[test]
fn bits_that_are_stuck_are_what_they_were_until_they_are_free() {
    let mut line = line(Faults::default());
    line.far.set_cas(3, Abcd::new(9));
    line.link.set_cas(3, Abcd::new(9));
    assert_eq!((events(&mut line.link).len(), events(&mut line.far).len()), (1, 1));
    line.handle.set(Faults::both(LineFaults { cas_stuck: 1 << 3, ..LineFaults::default() }));
    for (timeslot, bits) in [(3, 1), (4, 1)] {
        line.far.set_cas(timeslot, Abcd::new(bits));
        line.link.set_cas(timeslot, Abcd::new(bits));
    }
    assert_eq!((events(&mut line.link), events(&mut line.far)), (vec![cas(4, 1)], vec![cas(4, 1)]));
    line.handle.set(Faults::default());
    assert_eq!(events(&mut line.link), [cas(3, 1)]);
    assert_eq!(events(&mut line.far), [cas(3, 1)]);
}

#[test]
fn a_loss_on_order_takes_everything_away_and_its_end_tells_all_bits() {
    let mut line = line(Faults::default());
    line.far.set_cas(1, Abcd::new(9));
    line.far.set_cas(2, Abcd::new(9));
    assert_eq!(events(&mut line.link), [cas(1, 9), cas(2, 9)]);
    line.handle.change(|faults| faults.alarms.loss = true);
    assert_eq!(events(&mut line.link), [SpanEvent::Alarms(LOSS)]);
    line.far.set_cas(2, Abcd::new(1));
    assert_eq!(line.frames(5), []);
    assert!(
        line.hear(&counting(3))
            .iter()
            .all(|(source, block)| { *source == BlockSource::Missing && block.slot[1] == [SILENCE; BLOCK] })
    );
    line.handle.set(Faults::default());
    assert_eq!(events(&mut line.link), [SpanEvent::Alarms(CLEAR), cas(1, 9), cas(2, 1)]);
}

#[test]
fn noise_has_its_level_and_silence_is_silent() {
    for level in [-50, -30, -10] {
        let noise_dbm0 = Some(level);
        let mut line = receiving(LineFaults { noise_dbm0, silent: 1 << 5, ..LineFaults::default() });
        let heard = line.hear(&vec![SpanBlock::silent(); 200]);
        let measured = level_db(&samples(&heard, 17)) + f64::from(base::Dbm0::ALAW_FULL_SCALE.0);
        assert!((measured - f64::from(level)).abs() < 0.5, "{measured} dBm0 for {level}");
        assert!(samples(&heard, 5).iter().all(|&octet| octet == SILENCE));
        assert!(samples(&heard, 16).iter().all(|&octet| octet == SILENCE), "a D-channel has no noise");
    }
}

#[test]
fn an_echo_comes_back_late_and_weaker() {
    let echo = Some(Echo { delay_samples: 100, loss_db: 12 });
    let mut line = receiving(LineFaults { echo, ..LineFaults::default() });
    let (mut click, quiet) = (SpanBlock::silent(), SpanBlock::silent());
    click.slot[2][7] = alaw_encode(16_000);
    let mut heard = Vec::new();
    for tick in 0..6 {
        heard.extend(line.hear(&[SpanBlock::silent()]));
        line.audio.write(if tick == 0 { &click } else { &quiet }).unwrap();
    }
    let loud: Vec<(usize, i16)> = samples(&heard, 2)
        .iter()
        .map(|&octet| alaw_decode(octet))
        .enumerate()
        .filter(|(_, sample)| sample.abs() > 100)
        .collect();
    // Written after the first block was read: a block later, and the delay.
    let &[(at, sample)] = loud.as_slice() else { panic!("{loud:?}") };
    assert_eq!(at, BLOCK + 7 + 100);
    assert!((3900..=4100).contains(&sample), "a quarter of 16,000: {sample}");
}

#[test]
fn slips_leave_out_or_repeat_one_sample_every_so_often_and_are_told() {
    for (slip, step) in [(Slip::Omit(Duration::from_millis(50)), 2), (Slip::Repeat(Duration::from_millis(50)), 0)] {
        let mut line = receiving(LineFaults { slip, ..LineFaults::default() });
        let heard = samples(&line.hear(&counting(60)), 1);
        let steps: Vec<u8> = heard[2 * BLOCK..].windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        let slips = steps.iter().filter(|&&of| of == step).count();
        let strange = steps.iter().filter(|&&of| of != step && of != 1).count();
        // The first slip of an omitting line also takes up the block that it needs to go on.
        assert!((10..=12).contains(&slips) && strange <= 1, "{slip:?}: {slips} slips, {strange} strange");
        let told: i32 = events(&mut line.link)
            .iter()
            .map(|event| if let SpanEvent::Slip(samples) = event { *samples } else { 0 })
            .sum();
        assert_eq!((told, line.handle.counts().slips), (if step == 2 { -12 } else { 12 }, 12));
    }
}

#[test]
fn blocks_that_are_lost_are_missing() {
    let mut line = receiving(LineFaults { blocks_lost: 200, ..LineFaults::default() });
    let heard = line.hear(&counting(500));
    let missing = heard.iter().filter(|(source, _)| *source == BlockSource::Missing).count() as u64;
    assert_eq!(missing, line.handle.counts().blocks_lost);
    assert!((60..=140).contains(&missing), "{missing} of 500");
}
