//! pocketsphinx, which knows nothing of our voice: which of some phrases is it that can be heard?

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// The phrase of `choices` that pocketsphinx hears in a stretch of a WAV file, and a stretch is from and to in milliseconds.
#[track_caller]
pub(crate) fn heard(wav: &Path, (from_ms, to_ms): (u64, u64), choices: &BTreeSet<String>) -> String {
    let (raw, grammar) = (wav.with_extension("16k.raw"), wav.with_extension("gram"));
    std::fs::write(&grammar, jsgf(choices)).expect("the caller's folder can be written");
    std::fs::write(&raw, sixteen_khz(wav, from_ms, to_ms)).expect("the caller's folder can be written");
    let mut recogniser = Command::new("pocketsphinx_continuous");
    // Wide beams: a sentence of a dozen words outlives a few that a synthetic voice says oddly.
    recogniser.args([
        "-beam",
        "1e-100",
        "-wbeam",
        "1e-80",
        "-pbeam",
        "1e-100",
        "-samprate",
        "16000",
        "-bestpath",
        "no",
    ]);
    recogniser.arg("-jsgf").arg(&grammar).arg("-infile").arg(&raw);
    let out = recogniser.output().expect("pocketsphinx is not installed: run scripts/setup-debian.sh test");
    assert!(out.status.success(), "pocketsphinx: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_lowercase()
}

fn jsgf(choices: &BTreeSet<String>) -> String {
    let mut text = String::from("#JSGF V1.0;\ngrammar amounts;\npublic <amount> = ");
    for (number, choice) in choices.iter().enumerate() {
        let bar = if number == 0 { "" } else { " | " };
        let _ = write!(text, "{bar}{choice}");
    }
    text + ";\n"
}

/// Its model wants 16 kHz: each sample, and the mean of it and the next.
fn sixteen_khz(wav: &Path, from_ms: u64, to_ms: u64) -> Vec<u8> {
    let samples = media::wav::read_mono(&std::fs::read(wav).expect("the caller's file")).expect("a WAV file");
    let place = |ms: u64| usize::try_from(ms * 8).unwrap_or(usize::MAX).min(samples.len());
    // A little silence round the words, for the recogniser to find its feet.
    let silence = vec![0_i16; 4000];
    let samples = [&silence[..], &samples[place(from_ms)..place(to_ms)], &silence[..]].concat();
    let next = samples.iter().skip(1).chain(samples.last());
    let pairs =
        samples.iter().zip(next).flat_map(|(&one, &other)| [one, ((i32::from(one) + i32::from(other)) / 2) as i16]);
    pairs.flat_map(i16::to_le_bytes).collect()
}
