//! PINs are kept as argon2id (RFC 9106) with a salt of their own and a key of the installation.
//!
//! A PIN has only a million values, so no cost parameter could hide one from somebody who has both the hash and the key.
//! The key stays in a file beside the database, mode 0600; the cost is modest, so that a company of some hundred accounts starts in a second.

use argon2::{Algorithm, Argon2, Params, Version};
use base::Secret;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Octets of a salt and of a hash.
pub(crate) const LENGTH: usize = 16;
const MEMORY_KIB: u32 = 1024;
const PASSES: u32 = 1;

/// The installation's key.
pub(crate) struct PinKey([u8; 32]);

impl PinKey {
    /// Reads the key file, or makes one.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut key = [0; 32];
        match fs::File::open(path) {
            Ok(mut file) => file.read_exact(&mut key)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                getrandom::fill(&mut key).map_err(io::Error::other)?;
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(&key)?;
            }
            Err(error) => return Err(error),
        }
        Ok(Self(key))
    }

    /// The hash of `pin` under `salt`.
    pub(crate) fn hash(&self, pin: &Secret, salt: &[u8; LENGTH]) -> [u8; LENGTH] {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(LENGTH)).expect("the cost parameters are within RFC 9106");
        let argon = Argon2::new_with_secret(&self.0, Algorithm::Argon2id, Version::V0x13, params)
            .expect("a key of 32 octets is short enough");
        let mut hash = [0; LENGTH];
        argon.hash_password_into(pin.reveal().as_bytes(), salt, &mut hash).expect("salt and output have legal lengths");
        hash
    }

    /// Whether `pin` gives `expected`. The comparison takes the same time wherever they differ.
    pub(crate) fn matches(&self, pin: &Secret, salt: &[u8; LENGTH], expected: &[u8; LENGTH]) -> bool {
        let hash = self.hash(pin, salt);
        hash.iter().zip(expected).fold(0, |differ, (left, right)| differ | (left ^ right)) == 0
    }
}

/// Octets from the operating system.
pub(crate) fn random_octets<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).expect("the operating system gives random octets");
    octets
}

/// An unguessable name of 32 hexadecimal digits.
pub(crate) fn token() -> String {
    format!("{:032x}", u128::from_be_bytes(random_octets()))
}
