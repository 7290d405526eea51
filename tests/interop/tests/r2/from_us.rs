//! We call, openr2 is called.

use crate::end::setup;
use crate::line::{BUSY, CONGESTION, Line, OUT_OF_ORDER, UNALLOCATED, Variant};
use base::Cause;
use ports::call::{Address, Inband, Primitive};
use sig_r2::{Report, Timer};

pub(crate) fn a_call_brings_both_numbers_and_speech(variant: Variant) {
    let mut line = Line::usual(variant);
    let call = line.end.call(setup("1590", Some("13800138")));
    let offered = line.peer_tells("offered");
    assert_eq!((offered["to"].as_str(), offered["category"].as_u64()), (Some("1590"), Some(0)));
    assert_eq!(offered["from"], "13800138");
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    let story = line.end.story(call);
    let alerting = story.iter().position(|told| matches!(told, Primitive::Alerting(Inband::Audio)));
    let connected = story.iter().position(|&told| told == Primitive::Connected);
    assert!(alerting < connected && alerting.is_some(), "{story:?}");
    line.end.speech = [0x35; 80];
    line.until("openr2's echo comes back", |line| line.end.heard[1].audio == [0x35; 80]);
    line.end.hang_up(call);
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.peer_tells("released");
    line.until_idle();
}

pub(crate) fn the_called_party_hangs_up(variant: Variant) {
    let mut line = Line::usual(variant);
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.for_ms(1000);
    line.peer.command("hangup");
    line.until("it is clearing", |line| {
        line.end
            .story(call)
            .iter()
            .any(|told| matches!(told, Primitive::Clearing { cause: Cause::NORMAL_CLEARING, .. }))
            || line.end.cause(call).is_some()
    });
    if line.end.cause(call).is_none() {
        line.end.hang_up(call);
    }
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.peer_tells("released");
    line.until_idle();
}

pub(crate) fn a_number_is_withheld(variant: Variant) {
    let mut line = Line::usual(variant);
    let call = line.end.call(setup("1590", None));
    let offered = line.peer_tells("offered");
    assert_eq!((offered["to"].as_str(), offered["from"].as_str()), (Some("1590"), Some("")));
    // China has no signal for it: its number is empty.
    assert_eq!(offered["withheld"], variant.name != "CN");
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.end.hang_up(call);
    line.peer_tells("released");
    line.until_idle();
}

pub(crate) fn a_refused_call_brings_its_cause(variant: Variant) {
    let mut line = Line::usual(variant);
    let causes = [
        (BUSY, Cause::USER_BUSY),
        (CONGESTION, Cause::SWITCHING_CONGESTION),
        (UNALLOCATED, Cause::UNALLOCATED_NUMBER),
        (OUT_OF_ORDER, Cause::DESTINATION_OUT_OF_ORDER),
    ];
    for (theirs, ours) in causes {
        line.peer.command(&format!("incoming do=refuse cause={theirs}"));
        let call = line.end.call(setup("1590", Some("13800138")));
        let told = line.until_released(call);
        let expected = match (theirs, variant.name) {
            // One signal for both.
            (UNALLOCATED, "MX") => Cause::USER_BUSY,
            // KB4 may be either.
            (CONGESTION, "CN") => Cause::USER_BUSY,
            // openr2 sends B8, but China has six backward signals.
            (OUT_OF_ORDER, "CN") => Cause::PROTOCOL_ERROR,
            _ => ours,
        };
        assert_eq!(told, expected, "openr2's cause {theirs}");
        line.until_idle();
    }
}

pub(crate) fn a_free_call_is_a_call(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("incoming do=accept mode=1 then=answer");
    let call = line.end.call(setup("1590", Some("13800138")));
    if variant.name == "CN" {
        // openr2 sends B7, but China has six backward signals.
        assert_eq!(line.until_released(call), Cause::PROTOCOL_ERROR);
    } else {
        line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
        line.end.hang_up(call);
    }
    line.until_idle();
}

pub(crate) fn we_give_up_while_it_rings(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("incoming do=accept then=ring");
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it rings", |line| line.end.has_told(call, Primitive::Alerting(Inband::Audio)));
    line.for_ms(3000);
    line.end.hang_up(call);
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.peer_tells("released");
    line.until_idle();
}

/// From the seizure to the ringing, in steps that hit each half of a register signal.
pub(crate) fn we_give_up_at_any_moment(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("incoming do=accept then=ring");
    for ms in (10..2200).step_by(50) {
        let call = line.end.call(setup("1590", Some("13800138")));
        line.for_ms(ms);
        line.end.hang_up(call);
        assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING, "after {ms} ms");
        line.until_idle();
        line.end.forget_the_past();
        line.peer.forget_the_past();
    }
}

/// openr2 wants more digits than there are: a signal ends the number, or silence.
pub(crate) fn a_number_that_ends_early_is_offered_as_it_is(variant: Variant) {
    let mut line = Line::new(variant, variant.settings(), 1, &["max_dnis=6"]);
    let call = line.end.call(setup("159", Some("1380")));
    let offered = line.peer_tells("offered");
    // In Mexico one signal ends a number and withholds it: openr2 always takes it for the second.
    let from = if variant.name == "MX" { "" } else { "1380" };
    assert_eq!((offered["to"].as_str(), offered["from"].as_str()), (Some("159"), Some(from)));
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.end.hang_up(call);
    line.until_idle();
}

/// As somebody dials them; openr2 waits for each, and asks for more until it has all.
pub(crate) fn digits_go_out_one_by_one(variant: Variant) {
    let mut line = Line::new(variant, variant.settings(), 1, &["max_dnis=7"]);
    let mut open = setup("4", Some("1380013"));
    open.address = Address::Open;
    let call = line.end.call(open);
    for digit in ["0", "0", "8", "0", "0", "1"] {
        line.for_ms(1500);
        assert!(line.peer.take("offered", 1).is_none());
        let digits = digit.parse().unwrap();
        line.end.word(call, Primitive::Digits { digits, address: Address::Open });
    }
    let offered = line.peer_tells("offered");
    assert_eq!(offered["to"], "4008001");
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.end.hang_up(call);
    line.until_idle();
}

pub(crate) fn a_called_end_that_stops_in_the_middle_ends_the_call(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("incoming do=wait");
    let call = line.end.call(setup("1590", Some("13800138")));
    line.peer_tells("offered");
    // No verdict comes: T1.
    assert_eq!(line.until_released(call), Cause::SWITCHING_CONGESTION);
    assert!(line.end.reports.contains(&Report::Expired(Timer::T1)), "{:?}", line.end.reports);
    line.until_idle();
}
