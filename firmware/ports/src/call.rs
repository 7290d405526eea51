//! The line primitives: one vocabulary for PRI, R2, FXO, FXS, SIP and browsers.
//!
//! A primitive means the same in both directions. From a line protocol it says what the far end did; from the call model it
//! says what to do to the far end. What a protocol cannot express it answers with [`Primitive::Refused`], so a new
//! variant comes with every protocol's answer to it.
//!
//! An incoming call runs `Setup`, (`Digits`)*, then from the call model `Proceeding`, `Alerting`, `Connected`; either
//! side ends it with `Clearing`, and the protocol confirms with `Released`, after which the channel is free.

use base::{Cause, Digits};

/// Who may see a number (Q.931 §4.5.10, presentation indicator).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presentation {
    /// It may be shown.
    #[default]
    Allowed,
    /// Its owner asked that it is not shown.
    Restricted,
    /// The network does not know it.
    Unavailable,
}

/// Type of number (Q.931 §4.5.8, octet 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NumberKind {
    /// As dialled, prefixes included.
    #[default]
    Unknown,
    /// Country code first.
    International,
    /// Area code first.
    National,
    /// Network specific.
    Network,
    /// Local number.
    Subscriber,
    /// Abbreviated.
    Abbreviated,
}

/// A party's number as the line gave it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number {
    /// The digits; empty where none came.
    pub digits: Digits,
    /// How to read them.
    pub kind: NumberKind,
    /// Who may see them.
    pub presentation: Presentation,
    /// How far they can be trusted.
    pub screening: Screening,
}

/// Who vouches for a party's number (Q.931 §4.5.10, octet 3a). A line that does not say means the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screening {
    /// The party gave it, and nobody has looked at it.
    #[default]
    NotScreened,
    /// The party gave it, and the network knows it as one of the party's own.
    Passed,
    /// The party gave it, and the network knows it as none of the party's own.
    Failed,
    /// The network gave it.
    Network,
}

impl Number {
    /// A number of unknown kind that may be shown.
    pub fn unknown(digits: Digits) -> Self {
        Self { digits, ..Self::default() }
    }
}

/// What is to be carried (Q.931 §4.5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bearer {
    /// Speech.
    #[default]
    Speech,
    /// 3.1 kHz audio: fax and modem too.
    Audio,
    /// 64 kbit/s data, unrestricted.
    Data,
}

/// Whether the channel already carries audio the other party should hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inband {
    /// Tones or announcements are in the channel.
    Audio,
    /// Nothing to hear.
    Silent,
}

/// Whether more called digits may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The number is whole (en bloc, or a sending-complete indication).
    Complete,
    /// More may come as [`Primitive::Digits`].
    Open,
}

/// A new call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Calling party.
    pub from: Number,
    /// Called party.
    pub to: Number,
    /// The party that diverted the call here.
    pub redirecting: Option<Number>,
    /// What is to be carried.
    pub bearer: Bearer,
    /// Whether the called number is whole.
    pub address: Address,
}

/// Text for the other party to read: up to 82 printable ASCII characters (Q.931 §4.5.16).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    octets: [u8; Self::CAPACITY],
    len: u8,
}

impl Text {
    /// The longest display that networks send.
    pub const CAPACITY: usize = 82;

    /// What of `octets` can be shown; what is no printable ASCII becomes a full stop, what is too long is cut.
    pub fn new(octets: &[u8]) -> Self {
        let mut text = Self { octets: [0; Self::CAPACITY], len: 0 };
        for (place, &octet) in text.octets.iter_mut().zip(octets) {
            *place = if matches!(octet, b' '..=b'~') { octet } else { b'.' };
            text.len += 1;
        }
        text
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.octets[..usize::from(self.len)]).unwrap_or_default()
    }
}

/// A display may hold a name: what a machine prints of its state never shows it.
impl core::fmt::Debug for Text {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Text({} characters)", self.len)
    }
}

/// Octets that the two users exchange beside the call (Q.931 §4.5.30).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct UserData {
    /// How to read them: 0 the users' own, 4 characters.
    pub protocol: u8,
    octets: [u8; Self::CAPACITY],
    len: u8,
}

impl UserData {
    /// The most that one message carries.
    pub const CAPACITY: usize = 128;

    /// These octets; `None` if they are too many.
    pub fn new(protocol: u8, octets: &[u8]) -> Option<Self> {
        let mut data = Self { protocol, octets: [0; Self::CAPACITY], len: octets.len().try_into().ok()? };
        data.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        Some(data)
    }

    /// The octets.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }
}

/// Nobody's business but the users'.
impl core::fmt::Debug for UserData {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "UserData({} octets, protocol {})", self.len, self.protocol)
    }
}

/// Why a call was diverted (Q.952, octet 3b of the redirecting number).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RedirectReason {
    /// Not told.
    #[default]
    Unknown,
    /// The party was busy.
    Busy,
    /// It did not answer.
    NoReply,
    /// It deflected the call.
    Deflection,
    /// Its equipment was out of order.
    OutOfOrder,
    /// The called equipment diverted it.
    ByCalled,
    /// All its calls are diverted.
    Unconditional,
}

/// More about a call than its primitives say. What a protocol cannot carry it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// To be shown.
    Display(Text),
    /// From user to user.
    UserData(UserData),
    /// Why the redirecting party diverted the call.
    RedirectReason(RedirectReason),
    /// Who really answered.
    ConnectedNumber(Number),
}

/// Companding law or codec that a leg offers or takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 A-law.
    Alaw,
    /// G.711 µ-law.
    Ulaw,
    /// G.722 at 64 kbit/s.
    G722,
}

/// Why a line cannot do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The protocol has no way to say this.
    NotSupported,
    /// Not in this state of the call.
    WrongState,
    /// Nothing is free to carry it.
    NoChannel,
    /// The line is down.
    OutOfService,
}

/// One step of a call on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// A call begins.
    Setup(Setup),
    /// More of the called number (overlap), or the word that it is whole.
    Digits {
        /// The digits that follow those already sent.
        digits: Digits,
        /// Whether the number is now whole.
        address: Address,
    },
    /// The number is enough; the call is being routed.
    Proceeding,
    /// Something to hear, or interworking, before an answer.
    Progress(Inband),
    /// More about the call. Details of a new call follow its `Setup` at once; all others come before the primitive that they
    /// belong to.
    Detail(Detail),
    /// The called party is rung.
    Alerting(Inband),
    /// Answered.
    Connected,
    /// The far party put the call on hold.
    Held,
    /// The far party took the call back.
    Retrieved,
    /// Hook flash.
    Flash,
    /// Metering pulses since the last report.
    Charge(u16),
    /// Digits of an established call that came by signaling, not by tone.
    Info(Digits),
    /// The leg offers this codec.
    MediaOffer(Codec),
    /// The leg takes this codec.
    MediaAnswer(Codec),
    /// The far party asks to be connected to this number instead.
    TransferRequested(Number),
    /// The call is to end; with audio, the channel stays open for a tone or announcement.
    Clearing {
        /// Why.
        cause: Cause,
        /// Whether something is to be heard before the release.
        inband: Inband,
    },
    /// An analog party that had hung up is back before the release.
    Reanswered,
    /// The channel is free. Nothing of this call follows.
    Released {
        /// Why.
        cause: Cause,
    },
    /// The last request was not carried out.
    Refused(Refusal),
}
