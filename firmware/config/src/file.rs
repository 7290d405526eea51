//! The file's structure, one struct a table.

use core::net::SocketAddr;
use ports::call::NumberKind;
use serde::Deserialize;
use sig_span::loopstart::Dialling;
use sig_span::{mfc, pri};
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(rename = "box")]
    pub(crate) identity: Box,
    #[serde(default)]
    pub(crate) span: Vec<Spanned<Span>>,
    #[serde(default)]
    pub(crate) line: Vec<Spanned<Line>>,
    #[serde(default)]
    pub(crate) tap: Vec<Spanned<Tap>>,
    #[serde(default)]
    pub(crate) trunk: Vec<Trunk>,
    #[serde(default)]
    pub(crate) extension: Vec<Extension>,
    #[serde(default)]
    pub(crate) route: Vec<Spanned<Route>>,
    #[serde(default)]
    pub(crate) app: Vec<App>,
    #[serde(default)]
    pub(crate) recording: Recording,
    #[serde(default)]
    pub(crate) web: Web,
    #[serde(default)]
    pub(crate) ivr: Ivr,
}

/// `[box]`: who this box is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Box {
    /// Shown on every page.
    pub name: String,
    /// What a receiver of keys must take and refuse.
    #[serde(default)]
    pub dtmf: Dtmf,
}

/// Whose limits (Q.24 Annex A, Table A.1) the receivers of keys keep to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtmf {
    /// AT&T's.
    #[default]
    Att,
    /// NTT's.
    Ntt,
    /// China's.
    China,
}

/// What drives a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Card {
    /// RFC 5086 over UDP.
    Pseudowire,
    /// Unix sockets for another program's protocol stack.
    Lab,
}

/// Which side of the interface the box plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The box is the customer's equipment.
    #[default]
    User,
    /// The box is the exchange (towards a PBX).
    Network,
}

/// What a span speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Speaks {
    /// A D-channel in timeslot 16.
    #[default]
    Pri,
    /// MFC/R2: each channel's bits in timeslot 16, numbers by register signals.
    R2,
    /// A channel bank of analog lines: each line's bits in timeslot 16.
    Loopstart,
    /// Nothing: its channels are recorded as `[[tap]]` says.
    None,
}

/// Whether the echo of what the box says is taken out of what it hears, and how late it may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum EchoCanceller {
    /// It is not.
    #[serde(rename = "off")]
    Off,
    /// Echo of the line's own hybrid, where the card adds no delay.
    #[serde(rename = "32ms")]
    Ms32,
    /// Echo of up to 128 ms, the way through the card and back included.
    #[serde(rename = "128ms")]
    Ms128,
}

/// `[[span]]`: an E1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Span {
    pub(crate) name: Spanned<String>,
    pub(crate) card: Card,
    #[serde(default)]
    pub(crate) signaling: Speaks,
    pub(crate) side: Option<Spanned<Side>>,
    pub(crate) profile: Option<Spanned<String>>,
    pub(crate) country: Option<Spanned<String>>,
    pub(crate) pri: Option<Spanned<Pri>>,
    pub(crate) r2: Option<Spanned<R2>>,
    pub(crate) echo_canceller: Option<Spanned<EchoCanceller>>,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) remote: Option<SocketAddr>,
    pub(crate) dir: Option<String>,
}

/// `pri = { ... }` of a span: what differs from its profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pri {
    pub(crate) overlap: Option<Overlap>,
    pub(crate) sending_complete: Option<SendingComplete>,
    pub(crate) hunting: Option<Hunting>,
    pub(crate) channels: Option<Channels>,
    pub(crate) restart: Option<Restart>,
    pub(crate) called_type: Option<NumberType>,
    pub(crate) calling_type: Option<NumberType>,
    #[serde(default)]
    pub(crate) timers_s: BTreeMap<Spanned<String>, Spanned<u16>>,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident => $target:ty { $($variant:ident => $value:expr),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(crate) enum $name { $($variant),* }

        impl $name {
            pub(crate) const fn value(self) -> $target {
                match self { $(Self::$variant => $value),* }
            }
        }
    };
}

