//! Seeded walks: whatever the line does, messages arrive in order and once, or both sides know that some may be lost.

mod pair;

use base::Instant;
use pair::{Fate, NETWORK, Pair, USER, numbered};
use proptest::prelude::*;
use sig_q921::{Action, Control, Lapd, Link, Parameters, Role, Side};

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(usize),
    Move(usize, Fate),
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![Just(USER), Just(NETWORK)];
    let fate = prop_oneof![6 => Just(Fate::Arrives), 1 => Just(Fate::IsLost), 1 => Just(Fate::ArrivesTwice)];
    prop_oneof![
        3 => end.clone().prop_map(Step::Send),
        8 => (end, fate).prop_map(|(end, fate)| Step::Move(end, fate)),
        1 => Just(Step::Expire),
    ]
}

/// What `end` received, cut where either side was told that messages may be lost.
fn is_lossy(pair: &Pair) -> bool {
    let lossy = |action: &Action| matches!(action, Action::Reset | Action::Released | Action::Established);
    pair.told.iter().flatten().any(lossy)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_doubled_or_swapped_without_a_word(steps in prop::collection::vec(step(), 1..400)) {
        let mut pair = Pair::established();
        let mut given = [0_u16, 0];
        for step in steps {
            match step {
                Step::Send(end) => {
                    if pair.links[end].send(pair.now, &numbered(given[end])).is_ok() {
                        given[end] += 1;
                    }
                    pair.collect();
                }
                Step::Move(end, fate) => {
                    pair.step(end, fate);
                }
                Step::Expire => pair.expire(),
            }
        }
        // The line is good from here on: whatever was under way comes to rest.
        pair.pass(std::time::Duration::from_secs(60));
        prop_assert!(pair.links.iter().all(Link::is_up));
        for (from, to) in [(USER, NETWORK), (NETWORK, USER)] {
            prop_assert_eq!(pair.links[from].unacknowledged(), 0);
            let numbers: Vec<u16> =
                pair.delivered[to].iter().map(|text| u16::from_be_bytes([text[1], text[2]])).collect();
            prop_assert!(numbers.windows(2).all(|two| two[0] < two[1]), "out of order or doubled: {:?}", numbers);
            if !is_lossy(&pair) {
                prop_assert_eq!(numbers.len(), usize::from(given[from]), "lost without a word");
            }
        }
    }

    #[test]
    fn octets_of_any_kind_never_stop_the_link(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..60),
    ) {
        let mut pair = Pair::established();
        for frame in frames {
            // Half of them for this link, so that they are looked at.
            let mut frame = frame;
            if frame.len() > 2 && frame[2] & 0x40 != 0 {
                frame[..2].copy_from_slice(&[0x02, 0x01]);
            }
            pair.links[USER].handle_frame(pair.now, &frame);
            pair.collect();
        }
        pair.pass(std::time::Duration::from_secs(60));
        prop_assert!(pair.links.iter().all(Link::is_up));
        let before = pair.delivered[NETWORK].len();
        pair.send(USER, b"still there");
        pair.settle();
        prop_assert_eq!(pair.delivered[NETWORK].len(), before + 1);
    }

    #[test]
    fn a_frame_read_is_the_frame_written(
        kind in 0_usize..11, ns in 0_u8..128, nr in 0_u8..128, bit: bool, answers: bool, network: bool,
        text in prop::collection::vec(any::<u8>(), 0..=260),
    ) {
        let control = [
            Control::Information { ns, nr, bit }, Control::ReceiveReady { nr, bit },
            Control::ReceiveNotReady { nr, bit }, Control::Reject { nr, bit }, Control::Sabme { bit },
            Control::Disconnect { bit }, Control::Acknowledge { bit }, Control::DisconnectedMode { bit },
            Control::FrameReject { bit }, Control::Unnumbered { bit }, Control::Exchange { bit },
        ][kind];
        let role = match kind {
            0 | 4 | 5 | 9 => Role::Command,
            6..=8 => Role::Response,
            _ if answers => Role::Response,
            _ => Role::Command,
        };
        let information = match kind {
            0 | 9 | 10 => text.as_slice(),
            8 => &[1, 2, 3, 4, 5],
            _ => &[],
        };
        let side = if network { Side::Network } else { Side::User };
        let frame = Lapd { role, control, information };
        let octets = frame.encode(side);
        prop_assert_eq!(Lapd::parse(side, &octets, 260), Ok(frame));
    }

    #[test]
    fn reading_any_octets_never_panics(octets in prop::collection::vec(any::<u8>(), 0..300)) {
        for side in [Side::User, Side::Network] {
            let _ = Lapd::parse(side, &octets, 260);
            let mut link = Link::new(side, Parameters::default());
            link.handle_frame(Instant::ZERO, &octets);
        }
    }
}
