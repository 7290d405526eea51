//! What is said in stories, and whether it was heard.

use media::{BLOCK, Clip, Command, DtmfDetection, Engine, Event, PortId, RecordedBlock, Sink};
use std::sync::Arc;

/// Samples in a millisecond.
const SAMPLES_A_MS: usize = 8;
/// Samples that must agree before two stretches of audio are compared in full.
const START: usize = 64;

/// What `name` sounds like: noise of its own for 600 ms, never silent, no tone. A name that ends in a number of milliseconds after a
/// colon ("long:5000") lasts so long.
pub fn clip(name: &str) -> Arc<Clip> {
    let ms = name.rsplit_once(':').and_then(|(_, ms)| ms.parse().ok()).unwrap_or(600_usize);
    let mut state = name
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3));
    let mut sample = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let sample = (state >> 40) as i16 / 16;
        if sample.abs() < 64 { 64 } else { sample }
    };
    let samples: Vec<i16> = (0..ms * SAMPLES_A_MS).map(|_| sample()).collect();
    Arc::new(Clip::from_pcm(&samples))
}

/// The longest stretch of the clip, from its beginning, that is in what was heard, in milliseconds. Lines carry A-law octets
/// unchanged, so that samples agree exactly or were not sent.
pub fn longest_match_ms(heard: &[i16], clip: &Clip) -> usize {
    let wanted: Vec<i16> = clip.alaw().iter().map(|octet| dsp_g711::alaw_decode(*octet)).collect();
    let agree = |at: usize| heard[at..].iter().zip(&wanted).take_while(|(one, other)| one == other).count();
    let starts = (0..heard.len().saturating_sub(START)).filter(|at| heard[*at..*at + START] == wanted[..START]);
    starts.map(agree).max().unwrap_or(0) / SAMPLES_A_MS
}

/// The digits that a detector finds.
pub fn digits_in(samples: &[i16]) -> String {
    #[derive(Default)]
    struct Found(String);
    impl Sink for Found {
        fn event(&mut self, event: Event) {
            if let Event::Digit { digit, .. } = event {
                self.0.push(digit.as_char());
            }
        }
        fn recorded(&mut self, _: &RecordedBlock) {}
    }
    let (mut engine, mut found, port) = (Engine::new(1), Found::default(), PortId(0));
    engine.handle(Command::Open(port), &mut found);
    engine.handle(Command::Detect { port, dtmf: DtmfDetection::On }, &mut found);
    for block in samples.as_chunks::<BLOCK>().0 {
        engine.tick(std::slice::from_ref(block), &mut [], &mut found);
    }
    found.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clip_is_found_whole_in_part_or_not_at_all() {
        let samples =
            |name: &str| -> Vec<i16> { clip(name).alaw().iter().map(|octet| dsp_g711::alaw_decode(*octet)).collect() };
        let mut heard = vec![0; 777];
        heard.extend(samples("yes"));
        heard.extend(&samples("part")[..800]);
        heard.extend(vec![0; 4000]);
        assert_eq!(longest_match_ms(&heard, &clip("yes")), 600);
        assert_eq!(longest_match_ms(&heard, &clip("part")), 100);
        assert_eq!(longest_match_ms(&heard, &clip("no")), 0);
        assert_eq!(clip("long:5000").duration_ms(), 5000);
        assert_eq!(digits_in(&heard), "");
    }
}
