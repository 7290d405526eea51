//! What the firmware needs of the world.
//!
//! [`call`] is the one vocabulary in which every line protocol and the call model speak to each other.
//! [`span`] is what a digital card must be able to do: audio by blocks on one side, a data link on the other.
#![no_std]

pub mod call;
pub mod span;
