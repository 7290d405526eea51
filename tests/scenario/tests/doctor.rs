//! The line doctor in the whole box: what a technician is told of each line, while calls go on.

use ipc::lines::{Health, Verdict};
use ipc::web::{ChannelState, Service};
use scenario::{Ends, HOTLINE, LINES, Menu, PartyState, World};
use sig_span::loopstart::Country;

fn bank() -> World {
    World::with(vec![Ends::bank("cn", |_, _| {})], Menu::new())
}

/// Has a line tested and waits for its verdict.
#[track_caller]
fn examined(world: &mut World, line: &str) -> Verdict {
    world.test(&[line]);
    world.run_until("its test begins", 20, |world| world.verdict(line).is_none());
    world.run_until("the verdict", 20_000, |world| world.verdict(line).is_some());
    world.verdict(line).expect("it is there")
}

#[track_caller]
fn check(verdict: &Verdict, health: Health, codes: &[&str]) {
    let found: Vec<&str> = verdict.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!((verdict.health, found.as_slice()), (health, codes));
    for finding in verdict.findings.iter().filter(|finding| finding.health != Health::Good) {
        assert!(!finding.remedy.zh.is_empty() && !finding.remedy.en.is_empty(), "{finding:?}");
    }
}

#[test]
fn a_healthy_span_is_good_and_its_calls_are_not_disturbed() {
    let mut world = World::new(1, Menu::new());
    check(&examined(&mut world, "span1"), Health::Good, &["signal_good", "d_channel_up", "no_errors"]);
    let caller = world.dial(HOTLINE);
    world.run_until("the prompt is heard", 2_000, |world| world.hears(caller, "welcome"));
    let verdict = examined(&mut world, "span1");
    check(&verdict, Health::Good, &["signal_good", "d_channel_up", "no_errors", "calls_go_on"]);
    assert_eq!((verdict.findings[3].measured.count, verdict.findings[3].measured.of), (Some(1), Some(30)));
    world.press(caller, "1");
    world.run_until("it is served", 2_000, |world| world.hears(caller, "nav"));
}

#[test]
fn a_pulled_plug_is_a_loss_of_signal_since_it_was_pulled() {
    let mut world = World::new(2, Menu::new());
    world.pull(0);
    world.run(30_000);
    let begun = world.now_ms();
    let verdict = examined(&mut world, "span1");
    check(&verdict, Health::Fault, &["loss_of_signal"]);
    assert!(world.now_ms() - begun < 3_000, "it needs no ten seconds");
    assert!(matches!(verdict.findings[0].measured.seconds, Some(29..=33)), "{verdict:?}");
    assert!(verdict.findings[0].says.zh.contains("收不到信号") && verdict.findings[0].remedy.zh.contains("电缆"));
    assert_eq!(examined(&mut world, "span2").health, Health::Good, "the other span");
}

#[test]
fn channels_that_the_far_end_blocks_are_counted() {
    let mut world = World::with(vec![Ends::r2(10)], Menu::new());
    check(&examined(&mut world, "span1"), Health::Good, &["signal_good", "no_errors"]);
    for timeslot in 1..=3 {
        world.force_bits(0, timeslot, 0b1101);
    }
    let verdict = examined(&mut world, "span1");
    check(&verdict, Health::Warning, &["channels_blocked", "signal_good", "no_errors"]);
    assert_eq!((verdict.findings[0].measured.count, verdict.findings[0].measured.of), (Some(3), Some(30)));
}

#[test]
fn a_good_analog_line_has_dial_tone_of_its_country_little_noise_and_echo() {
    let mut world = bank();
    let verdict = examined(&mut world, "span1/1");
    check(&verdict, Health::Good, &["battery_good", "dial_tone", "noise_good", "echo_good"]);
    let tone = &verdict.findings[1].measured;
    assert!(tone.hz[0].abs_diff(450) < 5 && tone.countries == ["cn"], "{tone:?}");
    assert!(tone.level_dbm0.is_some_and(|level| (level + 10.0).abs() < 0.5), "{tone:?}");
    assert!(verdict.findings[2].measured.level_dbm0.is_some_and(|level| level < -60.0));
    assert_eq!(world.calls(), 0, "no call came of it");
    // Its line is free again, and whoever calls next is served.
    assert_eq!(world.snapshot().spans[0].channels[0].state, ChannelState::Idle);
    let caller = world.dial_on(0, Some(LINES[0].0), LINES[0].1);
    world.run_until("the prompt is heard", 15_000, |world| world.hears(caller, "welcome"));
}

