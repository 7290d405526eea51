//! What the pair's electrics say, and calls that are rung in.

use super::caller::Caller;
use super::readings::Reading;
use super::settings::{LONGEST_RING, LONGEST_RING_PULSE, LONGEST_UNANSWERED, RING_PAUSE};
use super::{CallerIdWait, FxoLine, Ringing, State, Told};
use crate::line::{LineAction, Parallel};
use crate::report::{LineFault, Report};
use base::{Cause, Instant};
use ports::call::{Address, Bearer, Number, Primitive, Setup};

impl FxoLine {
    pub(super) fn on_reading(&mut self, now: Instant, reading: Reading) {
        match (reading, &mut self.state) {
            (Reading::RingBegan, State::Idle | State::Guarding { .. }) => self.first_ring(now),
            (Reading::RingBegan, State::Ringing(ringing)) => {
                let is_new = ringing.silent_since.is_some_and(|since| now - since >= RING_PAUSE);
                ringing.silent_since = None;
                ringing.rang = now;
                ringing.gone = now + LONGEST_RING;
                if is_new {
                    self.offer();
                }
            }
            (Reading::RingEnded, State::Ringing(ringing)) => {
                ringing.silent_since = Some(now);
                ringing.calls |= now - ringing.rang > LONGEST_RING_PULSE;
                ringing.gone = now + self.settings.country.caller_gone();
            }
            (Reading::RingBegan, State::Settling { .. }) => self.glare(now),
            // Off hook there is no ringing; what looks like it comes of the loop's closing.
            (Reading::RingBegan | Reading::RingEnded, _) => {}
            (Reading::BatteryLost, _) => self.check_battery(now),
            (Reading::BatteryBack, _) => self.recover(LineFault::NoBattery),
            (Reading::Dead, State::Ringing(_)) => {
                self.stop_ringing(Cause::NETWORK_OUT_OF_ORDER);
                self.fail(LineFault::NoBattery);
            }
            (Reading::Dead, State::Idle | State::Guarding { .. }) => self.fail(LineFault::NoBattery),
            // Off hook, the call's end comes first; see `hang_up`.
            (Reading::Dead, _) => {}
            (Reading::Reversed, State::Idle) => self.caller.alerted(now),
            (Reading::Reversed, _) => self.on_reversed(now),
            (Reading::Parallel(Parallel::OnHook), _) => self.recover(LineFault::InUse),
            (Reading::Parallel(Parallel::OffHook), State::Idle) => self.fail(LineFault::InUse),
            // Answered elsewhere.
            (Reading::Parallel(Parallel::OffHook), State::Ringing(_)) => {
                self.stop_ringing(Cause::NORMAL_CLEARING);
                self.fail(LineFault::InUse);
            }
            (Reading::Parallel(Parallel::OffHook), _) => {}
        }
    }

    fn first_ring(&mut self, now: Instant) {
        let offer = match self.settings.caller_id {
            CallerIdWait::No => now,
            CallerIdWait::UpTo(wait) => now + wait,
        };
        let gone = now + LONGEST_RING;
        self.state =
            State::Ringing(Ringing { told: Told::Nothing, offer, gone, rang: now, silent_since: None, calls: false });
        if self.caller.is_known() {
            self.offer();
        }
    }

    /// The model does not want the call.
    pub(super) fn decline(&mut self, cause: Cause) {
        let State::Ringing(ringing) = &mut self.state else { return };
        ringing.told = Told::Declined;
        self.tell(Primitive::Released { cause });
    }

    /// Tells the model of the call, once.
    pub(super) fn offer(&mut self) {
        let State::Ringing(ringing) = &mut self.state else { return };
        if ringing.told == Told::Nothing {
            ringing.told = Told::Offered;
            self.tell_incoming();
        }
    }

    fn tell_incoming(&mut self) {
        let setup = Setup {
            from: self.caller.number(),
            to: Number::unknown(self.settings.number),
            redirecting: self.caller.redirecting(),
            bearer: Bearer::Speech,
            address: Address::Complete,
        };
        self.tell(Primitive::Setup(setup));
    }

    /// No more ringing, and no answer.
    pub(super) fn stop_ringing(&mut self, cause: Cause) {
        if self.has_call() {
            self.tell(Primitive::Released { cause });
        }
        self.caller.forget();
        self.state = State::Idle;
        self.listen_on_hook();
    }

    /// The caller and the box met: the call of the box gives way, since going off hook has answered the other.
    fn glare(&mut self, now: Instant) {
        self.push(LineAction::Report(Report::Glare));
        self.tell(Primitive::Released { cause: Cause::REQUESTED_CHANNEL_NOT_AVAILABLE });
        self.readings.forget_ring();
        self.state = State::Seized { gives_up: now + LONGEST_UNANSWERED };
        self.tell_incoming();
    }

    pub(super) fn on_caller(&mut self, read: Option<Caller>) {
        match (read, self.state) {
            (None, _) => {}
            (Some(Caller::Bad), _) => self.push(LineAction::Report(Report::BadCallerId)),
            (Some(Caller::Known), State::Ringing(ringing)) => {
                self.report_caller();
                if ringing.calls {
                    self.offer();
                }
            }
            (Some(Caller::Known), State::Talking { .. } | State::Flashing { .. }) => {
                if let Some(message) = self.caller.take() {
                    self.push(LineAction::Report(Report::CallWaiting(message)));
                }
                self.listen_as_state();
            }
            (Some(Caller::Known), _) => self.report_caller(),
        }
    }

    fn report_caller(&mut self) {
        if let Some(message) = self.caller.message() {
            self.push(LineAction::Report(Report::CallerId(message)));
        }
    }
}
