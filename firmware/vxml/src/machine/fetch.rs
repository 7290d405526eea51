//! Fetches: what is asked for, what the caller hears meanwhile, and what comes back (VoiceXML 2.0 §6.1).

use super::transition::Arrival;
use super::{Done, FETCH_GRACE, Interpreter, Thrown, Wait};
use crate::api::{Action, FetchFailure, FetchId, Fetched, Form, Method, PlayId, PromptItem, Purpose};
use crate::document::{Document, FetchOptions, Given, GrammarFault, decode, read_grammar};
use crate::fault::{Fault, without_query};
use crate::script::ScopeId;
use base::Instant;
use core::time::Duration;
use std::sync::Arc;
use url::Url;

/// Grammars kept for one document.
const KEPT_GRAMMARS: usize = 64;

/// A fetch under way.
pub(super) struct Fetching {
    pub(super) id: FetchId,
    /// The shell is late beyond this.
    due: Instant,
    pub(super) play: Option<PlayId>,
    /// Came while what was queued still plays.
    pub(super) result: Option<Result<Fetched, FetchFailure>>,
    /// `fetchaudio`, until it plays.
    audio: Option<String>,
    then: Then,
}

impl Fetching {
    pub(super) fn due(&self) -> Option<Instant> {
        self.result.is_none().then_some(self.due)
    }
}

/// What a fetch is for.
pub(super) enum Then {
    Script(ScopeId),
    Grammar(Url),
    Document(Box<Arrival>),
    /// The root, from that address, of the document that has arrived.
    Root(Box<Arrival>, Arc<Document>, Url),
}

/// A fetch to be.
pub(super) struct Request {
    purpose: Purpose,
    method: Method,
    url: Url,
    body: Option<Form>,
    timeout: Duration,
    max_age: Option<Duration>,
    max_stale: Option<Duration>,
    audio: Option<String>,
}

