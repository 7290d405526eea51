//! Whatever a line has carried, the next clean digit is read, once.

// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use base::Digit;
use dsp_tone::{BLOCK, DtmfBank, DtmfEvent, Profile};
use signals::{Line, MS, Pair, digits};
use test_signals::{Random, garbage};

#[test]
fn after_any_garbage_a_clean_digit_is_read_once() {
    for seed in 1..=1000 {
        let mut random = Random(seed);
        let mut bank = DtmfBank::<1>::new(Profile::ALL[seed as usize % Profile::ALL.len()]);
        let mut samples = garbage(&mut random);
        samples.resize(samples.len().next_multiple_of(BLOCK), 0);
        let mut events = Vec::new();
        for block in samples.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| events.push(event));
            assert!(bank.level(0).0.is_finite(), "seed {seed}");
        }
        // What the garbage was taken for is over after a digit's pause.
        for _ in 0..4 {
            bank.process(&[Some(&[0; BLOCK])], |_, event| events.push(event));
        }
        assert!(!bank.tone_present(0), "seed {seed}");
        let begun = events.iter().filter(|event| matches!(event, DtmfEvent::Began(_))).count();
        let ended = events.iter().filter(|event| matches!(event, DtmfEvent::Ended { .. })).count();
        assert_eq!(begun, ended, "seed {seed}: {events:?}");
        let digit = Digit::GRID[random.below(16)];
        let line = Line::default().silence(random.below(BLOCK)).tone(Pair::nominal(digit), 40 * MS).silence(100 * MS);
        events.clear();
        for block in line.samples().as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| events.push(event));
        }
        assert_eq!(digits(&events), digit.to_string(), "seed {seed}: {events:?}");
        assert!(matches!(events.last(), Some(DtmfEvent::Ended { .. })), "seed {seed}: {events:?}");
    }
}
