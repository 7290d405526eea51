//! China's way of asking who calls: the same signal asks for the next digit of the called and of the calling number; which is meant
//! depends on what was asked before.

use crate::end::{End, Reply, setup};
use crate::line::{Line, Variant};
use base::Cause;
use interop::Sent;
use ports::call::{Inband, Primitive};
use sig_r2::{Calling, Category, Report, Settings};

const CHINA: Variant = Variant { name: "CN", country: "cn" };

/// openr2 asks for more of the calling number than there is: its end is told, and what is asked for then is the called number again.
#[test]
fn openr2_asks_a_chinese_caller_who_it_is() {
    let mut line = Line::new(CHINA, CHINA.settings(), 1, &["max_ani=10"]);
    line.call_there("13800138");
}

/// With as many digits as it wants, openr2 means the called number by its next request; the end of the calling one comes first, as
/// China has it, and openr2 gives up.
#[test]
fn openr2_does_not_wait_for_the_end_of_a_chinese_callers_number() {
    let mut line = Line::new(CHINA, CHINA.settings(), 1, &["max_ani=8"]);
    let call = line.end.call(setup("1590", Some("13800138")));
    assert_eq!(line.peer_tells("protocol_error")["what"], "Invalid Multi Frequency Tone");
    line.until_released(call);
    assert!(line.end.reports.contains(&Report::ReleasedEarly), "{:?}", line.end.reports);
    line.until_idle();
}

/// Asked for its own number after the first digit, openr2 sends the rest of the called one: its table gives both requests one signal
/// and has it mean the called number first. A box beside such an exchange must not ask (`calling`), as in all other stories.
#[test]
fn openr2_as_a_chinese_caller_sends_the_called_number_for_its_own() {
    let mut line = Line::new(CHINA, CHINA.settings(), 1, &[]);
    line.peer.command("call to=1590 from=13800138");
    let (call, setup) = line.offered();
    assert_eq!((setup.to.digits.as_str(), setup.from.digits.as_str()), ("1", "590"));
    line.peer.command("hangup");
    line.until_released(call);
    line.until_idle();
}

/// So that exchange is judged by our own other end, through the same tones.
struct Pair {
    ends: [End; 2],
    sent: [Vec<Sent>; 2],
}

impl Pair {
    fn new(settings: [Settings; 2]) -> Self {
        let mut pair = Self {
            ends: settings.map(|settings| End::new(settings, 2)),
            sent: [vec![Sent::IDLE; 2], vec![Sent::IDLE; 2]],
        };
        (0..20).for_each(|_| pair.tick());
        pair
    }

    fn tick(&mut self) {
        let [caller, called] = &mut self.ends;
        let heard = std::mem::take(&mut self.sent);
        self.sent = [caller.tick(&heard[1]), called.tick(&heard[0])];
    }

    #[track_caller]
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        for _ in 0..6000 {
            if holds(self) {
                return;
            }
            self.tick();
        }
        let [caller, called] = &self.ends;
        panic!(
            "not within 60 s: {what}: {:#?} {:#?}, {:#?} {:#?}",
            caller.told, caller.reports, called.told, called.reports
        );
    }

    #[track_caller]
    fn until_idle(&mut self) {
        self.until("all is idle", |pair| {
            pair.ends.iter().all(|end| end.span.calls().count() == 0 && end.all_are(sig_r2::ChannelState::Idle))
        });
    }
}

#[test]
fn our_own_ends_tell_each_other_who_calls_whenever_it_is_asked() {
    for calling in [Calling::AfterDigits(1), Calling::AfterDigits(2), Calling::AfterDigits(4), Calling::Last] {
        for from in ["13800138000", "1", ""] {
            let mut called = CHINA.settings();
            called.calling = calling;
            let mut pair = Pair::new([CHINA.settings(), called]);
            let call = pair.ends[0].call(setup("1590", Some(from)));
            pair.until("it is answered", |pair| pair.ends[0].has_told(call, Primitive::Connected));
            let (_, offered) = pair.ends[1].offered().remove(0);
            assert_eq!((offered.to.digits.as_str(), offered.from.digits.as_str()), ("1590", from), "{calling:?}");
            pair.ends[0].hang_up(call);
            pair.until_idle();
        }
    }
}

#[test]
fn our_own_ends_tell_why_a_call_is_refused_and_of_what_category_the_caller_is() {
    for (category, cause) in [
        (Category::Subscriber, Cause::USER_BUSY),
        (Category::Operator, Cause::USER_BUSY),
        (Category::Toll, Cause::UNALLOCATED_NUMBER),
    ] {
        let mut pair = Pair::new([CHINA.settings(), CHINA.settings()]);
        pair.ends[1].reply = Reply::Refuse(cause);
        let call = pair.ends[0].call_with(setup("1590", Some("13800138")), category);
        pair.until("it is released", |pair| pair.ends[0].cause(call).is_some());
        assert_eq!(pair.ends[0].cause(call), Some(cause), "{category:?}");
        let told = |report: &Report| matches!(report, Report::Caller { category: told, .. } if *told == Some(category));
        assert!(pair.ends[1].reports.iter().any(told), "{:?}", pair.ends[1].reports);
        pair.until_idle();
    }
}

#[test]
fn our_own_ends_hold_a_hundred_calls_in_a_row() {
    let mut pair = Pair::new([CHINA.settings(), CHINA.settings()]);
    for round in 0..100 {
        let (caller, called) = (round % 2, 1 - round % 2);
        let call = pair.ends[caller].call(setup("1590", Some("13800138")));
        pair.until("it is answered", |pair| pair.ends[caller].has_told(call, Primitive::Connected));
        let alerting = |told: &Primitive| matches!(told, Primitive::Alerting(Inband::Audio));
        assert!(pair.ends[caller].story(call).iter().any(alerting));
        let (theirs, offered) = pair.ends[called].offered().remove(0);
        assert_eq!(offered.from.digits.as_str(), "13800138");
        if round % 3 == 0 {
            pair.ends[called].hang_up(theirs);
            for _ in 0..10 {
                pair.tick();
            }
        }
        pair.ends[caller].hang_up(call);
        pair.until_idle();
        pair.ends.iter_mut().for_each(End::forget_the_past);
    }
}
