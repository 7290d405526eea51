//! What came with a request: fields of the query and of the body.

use base::Secret;
use minijinja::Value;
use minijinja::value::{Object, ObjectRepr};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Fields of one request.
const FIELDS: usize = 100;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// A PIN stood in the address, where logs and caches would keep it.
    #[error("a secret came in the address: submit it with method=\"post\"")]
    SecretInAddress,
    /// Too many fields.
    #[error("more than {FIELDS} fields")]
    TooMany,
}

/// A secret field as a template sees it: it can be handed to `login` and shows nothing.
#[derive(Debug)]
pub(crate) struct Hidden(pub(crate) Secret);

impl Object for Hidden {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("******")
    }
}

/// The fields by name; the last of equal names counts.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: BTreeMap<String, Value>,
}

impl Form {
    /// Reads query and body, both `application/x-www-form-urlencoded`.
    pub(crate) fn read(query: &str, body: &[u8]) -> Result<Self, Refused> {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            if is_secret(&name) {
                return Err(Refused::SecretInAddress);
            }
            form.put(&name, Value::from(value.into_owned()))?;
        }
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = if is_secret(&name) {
                Value::from_object(Hidden(Secret::new(value.into_owned())))
            } else {
                Value::from(value.into_owned())
            };
            form.put(&name, value)?;
        }
        Ok(form)
    }

    fn put(&mut self, name: &str, value: Value) -> Result<(), Refused> {
        if self.fields.len() >= FIELDS {
            return Err(Refused::TooMany);
        }
        self.fields.insert(name.to_owned(), value);
        Ok(())
    }

    /// A field that is no secret.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// All fields, for the template.
    pub(crate) fn value(&self) -> Value {
        Value::from_pairs(self.fields.iter().map(|(name, value)| (name.clone(), value.clone())))
    }
}

/// Fields of these names are secrets: `pin`, `password`, and with something before or after, `pin_new`, `old_password`.
fn is_secret(name: &str) -> bool {
    name.split(['_', '-', '.']).any(|part| part.eq_ignore_ascii_case("pin") || part.eq_ignore_ascii_case("password"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_address_is_refused_and_in_the_body_shows_nothing() {
        assert_eq!(Form::read("lang=zh&pin=482915", b"").unwrap_err(), Refused::SecretInAddress);
        assert_eq!(Form::read("new_PIN=482915", b"").unwrap_err(), Refused::SecretInAddress);
        let form = Form::read("lang=zh&pinyin=1", b"pin=482915&account=990000000001").unwrap();
        assert_eq!((form.text("lang"), form.text("pin"), form.text("pinyin")), (Some("zh"), None, Some("1")));
        let shown = format!("{} {:?} {form:?}", form.value(), form.value());
        assert!(!shown.contains("482915"), "{shown}");
        let pin = form.value().get_attr("pin").unwrap();
        assert_eq!(pin.downcast_object_ref::<Hidden>().unwrap().0.reveal(), "482915");
    }

    #[test]
    fn a_hundred_fields_are_taken_and_one_more_is_refused() {
        let body = |count: usize| (0..count).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Form::read("", body(100).as_bytes()).is_ok());
        assert_eq!(Form::read("", body(101).as_bytes()).unwrap_err(), Refused::TooMany);
    }
}
