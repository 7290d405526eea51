//! A party: its script's machine. Time and everything heard come in, what to do goes out.

mod expectation;

pub use expectation::{Look, Looked};

use crate::faults;
use crate::hearing::{Hearing, Memory};
use crate::report::{PhraseReport, Report, StepReport};
use crate::script::{Action as Verb, Step};
use base::{Cause, Digits, Instant};
use expectation::{Expectation, Least};
use judge::Phrase;
use media::Clip;
use sig_span::loopstart::Tone;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Time over which audio that an expectation waits for may be late before it is given up.
const NO_AUDIO: Duration = Duration::from_secs(30);
/// Samples after a key in which the end of what it cut may still come: 200 ms.
const CUT: usize = 1600;
/// Milliseconds of a key and of the pause after it.
pub(crate) const KEY_MS: u16 = 80;
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
#[derive(Debug)]
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
    /// A key was heard.
    Key(char),
    /// A look came back.
    Looked(Looked),
    /// Time passed.
    Tick,
}

/// What must be done for a party.
#[derive(Debug)]
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
    /// Send more of the called number.
    Dial(Digits),
    /// Order a fault of this span, or of the party's own.
    Fault(Option<usize>, faults::Order),
    /// Give this tone to the line until the call ends.
    Tone(Tone),
    /// Tell the other side that this number calls.
    CallWaiting(Digits),
    /// Let a thread do this work, then say [`Input::Looked`].
    Look(Look),
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
    /// The sample from which the present step listens for words.
    from: usize,
    /// The sample from which speech is somebody speaking now, not the end of a prompt that a key cut.
    speech_from: usize,
    expectation: Option<Expectation>,
    busy: bool,
    rings: bool,
    answered: bool,
    ended: Option<Cause>,
    over: bool,
    hung_up: bool,
    hearing: Hearing,
    /// Keys that were heard and that no step took yet.
    keys: String,
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
    pub fn new(now: Instant, role: Role, to: &str, steps: Vec<Prepared>, memory: Memory) -> Self {
        Self {
            role,
            steps,
            at: 0,
            began: now,
            since: None,
            from: 0,
            speech_from: 0,
            expectation: None,
            busy: false,
            rings: false,
            answered: false,
            ended: None,
            over: false,
            hung_up: false,
            hearing: Hearing::new(memory),
            keys: String::new(),
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
        self.over
    }

    /// All that was heard and is remembered.
    pub fn heard(&self) -> &[i16] {
        self.hearing.since(0)
    }

    /// A step waits for keys: they are worth detecting.
    pub fn wants_keys(&self) -> bool {
        self.steps.iter().any(|prepared| matches!(prepared.step.action, Verb::WaitKeys { .. }))
    }

    /// The line says who waits.
    pub fn set_waiting(&mut self, from: &Digits) {
        self.report.waiting = Some(from.as_str().into());
    }

    /// The line says who calls.
    pub fn set_caller(&mut self, from: &Digits) {
        self.report.from = Some(from.as_str().into());
    }

    /// The channel became known.
    pub const fn set_channel(&mut self, span: usize, timeslot: u8) {
        self.report.channel = Some((span, timeslot));
    }

    /// The report; complete once the party [is over](Self::is_over).
    pub fn report(&self) -> Report {
        let satisfied = self.report.fault.is_none() && self.at == self.steps.len();
        Report { satisfied, ..self.report.clone() }
    }

    /// Applies one input.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Heard(samples) => {
                let began = self.ms(now).saturating_sub(samples.len() as u64 / 8);
                self.report.heard_from_ms.get_or_insert(began);
                return self.hearing.hear(samples);
            }
            Input::Answered => self.is_answered(now),
            Input::Played | Input::Pressed => self.busy = false,
            Input::Key(key) => self.keys.push(key),
            Input::Looked(looked) => {
                if let Some(expectation) = self.expectation.as_mut().filter(|expectation| expectation.is_looking()) {
                    expectation.looked(looked);
                }
            }
            Input::Ended(cause) => {
                if self.ended.is_none() {
                    self.ended = Some(cause);
                    self.report.ended_ms = self.ms(now);
                    self.report.cause = Some(cause.0);
                }
            }
            Input::Tick => {}
        }
        match self.ended {
            None if self.hung_up => {}
            None => self.run(now),
            Some(cause) if !self.over => self.conclude(now, cause),
            Some(_) => {}
        }
    }

    fn ms(&self, now: Instant) -> u64 {
        u64::try_from((now - self.began).as_millis()).unwrap_or(u64::MAX)
    }

    fn is_answered(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.answered, true) {
            self.report.answered_ms = Some(self.ms(now));
        }
    }

    fn answer(&mut self, now: Instant) {
        if !self.answered {
            self.actions.push_back(Action::Answer);
            self.is_answered(now);
        }
    }

    fn run(&mut self, now: Instant) {
        // Steps that take no time follow each other at once; each ends at most once.
        for _ in 0..=self.steps.len() {
            if self.at >= self.steps.len() {
                return self.hang_up();
            }
            if self.since.is_none() && !self.is_ready(now) {
                return;
            }
            let began = self.since.unwrap_or_else(|| self.begin(now));
            match self.standing(now, began) {
                Standing::Waits => return,
                Standing::Done => self.finish(now, true),
                Standing::Failed(why) => {
                    self.fail(now, why);
                    return self.hang_up();
                }
            }
        }
    }

    /// Whether the present step may begin: most need an answered call.
    fn is_ready(&mut self, now: Instant) -> bool {
        let early = match self.steps[self.at].step.action {
            Verb::Ring(_) | Verb::Answer | Verb::Reject(_) | Verb::HangUp | Verb::Digits(_) => true,
            Verb::Fault { .. } => true,
            Verb::WaitAnswer(_) | Verb::WaitTone { .. } | Verb::WaitHangup(_) => true,
            Verb::Pause(_) => self.role == Role::Telephone,
            Verb::WaitSpeech(_) | Verb::WaitSilence { .. } | Verb::WaitKeys { .. } | Verb::Expect { .. } => false,
            Verb::Press(_) | Verb::Speak { .. } | Verb::Play(_) => false,
            Verb::Tone(_) | Verb::HangUpByTone { .. } | Verb::CallWaiting(_) => false,
        };
        // A telephone whose script begins with talking rings once and answers.
        if !early && self.role == Role::Telephone && !self.answered {
            self.ring();
            if now - self.began >= RING {
                self.answer(now);
            }
        }
        early || self.answered
    }

    fn ring(&mut self) {
        if !std::mem::replace(&mut self.rings, true) {
            self.actions.push_back(Action::Ring);
        }
    }

    fn begin(&mut self, now: Instant) -> Instant {
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
            Verb::Expect { within, .. } => {
                let phrases = step.phrases.clone();
                self.expectation = Some(Expectation::new(phrases, self.from, self.hearing.samples(), *within));
            }
            Verb::Digits(digits) => self.actions.push_back(Action::Dial(*digits)),
            Verb::Ring(_) => self.ring(),
            Verb::Answer => self.answer(now),
            Verb::Reject(cause) => self.actions.push_back(Action::Reject(*cause)),
            Verb::Fault { span, order } => self.actions.push_back(Action::Fault(*span, *order)),
            Verb::Tone(tone) | Verb::HangUpByTone { tone, .. } => self.actions.push_back(Action::Tone(*tone)),
            Verb::CallWaiting(from) => self.actions.push_back(Action::CallWaiting(*from)),
            Verb::HangUp => self.hang_up(),
            Verb::WaitAnswer(_) | Verb::WaitSpeech(_) | Verb::WaitSilence { .. } | Verb::WaitKeys { .. } => {}
            Verb::WaitTone { .. } | Verb::WaitHangup(_) | Verb::Pause(_) => {}
        }
        now
    }

    fn standing(&mut self, now: Instant, began: Instant) -> Standing {
        let took = now - began;
        let wait = |met: bool, within: Duration, what: &str| match met {
            true => Standing::Done,
            false if took >= within => Standing::Failed(format!("{what} within {within:?}")),
            false => Standing::Waits,
        };
        match &self.steps[self.at].step.action {
            Verb::WaitAnswer(within) => wait(self.answered, *within, "no answer"),
            Verb::WaitSpeech(within) => wait(self.hearing.speech_since(self.speech_from), *within, "nobody spoke"),
            Verb::WaitSilence { length, within } => {
                let silent = u128::from(self.hearing.silence_ms()) >= length.as_millis();
                wait(silent && took >= *length, *within, "it was not silent")
            }
            Verb::WaitTone { tone, within } => {
                wait(self.hearing.hears(*tone), *within, &format!("the tone {tone:?} was not heard"))
            }
            Verb::WaitKeys { keys, within } => {
                let heard = self.keys.find(keys.as_str());
                if let Some(at) = heard {
                    self.keys.drain(..at + keys.as_str().len());
                }
                wait(heard.is_some(), *within, "the keys were not pressed")
            }
            Verb::WaitHangup(within) | Verb::HangUpByTone { within, .. } => {
                wait(false, *within, "the other side did not hang up")
            }
            Verb::Expect { text, within, .. } => {
                let (text, within) = (text.clone(), *within);
                self.expecting(took, within, &text)
            }
            Verb::Press(_) | Verb::Speak { .. } | Verb::Play(_) if self.busy => Standing::Waits,
            Verb::Pause(length) | Verb::Ring(length) if took < *length => Standing::Waits,
            Verb::Press(_) | Verb::Speak { .. } | Verb::Play(_) | Verb::Pause(_) | Verb::Ring(_) => Standing::Done,
            Verb::Answer | Verb::Reject(_) | Verb::Digits(_) | Verb::HangUp | Verb::Fault { .. } => Standing::Done,
            Verb::Tone(_) | Verb::CallWaiting(_) => Standing::Done,
        }
    }

    fn expecting(&mut self, took: Duration, within: Duration, text: &str) -> Standing {
        let Some(expectation) = &mut self.expectation else { return Standing::Done };
        if expectation.is_met() {
            return Standing::Done;
        }
        if !expectation.is_looking() && (expectation.is_late() || took > within + NO_AUDIO) {
            let nearest = (expectation.nearest() * 100.0).round();
            return Standing::Failed(format!(
                "\"{text}\" was not heard within {within:?}: the nearest that was said fitted for {nearest} % of the phrase"
            ));
        }
        if let Some(look) = expectation.look(&self.hearing, Least::Look) {
            self.actions.push_back(Action::Look(look));
        }
        Standing::Waits
    }

    fn finish(&mut self, now: Instant, ok: bool) {
        let Step { line, label, text, action } = &self.steps[self.at].step;
        let expectation = self.expectation.take();
        let phrases = expectation.iter().flat_map(Expectation::found).map(PhraseReport::from).collect();
        let (line, label, text, at_ms) = (*line, label.clone(), text.clone(), self.ms(now));
        let heard = self.hearing.samples();
        match action {
            Verb::WaitAnswer(_) | Verb::Answer | Verb::WaitTone { .. } => {
                (self.from, self.speech_from) = (heard, heard)
            }
            Verb::Press(_) => {
                // The answer to a key may come while its tone lasts, and what was said before the last key answers none.
                self.from = heard.saturating_sub(2 * 8 * usize::from(KEY_MS));
                self.speech_from = heard + CUT;
            }
            _ => {}
        }
        if let Some(from) = expectation.as_ref().and_then(Expectation::listens_from) {
            self.from = from;
        }
        self.report.steps.push(StepReport { line, label, text, ok, at_ms, phrases });
        self.since = None;
        self.at += usize::from(ok);
    }

    fn fail(&mut self, now: Instant, why: String) {
        self.finish(now, false);
        self.report.fault.get_or_insert(why);
    }

    /// The script cannot go on, for this reason.
    pub fn give_up(&mut self, why: &str) {
        self.report.fault.get_or_insert_with(|| why.into());
        self.hang_up();
    }

    fn hang_up(&mut self) {
        if !std::mem::replace(&mut self.hung_up, true) {
            self.actions.push_back(Action::HangUp);
        }
    }

    /// The call is gone. What was said just before may still be what is expected.
    fn conclude(&mut self, now: Instant, cause: Cause) {
        while self.report.fault.is_none()
            && let Some(current) = self.steps.get(self.at)
        {
            let before = format!("the call ended ({cause}) before: {}", current.step.text);
            match current.step.action {
                Verb::WaitHangup(_) | Verb::HangUpByTone { .. } | Verb::HangUp => {
                    self.finish(now, true);
                    continue;
                }
                Verb::Expect { .. } => {}
                _ => {
                    self.fail(now, before);
                    break;
                }
            }
            if self.since.is_none() {
                self.begin(now);
            }
            let Some(expectation) = &mut self.expectation else { return };
            if expectation.is_met() {
                self.finish(now, true);
            } else if expectation.is_looking() {
                return;
            } else if let Some(look) = expectation.look(&self.hearing, Least::Anything) {
                return self.actions.push_back(Action::Look(look));
            } else {
                self.fail(now, before);
            }
        }
        self.over = true;
    }
}

#[cfg(test)]
#[path = "party_tests.rs"]
mod tests;
