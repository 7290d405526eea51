//! The line bit by bit, written from Q.921 §2 without a look at the crate.

// Each test program uses a part of it.
#![allow(dead_code)]

use line_framing::{BadFrame, Counters, HdlcRx};

/// 01111110 (Q.921 §2.2).
pub(crate) const FLAG: [bool; 8] = [false, true, true, true, true, true, true, false];

/// Bits on their way, the first first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(pub(crate) Vec<bool>);

impl Bits {
    pub(crate) fn flag(mut self) -> Self {
        self.0.extend(FLAG);
        self
    }

    pub(crate) fn ones(mut self, count: usize) -> Self {
        self.0.extend(vec![true; count]);
        self
    }

    pub(crate) fn raw(mut self, bits: &[bool]) -> Self {
        self.0.extend(bits);
        self
    }

    /// Octets with a zero after each five ones (Q.921 §2.6).
    pub(crate) fn stuffed(self, octets: &[u8]) -> Self {
        self.stuffed_bits(
            &octets.iter().flat_map(|octet| (0..8).map(move |at| octet >> at & 1 == 1)).collect::<Vec<_>>(),
        )
    }

    pub(crate) fn stuffed_bits(mut self, bits: &[bool]) -> Self {
        let mut ones = 0;
        for &bit in bits {
            self.0.push(bit);
            ones = if bit { ones + 1 } else { 0 };
            if ones == 5 {
                self.0.push(false);
                ones = 0;
            }
        }
        self
    }

    /// A frame and its check sequence, without flags.
    pub(crate) fn frame(self, octets: &[u8]) -> Self {
        self.stuffed(&with_check(octets))
    }

    /// The timeslot's octets, the first bit lowest (Q.921 §2.8); idle ones fill the last.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let octet = |bits: &[bool]| (0..8).fold(0, |sum, at| sum | u8::from(*bits.get(at).unwrap_or(&true)) << at);
        self.0.chunks(8).map(octet).collect()
    }
}

/// The octets and, lowest first, the ones' complement of the remainder of division by x^16 + x^12 + x^5 + 1 (Q.921 §2.7).
pub(crate) fn with_check(octets: &[u8]) -> Vec<u8> {
    let mut rest = 0xFFFF_u16;
    for bit in octets.iter().flat_map(|octet| (0..8).map(move |at| u16::from(octet >> at & 1))) {
        let carry = rest >> 15 ^ bit;
        rest = rest << 1 ^ if carry == 1 { 0x1021 } else { 0 };
    }
    // The remainder goes out highest coefficient first, so that its first octet is the upper half turned round.
    let [upper, lower] = (!rest).to_be_bytes();
    [octets, &[upper.reverse_bits(), lower.reverse_bits()]].concat()
}

/// What a receiver made of octets.
pub(crate) type Heard = Vec<Result<Vec<u8>, BadFrame>>;

pub(crate) fn hear(rx: &mut HdlcRx, octets: &[u8]) -> Heard {
    let mut heard = Vec::new();
    rx.receive(octets, |frame| heard.push(frame.map(<[u8]>::to_vec)));
    heard
}

/// Expects exactly this of a receiver that hears only these bits, and counters that agree.
#[track_caller]
pub(crate) fn check(bits: &Bits, expected: &[Result<&[u8], BadFrame>]) {
    let mut rx = HdlcRx::new();
    let heard = hear(&mut rx, &bits.octets());
    let expected: Heard = expected.iter().map(|frame| frame.map(<[u8]>::to_vec)).collect();
    assert_eq!(heard, expected);
    assert_eq!(rx.counters(), counted(&heard));
}

fn counted(heard: &Heard) -> Counters {
    let of = |bad| heard.iter().filter(|frame| **frame == Err(bad)).count() as u64;
    Counters {
        frames: heard.iter().filter(|frame| frame.is_ok()).count() as u64,
        aborted: of(BadFrame::Aborted),
        short: of(BadFrame::Short),
        oversize: of(BadFrame::Oversize),
        misaligned: of(BadFrame::Misaligned),
        check_sequence: of(BadFrame::CheckSequence),
    }
}
