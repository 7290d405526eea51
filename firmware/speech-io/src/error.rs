//! Why a prompt cannot be spoken.

use speech::NotSpeakable;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Why a prompt cannot be spoken. Never holds the prompt's words.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SpeechError {
    /// The text is not what its `<say-as>` claims, or is too long.
    #[error("{0}")]
    NotSpeakable(#[from] NotSpeakable),
    /// The voice program is not installed.
    #[error("the voice program {program} is not here: install it with `apt-get install espeak-ng`")]
    NoVoice {
        /// The program's name or path.
        program: String,
    },
    /// The voice program did not do its work.
    #[error("the voice program {program} failed ({why}); try `echo test | {program} -v {voice} --stdin -w test.wav`")]
    Voice {
        /// The program's name or path.
        program: String,
        /// Its voice.
        voice: &'static str,
        /// What happened.
        why: String,
    },
    /// The voice program took too long and was ended.
    #[error("the voice program {program} took longer than {limit:?}; is the box overloaded?")]
    TimedOut {
        /// The program's name or path.
        program: String,
        /// How long it may take.
        limit: Duration,
    },
    /// A recording cannot be played.
    #[error("recording: {why}")]
    NotAudio {
        /// What is wrong and what is wanted.
        why: String,
    },
    /// A clip could not be written.
    #[error("{}: {error}; the folder must be writable and have room", place.display())]
    Cache {
        /// Which file or folder.
        place: PathBuf,
        /// What the system said.
        error: Arc<io::Error>,
    },
}

impl SpeechError {
    pub(crate) fn cache(place: &std::path::Path, error: io::Error) -> Self {
        Self::Cache { place: place.to_path_buf(), error: Arc::new(error) }
    }
}
