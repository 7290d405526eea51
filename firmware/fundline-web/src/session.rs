//! Who is signed in: tokens with an end, kept by their hash. Time is an argument.

use base::Instant;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// A session ends this long after signing in, whatever happens.
pub(crate) const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A session ends when nothing is asked for this long. An open page asks all the time.
pub(crate) const IDLE: Duration = Duration::from_secs(2 * 3600);
/// Sessions at once. One more ends the one that was used longest ago.
pub(crate) const SESSIONS: usize = 64;

type Key = [u8; 32];

/// All sessions. Whoever reads this memory gets no token: only hashes are kept.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: BTreeMap<Key, Session>,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    opened: Instant,
    used: Instant,
}

impl Session {
    fn is_over(self, now: Instant) -> bool {
        now.since(self.opened) >= LIFETIME || now.since(self.used) >= IDLE
    }
}

impl Sessions {
    /// Opens a session for `token`, 256 bits that the caller drew.
    pub(crate) fn open(&mut self, now: Instant, token: &str) {
        self.open.retain(|_, session| !session.is_over(now));
        if self.open.len() >= SESSIONS {
            let oldest = self.open.iter().min_by_key(|(_, session)| session.used).map(|(&key, _)| key);
            oldest.map(|key| self.open.remove(&key));
        }
        self.open.insert(key(token), Session { opened: now, used: now });
    }

    /// Whether `token` is a session's; using it keeps it from idling out.
    pub(crate) fn touch(&mut self, now: Instant, token: &str) -> bool {
        let key = key(token);
        match self.open.get_mut(&key) {
            Some(session) if !session.is_over(now) => {
                session.used = now;
                true
            }
            Some(_) => {
                self.open.remove(&key);
                false
            }
            None => false,
        }
    }

    /// Ends one session.
    pub(crate) fn close(&mut self, token: &str) {
        self.open.remove(&key(token));
    }

    /// Ends all sessions but this one: the password has changed.
    pub(crate) fn close_others(&mut self, token: &str) {
        let kept = key(token);
        self.open.retain(|key, _| *key == kept);
    }
}

fn key(token: &str) -> Key {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::new(Duration::from_secs(seconds))
    }

    #[test]
    fn an_unused_session_ends_after_two_hours() {
        let mut sessions = Sessions::default();
        sessions.open(at(0), "a");
        assert!(sessions.touch(at(7199), "a"));
        assert!(sessions.touch(at(7199 + 7199), "a"), "use keeps it");
        assert!(!sessions.touch(at(7199 + 7199 + 7200), "a"));
    }

    #[test]
    fn a_used_session_ends_after_twelve_hours() {
        let mut sessions = Sessions::default();
        sessions.open(at(0), "a");
        for hour in 1..12 {
            assert!(sessions.touch(at(hour * 3600), "a"), "{hour}");
        }
        assert!(sessions.touch(at(12 * 3600 - 1), "a"));
        assert!(!sessions.touch(at(12 * 3600), "a"));
    }

    #[test]
    fn signing_out_ends_one_session_and_a_new_password_all_others() {
        let mut sessions = Sessions::default();
        for token in ["a", "b", "c"] {
            sessions.open(at(0), token);
        }
        sessions.close("a");
        assert!(!sessions.touch(at(1), "a") && sessions.touch(at(1), "b"));
        sessions.close_others("c");
        assert!(!sessions.touch(at(1), "b") && sessions.touch(at(1), "c"));
    }

    #[test]
    fn one_session_too_many_ends_the_longest_unused() {
        let mut sessions = Sessions::default();
        let tokens: Vec<String> = (0..SESSIONS).map(|number| format!("token {number}")).collect();
        for (second, token) in (0..).zip(&tokens) {
            sessions.open(at(second), token);
        }
        assert!(sessions.touch(at(100), &tokens[0]));
        sessions.open(at(101), "one more");
        assert!(sessions.touch(at(102), &tokens[0]) && sessions.touch(at(102), "one more"));
        assert!(!sessions.touch(at(102), &tokens[1]));
    }
}
