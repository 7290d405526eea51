//! What a recording's file holds.

use std::path::Path;

/// How recordings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// A-law as it came, in WAV: 58 MB an hour.
    #[default]
    Wav,
    /// Opus in Ogg: 14 MB an hour at most.
    Opus,
}

impl Format {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Wav, Self::Opus];

    /// The end of the file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Opus => "opus",
        }
    }

    /// What a file is by its name.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        Self::ALL.into_iter().find(|format| extension == format.extension())
    }
}
