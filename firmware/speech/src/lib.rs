//! Text to spoken words, and spoken words to telephone audio that can be recognised again.
//!
//! **What it does.** [`spoken`] turns a value marked with `<say-as>` (an amount, a net asset value, a date) into the words
//! that a person would say, in Mandarin or English. [`phrases`] cuts a prompt into sentences, so that a cache of rendered
//! audio works on sentences. [`for_telephone`] makes a voice's samples of any rate a prompt: 8 kHz, edges cut, level set.
//!
//! **How it works.** Values are strings of decimal digits from the first character to the last: nothing is ever a float,
//! nothing overflows and nothing is rounded. A value that is not what its `<say-as>` claims is refused with the place of
//! the fault; the text itself is never in an error, because it may be a customer's balance.
//!
//! ```
//! use speech::{Lang, SayAs, phrases, spoken};
//!
//! assert_eq!(spoken("1.2300", SayAs::Decimal, Lang::Zh).unwrap(), "一点二三零零");
//! assert_eq!(spoken("12345.67", SayAs::Currency, Lang::Zh).unwrap(), "一万二千三百四十五元六角七分");
//! assert_eq!(spoken("1.2345", SayAs::Decimal, Lang::En).unwrap(), "one point two three four five");
//!
//! let cut = phrases("您好。请按1。", Lang::Zh).unwrap();
//! assert_eq!(cut.len(), 2);
//! assert_eq!(cut[0].words, "您好。");
//! ```
//!
//! **Left out.** Numbers inside running text are left to the voice. Dates are read year first only.
//!
//! **References.** Speech Synthesis Markup Language 1.1 (2010) §3.1.9, and the W3C note "SSML 1.0 say-as attribute values"
//! (2005); VoiceXML 2.0 (2004) Appendix P; ITU-T P.56 (12/2011) for the active level; ITU-T G.711 (11/88) for dBm0.

mod audio;
mod chinese;
mod date;
mod english;
mod error;
mod lang;
mod number;
mod phrase;
mod resample;
mod say_as;

pub use audio::{EDGE_MS, SENTENCE_PAUSE_MS, SPEECH_LEVEL_DBM0, TELEPHONE_HZ, active_level_dbm0, for_telephone};
pub use error::NotSpeakable;
pub use lang::Lang;
pub use phrase::{MAX_CHARS, Phrase, normalised, phrases};
pub use resample::Resampler;
pub use say_as::{SayAs, spoken};
