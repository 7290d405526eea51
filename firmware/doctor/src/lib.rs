//! The line doctor: in under a minute, what is wrong with a line and what to do about it.
//!
//! **What it does.** [`Doctor`] examines spans and analog lines, many at once, and gives a [`Verdict`] each: good, warning or fault, with
//! [`Finding`]s that carry what was measured. Each finding has a sentence and a remedy in Chinese and English ([`Finding::says`]).
//!
//! **How it works.** The owner tells what is known of the line ([`Facts`]), and tells it again whenever that changes. A span is only
//! watched: alarms, slips, bad frames, D-channel, blocked channels. A free line of the telephone network is seized: loop current, dial tone and whose
//! it is, then one digit makes the exchange silent, so that noise and the echo of a tone can be measured. A line in use is never touched; a call
//! that comes in the middle of a test has the line.
//!
//! **How to drive it.** After every method that takes the time, carry out each [`Action`] of [`Doctor::poll_action`] until `None`; then wait
//! no longer than [`Doctor::deadline`] and call [`Doctor::handle_timeout`].
//! ```
//! use base::Instant;
//! use doctor::{Action, Doctor, Facts, Language, LineId, State, Subject};
//! use ports::span::Alarms;
//!
//! let mut doctor = Doctor::new();
//! let span = LineId { span: 0, channel: None };
//! let mut facts = Facts::default();
//! facts.alarms = Alarms { loss: true, ..Alarms::default() };
//! doctor.begin(Instant::ZERO, span, Subject::Span, facts).expect("it is not under test");
//! let due = doctor.deadline().expect("a test takes some time, and an end");
//! doctor.handle_timeout(due);
//! let verdict = std::iter::from_fn(|| doctor.poll_action()).find_map(|action| match action {
//!     Action::Done(verdict) => Some(verdict),
//!     _ => None,
//! });
//! let verdict = verdict.expect("it is over");
//! assert_eq!(verdict.state, State::Fault);
//! assert!(verdict.findings[0].remedy(Language::English).contains("cable"));
//! ```
//!
//! **Left out.** Digital channels are not seized: a test call would need a number that answers it. Voltage and current in figures: channel banks
//! tell only whether there is any.
//!
//! **References.** E.180 (03/98) and GB/T 3380 for dial tones; G.826 and G.822 (11/88) for errors and slips; G.122 (03/93) for echo.

mod doctor;
mod facts;
mod finding;
mod limits;
mod line;
mod span;
mod texts;

pub use doctor::{AT_ONCE, Action, Doctor, LONGEST, MOST, Order, Refusal, Step, Switch};
pub use facts::{Channels, Facts, LineId, Link, Pair, Subject, Use};
pub use finding::{Code, Finding, Measured, State, Verdict};
pub use texts::{Language, country};
