//! What the pair's electrics say: ringing, battery and polarity, each believed when it has stood.

use super::settings::{DEBOUNCE, FAULT, GLARE_DEBOUNCE};
use crate::line::{LineState, Parallel};
use crate::settled::Settled;
use base::Instant;
use core::time::Duration;

/// A reading that is believed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    RingBegan,
    RingEnded,
    BatteryLost,
    BatteryBack,
    Reversed,
    /// Without battery for a second, and on hook.
    Dead,
    /// Another device went off hook or on.
    Parallel(Parallel),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Readings {
    ring: Settled<bool>,
    battery: Settled<bool>,
    reversed: Settled<bool>,
    parallel: Settled<Parallel>,
    dead_due: Option<Instant>,
}

impl Readings {
    pub(super) const fn new() -> Self {
        Self {
            ring: Settled::new(false),
            battery: Settled::new(true),
            reversed: Settled::new(false),
            parallel: Settled::new(Parallel::OnHook),
            dead_due: None,
        }
    }

    /// `seizing`: we have just gone off hook, and a ring will be tripped soon. `battery_break`: how long a loss must last.
    pub(super) fn read(&mut self, now: Instant, line: LineState, seizing: bool, battery_break: Duration) {
        self.ring.read(now, line.ringing, if seizing { GLARE_DEBOUNCE } else { DEBOUNCE });
        self.battery.read(now, line.battery, if line.battery { DEBOUNCE } else { battery_break });
        // A dead line has no polarity.
        if line.battery {
            self.reversed.read(now, line.reversed, DEBOUNCE);
        }
    }

    pub(super) fn read_parallel(&mut self, now: Instant, parallel: Parallel) {
        self.parallel.read(now, parallel, FAULT);
    }

    pub(super) fn due(&mut self, now: Instant) -> Option<Reading> {
        if let Some(ringing) = self.ring.due(now) {
            return Some(if ringing { Reading::RingBegan } else { Reading::RingEnded });
        }
        if let Some(battery) = self.battery.due(now) {
            self.dead_due = (!battery).then_some(now + FAULT);
            return Some(if battery { Reading::BatteryBack } else { Reading::BatteryLost });
        }
        if self.reversed.due(now).is_some() {
            return Some(Reading::Reversed);
        }
        if let Some(parallel) = self.parallel.due(now) {
            return Some(Reading::Parallel(parallel));
        }
        self.dead_due.filter(|&due| due <= now)?;
        self.dead_due = None;
        Some(Reading::Dead)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [
            self.ring.deadline(),
            self.battery.deadline(),
            self.reversed.deadline(),
            self.parallel.deadline(),
            self.dead_due,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) const fn has_battery(&self) -> bool {
        self.battery.believed()
    }

    /// The battery was lost, and is not just coming back.
    pub(super) fn is_dead(&self) -> bool {
        !self.battery.believed() && !self.battery.latest()
    }

    pub(super) fn is_in_use(&self) -> bool {
        self.parallel.believed() == Parallel::OffHook
    }

    /// Ringing is on the line, believed or not yet.
    pub(super) fn may_ring(&self) -> bool {
        self.ring.latest()
    }

    /// Off hook there is no ringing: what was believed of it is forgotten.
    pub(super) fn forget_ring(&mut self) {
        self.ring.believe(false);
    }
}
