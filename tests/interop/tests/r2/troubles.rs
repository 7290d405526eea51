//! What goes wrong on lines, and what they bear.

use crate::end::{Reply, setup};
use crate::line::{Cut, FORCED_RELEASE, Line, Variant};
use base::Cause;
use ports::call::{Primitive, Refusal};
use sig_r2::{ChannelState, Report};

pub(crate) fn a_channel_blocked_there_takes_no_call_from_here(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("block");
    line.until("the channel is blocked", |line| line.end.span.channel_state(1) == ChannelState::BlockedRemotely);
    assert_eq!(line.end.try_call(setup("1590", None), None), Err(Refusal::OutOfService));
    line.peer.command("idle");
    line.until_idle();
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.end.hang_up(call);
    line.until_idle();
}

pub(crate) fn a_channel_blocked_here_takes_no_call_from_there(variant: Variant) {
    let mut line = Line::usual(variant);
    line.end.span.block(1);
    line.end.drain();
    line.peer_tells("blocked");
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("refused");
    line.end.span.unblock(1);
    line.end.drain();
    line.peer_tells("idle");
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    line.peer.command("hangup");
    line.until_idle();
}

pub(crate) fn a_seizure_that_is_not_acknowledged_ends_the_call(variant: Variant) {
    let mut line = Line::usual(variant);
    line.cut = Cut::ToPeer;
    let call = line.end.call(setup("1590", Some("13800138")));
    assert_eq!(line.until_released(call), Cause::NO_CHANNEL);
    assert!(line.end.reports.iter().any(|report| matches!(report, Report::Unacknowledged { .. })));
    assert_ne!(line.end.span.channel_state(1), ChannelState::Idle);
    line.cut = Cut::Nowhere;
    line.until_idle();
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("the next one is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.end.hang_up(call);
    line.until_idle();
}

pub(crate) fn a_seizure_whose_acknowledgement_is_lost_frees_the_channel(variant: Variant) {
    let mut line = Line::usual(variant);
    line.cut = Cut::ToPeer;
    line.peer.command("call to=1590 from=13800138");
    let error = line.peer_tells("protocol_error");
    assert_eq!(error["what"], "Seize Timeout");
    line.cut = Cut::Nowhere;
    line.until_idle();
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    line.peer.command("hangup");
    line.until_idle();
}

/// Far apart, each sees the other's seizure after its own. openr2 takes it for a forced release and clears; so do we, and the channel
/// is good for the next call.
pub(crate) fn both_ends_seize_at_once(variant: Variant) {
    let mut line = Line::long(variant, 1, 4);
    line.peer.command("call to=1590 from=13800138");
    line.tick();
    let call = line.end.call(setup("1590", Some("13800138")));
    assert_eq!(line.peer_tells("clearing")["cause"], FORCED_RELEASE);
    let cause = line.until_released(call);
    assert_eq!(cause, Cause::NO_CHANNEL);
    assert!(line.end.reports.iter().any(|report| matches!(report, Report::DoubleSeizure { .. })));
    line.until_idle();
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("the next one is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.end.hang_up(call);
    line.until_idle();
}

pub(crate) fn a_call_that_meets_a_double_seizure_goes_to_another_channel(variant: Variant) {
    let mut line = Line::long(variant, 2, 4);
    line.peer.command("call channel=1 to=1590 from=13800138");
    line.tick();
    let call = line.end.try_call(setup("1590", Some("13800138")), None).unwrap();
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    assert!(line.end.reports.iter().any(|report| matches!(report, Report::DoubleSeizure { moved_to: Some(2) })));
    line.end.hang_up(call);
    line.until_idle();
}

/// Without the delay, openr2 has cleared before its seizure has stood long enough to be believed: what is left is one of ours that
/// nobody acknowledged.
pub(crate) fn a_double_seizure_too_short_to_be_seen_moves_the_call_too(variant: Variant) {
    let mut line = Line::with_channels(variant, 2);
    line.peer.command("call channel=1 to=1590 from=13800138");
    line.tick();
    let call = line.end.try_call(setup("1590", Some("13800138")), None).unwrap();
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    assert!(line.end.reports.contains(&Report::Unacknowledged { moved_to: Some(2) }), "{:?}", line.end.reports);
    line.end.hang_up(call);
    line.until_idle();
}

pub(crate) fn a_line_cut_in_the_registers_exchange_is_good_afterwards(variant: Variant) {
    let mut line = Line::usual(variant);
    for ms in (150..2500).step_by(670) {
        for cut in [Cut::FromPeer, Cut::ToPeer] {
            line.peer.command("call to=1590 from=13800138");
            line.for_ms(ms);
            line.cut = cut;
            line.for_ms(50_000);
            line.cut = Cut::Nowhere;
            line.peer.command("hangup");
            line.until_idle();
            line.end.forget_the_past();
            line.peer.forget_the_past();

            let call = line.end.call(setup("1590", Some("13800138")));
            line.for_ms(ms);
            line.cut = cut;
            line.for_ms(50_000);
            line.cut = Cut::Nowhere;
            line.end.hang_up(call);
            line.peer.command("hangup");
            line.until_idle();
            assert!(line.end.cause(call).is_some(), "after {ms} ms, {cut:?}");
            line.end.forget_the_past();
            line.peer.forget_the_past();
        }
    }
}

pub(crate) fn noise_on_the_bits_ends_no_call(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    let (call, _) = line.offered();
    for bits in 0..16 {
        line.glitch(bits);
        line.for_ms(200);
    }
    assert_eq!(line.end.cause(call), None, "{:?}", line.end.reports);
    line.peer.command("hangup");
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.until_idle();
}

/// 270 ms each way: every digit takes more than a second.
pub(crate) fn a_satellite_is_no_trouble(variant: Variant) {
    let mut line = Line::long(variant, 1, 27);
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    assert_eq!(line.offered().1.to.digits.as_str(), "1590");
    line.peer.command("hangup");
    line.peer_tells("released");
    line.until_idle();
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    assert_eq!(line.peer_tells("offered")["from"], "13800138");
    line.end.hang_up(call);
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.until_idle();
}

/// Half of them from either end, hung up by either end in turn.
pub(crate) fn a_hundred_calls_in_a_row(variant: Variant) {
    let mut line = Line::usual(variant);
    for round in 0..50 {
        let call = line.end.call(setup("1590", Some("13800138")));
        line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
        if round % 2 == 0 {
            line.end.hang_up(call);
        } else {
            line.peer.command("hangup");
            line.for_ms(100);
            line.end.hang_up(call);
        }
        assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING, "call {round} of ours");
        line.until_idle();

        line.end.forget_the_past();
        line.peer.forget_the_past();
        line.peer.command("call to=1590 from=13800138");
        line.peer_tells("answered");
        let (call, setup) = line.offered();
        assert_eq!(setup.to.digits.as_str(), "1590");
        if round % 2 == 0 {
            line.peer.command("hangup");
        } else {
            line.end.hang_up(call);
        }
        line.peer_tells("released");
        assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING, "call {round} of openr2");
        line.until_idle();
        line.end.forget_the_past();
        line.peer.forget_the_past();
    }
    assert_eq!(line.end.reports.iter().filter(|report| !matches!(report, Report::Caller { .. })).count(), 0);
}

