//! Whole days of calls: what they leave behind, and whether both ends tell the same of every call.
//!
//! `DAY_SEED=7 DAY_CALLS=50000 cargo test -p day --test day` lives another day, or a busier one.

// The seed and what came of it stand in the output of a test that fails.
#![allow(clippy::print_stdout)]

use day::faults::{Ill, Rates};
use day::rules::{Difference, Rule};
use day::{Day, Settings};
use std::time::Duration;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn settings(seed: u64) -> Settings {
    let seed = from_environment("DAY_SEED").unwrap_or(seed);
    let calls = from_environment("DAY_CALLS").map_or(12_000, |calls| calls as usize);
    println!("a day of {calls} calls; to repeat it: DAY_SEED={seed} DAY_CALLS={calls} cargo test -p day --test day");
    Settings { calls, ..Settings::new(seed) }
}

/// Lives a day of this seed to its quiet end; afterwards nothing is stuck, and both ends agree.
#[track_caller]
fn check(seed: u64) {
    let settings = settings(seed);
    let mut day = Day::without_samples(&settings);
    day.live();
    println!("events {:016x}, {:?}, {} calls found no channel", day.hash(), day.counts(), day.blocked().len());
    day.assert_at_rest();
    let verdict = day.judge();
    println!("{verdict:?}");
    verdict.assert_agreed(settings.seed);
    // The day was one: most calls went as planned, and a call in twelve was hurt.
    assert!(verdict.placed + day.blocked().len() == day.planned().len(), "every call was placed or found no channel");
    assert!(verdict.as_planned * 100 > verdict.placed * 88 && verdict.as_planned < verdict.placed, "{verdict:?}");
    assert!(verdict.answered * 2 > verdict.met, "{verdict:?}");
    for rule in [Rule::LineWasCut, Rule::FramesWereLost, Rule::EndRestarted, Rule::Glare] {
        assert!(verdict.explained.keys().any(|&(_, by)| by == rule), "{rule:?} never came: {verdict:?}");
    }
}

#[test]
fn a_bad_day_leaves_no_channel_stuck_and_both_ends_agree() {
    check(1);
}

#[test]
fn another_bad_day_does_neither() {
    check(3);
}

#[test]
fn on_a_good_day_every_call_goes_as_planned_but_for_what_analog_lines_cannot_say() {
    let settings = Settings { rates: Rates::NONE, ..settings(2) };
    let mut day = Day::without_samples(&settings);
    day.live();
    day.assert_at_rest();
    let verdict = day.judge();
    verdict.assert_agreed(settings.seed);
    for (difference, rule) in verdict.explained.keys() {
        let needs_a_fault =
            [Rule::LineWasCut, Rule::FramesWereLost, Rule::BitsFlickered, Rule::SetupRepeated, Rule::EndRestarted];
        assert!(!needs_a_fault.contains(rule), "{difference:?} by {rule:?}, and nothing went wrong");
    }
    let of = |rule| verdict.explained.iter().filter(|((_, by), _)| *by == rule).map(|(_, count)| count).sum::<usize>();
    assert!(of(Rule::NoWordForRefusal) > 0 && of(Rule::HungUpOverKeys) > 0 && of(Rule::Glare) > 0, "{verdict:?}");
    let times = verdict.explained.keys().filter(|(difference, _)| *difference == Difference::AnswerTime);
    assert!(times.clone().all(|(_, rule)| *rule == Rule::Glare), "answers are told at once");
}

#[test]
fn a_day_of_faults_has_all_of_them() {
    let day = Day::without_samples(&settings(1));
    let has = |is: fn(&Ill) -> bool| assert!(day.faults().iter().any(|fault| is(&fault.ill)));
    has(|ill| matches!(ill, Ill::Noise { .. }));
    has(|ill| matches!(ill, Ill::DChannel));
    has(|ill| matches!(ill, Ill::Span));
    has(|ill| matches!(ill, Ill::Silence(_)));
    has(|ill| matches!(ill, Ill::Glitch { .. }));
    has(|ill| matches!(ill, Ill::Slip(_)));
    has(|ill| matches!(ill, Ill::Restart(_)));
    has(|ill| matches!(ill, Ill::Blocked { .. }));
}

#[test]
fn the_same_seed_is_the_same_day() {
    let told = |seed| {
        let mut day = Day::without_samples(&Settings { calls: 1500, ..Settings::new(seed) });
        day.live();
        (day.hash(), day.counts())
    };
    assert_eq!(told(11), told(11));
    assert_ne!(told(11), told(12));
}

#[test]
fn at_rest_the_links_are_tested_and_nothing_else_happens() {
    let mut day = Day::without_samples(&Settings { calls: 1500, ..Settings::new(5) });
    day.live();
    day.assert_at_rest();
    let before = day.counts();
    day.go_on(Duration::from_secs(600));
    let after = day.counts();
    assert_eq!(
        (before.events, before.frames),
        (after.events, after.frames),
        "no timer was left behind that does anything"
    );
    // Four links, both ends of each, every ten seconds or so (T203), and the answer to each.
    let tests = after.link_tests - before.link_tests;
    assert!((400..=1200).contains(&tests), "{tests} frames in ten minutes");
    day.assert_at_rest();
}
