//! Meters and voice activity in wide vectors, against the plain ones: the same to the last bit.

use dsp_level::{BLOCK, LevelBank, VoiceBank, VoiceSettings};
use media::wide::detect;

const LANES: usize = 6;

/// Noise whose loudness changes every 70 ms, which is lively enough for a voice, from a seed.
struct Babble(u32);

impl Babble {
    fn next(&mut self) -> i16 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) as i16
    }

    fn block(&mut self, number: usize) -> [i16; BLOCK] {
        let softer = [1, 3, 2, 9, 9, 9, 9, 9, 9][number / 7 % 9];
        std::array::from_fn(|_| self.next() >> softer)
    }
}

#[test]
fn meters_and_voices_are_the_same_in_wide_vectors() {
    let mut babble: [Babble; LANES] = std::array::from_fn(|lane| Babble(lane as u32));
    let mut levels: [LevelBank<LANES>; 2] = std::array::from_fn(|_| LevelBank::new());
    let mut voices: [VoiceBank<LANES>; 2] = std::array::from_fn(|_| VoiceBank::new(VoiceSettings::LINE));
    for lane in 0..LANES - 1 {
        levels.iter_mut().for_each(|bank| bank.listen(lane, true));
        voices.iter_mut().for_each(|bank| bank.listen(lane, true));
    }
    let mut told = [Vec::new(), Vec::new()];
    for number in 0..1000 {
        let blocks: [[i16; BLOCK]; LANES] = std::array::from_fn(|lane| babble[lane].block(number + lane));
        let given: [Option<&[i16; BLOCK]>; LANES] =
            std::array::from_fn(|lane| (number % (lane + 5) > 0).then_some(&blocks[lane]));
        detect(&mut levels[0], &given, |_, never| match never {});
        levels[1].process(&given);
        detect(&mut voices[0], &given, |lane, event| told[0].push((number, lane, event)));
        voices[1].process(&given, |lane, event| told[1].push((number, lane, event)));
        for lane in 0..LANES {
            assert_eq!(levels[0].levels(lane), levels[1].levels(lane), "lane {lane}, block {number}");
            assert_eq!(voices[0].loudness(lane), voices[1].loudness(lane), "lane {lane}, block {number}");
        }
    }
    assert_eq!(told[0], told[1]);
    assert!(told[0].len() > 20, "there was something to tell: {}", told[0].len());
    assert!(levels[0].levels(0).is_some() && levels[0].levels(LANES - 1).is_none());
}
