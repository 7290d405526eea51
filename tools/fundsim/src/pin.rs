//! The PIN rule: three wrong tries end the call, six lock the account. Pure; the caller hands in the clock.
//!
//! Tries are counted per account over all calls and boxes, and per call over all accounts. Whoever keeps the counts must load them,
//! call [`Tries::attempt`] and save them without anybody in between, else more than six guesses could be evaluated.

use base::WallTime;

/// Wrong tries in one call after which it is told to end.
pub const CALL_LIMIT: u8 = 3;
/// Wrong tries after which an account is locked.
pub const ACCOUNT_LIMIT: u8 = 6;
/// How long an account stays locked, in milliseconds.
pub const LOCK_MS: u64 = 2 * 60 * 60 * 1000;

/// What is remembered of one account and one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Wrong tries at this account since the last success, reset or end of a lock.
    pub account_wrong: u8,
    /// When the account was locked, if it is.
    pub locked_at: Option<WallTime>,
    /// Wrong tries of this call at this account.
    pub call_wrong: u8,
    /// Wrong tries of this call at other accounts. Success does not forgive them, so that a caller with one good
    /// account cannot try many others in one call.
    pub call_wrong_elsewhere: u8,
}

/// Whether the PIN was the account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It was.
    Right,
    /// It was not, or there is no such account.
    Wrong,
}

/// What the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The PIN was right.
    Welcome,
    /// Wrong, and the caller may try again.
    Wrong,
    /// Wrong, and the call must end.
    WrongEndCall,
    /// The account is locked; the call must end.
    LockedEndCall,
}

impl Tries {
    /// One try at `now`. `evaluate` compares the PIN; it is called only if the rule allows one more guess.
    pub fn attempt(&mut self, now: WallTime, evaluate: impl FnOnce() -> Guess) -> Verdict {
        self.unlock_when_due(now);
        if self.in_call() >= CALL_LIMIT {
            return self.refusal();
        }
        if self.locked_at.is_some() {
            self.call_wrong += 1;
            return self.refusal();
        }
        match evaluate() {
            Guess::Right => {
                self.account_wrong = 0;
                self.call_wrong = 0;
                Verdict::Welcome
            }
            Guess::Wrong => {
                self.account_wrong += 1;
                self.call_wrong += 1;
                if self.account_wrong >= ACCOUNT_LIMIT {
                    self.locked_at = Some(now);
                }
                self.refusal()
            }
        }
    }

    /// Whether the account is locked at `now`.
    pub fn is_locked(&self, now: WallTime) -> bool {
        // A clock set back leaves the account locked: the difference is then zero, not negative.
        self.locked_at.is_some_and(|since| now.0.saturating_sub(since.0) < LOCK_MS)
    }

    fn unlock_when_due(&mut self, now: WallTime) {
        if self.locked_at.is_some() && !self.is_locked(now) {
            self.locked_at = None;
            self.account_wrong = 0;
        }
    }

    fn in_call(&self) -> u8 {
        self.call_wrong.saturating_add(self.call_wrong_elsewhere)
    }

    fn refusal(&self) -> Verdict {
        match (self.in_call() >= CALL_LIMIT, self.locked_at) {
            (false, _) => Verdict::Wrong,
            (true, None) => Verdict::WrongEndCall,
            (true, Some(_)) => Verdict::LockedEndCall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Guess::{Right, Wrong};
    use Verdict::{LockedEndCall, Welcome, WrongEndCall};

    const NOON: WallTime = WallTime(1_760_000_000_000);

    #[test]
    fn three_wrong_tries_end_the_call() {
        check(Tries::default(), &[(Wrong, Verdict::Wrong), (Wrong, Verdict::Wrong), (Wrong, WrongEndCall)]);
    }

    #[test]
    fn a_call_told_to_end_gets_no_further_guess() {
        let mut tries = Tries { call_wrong: 3, account_wrong: 3, ..Tries::default() };
        assert_eq!(tries.attempt(NOON, || panic!("evaluated")), WrongEndCall);
        assert_eq!(tries.account_wrong, 3);
    }

    #[test]
    fn tries_at_other_accounts_count_for_the_call() {
        let spraying = Tries { call_wrong_elsewhere: 2, ..Tries::default() };
        check(spraying, &[(Wrong, WrongEndCall)]);
        let ended = Tries { call_wrong_elsewhere: 3, ..Tries::default() };
        assert_eq!(ended.clone().attempt(NOON, || panic!("evaluated")), WrongEndCall);
    }

    #[test]
    fn success_forgives_this_account_and_no_other() {
        let mut tries = Tries { account_wrong: 5, call_wrong: 1, call_wrong_elsewhere: 1, locked_at: None };
        assert_eq!(tries.attempt(NOON, || Right), Welcome);
        assert_eq!(tries, Tries { call_wrong_elsewhere: 1, ..Tries::default() });
    }

    #[test]
    fn the_sixth_wrong_try_locks_and_the_fifth_does_not() {
        let mut five = Tries { account_wrong: 4, ..Tries::default() };
        assert_eq!(five.attempt(NOON, || Wrong), Verdict::Wrong);
        assert_eq!(five.locked_at, None);
        assert_eq!(five.attempt(NOON, || Wrong), Verdict::Wrong);
        assert_eq!(five.locked_at, Some(NOON));
    }

    #[test]
    fn the_second_call_of_three_wrong_tries_hears_that_the_account_is_locked() {
        let second = Tries { account_wrong: 3, ..Tries::default() };
        check(second, &[(Wrong, Verdict::Wrong), (Wrong, Verdict::Wrong), (Wrong, LockedEndCall)]);
    }

    #[test]
    fn a_locked_account_answers_as_a_wrong_pin_until_the_third_try() {
        let mut tries = Tries { account_wrong: 6, locked_at: Some(NOON), ..Tries::default() };
        for expected in [Verdict::Wrong, Verdict::Wrong, LockedEndCall, LockedEndCall] {
            assert_eq!(tries.attempt(NOON, || panic!("a locked account was evaluated")), expected);
        }
        assert_eq!(tries.account_wrong, 6);
    }

    #[test]
    fn a_lock_lasts_two_hours_to_the_millisecond() {
        let locked = Tries { account_wrong: 6, locked_at: Some(NOON), ..Tries::default() };
        let mut early = locked;
        assert_eq!(early.attempt(WallTime(NOON.0 + LOCK_MS - 1), || panic!("still locked")), Verdict::Wrong);
        let mut due = locked;
        assert_eq!(due.attempt(WallTime(NOON.0 + LOCK_MS), || Right), Welcome);
        let mut wrong = locked;
        assert_eq!(wrong.attempt(WallTime(NOON.0 + LOCK_MS), || Wrong), Verdict::Wrong);
        assert_eq!((wrong.account_wrong, wrong.locked_at), (1, None));
    }

    #[test]
    fn a_clock_set_back_does_not_unlock() {
        let locked = Tries { account_wrong: 6, locked_at: Some(NOON), ..Tries::default() };
        assert!(locked.is_locked(WallTime(NOON.0 - 1)));
        assert!(locked.is_locked(WallTime(0)));
    }

    #[track_caller]
    fn check(mut tries: Tries, steps: &[(Guess, Verdict)]) {
        for (at, (guess, expected)) in steps.iter().enumerate() {
            assert_eq!(tries.attempt(NOON, || *guess), *expected, "try {}", at + 1);
        }
    }
}