/// Fifteen from either end.
pub(crate) fn thirty_calls_at_once(variant: Variant) {
    let mut line = Line::with_channels(variant, 30);
    for channel in 1..=15 {
        line.peer.command(&format!("call channel={channel} to=15{channel:02} from=13800138"));
    }
    let slots = (16..=30).map(|channel| channel + 1);
    let calls: Vec<_> = slots
        .map(|slot| line.end.try_call(setup(&format!("16{slot:02}"), Some("13800138")), Some(slot)).unwrap())
        .collect();
    for channel in 1..=15 {
        line.peer_tells_of("answered", channel);
    }
    line.until("ours are answered", |line| calls.iter().all(|&call| line.end.has_told(call, Primitive::Connected)));
    let mut numbers: Vec<_> = line.end.offered().iter().map(|(_, setup)| setup.to.digits.as_str().to_owned()).collect();
    numbers.sort();
    assert_eq!(numbers, (1..=15).map(|channel| format!("15{channel:02}")).collect::<Vec<_>>());
    for channel in 16..=30 {
        assert_eq!(line.peer_tells_of("offered", channel)["to"], format!("16{:02}", channel + 1));
        line.peer.command(&format!("hangup channel={channel}"));
    }
    for (call, _) in line.end.offered() {
        line.end.hang_up(call);
    }
    line.for_ms(100);
    for call in calls {
        line.end.hang_up(call);
    }
    line.until_idle();
}

pub(crate) fn an_alarm_at_our_end_frees_the_channel(variant: Variant) {
    let mut line = Line::usual(variant);
    line.end.reply = Reply::Ring;
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("accepted");
    let (call, _) = line.offered();
    line.end.alarm(true);
    line.until("the call is gone", |line| line.end.cause(call).is_some());
    line.end.alarm(false);
    line.peer.command("hangup");
    line.until_idle();
}
