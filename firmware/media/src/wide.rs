//! The same arithmetic in the widest vectors that this processor has.
//!
//! The detectors of `dsp-*` are plain Rust that a compiler turns into vector instructions; here it does so twice, once for every
//! processor of the architecture and once for those with AVX2, and the start of the program chooses. No fused
//! multiplication is used, so both give the same results to the last bit. The laws have a second wording for AVX2.

#[cfg(target_arch = "x86_64")]
mod law;

use crate::BLOCK;
use core::convert::Infallible;
use dsp_echo::{EchoBank, Pair};
use dsp_fax::{FaxToneBank, FaxToneEvent};
use dsp_fsk::{FskBank, FskEvent};
use dsp_level::{LevelBank, VoiceBank, VoiceEvent};
use dsp_mf::{MfBank, MfEvent};
use dsp_progress::{ProgressBank, ToneEvent};
use dsp_tone::{DtmfBank, DtmfEvent};

/// Receivers of one kind for `LANES` channels.
pub trait Bank<const LANES: usize> {
    /// What a channel's receiver tells.
    type Event;
    /// Takes the next 10 ms of every lane that has any. Must be inlined, to be compiled for the caller's processor.
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, Self::Event));
}

impl<const LANES: usize> Bank<LANES> for DtmfBank<LANES> {
    type Event = DtmfEvent;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, DtmfEvent)) {
        self.process(blocks, tell);
    }
}

impl<const LANES: usize> Bank<LANES> for MfBank<LANES> {
    type Event = MfEvent;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, MfEvent)) {
        self.process(blocks, tell);
    }
}

impl<const LANES: usize> Bank<LANES> for FskBank<LANES> {
    type Event = FskEvent;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, FskEvent)) {
        self.process(blocks, tell);
    }
}

impl<const LANES: usize> Bank<LANES> for FaxToneBank<LANES> {
    type Event = FaxToneEvent;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, FaxToneEvent)) {
        self.process(blocks, tell);
    }
}

impl<const LANES: usize> Bank<LANES> for VoiceBank<LANES> {
    type Event = VoiceEvent;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, VoiceEvent)) {
        self.process(blocks, tell);
    }
}

impl<const LANES: usize> Bank<LANES> for LevelBank<LANES> {
    /// A meter tells nothing: it is looked at.
    type Event = Infallible;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], _tell: impl FnMut(usize, Infallible)) {
        self.process(blocks);
    }
}

impl<const LANES: usize> Bank<LANES> for ProgressBank<LANES> {
    type Event = ToneEvent;
    #[inline(always)]
    fn process(&mut self, blocks: &[Option<&[i16; BLOCK]>; LANES], tell: impl FnMut(usize, ToneEvent)) {
        self.process(blocks, tell);
    }
}

/// [`Bank::process`].
pub fn detect<const LANES: usize, B: Bank<LANES>>(
    bank: &mut B,
    blocks: &[Option<&[i16; BLOCK]>; LANES],
    tell: impl FnMut(usize, B::Event),
) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        #[allow(unsafe_code)]
        return unsafe { avx2::detect(bank, blocks, tell) };
    }
    bank.process(blocks, tell);
}

/// [`EchoBank::cancel`].
pub fn cancel<const LANES: usize, const PARTITIONS: usize>(
    bank: &mut EchoBank<LANES, PARTITIONS>,
    pairs: &mut [Option<Pair<'_>>; LANES],
) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: as above.
        #[allow(unsafe_code)]
        return unsafe { avx2::cancel(bank, pairs) };
    }
    bank.cancel(pairs);
}

/// One way of a law. A block, whose length the compiler knows, is the usual case.
macro_rules! law {
    ($name:ident, $block:ident, $plain:ident, $from:ty, $to:ty) => {
        #[doc = concat!("[`dsp_g711::", stringify!($plain), "`].")]
        #[inline]
        pub fn $name(from: &[$from], to: &mut [$to]) -> usize {
            #[cfg(target_arch = "x86_64")]
            if has_avx2() {
                // SAFETY: the processor has AVX2, which is all that the functions ask for.
                #[allow(unsafe_code)]
                if let (Ok(block), Ok(out)) = (from.try_into(), <&mut [$to; BLOCK]>::try_from(&mut *to)) {
                    unsafe { law::$block(block, out) };
                    return BLOCK;
                } else {
                    return unsafe { law::$name(from, to) };
                }
            }
            dsp_g711::$plain(from, to)
        }
    };
}

law!(alaw_encode, alaw_encode_block, alaw_encode_block, i16, u8);
law!(alaw_decode, alaw_decode_block, alaw_decode_block, u8, i16);
law!(ulaw_encode, ulaw_encode_block, ulaw_encode_block, i16, u8);
law!(ulaw_decode, ulaw_decode_block, ulaw_decode_block, u8, i16);

/// The library asks the processor once and remembers.
#[inline]
#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

/// What is called here is inlined, and so compiled for AVX2 too.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{BLOCK, Bank, EchoBank, Pair};

    #[target_feature(enable = "avx2")]
    pub(super) fn cancel<const LANES: usize, const PARTITIONS: usize>(
        bank: &mut EchoBank<LANES, PARTITIONS>,
        pairs: &mut [Option<Pair<'_>>; LANES],
    ) {
        bank.cancel(pairs);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn detect<const LANES: usize, B: Bank<LANES>>(
        bank: &mut B,
        blocks: &[Option<&[i16; BLOCK]>; LANES],
        tell: impl FnMut(usize, B::Event),
    ) {
        bank.process(blocks, tell);
    }
}
