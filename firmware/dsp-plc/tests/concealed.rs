//! What a listener hears where blocks are lost.

use dsp_plc::{BLOCK, Concealer, DELAY};
use test_signals::{Random, Voice, peak};

/// Through the concealer, the blocks lost for which `lost` says so.
fn played(sent: &[i16], lost: impl Fn(usize) -> bool) -> Vec<i16> {
    let mut concealer = Concealer::new();
    let mut played = Vec::new();
    for (number, block) in sent.as_chunks::<BLOCK>().0.iter().enumerate() {
        // Nothing of a lost block may come through.
        let mut out = if lost(number) { [i16::MAX; BLOCK] } else { *block };
        if lost(number) {
            concealer.lost(&mut out)
        } else {
            concealer.good(&mut out)
        }
        played.extend(out);
    }
    played
}

/// A vowel: harmonics of a pitch that fall off, formants left out.
fn vowel(pitch_hz: f64, blocks: usize) -> Vec<i16> {
    let sample = |at: usize| {
        let phase = core::f64::consts::TAU * pitch_hz * at as f64 / 8000.0;
        (1..=8)
            .map(|harmonic| {
                peak(-14.0) / f64::from(harmonic) * (f64::from(harmonic) * phase + f64::from(harmonic)).sin()
            })
            .sum()
    };
    (0..blocks * BLOCK).map(|at| f64::round(sample(at)) as i16).collect()
}

fn voice(seed: u64, blocks: usize) -> Vec<i16> {
    let mut voice = Voice::new(seed, -12.0);
    (0..blocks * BLOCK).map(|_| voice.next_sample().round() as i16).collect()
}

fn energy(samples: impl Iterator<Item = f64>) -> f64 {
    samples.map(|sample| sample * sample).sum()
}

/// dB by which what was sent is louder than what is wrong in what was played, over a stretch of it.
fn snr(sent: &[i16], played: &[i16], stretch: core::ops::Range<usize>) -> f64 {
    let pairs = || stretch.clone().map(|at| (f64::from(sent[at]), f64::from(played[at + DELAY])));
    10.0 * (energy(pairs().map(|(sent, _)| sent)) / energy(pairs().map(|(sent, played)| played - sent)).max(1.0))
        .log10()
}

#[test]
fn what_arrives_is_played_as_it_is() {
    let sent = voice(1, 300);
    assert_eq!(played(&sent, |_| false)[DELAY..], sent[..sent.len() - DELAY]);
}

#[test]
fn a_vowel_goes_on_through_a_lost_block() {
    for pitch in [70.0, 100.0, 111.0, 133.0, 160.0, 190.0, 250.0, 333.0] {
        let sent = vowel(pitch, 40);
        for lost in [10, 17, 23] {
            let played = played(&sent, |number| number == lost);
            let snr = snr(&sent, &played, lost * BLOCK..(lost + 1) * BLOCK);
            // Periods of whole samples; the higher harmonics drift by half a sample each.
            assert!(snr >= 10.0, "{pitch} Hz, block {lost}: {snr:.1} dB");
            let after = (lost + 2) * BLOCK;
            assert_eq!(played[after + DELAY..], sent[after..sent.len() - DELAY], "all is well after one more block");
        }
    }
}

#[test]
fn nothing_clicks() {
    for seed in 1..=10 {
        let sent = voice(seed, 500);
        let mut random = Random(seed);
        let lost: Vec<bool> = (0..500).map(|_| random.below(10) == 0).collect();
        let played = played(&sent, |number| number > 5 && lost[number]);
        let bend = |samples: &[i16], at: usize| {
            (f64::from(samples[at - 1]) - 2.0 * f64::from(samples[at]) + f64::from(samples[at + 1])).abs()
        };
        for at in 1000..sent.len() - 1 {
            // As sharp as the voice was within the 60 ms around.
            let around = at.saturating_sub(DELAY + 480).max(1)..(at + 80).min(sent.len() - 1);
            let sharpest = around.map(|at| bend(&sent, at)).fold(0.0, f64::max);
            let here = bend(&played, at);
            assert!(here <= 1.3 * sharpest + 60.0, "voice {seed}: {here} at {at}, the voice has {sharpest}");
        }
    }
}

/// A sentence's melody: the pitch glides between 100 and 170 Hz, twice a second.
#[test]
fn a_gliding_voice_is_followed() {
    let mut phase = 0.0;
    let sample = |at: usize| {
        let seconds = at as f64 / 8000.0;
        phase += core::f64::consts::TAU * (135.0 + 35.0 * (core::f64::consts::TAU * 2.0 * seconds).sin()) / 8000.0;
        (1..=8).map(|harmonic| peak(-14.0) / f64::from(harmonic) * (f64::from(harmonic) * phase).sin()).sum::<f64>()
    };
    let sent: Vec<i16> = (0..1000 * BLOCK).map(sample).map(|sample| sample.round() as i16).collect();
    let lost = |number: usize| number % 17 == 13;
    let played = played(&sent, lost);
    let mut mean = 0.0;
    let blocks: Vec<usize> = (0..990).filter(|&number| lost(number)).collect();
    for &block in &blocks {
        mean += snr(&sent, &played, block * BLOCK..(block + 1) * BLOCK) / blocks.len() as f64;
    }
    assert!(mean > 7.0, "{mean:.1} dB");
}

