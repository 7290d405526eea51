//! The tables of spoken forms.

use super::*;
use Lang::{En, Zh};
use SayAs::{Cardinal, Currency, Date, Decimal, Digits, Ordinal, Percent, Telephone, Text, Time};

#[track_caller]
fn check(text: &str, say_as: SayAs, zh: &str, en: &str) {
    assert_eq!(spoken(text, say_as, Zh).as_deref(), Ok(zh), "{text}");
    assert_eq!(spoken(text, say_as, En).as_deref(), Ok(en), "{text}");
}

#[track_caller]
fn refused(text: &str, say_as: SayAs) -> NotSpeakable {
    let why = spoken(text, say_as, Zh).unwrap_err();
    assert_eq!(spoken(text, say_as, En), Err(why), "{text}");
    why
}

#[test]
fn codes_and_telephones_are_said_digit_by_digit_with_yao_for_one() {
    check("110011", Digits, "幺幺零零幺幺", "one one zero zero one one");
    check("６２ 17", Digits, "六二幺七", "six two one seven");
    check("1049X", Digits, "幺零四九X", "one zero four nine X");
    check("*12#", Digits, "星号幺二井号", "star one two pound");
    check("95105", Telephone, "九五幺零五", "nine five one zero five");
    check("400-800-1234", Telephone, "四零零，八零零，幺二三四", "four zero zero, eight zero zero, one two three four");
    check("+86 21", Telephone, "加八六，二幺", "plus eight six, two one");
    check("2100x12", Telephone, "二幺零零转幺二", "two one zero zero extension one two");
}

#[test]
fn a_net_asset_value_keeps_its_trailing_zeros() {
    check("1.2345", Decimal, "一点二三四五", "one point two three four five");
    check("1.2300", Decimal, "一点二三零零", "one point two three zero zero");
    check("0.5678", Decimal, "零点五六七八", "zero point five six seven eight");
    check("12.1", Decimal, "十二点一", "twelve point one");
    check("2.0", Decimal, "二点零", "two point zero");
    check("-1.01", Decimal, "负一点零一", "minus one point zero one");
}

#[test]
fn amounts_are_said_in_yuan_jiao_and_fen() {
    check(
        "12345.67",
        Currency,
        "一万二千三百四十五元六角七分",
        "twelve thousand three hundred forty-five yuan and sixty-seven fen",
    );
    check("100005.00", Currency, "十万零五元整", "one hundred thousand five yuan");
    check("100100000", Currency, "一亿零一十万元整", "one hundred million one hundred thousand yuan");
    check(
        "12,345.60",
        Currency,
        "一万二千三百四十五元六角",
        "twelve thousand three hundred forty-five yuan and sixty fen",
    );
    check("1.05", Currency, "一元零五分", "one yuan and five fen");
    check("10.5", Currency, "十元五角", "ten yuan and fifty fen");
    check("0.05", Currency, "五分", "five fen");
    check("0.50", Currency, "五角", "fifty fen");
    check("0.00", Currency, "零元整", "zero yuan");
    check("2", Currency, "两元整", "two yuan");
    check("2000.20", Currency, "两千元二角", "two thousand yuan and twenty fen");
    check("-215.00", Currency, "负二百一十五元整", "minus two hundred fifteen yuan");
    check("0.5678", Currency, "零点五六七八元", "zero point five six seven eight yuan");
    check("CNY1.10", Currency, "一元一角", "one yuan and ten fen");
    check("￥ 7", Currency, "七元整", "seven yuan");
    check("USD12.34", Currency, "十二点三四美元", "twelve dollars and thirty-four cents");
    check("HK$1.01", Currency, "一点零一港元", "one Hong Kong dollar and one cent");
}

#[test]
fn percentages_are_said_with_their_decimals() {
    check("2.35%", Percent, "百分之二点三五", "two point three five percent");
    check("2.35 %", Percent, "百分之二点三五", "two point three five percent");
    check("2.350", Percent, "百分之二点三五零", "two point three five zero percent");
    check("-0.12%", Percent, "负百分之零点一二", "minus zero point one two percent");
    check("100％", Percent, "百分之一百", "one hundred percent");
}

#[test]
fn numbers_and_places_are_said() {
    check("215", Cardinal, "二百一十五", "two hundred fifteen");
    check("-12.50", Cardinal, "负十二点五零", "minus twelve point five zero");
    check("3", Ordinal, "第三", "third");
    check("12", Ordinal, "第十二", "twelfth");
    check("2", Ordinal, "第二", "second");
    assert_eq!(
        refused("1.5", Ordinal),
        NotSpeakable::OutOfRange { what: "ordinal", part: "place in a row: whole number wanted" }
    );
}

#[test]
fn dates_are_said_year_first_in_chinese_and_month_first_in_english() {
    check("2024-01-05", Date, "二零二四年一月五日", "January fifth, twenty twenty-four");
    check("20240105", Date, "二零二四年一月五日", "January fifth, twenty twenty-four");
    check("2025/12/31", Date, "二零二五年十二月三十一日", "December thirty-first, twenty twenty-five");
    check("2024年1月5日", Date, "二零二四年一月五日", "January fifth, twenty twenty-four");
    check("2024年1月", Date, "二零二四年一月", "January, twenty twenty-four");
    check("????0105", Date, "一月五日", "January fifth");
    check("2024-02", Date, "二零二四年二月", "February, twenty twenty-four");
    check("2024-02-29", Date, "二零二四年二月二十九日", "February twenty-ninth, twenty twenty-four");
}

