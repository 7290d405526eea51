//! R2 against openr2.

// The lint knows tests, not their helpers.
#![allow(clippy::unwrap_used)]
mod joined;

/// All that openr2 1.3.3 has.
const VARIANTS: [&str; 11] = ["AR", "BR", "CN", "CZ", "CO", "EC", "ID", "ITU", "MX", "PH", "VE"];
