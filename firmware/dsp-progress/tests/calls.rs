//! What is heard on whole calls.

#[allow(dead_code)]
mod signals;

use base::Instant;
use dsp_progress::{CALLS_TO_LEARN, Classifier, Kind, Row, TABLES, ToneEvent, Verdict};
use signals::{Faults, events, tone};
use test_signals::{Random, peak, through_alaw};

fn row(country: &str, kind: Kind) -> &'static Row {
    TABLES.iter().find(|row| row.country == country && row.kind == kind).expect("in the table")
}

/// Syllables of a buzzing throat with a wandering pitch: 3 to 6 a second, and a pause now and then.
fn speech(seed: u64, ms: usize) -> Vec<i16> {
    let mut random = Random(seed);
    let (mut phase, mut pitch, mut left, mut loud, mut wanted, mut last) = (0.0, 120.0, 0, 0.0, 1.0, [0.0; 2]);
    through_alaw((0..ms * 8).map(|_| {
        if left == 0 {
            left = 1000 + random.below(1600);
            pitch = 90.0 + 90.0 * (random.uniform() + 1.0);
            wanted = [0.0, 1.0, 0.5, 1.0][random.below(4)];
        }
        left -= 1;
        loud += (wanted - loud) * 0.004;
        pitch *= 1.0 + 0.00002 * random.uniform();
        phase += pitch / 8000.0;
        let mut pulse = 0.02 * random.uniform();
        if phase >= 1.0 {
            phase -= 1.0;
            pulse += 3.0;
        }
        let next: f64 = pulse + 1.75 * last[0] - 0.92 * last[1];
        last = [next, last[0]];
        0.2 * next * loud * peak(-12.0)
    }))
}

fn silence(ms: usize) -> Vec<i16> {
    through_alaw((0..ms * 8).map(|_| 0.0))
}

fn hear(line: &mut Classifier, parts: &[Vec<i16>]) -> Vec<(Instant, Verdict)> {
    let samples: Vec<i16> = parts.concat();
    events(&samples).iter().filter_map(|(now, event)| Some((*now, line.hear(*now, event)?))).collect()
}

fn kinds(heard: &[(Instant, Verdict)]) -> Vec<Kind> {
    heard.iter().map(|(_, verdict)| verdict.kind).collect()
}

#[test]
fn a_caller_who_hangs_up_is_gone_after_two_cadences_with_the_evidence() {
    let busy = tone(row("cn", Kind::Busy), &Faults { snr_db: 20.0, ..Faults::NONE }, 4000);
    let heard = hear(&mut Classifier::new("cn"), &[speech(5, 6000), silence(300), busy]);
    assert_eq!(kinds(&heard), [Kind::Voice, Kind::Busy]);
    let (at, verdict) = heard[1];
    // Two cadences are 1400 ms, and the tone is known 50 ms after it begins again.
    assert!((7750..=7790).contains(&at.as_millis()), "{at:?}");
    let evidence = verdict.evidence;
    assert!(evidence.frequency_hz[0].abs_diff(450) <= 3 && evidence.frequency_hz[1] == 0, "{evidence:?}");
    assert!(evidence.on_ms.abs_diff(350) <= 10 && evidence.off_ms.abs_diff(350) <= 15, "{evidence:?}");
    assert_eq!((evidence.cadences, evidence.learned, evidence.country), (2, false, Some("cn")));
    assert!(evidence.confidence_pct >= 90, "{evidence:?}");
}

#[test]
fn a_call_goes_from_dial_tone_over_ringing_to_an_answer() {
    let tones = |kind, ms| tone(row("us", kind), &Faults { snr_db: 30.0, ..Faults::NONE }, ms);
    let mut line = Classifier::new("us");
    assert_eq!(kinds(&hear(&mut line, &[tones(Kind::DialTone, 1500)])), [Kind::DialTone]);
    line.restart();
    let heard = hear(&mut line, &[silence(700), tones(Kind::Ringback, 9000), speech(3, 1500)]);
    assert_eq!(kinds(&heard), [Kind::Ringback, Kind::Voice]);
}

#[test]
fn the_own_countrys_tone_is_taken_before_that_of_another() {
    for (country, kind) in [("fr", Kind::Congestion), ("mo", Kind::Congestion), ("br", Kind::Busy)] {
        let heard = hear(&mut Classifier::new(country), &[tone(row(country, kind), &Faults::NONE, 2000)]);
        assert_eq!(kinds(&heard), [kind], "{country}");
        assert_eq!(heard[0].1.evidence.country, Some(country));
    }
}

#[test]
fn dial_tones_of_425_440_and_450_hz_are_told_apart_without_a_country() {
    for (country, hz) in [("de", 425), ("fr", 440), ("cn", 450), ("jp", 400)] {
        let heard = hear(&mut Classifier::new(""), &[tone(row(country, Kind::DialTone), &Faults::NONE, 3000)]);
        assert_eq!(kinds(&heard), [Kind::DialTone], "{country}");
        let of = heard[0].1.evidence.country.expect("a country's");
        assert_eq!(row(of, Kind::DialTone).hz, [hz, 0], "{country} taken for {of}");
    }
}

