//! What a span speaks, as `--span` names it.

use super::Side;
use super::span::bearers;
use base::Digits;
use sig_span::loopstart::{Country, FxoSettings, FxsSettings, LineSettings};
use sig_span::mfc::{self, R2Span};
use sig_span::pri::{Overrides, PriSpan, Profile};
use sig_span::{LineSpan, Protocol};
use std::str::FromStr;

/// What a span speaks: `pri`, `pri:euro-isdn`, `r2:cn`, `loopstart`, `loopstart:uk:lines=4:number=62345600:tones-only:reversal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind(Speaks);

// A handful live, at the start.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Pri(Profile),
    R2(&'static mfc::Country),
    Lines(Lines),
}

/// A channel bank of analog lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lines {
    country: &'static Country,
    count: u8,
    /// The number of the first; the others count up.
    first: Digits,
    hang_up: HangUp,
    answer: Answer,
}

/// What a line does when the far party has hung up, beside the tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HangUp {
    /// The battery is dropped for half a second (kewlstart).
    DropsBattery,
    /// Nothing: there are the tones.
    TonesOnly,
}

/// What a line does when a call of its telephone is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Plain,
    /// It is reversed until the call ends.
    Reverses,
}

impl Kind {
    /// Primary rate, as a Chinese public exchange.
    pub const PRI: Self = Self(Speaks::Pri(Profile::CHINA));

    /// Timeslot 16 carries signaling bits, and no D-channel.
    pub const fn is_channel_associated(&self) -> bool {
        match self.0 {
            Speaks::Pri(_) => false,
            Speaks::R2(_) | Speaks::Lines(_) => true,
        }
    }

    /// Whose tones are given.
    pub(super) const fn country(&self) -> &'static str {
        match self.0 {
            Speaks::Pri(_) => Country::CHINA.code,
            Speaks::R2(country) => country.code,
            Speaks::Lines(lines) => lines.country.code,
        }
    }

    /// The timeslots whose audio signaling needs, with a call or without.
    pub(super) fn heard_channels(&self) -> Vec<u8> {
        match self.0 {
            Speaks::Pri(_) => Vec::new(),
            Speaks::R2(_) => bearers().collect(),
            Speaks::Lines(_) => self.lines().into_iter().map(|(timeslot, _)| timeslot).collect(),
        }
    }

    /// Lines that have numbers of their own, with their timeslots. Their calls do not say whom they are for.
    pub(super) fn lines(&self) -> Vec<(u8, Digits)> {
        match self.0 {
            Speaks::Pri(_) | Speaks::R2(_) => Vec::new(),
            Speaks::Lines(lines) => bearers().take(lines.count.into()).zip(numbers(lines.first)).collect(),
        }
    }

    /// One side's signaling: the network's end of each line, or the telephone's.
    pub(super) fn protocol(&self, side: Side) -> Protocol {
        let settings = match self.0 {
            Speaks::Pri(profile) => return Protocol::Pri(PriSpan::new(&profile, side, Overrides::default())),
            Speaks::R2(country) => return Protocol::R2(R2Span::new(mfc::Settings::new(country))),
            Speaks::Lines(lines) => lines,
        };
        let lines = self.lines().into_iter().map(|(timeslot, number)| (timeslot, settings.line(side, number)));
        Protocol::Lines(LineSpan::new(lines).expect("each line has a timeslot of its own"))
    }
}

impl Lines {
    fn line(&self, side: Side, number: Digits) -> LineSettings {
        let reverses = self.answer == Answer::Reverses;
        match side {
            Side::Network => {
                let line = FxsSettings::new(self.country, number);
                let battery_drop = line.battery_drop.filter(|_| self.hang_up == HangUp::DropsBattery);
                LineSettings::Fxs(FxsSettings { battery_drop, reverses_on_answer: reverses, ..line })
            }
            Side::User => LineSettings::Fxo(FxoSettings {
                reversal_answers: reverses,
                voice_answers: !reverses,
                ..FxoSettings::new(self.country, number)
            }),
        }
    }
}

