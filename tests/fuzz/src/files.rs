//! What people write: configuration, sound files, texts.

use media::wav::{Wav, header};
use speech::{Lang, SayAs};

/// A configuration is taken, or every problem names a line of the file.
pub(crate) fn config(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let lines = text.split('\n').count();
    match config::parse("f.toml", &text) {
        Ok(config) => {
            for (_, spans) in &config.trunks {
                assert!(spans.iter().all(|&span| span < config.spans.len()));
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!((1..=lines).contains(&problem.line), "line {} of {lines}: {problem}", problem.line);
                assert!(problem.to_string().starts_with("f.toml:"));
            }
        }
    }
}

pub(crate) fn wav(octets: &[u8]) {
    let Ok(wav) = Wav::parse(octets) else { return };
    let frame = usize::from(wav.format.channels) * usize::from(wav.format.coding.octets());
    assert_eq!(wav.data.len() % frame, 0);
    let frames = wav.data.len() / frame;
    assert_eq!(wav.samples().len(), frames * usize::from(wav.format.channels));
    assert_eq!(wav.channel(0).len(), frames);
    assert!(wav.channel(wav.format.channels).is_empty());
    let mut again = header(wav.format, frames as u32).to_vec();
    again.extend(wav.data);
    assert_eq!(Wav::parse(&again), Ok(wav));
}

/// The first octet chooses language and kind, the rest is the text.
pub(crate) fn speech(octets: &[u8]) {
    const KINDS: [(&str, Option<&str>); 10] = [
        ("text", None),
        ("number", None),
        ("ordinal", None),
        ("digits", None),
        ("currency", None),
        ("date", None),
        ("time", None),
        ("phone", None),
        ("percent", None),
        ("decimal", None),
    ];
    let Some((&choice, text)) = octets.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    let lang = [Lang::Zh, Lang::En][usize::from(choice & 1)];
    let (name, format) = KINDS[usize::from(choice >> 1) % KINDS.len()];
    if let Some(kind) = SayAs::from_names(name, format) {
        match speech::spoken(&text, kind, lang) {
            Ok(words) => assert!(words.chars().count() <= 40 * (text.chars().count() + 10), "{words}"),
            Err(fault) => assert!(!fault.to_string().is_empty()),
        }
    }
    if let Ok(phrases) = speech::phrases(&text, lang) {
        let said: usize = phrases.iter().map(|phrase| phrase.words.chars().count()).sum();
        assert!(said <= 2 * text.chars().count() + phrases.len(), "{phrases:?}");
    }
}

/// A script of the telephone network; every step names its line.
pub(crate) fn script(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let lines = text.lines().count();
    let values = [("nav".to_owned(), "1.2345".to_owned())];
    match exchange::script::parse(&text, &values) {
        Ok(script) => {
            assert!(script.steps.iter().all(|step| (1..=lines).contains(&step.line)));
            assert!(script.steps.is_sorted_by_key(|step| step.line));
        }
        Err(fault) => {
            assert!((1..=lines).contains(&fault.line), "line {} of {lines}", fault.line);
            assert!(!fault.remedy.is_empty());
        }
    }
}
