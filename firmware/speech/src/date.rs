//! Dates and times of day.

use crate::{Lang, NotSpeakable, chinese, english};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Reads `YYYY-MM-DD`, also with `/` or `.`, `YYYYMMDD` with `?` for what is unknown (VoiceXML 2.0 Appendix P), `YYYY-MM`
/// and `2024年1月5日`, and gives the words.
pub(crate) fn date(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    let (year, month, day) = parts(text)?;
    check(year, month, day)?;
    Ok(match lang {
        Lang::Zh => {
            let year = year.map(|y| chinese::year(y) + "年").unwrap_or_default();
            let month = month.map(|m| chinese::small(m) + "月").unwrap_or_default();
            let day = day.map(|d| chinese::small(d) + "日").unwrap_or_default();
            year + &month + &day
        }
        Lang::En => {
            let month = month.map(|m| MONTHS[m as usize - 1].to_owned());
            let day = day.map(|d| english::ordinal(&crate::number::digits_of(d)));
            let day_of_month = [month, day].into_iter().flatten().collect::<Vec<_>>().join(" ");
            let year = year.map(english::year);
            [Some(day_of_month), year].into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(", ")
        }
    })
}

const DATE: &str = "date (YYYY-MM-DD)";
type DateParts = (Option<u32>, Option<u32>, Option<u32>);

fn parts(text: &str) -> Result<DateParts, NotSpeakable> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() == 8 && chars.iter().all(|c| c.is_ascii_digit() || *c == '?') {
        let field = |from: usize, to: usize| number_or_unknown(&chars[from..to], DATE, from);
        return Ok((field(0, 4)?, field(4, 6)?, field(6, 8)?));
    }
    let mut fields: Vec<(usize, Vec<char>)> = vec![(0, Vec::new())];
    for (at, c) in chars.iter().enumerate() {
        match c {
            '-' | '/' | '.' | '年' | '月' if fields.len() < 3 => fields.push((at + 1, Vec::new())),
            '月' | '日' | '号' if at + 1 == chars.len() => {}
            c => fields.last_mut().expect("one field from the start").1.push(*c),
        }
    }
    // 2024年1月 leaves an empty third field.
    if fields.len() == 3 && fields[2].1.is_empty() && text.ends_with('月') {
        fields.pop();
    }
    let mut values = Vec::new();
    for (from, field) in &fields {
        values.push(number_or_unknown(field, DATE, *from)?);
    }
    match (values.as_slice(), fields[0].1.len()) {
        ([year, month], 4) => Ok((*year, *month, None)),
        ([year, month, day], 4) => Ok((*year, *month, *day)),
        _ => Err(NotSpeakable::Unfinished { what: DATE }),
    }
}

