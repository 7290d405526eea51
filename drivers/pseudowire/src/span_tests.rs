use super::*;
use ports::span::{BLOCK, SILENCE};
use proptest::prelude::*;

const FORMAT: Format = Format { frames: 40, signaling: Signaling::DChannel, rtp: None };
pub(super) const CAS: Format = Format { frames: MULTIFRAME, signaling: Signaling::Cas, rtp: None };
pub(super) const HALVES: Format = Format { frames: MULTIFRAME / 2, signaling: Signaling::Cas, rtp: None };

#[derive(Default)]
pub(super) struct Taker {
    rows: Vec<crate::packet::Row>,
    pub(super) events: Vec<SpanEvent>,
}

impl Sink for Taker {
    fn rows(&mut self, rows: &Rows) {
        self.rows.extend(rows.as_slice());
    }

    fn event(&mut self, event: SpanEvent) -> bool {
        self.events.push(event);
        true
    }
}

/// Two ends and the packets between them, on a clock that is stepped.
pub(super) struct Wire {
    pub(super) now: Instant,
    pub(super) transmitter: Transmitter,
    pub(super) receiver: Receiver,
    pub(super) taker: Taker,
    pub(super) statistics: Statistics,
}

impl Wire {
    fn new() -> Self {
        Self::of(FORMAT)
    }

    pub(super) fn of(format: Format) -> Self {
        Self {
            now: Instant::ZERO,
            transmitter: Transmitter::new(format, 0xFFFE, 0),
            receiver: Receiver::new(format),
            taker: Taker::default(),
            statistics: Statistics::default(),
        }
    }

    /// A packet's time: it is carried, changed or lost as `line` likes.
    pub(super) fn step(&mut self, seen: Alarms, line: impl FnOnce(&mut [u8]) -> bool) {
        let mut buffer = [0; MAX_PACKET];
        let length = self.transmitter.packet(&mut buffer, seen);
        self.now += Duration::from_micros(125) * self.receiver.format.frames as u32;
        if line(&mut buffer[..length]) {
            self.receiver.handle(self.now, &buffer[..length], &mut self.statistics, &mut self.taker);
        }
        self.receiver.tick(self.now, &mut self.statistics, &mut self.taker);
    }

    pub(super) fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step(Alarms::default(), carries_all));
    }
}

/// A line that carries a packet as it is.
pub(super) fn carries_all(_packet: &mut [u8]) -> bool {
    true
}

/// A line that loses a packet.
pub(super) fn is_lost(_packet: &mut [u8]) -> bool {
    false
}

#[test]
fn samples_come_out_as_they_went_in_and_in_order() {
    let mut wire = Wire::new();
    let mut block = SpanBlock::silent();
    for number in 0..20_u8 {
        for (at, sample) in block.slot[31].iter_mut().enumerate() {
            *sample = number.wrapping_mul(80).wrapping_add(at as u8);
        }
        wire.transmitter.put(&block);
        wire.steps(2);
    }
    let heard: Vec<u8> = wire.taker.rows.iter().map(|row| row[31]).skip_while(|&octet| octet == SILENCE).collect();
    // The sending buffer fills with two blocks before the first goes out.
    assert!(heard.len() >= 17 * BLOCK, "{} samples", heard.len());
    let first = heard[0];
    assert!(heard.iter().enumerate().all(|(at, &octet)| octet == first.wrapping_add(at as u8)));
}

#[test]
fn frames_cross_and_one_that_a_loss_cuts_is_told() {
    let mut wire = Wire::new();
    wire.transmitter.send(&[0x00, 0x01, 0x7F]).expect("room");
    wire.steps(3);
    assert!(wire.taker.events.contains(&SpanEvent::Frame(Frame::from_slice(&[0x00, 0x01, 0x7F]).expect("short"))));
    wire.transmitter.send(&[0xAA; 200]).expect("room");
    wire.steps(2);
    wire.step(Alarms::default(), |_| false);
    wire.steps(20);
    assert!(wire.taker.events.contains(&SpanEvent::BadFrame), "{:?}", wire.taker.events);
    assert_eq!(wire.statistics.lost, 1);
    wire.transmitter.send(&[1, 2, 3]).expect("room");
    wire.steps(3);
    assert!(wire.taker.events.contains(&SpanEvent::Frame(Frame::from_slice(&[1, 2, 3]).expect("short"))));
}

#[test]
fn silence_of_the_line_is_loss_and_its_return_ends_it() {
    let mut wire = Wire::new();
    wire.steps(3);
    assert!(wire.receiver.alarms().is_clear());
    (0..19).for_each(|_| wire.step(Alarms::default(), |_| false));
    assert!(wire.receiver.alarms().is_clear(), "95 ms are no loss yet");
    wire.step(Alarms::default(), |_| false);
    assert!(wire.receiver.alarms().loss);
    wire.steps(3);
    assert!(wire.receiver.alarms().is_clear());
    let alarms = |event: &&SpanEvent| matches!(event, SpanEvent::Alarms(_));
    // In loss from the start, clear, lost, clear again.
    assert_eq!(wire.taker.events.iter().filter(alarms).count(), 4);
}

