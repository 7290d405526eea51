//! What goes wrong in a day, and when: made from a seed before the day begins.

use crate::plan::{End, chance};
use crate::spans::{Kind, SPANS, bearers};
use base::Instant;
use ports::span::Abcd;
use std::time::Duration;
use test_signals::Random;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ill {
    /// Of a thousand frames so many are lost, as those are whose check sequence is wrong, and each comes so much later.
    Noise {
        /// Lost of a thousand.
        lost: u16,
        /// How late the others are, in ms.
        late: u16,
    },
    /// No frame passes, though the span is up.
    DChannel,
    /// Both ends see alarms, and nothing passes.
    Span,
    /// Nothing that this end sends arrives, and no alarm says so.
    Silence(End),
    /// A channel's signaling bits are read wrongly.
    Glitch {
        /// At this end.
        at: End,
        /// Which channel.
        timeslot: u8,
        /// As these.
        bits: Abcd,
    },
    /// One sample of every channel is left out, as seen by this end.
    Slip(End),
    /// This end is started anew and knows nothing of what was.
    Restart(End),
    /// This end keeps a channel from calls of its own.
    Blocked {
        /// Who.
        by: End,
        /// Which channel.
        timeslot: u8,
    },
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which span has it.
    pub span: usize,
    /// What.
    pub ill: Ill,
    /// Since when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

impl Fault {
    /// Whether it was there at any time from `since` to `until`.
    pub fn meets(&self, since: Instant, until: Instant) -> bool {
        self.from <= until && since <= self.until
    }
}

/// How many of each a span has in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// [`Ill::Noise`].
    pub noise: usize,
    /// [`Ill::DChannel`].
    pub d_channel: usize,
    /// [`Ill::Span`].
    pub span: usize,
    /// [`Ill::Silence`].
    pub silence: usize,
    /// [`Ill::Glitch`].
    pub glitches: usize,
    /// [`Ill::Slip`].
    pub slips: usize,
    /// [`Ill::Restart`].
    pub restarts: usize,
    /// [`Ill::Blocked`].
    pub blocked: usize,
}

impl Rates {
    /// Nothing ever goes wrong.
    pub const NONE: Self =
        Self { noise: 0, d_channel: 0, span: 0, silence: 0, glitches: 0, slips: 0, restarts: 0, blocked: 0 };
    /// A bad day.
    pub const BAD: Self =
        Self { noise: 40, d_channel: 12, span: 8, silence: 6, glitches: 400, slips: 200, restarts: 2, blocked: 20 };
}

/// Signaling bits that stand shorter than this are not believed by anybody.
pub const SHORTEST_BELIEVED_MS: u64 = 6;

fn ms(ms: usize) -> Duration {
    Duration::from_millis(ms as u64)
}

/// The faults between two instants, in the order of their beginnings.
pub fn faults(seed: u64, rates: &Rates, begin: Instant, end: Instant) -> Vec<Fault> {
    let mut chance = chance(seed, 2);
    let mut faults = Vec::new();
    let length = (end - begin).as_millis() as usize;
    for (span, kind) in SPANS.iter().enumerate() {
        let mut add = |count: usize, chance: &mut Random, draw: &dyn Fn(&mut Random) -> (Ill, Duration)| {
            for _ in 0..count {
                let from = begin + ms(chance.below(length.max(1)));
                let (ill, lasts) = draw(chance);
                faults.push(Fault { span, ill, from, until: from + lasts });
            }
        };
        let end = |chance: &mut Random| End::BOTH[chance.below(2)];
        let timeslot = |chance: &mut Random| bearers().nth(chance.below(30)).unwrap_or(1);
        if let Kind::Pri(_) = kind {
            add(rates.noise, &mut chance, &|chance| {
                let lost = [0, 5, 50, 200][chance.below(4)];
                (Ill::Noise { lost, late: [0, 10, 100, 400][chance.below(4)] }, ms(1000 + chance.below(120_000)))
            });
            add(rates.d_channel, &mut chance, &|chance| (Ill::DChannel, ms(500 + chance.below(20_000))));
        } else {
            add(rates.glitches, &mut chance, &|chance| {
                let bits = Abcd::new(chance.below(16) as u8);
                (Ill::Glitch { at: end(chance), timeslot: timeslot(chance), bits }, ms(1 + chance.below(5)))
            });
        }
        add(rates.span, &mut chance, &|chance| (Ill::Span, ms(1000 + chance.below(15_000))));
        add(rates.silence, &mut chance, &|chance| (Ill::Silence(end(chance)), ms(1000 + chance.below(30_000))));
        add(rates.slips, &mut chance, &|chance| (Ill::Slip(end(chance)), Duration::ZERO));
        add(rates.restarts, &mut chance, &|chance| (Ill::Restart(end(chance)), Duration::ZERO));
        add(rates.blocked, &mut chance, &|chance| {
            let ill = Ill::Blocked { by: end(chance), timeslot: timeslot(chance) };
            (ill, ms(60_000 + chance.below(3_600_000)))
        });
    }
    faults.sort_by_key(|fault| (fault.from, fault.span));
    faults
}
