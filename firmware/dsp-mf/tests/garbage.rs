//! Whatever a line has carried, the next signal is heard, once.

// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use dsp_mf::{BLOCK, MfBank, MfEvent, SIGNALS};
use signals::{Line, MS, Pair, REGISTERS};
use test_signals::{Random, garbage};

#[test]
fn after_any_garbage_a_signal_is_heard_once() {
    for seed in 1..=1000 {
        let mut random = Random(seed);
        let register = REGISTERS[random.below(2)];
        let mut bank = MfBank::<1>::new();
        bank.listen(0, Some(register));
        let mut samples = garbage(&mut random);
        samples.resize((samples.len() + 400).next_multiple_of(BLOCK), 0);
        let mut sounding = None;
        for block in samples.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| match event {
                MfEvent::Began(signal) => assert_eq!(sounding.replace(signal), None, "seed {seed}"),
                MfEvent::Ended(signal) => assert_eq!(sounding.take(), Some(signal), "seed {seed}"),
            });
        }
        assert_eq!(sounding, None, "seed {seed}: what the garbage was taken for ends with it");
        let pair = Pair::nominal(register, 1 + random.below(usize::from(SIGNALS)) as u8);
        let line = Line::default().silence(random.below(BLOCK)).tone(pair, 60 * MS).silence(60 * MS);
        let mut events = Vec::new();
        for block in line.samples().as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| events.push(event));
        }
        assert_eq!(events, [MfEvent::Began(pair.signal), MfEvent::Ended(pair.signal)], "seed {seed}");
    }
}
