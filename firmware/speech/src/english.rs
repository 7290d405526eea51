//! Numbers in English.

use crate::number::{Number, digits_of};

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const THOUSANDS: [&str; 8] =
    ["", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion", " sextillion"];

/// The name of one digit.
pub(crate) fn digit(value: u8) -> &'static str {
    ONES[usize::from(value) % 10]
}

/// A whole number from its digits (no leading zeros, at most 24).
pub(crate) fn cardinal(digits: &[u8]) -> String {
    let groups = digits.len().div_ceil(3);
    let mut words: Vec<String> = Vec::new();
    for group in 0..groups {
        let unit = groups - 1 - group;
        let end = digits.len() - 3 * unit;
        let value = digits[end.saturating_sub(3)..end].iter().fold(0, |sum, d| sum * 10 + usize::from(*d));
        if value > 0 {
            words.push(below_thousand(value) + THOUSANDS[unit % THOUSANDS.len()]);
        }
    }
    if words.is_empty() { "zero".into() } else { words.join(" ") }
}

fn below_thousand(value: usize) -> String {
    match (value / 100, value % 100) {
        (0, rest) => below_hundred(rest),
        (hundreds, 0) => format!("{} hundred", ONES[hundreds]),
        (hundreds, rest) => format!("{} hundred {}", ONES[hundreds], below_hundred(rest)),
    }
}

fn below_hundred(value: usize) -> String {
    match (value / 10, value % 10) {
        (0 | 1, _) => ONES[value].into(),
        (tens, 0) => TENS[tens].into(),
        (tens, ones) => format!("{}-{}", TENS[tens], ONES[ones]),
    }
}

/// The ordinal of a whole number: the last word of the cardinal changes.
pub(crate) fn ordinal(digits: &[u8]) -> String {
    let cardinal = cardinal(digits);
    let cut = cardinal.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = cardinal.split_at(cut);
    let last = match last {
        "one" => "first".into(),
        "two" => "second".into(),
        "three" => "third".into(),
        "five" => "fifth".into(),
        "eight" => "eighth".into(),
        "nine" => "ninth".into(),
        "twelve" => "twelfth".into(),
        tens if tens.ends_with('y') => format!("{}ieth", &tens[..tens.len() - 1]),
        other => format!("{other}th"),
    };
    format!("{head}{last}")
}

/// The sign's word.
pub(crate) fn sign(number: &Number) -> &'static str {
    if number.negative { "minus " } else { "" }
}

/// A number without its sign, its decimals digit by digit with trailing zeros kept.
pub(crate) fn unsigned(number: &Number) -> String {
    let mut words = cardinal(&number.int);
    if !number.frac.is_empty() {
        words.push_str(" point");
        for d in &number.frac {
            words.push(' ');
            words.push_str(digit(*d));
        }
    }
    words
}

/// A small whole number.
pub(crate) fn small(value: u32) -> String {
    cardinal(&digits_of(value))
}

/// A year as it is said: "nineteen oh five", "two thousand five", "twenty twenty-four".
pub(crate) fn year(value: u32) -> String {
    match (value / 100, value % 100) {
        (high, 0) if high % 10 != 0 => format!("{} hundred", small(high)),
        (high, low) if high % 10 == 0 && low < 10 => small(value),
        (high, low @ 1..=9) => format!("{} oh {}", small(high), small(low)),
        (high, low) => format!("{} {}", small(high), small(low)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: &str, cardinal_words: &str, ordinal_words: &str) {
        let digits: Vec<u8> = number.bytes().map(|b| b - b'0').collect();
        assert_eq!(cardinal(&digits), cardinal_words, "{number}");
        assert_eq!(ordinal(&digits), ordinal_words, "{number}");
    }

    #[test]
    fn cardinals_and_ordinals() {
        check("0", "zero", "zeroth");
        check("1", "one", "first");
        check("12", "twelve", "twelfth");
        check("19", "nineteen", "nineteenth");
        check("20", "twenty", "twentieth");
        check("42", "forty-two", "forty-second");
        check("100", "one hundred", "one hundredth");
        check("103", "one hundred three", "one hundred third");
        check("12345", "twelve thousand three hundred forty-five", "twelve thousand three hundred forty-fifth");
        check("1000000", "one million", "one millionth");
        check("1000008", "one million eight", "one million eighth");
    }

    #[test]
    fn the_longest_number_is_read_without_overflow() {
        assert!(cardinal(&[9; 24]).starts_with("nine hundred ninety-nine sextillion nine hundred"));
    }

    #[test]
    fn years_are_said_in_pairs() {
        for (value, words) in [
            (2024, "twenty twenty-four"),
            (2000, "two thousand"),
            (2005, "two thousand five"),
            (2010, "twenty ten"),
            (1905, "nineteen oh five"),
            (1900, "nineteen hundred"),
            (1998, "nineteen ninety-eight"),
        ] {
            assert_eq!(year(value), words);
        }
    }
}
