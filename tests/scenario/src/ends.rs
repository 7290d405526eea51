//! What a span is at its two ends.

use media::EchoTail;
use sig_span::loopstart::{Country, FxoSettings, FxsSettings, Gathering, LineSettings};
use sig_span::mfc::{self, R2Span};
use sig_span::pri::{PriSpan, Side};
use sig_span::{LineSpan, Protocol};

/// The numbers of a bank's two lines, in timeslots 1 and 2.
pub const LINES: [(u8, &str); 2] = [(1, "62345678"), (2, "62345679")];
/// Longest number that telephones of the stories dial.
const LONGEST: u8 = 4;

/// The box's end of a span, and the network's.
#[derive(Debug)]
pub struct Ends {
    pub(crate) ours: Box<Protocol>,
    pub(crate) theirs: Box<Protocol>,
    /// Of the box. A canceller changes each sample a little, so most stories, which compare samples, go without.
    pub(crate) canceller: Option<EchoTail>,
}

impl Ends {
    /// The same with echo cancellers at the box.
    pub fn with_canceller(self, tail: EchoTail) -> Self {
        Self { canceller: Some(tail), ..self }
    }

    const fn new(ours: Box<Protocol>, theirs: Box<Protocol>) -> Self {
        Self { ours, theirs, canceller: None }
    }

    /// Primary rate.
    pub fn pri() -> Self {
        let [ours, theirs] = [Side::User, Side::Network].map(|side| Box::new(Protocol::Pri(PriSpan::standard(side))));
        Self::new(ours, theirs)
    }

    /// No signaling at all.
    pub fn silent() -> Self {
        Self::new(bank(Vec::new()), bank(Vec::new()))
    }

    /// MFC/R2 of China, both ways, numbers of so many digits towards the box.
    pub fn r2(dnis_digits: u8) -> Self {
        let end = |dnis_digits| {
            let settings = mfc::Settings { dnis_digits: Some(dnis_digits), ..mfc::Settings::new(mfc::Country::CHINA) };
            Box::new(Protocol::R2(R2Span::new(settings)))
        };
        Self::new(end(dnis_digits), end(LONGEST))
    }

    /// A channel bank with telephones of these numbers, in timeslots from 1, whose lines the box feeds and rings.
    pub fn telephones(numbers: &[&str]) -> Self {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for (timeslot, number) in (1..).zip(numbers) {
            let number = number.parse().expect("digits");
            ours.push((timeslot, LineSettings::Fxs(FxsSettings::new(Country::CHINA, number))));
            theirs.push((timeslot, LineSettings::Fxo(FxoSettings::new(Country::CHINA, number))));
        }
        Self::new(bank(ours), bank(theirs))
    }

    /// A channel bank with [`LINES`] of this country, set up as `change` says.
    pub fn bank(country: &str, change: impl Fn(&mut FxoSettings, &mut FxsSettings)) -> Self {
        let country = Country::named(country).expect("a country of the table");
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for (timeslot, number) in LINES {
            let number = number.parse().expect("digits");
            let (mut fxo, mut fxs) = (FxoSettings::new(country, number), FxsSettings::new(country, number));
            fxs.gathering = Gathering::EnBloc { longest: LONGEST };
            change(&mut fxo, &mut fxs);
            ours.push((timeslot, LineSettings::Fxo(fxo)));
            theirs.push((timeslot, LineSettings::Fxs(fxs)));
        }
        Self::new(bank(ours), bank(theirs))
    }
}

fn bank(lines: Vec<(u8, LineSettings)>) -> Box<Protocol> {
    Box::new(Protocol::Lines(LineSpan::new(lines).expect("each line has its timeslot")))
}
