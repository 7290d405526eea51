//! What an expired timer does (Q.931 Tables 9-1 and 9-2).

use super::{Interface, Place};
use crate::interface::{LinkState, Report};
use crate::timers::Timer;
use crate::wire::Reason;
use base::{Cause, Digits, Instant};
use ports::call::{Address, Primitive};

impl Interface {
    /// Fires every timer that is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for place in self.places() {
            self.call_timeouts(now, place);
        }
        self.restart_timeout(now);
    }

    fn call_timeouts(&mut self, now: Instant, place: Place) {
        let Some(call) = &mut self.calls[place] else { return };
        if call.t309.is_some_and(|due| due <= now) {
            self.expired(place, Timer::T309);
            return self.finish(place, Cause::DESTINATION_OUT_OF_ORDER);
        }
        if let Some((due, sent, _)) = call.t322
            && due <= now
        {
            self.expired(place, Timer::T322);
            if sent < self.parameters.timers.n322 {
                self.enquire(now, place, sent);
            } else {
                // Nobody there knows the call any more (Q.931 §5.8.10).
                if let Some(call) = &mut self.calls[place] {
                    call.t322 = None;
                }
                self.give_up(now, place, Cause::TEMPORARY_FAILURE);
            }
        }
        if self.calls[place].as_ref().and_then(|call| call.hold.due()).is_some_and(|due| due <= now) {
            self.hold_expired(place);
        }
        let Some(call) = &mut self.calls[place] else { return };
        if let Some((timer, due)) = call.timer
            && due <= now
        {
            call.timer = None;
            self.expired(place, timer);
            self.state_timeout(now, place, timer);
        }
    }

    fn state_timeout(&mut self, now: Instant, place: Place, timer: Timer) {
        let Some(call) = &mut self.calls[place] else { return };
        let again = !call.was_repeated();
        match timer {
            Timer::T303 if again && self.link == LinkState::Up => {
                call.repeated = true;
                call.timer = Some((Timer::T303, now + self.parameters.timers.t303));
                self.send_setup(place);
            }
            Timer::T303 => self.reject(place, Reason::expired(timer)),
            Timer::T308 if again => {
                call.repeated = true;
                call.timer = Some((Timer::T308, now + self.parameters.timers.t308));
                self.send_release(place);
            }
            // The peer's end of the channel is unknown: it is restarted before it is used again (Q.931 §5.3.2, §5.5).
            Timer::T308 => {
                let channel = call.channel;
                let cause = call.reason.cause;
                self.finish(place, cause);
                if let Some(timeslot) = channel {
                    self.want_restart(now, timeslot);
                }
            }
            Timer::T302 => {
                self.tell(place, Primitive::Digits { digits: Digits::new(), address: Address::Complete });
                // The call model decides at once; one that does not answers no call at all.
                if let Some(call) = &mut self.calls[place] {
                    call.timer.get_or_insert((Timer::Offered, now + self.parameters.timers.offered));
                }
            }
            Timer::T305 | Timer::T306 => {
                let reason = call.reason;
                self.release(now, place, reason);
            }
            Timer::T301 => self.give_up(now, place, Cause::NO_ANSWER),
            Timer::T304 | Timer::T310 | Timer::T313 => self.give_up(now, place, Reason::expired(timer)),
            Timer::Offered => {
                self.tell(
                    place,
                    Primitive::Clearing { cause: Cause::TEMPORARY_FAILURE, inband: ports::call::Inband::Silent },
                );
                self.clear(now, place, Cause::TEMPORARY_FAILURE, ports::call::Inband::Silent);
            }
            // These are kept beside the state's timer.
            Timer::T309 | Timer::T316 | Timer::T322 | Timer::THold => {}
        }
    }

    pub(super) fn expired(&mut self, place: Place, timer: Timer) {
        let channel = self.calls[place].as_ref().and_then(|call| call.channel);
        self.report(Report::Expired { timer, channel });
    }
}
