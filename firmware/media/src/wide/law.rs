//! A-law in AVX2's bytes: the same octets and samples as `dsp_g711`'s, 32 at a time. What is left after whole blocks is
//! done there.
//!
//! **Encoding.** The code of a magnitude (G.711 Table 1a) is a concave chain of segments, so it is the least of the straight lines of all
//! segments: with `v` the magnitude's upper bits, `min(v, v/2 + 16, v/4 + 32, v/8 + 48)`. Eight bits of magnitude decide the lower
//! five segments, and the eight above them the upper three, 64 codes higher. The lines are drawn in the complement, where the
//! processor's rounding average halves downwards and adds at once.
//!
//! **Decoding.** A value is `2 * (8 * step + 4 + 128) * 2^(segment - 1)` (without the 128 in segment 0): both factors are bytes found by a nibble
//! of the octet, and the processor multiplies bytes and adds pairs of them, here a pair of equals.

// Loads and stores go through pointers; each is next to the array that it is taken from.
#![allow(unsafe_code)]

use core::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm_storeu_si128, _mm256_and_si256, _mm256_avg_epu8, _mm256_blendv_epi8,
    _mm256_broadcastsi128_si256, _mm256_castsi128_si256, _mm256_castsi256_si128, _mm256_cmpgt_epi8, _mm256_loadu_si256,
    _mm256_maddubs_epi16, _mm256_max_epu8, _mm256_or_si256, _mm256_packs_epi16, _mm256_packus_epi16,
    _mm256_permute4x64_epi64, _mm256_set1_epi8, _mm256_shuffle_epi8, _mm256_srai_epi16, _mm256_srli_epi16,
    _mm256_storeu_si256, _mm256_sub_epi8, _mm256_unpackhi_epi8, _mm256_unpacklo_epi8, _mm256_xor_si256,
};

use crate::BLOCK;

/// Samples in a step; a block is two of them and a half.
const STEP: usize = 32;
const HALF: usize = STEP / 2;

/// [`dsp_g711::alaw_encode_block`].
#[target_feature(enable = "avx2")]
pub(super) fn encode(samples: &[i16], octets: &mut [u8]) -> usize {
    // The usual case: one block, whose length the compiler knows.
    if let (Ok(block), Ok(out)) = (<&[i16; BLOCK]>::try_from(samples), <&mut [u8; BLOCK]>::try_from(&mut *octets)) {
        encode_block(block, out);
        return BLOCK;
    }
    encode_long(samples, octets)
}

#[inline(never)]
#[target_feature(enable = "avx2")]
fn encode_long(samples: &[i16], octets: &mut [u8]) -> usize {
    let mut done = 0;
    for (block, out) in samples.as_chunks().0.iter().zip(octets.as_chunks_mut().0) {
        encode_block(block, out);
        done += BLOCK;
    }
    done + dsp_g711::alaw_encode_block(&samples[done..], &mut octets[done..])
}

#[inline]
#[target_feature(enable = "avx2")]
fn encode_block(block: &[i16; BLOCK], out: &mut [u8; BLOCK]) {
    let (halves, _) = block.as_chunks::<HALF>();
    // SAFETY: each array is 16 samples, which are 32 octets.
    let load = |at: usize| unsafe { _mm256_loadu_si256(halves[at].as_ptr().cast()) };
    // Packing goes by halves of the registers; this puts the quarters back in order.
    let ordered = |first, second| _mm256_permute4x64_epi64::<0b11_01_10_00>(codes(first, second));
    let (steps, last) = out.as_chunks_mut::<STEP>();
    for (at, step) in steps.iter_mut().enumerate() {
        // SAFETY: the array is 32 octets.
        unsafe { _mm256_storeu_si256(step.as_mut_ptr().cast(), ordered(load(2 * at), load(2 * at + 1))) };
    }
    let (last, _) = last.as_chunks_mut::<HALF>();
    for half in last {
        let code = _mm256_castsi256_si128(ordered(load(4), load(4)));
        // SAFETY: the array is 16 octets.
        unsafe { _mm_storeu_si128(half.as_mut_ptr().cast(), code) };
    }
}

