//! µ-law (G.711 Tables 2a and 2b).

use super::{BLOCK, all, magnitudes, nibbles, table};
use core::arch::x86_64::{
    __m256i, _mm256_add_epi16, _mm256_adds_epi16, _mm256_adds_epu8, _mm256_and_si256, _mm256_avg_epu8,
    _mm256_blendv_epi8, _mm256_maddubs_epi16, _mm256_min_epu8, _mm256_packs_epi16, _mm256_packus_epi16,
    _mm256_set1_epi16, _mm256_shuffle_epi8, _mm256_sign_epi8, _mm256_srli_epi16, _mm256_sub_epi8, _mm256_unpackhi_epi8,
    _mm256_unpacklo_epi8, _mm256_xor_si256,
};

/// Added to a magnitude so that all segments begin at powers of two, as in `dsp_g711`.
const BIAS: i16 = 33 << 2;

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn encode(block: &[i16; BLOCK], out: &mut [u8; BLOCK]) {
    super::encode(block, out, |first, second| codes(first, second));
}

/// With `v` the upper bits of the biased magnitude, less 16, the code is `min(v, v/2 + 8, v/4 + 20, v/8 + 34)`.
#[inline]
#[target_feature(enable = "avx2")]
fn codes(first: __m256i, second: __m256i) -> __m256i {
    // Saturation is the law's own: all magnitudes above are encoded alike.
    let biased = |samples| _mm256_adds_epi16(magnitudes(samples), _mm256_set1_epi16(BIAS));
    let (one, other) = (biased(first), biased(second));
    let lower = _mm256_packus_epi16(_mm256_srli_epi16::<3>(one), _mm256_srli_epi16::<3>(other));
    let upper = _mm256_packus_epi16(_mm256_srli_epi16::<7>(one), _mm256_srli_epi16::<7>(other));
    // From 2048 on the upper bits decide: 16 and more have the uppermost bit then, which is what a choice looks at.
    let loud = _mm256_adds_epu8(upper, all(128 - 16));
    let line = _mm256_sub_epi8(_mm256_blendv_epi8(lower, upper, loud), all(16));
    // The average of an odd number is (a + b + 1) / 2, rounded downwards.
    let half = _mm256_avg_epu8(line, all(2 * 8 - 1));
    let quarter = _mm256_avg_epu8(half, all(2 * 16 - 1));
    let eighth = _mm256_avg_epu8(quarter, all(2 * 24 - 1));
    let least = _mm256_min_epu8(_mm256_min_epu8(line, half), _mm256_min_epu8(quarter, eighth));
    // All bits are inverted on the line; a sample saturated to a byte keeps its sign.
    let inverted = _mm256_xor_si256(least, _mm256_blendv_epi8(all(0xFF), all(0xFF - 64), loud));
    _mm256_xor_si256(inverted, _mm256_and_si256(_mm256_packs_epi16(first, second), all(0x80)))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn decode(block: &[u8; BLOCK], out: &mut [i16; BLOCK]) {
    super::decode(block, out, |octets| values(octets));
}

/// A value is `2 * ((4 * step + 66) * 2^segment - 66)`: a product, the bias, and doubled.
#[inline]
#[target_feature(enable = "avx2")]
fn values(octets: __m256i) -> (__m256i, __m256i) {
    let (lower, upper) = nibbles(octets);
    let slope = _mm256_shuffle_epi8(table(&SLOPES), upper);
    let bias = _mm256_shuffle_epi8(table(&BIASES), upper);
    // The bias has the other sign, always.
    let step = _mm256_sign_epi8(_mm256_shuffle_epi8(table(&STEPS), lower), bias);
    let doubled = |slopes, steps| {
        let half = _mm256_maddubs_epi16(slopes, steps);
        _mm256_add_epi16(half, half)
    };
    (
        doubled(_mm256_unpacklo_epi8(slope, all(1)), _mm256_unpacklo_epi8(step, bias)),
        doubled(_mm256_unpackhi_epi8(slope, all(1)), _mm256_unpackhi_epi8(step, bias)),
    )
}

/// The step of the lower nibble as it stands on the line, inverted, and less than nothing.
static STEPS: [u8; 16] = tabulate(0);
/// The slope of the segment, by the upper nibble.
static SLOPES: [u8; 16] = tabulate(1);
/// What is taken from a positive value and given to a negative one, by the upper nibble.
static BIASES: [u8; 16] = tabulate(2);

const fn tabulate(column: usize) -> [u8; 16] {
    let mut table = [0; 16];
    let mut nibble = 0_u8;
    while nibble < 16 {
        let code = 15 - nibble;
        let bias = (BIAS / 2) as u8;
        let row = [
            0_u8.wrapping_sub(4 * code + bias),
            1 << (code & 7),
            // A code's uppermost bit means negative.
            if code & 8 == 0 { 0_u8.wrapping_sub(bias) } else { bias },
        ];
        table[nibble as usize] = row[column];
        nibble += 1;
    }
    table
}
