//! Q.931 basic call control for primary rate interfaces, as a pure machine.
//!
//! **What it does.** Sets calls up and clears them in both directions, en bloc and digit by digit, on the 30 bearer channels of an E1, as the user
//! or as the network; keeps channels and calls of both ends in step through errors, restarts and losses of the data link.
//!
//! **How it works.** [`Interface`] holds up to [`CALLS`] calls. Each is in one [`State`]; a message, a [`Primitive`] of the call model or an
//! expired timer gives the next state and some [`Action`]s. [`wire`] is the codec.
//!
//! **How to drive it.** Tell it the data link's state, hand it messages, commands and the time; after each, drain [`Interface::poll_action`]
//! to `None`, then read [`Interface::deadline`] and call [`Interface::handle_timeout`] no later. `sig-pri` does this over Q.921.
//! ```
//! use base::Instant;
//! use ports::call::{Address, Bearer, Number, Primitive, Setup};
//! use sig_q931::{Action, Interface, LinkState, Parameters, Side};
//!
//! let now = Instant::ZERO;
//! let mut user = Interface::new(Side::User, Parameters::china(Side::User));
//! let mut network = Interface::new(Side::Network, Parameters::china(Side::Network));
//! user.handle_link(now, LinkState::Up);
//! network.handle_link(now, LinkState::Up);
//!
//! let to = Number::unknown("10086".parse()?);
//! let setup = Setup { from: Number::default(), to, redirecting: None, bearer: Bearer::Speech, address: Address::Complete };
//! let call = user.call(now, setup, Some(5)).expect("the channel is free");
//! let Some(Action::Transmit(message)) = user.poll_action() else { panic!("SETUP expected") };
//! network.handle_message(now, &message);
//! let Some(Action::Line { channel: Some(5), primitive: Primitive::Setup(offered), .. }) = network.poll_action() else { panic!() };
//! assert_eq!(offered.to.digits.as_str(), "10086");
//! # let _ = call;
//! # Ok::<(), base::BadDigit>(())
//! ```
//!
//! **Left out.** Suspend and resume (basic access), segmentation, user-to-user information and supplementary services: each is answered
//! as the standard wants and carried no further. Several interfaces on one D-channel.
//!
//! **References.** Q.931 (05/98) §2 to §5, §9; Q.850 (05/98).
#![no_std]

mod interface;
mod machine;
mod profile;
mod state;
mod timers;
pub mod wire;

pub use interface::{Action, CALLS, CallHandle, LinkState, Report};
pub use machine::{ChannelState, Interface};
pub use profile::{
    ClearingTones, ConnectAcknowledge, Glare, HoldService, Hunting, Maintenance, Overlap, Overrides, Parameters,
    Profile, RestartAtStart, SendingComplete,
};
pub use state::State;
pub use timers::{Side, Timer, Timers};
pub use wire::{MessageType, Octets, Plan, Preference, WireError};

#[cfg(doc)]
use ports::call::Primitive;
