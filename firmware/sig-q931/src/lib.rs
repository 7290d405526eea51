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
//! **Every state from outside.** `tests/reach` brings an interface into each state with [`Interface::handle_message`] and
//! [`Interface::line`] alone; [`Interface::calls`] tells the state, [`State::number`] its number at either side. SETUP sent gives U1/N6, and
//! SETUP ACKNOWLEDGE, CALL PROCEEDING, ALERTING, CONNECT received lead on to U2, U3, U4, U10. SETUP received gives U6/N1, with
//! [`Overlap::Received`] and no sending complete U25/N2; the words `Proceeding`, `Alerting`, `Connected` lead on to U9, U7, U8
//! (N10 at once, unless the profile waits for CONNECT ACKNOWLEDGE). `Clearing` gives U11, DISCONNECT received U12, `Clearing` after it
//! U19.
//!
//! **Left out.** Suspend and resume (basic access: U15, U17 and N15, N17 are never entered) are rejected, and N22 belongs to
//! multipoint lines. Segmentation: SEGMENT is a message type not implemented. The peer's RESTART is carried out at once (REST 2 is
//! never stayed in), so T317 has nothing to bound; ours go one at a time. Facility is ignored. Several interfaces on one D-channel.
//!
//! **References.** Q.931 (05/98) §2 to §5, §9; Q.850 (05/98); Q.932 (05/98) §6.2; Q.952; ECMA-143.
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
    ConnectAcknowledge, Glare, HoldService, Hunting, Maintenance, Overlap, Overrides, Parameters, Profile,
    RestartAtStart, Senders, SendingComplete, SetupChannel,
};
pub use state::State;
pub use timers::{Side, Timer, Timers};
pub use wire::{Diagnostics, MessageType, Octets, Plan, Preference, WireError};

#[cfg(doc)]
use ports::call::Primitive;
