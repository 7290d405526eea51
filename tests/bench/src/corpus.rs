//! A hundred hours that hold no hang-up, no digit and no fax: what the receivers take for one all the same.
//!
//! Twelve voices of espeak-ng say at least 20 hours of text, no sentence twice, in Chinese and English. Each is heard five ways:
//! as it is, quiet and band-limited, over noise, loud and clipped, and with a slower clock. Then comes music. Nothing is kept: each worker renders a
//! piece, listens, and lets it go. `CORPUS_HOURS=2` hears less; then the figures are printed as lines, not as figures.

mod music;
mod text;

use crate::figure::{Figure, Goal, Taken};
use base::{Dbm0, Instant};
use dsp_fax::FaxToneBank;
use dsp_progress::{Classifier, ProgressBank, ToneEvent};
use dsp_tone::{BLOCK, DtmfBank, DtmfEvent, Profile};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use test_signals::Random;
use text::{Language, Sentences};

const SEED: u64 = 2026;
/// Speech is heard in so many ways.
const WAYS: usize = 5;
const SPEECH_H: f64 = 20.0;
const MUSIC_H: f64 = 5.0;
const RATE: f64 = 8000.0;
/// Blocks of a call: three minutes, after which the line is another.
const CALL_BLOCKS: u64 = 18_000;
/// Characters of text a piece: about ten minutes.
const ENGLISH: usize = 9000;
const CHINESE: usize = 2600;

const VOICES: [(&str, Language); 12] = [
    ("cmn", Language::Chinese),
    ("en-us", Language::English),
    ("cmn+f1", Language::Chinese),
    ("en-gb+f2", Language::English),
    ("cmn+m3", Language::Chinese),
    ("en-gb-scotland+m1", Language::English),
    ("cmn+f4", Language::Chinese),
    ("en-us+f5", Language::English),
    ("cmn+m7", Language::Chinese),
    ("en-gb-x-rp+f3", Language::English),
    ("cmn+m5", Language::Chinese),
    ("en-029+m4", Language::English),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sound {
    Speech,
    Music,
}

/// What all workers add to.
#[derive(Default)]
struct Total {
    next_piece: AtomicU64,
    /// Samples: of distinct speech, of all that was heard.
    distinct: AtomicU64,
    music: AtomicU64,
    heard: AtomicU64,
    hang_ups: AtomicU64,
    digits: AtomicU64,
    /// Those in music, which is not in the figure: two notes in tune with a digit's frequencies are that digit.
    digits_in_music: AtomicU64,
    /// Of fax tones: in speech, and in music, where a note held long enough in tune is that tone.
    faxes: AtomicU64,
    faxes_in_music: AtomicU64,
    said: Mutex<Sentences>,
}

pub(crate) fn false_ones() -> Taken {
    let asked = std::env::var("CORPUS_HOURS").ok().map(|hours| hours.parse::<f64>().map_err(|error| error.to_string()));
    let share = asked.transpose()?.map_or(1.0, |hours| (hours / 100.0).clamp(0.001, 1.0));
    let total = Total::default();
    eprintln!("bench: corpus of seed {SEED}");
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let work = |_| scope.spawn(|| work(&total, share));
        let workers: Vec<_> = (0..workers).map(work).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err("a worker panicked".into())))
    })?;
    let hours = |samples: &AtomicU64| samples.load(Relaxed) as f64 / RATE / 3600.0;
    let how = format!(
        "{:.1} h of distinct text by {} voices, {WAYS} ways, and {:.1} h of music: {:.1} h, seed {SEED}",
        hours(&total.distinct),
        VOICES.len(),
        hours(&total.music),
        hours(&total.heard)
    );
    let in_music = total.digits_in_music.load(Relaxed);
    let (hang_ups, digits) = (total.hang_ups.load(Relaxed), total.digits.load(Relaxed));
    let (faxes, faxes_in_music) = (total.faxes.load(Relaxed), total.faxes_in_music.load(Relaxed));
    if share < 1.0 {
        return Err(format!(
            "CORPUS_HOURS is set; {how}: {hang_ups} hang-ups, {digits} digits, {in_music} in music, {faxes} fax tones, \
             {faxes_in_music} in music"
        ));
    }
    let figure = |name, value: u64, how| Figure {
        name,
        value: value as f64,
        unit: "count",
        goal: Goal::AtMost(0.0),
        peer: None,
        how,
    };
    Ok(vec![
        figure("sig.fxo.false_hangups_100h", hang_ups, how.clone() + "; no country set, as for hangup_detect_pct"),
        figure(
            "dsp.dtmf.false_100h",
            digits,
            format!("{how}; the profile of read_pct_10db; music not counted ({in_music})"),
        ),
        figure(
            "dsp.faxtones.false_100h",
            faxes,
            format!("{how}; events of any kind; music not counted ({faxes_in_music})"),
        ),
    ])
}

