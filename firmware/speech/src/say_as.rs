//! Values marked with `<say-as>`.

use crate::number::{Number, digits_of};
use crate::phrase::{MAX_CHARS, normalised};
use crate::{Lang, NotSpeakable, chinese, date, english};

/// How a value is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SayAs {
    /// Running text; numbers in it are left to the voice.
    Text,
    /// One character after the other: fund codes, account and identity numbers. One is 幺 in Chinese.
    Digits,
    /// A telephone number: digits one by one, a short pause where it is grouped.
    Telephone,
    /// A decimal such as a net asset value: the decimals digit by digit, trailing zeros kept.
    Decimal,
    /// An amount of money in yuan, or in the currency whose code stands before it (`USD12.34`).
    Currency,
    /// A percentage, with or without its sign.
    Percent,
    /// A number.
    Cardinal,
    /// A place in a row.
    Ordinal,
    /// A date, year first.
    Date,
    /// A time of day.
    Time,
}

impl SayAs {
    /// The reading of a `<say-as>` element's `interpret-as` and `format`, in any case and with or without VoiceXML's `vxml:`
    /// prefix (VoiceXML 2.0 Appendix P; W3C note on say-as values). `None` for what is not known: SSML 1.1 §3.1.9 has such
    /// an element read as text.
    #[must_use]
    pub fn from_names(interpret_as: &str, format: Option<&str>) -> Option<Self> {
        let name = interpret_as.trim().to_ascii_lowercase();
        let format = format.map(|f| f.trim().to_ascii_lowercase()).filter(|f| !f.is_empty());
        match (name.strip_prefix("vxml:").unwrap_or(&name), format.as_deref()) {
            ("number", Some(format)) => Self::from_names(format, None),
            ("text", _) => Some(Self::Text),
            ("digits" | "characters" | "spell-out" | "verbatim", _) => Some(Self::Digits),
            ("telephone" | "phone", _) => Some(Self::Telephone),
            ("decimal" | "nav", _) => Some(Self::Decimal),
            ("currency" | "money", _) => Some(Self::Currency),
            ("percent" | "percentage", _) => Some(Self::Percent),
            ("number" | "cardinal", _) => Some(Self::Cardinal),
            ("ordinal", _) => Some(Self::Ordinal),
            ("date", None | Some("ymd" | "ym" | "yyyymmdd" | "yyyy-mm-dd")) => Some(Self::Date),
            ("time", None | Some("hms" | "hm" | "hms12" | "hms24" | "hm12" | "hm24")) => Some(Self::Time),
            _ => None,
        }
    }
}

/// The words for a value: Chinese characters or English words.
///
/// # Errors
/// [`NotSpeakable`] where the text is empty, longer than [`MAX_CHARS`], or not the kind of value that `say_as` claims.
pub fn spoken(text: &str, say_as: SayAs, lang: Lang) -> Result<String, NotSpeakable> {
    let chars = text.chars().count();
    if chars > MAX_CHARS {
        return Err(NotSpeakable::TooLong { chars, limit: MAX_CHARS });
    }
    let text = normalised(text);
    if text.is_empty() {
        return Err(NotSpeakable::Empty);
    }
    match say_as {
        SayAs::Text => Ok(text),
        SayAs::Digits => characters(&text, lang),
        SayAs::Telephone => telephone(&text, lang),
        SayAs::Decimal => signed(&Number::parse(&text, "decimal number")?, lang),
        SayAs::Currency => currency(&text, lang),
        SayAs::Percent => percent(&text, lang),
        SayAs::Cardinal => signed(&Number::parse(&text, "number")?, lang),
        SayAs::Ordinal => ordinal(&text, lang),
        SayAs::Date => date::date(&text, lang),
        SayAs::Time => date::time(&text, lang),
    }
}

fn characters(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    let mut words = Words::new(lang);
    for (at, c) in text.chars().enumerate() {
        match c {
            ' ' | '-' => {}
            c => words.character(c).ok_or(NotSpeakable::Unexpected { what: "code", position: at + 1 })?,
        }
    }
    words.finished("code")
}

fn telephone(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    const WHAT: &str = "telephone number";
    let mut words = Words::new(lang);
    for (at, c) in text.chars().enumerate() {
        match c {
            ' ' | '-' | '.' | '/' | '(' | ')' | '（' | '）' => words.pause = true,
            '+' | '＋' if at == 0 => words.word("加", "plus"),
            'x' | 'X' => words.word("转", "extension"),
            c if c.is_ascii_digit() || matches!(c, '*' | '#') => {
                words.character(c).ok_or(NotSpeakable::Unexpected { what: WHAT, position: at + 1 })?;
            }
            _ => return Err(NotSpeakable::Unexpected { what: WHAT, position: at + 1 }),
        }
    }
    words.finished(WHAT)
}

/// Words one after the other: with spaces in English, without in Chinese, with a comma where a pause is due.
struct Words {
    lang: Lang,
    said: String,
    pause: bool,
}

impl Words {
    fn new(lang: Lang) -> Self {
        Self { lang, said: String::new(), pause: false }
    }

    fn character(&mut self, c: char) -> Option<()> {
        match (c, c.to_digit(10)) {
            (_, Some(value)) => {
                let value = value as u8;
                let mut buffer = [0; 4];
                self.word(chinese::code_digit(value).encode_utf8(&mut buffer), english::digit(value));
            }
            ('*', None) => self.word("星号", "star"),
            ('#', None) => self.word("井号", "pound"),
            (c, None) if c.is_ascii_alphabetic() => {
                let letter = c.to_ascii_uppercase().to_string();
                self.word(&letter, &letter);
            }
            _ => return None,
        }
        Some(())
    }

