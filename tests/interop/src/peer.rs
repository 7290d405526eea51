//! libpri at the far end of a lab span, driven line by line.

use crate::peer_program;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Which side of the interface libpri plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The telephone network.
    Network,
    /// The customer.
    User,
}

/// Which kind of network libpri belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// A public one of Europe.
    EuroIsdn,
    /// A private one.
    Qsig,
}

/// A running `pri_peer`; dropping it ends it.
pub struct PriPeer {
    child: Child,
    commands: ChildStdin,
    events: Receiver<Value>,
    /// All that came, for the message of a test that waits in vain; whether each has been asked for.
    seen: Vec<(Value, bool)>,
}

impl PriPeer {
    /// Connects libpri to the sockets in `dir`. In calls to it, it asks for digits until it has `overlap` of them where the number
    /// is not said to be whole.
    ///
    /// # Panics
    ///
    /// Where libpri is not installed.
    pub fn start(dir: &Path, side: Side, overlap: usize) -> Self {
        Self::start_as(dir, side, Switch::EuroIsdn, overlap)
    }

    /// [`PriPeer::start`] in this kind of network.
    ///
    /// # Panics
    ///
    /// Where libpri is not installed.
    pub fn start_as(dir: &Path, side: Side, switch: Switch, overlap: usize) -> Self {
        let mut command = Command::new(peer_program("pri_peer"));
        if side == Side::User {
            command.arg("--user");
        }
        if switch == Switch::Qsig {
            command.arg("--qsig");
        }
        command.arg("--overlap").arg(overlap.to_string()).arg(dir);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the peer was just built and can be run");
        let commands = child.stdin.take().expect("stdin is a pipe");
        let lines = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
        let (told, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if told.send(event).is_err() {
                    return;
                }
            }
        });
        Self { child, commands, events, seen: Vec::new() }
    }

    /// Gives one command, as listed at the top of `c/pri_peer.c`.
    ///
    /// # Panics
    ///
    /// Where the peer has ended.
    pub fn command(&mut self, line: &str) {
        writeln!(self.commands, "{line}").unwrap_or_else(|error| panic!("{line}: {error}; so far: {:#?}", self.seen));
    }

    /// The oldest event that is wanted and was not taken before, if it has come; in whatever order others came.
    pub fn take(&mut self, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        self.seen.extend(self.events.try_iter().map(|event| (event, false)));
        let (event, taken) = self.seen.iter_mut().find(|(event, taken)| !taken && wanted(event))?;
        *taken = true;
        Some(event.clone())
    }

    /// Forgets the events so far, so that a long story stays quick.
    pub fn forget_the_past(&mut self) {
        self.seen.clear();
        self.events.try_iter().for_each(drop);
    }

    /// Waits for an event of this name (of this call, where one is given) that was not taken before.
    ///
    /// # Panics
    ///
    /// When it has not come within `patience`.
    #[track_caller]
    pub fn wait(&mut self, name: &str, id: Option<u64>, patience: Duration) -> Value {
        let began = Instant::now();
        let wanted = |event: &Value| event["event"] == name && id.is_none_or(|id| event["id"] == id);
        loop {
            if let Some(event) = self.take(wanted) {
                return event;
            }
            match self.events.recv_timeout(patience.saturating_sub(began.elapsed())) {
                Ok(event) => self.seen.push((event, false)),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no event {name} of call {id:?} within {patience:?}; so far: {:#?}", self.seen)
                }
                Err(RecvTimeoutError::Disconnected) => panic!("the peer ended before {name}: {:#?}", self.seen),
            }
        }
    }
}

impl Drop for PriPeer {
    fn drop(&mut self) {
        // It ends with its input; the kill is for one that hangs.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
