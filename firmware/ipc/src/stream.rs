//! The framing on a tokio Unix stream.

use crate::frame::{FrameError, decode, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::marker::PhantomData;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

/// Why a stream ended early.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The socket failed.
    #[error("process socket: {0}")]
    Io(#[from] io::Error),
    /// What came was no message.
    #[error("process socket: {0}")]
    Frame(#[from] FrameError),
}

/// Messages coming in.
pub struct Receiver<T> {
    socket: OwnedReadHalf,
    buffer: Vec<u8>,
    message: PhantomData<T>,
}

/// Messages going out.
pub struct Sender<T> {
    socket: OwnedWriteHalf,
    message: PhantomData<T>,
}

/// Both directions of a connected socket.
pub fn split<In: DeserializeOwned, Out: Serialize>(socket: UnixStream) -> (Receiver<In>, Sender<Out>) {
    let (read, write) = socket.into_split();
    let receiver = Receiver { socket: read, buffer: Vec::new(), message: PhantomData };
    (receiver, Sender { socket: write, message: PhantomData })
}

impl<T: DeserializeOwned> Receiver<T> {
    /// The next message; `None` when the other end closed. Safe to cancel: what was read stays buffered.
    pub async fn receive(&mut self) -> Result<Option<T>, StreamError> {
        loop {
            if let Some((message, used)) = decode(&self.buffer)? {
                self.buffer.drain(..used);
                return Ok(Some(message));
            }
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }
}

impl<T: Serialize> Sender<T> {
    /// Sends a message; waits while the socket is full.
    pub async fn send(&mut self, message: &T) -> Result<(), StreamError> {
        self.socket.write_all(&encode(message)?).await?;
        Ok(())
    }
}
