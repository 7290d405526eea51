//! A registration of ours at a registrar: refreshed before it ends, tried again with patience (RFC 3261 §10.2, RFC 5626 §4.5).

use crate::digest::{Login, LoginFailed};
use crate::fields::Party;
use crate::headers::field;
use crate::message::{Common, Method, Request, Response};
use crate::params::Params;
use crate::tokens::Tokens;
use crate::uri::Uri;
use crate::values::{retry_after, seconds};
use base::Instant;
use core::time::Duration;
use std::collections::VecDeque;

/// Who registers what, where.
#[derive(Clone, Debug)]
pub struct Account {
    /// The registrar's domain, the Request-URI.
    pub registrar: Uri,
    /// The address that is registered.
    pub address: Uri,
    /// Where it shall be reached.
    pub contact: Uri,
    /// The interval that is asked for, in seconds.
    pub interval: u32,
    /// User and password.
    pub login: Login,
}

/// Why there is no registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Down {
    /// The registrar does not answer, or cannot be reached.
    #[error("the registrar does not answer: is its address right, is it up?")]
    Silent,
    /// It refused.
    #[error("the registrar refuses with status {0}")]
    Refused(u16),
    /// It does not accept what we answer to its challenge.
    #[error("{0}")]
    Login(LoginFailed),
    /// We ended it.
    #[error("ended by us")]
    Ended,
}

/// What a registration wants done or has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A request for [`crate::Transactions::request`]. What becomes of it comes back by [`Registration::handle_response`] or
    /// [`Registration::handle_silence`].
    Send(Box<Request>),
    /// Registered.
    Up,
    /// Not registered any more, or not yet: told once for each reason.
    Down(Down),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    /// A request is under way; whether it ends the registration.
    Asking(Aim),
    /// Registered, to be refreshed then.
    Up(Instant),
    /// To be tried again then.
    Waiting(Instant),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    Register,
    End,
}

/// One registration. After every method drain [`Registration::poll_step`] to `None`, then wait no longer than [`Registration::deadline`].
#[derive(Clone, Debug)]
pub struct Registration {
    account: Account,
    tokens: Tokens,
    call_id: String,
    tag: String,
    sequence: u32,
    interval: u32,
    state: State,
    failures: u32,
    /// Challenges since the last try began.
    challenges: u32,
    /// Until when the registrar keeps us.
    kept: Option<Instant>,
    told: Option<Result<(), Down>>,
    /// [`Registration::stop`] was called while a request was under way.
    ending: bool,
    steps: VecDeque<Step>,
}

/// RFC 5626 §4.5: the first pause, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// A proxy and a registrar, each with an old nonce, ask no more often than this; one that calls every nonce old would ask for ever.
const MOST_CHALLENGES: u32 = 4;
const LONGEST_PAUSE: Duration = Duration::from_secs(1800);

impl Registration {
    /// A registration that has not begun. `key` comes from the system's random source.
    pub fn new(account: Account, key: [u8; 32]) -> Self {
        let mut tokens = Tokens::new(key);
        Self {
            call_id: tokens.token(),
            tag: tokens.token(),
            interval: account.interval,
            account,
            tokens,
            sequence: 0,
            state: State::Idle,
            failures: 0,
            challenges: 0,
            kept: None,
            told: None,
            ending: false,
            steps: VecDeque::new(),
        }
    }

