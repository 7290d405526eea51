//! The messages between the box's processes, and their framing on Unix sockets.
//!
//! `fundlined` listens; `fundline-ivr`, `fundline-web` and `fundlinectl` connect, and connect again after a restart of either side. A message is
//! a little-endian `u32` length and that many octets of postcard. Both ends are built from one tree and started
//! together, so there is one version; [`PROTOCOL`] is exchanged first and a stranger is refused with a clear word.
//!
//! ```
//! use ipc::frame::{decode, encode};
//! use ipc::ivr::{SessionId, ToIvr};
//!
//! let octets = encode(&ToIvr::Hangup { session: SessionId(7) }).unwrap();
//! let (message, used) = decode::<ToIvr>(&octets).unwrap().unwrap();
//! assert_eq!((message, used), (ToIvr::Hangup { session: SessionId(7) }, octets.len()));
//! ```

pub mod frame;
pub mod ivr;
pub mod lines;
pub mod stream;
pub mod web;

/// Version of these messages. Raised with every change of their shape.
pub const PROTOCOL: u32 = 3;

/// File names below `/run/fundline/`.
pub mod sockets {
    /// `fundline-ivr` connects here.
    pub const IVR: &str = "ivr.sock";
    /// `fundline-web` connects here.
    pub const WEB: &str = "web.sock";
    /// `fundlinectl` connects here, and speaks as `fundline-web` does.
    pub const CTL: &str = "ctl.sock";
}