choice! {
    /// Whether digits may follow an incoming SETUP.
    Overlap => pri::Overlap { Received => pri::Overlap::Received, Refused => pri::Overlap::Refused }
}
choice! {
    /// Whether whole numbers say that they are.
    SendingComplete => pri::SendingComplete {
        Sent => pri::SendingComplete::Sent,
        LeftOut => pri::SendingComplete::LeftOut,
    }
}
choice! {
    /// Which free channel a call gets.
    Hunting => pri::Hunting { Up => pri::Hunting::Up, Down => pri::Hunting::Down, Cyclic => pri::Hunting::Cyclic }
}
choice! {
    /// Whether the exchange may choose another channel.
    Channels => pri::Preference {
        Preferred => pri::Preference::Preferred,
        Exclusive => pri::Preference::Exclusive,
    }
}
choice! {
    /// What is restarted when the D-channel comes up.
    Restart => pri::RestartAtStart {
        No => pri::RestartAtStart::No,
        Interface => pri::RestartAtStart::Interface,
        Channels => pri::RestartAtStart::Channels,
    }
}
choice! {
    /// Types of number.
    NumberType => NumberKind {
        Unknown => NumberKind::Unknown,
        International => NumberKind::International,
        National => NumberKind::National,
        Subscriber => NumberKind::Subscriber,
    }
}
choice! {
    /// How a line dials.
    Dial => Dialling { Tone => Dialling::Tone, Pulse => Dialling::Pulse }
}

/// `r2 = { ... }` of a span: what differs from its country's way.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct R2 {
    pub(crate) direction: Option<Direction>,
    pub(crate) dnis_digits: Option<Spanned<u8>>,
    pub(crate) calling_digits: Option<Spanned<u8>>,
    pub(crate) collect: Option<Collect>,
    pub(crate) answer: Option<R2Answer>,
    pub(crate) release: Option<Release>,
    pub(crate) accept: Option<Acceptance>,
    pub(crate) charge: Option<Charge>,
}

choice! {
    /// Who may seize the channels.
    Direction => mfc::Direction {
        In => mfc::Direction::Incoming,
        Out => mfc::Direction::Outgoing,
        Both => mfc::Direction::BothWay,
    }
}
choice! {
    /// What becomes of calls at our charge.
    Collect => mfc::Collect { Offer => mfc::Collect::Offer, Refuse => mfc::Collect::Refuse }
}
choice! {
    /// How calls are answered.
    R2Answer => mfc::Answer { Single => mfc::Answer::Single, Double => mfc::Answer::Double }
}
choice! {
    /// How the box ends a call that came in.
    Release => mfc::Release { ClearBack => mfc::Release::ClearBack, Forced => mfc::Release::Forced }
}
choice! {
    /// What is said of the called party once the number is whole.
    Acceptance => mfc::Acceptance { GroupB => mfc::Acceptance::GroupB, GroupA => mfc::Acceptance::GroupA }
}
choice! {
    /// Whether calls to the box are charged.
    Charge => mfc::Charge { Charged => mfc::Charge::Charged, Free => mfc::Charge::Free }
}

/// Which end of a line the box is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// The telephone's: a line of the telephone network.
    #[default]
    Fxo,
    /// The exchange's: a line to a telephone.
    Fxs,
}

/// How the answer of a call is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Answer {
    /// Somebody speaks, or ringback stops.
    #[default]
    Voice,
    /// The exchange reverses the line, and reverses it again when the far party hangs up.
    Reversal,
}

/// When dialling begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DialAt {
    /// At the dial tone; without one the call fails.
    #[default]
    DialTone,
    /// At the dial tone, or three seconds after the line was seized.
    DialToneOrBlind,
    /// A second and a half after the line was seized.
    Blind,
}

