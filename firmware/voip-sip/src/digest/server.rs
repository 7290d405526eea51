//! The side that asks: nonces without memory, replays refused, strangers and friends treated alike.

use super::{Algorithm, Question};
use crate::headers::field;
use crate::tokens::keyed;
use crate::values::{Authentication, from_hex, quoted, to_hex};
use base::{Instant, Secret};
use core::time::Duration;
use std::collections::BTreeMap;

/// Why a request is not let in. To each of them the answer is the same 401 with a fresh challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It carries no credentials for us, or none that can be read.
    #[error("no credentials")]
    Missing,
    /// Name and password are right, the nonce is old, not ours, or was used with this count: `stale=true`.
    #[error("an old nonce")]
    Stale,
    /// The password is wrong, or there is no such user.
    #[error("wrong user or password")]
    Wrong,
}

/// A server's side of digest authentication.
///
/// A nonce is its time, a number and a seal by our key: nothing is kept of those that are only asked for. Of a nonce that was used rightly the counts
/// are kept, each of which is good once (RFC 7616 §3.4.5); when there is no room the oldest nonce becomes stale, which costs its
/// owner one more question.
#[derive(Clone)]
pub struct Guard {
    realm: String,
    key: [u8; 32],
    lifetime: Duration,
    most: usize,
    next: u64,
    /// Nonces up to this number are stale unless they are among the used.
    forgotten: u64,
    pub(super) used: BTreeMap<u64, Counts>,
}

/// The key stays unseen.
impl core::fmt::Debug for Guard {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Guard({}, {} nonces in use)", self.realm, self.used.len())
    }
}

/// Counts that were used: the highest, and which of the 63 below it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    highest: u32,
    below: u64,
    issued: Instant,
}

impl Counts {
    /// Uses a count; false if it was used, or is too far back to know.
    fn takes(&mut self, count: u32) -> bool {
        if count > self.highest {
            let ahead = count - self.highest;
            self.below = self.below.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let bit = 1_u64.checked_shl(self.highest - count).unwrap_or(0);
        let fresh = count > 0 && bit != 0 && self.below & bit == 0;
        self.below |= bit;
        fresh
    }
}

impl Guard {
    /// How long a nonce is good, unless told otherwise.
    pub const LIFETIME: Duration = Duration::from_secs(300);

    /// A guard of `realm` that remembers the counts of up to `most` nonces. `key` comes from the system's random source.
    pub const fn new(realm: String, key: [u8; 32], lifetime: Duration, most: usize) -> Self {
        Self { realm, key, lifetime, most, next: 0, forgotten: 0, used: BTreeMap::new() }
    }

    /// The fields of a 401, one for each algorithm, the best first (RFC 8760 §2.4).
    pub fn challenge(&mut self, now: Instant, denied: Denied) -> Vec<rsip::Header> {
        let nonce = self.nonce(now);
        let stale = if denied == Denied::Stale { ", stale=true" } else { "" };
        let realm = quoted(&self.realm);
        let value = |algorithm: Algorithm| {
            let name = algorithm.name();
            format!("Digest realm={realm}, nonce=\"{nonce}\", algorithm={name}, qop=\"auth\"{stale}")
        };
        Algorithm::ALL.map(|algorithm| field("WWW-Authenticate", &value(algorithm))).into()
    }

    /// Checks the credentials of a request of this method. `password` is that of [`Guard::user`]'s answer, nothing if there is no such user:
    /// the work and the verdict are then the same as for a wrong password.
    pub fn check(
        &mut self,
        now: Instant,
        method: &str,
        credentials: &Authentication,
        password: Option<&Secret>,
    ) -> Result<(), Denied> {
        let text = |name| credentials.value_of(name).ok_or(Denied::Missing);
        if self.user(credentials).is_none() || !text("qop")?.eq_ignore_ascii_case("auth") {
            return Err(Denied::Missing);
        }
        let algorithm = Algorithm::named(credentials.value_of("algorithm").as_deref()).ok_or(Denied::Missing)?;
        let (nonce, count, cnonce) = (text("nonce")?, text("nc")?, text("cnonce")?);
        let number = u32::from_str_radix(&count, 16).ok().filter(|_| count.len() == 8).ok_or(Denied::Missing)?;
        // A password that nobody has, as long as most are.
        let nobody = to_hex(&keyed(&self.key, &[b"nobody"])[..6]);
        let question = Question {
            algorithm,
            user: &text("username")?,
            realm: &self.realm,
            password: password.map_or(nobody.as_str(), Secret::reveal),
            method,
            uri: &text("uri")?,
            nonce: &nonce,
            count: Some((&count, &cnonce)),
        };
        let right = is_same(&question.response(), &text("response")?) & password.is_some();
        let sealed = self.opened(now, &nonce);
        match (right, sealed) {
            (false, _) => Err(Denied::Wrong),
            (true, None) => Err(Denied::Stale),
            (true, Some((serial, issued))) => self.uses(now, serial, issued, number).then_some(()).ok_or(Denied::Stale),
        }
    }

    /// The user that credentials name, if they are for this realm and of this scheme.
    pub fn user(&self, credentials: &Authentication) -> Option<String> {
        let ours = credentials.scheme.eq_ignore_ascii_case("Digest");
        let realm = credentials.value_of("realm")? == self.realm;
        credentials.value_of("username").filter(|_| ours && realm)
    }

    fn nonce(&mut self, now: Instant) -> String {
        self.next += 1;
        let open = [now.as_millis().to_be_bytes(), self.next.to_be_bytes()].concat();
        to_hex(&[open.as_slice(), &self.seal(&open)[..16]].concat())
    }

    fn seal(&self, open: &[u8]) -> [u8; 32] {
        keyed(&self.key, &[b"nonce", open, self.realm.as_bytes()])
    }

    /// Number and time of a nonce of ours that is still good.
    fn opened(&self, now: Instant, nonce: &str) -> Option<(u64, Instant)> {
        let octets = from_hex(nonce).unwrap_or_default();
        let (open, seal) = octets.split_at_checked(16)?;
        if !is_same(&to_hex(&self.seal(open)[..16]), &to_hex(seal)) {
            return None;
        }
        let (&issued, serial) = open.split_first_chunk::<8>()?;
        let issued = Instant::from_millis(u64::from_be_bytes(issued));
        let serial = u64::from_be_bytes(serial.try_into().ok()?);
        (issued <= now && now.since(issued) < self.lifetime).then_some((serial, issued))
    }

    fn uses(&mut self, now: Instant, serial: u64, issued: Instant, count: u32) -> bool {
        let lifetime = self.lifetime;
        while let Some(oldest) = self.used.first_entry()
            && now.since(oldest.get().issued) >= lifetime
        {
            oldest.remove();
        }
        if let Some(counts) = self.used.get_mut(&serial) {
            return counts.takes(count);
        }
        if serial <= self.forgotten {
            return false;
        }
        if self.used.len() >= self.most
            && let Some((oldest, _)) = self.used.pop_first()
        {
            self.forgotten = self.forgotten.max(oldest);
        }
        let mut counts = Counts { issued, ..Counts::default() };
        let takes = counts.takes(count);
        // One that is older than all that are kept would have been forgotten at once.
        if serial > self.forgotten {
            self.used.insert(serial, counts);
        }
        takes && serial > self.forgotten
    }
}

/// Compares without telling by its time where the texts differ.
fn is_same(ours: &str, theirs: &str) -> bool {
    let differ = ours.bytes().zip(theirs.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
    core::hint::black_box(differ) == 0 && ours.len() == theirs.len()
}
