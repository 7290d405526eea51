//! µ-law (G.711 Tables 2a and 2b).

/// Added to a magnitude so that all segments begin at powers of two: 33 in G.711's 14-bit units.
const BIAS: i16 = 33 << 2;
/// The largest magnitude before the bias: all above are encoded alike (G.711 Table 2a: 8159 is the virtual decision value).
const CLIP: i16 = (8159 << 2) - 1;

/// The linear value of one octet: 0 to 32124 in magnitude (G.711 Table 2a, column 7, times 4).
#[inline(always)]
pub const fn ulaw_decode(octet: u8) -> i16 {
    DECODED[octet as usize]
}

/// The octet for one linear sample.
#[inline(always)]
pub const fn ulaw_encode(sample: i16) -> u8 {
    let sign = sample >> 15;
    // Ones' complement, as for A-law: the two halves are mirror images about -0.5.
    let magnitude = sample ^ sign;
    let clipped = if magnitude > CLIP { CLIP } else { magnitude };
    // With the bias the smallest value is 2^7 and something: exponent and mantissa are the code.
    let code = (((clipped + BIAS) as f32).to_bits() >> 19) as i16 - ((127 + 7) << 4);
    !((code as u8) | (sign as u8 & 0x80))
}

/// Decodes as many octets as both slices hold, and tells how many that were.
#[inline(always)]
pub fn ulaw_decode_block(octets: &[u8], samples: &mut [i16]) -> usize {
    for (sample, &octet) in samples.iter_mut().zip(octets) {
        *sample = ulaw_decode(octet);
    }
    octets.len().min(samples.len())
}

/// Encodes as many samples as both slices hold, and tells how many that were.
#[inline(always)]
pub fn ulaw_encode_block(samples: &[i16], octets: &mut [u8]) -> usize {
    for (octet, &sample) in octets.iter_mut().zip(samples) {
        *octet = ulaw_encode(sample);
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
    let code = !octet;
    let magnitude = (((((code & 15) as i16) << 3) + BIAS) << ((code >> 4) & 7)) - BIAS;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes by walking the decision values of G.711 Table 2a, in 14-bit units.
    fn by_decision_values(sample: i16) -> u8 {
        let magnitude = i32::from(if sample < 0 { !sample } else { sample });
        let mut code = 0;
        // The first interval is half a step wide: 0 to 1; then 15 of 2, 16 of 4, and so on.
        let mut decision = 1;
        let mut step = 2;
        for interval in 1..128 {
            if interval % 16 == 0 {
                step *= 2;
            }
            if magnitude >= decision * 4 {
                code = interval as u8;
            }
            decision += step;
        }
        assert_eq!(decision, 8159, "the virtual decision value closes the table");
        !(if sample < 0 { code | 0x80 } else { code })
    }

    #[test]
    fn every_sample_is_encoded_by_the_decision_values() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(ulaw_encode(sample), by_decision_values(sample), "sample {sample}");
        }
    }

    #[test]
    fn values_at_the_decoder_are_those_of_the_table() {
        // Character signals as on the line and y(n) of Table 2a in 14-bit units.
        for (octet, value) in [(0x80, 8031), (0x8F, 4191), (0x9F, 2079), (0xAF, 1023), (0xEF, 33), (0xFE, 2), (0xFF, 0)]
        {
            assert_eq!(ulaw_decode(octet), value * 4);
            assert_eq!(ulaw_decode(octet & 0x7F), -value * 4);
        }
    }

    #[test]
    fn every_octet_survives_but_negative_nothing() {
        for octet in 0..=255 {
            // Both codes of zero decode to 0, which is encoded as the positive one.
            let expected = if octet == 0x7F { 0xFF } else { octet };
            assert_eq!(ulaw_encode(ulaw_decode(octet)), expected);
        }
    }

    #[test]
    fn blocks_of_every_length_agree_with_single_samples() {
        let samples: [i16; 90] = core::array::from_fn(|at| (at as i16).wrapping_mul(7919));
        for len in 0..=90 {
            let mut octets = [0; 90];
            assert_eq!(ulaw_encode_block(&samples[..len], &mut octets), len);
            assert!((0..len).all(|at| octets[at] == ulaw_encode(samples[at])));
            let mut back = [1; 90];
            assert_eq!(ulaw_decode_block(&octets[..len], &mut back), len);
            assert!((0..len).all(|at| back[at] == ulaw_decode(octets[at])));
        }
    }
}
