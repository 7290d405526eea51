//! The interpreter: what waits, what runs, what comes out.

use crate::api::{Action, ExitReason, FetchId, Input, Limits, Method, Purpose, SessionInfo};
use crate::script::Engine;
use base::Instant;
use std::collections::VecDeque;

/// One caller's VoiceXML session. Drain `poll_action` after every `handle`, then wait no longer than `deadline`.
pub struct Interpreter {
    engine: Engine,
    actions: VecDeque<Action>,
    ended: bool,
}

impl Interpreter {
    /// Begins a session: its first action fetches `info.start_url`.
    pub fn new(now: Instant, info: SessionInfo, limits: Limits) -> Self {
        let fetch = Action::Fetch {
            fetch: FetchId(1),
            purpose: Purpose::Document,
            method: Method::Get,
            url: info.start_url.clone(),
            body: None,
            timeout: limits.fetch_timeout,
            max_age: None,
            max_stale: None,
        };
        Self { engine: Engine::new(now, info, limits), actions: VecDeque::from([fetch]), ended: false }
    }

    /// Applies one input. A deadline already due fires first, however late the call.
    pub fn handle(&mut self, now: Instant, input: Input) {
        self.engine.set_now(now);
        if !self.ended && !matches!(input, Input::Tick | Input::Digit(_)) {
            self.ended = true;
            self.actions.push_back(Action::Exit { reason: ExitReason::Finished, values: Vec::new() });
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When to call `handle` with [`Input::Tick`] at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }
}
