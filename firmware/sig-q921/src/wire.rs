//! LAPD frames: a view over any octets, and a value that cannot be wrong (Q.921 §2, §3).

use core::fmt;
use ports::span::Frame;

/// Which end of the interface. It decides the C/R bit (Q.921 §3.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The subscriber's equipment.
    User,
    /// The exchange.
    Network,
}

impl Side {
    /// The other end.
    pub const fn peer(self) -> Self {
        match self {
            Self::User => Self::Network,
            Self::Network => Self::User,
        }
    }

    /// The C/R bit that this end's frames carry.
    const fn role_bit(self, role: Role) -> u8 {
        match (self, role) {
            (Self::Network, Role::Command) | (Self::User, Role::Response) => 1,
            (Self::User, Role::Command) | (Self::Network, Role::Response) => 0,
        }
    }
}

/// What a frame is for its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It orders or asks.
    Command,
    /// It answers.
    Response,
}

/// A frame as it stands, address to the end of the information field. Shows any octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameView<'a>(&'a [u8]);

impl<'a> FrameView<'a> {
    /// Shows `octets`.
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// Service access point: 0 call control, 63 management (Q.921 §3.3.3).
    pub fn sapi(self) -> Option<u8> {
        self.0.first().map(|octet| octet >> 2)
    }

    /// The command/response bit.
    pub fn role_bit(self) -> Option<u8> {
        self.0.first().map(|octet| octet >> 1 & 1)
    }

    /// Terminal endpoint: 0 on a point-to-point link (Q.921 §3.3.4).
    pub fn tei(self) -> Option<u8> {
        self.0.get(1).map(|octet| octet >> 1)
    }

    /// The address field is two octets long and ends where it should (Q.921 §3.3.1).
    pub fn address_is_whole(self) -> bool {
        matches!(self.0, [first, second, ..] if first & 1 == 0 && second & 1 == 1)
    }

    /// The first control octet.
    pub fn control(self) -> Option<u8> {
        self.0.get(2).copied()
    }

    /// What follows the address.
    fn body(self) -> &'a [u8] {
        self.0.get(2..).unwrap_or_default()
    }
}

/// The control field (Q.921 §3.4). `bit` is P in a command, F in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// I: numbered information.
    Information {
        /// N(S), 0 to 127.
        ns: u8,
        /// N(R), 0 to 127.
        nr: u8,
        /// P.
        bit: bool,
    },
    /// RR: ready for more.
    ReceiveReady {
        /// N(R), 0 to 127.
        nr: u8,
        /// P or F.
        bit: bool,
    },
    /// RNR: busy.
    ReceiveNotReady {
        /// N(R), 0 to 127.
        nr: u8,
        /// P or F.
        bit: bool,
    },
    /// REJ: send again from N(R).
    Reject {
        /// N(R), 0 to 127.
        nr: u8,
        /// P or F.
        bit: bool,
    },
    /// SABME: establish.
    Sabme {
        /// P.
        bit: bool,
    },
    /// DISC: release.
    Disconnect {
        /// P.
        bit: bool,
    },
    /// UA: done.
    Acknowledge {
        /// F.
        bit: bool,
    },
    /// DM: not established.
    DisconnectedMode {
        /// F.
        bit: bool,
    },
    /// FRMR: understood, never sent (Q.921 §5.8.6).
    FrameReject {
        /// F.
        bit: bool,
    },
    /// UI: unnumbered information.
    Unnumbered {
        /// P.
        bit: bool,
    },
    /// XID: parameter negotiation, which is not used here.
    Exchange {
        /// P or F.
        bit: bool,
    },
}

/// A valid frame of the link SAPI 0, TEI 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lapd<'a> {
    /// Command or response.
    pub role: Role,
    /// The control field.
    pub control: Control,
    /// The information field; empty where the frame has none.
    pub information: &'a [u8],
}

/// Why octets are no frame of this link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Too short, or the address is not two octets: discarded without notice (Q.921 §2.9).
    Invalid,
    /// Of another data link: ignored.
    OtherLink,
    /// Undefined control field, error L (Q.921 §3.6.1).
    Undefined,
    /// An information field where none is permitted, error M.
    InformationNotPermitted,
    /// Wrong length, error N.
    WrongSize,
    /// Information field longer than N201, error O.
    InformationTooLong,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invalid => "frame too short or address field not two octets",
            Self::OtherLink => "frame of another data link than SAPI 0, TEI 0",
            Self::Undefined => "control field undefined",
            Self::InformationNotPermitted => "information field not permitted in this frame",
            Self::WrongSize => "frame of wrong length for its kind",
            Self::InformationTooLong => "information field longer than N201",
        })
    }
}

impl core::error::Error for Malformed {}

