//! Whatever a line has carried, the next tone is heard, and its length is right.

// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use dsp_progress::ToneEvent;
use signals::events;
use test_signals::{Random, garbage, peak, through_alaw};

#[test]
fn after_any_garbage_a_tone_is_heard_from_its_beginning_to_its_end() {
    for seed in 1..=1000 {
        let mut random = Random(seed);
        let mut samples = garbage(&mut random);
        samples.resize(samples.len() + 800, 0);
        let from_ms = samples.len() as u64 / 8;
        let step = core::f64::consts::TAU * 450.0 / 8000.0;
        let loud = peak(-10.0 - 25.0 * random.uniform().abs());
        samples.extend(through_alaw((0..4000).map(|at| loud * (step * f64::from(at)).sin())));
        samples.resize(samples.len() + 4000, 0);
        let told: Vec<ToneEvent> =
            events(&samples).into_iter().filter(|(at, _)| at.as_millis() > from_ms).map(|(_, event)| event).collect();
        // Before the tone is known, its first hops may make the garbage long enough for a voice; or the pause for silence.
        let before = |event: &ToneEvent| matches!(event, ToneEvent::Voice | ToneEvent::Silence { .. });
        let told = &told[usize::from(told.first().is_some_and(before))..];
        let [
            ToneEvent::Began(begun),
            between @ ..,
            ToneEvent::Ended { spectrum, duration_ms },
            ToneEvent::Silence { .. },
        ] = told
        else {
            panic!("seed {seed}: {told:?}");
        };
        assert!(between.iter().all(|event| matches!(event, ToneEvent::Lasts { .. })), "seed {seed}: {told:?}");
        for spectrum in [begun, spectrum] {
            assert!(
                spectrum.frequency_hz[0].abs_diff(450) <= 2 && spectrum.frequency_hz[1] == 0,
                "seed {seed}: {told:?}"
            );
        }
        assert!((485..=515).contains(duration_ms), "seed {seed}: {told:?}");
    }
}
