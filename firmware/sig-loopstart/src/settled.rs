//! A reading that must stand for a while before it is believed.

use base::Instant;
use core::time::Duration;

/// A value, and perhaps another that is being watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled<T> {
    believed: T,
    candidate: Option<(T, Instant)>,
}

impl<T: Copy + PartialEq> Settled<T> {
    pub(crate) const fn new(believed: T) -> Self {
        Self { believed, candidate: None }
    }

    /// A reading, which is believed when it has stood for `wait`.
    pub(crate) fn read(&mut self, now: Instant, value: T, wait: Duration) {
        self.candidate = match self.candidate {
            _ if value == self.believed => None,
            Some((candidate, due)) if candidate == value => Some((candidate, due)),
            Some(_) | None => Some((value, now + wait)),
        };
    }

    /// The new value, once.
    pub(crate) fn due(&mut self, now: Instant) -> Option<T> {
        let (value, _) = self.candidate.filter(|&(_, due)| due <= now)?;
        self.candidate = None;
        self.believed = value;
        Some(value)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.candidate.map(|(_, due)| due)
    }

    pub(crate) const fn believed(&self) -> T {
        self.believed
    }

    /// The last reading, believed or not.
    pub(crate) fn latest(&self) -> T {
        self.candidate.map_or(self.believed, |(value, _)| value)
    }

    /// Takes this value at once.
    pub(crate) fn believe(&mut self, value: T) {
        *self = Self::new(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_believed_when_it_stood_long_enough_and_not_a_moment_before() {
        let wait = Duration::from_millis(64);
        let at = Instant::from_millis;
        let mut reading = Settled::new(false);
        reading.read(at(0), true, wait);
        assert_eq!(reading.due(at(63)), None);
        reading.read(at(63), false, wait);
        reading.read(at(63), true, wait);
        assert_eq!((reading.due(at(126)), reading.deadline()), (None, Some(at(127))));
        assert_eq!((reading.due(at(127)), reading.due(at(200))), (Some(true), None));
    }
}
