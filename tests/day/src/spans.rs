//! The eight spans, and the two ends of each.

use crate::plan::{End, NUMBER};
use base::Digits;
use sig_span::loopstart::{Country, FxoSettings, FxsSettings, Gathering, LineSettings};
use sig_span::pri::{Overrides, PriSpan, Profile, Side};
use sig_span::{LineSpan, Protocol, mfc};
use std::time::Duration;

/// What a span speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Primary rate in this profile; the box is the user.
    Pri(&'static str),
    /// MFC/R2 as this country has it; both ends may seize every channel.
    R2(&'static str),
    /// Lines of the telephone network: the box is the telephone of each.
    Trunks,
    /// Lines towards telephones: the box is their exchange.
    Telephones,
}

/// What each of the eight spans speaks.
pub const SPANS: [Kind; 8] = [
    Kind::Pri("china"),
    Kind::Pri("euro-isdn"),
    Kind::Pri("qsig"),
    Kind::Pri("china"),
    Kind::R2("cn"),
    Kind::R2("itu"),
    Kind::Trunks,
    Kind::Telephones,
];

/// Timeslots that carry calls.
pub(crate) fn bearers() -> impl Iterator<Item = u8> {
    (1..32).filter(|&timeslot| timeslot != 16)
}

/// Countries of the lines, each timeslot the next.
const COUNTRIES: [&str; 10] = ["cn", "de", "us", "uk", "tw", "nl", "fr", "hk", "in", "es"];

impl Kind {
    /// The trunk group: a call that finds one span full goes to the next of the same group.
    pub const fn group(self) -> u8 {
        match self {
            Self::Pri(_) => 0,
            Self::R2(_) => 1,
            Self::Trunks => 2,
            Self::Telephones => 3,
        }
    }

    /// Whether calls live on a line of their own, which knows no causes and answers no refusal.
    pub const fn is_analog(self) -> bool {
        match self {
            Self::Pri(_) | Self::R2(_) => false,
            Self::Trunks | Self::Telephones => true,
        }
    }

    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pri(name) | Self::R2(name) => name,
            Self::Trunks => "trunks",
            Self::Telephones => "telephones",
        }
    }

    /// Whether a timer runs even at rest: T203, which tests a silent data link (Q.921 §5.9.8).
    pub const fn tests_its_link(self) -> bool {
        match self {
            Self::Pri(_) => true,
            Self::R2(_) | Self::Trunks | Self::Telephones => false,
        }
    }

    /// How long one end knows of an answer or a hang-up before the other does: the line's delay and, of a data link that is being tested just then,
    /// the answer to the test (Q.921 §5.6.7); bits have to stand 20 ms (Q.422 §3.2.1). Analog lines tell by tones.
    pub const fn tells_within(self) -> Duration {
        Duration::from_millis(match self {
            Self::Pri(_) => 6,
            Self::R2(_) => 24,
            Self::Trunks | Self::Telephones => 0,
        })
    }

    /// The same of a refusal: a signal of group B and the forward signal that it answers have to end first.
    pub const fn refuses_within(self) -> Duration {
        match self {
            Self::R2(_) => Duration::from_millis(120),
            Self::Pri(_) | Self::Trunks | Self::Telephones => self.tells_within(),
        }
    }

    /// How long it takes at the most until the called end is offered a call: a SETUP, all signals of two registers, or a number by DTMF and the
    /// silence after it.
    pub const fn offers_within(self) -> Duration {
        Duration::from_millis(match self {
            Self::Pri(_) => 6,
            Self::R2(_) => 5000,
            Self::Trunks | Self::Telephones => 12_000,
        })
    }

    /// The box's end and the exchange's.
    pub fn ends(self) -> [Box<Protocol>; 2] {
        match self {
            Self::Pri(name) => {
                let profile = Profile::named(name).unwrap_or(Profile::EURO_ISDN);
                [Side::User, Side::Network]
                    .map(|side| Box::new(Protocol::Pri(PriSpan::new(&profile, side, Overrides::default()))))
            }
            Self::R2(country) => {
                let country = mfc::Country::named(country).unwrap_or(mfc::Country::ITU);
                let settings = mfc::Settings { dnis_digits: Some(NUMBER as u8), ..mfc::Settings::new(country) };
                [settings; 2].map(|settings| Box::new(Protocol::R2(mfc::R2Span::new(settings))))
            }
            Self::Trunks => [lines(trunk), lines(telephone)],
            Self::Telephones => [lines(telephone), lines(trunk)],
        }
    }

    /// Whether that end's party is the telephone of an analog line.
    pub fn is_telephone(self, end: End) -> bool {
        match self {
            Self::Pri(_) | Self::R2(_) => false,
            Self::Trunks => end == End::Box,
            Self::Telephones => end == End::Exchange,
        }
    }
}

fn lines(settings: fn(u8) -> LineSettings) -> Box<Protocol> {
    let lines = LineSpan::new(bearers().map(|timeslot| (timeslot, settings(timeslot))));
    Box::new(Protocol::Lines(lines.expect("each timeslot is named once")))
}

fn country(timeslot: u8) -> &'static Country {
    Country::named(COUNTRIES[usize::from(timeslot) % COUNTRIES.len()]).unwrap_or(Country::CHINA)
}

/// Whether that line's exchange names callers to its telephone.
pub(crate) fn names_callers(timeslot: u8) -> bool {
    let method = country(timeslot).caller_id;
    !method.before.is_empty() || !method.after_first.is_empty()
}

fn number(timeslot: u8) -> Digits {
    format!("5550{timeslot:02}").parse().unwrap_or_default()
}

/// Every third line says by a reversal that it is answered.
const fn reverses(timeslot: u8) -> bool {
    timeslot.is_multiple_of(3)
}

/// The end that is a telephone.
fn trunk(timeslot: u8) -> LineSettings {
    let settings = FxoSettings::new(country(timeslot), number(timeslot));
    let (reversal_answers, voice_answers) = (reverses(timeslot), !reverses(timeslot));
    LineSettings::Fxo(FxoSettings { reversal_answers, voice_answers, ..settings })
}

/// The end that feeds it.
fn telephone(timeslot: u8) -> LineSettings {
    let settings = FxsSettings::new(country(timeslot), number(timeslot));
    // Every fourth takes the number as a whole, every fifth tells a hang-up by tones alone.
    let gathering = if timeslot.is_multiple_of(4) { Gathering::EnBloc { longest: 8 } } else { Gathering::Overlap };
    let battery_drop = settings.battery_drop.filter(|_| !timeslot.is_multiple_of(5));
    LineSettings::Fxs(FxsSettings { gathering, battery_drop, reverses_on_answer: reverses(timeslot), ..settings })
}
