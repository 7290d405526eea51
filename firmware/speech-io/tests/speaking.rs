//! Prompts spoken by the real espeak-ng, and by programs that misbehave.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use media::Clip;
use speech_io::{Lang, Options, SayAs, Speaker, SpeechError};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn clip(file: &Path) -> Clip {
    Clip::from_wav(&fs::read(file).unwrap()).unwrap()
}

/// A stand-in for the voice program: notes each run, then does what it is told.
fn program(folder: &Path, does: &str) -> PathBuf {
    let file = folder.join("voice");
    fs::write(folder.join("voice.does"), does).unwrap();
    if !file.exists() {
        symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/voice.sh"), &file).unwrap();
    }
    file
}

fn runs(folder: &Path) -> usize {
    fs::read_to_string(folder.join("runs")).map_or(0, |runs| runs.lines().count())
}

fn with_program(folder: &Path, does: &str) -> Speaker {
    let options = Options { program: program(folder, does), ..Options::default() };
    Speaker::with_options(&folder.join("cache"), None, options)
}

#[tokio::test]
async fn a_prompt_becomes_one_clip_a_phrase_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let speaker = Speaker::new(folder.path(), None);
    speaker.check().await.unwrap();
    let chinese = speaker.speak("您好。请按1。", Lang::Zh, None).await.unwrap();
    assert_eq!(chinese.len(), 2);
    let number = speaker.speak("1.2345", Lang::Zh, Some(&SayAs::Decimal)).await.unwrap();
    let english = speaker.speak("1.2345", Lang::En, Some(&SayAs::Decimal)).await.unwrap();
    for file in chinese.iter().chain(&number).chain(&english) {
        let ms = clip(file).duration_ms();
        assert!((300..4000).contains(&ms), "{ms}");
    }
    // Six syllables at about four a second.
    let ms = clip(&number[0]).duration_ms();
    assert!((1200..2400).contains(&ms), "{ms}");
}

