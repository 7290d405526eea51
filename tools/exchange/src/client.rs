//! The other end of the control socket.

use crate::report::{Answer, Report, Request, SpanFaults, SpanStatus};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers at the socket.
    #[error("{path}: {source}; is `fundline-exchange run` up, and this its --control?")]
    Connect {
        /// The socket.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The socket failed.
    #[error("control socket: {0}")]
    Io(#[from] io::Error),
    /// What came was no answer.
    #[error("control socket: {0}; client and network must be of the same build")]
    Malformed(#[from] serde_json::Error),
    /// The network refused.
    #[error("{0}")]
    Refused(String),
}

/// Orders a party and waits for its report. `registered` is called once a telephone can be rung.
///
/// # Errors
/// [`ClientError`].
pub fn order(control: &Path, request: &Request, registered: impl FnMut()) -> Result<Report, ClientError> {
    match ask(control, request, registered)? {
        Answer::Report(report) => Ok(report),
        other => Err(ClientError::Refused(format!("a report was expected, not {other:?}"))),
    }
}

/// How the network's spans are.
///
/// # Errors
/// [`ClientError`].
pub fn status(control: &Path) -> Result<Vec<SpanStatus>, ClientError> {
    match ask(control, &Request::Status, || {})? {
        Answer::Status { spans, .. } => Ok(spans),
        other => Err(ClientError::Refused(format!("a status was expected, not {other:?}"))),
    }
}

/// Orders a fault, or only asks: what is on order on each span comes back.
///
/// # Errors
/// [`ClientError`].
pub fn faults(control: &Path, request: &Request) -> Result<Vec<SpanFaults>, ClientError> {
    match ask(control, request, || {})? {
        Answer::Faults { spans } => Ok(spans),
        other => Err(ClientError::Refused(format!("a list of faults was expected, not {other:?}"))),
    }
}

fn ask(control: &Path, request: &Request, mut registered: impl FnMut()) -> Result<Answer, ClientError> {
    let connect = |source| ClientError::Connect { path: control.display().to_string(), source };
    let mut socket = UnixStream::connect(control).map_err(connect)?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    socket.write_all(line.as_bytes())?;
    for line in BufReader::new(socket).lines() {
        match serde_json::from_str(&line?)? {
            Answer::Registered => registered(),
            Answer::Fault { why } => return Err(ClientError::Refused(why)),
            answer => return Ok(answer),
        }
    }
    Err(ClientError::Refused("the network ended before the call did".into()))
}
