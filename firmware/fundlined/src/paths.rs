//! Where the box's files are, below its root.

use std::path::{Path, PathBuf};

/// The folder that stands for `/`.
#[derive(Clone, Debug)]
pub struct Root(PathBuf);

impl Root {
    /// `/` on a box; any folder elsewhere.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// A path of the box, which begins with `/`.
    pub fn join(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }

    /// The root itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The configuration.
    pub fn config(&self) -> PathBuf {
        self.join("etc/fundline/fundline.toml")
    }

    /// The store of calls and events.
    pub fn store(&self) -> PathBuf {
        self.join("var/lib/fundline/fundline.db")
    }

    /// Recordings, by day.
    pub fn recordings(&self) -> PathBuf {
        self.join("var/lib/fundline/recordings")
    }

    /// Sockets between the processes.
    pub fn sockets(&self) -> PathBuf {
        self.join("run/fundline")
    }
}
