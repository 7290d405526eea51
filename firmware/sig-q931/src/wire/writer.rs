//! A message being written, element by element in ascending order of their identifiers.

use super::{ChannelId, Diagnostics, Flag, Header, Location, MessageType, Octets, Party, Plan, Reason, number};
use base::{Cause, Digits};
use ports::call::{Bearer, Number, RedirectReason, Text, UserData};

/// Writes one message. What does not fit is left out; the longest message of this crate has room to spare.
#[derive(Clone, Debug)]
pub struct Writer {
    octets: Octets,
}

impl Writer {
    /// Begins with the header.
    pub fn new(flag: Flag, reference: u16, kind: MessageType) -> Self {
        let mut octets = Octets::new();
        // Five octets of 260.
        let _ = octets.extend_from_slice(&Header { flag, reference, kind }.octets());
        Self { octets }
    }

    /// A message of another protocol that shares the D-channel and the form of the header.
    pub(crate) fn under(discriminator: u8, flag: Flag, kind: u8) -> Self {
        let mut writer = Self::new(flag, super::GLOBAL, MessageType::new(kind));
        if let Some(first) = writer.octets.first_mut() {
            *first = discriminator;
        }
        writer
    }

    /// The message so far.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The message.
    pub fn finish(self) -> Octets {
        self.octets
    }

    /// An element of variable length.
    pub fn element(&mut self, identifier: u8, contents: &[u8]) {
        let Ok(length) = u8::try_from(contents.len()) else { return };
        if self.octets.capacity() - self.octets.len() >= contents.len() + 2 {
            let _ = self.octets.extend_from_slice(&[identifier, length]);
            let _ = self.octets.extend_from_slice(contents);
        }
    }

    /// Sending complete (Q.931 §4.5.27).
    pub fn sending_complete(&mut self) {
        // A single octet of 260.
        let _ = self.octets.push(0xA1);
    }

    /// Bearer capability (Q.931 §4.5.5) for A-law.
    pub fn bearer(&mut self, bearer: Bearer) {
        match bearer {
            Bearer::Speech => self.element(0x04, &[0x80, 0x90, 0xA3]),
            Bearer::Audio => self.element(0x04, &[0x90, 0x90, 0xA3]),
            Bearer::Data => self.element(0x04, &[0x88, 0x90]),
        }
    }

    /// Cause (Q.931 §4.5.12), with what it is about.
    pub fn cause(&mut self, location: Location, cause: Cause, about: &Diagnostics) {
        let mut contents = heapless::Vec::<u8, 32>::new();
        // Two octets and the longest diagnostics always fit.
        let _ = contents.extend_from_slice(&[0x80 | location.0, 0x80 | cause.0 & 0x7F]);
        let _ = contents.extend_from_slice(about.octets());
        self.element(0x08, &contents);
    }

    pub(crate) fn reason(&mut self, location: Location, reason: Reason) {
        self.cause(location, reason.cause, &reason.about);
    }

    /// Call state (Q.931 §4.5.7).
    pub fn call_state(&mut self, number: u8) {
        self.element(0x14, &[number & 0x3F]);
    }

    /// Channel identification (Q.931 §4.5.13).
    pub fn channel(&mut self, channel: ChannelId) {
        channel.write(self);
    }

    /// Progress indicator 8: in-band information is in the channel (Q.931 §4.5.23).
    pub fn inband(&mut self, location: Location) {
        self.element(0x1E, &[0x80 | location.0, 0x88]);
    }

    /// Restart indicator for the channels named (Q.931 §4.5.25).
    pub fn restart_channels(&mut self) {
        self.element(0x79, &[0x80]);
    }

    /// Restart indicator for the whole interface (Q.931 §4.5.25).
    pub fn restart_interface(&mut self) {
        self.element(0x79, &[0x86]);
    }

    /// A party's number.
    pub fn number(&mut self, party: Party, plan: Plan, number: &Number) {
        number::write(self, party, plan, number, RedirectReason::Unknown);
    }

    /// The redirecting number with its reason (Q.952).
    pub fn redirecting(&mut self, plan: Plan, number: &Number, reason: RedirectReason) {
        number::write(self, Party::Redirecting, plan, number, reason);
    }

    /// Display (Q.931 §4.5.16).
    pub fn display(&mut self, text: &Text) {
        self.element(0x28, text.as_str().as_bytes());
    }

    /// User-user (Q.931 §4.5.30).
    pub fn user_data(&mut self, data: &UserData) {
        let mut contents = heapless::Vec::<u8, { UserData::CAPACITY + 1 }>::new();
        // The discriminator and the data's capacity always fit.
        let _ = contents.push(data.protocol);
        let _ = contents.extend_from_slice(data.octets());
        self.element(0x7E, &contents);
    }

    /// Keypad facility (Q.931 §4.5.18).
    pub fn keypad(&mut self, digits: &Digits) {
        self.element(0x2C, digits.as_str().as_bytes());
    }
}
