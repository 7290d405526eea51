//! Line signals (Q.421).

use ports::span::Abcd;

/// Bits a and b of one direction, a the more significant (Q.421 table 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bits {
    /// Forward: seized. Backward: forced release.
    Seized,
    /// Backward: answered. Forward: a fault in a seizure.
    Answered,
    /// Idle; forward also cleared.
    Idle,
    /// Backward: seizure acknowledged, cleared back, blocked. Forward: a fault.
    Acknowledged,
}

impl Bits {
    pub(super) const fn of(abcd: Abcd) -> Self {
        match abcd.bits() >> 2 {
            0b00 => Self::Seized,
            0b01 => Self::Answered,
            0b10 => Self::Idle,
            _ => Self::Acknowledged,
        }
    }

    pub(super) const fn abcd(self, cd: u8) -> Abcd {
        let ab = match self {
            Self::Seized => 0b00,
            Self::Answered => 0b01,
            Self::Idle => 0b10,
            Self::Acknowledged => 0b11,
        };
        Abcd::new(ab << 2 | cd)
    }
}
