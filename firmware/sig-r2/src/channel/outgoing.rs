//! The caller's end of a channel (Q.422 §2.2, Q.424 §2.2).

use super::bits::Bits;
use super::state::{GivenUp, NotHad, Placed, State};
use super::{Channel, Turn, is_dialable, refusal_of};
use crate::country::{Blink, Category, Control};
use crate::register::{Outgoing, OutgoingTold};
use crate::report::Report;
use crate::timers::Timer;
use base::Cause;
use ports::call::{Inband, Primitive, Refusal};

impl Channel {
    /// Seizes the channel for a call.
    pub(crate) fn place(&mut self, turn: &mut Turn<'_>, placed: Placed) {
        (self.call, self.is_clearing, self.is_left) = (Some(placed.call), false, false);
        self.is_collect = placed.category == Category::Collect;
        self.set_bits(turn, Bits::Seized);
        let due = turn.now + turn.settings.timers.acknowledgement;
        self.state = State::Seizing { due, placed, cleared: None };
    }

    pub(super) fn outgoing_bits(&mut self, turn: &mut Turn<'_>) {
        match (&self.state, self.received) {
            (State::Seizing { placed, cleared: None, .. }, Bits::Acknowledged) => {
                let Placed { setup, category, .. } = placed;
                let register = Outgoing::new(turn.now, turn.settings, setup, *category);
                self.state = State::Sending { register, control: Control::Caller };
            }
            (State::Seizing { cleared: Some(cause), .. }, Bits::Acknowledged) => self.clear_forward(turn, *cause),
            (State::Seizing { placed, cleared, .. }, Bits::Seized) => {
                let (placed, cleared) = (*placed, *cleared);
                self.state = State::DoublySeized(turn.now + turn.settings.timers.double_seizure);
                self.give_up(turn, placed, cleared, NotHad::DoubleSeizure);
            }
            (State::Unacknowledged(_), Bits::Acknowledged) => self.clear_forward(turn, Cause::NO_CHANNEL),
            (State::Sending { control, .. } | State::AwaitingAnswer { control, .. }, Bits::Answered) => {
                // An answer that overtakes the verdict of the register is one all the same.
                self.state = State::AnsweredThere(*control);
                self.tell(turn, Primitive::Connected);
            }
            (State::AnsweredThere(control), Bits::Acknowledged) => match turn.settings.country.blink {
                Blink::Clears => self.cleared_back(turn, *control),
                // The called party will not pay.
                Blink::DoubleAnswer if self.is_collect => self.cleared_back(turn, *control),
                Blink::Metering | Blink::DoubleAnswer => {
                    let wait = core::time::Duration::from_millis(turn.settings.country.blink_ms.into());
                    self.state = State::Blinking { due: turn.now + wait, control: *control };
                }
            },
            (State::Blinking { control, .. }, Bits::Answered) => {
                self.state = State::AnsweredThere(*control);
                match turn.settings.country.blink {
                    Blink::Metering => self.tell(turn, Primitive::Charge(1)),
                    Blink::DoubleAnswer | Blink::Clears => self.report(turn, Report::DoubleAnswer),
                }
            }
            (State::ClearedBack(_), Bits::Answered) => {
                self.state = State::AnsweredThere(Control::Caller);
                self.is_clearing = false;
                self.tell(turn, Primitive::Reanswered);
            }
            (State::ClearingForward { cause, .. }, Bits::Idle) => self.freed(turn, *cause),
            (
                State::Sending { .. } | State::AwaitingAnswer { .. } | State::AnsweredThere(_) | State::Blinking { .. },
                Bits::Seized,
            ) => {
                self.report(turn, Report::ForcedRelease);
                self.dropped(turn);
            }
            (
                State::Sending { .. } | State::AwaitingAnswer { .. } | State::AnsweredThere(_) | State::Blinking { .. },
                Bits::Idle,
            ) => {
                self.report(turn, Report::ReleasedEarly);
                self.dropped(turn);
            }
            (State::ClearedBack(_), Bits::Idle | Bits::Seized) => self.clear_forward(turn, Cause::NORMAL_CLEARING),
            (State::Seizing { .. }, Bits::Answered) => self.unexpected(turn),
            // On their way from one state to the other, or back where they were.
            (State::Seizing { .. } | State::DoublySeized(_) | State::Unacknowledged(_), _)
            | (State::Sending { .. } | State::AwaitingAnswer { .. }, Bits::Acknowledged)
            | (State::AnsweredThere(_), Bits::Answered)
            | (State::Blinking { .. } | State::ClearedBack(_), Bits::Acknowledged)
            | (State::ClearingForward { .. }, Bits::Acknowledged | Bits::Answered | Bits::Seized) => {}
            (
                State::Idle
                | State::Guarding(_)
                | State::Faulty
                | State::Receiving(_)
                | State::Accepted { .. }
                | State::AnsweredHere(_)
                | State::ClearingBack { .. }
                | State::ClearedForward(_)
                | State::ShowingClear(_),
                _,
            ) => {}
        }
    }

