//! Off hook: what the line's tones, current and polarity mean, and the call model's words.

use super::dialler::{Dialler, can_dial};
use super::settings::{CONSENT_MS, DIGIT_OFF_MS, DIGIT_ON_MS, EMPTY_LINE, REVERSAL_ENDS_AFTER};
use super::{FxoLine, State};
use crate::country::Country;
use crate::line::{Hook, LineAction, Order};
use crate::report::{Evidence, Report};
use base::{Cause, Digits, Instant};
use core::time::Duration;
use dsp_progress::{Classifier, Kind, Learned, ToneEvent, Verdict};
use ports::call::{Inband, Primitive, Refusal};

/// What is heard off hook, and since when nothing is.
#[derive(Clone, Debug)]
pub(super) struct Ear {
    classifier: Classifier,
    silent_since: Option<Instant>,
    dial_tone: bool,
}

impl Ear {
    pub(super) fn new(country: &Country) -> Self {
        Self { classifier: Classifier::new(country.code), silent_since: None, dial_tone: false }
    }

    /// The tones that this line has taught are these.
    pub(super) fn teach(&mut self, country: &Country, learned: Learned) {
        self.classifier = Classifier::taught(country.code, learned);
    }

    pub(super) const fn learned(&self) -> &Learned {
        self.classifier.learned()
    }

    /// A new part of the call: what was heard before belongs to the last.
    pub(super) fn begin(&mut self, now: Instant) {
        self.classifier.restart();
        self.silent_since = Some(now);
        self.dial_tone = false;
    }

    pub(super) fn hear(&mut self, now: Instant, event: &ToneEvent) -> Option<Verdict> {
        self.silent_since = match event {
            ToneEvent::Began(_) | ToneEvent::Lasts { .. } | ToneEvent::Voice => None,
            ToneEvent::Ended { .. } | ToneEvent::Silence { .. } => self.silent_since.or(Some(now)),
        };
        let verdict = self.classifier.hear(now, event)?;
        self.dial_tone = verdict.kind == Kind::DialTone;
        Some(verdict)
    }

    pub(super) const fn silent_since(&self) -> Option<Instant> {
        self.silent_since
    }

    pub(super) const fn hears_dial_tone(&self) -> bool {
        self.dial_tone
    }
}

/// A waiting caller's alert, 75 to 110 ms of 2130 and 2750 Hz (GR-30, EN 300 659-2), within what a receiver measures. The consent
/// follows its end.
fn is_alert(event: &ToneEvent) -> bool {
    let ToneEvent::Ended { spectrum, duration_ms: 55..=140 } = event else { return false };
    let [low, high] = spectrum.frequency_hz;
    low.abs_diff(2130) <= 25 && high.abs_diff(2750) <= 30
}

impl FxoLine {
    pub(super) fn on_progress(&mut self, now: Instant, event: &ToneEvent) {
        if self.settings.reads_waiting_callers && matches!(self.state, State::Talking { .. }) && is_alert(event) {
            self.consent(now);
        }
        if let Some(verdict) = self.ear.hear(now, event) {
            self.on_verdict(now, verdict);
        }
        self.watch_ringback(now, event);
    }

    /// Ringback that does not come again has been answered, by somebody who says nothing.
    fn watch_ringback(&mut self, now: Instant, event: &ToneEvent) {
        let State::Unanswered(call) = &mut self.state else { return };
        match event {
            ToneEvent::Began(_) | ToneEvent::Lasts { .. } => call.ringback_missed = None,
            ToneEvent::Ended { .. } if call.alerted && self.settings.voice_answers => {
                call.ringback_missed = Some(now + self.settings.country.caller_gone());
            }
            ToneEvent::Ended { .. } | ToneEvent::Voice | ToneEvent::Silence { .. } => {}
        }
    }

    /// The exchange wants to say who waits.
    fn consent(&mut self, now: Instant) {
        let mut digits = Digits::new();
        let _ = digits.push('D');
        self.push(LineAction::Do(Order::SendDigits { digits, on_ms: CONSENT_MS, off_ms: 0 }));
        self.caller.await_waiting(now);
        self.listen_as_state();
    }

    fn on_verdict(&mut self, now: Instant, verdict: Verdict) {
        match (&mut self.state, verdict.kind) {
            (State::AwaitingDialTone { digits, .. }, Kind::DialTone) => {
                let digits = *digits;
                if self.waits_for_dial_tone() {
                    self.dial(now, digits);
                }
            }
            (State::AwaitingDialTone { .. }, Kind::Busy | Kind::Congestion) => {
                self.push(LineAction::Report(Report::Answer(verdict)));
                self.hang_up(now, Cause::SWITCHING_CONGESTION);
            }
            (State::Unanswered(call), Kind::Ringback) if !call.alerted => {
                call.alerted = true;
                self.push(LineAction::Report(Report::Answer(verdict)));
                self.tell(Primitive::Alerting(Inband::Audio));
            }
            (State::Unanswered(_), kind) => {
                if let Some(cause) = failure(kind) {
                    self.push(LineAction::Report(Report::Answer(verdict)));
                    self.tell_clearing(now, cause);
                } else if kind.is_answer() && self.settings.voice_answers {
                    self.push(LineAction::Report(Report::Answer(verdict)));
                    self.answered(now);
                }
            }
            (State::Seized { .. }, Kind::DialTone) => {
                self.far_hung_up(now, Evidence::Tone(verdict), Cause::NORMAL_CLEARING);
            }
            (State::Talking { empty_until, .. }, Kind::DialTone) if now < *empty_until => {
                self.far_hung_up(now, Evidence::Tone(verdict), Cause::NORMAL_CLEARING);
            }
            (State::Talking { .. } | State::Seized { .. }, kind) if kind.is_hang_up() => {
                self.far_hung_up(now, Evidence::Tone(verdict), Cause::NORMAL_CLEARING);
            }
            _ => {}
        }
    }