/// This number and those after it, as long as it.
fn numbers(first: Digits) -> impl Iterator<Item = Digits> {
    let (value, width) = (first.as_str().parse::<u64>().unwrap_or(0), first.len());
    (value..).map(move |number| format!("{number:0width$}").parse().unwrap_or(first))
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        match (name, rest) {
            ("pri", None) => Ok(Self::PRI),
            ("pri", Some(profile)) => match Profile::named(profile) {
                Some(profile) => Ok(Self(Speaks::Pri(profile))),
                None => {
                    let known: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name).collect();
                    Err(format!("`{profile}` is no profile: they are {}", known.join(", ")))
                }
            },
            ("r2", code) => match mfc::Country::named(code.unwrap_or("cn")) {
                Some(country) => Ok(Self(Speaks::R2(country))),
                None => {
                    let known: Vec<&str> = mfc::COUNTRIES.iter().map(|country| country.code).collect();
                    Err(format!("`{}` is no country with R2: they are {}", code.unwrap_or_default(), known.join(", ")))
                }
            },
            ("loopstart", rest) => lines(rest).map(|lines| Self(Speaks::Lines(lines))),
            _ => Err(format!(
                "`{name}` is no signaling: they are pri, r2 and loopstart, such as pri:euro-isdn, r2:cn or loopstart:cn"
            )),
        }
    }
}

fn lines(rest: Option<&str>) -> Result<Lines, String> {
    let mut lines = Lines {
        country: Country::CHINA,
        count: 30,
        first: "62345601".parse().unwrap_or_default(),
        hang_up: HangUp::DropsBattery,
        answer: Answer::Plain,
    };
    let mut words = rest.into_iter().flat_map(|rest| rest.split(':'));
    if let Some(code) = words.next() {
        lines.country = Country::named(code).ok_or_else(|| {
            let known: Vec<&str> = sig_span::loopstart::COUNTRIES.iter().map(|country| country.code).collect();
            format!("`{code}` is no country: they are {}", known.join(", "))
        })?;
    }
    for word in words {
        match word.split_once('=') {
            None if word == "tones-only" => lines.hang_up = HangUp::TonesOnly,
            None if word == "reversal" => lines.answer = Answer::Reverses,
            Some(("lines", count)) => {
                let known = count.parse().ok().filter(|count| (1..=30).contains(count));
                lines.count = known.ok_or_else(|| format!("`{word}`: a bank has 1 to 30 lines"))?;
            }
            Some(("number", number)) => {
                let digits = number.bytes().all(|octet| octet.is_ascii_digit()) && (1..=18).contains(&number.len());
                let parsed = number.parse().ok().filter(|_| digits);
                lines.first = parsed.ok_or_else(|| format!("`{word}`: 1 to 18 digits are wanted"))?;
            }
            _ => {
                return Err(format!(
                    "`{word}` says nothing of lines: write lines=4, number=62345601, tones-only or reversal"
                ));
            }
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_from_the_first_on_and_leave_timeslot_16_out() {
        let kind: Kind = "loopstart:cn:lines=17:number=0098".parse().expect("a kind");
        let lines = kind.lines();
        let shown = |at: usize| (lines[at].0, lines[at].1.as_str().to_owned());
        assert_eq!((lines.len(), shown(0), shown(2)), (17, (1, "0098".into()), (3, "0100".into())));
        assert_eq!(shown(15), (17, "0113".into()));
        assert!(kind.is_channel_associated() && !Kind::PRI.is_channel_associated());
    }

    #[test]
    fn each_kind_is_read_and_bad_ones_are_told_with_their_remedy() {
        assert_eq!("pri".parse(), Ok(Kind::PRI));
        assert_ne!("pri:qsig".parse(), Ok(Kind::PRI));
        assert_eq!("loopstart".parse::<Kind>(), "loopstart:cn:lines=30".parse());
        assert_ne!("loopstart:cn".parse::<Kind>(), "loopstart:cn:tones-only".parse());
        let fault = |text: &str| text.parse::<Kind>().expect_err("a fault");
        assert_ne!("r2:mx".parse::<Kind>(), "r2".parse());
        assert!(fault("r2:xx").contains("cn, "));
        assert!(fault("isdn").contains("pri, r2 and loopstart"));
        assert!(fault("pri:ni2").contains("euro-isdn"));
        assert!(fault("loopstart:xx").contains("cn, "));
        assert!(fault("loopstart:cn:lines=31").contains("1 to 30"));
        assert!(fault("loopstart:cn:number=12a").contains("digits"));
        assert!(fault("loopstart:cn:loud").contains("tones-only"));
    }
}
