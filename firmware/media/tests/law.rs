//! Both laws in wide vectors, against the plain ones: every sample, every octet, every length.

use media::wide;

/// One way of a law over blocks.
type Way<From, To> = fn(&[From], &mut [To]) -> usize;
type Encoder = Way<i16, u8>;
type Decoder = Way<u8, i16>;

/// The wide way and the plain one.
const ENCODERS: [(&str, Encoder, Encoder); 2] = [
    ("A-law", wide::alaw_encode, dsp_g711::alaw_encode_block),
    ("µ-law", wide::ulaw_encode, dsp_g711::ulaw_encode_block),
];
const DECODERS: [(&str, Decoder, Decoder); 2] = [
    ("A-law", wide::alaw_decode, dsp_g711::alaw_decode_block),
    ("µ-law", wide::ulaw_decode, dsp_g711::ulaw_decode_block),
];

/// In steps of all sizes, so that each value meets each path: many blocks at once, a block, less than one.
#[track_caller]
fn check<From: Copy + core::fmt::Debug, To: Copy + Default + PartialEq + core::fmt::Debug>(
    (law, wide, plain): (&str, Way<From, To>, Way<From, To>),
    from: &[From],
) {
    let (mut wanted, mut found) = (vec![To::default(); from.len()], vec![To::default(); from.len()]);
    plain(from, &mut wanted);
    for step in [from.len(), 240, 80, 17] {
        found.fill(To::default());
        for (from, found) in from.chunks(step).zip(found.chunks_mut(step)) {
            assert_eq!(wide(from, found), from.len());
        }
        let wrong = from.iter().zip(found.iter().zip(&wanted)).find(|(_, (found, wanted))| found != wanted);
        assert!(wrong.is_none(), "{law} in steps of {step}: {wrong:?}");
    }
}

#[test]
fn every_sample_is_encoded_as_by_the_plain_encoder() {
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    ENCODERS.into_iter().for_each(|way| check(way, &samples));
    // And each beside others: a register's halves do not meet.
    let apart: Vec<i16> = (0..=u16::MAX).map(|at| at.wrapping_mul(40_503).cast_signed()).collect();
    ENCODERS.into_iter().for_each(|way| check(way, &apart));
}

#[test]
fn every_octet_is_decoded_as_by_the_plain_decoder() {
    let octets: Vec<u8> = (0..=255).collect();
    DECODERS.into_iter().for_each(|way| check(way, &octets));
    let apart: Vec<u8> = (0..=u16::MAX).map(|at| (at.wrapping_mul(40_503) >> 8) as u8).collect();
    DECODERS.into_iter().for_each(|way| check(way, &apart));
}

#[test]
fn blocks_of_every_length_and_unlike_ends_are_written_no_further_than_both_reach() {
    let samples: [i16; 200] = std::array::from_fn(|at| (at as i16).wrapping_mul(-7919));
    for ((law, encode, plain_encode), (_, decode, plain_decode)) in ENCODERS.into_iter().zip(DECODERS) {
        for len in 0..=200 {
            let (mut octets, mut wanted) = ([0xAA; 201], [0xAA; 201]);
            assert_eq!(encode(&samples[..len], &mut octets), len);
            plain_encode(&samples[..len], &mut wanted);
            assert_eq!(octets, wanted, "{law}: {len} samples");
            let (mut back, mut wanted) = ([1; 170], [1; 170]);
            assert_eq!(decode(&octets[..len], &mut back), len.min(170));
            plain_decode(&octets[..len], &mut wanted);
            assert_eq!(back, wanted, "{law}: {len} octets");
        }
    }
}
