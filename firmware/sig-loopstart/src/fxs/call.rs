//! A telephone's digits, and the call model's words for it.

use super::settings::{LONGEST_ANNOUNCEMENT, NEXT_DIGIT};
use super::{FxsLine, Gathering, Party, State};
use crate::line::{LineState, Tone};
use base::{Cause, Digit, Digits, Instant};
use ports::call::{Address, Bearer, Inband, Number, Primitive, Refusal, Setup};

impl FxsLine {
    pub(super) fn on_digit(&mut self, now: Instant, digit: Digit) {
        match (&mut self.state, self.settings.gathering) {
            (State::Gathering { .. }, Gathering::Overlap) => {
                self.out.tone(None);
                self.state = State::Calling { more: Some(now + NEXT_DIGIT) };
                self.out.line(Primitive::Setup(self.setup(one(digit), Address::Open)));
            }
            (State::Gathering { digits, .. }, Gathering::EnBloc { .. })
                if digit.as_char() == '#' && !digits.is_empty() =>
            {
                self.place_call();
            }
            (State::Gathering { digits, due }, Gathering::EnBloc { longest }) => {
                self.out.tone(None);
                let is_full = digits.push(digit.as_char()).is_err() || digits.len() >= usize::from(longest);
                *due = now + NEXT_DIGIT;
                if is_full {
                    self.place_call();
                }
            }
            (State::Calling { more: Some(due) }, _) => {
                *due = now + NEXT_DIGIT;
                self.out.line(Primitive::Digits { digits: one(digit), address: Address::Open });
            }
            _ => {}
        }
    }

    /// All digits at once.
    pub(super) fn place_call(&mut self) {
        let State::Gathering { digits, .. } = self.state else { return };
        self.out.listen(false);
        self.state = State::Calling { more: None };
        self.out.line(Primitive::Setup(self.setup(digits, Address::Complete)));
    }

    fn setup(&self, to: Digits, address: Address) -> Setup {
        Setup {
            from: Number::unknown(self.settings.number),
            to: Number::unknown(to),
            redirecting: None,
            bearer: Bearer::Speech,
            address,
        }
    }

    pub(super) fn on_line(&mut self, now: Instant, primitive: Primitive) -> Option<Refusal> {
        use Primitive as P;
        match (&mut self.state, primitive) {
            (State::Announcing { .. }, P::Clearing { .. } | P::Released { .. }) => None,
            (_, P::Clearing { cause, inband: Inband::Audio }) if self.hook.is_off_hook() => {
                self.out.tone(None);
                self.out.listen(false);
                self.state = State::Announcing { cause, due: now + LONGEST_ANNOUNCEMENT };
                None
            }
            (_, P::Clearing { cause, .. } | P::Released { cause }) => {
                self.out.line(P::Released { cause });
                self.leave(now, tone_of(cause));
                None
            }
            (State::Calling { more }, P::Proceeding) => {
                *more = None;
                self.out.listen(false);
                None
            }
            (State::Calling { more }, P::Alerting(inband)) => {
                *more = None;
                self.out.listen(false);
                self.out.tone((inband == Inband::Silent).then_some(Tone::Ringback));
                None
            }
            (State::Calling { .. }, P::Progress(inband)) => {
                if inband == Inband::Audio {
                    self.out.tone(None);
                }
                None
            }
            (State::Calling { .. }, P::Connected) => {
                self.out.tone(None);
                self.out.listen(false);
                let reversed = self.settings.reverses_on_answer;
                self.out.set_line(LineState { reversed, ..LineState::QUIET });
                self.state = State::Talking { party: Party::Calling };
                None
            }
            (State::Talking { .. } | State::Calling { .. }, P::Info(digits)) => {
                let has_tones = !digits.as_str().contains('+');
                if has_tones {
                    self.out.send_digits(digits);
                }
                (!has_tones).then_some(Refusal::NotSupported)
            }
            // What has already happened, or what this telephone hears in the audio anyway.
            (_, P::Proceeding | P::Alerting(_) | P::Progress(_) | P::Detail(_) | P::Reanswered | P::Refused(_)) => None,
            (_, P::Setup(_) | P::Digits { .. } | P::Connected | P::Info(_)) => Some(Refusal::WrongState),
            (_, P::Held | P::Retrieved | P::Flash | P::Charge(_)) => Some(Refusal::NotSupported),
            (_, P::MediaOffer(_) | P::MediaAnswer(_) | P::TransferRequested(_)) => Some(Refusal::NotSupported),
        }
    }
}

/// The tone that tells a telephone why its call ended (Q.35, E.180).
pub(super) const fn tone_of(cause: Cause) -> Tone {
    match cause {
        Cause::UNALLOCATED_NUMBER | Cause::NUMBER_CHANGED | Cause::INVALID_NUMBER_FORMAT => Tone::Vacant,
        Cause(0..=31) => Tone::Busy,
        Cause(32..) => Tone::Congestion,
    }
}

pub(super) fn one(digit: Digit) -> Digits {
    let mut digits = Digits::new();
    // One fits.
    let _ = digits.push(digit.as_char());
    digits
}
