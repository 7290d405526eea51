//! Octets and messages, both ways (Q.931 §4).
//!
//! Reading takes two steps: [`Header::parse`] finds the call and the message type in any octets, [`Elements::parse`] reads the
//! information elements and keeps, for each, whether it was absent, good or bad, since Q.931 §5.8 answers the three differently.

mod cause;
mod channel;
mod elements;
mod number;
mod writer;

pub(crate) use cause::Reason;
pub use cause::{CauseElement, Diagnostics, Location};
pub(crate) use channel::BEARER_SLOTS;
pub use channel::{ChannelId, Preference, Selection};
pub use elements::{Element, Elements, Field, Progress, Restart};
pub use number::{Party, Plan};
pub use writer::Writer;

use core::fmt;

/// A whole message as octets; N201 of Q.921 bounds it.
pub type Octets = heapless::Vec<u8, 260>;

/// Protocol discriminator of call control (Q.931 §4.2).
pub const DISCRIMINATOR: u8 = 0x08;
/// Protocol discriminators of maintenance: SERVICE of North American exchanges.
pub(crate) const MAINTENANCE: [u8; 2] = [0x03, 0x43];
/// The call reference of the interface itself (Q.931 §4.3).
pub const GLOBAL: u16 = 0;

/// Which end allocated the call reference: the flag of Q.931 §4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// The sender of this message did.
    FromOriginator,
    /// Its receiver did.
    ToOriginator,
}

impl Flag {
    /// The flag of an answer.
    pub const fn reversed(self) -> Self {
        match self {
            Self::FromOriginator => Self::ToOriginator,
            Self::ToOriginator => Self::FromOriginator,
        }
    }
}

macro_rules! message_types {
    ($($name:ident = $octet:literal, $words:literal;)*) => {
        /// Message types (Q.931 Table 4-2).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum MessageType {
            $(#[doc = $words] $name,)*
            /// None of the standard's.
            Unknown(u8),
        }

        impl MessageType {
            /// All that have a name.
            pub const NAMED: &'static [Self] = &[$(Self::$name,)*];

            /// By its octet.
            pub const fn new(octet: u8) -> Self {
                match octet { $($octet => Self::$name,)* other => Self::Unknown(other) }
            }

            /// Its octet.
            pub const fn octet(self) -> u8 {
                match self { $(Self::$name => $octet,)* Self::Unknown(other) => other }
            }
        }

        impl fmt::Display for MessageType {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name => f.write_str($words),)*
                    Self::Unknown(octet) => write!(f, "message type {octet:#04x}"),
                }
            }
        }
    };
}

message_types! {
    Alerting = 0x01, "ALERTING";
    CallProceeding = 0x02, "CALL PROCEEDING";
    Progress = 0x03, "PROGRESS";
    Setup = 0x05, "SETUP";
    Connect = 0x07, "CONNECT";
    SetupAcknowledge = 0x0D, "SETUP ACKNOWLEDGE";
    ConnectAcknowledge = 0x0F, "CONNECT ACKNOWLEDGE";
    UserInformation = 0x20, "USER INFORMATION";
    SuspendReject = 0x21, "SUSPEND REJECT";
    ResumeReject = 0x22, "RESUME REJECT";
    Hold = 0x24, "HOLD";
    Suspend = 0x25, "SUSPEND";
    Resume = 0x26, "RESUME";
    HoldAcknowledge = 0x28, "HOLD ACKNOWLEDGE";
    SuspendAcknowledge = 0x2D, "SUSPEND ACKNOWLEDGE";
    ResumeAcknowledge = 0x2E, "RESUME ACKNOWLEDGE";
    HoldReject = 0x30, "HOLD REJECT";
    Retrieve = 0x31, "RETRIEVE";
    RetrieveAcknowledge = 0x33, "RETRIEVE ACKNOWLEDGE";
    RetrieveReject = 0x37, "RETRIEVE REJECT";
    Disconnect = 0x45, "DISCONNECT";
    Restart = 0x46, "RESTART";
    Release = 0x4D, "RELEASE";
    RestartAcknowledge = 0x4E, "RESTART ACKNOWLEDGE";
    ReleaseComplete = 0x5A, "RELEASE COMPLETE";
    Facility = 0x62, "FACILITY";
    Notify = 0x6E, "NOTIFY";
    StatusEnquiry = 0x75, "STATUS ENQUIRY";
    CongestionControl = 0x79, "CONGESTION CONTROL";
    Information = 0x7B, "INFORMATION";
    Status = 0x7D, "STATUS";
}

/// Why a message is ignored before its type is looked at (Q.931 §5.8.1 to §5.8.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// Another protocol's message.
    Discriminator(u8),
    /// Shorter than a header.
    Short(usize),
    /// A call reference that is not two octets long.
    ReferenceLength(u8),
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discriminator(found) => write!(f, "protocol discriminator {found:#04x}, 0x08 wanted"),
            Self::Short(len) => write!(f, "{len} octets are no whole message"),
            Self::ReferenceLength(found) => write!(f, "call reference of {found} octets, 2 wanted"),
        }
    }
}

impl core::error::Error for WireError {}

/// What every message begins with (Q.931 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose reference it is.
    pub flag: Flag,
    /// 0 is [`GLOBAL`].
    pub reference: u16,
    /// The message.
    pub kind: MessageType,
}

impl Header {
    /// Octets of a header.
    pub const LENGTH: usize = 5;

    /// Reads the header; the elements follow.
    ///
    /// # Errors
    /// [`WireError`]: the message is to be ignored.
    pub fn parse(octets: &[u8]) -> Result<(Self, &[u8]), WireError> {
        let (&discriminator, rest) = octets.split_first().ok_or(WireError::Short(0))?;
        if discriminator != DISCRIMINATOR {
            return Err(WireError::Discriminator(discriminator));
        }
        match rest {
            // Bits 5 to 8 of the length octet are spare (Q.931 Figure 4-4).
            [length, ..] if length & 0x0F != 2 => Err(WireError::ReferenceLength(length & 0x0F)),
            [_, high, low, kind, elements @ ..] => {
                let flag = if high & 0x80 == 0 { Flag::FromOriginator } else { Flag::ToOriginator };
                let reference = u16::from_be_bytes([high & 0x7F, *low]);
                Ok((Self { flag, reference, kind: MessageType::new(*kind) }, elements))
            }
            _ => Err(WireError::Short(octets.len())),
        }
    }

    /// Writes the header.
    pub fn octets(self) -> [u8; Self::LENGTH] {
        let [high, low] = self.reference.to_be_bytes();
        let flag = match self.flag {
            Flag::FromOriginator => 0,
            Flag::ToOriginator => 0x80,
        };
        [DISCRIMINATOR, 2, high & 0x7F | flag, low, self.kind.octet()]
    }
}
