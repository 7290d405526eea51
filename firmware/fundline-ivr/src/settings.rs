//! Where things are, from the command line and `fundline.toml`.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A file cannot be read, or a folder cannot be named.
    #[error("{}: {error}; name another with --config or --root", place.display())]
    Unreadable {
        /// Which.
        place: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The configuration has faults, one a line.
    #[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faulty {
        /// All of them.
        problems: Vec<config::Problem>,
    },
}

/// Where things are.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The main process's socket.
    pub socket: PathBuf,
    /// Where the application server listens.
    pub listen: SocketAddr,
    /// Folder of applications.
    pub apps: PathBuf,
    /// Folder of recorded prompts.
    pub recorded: PathBuf,
    /// Folder of rendered phrases.
    pub speech: PathBuf,
    /// The fund system's address.
    pub fund: Option<String>,
}

impl Settings {
    /// Reads `config`, or `etc/fundline/fundline.toml` below `root`. All paths of the configuration are below `root`.
    ///
    /// # Errors
    /// [`SettingsError`] with file, line and remedy.
    pub fn read(root: &Path, config: Option<&Path>) -> Result<Self, SettingsError> {
        let unreadable = |place: &Path| {
            let place = place.to_path_buf();
            move |error| SettingsError::Unreadable { place, error }
        };
        let root = std::path::absolute(root).map_err(unreadable(root))?;
        let file = config.map_or_else(|| root.join("etc/fundline/fundline.toml"), Path::to_path_buf);
        let text = std::fs::read_to_string(&file).map_err(unreadable(&file))?;
        let parsed = config::parse(&file.to_string_lossy(), &text);
        let ivr = parsed.map_err(|problems| SettingsError::Faulty { problems })?.ivr;
        let below = |path: &str| root.join(path.trim_start_matches('/'));
        Ok(Self {
            socket: root.join("run/fundline").join(ipc::sockets::IVR),
            listen: ivr.listen,
            apps: below(&ivr.apps),
            recorded: below(ivr.recorded.as_deref().unwrap_or("/var/lib/fundline/prompts")),
            speech: root.join("var/lib/fundline/speech"),
            fund: ivr.fund,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_paths_are_below_the_root() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("box.toml");
        std::fs::write(&file, "[box]\nname = \"b\"\n[ivr]\napps = \"/srv/apps\"\nfund = \"http://127.0.0.1:1\"\n")
            .unwrap();
        let settings = Settings::read(root.path(), Some(&file)).unwrap();
        assert_eq!(settings.apps, root.path().join("srv/apps"));
        assert_eq!(settings.recorded, root.path().join("var/lib/fundline/prompts"));
        assert_eq!(settings.socket, root.path().join("run/fundline/ivr.sock"));
        assert_eq!(settings.fund.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn a_missing_or_faulty_file_is_told_of_with_its_place() {
        let root = tempfile::tempdir().unwrap();
        let why = Settings::read(root.path(), None).unwrap_err().to_string();
        assert!(why.contains("etc/fundline/fundline.toml") && why.contains("--config"), "{why}");
        let file = root.path().join("box.toml");
        std::fs::write(&file, "[box]\nname = \"b\"\ncolour = 1\n[ivr]\nlisten = \"0.0.0.0:1\"\n").unwrap();
        let why = Settings::read(root.path(), Some(&file)).unwrap_err().to_string();
        assert!(why.contains("box.toml:3:1: unknown field"), "{why}");
    }
}
