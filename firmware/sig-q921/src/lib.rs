//! Q.921 (LAPD) data link layer for primary rate interfaces, as a pure machine.
//!
//! **What it does.** Keeps one acknowledged data link (SAPI 0, TEI 0) over a D-channel: establishes it, carries
//! layer 3 messages in order and without loss, notices when the far end is gone and brings the link back.
//!
//! **How it works.** [`Link`] is in one of the states 4 to 8 of Q.921 Annex B ([`State`]); a frame, a command from above
//! or an expired timer gives the next state and some [`Action`]s. TEI management (states 1 to 3) has no place on a
//! point-to-point interface. [`Lapd`] is the codec.
//!
//! **How to drive it.** After every call of a `handle_*` method or a command, drain [`Link::poll_action`] to `None`,
//! then read [`Link::deadline`] and call [`Link::handle_timeout`] no later.
//! ```
//! use base::Instant;
//! use sig_q921::{Action, Link, Parameters, Side};
//!
//! let now = Instant::ZERO;
//! let mut user = Link::new(Side::User, Parameters::default());
//! let mut network = Link::new(Side::Network, Parameters::default());
//! user.establish(now);
//! let Some(Action::Transmit(sabme)) = user.poll_action() else { panic!("SABME expected") };
//! assert_eq!(sabme, [0x00, 0x01, 0x7F]);
//! network.handle_frame(now, &sabme);
//! let Some(Action::Transmit(answer)) = network.poll_action() else { panic!("UA expected") };
//! assert_eq!(network.poll_action(), Some(Action::Established));
//! user.handle_frame(now, &answer);
//! assert_eq!(user.poll_action(), Some(Action::Established));
//! ```
//!
//! **Left out.** TEI management, broadcast links and UI frames (basic access); XID negotiation (ignored); own receiver
//! busy (the owner takes every message at once). FRMR is understood and never sent, as the standard wants since 1993.
//!
//! **Beyond the standard.** The standard is silent when the peer establishes anew an idle link that was up; here
//! [`Action::Reset`] tells layer 3, because the peer may have restarted and forgotten its calls. After a loss the link is
//! tried again for ever, which the standard leaves to layer 3.
//!
//! **References.** Q.921 (09/97) §3, §5 and Annex B.
#![no_std]

mod machine;
mod timers;
mod wire;

pub use machine::{Action, Link, MdlError, Message, QUEUED_MESSAGES, SendError, State};
pub use timers::Parameters;
pub use wire::{Control, FrameView, Lapd, Malformed, Role, Side};
