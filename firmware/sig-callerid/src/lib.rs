//! Caller ids: what they say, and their two ways over an analog line, a message of octets by FSK and digits by DTMF.
//!
//! **How it works.** [`Reader`] finds SDMF and MDMF messages among the octets of a receiver, noise and all, by their checksums;
//! [`DtmfReader`] reads the digits of all networks without being told which. [`encode_mdmf`] and [`encode_dtmf`] are the exchange's side.
//!
//! **How to drive it.**
//! ```
//! use sig_callerid::{CallerId, Reader, encode_mdmf};
//! use ports::call::Number;
//!
//! let sent = CallerId { number: Number::unknown("13800138000".parse()?), ..CallerId::default() };
//! let mut reader = Reader::new();
//! let read = encode_mdmf(&sent).iter().find_map(|&octet| reader.push_octet(octet));
//! assert_eq!(read, Some(Ok(sent)));
//! # Ok::<(), base::BadDigit>(())
//! ```
//!
//! **Left out.** Sending SDMF, which no exchange here does; messages of other services; the framing of Japan.
//!
//! **References.** EN 300 659-1 (V1.3.1), EN 300 659-3 (V1.3.1), GR-30-CORE (1998), YD/T 1277.
#![no_std]

mod dtmf;
mod message;

pub use dtmf::{DtmfReader, DtmfVariant, encode_dtmf};
pub use message::{Fault, Reader, encode_mdmf};

use base::WallTime;
use ports::call::Number;

/// Longest message: type, length, 255 octets, checksum.
pub const MAX_MESSAGE: usize = 258;
/// Octets of a message.
pub type Octets = heapless::Vec<u8, MAX_MESSAGE>;

/// Longest name kept (GR-30: 15 characters; EN 300 659-3 §5.4.7: 50 octets).
pub const LONGEST_NAME: usize = 50;
/// A name as it came: the line does not say in which code.
pub type Name = heapless::Vec<u8, LONGEST_NAME>;

/// Local time at the exchange, which names no year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl Date {
    /// The parts that a caller id carries.
    pub const fn of(local: WallTime) -> Self {
        let (_, month, day, hour, minute, _) = local.civil();
        Self { month, day, hour, minute }
    }
}

/// Who calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallerId {
    /// When, by the exchange's clock.
    pub date: Option<Date>,
    /// The calling number, or why there is none.
    pub number: Number,
    /// The party that diverted the call here.
    pub redirecting: Option<Number>,
    /// The caller's name.
    pub name: Option<Name>,
}