    pub(super) fn on_reversed(&mut self, now: Instant) {
        if self.deaf.is_some() {
            return;
        }
        match self.state {
            State::Unanswered(_) if self.settings.reversal_answers => self.answered(now),
            State::Talking { since, .. } if self.settings.reversal_ends && now - since >= REVERSAL_ENDS_AFTER => {
                self.far_hung_up(now, Evidence::Reversed, Cause::NORMAL_CLEARING);
            }
            _ => {}
        }
    }

    /// Off hook, a line without current has lost its far party, or everything.
    pub(super) fn check_battery(&mut self, now: Instant) {
        if !self.readings.is_dead() || self.deaf.is_some() {
            return;
        }
        match self.state {
            State::Unanswered(_) | State::Talking { .. } | State::Seized { .. } => {
                self.far_hung_up(now, Evidence::BatteryLost, Cause::NORMAL_CLEARING);
            }
            // There is no call to lose yet.
            State::AwaitingDialTone { .. } => self.hang_up(now, Cause::NETWORK_OUT_OF_ORDER),
            // On hook the fault is told after a second; while the loop is ours to open, nothing can be known.
            State::Idle
            | State::Ringing(_)
            | State::Settling { .. }
            | State::Dialling(_)
            | State::Flashing { .. }
            | State::Clearing { .. }
            | State::Guarding { .. } => {}
        }
    }

    pub(super) fn on_line(&mut self, now: Instant, primitive: Primitive) -> Option<Refusal> {
        use Primitive as P;
        match (&mut self.state, primitive) {
            (State::Ringing(_), P::Connected) => {
                self.answer(now);
                None
            }
            (State::Seized { .. }, P::Connected) => {
                self.state = State::Talking { since: now, empty_until: now };
                None
            }
            // Not answered: the exchange rings on until its caller gives up, and the call is over for the box.
            (State::Ringing(_), P::Clearing { cause, .. } | P::Released { cause }) => {
                self.decline(cause);
                None
            }
            (_, P::Clearing { cause, .. } | P::Released { cause }) => {
                self.hang_up(now, cause);
                None
            }
            (State::Talking { since, .. }, P::Flash) => {
                let (since, flash) = (*since, Duration::from_millis(self.settings.country.flash.sent_ms.into()));
                self.state = State::Flashing { since, due: now + flash };
                self.set_hook(Hook::On);
                None
            }
            (State::Talking { .. }, P::Info(digits)) if can_dial(super::Dialling::Tone, &digits) => {
                self.push(LineAction::Do(Order::SendDigits { digits, on_ms: DIGIT_ON_MS, off_ms: DIGIT_OFF_MS }));
                None
            }
            (_, P::Digits { digits, .. }) => self.dial_more(now, &digits),
            // An analog line has no word for these, and its caller hears ringback of the exchange.
            (_, P::Proceeding | P::Alerting(_) | P::Progress(_) | P::Detail(_) | P::Reanswered | P::Refused(_)) => None,
            (_, P::Setup(_) | P::Connected | P::Flash | P::Info(_)) => Some(Refusal::WrongState),
            (_, P::Held | P::Retrieved | P::Charge(_)) => Some(Refusal::NotSupported),
            (_, P::MediaOffer(_) | P::MediaAnswer(_) | P::TransferRequested(_)) => Some(Refusal::NotSupported),
        }
    }

    fn answer(&mut self, now: Instant) {
        self.readings.forget_ring();
        self.go_off_hook(now);
        self.state = State::Talking { since: now, empty_until: now + EMPTY_LINE };
    }

    /// More of the number, by overlap.
    fn dial_more(&mut self, now: Instant, more: &Digits) -> Option<Refusal> {
        if !can_dial(self.settings.dialling, more) {
            return Some(Refusal::NotSupported);
        }
        match &mut self.state {
            State::Settling { digits, .. } | State::AwaitingDialTone { digits, .. } => {
                digits.append(more).is_err().then_some(Refusal::NotSupported)
            }
            State::Dialling(dialler) => (!dialler.append(more)).then_some(Refusal::NotSupported),
            State::Unanswered(_) if more.is_empty() => None,
            State::Unanswered(_) => {
                let (how, pulse) = (self.settings.dialling, self.settings.country.pulse);
                self.state = State::Dialling(Dialler::new(now, how, pulse, *more));
                None
            }
            State::Idle
            | State::Ringing(_)
            | State::Talking { .. }
            | State::Seized { .. }
            | State::Flashing { .. }
            | State::Clearing { .. }
            | State::Guarding { .. } => Some(Refusal::WrongState),
        }
    }
}

/// Why a call that ends in this tone has failed (Q.850, E.180).
const fn failure(kind: Kind) -> Option<Cause> {
    match kind {
        Kind::Busy => Some(Cause::USER_BUSY),
        Kind::Congestion => Some(Cause::SWITCHING_CONGESTION),
        Kind::SpecialInformation | Kind::VacantNumber => Some(Cause::UNALLOCATED_NUMBER),
        Kind::Howler | Kind::LearnedHangUp => Some(Cause::NORMAL_UNSPECIFIED),
        Kind::DialTone | Kind::Ringback | Kind::CallWaiting | Kind::Fax | Kind::Modem | Kind::Voice => None,
    }
}
