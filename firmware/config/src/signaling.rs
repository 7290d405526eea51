//! What spans speak and which lines they carry, in the protocols' own words.

use crate::check::Check;
use crate::file::{
    Answer, CallerIds, Card, DialAt, EchoCanceller, End, File, Line as LineTable, Pri, Side, Span as Table, Speaks,
};
use crate::r2;
use core::net::SocketAddr;
use core::time::Duration;
use ports::span::TIMESLOTS;
use sig_span::loopstart::{COUNTRIES, CallerIdWait, Country, DialStart, FxoSettings, FxsSettings, LineSettings};
use sig_span::mfc::{self, R2Span};
use sig_span::pri::{self, Overrides, PriSpan, Profile};
use sig_span::{LineSpan, Protocol};
use toml::Spanned;

/// The shortest break of the battery that can be told from a reversal, and the longest that exchanges make, in ms.
const BATTERY_BREAK_MS: core::ops::RangeInclusive<u16> = 20..=1000;

/// `[[span]]`.
#[derive(Clone, Debug)]
pub struct Span {
    /// Name in pages, logs and trunks.
    pub name: String,
    /// Its card.
    pub card: Card,
    /// `pseudowire`: where packets come in and where they go.
    pub addresses: Option<(SocketAddr, SocketAddr)>,
    /// `lab`: folder of its sockets, below the root.
    pub dir: Option<String>,
    /// What it speaks.
    pub signaling: Signaling,
    /// Of its calls: analog lines have hybrids, digital networks have cancellers of their own.
    pub echo_canceller: EchoCanceller,
}

/// What a span speaks.
#[derive(Clone, Debug)]
pub enum Signaling {
    /// Q.931 on a D-channel in timeslot 16.
    Pri {
        /// The kind of network.
        profile: Box<Profile>,
        /// The box's side.
        side: pri::Side,
        /// What differs from the profile.
        overrides: Box<Overrides>,
    },
    /// MFC/R2.
    R2(Box<mfc::Settings>),
    /// Analog lines behind a channel bank.
    Loopstart(Vec<Line>),
    /// Nothing: its channels are only recorded.
    None,
}

impl Signaling {
    /// Timeslot 16 carries each channel's bits, and no D-channel.
    pub const fn is_channel_associated(&self) -> bool {
        match self {
            Self::Pri { .. } => false,
            Self::R2(_) | Self::Loopstart(_) | Self::None => true,
        }
    }
}

/// `[[line]]`.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its timeslot.
    pub channel: u8,
    /// Name on pages; empty where it has none.
    pub name: String,
    /// How it behaves.
    pub settings: LineSettings,
}

impl Span {
    /// Its signaling, ready to start.
    pub fn protocol(&self) -> Protocol {
        match &self.signaling {
            Signaling::Pri { profile, side, overrides } => Protocol::Pri(PriSpan::new(profile, *side, **overrides)),
            Signaling::R2(settings) => Protocol::R2(R2Span::new(**settings)),
            // A bank without lines says and hears nothing.
            Signaling::Loopstart(_) | Signaling::None => {
                let lines = self.lines().iter().map(|line| (line.channel, line.settings));
                Protocol::Lines(LineSpan::new(lines).expect("no two lines of a checked file share a channel"))
            }
        }
    }

    fn lines(&self) -> &[Line] {
        match &self.signaling {
            Signaling::Pri { .. } | Signaling::R2(_) | Signaling::None => &[],
            Signaling::Loopstart(lines) => lines,
        }
    }

    /// Timeslots and names of its lines that have one.
    pub fn line_names(&self) -> impl Iterator<Item = (u8, &str)> {
        self.lines().iter().filter(|line| !line.name.is_empty()).map(|line| (line.channel, line.name.as_str()))
    }
}

/// Checks spans and lines; those with faults are left out.
pub(crate) fn spans(check: &mut Check<'_>, file: &File, names: &[String]) -> Vec<Span> {
    let lines: Vec<Option<usize>> =
        file.line.iter().map(|line| check.lookup("span", &line.get_ref().span, names)).collect();
    for (line, span) in file.line.iter().zip(&lines) {
        let speaks = span.map(|span| file.span[span].get_ref().signaling);
        if speaks.is_some_and(|speaks| speaks != Speaks::Loopstart) {
            let what = "a [[line]] belongs to a span with signaling = \"loopstart\"; set it there, or drop the line";
            check.fault(line.get_ref().span.span(), what);
        }
    }
    let spans = file.span.iter().enumerate().filter_map(|(at, table)| {
        let own = file.line.iter().zip(&lines).filter(|(_, span)| **span == Some(at)).map(|(line, _)| line);
        span(check, table, &own.collect::<Vec<_>>())
    });
    spans.collect()
}

