//! A day of calls with seeded faults on eight spans, in seconds: the clock jumps from one thing that happens to the next.
//!
//! **What it does.** [`Day`] joins the box's end of eight spans to the exchange's: primary rate in three profiles, R2, analog lines of several
//! countries both ways round. Callers arrive along the curve of a working day, at both ends; they are answered, find it busy, get no answer, hang up
//! first, key digits, hang up. Frames are lost and late, signaling bits flicker, spans fail, ends fall silent, both ends seize one channel.
//!
//! **How it works.** A seed makes the plan of callers ([`plan`]) and the plan of faults ([`faults`]) before the day begins. A [`pair::Pair`] is one span:
//! two [`sig_span::Protocol`]s, the line between them, and a pair of engines ([`audio`]) through which all tones and digits go. Each end keeps a
//! [`record::Record`] of every call from its primitives alone. [`judge`] lays the two records of each call side by side: they must agree, and where they
//! do not, one rule of a short list must say which fault made it so.
//!
//! **How to drive it.**
//! ```
//! use day::{Day, Settings};
//!
//! let mut day = Day::without_samples(&Settings { calls: 40, ..Settings::new(7) });
//! day.live();
//! day.assert_at_rest();
//! assert!(day.judge().unexplained.is_empty());
//! ```
//!
//! **Left out.** Noise and echo: receivers meet them in the tests of their own crates. The call model: its day is `tests/scenario`'s.
//!
//! **References.** Those of the protocols.

pub mod audio;
mod day;
pub mod faults;
pub mod judge;
mod line;
pub mod pair;
mod party;
pub mod plan;
pub mod record;
pub mod rules;
mod spans;

pub use day::{Day, Pace, Settings};
pub use spans::{Kind, SPANS};