#[test]
fn a_date_that_does_not_exist_is_refused() {
    let wrong = |part| NotSpeakable::OutOfRange { what: "date (YYYY-MM-DD)", part };
    assert_eq!(refused("2023-02-29", Date), wrong("day"));
    assert_eq!(refused("1900-02-29", Date), wrong("day"));
    assert_eq!(refused("2024-04-31", Date), wrong("day"));
    assert_eq!(refused("2024-13-01", Date), wrong("month"));
    assert_eq!(refused("2024-00-01", Date), wrong("month"));
    assert_eq!(refused("2024-01-00", Date), wrong("day"));
    for text in ["05-01-2024", "2024", "2024-1-2-3", "????????", "2024-aa-01", "2024--05"] {
        refused(text, Date);
    }
}

#[test]
fn times_are_said() {
    check("14:30", Time, "十四点三十分", "two thirty p m");
    check("14:05", Time, "十四点零五分", "two oh five p m");
    check("2:00", Time, "两点整", "two a m");
    check("00:00", Time, "零点整", "twelve a m");
    check("12:15", Time, "十二点十五分", "twelve fifteen p m");
    check("0230p", Time, "下午两点三十分", "two thirty p m");
    check("0900h", Time, "九点整", "nine a m");
    check("09:08:07", Time, "九点零八分零七秒", "nine oh eight and seven seconds a m");
    let wrong = |part| NotSpeakable::OutOfRange { what: "time (HH:MM)", part };
    assert_eq!(refused("24:00", Time), wrong("hour"));
    assert_eq!(refused("13:00p", Time), wrong("hour"));
    assert_eq!(refused("23:60", Time), wrong("minute"));
    assert_eq!(refused("23:59:60", Time), wrong("second"));
    for text in ["12", "1:2:3:4", "ab:cd", "12:", "p", "?"] {
        refused(text, Time);
    }
}

#[test]
fn what_is_not_the_kind_it_claims_is_refused_with_its_place() {
    assert_eq!(refused("12元", Currency), NotSpeakable::Unexpected { what: "amount", position: 3 });
    assert_eq!(refused("USD1x", Currency), NotSpeakable::Unexpected { what: "amount", position: 5 });
    assert_eq!(refused("12%%", Percent), NotSpeakable::Unexpected { what: "percentage", position: 3 });
    assert_eq!(refused("12@", Digits), NotSpeakable::Unexpected { what: "code", position: 3 });
    assert_eq!(refused("12a", Telephone), NotSpeakable::Unexpected { what: "telephone number", position: 3 });
    assert_eq!(refused("-", Telephone), NotSpeakable::Unfinished { what: "telephone number" });
    assert_eq!(refused("  ", Text), NotSpeakable::Empty);
    assert_eq!(refused("", Decimal), NotSpeakable::Empty);
    let many = "1".repeat(25);
    assert_eq!(refused(&many, Cardinal), NotSpeakable::TooManyDigits { what: "number", digits: 25, limit: 24 });
    assert_eq!(spoken(&many, Digits, Zh), Ok("幺".repeat(25)));
    let long = "1".repeat(MAX_CHARS + 1);
    assert_eq!(refused(&long, Digits), NotSpeakable::TooLong { chars: MAX_CHARS + 1, limit: MAX_CHARS });
}

#[test]
fn an_error_never_repeats_the_text() {
    for say_as in [Digits, Telephone, Decimal, Currency, Percent, Cardinal, Ordinal, Date, Time] {
        let why = refused("98765-4321~secret", say_as).to_string();
        assert!(!why.contains("987") && !why.contains("secret"), "{why}");
    }
}

#[test]
fn running_text_is_only_normalised() {
    check(" 请按 １  键 ", Text, "请按 1 键", "请按 1 键");
}

#[test]
fn names_of_say_as_are_known_with_their_formats() {
    for (name, format, wanted) in [
        ("digits", None, Some(Digits)),
        ("vxml:digits", None, Some(Digits)),
        ("characters", None, Some(Digits)),
        ("telephone", None, Some(Telephone)),
        ("vxml:phone", None, Some(Telephone)),
        ("number", None, Some(Cardinal)),
        ("number", Some("digits"), Some(Digits)),
        ("number", Some("ordinal"), Some(Ordinal)),
        ("number", Some("telephone"), Some(Telephone)),
        ("number", Some("decimal"), Some(Decimal)),
        ("vxml:number", None, Some(Cardinal)),
        ("vxml:currency", None, Some(Currency)),
        ("Currency", Some(""), Some(Currency)),
        ("percent", None, Some(Percent)),
        ("ordinal", None, Some(Ordinal)),
        ("date", None, Some(Date)),
        ("date", Some("ymd"), Some(Date)),
        ("date", Some("dmy"), None),
        ("vxml:time", None, Some(Time)),
        ("time", Some("hms24"), Some(Time)),
        ("text", None, Some(Text)),
        ("vxml:boolean", None, None),
        ("number", Some("number"), Some(Cardinal)),
        ("", None, None),
    ] {
        assert_eq!(SayAs::from_names(name, format), wanted, "{name} {format:?}");
    }
}