#[test]
fn a_tone_in_no_table_is_learned_in_three_calls() {
    let exchange = Row { country: "", kind: Kind::Busy, hz: [520, 0], modulated: false, cadence: &[(300, 150)] };
    let mut line = Classifier::new("cn");
    for call in 0..CALLS_TO_LEARN {
        let busy = tone(&exchange, &Faults { seed: 9 + u64::from(call), snr_db: 25.0, ..Faults::NONE }, 4000);
        assert_eq!(kinds(&hear(&mut line, &[speech(3, 3000), busy])), [Kind::Voice], "call {call}");
        line.restart();
    }
    // Kept over a restart of the box.
    let mut line = Classifier::taught("cn", *line.learned());
    let heard = hear(&mut line, &[speech(8, 3000), tone(&exchange, &Faults::NONE, 4000)]);
    assert_eq!(kinds(&heard), [Kind::Voice, Kind::LearnedHangUp]);
    let evidence = heard[1].1.evidence;
    assert!(evidence.learned && evidence.country.is_none() && evidence.frequency_hz[0].abs_diff(520) <= 3);
    assert!(heard[1].1.kind.is_hang_up());
}

#[test]
fn a_tone_that_two_calls_ended_with_is_not_believed_yet() {
    let exchange = Row { country: "", kind: Kind::Busy, hz: [520, 0], modulated: false, cadence: &[(300, 150)] };
    let mut line = Classifier::new("cn");
    for _ in 1..CALLS_TO_LEARN {
        hear(&mut line, &[tone(&exchange, &Faults::NONE, 4000)]);
        line.restart();
    }
    assert_eq!(hear(&mut line, &[tone(&exchange, &Faults::NONE, 8000)]), []);
}

#[test]
fn a_voice_between_two_beeps_makes_them_none() {
    let beep = || tone(row("cn", Kind::Busy), &Faults::NONE, 350);
    let parts = [beep(), speech(1, 350), beep(), speech(2, 350), beep(), speech(3, 350), beep()];
    let heard = hear(&mut Classifier::new("cn"), &parts);
    assert!(heard.iter().all(|(_, verdict)| !verdict.kind.is_hang_up()), "{heard:?}");
}

#[test]
fn beeps_out_of_cadence_are_no_hang_up() {
    for off in [(350, 270), (350, 440), (270, 350), (440, 350)] {
        let cadence: &'static [(u16, u16)] = Box::leak(Box::new([off]));
        let beeps = Row { cadence, ..*row("cn", Kind::Busy) };
        // Of no country's: 4 cadences would find another's.
        let heard = hear(&mut Classifier::new("cn"), &[tone(&beeps, &Faults::NONE, 2000)]);
        assert_eq!(kinds(&heard), [], "{off:?}");
    }
}

#[test]
fn ten_minutes_of_syllables_are_no_tone() {
    let mut line = Classifier::new("");
    let heard = hear(&mut line, &[speech(2026, 600_000)]);
    assert_eq!(kinds(&heard), [Kind::Voice]);
}

#[test]
fn special_information_tones_are_known_by_their_three_steps() {
    let step = |hz: u16| tone(&Row { hz: [hz, 0], cadence: &[], ..*row("cn", Kind::Busy) }, &Faults::NONE, 330);
    let rising = [step(950), step(1400), step(1800), silence(300)];
    assert_eq!(kinds(&hear(&mut Classifier::new("us"), &rising)), [Kind::SpecialInformation]);
    let falling = [step(1800), step(1400), step(950), silence(300)];
    assert_eq!(kinds(&hear(&mut Classifier::new("us"), &falling)), []);
}

#[test]
fn fax_machines_are_known_by_what_they_send() {
    let hz = |hz: u16, ms| tone(&Row { hz: [hz, 0], cadence: &[], ..*row("cn", Kind::Busy) }, &Faults::NONE, ms);
    let calling = [silence(500), hz(1100, 500), silence(500)];
    assert_eq!(kinds(&hear(&mut Classifier::new("cn"), &calling)), [Kind::Fax]);
    assert_eq!(kinds(&hear(&mut Classifier::new("cn"), &[silence(500), hz(2100, 2600)])), [Kind::Fax]);
}

#[test]
fn a_modem_is_known_by_its_phase_reversals() {
    let answer = |at: usize| {
        let sign = if (at / 3600).is_multiple_of(2) { 1.0 } else { -1.0 };
        let sway = 1.0 + 0.2 * (core::f64::consts::TAU * 15.0 / 8000.0 * at as f64).sin();
        sign * sway * peak(-12.0) * (core::f64::consts::TAU * 2100.0 / 8000.0 * at as f64).sin()
    };
    let heard = hear(&mut Classifier::new("cn"), &[silence(300), through_alaw((0..24_000).map(answer))]);
    assert_eq!(kinds(&heard), [Kind::Modem]);
}

#[test]
fn silence_is_told_once_and_ends_with_sound() {
    let samples = [silence(1000), speech(4, 3000), silence(1000)].concat();
    let told: Vec<ToneEvent> = events(&samples).into_iter().map(|(_, event)| event).collect();
    assert_eq!(told.first(), Some(&ToneEvent::Silence { lasted_ms: 200 }));
    assert_eq!(told.last(), Some(&ToneEvent::Silence { lasted_ms: 200 }));
    assert!(told.contains(&ToneEvent::Voice));
}
