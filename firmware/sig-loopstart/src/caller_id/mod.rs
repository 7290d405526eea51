//! What a caller id says, and its two ways over the line: a message of octets by FSK, and digits by DTMF.

mod dtmf;
mod message;

pub use dtmf::DtmfVariant;
pub(crate) use dtmf::{DtmfReader, encode_dtmf};
pub(crate) use message::{Reader, encode_mdmf};

use base::WallTime;
use ports::call::Number;

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
