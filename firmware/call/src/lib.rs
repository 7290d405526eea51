//! The call model: who is connected to whom, why, and what everybody else is told about it.
//!
//! Devices, connections and calls are CSTA's (ECMA-269 §6.1). A call begins with a caller's [`LegId`] on some line. The
//! routing table says what answers: an application, an extension, a trunk. An application may connect its caller
//! to a third device and take the caller back. Lines are reached by the primitives of `ports::call` only: this crate knows no
//! line protocol, no card and no file.
//!
//! How to drive it: call the methods of [`Model`] with the time and what happened; after each, carry out every
//! [`Action`] of [`Model::poll_action`] until `None`; then wait no longer than [`Model::deadline`].
//!
//! ```
//! use base::{IdSource, Instant, WallTime};
//! use call::{Action, At, Model, Plan};
//! use ports::call::{Address, Bearer, Number, Setup};
//!
//! let mut model = Model::new(Plan::default(), IdSource::new(1, 1), 1);
//! let setup = Setup {
//!     from: Number::default(),
//!     to: Number::unknown("10086".parse().unwrap()),
//!     redirecting: None,
//!     bearer: Bearer::Speech,
//!     address: Address::Complete,
//! };
//! model.incoming(At { now: Instant::ZERO, wall: WallTime(0) }, "span1/1", setup);
//! let clearing = std::iter::from_fn(|| model.poll_action()).any(|action| matches!(action, Action::Line { .. }));
//! assert!(clearing, "no route: the caller is told so");
//! ```
//!
//! Left to later parts: queues and agents (`acd`), hold and conference by agents (`cti`).
//!
//! **References.** ECMA-269 9th edition (services and events for CSTA Phase III); Q.850 (05/98).

mod action;
mod event;
mod model;
mod route;

pub use action::{
    Action, AppRequest, At, CallView, ConnectionState, Direction, LegId, LegView, OrderedBy, RecordingState,
    Recordings, Stored, Tone, TransferEnd, TransferKind, Write,
};
pub use event::{Event, EventKind};
pub use model::{Model, TapCall};
pub use route::{BadPattern, Extension, Pattern, Plan, Route, Routing, Target};