    /// What is to be done next.
    pub fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// When [`Registration::handle_timeout`] is due.
    pub const fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Idle | State::Asking(_) => None,
            State::Up(due) | State::Waiting(due) => Some(due),
        }
    }

    /// Whether the registrar keeps us.
    pub fn is_up(&self) -> bool {
        self.told == Some(Ok(()))
    }

    /// Begins, or tries again at once.
    pub fn start(&mut self) {
        self.ending = false;
        match self.state {
            State::Asking(_) => {}
            State::Idle | State::Up(_) | State::Waiting(_) => self.ask(Aim::Register),
        }
    }

    /// Ends the registration at the registrar.
    pub fn stop(&mut self) {
        match self.state {
            State::Asking(_) => self.ending = true,
            State::Up(_) => self.ask(Aim::End),
            State::Idle | State::Waiting(_) => {
                self.state = State::Idle;
                self.tell(Err(Down::Ended));
            }
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.deadline().is_some_and(|due| due <= now) {
            self.ask(Aim::Register);
        }
    }

    /// The final response to our request.
    pub fn handle_response(&mut self, now: Instant, response: &Response) {
        let State::Asking(aim) = self.state else { return };
        match response.status {
            ..200 => {}
            200..300 => self.accepted(now, aim, response),
            401 | 407 => match self.account.login.handle_challenge(response) {
                Ok(()) if self.challenges < MOST_CHALLENGES => {
                    self.challenges += 1;
                    self.ask(aim);
                }
                Ok(()) => self.failed(now, aim, Down::Refused(response.status), None),
                Err(failed) => self.failed(now, aim, Down::Login(failed), None),
            },
            423 => {
                let least = response.common.value_of("Min-Expires").and_then(|value| seconds(value).ok());
                match least.filter(|&least| least > self.interval) {
                    Some(least) => {
                        self.interval = least;
                        self.ask(aim);
                    }
                    None => self.failed(now, aim, Down::Refused(423), None),
                }
            }
            status => {
                let wait = response.common.value_of("Retry-After").and_then(|value| retry_after(value).ok());
                self.failed(now, aim, Down::Refused(status), wait);
            }
        }
    }

    /// No response came, or the request could not be sent.
    pub fn handle_silence(&mut self, now: Instant) {
        if let State::Asking(aim) = self.state {
            self.failed(now, aim, Down::Silent, None);
        }
    }

    fn accepted(&mut self, now: Instant, aim: Aim, response: &Response) {
        self.account.login.handle_success();
        (self.failures, self.challenges) = (0, 0);
        if aim == Aim::End {
            self.state = State::Idle;
            self.kept = None;
            return self.tell(Err(Down::Ended));
        }
        let granted = Duration::from_secs(self.granted(response).into());
        self.kept = Some(now + granted);
        // A tenth before its end, at another moment for each telephone, so that a registrar that was down is not asked by all at once.
        let early = granted / 10 + granted * self.tokens.number(100) / 2000;
        self.state = State::Up(now + (granted - early).max(Duration::from_secs(1)));
        self.tell(Ok(()));
        if self.ending {
            self.ask(Aim::End);
        }
    }

    /// The interval of our own contact in the answer, else that of the whole, else what we asked for (RFC 3261 §10.2.4).
    fn granted(&self, response: &Response) -> u32 {
        let contacts = response.common.list_of("Contact").filter_map(|value| Party::parse(value).ok());
        let own = contacts
            .filter(|party| party.uri.is_same(&self.account.contact))
            .find_map(|party| seconds(party.params.value_of("expires")?).ok());
        let whole = || seconds(response.common.value_of("Expires")?).ok();
        own.or_else(whole).filter(|&granted| granted > 0).unwrap_or(self.interval)
    }

    fn failed(&mut self, now: Instant, aim: Aim, why: Down, wait: Option<u32>) {
        if aim == Aim::End || self.ending {
            self.ending = false;
            self.state = State::Idle;
            self.kept = None;
            return self.tell(Err(Down::Ended));
        }
        let longest = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.challenges = 0;
        let pause = longest / 2 + longest * self.tokens.number(1000) / 2000;
        let pause =
            wait.map_or(pause, |wait| Duration::from_secs(wait.into()).clamp(Duration::from_secs(1), LONGEST_PAUSE));
        self.state = State::Waiting(now + pause);
        // A refresh that fails costs nothing while the registrar still keeps us; what it refuses it does not keep.
        let kept = why == Down::Silent && self.kept.is_some_and(|until| until > now + pause);
        if !kept {
            self.kept = None;
            self.tell(Err(why));
        }
    }

    fn tell(&mut self, what: Result<(), Down>) {
        if self.told != Some(what) {
            self.told = Some(what);
            self.steps.push_back(what.map_or_else(Step::Down, |()| Step::Up));
        }
    }

    fn ask(&mut self, aim: Aim) {
        if aim == Aim::End {
            self.ending = false;
        }
        self.state = State::Asking(aim);
        self.sequence += 1;
        let party = |uri: &Uri| Party { display: None, uri: uri.clone(), params: Params::new() };
        let mut from = party(&self.account.address);
        from.params.set("tag", &self.tag);
        let interval = match aim {
            Aim::Register => self.interval,
            Aim::End => 0,
        };
        let contact = format!("<{}>;expires={interval}", self.account.contact);
        let common = Common {
            vias: Vec::new(),
            from,
            to: party(&self.account.address),
            call_id: self.call_id.clone(),
            sequence: self.sequence,
            method: Method::Known(rsip::Method::Register),
            headers: vec![field("Contact", &contact), field("Expires", &interval.to_string())].into(),
            body: Vec::new(),
        };
        let mut request = Request { uri: self.account.registrar.clone(), max_forwards: Some(70), common };
        let cnonce = self.tokens.token();
        self.account.login.authorize(&mut request, &cnonce);
        self.steps.push_back(Step::Send(Box::new(request)));
    }
}

#[cfg(test)]
#[path = "registration_tests.rs"]
mod tests;
