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

/// A running `pri_peer`; dropping it ends it.
pub struct PriPeer {
    child: Child,
    commands: ChildStdin,
    events: Receiver<Value>,
    /// All that came, for the message of a test that waits in vain.
    seen: Vec<Value>,
}

impl PriPeer {
    /// Connects libpri to the sockets in `dir`. In calls to it, it asks for digits until it has `overlap` of them where the number
    /// is not said to be whole.
    ///
    /// # Panics
    ///
    /// Where libpri is not installed.
    pub fn start(dir: &Path, side: Side, overlap: usize) -> Self {
        let mut command = Command::new(peer_program("pri_peer"));
        if side == Side::User {
            command.arg("--user");
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

    /// The next event, if one has come.
    pub fn poll(&mut self) -> Option<Value> {
        let event = self.events.try_recv().ok()?;
        self.seen.push(event.clone());
        Some(event)
    }

    /// Waits for an event of this name (of this call, where one is given); others before it are passed over.
    ///
    /// # Panics
    ///
    /// When it has not come within `patience`.
    #[track_caller]
    pub fn wait(&mut self, name: &str, id: Option<u64>, patience: Duration) -> Value {
        let began = Instant::now();
        loop {
            let left = patience.saturating_sub(began.elapsed());
            match self.events.recv_timeout(left) {
                Ok(event) => {
                    self.seen.push(event.clone());
                    if event["event"] == name && id.is_none_or(|id| event["id"] == id) {
                        return event;
                    }
                }
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
