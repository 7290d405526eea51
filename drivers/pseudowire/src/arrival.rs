//! Datagrams, with the time at which the kernel had them where that is wanted.

use base::Instant;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::Duration;

/// One moment on the box's own clock and on the kernel's wall clock, which stamps datagrams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) now: Instant,
    wall: Duration,
}

impl Moment {
    pub(crate) fn take(began: std::time::Instant) -> Self {
        let wall = clock_gettime(ClockId::CLOCK_REALTIME).map_or(Duration::ZERO, Duration::from);
        Self { now: Instant::new(began.elapsed()), wall }
    }

    /// When something happened that has this stamp.
    fn of(self, stamp: Duration) -> Instant {
        let earlier = self.wall.saturating_sub(stamp);
        let later = stamp.saturating_sub(self.wall);
        Instant::new((self.now.since_start() + later).saturating_sub(earlier))
    }
}

/// One socket's datagrams.
#[derive(Debug)]
pub(crate) struct Intake {
    /// Room for the stamp; `None` where the time of the look is good enough.
    control: Option<Vec<u8>>,
}

impl Intake {
    /// Datagrams without stamps.
    pub(crate) const fn plain() -> Self {
        Self { control: None }
    }

    /// Asks the kernel for stamps.
    pub(crate) fn stamped(socket: &UdpSocket) -> io::Result<Self> {
        setsockopt(socket, sockopt::ReceiveTimestampns, &true)?;
        Ok(Self { control: Some(nix::cmsg_space!(TimeSpec)) })
    }

    /// The next datagram: its length, its sender, and when it came.
    pub(crate) fn next(
        &mut self,
        socket: &UdpSocket,
        buffer: &mut [u8],
        moment: Moment,
    ) -> io::Result<(usize, Option<SocketAddr>, Instant)> {
        let Some(control) = &mut self.control else {
            return socket.recv_from(buffer).map(|(length, from)| (length, Some(from), moment.now));
        };
        let mut parts = [IoSliceMut::new(buffer)];
        let message =
            recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(control), MsgFlags::MSG_DONTWAIT)?;
        let stamp = message.cmsgs()?.find_map(|part| match part {
            ControlMessageOwned::ScmTimestampns(stamp) => Some(moment.of(stamp.into())),
            _ => None,
        });
        Ok((message.bytes, message.address.and_then(sender), stamp.unwrap_or(moment.now)))
    }
}

fn sender(address: SockaddrStorage) -> Option<SocketAddr> {
    let four = address.as_sockaddr_in().map(|address| SocketAddr::V4((*address).into()));
    four.or_else(|| address.as_sockaddr_in6().map(|address| SocketAddr::V6((*address).into())))
}