fn check(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> Result<(), NotSpeakable> {
    let wrong = |part| Err(NotSpeakable::OutOfRange { what: DATE, part });
    if (year, month, day) == (None, None, None) {
        return Err(NotSpeakable::Unfinished { what: DATE });
    }
    if year.is_some_and(|y| !(1000..=9999).contains(&y)) {
        return wrong("year");
    }
    if month.is_some_and(|m| !(1..=12).contains(&m)) {
        return wrong("month");
    }
    let leap = year.is_none_or(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let longest = match month {
        Some(4 | 6 | 9 | 11) => 30,
        Some(2) if leap => 29,
        Some(2) => 28,
        _ => 31,
    };
    if day.is_some_and(|d| !(1..=longest).contains(&d)) {
        return wrong("day");
    }
    Ok(())
}

const TIME: &str = "time (HH:MM)";

/// Which half of the day a twelve-hour time is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

/// Reads `HH:MM`, `HH:MM:SS`, `HHMM` and VoiceXML's `HHMMx`, where x is `a`, `p`, `h` or `?` (VoiceXML 2.0 Appendix P).
pub(crate) fn time(text: &str, lang: Lang) -> Result<String, NotSpeakable> {
    let (clock, half) = match text.chars().last() {
        Some('a' | 'A') => (&text[..text.len() - 1], Some(Half::Morning)),
        Some('p' | 'P') => (&text[..text.len() - 1], Some(Half::Afternoon)),
        Some('h' | 'H' | '?') => (&text[..text.len() - 1], None),
        _ => (text, None),
    };
    let chars: Vec<char> = clock.trim_end().chars().collect();
    let mut fields: Vec<(usize, Vec<char>)> = Vec::new();
    if chars.len() == 4 && chars.iter().all(char::is_ascii_digit) {
        fields.extend([(0, chars[..2].to_vec()), (2, chars[2..].to_vec())]);
    } else {
        fields.push((0, Vec::new()));
        for (at, c) in chars.iter().enumerate() {
            match c {
                ':' | '：' => fields.push((at + 1, Vec::new())),
                c => fields.last_mut().expect("one field from the start").1.push(*c),
            }
        }
    }
    if !(2..=3).contains(&fields.len()) {
        return Err(NotSpeakable::Unfinished { what: TIME });
    }
    let mut values = [0; 3];
    for (value, (from, field)) in values.iter_mut().zip(&fields) {
        *value = number_or_unknown(field, TIME, *from)?.ok_or(NotSpeakable::Unfinished { what: TIME })?;
    }
    let wrong = |part| Err(NotSpeakable::OutOfRange { what: TIME, part });
    let [hour, minute, second] = values;
    if hour > 23 || (half.is_some() && !(1..=12).contains(&hour)) {
        return wrong("hour");
    }
    if minute > 59 {
        return wrong("minute");
    }
    if second > 59 {
        return wrong("second");
    }
    let second = (fields.len() == 3).then_some(second);
    Ok(match lang {
        Lang::Zh => chinese_time(hour, minute, second, half),
        Lang::En => english_time(hour, minute, second, half),
    })
}

fn chinese_time(hour: u32, minute: u32, second: Option<u32>, half: Option<Half>) -> String {
    let half = match half {
        Some(Half::Morning) => "上午",
        Some(Half::Afternoon) => "下午",
        None => "",
    };
    let hour = chinese::counted(&crate::number::digits_of(hour));
    match (minute, second) {
        (0, None) => format!("{half}{hour}点整"),
        (minute, None) => format!("{half}{hour}点{}分", chinese::two_places(minute)),
        (minute, Some(second)) => {
            format!("{half}{hour}点{}分{}秒", chinese::two_places(minute), chinese::two_places(second))
        }
    }
}

fn english_time(hour: u32, minute: u32, second: Option<u32>, half: Option<Half>) -> String {
    let afternoon = half.map_or(hour >= 12, |half| half == Half::Afternoon);
    let hour = english::small(match hour % 12 {
        0 => 12,
        hour => hour,
    });
    let minute = match (minute, second) {
        (0, None) => String::new(),
        (0, Some(_)) => " o'clock".into(),
        (minute @ 1..=9, _) => format!(" oh {}", english::small(minute)),
        (minute, _) => format!(" {}", english::small(minute)),
    };
    let second = match second {
        None => String::new(),
        Some(1) => " and one second".into(),
        Some(second) => format!(" and {} seconds", english::small(second)),
    };
    format!("{hour}{minute}{second} {}", if afternoon { "p m" } else { "a m" })
}

/// One to four digits, or as many question marks for what is not known.
fn number_or_unknown(field: &[char], what: &'static str, from: usize) -> Result<Option<u32>, NotSpeakable> {
    if !field.is_empty() && field.iter().all(|c| *c == '?') {
        return Ok(None);
    }
    if field.is_empty() {
        return Err(NotSpeakable::Unfinished { what });
    }
    let mut value = 0;
    for (at, c) in field.iter().enumerate() {
        match c.to_digit(10) {
            Some(digit) if at < 4 => value = value * 10 + digit,
            _ => return Err(NotSpeakable::Unexpected { what, position: from + at + 1 }),
        }
    }
    Ok(Some(value))
}
