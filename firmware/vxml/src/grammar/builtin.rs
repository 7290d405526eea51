//! The built-in types of VoiceXML 2.0 Appendix P, as far as keys can enter them.

use super::Expansion;
use super::matcher::{Grammar, Reading};

/// The most digits a parameter may ask for.
const MOST_DIGITS: u32 = 64;
const ANY: &str = "0123456789";

/// Why a built-in grammar cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BuiltinFault {
    /// No such type: `error.unsupported.builtin`.
    Unknown(String),
    /// A parameter makes no sense: `error.badfetch`.
    Parameter(String),
}

impl core::fmt::Display for BuiltinFault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Unknown(name) => {
                write!(f, "no built-in type {name:?}; boolean, currency, date, digits, number, phone and time are")
            }
            Self::Parameter(what) => f.write_str(what),
        }
    }
}

/// The grammar of `digits?length=4`, `boolean?y=7;n=9` and so on.
pub(crate) fn builtin(spec: &str) -> Result<Grammar, BuiltinFault> {
    let (name, query) = spec.split_once('?').unwrap_or((spec, ""));
    let mut parameters = Vec::new();
    for pair in query.split([';', '&']).filter(|pair| !pair.is_empty()) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(BuiltinFault::Parameter(format!("{pair:?} in {spec:?} lacks a value; write name=value")));
        };
        parameters.push((key.trim(), value.trim()));
    }
    let (expansion, reading) = match name.trim() {
        "digits" => (digits(&parameters)?, Reading::Text),
        "boolean" => boolean(&parameters)?,
        "number" => (decimal(None), Reading::Decimal),
        "currency" => (decimal(Some(2)), Reading::Decimal),
        "phone" => {
            let extension = Expansion::Sequence(vec![Expansion::key("*"), any(1, None)]);
            (Expansion::Sequence(vec![any(1, None), extension.times(0, Some(1))]), Reading::Phone)
        }
        "date" => (date(), Reading::Text),
        "time" => {
            let hour = Expansion::OneOf(vec![pair("01", ANY), pair("2", "0123")]);
            (Expansion::Sequence(vec![hour, pair("012345", ANY)]), Reading::Time)
        }
        other => return Err(BuiltinFault::Unknown(other.into())),
    };
    let made = Grammar::new(&expansion, Vec::new(), Vec::new(), reading);
    made.map_err(|reason| BuiltinFault::Parameter(format!("{spec:?}: {reason}")))
}

fn any(min: u32, max: Option<u32>) -> Expansion {
    Expansion::key(ANY).times(min, max)
}

fn pair(first: &str, second: &str) -> Expansion {
    Expansion::Sequence(vec![Expansion::key(first), Expansion::key(second)])
}

fn digits(parameters: &[(&str, &str)]) -> Result<Expansion, BuiltinFault> {
    let (mut min, mut max, mut length) = (None, None, None);
    for (name, value) in parameters {
        let count: u32 = value.parse().ok().filter(|count| *count <= MOST_DIGITS).ok_or_else(|| {
            BuiltinFault::Parameter(format!("{name}={value} of digits: a count from 0 to {MOST_DIGITS} is wanted"))
        })?;
        match *name {
            "minlength" => min = Some(count),
            "maxlength" => max = Some(count),
            "length" => length = Some(count),
            other => return Err(BuiltinFault::Parameter(format!("digits has no parameter {other:?}"))),
        }
    }
    if let Some(length) = length {
        if min.is_some_and(|min| min > length) || max.is_some_and(|max| max < length) {
            return Err(BuiltinFault::Parameter("length of digits lies outside minlength and maxlength".into()));
        }
        return Ok(any(length, Some(length)));
    }
    let min = min.unwrap_or(1);
    if max.is_some_and(|max| max < min) {
        return Err(BuiltinFault::Parameter("maxlength of digits is less than minlength".into()));
    }
    Ok(any(min, max))
}

fn boolean(parameters: &[(&str, &str)]) -> Result<(Expansion, Reading), BuiltinFault> {
    let (mut yes, mut no) = ("1", "2");
    for (name, value) in parameters {
        let is_key = value.chars().count() == 1 && value.chars().all(|name| base::Digit::new(name).is_some());
        match *name {
            "y" if is_key => yes = value,
            "n" if is_key => no = value,
            _ => return Err(BuiltinFault::Parameter(format!("boolean: {name}={value} is not y or n with one key"))),
        }
    }
    if yes == no {
        return Err(BuiltinFault::Parameter("boolean: y and n are the same key".into()));
    }
    Ok((Expansion::OneOf(vec![Expansion::key(yes), Expansion::key(no)]), Reading::Boolean(yes.to_uppercase())))
}

/// Digits with `*` as the decimal point; at least one digit somewhere.
fn decimal(fraction: Option<u32>) -> Expansion {
    let point = Expansion::key("*");
    let whole = Expansion::Sequence(vec![
        any(1, None),
        Expansion::Sequence(vec![point.clone(), any(0, fraction)]).times(0, Some(1)),
    ]);
    Expansion::OneOf(vec![whole, Expansion::Sequence(vec![point, any(1, fraction)])])
}

/// `yyyymmdd` with months 1 to 12 and days 1 to 31.
fn date() -> Expansion {
    let month = Expansion::OneOf(vec![pair("0", "123456789"), pair("1", "012")]);
    let day = Expansion::OneOf(vec![pair("0", "123456789"), pair("12", ANY), pair("3", "01")]);
    Expansion::Sequence(vec![any(4, Some(4)), month, day])
}
