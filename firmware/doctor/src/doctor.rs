//! Many examinations at once.

use crate::facts::{Facts, LineId, Subject, Use};
use crate::finding::{Code, Finding, Verdict};
use crate::line::LineExam;
use crate::span;
use base::{Dbm0, Digit, Instant};
use core::fmt;
use core::time::Duration;
use dsp_progress::ToneEvent;
use std::collections::VecDeque;

/// Lines seized at once. Few, for each is a line less for callers.
pub const AT_ONCE: usize = 8;
/// Tests under way and waiting. A box has 32 spans of 30 lines at most.
pub const MOST: usize = 1024;
/// No test of one line takes longer, from its beginning on.
pub const LONGEST: Duration = Duration::from_secs(20);

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// Something to do to a line under test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// Keep it from calls, open its audio, close the loop.
    Seize,
    /// Listen to tones, and tell them by [`Doctor::handle_tone`].
    Listen(Switch),
    /// Send this digit by DTMF.
    Dial(Digit),
    /// Send this tone until told otherwise.
    Tone {
        /// Its frequency.
        hz: u16,
        /// Its level.
        level: Dbm0,
    },
    /// Measure the mean level of what is heard, and tell it by [`Doctor::handle_level`].
    Measure {
        /// Over so long.
        ms: u16,
    },
    /// Be silent, hear nothing, open the loop.
    HangUp,
    /// It is free for calls again; its audio is closed. The loop stays as it is.
    Release,
}

/// How far a test is, for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Other lines are tested first.
    Waiting,
    /// A span's counters, a telephone's hook.
    Watching,
    /// The pair on hook.
    Looking,
    /// Loop current.
    Seizing,
    /// Dial tone.
    Listening,
    /// A digit.
    Dialling,
    /// Noise and echo.
    Measuring,
    /// Hung up; the exchange is given time.
    Closing,
}

/// What the owner has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// To a line.
    Do {
        /// Which.
        line: LineId,
        /// What.
        order: Order,
    },
    /// A test has come so far.
    Progress {
        /// Of which line.
        line: LineId,
        /// How far.
        step: Step,
    },
    /// A test is over.
    Done(Verdict),
}

/// Why a test does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The line is being tested.
    UnderTest,
    /// [`MOST`] tests are under way or waiting.
    TooMany,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnderTest => "the line is being tested: wait for its verdict",
            Self::TooMany => "too many tests wait: try again when some are over",
        })
    }
}

impl core::error::Error for Refusal {}

#[derive(Debug)]
enum Exam {
    /// Until `due`; the facts as they were at the beginning.
    Span {
        due: Instant,
        before: Facts,
    },
    Telephone {
        due: Instant,
    },
    Line(Box<LineExam>),
}

#[derive(Debug)]
struct Patient {
    line: LineId,
    subject: Subject,
    facts: Facts,
    began: Instant,
    told: Step,
    /// `None`: waits for its turn.
    exam: Option<Exam>,
}

/// All tests of the box. See the crate's documentation for how it is driven.
#[derive(Debug, Default)]
pub struct Doctor {
    patients: Vec<Patient>,
    actions: VecDeque<Action>,
}

impl Doctor {
    /// Nothing is tested.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tests a line, now or when its turn comes.
    ///
    /// # Errors
    /// It is under test, or too many are.
    pub fn begin(&mut self, now: Instant, line: LineId, subject: Subject, facts: Facts) -> Result<(), Refusal> {
        if self.is_testing(line) {
            return Err(Refusal::UnderTest);
        }
        if self.patients.len() >= MOST {
            return Err(Refusal::TooMany);
        }
        let told = Step::Waiting;
        self.actions.push_back(Action::Progress { line, step: told });
        self.patients.push(Patient { line, subject, facts, began: now, told, exam: None });
        self.admit(now);
        Ok(())
    }

    /// Whether a test of this line is under way or waiting.
    pub fn is_testing(&self, line: LineId) -> bool {
        self.patients.iter().any(|patient| patient.line == line)
    }

    /// Lines whose facts the doctor wants to be told of.
    pub fn lines(&self) -> impl Iterator<Item = LineId> {
        self.patients.iter().map(|patient| patient.line)
    }

    /// What is known of a line has changed.
    pub fn handle_facts(&mut self, now: Instant, line: LineId, facts: Facts) {
        self.with(now, line, |patient| {
            patient.facts = facts;
            if let Some(Exam::Line(exam)) = &mut patient.exam {
                exam.facts(now, &facts);
            }
        });
    }