/// The octets of 32 samples: eight of the first, eight of the second, and so once more.
#[inline]
#[target_feature(enable = "avx2")]
fn codes(first: __m256i, second: __m256i) -> __m256i {
    let all = |value: u8| _mm256_set1_epi8(value.cast_signed());
    // Ones' complement magnitudes, as in `dsp_g711::alaw_encode`.
    let one = _mm256_xor_si256(first, _mm256_srai_epi16::<15>(first));
    let other = _mm256_xor_si256(second, _mm256_srai_epi16::<15>(second));
    let lower = _mm256_packus_epi16(_mm256_srli_epi16::<4>(one), _mm256_srli_epi16::<4>(other));
    let upper = _mm256_packus_epi16(_mm256_srli_epi16::<8>(one), _mm256_srli_epi16::<8>(other));
    // From 4096 on the upper bits decide; what `lower` holds is saturated there.
    let loud = _mm256_cmpgt_epi8(upper, all(15));
    let line = _mm256_xor_si256(_mm256_blendv_epi8(lower, upper, loud), all(0xFF));
    let half = _mm256_avg_epu8(line, all(0xFF - 2 * 16));
    let quarter = _mm256_avg_epu8(half, all(0xFF - 2 * 24));
    let eighth = _mm256_avg_epu8(quarter, all(0xFF - 2 * 32));
    let least = _mm256_max_epu8(_mm256_max_epu8(line, half), _mm256_max_epu8(quarter, eighth));
    let least = _mm256_sub_epi8(least, _mm256_and_si256(loud, all(64)));
    // Saturated to bytes, a sample keeps its sign; 0x2A is the line's 0xD5 (G.711 §3) in the complement.
    let sign = _mm256_and_si256(_mm256_packs_epi16(first, second), all(0x80));
    _mm256_xor_si256(_mm256_xor_si256(least, sign), all(0x2A))
}

/// [`dsp_g711::alaw_decode_block`].
#[target_feature(enable = "avx2")]
pub(super) fn decode(octets: &[u8], samples: &mut [i16]) -> usize {
    // The usual case: one block, whose length the compiler knows.
    if let (Ok(block), Ok(out)) = (<&[u8; BLOCK]>::try_from(octets), <&mut [i16; BLOCK]>::try_from(&mut *samples)) {
        decode_block(block, out);
        return BLOCK;
    }
    decode_long(octets, samples)
}

#[inline(never)]
#[target_feature(enable = "avx2")]
fn decode_long(octets: &[u8], samples: &mut [i16]) -> usize {
    let mut done = 0;
    for (block, out) in octets.as_chunks().0.iter().zip(samples.as_chunks_mut().0) {
        decode_block(block, out);
        done += BLOCK;
    }
    done + dsp_g711::alaw_decode_block(&octets[done..], &mut samples[done..])
}

#[inline]
#[target_feature(enable = "avx2")]
fn decode_block(block: &[u8; BLOCK], out: &mut [i16; BLOCK]) {
    let (halves, _) = out.as_chunks_mut::<HALF>();
    // SAFETY: each array is 16 samples, which are 32 octets.
    let mut store = |at: usize, values| unsafe { _mm256_storeu_si256(halves[at].as_mut_ptr().cast(), values) };
    // Unpacking goes by halves of the registers: the middle quarters change places first.
    let parted = |octets| values(_mm256_permute4x64_epi64::<0b11_01_10_00>(octets));
    let (steps, last) = block.as_chunks::<STEP>();
    for (at, step) in steps.iter().enumerate() {
        // SAFETY: the array is 32 octets.
        let (low, high) = parted(unsafe { _mm256_loadu_si256(step.as_ptr().cast()) });
        store(2 * at, low);
        store(2 * at + 1, high);
    }
    for half in last.as_chunks::<HALF>().0 {
        // SAFETY: the array is 16 octets.
        let half = unsafe { _mm_loadu_si128(half.as_ptr().cast()) };
        store(4, parted(_mm256_castsi128_si256(half)).0);
    }
}

/// The values of the lower eight octets of each half of the register, and of the upper eight.
#[inline]
#[target_feature(enable = "avx2")]
fn values(octets: __m256i) -> (__m256i, __m256i) {
    let nibble = _mm256_set1_epi8(15);
    let lower = _mm256_and_si256(octets, nibble);
    let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(octets), nibble);
    let step = _mm256_or_si256(_mm256_shuffle_epi8(table(&STEPS), lower), _mm256_shuffle_epi8(table(&OFFSETS), upper));
    let factor = _mm256_shuffle_epi8(table(&FACTORS), upper);
    let doubled = |steps, factors| _mm256_maddubs_epi16(steps, factors);
    (
        doubled(_mm256_unpacklo_epi8(step, step), _mm256_unpacklo_epi8(factor, factor)),
        doubled(_mm256_unpackhi_epi8(step, step), _mm256_unpackhi_epi8(factor, factor)),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
fn table(octets: &[u8; 16]) -> __m256i {
    // SAFETY: the array is 16 octets.
    let half: __m128i = unsafe { _mm_loadu_si128(octets.as_ptr().cast()) };
    _mm256_broadcastsi128_si256(half)
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
