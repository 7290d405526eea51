//! Timeslot 16 into signaling bits.

use super::{ALIGNMENT, MULTIFRAME, REMOTE_ALARM};
use ports::span::{Abcd, Alarms, D_SLOT, TIMESLOTS};

/// Wrong alignment signals in a row that lose the multiframe (G.732 §5.2.1).
const LOSS_AFTER: u8 = 2;
/// Multiframes in a row with at most [`AIS_ZEROS`] that are an alarm indication, and with more that end it (G.775 §5.2).
const AIS_AFTER: u8 = 2;
/// Zeros in timeslot 16 of a multiframe that an alarm indication may have (G.775 §5.2).
const AIS_ZEROS: u32 = 3;
/// Multiframes in a row in which Y has to be the same.
const REMOTE_AFTER: u8 = 2;

/// What a receiver tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CasEvent {
    /// The state of the multiframe: its alignment lost, Y from the far end, timeslot 16 all ones. The first event is one of these.
    Alarms(Alarms),
    /// A channel's bits are these, and were for the receiver's persistence. Told of all channels when the alignment is found.
    Bits {
        /// 1 to 15, 17 to 31.
        timeslot: u8,
        /// As received.
        bits: Abcd,
    },
}

/// What came in since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CasCounters {
    /// Multiframes with a good alignment signal.
    pub multiframes: u64,
    /// Alignment signals with a wrong bit while aligned.
    pub errors: u64,
    /// Times the alignment was lost.
    pub losses: u64,
}

/// A value that has to stay before it counts.
#[derive(Clone, Copy, Debug)]
struct Settling<T> {
    seen: T,
    times: u8,
}

impl<T: Copy + PartialEq> Settling<T> {
    const fn new(seen: T) -> Self {
        Self { seen, times: 0 }
    }

    /// Takes the next value; the value if it has now been the same for so many times.
    fn take(&mut self, value: T, wanted: u8) -> Option<T> {
        self.times = if self.seen == value { self.times.saturating_add(1) } else { 1 };
        self.seen = value;
        (self.times >= wanted).then_some(value)
    }
}

/// The receiving half of a CAS multiframe. Any octets may come.
#[derive(Clone, Debug)]
pub struct CasRx {
    persistence: u8,
    /// The frame that comes next; of no meaning without alignment.
    frame: usize,
    aligned: bool,
    /// The multiframe that is coming in has a good alignment signal.
    good: bool,
    wrong: u8,
    before: u8,
    /// Octets of the multiframe's length that is being looked at, aligned or not, and the zeros in them.
    looked: usize,
    zeros: u32,
    indication: Settling<bool>,
    remote: Settling<bool>,
    bits: [Settling<Abcd>; TIMESLOTS],
    told: [Option<Abcd>; TIMESLOTS],
    alarms: Alarms,
    alarms_told: Option<Alarms>,
    counters: CasCounters,
}

impl CasRx {
    /// A receiver that hunts for the alignment signal. Bits count once they were the same in `persistence` multiframes, 1 at least.
    pub const fn new(persistence: u8) -> Self {
        Self {
            persistence: if persistence == 0 { 1 } else { persistence },
            frame: 0,
            aligned: false,
            good: false,
            wrong: 0,
            before: 0,
            looked: 0,
            zeros: 0,
            indication: Settling::new(false),
            remote: Settling::new(false),
            bits: [Settling::new(Abcd::new(0)); TIMESLOTS],
            told: [None; TIMESLOTS],
            alarms: Alarms { loss: true, remote: false, indication: false },
            alarms_told: None,
            counters: CasCounters { multiframes: 0, errors: 0, losses: 0 },
        }
    }

    /// Takes octets of timeslot 16, one a frame; `tell` gets what is new.
    pub fn receive(&mut self, octets: &[u8], mut tell: impl FnMut(CasEvent)) {
        for &octet in octets {
            self.look_for_ones(octet);
            if !self.aligned {
                self.hunt(octet);
            } else if self.frame == 0 {
                self.check_alignment(octet);
            } else if self.good {
                self.take(octet, &mut tell);
            }
            self.before = octet;
            self.frame = (self.frame + 1) % MULTIFRAME;
            self.tell_alarms(&mut tell);
        }
    }

    /// The state of the multiframe.
    pub const fn alarms(&self) -> Alarms {
        self.alarms
    }

    /// What came in since the start.
    pub const fn counters(&self) -> CasCounters {
        self.counters
    }

    /// Counts zeros, for the alarm indication and for a line of zeros only.
    fn look_for_ones(&mut self, octet: u8) {
        self.zeros += octet.count_zeros();
        self.looked += 1;
        if self.looked < MULTIFRAME {
            return;
        }
        let zeros = core::mem::take(&mut self.zeros);
        self.looked = 0;
        if let Some(indication) = self.indication.take(zeros <= AIS_ZEROS, AIS_AFTER) {
            self.alarms.indication = indication;
        }
        // All zeros hold the alignment signal at every place (G.732 §5.2.1).
        if self.aligned && zeros as usize == 8 * MULTIFRAME {
            self.lose();
        }
    }

    /// The first alignment signal that does not stand in a run of zeros is taken (G.732 §5.2.1).
    fn hunt(&mut self, octet: u8) {
        if octet & ALIGNMENT != 0 || self.before == 0 {
            return;
        }
        (self.aligned, self.frame, self.wrong) = (true, 0, 0);
        // From here on the look is at whole multiframes.
        (self.looked, self.zeros) = (1, octet.count_zeros());
        self.alarms.loss = false;
        self.told = [None; TIMESLOTS];
        self.bits = [Settling::new(Abcd::new(0)); TIMESLOTS];
        self.remote = Settling::new(false);
        self.check_alignment(octet);
    }

    fn check_alignment(&mut self, octet: u8) {
        self.good = octet & ALIGNMENT == 0;
        if self.good {
            self.wrong = 0;
            self.counters.multiframes += 1;
            if let Some(remote) = self.remote.take(octet & REMOTE_ALARM != 0, REMOTE_AFTER) {
                self.alarms.remote = remote;
            }
            return;
        }
        self.wrong += 1;
        self.counters.errors += 1;
        if self.wrong >= LOSS_AFTER {
            self.lose();
        }
    }

    fn lose(&mut self) {
        self.aligned = false;
        self.counters.losses += 1;
        (self.alarms.loss, self.alarms.remote) = (true, false);
    }

    fn take(&mut self, octet: u8, tell: &mut impl FnMut(CasEvent)) {
        for (timeslot, half) in [(self.frame, octet >> 4), (self.frame + D_SLOT, octet)] {
            let settled = self.bits[timeslot].take(Abcd::new(half), self.persistence);
            if let Some(bits) = settled
                && self.told[timeslot].replace(bits) != Some(bits)
            {
                tell(CasEvent::Bits { timeslot: timeslot as u8, bits });
            }
        }
    }

    fn tell_alarms(&mut self, tell: &mut impl FnMut(CasEvent)) {
        if self.alarms_told.replace(self.alarms) != Some(self.alarms) {
            tell(CasEvent::Alarms(self.alarms));
        }
    }
}
