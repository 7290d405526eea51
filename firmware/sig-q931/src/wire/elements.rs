//! The information elements of a message, read (Q.931 §4.5, §5.8.5 to §5.8.7).

use super::channel::BEARER_SLOTS;
use super::{CauseElement, ChannelId, Diagnostics, Location, Reason, number};
use base::{Cause, Digits};
use ports::call::{Bearer, Number, RedirectReason, Text, UserData};

/// What became of an element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Element<T> {
    /// It is not in the message.
    #[default]
    Absent,
    /// It is good.
    Value(T),
    /// Its contents make no sense.
    Bad,
}

impl<T> Element<T> {
    /// The value of a good one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Bad => None,
        }
    }

    const fn standing(&self) -> Element<()> {
        match self {
            Self::Absent => Element::Absent,
            Self::Value(_) => Element::Value(()),
            Self::Bad => Element::Bad,
        }
    }

    fn set(&mut self, read: Option<T>) {
        // A repeated element does not count (Q.931 §5.8.5.2).
        if matches!(self, Self::Absent) {
            *self = read.map_or(Self::Bad, Self::Value);
        }
    }
}

/// An element by name, to say which one is missing or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 04.
    Bearer,
    /// 08.
    Cause,
    /// 14.
    CallState,
    /// 18.
    Channel,
    /// 1E.
    Progress,
    /// 27.
    Notification,
    /// 79.
    Restart,
}

impl Field {
    /// The identifier, as a cause's diagnostic names it.
    pub const fn identifier(self) -> u8 {
        match self {
            Self::Bearer => 0x04,
            Self::Cause => 0x08,
            Self::CallState => 0x14,
            Self::Channel => 0x18,
            Self::Progress => 0x1E,
            Self::Notification => 0x27,
            Self::Restart => 0x79,
        }
    }
}

/// A progress indicator (Q.931 §4.5.23).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where it arose.
    pub location: Location,
    /// 1: the call is not end-to-end ISDN; 2, 3: its destination, origin is not; 4: it is back; 8: something to hear.
    pub description: u8,
}

/// What a RESTART is about (Q.931 §4.5.25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// The channels named.
    Channels,
    /// The interface.
    Interface,
    /// All interfaces of this D-channel.
    All,
}

/// All elements that this crate understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elements {
    /// Bearer capability; bad, too, where a channel of this interface cannot carry it.
    pub bearer: Element<Bearer>,
    /// The bearer capability is whole, and one that a channel of this interface cannot carry.
    pub foreign_bearer: bool,
    /// Cause.
    pub cause: Element<CauseElement>,
    /// Call state: a state's number.
    pub call_state: Element<u8>,
    /// Channel identification.
    pub channel: Element<ChannelId>,
    /// The first progress indicator.
    pub progress: Element<Progress>,
    /// A progress indicator 1 or 8 is among them: something is to be heard in the channel.
    pub inband: bool,
    /// Display.
    pub display: Element<Text>,
    /// User-user.
    pub user_data: Element<UserData>,
    /// Why the redirecting party diverted the call.
    pub redirect_reason: Option<RedirectReason>,
    /// Notification indicator.
    pub notification: Element<u8>,
    /// Keypad facility.
    pub keypad: Element<Digits>,
    /// Calling party number.
    pub calling: Element<Number>,
    /// Called party number.
    pub called: Element<Number>,
    /// Connected number.
    pub connected: Element<Number>,
    /// Redirecting number.
    pub redirecting: Element<Number>,
    /// Restart indicator.
    pub restart: Element<Restart>,
    /// Sending complete.
    pub sending_complete: bool,
    /// Display, user-user, connected or redirecting number are among them.
    pub says_more: bool,
    /// Elements that must be understood and are not (Q.931 §5.8.7.1), whole or cut short by the message's end.
    pub not_understood: Diagnostics,
}

