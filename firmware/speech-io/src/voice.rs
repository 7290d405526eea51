//! The espeak-ng program.

use crate::SpeechError;
use crate::lexicon::as_pronounced;
use media::wav::Wav;
use speech::{EDGE_MS, Lang, Phrase, SENTENCE_PAUSE_MS, for_telephone};
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// Changes with all that changes the sound of a phrase, so that no old clip is taken for a new one.
pub(crate) const RENDERING: &str = "espeak-ng/2";

/// Octets taken from the program: the longest phrase is far below three minutes of 22.05 kHz.
const MOST_OCTETS: u64 = 8 << 20;
/// Octets of its complaints that are kept.
const MOST_COMPLAINTS: u64 = 4 << 10;

/// How to run the program.
#[derive(Clone, Debug)]
pub(crate) struct Voice {
    pub(crate) program: PathBuf,
    pub(crate) limit: Duration,
}

/// A voice's name, and its speed in the program's words a minute.
pub(crate) const fn settings(lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::Zh => ("cmn-latn-pinyin", "175"),
        Lang::En => ("en-us", "140"),
    }
}

impl Voice {
    /// The phrase as a telephone hears it: linear samples at 8 kHz.
    pub(crate) async fn render(&self, phrase: &Phrase) -> Result<Vec<i16>, SpeechError> {
        let (voice, speed) = settings(phrase.lang);
        let file = match tokio::time::timeout(self.limit, self.run(voice, speed, &as_pronounced(phrase))).await {
            Ok(run) => run?,
            Err(_) => return Err(SpeechError::TimedOut { program: self.name(), limit: self.limit }),
        };
        let tail_ms = if phrase.ends_sentence() { SENTENCE_PAUSE_MS } else { EDGE_MS };
        let failed = |why: String| SpeechError::Voice { program: self.name(), voice, why };
        let work = move || {
            let wav = Wav::parse(&file).map_err(|why| why.to_string())?;
            Ok::<_, String>(for_telephone(&wav.channel(0), wav.format.rate_hz, tail_ms))
        };
        tokio::task::spawn_blocking(work).await.map_err(|why| failed(why.to_string()))?.map_err(failed)
    }

    /// What the program writes for `words`. It is ended when this is dropped.
    async fn run(&self, voice: &'static str, speed: &str, words: &str) -> Result<Vec<u8>, SpeechError> {
        let failed = |why: String| SpeechError::Voice { program: self.name(), voice, why };
        let mut child = Command::new(&self.program)
            .args(["-b", "1", "-v", voice, "-s", speed, "-z", "--stdin", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => SpeechError::NoVoice { program: self.name() },
                _ => failed(error.to_string()),
            })?;
        let (audio, complaints) = talk(&mut child, words).await.map_err(|error| failed(error.to_string()))?;
        let status = child.wait().await.map_err(|error| failed(error.to_string()))?;
        if !status.success() {
            let said = String::from_utf8_lossy(&complaints);
            return Err(failed(format!("{status}: {}", said.lines().next().unwrap_or("it said nothing"))));
        }
        Ok(audio)
    }

    fn name(&self) -> String {
        self.program.display().to_string()
    }
}

/// Hands the words over and takes audio and complaints in, all at once: neither side can block the other.
async fn talk(child: &mut Child, words: &str) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(io::Error::other("it has no pipes"));
    };
    let say = async move {
        // A program that ended early says why by its status.
        let _ = stdin.write_all(words.as_bytes()).await;
        drop(stdin);
        Ok(())
    };
    let (mut audio, mut complaints) = (Vec::new(), Vec::new());
    let (mut stdout, mut stderr) = (stdout.take(MOST_OCTETS), stderr.take(MOST_COMPLAINTS));
    tokio::try_join!(say, stdout.read_to_end(&mut audio), stderr.read_to_end(&mut complaints))?;
    Ok((audio, complaints))
}
