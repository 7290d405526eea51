//! The called end of a channel (Q.422 §2.2, Q.424 §2.2).

use super::bits::Bits;
use super::state::State;
use super::{Channel, Turn, refusal_of};
use crate::country::{Blink, Control};
use crate::register::{Incoming, IncomingTold};
use crate::report::{Report, Tone};
use crate::settings::{Answer, Release};
use crate::span::CallHandle;
use crate::timers::Timer;
use base::{Cause, Instant};
use ports::call::{Inband, Primitive, Refusal};

/// Short clearings between answers: metering pulses, or a double answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blinks {
    /// When the bits change next.
    pub(super) due: Instant,
    left: u16,
}

impl Channel {
    /// The far end seized the channel.
    pub(super) fn seized(&mut self, turn: &mut Turn<'_>) {
        self.set_bits(turn, Bits::Acknowledged);
        let register = if self.is_blocked { Incoming::refusing } else { Incoming::new };
        self.state = State::Receiving(register(turn.now, turn.settings));
        self.order(turn);
    }

    pub(super) fn incoming_bits(&mut self, turn: &mut Turn<'_>) {
        match (&self.state, self.received) {
            (
                State::Receiving(_) | State::Accepted { .. } | State::AnsweredHere(_),
                Bits::Idle | Bits::Acknowledged,
            ) => self.cleared_forward(turn),
            (State::ClearingBack { cause, .. }, Bits::Idle | Bits::Acknowledged) => {
                let cause = *cause;
                self.released(turn, cause);
            }
            (State::Receiving(_) | State::Accepted { .. } | State::AnsweredHere(_), Bits::Answered) => {
                self.unexpected(turn);
            }
            // Where they were, or of the next call, which is looked at when this one is over.
            (State::Receiving(_) | State::Accepted { .. } | State::AnsweredHere(_), Bits::Seized)
            | (State::ClearingBack { .. }, Bits::Seized | Bits::Answered)
            | (State::ClearedForward(_) | State::ShowingClear(_), _) => {}
            (
                State::Idle
                | State::Guarding(_)
                | State::Faulty
                | State::Seizing { .. }
                | State::DoublySeized(_)
                | State::Unacknowledged(_)
                | State::Sending { .. }
                | State::AwaitingAnswer { .. }
                | State::AnsweredThere(_)
                | State::Blinking { .. }
                | State::ClearedBack(_)
                | State::ClearingForward { .. },
                _,
            ) => {}
        }
    }

    pub(super) fn incoming_due(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now;
        match &mut self.state {
            State::Receiving(register) => {
                let told = register.timeout(now);
                self.received_register(turn, told);
            }
            State::Accepted { .. } => self.answer(turn),
            State::AnsweredHere(Some(blinks)) => {
                let blinks = *blinks;
                self.blink(turn, blinks);
            }
            State::ClearingBack { cause, .. } => {
                let cause = *cause;
                self.report(turn, Report::Expired(Timer::ClearBack));
                self.finish(turn, cause);
                self.state = State::Faulty;
            }
            State::ClearedForward(_) => self.released(turn, Cause::NORMAL_CLEARING),
            State::ShowingClear(_) => self.idle_again(turn, Cause::NORMAL_CLEARING),
            // Without a deadline, or the caller's end.
            State::AnsweredHere(None)
            | State::Idle
            | State::Guarding(_)
            | State::Faulty
            | State::Seizing { .. }
            | State::DoublySeized(_)
            | State::Unacknowledged(_)
            | State::Sending { .. }
            | State::AwaitingAnswer { .. }
            | State::AnsweredThere(_)
            | State::Blinking { .. }
            | State::ClearedBack(_)
            | State::ClearingForward { .. } => {}
        }
    }

    pub(super) fn incoming_word(&mut self, turn: &mut Turn<'_>, primitive: Primitive) -> Option<Refusal> {
        let now = turn.now;
        match (primitive, &mut self.state) {
            (Primitive::Proceeding, State::Receiving(register)) => register.routed(now),
            (Primitive::Progress(inband) | Primitive::Alerting(inband), State::Receiving(register)) => {
                register.is_rung = rings(primitive, inband);
                register.accept(now);
            }
            (Primitive::Connected, State::Receiving(register)) => {
                register.is_answered = true;
                register.accept(now);
            }
            (Primitive::Clearing { cause, .. } | Primitive::Released { cause }, State::Receiving(register)) => {
                register.reject(now, cause);
            }
            (Primitive::Proceeding, State::Accepted { .. }) => {}
            (Primitive::Progress(inband) | Primitive::Alerting(inband), State::Accepted { is_rung, .. }) => {
                *is_rung = rings(primitive, inband);
            }
            (Primitive::Connected, State::Accepted { ready, is_answered, .. }) => {
                *is_answered = true;
                if *ready <= now {
                    self.answer(turn);
                }
            }
            (Primitive::Charge(units), State::AnsweredHere(blinks))
                if turn.settings.country.blink == Blink::Metering =>
            {
                let due = now + turn.settings.timers.metering_pulse;
                let left = blinks.map_or(0, |blinks| blinks.left).saturating_add(units);
                *blinks = Some(Blinks { due: blinks.map_or(due, |blinks| blinks.due), left });
            }
            (Primitive::Clearing { cause, .. } | Primitive::Released { cause }, State::AnsweredHere(_)) => {
                self.clear_back(turn, cause, None);
            }
            (Primitive::Clearing { cause, inband: Inband::Audio }, State::Accepted { .. }) => {
                self.clear_back(turn, cause, None);
            }
            (Primitive::Clearing { cause, .. } | Primitive::Released { cause }, State::Accepted { .. }) => {
                // Before the answer there are no bits that would say so.
                self.clear_back(turn, cause, Some(tone_of(cause)));
            }
            (Primitive::Clearing { .. } | Primitive::Released { .. }, State::ClearedForward(_)) => {
                self.released(turn, Cause::NORMAL_CLEARING);
            }
            (other, _) => return refusal_of(&other),
        }
        None
    }

