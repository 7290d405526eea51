//! Tables written from the standards, and how a machine is held against them.
//!
//! A table (`q921.toml`, `q931-user.toml`, `q931-network.toml`, `q931-global.toml`) names for every state and every event what the standard
//! wants: what is sent, what the layer above is told, the next state, and the clause. Its author had not read the machine. The
//! tests in `tests/` drive a machine into each state through its public methods, apply each event and compare.
//!
//! ```
//! let table = spec::Table::parse(r#"
//!     states = ["idle", "busy"]
//!     events = ["seize"]
//!     row = [{ state = ["idle"], event = ["seize"], actions = ["up Setup", "tone?"], next = "busy", clause = "§1" }]
//!     absent = [{ state = ["busy"], event = ["seize"], why = "one call at a time (§2)" }]
//! "#).unwrap();
//! table.check_grid().unwrap();
//! let cell = table.cell("idle", "seize").unwrap();
//! assert!(cell.allows(&["up Setup"], None, "busy"));
//! assert!(!cell.allows(&["up Setup"], None, "idle"));
//! ```
//!
//! Where profiles of a machine differ, the table says in which cells and by which clause (`differs`); [`Table::of`] is the table of one.
//!
//! Left out: what a table cannot say in words (the octets of a message, elements in it), which the unit tests of the machines hold.

mod table;

pub use table::{Answer, Cell, Table};
