//! Phrases rendered by the espeak-ng program and cached by content.
//!
//! **What it does.** [`Speaker::speak`] turns a prompt into clip files (WAV, A-law, mono, 8 kHz) to be played one after the other.
//! A phrase that was recorded by a person is taken from the folder of recordings, any other from a cache, and what is not
//! there yet is rendered by espeak-ng.
//!
//! **How it works.** `speech` turns a `<say-as>` value into words and cuts the prompt into phrases; a phrase's file is named by
//! the hash of its voice and words. So equal words are rendered once, at whatever time and for however many callers, and
//! the same words give the same octets on every run and box. A clip is written under another name and moved into place, so
//! that nobody reads half of one. The cache is bounded: the clips that were not used for longest go first, but none that was
//! handed out in the last ten minutes, for it may still be waiting to be played.
//!
//! **Voices.** Mandarin is `cmn-latn-pinyin` at 175 words a minute, about four syllables a second, as announcers on the telephone
//! speak. (Its sister `cmn` spells pinyin with English letters in Debian 12's espeak-ng 1.51: it cannot be used.) English is
//! `en-us` at 140, about three words a second. Text reaches the program on its standard input: an argument could be read in
//! the list of processes, and a balance is nobody's business. Words of the trade that the voice misreads are respelt for it
//! (`lexicon`).
//!
//! **Recordings.** `<folder>/zh/` and `<folder>/en/` hold one WAV file a phrase, 16-bit PCM or A-law, one channel, any
//! rate. Its name is the phrase without the mark that ends it (`请按井号键.wav`), or what [`recorded_name`] says where a name
//! of letters is wanted. A recording at another rate than 8 kHz is converted and levelled once.
//!
//! ```no_run
//! use speech_io::{Lang, SayAs, Speaker};
//!
//! # async fn example() -> Result<(), speech_io::SpeechError> {
//! let speaker = Speaker::new("/var/lib/fundline/speech".as_ref(), Some("/var/lib/fundline/prompts".as_ref()));
//! let mut files = speaker.speak("单位净值", Lang::Zh, None).await?;
//! files.extend(speaker.speak("1.2345", Lang::Zh, Some(&SayAs::Decimal)).await?);
//! # Ok(()) }
//! ```
//!
//! **Left out.** Other voices (MRCP, HTTP): a second engine will sit beside the one in `voice`.
//!
//! **References.** espeak-ng(1) of Debian 12 (1.51).

mod cache;
mod error;
mod lexicon;
mod recorded;
mod speaker;
mod voice;

pub use error::SpeechError;
pub use recorded::recorded_name;
pub use speaker::{Options, Speaker};
pub use speech::{Lang, SayAs};
