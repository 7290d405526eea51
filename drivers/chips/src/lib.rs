//! Chips behind registers.
//!
//! A driver turns what a board's telephone chips can do into calls with names. It holds an `embedded-hal` bus, knows registers and bits, keeps no
//! time of its own, and says in which register a transfer failed. The machines of the lines know no chip.
//!
//! [`si3050`] is the telephone's side of an analog line, [`pef2256`] the framer of an E1.
#![no_std]

pub mod pef2256;
pub mod si3050;
