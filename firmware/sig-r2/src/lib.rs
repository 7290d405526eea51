//! MFC/R2: line signaling and register signaling of the thirty channels of an E1, both ends, as pure machines.
#![no_std]

mod channel;
mod country;
mod register;
mod report;
mod settings;
mod span;
mod timers;

pub use channel::ChannelState;
pub use country::{Blink, COUNTRIES, Calling, Category, Charge, Control, Country, Meaning, Request, Verdict};
pub use report::{Register, Report};
pub use settings::{Acceptance, Answer, Collect, Direction, Release, Settings};
pub use span::{Action, CallHandle, R2Span};
pub use timers::{Timer, Timers};
