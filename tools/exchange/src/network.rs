//! Spans, signaling, engine and parties, joined in one task.

mod calls;
mod core;
mod live;
mod lookers;
mod task;

pub use calls::Sending;
pub use sig_pri::Side;
pub use task::{Commands, Order, Placed};

use crate::party::Prepared;
use media_io::Audio;
pub use media_io::Options;
use ports::span::DataLink;
use std::io;
use std::sync::Arc;
use tokio::sync::Notify;

/// What an unattended telephone does until another script is installed for it.
const SILENT_PHONE: &str = "ring 1s\nanswer\nwait hangup within 60m\n";

/// A span of the network, whatever carries it.
pub struct Span {
    /// What we are on it: the network, or a private exchange behind a box that plays the network.
    pub side: Side,
    /// Its audio, for the engine.
    pub audio: Box<dyn Audio>,
    /// Its D-channel.
    pub data: Box<dyn DataLink>,
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

fn unattended() -> Vec<Prepared> {
    let script = crate::script::parse(SILENT_PHONE, &[]).unwrap_or_default();
    let prepared = |step| Prepared { step, phrases: Vec::new(), clips: Vec::new() };
    script.steps.into_iter().map(prepared).collect()
}
