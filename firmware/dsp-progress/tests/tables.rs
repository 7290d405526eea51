//! Every tone of every country, with all faults that networks are allowed.

#[allow(dead_code)]
mod signals;

use dsp_progress::{Kind, Row, TABLES, ToneEvent};
use signals::{Faults, events, tone, verdicts};

/// Time in which the tone must be known: three cadences, since it may have begun within one.
fn enough_ms(row: &Row) -> usize {
    let whole: usize = row.cadence.iter().map(|&(on, off)| usize::from(on + off)).sum();
    let cadences = if row.cadence.len() > 1 { 4 } else { 7 };
    if whole == 0 { 5000 } else { (whole * cadences / 2).max(1500) + 200 }
}

#[track_caller]
fn check(row: &Row, faults: &Faults) {
    let samples = tone(row, faults, enough_ms(row));
    let heard = verdicts(row.country, &samples);
    let right = heard.iter().any(|(_, verdict)| verdict.kind == row.kind);
    assert!(right, "{row:?} {faults:?}: {heard:?}\n{:#?}", events(&samples));
}

#[test]
fn every_tone_is_known_as_its_network_should_send_it() {
    for row in TABLES.iter().filter(|row| row.kind != Kind::CallWaiting) {
        check(row, &Faults::NONE);
    }
}

#[test]
fn every_tone_is_known_with_all_faults_at_once() {
    let mut lost = Vec::new();
    let mut all = 0;
    for row in TABLES.iter().filter(|row| row.kind != Kind::CallWaiting) {
        for seed in 1..=12 {
            let faults = Faults::any(seed);
            let heard = verdicts(row.country, &tone(row, &faults, enough_ms(row)));
            all += 1;
            if !heard.iter().any(|(_, verdict)| verdict.kind == row.kind) {
                let kinds: Vec<Kind> = heard.iter().map(|(_, verdict)| verdict.kind).collect();
                lost.push(format!("{} {:?} {:?} {faults:?}: {kinds:?}", row.country, row.kind, row.hz));
            }
        }
    }
    assert!(lost.is_empty(), "{} of {all} lost:\n{}", lost.len(), lost.join("\n"));
}

#[test]
fn frequencies_are_told_to_three_hertz() {
    for hz in (300..2300).step_by(7) {
        let row = Row { country: "", kind: Kind::DialTone, hz: [hz, 0], modulated: false, cadence: &[] };
        let faults = Faults { snr_db: 20.0, seed: hz.into(), ..Faults::NONE };
        let began = events(&tone(&row, &faults, 200)).into_iter().find_map(|(_, event)| match event {
            ToneEvent::Began(spectrum) => Some(spectrum),
            _ => None,
        });
        let measured = began.unwrap_or_else(|| panic!("{hz} Hz")).frequency_hz;
        assert!(measured[0].abs_diff(hz) <= 3 && measured[1] == 0, "{hz} Hz measured as {measured:?}");
    }
}

#[test]
fn lengths_are_told_to_ten_ms() {
    for on in (80..800).step_by(30) {
        let cadence: &'static [(u16, u16)] = Box::leak(Box::new([(on, 2000)]));
        let row = Row { country: "", kind: Kind::Busy, hz: [450, 0], modulated: false, cadence };
        let samples = tone(&row, &Faults { snr_db: 20.0, ..Faults::NONE }, usize::from(on) + 500);
        let ended = events(&samples).into_iter().find_map(|(_, event)| match event {
            ToneEvent::Ended { duration_ms, .. } => Some(duration_ms),
            _ => None,
        });
        let measured = ended.unwrap_or_else(|| panic!("{on} ms"));
        assert!(measured.abs_diff(on.into()) <= 10, "{on} ms measured as {measured}");
    }
}