    /// The receiver of tones on a line has news.
    pub fn handle_tone(&mut self, now: Instant, line: LineId, event: &ToneEvent) {
        self.with(now, line, |patient| {
            if let Some(Exam::Line(exam)) = &mut patient.exam {
                exam.tone(now, event);
            }
        });
    }

    /// What was to be measured on a line.
    pub fn handle_level(&mut self, now: Instant, line: LineId, level: Dbm0) {
        self.with(now, line, |patient| {
            if let Some(Exam::Line(exam)) = &mut patient.exam {
                exam.level(now, level);
            }
        });
    }

    /// Fires what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let due = |patient: &Patient| patient.deadline().is_some_and(|due| due <= now);
        let lines: Vec<LineId> = self.patients.iter().filter(|patient| due(patient)).map(|it| it.line).collect();
        for line in lines {
            self.with(now, line, |patient| patient.due(now));
        }
    }

    /// When [`Doctor::handle_timeout`] is due at the latest.
    pub fn deadline(&self) -> Option<Instant> {
        self.patients.iter().filter_map(Patient::deadline).min()
    }

    /// The next thing to do, oldest first.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Does something with a patient, carries its orders out, and lets it go when it is over.
    fn with(&mut self, now: Instant, line: LineId, work: impl FnOnce(&mut Patient)) {
        let Some(place) = self.patients.iter().position(|patient| patient.line == line) else { return };
        let patient = &mut self.patients[place];
        work(patient);
        if let Some(Exam::Line(exam)) = &mut patient.exam {
            self.actions.extend(exam.orders.drain(..).map(|order| Action::Do { line, order }));
        }
        let step = patient.step();
        if step != std::mem::replace(&mut patient.told, step) {
            self.actions.push_back(Action::Progress { line, step });
        }
        if let Some(findings) = patient.findings(now) {
            let took = now.since(patient.began);
            self.patients.remove(place);
            self.actions.push_back(Action::Done(Verdict::new(line, findings, took)));
            self.admit(now);
        }
    }

    /// Those that wait have their turn: spans and telephones at once, lines as others are free again.
    fn admit(&mut self, now: Instant) {
        let is_seized = |patient: &&Patient| matches!(patient.exam, Some(Exam::Line(_)));
        let mut places = AT_ONCE.saturating_sub(self.patients.iter().filter(is_seized).count());
        for patient in self.patients.iter_mut().filter(|patient| patient.exam.is_none()) {
            let exam = match patient.subject {
                Subject::Span => Exam::Span { due: now + span::watch(&patient.facts), before: patient.facts },
                Subject::Telephone => Exam::Telephone { due: now + crate::limits::LOOK },
                Subject::Exchange { .. } if places == 0 => continue,
                Subject::Exchange { country } => {
                    places -= 1;
                    Exam::Line(Box::new(LineExam::new(now, country)))
                }
            };
            patient.began = now;
            patient.exam = Some(exam);
            patient.told = patient.step();
            self.actions.push_back(Action::Progress { line: patient.line, step: patient.told });
        }
    }
}

impl Patient {
    fn deadline(&self) -> Option<Instant> {
        match self.exam.as_ref()? {
            Exam::Span { due, .. } | Exam::Telephone { due } => Some(*due),
            Exam::Line(exam) => exam.deadline(),
        }
    }

    fn step(&self) -> Step {
        match &self.exam {
            None => Step::Waiting,
            Some(Exam::Span { .. } | Exam::Telephone { .. }) => Step::Watching,
            Some(Exam::Line(exam)) => exam.step(),
        }
    }

    fn due(&mut self, now: Instant) {
        if let Some(Exam::Line(exam)) = &mut self.exam {
            exam.due(now, &self.facts);
        }
    }

    /// What was found, if the test is over.
    fn findings(&mut self, now: Instant) -> Option<Vec<Finding>> {
        match self.exam.as_mut()? {
            Exam::Span { due, before } if *due <= now => Some(span::findings(before, now, &self.facts, self.began)),
            Exam::Telephone { due } if *due <= now => Some(vec![telephone(&self.facts).into()]),
            Exam::Line(exam) if exam.is_over() => Some(std::mem::take(&mut exam.findings)),
            Exam::Span { .. } | Exam::Telephone { .. } | Exam::Line(_) => None,
        }
    }
}

const fn telephone(facts: &Facts) -> Code {
    match facts.pair.used {
        _ if !facts.alarms.is_clear() => Code::SpanDown,
        Use::InCall => Code::InUse,
        Use::Free if facts.pair.off_hook => Code::OffHook,
        Use::Free => Code::OnHook,
    }
}
