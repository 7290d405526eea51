//! Names against each other, and the messages that say what is wrong where.

use crate::Config;
use crate::file::{File, Recording, Route};
use crate::signaling;
use base::{Cause, Digits};
use call::{Extension, Pattern, Plan, Target};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use toml::Spanned;

/// One fault of the file, with its place and remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong and what is expected.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.what)
    }
}

impl std::error::Error for Problem {}

impl Problem {
    fn at(file: &str, text: &str, offset: usize, what: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        Self { file: file.into(), line, column, what }
    }

    pub(crate) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        Self::at(file, text, offset, error.message().replace('\n', " "))
    }
}

/// Collects faults, so that one look at the messages mends the whole file.
pub(crate) struct Check<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Check<'_> {
    pub(crate) fn fault(&mut self, place: Range<usize>, what: impl Into<String>) {
        self.problems.push(Problem::at(self.file, self.text, place.start, what.into()));
    }

    /// Finds `name` among `known`, or says which there are.
    pub(crate) fn lookup(&mut self, kind: &str, name: &Spanned<String>, known: &[String]) -> Option<usize> {
        let found = known.iter().position(|other| other == name.get_ref());
        if found.is_none() {
            let list = if known.is_empty() { "there is none in the file".into() } else { known.join(", ") };
            self.fault(name.span(), format!("no {kind} is called \"{}\"; known: {list}", name.get_ref()));
        }
        found
    }

    fn unique<'n>(&mut self, kind: &str, names: impl Iterator<Item = &'n Spanned<String>>) -> Vec<String> {
        let mut known = Vec::new();
        for name in names {
            if name.get_ref().is_empty() {
                self.fault(name.span(), format!("a {kind} needs a name"));
            } else if known.contains(name.get_ref()) {
                self.fault(name.span(), format!("a second {kind} is called \"{}\"; names must differ", name.get_ref()));
            }
            known.push(name.get_ref().clone());
        }
        known
    }

    fn pattern(&mut self, text: &Spanned<String>) -> Option<Pattern> {
        text.get_ref().parse().map_err(|why: call::BadPattern| self.fault(text.span(), why.to_string())).ok()
    }

    pub(crate) fn digits(&mut self, text: &Spanned<String>) -> Option<Digits> {
        text.get_ref()
            .parse()
            .map_err(|why: base::BadDigit| self.fault(text.span(), format!("not a number: {why}")))
            .ok()
    }

    fn target(&mut self, route: &Spanned<Route>, names: &Names) -> Option<Target> {
        let place = route.span();
        let route = route.get_ref();
        match (&route.app, &route.extension, &route.trunk, &route.reject) {
            (Some(app), None, None, None) => {
                let at = self.lookup("app", app, &names.apps)?;
                Some(Target::App { name: names.apps[at].clone(), url: names.urls[at].clone() })
            }
            (None, Some(number), None, None) => {
                self.lookup("extension", number, &names.extensions)?;
                Some(Target::Extension(number.get_ref().clone()))
            }
            (None, None, Some(trunk), None) => {
                self.lookup("trunk", trunk, &names.trunks)?;
                Some(Target::Trunk(trunk.get_ref().clone()))
            }
            (None, None, None, Some(cause)) if (1..=127).contains(cause.get_ref()) => {
                Some(Target::Reject(Cause(*cause.get_ref())))
            }
            (None, None, None, Some(cause)) => {
                self.fault(cause.span(), "`reject` wants a Q.850 cause from 1 to 127, such as 21 (call rejected)");
                None
            }
            _ => {
                self.fault(place, "a route leads to exactly one of `app`, `extension`, `trunk`, `reject`");
                None
            }
        }
    }
}

struct Names {
    apps: Vec<String>,
    urls: Vec<String>,
    extensions: Vec<String>,
    trunks: Vec<String>,
}

