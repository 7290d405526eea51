//! A party: its script's machine. Time and everything heard come in, what to do goes out.

use crate::hearing::Hearing;
use crate::judge::{Match, Phrase, Search};
use crate::report::{Report, StepReport};
use crate::script::{Action as Verb, Step};
use base::{Cause, Digits, Instant};
use media::Clip;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How long an expected phrase's next piece may take to follow the one before.
const FOLLOWS: Duration = Duration::from_secs(5);
/// Time between two searches.
const SEARCH_EVERY: Duration = Duration::from_millis(200);
/// Rings before an unscripted answer.
const RING: Duration = Duration::from_secs(1);

/// Who began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The party dialled.
    Caller,
    /// The party was rung.
    Telephone,
}

/// A step with what it needs at hand.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// As parsed.
    pub step: Step,
    /// What an `expect` listens for, in order.
    pub phrases: Vec<Phrase>,
    /// What a `speak` or `play` says.
    pub clips: Vec<Arc<Clip>>,
}

/// What happens to a party.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The call was answered.
    Answered,
    /// The other side hangs up, or the call failed.
    Ended(Cause),
    /// All clips were played.
    Played,
    /// All keys were pressed.
    Pressed,
    /// Samples came.
    Heard(&'a [i16]),
    /// Time passed.
    Tick,
}

/// What must be done for a party.
#[derive(Clone, Debug)]
pub enum Action {
    /// Ring.
    Ring,
    /// Answer.
    Answer,
    /// Refuse the call.
    Reject(Cause),
    /// Play these, one after the other, then say [`Input::Played`].
    Play(Vec<Arc<Clip>>),
    /// Press these keys, then say [`Input::Pressed`].
    Press(Digits),
    /// Hang up.
    HangUp,
}

/// A party. Drain [`Party::poll_action`] after every [`Party::handle`], and give it ticks of 20 ms or so.
#[derive(Debug)]
pub struct Party {
    role: Role,
    steps: Vec<Prepared>,
    at: usize,
    began: Instant,
    /// When the present step began; `None` before it has.
    since: Option<Instant>,
    /// The sample from which the present step listens.
    from: usize,
    searched: Instant,
    search: Option<(usize, Search)>,
    scores: Vec<f32>,
    busy: bool,
    answered: Option<Instant>,
    ended: Option<Cause>,
    hung_up: bool,
    hearing: Hearing,
    report: Report,
    actions: VecDeque<Action>,
}

/// How a step stands.
enum Standing {
    Waits,
    Done,
    Failed(String),
}

