//! States of a channel.

use super::incoming::Blinks;
use crate::country::{Category, Control};
use crate::register::{Incoming, Outgoing};
use crate::report::{Register, Report, Tone};
use crate::span::CallHandle;
use base::{Cause, Instant};
use ports::call::Setup;

/// A call of ours until its channel is ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placed {
    pub(crate) call: CallHandle,
    pub(crate) setup: Setup,
    pub(crate) category: Category,
    /// Channels that it may still try, this one too.
    pub(crate) tries: u8,
}

/// Why a channel could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotHad {
    DoubleSeizure,
    Unacknowledged,
}

impl NotHad {
    pub(crate) const fn report(self, moved_to: Option<u8>) -> Report {
        match self {
            Self::DoubleSeizure => Report::DoubleSeizure { moved_to },
            Self::Unacknowledged => Report::Unacknowledged { moved_to },
        }
    }
}

/// A call to be taken elsewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenUp {
    pub(crate) placed: Placed,
    pub(crate) why: NotHad,
}

/// Which end of a call we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// No call is on the channel.
    Neither,
    /// We seized it.
    Caller,
    /// The far end did.
    Called,
}

/// The line's state, with the deadline that bounds it.
// There is no allocator here to box the registers with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Free, or blocked by either end.
    Idle,
    /// Idle again, but not yet to be seized.
    Guarding(Instant),
    /// The far end is not as it should be: its idle bits are waited for.
    Faulty,
    /// Seized by us, not yet acknowledged. A call that is cleared meanwhile still waits for that.
    Seizing { due: Instant, placed: Placed, cleared: Option<Cause> },
    /// Seized by both; held for a while.
    DoublySeized(Instant),
    /// Seized by us in vain; held for a while.
    Unacknowledged(Instant),
    /// Our register sends.
    Sending { register: Outgoing, control: Control },
    /// The far end's party is free.
    AwaitingAnswer { due: Instant, control: Control },
    /// It answered.
    AnsweredThere(Control),
    /// It hung up, unless it is back at once.
    Blinking { due: Instant, control: Control },
    /// It hung up.
    ClearedBack(Instant),
    /// We cleared forward; the far end is not yet idle.
    ClearingForward { due: Instant, cause: Cause },
    /// Seized by the far end; our register receives.
    Receiving(Incoming),
    /// Our party is free; the line may say that it answered when this is due.
    Accepted { ready: Instant, is_answered: bool, is_rung: bool },
    /// Our party answered.
    AnsweredHere(Option<Blinks>),
    /// We hung up, or refused; the far end has not cleared yet.
    ClearingBack { due: Instant, cause: Cause, tone: Option<Tone> },
    /// The far end cleared; our call model has not said so yet.
    ClearedForward(Instant),
    /// Cleared by both; our party's hanging up is shown before the channel is idle.
    ShowingClear(Instant),
}

impl State {
    pub(super) const fn side(&self) -> Side {
        match self {
            Self::Seizing { .. }
            | Self::DoublySeized(_)
            | Self::Unacknowledged(_)
            | Self::Sending { .. }
            | Self::AwaitingAnswer { .. }
            | Self::AnsweredThere(_)
            | Self::Blinking { .. }
            | Self::ClearedBack(_)
            | Self::ClearingForward { .. } => Side::Caller,
            Self::Idle | Self::Guarding(_) | Self::Faulty => Side::Neither,
            Self::Receiving(_)
            | Self::Accepted { .. }
            | Self::AnsweredHere(_)
            | Self::ClearingBack { .. }
            | Self::ClearedForward(_)
            | Self::ShowingClear(_) => Side::Called,
        }
    }

    /// What the caller is to hear.
    pub(super) const fn tone(&self) -> Option<Tone> {
        match self {
            Self::Accepted { is_rung: true, is_answered: false, .. } => Some(Tone::Ringback),
            Self::ClearingBack { tone, .. } => *tone,
            Self::Idle
            | Self::Guarding(_)
            | Self::Faulty
            | Self::Seizing { .. }
            | Self::DoublySeized(_)
            | Self::Unacknowledged(_)
            | Self::Sending { .. }
            | Self::AwaitingAnswer { .. }
            | Self::AnsweredThere(_)
            | Self::Blinking { .. }
            | Self::ClearedBack(_)
            | Self::ClearingForward { .. }
            | Self::Receiving(_)
            | Self::Accepted { .. }
            | Self::AnsweredHere(_)
            | Self::ClearedForward(_)
            | Self::ShowingClear(_) => None,
        }
    }

    /// The register signal that is to be sent, and the one that is to be listened for.
    pub(super) fn audio(&self) -> (Option<(Register, u8)>, Option<Register>) {
        if let Self::Sending { register, .. } = self {
            return (register.tone().map(|signal| (Register::Forward, signal)), Some(Register::Backward));
        }
        if let Self::Receiving(register) = self {
            return (register.tone().map(|signal| (Register::Backward, signal)), Some(Register::Forward));
        }
        (None, None)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Idle | Self::Faulty | Self::AnsweredThere(_) => None,
            Self::Sending { register, .. } => register.deadline(),
            Self::Receiving(register) => register.deadline(),
            Self::AnsweredHere(blinks) => blinks.map(|blinks| blinks.due),
            Self::Accepted { ready, is_answered, .. } => is_answered.then_some(*ready),
            Self::Guarding(due)
            | Self::Seizing { due, .. }
            | Self::DoublySeized(due)
            | Self::Unacknowledged(due)
            | Self::AwaitingAnswer { due, .. }
            | Self::Blinking { due, .. }
            | Self::ClearedBack(due)
            | Self::ClearingForward { due, .. }
            | Self::ClearingBack { due, .. }
            | Self::ClearedForward(due)
            | Self::ShowingClear(due) => Some(*due),
        }
    }
}