#[test]
fn dial_tone_of_another_country_says_which() {
    let foreign = Ends::bank("cn", |_, exchange| exchange.country = Country::named("us").expect("a country"));
    let mut world = World::with(vec![foreign], Menu::new());
    let verdict = examined(&mut world, "span1/1");
    check(&verdict, Health::Warning, &["dial_tone_foreign", "battery_good", "noise_good", "echo_good"]);
    let told = &verdict.findings[0];
    assert!(told.measured.countries.contains(&"us".to_owned()), "{told:?}");
    assert!(told.says.en.contains("USA") && told.remedy.en.contains("country"), "{told:?}");
}

#[test]
fn a_line_without_battery_is_a_fault_and_is_not_touched() {
    let mut world = bank();
    world.run(100);
    world.force_bits(0, 1, 0b0001);
    world.run(2_000);
    check(&examined(&mut world, "span1/1"), Health::Fault, &["no_battery"]);
    world.force_bits(0, 1, 0b0111);
    world.run(2_000);
    let reversed = examined(&mut world, "span1/1");
    assert_eq!((reversed.health, reversed.findings[0].code.as_str()), (Health::Warning, "polarity_reversed"));
}

#[test]
fn a_line_in_use_is_left_alone_and_its_call_goes_on() {
    let mut world = bank();
    let caller = world.dial_on(0, Some(LINES[0].0), LINES[0].1);
    world.run_until("the prompt is heard", 15_000, |world| world.hears(caller, "welcome"));
    check(&examined(&mut world, "span1/1"), Health::Good, &["in_use"]);
    assert_eq!(world.state(caller), PartyState::Talking);
    world.press(caller, "1");
    world.run_until("it is served", 2_000, |world| world.hears(caller, "nav"));
}

#[test]
fn while_one_line_is_tested_callers_are_served_on_the_other() {
    let mut world = bank();
    world.test(&["span1/1"]);
    world.run(1_000);
    let caller = world.dial_on(0, Some(LINES[1].0), LINES[1].1);
    world.run_until("the prompt is heard", 15_000, |world| world.hears(caller, "welcome"));
    world.run_until("the verdict", 20_000, |world| world.verdict("span1/1").is_some());
    assert_eq!(world.verdict("span1/1").map(|verdict| verdict.health), Some(Health::Good));
    assert_eq!(world.state(caller), PartyState::Talking);
}

#[test]
fn a_line_that_an_operator_blocks_in_its_test_stays_blocked() {
    let mut world = bank();
    let state = |world: &World| world.snapshot().spans[0].channels[0].state;
    world.test(&["span1/1"]);
    world.run(2_000);
    world.service(&["span1/1"], Service::Out);
    world.run_until("the verdict", 20_000, |world| world.verdict("span1/1").is_some());
    assert_eq!(
        (world.verdict("span1/1").map(|it| it.health), state(&world)),
        (Some(Health::Good), ChannelState::Blocked)
    );
    let again = examined(&mut world, "span1/1");
    assert_eq!((again.health, state(&world)), (Health::Good, ChannelState::Blocked), "a blocked line is tested too");
    world.service(&["span1/1"], Service::In);
    world.run(100);
    assert_eq!(state(&world), ChannelState::Idle);
}

#[test]
fn all_lines_are_tested_by_one_order_and_within_a_minute() {
    let mut world = World::with(vec![Ends::pri(), Ends::bank("cn", |_, _| {})], Menu::new());
    let lines = ["span1", "span2", "span2/1", "span2/2"];
    world.test(&[]);
    world.run_until("all verdicts", 60_000, |world| lines.iter().all(|line| world.verdict(line).is_some()));
    for line in lines {
        assert_eq!(world.verdict(line).map(|verdict| verdict.health), Some(Health::Good), "{line}");
    }
    world.test(&["span9", "span2/7"]);
    world.run(100);
    assert_eq!(world.verdict("span9"), None, "nothing is known of a line that is not there");
}
