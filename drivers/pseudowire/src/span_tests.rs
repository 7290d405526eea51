use super::*;
use ports::span::{BLOCK, SILENCE};

const FORMAT: Format = Format { frames: 40, rtp: None };

#[derive(Default)]
struct Taker {
    rows: Vec<crate::packet::Row>,
    events: Vec<SpanEvent>,
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
struct Wire {
    now: Instant,
    transmitter: Transmitter,
    receiver: Receiver,
    taker: Taker,
    statistics: Statistics,
}

impl Wire {
    fn new() -> Self {
        Self {
            now: Instant::ZERO,
            transmitter: Transmitter::new(FORMAT, 0xFFFE, 0),
            receiver: Receiver::new(FORMAT),
            taker: Taker::default(),
            statistics: Statistics::default(),
        }
    }

    /// 5 ms: the packet is carried, changed or lost as `line` likes.
    fn step(&mut self, seen: Alarms, line: impl FnOnce(&mut [u8]) -> bool) {
        let mut buffer = [0; MAX_PACKET];
        let length = self.transmitter.packet(&mut buffer, seen);
        self.now += Duration::from_millis(5);
        if line(&mut buffer[..length]) {
            self.receiver.handle(self.now, &buffer[..length], &mut self.statistics, &mut self.taker);
        }
        self.receiver.tick(self.now, &mut self.taker);
    }

    fn steps(&mut self, count: usize) {
        (0..count).for_each(|_| self.step(Alarms::default(), |_| true));
    }
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
