//! openr2 calls, we are called.

use crate::end::Reply;
use crate::line::{CONGESTION, Line, NORMAL, Variant};
use base::Cause;
use ports::call::{Presentation, Primitive};

pub(crate) fn a_call_brings_both_numbers_and_speech(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    let (call, setup) = line.offered();
    assert_eq!(setup.to.digits.as_str(), "1590");
    let from = if variant.sends_its_number() { "13800138" } else { "" };
    assert_eq!(setup.from.digits.as_str(), from);
    line.end.speech = [0x35; 80];
    line.until("openr2's echo comes back", |line| line.end.heard[1].audio == [0x35; 80]);
    line.peer.command("hangup");
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.peer_tells("released");
    line.until_idle();
}

pub(crate) fn the_called_party_hangs_up(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    line.for_ms(1000);
    let (call, _) = line.offered();
    line.end.hang_up(call);
    assert_eq!(line.peer_tells("clearing")["cause"], NORMAL);
    line.peer_tells("released");
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.until_idle();
}

pub(crate) fn a_caller_withholds_its_number(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("call to=1590");
    line.peer_tells("answered");
    let (_, setup) = line.offered();
    assert_eq!((setup.to.digits.as_str(), setup.from.digits.as_str()), ("1590", ""));
    if variant.sends_its_number() {
        assert_eq!(setup.from.presentation, Presentation::Restricted);
    }
    line.peer.command("hangup");
    line.peer_tells("released");
    line.until_idle();
}

pub(crate) fn a_refused_caller_learns_why(variant: Variant) {
    let mut line = Line::usual(variant);
    let causes = [
        Cause::USER_BUSY,
        Cause::UNALLOCATED_NUMBER,
        Cause::SWITCHING_CONGESTION,
        Cause::DESTINATION_OUT_OF_ORDER,
        Cause::NO_CHANNEL,
    ];
    for cause in causes {
        line.end.reply = Reply::Refuse(cause);
        line.peer.command("call to=1590 from=13800138");
        if (cause, variant.name) == (Cause::USER_BUSY, "CO") {
            // openr2's table for Colombia gives B2 two meanings and finds the one first that lets the call through: until its user
            // hangs up, the call counts as ringing there.
            line.peer_tells("accepted");
            line.peer.command("hangup");
            line.until_idle();
            line.end.forget_the_past();
            continue;
        }
        assert_eq!(line.peer_tells("clearing")["cause"], variant.cause_told(cause), "{cause}");
        line.peer_tells("released");
        let (call, _) = line.offered();
        line.until_released(call);
        line.until_idle();
        line.end.forget_the_past();
    }
}

pub(crate) fn a_caller_gives_up_while_it_rings(variant: Variant) {
    let mut line = Line::usual(variant);
    line.end.reply = Reply::Ring;
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("accepted");
    line.for_ms(3000);
    let (call, _) = line.offered();
    line.peer.command("hangup");
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.peer_tells("released");
    line.until_idle();
}

/// From the seizure to the ringing, in steps that hit each half of a register signal.
pub(crate) fn a_caller_gives_up_at_any_moment(variant: Variant) {
    let mut line = Line::usual(variant);
    line.end.reply = Reply::Ring;
    for ms in (20..2200).step_by(50) {
        line.peer.command("call to=1590 from=13800138");
        line.for_ms(ms);
        line.peer.command("hangup");
        line.peer_tells("released");
        line.until_idle();
        for (call, _) in line.end.offered() {
            assert_eq!(line.end.cause(call), Some(Cause::NORMAL_CLEARING), "after {ms} ms");
        }
        line.end.forget_the_past();
        line.peer.forget_the_past();
    }
}

pub(crate) fn a_number_of_unknown_length_is_asked_for_until_it_is_whole(variant: Variant) {
    let mut settings = variant.settings();
    settings.dnis_digits = None;
    let mut options: &[&str] = &[];
    if !variant.sends_its_number() {
        settings.calling = sig_r2::Calling::Not;
        options = &["ani_first=no"];
    }
    let mut line = Line::new(variant, settings, 1, options);
    line.end.whole_at = 7;
    line.peer.command("call to=4008001 from=13800138");
    line.peer_tells("answered");
    let (call, setup) = line.offered();
    assert_eq!(setup.to.digits.as_str(), "4008001");
    line.peer.command("hangup");
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.until_idle();
}

/// Shorter than the plan: the end of the number is told by a signal, or by silence.
pub(crate) fn a_number_that_ends_early_is_offered_as_it_is(variant: Variant) {
    let mut settings = variant.settings();
    settings.dnis_digits = Some(6);
    if !variant.sends_its_number() {
        settings.calling = sig_r2::Calling::Not;
    }
    let mut line = Line::new(variant, settings, 1, &[]);
    line.peer.command("call to=159 from=13800138");
    line.peer_tells("answered");
    let (call, setup) = line.offered();
    assert_eq!(setup.to.digits.as_str(), "159");
    line.end.hang_up(call);
    line.peer_tells("released");
    line.until_idle();
}

pub(crate) fn a_call_that_nobody_speaks_for_is_congestion(variant: Variant) {
    let mut line = Line::usual(variant);
    line.end.reply = Reply::Wait;
    line.peer.command("call to=1590 from=13800138");
    assert_eq!(line.peer_tells("clearing")["cause"], CONGESTION);
    line.peer_tells("released");
    line.until_idle();
    let (call, _) = line.offered();
    assert!(!line.end.has_told(call, Primitive::Connected));
}
