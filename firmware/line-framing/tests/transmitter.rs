//! What the transmitter puts on the line, against the line bit by bit, and both halves together.

mod bits;

use bits::{Bits, hear};
use line_framing::{HdlcRx, HdlcTx, QUEUED_FRAMES};
use ports::span::{MAX_FRAME, SendError};
use proptest::prelude::*;

fn sent(tx: &mut HdlcTx, octets: usize) -> Vec<u8> {
    let mut line = vec![0; octets];
    tx.fill(&mut line);
    line
}

#[test]
fn an_idle_line_is_flags() {
    assert_eq!(sent(&mut HdlcTx::new(), 5), [0x7E; 5]);
}

#[test]
fn an_empty_frame_is_not_sent() {
    let mut tx = HdlcTx::new();
    assert_eq!(tx.push(&[]), Ok(()));
    assert_eq!(sent(&mut tx, 5), [0x7E; 5]);
}

#[test]
fn frames_too_long_and_too_many_are_refused() {
    let mut tx = HdlcTx::new();
    assert_eq!(tx.push(&[0; MAX_FRAME + 1]), Err(SendError::TooLong));
    assert_eq!(tx.push(&[0; MAX_FRAME]), Ok(()));
    assert!((1..QUEUED_FRAMES).all(|_| tx.push(&[1]).is_ok()));
    assert_eq!(tx.push(&[1]), Err(SendError::Full));
    // The first leaves the queue when its flag goes out.
    sent(&mut tx, 1);
    assert_eq!(tx.push(&[1]), Ok(()));
}

#[test]
fn it_is_idle_again_when_the_last_octet_is_out() {
    let mut tx = HdlcTx::new();
    assert!(tx.is_idle());
    tx.push(&[0xAA]).expect("room");
    assert!(!tx.is_idle());
    // Opening flag, one octet and two of check sequence; then the closing flag is begun.
    sent(&mut tx, 4);
    assert!(!tx.is_idle());
    sent(&mut tx, 1);
    assert!(tx.is_idle());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_line_carries_what_the_standard_draws(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..=MAX_FRAME), 1..8),
    ) {
        let mut tx = HdlcTx::new();
        for octets in &frames {
            prop_assert_eq!(tx.push(octets), Ok(()));
        }
        // Frames that wait follow each other with one flag between them; then flags.
        let drawn = frames.iter().fold(Bits::default().flag(), |line, octets| line.frame(octets).flag());
        let whole = drawn.0.len() / 8;
        prop_assert_eq!(&sent(&mut tx, whole), &drawn.octets()[..whole]);
    }

    /// Any frames, in pieces of any size, over a line that turns the octets' borders by any number of bits.
    #[test]
    fn frames_arrive_in_order_over_any_shift(
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..=MAX_FRAME), 1..QUEUED_FRAMES),
        shift in 0_u32..8,
        pieces in prop::collection::vec(1_usize..40, 1..10),
    ) {
        let (mut tx, mut rx) = (HdlcTx::new(), HdlcRx::new());
        for octets in &frames {
            prop_assert_eq!(tx.push(octets), Ok(()));
        }
        let (mut heard, mut before) = (Vec::new(), 0_u8);
        let mut pieces = pieces.iter().cycle();
        // A frame and its flag take at most 6/5 of its octets; three octets more bring the last flag through the shift.
        let mut left = frames.iter().map(|octets| (octets.len() + 3) * 6 / 5 + 2).sum::<usize>() + 3;
        while left > 0 {
            let piece = left.min(*pieces.next().expect("they go round"));
            left -= piece;
            let shifted = sent(&mut tx, piece).into_iter().map(|octet| {
                let pair = u16::from_le_bytes([std::mem::replace(&mut before, octet), octet]);
                (pair >> (8 - shift)) as u8
            });
            heard.extend(hear(&mut rx, &shifted.collect::<Vec<_>>()));
        }
        prop_assert!(tx.is_idle());
        prop_assert_eq!(heard, frames.into_iter().map(Ok).collect::<Vec<_>>());
        prop_assert_eq!(rx.counters().bad(), 0);
    }
}
