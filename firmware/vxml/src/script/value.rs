//! ECMAScript values as the machine sees them, and expressions simple enough to need no engine.

use core::fmt;

/// A value copied out of, or into, the scripts' world. A secret is a number there, never its text.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Secret(usize),
    Object(Vec<(String, Value)>),
    List(Vec<Value>),
}

/// A variable may hold what the caller typed: only its kind is printed.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undefined => "undefined",
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Secret(_) => "secret",
            Self::Object(_) => "object",
            Self::List(_) => "array",
        })
    }
}

impl Value {
    /// A string value.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As ECMAScript's ToString; `None` for a secret, which has no text, and for an object.
    pub(crate) fn to_text(&self) -> Option<String> {
        match self {
            Self::Undefined => Some("undefined".into()),
            Self::Null => Some("null".into()),
            Self::Bool(claim) => Some(claim.to_string()),
            Self::Number(number) => Some(number_text(*number)),
            Self::Text(text) => Some(text.clone()),
            Self::List(values) => {
                let parts: Option<Vec<String>> = values.iter().map(Self::to_text).collect();
                Some(parts?.join(","))
            }
            Self::Secret(_) | Self::Object(_) => None,
        }
    }

    /// As ECMAScript's ToBoolean.
    pub(crate) fn truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Bool(claim) => *claim,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Secret(_) | Self::Object(_) | Self::List(_) => true,
        }
    }

    /// The member `name` of an object.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// A number as ECMAScript writes it, for magnitudes without an exponent.
fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    format!("{number}")
}

/// The value of a literal: a quoted string without escapes, a decimal number, `true`, `false`, `null`, `undefined`.
pub(crate) fn literal(expr: &str) -> Option<Value> {
    match expr {
        "true" => return Some(Value::Bool(true)),
        "false" => return Some(Value::Bool(false)),
        "null" => return Some(Value::Null),
        "undefined" => return Some(Value::Undefined),
        _ => {}
    }
    let first = expr.chars().next()?;
    if first == '\'' || first == '"' {
        let inner = expr[1..].strip_suffix(first)?;
        let plain = !inner.contains([first, '\\', '\n', '\r', '\u{2028}', '\u{2029}']);
        return plain.then(|| Value::text(inner));
    }
    let unsigned = expr.strip_prefix('-').unwrap_or(expr);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit());
    // A leading zero would mean octal to the engine, many digits an exponent when written: both are left to it.
    let decimal = digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0'));
    if !decimal || unsigned.len() > 15 || (whole == "0" && fraction.len() > 5) {
        return None;
    }
    expr.parse().ok().map(Value::Number)
}

/// The parts of `a`, `a.b`, `a.b.c`, if `expr` is nothing else.
pub(crate) fn path(expr: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = expr.split('.').collect();
    parts.iter().all(|part| is_name(part)).then_some(parts)
}

/// Whether `name` can name a variable (ECMA-262 §7.6, ASCII part and any non-ASCII letter).
pub(crate) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let head = letters.next().is_some_and(|letter| letter.is_alphabetic() || letter == '_' || letter == '$');
    head && letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$')
        && !RESERVED.contains(&name)
}

const RESERVED: [&str; 46] = [
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "let",
    "static",
    "yield",
    "await",
    "undefined",
    "NaN",
    "Infinity",
    "arguments",
    "eval",
    "async",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expr: &str, text: Option<&str>) {
        assert_eq!(literal(expr).and_then(|value| value.to_text()), text.map(str::to_owned), "{expr}");
    }

    #[test]
    fn literals_are_read_without_an_engine() {
        check("'abc'", Some("abc"));
        check("\"it's\"", Some("it's"));
        check("12", Some("12"));
        check("-1.50", Some("-1.5"));
        check("0.00001", Some("0.00001"));
        check("true", Some("true"));
    }

    #[test]
    fn what_is_not_surely_a_literal_is_left_to_the_engine() {
        for expr in ["'a'+'b'", "'a\\n'", "010", "1e3", "0.000001", "1234567890123456", "", "-", "1.", ".5", "'", "a"] {
            check(expr, None);
        }
    }

    #[test]
    fn names_are_no_reserved_words() {
        assert_eq!(path("a.b$"), Some(vec!["a", "b$"]));
        for expr in ["this", "a.1", "a..b", "typeof", "a b", "a()", ""] {
            assert_eq!(path(expr), None, "{expr}");
        }
    }
}
