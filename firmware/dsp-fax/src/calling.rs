//! CNG: the calling machine's beeps (T.30 §4.2).

use crate::bank::FaxToneEvent;
use crate::run::{Run, Step, is_tone, off};
use crate::spectrum::{CALLING, Hop, LEAST, hops};
use core::ops::RangeInclusive;

/// 38 Hz must be taken.
const OFF: f32 = off(50.0);
/// Half a second, 15 % more or less, and two hops at its edges.
const BURST: RangeInclusive<u16> = hops(410)..=hops(590);
/// Three seconds, 15 % more or less,
const PAUSE: RangeInclusive<u16> = hops(2500)..=hops(3500);
/// or with a burst in its middle that was not heard.
const TWO_PAUSES: RangeInclusive<u16> = hops(5400)..=hops(7600);
/// Without another burst for so long it is forgotten.
const FORGOTTEN: u16 = hops(10_000);
/// What is heard around a burst, as a share of its energy.
const QUIET: f32 = 0.25;
/// Hops after the end that must be quiet, beyond those that showed the end.
const AFTER: u8 = 16;

/// A burst of the right length, while it is listened to what follows.
#[derive(Clone, Copy)]
struct Burst {
    /// Pause before it.
    pause: u16,
    energy: f32,
    after: f32,
    hops: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Heard,
    Confirmed,
}

/// What is known of a calling machine.
#[derive(Clone)]
pub(crate) struct Calling {
    run: Option<Run>,
    /// Energy of a hop of late, and what it was when the burst began.
    around: f32,
    before: f32,
    burst: Option<Burst>,
    /// Hops since the last good burst.
    since: u16,
    pause: u16,
    known: Known,
}

impl Calling {
    pub(crate) const IDLE: Self = Self {
        run: None,
        around: 0.0,
        before: 0.0,
        burst: None,
        since: FORGOTTEN,
        pause: FORGOTTEN,
        known: Known::Nothing,
    };

    #[inline(always)]
    pub(crate) fn hop(&mut self, hop: &Hop, tell: &mut impl FnMut(FaxToneEvent)) {
        if self.since < FORGOTTEN {
            self.since += 1;
        }
        if self.burst.is_some() {
            self.listen_after(hop.energy, tell);
        }
        let power = hop.powers[CALLING];
        // The usual case first.
        if self.run.is_none() && !is_tone(power, hop.energy) {
            self.around += (hop.energy - self.around) * 0.2;
            return;
        }
        self.tone(hop, power);
    }

    fn tone(&mut self, hop: &Hop, power: f32) {
        let pointer = hop.at(CALLING);
        let Some(run) = &mut self.run else {
            self.run = Some(Run::new(pointer, power, hop.energy));
            (self.before, self.pause) = (self.around, self.since);
            return;
        };
        match run.step(pointer, power, hop.energy, OFF) {
            Step::On | Step::Anew => return,
            Step::Over(length) if BURST.contains(&length) => {
                // The tone's energy, rather than its power.
                let energy = run.level / crate::spectrum::PURE;
                let quiet = self.before <= QUIET * energy;
                self.burst = quiet.then_some(Burst { pause: self.pause, energy, after: 0.0, hops: 0 });
            }
            Step::Over(_) | Step::Failed => {}
        }
        self.around = hop.energy.max(LEAST);
        self.run = None;
    }

    fn listen_after(&mut self, energy: f32, tell: &mut impl FnMut(FaxToneEvent)) {
        let Some(burst) = &mut self.burst else { return };
        burst.after += energy;
        burst.hops += 1;
        if burst.hops < AFTER {
            return;
        }
        let (pause, quiet) = (burst.pause, burst.after <= QUIET * burst.energy * f32::from(AFTER));
        self.burst = None;
        if !quiet {
            return;
        }
        if pause >= FORGOTTEN {
            self.known = Known::Heard;
            tell(FaxToneEvent::CngHeard);
        } else if self.known == Known::Heard && (PAUSE.contains(&pause) || TWO_PAUSES.contains(&pause)) {
            self.known = Known::Confirmed;
            tell(FaxToneEvent::CngConfirmed);
        }
        self.since = u16::from(AFTER);
    }
}
