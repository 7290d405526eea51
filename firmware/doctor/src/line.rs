//! The examination of one analog line: looked at, seized, listened to, dialled on, measured, given back.

use crate::doctor::{Order, Step, Switch};
use crate::facts::{Facts, Use};
use crate::finding::{Code, Finding, Measured};
use crate::limits::*;
use base::{Dbm0, Digit, Instant};
use dsp_progress::{Classifier, Kind, Spectrum, TABLES, ToneEvent};

/// Where it stands; a deadline lies in the state it bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// On hook; the pair is looked at.
    Looking(Instant),
    /// The loop is closed; current is awaited.
    Seizing(Instant),
    /// Dial tone is awaited.
    Listening(Instant),
    /// A digit was sent; silence is awaited.
    Dialling(Instant),
    /// The engine measures what an idle line sounds like.
    Noise(Instant),
    /// The tone whose echo is measured has begun.
    EchoBegins(Instant),
    /// The engine measures it.
    Echo(Instant),
    /// The loop is open again; the exchange is given time to notice.
    Guarding(Instant),
    /// Nothing is left to do.
    Over,
}
use Stage::{Dialling, Echo, EchoBegins, Guarding, Listening, Looking, Noise, Over, Seizing};

/// One line under test.
#[derive(Debug)]
pub(crate) struct LineExam {
    country: &'static str,
    stage: Stage,
    classifier: Classifier,
    /// A tone is heard now.
    tone: Option<Spectrum>,
    /// Speech was heard since the line was seized.
    voices: bool,
    pub(crate) findings: Vec<Finding>,
    pub(crate) orders: Vec<Order>,
}

