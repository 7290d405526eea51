//! `fundline.toml`: what the technician writes, checked before anything starts.
//!
//! [`parse`] turns the text into a [`Config`] or into every [`Problem`] found, each with file, line, what was expected and what to do.
//! Structure is checked by serde (unknown keys, wrong types), then names are checked against each other: a route's
//! application must exist, a trunk's spans too.
//!
//! ```
//! let problems = config::parse("fundline.toml", "[box]\nname = 'x'\n[[route]]\ncalled = '1y'\napp = 'hotline'\n").unwrap_err();
//! assert_eq!(problems[0].line, 4);
//! assert!(problems[0].to_string().starts_with("fundline.toml:4:"));
//! ```
//!
//! The whole file by example: `docs/fundline.example.toml`.

mod check;
mod file;
mod r2;
mod signaling;
mod tap;

pub use check::Problem;
pub use file::{App, Box, Card, Dtmf, EchoCanceller, Extension, Ivr, Recording, RecordingFormat, Side, Trunk, Web};
pub use signaling::{Line, Signaling, Span};
pub use tap::{Tap, TapRecording};

use call::Plan;

/// A configuration in which every name leads somewhere.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[box]`.
    pub name: String,
    /// `dtmf` of `[box]`.
    pub dtmf: Dtmf,
    /// `[[span]]` in order.
    pub spans: Vec<Span>,
    /// `[[tap]]`.
    pub taps: Vec<Tap>,
    /// `[[trunk]]`: name and indices into [`spans`](Self::spans).
    pub trunks: Vec<(String, Vec<usize>)>,
    /// `[[route]]` and `[[extension]]`.
    pub plan: Plan,
    /// `[[app]]`.
    pub apps: Vec<App>,
    /// `[recording]`.
    pub recording: Recording,
    /// `[web]`.
    pub web: Web,
    /// `[ivr]`.
    pub ivr: Ivr,
}

/// Reads and checks the text of the file called `name`.
pub fn parse(name: &str, text: &str) -> Result<Config, Vec<Problem>> {
    let file: file::File = toml::from_str(text).map_err(|error| vec![Problem::syntax(name, text, &error)])?;
    check::check(name, text, file)
}
