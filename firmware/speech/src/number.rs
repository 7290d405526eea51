//! Decimal numbers as strings of digits.

use crate::NotSpeakable;

/// Digits before the point that have names in both languages (below 10^24).
pub(crate) const MAX_INT_DIGITS: usize = 24;
/// Digits after the point; more are surely a mistake.
pub(crate) const MAX_FRAC_DIGITS: usize = 40;

/// A number exactly as written, apart from leading zeros and grouping commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) negative: bool,
    /// Values 0 to 9, no leading zero unless it is the only digit.
    pub(crate) int: Vec<u8>,
    /// Values 0 to 9, trailing zeros kept; empty where there was no point.
    pub(crate) frac: Vec<u8>,
}

impl Number {
    /// Reads `[+-]digits[.digits]`, with commas between groups of three digits allowed.
    pub(crate) fn parse(text: &str, what: &'static str) -> Result<Self, NotSpeakable> {
        let chars: Vec<char> = text.chars().collect();
        let unexpected = |at: usize| NotSpeakable::Unexpected { what, position: at + 1 };
        let mut at = 0;
        let negative = matches!(chars.first(), Some('-' | '−' | '－'));
        if negative || matches!(chars.first(), Some('+' | '＋')) {
            at = 1;
        }
        let mut int = Vec::new();
        let mut since_comma: Option<usize> = None;
        while let Some(&c) = chars.get(at) {
            if let Some(digit) = c.to_digit(10) {
                int.push(digit as u8);
                since_comma = since_comma.map(|n| n + 1);
            } else if c == ',' && matches!((since_comma, int.len()), (None, 1..=3) | (Some(3), _)) {
                since_comma = Some(0);
            } else {
                break;
            }
            at += 1;
        }
        if since_comma.is_some_and(|n| n != 3) {
            return Err(if at == chars.len() { NotSpeakable::Unfinished { what } } else { unexpected(at) });
        }
        let mut frac = Vec::new();
        if chars.get(at) == Some(&'.') {
            at += 1;
            while let Some(digit) = chars.get(at).and_then(|c| c.to_digit(10)) {
                frac.push(digit as u8);
                at += 1;
            }
            if frac.is_empty() && at == chars.len() {
                return Err(NotSpeakable::Unfinished { what });
            }
        }
        if at < chars.len() {
            return Err(unexpected(at));
        }
        if int.is_empty() && frac.is_empty() {
            return Err(NotSpeakable::Unfinished { what });
        }
        let zeros = int.iter().take_while(|d| **d == 0).count();
        int.drain(..zeros.min(int.len().saturating_sub(1)));
        if int.is_empty() {
            int.push(0);
        }
        check_digits(int.len(), MAX_INT_DIGITS, what)?;
        check_digits(frac.len(), MAX_FRAC_DIGITS, what)?;
        Ok(Self { negative, int, frac })
    }

    /// Whether the part before the point is zero.
    pub(crate) fn int_is_zero(&self) -> bool {
        self.int == [0]
    }
}

fn check_digits(digits: usize, limit: usize, what: &'static str) -> Result<(), NotSpeakable> {
    if digits > limit { Err(NotSpeakable::TooManyDigits { what, digits, limit }) } else { Ok(()) }
}

/// The digits of a small number, for dates and times.
pub(crate) fn digits_of(mut value: u32) -> Vec<u8> {
    let mut digits = Vec::new();
    loop {
        digits.push((value % 10) as u8);
        value /= 10;
        if value == 0 {
            digits.reverse();
            return digits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Number, NotSpeakable> {
        Number::parse(text, "number")
    }

    #[track_caller]
    fn check(text: &str, negative: bool, int: &[u8], frac: &[u8]) {
        assert_eq!(parsed(text), Ok(Number { negative, int: int.to_vec(), frac: frac.to_vec() }), "{text}");
    }

    #[test]
    fn numbers_are_kept_digit_by_digit() {
        check("0", false, &[0], &[]);
        check("007", false, &[7], &[]);
        check("-1.50", true, &[1], &[5, 0]);
        check("+3", false, &[3], &[]);
        check("−3", true, &[3], &[]);
        check(".5", false, &[0], &[5]);
        check("1,234,567.8", false, &[1, 2, 3, 4, 5, 6, 7], &[8]);
        check("000", false, &[0], &[]);
    }

    #[test]
    fn what_is_no_number_is_refused_with_its_place() {
        let at = |position| Err(NotSpeakable::Unexpected { what: "number", position });
        let unfinished = Err(NotSpeakable::Unfinished { what: "number" });
        assert_eq!(parsed("12a"), at(3));
        assert_eq!(parsed("1.2.3"), at(4));
        assert_eq!(parsed("1 2"), at(2));
        assert_eq!(parsed("1e5"), at(2));
        assert_eq!(parsed("--1"), at(2));
        assert_eq!(parsed("1234,567"), at(5));
        assert_eq!(parsed("1,23.5"), at(5));
        assert_eq!(parsed(",123"), at(1));
        assert_eq!(parsed("1,,234"), at(3));
        assert_eq!(parsed("1,23"), unfinished);
        assert_eq!(parsed("1."), unfinished);
        assert_eq!(parsed("-"), unfinished);
        assert_eq!(parsed(""), unfinished);
        assert_eq!(parsed("1.x"), at(3));
    }

    #[test]
    fn twenty_four_digits_have_names_and_twenty_five_do_not() {
        assert!(parsed(&"9".repeat(24)).is_ok());
        let refused = NotSpeakable::TooManyDigits { what: "number", digits: 25, limit: 24 };
        assert_eq!(parsed(&"9".repeat(25)), Err(refused));
        assert!(parsed(&format!("{}1", "0".repeat(500))).is_ok());
        assert!(parsed(&format!("1.{}", "0".repeat(40))).is_ok());
        assert!(parsed(&format!("1.{}", "0".repeat(41))).is_err());
    }
}
