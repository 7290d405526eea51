//! What the judge takes for a phrase and what not, with the box's real voice.

use judge::{Match, Phrase, Search};
use speech_io::{Lang, SayAs, Speaker};
use std::path::Path;

/// Wrong phrases held against each right one.
const WRONG: usize = 100;

#[derive(Clone, Copy, Debug)]
enum Reading {
    Number,
    Money,
    Words,
}

struct Voice {
    runtime: tokio::runtime::Runtime,
    speaker: Speaker,
}

impl Voice {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        // Kept between runs, for it holds the same octets each time.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judging");
        Self { runtime, speaker: Speaker::new(&cache, None) }
    }

    /// Each text as the box says it.
    fn say(&self, texts: &[String], lang: Lang, reading: Reading) -> Vec<Vec<i16>> {
        let say_as = match reading {
            Reading::Number => Some(SayAs::Decimal),
            Reading::Money => SayAs::from_names("currency", Some("CNY")),
            Reading::Words => None,
        };
        let spoken = texts.iter().cloned().map(|text| {
            let speaker = self.speaker.clone();
            self.runtime.spawn(async move {
                let files = speaker.speak(&text, lang, say_as.as_ref()).await.expect("espeak-ng is installed");
                let wav = |file| media::wav::read_mono(&std::fs::read(file).expect("a clip")).expect("a clip");
                files.into_iter().flat_map(wav).collect()
            })
        });
        let spoken: Vec<_> = spoken.collect();
        spoken.into_iter().map(|task| self.runtime.block_on(task).expect("spoken")).collect()
    }

    fn one(&self, text: &str, lang: Lang, reading: Reading) -> Vec<i16> {
        self.say(&[text.into()], lang, reading).remove(0)
    }
}

/// Looks for a phrase as a party does, 200 ms at a time.
fn search(phrase: &Phrase, heard: &[i16]) -> (Option<Match>, f32) {
    let mut search = Search::new(phrase.clone(), 0);
    let heard: Vec<f32> = heard.iter().map(|&sample| f32::from(sample)).collect();
    let found = heard.chunks(1600).find_map(|samples| {
        search.hear(samples);
        search.look()
    });
    (found, search.nearest())
}

/// As a line gives it: some silence before, and a second after.
fn on_a_line(before: &[i16], samples: &[i16]) -> Vec<i16> {
    [&[8; 1234], before, samples, &[8; 16_000]].concat()
}

/// Values that differ from this one in a digit, then such that differ in two.
fn wrong_values(right: &str) -> Vec<String> {
    let digits: Vec<usize> = (0..right.len()).filter(|&at| right.as_bytes()[at].is_ascii_digit()).collect();
    let with = |text: &str, at: usize, digit: u8| {
        let mut octets = text.as_bytes().to_vec();
        octets[at] = digit;
        String::from_utf8(octets).expect("digits")
    };
    let mut wrong = Vec::new();
    for &at in &digits {
        wrong.extend((b'0'..=b'9').map(|digit| with(right, at, digit)));
    }
    for pair in digits.windows(2) {
        let swapped = with(right, pair[0], right.as_bytes()[pair[1]]);
        wrong.push(with(&swapped, pair[1], right.as_bytes()[pair[0]]));
        wrong.extend((b'1'..=b'9').step_by(2).map(|digit| with(&with(right, pair[0], digit), pair[1], b'6')));
    }
    wrong.sort();
    wrong.dedup();
    wrong.retain(|value| value != right && (!value.starts_with('0') || value.starts_with("0.")));
    wrong
}

/// As it is after gain and noise, once more through A-law.
fn spoilt(samples: &[i16], gain: f32, noise_db: Option<f32>) -> Vec<i16> {
    let power = samples.iter().map(|&sample| f32::from(sample).powi(2)).sum::<f32>() / samples.len() as f32;
    // Twelve even deviates of width 1 make a normal one of deviation 1.
    let deviation = noise_db.map_or(0.0, |db| (power * 10_f32.powf(-db / 10.0)).sqrt());
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut even = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let spoil = |&sample: &i16| {
        let noise = (0..12).map(|_| even()).sum::<f32>() * deviation;
        dsp_g711::alaw_decode(dsp_g711::alaw_encode(((f32::from(sample) + noise) * gain) as i16))
    };
    samples.iter().map(spoil).collect()
}

/// The right phrases: net asset values and amounts in both languages.
const RIGHT: [(&str, Lang, Reading); 4] = [
    ("1.2345", Lang::Zh, Reading::Number),
    ("694508.13", Lang::Zh, Reading::Money),
    ("0.9871", Lang::En, Reading::Number),
    ("17417.71", Lang::En, Reading::Money),
];

