//! The fund system's HTTP/JSON interface, typed.
//!
//! **What it does.** Asks a fund company's system for funds, net asset values, announcements and, with account number and PIN,
//! for what a customer holds. The interface is the one of `tools/fundsim`; a company whose system speaks otherwise puts an
//! adapter in front of it.
//!
//! **How it works.** One [`FundSystem`] keeps a pool of connections and is shared by all sessions. Every question has a time limit and
//! a limit on the answer's size. The PIN rule is the fund system's: it counts tries over all calls and boxes, and this side only tells
//! what it decided ([`FundError::WrongPin`], [`FundError::Locked`]). A PIN travels in the body of one POST and nowhere else; a
//! session's token is a [`Secret`](base::Secret) too, since who has it has the account.
//!
//! ```no_run
//! use base::Secret;
//! use fund_io::{FundError, FundSystem, Lang};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let system = FundSystem::new("http://127.0.0.1:8090")?;
//! println!("{}", system.fund("000001").await?.latest.nav);
//! match system.open_session("990000000001", &Secret::new("123456"), "call 7").await {
//!     Ok(session) => println!("{}", system.holdings(&session).await?.total_value),
//!     Err(why) if why.ends_call() => println!("goodbye"),
//!     Err(why) => println!("again: {why}"),
//! }
//! # Ok(()) }
//! ```
//!
//! **Left out.** TLS: the fund system is on the box's own closed network, or behind a gateway on it. Orders and changes: the
//! hotline only reads.
//!
//! **References.** The routes and fields are those of `tools/fundsim/src/http.rs`; GB/T 39595-2020 names the terms.

mod answer;
mod client;
mod error;

pub use answer::{Announcement, Fund, FundLine, Holding, Holdings, Nav, Session, Words};
pub use client::{FundSystem, Lang, Limits};
pub use error::{BadAddress, FundError};
