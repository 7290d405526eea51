//! Signal processing of any samples.

use dsp_tone::{BLOCK, DtmfBank, DtmfEvent, Profile};

/// Any samples on one lane: events come in their order, levels are numbers.
pub(crate) fn dtmf(octets: &[u8]) {
    let mut bank = DtmfBank::<2>::new(Profile::ATT);
    let (mut early, mut digit) = (false, None);
    let samples: Vec<i16> = octets.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect();
    // Each block is heard several times, so that short inputs make long tones.
    for block in samples.chunks(BLOCK) {
        let block: [i16; BLOCK] = core::array::from_fn(|at| block[at % block.len()]);
        for _ in 0..6 {
            bank.process(&[None, Some(&block)], |lane, event| {
                assert_eq!(lane, 1);
                match event {
                    DtmfEvent::Early(_) => assert!(!core::mem::replace(&mut early, true) && digit.is_none()),
                    DtmfEvent::Retracted => assert!(core::mem::take(&mut early)),
                    DtmfEvent::Began(began) => {
                        early = false;
                        assert_eq!(digit.replace(began), None);
                    }
                    DtmfEvent::Ended { digit: ended, .. } => assert_eq!(digit.take(), Some(ended)),
                }
            });
        }
    }
    assert!(bank.level(1).0.is_finite());
    assert!(!bank.tone_present(0));
}
