//! What countries and offices do otherwise, and options.

use crate::end::{Reply, setup};
use crate::line::{FORCED_RELEASE, Line, NORMAL, UNALLOCATED, Variant};
use base::Cause;
use ports::call::{Inband, Primitive};
use sig_r2::{Acceptance, Answer, Category, Collect, Release, Report};

/// openr2's number.
const COLLECT_CALL: u8 = 4;

const fn variant(name: &'static str, country: &'static str) -> Variant {
    Variant { name, country }
}

const ARGENTINA: Variant = variant("AR", "ar");
const BRAZIL: Variant = variant("BR", "br");
const ITU: Variant = variant("ITU", "itu");
const MEXICO: Variant = variant("MX", "mx");

/// Where group A has a signal that accepts.
const GROUP_A_ACCEPTS: [Variant; 8] = [
    ARGENTINA,
    variant("CO", "co"),
    variant("CZ", "cz"),
    variant("EC", "ec"),
    variant("ID", "id"),
    ITU,
    variant("PH", "ph"),
    variant("VE", "ve"),
];

pub(crate) fn forced_release_from_here(variant: Variant) {
    let mut line = Line::with_settings(variant, |settings| settings.release = Release::Forced);
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    line.for_ms(500);
    let (call, _) = line.offered();
    line.end.hang_up(call);
    assert_eq!(line.peer_tells("clearing")["cause"], FORCED_RELEASE);
    line.peer_tells("released");
    assert_eq!(line.until_released(call), Cause::NORMAL_CLEARING);
    line.until_idle();
}

pub(crate) fn forced_release_from_there(variant: Variant) {
    let mut line = Line::usual(variant);
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.for_ms(500);
    line.peer.command(&format!("hangup cause={FORCED_RELEASE}"));
    line.until_released(call);
    assert!(line.end.reports.contains(&Report::ForcedRelease));
    line.peer_tells("released");
    line.until_idle();
}

/// From the last register signals to the ringing; before, openr2 does not hang up.
pub(crate) fn forced_release_before_the_answer(variant: Variant) {
    let mut line = Line::usual(variant);
    line.peer.command("incoming do=accept then=ring");
    let mut kept = 0;
    for ms in (1000..2500).step_by(50) {
        let call = line.end.call(setup("1590", Some("13800138")));
        line.for_ms(ms);
        line.peer.command(&format!("hangup cause={FORCED_RELEASE}"));
        line.for_ms(1000);
        match line.end.cause(call) {
            Some(cause) => assert_eq!(cause, Cause::NORMAL_UNSPECIFIED, "after {ms} ms"),
            // While the called party's state is being told, openr2 tells another and keeps the line.
            None => {
                line.end.hang_up(call);
                kept += 1;
            }
        }
        line.until_idle();
        line.end.forget_the_past();
        line.peer.forget_the_past();
    }
    assert!(kept <= 6, "{kept} of 30 calls were not released");
}

pub(crate) fn categories_are_told_both_ways(variant: Variant) {
    let mut line = Line::usual(variant);
    let told = |line: &Line| {
        line.end.reports.iter().rev().find_map(|report| match report {
            Report::Caller { category, .. } => *category,
            _ => None,
        })
    };
    // openr2 speaks of subscribers; to China's exchanges its II-1 and II-2 are an operator and a toll call.
    let expected = match variant.name {
        "CN" => [(0, Category::Operator), (1, Category::Toll)],
        _ => [(0, Category::Subscriber), (1, Category::Priority)],
    };
    for (theirs, ours) in expected {
        line.peer.command(&format!("call to=1590 from=13800138 category={theirs}"));
        line.peer_tells("answered");
        assert_eq!(told(&line), Some(ours));
        line.peer.command("hangup");
        line.until_idle();
    }
    if variant.name != "CN" {
        for (theirs, ours) in [(0, Category::Subscriber), (1, Category::Priority)] {
            let call = line.end.call_with(setup("1590", Some("13800138")), ours);
            assert_eq!(line.peer_tells("offered")["category"], theirs);
            line.end.hang_up(call);
            line.until_idle();
        }
    }
}

#[test]
fn openr2_accepts_in_group_a_and_we_take_it_for_free() {
    for variant in GROUP_A_ACCEPTS {
        let mut line = Line::new(variant, variant.settings(), 1, &["immediate=yes"]);
        line.call_there("13800138");
    }
}

