//! What a DTMF receiver accepts, as data.

use base::Dbm0;

/// Limits of a receiver. Each lies between the value that must be accepted and the one that must be refused, so that noise
/// and the detector's own resolution of 5 ms fit in between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// Frequency error that must be accepted, as a share of the nominal frequency ...
    pub accept_share: f32,
    /// ... plus this many hertz.
    pub accept_hz: f32,
    /// Frequency error that must be refused, as a share.
    pub reject_share: f32,
    /// Weakest tone of the pair that is taken.
    pub least: Dbm0,
    /// The high group may be stronger than the low one by this many dB.
    pub twist_db: f32,
    /// The low group may be stronger than the high one by this many dB.
    pub reverse_twist_db: f32,
    /// Share of all energy that the two tones must have over the whole 35 ms by which a digit is confirmed. 0.91 remains at 10 dB of signal
    /// over noise; speech seldom has 0.5 for so long.
    pub confirm_share: f32,
    /// The same over 10 ms, for a digit reported early.
    pub early_share: f32,
    /// The same over 10 ms, for a tone that goes on.
    pub hold_share: f32,
    /// Windows of 10 ms, one every 5 ms, without the tone after which a digit has ended.
    pub misses_to_end: u8,
}

impl Profile {
    /// The AT&T column of Q.24 Annex A, Table A.1: accepts an error of 1.5 % and 2 Hz, refuses 3.5 %; 0 to -25 dBm0; +4 to -8 dB of twist;
    /// 40 ms of tone, 40 ms of pause, holes of 10 ms. Where the table has tones accepted at a limit, the limit here is a little wider.
    pub const ATT: Self = Self {
        accept_share: 0.015,
        accept_hz: 2.0,
        reject_share: 0.035,
        least: Dbm0(-28.0),
        twist_db: 5.5,
        reverse_twist_db: 9.5,
        confirm_share: 0.80,
        early_share: 0.80,
        hold_share: 0.60,
        misses_to_end: 5,
    };
}
