//! Messages of the global call reference: RESTART and what strays there (Q.931 §5.5, §5.8.3.2 f).

use super::Interface;
use crate::interface::Report;
use crate::state::State;
use crate::wire::{Element, Elements, Field, GLOBAL, Header, MessageType, Restart, Writer};
use base::Cause;

impl Interface {
    /// `octets` are the elements as they came: RESTART ACKNOWLEDGE says them again.
    pub(super) fn on_global(&mut self, header: Header, elements: &Elements, octets: &[u8]) {
        match header.kind {
            MessageType::Restart => match restart_faults(elements) {
                None => self.on_restart(header, elements, octets),
                Some((cause, about)) => self.global_status(header, cause, about),
            },
            MessageType::RestartAcknowledge => self.restart_acknowledged(elements.restarted()),
            MessageType::Status => {
                let cause = elements.cause.value().map_or(Cause::NORMAL_UNSPECIFIED, |element| element.cause);
                let about = elements.cause.value().and_then(|element| element.about);
                self.report(Report::Status { cause, about, state: elements.call_state.value() });
                if matches!(cause, Cause::MESSAGE_TYPE_UNKNOWN | Cause::MESSAGE_NOT_COMPATIBLE) {
                    self.restart_is_unknown();
                }
            }
            other => self.global_status(header, Cause::INVALID_CALL_REFERENCE, other.octet()),
        }
    }

    fn on_restart(&mut self, header: Header, elements: &Elements, octets: &[u8]) {
        let slots = elements.restarted();
        self.clear_calls_on(slots);
        self.restarted(slots);
        let mut answer = Writer::new(header.flag.reversed(), GLOBAL, MessageType::RestartAcknowledge);
        let mut rest = octets;
        // Good elements only: `restart_faults` has looked at both.
        while let [identifier, length, after @ ..] = rest {
            let Some((contents, next)) = after.split_at_checked(usize::from(*length)) else { break };
            if matches!(identifier, 0x18 | 0x79) {
                answer.element(*identifier, contents);
            }
            rest = next;
        }
        self.transmit(&answer);
    }

    fn global_status(&mut self, header: Header, cause: Cause, about: u8) {
        self.report(Report::Unexpected { message: header.kind, state: State::Null, cause });
        let mut answer = Writer::new(header.flag.reversed(), GLOBAL, MessageType::Status);
        answer.cause(self.location(), cause, Some(about));
        answer.call_state(0);
        self.transmit(&answer);
    }
}

/// RESTART needs its indicator, and the channels where they are meant (Q.931 Table 3-26).
fn restart_faults(elements: &Elements) -> Option<(Cause, u8)> {
    match (elements.restart, elements.channel) {
        (Element::Absent, _) => Some((Cause::MANDATORY_ELEMENT_MISSING, Field::Restart.identifier())),
        (Element::Bad, _) => Some((Cause::INVALID_ELEMENT_CONTENTS, Field::Restart.identifier())),
        (_, Element::Bad) => Some((Cause::INVALID_ELEMENT_CONTENTS, Field::Channel.identifier())),
        (Element::Value(Restart::Channels), Element::Absent) => {
            Some((Cause::MANDATORY_ELEMENT_MISSING, Field::Channel.identifier()))
        }
        (Element::Value(_), Element::Absent | Element::Value(_)) => None,
    }
}