impl Party {
    /// A party that begins now.
    pub fn new(now: Instant, role: Role, to: &str, steps: Vec<Prepared>) -> Self {
        Self {
            role,
            steps,
            at: 0,
            began: now,
            since: None,
            from: 0,
            searched: now,
            search: None,
            scores: Vec::new(),
            busy: false,
            answered: None,
            ended: None,
            hung_up: false,
            hearing: Hearing::default(),
            report: Report { to: to.into(), ..Report::default() },
            actions: VecDeque::new(),
        }
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The call is over and the report complete.
    pub const fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// What was heard, as 16-bit samples.
    pub fn heard(&self) -> Vec<i16> {
        self.hearing.pcm()
    }

    /// The channel became known.
    pub const fn set_channel(&mut self, span: usize, timeslot: u8) {
        self.report.channel = Some((span, timeslot));
    }

    /// The report; complete once the party [is over](Self::is_over).
    pub fn report(&self) -> Report {
        let mut report = self.report.clone();
        report.satisfied = report.fault.is_none() && self.at == self.steps.len();
        report
    }

    /// Applies one input.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Heard(samples) => return self.hearing.hear(samples),
            Input::Answered => {
                self.answered.get_or_insert(now);
                self.report.answered_ms = Some(self.ms(now));
            }
            Input::Played | Input::Pressed => self.busy = false,
            Input::Ended(cause) => self.end(now, cause),
            Input::Tick => {}
        }
        if self.ended.is_none() {
            self.run(now);
        }
    }

    fn ms(&self, now: Instant) -> u64 {
        (now - self.began).as_millis() as u64
    }

    fn run(&mut self, now: Instant) {
        // Steps that take no time follow each other at once; each ends at most once.
        for _ in 0..=self.steps.len() {
            if self.at >= self.steps.len() {
                return self.hang_up();
            }
            let began = match self.since {
                Some(began) => began,
                None => {
                    if !self.ready(now) {
                        return;
                    }
                    self.begin(now);
                    now
                }
            };
            match self.standing(now, began) {
                Standing::Waits => return,
                Standing::Done => self.finish(now, true),
                Standing::Failed(why) => {
                    self.finish(now, false);
                    self.report.fault.get_or_insert(why);
                    return self.hang_up();
                }
            }
        }
    }

    /// Whether the present step may begin: most need an answered call.
    fn ready(&mut self, now: Instant) -> bool {
        let verb = &self.steps[self.at].step.action;
        let early = matches!(
            verb,
            Verb::WaitAnswer(_)
                | Verb::WaitTone { .. }
                | Verb::Ring(_)
                | Verb::Answer
                | Verb::Reject(_)
                | Verb::WaitHangup(_)
                | Verb::HangUp
        );
        if early || self.answered.is_some() {
            return true;
        }
        // A telephone whose script begins with talking rings once and answers.
        if self.role == Role::Telephone && now - self.began >= RING {
            self.actions.push_back(Action::Answer);
            self.answered = Some(now);
            self.report.answered_ms = Some(self.ms(now));
            return true;
        }
        false
    }

    fn begin(&mut self, now: Instant) {
        self.since = Some(now);
        let step = &self.steps[self.at];
        match &step.step.action {
            Verb::Press(digits) => {
                self.busy = true;
                self.actions.push_back(Action::Press(*digits));
            }
            Verb::Speak { .. } | Verb::Play(_) => {
                self.busy = !step.clips.is_empty();
                self.actions.push_back(Action::Play(step.clips.clone()));
            }
            Verb::Expect { .. } => {
                self.scores.clear();
                self.search = step.phrases.first().map(|phrase| (0, Search::new(phrase.clone(), self.from)));
            }
            Verb::Ring(_) => self.actions.push_back(Action::Ring),
            Verb::Answer => {
                self.actions.push_back(Action::Answer);
                self.answered = Some(now);
                self.report.answered_ms = Some(self.ms(now));
            }
            Verb::Reject(cause) => self.actions.push_back(Action::Reject(*cause)),
            Verb::WaitAnswer(_)
            | Verb::WaitSpeech(_)
            | Verb::WaitSilence { .. }
            | Verb::WaitTone { .. }
            | Verb::WaitHangup(_)
            | Verb::Pause(_)
            | Verb::HangUp => {}
        }
    }

    fn standing(&mut self, now: Instant, began: Instant) -> Standing {
        let took = now - began;
        let wait = |met: bool, within: Duration, what: &str| match met {
            true => Standing::Done,
            false if took >= within => Standing::Failed(format!("{what} within {within:?}")),
            false => Standing::Waits,
        };
        match self.steps[self.at].step.action.clone() {
            Verb::WaitAnswer(within) => wait(self.answered.is_some(), within, "no answer"),
            Verb::WaitSpeech(within) => wait(self.hearing.speech_since(self.from), within, "nobody spoke"),
            Verb::WaitSilence { length, within } => {
                let silent = u128::from(self.hearing.silence_ms()) >= length.as_millis();
                wait(silent && took >= length.min(within), within, "it was not silent")
            }
            Verb::WaitTone { tone, within } => {
                wait(self.hearing.hears(tone), within, &format!("the tone {tone:?} was not heard"))
            }
            Verb::WaitHangup(within) => wait(self.ended.is_some(), within, "the other side did not hang up"),
            Verb::Expect { text, within, .. } => self.expecting(now, took, within, &text),
            Verb::Press(_) | Verb::Speak { .. } | Verb::Play(_) if self.busy => Standing::Waits,
            Verb::Pause(length) | Verb::Ring(length) if took < length => Standing::Waits,
            Verb::Press(_) | Verb::Speak { .. } | Verb::Play(_) | Verb::Pause(_) | Verb::Ring(_) => Standing::Done,
            Verb::Answer | Verb::Reject(_) => Standing::Done,
            Verb::HangUp => {
                self.hang_up();
                Standing::Done
            }
        }
    }

    fn expecting(&mut self, now: Instant, took: Duration, within: Duration, text: &str) -> Standing {
        let Some((number, search)) = &mut self.search else { return Standing::Done };
        let mut found = None;
        if now - self.searched >= SEARCH_EVERY {
            self.searched = now;
            found = search.look(self.hearing.samples());
        }
        if let Some(Match { ends, score, .. }) = found {
            self.scores.push(score);
            // The next phrase may begin with the silence in which this one ends.
            self.from = ends.saturating_sub(640);
            let next = *number + 1;
            let phrases = &self.steps[self.at].phrases;
            self.search = phrases.get(next).map(|phrase| (next, Search::new(phrase.clone(), self.from)));
            return if self.search.is_some() { Standing::Waits } else { Standing::Done };
        }
        // A phrase that began in time may end a little later.
        let pieces = u32::try_from(*number).unwrap_or(u32::MAX);
        if took >= within + FOLLOWS * pieces + Duration::from_secs(2) {
            return Standing::Failed(format!("\"{text}\" was not heard within {within:?}"));
        }
        Standing::Waits
    }

    fn finish(&mut self, now: Instant, ok: bool) {
        let Step { line, text, action } = &self.steps[self.at].step;
        let score = self.scores.iter().copied().reduce(f32::min).filter(|_| matches!(action, Verb::Expect { .. }));
        // What was said while a key was pressed may be what the next step waits for; what came before the key is not.
        let listens_from_here =
            matches!(action, Verb::Press(_) | Verb::WaitAnswer(_) | Verb::Answer | Verb::WaitTone { .. });
        let report = StepReport { line: *line, text: text.clone(), ok, at_ms: self.ms(now), score };
        self.report.steps.push(report);
        if listens_from_here {
            self.from = self.hearing.samples().len();
        }
        self.since = None;
        self.search = None;
        self.at += usize::from(ok);
    }

    fn hang_up(&mut self) {
        if !std::mem::replace(&mut self.hung_up, true) {
            self.actions.push_back(Action::HangUp);
        }
    }

    fn end(&mut self, now: Instant, cause: Cause) {
        if self.ended.is_some() {
            return;
        }
        self.report.ended_ms = self.ms(now);
        self.report.cause = Some(cause.0);
        self.ended = Some(cause);
        let waits_for_it = |verb: &Verb| matches!(verb, Verb::WaitHangup(_) | Verb::HangUp);
        while let Some(current) = self.steps.get(self.at) {
            // The words may have ended just before the line did.
            let (expects, ends) =
                (matches!(current.step.action, Verb::Expect { .. }), waits_for_it(&current.step.action));
            let text = current.step.text.clone();
            if ends || expects && self.heard_all() {
                self.finish(now, true);
                continue;
            }
            self.finish(now, false);
            self.report.fault.get_or_insert(format!("the call ended ({cause}) before: {text}"));
            return;
        }
    }

    /// The phrases still expected lie in what was heard.
    fn heard_all(&mut self) -> bool {
        while let Some((number, search)) = &mut self.search {
            let Some(found) = search.look(self.hearing.samples()) else { return false };
            let next = *number + 1;
            self.scores.push(found.score);
            self.from = found.ends.saturating_sub(640);
            let phrases = &self.steps[self.at].phrases;
            self.search = phrases.get(next).map(|phrase| (next, Search::new(phrase.clone(), self.from)));
        }
        !self.scores.is_empty()
    }
}
