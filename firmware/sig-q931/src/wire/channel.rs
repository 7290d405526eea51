//! Channel identification (Q.931 §4.5.13).

use super::Writer;
use ports::span::D_SLOT;

/// Whether another channel will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preference {
    /// It will.
    Preferred,
    /// Only this one.
    Exclusive,
}

/// Which channels are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// None: the call waits.
    None,
    /// Any.
    Any,
    /// These timeslots: bit n is timeslot n.
    Slots(u32),
}

/// Channel identification of a primary rate interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelId {
    /// Whether another will do.
    pub preference: Preference,
    /// Which.
    pub selection: Selection,
}

/// Bits of all bearers: timeslots 1 to 31 without the D-channel's.
pub(crate) const BEARER_SLOTS: u32 = !(1 | 1 << D_SLOT);

impl ChannelId {
    /// One timeslot, 1 to 31.
    pub const fn one(preference: Preference, timeslot: u8) -> Self {
        Self { preference, selection: Selection::Slots(1 << (timeslot & 31)) }
    }

    /// The timeslot, if exactly one is named.
    pub const fn timeslot(self) -> Option<u8> {
        match self.selection {
            Selection::Slots(slots) if slots.count_ones() == 1 => Some(slots.trailing_zeros() as u8),
            Selection::Slots(_) | Selection::Any | Selection::None => None,
        }
    }

    /// Reads the element's contents; `None` where they make no sense on this interface.
    pub(crate) fn parse(contents: &[u8]) -> Option<Self> {
        let (&first, rest) = contents.split_first()?;
        // Extension bit, and the kind of interface: a basic rate's channels are none of ours.
        if first & 0xA0 != 0xA0 || first & 0x04 != 0 {
            return None;
        }
        let preference = if first & 0x08 == 0 { Preference::Preferred } else { Preference::Exclusive };
        // An explicit interface identifier ends with the octet whose extension bit is set.
        let rest = if first & 0x40 == 0 { rest } else { &rest[rest.iter().position(|octet| octet & 0x80 != 0)? + 1..] };
        let selection = match first & 0x03 {
            0 => Selection::None,
            3 => Selection::Any,
            1 => Selection::Slots(slots(rest)?),
            _ => return None,
        };
        Some(Self { preference, selection })
    }

    pub(crate) fn write(self, out: &mut Writer) {
        let preference = match self.preference {
            Preference::Preferred => 0,
            Preference::Exclusive => 0x08,
        };
        match self.selection {
            Selection::None => out.element(0x18, &[0xA0 | preference]),
            Selection::Any => out.element(0x18, &[0xA3]),
            Selection::Slots(slots) => match self.timeslot() {
                Some(timeslot) => out.element(0x18, &[0xA1 | preference, 0x83, 0x80 | timeslot]),
                None => {
                    let [a, b, c, d] = slots.to_be_bytes();
                    out.element(0x18, &[0xA1 | preference, 0x93, a, b, c, d]);
                }
            },
        }
    }
}

/// Numbers or a map of timeslots.
fn slots(octets: &[u8]) -> Option<u32> {
    match octets {
        [0x93, map @ ..] => Some(u32::from_be_bytes(map.try_into().ok()?)),
        [0x83, numbers @ ..] => {
            let mut slots = 0;
            for &number in numbers {
                let timeslot = number & 0x7F;
                if timeslot > 31 {
                    return None;
                }
                slots |= 1 << timeslot;
                if number & 0x80 != 0 {
                    break;
                }
            }
            (slots != 0).then_some(slots)
        }
        _ => None,
    }
}
