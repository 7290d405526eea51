//! The one password, kept as argon2id (RFC 9106) in a file of mode 0600.

use crate::file;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base::Secret;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Fewest characters of a new password.
pub(crate) const SHORTEST: usize = 10;
/// Longest password in octets: what is hashed is bounded.
pub(crate) const LONGEST: usize = 256;

/// Letters of the first password: 32, so that five bits draw one, without those that look alike in print.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Why there is no password to check against.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The file cannot be read or written.
    #[error("{}: {source}; check the disk and the folder's owner", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// The file does not hold a hash.
    #[error("{}: not an argon2 hash; delete the file and start again for a new first password", .0.display())]
    Damaged(PathBuf),
}

/// The password of the user `admin`. Hashing takes some tens of milliseconds on purpose: call it where blocking is allowed.
pub(crate) struct Password {
    path: PathBuf,
    hash: Mutex<String>,
}

impl Password {
    /// The password that was set before; `None` where the box has none yet.
    pub(crate) fn open(path: PathBuf) -> Result<Option<Self>, PasswordError> {
        let hash = match std::fs::read_to_string(&path) {
            Ok(text) => text.trim().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(PasswordError::Io { path, source }),
        };
        match PasswordHash::new(&hash) {
            Ok(_) => Ok(Some(Self { path, hash: Mutex::new(hash) })),
            Err(_) => Err(PasswordError::Damaged(path)),
        }
    }

    /// Draws the first password, keeps its hash, and gives it away this once.
    pub(crate) fn first(path: PathBuf) -> Result<(Self, Secret), PasswordError> {
        let first = drawn();
        let password = Self { path, hash: Mutex::new(String::new()) };
        password.change(&first)?;
        Ok((password, first))
    }

    /// Whether `candidate` is the password.
    pub(crate) fn matches(&self, candidate: &Secret) -> bool {
        let hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let octets = candidate.reveal().as_bytes();
        octets.len() <= LONGEST
            && PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(octets, &hash).is_ok())
    }

    /// Sets a new password; it counts from the moment its hash is on disk.
    pub(crate) fn change(&self, new: &Secret) -> Result<(), PasswordError> {
        let hash = Argon2::default()
            .hash_password(new.reveal().as_bytes())
            .map_err(|error| self.fault(io::Error::other(error.to_string())))?
            .to_string();
        file::write_secret(&self.path, format!("{hash}\n").as_bytes()).map_err(|source| self.fault(source))?;
        *self.hash.lock().unwrap_or_else(PoisonError::into_inner) = hash;
        Ok(())
    }

    fn fault(&self, source: io::Error) -> PasswordError {
        PasswordError::Io { path: self.path.clone(), source }
    }
}

/// Whether a text may become the password: long enough, not too long.
pub(crate) fn acceptable(new: &Secret) -> bool {
    new.reveal().chars().count() >= SHORTEST && new.reveal().len() <= LONGEST
}

/// Sixty bits in three groups of four, easy to type from a terminal.
fn drawn() -> Secret {
    let mut octets = [0_u8; 12];
    getrandom::fill(&mut octets).expect("the operating system gives random octets");
    let letters: Vec<char> = octets.iter().map(|&octet| char::from(LETTERS[usize::from(octet & 31)])).collect();
    Secret::new(letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_password_opens_after_a_restart_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        assert!(Password::open(path.clone()).unwrap().is_none());
        let (_, first) = Password::first(path.clone()).unwrap();
        let again = Password::open(path.clone()).unwrap().unwrap();
        assert!(again.matches(&first));
        assert!(!again.matches(&Secret::new("")));
        assert!(!again.matches(&Secret::new(format!("{} ", first.reveal()))));
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept.starts_with("$argon2id$") && !kept.contains(first.reveal()), "{kept}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_changed_password_replaces_the_old_one_on_disk_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let (password, first) = Password::first(path.clone()).unwrap();
        let new = Secret::new("a longer one 密码");
        password.change(&new).unwrap();
        for password in [password, Password::open(path).unwrap().unwrap()] {
            assert!(password.matches(&new) && !password.matches(&first));
        }
    }

    #[test]
    fn a_damaged_file_is_told_with_its_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "secret").unwrap();
        let told = Password::open(path).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(told.contains("delete the file and start again"), "{told}");
    }

    #[test]
    fn first_passwords_look_as_printed_and_differ() {
        let (one, other) = (drawn(), drawn());
        assert_ne!(one, other);
        let groups: Vec<&str> = one.reveal().split('-').collect();
        assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4]);
    }

    #[test]
    fn ten_characters_are_enough_and_nine_are_not() {
        assert!(!acceptable(&Secret::new("123456789")));
        assert!(acceptable(&Secret::new("1234567890")));
        assert!(acceptable(&Secret::new("一二三四五六七八九十")));
        assert!(acceptable(&Secret::new("x".repeat(LONGEST))));
        assert!(!acceptable(&Secret::new("x".repeat(LONGEST + 1))));
    }
}
