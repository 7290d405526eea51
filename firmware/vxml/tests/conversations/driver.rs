//! A session with a caller and a server: documents in a map, a clock that jumps, everything done written down.

use base::{Digit, Instant, WallTime};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use vxml::{
    Action, ExitReason, FetchFailure, FetchId, Fetched, Input, Interpreter, Limits, Method, PlayEnd, PlayId,
    PromptItem, Sensitive, SessionInfo, TransferOutcome,
};

/// Moves of the clock that one step of a story may need.
const MOVES: usize = 10_000;

pub(crate) struct Talk {
    machine: Interpreter,
    pub(crate) now: Instant,
    documents: BTreeMap<String, String>,
    /// How long every prompt takes.
    pub(crate) play_ms: u64,
    /// An address that the server moves to another.
    pub(crate) redirect: Option<(&'static str, &'static str)>,
    /// Fetches are answered only by `answer`.
    pub(crate) is_server_slow: bool,
    fetching: VecDeque<(FetchId, String)>,
    playing: Option<(PlayId, Instant)>,
    pub(crate) prompts: VecDeque<String>,
    pub(crate) fetches: VecDeque<String>,
    pub(crate) paths: Vec<String>,
    pub(crate) logs: Vec<String>,
    /// Everything else that was done.
    pub(crate) deeds: VecDeque<String>,
    pub(crate) exit: Option<(ExitReason, String)>,
}

/// A session that begins at `http://h/a`, which holds these children of `<vxml>`.
pub(crate) fn talk(body: &str) -> Talk {
    talk_over(&[("a", &vxml(body))])
}

/// A VoiceXML document.
pub(crate) fn vxml(body: &str) -> String {
    format!("<vxml version=\"2.1\" xmlns=\"http://www.w3.org/2001/vxml\" xml:lang=\"en\">{body}</vxml>")
}

/// A session over several documents `http://h/NAME`, begun at `a`.
pub(crate) fn talk_over(documents: &[(&str, &str)]) -> Talk {
    Talk::new(documents, Limits::default()).quick()
}

/// The same before anything was answered.
pub(crate) fn slow_talk(documents: &[(&str, &str)]) -> Talk {
    Talk::new(documents, Limits::default())
}

/// The same within limits.
pub(crate) fn talk_within(limits: Limits, documents: &[(&str, &str)]) -> Talk {
    Talk::new(documents, limits).quick()
}

impl Talk {
    fn new(documents: &[(&str, &str)], limits: Limits) -> Self {
        let wall = WallTime(1_700_000_000_000);
        let info = SessionInfo::new("4008001234", "13800138000", "http://h/a", wall, 7);
        let documents = documents.iter().map(|(name, text)| (format!("http://h/{name}"), (*text).to_owned())).collect();
        let mut talk = Self {
            machine: Interpreter::new(Instant::ZERO, info, limits),
            now: Instant::ZERO,
            documents,
            play_ms: 2000,
            redirect: None,
            is_server_slow: true,
            fetching: VecDeque::new(),
            playing: None,
            prompts: VecDeque::new(),
            fetches: VecDeque::new(),
            paths: Vec::new(),
            logs: Vec::new(),
            deeds: VecDeque::new(),
            exit: None,
        };
        talk.drain();
        talk
    }

    /// The first document arrives, and the server is quick from now on.
    fn quick(mut self) -> Self {
        self.is_server_slow = false;
        self.answer();
        self
    }

    /// The next prompt the caller hears begins with this being all of it.
    #[track_caller]
    pub(crate) fn hears(&mut self, expected: &str) -> &mut Self {
        let mut moves = 0;
        while self.prompts.is_empty() && self.exit.is_none() && moves < MOVES && self.advance(None) {
            moves += 1;
        }
        let heard = self.prompts.pop_front();
        assert_eq!(heard.as_deref(), Some(expected), "at {} ms; {}", self.now.as_millis(), self.story());
        self
    }

    /// What plays is heard to its end.
    #[track_caller]
    pub(crate) fn listens(&mut self) -> &mut Self {
        let (play, end) = self.playing.take().expect("something plays");
        self.now = end;
        self.input(Input::PlayDone { play, reason: PlayEnd::Completed, played_ms: self.play_ms });
        self
    }

