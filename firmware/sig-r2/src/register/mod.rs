//! Register signaling (Q.440 to Q.476): one register at each end, each a machine of its own. The line's machine starts and ends them.

mod incoming;
mod outgoing;

pub(crate) use incoming::{Incoming, Told as IncomingTold};
pub(crate) use outgoing::{Outgoing, Told as OutgoingTold};

use crate::country::{Category, Meaning, signal_for};

/// The digit that a forward signal of group I is (Q.441 table 1).
const fn digit_of(signal: u8) -> Option<char> {
    match signal {
        1..=9 => Some((b'0' + signal) as char),
        10 => Some('0'),
        _ => None,
    }
}

/// The forward signal of a digit.
pub(crate) const fn signal_of(digit: char) -> Option<u8> {
    match digit {
        '0' => Some(10),
        '1'..='9' => Some(digit as u8 - b'0'),
        _ => None,
    }
}

/// The signal of a category; where the country has none for it, that of an ordinary subscriber.
fn category_signal(table: &[Meaning<Category>], category: Category) -> u8 {
    signal_for(table, &category).or_else(|| signal_for(table, &Category::Subscriber)).unwrap_or(1)
}
