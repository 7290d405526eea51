//! `<submit>` and the fields it sends. A secret travels in the body of a POST and nowhere else.

use super::fetch::{Then, address};
use super::transition::{Arrival, How};
use super::{Done, Interpreter, Thrown};
use crate::api::{FieldValue, Form, Method, Purpose};
use crate::document::{FetchOptions, ItemKind, Submit};
use crate::script::Value;
use url::Url;

/// Fields of one request.
const MOST_FIELDS: usize = 500;

impl Interpreter {
    pub(super) fn submit(&mut self, submit: &Submit) -> Done {
        let next = self.given(&submit.next)?;
        let base = self.context()?.document.base.clone();
        let url = address(&base, &next)?;
        let names = match &submit.namelist {
            Some(names) => names.clone(),
            None => self.filled_names()?,
        };
        let form = self.form(&names)?;
        let arrival = Arrival { url: url.clone(), how: How::Submit };
        self.send(Purpose::Document, url, form, submit.is_post, &submit.fetch, arrival)
    }

    /// The named input items that have a value (VoiceXML 2.0 §5.3.8).
    fn filled_names(&mut self) -> Result<Vec<String>, Thrown> {
        let dialog = self.dialog()?;
        let scope = self.chain()?[3];
        let mut names = Vec::new();
        for item in &dialog.items {
            let is_input = !matches!(item.kind, ItemKind::Block(_) | ItemKind::Initial);
            if let Some(name) = item.name.as_ref().filter(|_| is_input)
                && !matches!(self.engine.get(scope, name)?, None | Some(Value::Undefined))
            {
                names.push(name.clone());
            }
        }
        Ok(names)
    }

    /// The values of variables, objects by their members: `a.b`, `a.0`.
    pub(super) fn form(&mut self, names: &[String]) -> Result<Form, Thrown> {
        let chain = self.chain()?;
        let mut form = Form::default();
        for name in names {
            let value = self.engine.eval(chain, name)?;
            self.add_field(name.clone(), &value, &mut form)?;
        }
        Ok(form)
    }

    fn add_field(&self, name: String, value: &Value, form: &mut Form) -> Done {
        if form.fields.len() >= MOST_FIELDS {
            return Err(Thrown::semantic(format!("more than {MOST_FIELDS} fields to submit; name fewer")));
        }
        match value {
            Value::Secret(number) => {
                let Some(secret) = self.engine.secret(*number) else {
                    return Err(Thrown::semantic("a sensitive value that is gone"));
                };
                form.fields.push((name, FieldValue::Hidden(secret.clone())));
            }
            Value::Object(members) => {
                for (member, value) in members {
                    self.add_field(format!("{name}.{member}"), value, form)?;
                }
            }
            Value::List(values) => {
                for (at, value) in values.iter().enumerate() {
                    self.add_field(format!("{name}.{at}"), value, form)?;
                }
            }
            Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {
                form.fields.push((name, FieldValue::Open(value.to_text().unwrap_or_default())));
            }
        }
        Ok(())
    }

    /// Fetches a document with fields in its address or its body.
    pub(super) fn send(
        &mut self,
        purpose: Purpose,
        mut url: Url,
        form: Form,
        is_post: bool,
        options: &FetchOptions,
        arrival: Arrival,
    ) -> Done {
        let request = if is_post {
            self.request(purpose, Method::Post, url, Some(form), options)
        } else {
            add_query(&mut url, &form)?;
            self.request(purpose, Method::Get, url, None, options)
        };
        self.fetch(request, Then::Document(Box::new(arrival)));
        Ok(())
    }
}

fn add_query(url: &mut Url, form: &Form) -> Done {
    if form.fields.is_empty() {
        return Ok(());
    }
    let mut query = url.query_pairs_mut();
    for (name, value) in &form.fields {
        match value {
            FieldValue::Open(text) => query.append_pair(name, text),
            FieldValue::Hidden(_) => {
                let what = format!("{name} is sensitive and would travel in the address; write method=\"post\"");
                return Err(Thrown::semantic(what));
            }
        };
    }
    Ok(())
}
