//! The CAS multiframe: what is sent, and what is made of good lines, bad lines and noise.

use line_framing::{CasEvent, CasRx, CasTx};
use ports::span::{Abcd, Alarms};
use proptest::prelude::*;

const CLEAR: Alarms = Alarms { loss: false, remote: false, indication: false };
const LOSS: Alarms = Alarms { loss: true, remote: false, indication: false };
const AIS: Alarms = Alarms { loss: true, remote: false, indication: true };
const REMOTE: Alarms = Alarms { loss: false, remote: true, indication: false };

/// A multiframe whose channels are all 1001, as G.704 draws it.
fn drawn() -> [u8; 16] {
    let mut octets = [0x99; 16];
    octets[0] = 0x0B;
    octets
}

fn bits(timeslot: u8, bits: u8) -> CasEvent {
    CasEvent::Bits { timeslot, bits: Abcd::new(bits) }
}

fn hear(rx: &mut CasRx, octets: &[u8]) -> Vec<CasEvent> {
    let mut heard = Vec::new();
    rx.receive(octets, |event| heard.push(event));
    heard
}

/// A receiver that has told all channels of [`drawn`], with a persistence of two.
fn aligned() -> CasRx {
    let mut rx = CasRx::new(2);
    hear(&mut rx, &[0xFF]);
    let told =
        (0..2).flat_map(|_| hear(&mut rx, &drawn())).filter(|event| matches!(event, CasEvent::Bits { .. })).count();
    assert_eq!((told, rx.alarms()), (30, CLEAR));
    rx
}

#[test]
fn octets_stand_where_the_standard_puts_them() {
    let mut tx = CasTx::new();
    let mut line = [0; 16];
    tx.fill(&mut line);
    assert_eq!(line, core::array::from_fn(|frame| if frame == 0 { 0b0000_1011 } else { 0b1101_1101 }));
    tx.set(1, Abcd::new(0b1001));
    tx.set(17, Abcd::new(0b0101));
    tx.set(31, Abcd::new(0b0111));
    for no_channel in [0, 16, 32, 255] {
        tx.set(no_channel, Abcd::new(0b0010));
    }
    tx.set_remote_alarm(true);
    tx.fill(&mut line);
    assert_eq!((line[0], line[1], line[2], line[15]), (0b0000_1111, 0b1001_0101, 0b1101_1101, 0b1101_0111));
    tx.set_remote_alarm(false);
    tx.fill(&mut line[..1]);
    assert_eq!(line[0], 0b0000_1011);
}

#[test]
fn alignment_is_found_at_every_place_and_all_channels_are_told_after_the_persistence() {
    for (persistence, multiframes) in [(0, 1), (1, 1), (2, 2), (3, 3), (10, 10)] {
        for cut in 0..16 {
            let mut rx = CasRx::new(persistence);
            let before = hear(&mut rx, &drawn()[16 - cut..]);
            assert_eq!(before, if cut == 0 { vec![] } else { vec![CasEvent::Alarms(LOSS)] });
            // Alone at the start of the line, the signal has nothing before it that could be a one.
            let extra = usize::from(cut == 0);
            let heard: Vec<_> = (0..multiframes + extra).flat_map(|_| hear(&mut rx, &drawn())).collect();
            let all: Vec<_> = (1..16).flat_map(|frame| [bits(frame, 9), bits(frame + 16, 9)]).collect();
            let alarms: Vec<_> = heard.iter().filter(|event| matches!(event, CasEvent::Alarms(_))).collect();
            assert_eq!(alarms.last(), Some(&&CasEvent::Alarms(CLEAR)), "{cut}");
            assert_eq!(heard[heard.len() - 30..], all);
            assert_eq!(heard.len(), 31 + extra, "{persistence} and {cut}");
        }
    }
}

#[test]
fn a_change_counts_when_it_has_stayed_and_not_before() {
    for persistence in 1..5 {
        let mut rx = CasRx::new(persistence);
        hear(&mut rx, &[0xFF]);
        (0..persistence).for_each(|_| drop(hear(&mut rx, &drawn())));
        let mut changed = drawn();
        changed[7] = 0x19;
        // One multiframe too few, and back.
        for _ in 1..persistence {
            assert_eq!(hear(&mut rx, &changed), []);
        }
        if persistence > 1 {
            assert_eq!(hear(&mut rx, &drawn()), []);
            (1..persistence).for_each(|_| assert_eq!(hear(&mut rx, &changed), []));
        }
        assert_eq!(hear(&mut rx, &changed), [bits(7, 1)]);
        assert_eq!(hear(&mut rx, &changed), []);
        changed[7] = 0x1D;
        let heard: Vec<_> = (0..persistence).flat_map(|_| hear(&mut rx, &changed)).collect();
        assert_eq!(heard, [bits(23, 0xD)]);
    }
}

#[test]
fn one_wrong_alignment_signal_is_borne_and_two_in_a_row_are_loss() {
    for wrong in [0x8B, 0x4B, 0x2B, 0x1B] {
        let mut rx = aligned();
        let mut bad = drawn();
        bad[0] = wrong;
        bad[3] = 0x19;
        // Bits of such a multiframe are not believed.
        for octets in [bad, drawn(), bad, drawn()] {
            assert_eq!(hear(&mut rx, &octets), []);
        }
        assert_eq!((rx.counters().errors, rx.counters().losses), (2, 0));
        assert_eq!(hear(&mut rx, &bad), []);
        assert_eq!(hear(&mut rx, &bad[..1]), [CasEvent::Alarms(LOSS)]);
        assert_eq!((rx.counters().errors, rx.counters().losses), (4, 1));
        // The next signal is found wherever it stands; then all channels are told anew.
        hear(&mut rx, &[0x99; 5]);
        assert_eq!(hear(&mut rx, &drawn())[0], CasEvent::Alarms(CLEAR));
        assert_eq!(hear(&mut rx, &drawn()).len(), 30);
    }
}

