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
    /// The interface identifier, where one is given.
    pub interface: Option<u8>,
}

/// Bits of all bearers: timeslots 1 to 31 without the D-channel's.
pub(crate) const BEARER_SLOTS: u32 = !(1 | 1 << D_SLOT);

impl ChannelId {
    /// One timeslot, 1 to 31.
    pub const fn one(preference: Preference, timeslot: u8) -> Self {
        Self { preference, selection: Selection::Slots(1 << (timeslot & 31)), interface: None }
    }

    /// The same channels on the interface of this identifier, 0 to 127.
    pub const fn on(self, interface: Option<u8>) -> Self {
        Self { interface, ..self }
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
        let (interface, rest) = if first & 0x40 == 0 {
            (None, rest)
        } else {
            let last = rest.iter().position(|octet| octet & 0x80 != 0)?;
            (Some(rest[last] & 0x7F), &rest[last + 1..])
        };
        let selection = match first & 0x03 {
            0 => Selection::None,
            3 => Selection::Any,
            1 => Selection::Slots(slots(rest)?),
            _ => return None,
        };
        Some(Self { preference, selection, interface })
    }

    pub(crate) fn write(self, out: &mut Writer) {
        let preference = match self.preference {
            Preference::Preferred => 0,
            Preference::Exclusive => 0x08,
        };
        let selection = match self.selection {
            Selection::None => 0,
            Selection::Slots(_) => 1,
            Selection::Any => 3,
        };
        let mut contents = heapless::Vec::<u8, 7>::new();
        // Two octets, and five for the longest way to name channels.
        let explicit = if self.interface.is_some() { 0x40 } else { 0 };
        let _ = contents.push(0xA0 | explicit | preference | selection);
        if let Some(interface) = self.interface {
            let _ = contents.push(0x80 | interface);
        }
        let _ = match (self.selection, self.timeslot()) {
            (Selection::None | Selection::Any, _) => Ok(()),
            (Selection::Slots(_), Some(timeslot)) => contents.extend_from_slice(&[0x83, 0x80 | timeslot]),
            (Selection::Slots(slots), None) => contents
                .push(0x93)
                .map(|()| contents.extend_from_slice(&slots.to_be_bytes()))
                .map_or(Ok(()), |wrote| wrote),
        };
        out.element(0x18, &contents);
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
