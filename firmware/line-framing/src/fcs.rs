//! The 16-bit frame check sequence, an octet at a time (Q.921 §2.7).

/// Before the first octet.
pub(crate) const INITIAL: u16 = 0xFFFF;
/// What remains after a good frame and its FCS.
pub(crate) const GOOD: u16 = 0xF0B8;

/// x^16 + x^12 + x^5 + 1, lowest bit first.
const POLYNOMIAL: u16 = 0x8408;

static TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut rest = octet as u16;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 1 == 1 { rest >> 1 ^ POLYNOMIAL } else { rest >> 1 };
            bit += 1;
        }
        table[octet] = rest;
        octet += 1;
    }
    table
};

/// The remainder after one more octet.
pub(crate) fn step(fcs: u16, octet: u8) -> u16 {
    fcs >> 8 ^ TABLE[usize::from(fcs as u8 ^ octet)]
}

/// The remainder after all of `octets`.
pub(crate) fn over(octets: &[u8]) -> u16 {
    octets.iter().fold(INITIAL, |fcs, &octet| step(fcs, octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_nine_digits_is_the_published_one() {
        assert_eq!(!over(b"123456789"), 0x906E);
    }

    #[test]
    fn a_frame_with_its_check_sequence_leaves_the_good_remainder() {
        assert_eq!(over(&[0x00, 0x01, 0x7F, 0x64, 0x54]), GOOD);
        assert_eq!(over(&[0x00, 0x01, 0x73, 0x08, 0x9E]), GOOD);
        assert_eq!(over(&[0x02, 0x01, 0x01, 0x01, 0x25, 0x97]), GOOD);
    }
}
