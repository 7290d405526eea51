//! One transaction's step: the table is asked, its effects carried out, the timers set.

use super::slot::{Due, Slot};
use super::table::{Effect, Input, State};
use super::{Action, ClientId, ServerId, Transactions};
use crate::message::{Message, Response};
use base::Instant;

impl Transactions {
    pub(super) fn insert(&mut self, now: Instant, mut slot: Slot) -> u64 {
        self.next += 1;
        let id = self.next;
        slot.enter(now, slot.state, &self.timers);
        self.by_key.insert(slot.key.clone(), id);
        if let Some(end_to_end) = &slot.end_to_end {
            self.by_end_to_end.insert(end_to_end.clone(), id);
        }
        self.deadlines.extend(slot.deadline().map(|due| (due, id)));
        slot.scheduled = slot.deadline();
        self.slots.insert(id, slot);
        id
    }

    fn remove(&mut self, id: u64) {
        let Some(slot) = self.slots.remove(&id) else { return };
        self.by_key.remove(&slot.key);
        if let Some(end_to_end) = &slot.end_to_end
            && self.by_end_to_end.get(end_to_end) == Some(&id)
        {
            self.by_end_to_end.remove(end_to_end);
        }
        if let Some(due) = slot.scheduled {
            self.deadlines.remove(&(due, id));
        }
    }

    /// Sets the transaction's place among the deadlines.
    pub(super) fn schedule(&mut self, id: u64) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let due = slot.deadline();
        if slot.scheduled != due {
            if let Some(old) = slot.scheduled {
                self.deadlines.remove(&(old, id));
            }
            self.deadlines.extend(due.map(|due| (due, id)));
            slot.scheduled = due;
        }
    }

    pub(super) fn fire(&mut self, now: Instant, id: u64) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        match slot.take_due(now, &self.timers) {
            Some(Due::End) => self.apply(now, id, Input::End, None),
            Some(Due::Repeat) => self.apply(now, id, Input::Repeat, None),
            Some(Due::Cancel) => self.send_cancel(now, id),
            None => self.schedule(id),
        }
    }

    /// One step, and those that follow at once from timers of no length.
    pub(super) fn apply(&mut self, now: Instant, id: u64, input: Input, message: Option<Message>) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let (next, effects) = slot.state.on(input);
        slot.enter(now, next, &self.timers);
        let mut message = message;
        for &effect in effects {
            // Only telling takes the message, and it comes last in each row of the table.
            let taken = if effect == Effect::Tell { message.take() } else { None };
            if let Some(action) = act(id, slot, effect, message.as_ref(), taken) {
                self.actions.push_back(action);
            }
        }
        if slot.state == State::Gone {
            self.remove(id);
        } else {
            self.schedule(id);
        }
    }
}

fn act(id: u64, slot: &mut Slot, effect: Effect, message: Option<&Message>, taken: Option<Message>) -> Option<Action> {
    let heard = !slot.silent;
    let send = |octets: Vec<u8>, slot: &Slot| (!octets.is_empty()).then_some(Action::Send { to: slot.hop, octets });
    match effect {
        Effect::Send => send(slot.last.clone(), slot),
        Effect::Trying => {
            slot.last = slot.request.respond(100, "").to_octets();
            send(slot.last.clone(), slot)
        }
        Effect::Acknowledge => match message {
            Some(Message::Response(response)) => send(slot.request.ack(response).to_octets(), slot),
            Some(Message::Request(_)) | None => None,
        },
        Effect::Tell => match taken? {
            Message::Request(request) => Some(Action::Acknowledged { id: ServerId(id), request: Box::new(request) }),
            Message::Response(response) => tell(id, slot, response).filter(|_| heard),
        },
        Effect::TimedOut => heard.then_some(Action::TimedOut(ClientId(id))),
        Effect::NoAck => Some(Action::NotAcknowledged(ServerId(id))),
        Effect::Lost => heard.then_some(Action::Lost(ClientId(id))),
    }
}

/// A response for the user; a 2xx that was acknowledged gets its ACK again instead.
fn tell(id: u64, slot: &Slot, response: Response) -> Option<Action> {
    if slot.state == State::InviteAccepted {
        let tag = response.common.to.tag().unwrap_or_default();
        if let Some((_, to, octets)) = slot.acks.iter().find(|(own, ..)| own == tag) {
            return Some(Action::Send { to: *to, octets: octets.clone() });
        }
    }
    Some(Action::Response { id: ClientId(id), response: Box::new(response) })
}
