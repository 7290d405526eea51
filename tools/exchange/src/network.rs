//! Spans, signaling, engine and parties, joined in one task.

mod core;
mod live;
mod task;

pub use task::{Commands, Order, Placed};

use media_io::Audio;
use ports::span::DataLink;
use std::io;
use std::sync::Arc;
use tokio::sync::Notify;

/// A span of the network, whatever carries it.
pub struct Span {
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
    /// The engine's thread did not start.
    pub fn start(spans: Vec<Span>, woken: Arc<Notify>) -> io::Result<Commands> {
        task::start(spans, woken)
    }
}
