//! Identifiers of 128 bits: box, boot, counter. Unique over all boxes and restarts without any coordination.

use core::fmt;
use core::num::ParseIntError;
use core::str::FromStr;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u128);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:032x})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;
            fn from_str(text: &str) -> Result<Self, ParseIntError> {
                u128::from_str_radix(text, 16).map(Self)
            }
        }
    };
}

id!(
    /// A call, from the first seizure to the last release.
    CallId
);
id!(
    /// One device's part in one call.
    ConnectionId
);
id!(
    /// One recording file.
    RecordingId
);

/// Gives out identifiers: 64 bits of box, 32 of boot counter, 32 of a counter in this boot.
#[derive(Clone, Debug)]
pub struct IdSource {
    prefix: u128,
    next: u32,
}

impl IdSource {
    /// `boot` must grow with every start of the same box; the shell keeps it on disk.
    pub const fn new(box_id: u64, boot: u32) -> Self {
        Self { prefix: ((box_id as u128) << 64) | ((boot as u128) << 32), next: 1 }
    }

    /// The next identifier, never given out before.
    pub fn next_id(&mut self) -> u128 {
        let id = self.prefix | u128::from(self.next);
        self.next = self.next.wrapping_add(1);
        if self.next == 0 {
            // The counter ran through: go on in the box's next boot number rather than repeat.
            self.prefix = self.prefix.wrapping_add(1 << 32);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::ToString;

    #[test]
    fn identifiers_name_box_boot_and_counter() {
        let mut ids = IdSource::new(0xB0, 7);
        ids.next_id();
        let id = CallId(ids.next_id());
        assert_eq!(id.to_string(), "00000000000000b00000000700000002");
        assert_eq!(id.to_string().parse::<CallId>(), Ok(id));
    }
}