pub(crate) fn check(name: &str, text: &str, file: File) -> Result<Config, Vec<Problem>> {
    let mut check = Check { file: name, text, problems: Vec::new() };
    let span_names = check.unique("span", file.span.iter().map(|span| &span.get_ref().name));
    let spans = signaling::spans(&mut check, &file, &span_names);
    let names = Names {
        apps: check.unique("app", file.app.iter().map(|app| &app.name)),
        urls: file.app.iter().map(|app| app.url.get_ref().clone()).collect(),
        extensions: check.unique("extension", file.extension.iter().map(|extension| &extension.number)),
        trunks: check.unique("trunk", file.trunk.iter().map(|trunk| &trunk.name)),
    };
    for app in &file.app {
        if !(app.url.get_ref().starts_with("http://") || app.url.get_ref().starts_with("https://")) {
            check.fault(app.url.span(), "an application's `url` begins with http:// or https://");
        }
    }
    let trunks = trunks(&mut check, &file, &span_names);
    let taps = crate::tap::taps(&mut check, &file, &span_names);
    let extensions = extensions(&mut check, &file, &names);
    let routes = routes(&mut check, &file, &names);
    if !file.ivr.listen.ip().is_loopback() {
        let offset = text.find("[ivr]").unwrap_or(0);
        check.fault(
            offset..offset,
            "`ivr.listen` serves callers' data without a password: it must be a loopback address",
        );
    }
    recording(&mut check, &file.recording);
    if !check.problems.is_empty() {
        check.problems.sort_by_key(|problem| (problem.line, problem.column));
        return Err(check.problems);
    }
    Ok(Config {
        name: file.identity.name,
        dtmf: file.identity.dtmf,
        spans,
        taps,
        trunks,
        plan: Plan { routes, extensions },
        apps: file.app,
        recording: file.recording,
        web: file.web,
        ivr: file.ivr,
    })
}

fn recording(check: &mut Check<'_>, recording: &Recording) {
    let Some(key) = &recording.pause_key else { return };
    let is_key = |letter: char| letter.is_ascii_digit() || matches!(letter, '*' | '#');
    if !key.get_ref().chars().all(is_key) || key.get_ref().len() == 1 || key.get_ref().len() > 8 {
        let text = "`pause_key` wants 2 to 8 keys of 0 to 9, * and #, such as \"*7\", or \"\" for none";
        check.fault(key.span(), text);
    }
}

fn trunks(check: &mut Check<'_>, file: &File, spans: &[String]) -> Vec<(String, Vec<usize>)> {
    let mut owner = BTreeMap::new();
    let mut trunks = Vec::new();
    for trunk in &file.trunk {
        if trunk.spans.is_empty() {
            check.fault(trunk.name.span(), "a trunk needs at least one span");
        }
        let mut members = Vec::new();
        for span in &trunk.spans {
            let Some(at) = check.lookup("span", span, spans) else { continue };
            if let Some(other) = owner.insert(at, trunk.name.get_ref()) {
                check.fault(span.span(), format!("span \"{}\" is in trunk \"{other}\" already", span.get_ref()));
            }
            members.push(at);
        }
        trunks.push((trunk.name.get_ref().clone(), members));
    }
    trunks
}

fn extensions(check: &mut Check<'_>, file: &File, names: &Names) -> Vec<Extension> {
    let mut extensions = Vec::new();
    for extension in &file.extension {
        check.lookup("trunk", &extension.trunk, &names.trunks);
        check.digits(&extension.number);
        let Some(dial) = check.digits(extension.dial.as_ref().unwrap_or(&extension.number)) else { continue };
        extensions.push(Extension {
            number: extension.number.get_ref().clone(),
            name: extension.name.clone(),
            trunk: extension.trunk.get_ref().clone(),
            dial,
        });
    }
    extensions
}

fn routes(check: &mut Check<'_>, file: &File, names: &Names) -> Vec<call::Route> {
    let mut routes = Vec::new();
    for route in &file.route {
        let called = check.pattern(&route.get_ref().called);
        let calling = route.get_ref().calling.as_ref().map(|text| check.pattern(text));
        let target = check.target(route, names);
        if let (Some(called), Some(target)) = (called, target) {
            routes.push(call::Route { called, calling: calling.flatten(), target });
        }
    }
    routes
}

#[cfg(test)]
#[path = "check_tests.rs"]
pub(crate) mod tests;
