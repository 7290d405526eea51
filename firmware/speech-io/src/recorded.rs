//! Phrases that a person recorded.

use media::wav::Wav;
use sha2::{Digest, Sha256};
use speech::{EDGE_MS, Lang, Phrase, SENTENCE_PAUSE_MS, TELEPHONE_HZ, for_telephone};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Octets of the longest recording that is taken.
const MOST_OCTETS: u64 = 64 << 20;
/// Octets of the longest file name (`NAME_MAX`), less the `.wav`.
const LONGEST_NAME: usize = 251;

/// The folder of a language's recordings.
pub(crate) const fn folder(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "zh",
        Lang::En => "en",
    }
}

/// The name, without `.wav`, under which a recording of this phrase may stand when it is not named by its words: the first
/// sixteen hexadecimal digits of the SHA-256 of the words without the mark that ends them.
#[must_use]
pub fn recorded_name(words: &str) -> String {
    Sha256::digest(without_mark(words).as_bytes())[..8].iter().map(|octet| format!("{octet:02x}")).collect()
}

fn without_mark(words: &str) -> &str {
    words.trim_end_matches(|c: char| {
        c.is_ascii_punctuation() && c != '%' && c != '#' && c != '*' || "。！？；…，、：".contains(c)
    })
}

/// Where a recording of the phrase stands, if there is one.
pub(crate) fn find(recordings: &Path, phrase: &Phrase) -> Option<PathBuf> {
    let folder = recordings.join(folder(phrase.lang));
    let words = without_mark(&phrase.words);
    let by_words = (words.len() <= LONGEST_NAME && !words.contains(['/', '\0'])).then(|| words.to_owned());
    let names = by_words.into_iter().chain([recorded_name(words)]);
    names.map(|name| folder.join(name + ".wav")).find(|file| file.is_file())
}

/// A recording that was found.
pub(crate) enum Recording {
    /// It can be played as it is.
    Playable,
    /// It must be converted; the clip's name in the cache, which changes with the file.
    Convert(String),
}

/// What must be done with the recording at `file`.
pub(crate) fn look(file: &Path) -> Result<Recording, String> {
    let facts = file.metadata().map_err(|error| error.to_string())?;
    if facts.len() > MOST_OCTETS {
        return Err(format!("{} octets: at most 64 MiB are taken", facts.len()));
    }
    let mut head = vec![0; 4096.min(facts.len() as usize)];
    let read = std::fs::File::open(file).and_then(|mut open| std::io::Read::read_exact(&mut open, &mut head));
    read.map_err(|error| error.to_string())?;
    // The start of the file is enough for its format; where other chunks stand before it, the conversion reads all.
    if Wav::parse(&head).is_ok_and(|wav| wav.format.rate_hz == TELEPHONE_HZ && wav.format.channels == 1) {
        return Ok(Recording::Playable);
    }
    let changed = facts.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(Recording::Convert(format!("recorded\n{}\n{}\n{}", file.display(), facts.len(), changed.as_nanos())))
}

/// The recording's samples at 8 kHz, levelled.
pub(crate) fn convert(file: &Path, phrase: &Phrase) -> Result<Vec<i16>, String> {
    let octets = std::fs::read(file).map_err(|error| error.to_string())?;
    let wav = Wav::parse(&octets).map_err(|why| why.to_string())?;
    let tail_ms = if phrase.ends_sentence() { SENTENCE_PAUSE_MS } else { EDGE_MS };
    let samples = for_telephone(&wav.channel(0), wav.format.rate_hz, tail_ms);
    if samples.is_empty() { Err("it is silent".into()) } else { Ok(samples) }
}

/// The samples at 8 kHz of a recording that came from elsewhere.
pub(crate) fn samples(file: &[u8]) -> Result<Vec<i16>, String> {
    let wav = Wav::parse(file).map_err(|why| why.to_string())?;
    let samples = wav.channel(0);
    let samples = match wav.format.rate_hz {
        TELEPHONE_HZ => samples,
        rate => for_telephone(&samples, rate, EDGE_MS),
    };
    if samples.is_empty() { Err("it is silent".into()) } else { Ok(samples) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_that_ends_a_phrase_is_no_part_of_its_name() {
        assert_eq!(without_mark("请按井号键。"), "请按井号键");
        assert_eq!(without_mark("Goodbye!"), "Goodbye");
        assert_eq!(without_mark("百分之五%"), "百分之五%");
        assert_eq!(recorded_name("再见。"), recorded_name("再见"));
        assert_ne!(recorded_name("再见"), recorded_name("您好"));
    }

    #[test]
    fn words_never_lead_out_of_the_folder() {
        let base = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(base.path().join("prompts/en")).unwrap();
        std::fs::write(base.path().join("prompts/secret.wav"), b"").unwrap();
        let phrase = Phrase { lang: Lang::En, words: "../secret".into() };
        assert_eq!(find(&base.path().join("prompts"), &phrase), None);
    }
}
