//! What a DTMF receiver accepts, as data.

use base::Dbm0;

/// One limit of a receiver: the value up to which a signal must be accepted, and that from which it must be refused. In between the
/// receiver is free, and draws its line in the middle, so that noise and its own resolution fit in on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Must be accepted.
    pub accept: f32,
    /// Must be refused.
    pub reject: f32,
}

impl Edge {
    const fn new(accept: f32, reject: f32) -> Self {
        Self { accept, reject }
    }

    /// Where the receiver draws its line.
    pub const fn middle(self) -> f32 {
        (self.accept + self.reject) / 2.0
    }
}

/// Limits of a receiver. Q.24 (11/88) Annex A leaves them to the administrations; each column of its Table A.1 is one of these. Where a column is
/// silent or wide (AT&T's refuses below -55 dBm only), the value to be refused is ours, and closer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// As it is named in a configuration.
    pub name: &'static str,
    /// Frequency error that must be accepted, as a share of the nominal frequency ...
    pub accept_share: f32,
    /// ... plus this many hertz.
    pub accept_hz: f32,
    /// Frequency error that must be refused, as a share.
    pub reject_share: f32,
    /// Strongest tone of the pair that must be accepted. A stronger one is not refused.
    pub strongest: Dbm0,
    /// Level of the weaker tone of the pair, dBm0.
    pub level_dbm0: Edge,
    /// By how many dB the high group may be stronger than the low one.
    pub twist_db: Edge,
    /// By how many dB the low group may be stronger than the high one.
    pub reverse_twist_db: Edge,
    /// Length of a tone.
    pub tone_ms: Edge,
    /// A pause that ends a digit (`accept`), and a hole that does not (`reject`).
    pub pause_ms: Edge,
    /// Share of all energy that the two tones must have over the whole 35 ms by which a digit is confirmed. 0.91 remains at 10 dB of signal
    /// over noise; speech seldom has 0.5 for so long.
    pub confirm_share: f32,
    /// Energy of this level is not counted there: what goes out at -10 dBm0 and comes back 20 dB weaker would hide weak digits, and means
    /// nothing beside speech loud enough to be taken for a digit.
    pub echo: Dbm0,
    /// The same over 10 ms, for a digit reported early.
    pub early_share: f32,
    /// The same over 10 ms, for a tone that goes on.
    pub hold_share: f32,
    /// Windows of 10 ms, one every 5 ms, without the tone after which a digit has ended.
    pub misses_to_end: u8,
}

impl Profile {
    /// AT&T's column, and the default: accepts an error of 1.5 % and 2 Hz, refuses 3.5 %; 0 to -25 dBm0; +4 to -8 dB of twist;
    /// 40 ms of tone, 40 ms of pause, holes of 10 ms.
    pub const ATT: Self = Self {
        name: "att",
        accept_share: 0.015,
        accept_hz: 2.0,
        reject_share: 0.035,
        strongest: Dbm0(0.0),
        level_dbm0: Edge::new(-25.0, -31.0),
        twist_db: Edge::new(4.0, 7.0),
        reverse_twist_db: Edge::new(8.0, 11.0),
        tone_ms: Edge::new(40.0, 23.0),
        pause_ms: Edge::new(40.0, 10.0),
        confirm_share: 0.80,
        echo: Dbm0(-33.0),
        early_share: 0.80,
        hold_share: 0.60,
        misses_to_end: 5,
    };

    /// NTT's column. Written from a summary of the table, not from the table itself: compare it before a type approval rests on it.
    pub const NTT: Self = Self {
        name: "ntt",
        accept_share: 0.018,
        accept_hz: 0.0,
        reject_share: 0.030,
        strongest: Dbm0(-3.0),
        level_dbm0: Edge::new(-24.0, -29.0),
        twist_db: Edge::new(5.0, 8.0),
        reverse_twist_db: Edge::new(5.0, 8.0),
        tone_ms: Edge::new(40.0, 24.0),
        pause_ms: Edge::new(30.0, 10.0),
        ..Self::ATT
    };

    /// China: GB/T 3378 and 3380 as they are summed up by others, their text not seen: compare it before a type approval rests on it.
    pub const CHINA: Self = Self {
        name: "china",
        accept_share: 0.018,
        accept_hz: 0.0,
        reject_share: 0.035,
        strongest: Dbm0(-3.0),
        level_dbm0: Edge::new(-24.0, -32.0),
        twist_db: Edge::new(6.0, 9.0),
        reverse_twist_db: Edge::new(6.0, 9.0),
        tone_ms: Edge::new(40.0, 20.0),
        pause_ms: Edge::new(40.0, 10.0),
        ..Self::ATT
    };

    /// All of them.
    pub const ALL: [Self; 3] = [Self::ATT, Self::NTT, Self::CHINA];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name == name)
    }
}
