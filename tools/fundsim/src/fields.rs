//! Reads request bodies field by field. An error names the field and what was wanted, never what was sent: it may be a PIN.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// A refused request, answered in JSON.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    body: Value,
}

impl Refusal {
    /// 400: `field` is missing or not as wanted.
    pub(crate) fn field(field: &str, wanted: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            json!({ "error": "bad_request", "field": field, "message": format!("{field}: {wanted}") }),
        )
    }

    /// 404: there is no such thing.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, json!({ "error": "not_found", "message": what }))
    }

    pub(crate) const fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, axum::Json(self.body)).into_response()
    }
}

/// A JSON object whose fields are taken one by one.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::field("body", "a JSON object is wanted")),
            Err(error) => {
                // Only the place: serde's text may quote what was sent.
                let place = format!("not JSON at line {}, column {}", error.line(), error.column());
                Err(Refusal::field("body", &place))
            }
        }
    }

    /// A text of exactly `count` decimal digits.
    pub(crate) fn digits(&self, field: &str, count: usize) -> Result<String, Refusal> {
        let wanted = || Refusal::field(field, &format!("a string of {count} digits is wanted"));
        let text = self.0.get(field).and_then(Value::as_str).ok_or_else(wanted)?;
        if is_digits(text, count) { Ok(text.to_owned()) } else { Err(wanted()) }
    }

    /// A text of 1 to `longest` printable ASCII characters.
    pub(crate) fn name(&self, field: &str, longest: usize) -> Result<String, Refusal> {
        let wanted =
            || Refusal::field(field, &format!("a string of 1 to {longest} printable ASCII characters is wanted"));
        let text = self.0.get(field).and_then(Value::as_str).ok_or_else(wanted)?;
        let legal = (1..=longest).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_graphic());
        if legal { Ok(text.to_owned()) } else { Err(wanted()) }
    }

    /// Whether the field is there at all.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }
}

/// Whether `text` is `count` decimal digits.
pub(crate) fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_field_and_never_what_was_sent() {
        let fields = Fields::read(br#"{ "pin": 493827, "call": "x" }"#).unwrap();
        let refusal = format!("{:?}", fields.digits("pin", 6).unwrap_err());
        assert!(refusal.contains("pin: a string of 6 digits is wanted") && !refusal.contains("493827"), "{refusal}");
        let broken = format!("{:?}", Fields::read(br#"{ "pin": 493827x"#).err().unwrap());
        assert!(broken.contains("line 1, column 16") && !broken.contains("493827"), "{broken}");
    }

    #[test]
    fn lengths_are_exact() {
        let fields =
            Fields::read(br#"{ "a": "12345", "b": "123456", "c": "1234567", "d": "12345x", "e": "" }"#).unwrap();
        let legal = |field| fields.digits(field, 6).is_ok();
        assert_eq!(["a", "b", "c", "d", "e", "none"].map(legal), [false, true, false, false, false, false]);
        assert!(fields.name("b", 6).is_ok() && fields.name("c", 6).is_err() && fields.name("e", 6).is_err());
    }
}
