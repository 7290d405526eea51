//! What goes with a call beside its course: display, user-user, the reason of a diversion, who answered.

use super::{Interface, Place};
use crate::profile::Senders;
use crate::state::State;
use crate::timers::Side;
use crate::wire::{Elements, MessageType, Party, Writer};
use ports::call::{Detail, Number, Primitive, RedirectReason, Text, UserData};

/// Details that wait for a message that can carry them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Details {
    /// There are some.
    pub(super) any: bool,
    display: Option<Text>,
    user_data: Option<UserData>,
    connected: Option<Number>,
    pub(super) reason: RedirectReason,
}

impl Details {
    pub(super) const NONE: Self =
        Self { any: false, display: None, user_data: None, connected: None, reason: RedirectReason::Unknown };

    pub(super) const fn add(&mut self, detail: Detail) {
        self.any = true;
        match detail {
            Detail::Display(text) => self.display = Some(text),
            Detail::UserData(data) => self.user_data = Some(data),
            Detail::RedirectReason(reason) => self.reason = reason,
            Detail::ConnectedNumber(number) => self.connected = Some(number),
        }
    }
}

/// Messages that carry user-user (Q.931 Tables 3-2 to 3-15).
const fn carries_user_data(kind: MessageType) -> bool {
    matches!(
        kind,
        MessageType::Setup
            | MessageType::Alerting
            | MessageType::Connect
            | MessageType::Disconnect
            | MessageType::Release
            | MessageType::ReleaseComplete
            | MessageType::UserInformation
    )
}

/// Messages that carry a display and in which it makes sense to send one.
const fn carries_display(kind: MessageType) -> bool {
    carries_user_data(kind)
        || matches!(
            kind,
            MessageType::SetupAcknowledge
                | MessageType::CallProceeding
                | MessageType::Progress
                | MessageType::Notify
                | MessageType::Information
        )
}

impl Interface {
    /// The call model's word. In an established call display and user data go at once, otherwise with the next message that can
    /// carry them.
    pub(super) fn detail(&mut self, place: Place, state: State, detail: Detail) {
        let Some(call) = &mut self.calls[place] else { return };
        call.details.add(detail);
        match (state, detail) {
            (State::Active, Detail::Display(_)) if self.may_display() => {
                self.send(place, MessageType::Information, |_| {});
            }
            (State::Active, Detail::UserData(_)) => self.send(place, MessageType::UserInformation, |_| {}),
            (_, _) => {}
        }
    }

    fn may_display(&self) -> bool {
        self.side == Side::Network || self.parameters.display == Senders::Both
    }

    /// Adds what this message can carry; it is the last of the message, in the order of the identifiers. A SETUP may be sent again
    /// and keeps its details until it is answered.
    pub(super) fn add_details(&mut self, place: Place, kind: MessageType, message: &mut Writer) {
        let (may_display, plan) = (self.may_display(), self.parameters.calling_plan);
        let connected = self.calls[place].as_ref().and_then(|call| call.details.connected);
        let connected = connected.map(|number| self.as_sent(number));
        let Some(call) = &mut self.calls[place] else { return };
        let details = &mut call.details;
        if kind == MessageType::Setup {
            // The display stands before the numbers: `send_setup` has written it.
            if let Some(data) = &details.user_data {
                message.user_data(data);
            }
            return;
        }
        if let Some(text) = details.display.take_if(|_| may_display && carries_display(kind)) {
            message.display(&text);
        }
        if let Some(number) = connected.filter(|_| kind == MessageType::Connect) {
            details.connected = None;
            message.number(Party::Connected, plan, &number);
        }
        if let Some(data) = details.user_data.take_if(|_| carries_user_data(kind)) {
            message.user_data(&data);
        }
        details.any = details.display.is_some() || details.connected.is_some() || details.user_data.is_some();
    }

    /// The display that goes with SETUP.
    pub(super) fn setup_display(&self, place: Place) -> Option<Text> {
        self.calls[place].as_ref().and_then(|call| call.details.display).filter(|_| self.may_display())
    }

    /// SETUP was answered: what went with it does not go again.
    pub(super) fn setup_answered(&mut self, place: Place) {
        if let Some(call) = &mut self.calls[place]
            && call.state == State::Initiated
        {
            call.details = Details::NONE;
        }
    }

    /// Tells the call model what a message says beside its course.
    pub(super) fn tell_details(&mut self, place: Place, elements: &Elements) {
        if !elements.says_more {
            return;
        }
        let display = elements.display.value().map(Detail::Display);
        let data = elements.user_data.value().map(Detail::UserData);
        let connected = elements.connected.value().map(Detail::ConnectedNumber);
        let reason = elements.redirect_reason.filter(|&reason| reason != RedirectReason::Unknown);
        let all = [display, connected, reason.map(Detail::RedirectReason), data];
        for detail in all.into_iter().flatten() {
            self.tell(place, Primitive::Detail(detail));
        }
    }
}
