//! What the receiver makes of good lines, bad lines and noise.

mod bits;

use bits::{Bits, check, hear, with_check};
use line_framing::{BadFrame, HdlcRx};
use ports::span::MAX_FRAME;
use proptest::prelude::*;

/// SABME and UA as they stand in Q.921's examples.
const SABME: &[u8] = &[0x00, 0x01, 0x7F];
const UA: &[u8] = &[0x00, 0x01, 0x73];

fn line() -> Bits {
    Bits::default().flag()
}

#[test]
fn a_frame_is_taken_at_every_bit_offset() {
    for offset in 0..16 {
        check(&Bits::default().ones(offset).flag().frame(SABME).flag(), &[Ok(SABME)]);
    }
}

#[test]
fn one_flag_may_end_a_frame_and_begin_the_next() {
    check(&line().frame(SABME).flag().frame(UA).flag(), &[Ok(SABME), Ok(UA)]);
}

#[test]
fn flags_may_share_the_zero_between_them() {
    let shared = &bits::FLAG[1..];
    check(&line().raw(shared).raw(shared).frame(SABME).flag().raw(shared).frame(UA).flag(), &[Ok(SABME), Ok(UA)]);
}

#[test]
fn flags_without_end_are_no_frames() {
    check(&(0..100).fold(line(), |line, _| line.flag()), &[]);
}

#[test]
fn idle_ones_between_frames_are_neither_frames_nor_aborts() {
    for idle in [7, 8, 15, 100] {
        check(&line().frame(SABME).flag().ones(idle).flag().frame(UA).flag(), &[Ok(SABME), Ok(UA)]);
    }
    check(&Bits::default().ones(1000), &[]);
}

#[test]
fn octets_that_look_like_flags_and_aborts_are_carried() {
    for octets in [[0x7E; 10], [0xFF; 10], [0x7F; 10], [0xFE; 10], [0x3F; 10], [0xF8; 10], [0x1F; 10], [0x00; 10]] {
        check(&line().frame(&octets).flag(), &[Ok(&octets)]);
    }
}

#[test]
fn six_ones_are_a_flag_and_seven_are_an_abort() {
    let begun = || line().stuffed(&[0x00, 0x01, 0x7F, 0x00]);
    // What stood before the six ones is judged as a frame.
    check(&begun().flag().frame(UA).flag(), &[Err(BadFrame::CheckSequence), Ok(UA)]);
    check(&begun().ones(7).flag().frame(UA).flag(), &[Err(BadFrame::Aborted), Ok(UA)]);
    // Told once, however many follow; nothing is taken until the next flag.
    check(&begun().ones(30).stuffed(&with_check(SABME)).flag().frame(UA).flag(), &[Err(BadFrame::Aborted), Ok(UA)]);
}

#[test]
fn three_octets_with_the_check_sequence_are_a_frame_and_two_are_none() {
    check(&line().frame(&[0x55]).flag(), &[Ok(&[0x55])]);
    check(&line().frame(&[]).flag().frame(UA).flag(), &[Err(BadFrame::Short), Ok(UA)]);
    for octets in 1..3 {
        check(&line().stuffed(&vec![0; octets]).flag(), &[Err(BadFrame::Short)]);
    }
    check(&line().stuffed_bits(&[false; 23]).flag(), &[Err(BadFrame::Short)]);
}

#[test]
fn the_longest_frame_is_taken_and_one_octet_more_is_not() {
    let longest = vec![0xA5; MAX_FRAME];
    check(&line().frame(&longest).flag(), &[Ok(&longest)]);
    let longer = vec![0xA5; MAX_FRAME + 1];
    check(&line().frame(&longer).flag().frame(UA).flag(), &[Err(BadFrame::Oversize), Ok(UA)]);
    // Told once, and not again at its end however late that comes.
    check(&line().frame(&vec![0xA5; 5000]).flag().frame(UA).flag(), &[Err(BadFrame::Oversize), Ok(UA)]);
    check(&line().frame(&vec![0xA5; 5000]).ones(8).flag().frame(UA).flag(), &[Err(BadFrame::Oversize), Ok(UA)]);
}

