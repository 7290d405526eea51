//! Party numbers (Q.931 §4.5.8, §4.5.10; Q.951 for the redirecting number).

use super::Writer;
use base::Digits;
use ports::call::{Number, NumberKind, Presentation, RedirectReason, Screening};

/// Numbering plan (Q.931 Table 4-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Unknown.
    Unknown,
    /// Telephony numbers.
    E164,
    /// National standard.
    National,
    /// A company's own.
    Private,
}

impl Plan {
    const fn octet(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::E164 => 1,
            Self::National => 8,
            Self::Private => 9,
        }
    }
}

/// Which party's number an element holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// 70.
    Called,
    /// 6C.
    Calling,
    /// 4C.
    Connected,
    /// 74.
    Redirecting,
}

impl Party {
    const fn element(self) -> u8 {
        match self {
            Self::Called => 0x70,
            Self::Calling => 0x6C,
            Self::Connected => 0x4C,
            Self::Redirecting => 0x74,
        }
    }
}

const KINDS: [(u8, NumberKind); 6] = [
    (0, NumberKind::Unknown),
    (1, NumberKind::International),
    (2, NumberKind::National),
    (3, NumberKind::Network),
    (4, NumberKind::Subscriber),
    (6, NumberKind::Abbreviated),
];

/// By their codes.
const SCREENINGS: [Screening; 4] = [Screening::NotScreened, Screening::Passed, Screening::Failed, Screening::Network];

const REASONS: [(u8, RedirectReason); 7] = [
    (0x0, RedirectReason::Unknown),
    (0x1, RedirectReason::Busy),
    (0x2, RedirectReason::NoReply),
    (0x4, RedirectReason::Deflection),
    (0x9, RedirectReason::OutOfOrder),
    (0xA, RedirectReason::ByCalled),
    (0xF, RedirectReason::Unconditional),
];

/// Reads a number element's contents; `None` for a reserved kind or digits that are none.
pub(super) fn parse(contents: &[u8]) -> Option<Number> {
    parse_with_reason(contents).map(|(number, _)| number)
}

/// With the reason for redirection, octet 3b.
pub(super) fn parse_with_reason(contents: &[u8]) -> Option<(Number, RedirectReason)> {
    let mut reason = RedirectReason::Unknown;
    let (&first, mut rest) = contents.split_first()?;
    let kind = KINDS.iter().find(|(code, _)| *code == first >> 4 & 7)?.1;
    let (mut presentation, mut screening) = Default::default();
    let mut last = first;
    // Octets 3a (presentation and screening) and 3b (reason for redirection) follow while no extension bit is set.
    for octet in 0..2 {
        if last & 0x80 != 0 {
            break;
        }
        (last, rest) = rest.split_first().map(|(octet, rest)| (*octet, rest))?;
        if octet == 0 {
            presentation = match last >> 5 & 3 {
                0 => Presentation::Allowed,
                1 => Presentation::Restricted,
                _ => Presentation::Unavailable,
            };
            screening = SCREENINGS[usize::from(last & 3)];
        } else {
            let known = REASONS.iter().find(|(code, _)| *code == last & 0x0F);
            reason = known.map_or(RedirectReason::Unknown, |(_, reason)| *reason);
        }
    }
    if last & 0x80 == 0 {
        return None;
    }
    digits(rest).map(|digits| (Number { digits, kind, presentation, screening }, reason))
}

/// Reads IA5 digits, as in numbers and keypad facilities.
pub(super) fn digits(octets: &[u8]) -> Option<Digits> {
    let mut digits = Digits::new();
    octets.iter().try_for_each(|&octet| digits.push(char::from(octet & 0x7F))).ok()?;
    Some(digits)
}

pub(super) fn write(out: &mut Writer, party: Party, plan: Plan, number: &Number, reason: RedirectReason) {
    let reason = REASONS.iter().find(|(_, known)| *known == reason).map_or(0, |(code, _)| *code);
    // A plus is no digit of IA5's keypad: it says that the country code comes first.
    let (kind, digits) = match number.digits.as_str().strip_prefix('+') {
        Some(digits) => (NumberKind::International, digits),
        None => (number.kind, number.digits.as_str()),
    };
    let kind = KINDS.iter().find(|(_, known)| *known == kind).map_or(0, |(code, _)| *code);
    let first = kind << 4 | plan.octet();
    let presentation = match number.presentation {
        Presentation::Allowed => 0x00,
        Presentation::Restricted => 0x20,
        Presentation::Unavailable => 0x40,
    };
    let screening = SCREENINGS.iter().position(|known| *known == number.screening).unwrap_or(0) as u8;
    let shown = presentation | screening;
    let mut contents = heapless::Vec::<u8, { Digits::CAPACITY + 3 }>::new();
    // Three octets and the digits' capacity always fit.
    let _ = match party {
        Party::Called => contents.extend_from_slice(&[0x80 | first]),
        Party::Calling | Party::Connected => contents.extend_from_slice(&[first, 0x80 | shown]),
        Party::Redirecting => contents.extend_from_slice(&[first, shown, 0x80 | reason]),
    };
    let _ = contents.extend_from_slice(digits.as_bytes());
    out.element(party.element(), &contents);
}
