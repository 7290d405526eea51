//! Caller id to a telephone that talks (type II: GR-30 and EN 300 659-2): a tone for the ear, one for the telephone, its digit `D` or `A`
//! as consent, the message.

use super::outbox::Outbox;
use super::settings::{ALERT, MARK_BITS_OFF_HOOK, fsk_time};
use crate::line::{Modulation, Order, Tone};
use base::{Digit, Instant};
use core::time::Duration;
use sig_callerid::Octets;

/// SAS.
const EAR: Duration = Duration::from_millis(300);
/// The telephone answers within 160 ms (GR-30), on top of which comes what receivers and lines are late.
const CONSENT: Duration = Duration::from_millis(400);
/// The telephone is silent 100 ms after its digit.
const GAP: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Ear(Instant),
    Alert(Instant),
    Consent(Instant),
    Gap(Instant),
    Message(Instant),
}

#[derive(Clone, Debug)]
pub(super) struct Waiting {
    state: State,
    modulation: Modulation,
    message: Octets,
}

impl Waiting {
    pub(super) const fn new() -> Self {
        Self { state: State::Idle, modulation: Modulation::Bell202, message: Octets::new() }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.state != State::Idle
    }

    pub(super) fn begin(&mut self, now: Instant, modulation: Modulation, message: Octets, out: &mut Outbox) {
        self.modulation = modulation;
        self.message = message;
        self.state = State::Ear(now + EAR);
        out.tone(Some(Tone::CallWaiting));
    }

    pub(super) fn stop(&mut self, out: &mut Outbox) {
        if self.is_busy() {
            self.state = State::Idle;
            out.tone(None);
            out.listen(false);
        }
    }

    /// Whether the digit was the telephone's consent.
    pub(super) fn handle_digit(&mut self, now: Instant, digit: Digit, out: &mut Outbox) -> bool {
        let consents = matches!(self.state, State::Consent(_)) && matches!(digit.as_char(), 'A' | 'D');
        if consents {
            self.state = State::Gap(now + GAP);
            out.listen(false);
        }
        consents
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, out: &mut Outbox) {
        self.state = match self.state {
            State::Ear(_) => {
                out.tone(Some(Tone::Alert));
                State::Alert(now + ALERT)
            }
            State::Alert(_) => {
                out.tone(None);
                out.listen(true);
                State::Consent(now + CONSENT)
            }
            State::Gap(_) => {
                let octets = self.message.clone();
                let time = fsk_time(MARK_BITS_OFF_HOOK, octets.len());
                let (modulation, mark_bits) = (self.modulation, MARK_BITS_OFF_HOOK);
                out.order(Some(Order::SendFsk { modulation, seizure_bits: 0, mark_bits, octets }));
                State::Message(now + time)
            }
            // A telephone without this service says nothing; its user heard the tone.
            State::Consent(_) | State::Message(_) => {
                out.listen(false);
                State::Idle
            }
            State::Idle => State::Idle,
        };
    }

    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Idle => None,
            State::Ear(due) | State::Alert(due) | State::Consent(due) | State::Gap(due) | State::Message(due) => {
                Some(due)
            }
        }
    }
}