#[tokio::test]
async fn the_same_words_give_the_same_octets_in_another_cache() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut heard = Vec::new();
    for folder in [&one, &other] {
        let speaker = Speaker::new(folder.path(), None);
        let files = speaker.speak("您的账户总市值为", Lang::Zh, None).await.unwrap();
        heard.push((files[0].file_name().unwrap().to_owned(), fs::read(&files[0]).unwrap()));
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
async fn words_of_two_languages_are_spoken_by_two_voices() {
    let folder = tempfile::tempdir().unwrap();
    let files = Speaker::new(folder.path(), None).speak("华夏ETF联接", Lang::Zh, None).await.unwrap();
    assert_eq!(files.len(), 3);
}

#[tokio::test]
async fn sixty_callers_who_want_the_same_words_share_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let speaker = with_program(folder.path(), "exec espeak-ng \"$@\"");
    let callers: Vec<_> = (0..60)
        .map(|_| {
            let speaker = speaker.clone();
            tokio::spawn(async move { speaker.speak("您好", Lang::Zh, None).await.unwrap() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap().len(), 1);
    }
    assert_eq!(runs(folder.path()), 1);
    // Another process finds the clip.
    with_program(folder.path(), "exit 1").speak("您好", Lang::Zh, None).await.unwrap();
    assert_eq!(runs(folder.path()), 1);
}

#[tokio::test]
async fn a_missing_program_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { program: "/nowhere/espeak-ng".into(), ..Options::default() };
    let why = Speaker::with_options(folder.path(), None, options).check().await.unwrap_err();
    assert_eq!(
        why.to_string(),
        "the voice program /nowhere/espeak-ng is not here: install it with `apt-get install espeak-ng`"
    );
}

#[tokio::test]
async fn a_program_that_fails_talks_nonsense_or_hangs_is_told_of_without_the_words() {
    for (does, expected) in [
        ("cat >/dev/null; echo no such voice >&2; exit 3", "exit status: 3: no such voice"),
        ("cat", "not a WAV file"),
        ("exit 0", "not a WAV file"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let speaker = with_program(folder.path(), does);
        let why = speaker.speak("the balance is secret", Lang::En, None).await.unwrap_err().to_string();
        assert!(why.contains(expected) && !why.contains("secret"), "{does}: {why}");
        // Nothing half made is left behind, and the next one tries again.
        assert!(speaker.speak("the balance is secret", Lang::En, None).await.is_err());
        assert_eq!(runs(folder.path()), 2, "{does}");
    }
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        program: program(folder.path(), "exec sleep 60"),
        render_limit: Duration::from_millis(200),
        ..Options::default()
    };
    let speaker = Speaker::with_options(folder.path(), None, options);
    assert!(matches!(speaker.speak("hello", Lang::En, None).await, Err(SpeechError::TimedOut { .. })));
}

#[tokio::test]
async fn a_value_that_is_not_what_it_claims_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let speaker = Speaker::new(folder.path(), None);
    let refused = speaker.speak("12元", Lang::Zh, Some(&SayAs::Currency)).await;
    assert!(matches!(refused, Err(SpeechError::NotSpeakable(_))));
    assert_eq!(speaker.speak(" 。", Lang::Zh, None).await.unwrap(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_recording_is_taken_before_the_voice_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let recordings = folder.path().join("prompts");
    fs::create_dir_all(recordings.join("zh")).unwrap();
    let tone: Vec<i16> = (0..4000).map(|n| if n % 8 < 4 { 3000 } else { -3000 }).collect();
    let telephone = recordings.join("zh/再见.wav");
    fs::write(&telephone, media::wav::pcm_file(&tone)).unwrap();
    // 16 kHz, named by its hash.
    let mut studio = media::wav::pcm_file(&tone);
    studio[24..28].copy_from_slice(&16_000_u32.to_le_bytes());
    let by_hash = format!("zh/{}.wav", speech_io::recorded_name("您好。"));
    fs::write(recordings.join(by_hash), studio).unwrap();
    fs::write(recordings.join("zh/请稍候.wav"), b"no sound").unwrap();

    let options = Options { program: program(folder.path(), "exec espeak-ng \"$@\""), ..Options::default() };
    let speaker = Speaker::with_options(&folder.path().join("cache"), Some(&recordings), options);
    assert_eq!(speaker.speak("再见。", Lang::Zh, None).await.unwrap(), [telephone]);
    let converted = speaker.speak("您好。", Lang::Zh, None).await.unwrap();
    let ms = clip(&converted[0]).duration_ms();
    assert!((40 + 250 + 250 - 10..=40 + 250 + 250 + 10).contains(&ms), "{ms}");
    assert_eq!(runs(folder.path()), 0);
    speaker.speak("请稍候。", Lang::Zh, None).await.unwrap();
    assert_eq!(runs(folder.path()), 1);
}

#[tokio::test]
async fn a_fetched_recording_becomes_a_clip_once() {
    let folder = tempfile::tempdir().unwrap();
    let speaker = Speaker::new(folder.path(), None);
    let tone: Vec<i16> = (0..4000).map(|n| if n % 8 < 4 { 3000 } else { -3000 }).collect();
    let file = speaker.clip(media::wav::pcm_file(&tone)).await.unwrap();
    assert_eq!(clip(&file), Clip::from_pcm(&tone));
    assert_eq!(speaker.clip(media::wav::pcm_file(&tone)).await.unwrap(), file);
    assert!(speaker.has(&file) && !speaker.has(Path::new("other.wav")));
    for (bad, expected) in [(&b"MP3"[..], "not a WAV file"), (&media::wav::pcm_file(&[]), "silent")] {
        let why = speaker.clip(bad.to_vec()).await.unwrap_err().to_string();
        assert!(why.contains(expected), "{why}");
    }
}