impl Interpreter {
    /// A fetch with its attributes, or the properties that stand for them.
    pub(super) fn request(
        &self,
        purpose: Purpose,
        method: Method,
        mut url: Url,
        body: Option<Form>,
        options: &FetchOptions,
    ) -> Request {
        url.set_fragment(None);
        let family = match purpose {
            Purpose::Document | Purpose::ApplicationRoot | Purpose::Subdialog => "document",
            Purpose::Script => "script",
            Purpose::Grammar => "grammar",
        };
        let age = |name: &str| {
            let written = self.property(&format!("{family}{name}"));
            written.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs)
        };
        let audio = options.audio.clone().or_else(|| self.property("fetchaudio").filter(|_| family == "document"));
        let base = self.contexts.last().map(|context| &context.document.base);
        Request {
            purpose,
            method,
            timeout: options.timeout.or(self.property_time("fetchtimeout")).unwrap_or(self.limits.fetch_timeout),
            max_age: options.max_age.or_else(|| age("maxage")),
            max_stale: options.max_stale.or_else(|| age("maxstale")),
            audio: audio.and_then(|audio| base?.join(&audio).ok()).map(String::from),
            url,
            body,
        }
    }

    /// Begins a fetch. With `fetchaudio`, what is queued plays first, then that recording until the answer comes; without,
    /// the queue waits for the next input (VoiceXML 2.0 §4.1.8).
    pub(super) fn fetch(&mut self, request: Request, then: Then) {
        let id = self.new_fetch();
        let Request { purpose, method, url, body, timeout, max_age, max_stale, audio } = request;
        self.actions.push_back(Action::Fetch {
            fetch: id,
            purpose,
            method,
            url: url.into(),
            body,
            timeout,
            max_age,
            max_stale,
        });
        let audio = audio.filter(|_| self.ending.is_none());
        let items = if audio.is_some() { self.queue.take_all() } else { Vec::new() };
        let due = self.now + timeout + FETCH_GRACE;
        let mut fetching = Box::new(Fetching { id, due, play: None, result: None, audio, then });
        if items.is_empty() {
            self.play_fetch_audio(&mut fetching);
        } else {
            let play = self.new_play();
            fetching.play = Some(play);
            self.actions.push_back(Action::Play { play, items, barge_in: false });
        }
        self.wait = Wait::Fetch(fetching);
    }

    fn play_fetch_audio(&mut self, fetching: &mut Fetching) {
        fetching.play = None;
        if let Some(url) = fetching.audio.take() {
            let play = self.new_play();
            fetching.play = Some(play);
            let items = vec![PromptItem::Audio { url, fallback: Vec::new() }];
            self.actions.push_back(Action::Play { play, items, barge_in: false });
        }
    }

    pub(super) fn fetch_script(&mut self, src: &Given, options: &FetchOptions, scope: ScopeId) -> Done {
        let written = self.given(src)?;
        let base = self.context()?.document.base.clone();
        let url = address(&base, &written)?;
        let request = self.request(Purpose::Script, Method::Get, url, None, options);
        self.fetch(request, Then::Script(scope));
        Ok(())
    }

    pub(super) fn fetched(&mut self, id: FetchId, result: Result<Fetched, FetchFailure>) {
        let Wait::Fetch(fetching) = &mut self.wait else { return };
        if fetching.id != id || fetching.result.is_some() {
            return;
        }
        fetching.result = Some(result);
        // What was queued before the fetch is heard to its end; the recording after it is not.
        let is_queue_playing = fetching.play.is_some() && fetching.audio.is_some();
        if !is_queue_playing {
            self.arrive();
        }
    }

    /// What played during the fetch is over.
    pub(super) fn fetch_audio_done(&mut self) {
        let Wait::Fetch(mut fetching) = core::mem::replace(&mut self.wait, Wait::Nothing) else { return };
        let is_ready = fetching.result.is_some();
        if is_ready {
            fetching.play = None;
        } else {
            self.play_fetch_audio(&mut fetching);
        }
        self.wait = Wait::Fetch(fetching);
        if is_ready {
            self.arrive();
        }
    }

    pub(super) fn fetch_timed_out(&mut self) {
        if let Wait::Fetch(fetching) = &mut self.wait
            && fetching.result.is_none()
        {
            self.actions.push_back(Action::CancelFetch(fetching.id));
            fetching.result = Some(Err(FetchFailure::TimedOut));
        }
        self.arrive();
    }

    fn arrive(&mut self) {
        let Wait::Fetch(fetching) = core::mem::replace(&mut self.wait, Wait::Nothing) else { return };
        let Fetching { play, result, then, .. } = *fetching;
        self.stop(play);
        let fetched = match result {
            Some(Ok(fetched)) if fetched.status < 400 => Ok(fetched),
            Some(Ok(fetched)) => Err(FetchFailure::Status(fetched.status)),
            Some(Err(failure)) => Err(failure),
            None => Err(FetchFailure::TimedOut),
        };
        let done = match fetched {
            Ok(fetched) => self.take(then, fetched),
            Err(failure) => Err(bad_fetch(&then, &failure)),
        };
        if let Err(thrown) = done {
            self.throw(thrown);
        }
    }

    fn take(&mut self, then: Then, fetched: Fetched) -> Done {
        if fetched.body.len() > self.limits.document_size {
            return Err(bad_fetch(&then, &FetchFailure::TooLarge));
        }
        match then {
            Then::Script(scope) => {
                let text = decode(&fetched.body).map_err(|fault| faulty(&fetched.url, &fault))?;
                Ok(self.engine.run(self.chain()?, scope, text)?)
            }
            Then::Grammar(url) => {
                let text = decode(&fetched.body).map_err(|fault| faulty(&fetched.url, &fault))?;
                let made = read_grammar(text, &url, &self.limits).map_err(|fault| match fault {
                    GrammarFault::Invalid(fault) => faulty(&fetched.url, &fault),
                    GrammarFault::Unsupported(what) => Thrown::fault("error.unsupported.format", what),
                })?;
                let kept = &mut self.context_mut()?.grammars;
                if kept.len() >= KEPT_GRAMMARS {
                    kept.clear();
                }
                kept.insert(url.into(), Arc::new(made));
                Ok(())
            }
            Then::Document(arrival) => self.document_arrived(*arrival, &fetched),
            Then::Root(arrival, leaf, asked) => self.root_arrived(*arrival, leaf, &asked, &fetched),
        }
    }
}

/// An absolute address.
pub(super) fn address(base: &Url, written: &str) -> Result<Url, Thrown> {
    base.join(written)
        .map_err(|error| Thrown::bad_fetch(format!("{:?}: {error}; write an address", without_query(written))))
}

/// A fault of what was fetched, with its place.
pub(super) fn faulty(url: &str, fault: &Fault) -> Thrown {
    Thrown::bad_fetch(format!("{}:{fault}", without_query(url)))
}

fn bad_fetch(then: &Then, failure: &FetchFailure) -> Thrown {
    let what = match then {
        Then::Script(_) => "a script",
        Then::Grammar(_) => "a grammar",
        Then::Document(_) => "a document",
        Then::Root(..) => "an application root document",
    };
    match failure {
        FetchFailure::Status(status) => {
            Thrown::fault(&format!("error.badfetch.http.{status}"), format!("{what}: the server answered {status}"))
        }
        FetchFailure::TimedOut => {
            Thrown::bad_fetch(format!("{what}: no answer in time; raise fetchtimeout if it may take longer"))
        }
        FetchFailure::Unreachable(why) => Thrown::bad_fetch(format!("{what}: {why}")),
        FetchFailure::TooLarge => Thrown::bad_fetch(format!("{what}: too large; split it")),
        FetchFailure::BadAddress => {
            Thrown::bad_fetch(format!("{what}: no address that can be fetched; write http: or https:"))
        }
    }
}
