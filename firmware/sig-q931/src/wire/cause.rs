//! Causes (Q.931 §4.5.12), with what they are about.

use crate::timers::Timer;
use base::Cause;
use core::fmt;

/// Where a cause was found (Q.931 §4.5.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location(pub u8);

impl Location {
    /// The user.
    pub const USER: Self = Self(0);
    /// The public network serving the local user.
    pub const PUBLIC_LOCAL: Self = Self(2);
}

/// Octets of diagnostics that a cause carries at most: an element of 32 octets (Q.931 Table 4-3) less its head.
const LONGEST: usize = 28;

/// What a cause is about (Q.850 Table 1): the identifiers of elements, a message type, the number of a timer. Octets past the 28th are left out.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Diagnostics {
    octets: [u8; LONGEST],
    len: u8,
}

impl Diagnostics {
    /// None.
    pub const NONE: Self = Self { octets: [0; LONGEST], len: 0 };

    /// These octets.
    pub fn new(octets: &[u8]) -> Self {
        let mut read = Self::NONE;
        octets.iter().for_each(|&octet| read.push(octet));
        read
    }

    /// An element's identifier or a message type.
    pub fn of(octet: u8) -> Self {
        Self::new(&[octet])
    }

    /// The timer that ran out, as its number in IA5 (Q.850 Table 1, note 8).
    pub fn timer(timer: Timer) -> Self {
        Self::new(timer.number().as_bytes())
    }

    /// And this one.
    pub fn push(&mut self, octet: u8) {
        if let Some(place) = self.octets.get_mut(usize::from(self.len)) {
            *place = octet;
            self.len += 1;
        }
    }

    /// Nothing is said.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of it.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The first octet: in most causes there is no other.
    pub fn first(&self) -> Option<u8> {
        self.octets().first().copied()
    }
}

impl fmt::Debug for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x?}", self.octets())
    }
}

/// A cause with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CauseElement {
    /// Why.
    pub cause: Cause,
    /// Where it arose.
    pub location: Location,
    /// What it is about.
    pub about: Diagnostics,
}

impl CauseElement {
    /// Reads the element's contents; `None` for cause 0 or where the value is missing.
    pub(super) fn parse(contents: &[u8]) -> Option<Self> {
        let (&place, rest) = contents.split_first()?;
        // Octet 3a (recommendation) stands between where octet 3 has no extension bit.
        let rest = if place & 0x80 == 0 { rest.get(1..)? } else { rest };
        let (value, diagnostics) = rest.split_first()?;
        let (cause, location) = (Cause(value & 0x7F), Location(place & 0x0F));
        (cause.0 != 0).then(|| Self { cause, location, about: Diagnostics::new(diagnostics) })
    }
}

/// Why we end a call or answer a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) cause: Cause,
    pub(crate) about: Diagnostics,
}

impl Reason {
    /// This timer ran out.
    pub(crate) fn expired(timer: Timer) -> Self {
        Self { cause: Cause::RECOVERY_ON_TIMER_EXPIRY, about: Diagnostics::timer(timer) }
    }

    /// Something in a message: an element or the message itself.
    pub(crate) fn about(cause: Cause, octet: u8) -> Self {
        Self { cause, about: Diagnostics::of(octet) }
    }
}

impl From<Cause> for Reason {
    fn from(cause: Cause) -> Self {
        Self { cause, about: Diagnostics::NONE }
    }
}
