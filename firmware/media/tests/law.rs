//! A-law in wide vectors, against the plain one: every sample, every octet, every length.

use media::wide;

#[test]
fn every_sample_is_encoded_as_by_the_plain_encoder() {
    let samples: Vec<i16> = (i16::MIN..=i16::MAX).collect();
    let (mut plain, mut octets) = (vec![0; samples.len()], vec![0; samples.len()]);
    dsp_g711::alaw_encode_block(&samples, &mut plain);
    // Steps of all sizes, so that each sample meets each path.
    for step in [samples.len(), 80, 17] {
        octets.fill(0);
        for (samples, octets) in samples.chunks(step).zip(octets.chunks_mut(step)) {
            assert_eq!(wide::alaw_encode(samples, octets), samples.len());
        }
        let wrong = samples.iter().zip(octets.iter().zip(&plain)).find(|(_, (found, wanted))| found != wanted);
        assert_eq!(wrong, None, "steps of {step}");
    }
}

#[test]
fn every_octet_is_decoded_as_by_the_plain_decoder() {
    let octets: Vec<u8> = (0..=255).collect();
    let mut samples = vec![0; 256];
    for step in [256, 80, 17] {
        samples.fill(0);
        for (octets, samples) in octets.chunks(step).zip(samples.chunks_mut(step)) {
            assert_eq!(wide::alaw_decode(octets, samples), octets.len());
        }
        for (&octet, &sample) in octets.iter().zip(&samples) {
            assert_eq!(sample, dsp_g711::alaw_decode(octet), "octet {octet:#04x} in steps of {step}");
        }
    }
}

#[test]
fn blocks_of_every_length_and_unlike_ends_are_written_no_further_than_both_reach() {
    let samples: [i16; 120] = std::array::from_fn(|at| (at as i16).wrapping_mul(-7919));
    for len in 0..=120 {
        let mut octets = [0xAA; 121];
        assert_eq!(wide::alaw_encode(&samples[..len], &mut octets), len);
        assert!((0..len).all(|at| octets[at] == dsp_g711::alaw_encode(samples[at])));
        assert!(octets[len..].iter().all(|&octet| octet == 0xAA));
        let mut back = [1; 90];
        assert_eq!(wide::alaw_decode(&octets[..len], &mut back), len.min(90));
        assert!((0..len.min(90)).all(|at| back[at] == dsp_g711::alaw_decode(octets[at])));
        assert!(back[len.min(90)..].iter().all(|&sample| sample == 1));
    }
}