#[test]
fn zeros_are_no_alignment_and_a_multiframe_of_them_is_loss() {
    let mut rx = CasRx::new(2);
    assert_eq!(hear(&mut rx, &[0; 100]), [CasEvent::Alarms(LOSS)]);
    // The signal behind zeros is not taken, the one behind a one is.
    assert_eq!(hear(&mut rx, &drawn()), []);
    assert_eq!(hear(&mut rx, &drawn()[..1]), [CasEvent::Alarms(CLEAR)]);
    let mut rx = aligned();
    assert_eq!(hear(&mut rx, &[0; 15]).iter().filter(|event| matches!(event, CasEvent::Alarms(_))).count(), 0);
    assert_eq!(hear(&mut rx, &[0; 1]).last(), Some(&CasEvent::Alarms(LOSS)));
}

#[test]
fn y_is_told_when_it_came_twice_and_cleared_when_it_was_away_twice() {
    let mut rx = aligned();
    let mut alarm = drawn();
    alarm[0] |= 0x04;
    let quiet: Vec<_> = [alarm, drawn(), alarm].iter().flat_map(|octets| hear(&mut rx, octets)).collect();
    assert_eq!(quiet, []);
    assert_eq!(hear(&mut rx, &alarm), [CasEvent::Alarms(REMOTE)]);
    assert_eq!(hear(&mut rx, &drawn()), []);
    assert_eq!(hear(&mut rx, &alarm), []);
    assert_eq!(hear(&mut rx, &drawn()), []);
    assert_eq!(hear(&mut rx, &drawn()), [CasEvent::Alarms(CLEAR)]);
}

#[test]
fn three_zeros_in_each_of_two_multiframes_are_an_alarm_indication_and_four_are_none() {
    let ones = |zeros: u32| {
        let mut octets = [0xFF; 16];
        octets[5] = !((1 << zeros) - 1) as u8;
        octets
    };
    let mut rx = aligned();
    assert_eq!(hear(&mut rx, &ones(3)).iter().filter(|event| matches!(event, CasEvent::Alarms(_))).count(), 0);
    let heard = hear(&mut rx, &ones(3));
    assert_eq!((heard.first(), heard.last()), (Some(&CasEvent::Alarms(LOSS)), Some(&CasEvent::Alarms(AIS))));
    assert_eq!(hear(&mut rx, &ones(4)), []);
    assert_eq!(hear(&mut rx, &ones(4)), [CasEvent::Alarms(LOSS)]);
    let mut other = aligned();
    (0..10).for_each(|_| drop(hear(&mut other, &ones(4))));
    assert_eq!(other.alarms(), LOSS);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever came before, what is sent for long enough is what is heard, in pieces of any size.
    #[test]
    fn noise_and_changes_end_in_agreement(
        noise in prop::collection::vec(any::<u8>(), 0..200),
        // 0000 on the first fifteen would look like the alignment signal.
        changes in prop::collection::vec((0_u8..32, 1_u8..16, 0_usize..40), 0..60),
        persistence in 1_u8..6,
        piece in 1_usize..40,
    ) {
        let (mut tx, mut rx) = (CasTx::new(), CasRx::new(persistence));
        let mut heard = [None; 32];
        let mut sent = [13; 32];
        for event in hear(&mut rx, &noise) {
            if let CasEvent::Bits { timeslot, bits } = event {
                heard[usize::from(timeslot)] = Some(bits.bits());
            }
        }
        let mut carry = |tx: &mut CasTx, octets: usize, heard: &mut [Option<u8>; 32]| {
            let mut line = vec![0; octets];
            tx.fill(&mut line);
            for piece in line.chunks(piece) {
                rx.receive(piece, |event| match event {
                    CasEvent::Bits { timeslot, bits } => heard[usize::from(timeslot)] = Some(bits.bits()),
                    CasEvent::Alarms(_) => {}
                });
            }
            rx.alarms()
        };
        for (timeslot, bits, octets) in changes {
            sent[usize::from(timeslot)] = bits;
            tx.set(timeslot, Abcd::new(bits));
            carry(&mut tx, octets, &mut heard);
        }
        // Two multiframes lose what noise imitated, one finds the signal; then the persistence.
        let alarms = carry(&mut tx, 16 * (4 + usize::from(persistence)), &mut heard);
        prop_assert_eq!(alarms, CLEAR);
        for timeslot in (1..32).filter(|&timeslot| timeslot != 16) {
            prop_assert_eq!(heard[timeslot], Some(sent[timeslot]), "timeslot {}", timeslot);
        }
    }

    /// No octets, whatever they are, give bits of a timeslot that is no channel, or the same twice without a loss between.
    #[test]
    fn any_octets_give_sense(octets in prop::collection::vec(prop_oneof![any::<u8>(), Just(0x0B), Just(0)], 0..2000)) {
        let mut rx = CasRx::new(1);
        let mut told = [None; 32];
        let mut alarms = None;
        for event in hear(&mut rx, &octets) {
            match event {
                CasEvent::Alarms(now) => {
                    prop_assert_ne!(alarms.replace(now), Some(now));
                    if now.loss {
                        told = [None; 32];
                    }
                }
                CasEvent::Bits { timeslot, bits } => {
                    prop_assert!(timeslot % 16 != 0 && timeslot < 32);
                    prop_assert_ne!(told[usize::from(timeslot)].replace(bits), Some(bits));
                }
            }
        }
    }
}
