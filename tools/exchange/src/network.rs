//! Spans, signaling, engine and parties, joined in one task.

mod calls;
mod core;
mod faulty;
mod kind;
mod live;
mod lookers;
mod span;
mod stepped;
mod task;

pub use calls::Sending;
pub use kind::Kind;
pub use sig_span::pri::Side;
pub use stepped::Stepped;
pub use task::{Commands, Order, Placed};

use crate::party::Prepared;
use lab::faults::{FaultHandle, Faults, faulty};
use media_io::Audio;
pub use media_io::Options;
use ports::span::{DataLink, SpanAudio};
use std::io;
use std::sync::Arc;
use tokio::sync::Notify;

/// What an unattended telephone does until another script is installed for it.
const SILENT_PHONE: &str = "ring 1s\nanswer\nwait hangup within 60m\n";

/// A span of the network, whatever carries it. Faults can be ordered of each.
pub struct Span {
    kind: Kind,
    side: Side,
    audio: Box<dyn Audio>,
    data: Box<dyn DataLink>,
    faults: FaultHandle,
}

impl Span {
    /// A card's two halves, and what they carry. `side` is what we are on it: the network, or a private exchange behind a box that plays the
    /// network. The same seed draws the same faults.
    pub fn new<A, L>(kind: Kind, side: Side, audio: A, data: L, seed: u64) -> Self
    where
        A: SpanAudio + 'static,
        L: DataLink + 'static,
    {
        let (audio, data, faults) = faulty(audio, data, Faults::default(), seed);
        Self { kind, side, audio: Box::new(audio), data: Box::new(data), faults }
    }
}

/// The network.
#[derive(Debug)]
pub struct Network;

impl Network {
    /// Starts the engine's thread and the task that owns everything; both end when the last [`Commands`] is dropped. `woken` is the
    /// one that the cards notify.
    ///
    /// # Errors
    /// A thread did not start.
    pub fn start(spans: Vec<Span>, options: Options, woken: Arc<Notify>) -> io::Result<Commands> {
        task::start(spans, options, woken)
    }
}

/// A script of ours that neither speaks nor listens for words.
fn silent(script: &str) -> Vec<Prepared> {
    let script = crate::script::parse(script, &[]).unwrap_or_default();
    let prepared = |step| Prepared { step, phrases: Vec::new(), clips: Vec::new() };
    script.steps.into_iter().map(prepared).collect()
}
