//! Tests of lines: what the box knows of each goes to the line doctor, what the doctor wants is done to the channel.

use super::{Core, Effect};
use base::{Dbm0, Digits, Instant};
use call::At;
use doctor::{Action, Channels, Doctor, Facts, Language, LineId, Link, Order, Pair, Subject, Switch, Use};
use dsp_progress::ToneEvent;
use ipc::lines::{Finding, Health, Kind, Line, Measured, Said, Step, Verdict};
use ipc::web::Service;
use media::{Command, PortId, ToneSpec};
use ports::span::{D_SLOT, TIMESLOTS};
use sig_span::loopstart::{Hook, bank};
use sig_span::{ChannelState, LineEnd, LinkState, Signaling};
use std::collections::BTreeMap;

/// The digit that makes an exchange silent: long enough for any receiver.
const DIGIT_MS: u16 = 120;

/// How a line's tests stand.
#[derive(Debug, Default)]
struct Shown {
    tests: u32,
    step: Option<Step>,
    verdict: Option<Verdict>,
}

/// All tests of the box, under way and over.
#[derive(Debug, Default)]
pub(super) struct Clinic {
    doctor: Doctor,
    /// Facts as the doctor knows them.
    told: BTreeMap<LineId, Facts>,
    shown: BTreeMap<LineId, Shown>,
    /// Lines that a test has, with what their channel did before.
    seized: BTreeMap<LineId, ChannelState>,
    changed: bool,
}

impl Clinic {
    pub(super) fn new() -> Self {
        Self { changed: true, ..Self::default() }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.doctor.deadline()
    }
}

impl Core {
    /// All lines and their tests, if anything of them changed since this was asked last.
    pub fn take_lines(&mut self) -> Option<Vec<Line>> {
        std::mem::take(&mut self.clinic.changed).then(|| self.lines_now())
    }

    /// All lines and their tests.
    pub fn lines_now(&self) -> Vec<Line> {
        self.line_ids().into_iter().map(|(id, subject)| self.show_line(id, subject)).collect()
    }

    /// Begins tests of these lines, or of all. A line under test has its verdict soon enough.
    pub(super) fn test_lines(&mut self, at: At, names: &[String]) {
        if self.stopping {
            return;
        }
        for (id, subject) in self.line_ids() {
            if !names.is_empty() && !names.contains(&self.line_name(id)) {
                continue;
            }
            let facts = self.facts(id);
            match self.clinic.doctor.begin(at.now, id, subject, facts) {
                Ok(()) => drop(self.clinic.told.insert(id, facts)),
                Err(why) => tracing::debug!(line = %self.line_name(id), "not tested: {why}"),
            }
        }
    }

    /// The next step of any test. True where something was done.
    pub(super) fn examine(&mut self, at: At) -> bool {
        let lines: Vec<LineId> = self.clinic.doctor.lines().collect();
        for id in lines {
            let facts = self.facts(id);
            if self.clinic.told.insert(id, facts) != Some(facts) {
                self.clinic.doctor.handle_facts(at.now, id, facts);
            }
        }
        if self.clinic.doctor.deadline().is_some_and(|due| due <= at.now) {
            self.clinic.doctor.handle_timeout(at.now);
        }
        let Some(action) = self.clinic.doctor.poll_action() else { return false };
        match action {
            Action::Do { line, order } => self.treat(at, line, order),
            Action::Progress { line, step } => {
                self.clinic.shown.entry(line).or_default().step = Some(show_step(step));
                self.clinic.changed = true;
            }
            Action::Done(verdict) => self.diagnosed(at, verdict),
        }
        true
    }

    /// A tone on the channel of a line under test.
    pub(super) fn doctor_hears(&mut self, now: Instant, port: PortId, event: &ToneEvent) {
        let id = line_of(port);
        if self.clinic.seized.contains_key(&id) {
            self.clinic.doctor.handle_tone(now, id, event);
        }
    }

    /// How loud it is on the channel of a line under test.
    pub(super) fn doctor_measures(&mut self, now: Instant, port: PortId, level: Dbm0) {
        self.clinic.doctor.handle_level(now, line_of(port), level);
    }

    /// An operator's word for a channel counts beyond the test that has it.
    pub(super) fn service_under_test(&mut self, span: usize, timeslot: u8, service: Service) {
        let id = LineId { span: span as u16, channel: Some(timeslot) };
        if let Some(before) = self.clinic.seized.get_mut(&id) {
            *before = match service {
                Service::Out => ChannelState::Blocked,
                Service::In => ChannelState::Idle,
            };
        }
    }