/// Of a voice whose pitch and sounds change at every turn, one block in twenty is lost. Nobody can guess such a waveform, but how loud it is.
#[test]
fn a_voice_stays_as_loud_and_sounds_better_than_repeated_blocks() {
    let (mut ours, mut again, mut off, mut count) = (0.0, 0.0, 0.0, 0.0);
    for seed in 1..=20 {
        let sent = voice(seed, 600);
        let mut random = Random(seed + 100);
        let mut lost = vec![false; 600];
        (10..590).step_by(20).for_each(|from| lost[from + random.below(10)] = true);
        let concealed = played(&sent, |number| lost[number]);
        for number in (0..600).filter(|&number| lost[number]) {
            let block = || (number * BLOCK..(number + 1) * BLOCK).map(|at| f64::from(sent[at]));
            let made = || concealed[number * BLOCK + DELAY..][..BLOCK].iter().map(|&sample| f64::from(sample));
            let last = sent[(number - 1) * BLOCK..].iter().map(|&sample| f64::from(sample));
            ours += energy(block().zip(made()).map(|(sent, made)| sent - made));
            again += energy(block().zip(last).map(|(sent, last)| sent - last));
            // Levels, silence being as loud as the steps of the law.
            off += (10.0 * ((energy(made()) + 8000.0) / (energy(block()) + 8000.0)).log10()).abs();
            count += 1.0;
        }
    }
    let better = 10.0 * (again / ours).log10();
    assert!(better > 2.0, "{better:.1} dB better than the last block once more");
    assert!(off / count < 1.5, "{:.1} dB louder or less loud", off / count);
}

#[test]
fn a_long_loss_fades_and_is_silent_after_60_ms() {
    let sent = vowel(120.0, 40);
    let played = played(&sent, |number| (20..35).contains(&number));
    let level = |block: usize| {
        let from = block * BLOCK + DELAY;
        10.0 * (energy(played[from..from + BLOCK].iter().map(|&sample| f64::from(sample))) / BLOCK as f64 + 1e-3)
            .log10()
    };
    let levels: Vec<f64> = (19..27).map(level).collect();
    assert!((levels[0] - levels[1]).abs() < 1.0, "the first block is as loud as what was before: {levels:.1?}");
    assert!(levels[1..7].is_sorted_by(|one, next| one > next), "{levels:.1?}");
    // Gains of 1, 0.9, 0.7 ... 0.1 in the mean of a block.
    assert!((levels[0] - levels[5] - 10.5).abs() < 2.5, "{levels:.1?}");
    assert!(played[26 * BLOCK + DELAY..35 * BLOCK + DELAY].iter().all(|&sample| sample == 0));
    // It comes back from silence without a step.
    let back = &played[35 * BLOCK + DELAY..];
    assert!(back[0].abs() < 400 && back[..8].iter().all(|sample| sample.abs() < 1500), "{:?}", &back[..8]);
    assert_eq!(back[BLOCK..], sent[36 * BLOCK..sent.len() - DELAY]);
}

#[test]
fn a_stream_that_begins_with_losses_is_silent() {
    let sent = vowel(120.0, 20);
    let played = played(&sent, |number| number < 4);
    assert!(played[..4 * BLOCK].iter().all(|&sample| sample == 0));
    assert_eq!(played[5 * BLOCK + DELAY..], sent[5 * BLOCK..sent.len() - DELAY]);
}

/// What is made up is made of what was heard: never louder, whatever that was.
#[test]
fn any_samples_leave_it_sane() {
    let mut random = Random(4);
    for seed in 0..50_u64 {
        let mut concealer = Concealer::new();
        let most = [i16::MAX, 1000, 1, 0][seed as usize % 4];
        for number in 0..200 {
            let mut block: [i16; BLOCK] = std::array::from_fn(|at| match seed % 5 {
                0 => (random.uniform() * f64::from(most)) as i16,
                1 => [-most, most][random.below(2)],
                2 => [-most, most][at / (1 + seed as usize) % 2],
                3 => most,
                _ => {
                    if (number * BLOCK + at).is_multiple_of(97) {
                        most
                    } else {
                        0
                    }
                }
            });
            if random.below(3) == 0 {
                concealer.lost(&mut block)
            } else {
                concealer.good(&mut block)
            }
            assert!(block.iter().all(|sample| sample.unsigned_abs() <= most.unsigned_abs()), "{seed}: {block:?}");
        }
        let sent = vowel(120.0, 20);
        for (number, block) in sent.as_chunks::<BLOCK>().0.iter().enumerate() {
            let mut out = *block;
            concealer.good(&mut out);
            let from = (number * BLOCK).saturating_sub(DELAY);
            assert!(number < 2 || out[..] == sent[from..from + BLOCK], "{seed}: block {number}");
        }
    }
}