#[test]
fn bits_beyond_whole_octets_are_told() {
    let octets: Vec<bool> =
        with_check(SABME).iter().flat_map(|octet| (0..8).map(move |at| octet >> at & 1 == 1)).collect();
    for beyond in 1..8 {
        let bits = [&octets[..], &[false; 8][..beyond]].concat();
        check(&line().stuffed_bits(&bits).flag().frame(UA).flag(), &[Err(BadFrame::Misaligned), Ok(UA)]);
    }
}

#[test]
fn every_single_wrong_bit_is_found() {
    let good = with_check(&[0x02, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x01, 0x05]);
    for bit in 0..good.len() * 8 {
        let mut wrong = good.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        check(&line().stuffed(&wrong).flag().frame(UA).flag(), &[Err(BadFrame::CheckSequence), Ok(UA)]);
    }
}

/// A turned bit on the line may make or break a flag, an abort or a stuffed zero.
#[test]
fn a_wrong_bit_costs_two_frames_at_most_and_makes_none() {
    let frames: [&[u8]; 4] = [SABME, &[0x02, 0x01, 0x7E, 0xFF, 0x3E, 0xF8], &[0x02, 0x03, 0x1F, 0xFC], UA];
    let line = frames.iter().fold(line(), |line, octets| line.frame(octets).flag());
    for at in 0..line.0.len() {
        let mut wrong = line.clone();
        wrong.0[at] = !wrong.0[at];
        let heard: Vec<Vec<u8>> = hear(&mut HdlcRx::new(), &wrong.octets()).into_iter().flatten().collect();
        assert!((2..=3).contains(&heard.len()), "bit {at}: {heard:?}");
        let mut left = frames.iter();
        assert!(heard.iter().all(|frame| left.any(|sent| sent == frame)), "bit {at}: {heard:?}");
    }
}

#[test]
fn faults_say_what_they_are() {
    assert_eq!(BadFrame::Oversize.to_string(), format!("frame longer than {MAX_FRAME} octets"));
    assert_eq!(BadFrame::Aborted.to_string(), "frame aborted by seven ones");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Frames with flags, idle ones and aborted attempts between them, at any bit offset, in pieces of any size.
    #[test]
    fn whatever_stands_between_frames_each_comes_once_and_whole(
        offset in 0_usize..8,
        parts in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..60), 0_usize..3, 0_usize..20, any::<bool>()), 1..12),
        piece in 1_usize..40,
    ) {
        let mut line = Bits::default().ones(offset).flag();
        let mut expected = Vec::new();
        for (octets, flags, idle, attempt) in &parts {
            line = (0..*flags).fold(line, |line, _| line.flag());
            if *idle >= 7 {
                line = line.ones(*idle).flag();
            }
            if *attempt {
                line = line.stuffed(octets).ones(8).flag();
                expected.push(Err(BadFrame::Aborted));
            }
            line = line.frame(octets).flag();
            expected.push(Ok(octets.clone()));
        }
        let mut rx = HdlcRx::new();
        let heard: Vec<_> = line.octets().chunks(piece).flat_map(|piece| hear(&mut rx, piece)).collect();
        prop_assert_eq!(heard, expected);
    }

    /// Whatever came before, a frame between two flags is heard, and it alone.
    #[test]
    fn noise_costs_no_frame_that_comes_after_it(
        noise in prop::collection::vec(any::<u8>(), 0..600),
        rest in prop::collection::vec(any::<bool>(), 0..8),
        octets in prop::collection::vec(any::<u8>(), 1..=MAX_FRAME),
    ) {
        let mut rx = HdlcRx::new();
        let before = hear(&mut rx, &noise);
        prop_assert!(before.iter().flatten().all(|frame| (1..=MAX_FRAME).contains(&frame.len())));
        let after = hear(&mut rx, &Bits::default().raw(&rest).flag().frame(&octets).flag().octets());
        prop_assert_eq!(after.last(), Some(&Ok(octets)));
        let told = (before.len() + after.len()) as u64;
        prop_assert_eq!(rx.counters().frames + rx.counters().bad(), told);
    }
}