    pub(super) fn outgoing_due(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now;
        match &mut self.state {
            State::Seizing { placed, cleared, .. } => {
                let (placed, cleared) = (*placed, *cleared);
                self.state = State::Unacknowledged(now + turn.settings.timers.late_acknowledgement);
                self.give_up(turn, placed, cleared, NotHad::Unacknowledged);
            }
            State::DoublySeized(_) | State::Unacknowledged(_) => {
                self.clear_forward(turn, Cause::NO_CHANNEL);
            }
            State::Sending { register, .. } => {
                let told = register.timeout(now);
                self.sent_register(turn, told);
            }
            State::AwaitingAnswer { .. } => {
                self.report(turn, Report::Expired(Timer::Answer));
                self.clearing(turn, Cause::NO_ANSWER);
                self.clear_forward(turn, Cause::NO_ANSWER);
            }
            State::Blinking { control, .. } => {
                let control = *control;
                self.cleared_back(turn, control);
            }
            State::ClearedBack(_) => self.clear_forward(turn, Cause::NORMAL_CLEARING),
            State::ClearingForward { cause, .. } => {
                let cause = *cause;
                self.report(turn, Report::Expired(Timer::ReleaseGuard));
                self.finish(turn, cause);
                self.state = State::Faulty;
            }
            // Without a deadline, or the called end.
            State::AnsweredThere(_)
            | State::Idle
            | State::Guarding(_)
            | State::Faulty
            | State::Receiving(_)
            | State::Accepted { .. }
            | State::AnsweredHere(_)
            | State::ClearingBack { .. }
            | State::ClearedForward(_)
            | State::ShowingClear(_) => {}
        }
    }

    pub(super) fn outgoing_word(&mut self, turn: &mut Turn<'_>, primitive: Primitive) -> Option<Refusal> {
        match (primitive, &mut self.state) {
            (Primitive::Clearing { cause, .. } | Primitive::Released { cause }, State::Seizing { cleared, .. }) => {
                // The far end may have seen the seizure: its acknowledgement is awaited.
                cleared.get_or_insert(cause);
                None
            }
            (Primitive::Clearing { .. } | Primitive::Released { .. }, State::ClearingForward { .. }) => None,
            (Primitive::Clearing { cause, .. } | Primitive::Released { cause }, _) => {
                self.clear_forward(turn, cause);
                None
            }
            (Primitive::Digits { digits, .. }, _) if !is_dialable(&digits) => Some(Refusal::NotSupported),
            (Primitive::Digits { digits, address }, State::Seizing { placed, .. }) => {
                // What is longer than any number is cut.
                let _too_long = placed.setup.to.digits.append(&digits);
                placed.setup.address = address;
                None
            }
            (Primitive::Digits { digits, address }, State::Sending { register, .. }) => {
                register.more(turn.now, &digits, address);
                None
            }
            (other, _) => refusal_of(&other),
        }
    }

    pub(super) fn sent_register(&mut self, turn: &mut Turn<'_>, told: OutgoingTold) {
        match told {
            OutgoingTold::Nothing => {}
            OutgoingTold::Whole => self.tell(turn, Primitive::Proceeding),
            OutgoingTold::Free(control) => {
                self.state = State::AwaitingAnswer { due: turn.now + turn.settings.timers.answer, control };
                // The far end's exchange lets the caller hear the ringing.
                self.tell(turn, Primitive::Alerting(Inband::Audio));
            }
            OutgoingTold::Refused(cause) => {
                self.clearing(turn, cause);
                self.clear_forward(turn, cause);
            }
            OutgoingTold::Failed(cause, report) => {
                self.report(turn, report);
                self.clearing(turn, cause);
                self.clear_forward(turn, cause);
            }
        }
    }

    /// The channel is not ours: the call goes elsewhere, unless it was cleared meanwhile.
    fn give_up(&mut self, turn: &mut Turn<'_>, placed: Placed, cleared: Option<Cause>, why: NotHad) {
        match cleared {
            Some(cause) => self.finish(turn, cause),
            None => {
                (self.call, self.is_clearing, self.is_left) = (None, false, false);
                self.given_up = Some(GivenUp { placed, why });
            }
        }
    }

    /// The called party hung up.
    fn cleared_back(&mut self, turn: &mut Turn<'_>, control: Control) {
        self.state = State::ClearedBack(turn.now + turn.settings.timers.clear_back);
        self.clearing(turn, Cause::NORMAL_CLEARING);
        if control == Control::First {
            self.clear_forward(turn, Cause::NORMAL_CLEARING);
        }
    }

    /// The far end ended the call in a way of its own.
    fn dropped(&mut self, turn: &mut Turn<'_>) {
        let was_answered = matches!(self.state, State::AnsweredThere(_) | State::Blinking { .. });
        let cause = if was_answered { Cause::NORMAL_CLEARING } else { Cause::NORMAL_UNSPECIFIED };
        self.clearing(turn, cause);
        self.clear_forward(turn, cause);
    }

    fn clear_forward(&mut self, turn: &mut Turn<'_>, cause: Cause) {
        self.set_bits(turn, Bits::Idle);
        if self.is_alarmed {
            self.finish(turn, cause);
            self.state = State::Faulty;
        } else if self.received == Bits::Idle {
            self.freed(turn, cause);
        } else {
            self.state = State::ClearingForward { due: turn.now + turn.settings.timers.release_guard, cause };
        }
    }

    fn freed(&mut self, turn: &mut Turn<'_>, cause: Cause) {
        self.finish(turn, cause);
        self.guard(turn);
    }
}
