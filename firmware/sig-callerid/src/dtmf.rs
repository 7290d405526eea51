//! Caller ids by DTMF, in the ways of all networks that have it (EN 300 659-1 Annex B; YD/T 1277).

use crate::CallerId;
use base::{Digit, Digits};
use ports::call::{Number, Presentation};

/// How an exchange writes a number in digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DtmfVariant {
    /// `A` number `C`, before the `C` perhaps `D` and the redirecting number; `B00C` unavailable, `B10C` restricted (Brazil, Belgium,
    /// Scandinavia, India, Saudi Arabia).
    AThenC,
    /// `A` number `#`; `D1#` restricted, `D2#` from abroad, `D3#` unavailable (Denmark, the Netherlands).
    AThenHash,
    /// `D` number `C` (China, Taiwan, Kuwait).
    DThenC,
    /// Number `#` (Denmark, the Netherlands).
    Hash,
}

/// No network sends less than this without a letter in front: shorter ones are keys that somebody pressed.
const SHORTEST: usize = 3;

/// Reads all of them, without being told which it is.
#[derive(Clone, Debug, Default)]
pub struct DtmfReader {
    digits: Digits,
}

impl DtmfReader {
    /// A reader that has heard nothing.
    pub const fn new() -> Self {
        Self { digits: Digits::new() }
    }

    /// The next digit; the last one brings the caller.
    pub fn push(&mut self, digit: Digit) -> Option<CallerId> {
        if matches!(digit.as_char(), 'C' | '#') {
            let digits = core::mem::take(&mut self.digits);
            return parse(digits.as_str(), digit.as_char());
        }
        if self.digits.push(digit.as_char()).is_err() {
            self.digits = Digits::new();
        }
        None
    }

    /// Nothing more comes: some exchanges send no end.
    pub fn finish(&mut self) -> Option<CallerId> {
        let digits = core::mem::take(&mut self.digits);
        parse(digits.as_str(), ' ')
    }
}

/// `text` without its end, and the end: a space where none came.
fn parse(text: &str, end: char) -> Option<CallerId> {
    let absent = |presentation| {
        let number = Number { presentation, ..Number::default() };
        Some(CallerId { number, ..CallerId::default() })
    };
    // Some exchanges begin with a star.
    let text = text.trim_start_matches('*');
    match (text, end) {
        ("D1", '#') | ("A" | "D", 'C') => return absent(Presentation::Restricted),
        ("D2" | "D3", '#') => return absent(Presentation::Unavailable),
        _ => {}
    }
    let mut caller = CallerId::default();
    let mut found = false;
    let first = text.chars().next()?;
    for (at, letter) in text.char_indices().filter(|(at, name)| *at == 0 || name.is_ascii_alphabetic()) {
        let part = text.get(at..)?.trim_start_matches(|name: char| name.is_ascii_alphabetic());
        let part = part.split(|name: char| name.is_ascii_alphabetic()).next().unwrap_or_default();
        let number = Number::unknown(part.parse().unwrap_or_default());
        match (letter, part) {
            ('B', "00") if at == 0 => return absent(Presentation::Unavailable),
            ('B', _) if at == 0 => return absent(Presentation::Restricted),
            ('D', _) if at > 0 && first == 'A' => caller.redirecting = Some(number),
            ('A' | 'D', _) if at == 0 => (caller.number, found) = (number, !part.is_empty()),
            ('0'..='9', _) if part.len() >= SHORTEST => (caller.number, found) = (number, true),
            _ => {}
        }
    }
    found.then_some(caller)
}

/// The caller in digits.
pub fn encode_dtmf(variant: DtmfVariant, number: &Number) -> Digits {
    let is_shown = number.presentation == Presentation::Allowed && !number.digits.is_empty();
    let is_restricted = number.presentation == Presentation::Restricted;
    let (front, end) = match (variant, is_shown) {
        (DtmfVariant::AThenC, true) => ("A", "C"),
        (DtmfVariant::AThenHash, true) => ("A", "#"),
        (DtmfVariant::DThenC, true) => ("D", "C"),
        (DtmfVariant::Hash, true) => ("", "#"),
        (DtmfVariant::AThenC, false) => (if is_restricted { "B10" } else { "B00" }, "C"),
        (DtmfVariant::AThenHash | DtmfVariant::Hash, false) => (if is_restricted { "D1" } else { "D3" }, "#"),
        (DtmfVariant::DThenC, false) => ("D", "C"),
    };
    let shown = if is_shown { number.digits.as_str() } else { "" };
    let mut digits = Digits::new();
    // A number of 31 digits and more loses its end: none has so many. A `+` has no tone.
    for name in front.chars().chain(shown.chars().filter(|name| *name != '+')).take(Digits::CAPACITY - 1) {
        let _ = digits.push(name);
    }
    let _ = digits.append(&end.parse().unwrap_or_default());
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<CallerId> {
        let mut reader = DtmfReader::new();
        let told = text.chars().find_map(|name| reader.push(Digit::new(name).unwrap()));
        told.or_else(|| reader.finish())
    }

    /// The number and why there is none.
    #[track_caller]
    fn check(text: &str, number: &str, presentation: Presentation) {
        let caller = read(text).unwrap_or_else(|| panic!("{text} is a caller id"));
        assert_eq!((caller.number.digits.as_str(), caller.number.presentation), (number, presentation), "{text}");
    }

    #[test]
    fn every_way_of_writing_is_read_without_being_told_which() {
        use Presentation::{Allowed, Restricted, Unavailable};
        check("A13800138000C", "13800138000", Allowed);
        check("A13800138000#", "13800138000", Allowed);
        check("D13800138000C", "13800138000", Allowed);
        check("13800138000#", "13800138000", Allowed);
        check("*13800138000C", "13800138000", Allowed);
        check("13800138000", "13800138000", Allowed);
        check("D13800138000", "13800138000", Allowed);
        check("D110C", "110", Allowed);
        check("B00C", "", Unavailable);
        check("B10C", "", Restricted);
        check("D1#", "", Restricted);
        check("D2#", "", Unavailable);
        check("D3#", "", Unavailable);
        check("DC", "", Restricted);
        let diverted = read("A13800138000D62345678C").unwrap();
        assert_eq!(diverted.number.digits.as_str(), "13800138000");
        assert_eq!(diverted.redirecting.unwrap().digits.as_str(), "62345678");
    }

    #[test]
    fn keys_that_somebody_presses_name_nobody() {
        for text in ["", "1", "12#", "#", "C", "**", "A", "BBBB", "5C"] {
            assert!(read(text).is_none_or(|caller| caller.number.digits.is_empty()), "{text}");
        }
    }

    #[test]
    fn what_is_sent_is_what_is_read() {
        let variants = [DtmfVariant::AThenC, DtmfVariant::AThenHash, DtmfVariant::DThenC, DtmfVariant::Hash];
        for variant in variants {
            for digits in ["110", "13800138000", "008613800138000"] {
                let number = Number::unknown(digits.parse().unwrap());
                assert_eq!(read(encode_dtmf(variant, &number).as_str()).unwrap().number, number, "{variant:?}");
            }
            let hidden = Number { presentation: Presentation::Restricted, ..Number::default() };
            assert_eq!(read(encode_dtmf(variant, &hidden).as_str()).unwrap().number, hidden, "{variant:?}");
        }
    }
}