    /// Keys, 100 ms apart.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            self.now += Duration::from_millis(100);
            self.input(Input::Digit(Digit::new(key).expect("a key")));
        }
        self
    }

    /// A key at which the media plane stops the prompt by itself, before or after it tells the key.
    #[track_caller]
    pub(crate) fn barges_in(&mut self, key: &str, is_told_first: bool) -> &mut Self {
        let (play, _) = self.playing.expect("something plays");
        if is_told_first {
            self.press(key);
        }
        if self.playing.take().is_some() {
            self.input(Input::PlayDone { play, reason: PlayEnd::BargedIn, played_ms: 300 });
        }
        if is_told_first { self } else { self.press(key) }
    }

    /// Time goes by; prompts end and deadlines fall due on the way.
    pub(crate) fn wait(&mut self, ms: u64) -> &mut Self {
        let until = self.now + Duration::from_millis(ms);
        let mut moves = 0;
        while moves < MOVES && self.advance(Some(until)) {
            moves += 1;
        }
        assert!(moves < MOVES, "the session does not come to rest");
        self.now = until;
        self
    }

    pub(crate) fn hangs_up(&mut self) -> &mut Self {
        self.input(Input::Hangup);
        self
    }

    pub(crate) fn transfer_ends(&mut self, outcome: TransferOutcome) -> &mut Self {
        self.input(Input::TransferDone(outcome));
        self
    }

    #[track_caller]
    pub(crate) fn fetches(&mut self, expected: &str) -> &mut Self {
        assert_eq!(self.fetches.pop_front().as_deref(), Some(expected), "{}", self.story());
        self
    }

    /// The next of the deeds that are neither prompt, fetch, path nor log.
    #[track_caller]
    pub(crate) fn does(&mut self, expected: &str) -> &mut Self {
        assert_eq!(self.deeds.pop_front().as_deref(), Some(expected), "{}", self.story());
        self
    }

    /// The session runs out, prompts and all, and ends like this.
    #[track_caller]
    pub(crate) fn ends(&mut self, reason: ExitReason, values: &str) -> &mut Self {
        let mut moves = 0;
        while self.exit.is_none() && moves < MOVES && self.advance(None) {
            moves += 1;
        }
        assert_eq!(self.exit, Some((reason, values.to_owned())), "{}", self.story());
        self
    }

    #[track_caller]
    pub(crate) fn ends_by(&mut self, event: &str) -> &mut Self {
        self.ends(ExitReason::Event(event.into()), "")
    }

    #[track_caller]
    pub(crate) fn logs(&mut self, expected: &[&str]) -> &mut Self {
        assert_eq!(self.logs, expected, "{}", self.story());
        self
    }

    /// Answers what the slow server was asked.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> &mut Self {
        let (fetch, url) = self.fetching.pop_front().expect("a fetch is under way");
        let result = self.serve(&url);
        self.input(Input::Fetched { fetch, result });
        self
    }

    pub(crate) fn fail(&mut self, failure: FetchFailure) -> &mut Self {
        let (fetch, _) = self.fetching.pop_front().expect("a fetch is under way");
        self.input(Input::Fetched { fetch, result: Err(failure) });
        self
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.machine.handle(self.now, input);
        self.drain();
    }

    fn story(&self) -> String {
        format!(
            "prompts {:?}, fetches {:?}, deeds {:?}, logs {:?}, exit {:?}",
            self.prompts, self.fetches, self.deeds, self.logs, self.exit
        )
    }

    /// Moves the clock to what happens next; `false` if nothing does.
    fn advance(&mut self, until: Option<Instant>) -> bool {
        let play_end = self.playing.map(|(_, end)| end);
        let next = [play_end, self.machine.deadline()].into_iter().flatten().min();
        let Some(next) = next.filter(|next| until.is_none_or(|until| *next <= until)) else { return false };
        self.now = self.now.max(next);
        match self.playing {
            Some((play, end)) if end <= self.now => {
                self.playing = None;
                self.input(Input::PlayDone { play, reason: PlayEnd::Completed, played_ms: self.play_ms });
            }
            _ => self.input(Input::Tick),
        }
        true
    }

    fn drain(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            assert!(self.exit.is_none(), "{action:?} after the exit");
            self.note(action);
            if !self.is_server_slow {
                while let Some((fetch, url)) = self.fetching.pop_front() {
                    let result = self.serve(&url);
                    self.machine.handle(self.now, Input::Fetched { fetch, result });
                }
            }
        }
    }

    fn note(&mut self, action: Action) {
        match action {
            Action::Fetch { fetch, method, url, body, .. } => {
                let body = body.map(|form| format!(" {}", form.encode().reveal())).unwrap_or_default();
                let word = if method == Method::Get { "GET" } else { "POST" };
                self.fetches.push_back(format!("{word} {url}{body}"));
                self.fetching.push_back((fetch, url));
            }
            Action::CancelFetch(fetch) => self.fetching.retain(|(id, _)| *id != fetch),
            Action::Play { play, items, barge_in } => {
                assert!(self.playing.is_none(), "two plays at once");
                assert!(!items.is_empty());
                let mark = if barge_in { "" } else { "!" };
                self.prompts.push_back(format!("{mark}{}", show(&items)));
                self.playing = Some((play, self.now + Duration::from_millis(self.play_ms)));
            }
            Action::StopPlay(play) => {
                assert_eq!(self.playing.map(|(id, _)| id), Some(play), "a stop of what does not play");
                self.playing = None;
            }
            Action::Sensitive(Sensitive::On) => self.deeds.push_back("sensitive on".into()),
            Action::Sensitive(Sensitive::Off) => self.deeds.push_back("sensitive off".into()),
            Action::Transfer { kind, dest, max_time, aai, .. } => {
                let max = max_time.map(|time| format!(" at most {}s", time.as_secs())).unwrap_or_default();
                self.deeds.push_back(format!("transfer {kind:?} {dest}{max} {aai}").trim_end().to_owned());
            }
            Action::EndTransfer => self.deeds.push_back("end transfer".into()),
            Action::Disconnect => self.deeds.push_back("disconnect".into()),
            Action::Exit { reason, values } => {
                let values: Vec<String> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
                self.exit = Some((reason, values.join(" ")));
            }
            Action::Log { label, text } => self.logs.push(format!("{label}: {text}")),
            Action::Path(step) => self.paths.push(step),
        }
    }

    fn serve(&self, url: &str) -> Result<Fetched, FetchFailure> {
        let path = url.split('?').next().unwrap_or(url);
        let moved = self.redirect.filter(|(from, _)| *from == path);
        let path = moved.map_or(path, |(_, to)| to);
        match self.documents.get(path) {
            Some(text) => Ok(Fetched {
                url: moved.map_or(url, |(_, to)| to).into(),
                status: 200,
                content_type: "application/voicexml+xml".into(),
                body: text.clone().into_bytes(),
            }),
            None => Err(FetchFailure::Status(404)),
        }
    }
}

/// Prompt items as a line of text: words, `<digits:12>`, `[address]`, `(500ms)`, `{mark}`.
fn show(items: &[PromptItem]) -> String {
    let parts: Vec<String> = items
        .iter()
        .map(|item| match item {
            PromptItem::Speak { text, lang, say_as } => {
                let text = match say_as {
                    Some(say_as) if say_as.format.is_empty() => format!("<{}:{text}>", say_as.interpret_as),
                    Some(say_as) => format!("<{}/{}:{text}>", say_as.interpret_as, say_as.format),
                    None => text.clone(),
                };
                if lang == "en" { text } else { format!("{lang}:{text}") }
            }
            PromptItem::Audio { url, fallback } if fallback.is_empty() => format!("[{url}]"),
            PromptItem::Audio { url, fallback } => format!("[{url} or {}]", show(fallback)),
            PromptItem::Break(time) => format!("({}ms)", time.as_millis()),
            PromptItem::Mark(name) => format!("{{{name}}}"),
        })
        .collect();
    parts.join(" | ")
}