#[test]
fn the_far_end_that_does_not_hear_us_says_so() {
    let mut wire = Wire::new();
    wire.steps(3);
    wire.step(Alarms { loss: true, ..Alarms::default() }, |_| true);
    assert!(wire.receiver.alarms().remote);
    wire.steps(1);
    assert!(!wire.receiver.alarms().remote);
}

#[test]
fn a_packet_of_nonsense_is_counted_and_harms_nothing() {
    let mut wire = Wire::new();
    wire.steps(3);
    for length in 0..64 {
        wire.receiver.handle(wire.now, &vec![0xA5; length], &mut wire.statistics, &mut wire.taker);
    }
    assert_eq!(wire.statistics.malformed, 64);
    wire.steps(1);
    assert!(wire.receiver.alarms().is_clear());
    assert_eq!(wire.statistics.lost, 0);
}

/// Packets of a transmitter whose samples of slot 31 count them from 1.
fn packets(count: u8) -> Vec<Vec<u8>> {
    let mut transmitter = Transmitter::new(FORMAT, 0xFFF8, 0);
    let next = |number| {
        let mut rows = Rows::silent(FORMAT.frames);
        rows.as_mut_slice().iter_mut().for_each(|row| row[31] = number);
        transmitter.elastic = Elastic::new(Depth { start: 40, low: 0, high: 640, limit: 640 });
        transmitter.elastic.put(rows.as_slice().iter().copied());
        let mut buffer = [0; MAX_PACKET];
        let length = transmitter.packet(&mut buffer, Alarms::default());
        buffer[..length].to_vec()
    };
    (1..=count).map(next).collect()
}

/// The numbers of the packets whose rows came out; 0 is a gap.
fn heard(rows: &[crate::packet::Row]) -> Vec<u8> {
    rows.chunks(FORMAT.frames).map(|rows| if rows[0][31] == SILENCE { 0 } else { rows[0][31] }).collect()
}

/// The packets of these numbers come, 5 ms apart.
#[track_caller]
fn check(order: &[u8], expected: &[u8], counts: impl Fn(&Statistics) -> [u64; 4], expected_counts: [u64; 4]) {
    let (mut wire, packets) = (Wire::new(), packets(20));
    for number in order {
        wire.now += Duration::from_millis(5);
        let packet = &packets[usize::from(*number) - 1];
        wire.receiver.handle(wire.now, packet, &mut wire.statistics, &mut wire.taker);
        wire.receiver.tick(wire.now, &mut wire.statistics, &mut wire.taker);
    }
    assert_eq!((heard(&wire.taker.rows).as_slice(), counts(&wire.statistics)), (expected, expected_counts));
}

#[test]
fn packets_overtaken_doubled_lost_and_late_are_put_right_and_counted() {
    let counts = |s: &Statistics| [s.packets_in, s.lost, s.duplicates, s.late];
    check(&[1, 2, 3, 4], &[1, 2, 3, 4], counts, [4, 0, 0, 0]);
    let reordered = |s: &Statistics| [s.packets_in, s.reordered, 0, 0];
    check(&[1, 3, 2, 4], &[1, 2, 3, 4], reordered, [4, 1, 0, 0]);
    check(&[1, 3, 2, 4], &[1, 2, 3, 4], counts, [4, 0, 0, 0]);
    check(&[1, 2, 2, 3], &[1, 2, 3], counts, [3, 0, 1, 0]);
    check(&[1, 2, 4, 5, 6], &[1, 2, 0, 4, 5, 6], counts, [5, 1, 0, 0]);
    check(&[1, 2, 4, 5, 6, 3], &[1, 2, 0, 4, 5, 6], counts, [5, 1, 0, 1]);
    // Over the wrap of the sequence, which the eighth packet makes.
    check(&[7, 9, 8, 10], &[7, 8, 9, 10], counts, [4, 0, 0, 0]);
}

#[test]
fn seconds_with_errors_are_counted_once_each() {
    let mut wire = Wire::new();
    wire.steps(200);
    assert_eq!(wire.statistics.errored_seconds, 0, "what was before the first packet is no error");
    // Two packets lost in the second second, one without data in the fourth.
    wire.step(Alarms::default(), is_lost);
    wire.steps(20);
    wire.step(Alarms::default(), is_lost);
    wire.steps(378);
    assert_eq!((wire.now.as_millis(), wire.statistics.errored_seconds), (3000, 1));
    wire.transmitter.set_circuit(Defects { local: true, ..Defects::default() });
    wire.steps(1);
    wire.transmitter.set_circuit(Defects::default());
    wire.steps(199);
    assert_eq!(wire.statistics.errored_seconds, 2);
    // Loss over three borders of seconds.
    (0..600).for_each(|_| wire.step(Alarms::default(), is_lost));
    assert_eq!((wire.statistics.errored_seconds, wire.statistics.losses), (6, 1));
}