/// Whether callers are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CallerIds {
    /// The exchange names them.
    #[default]
    On,
    /// It does not: no call waits for it.
    Off,
}

/// `[[line]]`: an analog line of a span with `signaling = "loopstart"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) span: Spanned<String>,
    pub(crate) channel: Spanned<u8>,
    pub(crate) number: Spanned<String>,
    #[serde(default)]
    pub(crate) name: String,
    pub(crate) country: Option<Spanned<String>>,
    #[serde(default)]
    pub(crate) side: End,
    #[serde(default)]
    pub(crate) caller_id: CallerIds,
    pub(crate) dial: Option<Dial>,
    #[serde(default)]
    pub(crate) dial_at: DialAt,
    #[serde(default)]
    pub(crate) answer: Answer,
    pub(crate) silence_limit_s: Option<u16>,
    pub(crate) battery_break_ms: Option<Spanned<u16>>,
}

/// When a tap is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TapMode {
    /// All the time.
    Always,
    /// While somebody speaks.
    #[default]
    Voice,
}

/// `[[tap]]`: a channel of a span without signaling that is recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tap {
    pub(crate) span: Spanned<String>,
    pub(crate) channel: Spanned<u8>,
    pub(crate) name: Spanned<String>,
    #[serde(default)]
    pub(crate) recording: TapMode,
    pub(crate) silence_s: Option<Spanned<u16>>,
    pub(crate) cut_min: Option<Spanned<u16>>,
}

/// `[[trunk]]`: spans that lead to the same place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// Name in routes and extensions.
    pub name: Spanned<String>,
    /// Tried in this order for a free channel.
    pub spans: Vec<Spanned<String>>,
}

/// `[[extension]]`: a telephone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Its number inside the box.
    pub number: Spanned<String>,
    /// Whose it is.
    #[serde(default)]
    pub name: String,
    /// The trunk it hangs on.
    pub trunk: Spanned<String>,
    /// What to dial there, if not its number.
    pub dial: Option<Spanned<String>>,
}

/// `[[route]]`: exactly one of `app`, `extension`, `trunk`, `reject`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) called: Spanned<String>,
    pub(crate) calling: Option<Spanned<String>>,
    pub(crate) app: Option<Spanned<String>>,
    pub(crate) extension: Option<Spanned<String>>,
    pub(crate) trunk: Option<Spanned<String>>,
    pub(crate) reject: Option<Spanned<u8>>,
}

/// `[[app]]`: a VoiceXML application.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Name in routes.
    pub name: Spanned<String>,
    /// Its first document.
    pub url: Spanned<String>,
}

/// `[recording]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// Record answered calls.
    pub enabled: bool,
    /// What the files hold.
    pub format: RecordingFormat,
    /// Keys by which an agent pauses the recording of its talk, and ends the pause; empty or absent: none.
    pub pause_key: Option<Spanned<String>>,
}

/// What recordings are written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordingFormat {
    /// A-law in WAV.
    #[default]
    Wav,
    /// Opus in Ogg.
    Opus,
}

impl Default for Recording {
    fn default() -> Self {
        Self { enabled: true, format: RecordingFormat::Wav, pause_key: None }
    }
}

/// `[web]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    /// Where the page is served.
    pub listen: SocketAddr,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([0, 0, 0, 0], 8443)) }
    }
}

/// `[ivr]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ivr {
    /// Where the box's application server listens (loopback).
    pub listen: SocketAddr,
    /// Folder of applications, below the root unless absolute.
    pub apps: String,
    /// Folder of recorded prompts, below the root unless absolute.
    pub recorded: Option<String>,
    /// The fund system's base address.
    pub fund: Option<String>,
}

impl Default for Ivr {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 8480));
        Self { listen, apps: "/var/lib/fundline/apps".into(), recorded: None, fund: None }
    }
}