impl Elements {
    /// Reads whatever there is. Never fails: faults are kept with their element.
    pub fn parse(octets: &[u8]) -> Self {
        let mut read = Self::default();
        read.read(octets);
        read
    }

    /// [`Elements::parse`] in place, of elements that hold nothing yet.
    pub fn read(&mut self, octets: &[u8]) {
        let mut rest = octets;
        // Elements of other codesets are skipped: a locking shift (Q.931 §4.5.3) until the next, the other kind for one element.
        let (mut codeset, mut once) = (0, None);
        while let Some((&identifier, after)) = rest.split_first() {
            if identifier & 0x80 != 0 {
                rest = after;
                match identifier {
                    0xA1 if once.unwrap_or(codeset) == 0 => self.sending_complete = true,
                    0x90..=0x97 => codeset = identifier & 7,
                    0x98..=0x9F => {
                        once = Some(identifier & 7);
                        continue;
                    }
                    _ => {}
                }
                once = None;
                continue;
            }
            let whole = after.split_first().and_then(|(&length, body)| body.split_at_checked(usize::from(length)));
            let in_force = once.take().unwrap_or(codeset);
            let Some((contents, next)) = whole else {
                self.cut_short(identifier);
                break;
            };
            if in_force == 0 {
                self.take(identifier, contents);
            }
            rest = next;
        }
    }

    fn take(&mut self, identifier: u8, contents: &[u8]) {
        self.says_more |= matches!(identifier, 0x28 | 0x4C | 0x74 | 0x7E);
        match identifier {
            0x04 => {
                self.bearer.set(bearer(contents));
                self.foreign_bearer =
                    self.bearer == Element::Bad && matches!(contents, [first, _, ..] if first & 0x80 != 0);
            }
            0x08 => self.cause.set(CauseElement::parse(contents)),
            0x14 => self.call_state.set(match contents {
                [state] if state & 0xC0 == 0 => Some(*state),
                _ => None,
            }),
            0x18 => self.channel.set(ChannelId::parse(contents)),
            0x1E => self.take_progress(contents),
            0x28 => self.display.set(Some(display(contents))),
            0x27 => self.notification.set(contents.first().map(|octet| octet & 0x7F)),
            0x2C => self.keypad.set(number::digits(contents)),
            0x4C => self.connected.set(number::parse(contents)),
            0x6C => self.calling.set(number::parse(contents)),
            0x70 => self.called.set(number::parse(contents)),
            0x74 => {
                let read = number::parse_with_reason(contents);
                if self.redirecting == Element::Absent {
                    self.redirect_reason = read.map(|(_, reason)| reason);
                }
                self.redirecting.set(read.map(|(number, _)| number));
            }
            0x7E => {
                let read = contents.split_first().and_then(|(&protocol, octets)| UserData::new(protocol, octets));
                self.user_data.set(read);
            }
            0x79 => self.restart.set(match contents {
                [0x80] => Some(Restart::Channels),
                [0x86] => Some(Restart::Interface),
                [0x87] => Some(Restart::All),
                _ => None,
            }),
            // Identifiers with four zero bits in front ask to be understood (Q.931 §4.5.1, §5.8.7.1).
            0x00..=0x0F => self.not_understood.push(identifier),
            _ => {}
        }
    }

    /// The element runs past the message's end: its contents are bad (Q.931 §5.8.6.2).
    fn cut_short(&mut self, identifier: u8) {
        match identifier {
            0x04 => self.bearer.set(None),
            0x08 => self.cause.set(None),
            0x14 => self.call_state.set(None),
            0x18 => self.channel.set(None),
            0x1E => self.progress.set(None),
            0x27 => self.notification.set(None),
            0x28 => self.display.set(None),
            0x2C => self.keypad.set(None),
            0x4C => self.connected.set(None),
            0x6C => self.calling.set(None),
            0x70 => self.called.set(None),
            0x74 => self.redirecting.set(None),
            0x79 => self.restart.set(None),
            0x7E => self.user_data.set(None),
            0x00..=0x0F => self.not_understood.push(identifier),
            _ => {}
        }
    }

