//! G.711 in AVX2's bytes: the same octets and samples as `dsp_g711`'s, 32 at a time.
//!
//! **Encoding.** A law is a concave chain of segments, so the code of a magnitude is the least of the straight lines of all segments. Each
//! line is half as steep as the one before: the processor's average of two bytes halves and adds at once. Eight bits of the
//! magnitude decide the lower segments, the eight above them the upper ones, 64 codes higher.
//!
//! **Decoding.** A value is a step times the slope of its segment: both are bytes found by a nibble of the octet, and the processor
//! multiplies bytes and adds pairs of products.

// Loads and stores go through pointers; each is next to the array that it is taken from.
#![allow(unsafe_code)]

mod alaw;
mod ulaw;

use crate::BLOCK;
use core::arch::x86_64::{
    __m128i, __m256i, _mm_loadu_si128, _mm_storeu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256,
    _mm256_castsi128_si256, _mm256_castsi256_si128, _mm256_loadu_si256, _mm256_permute4x64_epi64, _mm256_set1_epi8,
    _mm256_srai_epi16, _mm256_srli_epi16, _mm256_storeu_si256, _mm256_xor_si256,
};

/// Samples in a step; a block is two of them and a half.
const STEP: usize = 32;
const HALF: usize = STEP / 2;

/// Ones' complement magnitudes, as in `dsp_g711::alaw_encode`.
#[inline]
#[target_feature(enable = "avx2")]
fn magnitudes(samples: __m256i) -> __m256i {
    _mm256_xor_si256(samples, _mm256_srai_epi16::<15>(samples))
}

#[inline]
#[target_feature(enable = "avx2")]
fn all(value: u8) -> __m256i {
    _mm256_set1_epi8(value.cast_signed())
}

/// Writes a block's octets; `codes` gives those of two registers of samples: eight of the first, eight of the second, and so once more.
#[inline]
#[target_feature(enable = "avx2")]
fn encode(block: &[i16; BLOCK], out: &mut [u8; BLOCK], codes: impl Fn(__m256i, __m256i) -> __m256i) {
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

/// Writes a block's samples; `values` gives those of the lower eight octets of each half of a register, and of the upper eight.
#[inline]
#[target_feature(enable = "avx2")]
fn decode(block: &[u8; BLOCK], out: &mut [i16; BLOCK], values: impl Fn(__m256i) -> (__m256i, __m256i)) {
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

/// The lower and the upper nibbles of octets.
#[inline]
#[target_feature(enable = "avx2")]
fn nibbles(octets: __m256i) -> (__m256i, __m256i) {
    let nibble = all(15);
    (_mm256_and_si256(octets, nibble), _mm256_and_si256(_mm256_srli_epi16::<4>(octets), nibble))
}

#[inline]
#[target_feature(enable = "avx2")]
fn table(octets: &[u8; 16]) -> __m256i {
    // SAFETY: the array is 16 octets.
    let half: __m128i = unsafe { _mm_loadu_si128(octets.as_ptr().cast()) };
    _mm256_broadcastsi128_si256(half)
}

/// The four ways, for one block and for as many as both slices hold. What is left after whole blocks is done by `dsp_g711`.
macro_rules! ways {
    ($block:ident, $long:ident, $from:ty, $to:ty, $one:expr, $plain:path) => {
        /// One block.
        #[target_feature(enable = "avx2")]
        pub(super) fn $block(block: &[$from; BLOCK], out: &mut [$to; BLOCK]) {
            $one(block, out);
        }

        /// Any number of samples; tells how many.
        #[target_feature(enable = "avx2")]
        pub(super) fn $long(from: &[$from], to: &mut [$to]) -> usize {
            let mut done = 0;
            for (block, out) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
                $one(block, out);
                done += BLOCK;
            }
            done + $plain(&from[done..], &mut to[done..])
        }
    };
}

ways!(alaw_encode_block, alaw_encode, i16, u8, alaw::encode, dsp_g711::alaw_encode_block);
ways!(alaw_decode_block, alaw_decode, u8, i16, alaw::decode, dsp_g711::alaw_decode_block);
ways!(ulaw_encode_block, ulaw_encode, i16, u8, ulaw::encode, dsp_g711::ulaw_encode_block);
ways!(ulaw_decode_block, ulaw_decode, u8, i16, ulaw::decode, dsp_g711::ulaw_decode_block);
