//! Stories of spans with signaling bits.

use super::tests::{CAS, HALVES, Taker, Wire, carries_all, is_lost};
use super::*;
use proptest::prelude::*;

fn cas(timeslot: u8, bits: u8) -> SpanEvent {
    SpanEvent::Cas { timeslot, bits: Abcd::new(bits) }
}

/// The changes of bits told since the last look.
fn told(taker: &mut Taker) -> Vec<SpanEvent> {
    std::mem::take(&mut taker.events).into_iter().filter(|event| matches!(event, SpanEvent::Cas { .. })).collect()
}

#[test]
fn all_channels_are_told_after_the_alarms_clear_and_then_only_changes() {
    for format in [CAS, HALVES] {
        let mut wire = Wire::of(format);
        wire.transmitter.set_cas(17, Abcd::new(0b1001));
        wire.steps(4);
        let clear = SpanEvent::Alarms(Alarms::default());
        assert_eq!(wire.taker.events.iter().position(|event| *event == clear), Some(wire.taker.events.len() - 31));
        let all = told(&mut wire.taker);
        assert_eq!((all.len(), &all[0], &all[15], wire.statistics.cas_in), (30, &cas(1, 13), &cas(17, 9), 30));
        wire.steps(10);
        assert_eq!(told(&mut wire.taker), []);
        wire.transmitter.set_cas(1, Abcd::new(0b0001));
        wire.transmitter.set_cas(31, Abcd::new(0b0101));
        // Timeslots that are no channels are not sent.
        [0, 16, 32, 255].into_iter().for_each(|timeslot| wire.transmitter.set_cas(timeslot, Abcd::new(0)));
        wire.steps(2);
        assert_eq!(told(&mut wire.taker), [cas(1, 1), cas(31, 5)]);
    }
}

#[test]
fn a_change_is_told_in_20_ms_even_behind_a_lost_packet() {
    for format in [CAS, HALVES] {
        let mut wire = Wire::of(format);
        wire.steps(10);
        told(&mut wire.taker);
        wire.step(Alarms::default(), is_lost);
        wire.transmitter.set_cas(5, Abcd::new(0));
        let began = wire.now;
        while told(&mut wire.taker) != [cas(5, 0)] {
            wire.step(Alarms::default(), carries_all);
            assert!(wire.now - began <= Duration::from_millis(20), "{format:?}");
        }
        assert_eq!(wire.statistics.lost, 1);
    }
}

#[test]
fn lost_packets_and_a_circuit_that_is_down_change_no_bits() {
    let mut wire = Wire::of(CAS);
    wire.steps(10);
    told(&mut wire.taker);
    (0..40).for_each(|_| wire.step(Alarms::default(), is_lost));
    wire.steps(10);
    assert!(wire.receiver.alarms().is_clear(), "80 ms are no loss");
    wire.transmitter.set_circuit(Defects { local: true, ..Defects::default() });
    wire.transmitter.set_cas(9, Abcd::new(0));
    wire.steps(20);
    assert_eq!((wire.receiver.alarms().indication, told(&mut wire.taker)), (true, vec![]));
    wire.transmitter.set_circuit(Defects { remote_alarm: true, ..Defects::default() });
    wire.steps(1);
    assert_eq!(told(&mut wire.taker), [cas(9, 0)]);
    assert_eq!(wire.receiver.alarms(), Alarms { remote: true, ..Alarms::default() });
}

#[test]
fn after_a_loss_all_bits_are_told_anew() {
    let mut wire = Wire::of(CAS);
    wire.steps(10);
    told(&mut wire.taker);
    (0..50).for_each(|_| wire.step(Alarms::default(), is_lost));
    assert_eq!((wire.receiver.alarms().loss, told(&mut wire.taker), wire.statistics.losses), (true, vec![], 1));
    wire.transmitter.set_cas(2, Abcd::new(1));
    wire.steps(3);
    let all = told(&mut wire.taker);
    assert_eq!((all.len(), &all[1]), (30, &cas(2, 1)));
}

#[test]
fn bits_that_signaling_had_no_room_for_are_told_later_and_none_twice() {
    struct Narrow(Vec<SpanEvent>, usize);
    impl Sink for Narrow {
        fn rows(&mut self, _rows: &Rows) {}
        fn event(&mut self, event: SpanEvent) -> bool {
            let room = self.1 > 0;
            if room {
                self.1 -= 1;
                self.0.push(event);
            }
            room
        }
    }
    let (mut transmitter, mut receiver) = (Transmitter::new(CAS, 0, 0), Receiver::new(CAS));
    let (mut sink, mut statistics, mut buffer) = (Narrow(Vec::new(), 0), Statistics::default(), [0; MAX_PACKET]);
    for packet in 0..20 {
        let length = transmitter.packet(&mut buffer, Alarms::default());
        sink.1 = 4;
        receiver.handle(Instant::from_millis(2 * packet), &buffer[..length], &mut statistics, &mut sink);
    }
    let expected = (1..32).filter(|&timeslot| timeslot != 16).map(|timeslot| cas(timeslot, 13));
    let bits: Vec<SpanEvent> = sink.0.into_iter().filter(|event| matches!(event, SpanEvent::Cas { .. })).collect();
    assert_eq!(bits, expected.collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever changes on a line that loses packets, the ends agree in the end, and each telling is a change.
    #[test]
    fn both_ends_agree_when_the_line_is_good_again(
        halves: bool,
        changes in prop::collection::vec((1_u8..32, 0_u8..16, prop::bool::weighted(0.2)), 1..300),
    ) {
        let mut wire = Wire::of(if halves { HALVES } else { CAS });
        let mut set = [UNSET; TIMESLOTS];
        let mut heard: [Option<Abcd>; TIMESLOTS] = [None; TIMESLOTS];
        for (timeslot, bits, lost) in changes {
            set[usize::from(timeslot)] = Abcd::new(bits);
            wire.transmitter.set_cas(timeslot, Abcd::new(bits));
            wire.step(Alarms::default(), |_| !lost);
        }
        wire.steps(20);
        let losses = wire.statistics.losses;
        for event in told(&mut wire.taker) {
            if let SpanEvent::Cas { timeslot, bits } = event {
                let before = heard[usize::from(timeslot)].replace(bits);
                prop_assert!(before != Some(bits) || losses > 0);
            }
        }
        for timeslot in (1..TIMESLOTS).filter(|&timeslot| timeslot != D_SLOT) {
            prop_assert_eq!(heard[timeslot], Some(set[timeslot]));
        }
    }
}
