//! The spans' cards, opened as the configuration says.

use crate::paths::Root;
use config::{Card, Config};
use media_io::Audio;
use ports::span::DataLink;
use std::path::PathBuf;
use std::sync::Arc;

/// Milliseconds of audio in a pseudowire packet: little enough to be heard at once, few enough packets to be cheap.
const PACKET_MS: u8 = 5;

/// Why a card cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The pseudowire card.
    #[error("pseudowire: {0}")]
    Pseudowire(#[from] pseudowire::Error),
    /// The lab card.
    #[error("{0}")]
    Lab(#[from] lab::ListenError),
    /// The lab card's folder.
    #[error("{path}: {source}; the lab card's sockets are made there")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
}

/// A span's two halves.
pub type Halves = (Box<dyn Audio>, Box<dyn DataLink>);

/// Opens every span, in the order of the configuration. `notify` is called by the cards' threads when a span has news.
pub fn open(config: &Config, root: &Root, notify: &Arc<dyn Fn() + Send + Sync>) -> Result<Vec<Halves>, CardError> {
    // One card carries all spans in UDP, so that one thread serves them.
    let addresses = |span: &config::Span| {
        let (local, remote) = span.addresses?;
        let signaling = if span.signaling.is_channel_associated() {
            pseudowire::Signaling::Cas
        } else {
            pseudowire::Signaling::DChannel
        };
        Some(pseudowire::SpanConfig { local, remote, signaling })
    };
    let spans: Vec<_> = config.spans.iter().filter_map(addresses).collect();
    let mut packets = if spans.is_empty() {
        Vec::new()
    } else {
        let card = pseudowire::Config { spans, packet_ms: PACKET_MS, rtp: None, clock: pseudowire::Clock::Own };
        pseudowire::PseudowireCard::start(&card, Arc::clone(notify))?
    }
    .into_iter();
    let mut opened: Vec<Halves> = Vec::new();
    for span in &config.spans {
        match (span.card, packets.size_hint().0) {
            (Card::Pseudowire, 1..) => {
                opened.extend(
                    packets.next().map(|(audio, link)| (Box::new(audio) as Box<dyn Audio>, Box::new(link) as _)),
                );
            }
            (Card::Pseudowire, 0) => {}
            (Card::Lab, _) => {
                let path = root.join(span.dir.as_deref().unwrap_or_default());
                std::fs::create_dir_all(&path).map_err(|source| CardError::Folder { path: path.clone(), source })?;
                let (audio, link) = lab::SocketSpan::listen(&path, Arc::clone(notify))?.into_halves();
                opened.push((Box::new(audio), Box::new(link)));
            }
        }
    }
    Ok(opened)
}

/// The card's name on the pages.
pub const fn name(card: Card) -> &'static str {
    match card {
        Card::Pseudowire => "pseudowire",
        Card::Lab => "lab",
    }
}
