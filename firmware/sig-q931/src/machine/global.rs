//! Messages of the global call reference: RESTART and what strays there (Q.931 §5.5, §5.8.3.2 f).

use super::Interface;
use crate::interface::Report;
use crate::state::State;
use crate::wire::{
    BEARER_SLOTS, ChannelId, Diagnostics, Element, Elements, Field, Flag, GLOBAL, Header, MessageType, Reason, Restart,
    Selection, Writer,
};
use base::{Cause, Instant};

impl Interface {
    /// `octets` are the elements as they came: RESTART ACKNOWLEDGE says them again. The flag tells the peer's restarts from ours
    /// (Q.931 §5.5, note 2).
    pub(super) fn on_global(&mut self, now: Instant, header: Header, elements: &Elements, octets: &[u8]) {
        match (header.kind, header.flag) {
            (MessageType::Restart, Flag::FromOriginator) => {
                match restart_faults(elements).or_else(|| self.channels_elsewhere(elements)) {
                    None => self.on_restart(header, elements, octets),
                    Some(reason) => self.global_status(header, reason),
                }
            }
            (MessageType::RestartAcknowledge, Flag::ToOriginator) => match restart_faults(elements) {
                None => self.restart_acknowledged(now, elements.restarted()),
                // To one that strays nothing is said.
                Some(_) if !self.is_restarting() => {}
                Some(reason) => self.global_status(header, reason),
            },
            (MessageType::Restart | MessageType::RestartAcknowledge, _) => {
                let cause = Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE;
                self.global_status(header, Reason::about(cause, header.kind.octet()));
            }
            (MessageType::Status, _) => self.on_global_status(elements),
            (other, _) => self.global_status(header, Reason::about(Cause::INVALID_CALL_REFERENCE, other.octet())),
        }
    }

    /// Told to the owner, whatever state the peer is in, and nothing else is done about it (Q.931 §5.8.11); but a peer that has no
    /// RESTART is asked for none.
    fn on_global_status(&mut self, elements: &Elements) {
        let cause = elements.cause.value().map_or(Cause::NORMAL_UNSPECIFIED, |element| element.cause);
        let about = elements.cause.value().map_or(Diagnostics::NONE, |element| element.about);
        self.report(Report::Status { cause, about, state: elements.call_state.value() });
        let of_restart = about.first().is_none_or(|octet| octet == MessageType::Restart.octet());
        if of_restart && matches!(cause, Cause::MESSAGE_TYPE_UNKNOWN | Cause::MESSAGE_NOT_COMPATIBLE) {
            self.restart_is_unknown();
        }
    }

    /// RESTART that is about nothing here: another interface, or no bearer channel (Q.931 §5.5.2).
    fn channels_elsewhere(&self, elements: &Elements) -> Option<Reason> {
        let theirs = elements.channel.value().and_then(|channel| channel.interface);
        // One D-channel, one interface; whose identifier is not set here goes by any.
        let elsewhere = theirs.zip(self.parameters.interface).is_some_and(|(theirs, ours)| theirs != ours);
        (elsewhere || elements.restarted() == 0).then_some(Cause::CHANNEL_DOES_NOT_EXIST.into())
    }

    fn on_restart(&mut self, header: Header, elements: &Elements, octets: &[u8]) {
        let slots = elements.restarted();
        self.clear_calls_on(slots);
        self.restarted_by_peer(slots);
        let mut answer = Writer::new(header.flag.reversed(), GLOBAL, MessageType::RestartAcknowledge);
        let mut rest = octets;
        // Good elements only: `restart_faults` has looked at both.
        while let [identifier, length, after @ ..] = rest {
            let Some((contents, next)) = after.split_at_checked(usize::from(*length)) else { break };
            match (identifier, elements.channel) {
                // Restarted is what is a bearer channel, and not what else was named.
                (0x18, Element::Value(ChannelId { selection: Selection::Slots(named), preference, interface }))
                    if named & !BEARER_SLOTS != 0 =>
                {
                    answer.channel(ChannelId { selection: Selection::Slots(slots), preference, interface });
                }
                (0x18 | 0x79, _) => answer.element(*identifier, contents),
                (_, _) => {}
            }
            rest = next;
        }
        self.transmit(&answer);
    }

    /// STATUS with the state of the reference that the message was on: a restart of the peer's is over as soon as it has been read.
    fn global_status(&mut self, header: Header, reason: Reason) {
        self.report(Report::Unexpected { message: header.kind, state: State::Null, cause: reason.cause });
        let mut answer = Writer::new(header.flag.reversed(), GLOBAL, MessageType::Status);
        answer.reason(self.location(), reason);
        answer.call_state(match header.flag {
            Flag::FromOriginator => 0,
            Flag::ToOriginator => self.restarts.state_number(),
        });
        self.transmit(&answer);
    }
}

/// RESTART and its answer need the indicator, and the channels where they are meant (Q.931 Tables 3-26, 3-27).
fn restart_faults(elements: &Elements) -> Option<Reason> {
    match elements.restart {
        Element::Value(Restart::Channels) => elements.fault(&[Field::Channel, Field::Restart], &[]),
        Element::Value(Restart::Interface | Restart::All) | Element::Absent | Element::Bad => {
            elements.fault(&[Field::Restart], &[Field::Channel])
        }
    }
}
