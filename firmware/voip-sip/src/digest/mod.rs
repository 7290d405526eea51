//! Digest authentication (RFC 7616, RFC 8760) with `qop=auth`: what both sides reckon.

mod client;
mod server;

use crate::values::to_hex;
use md5::Md5;
use sha2::{Digest, Sha256};

pub use client::{Login, LoginFailed};
pub use server::{Denied, Guard};

/// A hash that both sides know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// MD5, for telephones that know nothing newer.
    Md5,
}

impl Algorithm {
    /// The better one first, which is the order of challenges (RFC 8760 §2.4).
    pub(crate) const ALL: [Self; 2] = [Self::Sha256, Self::Md5];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Md5 => "MD5",
        }
    }

    /// The algorithm of this name; none means MD5 (RFC 7616 §3.3).
    pub(crate) fn named(name: Option<&str>) -> Option<Self> {
        let name = name.unwrap_or("MD5");
        Self::ALL.into_iter().find(|own| own.name().eq_ignore_ascii_case(name))
    }

    /// The hash of the parts with colons between them, in hexadecimal digits.
    fn hash(self, parts: &[&str]) -> String {
        match self {
            Self::Sha256 => hashed::<Sha256>(parts),
            Self::Md5 => hashed::<Md5>(parts),
        }
    }
}

fn hashed<D: Digest>(parts: &[&str]) -> String {
    let mut hash = D::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            hash.update(b":");
        }
        hash.update(part.as_bytes());
    }
    to_hex(&hash.finalize())
}

/// What both sides hash.
pub(crate) struct Question<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) user: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) password: &'a str,
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) nonce: &'a str,
    /// Count and nonce of the client with `qop=auth`; without, it is the digest of RFC 2069.
    pub(crate) count: Option<(&'a str, &'a str)>,
}

impl Question<'_> {
    /// RFC 7616 §3.4.1.
    pub(crate) fn response(&self) -> String {
        let a1 = self.algorithm.hash(&[self.user, self.realm, self.password]);
        let a2 = self.algorithm.hash(&[self.method, self.uri]);
        match self.count {
            Some((count, cnonce)) => self.algorithm.hash(&[&a1, self.nonce, count, cnonce, "auth", &a2]),
            None => self.algorithm.hash(&[&a1, self.nonce, &a2]),
        }
    }
}

#[cfg(test)]
#[path = "digest_tests.rs"]
mod tests;
