//! R2 against openr2.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joined;