#[test]
fn a_value_that_differs_in_a_digit_is_refused_and_the_right_one_is_heard() {
    let voice = Voice::new();
    for (right, lang, reading) in RIGHT {
        let samples = voice.one(right, lang, reading);
        let phrase = Phrase::new(&samples).expect("a phrase");
        let lead = voice.one("单位净值", Lang::Zh, Reading::Words);
        let (found, _) = search(&phrase, &on_a_line(&lead, &samples));
        let found = found.unwrap_or_else(|| panic!("{right} in {lang:?} was not heard"));
        assert_eq!((found.begins, found.ends), (1234 + lead.len(), 1234 + lead.len() + samples.len()));
        assert!(found.score > 0.99, "{right}: {found:?}");

        let values = wrong_values(right);
        let wrong: Vec<String> = (0..WRONG).map(|at| values[at * values.len() / WRONG].clone()).collect();
        for (text, heard) in wrong.iter().zip(voice.say(&wrong, lang, reading)) {
            let (found, _) = search(&phrase, &on_a_line(&lead, &heard));
            assert_eq!(found, None, "{text} was taken for {right} in {lang:?}");
            let (found, _) = search(&phrase, &on_a_line(&lead, &spoilt(&heard, 0.5, Some(30.0))));
            assert_eq!(found, None, "{text}, softer and in noise, was taken for {right} in {lang:?}");
            let (one, other) = heard.split_at(heard.len() / 2);
            let stalled = [one, &[8; 160], other].concat();
            let (found, _) = search(&phrase, &on_a_line(&lead, &stalled));
            assert_eq!(found, None, "{text}, with a stall, was taken for {right} in {lang:?}");
        }
    }
}

#[test]
fn the_right_phrase_is_heard_softer_louder_and_in_noise() {
    let voice = Voice::new();
    for (right, lang, reading) in RIGHT {
        let samples = voice.one(right, lang, reading);
        let phrase = Phrase::new(&samples).expect("a phrase");
        for (gain, noise_db) in
            [(1.0, None), (0.5, None), (1.0, Some(30.0)), (0.5, Some(30.0)), (1.4, None), (0.1, None)]
        {
            let heard = on_a_line(&[], &spoilt(&samples, gain, noise_db));
            let (found, nearest) = search(&phrase, &heard);
            let found = found.unwrap_or_else(|| panic!("{right} at {gain}, noise {noise_db:?}: nearest {nearest}"));
            assert!(found.begins.abs_diff(1234) <= 2, "{found:?}");
        }
    }
}

#[test]
fn a_phrase_that_a_key_cuts_is_not_heard_wherever_it_is_cut() {
    let voice = Voice::new();
    for (right, lang, reading) in RIGHT {
        let samples = voice.one(right, lang, reading);
        let phrase = Phrase::new(&samples).expect("a phrase");
        let menu = voice.one("人工服务，请按0。", Lang::Zh, Reading::Words);
        // The last 60 ms hold the fading end of the last sound: who heard it until there, heard the value.
        for cut in (800..samples.len() - 480).step_by(800) {
            for after in [&menu[..], &[8; 8000][..]] {
                let (found, _) = search(&phrase, &on_a_line(&samples[..cut], after));
                assert_eq!(found, None, "{right} in {lang:?}, cut at {} of {} ms", cut / 8, samples.len() / 8);
            }
        }
    }
}

#[test]
fn what_a_busy_line_does_to_a_phrase_does_not_refuse_it() {
    let voice = Voice::new();
    for (right, lang, reading) in RIGHT {
        let samples = voice.one(right, lang, reading);
        let phrase = Phrase::new(&samples).expect("a phrase");
        let middle = samples.len() / 2;
        let (one, other) = samples.split_at(middle);
        let with_between = |between: &[i16]| [one, between, other].concat();
        // Seen on a machine with more to do than it can: a sample given twice, and 20 ms later the buffer is empty.
        let slip_and_stall = [one, &one[middle - 1..], &other[..160], &[8; 160], &other[160..]].concat();
        let lost = [one, &[8; 40][..], &other[40..]].concat();
        let dropped = [one, &other[440..]].concat();
        let slipped: Vec<i16> =
            samples.iter().enumerate().filter(|(at, _)| at % 4000 != 3999).map(|(_, &sample)| sample).collect();
        for (what, heard) in [
            ("a packet was lost", lost),
            ("the line stalled for 10 ms", with_between(&[8; 80])),
            ("the line stalled for 60 ms", with_between(&[8; 480])),
            ("a slip, then a stall", slip_and_stall),
            ("a buffer ran over", dropped),
            ("the clocks slip", slipped),
        ] {
            let (found, nearest) = search(&phrase, &on_a_line(&[], &heard));
            assert!(found.is_some(), "{right} in {lang:?}: {what}: nearest {nearest}");
        }
    }
}

#[test]
fn phrases_are_told_apart_where_they_repeat() {
    let voice = Voice::new();
    let samples = voice.one("1.7171", Lang::Zh, Reading::Number);
    let phrase = Phrase::new(&samples).expect("a phrase");
    let twice = on_a_line(&samples, &samples);
    let heard: Vec<f32> = twice.iter().map(|&sample| f32::from(sample)).collect();
    let mut first = Search::new(phrase.clone(), 0);
    first.hear(&heard);
    assert_eq!(first.look().expect("said once").begins, 1234);
    let from = 1234 + samples.len() - 640;
    let mut second = Search::new(phrase, from);
    second.hear(&heard[from..]);
    assert_eq!(second.look().expect("said twice").begins, 1234 + samples.len());
}