/// Takes pieces until there is enough: speech, then music.
fn work(total: &Total, share: f64) -> Result<(), String> {
    let samples = |hours: f64| (hours * share * 3600.0 * RATE) as u64;
    while total.distinct.load(Relaxed) < samples(SPEECH_H) {
        // Numbered while the sentences are held, so that a piece's text depends on the seed alone.
        let (piece, voice, text) = {
            let mut said = total.said.lock().map_err(|_| "another worker panicked")?;
            let piece = total.next_piece.fetch_add(1, Relaxed);
            let (voice, language) = VOICES[piece as usize % VOICES.len()];
            let wanted = if language == Language::English { ENGLISH } else { CHINESE };
            (piece, voice, said.write(language, wanted, &mut Random(SEED + 1 + piece)))
        };
        let speech = spoken(voice, &text)?;
        total.distinct.fetch_add(speech.len() as u64, Relaxed);
        listen(total, Sound::Speech, &format!("piece {piece}, {voice}"), &ways(&speech, piece));
        let done = total.distinct.load(Relaxed) as f64 / RATE / 3600.0;
        if piece.is_multiple_of(10) {
            eprintln!("bench: corpus: {done:.1} h of text of {:.1}", SPEECH_H * share);
        }
    }
    while total.music.load(Relaxed) < samples(MUSIC_H) {
        let piece = total.next_piece.fetch_add(1, Relaxed);
        let lines: [Vec<f32>; WAYS] = std::array::from_fn(|at| music::tune(SEED * 1000 + piece * 10 + at as u64));
        total.music.fetch_add(lines.iter().map(|line| line.len() as u64).sum(), Relaxed);
        listen(total, Sound::Music, &format!("music {piece}"), &lines.map(|line| through_alaw(&line)));
    }
    Ok(())
}

/// The text in this voice, at 8 kHz, with a mean level of one.
fn spoken(voice: &str, text: &str) -> Result<Vec<f32>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("text");
    std::fs::write(&file, text).map_err(|error| error.to_string())?;
    let run = Command::new("espeak-ng").args(["-v", voice, "--stdout", "-f"]).arg(&file).output();
    let run = run.map_err(|error| format!("espeak-ng: {error}; run scripts/setup-debian.sh test"))?;
    let (header, octets) = run.stdout.split_at_checked(44).ok_or_else(|| format!("espeak-ng -v {voice} was silent"))?;
    let rate = u32::from_le_bytes([header[24], header[25], header[26], header[27]]);
    let samples: Vec<f32> = octets.as_chunks().0.iter().map(|&pair| f32::from(i16::from_le_bytes(pair))).collect();
    let narrow = resampled(&samples, f64::from(rate), RATE);
    let loud: Vec<f64> = narrow.iter().map(|&sample| f64::from(sample).powi(2)).filter(|power| *power > 1e4).collect();
    let level = (loud.iter().sum::<f64>() / loud.len().max(1) as f64).sqrt().max(1.0) as f32;
    Ok(narrow.into_iter().map(|sample| sample / level).collect())
}

/// Low-passed below the new rate's half, by a windowed sinc of 32 steps of the table a lobe.
fn resampled(samples: &[f32], from: f64, to: f64) -> Vec<f32> {
    const LOBES: usize = 12;
    const STEPS: usize = 32;
    // The cut lies at 3.7 kHz.
    let cut = (0.925 * to / from).min(1.0);
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
    let table: Vec<f32> = (0..=LOBES * STEPS + 1)
        .map(|at| {
            let x = at as f64 / STEPS as f64;
            (cut * sinc(x) * (0.5 + 0.5 * (std::f64::consts::PI * x / LOBES as f64).cos())) as f32
        })
        .collect();
    let reach = LOBES as f64 / cut;
    let count = (samples.len() as f64 * to / from) as usize;
    let one = |at: usize| {
        let middle = at as f64 * from / to;
        let first = (middle - reach).ceil().max(0.0) as usize;
        let last = ((middle + reach).floor() as usize).min(samples.len().saturating_sub(1));
        let weight = |place: usize| table[((place as f64 - middle).abs() * cut * STEPS as f64 + 0.5) as usize];
        (first..=last).map(|place| samples[place] * weight(place)).sum()
    };
    (0..count).map(one).collect()
}

