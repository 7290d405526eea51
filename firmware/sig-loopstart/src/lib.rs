//! Analog lines with loop start and kewlstart, both ends, as pure machines.
//!
//! **What it does.** [`FxoLine`] is the box on a line of the telephone network: it knows rings and who rings, answers, dials by DTMF or pulses, and
//! knows the far party's hang-up by current, polarity, tones or silence. [`FxsLine`] is the other end, the exchange's or the box's own towards a
//! telephone: it rings, names the caller, gives tones, takes digits. [`LineBank`] holds up to thirty of either as one span whose calls have handles.
//!
//! **How it works.** A line takes what was seen of the pair ([`LineState`], [`Hook`]) and heard on it ([`Heard`]), each reading believed when it
//! has stood long enough, and the call model's primitives. It gives [`Order`]s for the pair and the audio. What differs between countries
//! is data: a row of [`COUNTRIES`]. On a channel bank the pair is four bits of a timeslot ([`bank`]).
//!
//! **How to drive it.** After every method that takes the time, drain `poll_action` to `None`, then read `deadline` and call
//! `handle_timeout` no later.
//! ```
//! use base::Instant;
//! use ports::call::Primitive;
//! use sig_loopstart::{Country, FxoLine, FxoSettings, LineAction, LineState};
//!
//! let mut line = FxoLine::new(FxoSettings::new(Country::CHINA, "62345678".parse()?));
//! let ringing = LineState { ringing: true, ..LineState::QUIET };
//! // A ring, its pause, and the second ring: the call is offered, though nobody said who calls.
//! for (at, state) in [(0, ringing), (1000, LineState::QUIET), (5000, ringing)] {
//!     line.handle_line(Instant::from_millis(at), state);
//! }
//! line.handle_timeout(Instant::from_millis(5064));
//! let mut actions = core::iter::from_fn(|| line.poll_action());
//! assert!(actions.any(|action| matches!(action, LineAction::Line(Primitive::Setup(_)))));
//! # Ok::<(), base::BadDigit>(())
//! ```
//!
//! **Left out.** Ground start, which public exchanges of the countries here do not offer; metering pulses of 12 and 16 kHz, which analog cards do
//! not report; the caller id of Japan, which wants the line answered first. Levels, impedances and feeding are the card's.
//!
//! **References.** EN 300 659-1 (V1.3.1), EN 300 659-2 (V1.3.1), EN 300 659-3 (V1.3.1), GR-30-CORE (1998), TBR 21 (1998), ES 201 187 (V1.1.1), GB/T 3378, YD/T 1277.
#![no_std]

pub mod bank;
mod country;
mod fxo;
mod fxs;
mod line;
mod line_bank;
mod report;
mod settled;

pub use country::{COUNTRIES, CallerIdMethod, Country, Flash, Pulse, Step};
pub use fxo::{CallerIdWait, DialStart, Dialling, FxoLine, FxoSettings};
pub use fxs::{FxsLine, FxsSettings, Gathering};
pub use line::{Heard, Hook, LineAction, LineState, Listen, Modulation, Order, Parallel, Tone};
pub use line_bank::{Action, Attachment, BadLine, CallHandle, ChannelState, LINES, LineBank, LineSettings};
pub use report::{Evidence, LineFault, Report};
pub use sig_callerid::{CallerId, Date, DtmfVariant, LONGEST_NAME, MAX_MESSAGE, Name, Octets};
