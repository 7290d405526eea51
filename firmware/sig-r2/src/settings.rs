//! What the owner chooses of a span.

use crate::country::{Calling, Category, Charge, Control, Country};
use crate::timers::Timers;
use ports::span::{D_SLOT, TIMESLOTS};

/// Which end may seize a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Neither: it carries no calls.
    Unused,
    /// The far end.
    Incoming,
    /// We.
    Outgoing,
    /// Both.
    #[default]
    BothWay,
}

/// In which order idle channels are taken. Ends that hunt towards each other seldom meet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hunt {
    /// From timeslot 1, each in turn.
    #[default]
    Upwards,
    /// From timeslot 31, each in turn.
    Downwards,
}

/// What becomes of calls at our charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Collect {
    /// They are offered like others.
    #[default]
    Offer,
    /// They are refused.
    Refuse,
}

/// How calls are answered on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Once.
    #[default]
    Single,
    /// Twice: exchanges drop a collect call then (Brazil).
    Double,
}

/// How we end a call that came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Release {
    /// By clear-back; the caller's end clears.
    #[default]
    ClearBack,
    /// By forced release (bits 00), where exchanges know it.
    Forced,
}

/// When an incoming number is whole, what is said of the called party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acceptance {
    /// What the call model finds out, in group B.
    #[default]
    GroupB,
    /// Speech at once by group A, where the country has a signal for it.
    GroupA,
}

/// How a span works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its language.
    pub country: &'static Country,
    /// Who may seize, by timeslot; slots 0 and 16 carry no calls whatever they say.
    pub directions: [Direction; TIMESLOTS],
    /// Which channel a call of ours takes.
    pub hunt: Hunt,
    /// Digits of an incoming called number; `None`: the call model says when it is whole.
    pub dnis_digits: Option<u8>,
    /// When a caller's number is asked for.
    pub calling: Calling,
    /// At most so many digits of it; none: the category alone.
    pub calling_digits: u8,
    /// Of our own calls.
    pub category: Category,
    /// Collect calls to us.
    pub collect: Collect,
    /// How we answer.
    pub answer: Answer,
    /// How we hang up.
    pub release: Release,
    /// How we accept.
    pub acceptance: Acceptance,
    /// Whether calls to us are charged.
    pub charge: Charge,
    /// Who ends calls to us, where the country leaves the choice.
    pub control: Control,
    /// All times.
    pub timers: Timers,
}

impl Settings {
    /// Both-way channels, numbers as the country has them, overlap receiving.
    pub fn new(country: &'static Country) -> Self {
        Self {
            country,
            directions: [Direction::BothWay; TIMESLOTS],
            hunt: Hunt::Upwards,
            dnis_digits: None,
            calling: country.calling,
            calling_digits: 20,
            category: Category::Subscriber,
            collect: Collect::Offer,
            answer: Answer::Single,
            release: Release::ClearBack,
            acceptance: Acceptance::GroupB,
            charge: Charge::Charged,
            control: Control::First,
            timers: Timers::STANDARD,
        }
    }

    /// All channels in one direction.
    #[must_use]
    pub fn with_direction(mut self, direction: Direction) -> Self {
        self.directions = [direction; TIMESLOTS];
        self
    }

    pub(crate) fn direction(&self, timeslot: u8) -> Direction {
        match usize::from(timeslot) {
            0 | D_SLOT | TIMESLOTS.. => Direction::Unused,
            slot => self.directions[slot],
        }
    }
}