    pub(super) fn received_register(&mut self, turn: &mut Turn<'_>, told: IncomingTold) {
        let State::Receiving(register) = &self.state else { return };
        let (caller, is_answered, is_rung) = (register.caller(), register.is_answered, register.is_rung);
        match told {
            IncomingTold::Nothing => {}
            IncomingTold::Offer => {
                let setup = register.setup();
                self.call = Some(CallHandle::next(turn.generation));
                (self.is_clearing, self.is_left) = (false, false);
                self.tell(turn, Primitive::Setup(setup));
                self.report(turn, caller);
            }
            IncomingTold::Digits(digits, address) => self.tell(turn, Primitive::Digits { digits, address }),
            IncomingTold::Caller => self.report(turn, caller),
            IncomingTold::CollectRefused => self.report(turn, Report::CollectRefused),
            IncomingTold::Accepted => {
                let ready = turn.now + turn.settings.timers.answer_delay;
                self.state = State::Accepted { ready, is_answered, is_rung };
            }
            IncomingTold::Refused(cause) => self.wait_for_clear(turn, cause, None),
            IncomingTold::Failed(report) => {
                self.report(turn, report);
                self.clearing(turn, Cause::RECOVERY_ON_TIMER_EXPIRY);
                self.wait_for_clear(turn, Cause::RECOVERY_ON_TIMER_EXPIRY, None);
            }
        }
    }

    fn answer(&mut self, turn: &mut Turn<'_>) {
        self.set_bits(turn, Bits::Answered);
        let due = turn.now + turn.settings.timers.double_answer;
        let blinks = Some(Blinks { due, left: 1 }).filter(|_| turn.settings.answer == Answer::Double);
        self.state = State::AnsweredHere(blinks);
    }

    /// Down, and up again.
    fn blink(&mut self, turn: &mut Turn<'_>, blinks: Blinks) {
        let timers = &turn.settings.timers;
        let is_metering = turn.settings.country.blink == Blink::Metering;
        let width = if is_metering { timers.metering_pulse } else { timers.double_answer };
        let (bits, left) = match self.sent {
            Bits::Acknowledged => (Bits::Answered, blinks.left.saturating_sub(1)),
            Bits::Answered | Bits::Idle | Bits::Seized => (Bits::Acknowledged, blinks.left),
        };
        let wait = if bits == Bits::Answered { 2 * width } else { width };
        self.state = State::AnsweredHere((left > 0).then_some(Blinks { due: turn.now + wait, left }));
        self.set_bits(turn, bits);
    }

    /// Our party hung up.
    fn clear_back(&mut self, turn: &mut Turn<'_>, cause: Cause, tone: Option<Tone>) {
        let (bits, tone) = match turn.settings.release {
            Release::ClearBack => (Bits::Acknowledged, tone),
            Release::Forced => (Bits::Seized, None),
        };
        self.set_bits(turn, bits);
        self.wait_for_clear(turn, cause, tone);
    }

    fn wait_for_clear(&mut self, turn: &mut Turn<'_>, cause: Cause, tone: Option<Tone>) {
        self.state = State::ClearingBack { due: turn.now + turn.settings.timers.clear_back, cause, tone };
        if self.is_alarmed {
            self.cut_off(turn);
        }
    }

    /// The caller's end hung up: the channel is freed when our call model has taken its party off.
    fn cleared_forward(&mut self, turn: &mut Turn<'_>) {
        if self.call.is_none() || self.is_left {
            return self.released(turn, Cause::NORMAL_CLEARING);
        }
        let timers = &turn.settings.timers;
        let wait = if turn.settings.control == Control::Called { timers.clear_back } else { timers.model };
        self.state = State::ClearedForward(turn.now + wait);
        self.clearing(turn, Cause::NORMAL_CLEARING);
    }

    /// Both have hung up.
    fn released(&mut self, turn: &mut Turn<'_>, cause: Cause) {
        if self.sent == Bits::Answered && turn.settings.control != Control::First {
            self.set_bits(turn, Bits::Acknowledged);
            self.state = State::ShowingClear(turn.now + turn.settings.timers.guard);
        } else {
            self.idle_again(turn, cause);
        }
    }

    fn idle_again(&mut self, turn: &mut Turn<'_>, cause: Cause) {
        self.finish(turn, cause);
        self.guard(turn);
    }
}

/// Whether the caller is to hear the ringing from us.
const fn rings(primitive: Primitive, inband: Inband) -> bool {
    matches!((primitive, inband), (Primitive::Alerting(_), Inband::Silent))
}

/// The tone for a call that cannot go on.
const fn tone_of(cause: Cause) -> Tone {
    match cause.0 {
        // Resources and services that there are not, and what follows (Q.850 §2.2.5).
        32..=127 => Tone::Congestion,
        _ => Tone::Busy,
    }
}
