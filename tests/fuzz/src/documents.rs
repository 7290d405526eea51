//! VoiceXML documents, their grammars and scripts: strangers' code, run by a whole session.

use crate::Choices;
use base::{Digit, Instant, WallTime};
use core::time::Duration;
use vxml::{Action, FetchFailure, Fetched, Input, Interpreter, Limits, PlayEnd, Purpose, SessionInfo, TransferOutcome};

/// What a caller does at most.
const MOVES: usize = 200;
/// Rounds in which a session must have ended after the hangup.
const ROUNDS: usize = 100;

/// The first line is what the caller does, an octet a move; the rest is documents, parted by lines of a form feed: the first
/// one is where the session begins, each later fetch gets the next, the last one again and again.
pub(crate) fn vxml(octets: &[u8]) {
    let mut parts = octets.splitn(2, |&octet| octet == b'\n');
    let (moves, documents) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let moves = &moves[..moves.len().min(MOVES)];
    let mut caller = Caller::new(moves, documents);
    for _ in 0..MOVES + ROUNDS {
        caller.obey();
        if caller.ended {
            break;
        }
        caller.act();
    }
    assert!(caller.ended, "the session goes on after the caller has hung up");
    caller.machine.handle(caller.now, Input::Tick);
    assert!(caller.machine.poll_action().is_none(), "nothing follows the exit");
}

struct Caller<'a> {
    machine: Interpreter,
    now: Instant,
    moves: Choices<'a>,
    documents: Vec<&'a [u8]>,
    served: usize,
    /// What waits for an answer.
    waiting: Vec<Input>,
    playing: Option<vxml::PlayId>,
    ended: bool,
}

impl<'a> Caller<'a> {
    fn new(moves: &'a [u8], documents: &'a [u8]) -> Self {
        let info = SessionInfo::new("4008001234", "13901234567", "http://h/start", WallTime(1_795_514_400_000), 7);
        let limits = Limits { script_steps: 3, steps_without_caller: 2000, ..Limits::default() };
        Self {
            machine: Interpreter::new(Instant::ZERO, info, limits),
            now: Instant::ZERO,
            moves: Choices(moves),
            documents: documents.split(|&octet| octet == 0x0C).collect(),
            served: 0,
            waiting: Vec::new(),
            playing: None,
            ended: false,
        }
    }

    fn obey(&mut self) {
        let mut actions = 0;
        while let Some(action) = self.machine.poll_action() {
            actions += 1;
            assert!(!self.ended, "nothing follows the exit, but {action:?}");
            assert!(actions < 100_000, "a session that never stops acting");
            match action {
                Action::Fetch { fetch, purpose, url, .. } => {
                    assert!(url.contains(':'), "{url} is not absolute");
                    let result = self.serve(purpose, url);
                    self.waiting.push(Input::Fetched { fetch, result });
                }
                Action::Play { play, .. } => {
                    assert!(self.playing.replace(play).is_none(), "a play while another one runs");
                }
                Action::StopPlay(play) => {
                    if self.playing == Some(play) {
                        self.playing = None;
                    }
                }
                Action::Transfer { .. } => {
                    let outcome = [TransferOutcome::Busy, TransferOutcome::FarEndDisconnect(7), TransferOutcome::Blind];
                    let outcome = outcome[usize::from(self.moves.octet()) % 3];
                    self.waiting.push(Input::TransferDone(outcome));
                }
                Action::Exit { .. } => self.ended = true,
                Action::CancelFetch(_)
                | Action::Sensitive(_)
                | Action::EndTransfer
                | Action::Disconnect
                | Action::Log { .. }
                | Action::Path(_) => {}
            }
        }
    }

    fn serve(&mut self, purpose: Purpose, url: String) -> Result<Fetched, FetchFailure> {
        let document = self.documents.get(self.served).or(self.documents.last()).copied().unwrap_or_default();
        self.served += 1;
        if document == b"404" {
            return Err(FetchFailure::Status(404));
        }
        let content_type = match purpose {
            Purpose::Document | Purpose::ApplicationRoot | Purpose::Subdialog => "application/voicexml+xml",
            Purpose::Script => "application/javascript",
            Purpose::Grammar => "application/srgs+xml",
        };
        Ok(Fetched { url, status: 200, content_type: content_type.into(), body: document.to_vec() })
    }

    fn act(&mut self) {
        if self.moves.is_empty() {
            return self.go();
        }
        let choice = self.moves.octet();
        let input = match Digit::new(char::from(choice)) {
            Some(digit) => Input::Digit(digit),
            None if choice == b' ' => return self.pass(Duration::from_secs(3)),
            None if choice == b'.' => match self.playing.take() {
                Some(play) => Input::PlayDone { play, reason: PlayEnd::Completed, played_ms: 1000 },
                None => Input::Tick,
            },
            None if choice == b'h' => Input::Hangup,
            None => self.waiting.pop().unwrap_or(Input::Tick),
        };
        self.now += Duration::from_millis(100);
        self.machine.handle(self.now, input);
    }

    /// All that waits is answered, the caller hangs up, time passes.
    fn go(&mut self) {
        for input in core::mem::take(&mut self.waiting) {
            self.machine.handle(self.now, input);
        }
        if let Some(play) = self.playing.take() {
            self.machine.handle(self.now, Input::PlayDone { play, reason: PlayEnd::Stopped, played_ms: 0 });
        }
        self.machine.handle(self.now, Input::Hangup);
        self.pass(Duration::from_secs(1));
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.machine.deadline().map_or(self.now, |due| due.max(self.now)) + time;
        self.machine.handle(self.now, Input::Tick);
    }
}
