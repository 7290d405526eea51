//! Timers and limits of the data link (Q.921 §5.9).

use core::time::Duration;

/// Values of one data link. [`Parameters::default`] is the standard's for a primary rate D-channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// T200, wait for an answer before asking again: 1 s (Q.921 §5.9.1).
    pub t200: Duration,
    /// T203, longest silence of an established link before it is tested: 10 s (Q.921 §5.9.8).
    pub t203: Duration,
    /// N200, repetitions before giving up: 3 (Q.921 §5.9.2).
    pub n200: u8,
    /// N201, longest information field in octets: 260, which is also the most that fits (Q.921 §5.9.3).
    pub n201: usize,
    /// k, I frames that may wait for acknowledgement: 7 at 64 kbit/s (Q.921 §5.9.5). At most [`crate::QUEUED_MESSAGES`].
    pub k: u8,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { t200: Duration::from_secs(1), t203: Duration::from_secs(10), n200: 3, n201: 260, k: 7 }
    }
}
