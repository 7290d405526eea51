//! A-law (G.711 Tables 1a and 1b).

/// Even bits are inverted on the line (G.711 §3).
const LINE: u8 = 0x55;

/// The linear value of one octet.
///
/// Values are the middle of the quantising interval, times 8 (G.711 Table 1a, column 7, scaled to 16 bits): 8 to 32256 in magnitude.
#[inline(always)]
pub const fn alaw_decode(octet: u8) -> i16 {
    DECODED[octet as usize]
}

/// The octet for one linear sample.
#[inline(always)]
pub const fn alaw_encode(sample: i16) -> u8 {
    let sign = sample >> 15;
    // The negative half is the mirror image about -0.5: magnitudes are ones' complement (G.711 Table 1b).
    let magnitude = sample ^ sign;
    // From 256 on exponent and four mantissa bits of the float are segment and step; both start at 2^7.
    let logarithmic = ((magnitude as f32).to_bits() >> 19) as i16 - ((127 + 7) << 4);
    let linear = magnitude >> 4;
    let code = if magnitude < 256 { linear } else { logarithmic };
    // A set first bit means positive (G.711 §3).
    (code as u8) ^ (sign as u8 & 0x80) ^ (LINE | 0x80)
}

/// Decodes as many octets as both slices hold, and tells how many that were.
#[inline(always)]
pub fn alaw_decode_block(octets: &[u8], samples: &mut [i16]) -> usize {
    for (sample, &octet) in samples.iter_mut().zip(octets) {
        *sample = alaw_decode(octet);
    }
    octets.len().min(samples.len())
}

/// Encodes as many samples as both slices hold, and tells how many that were.
#[inline(always)]
pub fn alaw_encode_block(samples: &[i16], octets: &mut [u8]) -> usize {
    for (octet, &sample) in octets.iter_mut().zip(samples) {
        *octet = alaw_encode(sample);
    }
    samples.len().min(octets.len())
}

static DECODED: [i16; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = expand(octet as u8);
        octet += 1;
    }
    table
};

const fn expand(octet: u8) -> i16 {
    let code = octet ^ LINE;
    let segment = (code >> 4) & 7;
    // The middle of the step: half a step above its lower end.
    let step = (((code & 15) as i16) << 4) + 8;
    let magnitude = if segment == 0 { step } else { (step + 256) << (segment - 1) };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes by walking the decision values of G.711 Table 1a, in 13-bit units.
    fn by_decision_values(sample: i16) -> u8 {
        let magnitude = i32::from(if sample < 0 { !sample } else { sample });
        let mut code = 0;
        let mut decision = 0;
        let mut step = 2;
        for interval in 0..128 {
            if interval >= 32 && interval % 16 == 0 {
                step *= 2;
            }
            if magnitude >= decision * 8 {
                code = interval as u8;
            }
            decision += step;
        }
        assert_eq!(decision, 4096, "the virtual decision value closes the table");
        (if sample < 0 { code } else { code | 0x80 }) ^ 0x55
    }

    #[test]
    fn every_sample_is_encoded_by_the_decision_values() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(alaw_encode(sample), by_decision_values(sample), "sample {sample}");
        }
    }

    #[test]
    fn the_ends_of_segments_lie_where_the_table_puts_them() {
        // Decision values x(n) of Table 1a and the character signals of both neighbours, before the even bits are inverted.
        for (decision, above) in
            [(2048, 0xF0), (1024, 0xE0), (512, 0xD0), (256, 0xC0), (128, 0xB0), (64, 0xA0), (32, 0x90)]
        {
            assert_eq!(alaw_encode(decision * 8) ^ 0x55, above, "at {decision}");
            assert_eq!(alaw_encode(decision * 8 - 1) ^ 0x55, above - 1, "just below {decision}");
        }
        assert_eq!(alaw_encode(i16::MAX) ^ 0x55, 0xFF);
        assert_eq!(alaw_encode(i16::MIN) ^ 0x55, 0x7F);
    }

    #[test]
    fn values_at_the_decoder_are_those_of_the_table() {
        // Column 7 of Table 1a in 13-bit units: y(n) is the middle of its interval.
        for (code, value) in
            [(0xFF, 4032), (0xF0, 2112), (0xE0, 1056), (0xD0, 528), (0xC0, 264), (0xB0, 132), (0xA0, 66), (0x80, 1)]
        {
            assert_eq!(alaw_decode(code ^ 0x55), value * 8);
            assert_eq!(alaw_decode((code & 0x7F) ^ 0x55), -value * 8);
        }
    }

    #[test]
    fn every_octet_survives_decoding_and_encoding() {
        for octet in 0..=255 {
            assert_eq!(alaw_encode(alaw_decode(octet)), octet);
        }
    }

    #[test]
    fn blocks_of_every_length_agree_with_single_samples() {
        let samples: [i16; 100] = core::array::from_fn(|at| (at as i16).wrapping_mul(-7919));
        for len in 0..=100 {
            let mut octets = [0xAA; 101];
            assert_eq!(alaw_encode_block(&samples[..len], &mut octets), len);
            assert!((0..len).all(|at| octets[at] == alaw_encode(samples[at])));
            assert!(octets[len..].iter().all(|&octet| octet == 0xAA), "nothing is written past the end");
            let mut back = [0; 40];
            assert_eq!(alaw_decode_block(&octets[..len], &mut back), len.min(40));
            assert!((0..len.min(40)).all(|at| back[at] == alaw_decode(octets[at])));
        }
    }
}
