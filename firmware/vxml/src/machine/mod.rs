//! The interpreter: what waits, what runs, what comes out.
//!
//! What is to be done next is a stack of [`Work`]; the loop in `run` takes the top until the session waits for the world
//! or is over. An event unwinds the stack down to its handler.

mod code;
mod collect;
mod context;
mod ending;
mod events;
mod fetch;
mod fia;
mod grammars;
mod heard;
mod prompts;
mod subdialog;
mod submit;
mod transfer;
mod transition;

use crate::api::{Action, ExitReason, FetchId, Input, Limits, PlayEnd, PlayId, Sensitive, SessionInfo};
use crate::document::{Code, Dialog};
use crate::fault::{Place, without_query};
use crate::script::{Engine, ScopeId, ScriptError, Value};
use base::{Digit, Instant};
use collect::Collect;
use context::Context;
use core::time::Duration;
use ending::{AfterPlay, Ending};
use fetch::Fetching;
use prompts::Queue;
use std::collections::VecDeque;
use std::sync::Arc;
use transfer::Transferring;

/// One caller's VoiceXML session. Drain `poll_action` after every `handle`, then wait no longer than `deadline`.
pub struct Interpreter {
    engine: Engine,
    limits: Limits,
    language: String,
    now: Instant,
    actions: VecDeque<Action>,
    session: ScopeId,
    /// The last one runs; the others wait in their `<subdialog>`.
    contexts: Vec<Context>,
    wait: Wait,
    queue: Queue,
    /// Keys pressed before a field asked for them.
    typed: VecDeque<Digit>,
    /// An input ended as soon as it was complete: until then a late `termchar` still belongs to it.
    late_termchar: Option<(Digit, Instant)>,
    ending: Option<Ending>,
    is_sensitive: bool,
    steps_left: u32,
    has_overrun: bool,
    here: Here,
    next_fetch: u32,
    next_play: u32,
}

/// Where the interpreter stands in which document.
#[derive(Clone)]
struct Here {
    document: Arc<str>,
    place: Place,
}

/// What the session waits for.
enum Wait {
    /// Nothing: it runs.
    Nothing,
    Fetch(Box<Fetching>),
    Collect(Box<Collect>),
    Play(PlayId, AfterPlay),
    Transfer(Box<Transferring>),
    Ended,
}

/// One thing still to be done.
enum Work {
    /// The next iteration of the form interpretation algorithm.
    Select,
    /// Executable content from line `at` on.
    Code {
        code: Code,
        at: usize,
        scope: ScopeId,
        from: Arc<str>,
    },
    /// `<foreach>` from value `at` on.
    Each {
        values: Vec<Value>,
        at: usize,
        item: String,
        code: Code,
        scope: ScopeId,
        from: Arc<str>,
    },
    /// Executable content in an anonymous scope of its own.
    Open {
        code: Code,
        from: Arc<str>,
    },
    /// Leaves an anonymous scope for the one before.
    Close(ScopeId, ScopeId),
    /// Waits for input to that item.
    Collect(usize),
    /// Transfers the caller by that item.
    Transfer(usize),
    /// Events belong to that item, or to the form, from here on.
    Within(Option<usize>),
    /// That scope is the document's from here on.
    Document(ScopeId),
    Begin(Arc<Dialog>),
    /// All of a subdialog's parameters must have met their variable.
    CheckParams,
    /// An input that led to this dialog is the dialog's.
    Apply(heard::Heard),
}

/// An event on its way to its handler.
struct Thrown {
    event: String,
    message: String,
    /// The platform threw it for a fault that the log should show.
    is_fault: bool,
}

type Done = Result<(), Thrown>;

impl Thrown {
    fn fault(event: &str, message: impl Into<String>) -> Self {
        Self { event: event.into(), message: message.into(), is_fault: true }
    }

    fn semantic(message: impl Into<String>) -> Self {
        Self::fault("error.semantic", message)
    }

    fn bad_fetch(message: impl Into<String>) -> Self {
        Self::fault("error.badfetch", message)
    }
}

impl From<ScriptError> for Thrown {
    fn from(error: ScriptError) -> Self {
        Self::semantic(error.0)
    }
}