    /// The box stops: whatever a test holds off hook is hung up.
    pub(super) fn close_clinic(&mut self) {
        for id in std::mem::take(&mut self.clinic.seized).into_keys() {
            self.set_hook(id, Hook::On);
        }
    }

    fn diagnosed(&mut self, at: At, verdict: doctor::Verdict) {
        let id = verdict.line;
        self.clinic.told.remove(&id);
        let health = show_health(verdict.state);
        let codes: Vec<&str> = verdict.findings.iter().map(|finding| finding.code.name()).collect();
        tracing::info!(line = %self.line_name(id), ?health, "line tested: {}", codes.join(", "));
        let shown = self.clinic.shown.entry(id).or_default();
        shown.tests += 1;
        shown.step = None;
        shown.verdict = Some(Verdict {
            health,
            findings: verdict.findings.iter().map(show_finding).collect(),
            wall_ms: at.wall.0,
            took_ms: verdict.took.as_millis().try_into().unwrap_or(u64::MAX),
        });
        self.clinic.changed = true;
    }

    fn treat(&mut self, at: At, id: LineId, order: Order) {
        let Some((span, timeslot)) = place(id) else { return };
        let port = media_io::port(span, timeslot);
        match order {
            Order::Seize => {
                let protocol = self.spans[span].stir();
                self.clinic.seized.insert(id, protocol.channel_state(timeslot));
                protocol.block(at.now, timeslot);
                self.test_channel(port, Some(Switch::Off));
                self.set_hook(id, Hook::Off);
            }
            Order::Listen(on) => self.test_channel(port, Some(on)),
            Order::Dial(digit) => {
                let mut digits = Digits::default();
                // One digit always has room.
                if digits.push(digit.as_char()).is_ok() {
                    self.media(Command::SendDigits { port, digits, on_ms: DIGIT_MS, off_ms: DIGIT_MS });
                }
            }
            Order::Tone { hz, level } => {
                self.media(Command::Tone { port, tone: ToneSpec::single(hz.into(), level) });
            }
            Order::Measure { ms } => self.media(Command::MeasureLevel { port, ms }),
            Order::HangUp => {
                self.media(Command::StopTone(port));
                self.test_channel(port, Some(Switch::Off));
                self.set_hook(id, Hook::On);
            }
            Order::Release => {
                self.test_channel(port, None);
                // One that its owner keeps from calls stays so.
                if self.clinic.seized.remove(&id) != Some(ChannelState::Blocked) {
                    self.spans[span].stir().unblock(at.now, timeslot);
                }
                self.changed = true;
            }
        }
    }

    fn set_hook(&mut self, id: LineId, hook: Hook) {
        if let Some((span, timeslot)) = place(id) {
            self.effects.push_back(Effect::Cas { span, timeslot, bits: bank::hook_bits(hook) });
        }
    }

    /// Spans first, then their analog lines.
    fn line_ids(&self) -> Vec<(LineId, Subject)> {
        let mut all = Vec::new();
        for (at, span) in self.spans.iter().enumerate() {
            let of = |channel| LineId { span: at as u16, channel };
            all.push((of(None), Subject::Span));
            for timeslot in 1..TIMESLOTS as u8 {
                let subject = match span.protocol().line_end(timeslot) {
                    Some((LineEnd::Exchange, country)) => Subject::Exchange { country },
                    Some((LineEnd::Telephone, _)) => Subject::Telephone,
                    None => continue,
                };
                all.push((of(Some(timeslot)), subject));
            }
        }
        all
    }

    fn line_name(&self, id: LineId) -> String {
        let span = self.spans.get(usize::from(id.span)).map(|span| span.name.as_str()).unwrap_or_default();
        id.channel.map_or_else(|| span.to_owned(), |channel| format!("{span}/{channel}"))
    }

    fn show_line(&self, id: LineId, subject: Subject) -> Line {
        let label = id.channel.and_then(|channel| self.spans.get(usize::from(id.span))?.lines.get(&channel).cloned());
        let shown = self.clinic.shown.get(&id);
        Line {
            name: self.line_name(id),
            label: label.unwrap_or_default(),
            kind: match subject {
                Subject::Span => Kind::Span,
                Subject::Exchange { .. } => Kind::Exchange,
                Subject::Telephone => Kind::Telephone,
            },
            tests: shown.map_or(0, |shown| shown.tests),
            step: shown.and_then(|shown| shown.step),
            verdict: shown.and_then(|shown| shown.verdict.clone()),
        }
    }