impl<'a> Lapd<'a> {
    /// Reads a frame that `sender` sent, without FCS; `n201` bounds its information field.
    ///
    /// # Errors
    /// [`Malformed`], which says what Q.921 §5.8.5 makes of it.
    #[inline]
    pub fn parse(sender: Side, octets: &'a [u8], n201: usize) -> Result<Self, Malformed> {
        let view = FrameView::new(octets);
        let (Some(first), true) = (view.control(), view.address_is_whole()) else {
            return Err(Malformed::Invalid);
        };
        if (view.sapi(), view.tei()) != (Some(0), Some(0)) {
            return Err(Malformed::OtherLink);
        }
        let role = if view.role_bit() == Some(sender.role_bit(Role::Command)) { Role::Command } else { Role::Response };
        let (control, information) = if first & 3 == 3 {
            (unnumbered(first)?, &view.body()[1..])
        } else {
            let &[first, second, ref rest @ ..] = view.body() else { return Err(Malformed::Invalid) };
            (numbered(first, second)?, rest)
        };
        control.check(role, information.len(), n201)?;
        Ok(Self { role, control, information })
    }

    /// Writes the frame as `sender`. An information field beyond what a frame holds is cut; the machine checks before.
    pub fn encode(&self, sender: Side) -> Frame {
        let mut frame = Frame::new();
        let (head, len) = self.control.head(self.role, sender);
        let whole = frame.extend_from_slice(&head[..len]);
        debug_assert!(whole.is_ok(), "four octets fit");
        let room = frame.capacity() - frame.len();
        let field = &self.information[..self.information.len().min(room)];
        let fits = frame.extend_from_slice(field);
        debug_assert!(fits.is_ok(), "cut to the room left");
        frame
    }
}

fn numbered(first: u8, second: u8) -> Result<Control, Malformed> {
    let (nr, bit) = (second >> 1, second & 1 == 1);
    match first {
        ns if ns & 1 == 0 => Ok(Control::Information { ns: ns >> 1, nr, bit }),
        0x01 => Ok(Control::ReceiveReady { nr, bit }),
        0x05 => Ok(Control::ReceiveNotReady { nr, bit }),
        0x09 => Ok(Control::Reject { nr, bit }),
        _ => Err(Malformed::Undefined),
    }
}

fn unnumbered(octet: u8) -> Result<Control, Malformed> {
    let bit = octet & 0x10 != 0;
    match octet & !0x10 {
        0x6F => Ok(Control::Sabme { bit }),
        0x43 => Ok(Control::Disconnect { bit }),
        0x63 => Ok(Control::Acknowledge { bit }),
        0x0F => Ok(Control::DisconnectedMode { bit }),
        0x87 => Ok(Control::FrameReject { bit }),
        0x03 => Ok(Control::Unnumbered { bit }),
        0xAF => Ok(Control::Exchange { bit }),
        _ => Err(Malformed::Undefined),
    }
}

impl Control {
    /// The rules of Q.921 §3.6.1 on role and length.
    fn check(self, role: Role, field: usize, n201: usize) -> Result<(), Malformed> {
        let role_fits = match self {
            Self::Information { .. } | Self::Sabme { .. } | Self::Disconnect { .. } | Self::Unnumbered { .. } => {
                role == Role::Command
            }
            Self::Acknowledge { .. } | Self::DisconnectedMode { .. } | Self::FrameReject { .. } => {
                role == Role::Response
            }
            Self::ReceiveReady { .. } | Self::ReceiveNotReady { .. } | Self::Reject { .. } | Self::Exchange { .. } => {
                true
            }
        };
        if !role_fits {
            return Err(Malformed::Undefined);
        }
        match self {
            Self::Information { .. } | Self::Unnumbered { .. } | Self::Exchange { .. } if field > n201 => {
                Err(Malformed::InformationTooLong)
            }
            Self::Information { .. } | Self::Unnumbered { .. } | Self::Exchange { .. } => Ok(()),
            Self::FrameReject { .. } if field == 5 => Ok(()),
            Self::FrameReject { .. } => Err(Malformed::WrongSize),
            Self::ReceiveReady { .. } | Self::ReceiveNotReady { .. } | Self::Reject { .. } if field > 0 => {
                Err(Malformed::WrongSize)
            }
            _ if field > 0 => Err(Malformed::InformationNotPermitted),
            _ => Ok(()),
        }
    }

    /// Address and control field as `sender` writes them, and how many octets of the four they take.
    pub(crate) fn head(self, role: Role, sender: Side) -> ([u8; 4], usize) {
        let (first, second) = self.octets();
        ([sender.role_bit(role) << 1, 1, first, second.unwrap_or_default()], if second.is_some() { 4 } else { 3 })
    }

    /// One octet for unnumbered frames, two for the others.
    fn octets(self) -> (u8, Option<u8>) {
        let with = |code: u8, bit: bool| (code | u8::from(bit) << 4, None);
        let numbered = |code: u8, nr: u8, bit: bool| (code, Some(nr << 1 | u8::from(bit)));
        match self {
            Self::Information { ns, nr, bit } => numbered(ns << 1, nr, bit),
            Self::ReceiveReady { nr, bit } => numbered(0x01, nr, bit),
            Self::ReceiveNotReady { nr, bit } => numbered(0x05, nr, bit),
            Self::Reject { nr, bit } => numbered(0x09, nr, bit),
            Self::Sabme { bit } => with(0x6F, bit),
            Self::Disconnect { bit } => with(0x43, bit),
            Self::Acknowledge { bit } => with(0x63, bit),
            Self::DisconnectedMode { bit } => with(0x0F, bit),
            Self::FrameReject { bit } => with(0x87, bit),
            Self::Unnumbered { bit } => with(0x03, bit),
            Self::Exchange { bit } => with(0xAF, bit),
        }
    }
}