impl Interpreter {
    /// Begins a session: its first action fetches `info.start_url`.
    pub fn new(now: Instant, info: SessionInfo, limits: Limits) -> Self {
        let start = info.start_url.clone();
        let (language, variables) = (info.language.clone(), session_variables(&info));
        let steps_left = limits.steps_without_caller;
        let mut engine = Engine::new(now, info, limits.clone());
        let session = engine.make_scope();
        for (name, value) in variables {
            // A new engine keeps variables in plain maps, which take anything.
            drop(engine.put(session, name, value));
        }
        let here = Here { document: Arc::from(without_query(&start)), place: Place::default() };
        let mut machine = Self {
            engine,
            limits,
            language,
            now,
            actions: VecDeque::new(),
            session,
            contexts: Vec::new(),
            wait: Wait::Nothing,
            queue: Queue::default(),
            typed: VecDeque::new(),
            late_termchar: None,
            ending: None,
            is_sensitive: false,
            steps_left,
            has_overrun: false,
            here,
            next_fetch: 0,
            next_play: 0,
        };
        machine.begin_session(&start);
        machine
    }

    /// Applies one input. A deadline already due fires first, however late the call.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.now = now.max(self.now);
        self.engine.set_now(self.now);
        if self.deadline().is_some_and(|due| due <= self.now) {
            self.fire();
            self.run();
        }
        self.apply(input);
        self.run();
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call `handle` with [`Input::Tick`] at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        let own = match &self.wait {
            Wait::Nothing | Wait::Play(..) | Wait::Transfer(_) | Wait::Ended => None,
            Wait::Fetch(fetching) => fetching.due(),
            Wait::Collect(collect) => collect.due(),
        };
        let ending = self.ending.as_ref().map(|ending| ending.until).filter(|_| !self.is_over());
        [own, ending].into_iter().flatten().min()
    }

    fn is_over(&self) -> bool {
        matches!(self.wait, Wait::Ended)
    }

    fn apply(&mut self, input: Input) {
        match (&mut self.wait, input) {
            (Wait::Ended, _) | (_, Input::Tick) => {}
            (_, Input::Hangup) => self.hang_up(),
            (_, Input::Digit(_)) if self.ending.is_some() => {}
            (Wait::Collect(_), Input::Digit(digit)) => self.key(digit),
            (Wait::Transfer(_), Input::Digit(digit)) => self.transfer_key(digit),
            (Wait::Nothing | Wait::Fetch(_) | Wait::Play(..), Input::Digit(digit)) => self.type_ahead(digit),
            (Wait::Fetch(_), Input::Fetched { fetch, result }) => self.fetched(fetch, result),
            (Wait::Transfer(_), Input::TransferDone(outcome)) => self.transfer_done(outcome),
            (_, Input::PlayDone { play, reason, played_ms }) => self.play_done(play, reason, played_ms),
            (
                Wait::Nothing | Wait::Collect(_) | Wait::Play(..) | Wait::Fetch(_) | Wait::Transfer(_),
                Input::Fetched { .. } | Input::TransferDone(_),
            ) => {}
        }
    }

    /// A deadline is due.
    fn fire(&mut self) {
        if self.ending.as_ref().is_some_and(|ending| ending.until <= self.now) {
            self.say("document", "final processing took too long".into());
            return self.end_of_call();
        }
        match &self.wait {
            Wait::Fetch(_) => self.fetch_timed_out(),
            Wait::Collect(_) => self.collect_timed_out(),
            Wait::Nothing | Wait::Play(..) | Wait::Transfer(_) | Wait::Ended => {}
        }
    }

    /// Works until something must be waited for.
    fn run(&mut self) {
        while matches!(self.wait, Wait::Nothing) {
            let work = self.contexts.last_mut().and_then(|context| context.work.pop());
            let Some(work) = work else { return self.finish(ExitReason::Finished, Vec::new()) };
            let done = self.spend(1).and_then(|()| self.perform(work));
            if let Err(thrown) = done {
                self.throw(thrown);
            }
        }
    }

    fn perform(&mut self, work: Work) -> Done {
        match work {
            Work::Select => self.select(),
            Work::Code { code, at, scope, from } => self.line(code, at, scope, from),
            Work::Each { values, at, item, code, scope, from } => self.each(values, at, item, code, scope, from),
            Work::Open { code, from } => {
                let (scope, close) = self.open()?;
                self.push([close, Work::Code { code, at: 0, scope, from }]);
                Ok(())
            }
            Work::Close(scope, before) => {
                self.close(scope, before);
                Ok(())
            }
            Work::Collect(item) => self.collect(item),
            Work::Transfer(item) => {
                self.play_then(AfterPlay::Transfer(item));
                Ok(())
            }
            Work::Within(item) => {
                self.within(item);
                Ok(())
            }
            Work::Document(scope) => {
                self.document_scope(scope);
                Ok(())
            }
            Work::Begin(dialog) => self.begin_dialog(dialog),
            Work::CheckParams => self.check_params(),
            Work::Apply(heard) => self.heard(heard),
        }
    }

    /// Takes steps from what the session may do before the caller hears or presses something. The handler of the event
    /// that the end of it throws gets a tenth more; the end of that ends the session.
    fn spend(&mut self, steps: u32) -> Done {
        let script = self.engine.take_used().saturating_mul(50).min(u64::from(u32::MAX)) as u32;
        let steps = steps.saturating_add(script);
        if steps <= self.steps_left {
            self.steps_left -= steps;
            return Ok(());
        }
        let most = self.limits.steps_without_caller;
        let message = format!("more than {most} steps without the caller hearing or pressing anything; find the loop");
        if self.has_overrun {
            self.say("document", format!("{}: {message}", self.here.text()));
            self.end(ExitReason::Event("error.semantic".into()), Vec::new());
        }
        self.has_overrun = true;
        self.steps_left = most / 10 + 100;
        Err(Thrown::semantic(message))
    }

    /// The caller heard or pressed something.
    fn refill(&mut self) {
        self.steps_left = self.limits.steps_without_caller;
        self.has_overrun = false;
    }

    fn say(&mut self, label: &str, text: String) {
        self.actions.push_back(Action::Log { label: label.into(), text });
    }

    fn play_done(&mut self, play: PlayId, reason: PlayEnd, played_ms: u64) {
        if !self.is_playing(play) {
            return;
        }
        if played_ms > 0 {
            self.refill();
        }
        if reason == PlayEnd::Failed {
            self.say("document", format!("{}: a prompt could not be played", self.here.text()));
        }
        match &self.wait {
            Wait::Collect(_) => self.prompt_done(reason),
            Wait::Fetch(_) => self.fetch_audio_done(),
            Wait::Play(..) => self.played(),
            Wait::Nothing | Wait::Transfer(_) | Wait::Ended => {}
        }
    }

    fn is_playing(&self, play: PlayId) -> bool {
        match &self.wait {
            Wait::Collect(collect) => collect.play == Some(play),
            Wait::Fetch(fetching) => fetching.play == Some(play),
            Wait::Play(playing, _) => *playing == play,
            Wait::Nothing | Wait::Transfer(_) | Wait::Ended => false,
        }
    }

    fn new_play(&mut self) -> PlayId {
        self.next_play += 1;
        PlayId(self.next_play)
    }

    fn new_fetch(&mut self) -> FetchId {
        self.next_fetch += 1;
        FetchId(self.next_fetch)
    }

    fn set_sensitive(&mut self, wanted: bool) {
        if core::mem::replace(&mut self.is_sensitive, wanted) != wanted {
            let word = if wanted { Sensitive::On } else { Sensitive::Off };
            self.actions.push_back(Action::Sensitive(word));
        }
    }

    /// A key nobody asked for yet. It may begin a secret, so the recordings fall silent until the next wait tells.
    fn type_ahead(&mut self, digit: Digit) {
        self.refill();
        self.set_sensitive(true);
        if self.typed.is_empty() {
            // Whether it is too late is judged when it is pressed, not when it is taken.
            self.late_termchar = self.late_termchar.filter(|(key, until)| *key == digit && self.now <= *until);
            self.late_termchar = self.late_termchar.map(|(key, _)| (key, Instant::new(Duration::MAX)));
        }
        if self.typed.len() < self.limits.type_ahead {
            self.typed.push_back(digit);
        }
    }
}

impl Here {
    fn text(&self) -> String {
        let Place { row, column } = self.place;
        format!("{}:{row}:{column}", self.document)
    }
}

/// `session.*` (VoiceXML 2.0 §5.1.4).
fn session_variables(info: &SessionInfo) -> [(&'static str, Value); 1] {
    let object = |members: Vec<(&str, Value)>| {
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let connection = object(vec![
        ("local", object(vec![("uri", Value::text(&info.local))])),
        ("remote", object(vec![("uri", Value::text(&info.remote))])),
        ("protocol", object(vec![("name", Value::text(&info.protocol)), ("version", Value::text(""))])),
        ("originator", object(vec![("uri", Value::text(&info.remote))])),
        ("aai", Value::text(&info.aai)),
    ]);
    [("connection", connection)]
}

/// How long a shell may be late with the answer to a fetch before the machine stops waiting.
const FETCH_GRACE: Duration = Duration::from_secs(5);