    /// All that the box knows of a line.
    fn facts(&self, id: LineId) -> Facts {
        let Some(span) = self.spans.get(usize::from(id.span)) else { return Facts::default() };
        Facts {
            alarms: span.alarms,
            alarms_since: span.alarms_since,
            counting_since: Instant::ZERO,
            slips: span.slips,
            bad_frames: span.bad_frames,
            link: span.protocol().link_state().map(|state| match state {
                LinkState::Down => Link::Down,
                LinkState::Establishing => Link::Establishing,
                LinkState::Up => Link::Up,
            }),
            channels: self.channel_counts(id),
            pair: id.channel.map(|timeslot| self.pair(id, timeslot)).unwrap_or_default(),
        }
    }

    fn channel_counts(&self, id: LineId) -> Channels {
        let mut counts = Channels::default();
        let protocol = self.spans[usize::from(id.span)].protocol();
        for timeslot in (1..TIMESLOTS as u8).filter(|slot| usize::from(*slot) != D_SLOT) {
            counts.all += 1;
            match protocol.channel_state(timeslot) {
                ChannelState::Absent => counts.all -= 1,
                ChannelState::Idle => {}
                ChannelState::Incoming
                | ChannelState::Outgoing
                | ChannelState::Connected
                | ChannelState::Clearing
                | ChannelState::Busy => counts.in_use += 1,
                // An analog line has a test of its own, and is out of service while that goes on.
                ChannelState::Blocked | ChannelState::BlockedRemotely | ChannelState::OutOfService
                    if protocol.signaling() == Signaling::Loopstart => {}
                ChannelState::Blocked | ChannelState::BlockedRemotely | ChannelState::OutOfService => {
                    counts.blocked += 1;
                }
            }
        }
        counts
    }

    fn pair(&self, id: LineId, timeslot: u8) -> Pair {
        let span = &self.spans[usize::from(id.span)];
        let (bits, since) = span.bits.get(&timeslot).copied().unzip();
        let line = bits.map(bank::line_state).unwrap_or_default();
        Pair {
            battery: line.battery,
            reversed: line.reversed,
            ringing: line.ringing,
            since: since.unwrap_or_default(),
            off_hook: bits.is_some_and(|bits| bank::hook(bits) == Hook::Off),
            used: match span.protocol().channel_state(timeslot) {
                ChannelState::Idle
                | ChannelState::Blocked
                | ChannelState::BlockedRemotely
                | ChannelState::OutOfService
                | ChannelState::Absent => Use::Free,
                ChannelState::Incoming
                | ChannelState::Outgoing
                | ChannelState::Connected
                | ChannelState::Clearing
                | ChannelState::Busy => Use::InCall,
            },
        }
    }
}

fn place(id: LineId) -> Option<(usize, u8)> {
    Some((id.span.into(), id.channel?))
}

fn line_of(port: PortId) -> LineId {
    let (span, timeslot) = media_io::place(port);
    LineId { span: span as u16, channel: Some(timeslot) }
}

const fn show_step(step: doctor::Step) -> Step {
    match step {
        doctor::Step::Waiting => Step::Waiting,
        doctor::Step::Watching => Step::Watching,
        doctor::Step::Looking => Step::Looking,
        doctor::Step::Seizing => Step::Seizing,
        doctor::Step::Listening => Step::Listening,
        doctor::Step::Dialling => Step::Dialling,
        doctor::Step::Measuring => Step::Measuring,
        doctor::Step::Closing => Step::Closing,
    }
}

const fn show_health(state: doctor::State) -> Health {
    match state {
        doctor::State::Good => Health::Good,
        doctor::State::Warning => Health::Warning,
        doctor::State::Fault => Health::Fault,
    }
}

fn show_finding(finding: &doctor::Finding) -> Finding {
    let both = |text: &dyn Fn(Language) -> String| Said { zh: text(Language::Chinese), en: text(Language::English) };
    let measured = &finding.measured;
    Finding {
        code: finding.code.name().into(),
        health: show_health(finding.state()),
        says: both(&|language| finding.says(language)),
        remedy: both(&|language| finding.remedy(language)),
        measured: Measured {
            count: measured.count,
            of: measured.of,
            seconds: measured.seconds,
            hz: measured.hz.into_iter().filter(|hz| *hz > 0).collect(),
            level_dbm0: measured.level.map(|level| level.0),
            db: measured.db,
            countries: measured.countries.iter().map(|code| (*code).to_owned()).collect(),
        },
    }
}
