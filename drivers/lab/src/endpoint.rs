//! One SOCK_SEQPACKET socket, its path, and the peer on it.

use crate::socket::ListenError;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, UnixAddr, bind, listen, recv, send, socket,
};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A listening socket and the one peer that it serves.
pub(crate) struct Endpoint {
    path: PathBuf,
    // std's listener accepts on any Unix socket; the type of the socket stays SOCK_SEQPACKET.
    listener: UnixListener,
    pub(crate) peer: Option<UnixStream>,
}

impl Endpoint {
    pub(crate) fn listen(path: PathBuf) -> Result<Self, ListenError> {
        match seqpacket_listener(&path) {
            Ok(listener) => Ok(Self { path, listener, peer: None }),
            Err(source) => Err(ListenError::Socket { path, source }),
        }
    }

    /// The descriptor to wait on: the peer, or the listener while there is none. A second peer waits its turn.
    pub(crate) fn poll_fd(&self, also: PollFlags) -> PollFd<'_> {
        match &self.peer {
            Some(peer) => PollFd::new(peer.as_fd(), also),
            None => PollFd::new(self.listener.as_fd(), PollFlags::POLLIN),
        }
    }

    /// Takes the next peer in; true if one came.
    pub(crate) fn accept(&mut self) -> bool {
        let Ok((peer, _)) = self.listener.accept() else { return false };
        if peer.set_nonblocking(true).is_err() {
            return false;
        }
        self.peer = Some(peer);
        true
    }

    /// The next message; `None` when none waits or the peer has gone.
    pub(crate) fn receive<'a>(&mut self, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
        let peer = self.peer.as_ref()?;
        match recv(peer.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT) {
            Ok(0) => self.peer = None,
            Ok(length) => return Some(&buffer[..length]),
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(_) => self.peer = None,
        }
        None
    }

    /// Sends one message; false if it was lost.
    pub(crate) fn send(&mut self, message: &[u8]) -> bool {
        let Some(peer) = &self.peer else { return false };
        match send(peer.as_raw_fd(), message, MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL) {
            Ok(_) => true,
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ENOBUFS) => false,
            Err(_) => {
                self.peer = None;
                false
            }
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.path);
    }
}

fn seqpacket_listener(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    let fd: OwnedFd = socket(AddressFamily::Unix, SockType::SeqPacket, flags, None)?;
    bind(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    listen(&fd, Backlog::new(4)?)?;
    Ok(fd.into())
}
