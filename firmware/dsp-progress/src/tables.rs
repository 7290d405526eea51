//! The world's tones as data: a tone of a country is one row.
//!
//! Sources: GB/T 3380 for China; ITU-T E.180 Supplement 2 (01/94) and the networks' own papers for the rest.

use crate::verdict::Kind;
use Kind::{Busy, CallWaiting, Congestion, DialTone, Howler, Ringback, VacantNumber};

/// One tone of one country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// ISO 3166, in small letters.
    pub country: &'static str,
    /// What it means.
    pub kind: Kind,
    /// One frequency, or two with the lower first; 0 where there is no second.
    pub hz: [u16; 2],
    /// Its level is modulated with 10 to 30 Hz.
    pub modulated: bool,
    /// On and off in ms, repeated; nothing for a continuous tone.
    pub cadence: &'static [(u16, u16)],
}

const fn one(country: &'static str, kind: Kind, hz: u16, cadence: &'static [(u16, u16)]) -> Row {
    Row { country, kind, hz: [hz, 0], modulated: false, cadence }
}

const fn two(country: &'static str, kind: Kind, low: u16, high: u16, cadence: &'static [(u16, u16)]) -> Row {
    Row { country, kind, hz: [low, high], modulated: false, cadence }
}

const fn swaying(country: &'static str, kind: Kind, hz: u16, cadence: &'static [(u16, u16)]) -> Row {
    Row { country, kind, hz: [hz, 0], modulated: true, cadence }
}

const STEADY: &[(u16, u16)] = &[];
const EVERY_4_S: &[(u16, u16)] = &[(1000, 4000)];
const DOUBLE_RING: &[(u16, u16)] = &[(400, 200), (400, 2000)];
const HALVES: &[(u16, u16)] = &[(500, 500)];
const QUARTERS: &[(u16, u16)] = &[(250, 250)];

/// All of them, the countries in the order in which a line without a country is taken for theirs.
pub const TABLES: &[Row] = &[
    one("cn", DialTone, 450, STEADY),
    one("cn", Ringback, 450, EVERY_4_S),
    one("cn", Busy, 450, &[(350, 350)]),
    one("cn", Congestion, 450, &[(700, 700)]),
    one("cn", VacantNumber, 450, &[(100, 100), (100, 100), (100, 100), (400, 400)]),
    one("cn", CallWaiting, 450, &[(400, 4000)]),
    one("cn", Howler, 950, STEADY),
    two("us", DialTone, 350, 440, STEADY),
    two("us", Ringback, 440, 480, &[(2000, 4000)]),
    two("us", Busy, 480, 620, HALVES),
    two("us", Congestion, 480, 620, QUARTERS),
    one("us", CallWaiting, 440, &[(300, 10_000)]),
    two("uk", DialTone, 350, 440, STEADY),
    two("uk", Ringback, 400, 450, DOUBLE_RING),
    one("uk", Busy, 400, &[(375, 375)]),
    one("uk", Congestion, 400, &[(400, 350), (225, 525)]),
    one("uk", CallWaiting, 400, &[(100, 4000)]),
    one("de", DialTone, 425, STEADY),
    one("de", Ringback, 425, EVERY_4_S),
    one("de", Busy, 425, &[(480, 480)]),
    one("de", Congestion, 425, &[(240, 240)]),
    one("de", CallWaiting, 425, &[(200, 200), (200, 5000)]),
    one("jp", DialTone, 400, STEADY),
    swaying("jp", Ringback, 400, &[(1000, 2000)]),
    one("jp", Busy, 400, HALVES),
    swaying("jp", CallWaiting, 400, &[(500, 8000)]),
    two("tw", DialTone, 350, 440, STEADY),
    two("tw", Ringback, 440, 480, &[(1000, 2000)]),
    two("tw", Busy, 480, 620, HALVES),
    two("tw", Congestion, 480, 620, QUARTERS),
    two("tw", CallWaiting, 350, 440, &[(250, 250), (250, 3250)]),
    one("mo", DialTone, 425, STEADY),
    one("mo", Ringback, 425, EVERY_4_S),
    one("mo", Busy, 425, HALVES),
    one("mo", Congestion, 425, QUARTERS),
    two("hk", DialTone, 350, 440, STEADY),
    two("hk", Ringback, 440, 480, &[(400, 200), (400, 3000)]),
    two("hk", Busy, 480, 620, HALVES),
    two("hk", Congestion, 480, 620, QUARTERS),
    one("sg", DialTone, 425, STEADY),
    swaying("sg", Ringback, 425, DOUBLE_RING),
    one("sg", Busy, 425, &[(750, 750)]),
    one("sg", Congestion, 425, QUARTERS),
    swaying("sg", CallWaiting, 425, &[(300, 200), (300, 3200)]),
    one("fr", DialTone, 440, STEADY),
    one("fr", Ringback, 440, &[(1500, 3500)]),
    one("fr", Busy, 440, HALVES),
    one("fr", Congestion, 440, QUARTERS),
    one("fr", CallWaiting, 440, &[(300, 10_000)]),
    two("au", DialTone, 415, 440, STEADY),
    two("au", Ringback, 413, 438, DOUBLE_RING),
    one("au", Busy, 425, &[(375, 375)]),
    swaying("in", DialTone, 400, STEADY),
    swaying("in", Ringback, 400, DOUBLE_RING),
    one("in", Busy, 400, &[(750, 750)]),
    one("in", Congestion, 400, QUARTERS),
    one("my", DialTone, 425, STEADY),
    one("my", Ringback, 425, DOUBLE_RING),
    one("my", Busy, 425, HALVES),
    one("my", CallWaiting, 425, &[(100, 4000)]),
    one("ru", DialTone, 425, STEADY),
    one("ru", Ringback, 425, EVERY_4_S),
    one("ru", Busy, 425, &[(350, 350)]),
    one("ru", Congestion, 425, &[(175, 175)]),
    one("br", DialTone, 425, STEADY),
    one("br", Ringback, 425, EVERY_4_S),
    one("br", Busy, 425, QUARTERS),
    one("br", Congestion, 425, &[(250, 250), (750, 250)]),
    one("nl", DialTone, 425, STEADY),
    one("nl", Ringback, 425, EVERY_4_S),
    one("nl", Busy, 425, HALVES),
    one("nl", Congestion, 425, QUARTERS),
    one("it", DialTone, 425, STEADY),
    one("it", Ringback, 425, EVERY_4_S),
    one("it", Busy, 425, HALVES),
    one("it", Congestion, 425, &[(200, 200)]),
    one("es", DialTone, 425, STEADY),
    one("es", Ringback, 425, &[(1500, 3000)]),
    one("es", Busy, 425, &[(200, 200)]),
    one("es", Congestion, 425, &[(200, 200), (200, 200), (200, 600)]),
];
