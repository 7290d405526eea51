//! Signal processing of any samples.

use crate::{Choices, digits};
use dsp_fsk::{FskBank, FskEvent, FskSender, Modulation};
use dsp_tone::{BLOCK, DtmfBank, DtmfEvent, Profile};
use ports::call::Number;
use sig_callerid::{CallerId, Fault, Name, Reader, encode_mdmf};

/// Any samples on one lane: events come in their order, levels are numbers.
pub(crate) fn dtmf(octets: &[u8]) {
    let mut bank = DtmfBank::<2>::new(Profile::ATT);
    let (mut early, mut digit) = (false, None);
    for block in blocks(octets) {
        // Each block is heard several times, so that short inputs make long tones.
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

/// Any samples, then silence and a caller id of any digits and any name: it is read as if nothing had been before it.
pub(crate) fn fsk(octets: &[u8]) {
    let mut choices = Choices(octets);
    let modulation = if choices.octet() & 1 == 0 { Modulation::Bell202 } else { Modulation::V23 };
    let number = Number::unknown(digits(choices.some()));
    let caller = CallerId { number, name: Name::from_slice(choices.some()).ok(), ..CallerId::default() };
    let message = encode_mdmf(&caller);
    let mut reader = Reader::new();
    let direct: Vec<_> = message.iter().filter_map(|&octet| reader.push_octet(octet)).collect();
    assert!(matches!(direct[..], [Ok(_)]), "{caller:?} is not read: {direct:?}");

    let mut ear = Ear { bank: FskBank::new(), reader: Reader::new(), carrier: false, read: Vec::new() };
    ear.bank.listen(1, true);
    for block in blocks(choices.0) {
        (0..6).for_each(|_| ear.hear(&block));
    }
    (0..10).for_each(|_| ear.hear(&[0; BLOCK]));
    assert!(!ear.carrier, "a carrier of silence");
    ear.read.clear();
    let mut sender = FskSender::new(modulation, 0, 80, &message);
    while !sender.is_over() {
        let mut block = [0; BLOCK];
        sender.fill(&mut block);
        ear.hear(&block);
    }
    (0..10).for_each(|_| ear.hear(&[0; BLOCK]));
    assert_eq!(ear.read, direct);
}

/// A receiver, and what is read of its octets.
struct Ear {
    bank: FskBank<2>,
    reader: Reader,
    carrier: bool,
    read: Vec<Result<CallerId, Fault>>,
}

impl Ear {
    fn hear(&mut self, block: &[i16; BLOCK]) {
        let Self { bank, reader, carrier, read } = self;
        bank.process(&[None, Some(block)], |lane, event| {
            assert_eq!(lane, 1);
            match event {
                FskEvent::Carrier => assert!(!core::mem::replace(carrier, true), "a carrier within a carrier"),
                FskEvent::Octet(octet) => {
                    assert!(*carrier, "an octet without a carrier");
                    read.extend(reader.push_octet(octet));
                }
                FskEvent::Lost => {
                    assert!(core::mem::take(carrier), "the end of nothing");
                    read.extend(reader.finish());
                }
            }
        });
    }
}

/// The octets as samples, by blocks; the last one says what it has again and again.
fn blocks(octets: &[u8]) -> impl Iterator<Item = [i16; BLOCK]> {
    let samples: Vec<i16> = octets.as_chunks().0.iter().map(|&pair| i16::from_le_bytes(pair)).collect();
    let block = |part: &[i16]| core::array::from_fn(|at| part[at % part.len()]);
    samples.chunks(BLOCK).map(block).collect::<Vec<_>>().into_iter()
}
