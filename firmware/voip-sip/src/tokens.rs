//! Tags, branches, Call-IDs: texts that nobody guesses, from a key that is handed in.

use crate::values::to_hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A source of texts of 20 characters, each once (RFC 3261 §19.3 wants 32 bits of chance in a tag; here are 80).
#[derive(Clone)]
pub struct Tokens {
    key: [u8; 32],
    next: u64,
}

/// The key stays unseen.
impl core::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Tokens({} made)", self.next)
    }
}

impl Tokens {
    /// A source of its own for each `key`, which comes from the system's random source, new at each start.
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key, next: 0 }
    }

    /// The next text.
    pub fn token(&mut self) -> String {
        self.next += 1;
        to_hex(&keyed(&self.key, &[&self.next.to_be_bytes()])[..10])
    }

    /// A number below `bound`, which is not 0.
    pub fn number(&mut self, bound: u32) -> u32 {
        self.next += 1;
        let octets = keyed(&self.key, &[b"number", &self.next.to_be_bytes()]);
        let number = octets.first_chunk().map_or(0, |&four| u32::from_be_bytes(four));
        // The product's upper half is as even as 32 bits can be.
        u32::try_from((u64::from(number) * u64::from(bound)) >> 32).unwrap_or_default()
    }
}

/// HMAC-SHA-256 of the parts one behind the other.
pub(crate) fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104 §2: a key shorter than the hash's block is filled up with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}
