//! The file's structure, one struct a table.

use core::net::SocketAddr;
use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(rename = "box")]
    pub(crate) identity: Box,
    #[serde(default)]
    pub(crate) span: Vec<Spanned<Span>>,
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

/// `[[span]]`: an E1 with 30 bearer channels and a D-channel in timeslot 16.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Name in pages, logs and trunks.
    pub name: Spanned<String>,
    /// Its card.
    pub card: Card,
    /// The box's side.
    #[serde(default)]
    pub side: Side,
    /// `pseudowire`: where packets come in.
    pub local: Option<SocketAddr>,
    /// `pseudowire`: where packets go.
    pub remote: Option<SocketAddr>,
    /// `lab`: folder of the two sockets, below the root.
    pub dir: Option<String>,
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
}

impl Default for Recording {
    fn default() -> Self {
        Self { enabled: true }
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