fn span(check: &mut Check<'_>, table: &Spanned<Table>, lines: &[&Spanned<LineTable>]) -> Option<Span> {
    card(check, table);
    let place = table.span();
    let table = table.get_ref();
    foreign_keys(check, table);
    let signaling = match table.signaling {
        Speaks::Pri => primary_rate(check, table)?,
        Speaks::R2 => Signaling::R2(Box::new(r2::settings(check, table))),
        Speaks::None => Signaling::None,
        Speaks::Loopstart => {
            if lines.is_empty() {
                let what =
                    "signaling \"loopstart\" wants a [[line]] for each line, with `span`, `channel` and `number`";
                check.fault(place, what);
            }
            let country = country(check, table.country.as_ref());
            unique_channels(check, lines);
            Signaling::Loopstart(lines.iter().filter_map(|table| line(check, table.get_ref(), country)).collect())
        }
    };
    let usual = if table.signaling == Speaks::Loopstart { EchoCanceller::Ms128 } else { EchoCanceller::Off };
    Some(Span {
        name: table.name.get_ref().clone(),
        card: table.card,
        addresses: table.local.zip(table.remote),
        dir: table.dir.clone(),
        signaling,
        echo_canceller: table.echo_canceller.as_ref().map_or(usual, |asked| *asked.get_ref()),
    })
}

/// What belongs to another signaling than the span's.
fn foreign_keys(check: &mut Check<'_>, table: &Table) {
    let side = table.side.as_ref().map(Spanned::span);
    let profile = table.profile.as_ref().map(Spanned::span);
    let country = table.country.as_ref().map(Spanned::span);
    let (pri, r2) = (table.pri.as_ref().map(Spanned::span), table.r2.as_ref().map(Spanned::span));
    let foreign = match table.signaling {
        Speaks::Pri => vec![
            (country, "\"pri\" has no `country`; its networks are told by `profile`"),
            (r2, "\"pri\" has no `r2`; what differs from its profile is in `pri`"),
        ],
        Speaks::R2 => vec![
            (side, "\"r2\" has no `side`; who seizes is told by `direction` in `r2`"),
            (profile, "\"r2\" has no `profile`; it is told by `country`"),
            (pri, "\"r2\" has no `pri`: it has no D-channel"),
        ],
        Speaks::Loopstart => vec![
            (side, "\"loopstart\" has no `side`: each [[line]] has its own"),
            (profile, "\"loopstart\" has no `profile`; lines are told by `country`"),
            (pri, "\"loopstart\" has no `pri`: it has no D-channel"),
            (r2, "\"loopstart\" has no `r2`: its lines have no registers"),
        ],
        Speaks::None => [side, profile, country, pri, r2, table.echo_canceller.as_ref().map(Spanned::span)]
            .map(|place| (place, "\"none\" has no settings: its channels are told by [[tap]]"))
            .to_vec(),
    };
    for (place, what) in foreign {
        if let Some(place) = place {
            check.fault(place, format!("signaling {what}"));
        }
    }
}

fn card(check: &mut Check<'_>, table: &Spanned<Table>) {
    let (place, span) = (table.span(), table.get_ref());
    match (span.card, span.local, span.remote, &span.dir) {
        (Card::Pseudowire, Some(_), Some(_), None) | (Card::Lab, None, None, Some(_)) => {}
        (Card::Pseudowire, ..) => {
            check.fault(place, "card \"pseudowire\" wants `local` and `remote` (address:port each) and no `dir`");
        }
        (Card::Lab, ..) => {
            check.fault(place, "card \"lab\" wants `dir` (folder of its sockets) and no `local`, `remote`");
        }
    }
}

fn primary_rate(check: &mut Check<'_>, table: &Table) -> Option<Signaling> {
    let profile = match &table.profile {
        None => Profile::CHINA,
        Some(name) => {
            let found = Profile::named(name.get_ref());
            if found.is_none() {
                let known = Profile::ALL.map(|profile| profile.name).join(", ");
                check.fault(name.span(), format!("no profile is called \"{}\"; known: {known}", name.get_ref()));
            }
            found?
        }
    };
    let side = match table.side.as_ref().map(|side| *side.get_ref()).unwrap_or_default() {
        Side::User => pri::Side::User,
        Side::Network => pri::Side::Network,
    };
    let overrides = table.pri.as_ref().map(|pri| overrides(check, pri.get_ref())).unwrap_or_default();
    Some(Signaling::Pri { profile: Box::new(profile), side, overrides: Box::new(overrides) })
}