#[test]
fn a_far_circuit_that_is_down_is_an_alarm_indication_and_silence() {
    let mut wire = Wire::new();
    wire.steps(3);
    let before = wire.taker.rows.len();
    let down = |packet: &mut [u8]| {
        packet[0] |= 8;
        true
    };
    wire.step(Alarms::default(), down);
    assert!(wire.receiver.alarms().indication && !wire.receiver.alarms().loss);
    assert!(wire.taker.rows[before..].iter().all(|row| row[31] == SILENCE));
    assert_eq!((wire.taker.rows.len() - before, wire.statistics.invalid), (FORMAT.frames, 1));
    wire.steps(1);
    assert!(wire.receiver.alarms().is_clear());
    wire.step(Alarms::default(), |packet| {
        packet[0] |= 2;
        true
    });
    assert!(wire.receiver.alarms().remote, "M tells of an alarm beyond the far end");
}

#[test]
fn alarms_that_signaling_had_no_room_for_are_told_later() {
    #[derive(Default)]
    struct Full(Vec<SpanEvent>, bool);
    impl Sink for Full {
        fn rows(&mut self, _rows: &Rows) {}
        fn event(&mut self, event: SpanEvent) -> bool {
            if !self.1 {
                self.0.push(event);
            }
            !self.1
        }
    }
    let (mut receiver, mut sink) = (Receiver::new(FORMAT), Full(Vec::new(), true));
    receiver.tick(Instant::ZERO, &mut Statistics::default(), &mut sink);
    sink.1 = false;
    receiver.tick(Instant::ZERO, &mut Statistics::default(), &mut sink);
    receiver.tick(Instant::ZERO, &mut Statistics::default(), &mut sink);
    assert_eq!(sink.0, [SpanEvent::Alarms(Alarms { loss: true, ..Alarms::default() })]);
}

/// What a bad line does to a packet.
#[derive(Clone, Debug)]
enum Fate {
    Comes,
    IsLost,
    ComesTwice,
    /// After so many younger ones.
    IsOvertaken(usize),
    /// With this octet changed.
    IsSpoilt(prop::sample::Index, u8),
    IsCut(prop::sample::Index),
    /// Nothing for so long.
    Pause(u64),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        20 => Just(Fate::Comes),
        2 => Just(Fate::IsLost),
        1 => Just(Fate::ComesTwice),
        2 => (1_usize..20).prop_map(Fate::IsOvertaken),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, octet)| Fate::IsSpoilt(at, octet)),
        1 => any::<prop::sample::Index>().prop_map(Fate::IsCut),
        1 => (0_u64..300).prop_map(Fate::Pause),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_so_bad_that_the_span_does_not_come_back(fates in prop::collection::vec(fate(), 1..200)) {
        let mut wire = Wire::new();
        let (mut held, mut datagrams): (Vec<(usize, Vec<u8>)>, u64) = (Vec::new(), 0);
        for fate in fates {
            let mut buffer = [0; MAX_PACKET];
            let length = wire.transmitter.packet(&mut buffer, Alarms::default());
            let mut packet = buffer[..length].to_vec();
            let mut coming = Vec::new();
            wire.now += Duration::from_millis(5);
            match fate {
                Fate::Comes => coming.push(packet),
                Fate::IsLost => {}
                Fate::ComesTwice => coming.extend([packet.clone(), packet]),
                Fate::IsOvertaken(by) => held.push((by, packet)),
                Fate::IsSpoilt(at, octet) => {
                    let at = at.index(packet.len());
                    packet[at] = octet;
                    coming.push(packet);
                }
                Fate::IsCut(at) => {
                    packet.truncate(at.index(packet.len()));
                    coming.push(packet);
                }
                Fate::Pause(ms) => wire.now += Duration::from_millis(ms),
            }
            held.iter_mut().for_each(|(left, _)| *left -= 1);
            coming.extend(held.extract_if(.., |(left, _)| *left == 0).map(|(_, packet)| packet));
            for packet in coming {
                datagrams += 1;
                wire.receiver.handle(wire.now, &packet, &mut wire.statistics, &mut wire.taker);
            }
            wire.receiver.tick(wire.now, &mut wire.statistics, &mut wire.taker);
        }
        // Each datagram was counted as one thing.
        let s = wire.statistics;
        prop_assert_eq!(s.packets_in + s.duplicates + s.late + s.astray + s.malformed, datagrams);
        // On a good line it comes back within two losses' time, and carries frames.
        wire.steps(40);
        prop_assert!(wire.receiver.alarms().is_clear());
        wire.taker.events.clear();
        wire.transmitter.send(&[1, 2, 3]).expect("room");
        wire.steps(3);
        prop_assert_eq!(&wire.taker.events, &[SpanEvent::Frame(Frame::from_slice(&[1, 2, 3]).expect("short"))]);
    }
}