impl LineExam {
    pub(crate) fn new(now: Instant, country: &'static str) -> Self {
        Self {
            country,
            stage: Looking(now + LOOK),
            classifier: Classifier::new(country),
            tone: None,
            voices: false,
            findings: Vec::new(),
            orders: Vec::new(),
        }
    }

    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Looking(due) | Seizing(due) | Listening(due) | Dialling(due) | Noise(due) | EchoBegins(due) | Echo(due)
            | Guarding(due) => Some(due),
            Over => None,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.stage == Over
    }

    pub(crate) const fn step(&self) -> Step {
        match self.stage {
            Looking(_) => Step::Looking,
            Seizing(_) => Step::Seizing,
            Listening(_) => Step::Listening,
            Dialling(_) => Step::Dialling,
            Noise(_) | EchoBegins(_) | Echo(_) => Step::Measuring,
            Guarding(_) | Over => Step::Closing,
        }
    }

    /// What is known of the line changed. A call has the line at once, whatever the test was doing.
    pub(crate) fn facts(&mut self, now: Instant, facts: &Facts) {
        match self.stage {
            Looking(_) | Over => {}
            Guarding(_) if facts.pair.used == Use::InCall => self.let_go(),
            Guarding(_) => {}
            Seizing(_) | Listening(_) | Dialling(_) | Noise(_) | EchoBegins(_) | Echo(_) => {
                if facts.pair.used == Use::InCall {
                    self.findings.push(Code::InUse.into());
                    self.let_go();
                } else if facts.pair.ringing {
                    self.hang_up(now, Some(Code::Ringing.into()));
                } else if !facts.alarms.is_clear() {
                    self.hang_up(now, Some(Code::SpanDown.into()));
                }
            }
        }
    }

    /// Its time is up.
    pub(crate) fn due(&mut self, now: Instant, facts: &Facts) {
        match self.stage {
            Looking(_) => self.looked(now, facts),
            Seizing(_) if facts.pair.battery => {
                self.orders.push(Order::Listen(Switch::On));
                self.stage = Listening(now + LISTEN);
            }
            Seizing(_) => self.hang_up(now, Some(Code::NoLoopCurrent.into())),
            // The current may have gone meanwhile; that is what matters then.
            Listening(_) | Dialling(_) | Noise(_) | EchoBegins(_) | Echo(_) if !facts.pair.battery => {
                self.hang_up(now, Some(Code::NoLoopCurrent.into()));
            }
            Listening(_) => {
                let finding = self.no_dial_tone();
                self.hang_up(now, Some(finding));
            }
            Dialling(_) => self.dialled(now),
            EchoBegins(_) => {
                self.orders.push(Order::Measure { ms: ECHO_MS });
                self.stage = Echo(now + wait(ECHO_MS));
            }
            Noise(_) | Echo(_) => self.hang_up(now, Some(Code::NotMeasured.into())),
            Guarding(_) => {
                self.orders.push(Order::Release);
                self.stage = Over;
            }
            Over => {}
        }
    }

    /// The receiver of tones has news.
    pub(crate) fn tone(&mut self, now: Instant, event: &ToneEvent) {
        match *event {
            ToneEvent::Began(spectrum) | ToneEvent::Lasts { spectrum, .. } => self.tone = Some(spectrum),
            ToneEvent::Ended { .. } | ToneEvent::Silence { .. } => self.tone = None,
            ToneEvent::Voice => {
                self.tone = None;
                self.voices = true;
            }
        }
        match (self.stage, event) {
            (Listening(_), _) => {
                if let Some(finding) = self.listened(now, event) {
                    self.heard(now, finding);
                }
            }
            // Whatever it is, the exchange is not silent.
            (Noise(_), ToneEvent::Began(_) | ToneEvent::Voice) => self.hang_up(now, Some(Code::NotQuiet.into())),
            _ => {}
        }
    }

    /// The engine measured.
    pub(crate) fn level(&mut self, now: Instant, level: Dbm0) {
        match self.stage {
            Noise(_) => {
                let code = if level > NOISE_BAD {
                    Code::NoiseBad
                } else if level > NOISE_HEARD {
                    Code::NoiseHeard
                } else {
                    Code::NoiseGood
                };
                self.findings.push(with_level(code, level));
                self.orders.push(Order::Tone { hz: ECHO_HZ, level: ECHO_LEVEL });
                self.stage = EchoBegins(now + ECHO_SETTLES);
            }
            Echo(_) => {
                let db = ECHO_LEVEL.0 - level.0;
                let code = if db < ECHO_BAD_DB {
                    Code::EchoBad
                } else if db < ECHO_WEAK_DB {
                    Code::EchoStrong
                } else {
                    Code::EchoGood
                };
                let measured = Measured { db: Some(db), ..Measured::default() };
                self.hang_up(now, Some(Finding { code, measured }));
            }
            Looking(_) | Seizing(_) | Listening(_) | Dialling(_) | EchoBegins(_) | Guarding(_) | Over => {}
        }
    }

    /// The pair on hook: what bars the test ends it here.
    fn looked(&mut self, now: Instant, facts: &Facts) {
        let pair = facts.pair;
        if !facts.alarms.is_clear() {
            self.end(Code::SpanDown);
        } else if pair.ringing {
            self.end(if now.since(pair.since) > LONGEST_RING { Code::RingingStuck } else { Code::Ringing });
        } else if pair.used == Use::InCall {
            self.end(Code::InUse);
        } else if !pair.battery {
            self.end(Code::NoBattery);
        } else {
            let code = if pair.reversed { Code::PolarityReversed } else { Code::BatteryGood };
            self.findings.push(code.into());
            self.orders.push(Order::Seize);
            self.stage = Seizing(now + SEIZE);
        }
    }

    /// What this event decides about dial tone, if anything.
    fn listened(&mut self, now: Instant, event: &ToneEvent) -> Option<Finding> {
        let verdict = self.classifier.hear(now, event);
        let spectrum = match *event {
            ToneEvent::Began(spectrum) | ToneEvent::Lasts { spectrum, .. } | ToneEvent::Ended { spectrum, .. } => {
                spectrum
            }
            ToneEvent::Voice | ToneEvent::Silence { .. } => return None,
        };
        let measured = Measured {
            hz: spectrum.frequency_hz,
            level: Some(spectrum.level),
            own: self.country,
            countries: verdict.and_then(|it| it.evidence.country).map(sharing).unwrap_or_default(),
            ..Measured::default()
        };
        let code = match verdict.map(|verdict| verdict.kind) {
            Some(Kind::DialTone) if self.country.is_empty() || measured.countries.contains(&self.country) => {
                Code::DialTone
            }
            Some(Kind::DialTone) => Code::DialToneForeign,
            Some(Kind::Busy | Kind::Congestion | Kind::Howler | Kind::VacantNumber) => Code::RefusalTone,
            _ => match event {
                ToneEvent::Lasts { duration_ms: UNKNOWN_TONE_MS.., .. } => Code::UnknownTone,
                _ => return None,
            },
        };
        Some(Finding { code, measured })
    }

    /// Dial tone, or what came in its place.
    fn heard(&mut self, now: Instant, finding: Finding) {
        if finding.code == Code::RefusalTone {
            return self.hang_up(now, Some(finding));
        }
        if let Some(level) = finding.measured.level {
            let odd = [(level < DIAL_TONE_LOW, Code::DialToneLow), (level > DIAL_TONE_HIGH, Code::DialToneHigh)];
            let odd = odd.into_iter().find(|(is, _)| *is);
            self.findings.extend(odd.map(|(_, code)| with_level(code, level)));
        }
        self.findings.push(finding);
        // No number of any network is a single 1, and every exchange waits for the next digit.
        self.orders.extend(Digit::new('1').map(Order::Dial));
        self.stage = Dialling(now + DIGIT);
    }

    fn no_dial_tone(&self) -> Finding {
        let code = if self.voices { Code::Voices } else { Code::NoDialTone };
        let measured = Measured { seconds: Some(LISTEN.as_secs()), ..Measured::default() };
        Finding { code, measured }
    }

    fn dialled(&mut self, now: Instant) {
        if self.tone.is_some() {
            return self.hang_up(now, Some(Code::DigitNotTaken.into()));
        }
        self.orders.push(Order::Measure { ms: NOISE_MS });
        self.stage = Noise(now + wait(NOISE_MS));
    }

    /// Ends a test that has not touched the line.
    fn end(&mut self, code: Code) {
        self.findings.push(code.into());
        self.stage = Over;
    }

    /// Opens the loop and leaves the exchange time to notice.
    fn hang_up(&mut self, now: Instant, finding: Option<Finding>) {
        self.findings.extend(finding);
        self.orders.push(Order::HangUp);
        self.stage = Guarding(now + GUARD);
    }

    /// A call has the line: its hook is the call's from here on.
    fn let_go(&mut self) {
        self.orders.push(Order::Release);
        self.stage = Over;
    }
}

fn wait(ms: u16) -> core::time::Duration {
    core::time::Duration::from_millis(ms.into()) + METER
}

fn with_level(code: Code, level: Dbm0) -> Finding {
    Finding { code, measured: Measured { level: Some(level), ..Measured::default() } }
}

/// All countries whose dial tone sounds as this one's does.
fn sharing(country: &'static str) -> Vec<&'static str> {
    let dial_tones = || TABLES.iter().filter(|row| row.kind == Kind::DialTone);
    let own = dial_tones().find(|row| row.country == country);
    let same = |row: &&dsp_progress::Row| own.is_some_and(|own| (own.hz, own.modulated) == (row.hz, row.modulated));
    dial_tones().filter(same).map(|row| row.country).collect()
}
