//! Signaling bits on their way: what was set last of each channel, for whoever looks.

use crate::wire::is_bearer;
use ports::span::{Abcd, TIMESLOTS};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// Stands for a channel whose bits were never set.
const UNSET: u8 = u8::MAX;

/// The bits of one direction. They are a state, not a queue: what nobody looked at in time is gone, as on a line.
#[derive(Debug)]
pub(crate) struct Bits {
    slot: [AtomicU8; TIMESLOTS],
    changes: AtomicU32,
}

impl Bits {
    pub(crate) fn new() -> Arc<Self> {
        let slot = core::array::from_fn(|_| AtomicU8::new(UNSET));
        Arc::new(Self { slot, changes: AtomicU32::new(0) })
    }

    /// Sets a channel's bits; of no effect on a timeslot that is no channel. True if they are others than before.
    pub(crate) fn set(&self, timeslot: u8, bits: Abcd) -> bool {
        let timeslot = usize::from(timeslot);
        if !is_bearer(timeslot) || self.slot[timeslot].swap(bits.bits(), Ordering::AcqRel) == bits.bits() {
            return false;
        }
        self.changes.fetch_add(1, Ordering::Release);
        true
    }

    fn get(&self, timeslot: usize) -> Option<Abcd> {
        let bits = self.slot[timeslot].load(Ordering::Acquire);
        (bits != UNSET).then(|| Abcd::new(bits))
    }
}

/// One that looks at a direction's bits, and remembers what it has told.
#[derive(Debug)]
pub(crate) struct Watch {
    bits: Arc<Bits>,
    told: [Option<Abcd>; TIMESLOTS],
    seen: Option<u32>,
}

impl Watch {
    pub(crate) const fn new(bits: Arc<Bits>) -> Self {
        Self { bits, told: [None; TIMESLOTS], seen: None }
    }

    /// Forgets what it told: all bits that are set are news again.
    pub(crate) fn forget(&mut self) {
        (self.told, self.seen) = ([None; TIMESLOTS], None);
    }

    /// A channel whose bits are not as told, lowest first.
    pub(crate) fn next(&mut self) -> Option<(u8, Abcd)> {
        let changes = self.bits.changes.load(Ordering::Acquire);
        if self.seen == Some(changes) {
            return None;
        }
        for (timeslot, told) in self.told.iter_mut().enumerate() {
            let now = self.bits.get(timeslot);
            if let Some(bits) = now
                && now != *told
            {
                *told = now;
                return Some((timeslot as u8, bits));
            }
        }
        self.seen = Some(changes);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_is_told_once_and_again_when_it_changes_or_is_forgotten() {
        let bits = Bits::new();
        let mut watch = Watch::new(Arc::clone(&bits));
        assert_eq!(watch.next(), None);
        assert!(bits.set(31, Abcd::new(9)) && bits.set(1, Abcd::new(0)));
        assert!(!bits.set(1, Abcd::new(0)), "the same again is no news");
        let both = [Some((1, Abcd::new(0))), Some((31, Abcd::new(9))), None];
        assert_eq!([watch.next(), watch.next(), watch.next()], both);
        bits.set(1, Abcd::new(5));
        bits.set(1, Abcd::new(0));
        assert_eq!(watch.next(), None, "it was there and gone before anybody looked");
        watch.forget();
        assert_eq!([watch.next(), watch.next(), watch.next()], both);
    }

    #[test]
    fn timeslots_that_are_no_channels_have_no_bits() {
        let bits = Bits::new();
        for timeslot in [0, 16, 32, 255] {
            assert!(!bits.set(timeslot, Abcd::new(1)), "{timeslot}");
        }
        assert_eq!(Watch::new(bits).next(), None);
    }
}
