//! Numbers in Mandarin.

use crate::number::{Number, digits_of};

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const WITHIN_GROUP: [&str; 4] = ["千", "百", "十", ""];

/// The name of one digit in a number.
pub(crate) fn digit(value: u8) -> char {
    DIGITS[usize::from(value) % 10]
}

/// The name of one digit in a code or telephone number: one is 幺, which cannot be taken for seven.
pub(crate) fn code_digit(value: u8) -> char {
    if value == 1 { '幺' } else { digit(value) }
}

/// A whole number from its digits (no leading zeros): 十 at the start but 一十 inside, one 零 for a run of zeros, 两 for a
/// leading two before 千, 万 and 亿.
pub(crate) fn cardinal(digits: &[u8]) -> String {
    if digits.iter().all(|d| *d == 0) {
        return "零".into();
    }
    let mut words = String::new();
    let groups = digits.len().div_ceil(4);
    let mut zero_pending = false;
    for group in 0..groups {
        let unit = groups - 1 - group;
        let end = digits.len() - 4 * unit;
        let start = end.saturating_sub(4);
        let group = &digits[start..end];
        if group.iter().any(|d| *d != 0) {
            if !words.is_empty() && (zero_pending || group[0] == 0) {
                words.push('零');
            }
            push_group(&mut words, group);
            zero_pending = false;
            // 万 belongs to its own group; 亿 closes all that stands above it.
            if unit % 2 == 1 {
                words.push('万');
            }
        } else {
            zero_pending = true;
        }
        if unit > 0 && unit.is_multiple_of(2) && closes_hundred_million(digits, end) {
            words.push('亿');
            words.extend(core::iter::repeat_n('亿', unit / 2 - 1));
        }
    }
    polished(words)
}

/// Whether one of the eight digits that end at `end` is not zero, so that 亿 has something to count.
fn closes_hundred_million(digits: &[u8], end: usize) -> bool {
    digits[end.saturating_sub(8)..end].iter().any(|d| *d != 0)
}

/// The one to four digits of a group, without their 万 or 亿 and without a leading 零.
fn push_group(words: &mut String, group: &[u8]) {
    let mut zero = false;
    let mut started = false;
    for (digit_value, unit) in group.iter().zip(&WITHIN_GROUP[4 - group.len()..]) {
        if *digit_value == 0 {
            zero = started;
            continue;
        }
        if zero {
            words.push('零');
            zero = false;
        }
        words.push(digit(*digit_value));
        words.push_str(unit);
        started = true;
    }
}

/// 一十 at the start becomes 十; 二 at the start before 千, 万 or 亿 becomes 两.
fn polished(words: String) -> String {
    if let Some(rest) = words.strip_prefix("一十") {
        return format!("十{rest}");
    }
    match words.strip_prefix('二') {
        Some(rest) if rest.starts_with(['千', '万', '亿']) => format!("两{rest}"),
        _ => words,
    }
}

/// The sign's word.
pub(crate) fn sign(number: &Number) -> &'static str {
    if number.negative { "负" } else { "" }
}

/// A number without its sign, its decimals digit by digit with trailing zeros kept.
pub(crate) fn unsigned(number: &Number) -> String {
    let mut words = cardinal(&number.int);
    if !number.frac.is_empty() {
        words.push('点');
        words.extend(number.frac.iter().map(|d| digit(*d)));
    }
    words
}

/// Yuan, jiao and fen of an amount without its sign; with more than two decimals the amount is read as a decimal.
pub(crate) fn yuan(number: &Number) -> String {
    let [jiao, fen] = match number.frac.as_slice() {
        [] => [0, 0],
        [jiao] => [*jiao, 0],
        [jiao, fen] => [*jiao, *fen],
        _ => return unsigned(number) + "元",
    };
    let mut words = String::new();
    if !number.int_is_zero() || (jiao == 0 && fen == 0) {
        words = counted(&number.int) + "元";
    }
    match (jiao, fen) {
        (0, 0) => words.push('整'),
        (0, fen) => {
            if !words.is_empty() {
                words.push('零');
            }
            words.extend([digit(fen), '分']);
        }
        (jiao, 0) => words.extend([digit(jiao), '角']),
        (jiao, fen) => words.extend([digit(jiao), '角', digit(fen), '分']),
    }
    words
}

/// A number before a measure word, where a lone two is 两.
pub(crate) fn counted(digits: &[u8]) -> String {
    if digits == [2] { "两".into() } else { cardinal(digits) }
}

/// A year, digit by digit.
pub(crate) fn year(value: u32) -> String {
    digits_of(value).into_iter().map(digit).collect()
}

/// A small whole number, as in a month or a day.
pub(crate) fn small(value: u32) -> String {
    cardinal(&digits_of(value))
}

/// Minutes and seconds: below ten with a leading 零.
pub(crate) fn two_places(value: u32) -> String {
    if value < 10 && value > 0 { format!("零{}", small(value)) } else { small(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: &str, words: &str) {
        let digits: Vec<u8> = number.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        assert_eq!(cardinal(&digits), words, "{number}");
    }

    #[test]
    fn ten_to_nineteen_begin_with_shi_and_are_yi_shi_inside() {
        check("10", "十");
        check("11", "十一");
        check("19", "十九");
        check("20", "二十");
        check("110", "一百一十");
        check("215", "二百一十五");
        check("1012", "一千零一十二");
        check("10 0000", "十万");
        check("12 0000", "十二万");
        check("1 0010 0000", "一亿零一十万");
        check("10 0000 0000", "十亿");
    }

    #[test]
    fn a_run_of_zeros_is_one_ling_and_trailing_zeros_are_none() {
        check("0", "零");
        check("100", "一百");
        check("101", "一百零一");
        check("1001", "一千零一");
        check("1010", "一千零一十");
        check("1100", "一千一百");
        check("1 0000", "一万");
        check("1 0001", "一万零一");
        check("1 0100", "一万零一百");
        check("1 1000", "一万一千");
        check("10 0005", "十万零五");
        check("20 5000", "二十万五千");
        check("100 1000", "一百万一千");
        check("1000 0010", "一千万零一十");
        check("1 0000 0005", "一亿零五");
        check("1 0000 5000", "一亿零五千");
        check("1 0500 0000", "一亿零五百万");
        check("1 2000 0300", "一亿二千万零三百");
        check("1 0000 0000 0000", "一万亿");
        check("1 0001 0000 0000", "一万零一亿");
        check("1 0000 0000 0001", "一万亿零一");
        check("3 0000 1000 0000", "三万亿零一千万");
        check("1 0000 0000 0000 0000", "一亿亿");
        check("1 0000 0000 0000 0005", "一亿亿零五");
    }

    #[test]
    fn a_leading_two_is_liang_before_thousands_and_er_before_hundreds() {
        check("2", "二");
        check("22", "二十二");
        check("200", "二百");
        check("2000", "两千");
        check("2 0000", "两万");
        check("2 2000", "两万二千");
        check("2 0000 0000", "两亿");
        check("2000 0000", "两千万");
        check("1 2000", "一万二千");
        check("22 0000", "二十二万");
        check("200 0000", "二百万");
    }

    #[test]
    fn the_longest_number_is_read_without_overflow() {
        let words = cardinal(&[9; 24]);
        assert!(words.starts_with("九千九百九十九万九千九百九十九亿亿九千"), "{words}");
        assert!(words.ends_with("九千九百九十九万九千九百九十九"), "{words}");
    }
}
