//! From a prompt to clip files.

use crate::cache::Cache;
use crate::recorded::{self, Recording};
use crate::voice::{self, RENDERING, Voice};
use crate::{Lang, SayAs, SpeechError};
use sha2::{Digest, Sha256};
use speech::{Phrase, phrases, spoken};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// A clip of this many samples stands for a phrase of which the voice makes no sound.
const NO_SOUND: usize = 80;

/// What may be chosen.
#[derive(Clone, Debug)]
pub struct Options {
    /// The voice program; found on the path unless it is one.
    pub program: PathBuf,
    /// Octets of the cache. 256 MiB hold about nine hours of speech.
    pub cache_octets: u64,
    /// Runs of the program at once.
    pub renders: usize,
    /// How long one run may take.
    pub render_limit: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let renders = std::thread::available_parallelism().map_or(2, usize::from);
        Self { program: "espeak-ng".into(), cache_octets: 256 << 20, renders, render_limit: Duration::from_secs(10) }
    }
}

/// Speaks prompts. Clones share cache and voice.
#[derive(Clone)]
pub struct Speaker(Arc<Inner>);

struct Inner {
    cache: Cache,
    recorded: Option<PathBuf>,
    voice: Voice,
    renders: Semaphore,
    /// One lock for each clip being made, so that all who want it share one run. The last one out removes it.
    making: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Speaker {
    /// A speaker with its cache in one folder and, if there are any, recordings in another.
    #[must_use]
    pub fn new(cache: &Path, recorded: Option<&Path>) -> Self {
        Self::with_options(cache, recorded, Options::default())
    }

    /// A speaker with other limits or another program.
    #[must_use]
    pub fn with_options(cache: &Path, recorded: Option<&Path>, options: Options) -> Self {
        Self(Arc::new(Inner {
            cache: Cache::new(cache, options.cache_octets),
            recorded: recorded.map(Path::to_path_buf),
            voice: Voice { program: options.program, limit: options.render_limit },
            renders: Semaphore::new(options.renders.max(1)),
            making: Mutex::default(),
        }))
    }

    /// The clip files of a prompt, in order; none where it has nothing to say. May be dropped at any time: a clip is there whole
    /// or not at all.
    ///
    /// # Errors
    /// [`SpeechError`]: a value that is not what `say_as` claims, a voice program that is missing or fails, a full disk.
    pub async fn speak(&self, text: &str, lang: Lang, say_as: Option<&SayAs>) -> Result<Vec<PathBuf>, SpeechError> {
        let words = match say_as {
            Some(say_as) => spoken(text, *say_as, lang)?,
            None => text.to_owned(),
        };
        let mut files = Vec::new();
        for phrase in phrases(&words, lang)? {
            files.push(self.phrase(&phrase).await?);
        }
        Ok(files)
    }

    /// The clip of a recording that came from elsewhere, a whole WAV file: 16-bit PCM or A-law. One channel at 8 kHz keeps its
    /// level; of more channels the first is taken, and another rate is converted and levelled.
    ///
    /// # Errors
    /// [`SpeechError::NotAudio`], or that the clip cannot be written.
    pub async fn clip(&self, wav: Vec<u8>) -> Result<PathBuf, SpeechError> {
        let name = name(&format!("clip\n{}", hex(&Sha256::digest(&wav))));
        let made = self.made(&name, async {
            let work = tokio::task::spawn_blocking(move || recorded::samples(&wav));
            let why = match work.await {
                Ok(Ok(samples)) => return Ok(samples),
                Ok(Err(why)) => why,
                Err(why) => why.to_string(),
            };
            Err(SpeechError::NotAudio { why })
        });
        Ok(made.await?)
    }

    /// Whether a clip that was handed out earlier is still there. It counts as a use, so that it stays for a while.
    #[must_use]
    pub fn has(&self, clip: &Path) -> bool {
        clip.file_stem().and_then(|name| name.to_str()).and_then(|name| self.0.cache.find(name)).is_some()
    }

    /// Whether the voice program works, asked by one word in each language.
    ///
    /// # Errors
    /// [`SpeechError`] with the remedy.
    pub async fn check(&self) -> Result<(), SpeechError> {
        for lang in [Lang::Zh, Lang::En] {
            let words = spoken("1", SayAs::Cardinal, lang)?;
            self.0.voice.render(&Phrase { lang, words }).await?;
        }
        Ok(())
    }

    async fn phrase(&self, phrase: &Phrase) -> Result<PathBuf, SpeechError> {
        if let Some(recorded) = self.recorded(phrase).await {
            return Ok(recorded);
        }
        let (voice, speed) = voice::settings(phrase.lang);
        let name = name(&format!("{RENDERING}\n{voice}\n{speed}\n{}", phrase.words));
        let made = self.made(&name, async {
            tracing::debug!(words = phrase.words, voice, "rendering");
            let mut samples = self.0.voice.render(phrase).await?;
            if samples.is_empty() {
                samples.resize(NO_SOUND, 0);
            }
            Ok(samples)
        });
        Ok(made.await?)
    }

    /// The recording of a phrase, converted if it must be. One that cannot be used is told of and the voice speaks instead.
    async fn recorded(&self, phrase: &Phrase) -> Option<PathBuf> {
        let file = recorded::find(self.0.recorded.as_deref()?, phrase)?;
        let unusable = |why: String| tracing::warn!(file = %file.display(), why, "recorded prompt not usable");
        match recorded::look(&file) {
            Ok(Recording::Playable) => return Some(file),
            Ok(Recording::Convert(key)) => {
                let name = name(&key);
                let converted = self.made(&name, async {
                    let (file, phrase) = (file.clone(), phrase.clone());
                    let work = tokio::task::spawn_blocking(move || recorded::convert(&file, &phrase));
                    work.await.map_err(|why| why.to_string())?
                });
                match converted.await {
                    Ok(place) => return Some(place),
                    Err(Unmade::Work(why)) => unusable(why),
                    Err(Unmade::Cache(error)) => unusable(error.to_string()),
                }
            }
            Err(why) => unusable(why),
        }
        None
    }

    /// The clip called `name`, made by `work` if it is not there. Of all who ask at once, one works.
    async fn made<E>(&self, name: &str, work: impl Future<Output = Result<Vec<i16>, E>>) -> Result<PathBuf, Unmade<E>> {
        if let Some(place) = self.0.cache.find(name) {
            return Ok(place);
        }
        let making = Making::join(&self.0.making, name);
        let _turn = making.lock.lock().await;
        if let Some(place) = self.0.cache.find(name) {
            return Ok(place);
        }
        // The semaphore is never closed.
        let _permit = self.0.renders.acquire().await;
        let samples = work.await.map_err(Unmade::Work)?;
        self.0.cache.keep(name, &samples).map_err(Unmade::Cache)
    }
}

/// Why a clip was not made.
enum Unmade<E> {
    Work(E),
    Cache(SpeechError),
}

impl From<Unmade<Self>> for SpeechError {
    fn from(unmade: Unmade<Self>) -> Self {
        match unmade {
            Unmade::Work(error) | Unmade::Cache(error) => error,
        }
    }
}

/// A place among those who want one clip.
struct Making<'a> {
    all: &'a Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    name: &'a str,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl<'a> Making<'a> {
    fn join(all: &'a Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>, name: &'a str) -> Self {
        let mut open = all.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = Arc::clone(open.entry(name.to_owned()).or_default());
        Self { all, name, lock }
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        let mut open = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's own and this one: nobody else is in line.
        if Arc::strong_count(&self.lock) <= 2 {
            open.remove(self.name);
        }
    }
}

fn name(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes())[..16])
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