#[test]
fn we_accept_in_group_a_and_openr2_takes_it_for_free() {
    for variant in GROUP_A_ACCEPTS {
        let mut line = Line::with_settings(variant, |settings| settings.acceptance = Acceptance::GroupA);
        line.call_here("13800138");
    }
}

#[test]
fn an_office_that_does_not_ask_who_calls() {
    for variant in GROUP_A_ACCEPTS.into_iter().chain([BRAZIL, MEXICO]) {
        let mut line = Line::new(variant, variant.settings(), 1, &["skip_category=yes", "ani_first=no"]);
        line.call_there("");
    }
}

#[test]
fn a_mexican_office_asks_who_calls_first_and_comes_back_from_group_c() {
    let mut line = Line::new(MEXICO, MEXICO.settings(), 1, &["ani_first=yes"]);
    line.call_there("13800138");
}

#[test]
fn the_box_asks_first_or_last_who_calls_wherever_openr2_calls() {
    for variant in GROUP_A_ACCEPTS.into_iter().chain([BRAZIL, MEXICO]) {
        for calling in [sig_r2::Calling::AfterDigits(1), sig_r2::Calling::AfterDigits(3), sig_r2::Calling::Last] {
            let mut line = Line::with_settings(variant, |settings| settings.calling = calling);
            line.call_here("13800138");
        }
    }
}

#[test]
fn no_more_of_the_calling_number_is_asked_for_than_configured() {
    let mut line = Line::with_settings(ITU, |settings| settings.calling_digits = 3);
    line.call_here("138");
}

#[test]
fn a_called_party_that_takes_no_collect_calls_answers_twice() {
    // openr2 as the called end.
    let mut line = Line::usual(BRAZIL);
    line.peer.command("incoming do=accept then=double");
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it is answered", |line| line.end.has_told(call, Primitive::Connected));
    line.for_ms(2000);
    assert_eq!(line.end.cause(call), None, "an ordinary call goes on");
    assert!(line.end.reports.contains(&Report::DoubleAnswer));
    line.end.hang_up(call);
    line.until_idle();

    // openr2 as the caller's exchange takes it for the end of the call, whoever pays.
    let mut line = Line::with_settings(BRAZIL, |settings| settings.answer = Answer::Double);
    line.peer.command(&format!("call to=1590 from=13800138 category={COLLECT_CALL}"));
    line.peer_tells("answered");
    assert_eq!(line.peer_tells("clearing")["cause"], NORMAL);
    let (call, _) = line.offered();
    line.until_released(call);
    line.until_idle();
}

#[test]
fn a_collect_call_is_refused_by_the_register() {
    let mut line = Line::with_settings(BRAZIL, |settings| settings.collect = Collect::Refuse);
    line.peer.command(&format!("call to=1590 from=13800138 category={COLLECT_CALL}"));
    // B7 is both to openr2.
    assert_eq!(line.peer_tells("clearing")["cause"], UNALLOCATED);
    assert!(line.end.reports.contains(&Report::CollectRefused));
    line.until_idle();
    line.peer.command("call to=1590 from=13800138 category=0");
    line.peer_tells("answered");
}

#[test]
fn charge_is_counted_by_pulses() {
    let mut line = Line::usual(ARGENTINA);
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("answered");
    let (call, _) = line.offered();
    line.for_ms(500);
    line.end.word(call, Primitive::Charge(3));
    for _ in 0..3 {
        line.peer_tells("pulse");
    }
    line.for_ms(1000);
    assert_eq!(line.end.cause(call), None);
    line.end.hang_up(call);
    assert_eq!(line.peer_tells("clearing")["cause"], NORMAL);
    assert!(line.peer.take("pulse", 1).is_none());
    line.until_idle();
}

#[test]
fn a_call_that_rings_forever_is_given_up_by_the_callers_exchange() {
    let mut line = Line::usual(ITU);
    line.end.reply = Reply::Ring;
    line.peer.command("call to=1590 from=13800138");
    line.peer_tells("accepted");
    line.for_ms(59_000);
    let (call, _) = line.offered();
    assert_eq!(line.end.cause(call), None);
    line.peer_tells("clearing");
    line.until_idle();
    // And the other way round.
    line.peer.command("incoming do=accept then=ring");
    let call = line.end.call(setup("1590", Some("13800138")));
    line.until("it rings", |line| line.end.has_told(call, Primitive::Alerting(Inband::Audio)));
    line.for_ms(110_000);
    assert_eq!(line.end.cause(call), None);
    assert_eq!(line.until_released(call), Cause::NO_ANSWER);
    line.until_idle();
}