    fn word(&mut self, zh: &str, en: &str) {
        if !self.said.is_empty() {
            self.said.push_str(match (self.lang, self.pause) {
                (Lang::Zh, true) => "，",
                (Lang::Zh, false) => "",
                (Lang::En, true) => ", ",
                (Lang::En, false) => " ",
            });
        }
        self.pause = false;
        self.said.push_str(if self.lang == Lang::Zh { zh } else { en });
    }

    fn finished(self, what: &'static str) -> Result<String, NotSpeakable> {
        if self.said.is_empty() { Err(NotSpeakable::Unfinished { what }) } else { Ok(self.said) }
    }
}

fn signed(number: &Number, lang: Lang) -> Result<String, NotSpeakable> {
    Ok(match lang {
        Lang::Zh => format!("{}{}", chinese::sign(number), chinese::unsigned(number)),
        Lang::En => format!("{}{}", english::sign(number), english::unsigned(number)),
    })
}

fn percent(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    let value = text.strip_suffix('%').unwrap_or(text).trim_end();
    let number = Number::parse(value, "percentage")?;
    Ok(match lang {
        Lang::Zh => format!("{}百分之{}", chinese::sign(&number), chinese::unsigned(&number)),
        Lang::En => format!("{}{} percent", english::sign(&number), english::unsigned(&number)),
    })
}

fn ordinal(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    const WHAT: &str = "ordinal";
    let number = Number::parse(text, WHAT)?;
    if number.negative || !number.frac.is_empty() {
        return Err(NotSpeakable::OutOfRange { what: WHAT, part: "place in a row: whole number wanted" });
    }
    Ok(match lang {
        // 第二, never 第两; larger numbers as counted.
        Lang::Zh => format!("第{}", chinese::cardinal(&number.int)),
        Lang::En => english::ordinal(&number.int),
    })
}

/// A currency's names: code, signs, Chinese, English unit in one and many, English hundredth in one and many.
struct Money {
    marks: &'static [&'static str],
    zh: &'static str,
    unit: [&'static str; 2],
    hundredth: [&'static str; 2],
}

const YUAN: Money =
    Money { marks: &["CNY", "RMB", "¥", "￥"], zh: "元", unit: ["yuan", "yuan"], hundredth: ["fen", "fen"] };
const FOREIGN: [Money; 3] = [
    Money { marks: &["USD", "US$", "$"], zh: "美元", unit: ["dollar", "dollars"], hundredth: ["cent", "cents"] },
    Money {
        marks: &["HKD", "HK$"],
        zh: "港元",
        unit: ["Hong Kong dollar", "Hong Kong dollars"],
        hundredth: ["cent", "cents"],
    },
    Money { marks: &["EUR", "€"], zh: "欧元", unit: ["euro", "euros"], hundredth: ["cent", "cents"] },
];

fn currency(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    const WHAT: &str = "amount";
    let (money, value, home) = unmarked(text);
    let number = Number::parse(value, WHAT).map_err(|e| match e {
        // The place is counted in the whole text, the mark included.
        NotSpeakable::Unexpected { what, position } => {
            let before = text.chars().count() - value.chars().count();
            NotSpeakable::Unexpected { what, position: position + before }
        }
        other => other,
    })?;
    Ok(match (lang, home) {
        (Lang::Zh, true) => format!("{}{}", chinese::sign(&number), chinese::yuan(&number)),
        (Lang::Zh, false) => format!("{}{}{}", chinese::sign(&number), chinese::unsigned(&number), money.zh),
        (Lang::En, _) => format!("{}{}", english::sign(&number), english_money(&number, money)),
    })
}

fn unmarked(text: &str) -> (&'static Money, &str, bool) {
    static HOME: Money = YUAN;
    static OTHERS: [Money; 3] = FOREIGN;
    let value_after =
        |money: &Money| money.marks.iter().find_map(|mark| text.strip_prefix(mark)).map(|v| v.trim_start());
    if let Some(value) = value_after(&HOME) {
        return (&HOME, value, true);
    }
    for money in &OTHERS {
        if let Some(value) = value_after(money) {
            return (money, value, false);
        }
    }
    (&HOME, text, true)
}

fn english_money(number: &Number, money: &Money) -> String {
    let counted = |digits: &[u8], names: [&str; 2]| {
        let name = if digits == [1] { names[0] } else { names[1] };
        format!("{} {name}", english::cardinal(digits))
    };
    let hundredths: u32 = match number.frac.as_slice() {
        [] => 0,
        [tenth] => u32::from(*tenth) * 10,
        [tenth, hundredth] => u32::from(*tenth) * 10 + u32::from(*hundredth),
        _ => return format!("{} {}", english::unsigned(number), money.unit[1]),
    };
    let units = counted(&number.int, money.unit);
    let parts = counted(&digits_of(hundredths), money.hundredth);
    match (number.int_is_zero(), hundredths) {
        (_, 0) => units,
        (true, _) => parts,
        (false, _) => format!("{units} and {parts}"),
    }
}

#[cfg(test)]
#[path = "say_as_tests.rs"]
mod tests;
