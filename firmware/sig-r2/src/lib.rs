//! MFC/R2: line signaling and register signaling of the thirty channels of an E1, both ends, as pure machines.
//!
//! **What it does.** [`R2Span`] turns the signaling bits and the register signals of a span into line primitives for the call model, and its
//! commands into bits and signals. It is the caller's end and the called end at once, so the box and the exchange use the same one.
//!
//! **How it works.** A channel has two machines. The line's (Q.421 to Q.424) seizes, acknowledges, answers, clears, guards and blocks with bits a
//! and b; between acknowledgement and ringing it holds a register (Q.440 to Q.476), whose signals compel each other: each stands until the other
//! end's answers it. What a signal asks or says is data: a row of [`COUNTRIES`]. A called number has the length that is configured, or is whole when
//! the call model says so, or when no digit follows for a while. The call is offered when group II has come; its signal stands until the call
//! model knows whether the called party is free.
//!
//! **How to drive it.** After every method, drain [`R2Span::poll_action`] to `None`, then read [`R2Span::deadline`] and call
//! [`R2Span::handle_timeout`] no later.
//! ```
//! use base::Instant;
//! use ports::call::{Address, Bearer, Number, Primitive, Setup};
//! use sig_r2::{Action, Country, R2Span, Settings};
//!
//! let settings = Settings { dnis_digits: Some(4), ..Settings::new(Country::CHINA) };
//! let mut ends = [settings; 2].map(R2Span::new);
//! ends.iter_mut().for_each(|end| end.start(Instant::ZERO));
//! let number = |digits: &str| digits.parse().map(Number::unknown);
//! let (from, to) = (number("13800138000")?, number("4008")?);
//! let setup = Setup { from, to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
//! ends[0].call(Instant::ZERO, setup, None).expect("all channels are idle");
//! let mut offered = None;
//! for ms in 0..100 {
//!     let now = Instant::from_millis(ms);
//!     for (from, to) in [(0, 1), (1, 0)] {
//!         ends[from].handle_timeout(now);
//!         while let Some(action) = ends[from].poll_action() {
//!             match action {
//!                 Action::Cas { timeslot, bits } => ends[to].handle_cas(now, timeslot, bits),
//!                 // On a line without delay and with perfect receivers.
//!                 Action::SendMf { timeslot, signal } => ends[to].handle_mf(now, timeslot, signal.map(|signal| signal.1)),
//!                 Action::Line { primitive: Primitive::Setup(setup), .. } => offered = Some(setup),
//!                 _ => {}
//!             }
//!         }
//!     }
//! }
//! let offered = offered.expect("the registers have talked");
//! assert_eq!((offered.from.digits.as_str(), offered.to.digits.as_str()), ("13800138000", "4008"));
//! # Ok::<(), base::BadDigit>(())
//! ```
//!
//! **Left out.** Analog line signaling (Q.411) and the tone-on-idle of 2600 Hz, which no E1 carries; DTMF in place of register signals; the international
//! signals A11, A12 and A14 (country code, language, echo suppressors), which a private exchange is not asked; break-in and re-ring of Chinese toll
//! operators (bits c); countries that no source here describes.
//!
//! **References.** Q.400 to Q.490 (11/88), Q.118 (11/88), GF 002-9002.
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
pub use report::{Register, Report, Tone};
pub use settings::{Acceptance, Answer, Collect, Direction, Hunt, Release, Settings};
pub use span::{Action, CallHandle, R2Span};
pub use timers::{Timer, Timers};
