//! openr2 at the far end of R2 channels, 10 ms at a time on a clock that the test drives.

use crate::peer_program;
use serde_json::Value;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Samples of one message: 10 ms.
pub const BLOCK: usize = 80;

/// What one end of a channel sends during 10 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The bits abcd of timeslot 16, a the highest of four.
    pub bits: u8,
    /// A-law.
    pub audio: [u8; BLOCK],
}

impl Sent {
    /// Silence on a channel that nobody has seized.
    pub const IDLE: Self = Self { bits: 0b1001, audio: [0xd5; BLOCK] };
}

/// A running `r2_peer`; dropping it ends it.
pub struct R2Peer {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
    commands: String,
    /// What openr2 sent during the last 10 ms, by channel.
    sent: Vec<Sent>,
    /// All that came, for the message of a test that waits in vain; whether each has been asked for.
    seen: Vec<(Value, bool)>,
}

impl R2Peer {
    /// Starts openr2 in a variant, `options` as at the top of `c/r2_peer.c`.
    ///
    /// # Panics
    ///
    /// Where openr2 is not installed.
    pub fn start(variant: &str, channels: usize, options: &[&str]) -> Self {
        let mut child = Command::new(peer_program("r2_peer"))
            .args([format!("variant={variant}"), format!("channels={channels}")])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the peer was just built and can be run");
        let to = child.stdin.take().expect("stdin is a pipe");
        let from = child.stdout.take().expect("stdout is a pipe");
        Self { child, to, from, commands: String::new(), sent: vec![Sent::IDLE; channels], seen: Vec::new() }
    }

    /// Gives one command, as listed at the top of `c/r2_peer.c`, with the next 10 ms.
    pub fn command(&mut self, line: &str) {
        self.commands.push_str(line);
        self.commands.push('\n');
    }

    /// What openr2 sent during the last 10 ms, by channel.
    pub fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// Lets 10 ms pass, in which openr2 hears this on each channel.
    ///
    /// # Panics
    ///
    /// Where the peer has ended.
    pub fn hear(&mut self, channels: &[Sent]) {
        assert_eq!(channels.len(), self.sent.len(), "one for each channel");
        let mut message = Vec::with_capacity(2 + self.commands.len() + channels.len() * (1 + BLOCK));
        message.extend(u16::try_from(self.commands.len()).expect("a few commands").to_le_bytes());
        message.extend(self.commands.as_bytes());
        self.commands.clear();
        for sent in channels {
            message.push(sent.bits);
            message.extend(sent.audio);
        }
        self.to.write_all(&message).unwrap_or_else(|error| panic!("{error}; so far: {:#?}", self.seen));
        self.answer().unwrap_or_else(|error| panic!("{error}; so far: {:#?}", self.seen));
    }

    fn answer(&mut self) -> std::io::Result<()> {
        let mut length = [0; 2];
        self.from.read_exact(&mut length)?;
        let mut events = vec![0; usize::from(u16::from_le_bytes(length))];
        self.from.read_exact(&mut events)?;
        for line in String::from_utf8_lossy(&events).lines() {
            let event = serde_json::from_str(line).unwrap_or_else(|_| Value::String(line.to_owned()));
            self.seen.push((event, false));
        }
        for sent in &mut self.sent {
            let mut bits = [0];
            self.from.read_exact(&mut bits)?;
            sent.bits = bits[0];
            self.from.read_exact(&mut sent.audio)?;
        }
        Ok(())
    }

    /// The oldest event of this name on this channel that was not taken before, in whatever order others came.
    pub fn take(&mut self, name: &str, channel: usize) -> Option<Value> {
        let wanted = |event: &Value| event["event"] == name && event["channel"] == channel;
        let (event, taken) = self.seen.iter_mut().find(|(event, taken)| !taken && wanted(event))?;
        *taken = true;
        Some(event.clone())
    }

    /// All that came so far.
    pub fn story(&self) -> Vec<&Value> {
        self.seen.iter().map(|(event, _)| event).collect()
    }

    /// Forgets the events so far, so that a long story stays quick.
    pub fn forget_the_past(&mut self) {
        self.seen.clear();
    }
}

impl Drop for R2Peer {
    fn drop(&mut self) {
        // It ends with its input; the kill is for one that hangs.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