    fn take_progress(&mut self, contents: &[u8]) {
        let read = match contents {
            [place, description, ..] => {
                Some(Progress { location: Location(place & 0x0F), description: description & 0x7F })
            }
            [] | [_] => None,
        };
        self.inband |= read.is_some_and(|progress| matches!(progress.description, 1 | 8));
        self.progress.set(read);
    }

    /// What is wrong with a message in which these elements are mandatory and those may be left out but not be bad: first what is missing or must be
    /// understood and is not (Q.931 §5.8.6.1, §5.8.7.1), then what makes no sense (§5.8.6.2). Every element concerned is named.
    #[inline]
    pub(crate) fn fault(&self, mandatory: &[Field], optional: &[Field]) -> Option<Reason> {
        let good = mandatory.iter().all(|field| matches!(self.standing(*field), Element::Value(())))
            && optional.iter().all(|field| self.standing(*field) != Element::Bad)
            && self.not_understood.is_empty();
        if good { None } else { Some(self.fault_found(mandatory, optional)) }
    }

    #[cold]
    fn fault_found(&self, mandatory: &[Field], optional: &[Field]) -> Reason {
        let mut missing = Diagnostics::NONE;
        let absent = mandatory.iter().filter(|field| self.standing(**field) == Element::Absent);
        absent.for_each(|field| missing.push(field.identifier()));
        self.not_understood.octets().iter().for_each(|&identifier| missing.push(identifier));
        if !missing.is_empty() {
            return Reason { cause: Cause::MANDATORY_ELEMENT_MISSING, about: missing };
        }
        let mut bad = Diagnostics::NONE;
        let senseless = mandatory.iter().chain(optional).filter(|field| self.standing(**field) == Element::Bad);
        senseless.for_each(|field| bad.push(field.identifier()));
        Reason { cause: Cause::INVALID_ELEMENT_CONTENTS, about: bad }
    }

    const fn standing(&self, field: Field) -> Element<()> {
        match field {
            Field::Bearer => self.bearer.standing(),
            Field::Cause => self.cause.standing(),
            Field::CallState => self.call_state.standing(),
            Field::Channel => self.channel.standing(),
            Field::Progress => self.progress.standing(),
            Field::Notification => self.notification.standing(),
            Field::Restart => self.restart.standing(),
        }
    }

    /// Called digits, from the number or the keypad.
    pub fn digits(&self) -> Digits {
        let keypad = self.keypad.value();
        self.called.value().map(|number| number.digits).or(keypad).unwrap_or_default()
    }

    /// The bearer timeslots that a RESTART names.
    pub fn restarted(&self) -> u32 {
        match (self.restart.value(), self.channel.value()) {
            (Some(Restart::Interface | Restart::All), _) => BEARER_SLOTS,
            (_, Some(channel)) => match channel.selection {
                super::Selection::Slots(slots) => slots & BEARER_SLOTS,
                super::Selection::Any | super::Selection::None => 0,
            },
            (_, None) => 0,
        }
    }
}

fn bearer(contents: &[u8]) -> Option<Bearer> {
    let (&capability, rest) = contents.split_first()?;
    // Circuit mode, 64 kbit/s: the only rate that one channel carries.
    if capability & 0xE0 != 0x80 || rest.first().is_none_or(|rate| rate & 0x7F != 0x10) {
        return None;
    }
    match capability & 0x1F {
        0x00 => Some(Bearer::Speech),
        0x10 => Some(Bearer::Audio),
        0x08 | 0x09 => Some(Bearer::Data),
        _ => None,
    }
}

/// Some networks put an octet of their own in front, known by its bit 8 (ETSI: B1, the name follows).
fn display(contents: &[u8]) -> Text {
    match contents {
        [first, text @ ..] if first & 0x80 != 0 && text.iter().all(u8::is_ascii) => Text::new(text),
        _ => Text::new(contents),
    }
}
