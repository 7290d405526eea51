//! What stands in for `fundline-ivr`.

use ipc::ivr::{FromIvr, Piece, SessionId, ToIvr, TransferKind};
use std::collections::BTreeMap;
use std::time::Duration;

use base::Instant;

/// An application process: hears messages, says messages.
pub trait Application {
    /// Takes a message in; what it says goes to `out`.
    fn hear(&mut self, now: Instant, message: &ToIvr, out: &mut Vec<FromIvr>);
    /// Time passed.
    fn tick(&mut self, _now: Instant, _out: &mut Vec<FromIvr>) {}
    /// The process was killed and started again: nothing is left of its sessions.
    fn restart(&mut self);
}

/// A scripted hotline. It says "welcome"; then 1 says "nav"; 2 says "long:5000", which keys cannot stop; 3 asks for a PIN of six digits and says
/// "thanks"; 0 connects to 8001, and * afterwards ends that talk; 7 hands over to 8001 for good; 9 hangs up; # ends with an error.
#[derive(Debug, Default)]
pub struct Menu {
    sessions: BTreeMap<SessionId, Caller>,
    next_play: u32,
    /// Messages heard, to be looked at by stories.
    pub heard: Vec<ToIvr>,
}

#[derive(Debug, Default)]
struct Caller {
    pin: Option<String>,
    bridged: bool,
}

impl Menu {
    /// A hotline without callers.
    pub fn new() -> Self {
        Self::default()
    }

    fn say(&mut self, session: SessionId, name: &str, barge_in: bool, out: &mut Vec<FromIvr>) {
        self.next_play += 1;
        out.push(FromIvr::Play { session, play: self.next_play, pieces: vec![Piece::File(name.into())], barge_in });
    }

    fn key(&mut self, session: SessionId, digit: char, out: &mut Vec<FromIvr>) {
        let Some(caller) = self.sessions.get_mut(&session) else { return };
        if let Some(pin) = &mut caller.pin {
            pin.push(digit);
            if pin.len() == 6 {
                caller.pin = None;
                out.push(FromIvr::Sensitive { session, on: false });
                self.say(session, "thanks", true, out);
            }
            return;
        }
        if caller.bridged {
            if digit == '*' {
                out.push(FromIvr::EndTransfer { session });
            }
            return;
        }
        out.push(FromIvr::Path { session, step: format!("main>{digit}") });
        match digit {
            '1' => self.say(session, "nav", true, out),
            '2' => self.say(session, "long:5000", false, out),
            '3' => {
                caller.pin = Some(String::new());
                out.push(FromIvr::Sensitive { session, on: true });
                self.say(session, "pin", true, out);
            }
            '0' | '7' => {
                caller.bridged = digit == '0';
                let kind = if digit == '0' { TransferKind::Bridge } else { TransferKind::Blind };
                let (to, connect_timeout_ms, max_time_ms) = ("tel:8001".into(), 20_000, 0);
                out.push(FromIvr::Transfer { session, kind, to, connect_timeout_ms, max_time_ms });
            }
            '9' => out.push(FromIvr::Disconnect { session }),
            '#' => out.push(FromIvr::Ended { session, failed: true }),
            _ => self.say(session, &format!("key {digit}"), true, out),
        }
    }
}

impl Application for Menu {
    fn hear(&mut self, _now: Instant, message: &ToIvr, out: &mut Vec<FromIvr>) {
        self.heard.push(message.clone());
        match message {
            ToIvr::Start { session, .. } => {
                self.sessions.insert(*session, Caller::default());
                out.push(FromIvr::Path { session: *session, step: "main".into() });
                self.say(*session, "welcome", true, out);
            }
            ToIvr::Digit { session, digit } => self.key(*session, *digit, out),
            ToIvr::TransferDone { session, end, .. } => {
                if let Some(caller) = self.sessions.get_mut(session) {
                    caller.bridged = false;
                }
                self.say(*session, &format!("{end:?}"), true, out);
            }
            ToIvr::Hangup { session } => {
                self.sessions.remove(session);
                out.push(FromIvr::Ended { session: *session, failed: false });
            }
            ToIvr::Hello { .. } | ToIvr::PlayDone { .. } => {}
        }
    }

    fn restart(&mut self) {
        self.sessions.clear();
    }
}

/// What a deadline of a session's machine is, as the world's clock counts.
pub(crate) fn at_or_after(now: Instant, due: Option<Instant>) -> bool {
    due.is_some_and(|due| due <= now + Duration::ZERO)
}
