//! From what the interpreter wants played to files for the media engine.

use crate::fetch::{Fetcher, Visitor};
use ipc::ivr::Piece;
use speech_io::{Lang, SayAs, Speaker, SpeechError};
use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use vxml::PromptItem;

/// Recordings whose addresses are remembered.
const KNOWN: usize = 2_000;
/// How long a recording may take to come; after that its fallback is played.
const AUDIO_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest pause in a prompt.
const LONGEST_PAUSE_MS: u32 = 60_000;
/// Items of one prompt that are rendered at once.
const AT_ONCE: usize = 16;

/// Makes prompts. Clones share voice and recordings.
#[derive(Clone)]
pub struct Prompter {
    speaker: Speaker,
    fetcher: Fetcher,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

/// A recording that was fetched.
struct Known {
    file: PathBuf,
    until: Instant,
}

/// Items of a prompt could not be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// How many.
    pub items: usize,
}

impl Prompter {
    /// A prompter that speaks with `speaker` and fetches recordings with `fetcher`.
    #[must_use]
    pub fn new(speaker: Speaker, fetcher: Fetcher) -> Self {
        Self { speaker, fetcher, known: Arc::default() }
    }

    /// The pieces of a prompt in order, and what of it could not be had. Dropping the future ends what it began.
    pub async fn pieces(&self, visitor: &Visitor, items: Vec<PromptItem>) -> (Vec<Piece>, Missing) {
        let mut made: Vec<Option<Vec<Piece>>> = Vec::new();
        made.resize_with(items.len(), || None);
        let mut work = JoinSet::new();
        let mut missing = Missing { items: 0 };
        for (at, item) in items.into_iter().enumerate() {
            while work.len() >= AT_ONCE {
                put(&mut made, &mut missing, work.join_next().await);
            }
            let (prompter, visitor) = (self.clone(), visitor.clone());
            work.spawn(async move { (at, prompter.item(&visitor, item).await) });
        }
        while let Some(done) = work.join_next().await {
            put(&mut made, &mut missing, Some(done));
        }
        (made.into_iter().flatten().flatten().collect(), missing)
    }

    /// The pieces of one item; `None` if it cannot be played. What went wrong is in the log.
    fn item<'a>(
        &'a self,
        visitor: &'a Visitor,
        item: PromptItem,
    ) -> Pin<Box<dyn Future<Output = Option<Vec<Piece>>> + Send + 'a>> {
        Box::pin(async move {
            match item {
                PromptItem::Speak { text, lang, say_as } => self.words(&text, &lang, say_as.as_ref()).await,
                PromptItem::Break(pause) => {
                    let ms = u32::try_from(pause.as_millis()).unwrap_or(u32::MAX).min(LONGEST_PAUSE_MS);
                    Some(if ms == 0 { Vec::new() } else { vec![Piece::Silence(ms)] })
                }
                PromptItem::Mark(_) => Some(Vec::new()),
                PromptItem::Audio { url, fallback } => match self.recording(visitor, &url).await {
                    Some(file) => Some(vec![piece(file)]),
                    None => {
                        let mut pieces = Vec::new();
                        let mut found = !fallback.is_empty();
                        for item in fallback {
                            let made = self.item(visitor, item).await;
                            found &= made.is_some();
                            pieces.extend(made.into_iter().flatten());
                        }
                        found.then_some(pieces)
                    }
                },
            }
        })
    }

    async fn words(&self, text: &str, lang: &str, say_as: Option<&vxml::SayAs>) -> Option<Vec<Piece>> {
        let lang = Lang::from_tag(lang).unwrap_or_else(|| {
            tracing::debug!(lang, "no voice speaks this language, the Mandarin one is taken");
            Lang::Zh
        });
        let say_as = say_as.and_then(|say_as| SayAs::from_names(&say_as.interpret_as, Some(&say_as.format)));
        let mut spoken = self.speaker.speak(text, lang, say_as.as_ref()).await;
        if let (Err(SpeechError::NotSpeakable(why)), Some(_)) = (&spoken, say_as) {
            tracing::warn!(%why, "a value is not what its say-as claims; it is read as text");
            spoken = self.speaker.speak(text, lang, None).await;
        }
        match spoken {
            Ok(files) => Some(files.into_iter().map(piece).collect()),
            Err(why) => {
                tracing::error!(%why, "words could not be spoken");
                None
            }
        }
    }

    /// The file of a recording at an address, fetched if it is not there or no longer fresh.
    async fn recording(&self, visitor: &Visitor, url: &str) -> Option<PathBuf> {
        let now = Instant::now();
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known
                .get(url)
                .filter(|known| known.until > now && self.speaker.has(&known.file))
                .map(|known| known.file.clone())
        };
        if known.is_some() {
            return known;
        }
        let audio = match self.fetcher.audio(visitor, url, AUDIO_TIMEOUT).await {
            Ok(audio) => audio,
            Err(why) => {
                tracing::warn!(?why, "a recording could not be fetched");
                return None;
            }
        };
        let file = match self.speaker.clip(audio.octets).await {
            Ok(file) => file,
            Err(why) => {
                tracing::warn!(%why, "a recording cannot be played");
                return None;
            }
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.retain(|_, known| known.until > now);
        }
        if known.len() < KNOWN {
            known.insert(url.to_owned(), Known { file: file.clone(), until: now + audio.fresh_for });
        }
        Some(file)
    }
}

/// An item's place in its prompt, and its pieces.
type Numbered = (usize, Option<Vec<Piece>>);

fn put(made: &mut [Option<Vec<Piece>>], missing: &mut Missing, done: Option<Result<Numbered, tokio::task::JoinError>>) {
    match done {
        Some(Ok((at, Some(pieces)))) => made[at] = Some(pieces),
        Some(Ok((_, None)) | Err(_)) => missing.items += 1,
        None => {}
    }
}

fn piece(file: PathBuf) -> Piece {
    Piece::File(file.to_string_lossy().into_owned())
}
