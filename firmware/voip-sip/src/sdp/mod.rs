//! Session descriptions of calls (RFC 8866) and how two ends agree by them (RFC 3264).

mod agree;
mod text;

use core::net::IpAddr;

pub use agree::{Agreed, Local, NotAgreed, agreed, answer, offer};

/// What is wrong with a description, and on which line, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("session description, line {line}: {wanted} wanted")]
pub struct BadDescription {
    /// The line.
    pub line: usize,
    /// What the grammar wants there.
    pub wanted: &'static str,
}

/// Which way audio goes, seen from who describes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    #[default]
    SendReceive,
    /// From who describes it: the other is on hold.
    SendOnly,
    /// To who describes it.
    ReceiveOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    const ALL: [Self; 4] = [Self::SendReceive, Self::SendOnly, Self::ReceiveOnly, Self::Inactive];

    const fn new(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendReceive,
            (true, false) => Self::SendOnly,
            (false, true) => Self::ReceiveOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Whether who describes it sends.
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// Whether who describes it receives.
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }

    /// The same, seen from the other end.
    pub const fn reversed(self) -> Self {
        Self::new(self.receives(), self.sends())
    }

    /// What both directions allow.
    pub const fn and(self, other: Self) -> Self {
        Self::new(self.sends() && other.sends(), self.receives() && other.receives())
    }

    /// The attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendReceive => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::ReceiveOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// Who made a description, and how often it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A user name or `-`.
    pub user: String,
    /// The session's number.
    pub session: u64,
    /// One more with each change (RFC 3264 §8).
    pub version: u64,
    /// The address, as it came: a name may stand there.
    pub address: String,
}

/// What a payload number means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The payload number.
    pub payload: u8,
    /// The encoding, by its registered name.
    pub encoding: String,
    /// Its clock rate.
    pub rate: u32,
    /// Its parameters, as they came (`fmtp`).
    pub parameters: Option<String>,
}

/// One stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `image` and others.
    pub kind: String,
    /// 0 where the stream is refused.
    pub port: u16,
    /// `RTP/AVP` and others.
    pub protocol: String,
    /// Formats, the preferred first.
    pub formats: Vec<String>,
    /// The stream's own address.
    pub connection: Option<IpAddr>,
    /// Which way it goes.
    pub direction: Direction,
    /// Payload numbers that are explained.
    pub mappings: Vec<Mapping>,
    /// Milliseconds a packet.
    pub packet_ms: Option<u16>,
    /// All other attributes, as they came.
    pub attributes: Vec<String>,
}

/// A description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Who made it.
    pub origin: Origin,
    /// The address of all streams that have none of their own.
    pub connection: Option<IpAddr>,
    /// The streams, in their order.
    pub media: Vec<Media>,
}

#[cfg(test)]
#[path = "sdp_tests.rs"]
mod tests;