fn overrides(check: &mut Check<'_>, table: &Pri) -> Overrides {
    let mut overrides = Overrides {
        overlap: table.overlap.map(crate::file::Overlap::value),
        sending_complete: table.sending_complete.map(crate::file::SendingComplete::value),
        hunting: table.hunting.map(crate::file::Hunting::value),
        preference: table.channels.map(crate::file::Channels::value),
        restart_at_start: table.restart.map(crate::file::Restart::value),
        called_kind: table.called_type.map(crate::file::NumberType::value),
        calling_kind: table.calling_type.map(crate::file::NumberType::value),
        ..Overrides::default()
    };
    for (name, seconds) in &table.timers_s {
        if *seconds.get_ref() == 0 {
            check.fault(seconds.span(), "a timer runs for 1 second or longer");
        }
        match timer(&mut overrides, name.get_ref()) {
            Some(timer) => *timer = Some(Duration::from_secs((*seconds.get_ref()).into())),
            None => check.fault(
                name.span(),
                format!(
                    "no timer is called \"{}\"; known: t301 to t306, t308 to t310, t313, t316, t322",
                    name.get_ref()
                ),
            ),
        }
    }
    overrides
}

fn timer<'a>(overrides: &'a mut Overrides, name: &str) -> Option<&'a mut Option<Duration>> {
    Some(match name {
        "t301" => &mut overrides.t301,
        "t302" => &mut overrides.t302,
        "t303" => &mut overrides.t303,
        "t304" => &mut overrides.t304,
        "t305" => &mut overrides.t305,
        "t306" => &mut overrides.t306,
        "t308" => &mut overrides.t308,
        "t309" => &mut overrides.t309,
        "t310" => &mut overrides.t310,
        "t313" => &mut overrides.t313,
        "t316" => &mut overrides.t316,
        "t322" => &mut overrides.t322,
        _ => return None,
    })
}

/// The country of this code, or China, which is also that of a box that was told nothing.
fn country(check: &mut Check<'_>, code: Option<&Spanned<String>>) -> &'static Country {
    let Some(code) = code else { return Country::CHINA };
    Country::named(code.get_ref()).unwrap_or_else(|| {
        let known: Vec<&str> = COUNTRIES.iter().map(|country| country.code).collect();
        let what = format!("no country is called \"{}\"; known: {}", code.get_ref(), known.join(", "));
        check.fault(code.span(), what);
        Country::CHINA
    })
}

fn unique_channels(check: &mut Check<'_>, lines: &[&Spanned<LineTable>]) {
    let mut taken = [false; TIMESLOTS];
    for line in lines {
        let channel = &line.get_ref().channel;
        match taken.get_mut(usize::from(*channel.get_ref())) {
            Some(_) if matches!(channel.get_ref(), 0 | 16) => check.fault(channel.span(), NO_CHANNEL),
            None => check.fault(channel.span(), NO_CHANNEL),
            Some(taken) => {
                if std::mem::replace(taken, true) {
                    let what = format!(
                        "channel {} of span \"{}\" has a line already",
                        channel.get_ref(),
                        line.get_ref().span.get_ref()
                    );
                    check.fault(channel.span(), what);
                }
            }
        }
    }
}

const NO_CHANNEL: &str = "`channel` is a timeslot that carries a line: 1 to 15 or 17 to 31";

fn line(check: &mut Check<'_>, table: &LineTable, of_span: &'static Country) -> Option<Line> {
    let number = check.digits(&table.number)?;
    let country = if table.country.is_some() { country(check, table.country.as_ref()) } else { of_span };
    let settings = match table.side {
        End::Fxo => LineSettings::Fxo(fxo(check, table, FxoSettings::new(country, number))),
        End::Fxs => LineSettings::Fxs(FxsSettings {
            names_callers: table.caller_id == CallerIds::On,
            reverses_on_answer: table.answer == Answer::Reversal,
            ..FxsSettings::new(country, number)
        }),
    };
    Some(Line { channel: *table.channel.get_ref(), name: table.name.clone(), settings })
}

fn fxo(check: &mut Check<'_>, table: &LineTable, standard: FxoSettings) -> FxoSettings {
    let reverses = table.answer == Answer::Reversal;
    let mut settings = FxoSettings {
        caller_id: match table.caller_id {
            CallerIds::On => standard.caller_id,
            CallerIds::Off => CallerIdWait::No,
        },
        dialling: table.dial.map_or(standard.dialling, crate::file::Dial::value),
        dial_start: match table.dial_at {
            DialAt::DialTone => standard.dial_start,
            DialAt::DialToneOrBlind => DialStart::DialToneOrBlind(Duration::from_secs(3)),
            DialAt::Blind => DialStart::Blind(Duration::from_millis(1500)),
        },
        reversal_answers: reverses,
        reversal_ends: reverses,
        voice_answers: !reverses,
        silence_limit: table.silence_limit_s.map(|seconds| Duration::from_secs(seconds.into())),
        ..standard
    };
    if let Some(ms) = &table.battery_break_ms {
        if !BATTERY_BREAK_MS.contains(ms.get_ref()) {
            check.fault(ms.span(), "`battery_break_ms` is from 20 to 1000: shorter is noise, longer is a dead line");
        }
        settings.battery_break = Duration::from_millis((*ms.get_ref()).into());
    }
    settings
}
