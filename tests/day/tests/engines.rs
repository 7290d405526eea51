//! The same rush hour, with all its faults, on engines with samples and without: the same is told of every call.

use day::faults::Rates;
use day::plan::{End, Party};
use day::record::Record;
use day::{Day, Pace, Settings};
use std::time::Duration;

/// What has to be alike: who called whom on which channel, what the line told in which order, how it ended, and which keys were heard.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    call: (usize, End, Party, Option<u8>, String, String),
    told: Option<u64>,
    answered: bool,
    cause: Option<u8>,
    heard: String,
}

fn story(record: &Record) -> Story {
    let Record { span, end, party, channel, from, to, .. } = *record;
    // Registers of samples are some milliseconds faster than those without: a caller who gives up may have heard of ringing just before.
    let gave_up = record.answered.is_none() && record.ended_here();
    Story {
        call: (span, end, party, channel, from.to_string(), to.to_string()),
        told: (!gave_up).then_some(record.told),
        answered: record.answered.is_some(),
        cause: record.cause().map(|cause| cause.0),
        heard: record.heard.to_string(),
    }
}

/// All stories, in an order that depends on no moment.
fn stories<'a>(records: impl Iterator<Item = &'a Record>) -> Vec<Story> {
    let mut records: Vec<&Record> = records.collect();
    records.sort_by_key(|record| {
        (record.span, record.end, record.party, record.from, record.to, record.channel, record.began)
    });
    records.into_iter().map(story).collect()
}

fn check(seed: u64, rates: Rates) {
    let pace = Pace::Rush(Duration::from_secs(300));
    let settings = Settings { calls: 400, hours: 10..11, rates, pace, ..Settings::new(seed) };
    let mut symbolic = Day::without_samples(&settings);
    symbolic.live();
    symbolic.assert_at_rest();
    symbolic.judge().assert_agreed(seed);
    let mut sampled = Day::with_samples(&settings);
    sampled.live();
    sampled.assert_at_rest();
    let verdict = sampled.judge();
    verdict.assert_agreed(seed);
    let (one, other) = (stories(symbolic.records()), stories(sampled.records()));
    assert!(one.len() > 700 && verdict.answered > 250, "{} records, {verdict:?}", one.len());
    assert_eq!(one.len(), other.len(), "seed {seed}: the engines differ in how many calls there were");
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one, other, "seed {seed}: without samples, and with them");
    }
}

#[test]
fn a_rush_hour_is_the_same_with_samples_and_without() {
    check(5, Rates::NONE);
}

#[test]
fn a_rush_hour_full_of_faults_is_the_same_with_samples_and_without() {
    let rates = Rates { noise: 4, d_channel: 1, span: 1, silence: 1, glitches: 60, slips: 60, restarts: 1, blocked: 4 };
    check(6, rates);
}
