//! SERVICE and SERVICE ACKNOWLEDGE: channels taken out of service by word of the other end. Not of Q.931: North American exchanges
//! send them under protocol discriminators of their own (ANSI T1.607 Annex; AT&T TR 41459). They are answered whatever the
//! profile, and sent where it says so. An answer that does not come changes nothing here, so none is waited for.

use super::Interface;
use super::channels::is_bearer;
use crate::interface::Report;
use crate::profile::Maintenance;
use crate::wire::{BEARER_SLOTS, ChannelId, Flag, MAINTENANCE, Preference, Selection, WireError, Writer};

const SERVICE: u8 = 0x0F;
const SERVICE_ACKNOWLEDGE: u8 = 0x07;
const CHANGE_STATUS: u8 = 0x01;
const CHANNEL: u8 = 0x18;

impl Interface {
    /// A message under one of the maintenance discriminators.
    pub(super) fn on_maintenance(&mut self, octets: &[u8]) {
        let &[discriminator, 2, high, _, kind, ref elements @ ..] = octets else {
            return self.report(Report::Unreadable(WireError::Short(octets.len())));
        };
        let (Some(&[status, ..]), Some(channel)) =
            (element(elements, CHANGE_STATUS), element(elements, CHANNEL).and_then(ChannelId::parse))
        else {
            return;
        };
        if kind != SERVICE || high & 0x80 != 0 {
            return;
        }
        // Status 0 is in service; 1 maintenance and 2 out of service are the same to us.
        let usable = status & 0x07 == 0;
        let slots = match channel.selection {
            Selection::Slots(slots) => slots & BEARER_SLOTS,
            Selection::Any | Selection::None => 0,
        };
        self.far_out = if usable { self.far_out & !slots } else { self.far_out | slots };
        for timeslot in (1..32).filter(|timeslot| slots & 1 << timeslot != 0) {
            self.report(Report::Service { timeslot, usable });
        }
        let mut answer = Writer::under(discriminator, Flag::ToOriginator, SERVICE_ACKNOWLEDGE);
        answer.element(CHANGE_STATUS, &[status]);
        answer.channel(channel);
        self.transmit(&answer);
    }

    /// The link is there (again): the peer may not know what is blocked.
    pub(super) fn tell_blocked(&mut self) {
        if self.parameters.maintenance == Maintenance::Service {
            let blocked = self.blocked;
            (1..32)
                .filter(|timeslot| blocked & 1 << timeslot != 0)
                .for_each(|timeslot| self.send_service(timeslot, true));
        }
    }

    /// Tells the peer that a channel is out of service, or back.
    pub(super) fn send_service(&mut self, timeslot: u8, blocked: bool) {
        if !is_bearer(timeslot) {
            return;
        }
        let mut message = Writer::under(MAINTENANCE[0], Flag::FromOriginator, SERVICE);
        message.element(CHANGE_STATUS, &[if blocked { 0xC2 } else { 0xC0 }]);
        message.channel(ChannelId::one(Preference::Exclusive, timeslot).on(self.parameters.interface));
        self.transmit(&message);
    }
}

/// The contents of the first such element.
fn element(octets: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut rest = octets;
    while let [identifier, after @ ..] = rest {
        if identifier & 0x80 != 0 {
            rest = after;
            continue;
        }
        let (&length, after) = after.split_first()?;
        let (contents, next) = after.split_at_checked(usize::from(length))?;
        if *identifier == wanted {
            return Some(contents);
        }
        rest = next;
    }
    None
}
