//! One document from its template.

use super::data::Inquiry;
use super::files::Apps;
use super::form::Form;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, context};
use std::io;
use std::sync::Arc;

/// Instructions of one rendering: far more than a document needs, and over in a moment.
const FUEL: u64 = 2_000_000;
/// Octets of one document.
const MOST_OCTETS: usize = 1 << 20;

/// What was asked for.
pub(crate) struct Request {
    pub(crate) app: String,
    pub(crate) page: String,
    pub(crate) call: String,
    pub(crate) form: Form,
}

/// The document of a request. A template that fails costs a log line with its place, and the caller hears an apology.
pub(crate) fn render(apps: &Apps, inquiry: Arc<Inquiry>, request: &Request) -> String {
    let lang = if request.form.text("lang") == Some("en") { "en" } else { "zh" };
    match try_render(apps, inquiry, request, lang) {
        Ok(document) => document,
        Err(error) => {
            let file = error.name().unwrap_or_default().to_owned();
            let line = error.line().unwrap_or_default();
            tracing::warn!("apps/{}/{file}:{line}: {}; the caller hears an apology", request.app, in_words(&error));
            apology(Some(lang))
        }
    }
}

fn try_render(apps: &Apps, inquiry: Arc<Inquiry>, request: &Request, lang: &str) -> Result<String, Error> {
    let mut env = Environment::new();
    // Each document is made of the files as they are now: what a programmer changes is heard at the next call.
    let (loader, app) = (apps.clone(), request.app.clone());
    env.set_loader(move |name| {
        let not_text = |why| Error::new(ErrorKind::SyntaxError, format!("{name} is not UTF-8")).with_source(why);
        loader.template(&app, name).map_err(not_text)
    });
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_fuel(Some(FUEL));
    env.add_filter("only_digits", |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>());
    inquiry.add_functions(&mut env, &request.call);
    let template = env.get_template(&Apps::page_file(&request.page))?;
    let values = context! { form => request.form.value(), lang, call => context! { id => request.call.as_str() } };
    let mut document = Bounded(Vec::new());
    template.render_captured_to(values, &mut document)?;
    String::from_utf8(document.0)
        .map_err(|why| Error::new(ErrorKind::WriteFailure, "the document is not UTF-8").with_source(why))
}

/// Takes a document's octets up to the limit.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.0.len() + octets.len() > MOST_OCTETS {
            return Err(io::Error::other(format!("the document is larger than {MOST_OCTETS} octets")));
        }
        self.0.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The error and what lies behind it, without the template's text.
fn in_words(error: &Error) -> String {
    let mut words = error.kind().to_string();
    if let Some(detail) = error.detail() {
        words = format!("{words}: {detail}");
    }
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    words
}

/// What a caller hears where there is no document to be had.
pub(crate) fn apology(lang: Option<&str>) -> String {
    let (tag, words) = if lang == Some("en") {
        ("en-US", "Sorry, we cannot serve you at the moment. Please call again later. Goodbye.")
    } else {
        ("zh-CN", "非常抱歉，系统繁忙，请您稍后再拨。再见。")
    };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml" xml:lang="{tag}">
  <form id="apology"><block><prompt>{words}</prompt><disconnect/></block></form>
</vxml>
"#
    )
}
