//! A-law (G.711 Tables 1a and 1b).

use super::{BLOCK, all, magnitudes, nibbles, table};
use core::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_avg_epu8, _mm256_blendv_epi8, _mm256_cmpgt_epi8, _mm256_maddubs_epi16,
    _mm256_min_epu8, _mm256_or_si256, _mm256_packs_epi16, _mm256_packus_epi16, _mm256_shuffle_epi8, _mm256_srli_epi16,
    _mm256_unpackhi_epi8, _mm256_unpacklo_epi8, _mm256_xor_si256,
};

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn encode(block: &[i16; BLOCK], out: &mut [u8; BLOCK]) {
    super::encode(block, out, |first, second| codes(first, second));
}

/// With `v` the upper bits of the magnitude, the code is `min(v, v/2 + 16, v/4 + 32, v/8 + 48)`.
#[inline]
#[target_feature(enable = "avx2")]
fn codes(first: __m256i, second: __m256i) -> __m256i {
    let (one, other) = (magnitudes(first), magnitudes(second));
    let lower = _mm256_packus_epi16(_mm256_srli_epi16::<4>(one), _mm256_srli_epi16::<4>(other));
    let upper = _mm256_packus_epi16(_mm256_srli_epi16::<8>(one), _mm256_srli_epi16::<8>(other));
    // From 4096 on the upper bits decide; what `lower` holds is saturated there.
    let loud = _mm256_cmpgt_epi8(upper, all(15));
    let line = _mm256_blendv_epi8(lower, upper, loud);
    // The average of odd numbers is (a + b + 1) / 2, rounded downwards.
    let half = _mm256_avg_epu8(line, all(2 * 16 - 1));
    let quarter = _mm256_avg_epu8(half, all(2 * 24 - 1));
    let eighth = _mm256_avg_epu8(quarter, all(2 * 32 - 1));
    let least = _mm256_min_epu8(_mm256_min_epu8(line, half), _mm256_min_epu8(quarter, eighth));
    let least = _mm256_xor_si256(least, _mm256_and_si256(loud, all(64)));
    // Saturated to bytes, a sample keeps its sign; 0xD5 is the line's (G.711 §3).
    let sign = _mm256_and_si256(_mm256_packs_epi16(first, second), all(0x80));
    _mm256_xor_si256(_mm256_xor_si256(least, sign), all(0xD5))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn decode(block: &[u8; BLOCK], out: &mut [i16; BLOCK]) {
    super::decode(block, out, |octets| values(octets));
}

/// A value is `2 * (8 * step + 4 + 128) * 2^(segment - 1)`, without the 128 in segment 0; doubled by adding a pair of equals.
#[inline]
#[target_feature(enable = "avx2")]
fn values(octets: __m256i) -> (__m256i, __m256i) {
    let (lower, upper) = nibbles(octets);
    let step = _mm256_or_si256(_mm256_shuffle_epi8(table(&STEPS), lower), _mm256_shuffle_epi8(table(&OFFSETS), upper));
    let factor = _mm256_shuffle_epi8(table(&FACTORS), upper);
    let doubled = |steps, factors| _mm256_maddubs_epi16(steps, factors);
    (
        doubled(_mm256_unpacklo_epi8(step, step), _mm256_unpacklo_epi8(factor, factor)),
        doubled(_mm256_unpackhi_epi8(step, step), _mm256_unpackhi_epi8(factor, factor)),
    )
}

/// Half a step of the lower nibble as it stands on the line: its even bits are inverted (G.711 §3).
static STEPS: [u8; 16] = tabulate(0);
/// What all segments but the first add, by the upper nibble.
static OFFSETS: [u8; 16] = tabulate(1);
/// Sign and slope of the segment, by the upper nibble.
static FACTORS: [u8; 16] = tabulate(2);

const fn tabulate(column: usize) -> [u8; 16] {
    let mut table = [0; 16];
    let mut nibble = 0_u8;
    while nibble < 16 {
        let code = nibble ^ 5;
        let segment = code & 7;
        let slope = if segment == 0 { 1 } else { 1 << (segment - 1) };
        let row = [
            8 * code + 4,
            if segment == 0 { 0 } else { 128 },
            if code & 8 == 0 { 0_u8.wrapping_sub(slope) } else { slope },
        ];
        table[nibble as usize] = row[column];
        nibble += 1;
    }
    table
}
