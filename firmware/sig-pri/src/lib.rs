//! One primary rate span's signaling: the Q.921 data link and the Q.931 calls of its D-channel, together.
//!
//! **What it does.** Turns D-channel frames and the span's alarms into line primitives for the call model, and its commands into frames. The box
//! uses the user's side of it, the exchange the network's.
//!
//! **How it works.** [`PriSpan`] holds a [`sig_q921::Link`] and a [`sig_q931::Interface`]. What one wants of the other is carried across at
//! once; only what concerns the world outside comes out as an [`Action`].
//!
//! **How to drive it.** After every method that takes the time, drain [`PriSpan::poll_action`] to `None`, then read
//! [`PriSpan::deadline`] and call [`PriSpan::handle_timeout`] no later.
//! ```
//! use base::Instant;
//! use ports::call::{Address, Bearer, Number, Primitive, Setup};
//! use sig_pri::{Action, PriSpan, Side};
//!
//! let now = Instant::ZERO;
//! let mut ends = [Side::User, Side::Network].map(PriSpan::standard);
//! ends[0].start(now);
//! let mut setup = None;
//! for turn in 0..12 {
//!     let (from, to) = (turn % 2, 1 - turn % 2);
//!     while let Some(action) = ends[from].poll_action() {
//!         match action {
//!             Action::Transmit(frame) => ends[to].handle_frame(now, &frame),
//!             Action::Line { primitive: Primitive::Setup(offered), .. } => setup = Some(offered),
//!             _ => {}
//!         }
//!     }
//!     if turn == 3 {
//!         let to = Number::unknown("10086".parse()?);
//!         let wanted = Setup { from: Number::default(), to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
//!         ends[0].call(now, wanted, None).expect("the link is up by now");
//!     }
//! }
//! assert_eq!(setup.expect("the network was offered the call").to.digits.as_str(), "10086");
//! # Ok::<(), base::BadDigit>(())
//! ```
//!
//! **Left out.** D-channel backup, and several spans on one D-channel.
//!
//! **References.** Q.921 (09/97), Q.931 (05/98) §5.8.8 and §5.8.9 for how the two work together.
#![no_std]

mod span;

pub use sig_q921::MdlError as LinkError;
pub use sig_q931::{CallHandle, ChannelState, Overrides, Parameters, Profile, Report, Side};
pub use sig_q931::{Hunting, Overlap, Preference, RestartAtStart, SendingComplete};
pub use span::{Action, LinkState, PriSpan};
