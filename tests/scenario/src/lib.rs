//! Stories on a clock that jumps: the whole box joined to the telephone network in memory.
//!
//! **What it does.** [`World`] holds a box (`fundlined`'s core and a media engine) and a network (the exchange's side of every span, whatever it speaks, and
//! an engine of its own), joined by the lab card's spans in memory. Callers dial, press and hang up; telephones ring and answer; what
//! each party hears is kept and compared, sample by sample, with what should have been said.
//!
//! **How it works.** [`World::run`] steps 10 ms at a time: both engines tick, frames go across, timers run, the box's effects are
//! carried out. [`World::jump`] passes long waits from deadline to deadline without audio. Nothing sleeps, and the same story runs the
//! same twice. The box's application process is an [`Application`]: scripted, or the real VoiceXML interpreter on fixed documents.
//!
//! **How to drive it.**
//! ```
//! use scenario::{Menu, World};
//!
//! let mut world = World::new(1, Menu::new());
//! let caller = world.dial("4008001234");
//! world.run_until("the prompt is heard", 3_000, |world| world.hears(caller, "welcome"));
//! world.hang_up(caller);
//! world.run_until("the call is over", 1_000, |world| world.calls() == 0);
//! ```
//!
//! **Left out.** Sockets, files, processes: the crates with shells test those.

mod application;
mod documents;
mod ends;
mod hearing;
mod network;
mod switch;
mod world;

pub use application::{Application, Menu};
pub use documents::Documents;
pub use ends::{Ends, LINES};
pub use hearing::{clip, digits_in, longest_match_ms};
pub use network::{Party, PartyState, Phone};
pub use world::{Disk, HOTLINE, PAUSE_KEY, Recorded, World};
