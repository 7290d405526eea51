//! Whatever a line has carried, the next message is read octet by octet.

// Each test uses a part of them.
#[allow(dead_code)]
mod signals;

use dsp_fsk::{BLOCK, FskBank, FskEvent};
use signals::{Sending, octets};
use test_signals::{Random, garbage};

#[test]
fn after_any_garbage_a_message_is_read_whole() {
    for seed in 1..=300 {
        let mut random = Random(seed);
        let mut bank = FskBank::<1>::new();
        bank.listen(0, true);
        let mut told = Vec::new();
        let mut samples = garbage(&mut random);
        samples.resize((samples.len() + 400).next_multiple_of(BLOCK), 0);
        for block in samples.as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| told.push(event));
        }
        // A carrier that the garbage held is lost with it.
        let carriers = told.iter().filter(|event| matches!(event, FskEvent::Carrier)).count();
        let lost = told.iter().filter(|event| matches!(event, FskEvent::Lost)).count();
        assert_eq!(carriers, lost, "seed {seed}: {told:?}");
        told.clear();
        let sending = if seed % 2 == 0 { Sending::BELL_202 } else { Sending::V23 };
        let message: Vec<u8> = (0..24).map(|_| random.below(256) as u8).collect();
        for block in sending.samples(&message).as_chunks::<BLOCK>().0 {
            bank.process(&[Some(block)], |_, event| told.push(event));
        }
        assert_eq!(octets(&told), message, "seed {seed}");
        assert_eq!((told.first(), told.last()), (Some(&FskEvent::Carrier), Some(&FskEvent::Lost)), "seed {seed}");
    }
}
