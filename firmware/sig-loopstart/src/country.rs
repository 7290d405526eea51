//! Countries as data: how lines ring, how telephones pulse and flash, how callers are named. A country is one row of [`COUNTRIES`].

use crate::line::Modulation;
use core::time::Duration;
use sig_callerid::DtmfVariant;

/// One step of telling a telephone who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing for so many ms.
    Pause(u16),
    /// The line is reversed until the first ring.
    Reverse,
    /// A ring of so many ms that calls nobody (RP-AS of EN 300 659-1 §6.1.3).
    RingPulse(u16),
    /// The alerting tone, 100 ms (DT-AS).
    Alert,
    /// The message by FSK.
    Fsk,
    /// The number by DTMF, in this way of writing it.
    Dtmf(DtmfVariant),
}

/// When and how an exchange names the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallerIdMethod {
    /// Before the first ring.
    pub before: &'static [Step],
    /// After the first ring; the second waits for its end.
    pub after_first: &'static [Step],
    /// Of its FSK.
    pub modulation: Modulation,
}

impl CallerIdMethod {
    /// Nobody is named.
    pub const NONE: Self = Self { before: &[], after_first: &[], modulation: Modulation::Bell202 };
    /// Between the first and the second ring, Bell 202 (GR-30; the public network of China).
    pub const FSK_BELL: Self = Self {
        before: &[],
        after_first: &[Step::Pause(500), Step::Fsk, Step::Pause(300)],
        modulation: Modulation::Bell202,
    };
    /// Between the first and the second ring, V.23 (EN 300 659-1 §6.1.1).
    pub const FSK_V23: Self = Self { modulation: Modulation::V23, ..Self::FSK_BELL };
    /// After a reversal and an alerting tone (EN 300 659-1 §6.1.2, as in Britain).
    pub const FSK_REVERSED: Self = Self {
        before: &[Step::Reverse, Step::Pause(150), Step::Alert, Step::Pause(80), Step::Fsk, Step::Pause(300)],
        after_first: &[],
        modulation: Modulation::V23,
    };
    /// After a short ring (EN 300 659-1 §6.1.3).
    pub const FSK_RING_PULSE: Self = Self {
        before: &[Step::RingPulse(250), Step::Pause(650), Step::Fsk, Step::Pause(300)],
        after_first: &[],
        modulation: Modulation::V23,
    };
    /// By DTMF in front of the first ring, on a line that gives no other sign.
    pub const DTMF: Self = Self::dtmf(&[Step::Pause(250), Step::Dtmf(DtmfVariant::DThenC), Step::Pause(400)]);
    /// By DTMF after a reversal, A to C (EN 300 659-1 Annex B; Scandinavia, Belgium, Brazil).
    pub const DTMF_REVERSED: Self =
        Self::dtmf(&[Step::Reverse, Step::Pause(500), Step::Dtmf(DtmfVariant::AThenC), Step::Pause(400)]);

    const fn dtmf(before: &'static [Step]) -> Self {
        Self { before, after_first: &[], modulation: Modulation::Bell202 }
    }
}

/// Times of hook flash, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// As the box sends it.
    pub sent_ms: u16,
    /// A shorter break is none.
    pub shortest_ms: u16,
    /// A longer one is none.
    pub longest_ms: u16,
}

/// Times of pulse dialling at ten pulses a second, in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// The loop is open.
    pub break_ms: u16,
    /// It is closed between two pulses.
    pub make_ms: u16,
    /// And between two digits.
    pub between_ms: u16,
}

/// What differs between countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// Two letters, the same as in the tables of tones.
    pub code: &'static str,
    /// Rings and pauses in turn, in ms.
    pub ring: &'static [(u16, u16)],
    /// Hook flash.
    pub flash: Flash,
    /// A loop open for longer is hung up, in ms.
    pub hang_up_ms: u16,
    /// Pulse dialling.
    pub pulse: Pulse,
    /// How callers are named.
    pub caller_id: CallerIdMethod,
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Country {
    /// The longest pause of the ringing cadence.
    pub fn longest_pause(&self) -> Duration {
        ms(self.ring.iter().map(|&(_, off)| u64::from(off)).max().unwrap_or(4000))
    }

    /// How long after a ring the caller has gone: the longest pause and half of it, and never under six seconds.
    pub fn caller_gone(&self) -> Duration {
        (self.longest_pause() * 3 / 2).max(ms(6000))
    }

    /// The row of this code.
    pub fn named(code: &str) -> Option<&'static Self> {
        COUNTRIES.iter().find(|country| country.code == code)
    }

    /// China, which is also what a box has that was told nothing.
    pub const CHINA: &'static Self = &COUNTRIES[0];
}

