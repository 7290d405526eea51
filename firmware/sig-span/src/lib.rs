//! A span's signaling, whichever protocol it speaks, behind one set of methods.
//!
//! **What it does.** The box, the exchange and the simulation hold spans of different kinds: primary rate, MFC/R2, and analog lines behind a
//! channel bank. [`Protocol`] is any of them; nobody else asks which.
//!
//! **How it works.** A closed enum passes each input to its machine, and turns what that machine wants into one [`Action`]. Frames and signaling
//! bits are the card's, primitives the call model's. What concerns audio ([`Order`]) names receivers, digits, register signals, caller ids and tones
//! as an engine knows them, a country's tones already as frequencies; what the engine hears comes back as [`Heard`]. An order may come for a
//! channel without a call: caller ids and register signals are heard before there is one.
//!
//! **How to drive it.** After every method that takes the time, drain [`Protocol::poll_action`] to `None`, then read [`Protocol::deadline`] and
//! call [`Protocol::handle_timeout`] no later.
//! ```
//! use base::Instant;
//! use ports::call::Primitive;
//! use sig_span::loopstart::{Country, FxoSettings, FxsSettings, LineSettings};
//! use sig_span::{Action, LineSpan, Protocol};
//!
//! let number = "62345678".parse()?;
//! let ours = LineSettings::Fxo(FxoSettings::new(Country::CHINA, number));
//! let theirs = LineSettings::Fxs(FxsSettings::new(Country::CHINA, number));
//! let mut ends = [ours, theirs].map(|line| Protocol::Lines(LineSpan::new([(1, line)]).expect("timeslot 1 is free")));
//! // The telephone exchange rings; its bits go to the other end, whose second ring offers the call.
//! let to = ports::call::Number::unknown(number);
//! let setup = ports::call::Setup { from: to, to, redirecting: None, bearer: Default::default(), address: ports::call::Address::Complete };
//! ends[1].call(Instant::ZERO, setup, None).expect("the line is idle");
//! let mut offered = false;
//! for ms in 0..6000 {
//!     let now = Instant::from_millis(ms);
//!     ends.iter_mut().for_each(|end| end.handle_timeout(now));
//!     for (from, to) in [(0, 1), (1, 0)] {
//!         while let Some(action) = ends[from].poll_action() {
//!             match action {
//!                 Action::Cas { timeslot, bits } => ends[to].handle_cas(now, timeslot, bits),
//!                 Action::Line { primitive: Primitive::Setup(_), .. } => offered = true,
//!                 _ => {}
//!             }
//!         }
//!     }
//! }
//! assert!(offered);
//! # Ok::<(), base::BadDigit>(())
//! ```
//!
//! **Left out.** Cards that report a pair's state themselves: their lines are no timeslots of a span.
//!
//! **References.** Those of the protocols; E.180 (03/98) for the tones of countries that have no table.
#![no_std]

mod lines;
mod order;
mod protocol;
mod r2;
mod sound;

pub use lines::{LineEnd, LineSpan};
pub use order::{Heard, Listen, Order};
pub use protocol::{Action, CallHandle, ChannelState, Protocol, Report, Signaling};
pub use sig_loopstart as loopstart;
pub use sig_pri as pri;
pub use sig_pri::LinkState;
pub use sig_r2 as mfc;
pub use sig_r2::Register;
pub use sound::sound;