/// Amplitude of a mean level in dBm0.
fn loudness(dbm0: f64) -> f32 {
    (32_768.0 * 10f64.powf((dbm0 - f64::from(Dbm0::ALAW_FULL_SCALE.0)) / 20.0) / std::f64::consts::SQRT_2) as f32
}

/// One way for each lane.
fn ways(speech: &[f32], piece: u64) -> [Vec<i16>; WAYS] {
    let mut random = Random(SEED ^ (piece + 7));
    let scaled = |dbm0: f64| speech.iter().map(|sample| sample * loudness(dbm0)).collect::<Vec<f32>>();
    let noise = loudness(-38.0) * 1.732;
    let noisy: Vec<f32> = scaled(-17.0).iter().map(|sample| sample + noise * random.uniform() as f32).collect();
    let slow = resampled(&scaled(-14.0), RATE, RATE * 1.06);
    [scaled(-15.0), banded(&scaled(-28.0)), noisy, scaled(-3.0), slow].map(|line| through_alaw(&line))
}

/// A telephone's band: two high-passes at 300 Hz and a low-pass at 3 kHz, of first order.
fn banded(line: &[f32]) -> Vec<f32> {
    let (mut low, mut first, mut second) = (0.0, 0.0, 0.0);
    let pass = |sample: &f32| {
        first += 0.21 * (sample - first);
        let once = sample - first;
        second += 0.21 * (once - second);
        low += 0.9 * (once - second - low);
        low
    };
    line.iter().map(pass).collect()
}

fn through_alaw(line: &[f32]) -> Vec<i16> {
    let through = |sample: &f32| dsp_g711::alaw_decode(dsp_g711::alaw_encode(*sample as i16));
    line.iter().map(through).collect()
}

/// Has all receivers hear all lanes; each false one is printed where it was.
fn listen(total: &Total, sound: Sound, what: &str, lanes: &[Vec<i16>; WAYS]) {
    let mut digits = DtmfBank::<WAYS>::new(Profile::ATT);
    let mut tones = ProgressBank::<WAYS>::new();
    let mut faxes = FaxToneBank::<WAYS>::new();
    for lane in 0..WAYS {
        tones.listen(lane, true);
        faxes.listen(lane, true);
    }
    let mut lines: [Classifier; WAYS] = std::array::from_fn(|_| Classifier::new(""));
    let longest = lanes.iter().map(Vec::len).max().unwrap_or(0);
    let mut events: Vec<(usize, ToneEvent)> = Vec::new();
    for at in 0..(longest / BLOCK) as u64 {
        let block = |lane: &Vec<i16>| lane.as_chunks::<BLOCK>().0.get(at as usize).copied();
        let blocks = lanes.each_ref().map(block);
        let blocks = blocks.each_ref().map(Option::as_ref);
        let seconds = at as f64 / 100.0;
        media::wide::detect(&mut digits, &blocks, |lane, event| {
            if let DtmfEvent::Began(digit) = event {
                if sound == Sound::Speech {
                    eprintln!("bench: false digit {}: {what}, way {lane}, at {seconds} s", digit.as_char());
                }
                let count = if sound == Sound::Speech { &total.digits } else { &total.digits_in_music };
                count.fetch_add(1, Relaxed);
            }
        });
        media::wide::detect(&mut faxes, &blocks, |lane, event| {
            eprintln!("bench: false fax tone {event:?}: {what}, way {lane}, at {seconds} s");
            let count = if sound == Sound::Speech { &total.faxes } else { &total.faxes_in_music };
            count.fetch_add(1, Relaxed);
        });
        media::wide::detect(&mut tones, &blocks, |lane, event| events.push((lane, event)));
        for (lane, event) in events.drain(..) {
            let verdict = lines[lane].hear(Instant::from_millis(10 * (at + 1)), &event);
            if let Some(verdict) = verdict.filter(|verdict| verdict.kind.is_hang_up()) {
                eprintln!("bench: false hang-up: {what}, way {lane}, at {seconds} s: {verdict:?}");
                total.hang_ups.fetch_add(1, Relaxed);
            }
        }
        if at % CALL_BLOCKS == CALL_BLOCKS - 1 {
            lines.iter_mut().for_each(Classifier::restart);
        }
    }
    total.heard.fetch_add(lanes.iter().map(|lane| lane.len() as u64).sum(), Relaxed);
}