const ONE_FOUR: &[(u16, u16)] = &[(1000, 4000)];
const DOUBLE: &[(u16, u16)] = &[(400, 200), (400, 2000)];
/// R keys of 80 to 130 ms (TBR 21, ES 201 187).
const EUROPE: Flash = Flash { sent_ms: 100, shortest_ms: 70, longest_ms: 250 };
const AMERICA: Flash = Flash { sent_ms: 500, shortest_ms: 200, longest_ms: 1000 };
const PULSE_CHINA: Pulse = Pulse { break_ms: 62, make_ms: 38, between_ms: 700 };
const PULSE_60_40: Pulse = Pulse { break_ms: 60, make_ms: 40, between_ms: 800 };
const PULSE_61_39: Pulse = Pulse { break_ms: 61, make_ms: 39, between_ms: 700 };
const PULSE_67_33: Pulse = Pulse { break_ms: 67, make_ms: 33, between_ms: 800 };

const fn row(code: &'static str, ring: &'static [(u16, u16)], caller_id: CallerIdMethod) -> Country {
    Country { code, ring, flash: EUROPE, hang_up_ms: 400, pulse: PULSE_60_40, caller_id }
}

const fn american(code: &'static str, ring: &'static [(u16, u16)]) -> Country {
    Country { code, ring, flash: AMERICA, hang_up_ms: 1200, pulse: PULSE_61_39, caller_id: CallerIdMethod::FSK_BELL }
}

/// All countries. Cadences are those of dahdi-tools 3.1.0 (`zonedata.c`), Hong Kong's from practice; breaks of a flash in China
/// are 90 to 180 ms, pulses 1.6 to 1 (GB/T 3378); ways of naming the caller after the list in spandsp's `adsi.h`.
pub const COUNTRIES: &[Country] = &[
    Country {
        code: "cn",
        ring: ONE_FOUR,
        flash: Flash { sent_ms: 100, shortest_ms: 80, longest_ms: 250 },
        hang_up_ms: 350,
        pulse: PULSE_CHINA,
        caller_id: CallerIdMethod::FSK_BELL,
    },
    row("mo", ONE_FOUR, CallerIdMethod::FSK_BELL),
    Country { flash: AMERICA, hang_up_ms: 1200, ..row("hk", &[(400, 200), (400, 3000)], CallerIdMethod::FSK_BELL) },
    Country { flash: AMERICA, hang_up_ms: 1200, ..row("tw", ONE_FOUR, CallerIdMethod::DTMF) },
    american("us", &[(2000, 4000)]),
    american("mx", &[(2000, 4000)]),
    Country { pulse: PULSE_67_33, ..row("uk", DOUBLE, CallerIdMethod::FSK_REVERSED) },
    row("de", ONE_FOUR, CallerIdMethod::FSK_V23),
    row("nl", ONE_FOUR, CallerIdMethod::DTMF_REVERSED),
    row("it", ONE_FOUR, CallerIdMethod::FSK_V23),
    row("fr", &[(1500, 3500)], CallerIdMethod::FSK_V23),
    row("es", &[(1500, 3000)], CallerIdMethod::FSK_RING_PULSE),
    row("pt", &[(1000, 5000)], CallerIdMethod::FSK_RING_PULSE),
    row("ru", ONE_FOUR, CallerIdMethod::NONE),
    row("br", ONE_FOUR, CallerIdMethod::DTMF_REVERSED),
    row("ar", &[(1000, 4500)], CallerIdMethod::FSK_BELL),
    row("th", ONE_FOUR, CallerIdMethod::FSK_BELL),
    row("ph", ONE_FOUR, CallerIdMethod::FSK_BELL),
    row("au", DOUBLE, CallerIdMethod::FSK_BELL),
    row("sg", DOUBLE, CallerIdMethod::FSK_BELL),
    row("nz", DOUBLE, CallerIdMethod::FSK_BELL),
    row("za", DOUBLE, CallerIdMethod::FSK_V23),
    row("in", DOUBLE, CallerIdMethod::DTMF),
    row("my", DOUBLE, CallerIdMethod::FSK_BELL),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_itself_possible() {
        for (at, row) in COUNTRIES.iter().enumerate() {
            assert!(!row.ring.is_empty() && row.ring.iter().all(|&(on, off)| on >= 200 && off >= 200), "{}", row.code);
            assert!(row.longest_pause() >= ms(2000), "{}: no room for a caller id", row.code);
            // A pulse is no flash, a flash no hang-up.
            assert!(row.pulse.break_ms < row.flash.shortest_ms, "{}", row.code);
            assert!(
                row.flash.shortest_ms < row.flash.sent_ms && row.flash.sent_ms < row.flash.longest_ms,
                "{}",
                row.code
            );
            assert!(row.flash.longest_ms < row.hang_up_ms, "{}", row.code);
            assert_eq!(row.pulse.break_ms + row.pulse.make_ms, 100, "{}", row.code);
            assert!(COUNTRIES[..at].iter().all(|other| other.code != row.code), "{} stands twice", row.code);
        }
        assert_eq!(Country::named("cn"), Some(Country::CHINA));
        assert_eq!(Country::named("xx"), None);
    }

    #[test]
    fn a_caller_is_gone_after_one_pause_and_a_half_but_not_under_six_seconds() {
        assert_eq!(Country::CHINA.caller_gone(), ms(6000));
        assert_eq!(Country::named("uk").map(Country::caller_gone), Some(ms(6000)));
        assert_eq!(Country::named("pt").map(Country::caller_gone), Some(ms(7500)));
    }
}
